//! The set of instructions in which our loops on the CPU compute.

use std::env;
use std::sync::OnceLock;

use anyhow::{Result, bail, ensure};
use strum::{Display, EnumString, IntoEnumIterator, VariantNames};

/// Names a set of instructions, so that tests and measurements can take one that is not the best.
pub const VARIABLE: &str = "MNIST_TCH_ISA";

/// What `build.rs` compiles the loops for, and libtorch's own operations to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames, strum::EnumIter)]
#[strum(serialize_all = "lowercase")]
pub enum Instructions {
    /// None of our loops: libtorch's own operations, which choose for themselves.
    Libtorch = -1,
    /// What every processor of this architecture has.
    Baseline = 0,
    /// The level x86-64-v3 (System V ABI, AMD64 supplement 1.0, table 3.1).
    Avx2 = 1,
    /// The level x86-64-v4.
    Avx512 = 2,
}

impl Instructions {
    /// What [`VARIABLE`] names, or else the best set that this processor has.
    ///
    /// # Errors
    /// When the variable names none, or one that this processor lacks.
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
            "{VARIABLE} is {set}, which this processor lacks"
        );
        Ok(set)
    }

    /// The best set that this processor has.
    pub fn best() -> Self {
        let mut available = Self::iter().filter(|set| set.is_available());
        available.next_back().unwrap_or(Self::Baseline)
    }

    /// Whether this processor has all that the loops of this set were compiled for.
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

    /// Whether this processor has all that the loops of this set were compiled for.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_available(self) -> bool {
        matches!(self, Self::Libtorch | Self::Baseline)
    }
}

/// Has the loops take the chosen set, or the best one where none can be; before this they take the baseline. False
/// where there are to be no loops.
pub(super) fn settle() -> bool {
    static SETTLED: OnceLock<bool> = OnceLock::new();
    *SETTLED.get_or_init(|| {
        let set = Instructions::chosen().unwrap_or_else(|_| Instructions::best());
        // SAFETY: it takes a number only, of a set that this processor has.
        unsafe { mnist_tch_take_instructions(set as i32) };
        set != Instructions::Libtorch
    })
}

unsafe extern "C" {
    fn mnist_tch_take_instructions(set: i32);
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The tests that run the loops; this one is not among them, or it would start itself again.
    const LOOPS: [&str; 2] = ["model::convolution::tests", "model::fused::tests"];

    #[test]
    fn the_loops_pass_their_tests_in_each_set_of_instructions() {
        for set in Instructions::iter().skip_while(|set| *set == Instructions::Libtorch) {
            if !set.is_available() {
                println!("skipped {set}: this processor lacks it");
                continue;
            }
            let tests = Command::new(env::current_exe().unwrap())
                .args(LOOPS)
                .env(VARIABLE, set.to_string())
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&tests.stdout);
            assert!(tests.status.success(), "{set}: {told}");
            assert!(!told.contains("running 0 tests"), "{told}");
        }
    }

    #[test]
    fn each_set_holds_those_before_it() {
        let available: Vec<bool> = Instructions::iter()
            .map(Instructions::is_available)
            .collect();
        assert!(available[0] && available.is_sorted_by(|a, b| a >= b));
    }
}
