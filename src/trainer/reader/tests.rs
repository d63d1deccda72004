use std::sync::Arc;

use tch::Tensor;

use super::samples::{digit, reader, scene};
use super::*;
use crate::scenes::Split;
use crate::scenes::material::Material;

/// The third of three epochs, of which 198 of 200 steps are taken.
const STARTED: EpochMetrics = EpochMetrics {
    steps: 198,
    scenes: 1000,
    loss: 1000.0,
    digits: 50,
    correct: 40,
    seconds: 100.0,
};

fn config() -> ReaderConfig {
    ReaderConfig {
        epochs: 3,
        ..ReaderConfig::default()
    }
}

fn history() -> [EpochRecord; 2] {
    [1, 2].map(|epoch| EpochRecord::sample(epoch, 0.5))
}

fn batch() -> Batch {
    let scenes = [3, 5].map(|class| scene(64, 64, vec![digit(class, [10.0, 10.0, 40.0, 50.0])]));
    let targets: Vec<_> = scenes.iter().map(targets::of).collect();
    Batch::new(0, scenes.into(), &targets)
}

/// Epoch, scenes and loss of a reported step.
type Reported = (usize, usize, f64);

/// Runs the rest of the epoch and returns what was reported.
fn run(
    reader: &Reader,
    epoch_metrics: &mut EpochMetrics,
    flow: ControlFlow<()>,
) -> Result<(ControlFlow<()>, Vec<Reported>)> {
    let mut train_loop = TrainLoop::new(reader, &config())?;
    let mut reported = vec![];
    let mut on_event = |event: ReaderEvent<'_>| {
        if let ReaderEvent::Step {
            epoch,
            scenes,
            loss,
            state,
        } = event
        {
            assert_eq!(state.steps(), 400 + state.epoch_metrics.steps);
            reported.push((epoch, scenes, loss));
        }
        Ok(flow)
    };
    let flow = train_epoch(
        reader,
        &mut train_loop,
        &mut std::iter::repeat_with(batch),
        &config(),
        &history(),
        epoch_metrics,
        &mut on_event,
    )?;
    Ok((flow, reported))
}

#[test]
fn an_epoch_continues_where_it_was_interrupted() {
    let mut found = STARTED;
    let (flow, reported) = run(&reader(3), &mut found, ControlFlow::Continue(())).unwrap();
    assert!(flow.is_continue());
    // The last step is reported with the epoch.
    let [(epoch, scenes, loss)] = reported[..] else {
        panic!("{reported:?}");
    };
    assert_eq!((epoch, scenes), (3, 1002));
    assert_eq!((found.steps, found.scenes), (200, 1004));
    let second = found.loss - 1000.0 - loss;
    assert!(
        loss > 0.5 && second > 0.5 && second < 50.0,
        "{loss} {second}"
    );
    // At most one crop of each scene is that of its digit.
    assert!((52..=54).contains(&found.digits), "{found:?}");
    assert!((41..=42).contains(&found.correct), "{found:?}");
    assert!(found.seconds > 100.0);
}

#[test]
fn an_epoch_is_recorded_with_the_means_of_its_steps() {
    let validation = ValidationMetrics {
        loss: 0.75,
        accuracy: 0.8,
    };
    let metrics = EpochMetrics {
        steps: 200,
        ..STARTED
    };
    // The rate ends at a thousandth of its peak.
    let expected = EpochRecord {
        epoch: 3,
        learning_rate: 0.002 * 0.001,
        train_loss: 5.0,
        train_accuracy: 0.8,
        validation_loss: 0.75,
        validation_accuracy: 0.8,
        seconds: 100.0,
        images_per_second: 10.0,
    };
    let steps = 3 * STEPS_PER_EPOCH;
    assert_eq!(record(3, steps, 0.002, &metrics, &validation), expected);
    // A quarter of the way through a training it is the peak.
    let quarter = record(3, 4 * steps, 0.002, &metrics, &validation);
    assert!((quarter.learning_rate - 0.002).abs() < 1e-7);
    // An epoch without any digit has an accuracy of 0.
    let none = EpochMetrics {
        digits: 0,
        correct: 0,
        ..metrics
    };
    assert_eq!(
        record(3, steps, 0.002, &none, &validation).train_accuracy,
        0.0
    );
}

#[test]
fn an_epoch_ends_early_on_request() {
    let mut found = STARTED;
    let (flow, reported) = run(&reader(3), &mut found, ControlFlow::Break(())).unwrap();
    assert!(flow.is_break());
    assert_eq!((reported.len(), found.steps), (1, 199));
}

#[test]
fn a_loss_that_is_no_number_is_reported_with_its_step_and_learning_rate() {
    let reader = reader(3);
    let mut bias: Tensor = reader.detector.weights().variables()["maps.bias"].detach();
    let _ = bias.fill_(f64::NAN);
    let mut metrics = EpochMetrics {
        steps: 100,
        ..STARTED
    };
    let error = run(&reader, &mut metrics, ControlFlow::Continue(())).unwrap_err();
    let error = format!("{error:#}");
    // 500 of 600 steps are taken: the rate falls from 0.002 along half a cosine.
    assert!(error.contains("taking step 501: "), "{error}");
    assert!(error.contains("a learning rate of 2.3e-4"), "{error}");
}

#[test]
fn a_configuration_that_cannot_train_is_refused() {
    let scenes = [Split::Training, Split::Validation]
        .map(|split| Scenes::new(Arc::new(Material::builtin()), split));
    let config = ReaderConfig {
        epochs: 0,
        ..config()
    };
    let mut on_event = |_: ReaderEvent<'_>| Ok(ControlFlow::Continue(()));
    let found = train_reader(
        &mut reader(3),
        (&scenes[0], &scenes[1]),
        &config,
        None,
        &mut on_event,
    );
    assert!(found.unwrap_err().to_string().contains("at least 1 epoch"));
}
