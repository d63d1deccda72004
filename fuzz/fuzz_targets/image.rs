//! Anybody's picture, to the grey one that networks look at.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::recognizer::prepare;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(prepared) = prepare(bytes) {
        let (width, height) = prepared.grey().dimensions();
        assert!(width.min(height) > 0 && width.max(height) <= 1000);
    }
});
