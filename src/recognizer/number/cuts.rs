//! Where one piece of ink may be cut into two digits: seams from top to bottom that cross little
//! ink.

use image::GrayImage;

/// What a step aside costs a seam, in pixels of ink: of two seams the straighter is taken.
const ASIDE: f32 = 0.02;

/// A way from the top of a picture to its bottom, at most one pixel aside from row to row.
#[derive(Clone, Debug)]
pub struct Seam {
    /// The column in each row; the pixels left of it are on its left.
    pub columns: Vec<u32>,
    /// Pixels of solid ink that it crosses.
    pub ink: f64,
}

/// The cheapest seams, at least `apart` pixels from each other and from the sides where they cross
/// the middle row, that cross no more ink than `most`; from left to right.
pub fn seams(ink: &GrayImage, apart: f64, most: f64) -> Vec<Seam> {
    let (width, height) = ink.dimensions();
    let middle = height / 2;
    let above = costs(ink, (0..=middle).collect());
    let below = costs(ink, (middle..height).rev().collect());
    let (Some(to_top), Some(to_bottom)) = (above.last(), below.last()) else {
        return Vec::new();
    };
    let own = |x: u32| value(ink, x, middle);
    let total = |x: u32| to_top[x as usize] + to_bottom[x as usize] - own(x);
    let mut order: Vec<u32> = (0..width).collect();
    order.sort_by(|a, b| total(*a).total_cmp(&total(*b)));
    let mut taken: Vec<u32> = Vec::new();
    for x in order {
        let free = |other: &u32| f64::from(x.abs_diff(*other)) >= apart;
        let inside = f64::from(x.min(width - 1 - x)) >= apart / 2.0;
        if inside && f64::from(total(x)) <= most && taken.iter().all(free) {
            taken.push(x);
        }
    }
    taken.sort_unstable();
    let seam = |x: u32| {
        let mut columns = way(&above, x);
        columns.reverse();
        columns.extend(way(&below, x).into_iter().skip(1));
        let crossed = columns.iter().zip(0..).map(|(x, y)| value(ink, *x, y));
        Seam {
            ink: f64::from(crossed.sum::<f32>()),
            columns,
        }
    };
    taken.into_iter().map(seam).collect()
}

/// How much ink a pixel holds, 0 to 1.
fn value(ink: &GrayImage, x: u32, y: u32) -> f32 {
    f32::from(ink.get_pixel(x, y)[0]) / 255.0
}

/// The cost of the cheapest way to each pixel of the given rows from anywhere in the first.
fn costs(ink: &GrayImage, rows: Vec<u32>) -> Vec<Vec<f32>> {
    let mut costs: Vec<Vec<f32>> = Vec::with_capacity(rows.len());
    for y in rows {
        let cost = |x: u32| {
            let best = costs.last().map_or(0.0, |last| cheapest(last, x).1);
            best + value(ink, x, y)
        };
        let row = (0..ink.width()).map(cost).collect();
        costs.push(row);
    }
    costs
}

/// From which of the three neighbours in the row before a way comes to `x`, and at what cost.
fn cheapest(before: &[f32], x: u32) -> (u32, f32) {
    let straight = (x, before[x as usize]);
    let aside = [x.checked_sub(1), x.checked_add(1)];
    let aside = aside.into_iter().flatten();
    let aside = aside.filter_map(|x| Some((x, before.get(x as usize)? + ASIDE)));
    aside.fold(
        straight,
        |best, way| if way.1 < best.1 { way } else { best },
    )
}

/// The columns of the cheapest way to `x` in the last of the rows, back to the first.
fn way(costs: &[Vec<f32>], mut x: u32) -> Vec<u32> {
    let mut columns = vec![x];
    for before in costs.iter().rev().skip(1) {
        x = cheapest(before, x).0;
        columns.push(x);
    }
    columns
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use imageproc::drawing::draw_line_segment_mut;

    use super::*;

    /// Two strokes that lean by `lean` pixels over their height, with a bridge between them.
    fn two_strokes(lean: f32) -> GrayImage {
        let mut ink = GrayImage::new(70, 40);
        for stroke in [8.0, 9.0, 10.0, 34.0, 35.0, 36.0] {
            let foot = (stroke, 39.0);
            draw_line_segment_mut(&mut ink, (stroke + lean, 0.0), foot, Luma([255]));
        }
        let middle = lean / 2.0;
        for y in [20.0, 21.0] {
            let (from, to) = ((9.0 + middle, y), (35.0 + middle, y));
            draw_line_segment_mut(&mut ink, from, to, Luma([255]));
        }
        ink
    }

    #[test]
    fn a_seam_follows_the_lean_of_the_digits_and_crosses_only_what_joins_them() {
        for lean in [0.0, 30.0] {
            let ink = two_strokes(lean);
            let between = |seam: &&Seam| {
                let parts = |y: u32, stroke: f32| stroke + lean * (1.0 - y as f32 / 39.0);
                (0..40).all(|y| {
                    let x = seam.columns[y as usize] as f32;
                    parts(y, 10.0) < x && x <= parts(y, 34.0)
                })
            };
            let seams = seams(&ink, 6.0, 4.0);
            let seam = seams.iter().find(between).unwrap();
            assert!((seam.ink - 2.0).abs() < 0.01, "{}", seam.ink);
        }
    }

    #[test]
    fn seams_that_cross_much_ink_are_left_out() {
        let solid = GrayImage::from_pixel(30, 30, Luma([255]));
        assert!(seams(&solid, 4.0, 29.0).is_empty());
    }

    #[test]
    fn the_smallest_pictures_have_no_seams() {
        for side in [1, 2] {
            assert!(seams(&GrayImage::new(side, side), 4.0, 4.0).is_empty());
        }
    }
}
