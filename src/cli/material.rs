//! The arguments that say what scenes are drawn from.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, ensure};
use clap::Args;
use tch::Tensor;

use super::report;
use crate::dataset::{Dataset, Examples};
use crate::scenes::material::Material;
use crate::scenes::{Scenes, Split};

/// The variable that names the folder if no argument does.
const VARIABLE: &str = "MNIST_TCH_MATERIAL";

#[derive(Debug, Args)]
pub(super) struct MaterialArgs {
    /// Folder with pen strokes, fonts, symbols and textures, as data/README.md describes it [default:
    /// $MNIST_TCH_MATERIAL; without one the program's own strokes alone]
    #[arg(long, value_name = "DIR")]
    material: Option<PathBuf>,
}

impl MaterialArgs {
    /// The folder that was named.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let variable = || env::var_os(VARIABLE).filter(|value| !value.is_empty());
        self.material
            .clone()
            .or_else(|| variable().map(PathBuf::from))
    }
}

/// Scenes for training and for validation, of the same material as [`load`] returns.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn scenes(folder: Option<&PathBuf>, dataset: &Dataset) -> Result<[Scenes; 2]> {
    let material = load(folder, dataset)?;
    Ok([Split::Training, Split::Validation].map(|split| Scenes::new(Arc::clone(&material), split)))
}

/// A folder of handwriting, if given, with the images of a data set's training and validation split.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn load(folder: Option<&PathBuf>, dataset: &Dataset) -> Result<Arc<Material>> {
    match folder {
        Some(folder) => from_folder(folder, dataset),
        None => Ok(builtin()),
    }
}

/// The same for rendering alone: the program's own strokes need no data set, so none is fetched.
///
/// # Errors
/// When the folder or the data cannot be read.
pub(super) fn for_rendering(
    folder: Option<&PathBuf>,
    dataset: impl FnOnce() -> Result<Dataset>,
) -> Result<Arc<Material>> {
    match folder {
        Some(folder) => from_folder(folder, &dataset()?),
        None => Ok(builtin()),
    }
}

fn builtin() -> Arc<Material> {
    report::note(
        "note: no folder of handwriting was given (--material): scenes use the program's own strokes only",
    );
    Arc::new(Material::builtin())
}

fn from_folder(folder: &Path, dataset: &Dataset) -> Result<Arc<Material>> {
    ensure!(
        folder.is_dir(),
        "reading handwriting from {}: there is no such folder; data/README.md describes what it holds",
        folder.display()
    );
    let bytes = |examples: &Examples| -> Result<(Vec<u8>, Vec<u8>)> {
        let flat =
            |tensor: &Tensor| Vec::<u8>::try_from(tensor.to_kind(tch::Kind::Uint8).view([-1]));
        Ok((flat(&examples.images)?, flat(&examples.labels)?))
    };
    let (mut images, mut labels) = bytes(&dataset.train)?;
    let (more_images, more_labels) = bytes(&dataset.validation)?;
    images.extend(more_images);
    labels.extend(more_labels);
    Ok(Arc::new(Material::load(folder, &images, &labels)?))
}
