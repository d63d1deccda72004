//! The legend below the curves, outside the data.

use anyhow::Result;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Point};
use super::run::{Run, percent_wrong};
use super::style::{self, BODY, GREY, INK, MARGIN, Marker};
use super::text::{Type, fitted, text_width};

/// Width of the picture.
pub(super) const WIDTH: f64 = 1400.0;
/// Thickness of the dashed training curves, in pixels.
pub(super) const TRAINING: f64 = 1.3;
/// Thickness of the validation curves, in pixels.
pub(super) const VALIDATION: f64 = 2.0;

const ROW: f64 = 25.0;
const COLUMNS: usize = 2;
const COLUMN: f64 = (WIDTH - 2.0 * MARGIN) / COLUMNS as f64;
/// Length of a piece of line, and of it with the space before its name.
const SWATCH: f64 = 40.0;
const INDENT: f64 = SWATCH + 10.0;

const NAME: Type = Type {
    em: BODY,
    color: INK,
    anchor: HPos::Left,
};
const NOTE: Type = Type {
    color: GREY,
    ..NAME
};

/// Space from the first baseline to the last.
pub(super) fn height(runs: &[Run<'_>]) -> f64 {
    match runs.len() {
        1 => 0.0,
        count => count.div_ceil(COLUMNS) as f64 * ROW,
    }
}

/// The key to the line styles, then the best epoch of the only run, or an entry for each of
/// several; the first baseline lies at `top`.
pub(super) fn draw(canvas: &Canvas<'_>, runs: &[Run<'_>], top: f64) -> Result<()> {
    let (series, marker) = style::series(0);
    let color = if runs.len() == 1 { series } else { GREY };
    // A curve of one epoch is only a marker: hollow for training.
    let has_single = runs.iter().any(|run| run.history.len() == 1);
    let mut left = MARGIN;
    for (label, is_validation) in [("validation", true), ("training", false)] {
        let middle = (left + SWATCH / 2.0, top - 5.0);
        let ends = [(left, middle.1), (left + SWATCH, middle.1)];
        match is_validation {
            true => canvas.line(&ends, color, VALIDATION)?,
            false => canvas.dashed(&ends, color, TRAINING)?,
        }
        if is_validation && (runs.len() == 1 || has_single) {
            canvas.shape(marker, middle, 5.0, color)?;
        } else if !is_validation && has_single {
            hollow(canvas, marker, middle, color)?;
        }
        canvas.text(label, (left + INDENT, top), NAME)?;
        left += INDENT + text_width(label, BODY)? + 32.0;
    }
    if let [run] = runs {
        return canvas.text(&best_epoch(run), (left, top), NOTE);
    }
    for (index, run) in runs.iter().enumerate() {
        let left = MARGIN + (index % COLUMNS) as f64 * COLUMN;
        let baseline = top + (1 + index / COLUMNS) as f64 * ROW;
        draw_entry(canvas, run, style::series(index), (left, baseline))?;
    }
    Ok(())
}

fn draw_entry(
    canvas: &Canvas<'_>,
    run: &Run<'_>,
    (color, marker): (RGBColor, Marker),
    (left, baseline): Point,
) -> Result<()> {
    let height = baseline - 5.0;
    canvas.line(
        &[(left, height), (left + SWATCH, height)],
        color,
        VALIDATION,
    )?;
    canvas.shape(marker, (left + SWATCH / 2.0, height), 5.0, color)?;
    let best = best_epoch(run);
    let room = COLUMN - INDENT - text_width(&best, BODY)? - 40.0;
    let name = fitted(run.name, BODY, room)?;
    canvas.text(&name, (left + INDENT, baseline), NAME)?;
    let note = left + INDENT + text_width(&name, BODY)? + 14.0;
    canvas.text(&best, (note, baseline), NOTE)
}

/// The outline of a marker.
pub(super) fn hollow(
    canvas: &Canvas<'_>,
    marker: Marker,
    point: Point,
    color: RGBColor,
) -> Result<()> {
    canvas.shape(marker, point, 6.0, color)?;
    canvas.shape(marker, point, 3.8, style::WHITE)
}

/// The run's highest validation accuracy in words, the first of equal ones.
fn best_epoch(run: &Run<'_>) -> String {
    let errors = run
        .history
        .iter()
        .map(|e| (percent_wrong(e.validation_accuracy), e.epoch));
    let finite = errors.filter(|(error, _)| error.is_finite());
    match finite.min_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((error, epoch)) => format!(
            "best validation accuracy {:.2} % in epoch {epoch}",
            100.0 - error
        ),
        None => "no finite validation accuracy".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trainer::EpochRecord;

    #[test]
    fn the_first_of_equally_good_epochs_is_named() {
        let record = |(index, accuracy): (usize, &f64)| EpochRecord {
            epoch: index + 1,
            learning_rate: 0.1,
            train_loss: 0.1,
            train_accuracy: 0.9,
            validation_loss: 0.1,
            validation_accuracy: *accuracy,
            seconds: 1.0,
            images_per_second: 1e4,
        };
        let words = |accuracies: &[f64]| {
            let history: Vec<_> = accuracies.iter().enumerate().map(record).collect();
            best_epoch(&Run {
                name: "run",
                history: &history,
            })
        };
        let best = words(&[0.97, f64::NAN, 0.9958, 0.9958, 0.99]);
        assert_eq!(best, "best validation accuracy 99.58 % in epoch 3");
        assert_eq!(words(&[f64::NAN]), "no finite validation accuracy");
    }
}
