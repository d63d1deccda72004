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
    /// What to call it: `wide`, or `3 × vgg`.
    pub name: String,
    /// Networks that answer together.
    pub members: usize,
    /// Its layers.
    pub layers: Vec<String>,
    /// Learned values, of all members.
    pub parameters: i64,
    /// Multiplications with addition for one image, of all members.
    pub multiply_adds: i64,
    /// What it answers, in the order of `probabilities`.
    pub classes: Vec<String>,
    /// What it was trained on: `mnist`, `synthetic`, `idx` or `unknown data`.
    pub data: String,
    /// Fraction of the validation split that it reads rightly, if that was measured.
    pub validation_accuracy: Option<f64>,
    /// Fraction of the test split that it reads rightly, if that was measured.
    pub test_accuracy: Option<f64>,
    /// Less probable digits are not answered.
    pub min_confidence: f64,
    /// Where it computes.
    pub device: String,
    /// Version of this program.
    pub version: String,
    /// Version of libtorch.
    pub libtorch: &'static str,
}

impl ModelCard {
    /// Of a network with what its file says of it.
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
