//! Reads labelled pictures with several readers and prints how often each was right as a table:
//! `scripts/compare-wild` runs it.
//!
//! A single digit has to be read as that digit, rows as all of their text, and a picture without a
//! digit as nothing.
//!
//! - mnist-tch: this program with its built-in model; a refusal counts as nothing read.
//! - tutorial recipe: the same network on the picture as most tutorials prepare it: grey, scaled to
//!   28×28, inverted if the border is light. It always answers with one digit.
//! - Tesseract: digits only, as one character, or in the layouts of [`LAYOUTS`].
//! - RapidOCR: `scripts/peers/rapid.py`.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, imageops};
use mnist_tch::evaluation::labels::{Label, LabelledPicture, labels};
use mnist_tch::evaluation::score::Outcome;
use mnist_tch::picture::{decode, load};
use mnist_tch::recognizer::Recognizer;
use rayon::prelude::*;

/// Tesseract's page segmentation for one digit: a single character.
const CHARACTER: &str = "10";
/// Those for all other pictures, each a column of its own.
const LAYOUTS: [(&str, &str); 2] = [("block", "6"), ("sparse text", "11")];

/// What a reader reads, rows separated by a space; `None` for nothing.
type Text = Option<String>;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let python = arguments.next().context("name a Python with RapidOCR")?;
    let folders: Vec<String> = arguments.collect();
    ensure!(!folders.is_empty(), "name folders with a labels.tsv");
    let recognizer = Recognizer::builtin(tch::Device::Cpu)?;
    let mut rapid = Rapid::start(&python)?;
    for folder in &folders {
        let pictures = labels(Path::new(folder))?;
        let tesseract: Vec<[Text; LAYOUTS.len()]> =
            pictures.par_iter().map(tesseract).collect::<Result<_>>()?;
        let mut table = Table::default();
        for (picture, [block, sparse]) in pictures.iter().zip(tesseract) {
            let bytes = load(&picture.path)?;
            let answers = [
                ours(&recognizer, picture, &bytes)?,
                tutorial(&recognizer, &bytes)?,
                block,
                sparse,
                rapid.read(&picture.path)?,
            ];
            table.add(picture, &answers);
        }
        table.print(folder);
    }
    rapid.end()
}

const READERS: usize = 3 + LAYOUTS.len();

/// How often each reader was right, and the number of pictures, by kind.
#[derive(Default)]
struct Table(BTreeMap<String, ([usize; READERS], usize)>);

impl Table {
    fn add(&mut self, picture: &LabelledPicture, answers: &[Text; READERS]) {
        for kind in [picture.kind.as_str(), "all"] {
            let (right, count) = self.0.entry(kind.to_owned()).or_default();
            *count += 1;
            for (right, answer) in right.iter_mut().zip(answers) {
                let outcome = Outcome::of(&picture.label, answer.as_deref());
                *right += usize::from(outcome == Outcome::Right);
            }
        }
    }

    #[allow(clippy::print_stdout)]
    fn print(&self, folder: &str) {
        let [block, sparse] = LAYOUTS.map(|(name, _)| name);
        println!("{folder}\n");
        println!(
            "| kind | images | mnist-tch | tutorial recipe | Tesseract, {block} | Tesseract, {sparse} | RapidOCR |"
        );
        println!("|---|{}", "---|".repeat(READERS + 1));
        for (kind, (right, count)) in &self.0 {
            let share = |right: usize| format!("{:.1} %", 100.0 * right as f64 / *count as f64);
            println!("| {kind} | {count} | {} |", right.map(share).join(" | "));
        }
        println!();
    }
}

/// `None` if a text is empty.
fn text(text: &str) -> Text {
    (!text.is_empty()).then(|| text.to_owned())
}

fn ours(recognizer: &Recognizer, picture: &LabelledPicture, bytes: &[u8]) -> Result<Text> {
    let reading = recognizer.read(bytes)?;
    // If there is exactly one digit, only one is asked for.
    let reading = match picture.label {
        Label::Digit(_) => reading.single().0,
        _ => reading,
    };
    let read = reading.reason.is_none();
    Ok(read.then(|| reading.text().replace('\n', " ")))
}

fn tutorial(recognizer: &Recognizer, bytes: &[u8]) -> Result<Text> {
    let grey = imageops::grayscale(&decode(bytes)?.colour);
    let mut small = imageops::resize(&grey, 28, 28, imageops::FilterType::Triangle);
    if border(&small) > 127 {
        imageops::invert(&mut small);
    }
    let predictions = recognizer.classify([&small])?;
    let best = predictions.first().context("no prediction")?.ranking()[0];
    Ok(Some(best.0.to_string()))
}

/// Mean value of the outermost pixels.
fn border(picture: &GrayImage) -> u32 {
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    let rim: Vec<u32> = picture
        .enumerate_pixels()
        .filter(|(x, y, _)| *x == 0 || *y == 0 || *x == right || *y == bottom)
        .map(|(_, _, tone)| u32::from(tone[0]))
        .collect();
    rim.iter().sum::<u32>() / rim.len() as u32
}

/// What Tesseract reads in each layout; the same in all for one digit.
fn tesseract(picture: &LabelledPicture) -> Result<[Text; LAYOUTS.len()]> {
    let upright = upright(&picture.path)?;
    if matches!(picture.label, Label::Digit(_)) {
        let read = tesseract_in(CHARACTER, &upright)?;
        return Ok(LAYOUTS.map(|_| read.clone()));
    }
    let [block, sparse] = LAYOUTS.map(|(_, mode)| tesseract_in(mode, &upright));
    Ok([block?, sparse?])
}

/// The picture as PNG, rotated as its EXIF tag says, which Tesseract ignores.
fn upright(path: &Path) -> Result<Vec<u8>> {
    let bytes = load(path)?;
    let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format()?;
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

fn tesseract_in(mode: &str, picture: &[u8]) -> Result<Text> {
    let mut tesseract = Command::new("tesseract")
        .args(["stdin", "stdout", "--psm", mode])
        .args(["-c", "tessedit_char_whitelist=0123456789"])
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("running tesseract; install the package tesseract-ocr")?;
    let mut input = tesseract.stdin.take().context("tesseract has no stdin")?;
    input.write_all(picture)?;
    drop(input);
    let output = tesseract.wait_with_output()?;
    let rows = String::from_utf8_lossy(&output.stdout);
    let rows = rows.lines().map(|row| row.replace(' ', ""));
    let rows: Vec<String> = rows.filter(|row| !row.trim().is_empty()).collect();
    Ok(text(&rows.join(" ")))
}

/// A process that reads one picture after another with RapidOCR.
struct Rapid {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Rapid {
    fn start(python: &str) -> Result<Self> {
        let mut process = Command::new(python)
            .arg("scripts/peers/rapid.py")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("running {python}"))?;
        let requests = process.stdin.take().context("rapid.py has no stdin")?;
        let answers = process.stdout.take().context("rapid.py has no stdout")?;
        Ok(Self {
            process,
            requests,
            answers: BufReader::new(answers),
        })
    }

    fn read(&mut self, path: &Path) -> Result<Text> {
        writeln!(self.requests, "{}", path.display()).context("rapid.py ended early")?;
        let mut line = String::new();
        let length = self.answers.read_line(&mut line)?;
        ensure!(length > 0, "rapid.py ended early");
        Ok(text(line.trim_end()))
    }

    fn end(self) -> Result<()> {
        let Self {
            mut process,
            requests,
            ..
        } = self;
        drop(requests);
        ensure!(process.wait()?.success(), "rapid.py failed");
        Ok(())
    }
}
