//! The event files of `train --tensorboard`.

use super::{python, run};
use crate::testenv::TestEnv;

/// All scalars that TensorBoard's own reader finds, by tag.
const EVENTS: &str = r#"
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]).Reload()
print(json.dumps({
    tag: [[event.step, event.value] for event in events.Scalars(tag)]
    for tag in events.Tags()["scalars"]
}))
"#;

#[test]
fn tensorboard_reads_the_figures_of_each_epoch() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    env.succeed(&[
        "train",
        "--model",
        "mlp",
        "--data",
        "synthetic",
        "--limit",
        "500",
        "--epochs",
        "3",
        "--tensorboard",
        "--out",
        "run",
    ]);
    let found = run(&python, &env, EVENTS, &["run"]);
    let mut metrics = csv::Reader::from_path(env.path("run/metrics.csv")).unwrap();
    let rows: Vec<mnist_tch::trainer::EpochRecord> =
        metrics.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for (index, row) in rows.iter().enumerate() {
        for (tag, value) in [
            ("loss/train", row.train_loss),
            ("loss/validation", row.validation_loss),
            ("accuracy/train", row.train_accuracy),
            ("accuracy/validation", row.validation_accuracy),
            ("learning_rate", row.learning_rate),
            ("images_per_second", row.images_per_second),
        ] {
            assert_eq!(found[tag][index][0], row.epoch, "{tag}: {found}");
            let read = found[tag][index][1].as_f64().unwrap();
            assert!(
                (read - value).abs() <= 1e-6 * value,
                "{tag}: {read} for {value}"
            );
        }
    }
}
