//! Links what Cargo cannot know by itself: where libtorch lies at run time, our C++,
//! and the commit for `--version`.

use std::env;
use std::path::Path;
use std::process::Command;

/// What tch does not reach in libtorch.
const SHIMS: [&str; 2] = ["src/export/torchscript.cpp", "src/trainer/optimizer.cpp"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Set by torch-sys, which has just compiled against these libraries.
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    if let Some(lib) = env::var_os("DEP_TCH_LIBTORCH_LIB") {
        let lib = Path::new(&lib);
        remember_libtorch(lib);
        compile_shims(lib);
    }
    let commit = commit()
        .map(|hash| format!(" ({hash})"))
        .unwrap_or_default();
    println!("cargo:rustc-env=MNIST_TCH_COMMIT={commit}");
}

/// Lets the program and its tests run without `LD_LIBRARY_PATH`.
fn remember_libtorch(lib: &Path) {
    if cfg!(unix) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    }
}

/// Names the libraries it needs after it, where the linker looks for what it leaves open.
fn compile_shims(lib: &Path) {
    for shim in SHIMS {
        println!("cargo:rerun-if-changed={shim}");
    }
    let include = lib.with_file_name("include");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .define("_GLIBCXX_USE_CXX11_ABI", "1")
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .warnings(false) // libtorch's headers are full of them
        .files(SHIMS)
        .compile("mnist_tch_shims");
    println!("cargo:rustc-link-search=native={}", lib.display());
    println!("cargo:rustc-link-lib=torch_cpu");
    println!("cargo:rustc-link-lib=c10");
}

/// The short hash of the commit that is built; none outside a git checkout.
fn commit() -> Option<String> {
    // Moves with each commit and checkout.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo:rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
