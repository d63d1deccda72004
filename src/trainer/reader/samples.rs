//! Scenes made by hand, for tests.

use image::GrayImage;
use tch::Device;

use crate::characters::CHARACTERS;
use crate::model::architecture::reader::MAPS;
use crate::reader::{Maps, Reader};
use crate::scenes::{Bounds, Digit, Scene};

/// A box from its left, top, right and bottom.
pub(super) fn bounds([left, top, right, bottom]: [f32; 4]) -> Bounds {
    Bounds {
        left,
        top,
        right,
        bottom,
    }
}

/// A readable digit in this box.
pub(super) fn digit(class: u8, sides: [f32; 4]) -> Digit {
    let [left, top, right, bottom] = sides;
    Digit {
        class,
        bounds: bounds(sides),
        centre: [(left + right) / 2.0, (top + bottom) / 2.0],
        readable: true,
    }
}

/// A digit in this box that cannot be read.
pub(super) fn unreadable(class: u8, sides: [f32; 4]) -> Digit {
    Digit {
        readable: false,
        ..digit(class, sides)
    }
}

/// A scene with these digits, in which no ink is visible.
pub(super) fn scene(width: u32, height: u32, digits: Vec<Digit>) -> Scene {
    Scene {
        grey: GrayImage::from_fn(width, height, |x, y| image::Luma([(5 * x + 3 * y) as u8])),
        digits,
        digit_ink: GrayImage::new(width, height),
        other_ink: GrayImage::new(width, height),
    }
}

/// A reader that finds no digit, and takes every crop for one of this class.
pub(super) fn reader(class: i64) -> Reader {
    let reader = Reader::new(0, Device::Cpu).unwrap();
    let detector = reader.detector.weights().variables();
    let crop = reader.crop.weights().variables();
    let _ = detector["maps.weight"].detach().zero_();
    let _ = crop["fc1.weight"].detach().zero_();
    let mut bias = crop["fc1.bias"].detach();
    let _ = bias.zero_();
    let _ = bias.narrow(0, class, 1).fill_(4.0);
    reader
}

/// Maps with boxes of 32×32 pixels in the cells of a square, and no digit.
pub(super) fn maps(side: usize) -> Maps {
    let cells = side * side;
    let mut values = vec![0.0; MAPS as usize * cells];
    values[..CHARACTERS * cells].fill(-9.0);
    Maps {
        height: side,
        width: side,
        values,
    }
}
