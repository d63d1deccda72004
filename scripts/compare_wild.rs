//! Reads single digits in labelled pictures in three ways and prints the accuracies as a table:
//! `scripts/compare-wild` runs it.
//!
//! - mnist-tch: this program with its built-in model, as `infer --single`; a refusal counts as a mistake.
//! - tutorial recipe: the same network on the picture as most tutorials prepare it: grey, scaled to
//!   28×28, inverted where the border is light.
//! - Tesseract: `tesseract --psm 10`, digits only.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use image::{GrayImage, imageops};
use mnist_tch::evaluation::labels::{Label, labels};
use mnist_tch::recognizer::{Recognizer, decode, load};
use rayon::prelude::*;

/// How often each of the three was right, of how many.
#[derive(Default)]
struct Row {
    right: [usize; 3],
    count: usize,
}

fn main() -> Result<()> {
    let folders: Vec<String> = env::args().skip(1).collect();
    ensure!(!folders.is_empty(), "name folders with a labels.tsv");
    let recognizer = Recognizer::builtin(tch::Device::Cpu)?;
    for folder in &folders {
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        let pictures = labels(Path::new(folder))?;
        let single = pictures.iter().filter_map(|picture| match picture.label {
            Label::Digit(digit) => Some((picture, digit)),
            _ => None,
        });
        let single: Vec<_> = single.collect();
        let others: Vec<_> = single
            .par_iter()
            .map(|(picture, _)| tesseract(&picture.path))
            .collect::<Result<_>>()?;
        for ((picture, digit), theirs) in single.into_iter().zip(others) {
            let bytes = load(&picture.path)?;
            let answers = [
                ours(&recognizer, &bytes)?,
                tutorial(&recognizer, &bytes)?,
                theirs,
            ];
            for kind in [picture.kind.as_str(), "all"] {
                let row = rows.entry(kind.to_owned()).or_default();
                row.count += 1;
                for (right, answer) in row.right.iter_mut().zip(answers) {
                    *right += usize::from(answer == Some(digit));
                }
            }
        }
        print(folder, &rows);
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
fn print(folder: &str, rows: &BTreeMap<String, Row>) {
    println!("{folder}\n");
    println!("| kind | images | mnist-tch | tutorial recipe | Tesseract 5 |");
    println!("|---|---|---|---|---|");
    for (kind, row) in rows {
        let share = |right: usize| format!("{:.1} %", 100.0 * right as f64 / row.count as f64);
        let [ours, tutorial, tesseract] = row.right.map(share);
        println!(
            "| {kind} | {} | {ours} | {tutorial} | {tesseract} |",
            row.count
        );
    }
    println!();
}

fn ours(recognizer: &Recognizer, bytes: &[u8]) -> Result<Option<u8>> {
    // All three are asked for one digit.
    let (single, _) = recognizer.read(bytes)?.single();
    Ok(single.digit())
}

fn tutorial(recognizer: &Recognizer, bytes: &[u8]) -> Result<Option<u8>> {
    let grey = imageops::grayscale(&decode::decode(bytes)?.colour);
    let mut small = imageops::resize(&grey, 28, 28, imageops::FilterType::Triangle);
    if border(&small) > 127 {
        imageops::invert(&mut small);
    }
    let predictions = recognizer.classify([&small])?;
    let best = predictions.first().context("no prediction")?.ranking()[0];
    Ok(Some(best.0 as u8))
}

/// Mean tone of the outermost pixels.
fn border(picture: &GrayImage) -> u32 {
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    let rim: Vec<u32> = picture
        .enumerate_pixels()
        .filter(|(x, y, _)| *x == 0 || *y == 0 || *x == right || *y == bottom)
        .map(|(_, _, tone)| u32::from(tone[0]))
        .collect();
    rim.iter().sum::<u32>() / rim.len() as u32
}

fn tesseract(path: &Path) -> Result<Option<u8>> {
    let output = Command::new("tesseract")
        .arg(path)
        .args([
            "stdout",
            "--psm",
            "10",
            "-c",
            "tessedit_char_whitelist=0123456789",
        ])
        .env("OMP_THREAD_LIMIT", "1")
        .output()
        .context("running tesseract; install the package tesseract-ocr")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(match text.trim().as_bytes() {
        [digit @ b'0'..=b'9'] => Some(digit - b'0'),
        _ => None,
    })
}
