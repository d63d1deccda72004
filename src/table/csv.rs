//! Tables as CSV (RFC 4180), as a spreadsheet opens them.

use anyhow::{Result, anyhow, bail};

use super::number::Style;
use super::{Answer, Checked, Mark, Table};

/// What ends a record.
const RECORD_END: &[u8] = b"\r\n";

/// The form of CSV.
#[derive(Clone, Copy, Debug)]
pub struct CsvForm {
    /// Between two fields: an ASCII character.
    pub delimiter: u8,
    /// The decimal mark of all numbers; none leaves each as it was written.
    pub decimal: Option<Mark>,
}

/// A delimiter from its character or its name: `;` or `semicolon`, `,` or `comma`, a tab or `tab`,
/// or another ASCII character.
///
/// # Errors
/// When it is another text, or cannot part two fields.
pub fn delimiter(text: &str) -> Result<u8> {
    match (text, text.as_bytes()) {
        ("tab", _) => Ok(b'\t'),
        ("comma", _) => Ok(b','),
        ("semicolon", _) => Ok(b';'),
        (_, [b'"' | b'\r' | b'\n' | b'0'..=b'9']) => {
            bail!("a digit, a quote or a line break cannot part columns")
        }
        (_, [character @ (b'\t' | 0x20..=0x7e)]) => Ok(*character),
        _ => bail!("expected one ASCII character, or tab, comma or semicolon"),
    }
}

impl CsvForm {
    /// The tables of a sheet, one below the other, with an empty record between two. `is_first` says
    /// that no table is before them.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn of(self, sheet: &Checked, is_first: bool) -> Result<Vec<u8>> {
        let mut csv = vec![];
        let mut is_first = is_first;
        for (table, answers) in sheet.tables() {
            if !is_first {
                csv.extend_from_slice(RECORD_END);
            }
            csv.extend(self.table(table, answers)?);
            is_first = false;
        }
        Ok(csv)
    }

    /// One record for each row, all of the same length.
    fn table(self, table: &Table, answers: &[Answer]) -> Result<Vec<u8>> {
        let style = Style::of(answers.iter().map(|answer| answer.text.as_str()));
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .terminator(csv::Terminator::CRLF)
            .from_writer(vec![]);
        for row in 0..table.rows {
            let row = (0..table.columns).map(|column| {
                let answer = answers.get(row * table.columns + column);
                let text = answer.map_or("", |answer| answer.text.as_str());
                match self.decimal {
                    Some(mark) => style.with_decimal(text, mark),
                    None => text.to_owned(),
                }
            });
            writer.write_record(row)?;
        }
        writer.into_inner().map_err(|failure| anyhow!("{failure}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::samples::{cell, sheet, sure, table};
    use crate::table::{Rules, Sheet};

    const PLAIN: CsvForm = CsvForm {
        delimiter: b',',
        decimal: None,
    };

    fn checked(sheet: Sheet) -> Checked {
        Checked::new(sheet, &Rules::default())
    }

    fn text(csv: Vec<u8>) -> String {
        String::from_utf8(csv).unwrap()
    }

    #[test]
    fn a_delimiter_is_a_character_or_its_name() {
        let parsed = [
            ("tab", b'\t'),
            ("\t", b'\t'),
            ("semicolon", b';'),
            ("|", b'|'),
        ];
        for (text, expected) in parsed {
            assert_eq!(delimiter(text).unwrap(), expected);
        }
        for text in ["", "ab", "7", "\"", "\n", "é", "\0"] {
            assert!(delimiter(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn rows_are_records_and_tables_are_apart() {
        let two = checked(sheet(vec![
            table(2, ["1", "2", "3", ""].map(sure).to_vec()),
            table(1, vec![sure("4"), cell(&[])]),
        ]));
        let csv = text(PLAIN.of(&two, true).unwrap());
        assert_eq!(csv, "1,2\r\n3,\r\n\r\n4\r\n\"\"\r\n");
        let later = text(PLAIN.of(&two, false).unwrap());
        assert_eq!(later, format!("\r\n{csv}"));
        assert_eq!(PLAIN.of(&checked(Sheet::default()), false).unwrap(), b"");
    }

    #[test]
    fn a_table_with_too_few_cells_is_padded() {
        let mut ragged = table(3, ["1", "2", "3", "4", "5", "6"].map(sure).to_vec());
        ragged.cells.pop();
        let csv = PLAIN.of(&checked(sheet(vec![ragged])), true).unwrap();
        assert_eq!(text(csv), "1,2,3\r\n4,5,\r\n");
    }

    #[test]
    fn the_delimiter_is_the_wanted_one() {
        let row = checked(sheet(vec![table(2, vec![sure("1"), sure("2")])]));
        for delimiter in [b'\t', b';'] {
            let form = CsvForm { delimiter, ..PLAIN };
            let csv = text(form.of(&row, true).unwrap());
            assert_eq!(csv, format!("1{}2\r\n", char::from(delimiter)));
        }
    }

    #[test]
    fn a_decimal_comma_is_quoted_between_commas() {
        let mut row = checked(sheet(vec![table(2, vec![sure("15"), sure("2")])]));
        row.answers[0][0].text = "1.5".to_owned();
        let form = CsvForm {
            decimal: Some(Mark::Comma),
            ..PLAIN
        };
        assert_eq!(text(form.of(&row, true).unwrap()), "\"1,5\",2\r\n");
    }
}
