//! Many sheets in one picture, with the outlines of their cells, to look at.

use image::{DynamicImage, Rgb, RgbImage, imageops};
use imageproc::drawing::draw_line_segment_mut;

use super::super::TrueCell;
use super::frame::SheetPhoto;

/// Side of a sheet in the overview, in pixels.
const SIDE: u32 = 480;
const BACKGROUND: Rgb<u8> = Rgb([60, 50, 70]);

/// Sheets in a grid: cells with a number outlined in green, empty ones in blue, words in red.
pub fn overview(photos: &[SheetPhoto], columns: usize) -> RgbImage {
    let columns = columns.clamp(1, photos.len().max(1));
    let rows = photos.len().div_ceil(columns) as u32;
    let mut sheet = RgbImage::from_pixel(columns as u32 * SIDE, rows * SIDE, BACKGROUND);
    for (place, photo) in photos.iter().enumerate() {
        let [left, top] = [place % columns, place / columns].map(|at| i64::from(at as u32 * SIDE));
        let outlined = outlined(photo);
        let [width, height] = [outlined.width(), outlined.height()];
        let scale = (SIDE - 4) as f32 / width.max(height) as f32;
        let small = imageops::resize(
            &outlined,
            ((width as f32 * scale) as u32).max(1),
            ((height as f32 * scale) as u32).max(1),
            imageops::FilterType::Triangle,
        );
        imageops::replace(&mut sheet, &small, left, top);
    }
    sheet
}

fn outlined(photo: &SheetPhoto) -> RgbImage {
    let mut picture = DynamicImage::from(photo.picture.clone()).into_rgb8();
    for cell in photo.tables.iter().flat_map(|table| &table.cells) {
        let colour = colour(cell);
        for at in 0..4 {
            let (from, to) = (cell.corners[at], cell.corners[(at + 1) % 4]);
            // Twice, so that it is visible in a small copy.
            for off in [0.0, 1.0] {
                let moved = |[x, y]: [f32; 2]| (x + off, y + off);
                draw_line_segment_mut(&mut picture, moved(from), moved(to), colour);
            }
        }
    }
    picture
}

fn colour(cell: &TrueCell) -> Rgb<u8> {
    match cell.text.as_deref() {
        None => Rgb([230, 30, 30]),
        Some("") => Rgb([60, 90, 255]),
        Some(_) => Rgb([0, 190, 0]),
    }
}
