//! Whether a batch fits into memory.

use anyhow::{Result, ensure};
use indicatif::HumanBytes;
use tch::Device;

use crate::machine;
use crate::model::Net;
use crate::model::layer::Layer;
use crate::precision::Precision;

/// Refuses a batch that does not fit into the CPU's memory: the system would kill the process
/// without a message. A GPU's driver reports by itself that it is out of memory.
///
/// # Errors
/// When training steps on `batch` images need more memory than is free.
pub(super) fn check(net: &Net, batch: usize) -> Result<()> {
    let Some(free) = machine::free_memory() else {
        return Ok(());
    };
    let needed = step_bytes(net, batch)?;
    ensure!(
        net.weights().device() != Device::Cpu || needed <= free,
        "steps of {batch} images take about {} of memory, and {} are free; try a smaller --batch-size",
        HumanBytes(needed),
        HumanBytes(free)
    );
    Ok(())
}

/// A step's peak memory, roughly: each layer's output, as much again for gradients, and the indices
/// of max-pooling, a byte each.
fn step_bytes(net: &Net, batch: usize) -> Result<u64> {
    let value = match net.precision() {
        Precision::F32 => 4,
        Precision::Bf16 => 2,
    };
    let layers = net.architecture().shapes()?;
    let image: u64 = layers
        .iter()
        .map(|(layer, output)| {
            let values = output.iter().product::<i64>().unsigned_abs();
            let kept = match layer {
                // In place, or a view.
                Layer::Relu | Layer::Flatten => 0,
                Layer::MaxPool2d { .. } => 2 * value + 1,
                _ => 2 * value,
            };
            values * kept
        })
        .sum();
    // Temporary values add about a quarter.
    Ok(image * batch as u64 * 5 / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    #[test]
    fn a_batch_larger_than_memory_is_refused_and_a_usual_one_is_not() {
        let net = Net::new(&Architecture::Vgg, 0, Device::Cpu).unwrap();
        check(&net, 128).unwrap();
        let refused = check(&net, 1 << 40).unwrap_err().to_string();
        assert!(refused.contains("try a smaller --batch-size"), "{refused}");
    }

    #[test]
    fn a_step_holds_values_and_gradients_of_each_layer() {
        let architecture = Architecture::Mlp { hidden: vec![30] };
        let mut net = Net::new(&architecture, 0, Device::Cpu).unwrap();
        // For 7 images, the 30 and the 10 values, twice each in four bytes, and a quarter more;
        // Flatten and ReLU allocate nothing.
        assert_eq!(step_bytes(&net, 7).unwrap(), 7 * (30 + 10) * 8 * 5 / 4);
        net.set_precision(Precision::Bf16);
        assert_eq!(step_bytes(&net, 7).unwrap(), 7 * (30 + 10) * 4 * 5 / 4);
    }

    #[test]
    fn max_pooling_holds_an_index_for_each_value() {
        let net = Net::new(&Architecture::Cnn, 0, Device::Cpu).unwrap();
        let pooled = [24 * 12 * 12, 64 * 5 * 5];
        // Each is normalised, too; the third convolution also has a dropout.
        let others = [24 * 24 * 24, 64 * 10 * 10, 3 * 96 * 3 * 3, 128, 10];
        let values: u64 = others.iter().sum::<u64>() + 2 * pooled.iter().sum::<u64>();
        let bytes = 8 * values + pooled.iter().sum::<u64>();
        assert_eq!(step_bytes(&net, 4).unwrap(), bytes * 5);
    }
}
