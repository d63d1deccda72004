//! What libtorch reports, through tch or through our own C++, which stands where tch does not reach.

use std::ffi::{CStr, c_char};
use std::ptr;

use anyhow::{Error, anyhow};
use tch::{TchError, Tensor};
use torch_sys::C_tensor;

/// Turns what a function of our C++ returned into a result: null is success, all else is a message,
/// which is freed.
///
/// # Errors
/// When it is a message; that is the error's text.
///
/// # Safety
/// `failure` is null or a C string from `strdup` that nobody else frees.
pub(crate) unsafe fn check(failure: *mut c_char) -> Result<(), TchError> {
    if failure.is_null() {
        return Ok(());
    }
    // SAFETY: as promised by the caller.
    let message = unsafe {
        let message = CStr::from_ptr(failure).to_string_lossy().into_owned();
        libc::free(failure.cast());
        message
    };
    Err(TchError::Torch(message))
}

/// The tensor that a function of our C++ makes.
///
/// # Errors
/// When it returns a message instead; that is the error's text.
///
/// # Safety
/// `make` returns null and fills in a tensor that is now the caller's, or returns a message as
/// [`check`] takes it.
pub(crate) unsafe fn returned_tensor(
    make: impl FnOnce(*mut *mut C_tensor) -> *mut c_char,
) -> Result<Tensor, TchError> {
    let mut result = ptr::null_mut();
    let failure = make(&mut result);
    // SAFETY: as promised by the caller.
    unsafe {
        check(failure)?;
        Ok(Tensor::from_ptr(result))
    }
}

/// What libtorch said, without the stack that it appends.
pub(crate) fn without_backtrace(failure: TchError) -> Error {
    match failure {
        TchError::Torch(message) => {
            anyhow!("{}", message.lines().next().unwrap_or_default().to_owned())
        }
        other => other.into(),
    }
}
