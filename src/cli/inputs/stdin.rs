//! Input from stdin: a picture, or a list of image files.

use std::ffi::OsStr;
use std::io::{BufRead, stdin};
use std::iter::once;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};

use super::{Input, Inputs, named, or_none};
use crate::picture::{is_picture, load_from};

/// A picture is distinguished from a list by its first bytes; if paths end in NUL it is a list.
pub(super) fn inputs(null: bool) -> Inputs {
    let mut stdin = stdin().lock();
    match stdin.fill_buf() {
        Ok(head) if !null && is_picture(head) => {
            let bytes = load_from(stdin).map(Input::Stdin);
            Box::new(once(bytes.context("reading the image on stdin")))
        }
        // A failure to read is reported as the first item of the list.
        _ => Box::new(listed(stdin, if null { 0 } else { b'\n' })),
    }
}

/// The paths in a list, each terminated by `end`, as they arrive.
fn listed(list: impl BufRead + 'static, end: u8) -> impl Iterator<Item = Result<Input>> {
    let mut failed = false;
    let names = list.split(end);
    let names = names.take_while(move |name| !std::mem::replace(&mut failed, name.is_err()));
    let paths = names.filter_map(move |name| match name {
        Ok(name) => {
            let name = match end {
                b'\n' => name.strip_suffix(b"\r").unwrap_or(&name),
                _ => &name,
            };
            // File names are arbitrary bytes on the systems that this runs on.
            (!name.is_empty()).then(|| Ok(PathBuf::from(OsStr::from_bytes(name))))
        }
        Err(failure) => Some(Err(failure).context("reading the list of images on stdin")),
    });
    let files = paths.flat_map(|path| match path {
        Ok(path) => named(path),
        Err(failure) => Box::new(once(Err(failure))),
    });
    or_none(files, || {
        anyhow!("stdin names no image: give it a picture, or one path per line")
    })
}
