//! Errors of libtorch, from tch and from our own C++, which covers what tch does not bind.

use std::ffi::{CStr, c_char};
use std::ptr;

use anyhow::{Error, anyhow};
use tch::{TchError, Tensor};
use torch_sys::C_tensor;

/// Converts the return value of a C++ function: null is success, anything else an error message,
/// which is freed.
///
/// # Errors
/// The message.
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

/// The tensor returned by a C++ function.
///
/// # Errors
/// The message that it returns instead.
///
/// # Safety
/// `make` either returns null and stores a tensor owned by the caller, or returns a message as
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

/// libtorch's message without the backtrace that it appends.
pub(crate) fn without_backtrace(failure: TchError) -> Error {
    match failure {
        TchError::Torch(message) => {
            anyhow!("{}", message.lines().next().unwrap_or_default().to_owned())
        }
        other => other.into(),
    }
}
