//! From a grey picture to its ink: the pen bright, the paper 0, whatever the light was.

use image::{GrayImage, ImageBuffer, Luma, imageops};
use imageproc::contrast::otsu_level;
use imageproc::filter::gaussian_blur_f32;
use imageproc::morphology::{Mask, grayscale_close};

use super::decode::ImageError;

const BLANK: ImageError = ImageError::NoInk("the picture is blank");
/// Share of the light that ink must take from the paper at least; paper grain takes less.
const FAINTEST_INK: f32 = 0.04;
/// Bare paper takes less than this share of the light, even where it is grainy or ruled.
const FAINT: f32 = 0.2;
/// Paper grain reaches this many standard deviations above the paper.
const GRAIN: f32 = 3.5;
/// Ink that can be told from grain is at least this many standard deviations above the paper.
const PLAIN: f32 = 6.0;
/// Pictures whose rim stays within this many grey levels of its median lie on uniform paper.
const UNIFORM: i32 = 8;
/// Longest side of the small copy on which light and shadow are estimated, in pixels.
const SKETCH: u32 = 96;

/// Values of [`depths`].
type Depths = ImageBuffer<Luma<f32>, Vec<f32>>;

/// Takes the paper and its shadows away: ink comes out near 255 with its grey edges, paper as 0.
///
/// # Errors
/// [`ImageError::NoInk`] where nothing stands out from the paper.
pub fn ink(grey: &GrayImage) -> Result<GrayImage, ImageError> {
    let depths = depths(&without_grain(grey));
    let paper = paper_depth(&depths).ok_or(BLANK)?;
    let floor = paper.median + GRAIN * paper.deviation;
    let full = full_depth(&depths, floor).ok_or(BLANK)?;
    if full - floor < FAINTEST_INK || full - paper.median < PLAIN * paper.deviation {
        return Err(ImageError::NoInk(
            "nothing stands out from the paper; write darker or get closer",
        ));
    }
    Ok(GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        let share = (depths.get_pixel(x, y)[0] - floor) / (full - floor);
        Luma([(share * 255.0).round().clamp(0.0, 255.0) as u8])
    }))
}

/// Smooths the grain of paper and sensor, in proportion to the picture; small drawings have none.
fn without_grain(grey: &GrayImage) -> GrayImage {
    let longest = grey.width().max(grey.height());
    match longest {
        0..200 => grey.clone(),
        _ => gaussian_blur_f32(grey, longest as f32 / 700.0),
    }
}

/// How much of the paper's light each pixel takes away: 1 all, 0 none, grain also less.
fn depths(grey: &GrayImage) -> Depths {
    let rim = rim_tone(grey);
    let light_ink = match rim {
        Some(paper) => outliers_are_lighter(grey, |_, _| f32::from(paper)),
        None => {
            let sketch = sketch(grey);
            let smooth = gaussian_blur_f32(&sketch, SKETCH as f32 / 8.0);
            outliers_are_lighter(&sketch, |x, y| f32::from(smooth.get_pixel(x, y)[0]))
        }
    };
    let mut dark = grey.clone();
    if light_ink {
        imageops::invert(&mut dark);
    }
    let paper = match rim {
        Some(tone) => {
            let tone = if light_ink { 255 - tone } else { tone };
            GrayImage::from_pixel(grey.width(), grey.height(), Luma([tone]))
        }
        None => paper_under(&dark),
    };
    Depths::from_fn(grey.width(), grey.height(), |x, y| {
        let paper = f32::from(paper.get_pixel(x, y)[0]).max(1.0);
        Luma([1.0 - f32::from(dark.get_pixel(x, y)[0]) / paper])
    })
}

/// The paper's tone, where the rim of the picture shows that it is the same everywhere.
fn rim_tone(grey: &GrayImage) -> Option<u8> {
    let (width, height) = grey.dimensions();
    let depth = (width.min(height) / 20).max(1);
    let mut rim: Vec<u8> = grey
        .enumerate_pixels()
        .filter(|(x, y, _)| (*x.min(&(width - 1 - x))).min(*y.min(&(height - 1 - y))) < depth)
        .map(|(_, _, tone)| tone[0])
        .collect();
    rim.sort_unstable();
    let median = rim[rim.len() / 2];
    let same = rim
        .iter()
        .filter(|tone| (i32::from(**tone) - i32::from(median)).abs() <= UNIFORM);
    (same.count() * 10 >= rim.len() * 7).then_some(median)
}

/// Whether what departs from the paper departs towards white. Cubes, so that the few pixels of
/// a stroke outvote the many of uneven paper.
fn outliers_are_lighter(grey: &GrayImage, paper: impl Fn(u32, u32) -> f32) -> bool {
    let skew: f64 = grey
        .enumerate_pixels()
        .map(|(x, y, tone)| f64::from(f32::from(tone[0]) - paper(x, y)).powi(3))
        .sum();
    skew > 0.0
}

/// A small copy, averaged over areas.
fn sketch(grey: &GrayImage) -> GrayImage {
    let (width, height) = grey.dimensions();
    let longest = width.max(height).max(SKETCH);
    let side = |length: u32| (length * SKETCH / longest).max(1);
    imageops::thumbnail(grey, side(width), side(height))
}

/// The paper as it would look without its dark ink: strokes closed over, light and shadow kept.
fn paper_under(dark_ink: &GrayImage) -> GrayImage {
    let sketch = sketch(dark_ink);
    let (width, height) = sketch.dimensions();
    let radius = (width.min(height) / 8).max(1) as u8;
    // On a slope the closing would take the darker edge of the sheet for ink. Half the contrast
    // makes room for the levelled values.
    let slope = slope(&sketch);
    let level = GrayImage::from_fn(width, height, |x, y| {
        Luma([((f32::from(sketch.get_pixel(x, y)[0]) - slope(x, y)) / 2.0 + 64.0) as u8])
    });
    let closed = grayscale_close(&level, &Mask::square(radius));
    let smooth = gaussian_blur_f32(&closed, 1.0);
    let paper = GrayImage::from_fn(width, height, |x, y| {
        Luma([((f32::from(smooth.get_pixel(x, y)[0]) - 64.0) * 2.0 + slope(x, y)) as u8])
    });
    let filter = imageops::FilterType::Triangle;
    imageops::resize(&paper, dark_ink.width(), dark_ink.height(), filter)
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

/// Middle and spread of the bare paper.
struct Paper {
    median: f32,
    deviation: f32,
}

/// Measures the paper by median and median deviation, which faint lines hardly move.
fn paper_depth(depths: &Depths) -> Option<Paper> {
    let mut values: Vec<f32> = depths
        .pixels()
        .map(|d| d[0])
        .filter(|d| d.abs() < FAINT)
        .collect();
    let median = median(&mut values)?;
    for value in &mut values {
        *value = (*value - median).abs();
    }
    // 1.4826 turns the median deviation of a normal distribution into its standard deviation.
    Some(Paper {
        median,
        deviation: 1.4826 * self::median(&mut values)?,
    })
}

fn median(values: &mut [f32]) -> Option<f32> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// The depth of solid ink: the median of what Otsu's threshold calls ink rather than lines
/// and smudges.
fn full_depth(depths: &Depths, floor: f32) -> Option<f32> {
    let above: Vec<f32> = depths
        .pixels()
        .map(|depth| depth[0])
        .filter(|depth| *depth > floor)
        .collect();
    let histogram = above.iter().map(|depth| (depth * 255.0) as u8).collect();
    let histogram = GrayImage::from_vec(above.len() as u32, 1, histogram)?;
    let split = f32::from(otsu_level(&histogram)) / 255.0;
    let mut solid: Vec<f32> = above.into_iter().filter(|d| *d >= split).collect();
    median(&mut solid)
}

#[cfg(test)]
mod tests {
    use super::super::pieces::STROKE;
    use super::*;

    /// A picture of a cross on paper, both lit by `light` (0 to 1).
    fn cross(paper: f32, pen: f32, light: impl Fn(u32, u32) -> f32) -> GrayImage {
        GrayImage::from_fn(240, 240, |x, y| {
            let inked = on_cross(x, y);
            Luma([(light(x, y) * if inked { pen } else { paper }) as u8])
        })
    }

    fn on_cross(x: u32, y: u32) -> bool {
        let (middle, arm) = (112..128, 60..180);
        (middle.contains(&x) && arm.contains(&y)) || (middle.contains(&y) && arm.contains(&x))
    }

    #[track_caller]
    fn assert_only_the_cross(picture: &GrayImage) {
        let ink = ink(picture).unwrap();
        assert!(ink.get_pixel(120, 70)[0] > 240 && ink.get_pixel(170, 120)[0] > 240);
        let (x, y, stray) = ink
            .enumerate_pixels()
            .filter(|(x, y, _)| !(50..190).contains(x) || !(50..190).contains(y))
            .max_by_key(|(_, _, p)| p[0])
            .unwrap();
        assert!(stray[0] < STROKE, "stray ink {} at {x}, {y}", stray[0]);
    }

    #[test]
    fn pen_on_paper_and_chalk_on_a_board_both_come_out_bright() {
        assert_only_the_cross(&cross(255.0, 0.0, |_, _| 1.0));
        assert_only_the_cross(&cross(0.0, 255.0, |_, _| 1.0));
        assert_only_the_cross(&cross(60.0, 200.0, |x, _| 0.6 + x as f32 / 600.0));
    }

    #[test]
    fn falling_light_and_a_hard_shadow_leave_no_trace() {
        assert_only_the_cross(&cross(200.0, 60.0, |x, y| 1.0 - (x + y) as f32 / 800.0));
        assert_only_the_cross(&cross(200.0, 60.0, |x, _| if x < 90 { 0.6 } else { 1.0 }));
    }

    #[test]
    fn faint_pencil_is_as_bright_as_a_marker() {
        assert_only_the_cross(&cross(200.0, 175.0, |x, y| 1.0 - (x + y) as f32 / 800.0));
    }

    #[test]
    fn grey_edges_of_strokes_stay_grey() {
        let mut picture = cross(255.0, 0.0, |_, _| 1.0);
        for x in 60..180 {
            picture.put_pixel(x, 111, Luma([128]));
        }
        picture = imageops::thumbnail(&picture, 120, 120);
        let edge = ink(&picture).unwrap().get_pixel(45, 55)[0];
        assert!((30..100).contains(&edge), "{edge}");
    }

    #[test]
    fn ink_that_covers_most_of_the_picture_is_still_ink() {
        let fat = GrayImage::from_fn(28, 28, |x, y| {
            let paper = !(3..25).contains(&x) || !(2..26).contains(&y);
            let hole = (12..16).contains(&x) && (8..20).contains(&y);
            Luma([if paper || hole { 255 } else { 0 }])
        });
        let ink = ink(&fat).unwrap();
        assert_eq!((ink.get_pixel(5, 5)[0], ink.get_pixel(13, 12)[0]), (255, 0));
    }
}
