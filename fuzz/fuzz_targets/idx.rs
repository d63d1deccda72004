//! MNIST's file format, and the gzip around it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mnist_tch::dataset::{files, idx};
use mnist_tch::tensors::CLASSES;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(unpacked) = files::gunzip(bytes) {
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
