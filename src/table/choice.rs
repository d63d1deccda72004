//! Which of several layouts is right, by their [features](super::features).

use super::features::Features;
use super::settings::LAYOUT_WEIGHTS;

/// How well a layout explains a sheet, as the logarithm of how likely it is beside the others.
pub(super) fn score(features: &Features) -> f32 {
    let pairs = features.iter().zip(LAYOUT_WEIGHTS);
    pairs.map(|(feature, weight)| feature * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::features::FEATURES;

    #[test]
    fn digits_in_their_cells_are_better_than_cut_ones_and_drawn_cells_than_others() {
        let scored = |own: &[(&str, f32)]| {
            let mut features = [0.0; FEATURES.len()];
            for (name, value) in own {
                let place = FEATURES.iter().position(|feature| feature == name);
                features[place.unwrap()] = *value;
            }
            score(&features)
        };
        let inside = [("in one cell", 1.0)];
        let cut = [("in one cell", 0.5), ("crossed by a line", 0.5)];
        let drawn = [("in one cell", 1.0), ("areas that are cells", 1.0)];
        assert!(scored(&drawn) > scored(&inside) && scored(&inside) > scored(&cut) + 1.0);
    }
}
