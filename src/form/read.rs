//! Reads a filled form field by field.

use anyhow::{Context, Result, bail};
use image::{GrayImage, Luma};
use imageproc::filter::box_filter;

use super::align::{Aligner, Alignment};
use super::file::{Field, Form};
use super::kind::Kind;
use super::plane_map::PlaneMap;
use crate::recognizer::{Prepared, Reading, Recognizer, Symbol};
use crate::table::{Cell, Table};

/// The least similarity of a photo to a form's reference picture. On four drawn photos, forms have
/// 0.6 to 0.8, and another form 0.02. Set beforehand between them.
pub const MIN_SIMILARITY: f64 = 0.4;

/// Pixels of a field's height when it is read, and the most of its width: a field that is wider for
/// its height is read smaller.
const FIELD_HEIGHT: f64 = 72.0;
const MAX_WIDTH: f64 = 4096.0;

/// Margin around a field as a share of its height: digits that reach beyond it are read whole.
const MARGIN: f64 = 0.2;

/// The share of a field for a mark that is ink: a line across it is more, dust is less.
const MARKED: f64 = 0.03;
/// Darkness of that ink relative to its surroundings.
const INK: f32 = 0.18;
/// The border of a field for a mark that does not count, as a share of its sides.
const BORDER: f64 = 0.15;

/// What was read on a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// One row, with a column for each field of the form.
    pub table: Table,
    /// By field, whether it is marked; none for fields that hold digits.
    pub marks: Vec<Option<bool>>,
    /// How alike the photo and the form are, [`MIN_SIMILARITY`] to 1.
    pub similarity: f64,
}

/// Reads a photo of a filled form, given the aligner of its reference picture.
///
/// # Errors
/// When the photo does not show this form, or a network fails.
pub fn read(
    recognizer: &Recognizer,
    form: &Form,
    aligner: &Aligner,
    photo: &GrayImage,
) -> Result<Filled> {
    let alignment = aligner.align(photo);
    let similarity = alignment.map_or(0.0, |found| found.similarity);
    let Some(Alignment { map, .. }) = alignment.filter(|_| similarity >= MIN_SIMILARITY) else {
        let percent = |share: f64| (100.0 * share.max(0.0)).floor();
        bail!(
            "it does not show the form {:?}: {} % alike, {} % are needed",
            form.name,
            percent(similarity),
            percent(MIN_SIMILARITY)
        );
    };
    let views: Vec<View> = form
        .fields
        .iter()
        .map(|field| View::new(field, &map, photo))
        .collect();
    let fields = || form.fields.iter().zip(&views);
    let written = fields().filter(|(field, _)| field.kind != Kind::Check);
    let prepared = written.map(|(_, view)| Ok(Prepared::from(view.picture.clone())));
    let mut readings = recognizer.read_all(prepared.collect())?.into_iter();
    let mut cells = Vec::with_capacity(views.len());
    let mut marks = Vec::with_capacity(views.len());
    for (column, (field, view)) in fields().enumerate() {
        let is_check = field.kind == Kind::Check;
        let reading = match is_check {
            true => Reading::default(),
            false => readings.next().context("a field has no reading")??,
        };
        let has_unread = reading.unread.iter().any(|&area| view.holds(area));
        let inside = reading.rows.into_iter().flatten();
        let mut symbols: Vec<Symbol> = inside.filter(|symbol| view.holds(symbol.area)).collect();
        if matches!(field.kind, Kind::Digits(_)) {
            symbols.retain(|symbol| !symbol.is_sign());
        }
        marks.push(is_check.then(|| view.is_marked()));
        cells.push(Cell {
            row: 0,
            column,
            corners: view.corners.map(|corner| corner.map(|at| at as f32)),
            symbols: symbols
                .into_iter()
                .map(|symbol| view.placed(symbol))
                .collect(),
            has_unread,
        });
    }
    Ok(Filled {
        table: Table {
            rows: 1,
            columns: cells.len(),
            cells,
        },
        marks,
        similarity,
    })
}

/// A field as it would look from straight above.
struct View {
    picture: GrayImage,
    /// Left, top, right and bottom of the field in `picture`.
    inside: [f64; 4],
    /// From pixels of `picture` to pixels of the photo.
    map: PlaneMap,
    /// The field's corners in the photo, clockwise from the top left.
    corners: [[f64; 2]; 4],
}

impl View {
    fn new(field: &Field, map: &PlaneMap, photo: &GrayImage) -> Self {
        let [left, top, width, height] = field.area.map(f64::from);
        let margin = MARGIN * height;
        let scale = (FIELD_HEIGHT / height).min(MAX_WIDTH / (width + 2.0 * margin));
        let origin = [left - margin, top - margin];
        let map = PlaneMap::similarity(0.0, 1.0 / scale, origin).then(map);
        let size = [width, height].map(|side| ((side + 2.0 * margin) * scale).ceil() as u32);
        let picture = GrayImage::from_fn(size[0].max(1), size[1].max(1), |x, y| {
            Luma([sampled(photo, map.at([f64::from(x), f64::from(y)]))])
        });
        let (start, [right, bottom]) = (
            margin * scale,
            [width, height].map(|side| (side + margin) * scale),
        );
        let corners = [
            [start, start],
            [right, start],
            [right, bottom],
            [start, bottom],
        ];
        Self {
            picture,
            inside: [start, start, right, bottom],
            corners: corners.map(|corner| map.at(corner)),
            map,
        }
    }

    /// Whether the centre of an area of `picture` lies in the field.
    fn holds(&self, area: [u32; 4]) -> bool {
        let [left, top, width, height] = area.map(f64::from);
        let [x, y] = [left + width / 2.0, top + height / 2.0];
        let [from_x, from_y, to_x, to_y] = self.inside;
        (from_x..to_x).contains(&x) && (from_y..to_y).contains(&y)
    }

    /// The symbol with its place in the photo.
    fn placed(&self, symbol: Symbol) -> Symbol {
        let [left, top, width, height] = symbol.area.map(f64::from);
        let corners = [
            [left, top],
            [left + width, top],
            [left + width, top + height],
            [left, top + height],
        ];
        let corners = corners.map(|corner| self.map.at(corner));
        let least = |axis: usize| {
            corners
                .iter()
                .map(|c| c[axis])
                .fold(f64::MAX, f64::min)
                .max(0.0)
        };
        let most = |axis: usize| corners.iter().map(|c| c[axis]).fold(0.0, f64::max);
        let [x, y] = [least(0), least(1)];
        let area = [x, y, most(0) - x, most(1) - y].map(|side| side.round().max(0.0) as u32);
        Symbol { area, ..symbol }
    }

    /// Whether there is a mark in the middle of the field.
    fn is_marked(&self) -> bool {
        let [left, top, right, bottom] = self.inside;
        let border = BORDER * (bottom - top);
        let around = box_filter(&self.picture, 18, 18);
        let (mut ink, mut all) = (0, 0);
        for (x, y, own) in self.picture.enumerate_pixels() {
            let [across, down] = [x, y].map(f64::from);
            let in_the_middle = (left + border..right - border).contains(&across)
                && (top + border..bottom - border).contains(&down);
            if in_the_middle {
                all += 1;
                let around = f32::from(around.get_pixel(x, y)[0]);
                ink += u32::from(f32::from(own[0]) < (1.0 - INK) * around);
            }
        }
        f64::from(ink) > MARKED * f64::from(all.max(1))
    }
}

/// The tone of a photo between pixels; beyond its border, the border's.
fn sampled(photo: &GrayImage, [x, y]: [f64; 2]) -> u8 {
    let clamped = |at: f64, length: u32| at.clamp(0.0, f64::from(length.saturating_sub(1)));
    let (x, y) = (clamped(x, photo.width()), clamped(y, photo.height()));
    let tone = image::imageops::interpolate_bilinear(photo, x as f32, y as f32);
    tone.map_or(0, |Luma([value])| value)
}

#[cfg(test)]
mod tests;
