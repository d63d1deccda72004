//! Pictures with a box around each digit that was read, and what it was read as, and around unread ink.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use image::{ImageFormat, RgbImage};

use super::arguments::misuse;
use super::overwriting;
use super::source::Source;
use crate::picture::decode;
use crate::plots::{self, Mark};
use crate::recognizer::{Reading, Symbol};

/// Where annotated pictures go.
pub(super) enum Annotations {
    File(PathBuf),
    Folder(PathBuf),
}

impl Annotations {
    /// A PNG file for one picture, or a folder for any number.
    ///
    /// # Errors
    /// When one file is named for several pictures, or one of `files` might be overwritten.
    pub(super) fn new(out: &Path, files: &[&Path]) -> Result<Self> {
        let ending = out.extension().unwrap_or_default();
        if ImageFormat::from_extension(ending).is_some_and(|format| format != ImageFormat::Png) {
            let text = format!(
                "--annotate {}: pictures are written as PNG; use the extension .png, or name a folder",
                out.display()
            );
            return Err(misuse(&text));
        }
        let (target, place): (_, fn(&Path) -> PathBuf) = match ending.eq_ignore_ascii_case("png") {
            true if files.len() > 1 => {
                let text = format!(
                    "--annotate {} is one file for {} pictures: name a folder",
                    out.display(),
                    files.len()
                );
                return Err(misuse(&text));
            }
            true => (Self::File(out.to_owned()), Path::to_owned),
            false => (Self::Folder(out.to_owned()), overwriting::folder_of),
        };
        overwriting::refuse_where("--annotate", out, files, place)?;
        Ok(target)
    }

    /// Writes what was read in a picture; `name` is its name in a folder.
    pub(super) fn write(&self, source: &Source, name: &str, reading: &Reading) -> Result<()> {
        let path = match self {
            Self::File(path) => path.clone(),
            Self::Folder(folder) => {
                fs::create_dir_all(folder)
                    .with_context(|| format!("making the folder {}", folder.display()))?;
                folder.join(format!("{name}.png"))
            }
        };
        let draw = || annotated(&source.load()?, reading);
        let picture = draw().with_context(|| format!("annotating {}", source.path().display()))?;
        plots::save(&picture, &path)
    }
}

/// The upright picture in an image file's bytes with what was read in it.
pub(super) fn annotated(bytes: &[u8], reading: &Reading) -> Result<RgbImage> {
    let upright = decode(bytes)?;
    let mark = |symbol: &Symbol| Mark {
        area: reduced(symbol.area, upright.scale),
        text: symbol.character().to_string(),
        is_read: symbol.class.is_some(),
    };
    let unread = |area: &[u32; 4]| Mark {
        area: reduced(*area, upright.scale),
        text: String::new(),
        is_read: false,
    };
    let marks = reading.unread.iter().map(unread);
    let marks: Vec<_> = marks.chain(reading.symbols().map(mark)).collect();
    plots::annotated(&upright.colour, &marks)
}

/// An area of the full picture, in a copy that is `scale` times smaller.
fn reduced([left, top, width, height]: [u32; 4], scale: f64) -> [u32; 4] {
    let from = [left, top].map(|from| (f64::from(from) / scale).floor());
    let to = [left + width, top + height].map(|to| (f64::from(to) / scale).ceil());
    [from[0], from[1], to[0] - from[0], to[1] - from[1]].map(|length| length as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduced_area_holds_the_whole_digit() {
        assert_eq!(reduced([10, 20, 30, 40], 1.0), [10, 20, 30, 40]);
        assert_eq!(reduced([10, 20, 31, 40], 4.0), [2, 5, 9, 10]);
    }
}
