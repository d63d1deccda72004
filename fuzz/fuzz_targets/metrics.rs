//! `metrics.csv`, parsed into rows; drawing them takes a tenth of a second, so a test of the plots covers
//! that.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::run;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(history) = run::parse_history(bytes) {
        assert!(history.len() <= bytes.len());
    }
});
