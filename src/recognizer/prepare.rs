//! From the bytes of any picture to what MNIST would have made of its digit.

use image::{GrayImage, imageops};

use super::decode::ImageError;
use super::{center, decode, ink, segment};

/// Turns a picture of a digit into MNIST's form: 28 x 28, white ink on black, fitted and centred.
///
/// `on_stage` is handed each intermediate picture with its name: `grey`, `ink`, `digit`, `fitted`.
///
/// # Errors
/// [`ImageError::NoInk`] where no digit is seen, its other kinds where the bytes are no picture
/// that can be read.
pub fn prepare(
    bytes: &[u8],
    on_stage: &mut dyn FnMut(&str, &GrayImage),
) -> Result<GrayImage, ImageError> {
    let grey = decode::decode(bytes)?;
    on_stage("grey", &grey);
    let mut digit = isolate(&grey, on_stage)?;
    if let Some(sheet) = segment::sheet(&digit) {
        let (left, top) = (sheet.left() as u32, sheet.top() as u32);
        let grey = imageops::crop_imm(&grey, left, top, sheet.width(), sheet.height()).to_image();
        on_stage("sheet", &grey);
        digit = isolate(&grey, on_stage)?;
    }
    let fitted = center::fit(&digit)?;
    on_stage("fitted", &fitted);
    Ok(fitted)
}

/// The strokes of the digit on a sheet that fills the picture.
fn isolate(
    grey: &GrayImage,
    on_stage: &mut dyn FnMut(&str, &GrayImage),
) -> Result<GrayImage, ImageError> {
    let ink = ink::ink(grey)?;
    on_stage("ink", &ink);
    let digit = segment::digit(&ink)?;
    on_stage("digit", &digit);
    Ok(digit)
}
