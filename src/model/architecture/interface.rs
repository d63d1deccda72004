//! Input and output of a network, as its exports describe them.

use super::reader::{CROP_SIDE, DETECTOR_STEP, MAPS, STRIDE};
use super::{Architecture, INPUT_SHAPE};
use crate::characters::CHARACTERS;
use crate::tensors::CLASSES;

/// One dimension of a batch, other than the batch size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// A fixed size.
    Fixed(i64),
    /// A dynamic size of this name.
    Dynamic(String),
}

/// Names, sizes and meaning of a network's input and output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Name of the input, a batch of grey values in 0..1.
    pub input: &'static str,
    /// Channels, height and width of the input.
    pub input_sizes: [Size; 3],
    /// Further requirements on the input.
    pub remark: String,
    /// Name of the output.
    pub output: &'static str,
    /// Sizes of the output, without the batch.
    pub output_sizes: Vec<Size>,
}

impl Architecture {
    /// The description of the network's input and output in exports.
    pub fn interface(&self) -> Interface {
        let fixed = |shape: [i64; 3]| shape.map(Size::Fixed);
        match self {
            Self::Detector => {
                let dynamic = |name: &str| Size::Dynamic(name.to_owned());
                let quarter = |name: &str| Size::Dynamic(format!("{name}/{STRIDE}"));
                Interface {
                    input: "pictures",
                    input_sizes: [Size::Fixed(1), dynamic("height"), dynamic("width")],
                    remark: format!("height and width multiples of {DETECTOR_STEP}"),
                    output: "maps",
                    output_sizes: vec![Size::Fixed(MAPS), quarter("height"), quarter("width")],
                }
            }
            Self::Crop => Interface {
                input: "crops",
                input_sizes: fixed([1, CROP_SIDE, CROP_SIDE]),
                remark: "the character in the middle".to_owned(),
                output: "logits",
                output_sizes: vec![Size::Fixed(CHARACTERS as i64 + 1)],
            },
            _ => Interface {
                input: "images",
                input_sizes: fixed(INPUT_SHAPE),
                remark: "white ink on black".to_owned(),
                output: "logits",
                output_sizes: vec![Size::Fixed(CLASSES as i64)],
            },
        }
    }
}

impl Interface {
    /// All of it in one line, with these names for the batch size and the output.
    pub fn describe(&self, batch: &str, output: &str) -> String {
        format!(
            "{} {} in 0..1, {}, to {output} {}",
            self.input,
            shape(batch, &self.input_sizes),
            self.remark,
            shape(batch, &self.output_sizes)
        )
    }
}

fn shape(batch: &str, sizes: &[Size]) -> String {
    let sizes = sizes.iter().map(|size| match size {
        Size::Fixed(size) => size.to_string(),
        Size::Dynamic(name) => name.clone(),
    });
    let all: Vec<String> = std::iter::once(batch.to_owned()).chain(sizes).collect();
    format!("[{}]", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_layers() {
        for architecture in [
            Architecture::Vgg,
            Architecture::Detector,
            Architecture::Crop,
        ] {
            let interface = architecture.interface();
            let input = architecture.input_shape();
            let value = |size: &Size| match size {
                Size::Fixed(size) => *size,
                Size::Dynamic(name) if name == "height" || name == "width" => input[1],
                Size::Dynamic(_) => input[1] / STRIDE,
            };
            assert_eq!(interface.input_sizes.each_ref().map(value), input);
            let output: Vec<i64> = interface.output_sizes.iter().map(value).collect();
            let layers = architecture.shapes().unwrap();
            assert_eq!(layers.last().unwrap().1, output, "{architecture}");
        }
    }
}
