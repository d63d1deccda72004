//! An untrusted picture, read by the built-in networks.

#![no_main]

use std::cell::LazyCell;

use libfuzzer_sys::fuzz_target;
use mnist_tch::picture::ImageError;
use mnist_tch::recognizer::Recognizer;
use tch::Device;

thread_local! {
    static RECOGNIZER: LazyCell<Recognizer> = LazyCell::new(|| Recognizer::builtin(Device::Cpu).unwrap());
}

fuzz_target!(|bytes: &[u8]| {
    match RECOGNIZER.with(|recognizer| recognizer.read(bytes)) {
        Ok(reading) => {
            assert!(reading.rows.iter().all(|row| !row.is_empty()));
            assert!((0.0..=1.0).contains(&reading.confidence()));
            assert_eq!(reading.rows.is_empty(), reading.text().is_empty());
        }
        // A network that fails is a finding.
        Err(failure) => assert!(failure.is::<ImageError>(), "{failure:#}"),
    }
});
