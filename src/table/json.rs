//! A sheet as JSON, as `docs/tables.schema.json` describes it.

use serde_json::{Value, json};

use super::{Answer, Cell, Checked, Outcome, Table};

/// Alternatives that are listed for each cell, at most.
pub const LISTED: usize = 5;

impl Checked {
    /// Always the same fields: `file` (null where the picture has no name), `quarter_turns`,
    /// `truncated`, `tables`, and `reason` (why there is no table, else null).
    ///
    /// Tables, rows and columns are counted from 1. Each cell has its best alternatives, and under
    /// `rules` what the rules did.
    pub fn to_json(&self, file: Option<&str>) -> Value {
        let tables: Value = self.tables().map(table).collect();
        let is_blank = self.sheet.tables.is_empty();
        json!({
            "file": file,
            "quarter_turns": self.sheet.quarter_turns,
            "truncated": self.sheet.truncated,
            "tables": tables,
            "reason": is_blank.then_some("there is no table"),
        })
    }
}

fn table((table, answers): (&Table, &[Answer])) -> Value {
    let cells: Value = table.cells.iter().zip(answers).map(cell).collect();
    json!({ "rows": table.rows, "columns": table.columns, "cells": cells })
}

fn cell((cell, answer): (&Cell, &Answer)) -> Value {
    // Tenths of a pixel.
    let rounded = |length: f32| (10.0 * f64::from(length)).round() / 10.0;
    let others = cell.alternatives().take(LISTED);
    let others =
        others.map(|other| json!({ "text": other.text, "probability": other.probability }));
    let alternatives: Vec<Value> = match cell.symbols.is_empty() {
        true => vec![],
        false => others.collect(),
    };
    let rules = (answer.outcome != Outcome::Unchecked).then(|| {
        let outcome: &'static str = answer.outcome.into();
        json!({ "outcome": outcome, "read": cell.text(), "broken": answer.broken })
    });
    json!({
        "row": cell.row + 1,
        "column": cell.column + 1,
        "corners": cell.corners.map(|corner| corner.map(rounded)),
        "text": answer.text,
        "confidence": answer.confidence,
        "doubtful": answer.is_doubtful(),
        "alternatives": alternatives,
        "has_unread": cell.has_unread,
        "rules": rules,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::samples::{cell, refused, sheet, sure, table};
    use crate::table::{Rules, Sheet};

    /// The object, after it was held against its description.
    fn described(sheet: Sheet, rules: &[&str]) -> Value {
        let rules = Rules::parse(rules.iter().copied()).unwrap();
        let object = Checked::new(sheet, &rules).to_json(Some("a.jpg"));
        let schema = include_str!("../../docs/tables.schema.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&object)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        object
    }

    #[test]
    fn a_cell_says_what_was_read_and_what_the_rules_made_of_it() {
        let doubtful = cell(&[&[('1', 0.6), ('7', 0.4)]]);
        let cells = vec![doubtful, sure("3"), refused(&[&[('5', 0.4)]]), cell(&[])];
        let object = described(sheet(vec![table(2, cells)]), &["1: one of 7"]);
        let cells = &object["tables"][0]["cells"];
        assert_eq!(
            (&cells[0]["text"], &cells[0]["confidence"]),
            (&json!("7"), &json!(0.4))
        );
        assert_eq!(
            [0, 1, 2, 3].map(|at| &cells[at]["doubtful"]),
            [true, false, true, false]
        );
        let rules = json!({ "outcome": "corrected", "read": "1", "broken": ["1: one of 7"] });
        assert_eq!(cells[0]["rules"], rules);
        let both =
            json!([{ "text": "1", "probability": 0.6 }, { "text": "7", "probability": 0.4 }]);
        assert_eq!(cells[0]["alternatives"], both);
        assert_eq!(
            (&cells[1]["column"], &cells[1]["rules"]),
            (&json!(2), &Value::Null)
        );
        assert_eq!(cells[1]["corners"][0], json!([40.0, 0.0]));
        assert_eq!(
            (&cells[2]["text"], &cells[2]["rules"]["outcome"]),
            (&json!("?"), &json!("violated"))
        );
        assert_eq!(cells[3]["alternatives"], json!([]));
    }

    #[test]
    fn a_picture_without_a_table_says_so() {
        let object = described(Sheet::default(), &[]);
        assert_eq!(object["tables"], json!([]));
        assert_eq!(object["reason"], "there is no table");
        let object = described(sheet(vec![table(1, vec![sure("1")])]), &[]);
        assert_eq!(object["reason"], Value::Null);
    }
}
