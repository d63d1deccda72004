//! Whole sheets of numbers, as people write them to have them typed in: tables, columns, forms,
//! score cards and sudokus.

mod boxes;
mod draft;
mod entry;
mod grid;
mod ruler;

use super::Tool;
use super::layout::Writer;
use super::row::Habit;
use crate::random::SeededRng;
use crate::scenes::Split;
use crate::scenes::material::Material;
pub use draft::NumberSheet;
use entry::Entry;

/// Fewest and most cells of a sheet; a sheet of fields has fewer, each of several boxes.
const CELLS: std::ops::RangeInclusive<usize> = 20..=200;
/// Longest side of a sheet in heights of a digit, so that digits stay large enough in the picture.
const LONGEST_SIDE: f32 = 52.0;
/// Sheets that are tried until one has such a size.
const ATTEMPTS: usize = 60;

/// What a sheet holds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::Display, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum SheetKind {
    /// Tables with lines: all of them, or only those between rows or columns.
    Ruled,
    /// Tables without lines.
    Plain,
    /// Numbers below each other.
    Column,
    /// Fields with a box for each digit.
    Comb,
    /// A table of scores, with names and a line above the sums.
    Scores,
    /// A sudoku, about a third of it filled.
    Sudoku,
    /// Boxes with labels, one for each number.
    Form,
}

impl NumberSheet {
    /// Fills a sheet in one hand, whose pen's lines are `pen_width` wide.
    pub fn compose(
        material: &Material,
        split: Split,
        kind: SheetKind,
        has_signs: bool,
        pen_width: f32,
        rng: &mut SeededRng,
    ) -> Self {
        let writer = Writer::new(material, split, pen_width, 0.0, rng);
        let habit = careful(rng);
        let mut sheet = Self::attempt(&writer, kind, has_signs, &habit, rng);
        for _ in 1..ATTEMPTS {
            let side = sheet
                .extent()
                .map_or(0.0, |all| all.width().max(all.height()));
            if CELLS.contains(&sheet.cells(kind)) && side <= LONGEST_SIDE {
                break;
            }
            sheet = Self::attempt(&writer, kind, has_signs, &habit, rng);
        }
        if rng.random_bool(0.3) {
            sheet.title(&writer, rng);
        }
        sheet
    }

    fn attempt(
        writer: &Writer,
        kind: SheetKind,
        has_signs: bool,
        habit: &Habit,
        rng: &mut SeededRng,
    ) -> Self {
        let one = |most: usize, rng: &mut SeededRng| match kind {
            SheetKind::Comb => boxes::comb(writer, habit, rng),
            SheetKind::Form => boxes::form(writer, habit, has_signs, rng),
            SheetKind::Sudoku => grid::sudoku(writer, habit, rng),
            SheetKind::Column => grid::column(writer, habit, has_signs, rng),
            SheetKind::Scores => grid::scores(writer, habit, rng),
            SheetKind::Ruled => grid::table(writer, habit, has_signs, most, true, rng),
            SheetKind::Plain => grid::table(writer, habit, has_signs, most, false, rng),
        };
        let several = matches!(kind, SheetKind::Ruled | SheetKind::Plain) && rng.random_bool(0.25);
        if !several {
            return one(usize::MAX, rng);
        }
        let (mut first, second) = (one(6, rng), one(6, rng));
        let gap = rng.uniform(3.0, 5.0) as f32;
        if let (Some(above), Some(below)) = (first.extent(), second.extent()) {
            let beside = above.width() + below.width() < 40.0 && rng.random_bool(0.5);
            let shift = match beside {
                true => [above.right + gap - below.left, above.top - below.top],
                false => [above.left - below.left, above.bottom + gap - below.top],
            };
            first.join(second.placed(1.0, shift));
        }
        first
    }

    /// Fields count each of their boxes, of which there are about four.
    fn cells(&self, kind: SheetKind) -> usize {
        let cells: usize = self.tables.iter().map(|table| table.cells.len()).sum();
        match kind {
            SheetKind::Comb | SheetKind::Form => 4 * cells,
            _ => cells,
        }
    }

    fn title(&mut self, writer: &Writer, rng: &mut SeededRng) {
        let Some(extent) = self.extent() else { return };
        let height = rng.uniform(0.9, 1.6) as f32;
        let Some(entry) = Entry::words(writer, height, extent.width(), rng) else {
            return;
        };
        let free = extent.width() - entry.extent.width();
        let left = extent.left + free * rng.uniform(0.0, 0.7) as f32;
        let shift = [left, extent.top - rng.uniform(1.0, 2.5) as f32];
        let tool = *rng.choose(&[Tool::First, Tool::Printer]);
        self.write(entry, 1.0, shift, tool);
    }
}

/// The habits of somebody who wants a sheet to be read: even gaps, neither joined nor wide.
fn careful(rng: &mut SeededRng) -> Habit {
    loop {
        let habit = Habit::level(rng);
        if (0.0..0.6).contains(&habit.gap) {
            return habit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::characters::class_of;
    use strum::IntoEnumIterator;

    #[test]
    fn cells_say_what_is_drawn_in_them() {
        let material = Material::builtin();
        for (index, kind) in SheetKind::iter().cycle().take(28).enumerate() {
            let mut rng = SeededRng::new(3, index as u64);
            let sheet =
                NumberSheet::compose(&material, Split::Validation, kind, true, 0.08, &mut rng);
            let mut drawn: Vec<_> = sheet
                .marks
                .iter()
                .filter_map(|mark| Some((mark.class?, mark.extent()?)))
                .collect();
            drawn.sort_by(|(_, a), (_, b)| a.left.total_cmp(&b.left));
            let mut cells = 0;
            for cell in sheet.tables.iter().flat_map(|table| &table.cells) {
                let inside = drawn.iter().filter(|(_, extent)| {
                    cell.holds([
                        (extent.left + extent.right) / 2.0,
                        (extent.top + extent.bottom) / 2.0,
                    ])
                });
                let mut inside: Vec<u8> = inside.map(|(class, _)| *class).collect();
                let text = cell.text.as_deref().unwrap_or_default();
                let mut written: Vec<u8> = text.chars().filter_map(class_of).collect();
                // Slanted neighbours may overlap, so that their order is not that of their boxes.
                written.sort_unstable();
                inside.sort_unstable();
                assert_eq!(inside, written, "{kind} {index}: {text}");
                cells += written.len();
            }
            assert_eq!(cells, drawn.len(), "{kind} {index}");
        }
    }

    #[test]
    fn signs_are_written_only_where_wanted() {
        let material = Material::builtin();
        let signs = |has_signs: bool| {
            let sheets = (0..12).map(|index| {
                let mut rng = SeededRng::new(4, index);
                let kind = SheetKind::Plain;
                NumberSheet::compose(&material, Split::Training, kind, has_signs, 0.1, &mut rng)
            });
            let texts = sheets.flat_map(|sheet| sheet.tables);
            let cells = texts.flat_map(|table| table.cells);
            let texts = cells.filter_map(|cell| cell.text);
            texts
                .filter(|text| text.contains(|sign: char| !sign.is_ascii_digit()))
                .count()
        };
        assert_eq!(signs(false), 0);
        assert!(signs(true) > 20);
    }
}
