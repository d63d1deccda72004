//! Pictures are not overwritten by what is drawn about them.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

/// Refuses a folder for drawings, named by a flag, in which one of `files` lies.
pub(super) fn refuse(flag: &str, folder: &Path, files: &[&Path]) -> Result<()> {
    refuse_where(flag, folder, files, folder_of)
}

/// The same for a place of another kind: a file is in its way if `place` of it is the same.
pub(super) fn refuse_where(
    flag: &str,
    out: &Path,
    files: &[&Path],
    place: fn(&Path) -> PathBuf,
) -> Result<()> {
    let out_place = out.canonicalize().ok();
    let in_the_way = |file: &&&Path| {
        let taken = place(file).canonicalize().ok();
        taken.is_some() && taken == out_place
    };
    let first = files.iter().find(in_the_way);
    ensure!(
        first.is_none(),
        "{flag} {} may overwrite {}: name another place",
        out.display(),
        first.unwrap_or(&Path::new("")).display()
    );
    Ok(())
}

/// The folder of a file.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
