//! Trains a network and reads pictures with it, through the library alone.
//!
//! `cargo run --release --example train_and_read data/five.png data/eight.jpg`

#![allow(clippy::print_stdout)]

use std::ops::ControlFlow;

use anyhow::{Context, Result};
use mnist_tch::dataset::source::{self, Choice, Request};
use mnist_tch::machine;
use mnist_tch::model::{Architecture, Net};
use mnist_tch::reader::Reader;
use mnist_tch::recognizer::Recognizer;
use mnist_tch::trainer::{self, Event, TrainConfig, calibrate};
use tch::Device;

fn main() -> Result<()> {
    machine::prepare(None, Device::Cpu);
    // MNIST where it is or can be fetched, else digits that the library draws.
    let request = Request {
        choice: Choice::Auto,
        folder: None,
        limit: Some(20_000),
    };
    let data = source::open(&request, &mut |_| ())?;
    println!("training on {}", data.origin);

    let architecture = Architecture::Cnn;
    let config = TrainConfig {
        epochs: 3,
        ..TrainConfig::default_for(&architecture)
    };
    let mut net = Net::new(&architecture, config.seed, Device::Cpu)?;
    trainer::train(
        &mut net,
        &data.train,
        &data.validation,
        &config,
        &mut |event| {
            if let Event::Epoch { record, .. } = event {
                let accuracy = 100.0 * record.validation_accuracy;
                println!(
                    "epoch {}: {accuracy:.2} % of the validation split",
                    record.epoch
                );
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    // So that 90 % sure means right in nine of ten cases.
    calibrate(&mut net, &data.validation)?;

    // The built-in reader finds digits; the network just trained reads what is in MNIST's form already.
    let (reader, _) = Reader::builtin(Device::Cpu)?;
    let recognizer = Recognizer::new(&net, &reader);
    for path in std::env::args().skip(1) {
        let file = std::fs::read(&path).with_context(|| format!("reading {path}"))?;
        let reading = recognizer
            .read(&file)
            .with_context(|| format!("reading {path}"))?;
        match &reading.reason {
            Some(reason) => println!("{path}: no digit ({reason})"),
            None => println!(
                "{path}: {} ({:.1} %)",
                reading.text(),
                100.0 * reading.confidence()
            ),
        }
    }
    Ok(())
}
