//! Convolutions on the CPU in 32-bit floats, with 25 % (3×3) or 36 % (5×5) of the multiplications of
//! direct convolution (see `convolution/kernels.h`).

use std::ffi::c_char;
use std::ptr;

use tch::{Device, Kind, TchError, Tensor};
use torch_sys::C_tensor;

use super::instructions;
use crate::shim::returned_tensor;

/// A convolution.
#[derive(Debug)]
pub(super) struct Convolution {
    /// `[outputs, inputs, R, R]`, channels last.
    pub(super) weight: Tensor,
    /// `[outputs]`.
    pub(super) bias: Option<Tensor>,
    /// Stride.
    pub(super) stride: i64,
    /// Zero padding.
    pub(super) padding: i64,
    /// Whether 2×2 max-pooling follows.
    pub(super) pooled: bool,
    /// Whether a ReLU follows the pooling.
    pub(super) relu: bool,
    /// The weight in the kernels' layout, where it will not change.
    prepared: Option<Tensor>,
}

impl Convolution {
    /// A convolution without pooling.
    pub(super) fn new(weight: Tensor, bias: Option<Tensor>, stride: i64, padding: i64) -> Self {
        Self {
            weight,
            bias,
            stride,
            padding,
            pooled: false,
            relu: false,
            prepared: None,
        }
    }

    /// Whether the kernels support this convolution of such values, on all threads.
    ///
    /// # Shapes
    /// `[B, inputs, H, W]`.
    pub(super) fn supports(&self, values: &Tensor) -> bool {
        // The kernels for one channel compute no gradients of their input.
        self.has_kernel()
            && (values.device(), values.kind()) == (Device::Cpu, Kind::Float)
            && (self.weight.size()[1] > 1 || !values.requires_grad())
    }

    /// Whether there is a kernel for this weight.
    fn has_kernel(&self) -> bool {
        let [outputs, inputs, height, width] = self.weight.size()[..] else {
            return false;
        };
        cfg!(openmp)
            && instructions::kernels_enabled()
            && self.stride == 1
            && height == width
            && (self.weight.device(), self.weight.kind()) == (Device::Cpu, Kind::Float)
            // SAFETY: it takes only numbers.
            && unsafe { mnist_tch_convolution_supports(inputs, outputs, height) }
    }

    /// Prepares the weight for inference, as long as it does not change. If memory runs out, each
    /// [run](Self::run) tries again and reports it.
    pub(super) fn prepare(&mut self) {
        if self.has_kernel() {
            // SAFETY: the tensor lives, and the C++ fills in what it returns.
            let prepared = unsafe {
                returned_tensor(|result| {
                    mnist_tch_convolution_prepared(self.weight.as_ptr(), result)
                })
            };
            self.prepared = prepared.ok();
        }
    }

    /// The output for values that it [supports](Self::supports).
    ///
    /// # Shapes
    /// `f32 [B, inputs, H, W]` to `f32 [B, outputs, H + 2·padding - R + 1, …]`, or half that height
    /// and width, channels last.
    ///
    /// # Errors
    /// When memory runs out.
    pub(super) fn run(&self, values: &Tensor) -> Result<Tensor, TchError> {
        let optional =
            |tensor: &Option<Tensor>| tensor.as_ref().map_or(ptr::null(), Tensor::as_ptr);
        // SAFETY: as above.
        unsafe {
            returned_tensor(|result| {
                mnist_tch_convolution(
                    values.as_ptr(),
                    self.weight.as_ptr(),
                    optional(&self.bias),
                    optional(&self.prepared),
                    self.padding,
                    self.pooled,
                    self.relu,
                    result,
                )
            })
        }
    }
}

unsafe extern "C" {
    fn mnist_tch_convolution_supports(inputs: i64, outputs: i64, kernel: i64) -> bool;

    fn mnist_tch_convolution_prepared(
        weight: *const C_tensor,
        result: *mut *mut C_tensor,
    ) -> *mut c_char;

    fn mnist_tch_convolution(
        values: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        prepared: *const C_tensor,
        padding: i64,
        pooled: bool,
        relu: bool,
        result: *mut *mut C_tensor,
    ) -> *mut c_char;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters of a convolution.
    #[derive(Clone, Copy)]
    struct Case {
        inputs: i64,
        outputs: i64,
        kernel: i64,
        padding: i64,
        side: [i64; 2],
        bias: bool,
    }

    /// Tiles that fit the image and tiles that reach beyond it, on each side; full and partial
    /// panels of channels; images smaller than a tile; odd rows and columns that pooling leaves
    /// out.
    const CASES: [Case; 10] = [
        case(1, 32, 3, 1, [28, 28], false),
        case(1, 16, 5, 0, [28, 27], true),
        case(32, 48, 3, 1, [14, 14], false),
        case(16, 32, 3, 0, [13, 10], true),
        case(48, 16, 3, 2, [3, 5], false),
        case(32, 64, 5, 0, [12, 13], true),
        case(16, 16, 5, 2, [7, 6], false),
        case(128, 128, 3, 1, [7, 7], false),
        case(24, 40, 3, 1, [9, 11], true),
        case(1, 24, 3, 1, [15, 13], false),
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

    /// The cases with a kernel; vectors of 16 floats have none for 24 channels.
    fn cases() -> impl Iterator<Item = Case> {
        let supported = CASES.into_iter().filter(|case| {
            let [_, weight, _] = draw(case);
            let supported = Convolution::new(weight, None, 1, case.padding).has_kernel();
            assert!(supported || case.outputs % 16 != 0);
            supported
        });
        assert!(supported.clone().count() >= 8);
        supported
    }

    fn random(size: &[i64]) -> Tensor {
        Tensor::randn(size, (Kind::Float, Device::Cpu))
    }

    /// Values (half of them zero, as after a ReLU), weight and bias.
    fn draw(case: &Case) -> [Tensor; 3] {
        let [height, width] = case.side;
        let weight = [case.outputs, case.inputs, case.kernel, case.kernel];
        let fan = case.inputs * case.kernel * case.kernel;
        [
            random(&[50, height, width, case.inputs]).relu(),
            random(&weight) / (fan as f64).sqrt(),
            random(&[case.outputs]),
        ]
    }

    /// The convolution with its values, all of which require gradients.
    fn learning(case: &Case, drawn: &[Tensor; 3], kind: Kind) -> (Convolution, Tensor) {
        let [values, weight, bias] = drawn.each_ref().map(|drawn| drawn.to_kind(kind));
        let values = values.permute([0, 3, 1, 2]).detach();
        let values = values.set_requires_grad(case.inputs > 1);
        let [weight, bias] = [weight, bias].map(|tensor| tensor.detach().set_requires_grad(true));
        let bias = case.bias.then_some(bias);
        (Convolution::new(weight, bias, 1, case.padding), values)
    }

    fn by_libtorch(convolution: &Convolution, values: &Tensor) -> Tensor {
        let Convolution {
            weight,
            bias,
            padding,
            ..
        } = convolution;
        values.conv2d(weight, bias.as_ref(), [1, 1], [*padding; 2], [1, 1], 1)
    }

    /// The result, and the gradients of weight, values and bias for the given gradient of the
    /// result.
    fn backward(
        convolution: &Convolution,
        values: &Tensor,
        result: Tensor,
        gradient: &Tensor,
    ) -> Vec<Tensor> {
        (&result * gradient).sum(result.kind()).backward();
        let mut all = vec![result, convolution.weight.grad()];
        all.extend(values.requires_grad().then(|| values.grad()));
        all.extend(convolution.bias.as_ref().map(Tensor::grad));
        all
    }

    /// The largest difference, relative to the largest value.
    fn relative_error(a: &Tensor, b: &Tensor) -> f64 {
        assert_eq!(a.size(), b.size());
        let difference = (a.to_kind(Kind::Double) - b).abs().max() / b.abs().max();
        difference.double_value(&[])
    }

    #[test]
    fn results_and_gradients_match_libtorch_in_double_precision() {
        for case in cases() {
            let drawn = draw(&case);
            let (own, values) = learning(&case, &drawn, Kind::Float);
            assert!(own.supports(&values));
            let result = own.run(&values).unwrap();
            let gradient = random(&result.size());
            let own = backward(&own, &values, result, &gradient);
            let (exact, values) = learning(&case, &drawn, Kind::Double);
            let result = by_libtorch(&exact, &values);
            let exact = backward(&exact, &values, result, &gradient.to_kind(Kind::Double));
            assert_eq!(own.len(), exact.len());
            for (own, exact) in own.iter().zip(exact) {
                let error = relative_error(own, &exact);
                assert!(error < 5e-6, "{error} for {:?}", own.size());
            }
        }
    }

    #[test]
    fn fused_pooling_matches_separate_pooling() {
        for (case, relu) in cases().flat_map(|case| [(case, false), (case, true)]) {
            let drawn = draw(&case);
            let (mut own, values) = learning(&case, &drawn, Kind::Float);
            (own.pooled, own.relu) = (true, relu);
            let result = own.run(&values).unwrap();
            let gradient = random(&result.size());
            let own = backward(&own, &values, result, &gradient);
            let (afterwards, values) = learning(&case, &drawn, Kind::Float);
            let result = afterwards.run(&values).unwrap();
            let result = result.max_pool2d([2; 2], [2; 2], [0; 2], [1; 2], false);
            let result = if relu { result.relu() } else { result };
            let afterwards = backward(&afterwards, &values, result, &gradient);
            assert_eq!(own, afterwards);
        }
    }

    #[test]
    fn results_depend_neither_on_the_batch_nor_on_preparation() {
        for case in cases() {
            let [values, weight, _] = draw(&case);
            let values = values.permute([0, 3, 1, 2]);
            let mut convolution = Convolution::new(weight, None, 1, case.padding);
            let all = convolution.run(&values).unwrap();
            convolution.prepare();
            for image in [0, 17, 49] {
                let alone = convolution.run(&values.narrow(0, image, 1)).unwrap();
                assert_eq!(alone, all.narrow(0, image, 1));
            }
        }
    }

    #[test]
    fn nan_propagates() {
        for case in cases() {
            let [_, weight, _] = draw(&case);
            let size = [1, case.inputs, 8, 8];
            let nan = Tensor::full(size, f64::NAN, (Kind::Float, Device::Cpu));
            let mut convolution = Convolution::new(weight, None, 1, 0);
            (convolution.pooled, convolution.relu) = (true, true);
            let result = convolution.run(&nan).unwrap();
            assert!(result.isnan().all().int64_value(&[]) == 1);
        }
    }

    #[test]
    fn unsupported_shapes_are_refused() {
        let values = Tensor::zeros([1, 32, 8, 8], (Kind::Float, Device::Cpu));
        for weight in [[16, 16, 3, 3], [10, 32, 3, 3], [16, 32, 7, 7]] {
            let weight = Tensor::zeros(weight, (Kind::Float, Device::Cpu));
            assert!(Convolution::new(weight, None, 1, 1).run(&values).is_err());
        }
    }

    #[test]
    fn other_convolutions_are_left_to_libtorch() {
        let zeros = |size: &[i64], kind| Tensor::zeros(size, (kind, Device::Cpu));
        let supports =
            |weight: Tensor, values: &Tensor| Convolution::new(weight, None, 1, 0).supports(values);
        let values = zeros(&[1, 16, 8, 8], Kind::Float);
        let weight = || zeros(&[16, 16, 3, 3], Kind::Float);
        assert!(supports(weight(), &values));
        assert!(!supports(weight(), &values.to_kind(Kind::BFloat16)));
        for weight in [
            zeros(&[16, 16, 7, 7], Kind::Float),
            zeros(&[10, 16, 3, 3], Kind::Float),
            zeros(&[16, 16, 3, 3], Kind::BFloat16),
        ] {
            assert!(!supports(weight, &values));
        }
        let images = zeros(&[1, 1, 28, 28], Kind::Float).set_requires_grad(true);
        assert!(!supports(zeros(&[16, 1, 3, 3], Kind::Float), &images));
    }
}
