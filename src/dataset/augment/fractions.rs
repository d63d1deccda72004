//! A source of random numbers for tests that need particular ones.

use std::convert::Infallible;

use rand::TryRng;

/// Gives these fractions, in 0..1, one after the other as random `f64`, and panics after the last.
pub(super) struct Fractions<I>(I);

impl<I: Iterator<Item = f64>> Fractions<I> {
    pub(super) fn new(fractions: impl IntoIterator<Item = f64, IntoIter = I>) -> Self {
        Self(fractions.into_iter())
    }

    /// Whether all have been drawn.
    pub(super) fn is_used_up(&mut self) -> bool {
        self.0.next().is_none()
    }
}

impl<I: Iterator<Item = f64>> TryRng for Fractions<I> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let fraction = self.0.next().expect("more numbers are drawn than given");
        // A random `f64` is made from the upper 53 bits.
        Ok((fraction * 2f64.powi(53)) as u64 * (1 << 11))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        unreachable!("{} bytes were drawn", bytes.len())
    }
}
