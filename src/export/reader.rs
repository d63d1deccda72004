//! Export of a reader: both networks in one TorchScript program or safetensors file, or two ONNX
//! graphs, since a graph has only one entry point.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result};
use tch::Device;

use super::compare::{Runner, compare};
use super::{Format, Output, metadata, onnx, torchscript};
use crate::reader::{Description, Reader};
use crate::storage::replace_atomic;

/// The methods of a TorchScript program: the detector on pictures, and the second network on crops.
const DETECT: &str = "detect";
const LOOK: &str = "look";

/// Name suffixes of the two ONNX files.
const NAMES: [&str; 2] = ["detector", "crop"];

/// Writes a reader to `path`, atomically; as ONNX to two files beside it, `NAME-detector.onnx` and
/// `NAME-crop.onnx` for `NAME.onnx`.
///
/// The files are loaded again and must give the networks' own outputs before any is renamed into
/// place. The reader is moved to the CPU. Returns each file with its largest difference.
///
/// # Errors
/// When a file cannot be written, or gives other outputs.
pub fn export_reader(
    reader: &mut Reader,
    description: &Description,
    format: Format,
    path: &Path,
) -> Result<Vec<(PathBuf, f64)>> {
    reader.to_device(Device::Cpu);
    let text = metadata::reader_json(reader, description)?;
    let files = files(format, path);
    let mut largest = vec![];
    let mut check = |staged: &[&Path]| {
        largest = differences(reader, format, staged)
            .with_context(|| format!("checking the {format} just written"))?;
        Ok(())
    };
    match &files[..] {
        [first, second] => replace_atomic(first, |first| {
            onnx::save(&reader.detector, Output::Maps, &text, first)?;
            replace_atomic(second, |second| {
                onnx::save(&reader.crop, Output::Logits, &text, second)?;
                check(&[first, second])
            })
        })?,
        _ => replace_atomic(path, |staged| {
            match format {
                Format::Safetensors => reader.save(description, staged)?,
                _ => torchscript::save(&methods(reader), &text, staged)?,
            }
            check(&[staged])
        })?,
    }
    Ok(files.into_iter().zip(largest).collect())
}

/// Compares existing files, as [`export_reader`] writes them to `path`, with a reader, which is
/// moved to the CPU. Returns each file with its largest difference.
///
/// This executes a TorchScript program, which is code: only verify files that you trust.
///
/// # Errors
/// When a file cannot be read, is of another reader, or gives other outputs.
pub fn verify_reader(
    reader: &mut Reader,
    format: Format,
    path: &Path,
) -> Result<Vec<(PathBuf, f64)>> {
    reader.to_device(Device::Cpu);
    let files = files(format, path);
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let largest = differences(reader, format, &paths)
        .with_context(|| format!("comparing {} as {format} with the reader", path.display()))?;
    Ok(files.into_iter().zip(largest).collect())
}

/// The files of an exported reader; in ONNX, the path of either names both.
fn files(format: Format, path: &Path) -> Vec<PathBuf> {
    if format != Format::Onnx {
        return vec![path.to_owned()];
    }
    let stem = path.file_stem().unwrap_or_default();
    let shorter = stem.to_str().and_then(|stem| {
        let ends = |name| stem.strip_suffix(name)?.strip_suffix('-');
        NAMES.into_iter().find_map(ends)
    });
    let extension = path.extension().unwrap_or(format.extension().as_ref());
    let file = |name| {
        let mut file = shorter.map_or(stem, OsStr::new).to_owned();
        file.push(format!("-{name}."));
        file.push(extension);
        path.with_file_name(file)
    };
    NAMES.map(file).into()
}

fn methods(reader: &Reader) -> [torchscript::Method<'_>; 2] {
    let [detector, crop] = reader.nets();
    let method = |name, (owner, net)| torchscript::Method {
        name,
        owner: Some(owner),
        net,
    };
    [method(DETECT, detector), method(LOOK, crop)]
}

/// The largest difference of each file's outputs from the reader's.
fn differences(reader: &Reader, format: Format, files: &[&Path]) -> Result<Vec<f64>> {
    let networks = open(format, files)?.into_iter().zip(reader.nets());
    let largest = networks.map(|(run, (name, net))| {
        compare(net, &run).with_context(|| format!("comparing the {name}"))
    });
    let largest = largest.collect::<Result<Vec<_>>>()?;
    Ok(match files.len() {
        1 => vec![largest.into_iter().fold(0.0, f64::max)],
        _ => largest,
    })
}

/// Runners of the detector and the second network of such files.
fn open(format: Format, files: &[&Path]) -> Result<Vec<Runner>> {
    let mut all: Vec<Runner> = vec![];
    for path in files {
        match format {
            Format::TorchScript => {
                let program = Rc::new(torchscript::open(path)?);
                for (method, answer) in [(DETECT, Output::Maps), (LOOK, Output::Logits)] {
                    let program = program.clone();
                    all.push(Box::new(move |images| {
                        Ok((torchscript::run(&program, method, images)?, answer))
                    }));
                }
            }
            Format::Safetensors => {
                let (reader, _) = Reader::load(path, Device::Cpu)?;
                for (net, answer) in [
                    (reader.detector, Output::Maps),
                    (reader.crop, Output::Logits),
                ] {
                    all.push(Box::new(move |images| Ok((net.logits(images)?, answer))));
                }
            }
            Format::Onnx => {
                let graph = onnx::open(path)?;
                all.push(Box::new(move |images| onnx::run(&graph, images)));
            }
        }
    }
    Ok(all)
}
