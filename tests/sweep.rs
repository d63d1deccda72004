//! A sweep trains its whole grid once, however often it is interrupted.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::testenv::TestEnv;

/// Synthetic digits, a folder `sweep`, and training so short that only its files matter.
const QUICK: [&str; 11] = [
    "sweep",
    "--data",
    "synthetic",
    "--limit",
    "200",
    "--epochs",
    "1",
    "--threads",
    "1",
    "--out",
    "sweep",
];

fn quick<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&QUICK[..], more].concat()
}

/// The rows of the table, by column name.
fn table(env: &TestEnv) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(env.path("sweep/sweep.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn column<'a>(table: &'a [BTreeMap<String, String>], name: &str) -> Vec<&'a str> {
    table.iter().map(|row| row[name].as_str()).collect()
}

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn a_grid_is_trained_tabulated_and_drawn() {
    let env = TestEnv::new();
    let grid = [
        "--model",
        "mlp,keras",
        "--hidden",
        "10,16x8",
        "--lr",
        "0.001,0.01",
        "--seeds",
        "2",
    ];
    let stdout = env.succeed(&quick(&grid));
    let table = table(&env);
    let networks = ["mlp-10", "mlp-10", "mlp-16-8", "mlp-16-8", "keras", "keras"];
    assert_eq!(column(&table, "network"), networks);
    assert_eq!(column(&table, "learning_rate"), ["0.001", "0.01"].repeat(3));
    assert_eq!(column(&table, "parameters")[..3], ["7960", "7960", "12786"]);
    assert_eq!(column(&table, "seeds"), ["2"; 6]);

    let accuracies = [0, 1].map(|seed| {
        let results = format!("sweep/mlp-10-batch128-lr0.01-seed{seed}/results.json");
        let results = fs::read(env.path(&results)).unwrap();
        let results: serde_json::Value = serde_json::from_slice(&results).unwrap();
        ["validation_accuracy", "test_accuracy"].map(|name| results[name].as_f64().unwrap())
    });
    for (index, name) in ["validation", "test"].iter().enumerate() {
        let [one, other] = accuracies.map(|seed| seed[index]);
        let figure =
            |column: &str| -> f64 { table[1][&format!("{name}_{column}")].parse().unwrap() };
        assert!((figure("accuracy") - (one + other) / 2.0).abs() < 1e-9);
        assert!((figure("deviation") - (one - other).abs() / 2_f64.sqrt()).abs() < 1e-9);
    }
    let picture = image::open(env.path("sweep/sweep.png")).unwrap();
    assert!(picture.width() > 500);
    assert!(
        stdout.contains("mean ± standard deviation of 2 seeds"),
        "{stdout}"
    );
    assert_eq!(
        stdout
            .lines()
            .filter(|line| line.ends_with("  best"))
            .count(),
        1,
        "{stdout}"
    );
}

#[test]
fn each_training_is_the_same_as_by_train() {
    let env = TestEnv::new();
    env.succeed(&quick(&[
        "--hidden",
        "12",
        "--batch-size",
        "32",
        "--seeds",
        "2",
    ]));
    let run = "sweep/mlp-12-batch32-lr0.004-seed1";
    let train = [
        "train",
        "--model",
        "mlp",
        "--hidden",
        "12",
        "--batch-size",
        "32",
        "--seed",
        "1",
    ];
    env.succeed(&[&train[..], &QUICK[1..10], &["alone"]].concat());
    let weights = |run: &str| fs::read(env.path(run).join("model.safetensors")).unwrap();
    assert!(weights(run) == weights("alone"));
    env.succeed(&[
        "eval",
        "--model",
        run,
        "--data",
        "synthetic",
        "--limit",
        "50",
    ]);
    env.succeed(&["plot-curves", run, "alone"]);
}

#[test]
fn an_interrupted_sweep_trains_only_what_is_missing() {
    let env = TestEnv::new();
    let grid = quick(&["--hidden", "10,20", "--seeds", "2"]);
    env.succeed(&grid);
    let whole = table(&env);
    let results = |training: &str| env.path(&format!("sweep/mlp-{training}/results.json"));
    let kept = ["10-batch128-lr0.004-seed0", "20-batch128-lr0.004-seed1"].map(results);
    let before = kept.each_ref().map(|path| modified(path));
    // One was interrupted just before its end, another before it began.
    let broken = results("10-batch128-lr0.004-seed1");
    fs::remove_file(&broken).unwrap();
    fs::remove_dir_all(env.path("sweep/mlp-20-batch128-lr0.004-seed0")).unwrap();
    fs::remove_file(env.path("sweep/sweep.csv")).unwrap();

    let stdout = env.succeed(&grid);
    assert_eq!(stdout.matches("trained before").count(), 2, "{stdout}");
    assert_eq!(kept.each_ref().map(|path| modified(path)), before);
    let history = fs::read_to_string(broken.with_file_name("metrics.csv")).unwrap();
    assert_eq!(
        history.lines().count(),
        2,
        "epochs of both attempts: {history}"
    );
    for name in ["network", "seeds", "validation_accuracy", "test_deviation"] {
        assert_eq!(column(&table(&env), name), column(&whole, name));
    }

    let stdout = env.succeed(&quick(&["--hidden", "10,20,5", "--seeds", "2"]));
    assert_eq!(stdout.matches("trained before").count(), 4, "{stdout}");
    assert_eq!(kept.each_ref().map(|path| modified(path)), before);
}

#[test]
fn other_settings_and_foreign_folders_are_refused() {
    let env = TestEnv::new();
    env.succeed(&quick(&["--hidden", "10", "--seeds", "1"]));
    let files = env.files();
    let table = fs::read(env.path("sweep/sweep.csv")).unwrap();
    let mut other = quick(&["--hidden", "20,10", "--seeds", "1"]);
    other[6] = "2";
    let line = env.fail(&other);
    assert!(
        line.contains("training.epochs was 1, now 2") && line.contains("--out"),
        "{line}"
    );
    let mut other = quick(&["--hidden", "10", "--seeds", "1"]);
    other[10] = "sweep/mlp-10-batch128-lr0.004-seed0";
    assert!(env.fail(&other).contains("holds a single training"));
    other[10] = "sweep/sweep.csv";
    assert!(env.fail(&other).contains("it is a file"));
    assert_eq!(env.files(), files);
    assert_eq!(fs::read(env.path("sweep/sweep.csv")).unwrap(), table);
}

#[test]
fn a_training_that_fails_does_not_stop_the_others() {
    let env = TestEnv::new();
    let grid = quick(&["--hidden", "10,20", "--lr", "1e30,0.01", "--seeds", "1"]);
    let ran = env.run(&grid);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let errors: Vec<_> = ran
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(errors.len(), 2, "{}", ran.stderr);
    assert!(
        errors[0].contains("training mlp-10-batch128-lr1e30-seed0"),
        "{errors:?}"
    );
    assert_eq!(column(&table(&env), "seeds"), ["0", "1", "0", "1"]);
    assert_eq!(
        ran.stdout.matches("0 of 1 trained").count(),
        2,
        "{}",
        ran.stdout
    );
    assert_eq!(env.run(&grid).stdout.matches("trained before").count(), 2);
}

#[test]
fn invalid_grids_exit_with_2_and_one_line() {
    let env = TestEnv::new();
    for (args, words) in [
        (&["--hidden", ""][..], "--hidden"),
        (&["--hidden", "10,,30"], "such as 30 or 128x64"),
        (&["--hidden", "10,0"], "invalid value '0'"),
        (&["--hidden", "10x"], "such as 30 or 128x64"),
        (&["--hidden", "10,30,010"], "--hidden names 10 twice"),
        (&["--lr", "0.1,1e-1"], "--lr names 0.1 twice"),
        (&["--lr", "0.1,nan"], "expected a positive number"),
        (&["--batch-size", "32,32"], "--batch-size names 32 twice"),
        (&["--batch-size", "0"], "invalid value '0'"),
        (&["--model", "cnn,cnn"], "--model names cnn twice"),
        (&["--model", "cnn,resnet"], "resnet"),
        (&["--model", "cnn", "--hidden", "30"], "--hidden is for mlp"),
        (&["--seeds", "0"], "invalid value '0'"),
    ] {
        let ran = env.run(&quick(args));
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
        let line = ran.stderr.lines().next().unwrap();
        assert!(line.contains(words), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(env.files(), [""; 0]);
}
