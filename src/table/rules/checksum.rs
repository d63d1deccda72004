//! Check digits of card, book, article and bank account numbers.

/// The digits of a text in which dashes may part groups; none if it has other characters or no
/// digits.
fn digits(text: &str) -> Option<Vec<u32>> {
    let written = text.chars().filter(|character| *character != '-');
    let digits: Option<Vec<u32>> = written.map(|character| character.to_digit(10)).collect();
    digits.filter(|digits| !digits.is_empty())
}

/// Luhn's sum, as in card numbers (ISO/IEC 7812-1): from the right, every second digit counts
/// twice, less 9 where that has two digits.
pub(super) fn is_luhn(text: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    digits(text).is_some_and(|digits| {
        let sum: u32 = (digits.iter().rev().enumerate())
            .map(|(at, &digit)| if at % 2 == 1 { doubled(digit) } else { digit })
            .sum();
        digits.len() > 1 && sum.is_multiple_of(10)
    })
}

/// The number of an article (GTIN of 8, 12, 13 or 14 digits): from the right, every second digit
/// counts three times.
pub(super) fn is_ean(text: &str) -> bool {
    digits(text).is_some_and(|digits| {
        let sum: u32 = (digits.iter().rev().enumerate())
            .map(|(at, digit)| if at % 2 == 1 { 3 * digit } else { *digit })
            .sum();
        matches!(digits.len(), 8 | 12 | 13 | 14) && sum.is_multiple_of(10)
    })
}

/// The number of a book (ISO 2108): of 13 digits as an article's, or of 10, of which the last but
/// one counts twice, the one before three times and so on, and the sum is a multiple of 11. One
/// that ends in X is not read.
pub(super) fn is_isbn(text: &str) -> bool {
    digits(text).is_some_and(|digits| match digits.len() {
        10 => {
            let weighted = (1..).zip(digits.iter().rev());
            let sum: u32 = weighted.map(|(weight, digit)| weight * digit).sum();
            sum.is_multiple_of(11)
        }
        13 => is_ean(text),
        _ => false,
    })
}

/// A bank account's number (ISO 13616) without its two letters, which are given: moved to the end
/// as numbers from 10 for A together with the two check digits, they leave 1 when divided by 97.
pub(super) fn is_iban(text: &str, country: [char; 2]) -> bool {
    let Some(digits) = digits(text).filter(|digits| (13..=32).contains(&digits.len())) else {
        return false;
    };
    let letters = country.map(|letter| letter.to_digit(36).unwrap_or_default());
    let letters = letters
        .into_iter()
        .flat_map(|value| [value / 10, value % 10]);
    let (check, account) = digits.split_at(2);
    let whole = account
        .iter()
        .copied()
        .chain(letters)
        .chain(check.iter().copied());
    whole.fold(0, |rest, digit| (10 * rest + digit) % 97) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a number is valid, and none that differs from it in one digit is.
    fn catches_each_digit(is_valid: impl Fn(&str) -> bool, text: &str) {
        assert!(is_valid(text), "{text}");
        for at in 0..text.len() {
            let Some(own) = text[at..=at].parse::<u32>().ok() else {
                continue;
            };
            for other in (0..10).filter(|other| *other != own) {
                let wrong = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                assert!(!is_valid(&wrong), "{wrong}");
            }
        }
    }

    #[test]
    fn each_wrong_digit_is_caught() {
        catches_each_digit(is_luhn, "4111111111111111");
        catches_each_digit(is_ean, "4006381333931");
        catches_each_digit(is_ean, "96385074");
        catches_each_digit(is_isbn, "0-306-40615-2");
        catches_each_digit(is_isbn, "978-0-306-40615-7");
        catches_each_digit(|text| is_iban(text, ['D', 'E']), "89370400440532013000");
    }

    #[test]
    fn what_is_no_such_number_has_no_check_digit() {
        for text in ["", "-", "0", "12?4", "4.1"] {
            assert!(!is_luhn(text) && !is_ean(text) && !is_isbn(text), "{text}");
        }
        assert!(!is_ean("00") && !is_isbn("00"));
        assert!(!is_iban("89370400440532013000", ['F', 'R']));
        assert!(!is_iban("97", ['D', 'E']));
    }
}
