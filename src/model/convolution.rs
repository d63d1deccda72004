//! Convolutions on the CPU in 32-bit floats, with a third of the multiplications that plain sums take
//! and less (`convolution/kernels.h` tells how).

use std::ffi::c_char;
use std::ptr;

use tch::{Device, Kind, TchError, Tensor};
use torch_sys::C_tensor;

use crate::shim::check;

/// Whether these loops take such values and weights, and with all threads.
///
/// # Shapes
/// Values are `[B, inputs, H, W]`, the weight is `[outputs, inputs, R, R]`.
pub(super) fn serves(values: &Tensor, weight: &Tensor) -> bool {
    let (inputs, outputs, kernel) = match weight.size()[..] {
        [outputs, inputs, height, width] if height == width => (inputs, outputs, height),
        _ => return false,
    };
    // With one channel come images, whose gradients nobody learns from.
    let given_only = inputs > 1 || !values.requires_grad();
    cfg!(openmp)
        && values.device() == Device::Cpu
        && [values, weight].map(Tensor::kind) == [Kind::Float; 2]
        && given_only
        // SAFETY: it takes numbers only.
        && unsafe { mnist_tch_convolution_serves(inputs, outputs, kernel) }
}

/// A convolution with stride 1 of values that [`serves`] is true of.
///
/// # Shapes
/// `f32 [B, inputs, H, W]`, channels last, and `f32 [outputs, inputs, R, R]` to
/// `f32 [B, outputs, H + 2·padding - R + 1, …]`, channels last.
///
/// # Errors
/// When memory does not suffice.
pub(super) fn conv2d(
    values: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    padding: i64,
) -> Result<Tensor, TchError> {
    let bias = bias.map_or(ptr::null(), |bias| bias.as_ptr());
    let mut result = ptr::null_mut();
    // SAFETY: the tensors live, and what is filled in is now ours.
    unsafe {
        check(mnist_tch_convolution(
            values.as_ptr(),
            weight.as_ptr(),
            bias,
            padding,
            &mut result,
        ))?;
        Ok(Tensor::from_ptr(result))
    }
}

unsafe extern "C" {
    fn mnist_tch_convolution_serves(inputs: i64, outputs: i64, kernel: i64) -> bool;

    fn mnist_tch_convolution(
        values: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        padding: i64,
        result: *mut *mut C_tensor,
    ) -> *mut c_char;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values, weight and bias of a convolution.
    struct Case {
        inputs: i64,
        outputs: i64,
        kernel: i64,
        padding: i64,
        side: [i64; 2],
        bias: bool,
    }

    /// Squares that fill the image and such that reach beyond it, on each side; panels of channels that
    /// are full and such that are not; images too small for one square.
    const CASES: [Case; 8] = [
        case(1, 32, 3, 1, [28, 28], false),
        case(1, 16, 5, 0, [28, 27], true),
        case(32, 48, 3, 1, [14, 14], false),
        case(16, 32, 3, 0, [13, 10], true),
        case(48, 16, 3, 2, [3, 5], false),
        case(32, 64, 5, 0, [12, 12], true),
        case(16, 16, 5, 2, [7, 6], false),
        case(128, 128, 3, 1, [7, 7], false),
    ];

    const fn case(
        inputs: i64,
        outputs: i64,
        kernel: i64,
        padding: i64,
        side: [i64; 2],
        bias: bool,
    ) -> Case {
        Case {
            inputs,
            outputs,
            kernel,
            padding,
            side,
            bias,
        }
    }

    fn random(size: &[i64]) -> Tensor {
        Tensor::randn(size, (Kind::Float, Device::Cpu))
    }

    /// Values (of which half are zero, as a ReLU leaves them), weight, bias, and the result's gradient.
    fn draw(case: &Case) -> [Tensor; 4] {
        let [height, width] = case.side;
        let weight = [case.outputs, case.inputs, case.kernel, case.kernel];
        let fan = case.inputs * case.kernel * case.kernel;
        let side = |before: i64| before + 2 * case.padding - case.kernel + 1;
        [
            random(&[9, height, width, case.inputs]).relu(),
            random(&weight) / (fan as f64).sqrt(),
            random(&[case.outputs]),
            random(&[9, case.outputs, side(height), side(width)]),
        ]
    }

    /// The result and the gradients of all that it is made of.
    fn run(case: &Case, drawn: &[Tensor; 4], kind: Kind, own: bool) -> Vec<Tensor> {
        let [values, weight, bias, gradient] = drawn.each_ref().map(|drawn| drawn.to_kind(kind));
        let values = values.permute([0, 3, 1, 2]).detach();
        let values = values.set_requires_grad(case.inputs > 1);
        let [weight, bias] = [weight, bias].map(|tensor| tensor.detach().set_requires_grad(true));
        let shift = case.bias.then_some(&bias);
        let result = if own {
            assert!(serves(&values, &weight));
            conv2d(&values, &weight, shift, case.padding).unwrap()
        } else {
            values.conv2d(&weight, shift, [1, 1], [case.padding; 2], [1, 1], 1)
        };
        (&result * gradient).sum(kind).backward();
        let mut all = vec![result, weight.grad()];
        all.extend((case.inputs > 1).then(|| values.grad()));
        all.extend(case.bias.then(|| bias.grad()));
        all
    }

    /// The greatest difference, relative to the greatest value.
    fn apart(a: &Tensor, b: &Tensor) -> f64 {
        assert_eq!(a.size(), b.size());
        let difference = (a.to_kind(Kind::Double) - b).abs().max() / b.abs().max();
        difference.double_value(&[])
    }

    #[test]
    fn results_and_gradients_are_those_of_exact_sums() {
        for case in CASES {
            let drawn = draw(&case);
            let exact = run(&case, &drawn, Kind::Double, false);
            let own = run(&case, &drawn, Kind::Float, true);
            for (own, exact) in own.iter().zip(exact) {
                let apart = apart(own, &exact);
                assert!(apart < 5e-6, "{apart} for {:?}", own.size());
            }
        }
    }

    #[test]
    fn an_image_gives_the_same_alone_and_among_others() {
        for case in CASES {
            let [height, width] = case.side;
            let images = Tensor::rand([50, height, width, case.inputs], (Kind::Float, Device::Cpu));
            let images = images.permute([0, 3, 1, 2]);
            let size = [case.outputs, case.inputs, case.kernel, case.kernel];
            let weight = random(&size);
            let all = conv2d(&images, &weight, None, case.padding).unwrap();
            for image in [0, 17, 49] {
                let alone = images.narrow(0, image, 1);
                let alone = conv2d(&alone, &weight, None, case.padding).unwrap();
                assert_eq!(alone, all.narrow(0, image, 1));
            }
        }
    }

    #[test]
    fn what_is_no_number_shows() {
        let nan = Tensor::full([1, 16, 8, 8], f64::NAN, (Kind::Float, Device::Cpu));
        let weight = Tensor::ones([16, 16, 3, 3], (Kind::Float, Device::Cpu));
        let result = conv2d(&nan, &weight, None, 1).unwrap();
        assert!(result.isnan().all().int64_value(&[]) == 1);
    }

    #[test]
    fn other_convolutions_are_left_to_libtorch() {
        let tensor = |size: &[i64], kind| Tensor::zeros(size, (kind, Device::Cpu));
        let values = tensor(&[1, 16, 8, 8], Kind::Float);
        for weight in [
            tensor(&[16, 16, 7, 7], Kind::Float),
            tensor(&[10, 16, 3, 3], Kind::Float),
            tensor(&[16, 16, 3, 3], Kind::BFloat16),
        ] {
            assert!(!serves(&values, &weight));
        }
        let images = tensor(&[1, 1, 28, 28], Kind::Float).set_requires_grad(true);
        assert!(!serves(&images, &tensor(&[16, 1, 3, 3], Kind::Float)));
    }
}
