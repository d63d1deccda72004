//! Comparison of a file's outputs with those of the network.

use anyhow::{Result, ensure};
use tch::{Device, Kind, TchError, Tensor};

use super::Output;
use crate::dataset::synthetic;
use crate::model::architecture::reader::CROP_SIDE;
use crate::model::{Architecture, Net};
use crate::shim::without_backtrace;
use crate::tensors::{SIDE, images_from_bytes, to_batch};

/// Batch sizes on which a file is compared: two, to prove that the size is dynamic.
const BATCHES: [usize; 2] = [1, 7];

/// The largest accepted difference for outputs up to 1, relative for larger ones.
const TOLERANCE: f64 = 1e-5;

/// Runs the network of a file on a batch.
pub(super) type Runner = Box<dyn Fn(&Tensor) -> Result<(Tensor, Output)>>;

/// Runs both on sample batches and returns the largest difference.
pub(super) fn compare(net: &Net, run: &Runner) -> Result<f64> {
    let mut largest: f64 = 0.0;
    for images in samples(net.architecture())? {
        let (other, answer) = run(&images)?;
        let own = match answer {
            Output::Logits | Output::Maps => net.logits(&images)?,
            Output::Probabilities => net.logits(&images)?.softmax(-1, Kind::Float),
        };
        ensure!(
            own.size() == other.size(),
            "it gives {answer} of shape {:?}, {:?} is needed",
            other.size(),
            own.size()
        );
        let scale = own.abs().max().double_value(&[]).max(1.0);
        let difference = max_difference(&own, &other).map_err(without_backtrace)?;
        ensure!(
            difference <= TOLERANCE * scale,
            "its {answer} differ by {} from the model's: this is a different network",
            format_difference(difference)
        );
        largest = largest.max(difference);
    }
    Ok(largest)
}

/// `13.2`, or `1.2e-4`.
fn format_difference(difference: f64) -> String {
    if difference >= 0.1 {
        format!("{difference:.1}")
    } else {
        format!("{difference:.1e}")
    }
}

/// Sample batches of digits, since all else may give the same output: two sizes of each dynamic
/// dimension.
fn samples(architecture: &Architecture) -> Result<Vec<Tensor>, TchError> {
    let digits = |count| to_batch(&images_from_bytes(&synthetic::digits(count, 0).pixels));
    let framed = |count, frame: i64| digits(count).f_constant_pad_nd([frame; 4]);
    match architecture {
        Architecture::Detector => {
            let picture = |[batch, rows, columns]: [i64; 3]| {
                let side = SIDE as i64 + 4;
                framed((batch * rows * columns) as usize, 2)?
                    .f_view([batch, rows, columns, side, side])?
                    .permute([0, 1, 3, 2, 4])
                    .f_reshape([batch, 1, rows * side, columns * side])
            };
            [[1, 2, 3], [3, 4, 1]].into_iter().map(picture).collect()
        }
        Architecture::Crop => {
            let frame = (CROP_SIDE - SIDE as i64) / 2;
            BATCHES
                .map(|count| framed(count, frame))
                .into_iter()
                .collect()
        }
        _ => Ok(BATCHES.map(digits).into()),
    }
}

/// The largest difference of two batches; type and device of the other come from a user's file.
fn max_difference(own: &Tensor, other: &Tensor) -> Result<f64, TchError> {
    let other = other.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?;
    own.f_sub(&other)?.f_abs()?.f_max()?.f_double_value(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_other_outputs_is_refused() {
        let architecture = Architecture::Mlp { hidden: vec![] };
        let net = Net::new(&architecture, 0, Device::Cpu).unwrap();
        let with = |change: fn(Tensor) -> Tensor| {
            let mut same = Net::new(&architecture, 0, Device::Cpu).unwrap();
            same.restore(&net.snapshot()).unwrap();
            let run: Runner =
                Box::new(move |images| Ok((change(same.logits(images)?), Output::Logits)));
            compare(&net, &run)
        };
        assert_eq!(with(|logits| logits).unwrap(), 0.0);
        let off = with(|logits| logits + 0.001).unwrap_err();
        assert!(
            off.to_string()
                .contains("differ by 1.0e-3 from the model's")
        );
        for change in [
            |logits: Tensor| logits.narrow(0, 0, 1).narrow(1, 0, 9),
            |logits: Tensor| logits / 0.0,
            |logits: Tensor| logits.gt(0.0),
        ] {
            assert!(with(change).is_err());
        }
    }
}
