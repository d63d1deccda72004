//! `FORM.json`: the fields of a form, with their boxes on a reference picture.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use crate::storage::{read_bounded, write_atomic};
use crate::table::Rules;

/// The version of the format.
const VERSION: u32 = 1;

/// Most fields of a form.
pub const MAX_FIELDS: usize = 1000;

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// The share of the smaller of two boxes that they may have in common: borders may overlap.
const MAX_OVERLAP: f64 = 0.2;

/// A form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The version of the format, 1.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// The picture of the empty form, relative to the folder of this file.
    pub reference: PathBuf,
    /// Width and height of that picture in pixels, upright.
    pub size: [u32; 2],
    /// In the order of the columns of the output.
    pub fields: Vec<Field>,
    /// Rules that the fields obey, as `infer --rule` takes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name of its column in the output.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Left, top, width and height in pixels of the reference picture.
    #[serde(rename = "box")]
    pub area: [u32; 4],
}

impl Form {
    /// A form with these fields.
    pub fn new(name: String, reference: PathBuf, size: [u32; 2], fields: Vec<Field>) -> Self {
        Self {
            version: VERSION,
            name,
            reference,
            size,
            fields,
            rules: vec![],
        }
    }

    /// Reads and checks a form.
    ///
    /// # Errors
    /// When the file cannot be read, is not a form, or a field is invalid; the message names it.
    pub fn load(path: &Path) -> Result<Self> {
        let load = || {
            let form: Self = serde_json::from_slice(&read_bounded(path, MAX_BYTES)?)
                .context("it is not a form; `mnist-tch form new` makes one from an empty sheet")?;
            form.check()?;
            Ok::<_, anyhow::Error>(form)
        };
        load().with_context(|| format!("reading the form {}", path.display()))
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        write_atomic(path, text.as_bytes())
    }

    /// The rules of the form; a field may be named in place of the number of its column.
    ///
    /// # Errors
    /// When one is not understood, or names a field that the form does not have.
    pub fn rules(&self) -> Result<Rules> {
        let numbered = |rule: &String| {
            let (columns, check) = rule.split_once(':')?;
            let is_named = |field: &Field| field.name == columns.trim();
            let column = self.fields.iter().position(is_named)? + 1;
            Some(format!("{column}:{check}"))
        };
        let texts: Vec<String> = self
            .rules
            .iter()
            .map(|rule| numbered(rule).unwrap_or_else(|| rule.clone()))
            .collect();
        Rules::parse(texts.iter().map(String::as_str))
    }

    /// The same form for a reference picture that is `scale` times smaller.
    pub fn reduced(&self, scale: f64) -> Self {
        let reduced = |at: u32| (f64::from(at) / scale).round() as u32;
        let field = |field: &Field| Field {
            area: field.area.map(reduced),
            ..field.clone()
        };
        Self {
            size: self.size.map(reduced),
            fields: self.fields.iter().map(field).collect(),
            ..self.clone()
        }
    }

    /// Checks all values.
    ///
    /// # Errors
    /// When one is invalid; the message names the field.
    pub fn check(&self) -> Result<()> {
        ensure!(
            self.version == VERSION,
            "it has version {}; this program reads version {VERSION}",
            self.version
        );
        ensure!(
            (1..=MAX_FIELDS).contains(&self.fields.len()),
            "a form has 1 to {MAX_FIELDS} fields, not {}",
            self.fields.len()
        );
        let mut names = HashSet::new();
        for field in &self.fields {
            let name = &field.name;
            ensure!(!name.trim().is_empty(), "a field has no name");
            ensure!(names.insert(name), "two fields have the name {name:?}");
            let [left, top, width, height] = field.area.map(u64::from);
            let [right, bottom] = self.size.map(u64::from);
            ensure!(
                width > 0 && height > 0 && left + width <= right && top + height <= bottom,
                "the box of the field {name:?} does not lie in the picture of {right}×{bottom} pixels"
            );
        }
        for (at, field) in self.fields.iter().enumerate() {
            for other in &self.fields[..at] {
                ensure!(
                    overlap(field.area, other.area) <= MAX_OVERLAP,
                    "the boxes of the fields {:?} and {:?} overlap",
                    other.name,
                    field.name
                );
            }
        }
        Ok(())
    }
}

/// The share of the smaller box that lies in the other.
fn overlap(a: [u32; 4], b: [u32; 4]) -> f64 {
    let common = |at: usize| {
        let end = (a[at] + a[at + 2]).min(b[at] + b[at + 2]);
        f64::from(end.saturating_sub(a[at].max(b[at])))
    };
    let area = |of: [u32; 4]| f64::from(of[2]) * f64::from(of[3]);
    common(0) * common(1) / area(a).min(area(b)).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, area: [u32; 4]) -> Field {
        Field {
            name: name.to_owned(),
            kind: Kind::Number,
            area,
        }
    }

    fn form(fields: Vec<Field>) -> Form {
        Form::new("card".to_owned(), "card.png".into(), [200, 100], fields)
    }

    #[test]
    fn a_form_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("FORM.json");
        let form = form(vec![
            field("a", [0, 0, 50, 20]),
            field("b", [45, 0, 50, 20]),
        ]);
        form.save(&path).unwrap();
        assert_eq!(Form::load(&path).unwrap(), form);
        std::fs::write(&path, "{}").unwrap();
        let error = format!("{:#}", Form::load(&path).unwrap_err());
        assert!(
            error.contains("FORM.json") && error.contains("form new"),
            "{error}"
        );
    }

    #[test]
    fn a_form_is_as_its_schema_describes_it() {
        let schema = include_str!("../../docs/form.schema.json");
        let schema = serde_json::from_str(schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut form = form(vec![
            field("a", [0, 0, 50, 20]),
            field("b", [60, 0, 50, 20]),
        ]);
        form.fields[1].kind = Kind::Digits(Some(40));
        let valid = |form: &Form| validator.is_valid(&serde_json::to_value(form).unwrap());
        assert!(valid(&form));
        form.rules = vec!["a: 0..9".to_owned()];
        assert!(valid(&form));
        form.fields.clear();
        assert!(!valid(&form));
    }

    #[test]
    fn rules_may_name_fields() {
        let mut form = form(vec![
            field("a", [0, 0, 50, 20]),
            field("b", [60, 0, 50, 20]),
        ]);
        form.rules = vec!["b: 0..9".to_owned(), "1: digits 2".to_owned()];
        let rules = form.rules().unwrap();
        assert_eq!(
            rules.texts().collect::<Vec<_>>(),
            ["2: 0..9", "1: digits 2"]
        );
        form.rules = vec!["c: 0..9".to_owned()];
        let error = format!("{:#}", form.rules().unwrap_err());
        assert!(error.contains("'c: 0..9' is not understood"), "{error}");
    }

    #[test]
    fn invalid_fields_are_named() {
        let error = |fields: Vec<Field>| form(fields).check().unwrap_err().to_string();
        assert!(error(vec![]).contains("1 to 1000 fields"));
        let outside = error(vec![field("a", [180, 0, 21, 20])]);
        assert!(
            outside.contains("\"a\" does not lie in the picture of 200×100"),
            "{outside}"
        );
        assert!(error(vec![field("a", [0, 0, 0, 20])]).contains("does not lie"));
        let huge = error(vec![field("a", [u32::MAX, 0, u32::MAX, 20])]);
        assert!(huge.contains("does not lie"), "{huge}");
        let twice = vec![field("a", [0, 0, 9, 9]), field("a", [50, 0, 9, 9])];
        assert!(error(twice).contains("two fields have the name \"a\""));
        let over = vec![field("a", [0, 0, 50, 20]), field("b", [30, 5, 50, 20])];
        assert!(error(over).contains("\"a\" and \"b\" overlap"));
        assert!(error(vec![field(" ", [0, 0, 9, 9])]).contains("no name"));
        let other = Form {
            version: 2,
            ..form(vec![field("a", [0, 0, 9, 9])])
        };
        assert!(other.check().unwrap_err().to_string().contains("version 2"));
    }
}
