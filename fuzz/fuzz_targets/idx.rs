//! MNIST's file format, and the gzip around it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::dataset::{gzip, idx};
use mnist_tch::tensors::CLASSES;

/// The maximum number of bytes that are unpacked: enough for any header, and few enough to be fast.
const MAX_BYTES: u64 = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(unpacked) = gzip::decompress(bytes, MAX_BYTES) {
        read(&unpacked);
    }
    read(bytes);
});

fn read(bytes: &[u8]) {
    if let Ok(images) = idx::images(bytes) {
        let size = images.height.checked_mul(images.width);
        assert_eq!(size.map(|size| size * images.count), Some(images.pixels.len()));
    }
    if let Ok(labels) = idx::labels(bytes, CLASSES) {
        assert!(labels.len() <= bytes.len());
        assert!(labels.iter().all(|&label| usize::from(label) < CLASSES));
    }
}
