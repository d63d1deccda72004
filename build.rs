//! Builds what Cargo does not: our C++, the run-time path of libtorch, and the commit for
//! `--version`.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// C++ for parts of libtorch that tch does not bind.
const SHIMS: [&str; 7] = [
    "src/export/torchscript.cpp",
    "src/model/convolution/convolution.cpp",
    "src/model/convolution/dispatch.cpp",
    "src/model/fused/dispatch.cpp",
    "src/model/fused/fused.cpp",
    "src/model/simd/instructions.cpp",
    "src/trainer/optimizer.cpp",
];

/// Kernels that are compiled once for each instruction set; the `dispatch.cpp` beside them selects
/// one.
const KERNELS: [&str; 2] = [
    "src/model/convolution/kernels.cpp",
    "src/model/fused/kernels.cpp",
];
/// The headers of all these.
const HEADERS: [&str; 5] = [
    "src/model/convolution",
    "src/model/fused",
    "src/model/simd",
    "src/model/values.h",
    "src/shim.h",
];
const BASELINE: (&str, &[&str]) = ("baseline", &[]);
const X86_64: [(&str, &[&str]); 2] = [
    ("avx2", &["-march=x86-64-v3"]),
    ("avx512", &["-march=x86-64-v4", "-mprefer-vector-width=512"]),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Set by torch-sys, which has just compiled against these libraries.
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    if let Some(lib) = env::var_os("DEP_TCH_LIBTORCH_LIB") {
        let lib = Path::new(&lib);
        set_rpath(lib);
        compile_shims(lib);
        compile_kernels();
    }
    let commit = commit()
        .map(|hash| format!(" ({hash})"))
        .unwrap_or_default();
    println!("cargo:rustc-env=MNIST_TCH_COMMIT={commit}");
}

/// Lets the program and its tests run without `LD_LIBRARY_PATH`.
fn set_rpath(lib: &Path) {
    if cfg!(unix) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    }
}

/// Lists the libraries it needs after it, as the linker resolves symbols in order.
fn compile_shims(lib: &Path) {
    for source in SHIMS.iter().chain(&KERNELS).chain(&HEADERS) {
        println!("cargo:rerun-if-changed={source}");
    }
    let include = lib.with_file_name("include");
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++17")
        .define("_GLIBCXX_USE_CXX11_ABI", "1")
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .warnings(false) // libtorch's headers cause many
        .files(SHIMS);
    // Our kernels share libtorch's threads where the compiler uses the same OpenMP library: GCC's.
    let openmp = build
        .get_compiler()
        .is_like_gnu()
        .then(|| gomp(lib))
        .flatten();
    println!("cargo:rustc-check-cfg=cfg(openmp)");
    if openmp.is_some() {
        build.flag("-fopenmp");
        println!("cargo:rustc-cfg=openmp");
    }
    build.compile("mnist_tch_shims");
    println!("cargo:rustc-link-search=native={}", lib.display());
    println!("cargo:rustc-link-lib=torch_cpu");
    println!("cargo:rustc-link-lib=c10");
    if let Some(name) = openmp {
        println!("cargo:rustc-link-lib=dylib:+verbatim={name}");
    }
}

/// The file name of the OpenMP library that comes with libtorch.
fn gomp(lib: &Path) -> Option<String> {
    let files = fs::read_dir(lib).ok()?.flatten();
    files
        .filter_map(|file| file.file_name().into_string().ok())
        .find(|name| name.starts_with("libgomp"))
}

/// Must come after the shims, which call the kernels.
fn compile_kernels() {
    let mut sets = vec![BASELINE];
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64") {
        sets.extend(X86_64);
    }
    for (set, flags) in sets {
        cc::Build::new()
            .cpp(true)
            .std("c++17")
            .opt_level(3)
            .define("INSTRUCTIONS", set)
            .flags(flags)
            .files(KERNELS)
            .compile(&format!("mnist_tch_kernels_{set}"));
    }
}

/// The short hash of the current commit; none outside a git checkout.
fn commit() -> Option<String> {
    // Changes with each commit and checkout.
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
