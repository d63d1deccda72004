//! Paper that was crumpled and smoothed out again.

use super::Plane;
use super::site::Site;
use crate::random::SeededRng;
use crate::scenes::noise::{PixelNoise, clouds, fast_floor};

/// Shades the facets of a sheet as light from one side would: each is a cell of a Voronoi diagram
/// of jittered points, flat or slightly curved, in two sizes.
pub fn crumple(plane: &mut Plane, site: &Site, rng: &mut SeededRng) {
    // Facets have soft edges, so every second pixel is enough.
    let (width, height) = (plane.width.div_ceil(2), plane.height.div_ceil(2));
    let cell = site.side() * rng.log_uniform(0.07, 0.3) as f32;
    let strength = rng.log_uniform(0.02, 0.11) as f32;
    let mut shades = Plane::new(width, height, 1.0);
    facets(&mut shades, cell / 2.0, strength, rng);
    if rng.random_bool(0.6) {
        facets(&mut shades, cell / 5.0, strength * 0.6, rng);
    }
    for y in 0..plane.height {
        let (row, next) = (y / 2, (y / 2 + y % 2).min(height - 1));
        for (x, value) in plane.values[y * plane.width..][..plane.width]
            .iter_mut()
            .enumerate()
        {
            let (column, after) = (x / 2, (x / 2 + x % 2).min(width - 1));
            let shade = shades.at(column, row) + shades.at(after, row);
            *value *= 0.25 * (shade + shades.at(column, next) + shades.at(after, next));
        }
    }
}

/// One facet's position, its shade, and the gradient of the shade.
#[derive(Clone, Copy)]
struct Facet {
    place: [f32; 2],
    shade: f32,
    slope: [f32; 2],
}

/// Multiplies the shades of facets that are about `cell` pixels wide.
fn facets(plane: &mut Plane, cell: f32, strength: f32, rng: &mut SeededRng) {
    let cell = cell.max(3.0);
    let columns = (plane.width as f32 / cell) as usize + 4;
    let rows = (plane.height as f32 / cell) as usize + 4;
    let mut random = PixelNoise::new(rng);
    let all: Vec<Facet> = (0..columns * rows)
        .map(|index| {
            let corner = [index % columns, index / columns].map(|part| part as f32 - 1.0);
            let [shade, _] = random.normals();
            let slope = random.normals().map(|part| 1.7 * strength * part / cell);
            Facet {
                place: corner.map(|part| (part + random.uniform()) * cell),
                shade: 0.5 * strength * shade,
                slope,
            }
        })
        .collect();
    // Creases are not quite straight.
    let bend = clouds(plane.width, plane.height, [cell * 0.6; 2], rng);
    let width = plane.width;
    for y in 0..plane.height {
        for (x, value) in plane.row_mut(y).iter_mut().enumerate() {
            let shift = 0.05 * cell * bend.values[y * width + x];
            let place = [x as f32 + shift, y as f32 - shift];
            let corner = place.map(|part| (fast_floor(part / cell) + 1.0).max(1.0) as usize);
            let (mut nearest, mut second) = (f32::MAX, f32::MAX);
            let mut facet = all[0];
            for row in corner[1] - 1..(corner[1] + 2).min(rows) {
                for other in &all[row * columns..][corner[0] - 1..(corner[0] + 2).min(columns)] {
                    let away = [place[0] - other.place[0], place[1] - other.place[1]];
                    let distance = away[0] * away[0] + away[1] * away[1];
                    if distance < nearest {
                        (second, nearest, facet) = (nearest, distance, *other);
                    } else if distance < second {
                        second = distance;
                    }
                }
            }
            let away = [place[0] - facet.place[0], place[1] - facet.place[1]];
            let shade = facet.shade + facet.slope[0] * away[0] + facet.slope[1] * away[1];
            // The crease itself is worn: `crease` grows with the distance from the border between
            // two cells.
            let crease = ((second - nearest) / cell).min(1.0);
            *value *= 1.0 + shade - 0.5 * strength * (1.0 - crease);
        }
    }
}
