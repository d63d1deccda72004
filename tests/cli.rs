//! What each command prints and leaves behind.

use std::process::Command;

use serde_json::Value;

use crate::testenv::{TestEnv, finished_run, finished_run_arg, write_idx_files};

fn is_png(env: &TestEnv, name: &str) -> bool {
    let bytes = std::fs::read(env.path(name)).unwrap_or_default();
    image::load_from_memory_with_format(&bytes, image::ImageFormat::Png).is_ok()
}

#[test]
fn a_run_leaves_all_its_files_and_says_what_it_was_trained_on() {
    let run = finished_run();
    for name in [
        "config.json",
        "metrics.csv",
        "curves.png",
        "model.safetensors",
        "model.pt",
        "results.json",
    ] {
        assert!(run.join(name).is_file(), "{name} is missing");
    }
    let read = |name| -> Value {
        serde_json::from_slice(&std::fs::read(run.join(name)).unwrap()).unwrap()
    };
    let config = read("config.json");
    assert_eq!(config["data"]["name"], "synthetic");
    assert_eq!(config["training"]["epochs"], 3);
    assert_eq!(config["libtorch"], "2.11.0");
    let results = read("results.json");
    assert_eq!(results["data"], "synthetic");
    assert!(
        results["test_accuracy"].as_f64().unwrap() > 0.8,
        "{results}"
    );
    let rows = std::fs::read_to_string(run.join("metrics.csv")).unwrap();
    assert_eq!(
        rows.lines().count(),
        4,
        "a header and three epochs:\n{rows}"
    );
}

#[test]
fn without_mnist_and_internet_auto_falls_back_with_a_warning() {
    let env = TestEnv::new();
    let ran = env.run(&["train", "--model", "mlp", "--limit", "100", "--epochs", "1"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("SYNTHETIC digits, not MNIST"),
        "{}",
        ran.stderr
    );
    let last = ran.stdout.lines().rev().nth(1).unwrap_or_default();
    assert!(
        last.contains("images of synthetic digits"),
        "{}",
        ran.stdout
    );
}

#[test]
fn mnist_never_falls_back() {
    let env = TestEnv::new();
    let line = env.fail(&["train", "--data", "mnist"]);
    assert!(
        line.contains("MNIST is not on this machine") && line.contains("--data-dir"),
        "{line}"
    );
    assert_eq!(env.files(), [""; 0]);
}

#[test]
fn the_newest_finished_run_is_used_and_named() {
    let env = TestEnv::new();
    let train = [
        "train",
        "--model",
        "mlp",
        "--data",
        "synthetic",
        "--limit",
        "100",
        "--epochs",
        "1",
    ];
    env.succeed(&train);
    env.succeed(&[&train[..], &["--out", "runs/last"]].concat());
    let ran = env.run(&["export", "--model", "latest", "--out", "net.pt"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("using the model of runs/last"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout.starts_with("net.pt: mlp-128 as torchscript"),
        "{}",
        ran.stdout
    );
}

#[test]
fn summary_shows_shapes_parameters_and_multiply_adds() {
    let env = TestEnv::new();
    let table = env.succeed(&["summary", "--model", "keras"]);
    assert!(table.contains("[B, 64, 26, 26]"), "{table}");
    let total = table.lines().last().unwrap_or_default();
    assert!(total.contains("81,066"), "{table}");
    let table = env.succeed(&["summary", "--model", "mlp", "--hidden", "30"]);
    assert!(
        table.contains("23,860"),
        "784·30 + 30 + 30·10 + 10 are 23,860:\n{table}"
    );
}

#[test]
fn plots_are_determined_by_the_seed() {
    let env = TestEnv::new();
    let plot = |seed, out| {
        let args = [
            "plot-samples",
            "--data",
            "synthetic",
            "--limit",
            "200",
            "--count",
            "12",
        ];
        env.succeed(&[&args[..], &["--seed", seed, "--out", out]].concat());
        std::fs::read(env.path(out)).unwrap()
    };
    let picture = plot("1", "a.png");
    assert!(is_png(&env, "a.png"));
    assert_eq!(picture, plot("1", "b.png"));
    assert_ne!(picture, plot("2", "c.png"));
    env.succeed(&["plot-curves", finished_run_arg(), finished_run_arg()]);
    assert!(is_png(&env, "curves.png"));
}

#[test]
fn eval_gives_the_same_figures_as_text_json_and_results() {
    let env = TestEnv::new();
    let args = [
        "eval",
        "--data",
        "synthetic",
        "--limit",
        "3000",
        "--model",
        finished_run_arg(),
        "--json",
    ];
    let found: Value = serde_json::from_str(&env.succeed(&args)).unwrap();
    let results = std::fs::read(finished_run().join("results.json")).unwrap();
    let results: Value = serde_json::from_slice(&results).unwrap();
    assert_eq!(found["accuracy"], results["test_accuracy"]);
    assert_eq!(found["images"], 3000);
    let sum: u64 = found["confusion"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(sum, 3000);
    let table = env.succeed(&[&args[..7], &["--plot", "e.png"]].concat());
    let percent = format!("{:.2} %", 100.0 * found["accuracy"].as_f64().unwrap());
    assert!(table.contains(&format!("accuracy {percent}")), "{table}");
    assert!(is_png(&env, "e.png"));
}

#[test]
fn output_is_plain_without_a_terminal() {
    let env = TestEnv::new();
    let ran = env.run(&[
        "train",
        "--data",
        "synthetic",
        "--limit",
        "100",
        "--epochs",
        "1",
    ]);
    assert_eq!(
        ran.stderr, "",
        "nothing but warnings belongs on stderr when piped"
    );
    assert!(
        !ran.stdout.contains('\x1b') && !ran.stdout.contains('\r'),
        "{:?}",
        ran.stdout
    );
}

#[test]
fn a_folder_that_the_environment_names_is_not_second_guessed() {
    let env = TestEnv::new();
    for args in [
        &["eval", "--model", finished_run_arg()][..],
        &["train", "--epochs", "1", "--limit", "50", "--out", "run"],
    ] {
        let output = env.command(args).env("MNIST_TCH_DATA", "nowhere").output();
        let output = output.expect("running the program");
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("nowhere"), "{said}");
        assert!(output.stdout.is_empty() && !env.path("run/model.safetensors").exists());
    }
}

#[test]
fn eval_uses_synthetic_data_only_if_asked() {
    let env = TestEnv::new();
    let line = env.fail(&["eval", "--model", finished_run_arg()]);
    assert!(line.contains("MNIST is not on this machine"), "{line}");
}

#[test]
fn version_and_help_are_printed() {
    let env = TestEnv::new();
    assert!(env.succeed(&["--version"]).starts_with("mnist-tch 0.1.0"));
    for command in [
        "train",
        "eval",
        "infer",
        "export",
        "plot-samples",
        "plot-curves",
        "bench",
        "download",
    ] {
        assert!(
            env.succeed(&[command, "--help"])
                .contains("Usage: mnist-tch"),
            "{command}"
        );
    }
}

#[test]
fn eval_warns_if_the_network_was_trained_on_other_data() {
    let env = TestEnv::new();
    write_idx_files(&env, "other", 20);
    let ran = env.run(&["eval", "--model", finished_run_arg(), "--data-dir", "other"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("trained on synthetic but is evaluated on your own"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_version_names_libtorch_and_the_devices() {
    let env = TestEnv::new();
    for flag in ["--version", "-V"] {
        let said = env.succeed(&[flag]);
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].starts_with("mnist-tch 0."), "{said}");
        assert_eq!(lines[1], "libtorch 2.11.0");
        assert!(lines[2].starts_with("devices: cpu ("), "{said}");
        assert!(lines[3].starts_with("instructions: "), "{said}");
    }
}

#[test]
fn a_set_of_instructions_can_be_chosen_and_is_checked() {
    let env = TestEnv::new();
    let run = |set: &str, args: &[&str]| {
        let output = env.command(args).env("MNIST_TCH_ISA", set).output();
        let output = output.expect("running the program");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("text"))
    };
    let (code, said) = run("baseline", &["--version"]);
    assert!(said.contains("instructions: baseline\n"), "{said}");
    assert_eq!(code, Some(0));
    let (code, said) = run("sse", &["summary", "--model", "small"]);
    assert_eq!(
        said,
        "error: MNIST_TCH_ISA takes libtorch, baseline, avx2, avx512, not sse\n"
    );
    assert_eq!(code, Some(1));
}

#[test]
fn completions_and_manual_have_every_command_and_flag() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = env.succeed(&["completions", shell]);
        for word in ["infer", "plot-samples", "min-confidence", "tensorboard"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    assert_eq!(env.run(&["completions", "dos"]).code, Some(2));
    env.write("bash", env.succeed(&["completions", "bash"]).as_bytes());
    let script = r#"
        source ./bash
        [[ $(complete -p mnist-tch) =~ -F\ ([^ ]+) ]]
        COMP_WORDS=(mnist-tch export --f) COMP_CWORD=2
        "${BASH_REMATCH[1]}" mnist-tch --f export
        echo "${COMPREPLY[@]}"
    "#;
    let mut bash = Command::new("bash");
    let completed = bash.args(["-c", script]).current_dir(env.path("")).output();
    assert_eq!(
        String::from_utf8_lossy(&completed.unwrap().stdout),
        "--format\n"
    );
    std::fs::create_dir_all(env.path("runs/night")).unwrap();
    let script = r#"
        source ./bash
        [[ $(complete -p mnist-tch) =~ -F\ ([^ ]+) ]]
        COMP_WORDS=(mnist-tch eval --model "") COMP_CWORD=3
        "${BASH_REMATCH[1]}" mnist-tch "" --model
        echo "${COMPREPLY[@]}"
    "#;
    let mut bash = Command::new("bash");
    let completed = bash.args(["-c", script]).current_dir(env.path("")).output();
    let completed = String::from_utf8(completed.unwrap().stdout).unwrap();
    assert!(
        completed.ends_with("builtin latest runs/night/\n"),
        "{completed}"
    );
    let page = env.succeed(&["man"]);
    assert!(page.contains(".TH mnist-tch 1"), "{page}");
    let written = env.succeed(&["man", "--out", "pages"]);
    for page in ["mnist-tch", "mnist-tch-infer", "mnist-tch-form-new"] {
        assert!(written.contains(&format!("pages/{page}.1\n")), "{written}");
    }
    let page = std::fs::read_to_string(env.path("pages/mnist-tch-infer.1")).unwrap();
    assert!(page.contains("min\\-confidence"), "{page}");
    assert!(
        page.contains("EXIT STATUS") && page.contains("MNIST_TCH_DATA"),
        "{page}"
    );
    env.write("file", b"");
    let line = env.fail(&["man", "--out", "file"]);
    assert!(line.contains("making the folder file"), "{line}");
}

#[test]
fn summary_takes_trained_networks_and_hidden_layers_imply_an_mlp() {
    let env = TestEnv::new();
    let table = env.succeed(&["summary", "builtin"]);
    assert!(table.starts_with("wide "), "{table}");
    let named = env.succeed(&["summary", "--model", "mlp", "--hidden", "30"]);
    assert_eq!(env.succeed(&["summary", "--hidden", "30"]), named);
    let data = ["--data", "synthetic", "--limit", "300"];
    let train = ["train", "--hidden", "30", "--epochs", "1"];
    env.succeed(&[&train[..], &data].concat());
    assert_eq!(env.succeed(&["summary", "latest"]), named);
    let ran = env.run(&[&["eval", "--model", "latest"][..], &data].concat());
    let note = "using the model of runs/";
    assert!(
        ran.stderr.contains(note) && ran.stderr.contains("(mlp-30, "),
        "{}",
        ran.stderr
    );
    let ran = env.run(&["summary", "builtin", "--model", "cnn"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
fn resume_refuses_arguments_that_the_runs_settings_hold() {
    let env = TestEnv::new();
    for argument in [
        &["--lr", "0.1"][..],
        &["--model", "cnn"],
        &["--seed", "1"],
        &["--augment"],
    ] {
        let ran = env.run(&[&["train", "--resume", "run"][..], argument].concat());
        assert_eq!(ran.code, Some(2), "{argument:?}: {}", ran.stderr);
    }
    let line = env.fail(&[
        "train",
        "--resume",
        "run",
        "--threads",
        "1",
        "--epochs",
        "3",
    ]);
    assert!(line.contains("run does not exist"), "{line}");
}
