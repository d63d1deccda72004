//! Reports on stderr where the data comes from.

use indicatif::ProgressBar;

use super::output::{bar, note, style, warning};
use crate::dataset::source::Event;

/// Reports where the data comes from.
#[derive(Default)]
pub(in crate::cli) struct DataReporter {
    bar: Option<(String, ProgressBar)>,
}

impl DataReporter {
    pub(in crate::cli) fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Downloading(progress) => {
                let current = self.bar.take().filter(|(file, _)| file == progress.file);
                let (_, bar) = self.bar.insert(current.unwrap_or_else(|| {
                    note(&format!("fetching {}", progress.file));
                    let bar = bar(Some(0));
                    bar.set_style(style("{bar:30} {bytes}/{total_bytes} {bytes_per_sec}"));
                    (progress.file.to_owned(), bar)
                }));
                // Mirrors may announce different sizes.
                bar.set_length(progress.total.unwrap_or(0));
                bar.set_position(progress.received);
            }
            Event::Downloaded(folder) => {
                self.bar = None;
                note(&format!("MNIST is now in {}", folder.display()));
            }
            Event::FallingBack(failure) => {
                self.bar = None;
                warning(&format!(
                    "training and test images are SYNTHETIC digits, not MNIST: {failure:#}"
                ));
            }
        }
    }
}
