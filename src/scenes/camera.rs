//! The viewpoint of a picture, and the effects of the camera, scanner or program that takes it.

mod binarize;
mod blur;
mod contrast;
mod curve;
mod local_mean;
mod scale;
mod sensor;
mod shot;
mod step;
mod view;

pub use blur::gaussian;
pub use view::View;

use image::GrayImage;

use super::Plane;
use crate::random::SeededRng;
use shot::Shot;
use step::Step;

/// The effects of a camera, scanner or file format on the picture, step by step.
#[derive(Clone, Debug)]
pub struct Camera {
    steps: Vec<Step>,
}

impl Camera {
    /// A phone or camera over paper or in front of a board: blur, noise, the phone's sharpening,
    /// JPEG; sometimes a scanning app's filter, a small copy, or black and white only.
    pub fn photo(rng: &mut SeededRng) -> Self {
        let mut steps = vec![];
        let small = rng.random_bool(0.12);
        if rng.random_bool(0.3) {
            steps.push(Step::defocus(rng));
        } else {
            steps.push(Step::optics(rng));
        }
        if rng.random_bool(0.12) {
            steps.push(Step::motion(rng));
        }
        if small {
            steps.push(Step::thumbnail(24.0, 96.0, rng));
        }
        if rng.random_bool(0.35) {
            steps.push(Step::curve(rng));
        }
        if rng.random_bool(0.85) {
            steps.push(Step::grain(rng));
        }
        if rng.random_bool(0.25) {
            steps.push(Step::sharpen(rng));
        }
        match rng.weighted_index(&[0.84, 0.06, 0.03, 0.02, 0.02, 0.02, 0.01]) {
            1 => steps.push(Step::flatten(rng)),
            2 => steps.push(Step::local_threshold(rng)),
            3 => steps.push(Step::posterize(rng)),
            4 => steps.push(Step::Negative),
            5 => steps.push(Step::haze(rng)),
            6 => steps.push(Step::spatter(rng)),
            _ => {}
        }
        if rng.random_bool(0.4) {
            steps.push(Step::jpeg(rng));
        }
        if small {
            steps.push(Step::enlarge(0.6, rng));
        }
        Self { steps }
    }

    /// A phone held still over a sheet: hardly any blur, and the usual noise, sharpening and JPEG.
    pub fn document(rng: &mut SeededRng) -> Self {
        let mut steps = vec![Step::optics(rng)];
        if rng.random_bool(0.25) {
            steps.push(Step::Defocus {
                share: rng.uniform(0.1, 0.4) as f32,
                disc: rng.random_bool(0.4),
            });
        }
        if rng.random_bool(0.1) {
            steps.push(Step::Motion {
                share: rng.uniform(0.1, 0.35) as f32,
                angle: rng.uniform(0.0, std::f64::consts::PI) as f32,
            });
        }
        steps.push(Step::faint_grain(rng));
        if rng.random_bool(0.4) {
            steps.push(Step::sharpen(rng));
        }
        steps.push(Step::Jpeg(rng.uniform(55.0, 95.0) as u8));
        Self { steps }
    }

    /// A flatbed scanner or copier: sharp, even, with specks and bands; often black and white only.
    pub fn scan(rng: &mut SeededRng) -> Self {
        let mut steps = vec![];
        let coarse = rng.random_bool(0.3);
        if coarse {
            steps.push(Step::thumbnail(48.0, 160.0, rng));
        }
        steps.push(Step::optics(rng));
        if rng.random_bool(0.3) {
            steps.push(Step::curve(rng));
        }
        if rng.random_bool(0.5) {
            steps.push(Step::faint_grain(rng));
        }
        if rng.random_bool(0.2) {
            steps.push(Step::dust(rng));
        }
        if rng.random_bool(0.12) {
            steps.push(Step::bands(rng));
        }
        if rng.random_bool(0.25) {
            steps.push(Step::sharpen(rng));
        }
        match rng.weighted_index(&[0.6, 0.22, 0.08, 0.05, 0.05]) {
            1 => steps.push(Step::threshold(rng)),
            2 => steps.push(Step::local_threshold(rng)),
            3 => steps.push(Step::posterize(rng)),
            4 => steps.push(Step::flatten(rng)),
            _ => {}
        }
        if rng.random_bool(0.12) {
            steps.push(Step::specks(rng));
        }
        if rng.random_bool(0.3) {
            steps.push(Step::jpeg(rng));
        }
        if rng.random_bool(0.03) {
            steps.push(Step::Negative);
        }
        if coarse {
            steps.push(Step::enlarge(0.5, rng));
        }
        Self { steps }
    }

    /// A screenshot: exact, or saved again, scaled and forwarded.
    pub fn screenshot(rng: &mut SeededRng) -> Self {
        let mut steps = vec![];
        let scaled = rng.random_bool(0.3);
        if scaled {
            steps.push(Step::thumbnail(40.0, 200.0, rng));
        }
        if rng.random_bool(0.06) {
            steps.push(Step::defocus(rng));
        }
        if rng.random_bool(0.25) {
            steps.push(Step::jpeg(rng));
        }
        if rng.random_bool(0.04) {
            steps.push(Step::posterize(rng));
        }
        if rng.random_bool(0.04) {
            steps.push(Step::Negative);
        }
        if scaled {
            steps.push(Step::enlarge(0.6, rng));
        }
        Self { steps }
    }

    /// A file from a drawing program, often of 28 pixels a side: mostly exact; or reduced, with one
    /// bit per pixel, through JPEG, or with added noise.
    pub fn drawing(rng: &mut SeededRng) -> Self {
        let mut steps = vec![];
        let small = rng.random_bool(0.42);
        if small {
            match rng.weighted_index(&[0.68, 0.2, 0.12]) {
                1 => steps.push(Step::defocus(rng)),
                2 => steps.push(Step::motion(rng)),
                _ => {}
            }
            steps.push(Step::mnist_sized(rng));
            if rng.random_bool(0.25) {
                steps.push(Step::threshold(rng));
            }
        } else if rng.random_bool(0.12) {
            steps.push(Step::thumbnail(56.0, 160.0, rng));
            steps.push(Step::enlarge(0.5, rng));
        }
        match rng.weighted_index(&[0.5, 0.06, 0.07, 0.05, 0.04, 0.05, 0.09, 0.05, 0.05, 0.04]) {
            1 => steps.push(Step::grain(rng)),
            2 => steps.push(Step::specks(rng)),
            3 => steps.push(Step::curve(rng)),
            4 => steps.push(Step::posterize(rng)),
            5 if !small => steps.push(Step::defocus(rng)),
            6 => steps.push(Step::selection(rng)),
            7 => steps.push(Step::spatter(rng)),
            8 => steps.push(Step::haze(rng)),
            9 => steps.push(Step::motion(rng)),
            _ => {}
        }
        if rng.random_bool(0.15) {
            steps.push(Step::jpeg(rng));
        }
        if small {
            steps.push(Step::enlarge(0.3, rng));
        }
        Self { steps }
    }

    /// A camera in front of a screen or projection: the screen's lines, and moiré between them and
    /// the sensor's.
    pub fn of_screen(rng: &mut SeededRng) -> Self {
        let mut camera = Self::photo(rng);
        if rng.random_bool(0.6) {
            camera.steps.insert(1, Step::moire(rng));
        }
        if rng.random_bool(0.25) {
            camera.steps.insert(1, Step::scanlines(rng));
        }
        camera
    }

    /// Takes the picture. `digit_height` and `stroke`, in pixels, of the smallest digit that must
    /// stay readable limit the blur, to a standard deviation of a tenth of the height and of one
    /// and a half strokes, and the reduction, to at least 7 pixels per digit. Beyond that nobody
    /// could read it. Heights of 0 or less stand for pictures without a digit, which may be of any
    /// kind. No step moves anything.
    pub fn take(
        &self,
        plane: Plane,
        digit_height: f32,
        stroke: f32,
        rng: &mut SeededRng,
    ) -> GrayImage {
        let mut shot = Shot::new(plane, digit_height, stroke);
        for step in &self.steps {
            shot.take(step, rng);
        }
        shot.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Plane {
        let mut plane = Plane::new(120, 96, 0.95);
        for y in 30..66 {
            plane.row_mut(y)[50..60].fill(0.1);
        }
        plane
    }

    #[test]
    fn every_camera_keeps_size_place_and_readability() {
        let cameras: [fn(&mut SeededRng) -> Camera; 6] = [
            Camera::photo,
            Camera::document,
            Camera::scan,
            Camera::screenshot,
            Camera::drawing,
            Camera::of_screen,
        ];
        for camera in cameras {
            for index in 0..150 {
                let mut rng = SeededRng::new(2, index);
                let camera = camera(&mut rng);
                let image = camera.take(page(), 36.0, 10.0, &mut rng);
                assert_eq!(image.dimensions(), (120, 96));
                if camera.steps.iter().any(Step::may_hide) {
                    continue;
                }
                let mean = |left: u32, right: u32| {
                    let all = (36..60).flat_map(|y| (left..right).map(move |x| (x, y)));
                    let total: u32 = all.map(|(x, y)| u32::from(image.get_pixel(x, y)[0])).sum();
                    total as f32 / 24.0 / (right - left) as f32
                };
                let contrast = (mean(52, 58) - (mean(20, 40) + mean(70, 90)) / 2.0).abs();
                assert!(contrast > 40.0, "{contrast} left by {camera:?}");
            }
        }
    }

    #[test]
    fn a_picture_is_a_function_of_chance() {
        let take = |index| {
            let mut rng = SeededRng::new(5, index);
            Camera::photo(&mut rng).take(page(), 36.0, 4.0, &mut rng)
        };
        assert!((0..20).all(|index| take(index) == take(index)));
    }
}
