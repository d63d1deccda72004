//! Files of weights: this program's own, and those that are imported.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::model::{Architecture, checkpoint};
use tch::Device;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((net, description)) = checkpoint::from_bytes(bytes, Device::Cpu) {
        assert_eq!(net.architecture(), &description.architecture);
        // The network that was read can be run.
        let image = tch::Tensor::zeros([1, 1, 28, 28], (tch::Kind::Float, Device::Cpu));
        if let Ok(logits) = net.logits(&image) {
            assert_eq!(logits.size(), [1, 10]);
        }
    }
    for architecture in [Architecture::Mlp { hidden: vec![1] }, Architecture::Small] {
        let _ = checkpoint::import_bytes(bytes, &architecture);
    }
});
