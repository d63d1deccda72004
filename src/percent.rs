//! Formatting of probabilities.

/// A probability as a percentage with one decimal, never rounded to 0 or 100 %.
pub fn percent(probability: f64) -> String {
    match (1000.0 * probability).round() {
        1000.0.. => "> 99.9 %".to_owned(),
        ..1.0 => "< 0.1 %".to_owned(),
        _ => format!("{:.1} %", 100.0 * probability),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_probability_is_rounded_to_a_certainty() {
        let written = [0.0, 0.0004, 0.5, 0.9994, 0.9996, 1.0].map(percent);
        let expected = [
            "< 0.1 %", "< 0.1 %", "50.0 %", "99.9 %", "> 99.9 %", "> 99.9 %",
        ];
        assert_eq!(written, expected);
    }
}
