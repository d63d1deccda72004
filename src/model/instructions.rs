//! The instruction set of our CPU kernels.

use std::env;
use std::sync::OnceLock;

use anyhow::{Result, bail, ensure};
use strum::{Display, EnumString, IntoEnumIterator, VariantNames};

/// The environment variable that selects an instruction set, for tests and benchmarks.
pub const VARIABLE: &str = "MNIST_TCH_ISA";

/// The instruction sets that `build.rs` compiles the kernels for, and libtorch's own operations for
/// comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames, strum::EnumIter)]
#[strum(serialize_all = "lowercase")]
pub enum Instructions {
    /// None of our kernels: libtorch's own operations, which select their instruction set
    /// themselves.
    Libtorch = -1,
    /// Available on every processor of this architecture.
    Baseline = 0,
    /// The level x86-64-v3 (System V ABI, AMD64 supplement 1.0, table 3.1).
    Avx2 = 1,
    /// The level x86-64-v4.
    Avx512 = 2,
}

impl Instructions {
    /// The set named by [`VARIABLE`], by default the best that this processor supports.
    ///
    /// # Errors
    /// When the variable names none, or one that this processor does not support.
    pub fn chosen() -> Result<Self> {
        let Some(name) = env::var_os(VARIABLE) else {
            return Ok(Self::best());
        };
        let name = name.to_string_lossy();
        let Ok(set) = name.parse::<Self>() else {
            bail!("{VARIABLE} takes {}, not {name}", Self::VARIANTS.join(", "));
        };
        ensure!(
            set.is_available(),
            "{VARIABLE} is {set}, which this processor does not support"
        );
        Ok(set)
    }

    /// The best set that this processor supports.
    pub fn best() -> Self {
        let mut available = Self::iter().filter(|set| set.is_available());
        available.next_back().unwrap_or(Self::Baseline)
    }

    /// Whether this processor supports the set.
    #[cfg(target_arch = "x86_64")]
    pub fn is_available(self) -> bool {
        use std::arch::is_x86_feature_detected as has;
        match self {
            Self::Libtorch | Self::Baseline => true,
            Self::Avx2 => {
                has!("avx2")
                    && has!("bmi1")
                    && has!("bmi2")
                    && has!("f16c")
                    && has!("fma")
                    && has!("lzcnt")
                    && has!("movbe")
            }
            Self::Avx512 => {
                Self::Avx2.is_available()
                    && has!("avx512f")
                    && has!("avx512bw")
                    && has!("avx512cd")
                    && has!("avx512dq")
                    && has!("avx512vl")
            }
        }
    }

    /// Whether this processor supports the set.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_available(self) -> bool {
        matches!(self, Self::Libtorch | Self::Baseline)
    }
}

/// Whether our kernels are used. The first call selects their instruction set: the chosen one, or
/// the best if that is invalid. Before it they use the baseline.
pub(super) fn kernels_enabled() -> bool {
    static ENABLED: OnceLock<bool> = OnceLock::new();
    *ENABLED.get_or_init(|| {
        let set = Instructions::chosen().unwrap_or_else(|_| Instructions::best());
        // SAFETY: it takes only a number, of a set that this processor supports.
        unsafe { mnist_tch_set_instructions(set as i32) };
        set != Instructions::Libtorch
    })
}

unsafe extern "C" {
    fn mnist_tch_set_instructions(set: i32);
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The tests of the kernels, without this one, which would start itself again.
    const KERNEL_TESTS: [&str; 2] = ["model::convolution::tests", "model::fused::tests"];

    #[test]
    fn the_kernels_pass_their_tests_with_each_instruction_set() {
        for set in Instructions::iter().skip_while(|set| *set == Instructions::Libtorch) {
            if !set.is_available() {
                println!("skipped {set}: this processor does not support it");
                continue;
            }
            let tests = Command::new(env::current_exe().unwrap())
                .args(KERNEL_TESTS)
                .env(VARIABLE, set.to_string())
                .output()
                .unwrap();
            let output = String::from_utf8_lossy(&tests.stdout);
            assert!(tests.status.success(), "{set}: {output}");
            assert!(!output.contains("running 0 tests"), "{output}");
        }
    }

    #[test]
    fn each_set_includes_those_before_it() {
        let available: Vec<bool> = Instructions::iter()
            .map(Instructions::is_available)
            .collect();
        assert!(available[0] && available.is_sorted_by(|a, b| a >= b));
    }
}
