//! Panics, which are internal errors: each is reported in one line.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{Write, stderr};
use std::panic::{self, PanicHookInfo};

use crate::version::VERSION;

/// What `std::thread::scope` panics with after one of its threads did, whose own panic was reported.
const SCOPED_THREAD: &str = "a scoped thread panicked";

/// Installs a hook that reports a panic in one line, with what to do about it.
pub fn report_panics() {
    panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let what = panic.payload_as_str().unwrap_or("no reason given");
    if what == SCOPED_THREAD {
        return;
    }
    let place = panic.location().map(ToString::to_string);
    // Not eprintln!, whose own panic would end the program silently.
    let _ = writeln!(stderr(), "{}", line(what, &place.unwrap_or_default()));
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        let _ = writeln!(stderr(), "{backtrace}");
    }
}

fn line(what: &str, place: &str) -> String {
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(
        "error: internal error in mnist-tch {VERSION}: {what} ({place}); please report this line and the \
         command that you ran to whoever gave you the program"
    )
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_panic_is_one_line_that_says_where_and_what_to_do() {
        let line = line("index out of bounds:\n  the len is 0", "src/main.rs:1:2");
        assert_eq!(line.lines().count(), 1);
        for part in [
            "error: ",
            VERSION,
            "the len is 0 (src/main.rs:1:2)",
            "report",
        ] {
            assert!(line.contains(part), "{line}");
        }
    }

    #[test]
    fn a_panic_in_a_scoped_thread_is_reported_once() {
        let waiting = panic::catch_unwind(|| {
            thread::scope(|scope| {
                scope.spawn(|| panic!("a bug"));
            });
        });
        let payload = waiting.unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&SCOPED_THREAD));
    }
}
