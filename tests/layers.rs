//! Imports go one way: each module uses only those listed before it.

use std::fs;
use std::path::Path;

/// Bottom up, as `src/lib.rs` lists them; modules of one layer do not use each other.
const LAYERS: [&[&str]; 12] = [
    &[
        "machine", "percent", "picture", "random", "shim", "storage", "tensors", "version",
    ],
    &["characters", "device"],
    &["precision"],
    &["dataset", "model"],
    &["scenes"],
    &["reader"],
    &["recognizer"],
    &["export", "table", "trainer"],
    &["form"],
    &["bench", "evaluation", "plots", "run", "tensorboard"],
    &["experiment", "serve"],
    &["cli"],
];

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn check(file: &Path, module: &str, wrong: &mut Vec<String>) {
    let own = layer_of(module).unwrap_or_else(|| panic!("{module} has no layer: add it"));
    let text = fs::read_to_string(file).expect("reading a source file");
    for part in text.split("crate::").skip(1) {
        let used: String = part
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let allowed = used == module || layer_of(&used).is_some_and(|layer| layer < own);
        if !allowed {
            wrong.push(format!("{} uses crate::{used}", file.display()));
        }
    }
}

fn walk(path: &Path, module: &str, wrong: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("listing sources").flatten() {
            walk(&entry.path(), module, wrong);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        check(path, module, wrong);
    }
}

#[test]
fn imports_go_one_way() {
    let mut wrong = vec![];
    for entry in fs::read_dir("src").expect("listing sources").flatten() {
        let module = entry
            .path()
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if module != "main" && module != "lib" {
            walk(&entry.path(), &module, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
