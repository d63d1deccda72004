//! `mnist-tch train --resume`: an interrupted run, with its own settings.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::job::Job;
use crate::cli::compute::ComputeArgs;
use crate::cli::data::DataArgs;
use crate::cli::report;
use crate::dataset::source::Choice;
use crate::dataset::{Dataset, Origin, Split};
use crate::run::{RunDir, Settings};
use crate::version::VERSION;

/// Opens an unfinished run, with its own data and device unless arguments name others.
///
/// # Errors
/// When the folder holds no run, or one that another process is training, or when its data or its
/// device is missing.
pub(super) fn open(path: &Path, compute: &ComputeArgs, data: &DataArgs) -> Result<Job> {
    let run = RunDir::reopen(path)?;
    let settings = Settings::read(&run)?;
    let resume = || {
        ensure!(
            run.is_unfinished() || run.history().map_or(0, |history| history.len()) < 2,
            "it has no state to resume from: start a new training with another --out"
        );
        let device = compute.prepare_run(&settings)?;
        let dataset = load(&settings, data)?;
        anyhow::Ok((device, dataset))
    };
    let (device, dataset) = resume().with_context(|| format!("resuming {}", path.display()))?;
    if !run.is_unfinished() {
        report::note(&format!(
            "{} has no saved state: it starts over",
            path.display()
        ));
    }
    if settings.mnist_tch != VERSION {
        report::warning(&format!(
            "{} was started by mnist-tch {}, this is {VERSION}: its results may differ",
            path.display(),
            settings.mnist_tch
        ));
    }
    Ok(Job {
        run,
        settings,
        dataset,
        device,
    })
}

/// The data that the run has been trained on so far.
fn load(settings: &Settings, args: &DataArgs) -> Result<Dataset> {
    let mut dataset = load_origin(&settings.data, args, settings.limit)?;
    if let Some(mixture) = &settings.mixture {
        dataset = dataset.mixed(mixture);
    }
    for split in Split::ALL {
        let (now, then) = (dataset.examples(split).len(), settings.images.get(&split));
        ensure!(
            then == Some(&now),
            "the {split} split has {now} images where it had {}",
            then.unwrap_or(&0)
        );
    }
    Ok(dataset)
}

/// The data of this origin, or data with the same checksums from a folder that an argument names.
pub(super) fn load_origin(
    origin: &Origin,
    args: &DataArgs,
    limit: Option<usize>,
) -> Result<Dataset> {
    let Origin { name, folder, .. } = origin;
    let choice = match name.as_str() {
        "synthetic" => Choice::Synthetic,
        _ => Choice::Mnist,
    };
    // MNIST may have moved, and is the same everywhere.
    let folder = folder
        .clone()
        .filter(|folder| name != "mnist" || folder.is_dir());
    let dataset = args.load_again(choice, folder, limit)?;
    let there = &dataset.origin;
    ensure!(
        sums(there) == sums(origin) && there.name == *name,
        "the data ({there}) is not what it was trained on; name the right folder with --data-dir"
    );
    Ok(dataset)
}

/// The checksums of the four files, whatever their names.
fn sums(origin: &Origin) -> Vec<&String> {
    let mut sums: Vec<_> = origin.sha256.values().collect();
    sums.sort();
    sums
}
