//! A handwritten-digit recogniser on libtorch: train, plot, recognise and export.
//!
//! From digits to a network that reads them:
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
//! // Digits that the library draws; `Choice::Mnist` finds or fetches MNIST.
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
//! let answers = net.logits(&to_batch(&digits.test.images))?.argmax(1, false);
//! let right = answers.eq_tensor(&digits.test.labels).to_kind(Kind::Float);
//! assert!(right.mean(Kind::Float).double_value(&[]) > 0.8);
//! # Ok(())
//! # }
//! ```
//!
//! [`experiment`] does all of that and more in a run folder that a stopped training resumes from, for one
//! network, an ensemble or a grid of them.
//!
//! People's own pictures are read by a [`recognizer::Recognizer`], which [`serve`] offers as a web page
//! and an HTTP service; networks are saved by [`model::checkpoint`] and written for other programs by
//! [`export`].
//!
//! The modules, bottom up; each uses only those before it.

pub mod chance;
pub mod machine;
pub mod percent;
pub mod picture;
mod shim;
pub mod storage;
pub mod tensors;

pub mod device;

pub mod precision;

pub mod dataset;
pub mod model;

pub mod scenes;

pub mod reader;

pub mod recognizer;

pub mod export;
pub mod trainer;

pub mod bench;
pub mod evaluation;
pub mod plots;
pub mod run;
pub mod tensorboard;

pub mod experiment;
pub mod serve;

pub mod cli;
