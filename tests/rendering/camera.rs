//! Cameras and scanners: their perspective, blur and noise, and the files they write.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageEncoder, ImageFormat, RgbImage};
use imageproc::filter::gaussian_blur_f32;
use imageproc::geometric_transformations::Projection;
use imageproc::noise::gaussian_noise_mut;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::colour::{bell, between, doubling, happens, pick};
use super::{Picture, Scene};

/// A camera in front of a page.
pub struct Camera {
    /// Width and height of the view in pixels.
    pub view: (u32, u32),
    to_view: Projection,
    to_page: Projection,
    scanner: bool,
}

impl Camera {
    /// A camera for this number of digits; the page has the size of the view.
    pub fn new(scene: Scene, digits: usize, rng: &mut ChaCha8Rng) -> Self {
        let scanner = scene == Scene::Scan;
        let view = size(digits, scanner, rng);
        let (width, height) = (view.0 as f32, view.1 as f32);
        let tilt = if scanner {
            0.0
        } else {
            between(rng, 0.0, 0.06)
        };
        let frame = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
        let askew = frame.map(|(x, y)| {
            (
                x + between(rng, -tilt, tilt) * width,
                y + between(rng, -tilt, tilt) * height,
            )
        });
        let limit = if scanner { 3.0_f32 } else { 12.0 };
        let turn = bell(rng, limit / 2.5).clamp(-limit, limit).to_radians();
        let about_middle = Projection::translate(-width / 2.0, -height / 2.0)
            .and_then(Projection::rotate(turn))
            .and_then(Projection::translate(width / 2.0, height / 2.0));
        let tilted = Projection::from_control_points(frame, askew).unwrap_or(about_middle);
        let to_view = about_middle.and_then(tilted);
        Self {
            view,
            to_view,
            to_page: to_view.invert(),
            scanner,
        }
    }

    pub fn page(&self) -> (f32, f32) {
        (self.view.0 as f32, self.view.1 as f32)
    }

    /// The point of the page that a point of the view shows.
    pub fn page_at(&self, x: f32, y: f32) -> (f32, f32) {
        self.to_page * (x, y)
    }

    /// Whether a point of the page is in view, and not at the border.
    pub fn sees(&self, place: (f32, f32)) -> bool {
        let ((x, y), (width, height)) = (self.to_view * place, self.page());
        let border = 0.03 * width.min(height);
        (border..width - border).contains(&x) && (border..height - border).contains(&y)
    }

    /// The file of what is seen; `stroke` is the width in pixels of its finest lines.
    pub fn take(&self, seen: RgbImage, stroke: f32, rng: &mut ChaCha8Rng) -> Picture {
        // People do not keep photos that are too blurred to read.
        let most = (0.3 * stroke).clamp(0.4, 4.0);
        let sharp = if self.scanner {
            0.5
        } else {
            between(rng, 0.4, most)
        };
        let mut picture = gaussian_blur_f32(&seen, sharp);
        let noise = if self.scanner {
            1.0
        } else {
            doubling(rng, 0.7, 7.0)
        };
        gaussian_noise_mut(&mut picture, 0.0, f64::from(noise), rng.random());
        if happens(rng, 0.1) {
            return encoded(&picture.into(), ImageFormat::Png);
        }
        let turned = happens(rng, 0.45);
        jpeg(
            picture,
            if turned { rng.random_range(1..=8) } else { 1 },
            rng.random_range(40..=95),
        )
    }
}

/// Width and height of a picture.
fn size(digits: usize, scanner: bool, rng: &mut ChaCha8Rng) -> (u32, u32) {
    if !scanner && happens(rng, 0.01) {
        return (4000, 3000);
    }
    let longer = doubling(rng, 300.0, 1600.0).max(160.0 * digits.min(6) as f32);
    let aspect = pick(rng, &[0.75, 0.75, 0.5625, 0.667, 1.0, 0.85]);
    let (longer, shorter) = (longer as u32, (longer * aspect) as u32);
    // Rows of digits are photographed in landscape format, single ones often in portrait.
    if digits <= 1 && happens(rng, 0.5) {
        (shorter, longer)
    } else {
        (longer, shorter)
    }
}

/// A picture in a lossless format.
pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Picture {
    let mut bytes = Cursor::new(vec![]);
    picture.write_to(&mut bytes, format).unwrap();
    let extension = format.extensions_str()[0];
    Picture {
        bytes: bytes.into_inner(),
        extension,
    }
}

/// A photo whose pixels are oriented as on the sensor; the EXIF tag makes it upright.
pub fn jpeg(upright: RgbImage, orientation: u8, quality: u8) -> Picture {
    let orientation = Orientation::from_exif(orientation).unwrap();
    let mut stored = DynamicImage::from(upright);
    stored.apply_orientation(match orientation {
        Orientation::Rotate90 => Orientation::Rotate270,
        Orientation::Rotate270 => Orientation::Rotate90,
        its_own_inverse => its_own_inverse,
    });
    let mut bytes = vec![];
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    encoder
        .set_exif_metadata(exif(orientation.to_exif()))
        .unwrap();
    let (width, height, pixels) = (stored.width(), stored.height(), stored.as_bytes());
    encoder
        .write_image(pixels, width, height, stored.color().into())
        .unwrap();
    Picture {
        bytes,
        extension: "jpg",
    }
}

/// EXIF as a big-endian TIFF with the one tag Orientation (0x0112).
fn exif(orientation: u8) -> Vec<u8> {
    let header = *b"MM\0\x2a\0\0\0\x08";
    let entry = [
        0,
        1,
        1,
        0x12,
        0,
        3,
        0,
        0,
        0,
        1,
        0,
        orientation,
        0,
        0,
        0,
        0,
        0,
        0,
    ];
    [&header[..], &entry[..]].concat()
}
