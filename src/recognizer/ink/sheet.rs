//! A sheet of paper that lies on something darker: only what is on the sheet can be the digit.

use image::{GrayImage, Luma};
use imageproc::contrast::otsu_level;
use imageproc::drawing::draw_polygon_mut;
use imageproc::geometry::{contour_area, convex_hull, min_area_rect};
use imageproc::map::map_subpixels;
use imageproc::morphology::{Mask, grayscale_erode};
use imageproc::point::Point;
use imageproc::region_labelling::{Connectivity, connected_components};

/// The desk is darker than this share of the paper's light, or it may be a shadow.
const DESK: f64 = 0.8;
/// The sheet takes at least this share of the picture, and leaves as much of it free.
const SHARE: f64 = 0.03;
/// A sheet has straight sides: it fills this share of its convex hull, less the ink on it.
const SOLID: f64 = 0.8;
/// Its angles are nearly right: its hull fills this share of the smallest rectangle around it, where
/// all of it is in the picture. Fat round digits fill less.
const SQUARE: f64 = 0.85;
/// The edge of the sheet is left out, as its shadow would look like ink; pixels of the sketch.
const RIM: u8 = 2;

/// Where in `sketch` the sheet lies (255, elsewhere 0), if there is one.
pub(super) fn sheet(sketch: &GrayImage) -> Option<GrayImage> {
    if sketch.width().min(sketch.height()) <= 2 * u32::from(RIM) {
        return None;
    }
    let level = otsu_level(sketch);
    let bright = map_subpixels(sketch, |tone| u8::from(tone > level));
    let labels = connected_components(&bright, Connectivity::Eight, Luma([0]));
    let mut areas = vec![0u32; 1 + labels.iter().max().map_or(0, |label| *label as usize)];
    labels.iter().for_each(|label| areas[*label as usize] += 1);
    let (largest, &area) = (1..).zip(areas.get(1..)?).max_by_key(|(_, area)| **area)?;
    let points: Vec<Point<i32>> = labels
        .enumerate_pixels()
        .filter(|(_, _, label)| label[0] == largest)
        .map(|(x, y, _)| Point::new(x as i32, y as i32))
        .collect();
    let hull = convex_hull(points);
    let mut mask = GrayImage::new(sketch.width(), sketch.height());
    // The drawing function wants at least a triangle.
    if hull.len() < 3 || contour_area(&hull) < 1.0 {
        return None;
    }
    let rectangle = min_area_rect(&hull);
    if is_whole(&hull, sketch) && contour_area(&hull) < SQUARE * contour_area(&rectangle) {
        return None;
    }
    draw_polygon_mut(&mut mask, &hull, Luma([255]));
    let mean = |inside: bool| {
        let tones = sketch.iter().zip(mask.iter());
        let tones = tones
            .filter(|(_, on)| (**on > 0) == inside)
            .map(|(tone, _)| tone);
        let (sum, count) = tones.fold((0.0, 0.0), |(sum, n), tone| {
            (sum + f64::from(*tone), n + 1.0)
        });
        (sum / f64::max(count, 1.0), count / sketch.len() as f64)
    };
    let ((paper, inside), (desk, outside)) = (mean(true), mean(false));
    let solid = f64::from(area) >= SOLID * inside * sketch.len() as f64;
    let plain = inside > SHARE && outside > SHARE && desk < DESK * paper;
    (solid && plain).then(|| inset(&mask))
}

/// Whether the picture goes on all around.
fn is_whole(hull: &[Point<i32>], sketch: &GrayImage) -> bool {
    let (width, height) = (sketch.width() as i32, sketch.height() as i32);
    let inside = |point: &Point<i32>| {
        (1..width - 1).contains(&point.x) && (1..height - 1).contains(&point.y)
    };
    hull.iter().all(inside)
}

/// The sheet without its rim; the rim of the picture is none of the sheet's.
fn inset(mask: &GrayImage) -> GrayImage {
    grayscale_erode(mask, &Mask::square(RIM))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper of tone 220 that leans, with a stroke on it, on a desk of the given tone.
    fn scene(desk: u8) -> GrayImage {
        GrayImage::from_fn(96, 72, |x, y| {
            let along = x + y / 8;
            let on_paper = (30..76).contains(&along) && (10..62).contains(&y);
            let stroke = (48..53).contains(&x) && (22..50).contains(&y);
            Luma([if stroke {
                40
            } else if on_paper {
                220
            } else {
                desk
            }])
        })
    }

    #[test]
    fn paper_on_a_dark_desk_is_found_with_what_is_written_on_it() {
        let sheet = sheet(&scene(70)).unwrap();
        for (x, y, inside) in [
            (50, 35, true),
            (40, 55, true),
            (10, 35, false),
            (85, 35, false),
        ] {
            assert_eq!(sheet.get_pixel(x, y)[0] > 0, inside, "{x} {y}");
        }
    }

    #[test]
    fn paper_that_fills_the_picture_or_is_shaded_is_no_sheet() {
        assert!(sheet(&scene(220)).is_none());
        assert!(sheet(&scene(195)).is_none());
    }
    #[test]
    fn a_white_zero_on_a_blackboard_is_no_sheet() {
        let zero = GrayImage::from_fn(96, 72, |x, y| {
            let radius = (x as f32 - 48.0).hypot(y as f32 - 36.0);
            Luma([if (5.0..28.0).contains(&radius) {
                220
            } else {
                40
            }])
        });
        assert!(sheet(&zero).is_none());
    }
}
