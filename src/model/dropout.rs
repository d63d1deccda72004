//! Dropout with a random generator per thread: libtorch has one for the whole process, so
//! concurrent training runs would affect each other.

use std::cell::RefCell;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{TchError, Tensor};

thread_local! {
    /// The generator of the training run on this thread.
    static GENERATOR: RefCell<ChaCha8Rng> = RefCell::new(ChaCha8Rng::seed_from_u64(0));
}

/// Seeds dropout for networks that compute on this thread.
pub fn seed(seed: u64) {
    GENERATOR.with_borrow_mut(|generator| *generator = ChaCha8Rng::seed_from_u64(seed));
}

/// Zeroes values with probability `p`, rounded to 1/256, and scales the others to compensate.
///
/// # Errors
/// When memory runs out.
pub(super) fn apply(values: &Tensor, p: f64) -> Result<Tensor, TchError> {
    let dropped = (p * 256.0).round();
    let mut bytes = vec![0_u8; values.numel()];
    GENERATOR.with_borrow_mut(|generator| generator.fill_bytes(&mut bytes));
    let kept = Tensor::f_from_slice(&bytes)?
        .f_to_device(values.device())?
        .f_ge(dropped)?
        .f_to_kind(values.kind())?;
    let kept = kept.f_mul_scalar(256.0 / (256.0 - dropped))?;
    let kept = match values.size()[..] {
        // The same strides as the values, so that the product is one pass over memory.
        [batch, channels, height, width] => kept
            .f_view([batch, height, width, channels])?
            .permute([0, 3, 1, 2]),
        ref size => kept.f_view(size)?,
    };
    values.f_mul(&kept)
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;

    #[test]
    fn it_drops_its_share_and_keeps_the_mean() {
        let values = Tensor::ones([100, 784], (Kind::Float, Device::Cpu));
        let kept = apply(&values, 0.25).unwrap();
        let share = kept.eq(0.0).to_kind(Kind::Float).mean(Kind::Float);
        assert!((share.double_value(&[]) - 0.25).abs() < 0.01);
        assert!((kept.mean(Kind::Float).double_value(&[]) - 1.0).abs() < 0.01);
    }

    #[test]
    fn other_threads_do_not_affect_it() {
        let values = Tensor::ones([64, 64], (Kind::Float, Device::Cpu));
        let draw = |values: &Tensor| {
            seed(7);
            apply(values, 0.5).unwrap()
        };
        let alone = draw(&values);
        seed(7);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                tch::manual_seed(1);
                seed(8);
            });
        });
        assert!(apply(&values, 0.5).unwrap() == alone);
    }
}
