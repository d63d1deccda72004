//! Pictures whose content is known: a folder with a `labels.tsv`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The file that says what the pictures beside it show.
pub const LABELS: &str = "labels.tsv";

/// The label of a picture without any digit.
const NONE: &str = "none";
/// The kind of pictures that hold a row of digits, even if it is a row of one.
const MULTI: &str = "multi";

/// What a picture shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// One digit.
    Digit(u8),
    /// Rows of digits, a space between two rows.
    Number(String),
    /// No digit.
    None,
}

impl Label {
    fn new(label: &str, kind: &str) -> Result<Self> {
        if label == NONE {
            return Ok(Self::None);
        }
        let rows = label.split(' ');
        let digits = |row: &str| !row.is_empty() && row.bytes().all(|byte| byte.is_ascii_digit());
        ensure!(
            rows.clone().all(digits),
            "the label {label:?} is neither digits nor {NONE}"
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

/// A picture with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// Its name in `labels.tsv`.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What it shows.
    pub label: Label,
    /// Any word, such as `drawing` or `photo`.
    pub kind: String,
    /// Whose it is.
    pub source: String,
}

/// A row of `labels.tsv`; other columns are left alone.
#[derive(Deserialize)]
struct Row {
    file: String,
    label: String,
    kind: String,
    source: String,
}

/// Reads `folder/labels.tsv`: a header and tab-separated columns `file`, `label`, `kind` and
/// `source`.
///
/// A label is a digit, several (rows of them separated by a space), or `none`. A source may go on
/// after a colon with which of its pictures this is. The pictures lie in `folder/images` or in
/// `folder` itself; whether they are there is not looked at.
///
/// # Errors
/// When the file cannot be read, names no picture, or holds a line that cannot be understood; the
/// error names the line.
pub fn labels(folder: &Path) -> Result<Vec<Labelled>> {
    let path = folder.join(LABELS);
    let read = || {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b'\t')
            .quoting(false)
            .from_path(&path)?;
        let header = reader.headers()?.clone();
        for column in ["file", "label", "kind", "source"] {
            ensure!(
                header.iter().any(|name| name == column),
                "line 1 names no column {column}; it takes file, label, kind and source, \
                 separated by tabs"
            );
        }
        let mut found = Vec::new();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let labelled = record.deserialize(Some(&header)).map_err(Into::into);
            let labelled = labelled.and_then(|row| labelled_by(row, folder));
            found.push(labelled.with_context(|| format!("line {line}"))?);
        }
        ensure!(!found.is_empty(), "it names no picture");
        Ok(found)
    };
    read().with_context(|| format!("reading {}", path.display()))
}

fn labelled_by(row: Row, folder: &Path) -> Result<Labelled> {
    ensure!(!row.file.is_empty(), "it names no file");
    let within = folder.join("images").join(&row.file);
    let source = row.source.split(':').next().unwrap_or_default();
    Ok(Labelled {
        label: Label::new(&row.label, &row.kind)?,
        source: source.to_owned(),
        path: match within.exists() {
            true => within,
            false => folder.join(&row.file),
        },
        name: row.file,
        kind: row.kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Labelled>> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LABELS), text).unwrap();
        labels(folder.path())
    }

    #[track_caller]
    fn assert_refused(text: &str, reason: &str) {
        let error = format!("{:#}", read(text).unwrap_err());
        assert!(error.contains(LABELS) && error.contains(reason), "{error}");
    }

    #[test]
    fn columns_are_found_by_name_and_labels_told_apart() {
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
    fn a_line_that_cannot_be_understood_is_named() {
        let header = "file\tlabel\tkind\tsource\n";
        assert_refused("", "names no column file");
        assert_refused("file\tlabel\tkind\n", "line 1 names no column source");
        assert_refused(header, "names no picture");
        let good = format!("{header}a.png\t7\tphoto\tann\n");
        assert_refused(
            &format!("{good}\nb.png\tseven\tphoto\tann\n"),
            "line 4: the label \"seven\"",
        );
        assert_refused(
            &format!("{good}b.png\t\tphoto\tann\n"),
            "line 3: the label \"\"",
        );
        assert_refused(&format!("{good}b.png\t1  2\tphoto\tann\n"), "line 3");
        assert_refused(
            &format!("{good}\t7\tphoto\tann\n"),
            "line 3: it names no file",
        );
        assert_refused(&format!("{good}b.png\t7\tphoto\n"), "line: 3");
    }

    #[test]
    fn pictures_lie_in_images_or_beside_the_labels() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("images")).unwrap();
        std::fs::write(folder.path().join("images/a.png"), b"").unwrap();
        let text = "file\tlabel\tkind\tsource\na.png\t1\tk\ts\nb.png\t2\tk\ts\n";
        std::fs::write(folder.path().join(LABELS), text).unwrap();
        let found = labels(folder.path()).unwrap();
        assert_eq!(found[0].path, folder.path().join("images/a.png"));
        assert_eq!(found[1].path, folder.path().join("b.png"));
    }
}
