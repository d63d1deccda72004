//! Finds the boxes of an empty form.

use image::{GrayImage, Luma};
use imageproc::filter::box_filter;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::file::{Field, MAX_FIELDS};
use super::kind::Kind;

/// Longer side of the picture in which boxes are looked for, in pixels: their lines are still a
/// pixel wide where a sheet of A4 has hairlines.
const SIDE: u32 = 2000;

/// Ink is darker than its surroundings by this share.
const INK: f32 = 0.15;

/// The share of its bounding box that the inside of a box fills: letters such as O fill less.
const MIN_FILLED: f64 = 0.85;

/// Sides of boxes as a share of the picture's longer side: smaller ones are dots in print, larger
/// ones are frames around the sheet.
const MIN_SIDE: f64 = 0.008;
const MAX_WIDTH: f64 = 0.9;
const MAX_HEIGHT: f64 = 0.12;

/// Neighbours of one field differ in place and size by at most this share of their height, and are
/// at most so far apart.
const ALIKE: f64 = 0.2;
const MAX_GAP: f64 = 0.45;

/// A box this many times as wide as high is for a whole number, not for one digit.
const WIDE: f64 = 1.6;

/// A single box smaller than this share of the typical box is for a mark.
const SMALL: f64 = 0.75;

/// Left, top, width and height of the inside of each box, in the order of reading.
fn insides(picture: &GrayImage) -> Vec<[u32; 4]> {
    let (width, height) = picture.dimensions();
    // A single pixel cannot be labelled.
    if width.max(height) < 2 {
        return vec![];
    }
    let longer = width.max(height);
    let scale = (f64::from(SIDE) / f64::from(longer)).min(1.0);
    let reduced = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let small = match scale < 1.0 {
        true => image::imageops::thumbnail(picture, reduced(width), reduced(height)),
        false => picture.clone(),
    };
    let radius = (longer.min(SIDE) / 40).max(3);
    let around = box_filter(&small, radius, radius);
    let is_paper = |x: u32, y: u32| {
        let (own, around) = (small.get_pixel(x, y)[0], around.get_pixel(x, y)[0]);
        f32::from(own) > (1.0 - INK) * f32::from(around)
    };
    let (width, height) = small.dimensions();
    let paper = GrayImage::from_fn(width, height, |x, y| Luma([u8::from(is_paper(x, y))]));
    let labels = connected_components(&paper, Connectivity::Four, Luma([0]));
    // Left, top, right and bottom of each region, and its pixels.
    let mut regions: Vec<([u32; 4], u32)> = vec![];
    for (x, y, label) in labels.enumerate_pixels() {
        let Some(index) = (label[0] as usize).checked_sub(1) else {
            continue;
        };
        if regions.len() <= index {
            regions.resize(index + 1, ([u32::MAX, u32::MAX, 0, 0], 0));
        }
        let ([left, top, right, bottom], count) = &mut regions[index];
        (*left, *top) = ((*left).min(x), (*top).min(y));
        (*right, *bottom) = ((*right).max(x + 1), (*bottom).max(y + 1));
        *count += 1;
    }
    let longer = f64::from(width.max(height));
    let is_box = |&([left, top, right, bottom], count): &([u32; 4], u32)| {
        if left >= right {
            return false;
        }
        let [across, down] = [right - left, bottom - top].map(f64::from);
        let sizes = across >= MIN_SIDE * longer
            && down >= MIN_SIDE * longer
            && across <= MAX_WIDTH * longer
            && down <= MAX_HEIGHT * longer;
        sizes && f64::from(count) >= MIN_FILLED * across * down && down < 4.0 * across
    };
    let full = |at: u32| (f64::from(at) / scale).round() as u32;
    let mut boxes: Vec<[u32; 4]> = regions
        .iter()
        .filter(|region| is_box(region))
        .map(|([left, top, right, bottom], _)| {
            let [left, top, right, bottom] = [left, top, right, bottom].map(|&at| full(at));
            [left, top, right - left, bottom - top]
        })
        .collect();
    boxes.sort_by_key(|&[left, top, ..]| (top, left));
    boxes
}

/// The fields of an empty form: boxes side by side are one field of digits, a wide box is a number,
/// a small one on its own is for a mark. Named `field 1` and so on, from top to bottom.
pub(super) fn fields(picture: &GrayImage) -> Vec<Field> {
    let boxes = insides(picture);
    let mut runs: Vec<Vec<[u32; 4]>> = vec![];
    for inside in boxes {
        let run = runs
            .iter_mut()
            .filter(|run| run.last().is_some_and(|&last| is_next(last, inside)))
            .min_by_key(|run| inside[0].abs_diff(run[run.len() - 1][0]));
        match run {
            Some(run) => run.push(inside),
            None => runs.push(vec![inside]),
        }
    }
    let mut heights: Vec<u32> = runs.iter().flatten().map(|inside| inside[3]).collect();
    heights.sort_unstable();
    let typical = heights
        .get(heights.len() / 2)
        .map_or(0.0, |&at| f64::from(at));
    runs.sort_by_key(|run| {
        let [left, top, _, height] = run[0];
        ((top + height / 2) / (typical as u32 / 2).max(1), left)
    });
    let field = |(number, run): (usize, &Vec<[u32; 4]>)| {
        let [left, top, ..] = run[0];
        let [last, _, width, _] = run[run.len() - 1];
        let bottom = run.iter().map(|inside| inside[1] + inside[3]).max();
        let height = bottom.unwrap_or(top).saturating_sub(top);
        let own = f64::from(run[0][2]) / f64::from(run[0][3]).max(1.0);
        let kind = match run.len() {
            1 if own >= WIDE => Kind::Number,
            1 if f64::from(run[0][3]) <= SMALL * typical => Kind::Check,
            count => Kind::Digits(u8::try_from(count).ok()),
        };
        Field {
            name: format!("field {}", number + 1),
            kind,
            area: [left, top, last + width - left, height],
        }
    };
    let fields = runs.iter().take(MAX_FIELDS).enumerate().map(field);
    fields.collect()
}

/// Whether the second box continues the first one's row of boxes for one digit each.
fn is_next(first: [u32; 4], second: [u32; 4]) -> bool {
    let [left, top, width, height] = first.map(f64::from);
    let [other_left, other_top, other_width, other_height] = second.map(f64::from);
    let near = |a: f64, b: f64| (a - b).abs() <= ALIKE * height;
    let narrow = width < WIDE * height && other_width < WIDE * other_height;
    let gap = other_left - (left + width);
    narrow
        && near(top, other_top)
        && near(height, other_height)
        && near(width, other_width)
        && (-ALIKE * height..=MAX_GAP * height).contains(&gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty sheet of 600×800 pixels with boxes, given left, top, width and height.
    fn sheet(boxes: &[[u32; 4]]) -> GrayImage {
        let mut sheet = GrayImage::from_pixel(600, 800, Luma([230]));
        for &[left, top, width, height] in boxes {
            for y in top..top + height {
                for x in left..left + width {
                    let edge = x < left + 2 || x + 2 >= left + width;
                    if edge || y < top + 2 || y + 2 >= top + height {
                        sheet.put_pixel(x, y, Luma([90]));
                    }
                }
            }
        }
        sheet
    }

    #[test]
    fn the_smallest_pictures_have_no_boxes() {
        for [width, height] in [[1, 1], [2, 1], [1, 9]] {
            assert!(fields(&GrayImage::from_pixel(width, height, Luma([230]))).is_empty());
        }
    }

    #[test]
    fn boxes_side_by_side_are_one_field_and_a_wide_box_is_another() {
        let mut boxes: Vec<[u32; 4]> = (0..4).map(|at| [60 + 40 * at, 100, 42, 50]).collect();
        boxes.extend((0..2).map(|at| [400 + 50 * at, 102, 42, 50]));
        boxes.push([60, 300, 300, 50]);
        boxes.push([60, 500, 24, 24]);
        let found = fields(&sheet(&boxes));
        let kinds: Vec<String> = found.iter().map(|field| field.kind.to_string()).collect();
        assert_eq!(kinds, ["digits:4", "digits:2", "number", "check"]);
        let names: Vec<&str> = found.iter().map(|field| &field.name[..]).collect();
        assert_eq!(names, ["field 1", "field 2", "field 3", "field 4"]);
        let [left, top, width, height] = found[0].area;
        assert!(
            left.abs_diff(62) <= 1 && top.abs_diff(102) <= 1,
            "{:?}",
            found[0]
        );
        assert!(
            width.abs_diff(158) <= 2 && height.abs_diff(46) <= 2,
            "{:?}",
            found[0]
        );
    }

    #[test]
    fn letters_and_frames_are_no_boxes() {
        let mut sheet = sheet(&[[20, 20, 560, 760]]);
        // A letter O, whose inside is round.
        for step in 0..360 {
            let (sine, cosine) = (f64::from(step)).to_radians().sin_cos();
            let at = |centre: f64, along: f64, radius: f64| (centre + along * radius) as u32;
            for wide in [14.0, 15.0, 16.0] {
                sheet.put_pixel(at(300.0, cosine, wide), at(400.0, sine, wide), Luma([80]));
            }
        }
        assert_eq!(fields(&sheet), []);
        assert_eq!(fields(&GrayImage::new(1, 1)), []);
    }
}
