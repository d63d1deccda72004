//! `config.json`, with which a run is resumed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::run::Settings;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(settings) = Settings::parse(bytes) {
        // Accepted settings are written and read again without loss.
        let written = serde_json::to_vec(&settings).expect("settings can be written");
        let again = Settings::parse(&written).expect("what was written can be read");
        assert_eq!(written, serde_json::to_vec(&again).expect("and written again"));
    }
});
