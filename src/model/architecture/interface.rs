//! What goes into a network and what comes out of it, as its exports call it.

use super::reader::{CROP_SIDE, DETECTOR_STEP, MAPS, STRIDE};
use super::{Architecture, INPUT_SHAPE};
use crate::tensors::CLASSES;

/// One dimension of a batch, other than how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// Always so many.
    Fixed(i64),
    /// Any that fits, under this name.
    Free(String),
}

/// Names, sizes and meaning of a network's input and output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Name of the input, a batch of greys in 0..1.
    pub input: &'static str,
    /// Channels, height and width of the input.
    pub input_sizes: [Size; 3],
    /// What else is true of the input.
    pub remark: String,
    /// Name of the output.
    pub output: &'static str,
    /// Sizes of the output behind the batch's.
    pub output_sizes: Vec<Size>,
}

impl Architecture {
    /// What exports say of the network's input and output.
    pub fn interface(&self) -> Interface {
        let fixed = |shape: [i64; 3]| shape.map(Size::Fixed);
        match self {
            Self::Detector => {
                let free = |name: &str| Size::Free(name.to_owned());
                let quarter = |name: &str| Size::Free(format!("{name}/{STRIDE}"));
                Interface {
                    input: "pictures",
                    input_sizes: [Size::Fixed(1), free("height"), free("width")],
                    remark: format!("height and width multiples of {DETECTOR_STEP}"),
                    output: "maps",
                    output_sizes: vec![Size::Fixed(MAPS), quarter("height"), quarter("width")],
                }
            }
            Self::Crop => Interface {
                input: "crops",
                input_sizes: fixed([1, CROP_SIDE, CROP_SIDE]),
                remark: "the digit in the middle".to_owned(),
                output: "logits",
                output_sizes: vec![Size::Fixed(CLASSES as i64 + 1)],
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
    /// All of it in one line, with this name for the size of the batch and that of the output.
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
        Size::Free(name) => name.clone(),
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
                Size::Free(name) if name == "height" || name == "width" => input[1],
                Size::Free(_) => input[1] / STRIDE,
            };
            assert_eq!(interface.input_sizes.each_ref().map(value), input);
            let output: Vec<i64> = interface.output_sizes.iter().map(value).collect();
            let layers = architecture.shapes().unwrap();
            assert_eq!(layers.last().unwrap().1, output, "{architecture}");
        }
    }
}
