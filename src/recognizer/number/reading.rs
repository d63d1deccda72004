//! What was read in a picture.

/// What was read in a picture, line by line from the top, each from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// No line is empty.
    pub lines: Vec<Vec<Symbol>>,
}

/// One digit of a [`Reading`].
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// 0 to 9.
    pub digit: u8,
    /// The probability in 0..=1 that was given to it.
    pub confidence: f64,
    /// Left, top, width and height in pixels of the upright picture.
    pub area: [u32; 4],
}

impl Reading {
    /// The digits, a line a row: `12\n345`.
    pub fn text(&self) -> String {
        let line = |symbols: &Vec<Symbol>| -> String {
            let digits = symbols.iter().map(|symbol| symbol.digit.to_string());
            digits.collect()
        };
        let lines: Vec<String> = self.lines.iter().map(line).collect();
        lines.join("\n")
    }

    /// The probability in 0..=1 that the whole text is right, as if its digits were read
    /// independently; 0 where there is none.
    pub fn confidence(&self) -> f64 {
        let symbols = self.lines.iter().flatten();
        match self.lines.is_empty() {
            true => 0.0,
            false => symbols.map(|symbol| symbol.confidence).product(),
        }
    }
}
