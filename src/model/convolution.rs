//! Convolutions on the CPU in 32-bit floats, with a third of the multiplications that plain sums take
//! and less (`convolution/kernels.h` tells how).

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
    /// Pixels from one place of the kernel to the next.
    pub(super) stride: i64,
    /// Pixels of zero around the image.
    pub(super) padding: i64,
    /// Whether only the greatest of each 2×2 square is kept.
    pub(super) pooled: bool,
    /// Whether what is kept is no less than 0; where it is pooled only.
    pub(super) relu: bool,
    /// The weight as the loops want it, where it will not change.
    ready: Option<Tensor>,
}

impl Convolution {
    /// One that keeps all of its results.
    pub(super) fn new(weight: Tensor, bias: Option<Tensor>, stride: i64, padding: i64) -> Self {
        Self {
            weight,
            bias,
            stride,
            padding,
            pooled: false,
            relu: false,
            ready: None,
        }
    }

    /// Whether these loops take such a convolution of such values, and with all threads.
    ///
    /// # Shapes
    /// `[B, inputs, H, W]`.
    pub(super) fn serves(&self, values: &Tensor) -> bool {
        // With one channel come images, whose gradients nobody learns from.
        self.has_loops()
            && (values.device(), values.kind()) == (Device::Cpu, Kind::Float)
            && (self.weight.size()[1] > 1 || !values.requires_grad())
    }

    /// Whether there are loops for such a weight.
    fn has_loops(&self) -> bool {
        let [outputs, inputs, height, width] = self.weight.size()[..] else {
            return false;
        };
        cfg!(openmp)
            && instructions::settle()
            && self.stride == 1
            && height == width
            && (self.weight.device(), self.weight.kind()) == (Device::Cpu, Kind::Float)
            // SAFETY: it takes numbers only.
            && unsafe { mnist_tch_convolution_serves(inputs, outputs, height) }
    }

    /// Prepares the weight, for use without gradients as long as it stays as it is. Where memory does
    /// not suffice, each [run](Self::run) does it, and tells.
    pub(super) fn prepare(&mut self) {
        if self.has_loops() {
            // SAFETY: the tensor lives, and the C++ fills in what it returns.
            let ready = unsafe {
                returned_tensor(|result| {
                    mnist_tch_convolution_prepared(self.weight.as_ptr(), result)
                })
            };
            self.ready = ready.ok();
        }
    }

    /// Its results for values that it [serves](Self::serves).
    ///
    /// # Shapes
    /// `f32 [B, inputs, H, W]` to `f32 [B, outputs, H + 2·padding - R + 1, …]`, or half that height and
    /// width, channels last.
    ///
    /// # Errors
    /// When memory does not suffice.
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
                    optional(&self.ready),
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
    fn mnist_tch_convolution_serves(inputs: i64, outputs: i64, kernel: i64) -> bool;

    fn mnist_tch_convolution_prepared(
        weight: *const C_tensor,
        result: *mut *mut C_tensor,
    ) -> *mut c_char;

    fn mnist_tch_convolution(
        values: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        ready: *const C_tensor,
        padding: i64,
        pooled: bool,
        relu: bool,
        result: *mut *mut C_tensor,
    ) -> *mut c_char;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What sets a convolution apart.
    #[derive(Clone, Copy)]
    struct Case {
        inputs: i64,
        outputs: i64,
        kernel: i64,
        padding: i64,
        side: [i64; 2],
        bias: bool,
    }

    /// Squares that fill the image and such that reach beyond it, on each side; panels of channels that
    /// are full and such that are not; images too small for one square; rows and columns that have no
    /// partner to be pooled with.
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

    /// Those that there are loops for; vectors of 16 floats have none for 24 channels.
    fn cases() -> impl Iterator<Item = Case> {
        let served = CASES.into_iter().filter(|case| {
            let [_, weight, _] = draw(case);
            let served = Convolution::new(weight, None, 1, case.padding).has_loops();
            assert!(served || case.outputs % 16 != 0);
            served
        });
        assert!(served.clone().count() >= 8);
        served
    }

    fn random(size: &[i64]) -> Tensor {
        Tensor::randn(size, (Kind::Float, Device::Cpu))
    }

    /// Values (of which half are zero, as a ReLU leaves them), weight and bias.
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

    /// The convolution with its values, which want gradients.
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

    /// The result, and the gradients of all that it is made of where that of the result is given.
    fn learned(
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

    /// The greatest difference, relative to the greatest value.
    fn apart(a: &Tensor, b: &Tensor) -> f64 {
        assert_eq!(a.size(), b.size());
        let difference = (a.to_kind(Kind::Double) - b).abs().max() / b.abs().max();
        difference.double_value(&[])
    }

    #[test]
    fn results_and_gradients_are_those_of_exact_sums() {
        for case in cases() {
            let drawn = draw(&case);
            let (own, values) = learning(&case, &drawn, Kind::Float);
            assert!(own.serves(&values));
            let result = own.run(&values).unwrap();
            let gradient = random(&result.size());
            let own = learned(&own, &values, result, &gradient);
            let (exact, values) = learning(&case, &drawn, Kind::Double);
            let result = by_libtorch(&exact, &values);
            let exact = learned(&exact, &values, result, &gradient.to_kind(Kind::Double));
            assert_eq!(own.len(), exact.len());
            for (own, exact) in own.iter().zip(exact) {
                let apart = apart(own, &exact);
                assert!(apart < 5e-6, "{apart} for {:?}", own.size());
            }
        }
    }

    #[test]
    fn pooled_results_and_their_gradients_are_those_of_pooling_afterwards() {
        for (case, relu) in cases().flat_map(|case| [(case, false), (case, true)]) {
            let drawn = draw(&case);
            let (mut own, values) = learning(&case, &drawn, Kind::Float);
            (own.pooled, own.relu) = (true, relu);
            let result = own.run(&values).unwrap();
            let gradient = random(&result.size());
            let own = learned(&own, &values, result, &gradient);
            let (afterwards, values) = learning(&case, &drawn, Kind::Float);
            let result = afterwards.run(&values).unwrap();
            let result = result.max_pool2d([2; 2], [2; 2], [0; 2], [1; 2], false);
            let result = if relu { result.relu() } else { result };
            let afterwards = learned(&afterwards, &values, result, &gradient);
            assert_eq!(own, afterwards);
        }
    }

    #[test]
    fn an_image_gives_the_same_alone_and_among_others_and_with_a_prepared_weight() {
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
    fn what_is_no_number_shows() {
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
    fn values_of_another_convolution_are_refused() {
        let values = Tensor::zeros([1, 32, 8, 8], (Kind::Float, Device::Cpu));
        for weight in [[16, 16, 3, 3], [10, 32, 3, 3], [16, 32, 7, 7]] {
            let weight = Tensor::zeros(weight, (Kind::Float, Device::Cpu));
            assert!(Convolution::new(weight, None, 1, 1).run(&values).is_err());
        }
    }

    #[test]
    fn other_convolutions_are_left_to_libtorch() {
        let zeros = |size: &[i64], kind| Tensor::zeros(size, (kind, Device::Cpu));
        let serves =
            |weight: Tensor, values: &Tensor| Convolution::new(weight, None, 1, 0).serves(values);
        let values = zeros(&[1, 16, 8, 8], Kind::Float);
        let weight = || zeros(&[16, 16, 3, 3], Kind::Float);
        assert!(serves(weight(), &values));
        assert!(!serves(weight(), &values.to_kind(Kind::BFloat16)));
        for weight in [
            zeros(&[16, 16, 7, 7], Kind::Float),
            zeros(&[10, 16, 3, 3], Kind::Float),
            zeros(&[16, 16, 3, 3], Kind::BFloat16),
        ] {
            assert!(!serves(weight, &values));
        }
        let images = zeros(&[1, 1, 28, 28], Kind::Float).set_requires_grad(true);
        assert!(!serves(zeros(&[16, 1, 3, 3], Kind::Float), &images));
    }
}
