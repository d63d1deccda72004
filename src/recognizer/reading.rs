//! What was read in a picture.

use super::Prediction;
use crate::characters::{self, CHARACTERS};

/// Most boxes of one picture that are classified, so that time stays bounded: ink of the others is
/// reported as unread.
pub const MAX_BOXES: usize = 4000;

/// Stands for a refused digit.
const REFUSED: char = '?';

/// The factor of confidence for each piece of unread ink, which is as likely a missing digit as
/// none, and for each refused digit beside others, which leaves the text incomplete.
const INCOMPLETE: f64 = 0.5;

/// Digits of at least this share of the largest digit's longest side are as prominent as it.
const AS_PROMINENT: f64 = 0.8;

/// What was read in a picture: rows from top to bottom, each from left to right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// No row is empty; there is none where nothing looks like a digit.
    pub rows: Vec<Vec<Symbol>>,
    /// Ink in or beside the rows that was not read: left, top, width and height of each piece, in pixels of
    /// the upright picture.
    pub unread: Vec<[u32; 4]>,
    /// Whether more than [`MAX_BOXES`] boxes looked like digits, so that the others were ignored.
    pub truncated: bool,
    /// Why no digit was read, in a few words; none if one was.
    pub reason: Option<String>,
}

/// One digit of a [`Reading`], or a sign of a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// Its class, below [`CHARACTERS`]; none if it was refused because no character is probable
    /// enough.
    pub class: Option<u8>,
    /// The probability of the most probable character, in 0..=1.
    pub confidence: f64,
    /// In 0..=1, by class; 1 minus their sum is the probability of no character.
    pub probabilities: [f64; CHARACTERS],
    /// Left, top, width and height in pixels of the upright picture. That of a sign is as high as the
    /// digits beside it.
    pub area: [u32; 4],
}

impl Symbol {
    /// The most probable character, refused where it is less probable than `min_confidence`.
    pub fn new(prediction: &Prediction, area: [u32; 4], min_confidence: f64) -> Self {
        let (class, confidence) = prediction.ranking()[0];
        Self {
            class: (confidence >= min_confidence).then_some(class as u8),
            confidence,
            probabilities: prediction.probabilities,
            area,
        }
    }

    /// The digit, 0 to 9; none for a sign, and if it was refused.
    pub fn digit(&self) -> Option<u8> {
        self.class.filter(|&class| characters::is_digit(class))
    }

    /// Whether it was read as a sign of a number.
    pub fn is_sign(&self) -> bool {
        self.class.is_some_and(|class| !characters::is_digit(class))
    }

    /// The classes with their probabilities, the most probable first.
    pub fn ranking(&self) -> Vec<(usize, f64)> {
        let probabilities = self.probabilities;
        Prediction { probabilities }.ranking()
    }

    /// The digit or sign as a character: `?` where it was refused.
    pub fn character(&self) -> char {
        let read = self.class.map(usize::from).and_then(characters::character);
        read.unwrap_or(REFUSED)
    }

    fn size(&self) -> u32 {
        self.area[2].max(self.area[3])
    }

    /// `unsure: best guess 5, 43 %`.
    fn doubt(&self) -> String {
        let guess = characters::character(self.ranking()[0].0).unwrap_or(REFUSED);
        // Rounded down, so that it stays below the minimum confidence and below 100 %.
        let percent = (100.0 * self.confidence).floor();
        format!("unsure: best guess {guess}, {percent} %")
    }
}

impl Reading {
    /// A reading of these rows, with a reason where all of their digits were refused, or there are
    /// none.
    pub fn new(rows: Vec<Vec<Symbol>>, unread: Vec<[u32; 4]>) -> Self {
        let symbols: Vec<_> = rows.iter().flatten().collect();
        let reason = match symbols[..] {
            [] => Some("nothing looks like a digit".to_owned()),
            [only] => only.class.is_none().then(|| only.doubt()),
            [..] => {
                let refused = symbols.iter().all(|symbol| symbol.class.is_none());
                refused.then(|| format!("unsure of all {} possible digits", symbols.len()))
            }
        };
        Self {
            rows,
            unread,
            truncated: false,
            reason,
        }
    }

    /// A reading of one digit alone.
    pub(super) fn of(symbol: Symbol) -> Self {
        Self::new(vec![vec![symbol]], vec![])
    }

    /// The reading of a picture in which nothing looks like a digit.
    pub fn blank(reason: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::default()
        }
    }

    /// All digits and signs, row by row, including refused ones.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.rows.iter().flatten()
    }

    /// The digits and signs, rows separated by a space, with `?` for one that was refused: `-1.2 3?5`.
    pub fn text(&self) -> String {
        let row = |symbols: &Vec<Symbol>| symbols.iter().map(Symbol::character).collect();
        let rows: Vec<String> = self.rows.iter().map(row).collect();
        rows.join(" ")
    }

    /// The only symbol, if there is exactly one.
    pub fn only(&self) -> Option<&Symbol> {
        let mut symbols = self.symbols();
        symbols.next().filter(|_| symbols.next().is_none())
    }

    /// The digit, if there is exactly one, beside signs or not, and nothing was refused.
    pub fn digit(&self) -> Option<u8> {
        let mut digits = self.symbols().filter(|symbol| !symbol.is_sign());
        let only = digits.next()?;
        digits.next().is_none().then(|| only.digit())?
    }

    /// The probability in 0..=1 that the whole text is right and nothing is missing, as if the
    /// digits were read independently: each piece of unread ink and each refused digit beside
    /// others halves it. 0 where there is nothing; where all were refused, that of the best
    /// guesses.
    pub fn confidence(&self) -> f64 {
        if self.rows.is_empty() {
            return 0.0;
        }
        let refused = self.symbols().filter(|symbol| symbol.class.is_none());
        let refused = if self.reason.is_none() {
            refused.count()
        } else {
            0
        };
        let missing = INCOMPLETE.powi((self.unread.len() + refused) as i32);
        missing
            * self
                .symbols()
                .map(|symbol| symbol.confidence)
                .product::<f64>()
    }

    /// The most prominent digit alone, which is the largest, or the first of equally large ones,
    /// and how many digits are about as large, including itself. Anything beside it, read or not,
    /// is ignored.
    pub fn single(&self) -> (Self, usize) {
        let digits = || self.symbols().filter(|symbol| !symbol.is_sign());
        let size = digits().map(Symbol::size).max().unwrap_or(0);
        let Some(largest) = digits().find(|symbol| symbol.size() == size) else {
            return (self.clone(), 0);
        };
        let as_large =
            |symbol: &&Symbol| f64::from(symbol.size()) >= AS_PROMINENT * f64::from(size);
        let count = digits().filter(as_large).count();
        (Self::of(largest.clone()), count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensors::CLASSES;

    fn symbol(character: char, confidence: f64, area: [u32; 4]) -> Symbol {
        let mut probabilities = [0.0; CHARACTERS];
        probabilities[..CLASSES].fill((1.0 - confidence) / 9.0);
        probabilities[character.to_digit(10).unwrap_or(5) as usize] = confidence;
        let least = if character == REFUSED { 1.0 } else { 0.0 };
        Symbol::new(&Prediction { probabilities }, area, least)
    }

    fn reading(rows: &[&str], unread: usize) -> Reading {
        let symbols = |row: &&str| {
            row.chars()
                .map(|c| symbol(c, 0.8, [0, 0, 20, 30]))
                .collect()
        };
        Reading::new(
            rows.iter().map(symbols).collect(),
            vec![[90, 0, 9, 20]; unread],
        )
    }

    #[test]
    fn a_refused_digit_is_never_left_out() {
        let row = reading(&["3?4", "7"], 0);
        assert_eq!((row.text().as_str(), row.digit()), ("3?4 7", None));
        assert_eq!(row.reason, None);
        let one = reading(&["?"], 0);
        assert_eq!((one.text().as_str(), one.digit()), ("?", None));
        assert_eq!(one.reason.as_deref(), Some("unsure: best guess 5, 80 %"));
        let all = reading(&["??", "?"], 0);
        let reason = "unsure of all 3 possible digits";
        assert_eq!(all.reason.as_deref(), Some(reason));
    }

    #[test]
    fn there_is_a_digit_where_there_is_exactly_one() {
        assert_eq!(reading(&["7"], 0).digit(), Some(7));
        assert_eq!(reading(&["77"], 0).digit(), None);
        let blank = Reading::blank("the picture is blank");
        assert_eq!((blank.digit(), blank.text().as_str()), (None, ""));
        assert_eq!(blank.confidence(), 0.0);
    }

    #[test]
    fn signs_are_no_digits() {
        let row = ["-5", ".5"].map(|text| {
            let symbols = text.chars().map(sign_or_digit);
            Reading::new(vec![symbols.collect()], vec![])
        });
        let [minus, point] = &row;
        assert_eq!((minus.text().as_str(), minus.digit()), ("-5", Some(5)));
        let (single, count) = point.single();
        assert_eq!((single.text().as_str(), count), ("5", 1));
        assert_eq!(reading(&["5?"], 0).digit(), None);
    }

    /// A sign is as large as a digit, since its area is as high.
    fn sign_or_digit(character: char) -> Symbol {
        let mut probabilities = [0.0; CHARACTERS];
        probabilities[usize::from(characters::class_of(character).unwrap())] = 0.9;
        Symbol::new(&Prediction { probabilities }, [0, 0, 20, 30], 0.5)
    }

    #[test]
    fn all_digits_and_unread_ink_make_a_text_less_sure() {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(reading(&["12", "3"], 0).confidence(), 0.8f64.powi(3)));
        assert!(near(reading(&["1"], 1).confidence(), 0.4));
        assert!(near(reading(&["1"], 2).confidence(), 0.2));
        assert!(near(reading(&["1?"], 0).confidence(), 0.32));
        assert!(near(reading(&["?"], 0).confidence(), 0.8));
    }

    #[test]
    fn the_largest_digit_is_the_single_one_and_others_as_large_are_counted() {
        let small = |c| symbol(c, 0.9, [0, 0, 20, 30]);
        let large = |c| symbol(c, 0.9, [50, 0, 30, 300]);
        let page = Reading::new(
            vec![vec![small('1'), large('2')], vec![small('3')]],
            vec![[0; 4]],
        );
        let (single, count) = page.single();
        assert_eq!((single.digit(), count), (Some(2), 1));
        assert!(single.unread.is_empty());
        let row = reading(&["456"], 0);
        let (single, count) = row.single();
        assert_eq!((single.digit(), count), (Some(4), 3));
        let (unsure, _) = Reading::new(vec![vec![large('?'), small('1')]], vec![]).single();
        assert_eq!(unsure.reason.as_deref(), Some("unsure: best guess 5, 90 %"));
        let blank = Reading::blank("the picture is blank");
        assert_eq!(blank.single(), (blank.clone(), 0));
    }
}
