//! A handwritten-digit recogniser on libtorch: train, look, recognise and export.
//!
//! The modules, from the ground up; each uses only those before it.

pub mod machine;
pub mod run;
mod shim;
pub mod tensors;

pub mod device;

pub mod precision;

pub mod dataset;
pub mod model;

pub mod export;
pub mod plots;
pub mod recognizer;
pub mod trainer;

pub mod bench;

pub mod cli;
