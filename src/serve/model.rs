//! `GET /api/model`: which network answers.

use anyhow::Result;
use serde::Serialize;

use crate::device;
use crate::model::Net;
use crate::model::checkpoint::Description;
use crate::model::summary::Summary;
use crate::tensors::CLASSES;
use crate::version::{LIBTORCH_VERSION, VERSION};

/// Which network answers, and how good it is.
#[derive(Clone, Debug, Serialize)]
pub struct ModelCard {
    /// Its name: `wide`, or `3 × vgg`.
    pub name: String,
    /// The number of networks in the ensemble, or 1.
    pub members: usize,
    /// Its layers.
    pub layers: Vec<String>,
    /// Parameters of all members.
    pub parameters: i64,
    /// Multiply-adds for one image, of all members.
    pub multiply_adds: i64,
    /// The classes, in the order of `probabilities`.
    pub classes: Vec<String>,
    /// What it was trained on: `mnist`, `synthetic`, `idx` or `unknown data`.
    pub data: String,
    /// Accuracy on the validation split, if that was measured.
    pub validation_accuracy: Option<f64>,
    /// Accuracy on the test split, if that was measured.
    pub test_accuracy: Option<f64>,
    /// Less probable digits are refused.
    pub min_confidence: f64,
    /// The device that it runs on.
    pub device: String,
    /// Version of this program.
    pub version: String,
    /// Version of libtorch.
    pub libtorch: &'static str,
}

impl ModelCard {
    /// From a network and the description in its file.
    ///
    /// # Errors
    /// When its layers do not fit one another.
    pub fn new(net: &Net, description: &Description, min_confidence: f64) -> Result<Self> {
        let summary = Summary::new(net.architecture())?;
        let members = net.members();
        Ok(Self {
            name: description.name(),
            members,
            layers: summary.rows.iter().map(|row| row.title.clone()).collect(),
            parameters: members as i64 * summary.parameters(),
            multiply_adds: members as i64 * summary.multiply_adds(),
            classes: (0..CLASSES).map(|digit| digit.to_string()).collect(),
            data: description.data.clone(),
            validation_accuracy: description.validation_accuracy,
            test_accuracy: description.test_accuracy,
            min_confidence,
            device: device::name(net.weights().device()),
            version: VERSION.to_owned(),
            libtorch: LIBTORCH_VERSION,
        })
    }
}
