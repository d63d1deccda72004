//! What was read of the tables in a picture, for people.

use std::path::Path;

use anyhow::{Error, anyhow};

use crate::recognizer::MAX_BOXES;
use crate::table::{Checked, Outcome, Table};

/// `sheet.jpg: 12 × 4 cells, 3 × 2 cells; 2 corrected, 1 violated`.
pub(in crate::cli) fn sheet(path: &Path, checked: &Checked) -> String {
    let size = |table: &Table| format!("{} × {} cells", table.rows, table.columns);
    let sizes: Vec<String> = checked.sheet.tables.iter().map(size).collect();
    let counted = |outcome: Outcome| {
        let answers = checked.answers.iter().flatten();
        answers.filter(|answer| answer.outcome == outcome).count()
    };
    let outcomes = [
        (counted(Outcome::Corrected), "corrected"),
        (counted(Outcome::Violated), "violated"),
    ];
    let outcomes = outcomes.into_iter().filter(|(count, _)| *count > 0);
    let outcomes: Vec<String> = outcomes
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let rules = match outcomes.is_empty() {
        true => String::new(),
        false => format!("; {}", outcomes.join(", ")),
    };
    format!("{}: {}{rules}\n", path.display(), sizes.join(", "))
}

/// A picture in which there is no table.
pub(in crate::cli) fn no_table(path: &Path) -> Error {
    anyhow!(
        "reading the tables in {}: there is none; the sheet should fill most of the picture, and its digits be sharp",
        path.display()
    )
}

/// A note about what was left unread.
pub(in crate::cli) fn unread_cells(path: &Path, checked: &Checked) -> Option<String> {
    let file = path.display();
    if checked.sheet.truncated {
        return Some(format!(
            "note: {file}: not all of it was read, since more than {MAX_BOXES} places look like digits or cells; cut \
             the picture into parts to read the rest"
        ));
    }
    let cells = || checked.sheet.tables.iter().flat_map(|table| &table.cells);
    let unread = cells().filter(|cell| cell.has_unread).count();
    let is_blank = cells().all(|cell| cell.symbols.is_empty());
    match (is_blank, unread) {
        (true, 0) => Some(format!("note: {file}: all cells are empty")),
        (true, _) => Some(format!(
            "note: {file}: no cell holds digits; words are not read"
        )),
        (false, 0) => None,
        (false, 1) => Some(format!(
            "note: {file}: 1 cell holds writing that was not read; --review shows where"
        )),
        (false, count) => Some(format!(
            "note: {file}: {count} cells hold writing that was not read; --review shows where"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::samples::{cell, sheet as sheet_of, sure, table};
    use crate::table::{Cell, Rules, Sheet};

    fn checked(cells: Vec<Cell>, rules: &[&str]) -> Checked {
        let rules = Rules::parse(rules.iter().copied()).unwrap();
        Checked::new(sheet_of(vec![table(1, cells)]), &rules)
    }

    fn words() -> Cell {
        Cell {
            has_unread: true,
            ..cell(&[])
        }
    }

    #[test]
    fn a_line_has_the_sizes_and_what_the_rules_did() {
        let line = |rules: &[&str]| {
            let doubtful = cell(&[&[('1', 0.6), ('7', 0.4)]]);
            sheet(
                Path::new("a.jpg"),
                &checked(vec![doubtful, sure("3")], rules),
            )
        };
        assert_eq!(line(&[]), "a.jpg: 2 × 1 cells\n");
        assert_eq!(
            line(&["1: one of 7"]),
            "a.jpg: 2 × 1 cells; 1 corrected, 1 violated\n"
        );
    }

    #[test]
    fn a_note_tells_what_is_missing() {
        let note = |cells| unread_cells(Path::new("a.jpg"), &checked(cells, &[]));
        assert_eq!(note(vec![sure("1"), cell(&[])]), None);
        assert!(
            note(vec![sure("1"), words()])
                .unwrap()
                .contains(" 1 cell holds ")
        );
        let two = note(vec![sure("1"), words(), words()]).unwrap();
        assert!(two.contains(" 2 cells hold "));
        assert!(note(vec![words()]).unwrap().ends_with("words are not read"));
        assert!(
            note(vec![cell(&[])])
                .unwrap()
                .ends_with("all cells are empty")
        );
        let mut full = checked(vec![sure("1")], &[]);
        full.sheet = Sheet {
            truncated: true,
            ..full.sheet
        };
        let said = unread_cells(Path::new("a.jpg"), &full).unwrap();
        assert!(said.contains("more than 4000 places"), "{said}");
    }
}
