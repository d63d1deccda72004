use std::fs::File;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::run::testing::{epoch, results, settings};

/// A run in training with this many complete epochs, started this many seconds ago.
fn train(path: &Path, epochs: usize, age: u64) -> RunDir {
    let run = RunDir::create(path).unwrap();
    settings().write(&run).unwrap();
    let records: Vec<_> = (1..=epochs).map(epoch).collect();
    run.write_history(&records).unwrap();
    set_age(&run.config(), age);
    run
}

fn set_age(path: &Path, seconds: u64) {
    let when = SystemTime::now() - Duration::from_secs(seconds);
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(when).unwrap();
}

fn listed(folder: &Path) -> Vec<Value> {
    let listing = Runs::new(folder.to_owned()).list();
    assert_eq!(listing.folder, folder.display().to_string());
    let runs = listing.runs.iter();
    runs.map(|run| serde_json::to_value(run).unwrap()).collect()
}

#[test]
fn runs_are_listed_from_the_newest_on_with_those_in_folders_of_sweeps() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    train(&path("old"), 1, 300);
    train(&path("sweep/inner"), 1, 200);
    train(&path("new"), 1, 100);
    File::create(path("notes.txt")).unwrap();
    fs::create_dir_all(path("empty/deeper/deepest")).unwrap();
    let runs = listed(folder.path());
    let names: Vec<_> = runs.iter().map(|run| &run["name"]).collect();
    assert_eq!(names, ["new", "sweep/inner", "old"]);
    assert!(listed(&path("nowhere")).is_empty());
}

#[test]
fn a_run_is_found_by_its_name_in_the_list_only() {
    let folder = tempfile::tempdir().unwrap();
    train(&folder.path().join("a"), 1, 2);
    train(&folder.path().join("sweep/b"), 1, 1);
    let runs = Runs::new(folder.path().to_owned());
    let found = |name: &str| Some(runs.find(name)?.path().to_owned());
    assert_eq!(found("a"), Some(folder.path().join("a")));
    assert_eq!(found("sweep/b"), Some(folder.path().join("sweep/b")));
    for other in ["b", "sweep", "../a", "", "./a"] {
        assert_eq!(found(other), None, "{other}");
    }
}

#[test]
fn a_run_is_in_training_while_it_is_locked_and_finished_with_its_results() {
    let folder = tempfile::tempdir().unwrap();
    let state = || {
        let run = listed(folder.path()).remove(0);
        ["state", "epoch", "validation_accuracy", "test_accuracy"].map(|name| run[name].clone())
    };
    let run = train(&folder.path().join("a"), 2, 1);
    assert_eq!(
        state(),
        [json!("training"), json!(2), json!(0.02), json!(null)]
    );
    drop(run);
    // A process that another test starts may share the lock for a moment.
    fs::remove_file(folder.path().join("a/.lock")).unwrap();
    assert_eq!(
        state(),
        [json!("interrupted"), json!(2), json!(0.02), json!(null)]
    );
    let run = RunDir::open(&folder.path().join("a")).unwrap();
    results().write(&run).unwrap();
    assert_eq!(
        state(),
        [json!("finished"), json!(2), json!(0.97), json!(0.96)]
    );
}

#[test]
fn a_run_is_described_by_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let run = train(&folder.path().join("a"), 0, 1);
    fs::remove_file(run.metrics()).unwrap();
    let run = listed(folder.path()).remove(0);
    assert_eq!(
        (&run["network"], &run["data"]),
        (&json!("cnn"), &json!("synthetic"))
    );
    assert_eq!((&run["epoch"], &run["epochs"]), (&json!(0), &json!(10)));
    assert!(run["validation_accuracy"].is_null());
    assert_eq!(run["started"], "2026-01-02T03:04:05+00:00");
}

#[test]
fn the_epochs_of_an_ensemble_are_those_of_all_members() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(&folder.path().join("a")).unwrap();
    let mut settings = settings();
    settings.members = 3;
    settings.training.epochs = 5;
    settings.write(&run).unwrap();
    for (number, epochs) in [(0, 5), (1, 2)] {
        let member = run.member(number).unwrap();
        settings.of_member(number).write(&member).unwrap();
        let records: Vec<_> = (1..=epochs).map(epoch).collect();
        member.write_history(&records).unwrap();
    }
    let run = listed(folder.path()).remove(0);
    assert_eq!(run["network"], "3 × cnn");
    assert_eq!((&run["epoch"], &run["epochs"]), (&json!(7), &json!(15)));
    // Of the member that is in training.
    assert_eq!(run["validation_accuracy"], 0.02);
}

#[test]
fn the_version_is_when_a_file_changed_last() {
    let folder = tempfile::tempdir().unwrap();
    let run = train(&folder.path().join("a"), 2, 300);
    let version = || {
        let version = listed(folder.path()).remove(0)["version"].clone();
        version.as_str().unwrap().parse::<u128>().unwrap()
    };
    let changed = |path: &Path| {
        let when = fs::metadata(path).unwrap().modified().unwrap();
        when.duration_since(UNIX_EPOCH).unwrap().as_millis()
    };
    set_age(&run.metrics(), 200);
    assert_eq!(version(), changed(&run.metrics()));
    results().write(&run).unwrap();
    set_age(&run.results(), 100);
    assert_eq!(version(), changed(&run.results()));
}

#[test]
fn a_run_that_cannot_be_read_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    train(&folder.path().join("a"), 1, 1);
    let other = train(&folder.path().join("b"), 1, 2);
    fs::write(other.config(), "{}").unwrap();
    let runs = listed(folder.path());
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["name"], "a");
}
