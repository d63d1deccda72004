//! Forms: fields with a box for each digit, and boxes for whole numbers, with printed labels.

use super::super::layout::Writer;
use super::super::row::Habit;
use super::super::{Bounds, Tool};
use super::draft::{NumberSheet, cell};
use super::entry::{Entry, Numbers};
use super::ruler::{Line, Stroke};
use crate::random::SeededRng;
use crate::scenes::{Point, TrueCell, TrueTable};

/// Where fields lie, and their labels.
struct Places {
    rows: usize,
    columns: usize,
    /// Size of the place of a field, its label included.
    pitch: Point,
    /// Whether labels are on the left, this wide; else they are above the fields.
    beside: Option<f32>,
}

impl Places {
    fn new(size: Point, rng: &mut SeededRng) -> Self {
        let columns = if size[0] < 12.0 {
            1 + rng.below(3)
        } else {
            1 + rng.below(2)
        } as usize;
        let beside = rng.random_bool(0.5).then(|| rng.uniform(4.0, 8.0) as f32);
        let above = if beside.is_some() { 0.0 } else { 1.0 };
        Self {
            rows: 4 + rng.below(9) as usize,
            columns,
            pitch: [
                size[0] + beside.unwrap_or(0.0) + rng.uniform(1.5, 4.0) as f32,
                size[1] + above + rng.uniform(0.5, 1.5) as f32,
            ],
            beside,
        }
    }

    /// Fills each place: `field` draws one from a top left, and returns its cell.
    fn fill(
        &self,
        writer: &Writer,
        rng: &mut SeededRng,
        mut field: impl FnMut(&mut NumberSheet, Point, &mut SeededRng) -> TrueCell,
    ) -> NumberSheet {
        let mut sheet = NumberSheet::default();
        let mut cells = vec![];
        for at in 0..self.rows * self.columns {
            let x = (at % self.columns) as f32 * self.pitch[0];
            let y = (at / self.columns) as f32 * self.pitch[1];
            let start = x + self.beside.unwrap_or(0.0);
            cells.push(field(&mut sheet, [start, y], rng));
            let (width, foot) = match self.beside {
                Some(width) => (width - 0.8, y + 1.2),
                None => (5.0, y - 0.25),
            };
            let height = rng.uniform(0.5, 0.65) as f32;
            if let Some(label) = Entry::words(writer, height, width, rng) {
                sheet.write(label, 1.0, [x, foot], Tool::Printer);
            }
        }
        sheet.tables.push(TrueTable {
            rows: self.rows,
            columns: self.columns,
            cells,
        });
        sheet
    }
}

/// Fields with a box for each digit: closed, apart, or open above.
pub fn comb(writer: &Writer, habit: &Habit, rng: &mut SeededRng) -> NumberSheet {
    let most = 3 + rng.below(6) as usize;
    let (wide, high) = (rng.uniform(1.1, 1.6) as f32, rng.uniform(1.4, 1.9) as f32);
    let gap = if rng.random_bool(0.3) {
        rng.uniform(0.15, 0.4) as f32
    } else {
        0.0
    };
    let is_open = gap == 0.0 && rng.random_bool(0.25);
    let stroke = Stroke::printed(rng);
    let even = rng.random_bool(0.4);
    let from_right = rng.random_bool(0.4);
    let filled = rng.uniform(0.8, 1.0);
    let places = Places::new([most as f32 * (wide + gap), high], rng);
    places.fill(writer, rng, |sheet, [x, y], rng| {
        let boxes = if even {
            most
        } else {
            2 + rng.below(most as u32 - 1) as usize
        };
        let step = wide + gap;
        let right = x + boxes as f32 * step - gap;
        let tooth = 0.4 * high;
        for place in 0..boxes {
            let left = x + place as f32 * step;
            let [top, bottom] = [y, y + high];
            let points = match is_open {
                true => vec![
                    [left, bottom - tooth],
                    [left, bottom],
                    [left + wide, bottom],
                    [left + wide, bottom - tooth],
                ],
                false => vec![
                    [left, top],
                    [left + wide, top],
                    [left + wide, bottom],
                    [left, bottom],
                    [left, top],
                ],
            };
            sheet.lines.push(Line::new(points, stroke));
        }
        let mut text = String::new();
        if rng.random_bool(filled) {
            let digits = 1 + rng.below(boxes as u32) as usize;
            let first = if from_right { boxes - digits } else { 0 };
            for place in first..first + digits {
                let Some(entry) = Entry::number(writer, Numbers::Whole(1), habit, rng) else {
                    continue;
                };
                text += entry.text.as_deref().unwrap_or_default();
                let left = x + place as f32 * step;
                write_in(sheet, entry, [left, y, wide, high], 0.5, rng);
            }
        }
        let bounds = Bounds {
            left: x,
            top: y,
            right,
            bottom: y + high,
        };
        cell(Some(text), &bounds)
    })
}

/// Boxes with labels, one for each number.
pub fn form(writer: &Writer, habit: &Habit, has_signs: bool, rng: &mut SeededRng) -> NumberSheet {
    let longest = 2 + rng.below(5);
    let numbers = Numbers::new(longest, has_signs, rng);
    let (wide, high) = (
        longest.max(5) as f32 * 0.95 + rng.uniform(0.8, 3.0) as f32,
        rng.uniform(1.5, 2.2) as f32,
    );
    let stroke = Stroke::printed(rng);
    let filled = rng.uniform(0.8, 1.0);
    let align = *rng.choose(&[0.1, 0.5]);
    let places = Places::new([wide, high], rng);
    places.fill(writer, rng, |sheet, [x, y], rng| {
        let (right, bottom) = (x + wide, y + high);
        let corners = vec![[x, y], [right, y], [right, bottom], [x, bottom], [x, y]];
        sheet.lines.push(Line::new(corners, stroke));
        let number = rng.random_bool(filled);
        let entry = match number {
            true => Entry::number(writer, numbers, habit, rng),
            false => None,
        };
        let text = entry.as_ref().and_then(|entry| entry.text.clone());
        if let Some(entry) = entry {
            write_in(sheet, entry, [x, y, wide, high], align, rng);
        }
        let bounds = Bounds {
            left: x,
            top: y,
            right,
            bottom,
        };
        cell(Some(text.unwrap_or_default()), &bounds)
    })
}

/// Writes a number into a box (left, top, width, height), shrunk if it is too large for it.
fn write_in(
    sheet: &mut NumberSheet,
    entry: Entry,
    [x, y, wide, high]: [f32; 4],
    align: f32,
    rng: &mut SeededRng,
) {
    let size = [entry.extent.width(), entry.extent.height()];
    let scale = ((wide - 0.25) / size[0])
        .min((high - 0.25) / size[1])
        .min(1.0);
    let free = [wide - size[0] * scale, high - size[1] * scale];
    // Inside the box, however uneven the writing.
    let mut place = |share: f32, free: f32| {
        let stray = rng.approx_normal(0.07) as f32 * free.min(1.5);
        (share * free + stray).clamp(0.0, free.max(0.0))
    };
    let shift = [
        x + place(align, free[0]) - entry.extent.left * scale,
        y + place(0.5, free[1]) - entry.extent.top * scale,
    ];
    sheet.write(entry, scale, shift, Tool::First);
}
