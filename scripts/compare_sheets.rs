//! Reads rendered sheets of numbers and prints, beside what other programs read, how many of the
//! numbers are right: `scripts/compare-sheets` runs it.
//!
//! Two measures, by kind of sheet:
//!
//! - In its cell: what was read inside a number's true cell, from left to right, is the number. All
//!   programs are measured so. It is kind to those that only read text: where the cells are is
//!   given to them.
//! - In its table: the number is right, and so are its row and its column in the table that was read,
//!   as `mnist-tch eval --sheets` counts. Only mnist-tch makes tables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use image::ImageReader;
use mnist_tch::evaluation::SheetScore;
use mnist_tch::machine;
use mnist_tch::recognizer::Recognizer;
use mnist_tch::scenes::{SheetKind, SheetPhoto, TrueCell, TrueTable};
use mnist_tch::table::{self, Point, Sheet};
use mnist_tch::version::VERSION;
use serde::Deserialize;
use strum::IntoEnumIterator;
use tch::Device;

/// What `mnist-tch scenes --sheets` writes of each sheet.
#[derive(Deserialize)]
struct Truth {
    file: String,
    kind: String,
    tables: Vec<Grid>,
}

#[derive(Deserialize)]
struct Grid {
    rows: usize,
    columns: usize,
    cells: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    text: Option<String>,
    corners: [Point; 4],
}

/// What `scripts/peers/words.py` writes, by reader and file.
type Answers = BTreeMap<String, BTreeMap<String, Answer>>;

/// The digits that a reader found on a sheet: the middle of each, and its text.
#[derive(Default, Deserialize)]
struct Answer {
    seconds: f64,
    digits: Vec<(f32, f32, String)>,
}

fn main() -> Result<()> {
    let folder = env::args().nth(1).context("name a folder of sheets")?;
    let folder = PathBuf::from(folder);
    let truths: Vec<Truth> = parsed(&folder.join("sheets.json"))?;
    let answers: Answers = parsed(&folder.join("words.json"))?;
    machine::prepare(Some(1), Device::Cpu);
    let recognizer = Recognizer::builtin(Device::Cpu)?;
    let mut table = Table::default();
    for truth in truths {
        let photo = truth.photo(&folder)?;
        let start = processor_seconds();
        let sheet = table::read(&recognizer, &photo.picture.clone().into())?;
        let seconds = processor_seconds() - start;
        let in_table = SheetScore::of(&photo, &sheet).right();
        let digits = digits(&sheet);
        let ours = Answer { seconds, digits };
        let peers = answers.values().map(|files| files.get(&truth.file));
        let peers = peers.collect::<Option<Vec<_>>>();
        let peers = peers.with_context(|| format!("words.json lacks {}", truth.file))?;
        table.add(&photo, in_table, &[&[&ours], &peers[..]].concat());
    }
    table.print(&answers.keys().map(String::as_str).collect::<Vec<_>>());
    Ok(())
}

fn parsed<T: for<'text> Deserialize<'text>>(path: &Path) -> Result<T> {
    let text = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))
}

impl Truth {
    /// With its picture, which lies in `folder`.
    fn photo(&self, folder: &Path) -> Result<SheetPhoto> {
        let path = folder.join(&self.file);
        let picture = ImageReader::open(&path)?.decode();
        let picture = picture.with_context(|| format!("reading {}", path.display()))?;
        let kind = SheetKind::iter().find(|kind| kind.to_string() == self.kind);
        Ok(SheetPhoto {
            kind: kind.with_context(|| format!("{} is no kind of sheet", self.kind))?,
            picture: picture.to_luma8(),
            tables: self.tables.iter().map(Grid::table).collect(),
        })
    }
}

impl Grid {
    fn table(&self) -> TrueTable {
        let cells = self.cells.iter().map(|cell| TrueCell {
            text: cell.text.clone(),
            corners: cell.corners,
        });
        TrueTable {
            rows: self.rows,
            columns: self.columns,
            cells: cells.collect(),
        }
    }
}

/// What was read in all cells, one character after the other.
fn digits(sheet: &Sheet) -> Vec<(f32, f32, String)> {
    let cells = sheet.tables.iter().flat_map(|table| &table.cells);
    let symbols = cells.flat_map(|cell| &cell.symbols);
    let placed = symbols.map(|symbol| {
        let [left, top, width, height] = symbol.area.map(|at| at as f32);
        let middle = [left + width / 2.0, top + height / 2.0];
        (middle[0], middle[1], symbol.character().to_string())
    });
    placed.collect()
}

impl Answer {
    /// How many numbers were read exactly in their true cells.
    fn right(&self, photo: &SheetPhoto) -> usize {
        let cells = photo.tables.iter().flat_map(|table| &table.cells);
        let right = cells.filter(|cell| {
            let inside = self.digits.iter().filter(|(x, y, _)| cell.holds([*x, *y]));
            let mut inside: Vec<_> = inside.collect();
            inside.sort_by(|one, other| one.0.total_cmp(&other.0));
            let text: String = inside.iter().map(|(_, _, text)| text.as_str()).collect();
            cell.number() == Some(&text)
        });
        right.count()
    }
}

/// The row of all kinds, sorted after them.
const ALL: &str = "~";

/// Sums over sheets.
#[derive(Default)]
struct Row {
    sheets: usize,
    numbers: usize,
    in_table: usize,
    /// By reader, mnist-tch first.
    right: Vec<usize>,
}

#[derive(Default)]
struct Table {
    /// By kind of sheet.
    rows: BTreeMap<String, Row>,
    /// By reader, of each sheet.
    seconds: Vec<Vec<f64>>,
}

impl Table {
    fn add(&mut self, photo: &SheetPhoto, in_table: usize, answers: &[&Answer]) {
        let cells = photo.tables.iter().flat_map(|table| &table.cells);
        let numbers = cells.filter(|cell| cell.number().is_some()).count();
        for kind in [&photo.kind.to_string(), ALL] {
            let row = self.rows.entry(kind.to_owned()).or_default();
            row.sheets += 1;
            row.numbers += numbers;
            row.in_table += in_table;
            row.right.resize(answers.len(), 0);
            for (sum, answer) in row.right.iter_mut().zip(answers) {
                *sum += answer.right(photo);
            }
        }
        self.seconds.resize(answers.len(), vec![]);
        for (all, answer) in self.seconds.iter_mut().zip(answers) {
            all.push(answer.seconds);
        }
    }

    #[allow(clippy::print_stdout)]
    fn print(mut self, peers: &[&str]) {
        let cells = peers.iter().map(|peer| format!(" {peer} |"));
        println!(
            "| kind | sheets | numbers | mnist-tch, in its table | mnist-tch |{}",
            cells.collect::<String>()
        );
        println!("|---|{}", "---:|".repeat(4 + peers.len()));
        for (kind, row) in &self.rows {
            let kind = if kind == ALL { "all" } else { kind };
            print!("| {kind} | {} | {} |", row.sheets, row.numbers);
            for right in [&row.in_table].into_iter().chain(&row.right) {
                print!(
                    " {:.1} % |",
                    100.0 * *right as f64 / row.numbers.max(1) as f64
                );
            }
            println!();
        }
        print!("| seconds for a sheet, median | | | |");
        for seconds in &mut self.seconds {
            seconds.sort_by(f64::total_cmp);
            print!(" {:.2} |", seconds.get(seconds.len() / 2).unwrap_or(&0.0));
        }
        println!("\n\nmnist-tch {VERSION}. Seconds of processor time, each program on one thread.");
    }
}

/// Processor time of this process so far.
fn processor_seconds() -> f64 {
    let mut used = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: it writes to `used` alone.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut used) };
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
}
