//! What a file answers, held against the network that it was made of.

use anyhow::{Result, ensure};
use tch::{Device, Kind, TchError, Tensor};

use super::Output;
use crate::dataset::synthetic;
use crate::model::architecture::reader::CROP_SIDE;
use crate::model::{Architecture, Net};
use crate::shim::without_backtrace;
use crate::tensors::{SIDE, images_from_bytes, to_batch};

/// Batch sizes on which a file is compared: two, to prove that the size is free.
const BATCHES: [usize; 2] = [1, 7];

/// How far an answer of a file may be from the network's own, for answers of up to 1; for greater ones
/// in proportion, since what differs are the last digits.
const TOLERANCE: f64 = 1e-5;

/// What a file answers to images or pictures.
pub(super) type Runner = Box<dyn Fn(&Tensor) -> Result<(Tensor, Output)>>;

/// Asks both about batches of what such a network takes. Returns the greatest difference.
pub(super) fn compare(net: &Net, answers: &Runner) -> Result<f64> {
    let mut furthest: f64 = 0.0;
    for images in samples(net.architecture())? {
        let (other, answer) = answers(&images)?;
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
        let greatest = own.abs().max().double_value(&[]).max(1.0);
        let apart = distance(&own, &other).map_err(without_backtrace)?;
        ensure!(
            apart <= TOLERANCE * greatest,
            "its {answer} differ by {} from the model's: this is a different network",
            plainly(apart)
        );
        furthest = furthest.max(apart);
    }
    Ok(furthest)
}

/// A difference as people write it: `13.2`, or `1.2e-4`.
fn plainly(apart: f64) -> String {
    if apart >= 0.1 {
        format!("{apart:.1}")
    } else {
        format!("{apart:.1e}")
    }
}

/// Batches of digits, since a network may answer the same to all else, as such a network takes them: two
/// sizes of each dimension that is free.
fn samples(architecture: &Architecture) -> Result<Vec<Tensor>, TchError> {
    // From a generator of their own.
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

/// The greatest difference of two batches, of which a user's file decides what the other is made of.
fn distance(own: &Tensor, other: &Tensor) -> Result<f64, TchError> {
    let other = other.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?;
    own.f_sub(&other)?.f_abs()?.f_max()?.f_double_value(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_answers_otherwise_is_refused() {
        let architecture = Architecture::Mlp { hidden: vec![] };
        let net = Net::new(&architecture, 0, Device::Cpu).unwrap();
        let with = |change: fn(Tensor) -> Tensor| {
            let mut same = Net::new(&architecture, 0, Device::Cpu).unwrap();
            same.restore(&net.snapshot()).unwrap();
            let answers: Runner =
                Box::new(move |images| Ok((change(same.logits(images)?), Output::Logits)));
            compare(&net, &answers)
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
