//! `state.safetensors`, from which a training is resumed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::trainer::SavedState;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(state) = SavedState::parse(bytes.to_vec()) {
        let counted = (1..).zip(state.history());
        assert!(counted.into_iter().all(|(epoch, record)| record.epoch == epoch));
    }
});
