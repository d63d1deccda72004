//! Anybody's picture, to MNIST's form.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::recognizer::center::SIDE;
use mnist_tch::recognizer::prepare::prepare;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(fitted) = prepare(bytes, &mut |_, _| {}) {
        assert_eq!(fitted.dimensions(), (SIDE, SIDE));
        assert!(fitted.pixels().any(|pixel| pixel[0] > 0));
    }
});
