//! How a sheet lies in its picture.

use image::{GrayImage, imageops};

use super::super::camera::View;
use super::super::page::{NumberSheet, SheetKind};
use super::super::{Bounds, Point, TrueTable};
use crate::random::SeededRng;

/// Largest height of a digit, as a share of the picture's side.
const MAX_DIGIT: f32 = 0.06;
/// Least space between the writing and the picture's edges, as a share of its side.
const MARGIN: f32 = 0.015;

/// A photographed sheet, and what is written on it.
#[derive(Clone, Debug)]
pub struct SheetPhoto {
    /// What the sheet holds.
    pub kind: SheetKind,
    /// The picture, in grey.
    pub picture: GrayImage,
    /// Its tables, with their corners in pixels of the picture.
    pub tables: Vec<TrueTable>,
}

impl SheetPhoto {
    /// The same without some of what surrounds the writing: as if it had been framed.
    pub(super) fn cropped(self, ink: &GrayImage, rng: &mut SeededRng) -> Self {
        let side = self.picture.width();
        let margin = (MARGIN * side as f32) as u32;
        let inked = ink.enumerate_pixels().filter(|(_, _, pixel)| pixel[0] > 0);
        let corners = self.tables.iter().flat_map(|table| &table.cells);
        let corners = corners
            .flat_map(|cell| cell.corners)
            .map(|point| point.map(|at| at.clamp(0.0, side as f32 - 1.0) as u32));
        let all = inked.map(|(x, y, _)| [x, y]).chain(corners);
        let [low, high] = all.fold([[side; 2], [0; 2]], |[low, high], point| {
            [
                [0, 1].map(|axis| low[axis].min(point[axis])),
                [0, 1].map(|axis| high[axis].max(point[axis])),
            ]
        });
        let mut cut =
            |free: u32| (f64::from(free.saturating_sub(margin)) * rng.uniform(0.0, 1.0)) as u32;
        let start = [0, 1].map(|axis| cut(low[axis].min(side)));
        let end = [0, 1].map(|axis| side - cut(side - high[axis].min(side)));
        let size = [0, 1].map(|axis| (end[axis].saturating_sub(start[axis])).max(1));
        let picture = imageops::crop_imm(&self.picture, start[0], start[1], size[0], size[1]);
        let moved = |[x, y]: Point| [x - start[0] as f32, y - start[1] as f32];
        Self {
            picture: picture.to_image(),
            ..self.mapped(moved)
        }
    }

    /// The same picture turned clockwise by quarters.
    pub(super) fn turned(self, quarters: u8) -> Self {
        let (width, height) = self.picture.dimensions();
        let [width, height] = [width as f32, height as f32];
        let picture = match quarters {
            1 => imageops::rotate90(&self.picture),
            2 => imageops::rotate180(&self.picture),
            3 => imageops::rotate270(&self.picture),
            _ => return self,
        };
        let moved = |[x, y]: Point| match quarters {
            1 => [height - y, x],
            2 => [width - x, height - y],
            _ => [y, width - x],
        };
        Self {
            picture,
            ..self.mapped(moved)
        }
    }

    fn mapped(self, place: impl Fn(Point) -> Point) -> Self {
        let tables = self.tables.into_iter();
        Self {
            tables: tables.map(|table| table.mapped(&place)).collect(),
            ..self
        }
    }
}

/// The height of a digit in pixels and the shift by which a sheet fills the room on its paper, in a
/// square picture of `side` pixels.
pub(super) fn fit(
    sheet: &NumberSheet,
    room: &Bounds,
    view: &View,
    side: usize,
    rng: &mut SeededRng,
) -> (f32, Point) {
    let side = side as f32;
    let Some(extent) = sheet.extent() else {
        return (1.0, [0.0; 2]);
    };
    let margin = MARGIN * side;
    // The pen's width extends beyond the marks.
    let (width, height) = (extent.width() + 0.5, extent.height() + 0.5);
    let middle = [
        (room.left + room.right) / 2.0,
        (room.top + room.bottom) / 2.0,
    ];
    let visible = |scale: f32| {
        let half = [width * scale / 2.0, height * scale / 2.0];
        [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]
            .iter()
            .flat_map(|sign| {
                view.to_view([0, 1].map(|axis| middle[axis] + sign[axis] * half[axis]))
            })
            .all(|at| (margin..side - margin).contains(&at))
    };
    let free = [room.width() - 2.0 * margin, room.height() - 2.0 * margin];
    let mut scale = (free[0] / width).min(free[1] / height).max(1.0);
    while scale > 1.0 && !visible(scale) {
        scale *= 0.98;
    }
    scale = (scale * rng.uniform(0.85, 1.0) as f32).min(MAX_DIGIT * side);
    let centre = [
        (extent.left + extent.right) / 2.0,
        (extent.top + extent.bottom) / 2.0,
    ];
    let shift = [0, 1].map(|axis| middle[axis] - centre[axis] * scale);
    (scale, shift)
}
