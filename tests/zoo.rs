//! A network of each kind, trained briefly.

use std::sync::OnceLock;

use crate::testenv::TestEnv;

/// The run folders of [`zoo`].
pub const NAMES: [&str; 10] = [
    "cnn", "wide", "small", "vgg", "keras", "tch", "pytorch", "fast", "mlp", "ensemble",
];

/// The arguments that select the network of this name.
pub fn arguments(name: &str) -> Vec<&str> {
    match name {
        "mlp" => vec!["--model", "mlp", "--hidden", "16,8"],
        "ensemble" => vec!["--model", "small"],
        _ => vec!["--model", name],
    }
}

/// A folder with a run for each name, trained once for all tests.
pub fn zoo() -> &'static TestEnv {
    static ZOO: OnceLock<TestEnv> = OnceLock::new();
    ZOO.get_or_init(|| {
        let env = TestEnv::new();
        for name in NAMES {
            let rest = [
                "--data",
                "synthetic",
                "--limit",
                "500",
                "--epochs",
                "1",
                "--lr",
                "0.01",
                "--out",
                name,
            ];
            let mut args = [&["train"], &arguments(name)[..], &rest].concat();
            if name == "ensemble" {
                args.extend(["--ensemble", "2"]);
            }
            env.succeed(&args);
        }
        env
    })
}
