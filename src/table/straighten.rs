//! A picture of the sheet as if it were seen from straight above.

use image::{GrayImage, Luma};
use imageproc::geometric_transformations::{Border, Interpolation, warp_into_with};

use super::Point;
use super::frame::{Frame, around};
use super::working::Working;

/// Longest side of the straightened picture: twice what the detector sees.
const MAX_SIDE: f32 = 2048.0;
/// How far beyond the working picture, in its size, the sheet is shown: where the map is steep, it
/// would have no end.
const BEYOND: f32 = 0.4;

/// The straightened picture and where it lies.
pub(super) struct Straight {
    pub(super) picture: GrayImage,
    /// Its top left corner on the sheet.
    origin: Point,
    /// Its pixels per pixel of the sheet.
    zoom: f32,
}

impl Straight {
    pub(super) fn of(grey: &GrayImage, working: &Working, frame: &Frame) -> Self {
        let size = working.size();
        let [wide, high] = size;
        let corners = [[0.0, 0.0], [wide, 0.0], size, [0.0, high]];
        let [left, top, right, bottom] = around(corners.map(|corner| frame.to_sheet(corner)));
        let within = |at: f32, length: f32| at.clamp(-BEYOND * length, (1.0 + BEYOND) * length);
        let origin = [within(left, wide), within(top, high)];
        let extent = [
            within(right, wide) - origin[0],
            within(bottom, high) - origin[1],
        ];
        let longest = extent[0].max(extent[1]).max(1.0);
        let zoom = working.scale.min(MAX_SIDE / longest);
        let [width, height] = extent.map(|length| ((length * zoom) as u32).max(1));
        let mut picture = GrayImage::new(width, height);
        let place = |x: f32, y: f32| {
            let on_sheet = [origin[0] + (x + 0.5) / zoom, origin[1] + (y + 0.5) / zoom];
            let [x, y] = frame.to_picture(on_sheet);
            (x * working.scale - 0.5, y * working.scale - 0.5)
        };
        let border = Border::<Luma<u8>>::Replicate;
        warp_into_with(grey, place, Interpolation::Bilinear, border, &mut picture);
        Self {
            picture,
            origin,
            zoom,
        }
    }

    /// From this picture to the sheet.
    pub(super) fn to_sheet(&self, [x, y]: Point) -> Point {
        [
            self.origin[0] + x / self.zoom,
            self.origin[1] + y / self.zoom,
        ]
    }
}
