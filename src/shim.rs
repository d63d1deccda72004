//! What our C++ reports: it stands where tch does not reach into libtorch.

use std::ffi::{CStr, c_char};

use anyhow::{Result, bail};

/// Turns what a function of our C++ returned into a result: null is success, all else is a message,
/// which is freed.
///
/// # Errors
/// When it is a message; that is the error's text.
///
/// # Safety
/// `failure` is null or a C string from `strdup` that nobody else frees.
pub(crate) unsafe fn check(failure: *mut c_char) -> Result<()> {
    if failure.is_null() {
        return Ok(());
    }
    // SAFETY: as promised by the caller.
    let message = unsafe {
        let message = CStr::from_ptr(failure).to_string_lossy().into_owned();
        libc::free(failure.cast());
        message
    };
    // libtorch appends its stack; the first line says what happened.
    bail!("{}", message.lines().next().unwrap_or_default().to_owned())
}
