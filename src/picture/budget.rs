//! The memory budget that all pictures being decoded share.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Most bytes that all pictures together take while being decoded. Later steps work on reduced
/// copies and fit in the rest of the 512 MB.
pub(super) const BYTES: u64 = 400 << 20;

static USED: Mutex<u64> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// A part of the budget, released when dropped.
pub(super) struct Share(u64);

/// Waits until `bytes` of the budget are free and takes them.
///
/// A thread that holds a share must not wait for another, nor for a thread pool whose work may.
pub(super) fn reserve(bytes: u64) -> Share {
    let bytes = bytes.min(BYTES);
    let full = |used: &mut u64| *used + bytes > BYTES;
    let mut used = FREED
        .wait_while(used(), full)
        .unwrap_or_else(PoisonError::into_inner);
    *used += bytes;
    Share(bytes)
}

impl Drop for Share {
    fn drop(&mut self) {
        *used() -= self.0;
        FREED.notify_all();
    }
}

/// The number is right even after a panic in a decoder: its share was dropped all the same.
fn used() -> MutexGuard<'static, u64> {
    USED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn shares_never_exceed_the_budget_and_all_get_theirs() {
        let (held, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for thread in 1..=6 {
                let (held, most) = (&held, &most);
                scope.spawn(move || {
                    for _ in 0..50 {
                        let bytes = BYTES / thread;
                        let share = reserve(bytes);
                        most.fetch_max(
                            held.fetch_add(bytes, Ordering::SeqCst) + bytes,
                            Ordering::SeqCst,
                        );
                        held.fetch_sub(bytes, Ordering::SeqCst);
                        drop(share);
                    }
                });
            }
        });
        assert!(most.into_inner() <= BYTES);
    }
}
