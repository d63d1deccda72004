//! The paper under the ink: its tone, its light and shadow, its grain.

use image::{GrayImage, ImageBuffer, Luma, imageops};
use imageproc::filter::gaussian_blur_f32;
use imageproc::morphology::{Mask, grayscale_dilate, grayscale_erode};

use crate::recognizer::resample::resized;

/// Pictures whose rim stays within this many grey levels of its median lie on uniform paper.
const UNIFORM: i32 = 8;
/// Longest side of the small copy on which light and shadow are estimated, in pixels.
const SKETCH: u32 = 96;
/// Bare paper takes less than this share of the light, even where it is grainy or ruled.
const FAINT: f32 = 0.2;
/// Darker paper counts as so light: a grey level more or less would be much of its light, and is no
/// ink. White paper seen as the ground of chalk is such.
const DARKEST: f32 = 128.0;
/// The paper's edges are blurred by this many pixels of that copy.
const BLUR: u8 = 2;
/// At least this share of all that surrounds a stroke is no darker than the paper.
const COMMON: f32 = 0.6;
/// The grain is measured on about so many pixels.
const SAMPLE: usize = 20_000;

/// How much of the paper's light each pixel takes away: 1 all, 0 none, grain also less.
pub(super) type Depths = ImageBuffer<Luma<f32>, Vec<f32>>;

/// Depths of dark ink on paper of one tone.
pub(super) fn on_even_paper(dark_ink: &GrayImage, tone: u8) -> Depths {
    imageproc::map::map_subpixels(dark_ink, |ink| depth(ink, tone))
}

fn depth(ink: u8, paper: u8) -> f32 {
    (f32::from(paper) - f32::from(ink)) / f32::from(paper).max(DARKEST)
}

/// A `sketch`, or a mask of it, enlarged to the size of the picture.
pub(super) fn enlarged(sketch: &GrayImage, picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    resized(sketch, width, height)
}

/// Depths of dark ink on `paper`, a picture of the bare paper.
pub(super) fn on_shaded_paper(dark_ink: &GrayImage, paper: &GrayImage) -> Depths {
    let values = dark_ink.iter().zip(paper.iter());
    let depths = values.map(|(&ink, &paper)| depth(ink, paper));
    let (width, height) = dark_ink.dimensions();
    Depths::from_vec(width, height, depths.collect()).unwrap_or_default()
}

/// The paper's tone, where the rim of the picture shows that it is the same everywhere.
pub(super) fn rim_tone(grey: &GrayImage) -> Option<u8> {
    let (width, height) = grey.dimensions();
    let depth = (width.min(height) / 20).max(1);
    let mut tones = [0u32; 256];
    for (y, row) in grey.rows().enumerate() {
        let y = y as u32;
        let inner = y >= depth && y + depth < height;
        for (x, tone) in row.enumerate() {
            let x = x as u32;
            if !inner || x < depth || x + depth >= width {
                tones[usize::from(tone[0])] += 1;
            }
        }
    }
    let all: u32 = tones.iter().sum();
    let mut seen = 0;
    let median = tones.iter().position(|count| {
        seen += count;
        seen * 2 > all
    })? as i32;
    let near = (median - UNIFORM).max(0)..=(median + UNIFORM).min(255);
    let same: u32 = near.map(|tone| tones[tone as usize]).sum();
    (same * 10 >= all * 7).then_some(median as u8)
}

/// Whether what departs from the paper's tone departs towards white. Cubes, so that the few
/// pixels of a stroke outvote the many of uneven paper.
pub(super) fn is_light_on(grey: &GrayImage, tone: u8) -> bool {
    let cube = |p: &u8| (i64::from(*p) - i64::from(tone)).pow(3);
    grey.iter().map(cube).sum::<i64>() > 0
}

/// A small copy, averaged over areas.
pub(super) fn sketch(grey: &GrayImage) -> GrayImage {
    let (width, height) = grey.dimensions();
    let longest = width.max(height).max(SKETCH);
    let side = |length: u32| (length * SKETCH / longest).max(1);
    imageops::thumbnail(grey, side(width), side(height))
}

/// The paper as it would look without its ink, dark or `light`: what is common around each place
/// of the `sheet`, a mask of the [`sketch`].
///
/// A quantile of wide surroundings overlooks strokes and keeps what a mean would smear: the
/// edges of sheets and of shadows.
pub(super) fn paper_under(sketch: &GrayImage, sheet: Option<&GrayImage>, light: bool) -> GrayImage {
    let radius = (sketch.width().min(sketch.height()) / 5).max(1);
    let share = if light { 1.0 - COMMON } else { COMMON };
    // At the edges of the picture what is common on a slope lies to one side. Half the contrast
    // makes room for the levelled values.
    let slope = slope(sketch);
    let level = GrayImage::from_fn(sketch.width(), sketch.height(), |x, y| {
        Luma([((f32::from(sketch.get_pixel(x, y)[0]) - slope(x, y)) / 2.0 + 64.0).round() as u8])
    });
    let common = quantile_filter(&level, sheet, radius, share);
    // What blurs at the edge of a shadow must not look like ink on its other side.
    let beyond = match (sheet.is_some(), light) {
        (true, _) => common,
        (false, true) => grayscale_dilate(&common, &Mask::square(BLUR)),
        (false, false) => grayscale_erode(&common, &Mask::square(BLUR)),
    };
    let smooth = gaussian_blur_f32(&beyond, 0.7);
    GrayImage::from_fn(sketch.width(), sketch.height(), |x, y| {
        Luma([((f32::from(smooth.get_pixel(x, y)[0]) - 64.0) * 2.0 + slope(x, y)).round() as u8])
    })
}

/// How far the plane that fits the picture best lies above its mean at a pixel.
fn slope(picture: &GrayImage) -> impl Fn(u32, u32) -> f32 + use<> {
    let middle_x = (picture.width() - 1) as f32 / 2.0;
    let middle_y = (picture.height() - 1) as f32 / 2.0;
    let (mut x_sum, mut y_sum, mut xx, mut yy) = (0.0, 0.0, 0.0f32, 0.0f32);
    for (x, y, tone) in picture.enumerate_pixels() {
        let (x, y) = (x as f32 - middle_x, y as f32 - middle_y);
        x_sum += x * f32::from(tone[0]);
        y_sum += y * f32::from(tone[0]);
        xx += x * x;
        yy += y * y;
    }
    // The coordinates of a grid are uncorrelated, so the least squares fall apart into two.
    let (x_rise, y_rise) = (x_sum / xx.max(1.0), y_sum / yy.max(1.0));
    move |x, y| (x as f32 - middle_x) * x_rise + (y as f32 - middle_y) * y_rise
}

/// The value that `share` of all pixels within `radius` across and down do not exceed.
fn quantile_filter(
    picture: &GrayImage,
    sheet: Option<&GrayImage>,
    radius: u32,
    share: f32,
) -> GrayImage {
    let (width, height) = picture.dimensions();
    let mut filtered = GrayImage::new(width, height);
    for y in 0..height {
        let rows = y.saturating_sub(radius)..(y + radius + 1).min(height);
        let column = |x: u32| {
            let on_sheet = move |y: &u32| sheet.is_none_or(|sheet| sheet.get_pixel(x, *y)[0] > 0);
            let tone = move |y| usize::from(picture.get_pixel(x, y)[0]);
            rows.clone().filter(on_sheet).map(tone)
        };
        let mut counts = [0i32; 256];
        let mut inside = 0i32;
        for x in 0..width + radius {
            if x < width {
                column(x).for_each(|tone| (counts[tone], inside) = (counts[tone] + 1, inside + 1));
            }
            if let Some(left) = x.checked_sub(2 * radius + 1) {
                column(left)
                    .for_each(|tone| (counts[tone], inside) = (counts[tone] - 1, inside - 1));
            }
            if let Some(middle) = x.checked_sub(radius) {
                let wanted = (inside as f32 * share) as i32;
                let mut seen = 0;
                let reached = counts.iter().position(|count| {
                    seen += count;
                    seen > wanted
                });
                filtered.put_pixel(middle, y, Luma([reached.unwrap_or(255) as u8]));
            }
        }
    }
    filtered
}

/// How clearly light ink lies on darker paper: -1 all ink is dark, 1 all is light.
///
/// Ink is told by its edges: there, one side departs from the `paper` and the other does not.
/// Shine and shadow have no sharp edges, and both sides of the edge of a sheet are paper.
pub(super) fn lightness_of_ink(grey: &GrayImage, paper: &GrayImage) -> f64 {
    const REACH: u32 = 2;
    let (width, height) = grey.dimensions();
    let tone = |x: u32, y: u32| i64::from(grey.get_pixel(x, y)[0]);
    let (mut light, mut dark) = (0, 0);
    for y in (REACH..height.saturating_sub(REACH)).step_by(2) {
        for x in REACH..width.saturating_sub(REACH) {
            let across = tone(x + REACH, y) - tone(x - REACH, y);
            let down = tone(x, y + REACH) - tone(x, y - REACH);
            let departure = tone(x, y) - i64::from(paper.get_pixel(x, y)[0]);
            let weight = (across * across + down * down) * departure.abs();
            *(if departure > 0 { &mut light } else { &mut dark }) += weight;
        }
    }
    (light - dark) as f64 / (light + dark).max(1) as f64
}

/// Middle and spread of the bare paper's depths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grain {
    pub median: f32,
    pub deviation: f32,
}

/// Measures the paper by median and median deviation, which faint lines hardly move.
pub(super) fn grain(depths: &Depths) -> Option<Grain> {
    // An odd step does not fall in with the columns of the picture.
    let step = (depths.len() / SAMPLE) | 1;
    let sample = depths.iter().step_by(step).copied();
    let mut values: Vec<f32> = sample.filter(|d| d.abs() < FAINT).collect();
    let median = quantile(&mut values, 0.5)?;
    // On paper that is white beyond what a picture can hold, more than half shows no grain.
    let upper = (quantile(&mut values, 0.8)? - median) / 0.8416;
    for value in &mut values {
        *value = (*value - median).abs();
    }
    // Both factors give the standard deviation where the distribution is normal.
    let deviation = 1.4826 * quantile(&mut values, 0.5)?;
    Some(Grain {
        median,
        deviation: if deviation > 0.0 { deviation } else { upper },
    })
}

/// The value below which `share` of all values lie.
pub(super) fn quantile(values: &mut [f32], share: f32) -> Option<f32> {
    let index = (values.len() as f32 * share) as usize;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(index, f32::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_under_a_stroke_looks_like_the_paper_beside_it() {
        let light = |x: u32, y: u32| (230 - x - y / 2) as u8;
        let written = GrayImage::from_fn(96, 72, |x, y| {
            let stroke = (45..52).contains(&x) && (15..60).contains(&y);
            Luma([if stroke { 30 } else { light(x, y) }])
        });
        let paper = paper_under(&written, None, false);
        for (x, y) in [(48, 35), (48, 16), (20, 35), (2, 2), (93, 69)] {
            let (seen, expected) = (paper.get_pixel(x, y)[0], light(x, y));
            assert!(
                seen.abs_diff(expected) < 12,
                "{x} {y}: {seen}, not {expected}"
            );
        }
    }

    #[test]
    fn a_rim_of_one_tone_tells_even_paper() {
        let written = |rim: fn(u32) -> u8| {
            GrayImage::from_fn(80, 80, |x, y| {
                let inside = (20..60).contains(&x) && (20..60).contains(&y);
                Luma([if inside { 10 } else { rim(x) }])
            })
        };
        assert_eq!(rim_tone(&written(|_| 240)), Some(240));
        assert_eq!(rim_tone(&written(|x| 100 + x as u8)), None);
    }
}
