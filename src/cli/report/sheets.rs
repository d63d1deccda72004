//! How well rendered sheets were read.

use std::collections::BTreeMap;

use anyhow::Result;

use super::output::text;
use crate::evaluation::SheetScore;

/// A table with a row for each kind of sheet, and one for all.
pub(in crate::cli) fn sheet_scores(scores: &BTreeMap<String, SheetScore>) -> Result<()> {
    text(&format_args!(
        "{:<8} {:>6} {:>8} {:>8} {:>8} {:>7} {:>8} {:>7}\n",
        "sheets", "count", "numbers", "right", "placed", "wrong", "marked", "missed"
    ))?;
    let mut all = SheetScore::default();
    for score in scores.values() {
        all.merge(score.clone());
    }
    let kinds = scores.iter().map(|(kind, score)| (kind.as_str(), score));
    for (name, score) in kinds.chain([("all", &all)]) {
        row(name, score, all.threshold())?;
    }
    text(&format_args!(
        "\nmarked: wrong cells less confident than {:.2}, which marks {:.0} % of the right ones too\n",
        all.threshold(),
        100.0 * SheetScore::MARKED
    ))
}

fn row(name: &str, score: &SheetScore, threshold: f64) -> Result<()> {
    let share = |part: usize| 100.0 * part as f64 / score.numbers.max(1) as f64;
    text(&format_args!(
        "{name:<8} {:>6} {:>8} {:>6.1} % {:>6.1} % {:>7} {:>8} {:>7}\n",
        score.sheets,
        score.numbers,
        share(score.right()),
        share(score.placed),
        score.wrong(),
        score.marked(threshold),
        score.missed
    ))
}
