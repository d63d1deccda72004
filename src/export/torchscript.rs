//! A network as a TorchScript program, for Python, C++ and phones.
//!
//! TorchScript: <https://pytorch.org/docs/2.11/jit.html>. The program is written from the list of
//! layers, not traced: its parameters have names, `train()`, `eval()` and `to()` work, and the batch
//! may have any size.

use std::ffi::{CString, c_char};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::{ptr, slice};

use anyhow::{Context, Result};
use tch::{CModule, Tensor};
use torch_sys::C_tensor;

use crate::model::checkpoint::{KEY, MAX_BYTES};
use crate::model::layer::{BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, Layer, STANDARDIZE_EPSILON};
use crate::model::{Architecture, Net, member_name, weights_of};
use crate::shim::{check, in_brief};
use crate::storage::read_bounded;
use crate::tensors::{DEVIATION, MEAN};

/// Writes the program; `metadata` goes with it as JSON, which `torch.jit.load(…, _extra_files=…)`
/// finds as `mnist-tch.json`.
///
/// # Errors
/// When libtorch refuses the program or cannot write the file.
pub fn save(net: &Net, metadata: &str, path: &Path) -> Result<()> {
    let weights = net.snapshot();
    let mut entries = Vec::new();
    for weight in weights_of(net.architecture(), net.members()) {
        let (_, tensor) = weights
            .iter()
            .find(|(name, _)| *name == weight.name)
            .with_context(|| format!("looking for the weight {}", weight.name))?;
        let (layer, name) = weight.name.rsplit_once('.').unwrap_or(("", &weight.name));
        entries.push((
            CString::new(layer)?,
            CString::new(name)?,
            tensor,
            weight.learned,
        ));
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
    let forward = CString::new(forward_source(net)?)?;
    let extra_name = CString::new(format!("{KEY}.json"))?;
    let extra_content = CString::new(metadata)?;
    let (mut program, mut length) = (ptr::null_mut(), 0);
    // SAFETY: all pointers are to live strings and tensors, which the call only reads, and to the two
    // that it sets.
    let failure = unsafe {
        mnist_tch_torchscript(
            forward.as_ptr(),
            weights.as_ptr(),
            weights.len(),
            extra_name.as_ptr(),
            extra_content.as_ptr(),
            &mut program,
            &mut length,
        )
    };
    // SAFETY: it comes from our C++.
    unsafe { check(failure) }
        .map_err(in_brief)
        .context("libtorch could not make the program")?;
    // SAFETY: so many bytes lie there, as the call succeeded.
    let written = fs::write(path, unsafe { slice::from_raw_parts(program, length) });
    // SAFETY: it comes from our C++, and nobody else frees it.
    unsafe { libc::free(program.cast()) };
    Ok(written?)
}

/// Loads a program, for comparing its logits with a network's.
///
/// # Errors
/// When the file is no TorchScript program, or has more than [`MAX_BYTES`].
pub fn open(path: &Path) -> Result<CModule> {
    // Read here, since libtorch takes only paths in UTF-8.
    let opening = || format!("opening {}", path.display());
    let bytes = read_bounded(path, MAX_BYTES).with_context(opening)?;
    CModule::load_data(&mut bytes.as_slice())
        .map_err(in_brief)
        .with_context(|| format!("loading the TorchScript program {}", path.display()))
}

/// What a program answers.
///
/// # Errors
/// When it does not take such images, or does not answer with a tensor.
pub fn logits(program: &CModule, images: &Tensor) -> Result<Tensor> {
    tch::no_grad(|| program.forward_ts(&[images])).map_err(in_brief)
}

/// The network's `forward` in TorchScript's subset of Python.
fn forward_source(net: &Net) -> Result<String> {
    let mut source = String::from("def forward(self, images: Tensor) -> Tensor:\n");
    writeln!(source, "    images = (images - {MEAN}) / {DEVIATION}")?;
    let mut logits = vec![];
    for member in 0..net.members() {
        let owner = match member_name(member, net.members()) {
            Some(name) => format!("self.{name}"),
            None => "self".to_owned(),
        };
        writeln!(source, "    x = images")?;
        member_source(net.architecture(), &owner, &mut source)?;
        writeln!(source, "    logits{member} = x")?;
        logits.push(format!("logits{member}"));
    }
    let count = logits.len();
    let sum = logits.join(" + ");
    writeln!(
        source,
        "    return {}",
        if count == 1 {
            sum
        } else {
            format!("({sum}) / {count}")
        }
    )?;
    Ok(source)
}

/// What one network does to `x`, its weights being `owner`'s.
fn member_source(architecture: &Architecture, owner: &str, source: &mut String) -> Result<()> {
    for layer in architecture.layers() {
        let value = match &layer {
            Layer::Conv2d {
                name,
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
                    "torch.conv2d(x, {owner}.{name}.weight, {bias}, [1, 1], [{padding}, {padding}])"
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
            Layer::Save { slot } => format!("{slot} = x"),
            Layer::Load { slot } => (*slot).to_owned(),
            Layer::Add { slot } => format!("x + {slot}"),
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
        forward: *const c_char,
        weights: *const CWeight,
        count: usize,
        extra_name: *const c_char,
        extra_content: *const c_char,
        program: *mut *mut u8,
        length: *mut usize,
    ) -> *mut c_char;
}
