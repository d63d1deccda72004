//! `mnist-tch --version`: the program, the libtorch that it was built with, the devices that it sees, and
//! the instruction set that it uses.

use anyhow::Result;

use super::report;
use crate::device;
use crate::model::instructions::Instructions;
use crate::precision::PrecisionChoice;
use crate::version::{LIBTORCH_VERSION, VERSION};

pub(super) fn print() -> Result<()> {
    let mut devices = vec![];
    for device in device::visible() {
        let precision = PrecisionChoice::Auto.resolve(device)?;
        devices.push(format!("{} ({precision})", device::name(device)));
    }
    report::text(&format_args!(
        "mnist-tch {VERSION}\nlibtorch {LIBTORCH_VERSION}\ndevices: {}\ninstructions: {}\n",
        devices.join(", "),
        Instructions::chosen()?
    ))
}
