//! The intermediate images of a picture, as PNG files in a folder.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use image::{GrayImage, imageops};

use crate::plots;

/// Smaller pictures are enlarged up to this side, in pixels, so that people can see them.
const SIDE: u32 = 280;

/// The folder for one picture's stages.
pub(super) struct Stages {
    folder: PathBuf,
    count: usize,
    failure: Result<()>,
}

impl Stages {
    /// For files in `folder`, which is created with the first.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            count: 0,
            failure: Ok(()),
        }
    }

    /// Writes `01-grey.png`, `02-128.png` and so on.
    pub(super) fn add(&mut self, stage: &str, picture: &GrayImage) {
        if self.failure.is_ok() {
            self.count += 1;
            self.failure = self.write(stage, picture);
        }
    }

    fn write(&self, stage: &str, picture: &GrayImage) -> Result<()> {
        let folder = &self.folder;
        fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
        let path = folder.join(format!("{:02}-{stage}.png", self.count));
        plots::save(&enlarged(picture), &path)
    }

    /// Whether all could be written.
    pub(super) fn finish(self) -> Result<()> {
        self.failure
    }
}

/// Turns each pixel into a square of pixels.
fn enlarged(picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let factor = (SIDE / width.max(height)).max(1);
    imageops::resize(
        picture,
        width * factor,
        height * factor,
        imageops::FilterType::Nearest,
    )
}
