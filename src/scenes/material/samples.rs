//! Recorded pen strokes of people: digits, letters, signs of many scripts, small drawings.
//!
//! A line of a file is a sample: source, writer, label and strokes, separated by tabs. Strokes are
//! separated by `;`, their points by a space; a point is `x,y` in whole numbers, `y` down.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;

use super::super::Point;
use super::super::glyph::{Glyph, Style, add_tremor, extent, smooth};
use super::legible::is_legible;
use super::skeleton;
use super::split::BySplit;
use crate::random::SeededRng;

/// One written thing.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<Vec<[i16; 2]>>);

/// One person, or one drawn script.
#[derive(Debug, Default)]
pub struct Writer {
    /// The person's samples of each digit; none is empty.
    pub digits: [Vec<Sample>; 10],
    /// Letters and signs.
    pub letters: Vec<(char, Sample)>,
}

impl Sample {
    /// The strokes, 1 high, with `[0, 0]` at the centre of their box.
    pub fn strokes(&self) -> Vec<Vec<Point>> {
        let to_point = |&[x, y]: &[i16; 2]| [f32::from(x), f32::from(y)];
        let strokes = self
            .0
            .iter()
            .map(|stroke| stroke.iter().map(to_point).collect());
        centred(strokes.collect())
    }

    /// A glyph of it, in a random style.
    pub fn glyph(&self, rng: &mut SeededRng) -> Glyph {
        let style = Style::new(0.5, rng);
        Glyph::of_strokes(written(self.strokes(), &style, rng))
    }

    /// The sample without strokes that are hardly more than a dot: no digit has one.
    fn without_dots(mut self) -> Self {
        let size = |stroke: &[[i16; 2]]| {
            let span = |axis: usize| {
                let along = stroke.iter().map(|point| i32::from(point[axis]));
                along.clone().max().unwrap_or(0) - along.min().unwrap_or(0)
            };
            span(0).max(span(1))
        };
        let largest = self.0.iter().map(|stroke| size(stroke)).max().unwrap_or(0);
        self.0.retain(|stroke| size(stroke) * 12 >= largest);
        self
    }

    fn parse(strokes: &str) -> Option<Self> {
        let point = |text: &str| {
            let (x, y) = text.split_once(',')?;
            Some([x.parse().ok()?, y.parse().ok()?])
        };
        let stroke = |text: &str| text.split(' ').map(point).collect::<Option<Vec<_>>>();
        strokes
            .split(';')
            .map(stroke)
            .collect::<Option<_>>()
            .map(Self)
    }
}

/// Lines scaled to a height of 1 (flat ones less, since the height counts as at least a fifth of
/// the width), with `[0, 0]` at the centre of their box.
pub fn centred(mut strokes: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    if let Some([low, high]) = extent(&strokes) {
        let height = (high[1] - low[1]).max((high[0] - low[0]) * 0.2).max(1e-3);
        for point in strokes.iter_mut().flatten() {
            for axis in [0, 1] {
                point[axis] = (point[axis] - (low[axis] + high[axis]) / 2.0) / height;
            }
        }
    }
    strokes
}

/// The strokes as a person with this style writes them.
pub fn written(
    mut strokes: Vec<Vec<Point>>,
    style: &Style,
    rng: &mut SeededRng,
) -> Vec<Vec<Point>> {
    for stroke in &mut strokes {
        for point in stroke.iter_mut() {
            *point = style.bend(*point);
        }
        *stroke = smooth(stroke, 0.025);
        if style.tremor > 0.001 {
            add_tremor(stroke, style.tremor, rng);
        }
    }
    strokes
}

/// All people in these files who wrote all ten digits.
pub fn writers(files: &[PathBuf]) -> Result<BySplit<Writer>> {
    let mut people: BTreeMap<String, Writer> = BTreeMap::new();
    for file in files {
        for (source, writer, label, sample) in read(file)? {
            let person = people.entry(format!("{source} {writer}")).or_default();
            let mut letters = label.chars();
            let (Some(letter), None) = (letters.next(), letters.next()) else {
                continue;
            };
            match letter.to_digit(10) {
                Some(digit) if is_legible(digit as u8, &sample.strokes()) => {
                    person.digits[digit as usize].push(sample.without_dots());
                }
                Some(_) => {}
                None => person.letters.push((letter, sample)),
            }
        }
    }
    let mut writers = BySplit::default();
    for (name, person) in people {
        if person.digits.iter().all(|digit| !digit.is_empty()) {
            writers.add(&name, person);
        }
    }
    Ok(writers)
}

/// Signs of many scripts except those listed in `digit_like`, split by who drew them.
pub fn symbols(file: &Path, digit_like: &Path) -> Result<BySplit<Sample>> {
    let listed = fs::read_to_string(digit_like)
        .with_context(|| format!("cannot read {}", digit_like.display()))?;
    let left_out: HashSet<&str> = listed.lines().map(str::trim).collect();
    let mut symbols = BySplit::default();
    for (source, writer, label, sample) in read(file)? {
        // Many katakana have two strokes like those of a 2 or a 7, and all are in another source.
        let is_plain =
            |letter: char| letter.is_numeric() || ('\u{30a0}'..'\u{3100}').contains(&letter);
        if label.chars().all(is_plain) || left_out.contains(label.as_str()) {
            continue;
        }
        // A source with a single writer would otherwise be in one split: it is split by sign
        // instead.
        let name = match source.as_str() {
            "tomoe" => label,
            _ => format!("{source} {writer}"),
        };
        symbols.add(&name, sample);
    }
    Ok(symbols)
}

/// Small drawings: files of images of 28×28 bytes, traced along the centre of each line.
pub fn drawings(folder: &Path) -> Result<BySplit<Sample>> {
    const SIDE: usize = 28;
    let mut drawings = BySplit::default();
    for file in files(folder, "bin")? {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let traced: Vec<Option<Sample>> = bytes
            .par_chunks_exact(SIDE * SIDE)
            .map(|image| {
                let ink: Vec<bool> = image.iter().map(|&byte| byte > 100).collect();
                let strokes = skeleton::trace(&ink, SIDE, SIDE);
                let coordinate = |value: f32| (value * 100.0) as i16;
                let whole =
                    |stroke: Vec<Point>| stroke.iter().map(|point| point.map(coordinate)).collect();
                (!strokes.is_empty()).then(|| Sample(strokes.into_iter().map(whole).collect()))
            })
            .collect();
        for (index, sample) in traced.into_iter().enumerate() {
            if let Some(sample) = sample {
                let name = format!("{} {index}", file.file_name().unwrap_or_default().display());
                drawings.add(&name, sample);
            }
        }
    }
    Ok(drawings)
}

/// The files of a folder whose names end in `.extension`, in order.
pub fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot read {}", folder.display()))?
            .path();
        if path.extension().is_some_and(|end| end == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Source, writer, label and strokes of every line.
fn read(file: &Path) -> Result<Vec<(String, String, String, Sample)>> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines: Vec<&str> = text.lines().collect();
    let samples: Vec<_> = lines
        .par_iter()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let [source, writer, label] = [(); 3].map(|()| fields.next().map(str::to_owned));
            Some((source?, writer?, label?, Sample::parse(fields.next()?)?))
        })
        .collect();
    ensure!(
        samples.len() == lines.len(),
        "{} has lines without valid strokes",
        file.display()
    );
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_file_becomes_strokes_and_an_invalid_one_none() {
        let sample = Sample::parse("10,20 10,60;30,40").unwrap();
        let strokes = sample.strokes();
        assert_eq!(
            strokes,
            [vec![[-0.25, -0.5], [-0.25, 0.5]], vec![[0.25, 0.0]]]
        );
        assert_eq!(sample.without_dots().0.len(), 1);
        assert!(Sample::parse("10,20 10;3,4").is_none());
    }
}
