//! Dropout, drawn from a generator of the training's own: libtorch has one for the whole process, so
//! that trainings beside each other would disturb each other.

use std::cell::RefCell;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{TchError, Tensor};

thread_local! {
    /// Of the training that computes on this thread.
    static GENERATOR: RefCell<ChaCha8Rng> = RefCell::new(ChaCha8Rng::seed_from_u64(0));
}

/// Sets what dropout leaves out from now on in networks that compute on this thread.
pub fn seed(seed: u64) {
    GENERATOR.with_borrow_mut(|generator| *generator = ChaCha8Rng::seed_from_u64(seed));
}

/// Leaves out values with probability `p`, in 1/256ths, and scales the others to make up for it.
///
/// # Errors
/// When memory does not suffice.
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
        // Strides as the values have them, so that the product walks through memory once.
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
    fn it_leaves_out_its_share_and_keeps_the_mean() {
        let values = Tensor::ones([100, 784], (Kind::Float, Device::Cpu));
        let kept = apply(&values, 0.25).unwrap();
        let share = kept.eq(0.0).to_kind(Kind::Float).mean(Kind::Float);
        assert!((share.double_value(&[]) - 0.25).abs() < 0.01);
        assert!((kept.mean(Kind::Float).double_value(&[]) - 1.0).abs() < 0.01);
    }

    #[test]
    fn what_another_thread_draws_changes_nothing() {
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
