//! Which of several layouts is right, by their [features](super::features).

use super::features::Features;
use super::settings::LAYOUT_WEIGHTS;

/// How likely each layout is the right one: the softmax of their weighed features. Sums to one.
pub(super) fn probabilities(layouts: &[Features]) -> Vec<f32> {
    let logits: Vec<f32> = layouts.iter().map(logit).collect();
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn logit(features: &Features) -> f32 {
    let pairs = features.iter().zip(LAYOUT_WEIGHTS);
    pairs.map(|(feature, weight)| feature * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::features::FEATURES;

    #[test]
    fn a_layout_with_digits_in_its_cells_is_likelier_than_one_that_cuts_them() {
        let place = |name: &str| {
            FEATURES
                .iter()
                .position(|&feature| feature == name)
                .unwrap()
        };
        let mut inside = [0.0; FEATURES.len()];
        let mut cut = inside;
        inside[place("in one cell")] = 1.0;
        cut[place("in one cell")] = 0.5;
        cut[place("crossed by a line")] = 0.5;
        let found = probabilities(&[inside, cut, inside]);
        assert_eq!(found[0], found[2]);
        assert!(found[0] > 2.0 * found[1] && found[1] > 0.0);
        assert!((found.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert_eq!(probabilities(&[cut]), [1.0]);
    }
}
