//! Labelled pictures: a folder with a `labels.tsv`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::characters::class_of;
use crate::storage::read_bounded;

/// The file with the labels of the pictures beside it.
pub const LABELS: &str = "labels.tsv";

/// A million pictures take less.
const MAX_BYTES: u64 = 64 << 20;

/// The label of a picture without any digit.
const NONE: &str = "none";
/// The kind of pictures that show a row of digits, even if only one.
const MULTI: &str = "multi";

/// What a picture shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// One digit.
    Digit(u8),
    /// Rows of digits and signs of numbers, a space between two rows.
    Number(String),
    /// No digit.
    None,
}

impl Label {
    /// From its text in `labels.tsv`; of the kind `multi`, a digit alone is a row.
    ///
    /// # Errors
    /// When it has neither digits nor is `none`.
    pub fn new(label: &str, kind: &str) -> Result<Self> {
        if label == NONE {
            return Ok(Self::None);
        }
        let rows = label.split(' ');
        let number = |row: &str| {
            let known = |character: char| class_of(character).is_some();
            row.chars().all(known) && row.contains(|character: char| character.is_ascii_digit())
        };
        ensure!(
            rows.clone().all(number),
            "the label {label:?} is neither digits (with or without . , - / :) nor {NONE}"
        );
        match label.as_bytes() {
            [digit] if kind != MULTI => Ok(Self::Digit(digit - b'0')),
            _ => Ok(Self::Number(label.to_owned())),
        }
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Digit(digit) => digit.fmt(f),
            Self::Number(text) => text.fmt(f),
            Self::None => NONE.fmt(f),
        }
    }
}

/// A picture with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledPicture {
    /// Its name in `labels.tsv`.
    pub name: String,
    /// Its path.
    pub path: PathBuf,
    /// What it shows.
    pub label: Label,
    /// Its kind, an arbitrary word such as `drawing` or `photo`.
    pub kind: String,
    /// The person or data set that it comes from.
    pub source: String,
}

/// The columns that are used; others are ignored.
pub const COLUMNS: [&str; 4] = ["file", "label", "kind", "source"];

/// Reads `folder/labels.tsv`: a header and tab-separated columns `file`, `label`, `kind` and
/// `source`.
///
/// A label is a digit, several (rows separated by a space), or `none`. A source may be followed by
/// a colon and the name of the picture there. The pictures are in `folder/images` or in `folder`
/// itself; whether they exist is not checked.
///
/// # Errors
/// When the file cannot be read, has more than 64 MiB, lists no picture, or has an invalid line;
/// the error names the line.
pub fn labels(folder: &Path) -> Result<Vec<LabelledPicture>> {
    let path = folder.join(LABELS);
    let read = || {
        ensure!(
            path.exists(),
            "there is no such file; its columns are {}, separated by tabs",
            COLUMNS.join(", ")
        );
        let text = String::from_utf8(read_bounded(&path, MAX_BYTES)?)?;
        // Spreadsheets write a byte-order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut lines = text.lines().zip(1..);
        let header = lines.next().map_or("", |(line, _)| line);
        let places = places(header).context("line 1")?;
        let rows = lines.filter(|(line, _)| !line.trim().is_empty());
        let found = rows
            .map(|(line, number)| {
                labelled(line, places, folder).with_context(|| format!("line {number}"))
            })
            .collect::<Result<Vec<_>>>()?;
        ensure!(!found.is_empty(), "it names no picture");
        Ok(found)
    };
    read().with_context(|| format!("reading {}", path.display()))
}

/// The index of each of [`COLUMNS`].
fn places(header: &str) -> Result<[usize; 4]> {
    let mut places = [0; 4];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.split('\t').position(|name| name == column);
        *place = found.with_context(|| {
            format!(
                "it names no column {column}; it takes {}, separated by tabs",
                COLUMNS.join(", ")
            )
        })?;
    }
    Ok(places)
}

fn labelled(line: &str, places: [usize; 4], folder: &Path) -> Result<LabelledPicture> {
    let fields: Vec<&str> = line.split('\t').collect();
    let row = places.map(|place| fields.get(place).copied().unwrap_or(""));
    for (column, field) in COLUMNS.iter().zip(row) {
        ensure!(!field.is_empty(), "it names no {column}");
    }
    let [name, label, kind, source] = row;
    let within = folder.join("images").join(name);
    Ok(LabelledPicture {
        name: name.to_owned(),
        path: match within.exists() {
            true => within,
            false => folder.join(name),
        },
        label: Label::new(label, kind)?,
        kind: kind.to_owned(),
        source: source.split(':').next().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<Vec<LabelledPicture>> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LABELS), text).unwrap();
        labels(folder.path())
    }

    #[track_caller]
    fn assert_refused(text: &str, reason: &str) {
        let error = format!("{:#}", read(text).unwrap_err());
        assert!(error.contains(LABELS) && error.contains(reason), "{error}");
    }

    #[test]
    fn columns_are_found_by_name_and_labels_distinguished() {
        let text = "\u{feff}kind\tfile\tyear\tlabel\tsource\r\n\
                    photo\ta.png\t2020\t7\tann/digits:a/7.png\r\n\
                    multi\tb \"b\".png\t\t7\tben\r\n\
                    photo\tc.png\t\t12 034\tben\r\n\
                    none\td.png\t\tnone\tben\r\n";
        let found = read(text).unwrap();
        let labels: Vec<_> = found.iter().map(|picture| &picture.label).collect();
        let number = |text: &str| Label::Number(text.to_owned());
        assert_eq!(
            labels,
            [
                &Label::Digit(7),
                &number("7"),
                &number("12 034"),
                &Label::None
            ]
        );
        assert_eq!(
            (&*found[0].kind, &*found[0].source),
            ("photo", "ann/digits")
        );
        assert_eq!(found[1].name, "b \"b\".png");
    }

    #[test]
    fn an_invalid_line_is_named() {
        let header = "file\tlabel\tkind\tsource\n";
        assert_refused("", "line 1: it names no column file");
        assert_refused("file\tlabel\tkind\n", "line 1: it names no column source");
        assert_refused(header, "names no picture");
        let good = format!("{header}a.png\t7\tphoto\tann\n");
        assert_refused(
            &format!("{good}\nb.png\tseven\tphoto\tann\n"),
            "line 4: the label \"seven\"",
        );
        assert_refused(
            &format!("{good}b.png\t\tphoto\tann\n"),
            "line 3: it names no label",
        );
        assert_refused(&format!("{good}b.png\t1  2\tphoto\tann\n"), "line 3");
        assert_refused(
            &format!("{good}\t7\tphoto\tann\n"),
            "line 3: it names no file",
        );
        assert_refused(
            &format!("{good}b.png\t7\tphoto\n"),
            "line 3: it names no source",
        );
    }

    #[test]
    fn pictures_are_in_images_or_beside_the_labels() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("images")).unwrap();
        fs::write(folder.path().join("images/a.png"), b"").unwrap();
        let text = "file\tlabel\tkind\tsource\na.png\t1\tk\ts\nb.png\t2\tk\ts\n";
        fs::write(folder.path().join(LABELS), text).unwrap();
        let found = labels(folder.path()).unwrap();
        assert_eq!(found[0].path, folder.path().join("images/a.png"));
        assert_eq!(found[1].path, folder.path().join("b.png"));
    }
}
