//! What someone should look at: pictures with what was read in their cells, and a list of the cells,
//! the most doubtful first.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::overwriting;
use crate::cli::report::csv_row;
use crate::cli::source::Source;
use crate::picture::decode;
use crate::plots::{self, CellMark};
use crate::storage::replace_atomic;
use crate::table::{Answer, Cell, Checked, LISTED, Outcome, Table};

const HEADER: [&str; 9] = [
    "file",
    "table",
    "row",
    "column",
    "text",
    "confidence",
    "alternatives",
    "outcome",
    "broken",
];

/// The folder with what someone should look at.
pub(super) struct Review {
    folder: PathBuf,
    /// The rows of the list in the order of the cells, since all of them together may be large.
    rows: BufWriter<File>,
    /// By row: how sure it is, and where it starts and ends.
    index: Vec<(f64, u64, u64)>,
    written: u64,
}

impl Review {
    /// # Errors
    /// When the folder cannot be made, or a picture in it would overwrite one of `files`.
    pub(super) fn new(folder: &Path, files: &[&Path]) -> Result<Self> {
        overwriting::refuse("--review", folder, files)?;
        let making = || format!("making the folder {}", folder.display());
        fs::create_dir_all(folder).with_context(making)?;
        Ok(Self {
            folder: folder.to_owned(),
            rows: BufWriter::new(tempfile::tempfile_in(folder).with_context(making)?),
            index: vec![],
            written: 0,
        })
    }

    /// Draws a picture, whose name in the folder is `name`, and lists its cells.
    pub(super) fn add(&mut self, source: &Source, name: &str, checked: &Checked) -> Result<()> {
        let file = source.path().display().to_string();
        for (number, (table, answers)) in (1usize..).zip(checked.tables()) {
            for (cell, answer) in table.cells.iter().zip(answers) {
                if !cell.symbols.is_empty() || cell.has_unread {
                    self.list(csv_row(row(&file, number, cell, answer))?, sureness(answer))?;
                }
            }
        }
        let draw = || {
            let upright = decode(&source.load()?)?;
            plots::cells(&upright.colour, &marks(checked, upright.scale))
        };
        let picture = draw().with_context(|| format!("drawing {file}"))?;
        plots::save(&picture, &self.folder.join(format!("{name}.png")))
    }

    fn list(&mut self, row: String, sureness: f64) -> Result<()> {
        let from = self.written;
        let failed = || format!("writing to the folder {}", self.folder.display());
        self.rows.write_all(row.as_bytes()).with_context(failed)?;
        self.written += row.len() as u64;
        self.index.push((sureness, from, self.written));
        Ok(())
    }

    /// Writes the list.
    pub(super) fn finish(mut self) -> Result<()> {
        // Equally doubtful ones stay in the order of the cells.
        self.index.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
        replace_atomic(&self.folder.join("review.csv"), |staged| {
            let mut rows = BufReader::new(self.rows.into_inner()?);
            let mut list = BufWriter::new(File::create(staged)?);
            list.write_all(csv_row(HEADER.map(str::to_owned))?.as_bytes())?;
            for (_, from, to) in &self.index {
                let mut row = vec![0; (to - from) as usize];
                rows.seek(SeekFrom::Start(*from))?;
                rows.read_exact(&mut row)?;
                list.write_all(&row)?;
            }
            Ok(list.flush()?)
        })
    }
}

/// The confidence; less than 0 where a rule is violated, so that something is wrong for sure.
fn sureness(answer: &Answer) -> f64 {
    match answer.outcome {
        Outcome::Violated => answer.confidence - 1.0,
        _ => answer.confidence,
    }
}

fn row(file: &str, table: usize, cell: &Cell, answer: &Answer) -> [String; HEADER.len()] {
    let others = cell
        .alternatives()
        .filter(|other| other.text != answer.text);
    let others = others
        .take(LISTED)
        .map(|other| format!("{} {:.4}", other.text, other.probability));
    let others: Vec<String> = match cell.symbols.is_empty() {
        true => vec![],
        false => others.collect(),
    };
    let outcome: &'static str = answer.outcome.into();
    [
        file.to_owned(),
        table.to_string(),
        (cell.row + 1).to_string(),
        (cell.column + 1).to_string(),
        answer.text.clone(),
        format!("{:.6}", answer.confidence),
        others.join("; "),
        outcome.to_owned(),
        answer.broken.join("; "),
    ]
}

/// All cells in a copy of the picture that is `scale` times smaller.
fn marks(checked: &Checked, scale: f64) -> Vec<CellMark> {
    let reduced = |length: f32| (f64::from(length) / scale) as f32;
    let mark = |(cell, answer): (&Cell, &Answer)| CellMark {
        corners: cell.corners.map(|corner| corner.map(reduced)),
        text: answer.text.clone(),
        is_doubtful: answer.is_doubtful(),
    };
    let of_table = |(table, answers): (&Table, &[Answer])| -> Vec<CellMark> {
        table.cells.iter().zip(answers).map(mark).collect()
    };
    checked.tables().flat_map(of_table).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Rules;
    use crate::table::samples::{cell, sheet, sure, table};

    fn checked() -> Checked {
        let doubtful = cell(&[&[('1', 0.6), ('7', 0.4)]]);
        let words = Cell {
            has_unread: true,
            ..cell(&[])
        };
        let cells = vec![
            sure("3"),
            doubtful.clone(),
            cell(&[]),
            words,
            doubtful,
            sure("8"),
        ];
        let rules = Rules::parse(["1: one of 3 7", "2: one of 1"]).unwrap();
        Checked::new(sheet(vec![table(2, cells)]), &rules)
    }

    #[test]
    fn the_most_doubtful_cells_are_listed_first() {
        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("a.png");
        image::RgbImage::new(60, 40).save(&picture).unwrap();
        let out = folder.path().join("seen");
        let mut review = Review::new(&out, &[&picture]).unwrap();
        review.add(&Source::file(picture), "a", &checked()).unwrap();
        review.finish().unwrap();
        let mut list = csv::Reader::from_path(out.join("review.csv")).unwrap();
        let rows: Vec<_> = list.records().map(|row| row.unwrap()).collect();
        let places: Vec<[&str; 4]> = rows
            .iter()
            .map(|row| [1, 2, 3, 4].map(|at| &row[at]))
            .collect();
        assert_eq!(
            places,
            [
                ["1", "3", "2", "8"],
                ["1", "2", "2", ""],
                ["1", "3", "1", "7"],
                ["1", "1", "2", "1"],
                ["1", "1", "1", "3"],
            ]
        );
        let corrected = [5, 6, 7, 8].map(|at| &rows[2][at]);
        assert_eq!(
            corrected,
            ["0.400000", "1 0.6000", "corrected", "1: one of 3 7"]
        );
        assert!(image::open(out.join("a.png")).unwrap().width() >= 60);
        assert_eq!(fs::read_dir(&out).unwrap().count(), 2);
    }

    #[test]
    fn doubtful_cells_are_marked_where_they_are_in_a_reduced_picture() {
        let marks = marks(&checked(), 2.0);
        let doubtful: Vec<bool> = marks.iter().map(|mark| mark.is_doubtful).collect();
        assert_eq!(doubtful, [false, true, false, true, true, true]);
        assert_eq!(marks[3].corners[0], [20.0, 10.0]);
    }

    #[test]
    fn the_pictures_themselves_are_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("a.png");
        fs::write(&picture, b"").unwrap();
        let said = Review::new(folder.path(), &[&picture])
            .err()
            .unwrap()
            .to_string();
        assert!(
            said.starts_with("--review ") && said.contains("may overwrite"),
            "{said}"
        );
    }
}
