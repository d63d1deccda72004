//! Photos of surfaces and landscapes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use image::GrayImage;
use image::imageops::{self, FilterType};
use rayon::prelude::*;

use super::samples::files;
use super::split::BySplit;

/// Longest side of a photo, in pixels; larger ones are reduced.
const MAX_SIDE: u32 = 512;

/// All JPEGs of a folder and of its subfolders, in grey. Views of one place stay in one split.
pub fn load(folder: &Path) -> Result<BySplit<GrayImage>> {
    let mut photos = files(folder, "jpg")?;
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    for folder in folders {
        photos.extend(files(&folder, "jpg")?);
    }
    let read: Vec<Result<(String, GrayImage)>> = photos.par_iter().map(|path| read(path)).collect();
    let mut textures = BySplit::default();
    for photo in read {
        let (name, photo) = photo?;
        textures.add(&name, photo);
    }
    Ok(textures)
}

/// A photo, reduced, and the name of the place it shows.
fn read(path: &Path) -> Result<(String, GrayImage)> {
    let photo = image::open(path)
        .with_context(|| format!("cannot read {}", path.display()))?
        .into_luma8();
    let longer = photo.width().max(photo.height());
    let small = match longer > MAX_SIDE {
        true => {
            let side = |length: u32| (length * MAX_SIDE / longer).max(1);
            let (width, height) = (side(photo.width()), side(photo.height()));
            imageops::resize(&photo, width, height, FilterType::Triangle)
        }
        false => photo,
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let place = match stem.rsplit_once('-') {
        Some((place, _)) if stem.starts_with("hdri") => place,
        _ => &stem,
    };
    Ok((place.to_owned(), small))
}
