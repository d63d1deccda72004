//! Pictures of a training run: data in, [`image::RgbImage`] out; the caller encodes and writes.
//!
//! All of them share one style: the bundled Open Sans (so a bare machine draws the same pixels),
//! the Okabe-Ito colours, and a marker or dash beside each colour, for readers who cannot tell
//! the colours apart and for black-and-white print.

mod annotate;
mod axis;
mod canvas;
mod cells;
mod curves;
mod evaluation;
mod frame;
mod legend;
mod matrix;
mod misread;
mod mistakes;
mod run;
mod samples;
mod sizes;
mod style;
mod text;

pub use annotate::{Mark, annotated};
pub use cells::{CellMark, cells};
pub use curves::curves;
pub use evaluation::evaluation;
pub use misread::{Misread, misread};
pub use mistakes::Mistake;
pub use run::Run;
pub use samples::{Digit, samples, samples_of};
pub use sizes::{Series, Size, sizes};

use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, Result};
use image::{ImageBuffer, ImageFormat, PixelWithColorType};

use crate::storage::write_atomic;

/// Writes a picture as PNG.
///
/// # Errors
/// When it has no pixels, or the file cannot be written.
pub fn save<P>(picture: &ImageBuffer<P, Vec<u8>>, path: &Path) -> Result<()>
where
    P: PixelWithColorType<Subpixel = u8>,
{
    let png = png(picture).with_context(|| format!("writing {}", path.display()))?;
    write_atomic(path, &png)
}

/// A picture as the bytes of a PNG file.
///
/// # Errors
/// When it has no pixels.
pub fn png<P>(picture: &ImageBuffer<P, Vec<u8>>) -> Result<Vec<u8>>
where
    P: PixelWithColorType<Subpixel = u8>,
{
    let mut file = Cursor::new(Vec::new());
    picture
        .write_to(&mut file, ImageFormat::Png)
        .context("encoding a picture")?;
    Ok(file.into_inner())
}
