//! Operations fused with the adjacent ReLU, each in one pass over memory, for which libtorch takes
//! two or three. On the CPU only, for channels-last values.

use std::ffi::c_char;

use tch::{Device, TchError, Tensor};
use torch_sys::C_tensor;

use super::instructions;
use super::layer::{BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM};
use crate::shim::returned_tensor;

/// Whether these operations support such values, on all threads.
pub(super) fn supports(values: &Tensor) -> bool {
    cfg!(openmp) && values.device() == Device::Cpu && instructions::kernels_enabled()
}

/// 2×2 max-pooling, optionally with ReLU.
///
/// # Shapes
/// `[B, C, H, W]` of `f32` or bfloat16 to `[B, C, H/2, W/2]`.
///
/// # Errors
/// When the values have another shape, or memory runs out.
pub(super) fn max_pool(values: &Tensor, relu: bool) -> Result<Tensor, TchError> {
    // SAFETY: the tensors live, and the C++ fills in what it returns.
    unsafe { returned_tensor(|result| mnist_tch_max_pool(values.as_ptr(), relu, result)) }
}

/// Batch normalisation in training mode, which updates the running statistics, optionally with
/// ReLU.
///
/// # Shapes
/// `values` is `[B, C, H, W]` of `f32` or bfloat16; `weights` are weight, bias, running mean and
/// running variance, each `f32 [C]`.
///
/// # Errors
/// When the shapes do not match, or memory runs out.
pub(super) fn batch_norm(
    values: &Tensor,
    weights: [&Tensor; 4],
    relu: bool,
) -> Result<Tensor, TchError> {
    let [weight, bias, mean, variance] = weights.map(Tensor::as_ptr);
    // SAFETY: as above.
    unsafe {
        returned_tensor(|result| {
            mnist_tch_batch_norm(
                values.as_ptr(),
                weight,
                bias,
                mean,
                variance,
                BATCH_NORM_MOMENTUM,
                BATCH_NORM_EPSILON,
                relu,
                result,
            )
        })
    }
}

unsafe extern "C" {
    fn mnist_tch_max_pool(
        values: *const C_tensor,
        relu: bool,
        result: *mut *mut C_tensor,
    ) -> *mut c_char;

    fn mnist_tch_batch_norm(
        values: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        running_mean: *const C_tensor,
        running_variance: *const C_tensor,
        momentum: f64,
        epsilon: f64,
        relu: bool,
        result: *mut *mut C_tensor,
    ) -> *mut c_char;
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    /// Fills vectors of each width and leaves a remainder.
    const CHANNELS: i64 = 27;

    /// Random channels-last values that require gradients; height and width are odd.
    fn values(kind: Kind) -> Tensor {
        let values = Tensor::randn([5, 9, 7, CHANNELS], (Kind::Float, Device::Cpu)) * 2.0 + 0.5;
        let values = values.to_kind(kind).permute([0, 3, 1, 2]);
        values.detach().set_requires_grad(true)
    }

    /// The largest difference, relative to the largest value.
    fn relative_error(a: &Tensor, b: &Tensor) -> f64 {
        assert_eq!((a.size(), a.kind()), (b.size(), b.kind()));
        let (a, b) = (a.to_kind(Kind::Double), b.to_kind(Kind::Double));
        let difference = (&a - &b).abs().max() / b.abs().max();
        difference.double_value(&[])
    }

    /// The tolerance for rounding errors.
    fn tolerance(kind: Kind) -> f64 {
        if kind == Kind::Float { 1e-5 } else { 0.02 }
    }

    /// The gradient of `values` for a non-uniform gradient of `result`, which is not random, since
    /// other tests draw from the same generator.
    fn gradient(values: &Tensor, result: &Tensor) -> Tensor {
        let count = result.numel() as i64;
        let weights = Tensor::arange(count, (Kind::Float, Device::Cpu)).sin();
        let weights = weights.view(result.size().as_slice());
        (result.to_kind(Kind::Float) * weights)
            .sum(Kind::Float)
            .backward();
        values.grad()
    }

    #[test]
    fn pooling_matches_libtorch_with_and_without_relu() {
        for (kind, relu) in [
            (Kind::Float, false),
            (Kind::Float, true),
            (Kind::BFloat16, false),
            (Kind::BFloat16, true),
        ] {
            let (own, theirs) = (values(kind), values(kind));
            tch::no_grad(|| theirs.shallow_clone().copy_(&own));
            let pooled = max_pool(&own, relu).unwrap();
            let expected = theirs.max_pool2d([2; 2], [2; 2], [0; 2], [1; 2], false);
            let expected = if relu { expected.relu() } else { expected };
            assert_eq!(pooled, expected);
            assert_eq!(max_pool(&own.detach(), relu).unwrap(), expected);
            assert_eq!(gradient(&own, &pooled), gradient(&theirs, &expected));
        }
    }

    #[test]
    fn normalisation_matches_libtorch_with_and_without_relu() {
        for (kind, relu) in [
            (Kind::Float, false),
            (Kind::Float, true),
            (Kind::BFloat16, false),
            (Kind::BFloat16, true),
        ] {
            let given = values(kind);
            let run = |fused: bool| {
                let values = given.copy().detach().set_requires_grad(true);
                let learned = |from: f64| {
                    let tensor = Tensor::linspace(from, 2.0, CHANNELS, (Kind::Float, Device::Cpu));
                    tensor.set_requires_grad(true)
                };
                let (weight, bias) = (learned(-1.0), learned(0.5));
                let mean = Tensor::full([CHANNELS], 0.3, (Kind::Float, Device::Cpu));
                let variance = Tensor::full([CHANNELS], 2.0, (Kind::Float, Device::Cpu));
                let result = if fused {
                    batch_norm(&values, [&weight, &bias, &mean, &variance], relu).unwrap()
                } else {
                    let result = values.batch_norm(
                        Some(&weight),
                        Some(&bias),
                        Some(&mean),
                        Some(&variance),
                        true,
                        BATCH_NORM_MOMENTUM,
                        BATCH_NORM_EPSILON,
                        true,
                    );
                    if relu { result.relu() } else { result }
                };
                let gradient = gradient(&values, &result);
                [result, gradient, weight.grad(), bias.grad(), mean, variance]
            };
            for (own, theirs) in run(true).iter().zip(run(false)) {
                let error = relative_error(own, &theirs);
                assert!(error < tolerance(kind), "{kind:?} {relu} {error}");
            }
        }
    }

    #[test]
    fn nan_propagates() {
        for kind in [Kind::Float, Kind::BFloat16] {
            let values = Tensor::full([1, 4, 4, CHANNELS], f64::NAN, (kind, Device::Cpu));
            let values = values.permute([0, 3, 1, 2]);
            let pooled = max_pool(&values, true).unwrap();
            assert!(pooled.isnan().all().int64_value(&[]) == 1);
            let one = || Tensor::ones([CHANNELS], (Kind::Float, Device::Cpu));
            let [weight, bias, mean, variance] = [one(), one(), one(), one()];
            let normalised = batch_norm(&values, [&weight, &bias, &mean, &variance], true).unwrap();
            assert!(normalised.isnan().all().int64_value(&[]) == 1);
        }
    }

    #[test]
    fn mismatched_shapes_and_types_are_refused() {
        let tensor = |size: &[i64], kind| Tensor::ones(size, (kind, Device::Cpu));
        let values = tensor(&[2, 4, 3, 3], Kind::Float);
        let weight = || tensor(&[4], Kind::Float);
        let four = [weight(), weight(), weight(), weight()];
        assert!(batch_norm(&values, four.each_ref(), false).is_ok());
        for place in 0..4 {
            for other in [tensor(&[3], Kind::Float), tensor(&[4], Kind::Double)] {
                let mut weights = four.each_ref();
                weights[place] = &other;
                assert!(batch_norm(&values, weights, false).is_err());
            }
        }
        for values in [
            tensor(&[2, 4, 3], Kind::Float),
            tensor(&[2, 4, 3, 3], Kind::Double),
            tensor(&[0, 4, 3, 3], Kind::Float),
        ] {
            assert!(batch_norm(&values, four.each_ref(), false).is_err());
        }
        assert!(max_pool(&tensor(&[2, 4, 3], Kind::Float), false).is_err());
        assert!(max_pool(&tensor(&[2, 4, 3, 3], Kind::Double), false).is_err());
    }
}
