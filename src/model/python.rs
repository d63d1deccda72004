//! Source code of a plain PyTorch `nn.Module` whose `state_dict()` has the names and layouts of a
//! [`checkpoint`](super::checkpoint).

use super::layer::{
    BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, LOCAL_SQUARE, LOCAL_SQUARES, Layer,
    STANDARDIZE_EPSILON,
};
use super::{Architecture, member_name};
use crate::tensors::{MEAN, STD};

/// Python source of a class `Net`, and for an ensemble of a class `Ensemble` of such networks.
pub fn module(architecture: &Architecture, members: usize) -> String {
    let (mut parts, mut forward) = (String::new(), String::new());
    for layer in architecture.layers() {
        let (part, step) = lines_of(&layer);
        parts.extend(part.map(|part| format!("        self.{part}\n")));
        forward += &format!("        {step}\n");
    }
    let interface = architecture.interface();
    let input = interface.input;
    let first = match architecture.is_standardized() {
        true => input.to_owned(),
        false => format!("({input} - {MEAN}) / {STD}"),
    };
    let torch = match forward.contains("torch.") {
        true => "import torch\n",
        false => "",
    };
    let mut source = format!(
        "{torch}from torch import nn\n\
         from torch.nn import functional as F\n\n\n\
         class Net(nn.Module):\n    \
             \"\"\"{architecture}: {}.\"\"\"\n\n    \
             def __init__(self):\n        \
                 super().__init__()\n\
         {parts}\n    \
             def forward(self, {input}):\n        \
                 x = {first}\n\
         {forward}        \
                 return x\n",
        interface.describe("B", interface.output)
    );
    if members > 1 {
        let names = (0..members).filter_map(|member| member_name(member, members));
        let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
        source += &format!(
            "\n\n\
             class Ensemble(nn.Module):\n    \
                 \"\"\"The mean logits of {members} networks.\"\"\"\n\n    \
                 def __init__(self):\n        \
                     super().__init__()\n        \
                     for name in ({}):\n            \
                         self.add_module(name, Net())\n\n    \
                 def forward(self, {input}):\n        \
                     return sum(net({input}) for net in self.children()) / {members}\n",
            names.join(", ")
        );
    }
    source
}

/// The lines of [`Layer::StandardizeLocally`].
fn locally_standardized() -> String {
    let around = |values: &str| {
        let half = LOCAL_SQUARES / 2;
        format!(
            "F.avg_pool2d(F.avg_pool2d({values}, {LOCAL_SQUARE}), {LOCAL_SQUARES}, 1, {half}, \
             count_include_pad=False)"
        )
    };
    let spread = |squares: &str| {
        format!("F.interpolate({squares}, scale_factor={LOCAL_SQUARE}, mode=\"bilinear\")")
    };
    [
        format!("mean, square = {}, {}", around("x"), around("x * x")),
        "deviation = (square - mean * mean).clamp(min=0).sqrt()".to_owned(),
        format!(
            "x = (x - {}) / ({} + {STANDARDIZE_EPSILON})",
            spread("mean"),
            spread("deviation")
        ),
    ]
    .join("\n        ")
}

/// A layer's line in `__init__`, if it has one, and its line in `forward`.
fn lines_of(layer: &Layer) -> (Option<String>, String) {
    let (part, value) = match layer {
        Layer::Save { slot } => return (None, format!("{slot} = x")),
        Layer::StandardizeLocally => return (None, locally_standardized()),
        Layer::Conv2d {
            name,
            inputs,
            outputs,
            kernel,
            stride,
            padding,
            bias,
        } => {
            let stride = match stride {
                1 => String::new(),
                _ => format!(", stride={stride}"),
            };
            let padding = match padding {
                0 => String::new(),
                _ => format!(", padding={padding}"),
            };
            let bias = if *bias { "" } else { ", bias=False" };
            (
                Some(format!(
                    "{name} = nn.Conv2d({inputs}, {outputs}, {kernel}{stride}{padding}{bias})"
                )),
                format!("self.{name}(x)"),
            )
        }
        Layer::BatchNorm2d { name, channels } => {
            // PyTorch's own values, which nn.BatchNorm2d has anyway.
            const { assert!(BATCH_NORM_EPSILON == 1e-5 && BATCH_NORM_MOMENTUM == 0.1) };
            (
                Some(format!("{name} = nn.BatchNorm2d({channels})")),
                format!("self.{name}(x)"),
            )
        }
        Layer::Linear {
            name,
            inputs,
            outputs,
        } => (
            Some(format!("{name} = nn.Linear({inputs}, {outputs})")),
            format!("self.{name}(x)"),
        ),
        Layer::MaxPool2d { size } => (None, format!("F.max_pool2d(x, {size})")),
        Layer::GlobalAvgPool => (None, "F.adaptive_avg_pool2d(x, 1)".to_owned()),
        Layer::Relu => (None, "F.relu(x)".to_owned()),
        Layer::Standardize => (
            None,
            format!(
                "(x - x.mean((1, 2, 3), True)) / (x.std((1, 2, 3), correction=0, keepdim=True) + \
                 {STANDARDIZE_EPSILON})"
            ),
        ),
        Layer::Load { slot } => (None, (*slot).to_owned()),
        Layer::Add { slot } => (None, format!("x + {slot}")),
        Layer::Concat { slot } => (None, format!("torch.cat((x, {slot}), 1)")),
        Layer::Upsample => (None, "F.interpolate(x, scale_factor=2)".to_owned()),
        Layer::Flatten => (None, "x.flatten(1)".to_owned()),
        Layer::Dropout { p } => (None, format!("F.dropout(x, {p}, self.training)")),
    };
    (part, format!("x = {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ensemble_of_dense_layers_is_a_module_of_modules() {
        let expected = r#"from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    """mlp-5: images [B, 1, 28, 28] in 0..1, white ink on black, to logits [B, 10]."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 5)
        self.fc2 = nn.Linear(5, 10)

    def forward(self, images):
        x = (images - 0.1307) / 0.3081
        x = x.flatten(1)
        x = self.fc1(x)
        x = F.relu(x)
        x = self.fc2(x)
        return x


class Ensemble(nn.Module):
    """The mean logits of 2 networks."""

    def __init__(self):
        super().__init__()
        for name in ("member0", "member1"):
            self.add_module(name, Net())

    def forward(self, images):
        return sum(net(images) for net in self.children()) / 2
"#;
        assert_eq!(module(&Architecture::Mlp { hidden: vec![5] }, 2), expected);
    }

    #[test]
    fn each_kind_of_layer_has_its_line() {
        let detector = module(&Architecture::Detector, 1);
        let crop = module(&Architecture::Crop, 1);
        let both = detector.clone() + &crop + &module(&Architecture::Vgg, 1);
        for line in [
            "self.stem = nn.Conv2d(2, 16, 5, stride=2, padding=2, bias=False)",
            "self.stem_norm = nn.BatchNorm2d(16)",
            "self.conv1 = nn.Conv2d(1, 32, 3, padding=1, bias=False)",
            "picture = x",
            "x = picture",
            "x = x + skip",
            "x = torch.cat((x, local), 1)",
            "x = F.interpolate(x, scale_factor=2)",
            "x = F.max_pool2d(x, 2)",
            "x = F.adaptive_avg_pool2d(x, 1)",
            "x = F.dropout(x, 0.25, self.training)",
            "mean, square = F.avg_pool2d(F.avg_pool2d(x, 8), 5, 1, 2, count_include_pad=False), \
             F.avg_pool2d(F.avg_pool2d(x * x, 8), 5, 1, 2, count_include_pad=False)",
            "deviation = (square - mean * mean).clamp(min=0).sqrt()",
            "x = (x - x.mean((1, 2, 3), True)) / (x.std((1, 2, 3), correction=0, keepdim=True) + 0.02)",
        ] {
            assert!(both.contains(&format!("        {line}\n")), "{line}");
        }
        assert!(detector.starts_with("import torch\nfrom torch import nn\n"));
        assert!(!detector.contains("class Ensemble"));
        // What nn.Conv2d has anyway is left out.
        assert!(!both.contains("padding=0") && !both.contains("stride=1"));
    }
}
