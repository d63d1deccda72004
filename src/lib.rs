//! A handwritten-digit recogniser on libtorch: train, evaluate, plot, recognise and export.
//!
//! Training a network and evaluating it:
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use mnist_tch::dataset::source::{self, Choice, Request};
//! use mnist_tch::model::{Architecture, Net};
//! use mnist_tch::tensors::to_batch;
//! use mnist_tch::trainer::{self, TrainConfig};
//! use tch::{Device, Kind};
//!
//! # fn main() -> anyhow::Result<()> {
//! // Synthetic digits; `Choice::Mnist` finds or downloads MNIST.
//! let request = Request {
//!     choice: Choice::Synthetic,
//!     folder: None,
//!     limit: Some(3_000),
//! };
//! let digits = source::open(&request, &mut |_| ())?;
//!
//! let mut net = Net::new(&Architecture::Small, 0, Device::Cpu)?;
//! let config = TrainConfig {
//!     epochs: 3,
//!     ..TrainConfig::fast()
//! };
//! let best = trainer::train(
//!     &mut net,
//!     &digits.train,
//!     &digits.validation,
//!     &config,
//!     &mut |_| Ok(ControlFlow::Continue(())),
//! )?;
//! assert!(best.validation_accuracy > 0.8);
//!
//! // f32 [B, 1, 28, 28] in 0..1 to logits [B, 10].
//! let predictions = net.logits(&to_batch(&digits.test.images))?.argmax(1, false);
//! let correct = predictions.eq_tensor(&digits.test.labels).to_kind(Kind::Float);
//! assert!(correct.mean(Kind::Float).double_value(&[]) > 0.8);
//! # Ok(())
//! # }
//! ```
//!
//! [`experiment`] does all of that and more in a run folder from which interrupted training
//! resumes, for one network, an ensemble or a grid of them.
//!
//! A [`recognizer::Recognizer`] reads people's own pictures, and [`serve`] offers it as a web page
//! and an HTTP service. [`model::checkpoint`] saves networks, and [`export`] writes them for other
//! programs.
//!
//! The modules, bottom up: each uses only those before it.

pub mod machine;
pub mod percent;
pub mod picture;
pub mod random;
mod shim;
pub mod storage;
pub mod tensors;
pub mod version;

pub mod characters;
pub mod device;

pub mod precision;

pub mod dataset;
pub mod model;

pub mod scenes;

pub mod reader;

pub mod recognizer;

pub mod export;
pub mod table;
pub mod trainer;

pub mod form;

pub mod bench;
pub mod evaluation;
pub mod plots;
pub mod run;
pub mod tensorboard;

pub mod experiment;
pub mod serve;

pub mod cli;
