//! What the reader reads: the ten digits, and the signs that people write within numbers.

use crate::tensors::CLASSES;

/// Signs of numbers: decimal point, comma, minus or dash, slash, and colon. Their classes follow
/// those of the digits.
pub const SIGNS: [char; 5] = ['.', ',', '-', '/', ':'];

/// Number of the reader's classes: ten digits, and the signs.
pub const CHARACTERS: usize = CLASSES + SIGNS.len();

/// The label of what is no character, used in training only.
pub const NO_CHARACTER: i64 = CHARACTERS as i64;

/// The character of a class below [`CHARACTERS`]; none of any other.
pub fn character(class: usize) -> Option<char> {
    match class {
        digit @ 0..CLASSES => char::from_digit(digit as u32, 10),
        sign => SIGNS.get(sign - CLASSES).copied(),
    }
}

/// The class of a digit or sign; none of any other character.
pub fn class_of(character: char) -> Option<u8> {
    let digit = character.to_digit(10).map(|digit| digit as usize);
    let sign = || SIGNS.iter().position(|&sign| sign == character);
    let class = digit.or_else(|| sign().map(|sign| CLASSES + sign))?;
    u8::try_from(class).ok()
}

/// Whether a class is one of the ten digits.
pub fn is_digit(class: u8) -> bool {
    usize::from(class) < CLASSES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_a_character_of_its_own() {
        let all: String = (0..CHARACTERS).filter_map(character).collect();
        assert_eq!(all, "0123456789.,-/:");
        for (class, character) in all.chars().enumerate() {
            assert_eq!(class_of(character), Some(class as u8));
            assert_eq!(is_digit(class as u8), character.is_ascii_digit());
        }
        assert_eq!((character(CHARACTERS), class_of('x')), (None, None));
    }
}
