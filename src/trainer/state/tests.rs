use tch::{Device, Kind};

use super::*;
use crate::dataset::Examples;
use crate::model::Architecture;

fn net(seed: u64) -> Net {
    Net::new(&Architecture::Mlp { hidden: vec![] }, seed, Device::Cpu).unwrap()
}

/// Fifteen images: five steps of three.
fn training() -> Examples {
    Examples {
        images: Tensor::zeros([15, 28, 28], (Kind::Uint8, Device::Cpu)),
        labels: Tensor::zeros([15], (Kind::Int64, Device::Cpu)),
    }
}

/// Two epochs, and an extension to eight.
fn config() -> TrainConfig {
    TrainConfig {
        epochs: 8,
        batch_size: 3,
        restarts: vec![2],
        averaging: 0.998,
        ..TrainConfig::fast()
    }
}

fn history(accuracies: &[f64]) -> Vec<EpochRecord> {
    (1..)
        .zip(accuracies)
        .map(|(epoch, &accuracy)| EpochRecord::sample(epoch, accuracy))
        .collect()
}

/// Two steps into the sixth epoch; the fourth is kept, and the third was the best.
fn progress(net: &Net) -> Progress {
    let history = history(&[0.5, 0.6, 0.9, 0.8, 0.7]);
    let metrics = SavedMetrics {
        losses: Tensor::from_slice(&[1f32, 2.0]),
        correct: Tensor::from_slice(&[3f32, 1.0]),
        seconds: 50.0,
    };
    Progress {
        kept: Some(KeptEpoch {
            record: history[3].clone(),
            weights: net.snapshot(),
            peak: history[2].clone(),
        }),
        history,
        epoch_metrics: EpochMetrics::resumed(&metrics, Device::Cpu, 6, vec![]),
    }
}

fn bias(net: &Net) -> Tensor {
    net.weights().variables()["fc1.bias"].detach()
}

fn sorted(mut tensors: Vec<(String, Tensor)>) -> Vec<(String, Tensor)> {
    tensors.sort_by(|(one, _), (other, _)| one.cmp(other));
    tensors
}

/// The file of a state whose kept weights are those of another network.
fn saved_file(net: &Net, kept: &Net, config: &TrainConfig) -> Vec<u8> {
    let train_loop = TrainLoop::new(net, &training(), config).unwrap();
    let _ = bias(net).fill_(1.0);
    let _ = bias(train_loop.average.net()).fill_(0.0);
    let progress = progress(kept);
    let state = State {
        net,
        optimizer_state: &train_loop.optimizer_state,
        average: &train_loop.average,
        progress: &progress,
        config,
    };
    assert_eq!(state.kept().unwrap().epoch, 4);
    assert_eq!(state.history(), progress.history);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    state.save(&path).unwrap();
    assert_eq!(SavedState::load(&path).unwrap().history(), progress.history);
    std::fs::read(&path).unwrap()
}

#[test]
fn a_saved_state_restores_weights_and_progress() {
    let (trained, kept, config) = (net(1), net(2), config());
    let saved = SavedState::parse(saved_file(&trained, &kept, &config)).unwrap();
    let mut other = net(3);
    let mut train_loop = TrainLoop::new(&other, &training(), &config).unwrap();
    let found = saved.restore(&mut other, &mut train_loop, &config).unwrap();
    assert!(sorted(other.snapshot()) == sorted(trained.snapshot()));
    assert_eq!(found.history, progress(&kept).history);
    let restored = found.kept.unwrap();
    assert_eq!((restored.record.epoch, restored.peak.epoch), (4, 3));
    assert!(sorted(restored.weights) == sorted(kept.snapshot()));

    let metrics = found.epoch_metrics;
    assert_eq!((metrics.steps(), metrics.images), (2, 6));
    assert!(metrics.seconds() > 50.0);
    let summary = metrics.summary(6.0).unwrap();
    assert_eq!((summary.loss, summary.accuracy), (0.5, 4.0 / 6.0));
    // The second step of the sixth epoch is the 27th of all.
    assert_eq!(summary.learning_rate, train_loop.learning_rate(26, &config));
    // Three epochs and two steps since the extension; the average has not its full length yet.
    train_loop.average.update().unwrap();
    let average = bias(train_loop.average.net()).double_value(&[0]);
    assert!((average - 10.0 / 28.0).abs() < 1e-6, "{average}");
}

#[test]
fn a_state_of_another_run_is_refused() {
    let config = config();
    let saved = SavedState::parse(saved_file(&net(1), &net(2), &config)).unwrap();
    let mut other = net(3);
    let mut restore = |images: i64, config: &TrainConfig| {
        let training = Examples {
            images: training().images.narrow(0, 0, images),
            labels: training().labels.narrow(0, 0, images),
        };
        let mut train_loop = TrainLoop::new(&other, &training, config).unwrap();
        let found = saved.restore(&mut other, &mut train_loop, config);
        found.map(|found| found.epoch_metrics.images)
    };
    let other_config = TrainConfig {
        seed: 1,
        ..config.clone()
    };
    let error = format!("{:#}", restore(15, &other_config).err().unwrap());
    assert!(error.contains("other settings"), "{error}");
    let error = format!("{:#}", restore(3, &config).err().unwrap());
    assert!(error.contains("more images"), "{error}");
    // At the end of an epoch the last batch is smaller.
    assert_eq!(restore(5, &config).unwrap(), 5);
}

#[test]
fn inconsistent_files_are_refused() {
    let config = config();
    let file = saved_file(&net(1), &net(2), &config);
    let text = state_dict::metadata(&file, KEY).unwrap().unwrap();
    let parse = |edit: fn(&mut Header)| {
        let mut header: Header = serde_json::from_str(&text).unwrap();
        edit(&mut header);
        let text = serde_json::to_string(&header).unwrap();
        let found = SavedState::parse(state_dict::serialize(&[], KEY, &text).unwrap());
        found.err().map(|error| error.to_string())
    };
    assert_eq!(parse(|_| ()), None);
    // Without epochs there is none to keep.
    assert_eq!(parse(|header| header.history.clear()), None);
    let no_epoch = "it does not say which epoch to keep";
    let too_many = "it has more epochs than its configuration";
    type Edit = fn(&mut Header);
    let edits: [(Edit, &str); 8] = [
        (
            |header| header.history.swap(1, 2),
            "its epochs are out of order",
        ),
        (|header| header.config.epochs = 4, too_many),
        (|header| header.kept = None, no_epoch),
        (|header| header.peak = None, no_epoch),
        (|header| header.kept = Some(0), no_epoch),
        (|header| header.peak = Some(6), no_epoch),
        (|header| header.seconds = -1.0, "its duration is negative"),
        (|header| header.config.batch_size = 0, "a batch has 2"),
    ];
    for (edit, expected) in edits {
        let error = parse(edit);
        assert!(error.as_ref().unwrap().contains(expected), "{error:?}");
    }
}

#[test]
fn a_finished_run_is_extended_from_its_kept_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let config = TrainConfig {
        restarts: vec![3],
        ..config()
    };
    let history = history(&[0.6, 0.9, 0.8]);
    let kept = net(1);
    let error = extend(&kept, &history, 4, &config, &path).unwrap_err();
    assert_eq!(error.to_string(), "its history has no epoch 4");
    extend(&kept, &history, 3, &config, &path).unwrap();
    let saved = SavedState::load(&path).unwrap();
    assert_eq!(saved.history(), history);
    let mut other = net(2);
    let mut train_loop = TrainLoop::new(&other, &training(), &config).unwrap();
    let found = saved.restore(&mut other, &mut train_loop, &config).unwrap();
    assert!(sorted(other.snapshot()) == sorted(kept.snapshot()));
    let restored = found.kept.unwrap();
    assert_eq!((restored.record.epoch, restored.peak.epoch), (3, 2));
    assert_eq!(found.epoch_metrics.steps(), 0);
}
