//! Which image files the command line names: files, folders, patterns, or stdin.

mod folder;
mod stdin;

use std::cmp::Ordering;
use std::iter::once;
use std::path::{Path, PathBuf};

use alphanumeric_sort::compare_path;
use anyhow::{Context, Error, Result, anyhow};
use glob::MatchOptions;

/// Stands for stdin.
const STDIN: &str = "-";

/// As a shell matches: `*` does not cross folders and ignores hidden files.
const SHELL: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// What an argument names.
#[derive(Debug)]
pub(super) enum Input {
    /// A file to be read as a picture.
    File(PathBuf),
    /// The bytes of a picture that came on stdin.
    Stdin(Vec<u8>),
    /// A note about skipped files.
    Note(String),
}

/// What one argument names, or what is wrong with it.
pub(super) type Inputs = Box<dyn Iterator<Item = Result<Input>>>;

/// What `arguments` name, in their order, each folder in natural order; and how many files there
/// are, unless that is only known at the end of stdin. Paths listed on stdin end in NUL if `null`,
/// else in a line break.
pub(super) fn inputs(arguments: &[PathBuf], null: bool) -> (Inputs, Option<usize>) {
    if arguments.iter().any(|argument| is_stdin(argument)) {
        let arguments = arguments.to_vec();
        let inputs = arguments
            .into_iter()
            .flat_map(move |argument| of(&argument, null));
        return (Box::new(inputs), None);
    }
    let inputs: Vec<_> = arguments
        .iter()
        .flat_map(|argument| of(argument, null))
        .collect();
    let is_file = |input: &&Result<Input>| !matches!(input, Ok(Input::Note(_)));
    let count = inputs.iter().filter(is_file).count();
    (Box::new(inputs.into_iter()), Some(count))
}

/// Whether stdin is meant.
pub(super) fn is_stdin(argument: &Path) -> bool {
    argument == Path::new(STDIN)
}

fn of(argument: &Path, null: bool) -> Inputs {
    match argument.to_str() {
        Some(STDIN) => stdin::inputs(null),
        // A name with brackets is not a pattern if such a file exists.
        Some(pattern) if !argument.exists() && pattern.contains(['*', '?', '[']) => {
            Box::new(matching(pattern).into_iter())
        }
        _ => named(argument.to_owned()),
    }
}

fn named(path: PathBuf) -> Inputs {
    match path.is_dir() {
        true => Box::new(folder::inputs(&path).into_iter()),
        false => Box::new(once(Ok(Input::File(path)))),
    }
}

/// The files whose paths match a pattern, of any kind; a broken link is reported when it is read.
fn matching(pattern: &str) -> Vec<Result<Input>> {
    let paths = match glob::glob_with(pattern, SHELL) {
        Ok(paths) => paths,
        Err(failure) => {
            let what = format!("there is no file {pattern}, and it is not a valid pattern");
            return vec![Err(failure).context(what)];
        }
    };
    let files = paths.filter(|path| !path.as_ref().is_ok_and(|path| path.is_dir()));
    let mut found: Vec<_> = files
        .map(|path| path.context("looking for images"))
        .collect();
    found.sort_by(|a, b| match (a, b) {
        (Ok(a), Ok(b)) => in_natural_order(a, b),
        (a, b) => a.is_err().cmp(&b.is_err()),
    });
    let found = found.into_iter().map(|path| path.map(Input::File));
    or_none(found, || anyhow!("no file matches {pattern}")).collect()
}

/// `2.png` before `10.png`.
fn in_natural_order(a: &Path, b: &Path) -> Ordering {
    compare_path(a, b).then_with(|| a.cmp(b))
}

/// The same items, or one failure if there are none.
fn or_none(
    items: impl Iterator<Item = Result<Input>>,
    none: impl FnOnce() -> Error,
) -> impl Iterator<Item = Result<Input>> {
    let mut items = items.peekable();
    let missing = items.peek().is_none().then(|| Err(none()));
    items.chain(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<_> = arguments.iter().map(|name| folder.join(name)).collect();
        let (inputs, count) = inputs(&arguments, false);
        let relative = |text: String| text.replace(&format!("{}/", folder.display()), "");
        let files: Vec<_> = inputs
            .map(|input| match input {
                Ok(Input::File(path)) => relative(path.display().to_string()),
                Ok(Input::Note(note)) => relative(note),
                Ok(Input::Stdin(_)) => panic!("stdin was not asked for"),
                Err(failure) => relative(format!("error: {failure:#}")),
            })
            .collect();
        let notes = files.iter().filter(|file| file.starts_with("note: "));
        assert_eq!(count, Some(files.len() - notes.count()));
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
    fn a_folder_gives_its_pictures_in_natural_order() {
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
        let found = found(folder.path(), &["."]);
        let found: Vec<_> = found.iter().map(|file| file.replace("./", "")).collect();
        assert_eq!(
            found,
            [
                "2.PNG",
                "10.png",
                "b/1.jpeg",
                "c.heic",
                "note: .: 1 file is not an image and was skipped: notes.txt"
            ]
        );
    }

    #[test]
    fn pictures_are_recognized_by_content_and_broken_links_are_reported() {
        let folder = folder_of(&["a", "b.txt", "c.log", "d", "e"]);
        std::fs::write(folder.path().join("a"), b"\x89PNG\r\n\x1a\n rest").unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("f.png")).unwrap();
        let found = found(folder.path(), &["."]);
        assert_eq!(found[0], "./a");
        assert!(found[1].contains("f.png: it is a link to a file that does not exist"));
        assert!(
            found[2].contains("4 files are not images and were skipped: b.txt, c.log, d, …"),
            "{found:?}"
        );
    }

    #[test]
    fn a_pattern_is_matched_as_by_a_shell() {
        let folder = folder_of(&["10.png", "2.png", "a/3.png", "a/b/4.png", "5.txt", ".6.png"]);
        assert_eq!(found(folder.path(), &["*"]), ["2.png", "5.txt", "10.png"]);
        assert_eq!(
            found(folder.path(), &["**/*.png"]),
            ["2.png", "10.png", "a/3.png", "a/b/4.png"]
        );
        assert_eq!(found(folder.path(), &["[1-3]*.png"]), ["2.png", "10.png"]);
    }

    #[test]
    fn an_existing_name_with_brackets_is_not_a_pattern() {
        let folder = folder_of(&["five[1].png", "five1.png"]);
        assert_eq!(found(folder.path(), &["five[1].png"]), ["five[1].png"]);
    }

    #[test]
    fn arguments_that_match_nothing_are_reported_in_order() {
        let folder = folder_of(&["a.txt", "b.png"]);
        std::fs::create_dir(folder.path().join("empty")).unwrap();
        let found = found(folder.path(), &["empty", "*.jpg", "[", "b.png", "c.png"]);
        assert!(
            found[0].contains("no image in the folder") && found[0].ends_with("empty"),
            "{found:?}"
        );
        assert!(found[1].contains("no file matches"), "{found:?}");
        assert!(found[2].contains("not a valid pattern"), "{found:?}");
        // A missing file that is named is reported when it is read.
        assert_eq!(found[3..], ["b.png", "c.png"]);
    }
}
