//! A training that is resumed at any step gives the same result as an uninterrupted one, whatever its
//! settings.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::Result;
use mnist_tch::dataset::Dataset;
use mnist_tch::dataset::source::{self, Choice, Request};
use mnist_tch::model::{Architecture, Net};
use mnist_tch::trainer::EpochRecord;
use mnist_tch::trainer::{self, Event, Optimizer, SavedState, TrainConfig};
use proptest::prelude::*;
use proptest::sample::select;
use tch::{Device, Tensor};

/// Images to train on.
const IMAGES: usize = 60;

fn digits() -> Dataset {
    let request = Request {
        choice: Choice::Synthetic,
        folder: None,
        limit: Some(IMAGES),
    };
    source::open(&request, &mut |_| ()).expect("drawing digits")
}

fn network() -> Net {
    Net::new(&Architecture::Mlp { hidden: vec![8] }, 0, Device::Cpu).expect("a network")
}

prop_compose! {
    fn settings()(
        epochs in 1..5_usize,
        batch_size in 7..40_usize,
        seed: u64,
        optimizer in select(vec![Optimizer::AdamW, Optimizer::Adam, Optimizer::Sgd]),
        averaging in select(vec![0.0, 0.9, 0.998]),
        augment: bool,
        patience in select(vec![None, Some(1)]),
    ) -> TrainConfig {
        let own = TrainConfig::default_for(&Architecture::Cnn);
        TrainConfig {
            epochs,
            batch_size,
            averaging,
            patience,
            seed,
            augmentation: own.augmentation.filter(|_| augment),
            ..own.with_optimizer(optimizer)
        }
    }
}

/// A record without its times.
fn without_times(record: &EpochRecord) -> EpochRecord {
    EpochRecord {
        seconds: 0.0,
        images_per_second: 0.0,
        ..record.clone()
    }
}

/// Trains up to step `stop`, counted from 0, and saves the state there.
fn train_and_stop(start: &[(String, Tensor)], config: &TrainConfig, stop: usize, path: &Path) {
    let (digits, mut net) = (digits(), network());
    net.restore(start).expect("the initial weights");
    let mut step = 0;
    let _ = trainer::train(
        &mut net,
        &digits.train,
        &digits.validation,
        config,
        &mut |event| {
            let Event::Step { state, .. } = event else {
                return Ok(ControlFlow::Continue(()));
            };
            step += 1;
            if step <= stop {
                return Ok(ControlFlow::Continue(()));
            }
            state.save(path)?;
            Ok(ControlFlow::Break(()))
        },
    );
}

fn resume(config: &TrainConfig, path: &Path) -> Result<(Vec<(String, Tensor)>, EpochRecord)> {
    let (digits, mut net) = (digits(), network());
    let saved = SavedState::load(path)?;
    let record = trainer::resume(
        &mut net,
        &digits.train,
        &digits.validation,
        config,
        &saved,
        &mut |_| Ok(ControlFlow::Continue(())),
    )?;
    Ok((net.snapshot(), record))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_training_resumes_at_any_step_bit_for_bit(
        config in settings(),
        stop: prop::sample::Index,
    ) {
        let (digits, mut net) = (digits(), network());
        let start = net.snapshot();
        let mut steps = 0;
        let straight = trainer::train(
            &mut net,
            &digits.train,
            &digits.validation,
            &config,
            &mut |event| {
                steps += usize::from(matches!(event, Event::Step { .. }));
                Ok(ControlFlow::Continue(()))
            },
        ).unwrap();

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.safetensors");
        train_and_stop(&start, &config, stop.index(steps), &path);
        let (weights, record) = resume(&config, &path).unwrap();
        prop_assert_eq!(without_times(&record), without_times(&straight));
        for ((name, one), (_, other)) in weights.iter().zip(net.snapshot()) {
            prop_assert!(*one == other, "{} differs", name);
        }
    }

    #[test]
    fn a_damaged_state_is_refused_or_accepted_and_never_crashes_the_program(
        damages in prop::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..4),
        in_header: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.safetensors");
        let config = TrainConfig { epochs: 2, ..TrainConfig::fast() };
        train_and_stop(&network().snapshot(), &config, 1, &path);
        let mut bytes = std::fs::read(&path).unwrap();
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        for (place, damage) in damages {
            let end = if in_header { 8 + length } else { bytes.len() };
            bytes[place.index(end)] ^= damage;
        }
        std::fs::write(&path, bytes).unwrap();
        if let Ok((weights, record)) = resume(&config, &path) {
            prop_assert!(record.validation_loss.is_finite());
            prop_assert_eq!(weights.len(), 4);
        }
    }
}
