//! Rendered photos of sheets of numbers: to look at, and to evaluate on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::super::arguments::make_folder;
use super::super::material;
use super::super::report::{self, PictureReporter};
use super::ScenesArgs;
use crate::evaluation::SheetScore;
use crate::plots;
use crate::recognizer::Recognizer;
use crate::scenes::material::Material;
use crate::scenes::{SheetPhoto, Sheets, Split, overview};
use crate::storage::write_atomic;
use crate::table::{self, FEATURES};

/// Usual longest side of a picture: of a photo of a sheet, reduced to about three megapixels.
const SIDE: u32 = 1536;
/// Sheets in the overview, and in each of its rows.
const SHOWN: usize = 35;
const COLUMNS: usize = 7;

/// The seed of the sheets that `eval --sheets` reads.
const EVALUATION_SEED: u64 = 0x5e7a;
/// The seed of those whose layouts are written.
const LAYOUTS_SEED: u64 = 0x1a70;

/// Writes sheets, what is written on them, and an overview.
pub(super) fn write(args: &ScenesArgs) -> Result<()> {
    let side = args.side.unwrap_or(SIDE);
    ensure!(
        side >= 512,
        "--side is at least 512 for sheets: digits would be too small to read"
    );
    let material = material::for_rendering(args.material.folder().as_ref(), || args.data.load())?;
    let mut sheets = Sheets::new(material, args.split(), side as usize);
    (sheets.has_signs, sheets.has_turns) = (args.signs, args.turns);
    make_folder(&args.out)?;
    let reporter = PictureReporter::new(Some(args.count as usize));
    let step = reporter.step();
    let (mut shown, mut truths) = (vec![], vec![]);
    for index in 0..u64::from(args.count) {
        let photo = sheets.render(args.seed, index);
        let name = format!("sheet-{index:05}.png");
        plots::save(&photo.picture, &args.out.join(&name))?;
        truths.push(truth(&name, &photo));
        if shown.len() < SHOWN {
            shown.push(photo);
        }
        step();
    }
    let truths = serde_json::to_string(&truths).context("writing the truth as JSON")?;
    write_atomic(&args.out.join("sheets.json"), truths.as_bytes())?;
    plots::save(&overview(&shown, COLUMNS), &args.out.join("overview.png"))?;
    report::note(&format!("{}: {} sheets", args.out.display(), args.count));
    Ok(())
}

/// `{"file", "kind", "tables": [{"rows", "columns", "cells": [{"text", "corners"}]}]}`; the text is
/// null where a cell holds words.
fn truth(name: &str, photo: &SheetPhoto) -> Value {
    let tables = photo.tables.iter().map(|table| {
        let cells = table.cells.iter();
        let cells = cells.map(|cell| json!({"text": cell.text, "corners": cell.corners}));
        json!({
            "rows": table.rows,
            "columns": table.columns,
            "cells": cells.collect::<Vec<_>>(),
        })
    });
    json!({
        "file": name,
        "kind": photo.kind.to_string(),
        "tables": tables.collect::<Vec<_>>(),
    })
}

/// Reads sheets in hands kept for validation, and reports how many cells were right, by kind.
pub(in crate::cli) fn evaluate(
    recognizer: &Recognizer,
    material: Arc<Material>,
    count: u64,
    has_signs: bool,
) -> Result<()> {
    let mut sheets = Sheets::new(material, Split::Validation, SIDE as usize);
    sheets.has_signs = has_signs;
    let reporter = PictureReporter::new(Some(count as usize));
    let step = reporter.step();
    let batch = rayon::current_num_threads().max(1) as u64;
    let mut scores: BTreeMap<String, SheetScore> = BTreeMap::new();
    for first in (0..count).step_by(batch as usize) {
        let photos: Vec<SheetPhoto> = (first..(first + batch).min(count))
            .into_par_iter()
            .map(|index| sheets.render(EVALUATION_SEED, index))
            .collect();
        for photo in photos {
            let read = table::read(recognizer, &photo.picture.clone().into())?;
            let score = scores.entry(photo.kind.to_string()).or_default();
            score.merge(SheetScore::of(&photo, &read));
            step();
        }
    }
    report::sheet_scores(&scores)
}

/// Reads sheets in hands for training, every other one with signs, with each layout that is tried, and
/// writes a CSV: the sheet, its kind, how many numbers it has, how many of them the layout places right,
/// and the layout's features.
pub(in crate::cli) fn write_layouts(
    recognizer: &Recognizer,
    material: Arc<Material>,
    count: u64,
    path: &Path,
) -> Result<()> {
    let mut sheets = Sheets::new(material, Split::Training, SIDE as usize);
    let reporter = PictureReporter::new(Some(count as usize));
    let step = reporter.step();
    let mut csv = format!("sheet,kind,numbers,placed,{}\n", FEATURES.join(","));
    for index in 0..count {
        sheets.has_signs = index % 2 == 1;
        let photo = sheets.render(LAYOUTS_SEED, index);
        for tried in table::layouts(recognizer, &photo.picture.clone().into())? {
            let score = SheetScore::of(&photo, &tried.sheet);
            let features = tried.features.map(|feature| feature.to_string());
            csv += &format!(
                "{index},{},{},{},{}\n",
                photo.kind,
                score.numbers,
                score.placed,
                features.join(",")
            );
        }
        step();
    }
    write_atomic(path, csv.as_bytes())
}
