//! A network as a TorchScript program, for Python, C++ and phones.
//!
//! TorchScript: <https://pytorch.org/docs/2.11/jit.html>. The program is written from the list of
//! layers, not traced: its parameters have names, `train()`, `eval()` and `to()` work, and the
//! batch size is dynamic.

use std::ffi::{CString, c_char};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::{ptr, slice};

use anyhow::{Context, Result};
use tch::{CModule, Tensor};
use torch_sys::C_tensor;

use crate::model::checkpoint::{KEY, MAX_BYTES};
use crate::model::layer::{
    BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, LOCAL_SQUARE, LOCAL_SQUARES, Layer,
    STANDARDIZE_EPSILON,
};
use crate::model::{Architecture, Net, member_name, weights_of};
use crate::shim::{check, without_backtrace};
use crate::storage::read_bounded;
use crate::tensors::{MEAN, STD};

/// A method of a program, and the network that it runs.
pub struct Method<'a> {
    /// Its name: `forward`, the default method, or another.
    pub name: &'static str,
    /// The submodule with the network's weights; the program itself where there is none.
    pub owner: Option<&'static str>,
    /// The network.
    pub net: &'a Net,
}

/// Writes the program with `metadata` as JSON, which `torch.jit.load(…, _extra_files=…)` finds as
/// `mnist-tch.json`.
///
/// # Errors
/// When libtorch rejects the program, or the file cannot be written.
pub fn save(methods: &[Method<'_>], metadata: &str, path: &Path) -> Result<()> {
    let snapshots: Vec<_> = methods.iter().map(|method| method.net.snapshot()).collect();
    let mut entries = Vec::new();
    let mut source = String::new();
    for (method, weights) in methods.iter().zip(&snapshots) {
        source += &method.source()?;
        for weight in weights_of(method.net.architecture(), method.net.members()) {
            let (_, tensor) = weights
                .iter()
                .find(|(name, _)| *name == weight.name)
                .with_context(|| format!("looking for the weight {}", weight.name))?;
            let (layer, name) = weight.name.rsplit_once('.').unwrap_or(("", &weight.name));
            let layer = match method.owner {
                Some(owner) => format!("{owner}.{layer}"),
                None => layer.to_owned(),
            };
            entries.push((
                CString::new(layer)?,
                CString::new(name)?,
                tensor,
                weight.learned,
            ));
        }
    }
    let weights: Vec<CWeight> = entries
        .iter()
        .map(|(layer, name, tensor, learned)| CWeight {
            layer: layer.as_ptr(),
            name: name.as_ptr(),
            tensor: tensor.as_ptr(),
            learned: *learned,
        })
        .collect();
    let source = CString::new(source)?;
    let extra_name = CString::new(format!("{KEY}.json"))?;
    let extra_content = CString::new(metadata)?;
    let (mut program, mut length) = (ptr::null_mut(), 0);
    // SAFETY: all pointers are to live strings and tensors, which the call only reads, and to the
    // two variables that it sets.
    let failure = unsafe {
        mnist_tch_torchscript(
            source.as_ptr(),
            weights.as_ptr(),
            weights.len(),
            extra_name.as_ptr(),
            extra_content.as_ptr(),
            &mut program,
            &mut length,
        )
    };
    // SAFETY: our C++ returned it.
    unsafe { check(failure) }
        .map_err(without_backtrace)
        .context("libtorch could not create the program")?;
    // SAFETY: the call succeeded, so `program` points to `length` bytes.
    let written = fs::write(path, unsafe { slice::from_raw_parts(program, length) });
    // SAFETY: our C++ returned it, and nothing else frees it.
    unsafe { libc::free(program.cast()) };
    Ok(written?)
}

/// Loads a program, to compare its outputs with a network's.
///
/// # Errors
/// When the file is not a TorchScript program, or has more than [`MAX_BYTES`].
pub fn open(path: &Path) -> Result<CModule> {
    // Read here, since libtorch accepts only UTF-8 paths.
    let opening = || format!("opening {}", path.display());
    let bytes = read_bounded(path, MAX_BYTES).with_context(opening)?;
    CModule::load_data(&mut bytes.as_slice())
        .map_err(without_backtrace)
        .with_context(|| format!("loading the TorchScript program {}", path.display()))
}

/// Runs a method of a program on a batch.
///
/// # Errors
/// When the program has no such method, does not accept the batch, or does not return a tensor.
pub fn run(program: &CModule, method: &str, images: &Tensor) -> Result<Tensor> {
    tch::no_grad(|| program.method_ts(method, &[images])).map_err(without_backtrace)
}

impl Method<'_> {
    /// The source of the method, in TorchScript's subset of Python.
    fn source(&self) -> Result<String> {
        let net = self.net;
        let input = net.architecture().interface().input;
        let mut source = format!("def {}(self, {input}: Tensor) -> Tensor:\n", self.name);
        if !net.architecture().is_standardized() {
            writeln!(source, "    {input} = ({input} - {MEAN}) / {STD}")?;
        }
        let owner = self.owner.map(str::to_owned);
        let mut outputs = vec![];
        for member in 0..net.members() {
            let path = [Some("self".to_owned()), owner.clone()];
            let path = path.into_iter().chain([member_name(member, net.members())]);
            let path: Vec<String> = path.flatten().collect();
            writeln!(source, "    x = {input}")?;
            member_source(net.architecture(), &path.join("."), &mut source)?;
            writeln!(source, "    output{member} = x")?;
            outputs.push(format!("output{member}"));
        }
        let sum = outputs.join(" + ");
        let mean = match outputs.len() {
            1 => sum,
            count => format!("({sum}) / {count}"),
        };
        writeln!(source, "    return {mean}")?;
        Ok(source)
    }
}

/// Writes the lines of [`Layer::StandardizeLocally`].
fn standardize_locally(source: &mut String) -> Result<()> {
    let (half, scale) = (LOCAL_SQUARES / 2, LOCAL_SQUARE as f64);
    let spread = |squares: &str| {
        format!("torch.upsample_bilinear2d({squares}, None, False, [{scale:?}, {scale:?}])")
    };
    for (name, values) in [("mean", "x"), ("square", "x * x")] {
        writeln!(
            source,
            "    {name} = torch.avg_pool2d(torch.avg_pool2d({values}, [{LOCAL_SQUARE}, {LOCAL_SQUARE}]), \
             [{LOCAL_SQUARES}, {LOCAL_SQUARES}], [1, 1], [{half}, {half}], False, False)"
        )?;
    }
    writeln!(
        source,
        "    deviation = torch.sqrt(torch.clamp(square - mean * mean, 0.0))"
    )?;
    writeln!(
        source,
        "    x = (x - {}) / ({} + {STANDARDIZE_EPSILON})",
        spread("mean"),
        spread("deviation")
    )?;
    Ok(())
}

/// Writes the lines of one network, which transform `x`; its weights are attributes of `owner`.
fn member_source(architecture: &Architecture, owner: &str, source: &mut String) -> Result<()> {
    for layer in architecture.layers() {
        let value = match &layer {
            Layer::Save { slot } => {
                writeln!(source, "    {slot} = x")?;
                continue;
            }
            Layer::Conv2d {
                name,
                stride,
                padding,
                bias,
                ..
            } => {
                let bias = if *bias {
                    format!("{owner}.{name}.bias")
                } else {
                    "None".to_owned()
                };
                format!(
                    "torch.conv2d(x, {owner}.{name}.weight, {bias}, [{stride}, {stride}], \
                     [{padding}, {padding}])"
                )
            }
            Layer::BatchNorm2d { name, .. } => {
                let n = format!("{owner}.{name}");
                format!(
                    "torch.batch_norm(x, {n}.weight, {n}.bias, {n}.running_mean, {n}.running_var, \
                     self.training, {BATCH_NORM_MOMENTUM}, {BATCH_NORM_EPSILON}, True)"
                )
            }
            Layer::MaxPool2d { size } => format!("torch.max_pool2d(x, [{size}, {size}])"),
            Layer::GlobalAvgPool => "torch.adaptive_avg_pool2d(x, [1, 1])".to_owned(),
            Layer::Relu => "torch.relu(x)".to_owned(),
            Layer::Standardize => format!(
                "(x - x.mean([1, 2, 3], True)) / (x.std([1, 2, 3], correction=0, keepdim=True) + \
                 {STANDARDIZE_EPSILON})"
            ),
            Layer::StandardizeLocally => {
                standardize_locally(source)?;
                continue;
            }
            Layer::Load { slot } => (*slot).to_owned(),
            Layer::Add { slot } => format!("x + {slot}"),
            Layer::Concat { slot } => format!("torch.cat([x, {slot}], 1)"),
            Layer::Upsample => "torch.upsample_nearest2d(x, None, [2.0, 2.0])".to_owned(),
            Layer::Flatten => "torch.flatten(x, 1)".to_owned(),
            Layer::Dropout { p } => format!("torch.dropout(x, {p}, self.training)"),
            Layer::Linear { name, .. } => {
                format!("torch.linear(x, {owner}.{name}.weight, {owner}.{name}.bias)")
            }
        };
        writeln!(source, "    x = {value}")?;
    }
    Ok(())
}

/// As `mnist_tch_weight` in `torchscript.cpp`.
#[repr(C)]
struct CWeight {
    layer: *const c_char,
    name: *const c_char,
    tensor: *const C_tensor,
    learned: bool,
}

unsafe extern "C" {
    fn mnist_tch_torchscript(
        source: *const c_char,
        weights: *const CWeight,
        count: usize,
        extra_name: *const c_char,
        extra_content: *const c_char,
        program: *mut *mut u8,
        length: *mut usize,
    ) -> *mut c_char;
}
