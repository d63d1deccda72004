//! How well rendered scenes were read.

use anyhow::Result;
use indicatif::HumanCount;

use super::output::text;
use crate::evaluation::SceneScore;
use crate::trainer::Reliability;

/// A table with a row for each kind of scene.
pub(in crate::cli) fn scene_scores(scores: &[(&str, SceneScore)]) -> Result<()> {
    text(&format_args!(
        "{:<8} {:>7} {:>8} {:>8} {:>8} {:>7} {:>8} {:>7} {:>7}\n",
        "digits", "scenes", "exact", "digits", "right", "wrong", "refused", "missed", "extra"
    ))?;
    for (name, score) in scores {
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let missed = score.digits - score.right - score.wrong - score.refused;
        text(&format_args!(
            "{name:<8} {:>7} {:>6.1} % {:>8} {:>6.1} % {:>7} {:>8} {missed:>7} {:>7}\n",
            score.scenes,
            share(score.exact, score.scenes),
            score.digits,
            share(score.right, score.digits),
            score.wrong,
            score.refused,
            score.extra
        ))?;
    }
    let all = scores
        .iter()
        .fold(Reliability::default(), |all, (_, score)| {
            all.merge(&score.reliability)
        });
    if all.count() == 0 {
        return Ok(());
    }
    text(&format_args!(
        "\ncalibration error of the {} digits that were read: {:.1} %\n",
        HumanCount(all.count() as u64),
        100.0 * all.error()
    ))
}
