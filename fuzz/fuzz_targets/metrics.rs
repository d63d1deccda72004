//! `metrics.csv`, to the picture of its curves.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::{plots, run};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(history) = run::parse_history(bytes) {
        let curves = [plots::Run { name: "run", history: &history }];
        let _ = plots::curves(&curves);
    }
});
