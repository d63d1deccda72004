//! An untrusted picture, prepared to the grey image that the networks take.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::recognizer::prepare;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(prepared) = prepare(bytes) {
        let (width, height) = prepared.grey().dimensions();
        assert!(width.min(height) > 0 && width.max(height) <= 1000);
    }
});
