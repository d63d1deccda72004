//! Extra synthetic examples for the training split: digits in other handwritings, and ink that is
//! no digit.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::{Dataset, Examples, synthetic};
use crate::tensors::{NO_DIGIT, images_from_bytes};

/// Seeds of the digits and the non-digits: fixed, and different from that of the synthetic data
/// set.
const SEEDS: (u64, u64) = (1, 2);

/// The largest ratio of added to original images.
const MAX_SHARE: f64 = 10.0;

/// The ratio of added to original images of a training split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mixture {
    /// Synthetic digits.
    pub digits: f64,
    /// Ink that is no digit, labelled [`NO_DIGIT`].
    pub non_digits: f64,
}

impl Mixture {
    /// For reading people's own pictures; tuned on the validation split.
    pub const PICTURES: Self = Self {
        digits: 0.35,
        non_digits: 0.4,
    };

    /// Validates all values, for instance after reading them from a file.
    ///
    /// # Errors
    /// When a ratio is out of range.
    pub fn check(&self) -> Result<()> {
        for share in [self.digits, self.non_digits] {
            ensure!(
                (0.0..=MAX_SHARE).contains(&share),
                "a mixture adds 0 to {MAX_SHARE} images per original image, not {share}"
            );
        }
        Ok(())
    }

    /// The images that the mixture adds to `count` original ones.
    fn draw(&self, count: usize) -> Examples {
        let share = |part: f64| (part * count as f64).round() as usize;
        let digits = synthetic::digits(share(self.digits), SEEDS.0);
        let digits = Examples::from_bytes(&digits.pixels, &digits.labels);
        let pixels = synthetic::non_digits(share(self.non_digits), SEEDS.1);
        let images = images_from_bytes(&pixels);
        let labels = Tensor::full(images.size()[0], NO_DIGIT, (Kind::Int64, images.device()));
        digits.concat(&Examples { images, labels })
    }
}

impl Dataset {
    /// Adds a mixture to the training split; the other splits stay as they are.
    pub fn mixed(self, mixture: &Mixture) -> Self {
        let extra = mixture.draw(self.train.len());
        Self {
            train: self.train.concat(&extra),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::source::{Choice, Request, open};

    #[test]
    fn extra_examples_are_added_to_the_training_split_alone() {
        let request = Request {
            choice: Choice::Synthetic,
            folder: None,
            limit: Some(100),
        };
        let plain = open(&request, &mut |_| {}).unwrap();
        let own = plain.train.images.copy();
        let (validation, test) = (plain.validation.len(), plain.test.len());
        let mixed = plain.mixed(&Mixture {
            digits: 0.5,
            non_digits: 0.2,
        });
        assert_eq!(mixed.train.len(), 170);
        assert_eq!(
            (mixed.validation.len(), mixed.test.len()),
            (validation, test)
        );
        assert_eq!(mixed.train.images.narrow(0, 0, 100), own);
        let labels = Vec::<i64>::try_from(&mixed.train.labels).unwrap();
        assert!(labels[..150].iter().all(|label| *label < 10));
        assert!(labels[150..].iter().all(|label| *label == NO_DIGIT));
    }

    #[test]
    fn up_to_ten_times_as_many_images_may_be_added() {
        let check = |digits, non_digits| Mixture { digits, non_digits }.check();
        assert!(Mixture::PICTURES.check().is_ok() && check(0.0, 10.0).is_ok());
        for share in [-0.1, 10.1, f64::NAN, f64::INFINITY] {
            assert!(
                check(share, 0.0).is_err() && check(0.0, share).is_err(),
                "{share}"
            );
        }
        let text = check(0.0, 11.0).unwrap_err().to_string();
        assert_eq!(
            text,
            "a mixture adds 0 to 10 images per original image, not 11"
        );
    }
}
