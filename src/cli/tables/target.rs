//! Where the CSV of the pictures goes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::cli::arguments::misuse;
use crate::cli::inputs::is_stdin;
use crate::cli::report::PictureReporter;
use crate::storage::{replace_atomic, write_atomic};

/// Where the CSV of the pictures goes.
pub(super) enum Target {
    Stdout,
    /// One file for all pictures. It is replaced at the end; until then the tables are kept beside it,
    /// in a file without a name.
    File(PathBuf, BufWriter<File>),
    /// A file for each picture.
    Folder(PathBuf),
}

impl Target {
    /// # Errors
    /// When the name's extension is that of another kind of file, or the place cannot be written to,
    /// which is better said before all pictures are read.
    pub(super) fn new(out: &Path) -> Result<Self> {
        if is_stdin(out) {
            return Ok(Self::Stdout);
        }
        let extension = out
            .extension()
            .map(|extension| extension.to_ascii_lowercase());
        let writing = || format!("writing {}", out.display());
        match extension
            .as_deref()
            .and_then(|extension| extension.to_str())
        {
            _ if out.is_dir() => Ok(Self::Folder(out.to_owned())),
            Some("csv" | "tsv" | "txt") => {
                let spool = spool(out).with_context(writing)?;
                Ok(Self::File(out.to_owned(), BufWriter::new(spool)))
            }
            None => {
                fs::create_dir_all(out)
                    .with_context(|| format!("making the folder {}", out.display()))?;
                Ok(Self::Folder(out.to_owned()))
            }
            Some(_) => Err(misuse(&format!(
                "--table {}: tables are written as CSV; use the extension .csv, or name a folder",
                out.display()
            ))),
        }
    }

    /// Whether all pictures go to one place, so that their tables must be kept apart.
    pub(super) fn is_shared(&self) -> bool {
        !matches!(self, Self::Folder(_))
    }

    /// Adds the tables of a picture; `name` is its name in a folder.
    pub(super) fn add(&mut self, name: &str, csv: &[u8], reporter: &PictureReporter) -> Result<()> {
        match self {
            Self::Stdout => reporter.result(&String::from_utf8_lossy(csv)),
            Self::File(path, spool) => spool
                .write_all(csv)
                .with_context(|| format!("writing {}", path.display())),
            Self::Folder(folder) => write_atomic(&folder.join(format!("{name}.csv")), csv),
        }
    }

    /// Writes what is not yet written.
    pub(super) fn finish(self) -> Result<()> {
        let Self::File(path, spool) = self else {
            return Ok(());
        };
        replace_atomic(&path, |staged| {
            let mut spool = spool.into_inner()?;
            spool.rewind()?;
            io::copy(&mut spool, &mut File::create(staged)?)?;
            Ok(())
        })
    }
}

/// A file without a name beside another.
fn spool(path: &Path) -> Result<File> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    ensure!(folder.is_dir(), "there is no folder {}", folder.display());
    Ok(tempfile::tempfile_in(folder).map_err(|failure| io::Error::from(failure.kind()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_all_pictures_and_only_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.csv");
        let mut target = Target::new(&path).unwrap();
        let reporter = PictureReporter::new(Some(2));
        assert!(target.is_shared());
        target.add("a", b"1\r\n", &reporter).unwrap();
        target.add("b", b"\r\n2\r\n", &reporter).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        target.finish().unwrap();
        assert_eq!(fs::read(path).unwrap(), b"1\r\n\r\n2\r\n");
    }

    #[test]
    fn a_folder_gets_a_file_for_each_picture() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        let mut target = Target::new(&path).unwrap();
        let reporter = PictureReporter::new(Some(1));
        assert!(!target.is_shared());
        target.add("five", b"5\r\n", &reporter).unwrap();
        target.finish().unwrap();
        assert_eq!(fs::read(path.join("five.csv")).unwrap(), b"5\r\n");
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_said_at_once() {
        let reason = |path: &Path| format!("{:#}", Target::new(path).err().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let said = reason(&folder.path().join("nowhere/a.csv"));
        assert!(
            said.contains("writing ") && said.contains("there is no folder"),
            "{said}"
        );
        let said = reason(Path::new("sheet.jpg"));
        assert!(
            said.contains("--table sheet.jpg: tables are written as CSV"),
            "{said}"
        );
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        assert!(reason(&file).starts_with("making the folder "));
    }
}
