//! Which image files the command line names: files, folders, patterns, or a list on stdin.

use std::ffi::OsStr;
use std::io::{BufRead, stdin};
use std::iter::once;
use std::path::{Path, PathBuf};

use alphanumeric_sort::{compare_os_str, compare_path};
use anyhow::{Context, Error, Result, anyhow};
use glob::MatchOptions;
use image::ImageFormat;
use walkdir::{DirEntry, WalkDir};

/// Stands for the list on stdin.
pub(super) const STDIN: &str = "-";

/// Phones' format, which the image crate does not know: to be told, not to be passed over.
const UNREADABLE: [&str; 2] = ["heic", "heif"];

/// As a shell would match: `*` stops at folders' borders and leaves hidden files alone.
const SHELL: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// The image files that one argument names, or what is wrong with it.
type Files = Box<dyn Iterator<Item = Result<PathBuf>>>;

/// The image files that `arguments` name, in their order, each folder's in natural order; and how
/// many there are, unless that is only known at the end of stdin.
pub(super) fn files(arguments: &[PathBuf]) -> (Files, Option<usize>) {
    if arguments.iter().any(|argument| is_stdin(argument)) {
        let arguments = arguments.to_vec();
        let files = arguments.into_iter().flat_map(|argument| of(&argument));
        return (Box::new(files), None);
    }
    let files: Vec<_> = arguments.iter().flat_map(|argument| of(argument)).collect();
    let count = files.len();
    (Box::new(files.into_iter()), Some(count))
}

fn is_stdin(argument: &Path) -> bool {
    argument == Path::new(STDIN)
}

fn of(argument: &Path) -> Files {
    match argument.to_str() {
        Some(STDIN) => Box::new(listed()),
        // A name that holds brackets is still a name where such a file is.
        Some(pattern) if !argument.exists() && pattern.contains(['*', '?', '[']) => {
            Box::new(matching(pattern).into_iter())
        }
        _ => named(argument.to_owned()),
    }
}

fn named(path: PathBuf) -> Files {
    match path.is_dir() {
        true => Box::new(within(&path).into_iter()),
        false => Box::new(once(Ok(path))),
    }
}

/// The paths on stdin, one a line, as they come.
fn listed() -> impl Iterator<Item = Result<PathBuf>> {
    let mut failed = false;
    let lines = stdin().lock().split(b'\n');
    let lines = lines.take_while(move |line| !std::mem::replace(&mut failed, line.is_err()));
    let paths = lines.filter_map(|line| {
        let line = match line {
            Ok(bytes) => String::from_utf8(bytes).map_err(Error::new),
            Err(failure) => Err(Error::new(failure)),
        };
        let line = line.context("reading the list of images on stdin");
        let path = line.map(|line| PathBuf::from(line.trim_end_matches('\r')));
        let blank = path.as_ref().is_ok_and(|path| path.as_os_str().is_empty());
        (!blank).then_some(path)
    });
    let files = paths.flat_map(|path| match path {
        Ok(path) => named(path),
        failure => Box::new(once(failure)),
    });
    or_none(files, || {
        anyhow!("stdin names no image: give it one path a line")
    })
}

/// The images in a folder and in the folders below it.
fn within(folder: &Path) -> Vec<Result<PathBuf>> {
    let shown = |entry: &DirEntry| entry.depth() == 0 || !is_hidden(entry.file_name());
    let entries = WalkDir::new(folder)
        .sort_by(|a, b| {
            let (a, b) = (a.file_name(), b.file_name());
            compare_os_str(a, b).then_with(|| a.cmp(b))
        })
        .into_iter()
        .filter_entry(shown);
    let paths = entries.map(|entry| match entry {
        Ok(entry) => Ok(entry.into_path()),
        Err(failure) => Err(failure).context("looking for images"),
    });
    images(paths, || {
        anyhow!("there is no image in the folder {}", folder.display())
    })
}

/// The images whose paths match a pattern.
fn matching(pattern: &str) -> Vec<Result<PathBuf>> {
    let paths = match glob::glob_with(pattern, SHELL) {
        Ok(paths) => paths,
        Err(failure) => {
            let what = format!("there is no file {pattern}, and it is no pattern");
            return vec![Err(failure).context(what)];
        }
    };
    let mut found = images(paths.map(|path| path.context("looking for images")), || {
        anyhow!("no image matches {pattern}")
    });
    found.sort_by(|a, b| match (a, b) {
        (Ok(a), Ok(b)) => compare_path(a, b).then_with(|| a.cmp(b)),
        (a, b) => a.is_err().cmp(&b.is_err()),
    });
    found
}

/// Those of `paths` that are picture files by their names, and all failures.
fn images(
    paths: impl Iterator<Item = Result<PathBuf>>,
    none: impl FnOnce() -> Error,
) -> Vec<Result<PathBuf>> {
    let wanted = |path: &Result<PathBuf>| match path {
        Ok(path) => is_picture(path) && path.is_file(),
        Err(_) => true,
    };
    or_none(paths.filter(wanted), none).collect()
}

/// The same, or one failure where there is nothing.
fn or_none<T>(
    items: impl Iterator<Item = Result<T>>,
    none: impl FnOnce() -> Error,
) -> impl Iterator<Item = Result<T>> {
    let mut items = items.peekable();
    let missing = items.peek().is_none().then(|| Err(none()));
    items.chain(missing)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    let is_ending = |other: &&str| ending.eq_ignore_ascii_case(other);
    ImageFormat::from_extension(ending).is_some() || UNREADABLE.iter().any(is_ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<_> = arguments.iter().map(|name| folder.join(name)).collect();
        let (files, count) = files(&arguments);
        let files: Vec<_> = files
            .map(|file| match file {
                Ok(path) => path.strip_prefix(folder).unwrap().display().to_string(),
                Err(failure) => format!("error: {failure:#}"),
            })
            .collect();
        assert_eq!(count, Some(files.len()));
        files
    }

    fn folder_of(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_gives_its_pictures_in_the_order_that_people_count() {
        let names = [
            "10.png",
            "2.PNG",
            "b/1.jpeg",
            "notes.txt",
            ".hidden.png",
            "b/.git/x.png",
            "c.heic",
        ];
        let folder = folder_of(&names);
        assert_eq!(
            found(folder.path(), &[""]),
            ["2.PNG", "10.png", "b/1.jpeg", "c.heic"]
        );
    }

    #[test]
    fn a_pattern_is_matched_as_by_a_shell() {
        let folder = folder_of(&["10.png", "2.png", "a/3.png", "a/b/4.png", "5.txt", ".6.png"]);
        assert_eq!(found(folder.path(), &["*"]), ["2.png", "10.png"]);
        assert_eq!(
            found(folder.path(), &["**/*.png"]),
            ["2.png", "10.png", "a/3.png", "a/b/4.png"]
        );
        assert_eq!(found(folder.path(), &["[1-3]*.png"]), ["2.png", "10.png"]);
    }

    #[test]
    fn a_name_with_brackets_is_a_name_first() {
        let folder = folder_of(&["five[1].png", "five1.png"]);
        assert_eq!(found(folder.path(), &["five[1].png"]), ["five[1].png"]);
    }

    #[test]
    fn nothing_found_is_told_in_its_place() {
        let folder = folder_of(&["a.txt", "b.png"]);
        std::fs::create_dir(folder.path().join("empty")).unwrap();
        let found = found(folder.path(), &["empty", "*.jpg", "[", "b.png", "c.png"]);
        assert!(
            found[0].contains("no image in the folder") && found[0].ends_with("empty"),
            "{found:?}"
        );
        assert!(found[1].contains("no image matches"), "{found:?}");
        assert!(found[2].contains("it is no pattern"), "{found:?}");
        // A file that is named and missing is told when it is read.
        assert_eq!(found[3..], ["b.png", "c.png"]);
    }
}
