//! The versions that files, messages and the service name.

/// This program's version, with the commit where it was built from one: `0.1.0 (1a2b3c4)`.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("MNIST_TCH_COMMIT"));

/// The version of libtorch that this program is built with; tch 0.24 supports no other.
pub const LIBTORCH_VERSION: &str = "2.11.0";
