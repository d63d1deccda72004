//! `metrics.csv`, as far as rows; what is drawn of them is held by a test of the plots, since it takes
//! a tenth of a second.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::run;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(history) = run::parse_history(bytes) {
        assert!(history.len() <= bytes.len());
    }
});
