//! Unique names for the files that are written about each of many pictures.

use std::collections::HashMap;
use std::path::Path;

/// Gives each file a unique name.
#[derive(Default)]
pub(super) struct Names {
    /// How often each name was asked for, in lower case, since some file systems ignore case.
    taken: HashMap<String, usize>,
}

impl Names {
    /// The file's name without its extension, with a number appended if that is taken:
    /// `five`, `five-2`.
    pub(super) fn claim(&mut self, file: &Path) -> String {
        let stem = file.file_stem().unwrap_or_default();
        let stem = stem.to_string_lossy().into_owned();
        let mut name = stem.clone();
        while self.taken.contains_key(&name.to_lowercase()) {
            let count = self.taken.entry(stem.to_lowercase()).or_insert(1);
            *count += 1;
            name = format!("{stem}-{count}");
        }
        self.taken.insert(name.to_lowercase(), 1);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_files_share_a_name() {
        let mut names = Names::default();
        let files = [
            "five.png",
            "a/five.jpg",
            "b/Five.png",
            "five-2.png",
            "c/five.png",
        ];
        let claimed = files.map(|file| names.claim(Path::new(file)));
        assert_eq!(claimed, ["five", "five-2", "Five-3", "five-2-2", "five-4"]);
    }
}
