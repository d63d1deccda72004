//! Pens' ways that people drew: digits, letters, signs of many scripts, small drawings.
//!
//! A line of a file is a sample: source, writer, label and strokes, parted by tabs. Strokes are parted
//! by `;`, their points by a space; a point is `x,y` in whole numbers, `y` down.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;

use super::super::Point;
use super::super::glyph::{Glyph, Style, extent, shaken, smooth};
use super::legible::is_legible;
use super::part::Halves;
use super::skeleton;
use crate::chance::Chance;

/// One thing as it was written.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<Vec<[i16; 2]>>);

/// One person, or one drawn script.
#[derive(Debug, Default)]
pub struct Writer {
    /// How the person wrote each digit; none is empty.
    pub digits: [Vec<Sample>; 10],
    /// Letters and signs.
    pub letters: Vec<(char, Sample)>,
}

impl Sample {
    /// The ways 1 high, with `[0, 0]` in the middle of their box.
    pub fn ways(&self) -> Vec<Vec<Point>> {
        let to_point = |&[x, y]: &[i16; 2]| [f32::from(x), f32::from(y)];
        let ways = self.0.iter().map(|way| way.iter().map(to_point).collect());
        centred(ways.collect())
    }

    /// It written once, by a hand of its own.
    pub fn glyph(&self, chance: &mut Chance) -> Glyph {
        let style = Style::new(0.5, chance);
        Glyph::of_strokes(written(self.ways(), &style, chance))
    }

    /// It without the ways that are hardly more than a dot: no digit has one.
    fn without_dots(mut self) -> Self {
        let size = |way: &[[i16; 2]]| {
            let span = |axis: usize| {
                let along = way.iter().map(|point| i32::from(point[axis]));
                along.clone().max().unwrap_or(0) - along.min().unwrap_or(0)
            };
            span(0).max(span(1))
        };
        let largest = self.0.iter().map(|way| size(way)).max().unwrap_or(0);
        self.0.retain(|way| size(way) * 12 >= largest);
        self
    }

    fn parse(strokes: &str) -> Option<Self> {
        let point = |text: &str| {
            let (x, y) = text.split_once(',')?;
            Some([x.parse().ok()?, y.parse().ok()?])
        };
        let way = |text: &str| text.split(' ').map(point).collect::<Option<Vec<_>>>();
        strokes.split(';').map(way).collect::<Option<_>>().map(Self)
    }
}

/// Lines 1 high (flat ones: as high as they are wide, at most), with `[0, 0]` in their box's middle.
pub fn centred(mut ways: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    if let Some([low, high]) = extent(&ways) {
        let height = (high[1] - low[1]).max((high[0] - low[0]) * 0.2).max(1e-3);
        for point in ways.iter_mut().flatten() {
            for axis in [0, 1] {
                point[axis] = (point[axis] - (low[axis] + high[axis]) / 2.0) / height;
            }
        }
    }
    ways
}

/// Ways as a person of this style writes them.
pub fn written(mut ways: Vec<Vec<Point>>, style: &Style, chance: &mut Chance) -> Vec<Vec<Point>> {
    for way in &mut ways {
        for point in way.iter_mut() {
            *point = style.bend(*point);
        }
        *way = smooth(way, 0.025);
        if style.tremor > 0.001 {
            shaken(way, style.tremor, chance);
        }
    }
    ways
}

/// All people of such files; those who wrote all ten digits.
pub fn writers(files: &[PathBuf]) -> Result<Halves<Writer>> {
    let mut people: BTreeMap<String, Writer> = BTreeMap::new();
    for file in files {
        for (source, writer, label, sample) in read(file)? {
            let person = people.entry(format!("{source} {writer}")).or_default();
            let mut letters = label.chars();
            let (Some(letter), None) = (letters.next(), letters.next()) else {
                continue;
            };
            match letter.to_digit(10) {
                Some(digit) if is_legible(digit as u8, &sample.ways()) => {
                    person.digits[digit as usize].push(sample.without_dots());
                }
                Some(_) => {}
                None => person.letters.push((letter, sample)),
            }
        }
    }
    let mut writers = Halves::default();
    for (name, person) in people {
        if person.digits.iter().all(|digit| !digit.is_empty()) {
            writers.add(&name, person);
        }
    }
    Ok(writers)
}

/// Signs of many scripts but those listed in `digit_like`, parted by who drew them.
pub fn symbols(file: &Path, digit_like: &Path) -> Result<Halves<Sample>> {
    let listed = fs::read_to_string(digit_like)
        .with_context(|| format!("cannot read {}", digit_like.display()))?;
    let left_out: HashSet<&str> = listed.lines().map(str::trim).collect();
    let mut symbols = Halves::default();
    for (source, writer, label, sample) in read(file)? {
        // Many katakana are two strokes like those of a 2 or a 7, and all are in another source.
        let is_plain =
            |letter: char| letter.is_numeric() || ('\u{30a0}'..'\u{3100}').contains(&letter);
        if label.chars().all(is_plain) || left_out.contains(label.as_str()) {
            continue;
        }
        // The one hand of a source would else be in one part: its signs are parted instead.
        let name = match source.as_str() {
            "tomoe" => label,
            _ => format!("{source} {writer}"),
        };
        symbols.add(&name, sample);
    }
    Ok(symbols)
}

/// Small drawings: files of images of 28x28 bytes, of which the middle of each line is kept.
pub fn drawings(folder: &Path) -> Result<Halves<Sample>> {
    const SIDE: usize = 28;
    let mut drawings = Halves::default();
    for file in files(folder, "bin")? {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let traced: Vec<Option<Sample>> = bytes
            .par_chunks_exact(SIDE * SIDE)
            .map(|image| {
                let ink: Vec<bool> = image.iter().map(|&byte| byte > 100).collect();
                let ways = skeleton::trace(&ink, SIDE, SIDE);
                let coordinate = |value: f32| (value * 100.0) as i16;
                let whole =
                    |way: Vec<Point>| way.iter().map(|point| point.map(coordinate)).collect();
                (!ways.is_empty()).then(|| Sample(ways.into_iter().map(whole).collect()))
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
        "{} has lines that are no strokes",
        file.display()
    );
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_file_becomes_ways_and_a_broken_one_none() {
        let sample = Sample::parse("10,20 10,60;30,40").unwrap();
        let ways = sample.ways();
        assert_eq!(ways, [vec![[-0.25, -0.5], [-0.25, 0.5]], vec![[0.25, 0.0]]]);
        assert_eq!(sample.without_dots().0.len(), 1);
        assert!(Sample::parse("10,20 10;3,4").is_none());
    }
}
