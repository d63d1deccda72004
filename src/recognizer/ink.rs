//! From a grey picture to its ink: the pen bright, the paper 0, whatever the light was.

mod lines;
mod paper;
mod sheet;

use std::borrow::Cow;
use std::iter;

use image::{GrayImage, imageops};
use imageproc::contrast::otsu_level;
use imageproc::filter::gaussian_blur_f32;
use imageproc::map::map_subpixels;

use self::paper::Depths;
use super::ImageError;
use super::likeness;
use super::pieces::{Piece, STROKE, pieces};
use super::segment;

const BLANK: ImageError = ImageError::NoInk("the picture is blank");
/// Share of the light that ink must take from the paper at least; paper grain takes less.
const FAINTEST_INK: f32 = 0.04;
/// Share of the light that a line takes at least; grain beside paper without any takes less.
const FAINTEST_LINE: f32 = 0.025;
/// Paper grain reaches this many standard deviations above the paper.
const GRAIN: f32 = 3.5;
/// Ink that can be told from grain is at least this many standard deviations above the paper.
const PLAIN: f32 = 6.0;
/// Even paper needs no second look where its best piece of ink is so much like a digit.
const PLAINLY_A_DIGIT: f64 = 0.02;
/// The mask of a sheet has this value at its edge.
const INSIDE: u8 = 128;
/// What is seen on a sheet counts for so much more than what lies around it.
const SHEET: f64 = 6.0;
/// Paper whose grain is finer than this was never photographed.
const CLEAN: f32 = 0.005;
/// Rows of digits are looked for in no more views.
const MOST_VIEWS: usize = 3;
/// One polarity is not looked at where the odds against it are so high.
const CERTAIN: f64 = 0.7;

/// Takes the paper, its lines and its shadows away: ink comes out near 255 with its grey edges,
/// paper as 0.
///
/// # Errors
/// [`ImageError::NoInk`] where nothing stands out from the paper.
pub fn ink(grey: &GrayImage) -> Result<GrayImage, ImageError> {
    views(grey).swap_remove(0).map(|view| view.ink)
}

/// All ways to see the ink of a picture, at most three, from the one where a single digit
/// is seen best. A row of digits may be seen whole in another.
///
/// # Errors
/// [`ImageError::NoInk`] where nothing stands out from the paper.
pub fn inks(grey: &GrayImage) -> Result<Vec<GrayImage>, ImageError> {
    let mut views = views(grey).into_iter();
    let first = views.next().map_or(Err(BLANK), |view| view)?;
    let others = views.flatten().take(MOST_VIEWS - 1);
    Ok(iter::once(first)
        .chain(others)
        .map(|view| view.ink)
        .collect())
}

/// The views of a picture, from the likeliest; there is at least one.
fn views(grey: &GrayImage) -> Vec<Result<View, ImageError>> {
    let smooth = without_grain(grey);
    let even = paper::rim_tone(&smooth).map(|tone| on_even(&smooth, tone));
    match even {
        Some(Ok(view))
            if likeness::is_drawing(grey)
                || (view.clean || view.is_two_tone()) && view.likeness >= PLAINLY_A_DIGIT =>
        {
            return vec![Ok(view)];
        }
        _ => {}
    }
    let sketch = paper::sketch(&smooth);
    let sheet = sheet::sheet(&sketch);
    let bare = paper::enlarged(&paper::paper_under(&sketch, None, false), &smooth);
    let lightness = paper::lightness_of_ink(&smooth, &bare);
    let polarities = [(false, -lightness), (true, lightness)];
    let likely = polarities.into_iter().filter(|(_, odds)| *odds > -CERTAIN);
    let shaded = likely.map(|(light, odds)| on_shaded(&smooth, &sketch, light, odds));
    let on_sheet = sheet.map(|sheet| on_sheet(&smooth, &sketch, &sheet));
    let mut views: Vec<_> = shaded.chain(on_sheet).chain(even).collect();
    views.sort_by(|a, b| {
        let likeness = |view: &Result<View, _>| view.as_ref().map_or(-1.0, |view| view.likeness);
        likeness(a).total_cmp(&likeness(b))
    });
    views.reverse();
    views
}

/// Smooths the grain of paper and sensor, in proportion to the picture.
fn without_grain(grey: &GrayImage) -> Cow<'_, GrayImage> {
    match grey.width().max(grey.height()) as f32 / 700.0 {
        // Less would change nothing.
        ..0.6 => Cow::Borrowed(grey),
        sigma => Cow::Owned(gaussian_blur_f32(grey, sigma)),
    }
}

/// One way to see a picture, and how much the best piece of its ink is like a digit.
struct View {
    ink: GrayImage,
    likeness: f64,
    /// How much deeper than the paper the ink is.
    contrast: f32,
    /// Whether the paper has no grain.
    clean: bool,
}

impl View {
    fn new(mut depths: Depths) -> Result<Self, ImageError> {
        let floor = |grain: paper::Grain| grain.median + GRAIN * grain.deviation;
        let grain = paper::grain(&depths).ok_or(BLANK)?;
        lines::erase(&mut depths, floor(grain).max(FAINTEST_LINE));
        let full = full_depth(&depths, floor(grain)).ok_or(BLANK)?;
        let contrast = full - grain.median;
        if full - floor(grain) < FAINTEST_INK || contrast < PLAIN * grain.deviation {
            return Err(ImageError::NoInk(
                "nothing stands out from the paper; write darker or get closer",
            ));
        }
        let ink = expose(&depths, floor(grain), full);
        let pieces = pieces(&ink).1;
        if is_texture(&pieces) {
            return Err(ImageError::NoInk("there is only texture, no digit"));
        }
        let likeness = likeness::best(&pieces, &ink) * f64::from(contrast.sqrt());
        Ok(Self {
            ink,
            likeness,
            contrast,
            clean: grain.deviation < CLEAN,
        })
    }
}

impl View {
    /// Whether there is little but paper and solid ink: neither shadow nor shine.
    fn is_two_tone(&self) -> bool {
        let inked = self.ink.iter().filter(|value| **value > 0).count();
        let solid = self.ink.iter().filter(|value| **value >= STROKE).count();
        inked <= 2 * solid
    }
}

/// Whether the ink is all small bits, as of grainy paper, cloth or print.
fn is_texture(pieces: &[Piece]) -> bool {
    let all: u32 = pieces.iter().map(|piece| piece.area).sum();
    let largest = pieces.iter().map(|piece| piece.area).max();
    pieces.len() > 400 && largest.is_some_and(|largest| largest * 10 < all)
}

/// What is seen where all paper has this tone.
fn on_even(grey: &GrayImage, tone: u8) -> Result<View, ImageError> {
    let light = paper::is_light_on(grey, tone);
    let depths = if light {
        let mut dark = grey.clone();
        imageops::invert(&mut dark);
        paper::on_even_paper(&dark, 255 - tone)
    } else {
        paper::on_even_paper(grey, tone)
    };
    let mut view = View::new(depths)?;
    // A sheet would be lighter than what it lies on.
    let may_be_sheet = || light && sheet::sheet(&paper::sketch(grey)).is_some();
    if view.is_two_tone() && !may_be_sheet() {
        let best = likeness::best_of_pens(&pieces(&view.ink).1, &view.ink);
        view.likeness = best * f64::from(view.contrast.sqrt());
    }
    Ok(view)
}

/// What is seen where the paper has light and shadow, and ink is lighter or darker; `odds` from
/// -1 to 1 say how far the latter is known to be true.
fn on_shaded(
    grey: &GrayImage,
    sketch: &GrayImage,
    light: bool,
    odds: f64,
) -> Result<View, ImageError> {
    let mut paper = paper::enlarged(&paper::paper_under(sketch, None, light), grey);
    let mut dark = grey.clone();
    if light {
        imageops::invert(&mut paper);
        imageops::invert(&mut dark);
    }
    let mut view = View::new(paper::on_shaded_paper(&dark, &paper))?;
    view.likeness *= 1.0 + odds;
    Ok(view)
}

/// What is seen of dark ink where only the sheet is paper. Ink that runs off the sheet is none:
/// a shadow of its edge, or a stroke which shows that the sheet is but a patch of light.
fn on_sheet(grey: &GrayImage, sketch: &GrayImage, sheet: &GrayImage) -> Result<View, ImageError> {
    let paper = paper::enlarged(&paper::paper_under(sketch, Some(sheet), false), grey);
    let mut depths = paper::on_shaded_paper(grey, &paper);
    let sheet = paper::enlarged(sheet, grey);
    for (depth, inside) in depths.iter_mut().zip(sheet.iter()) {
        if *inside < INSIDE {
            *depth = 0.0;
        }
    }
    let mut view = View::new(depths)?;
    segment::wipe_touching(&mut view.ink, |x, y| sheet.get_pixel(x, y)[0] < INSIDE);
    view.likeness = likeness::best(&pieces(&view.ink).1, &view.ink) * SHEET;
    Ok(view)
}

/// Ink as bytes: `floor` becomes 0, `full` 255.
fn expose(depths: &Depths, floor: f32, full: f32) -> GrayImage {
    let gain = 255.0 / (full - floor);
    map_subpixels(depths, |depth| ((depth - floor) * gain).round() as u8)
}

/// The depth of solid ink: the median of what Otsu's threshold calls ink rather than lines
/// and smudges.
fn full_depth(depths: &Depths, floor: f32) -> Option<f32> {
    let above: Vec<f32> = depths.iter().copied().filter(|d| *d > floor).collect();
    let histogram = above.iter().map(|depth| (depth * 255.0) as u8).collect();
    let histogram = GrayImage::from_vec(above.len() as u32, 1, histogram)?;
    // The level itself is the lower class's; where all ink is alike, there is no other.
    let level = f32::from(otsu_level(&histogram));
    let mut solid = above.clone();
    solid.retain(|depth| (depth * 255.0).floor() > level);
    if solid.is_empty() {
        solid = above;
    }
    paper::quantile(&mut solid, 0.5)
}

#[cfg(test)]
mod tests {
    use image::Luma;

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

    /// Grain of up to `most` grey levels, the same at each call.
    fn grain(x: u32, y: u32, most: f32) -> f32 {
        let mixed = (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761) >> 8;
        most * (mixed as f32 / (1 << 23) as f32 - 1.0)
    }

    #[test]
    fn strokes_as_fat_as_what_they_enclose_stay_whole_on_grainy_paper_of_either_tone() {
        let ring = GrayImage::from_fn(260, 260, |x, y| {
            let radius = (x as f32 - 130.0).hypot(y as f32 - 120.0);
            let tone = if (35.0..85.0).contains(&radius) {
                50.0
            } else {
                220.0
            };
            Luma([(tone + grain(x, y, 4.0)) as u8])
        });
        let mut light = ring.clone();
        imageops::invert(&mut light);
        for picture in [ring, light] {
            let ink = ink(&picture).unwrap();
            for (x, y, stroke) in [(70, 120, true), (130, 60, true), (130, 120, false)] {
                assert_eq!(ink.get_pixel(x, y)[0] > STROKE, stroke, "{x} {y}");
            }
        }
    }

    #[test]
    fn grainy_paper_within_a_margin_that_has_no_grain_shows_no_ruled_lines() {
        let (pen, arm, paper) = (218..223, 160..280, 100..340);
        let picture = GrayImage::from_fn(500, 500, |x, y| {
            let inked =
                pen.contains(&x) && arm.contains(&y) || pen.contains(&y) && arm.contains(&x);
            let grainy = paper.contains(&x) && paper.contains(&y);
            let tone = if inked { 60.0 } else { 220.0 };
            Luma([(tone + if grainy { grain(x, y, 4.0) } else { 0.0 }).round() as u8])
        });
        let ink = ink(&picture).unwrap();
        for (x, y) in [(220, 170), (270, 220), (170, 220), (220, 270)] {
            assert!(ink.get_pixel(x, y)[0] > 240, "{x} {y}");
        }
    }

    #[test]
    fn two_grey_levels_on_white_paper_are_no_chalk() {
        let speckled = GrayImage::from_fn(80, 80, |x, y| {
            let bright = (38..42).contains(&x) && (20..60).contains(&y);
            Luma([if bright { 234 } else { 232 }])
        });
        assert!(matches!(ink(&speckled), Err(ImageError::NoInk(_))));
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
