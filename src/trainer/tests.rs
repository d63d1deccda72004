use tch::{Device, Kind};

use super::*;
use crate::model::Architecture;

fn net(seed: u64) -> Net {
    Net::new(&Architecture::Mlp { hidden: vec![] }, seed, Device::Cpu).unwrap()
}

/// Images of one bright row each, which tells their label.
fn examples(count: i64) -> Examples {
    let images = Tensor::zeros([count, 28, 28], (Kind::Uint8, Device::Cpu));
    for image in 0..count {
        let _ = images.get(image).get(5 + image % 10).fill_(255);
    }
    Examples {
        images,
        labels: Tensor::arange(count, (Kind::Int64, Device::Cpu)).remainder(10),
    }
}

/// Two epochs of five steps on fourteen images.
fn config() -> TrainConfig {
    TrainConfig {
        epochs: 2,
        batch_size: 3,
        ..TrainConfig::fast()
    }
}

/// The epoch and the images seen of each step, and the records of all epochs.
#[derive(Default)]
struct Reported {
    steps: Vec<(usize, usize)>,
    records: Vec<EpochRecord>,
}

/// Trains, from a saved state if there is one; saves the state after step `stop` and ends there.
fn run_until(
    net: &mut Net,
    saved: Option<&SavedState>,
    stop: Option<(usize, &std::path::Path)>,
) -> (Result<EpochRecord>, Reported) {
    let mut reported = Reported::default();
    let found = {
        let mut on_event = |event: Event<'_>| {
            match event {
                Event::Step {
                    epoch,
                    images,
                    state,
                    ..
                } => {
                    reported.steps.push((epoch, images));
                    if let Some((step, path)) = stop
                        && reported.steps.len() == step
                    {
                        state.save(path)?;
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Event::Epoch { record, .. } => reported.records.push(record.clone()),
            }
            Ok(ControlFlow::Continue(()))
        };
        let (training, validation) = (examples(14), examples(20));
        let on_event: &mut OnEvent<'_> = &mut on_event;
        match saved {
            None => train(net, &training, &validation, &config(), on_event),
            Some(saved) => resume(net, &training, &validation, &config(), saved, on_event),
        }
    };
    (found, reported)
}

/// A record without its durations.
fn untimed(record: &EpochRecord) -> EpochRecord {
    EpochRecord {
        seconds: 0.0,
        images_per_second: 0.0,
        ..record.clone()
    }
}

#[test]
fn every_epoch_visits_all_images_and_reports_its_metrics() {
    let mut net = net(1);
    let (found, reported) = run_until(&mut net, None, None);
    let images = [3, 6, 9, 12, 14];
    let steps = [1, 2].map(|epoch| images.map(|images| (epoch, images)));
    assert_eq!(reported.steps, steps.concat());
    let [first, second] = &reported.records[..] else {
        panic!("{:?}", reported.records);
    };
    assert_eq!((first.epoch, second.epoch), (1, 2));
    assert_eq!(first.learning_rate, schedule::one_cycle(4, 10, 0.01));
    assert_eq!(second.learning_rate, schedule::one_cycle(9, 10, 0.01));
    assert!(second.train_loss < first.train_loss);
    assert!(second.validation_loss < first.validation_loss);
    // The seconds include those of the validation.
    assert!(first.images_per_second * first.seconds >= 14.0);
    let kept = found.unwrap();
    assert!(reported.records.contains(&kept));
    // The network has the weights of the kept epoch.
    let evaluated = evaluate(&examples(20), &|images| net.logits(images)).unwrap();
    assert!((evaluated.loss - kept.validation_loss).abs() < 1e-5);
}

#[test]
fn a_resumed_run_equals_an_uninterrupted_one() {
    let mut straight = net(1);
    let (_, expected) = run_until(&mut straight, None, None);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    // Two steps into the second epoch.
    let (found, _) = run_until(&mut net(1), None, Some((7, &path)));
    assert_eq!(untimed(&found.unwrap()), untimed(&expected.records[0]));
    let saved = SavedState::load(&path).unwrap();
    let mut resumed = net(2);
    let (found, reported) = run_until(&mut resumed, Some(&saved), None);
    found.unwrap();
    assert_eq!(reported.steps, [(2, 9), (2, 12), (2, 14)]);
    let [record] = &reported.records[..] else {
        panic!("{:?}", reported.records);
    };
    assert_eq!(untimed(record), untimed(&expected.records[1]));
    for (name, weight) in straight.weights().variables() {
        assert_eq!(weight, resumed.weights().variables()[&name], "{name}");
    }
}

#[test]
fn a_training_without_images_or_a_complete_epoch_is_an_error() {
    let mut on_event = |_: Event<'_>| Ok(ControlFlow::Break(()));
    let mut run = |count: i64| {
        let found = train(
            &mut net(1),
            &examples(count),
            &examples(20),
            &config(),
            &mut on_event,
        );
        found.unwrap_err().to_string()
    };
    assert_eq!(run(0), "there are no images to train on");
    assert_eq!(run(14), "no epoch was completed");
}
