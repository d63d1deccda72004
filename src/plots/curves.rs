//! Loss and accuracy over the epochs of one or several runs.

use anyhow::{Result, ensure};
use image::RgbImage;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::{ACCURACY, Axis};
use super::canvas::{Canvas, Point};
use super::frame::{Frame, LABELS};
use super::legend::{self, TRAINING, VALIDATION, WIDTH, hollow};
use super::run::{Run, percent_wrong};
use super::style::{self, HEADING, INK, MARGIN, Marker, TITLE};
use super::text::{Type, fitted};
use crate::trainer::EpochRecord;

const PANEL: (f64, f64) = (588.0, 400.0);
const PANEL_TOP: f64 = 102.0;
const RIGHT_PANEL: f64 = WIDTH - MARGIN - PANEL.0;
const LEFT_PANEL: f64 = MARGIN + LABELS;
const LEGEND_TOP: f64 = PANEL_TOP + PANEL.1 + 84.0;
const MARKER_RADIUS: f64 = 5.0;
const MARKERS_PER_CURVE: usize = 12;

/// The metric that a panel shows.
struct Metric {
    title: &'static str,
    axis: &'static str,
    scale: fn(Axis) -> Axis,
    train: fn(&EpochRecord) -> f64,
    validation: fn(&EpochRecord) -> f64,
}

const METRICS: [Metric; 2] = [
    Metric {
        title: "Loss",
        axis: "cross-entropy (nats)",
        scale: |axis| axis,
        train: |epoch| epoch.train_loss,
        validation: |epoch| epoch.validation_loss,
    },
    Metric {
        title: "Accuracy",
        axis: ACCURACY,
        scale: Axis::into_accuracy,
        train: |epoch| percent_wrong(epoch.train_accuracy),
        validation: |epoch| percent_wrong(epoch.validation_accuracy),
    },
];

/// The curves of all `runs`: loss on the left, accuracy in percent on the right, training dashed and
/// validation solid. A scale is logarithmic if the values span a decade; a value that is not
/// finite leaves a gap.
///
/// # Errors
///
/// If there is no run, or a run has no epoch.
pub fn curves(runs: &[Run<'_>]) -> Result<RgbImage> {
    ensure!(!runs.is_empty(), "there is no run to draw");
    for run in runs {
        let name = run.name;
        ensure!(
            !run.history.is_empty(),
            "run {name:?} has no finished epoch to draw"
        );
    }
    let height = LEGEND_TOP + legend::height(runs) + MARGIN;
    Canvas::picture(WIDTH, height, |canvas| {
        let title = match runs {
            [run] => format!("Training run {}", run.name),
            _ => format!("{} training runs", runs.len()),
        };
        let title = fitted(&title, TITLE, WIDTH - 2.0 * MARGIN)?;
        let heading = Type {
            em: TITLE,
            color: INK,
            anchor: HPos::Left,
        };
        canvas.text(&title, (MARGIN, MARGIN + 20.0), heading)?;
        for (metric, left) in METRICS.iter().zip([LEFT_PANEL, RIGHT_PANEL]) {
            draw_panel(canvas, runs, metric, left)?;
        }
        legend::draw(canvas, runs, LEGEND_TOP)
    })
}

fn draw_panel(canvas: &Canvas<'_>, runs: &[Run<'_>], metric: &Metric, left: f64) -> Result<()> {
    let epochs = || runs.iter().flat_map(|run| run.history);
    let first = epochs().map(|epoch| epoch.epoch).min().unwrap_or(1);
    let last = epochs().map(|epoch| epoch.epoch).max().unwrap_or(1);
    let x = Axis::epochs(first, last);
    let values = epochs().flat_map(|e| [(metric.train)(e), (metric.validation)(e)]);
    let frame = Frame {
        corner: (left, PANEL_TOP),
        size: PANEL,
        x,
        y: (metric.scale)(Axis::values(values)),
    };
    let heading = Type {
        em: HEADING,
        color: INK,
        anchor: HPos::Left,
    };
    canvas.text(metric.title, (left, PANEL_TOP - 16.0), heading)?;
    frame.draw(canvas, "epoch", metric.axis)?;

    let curve = |run: &Run<'_>, value: fn(&EpochRecord) -> f64| -> Vec<Option<Point>> {
        let place = |epoch: &EpochRecord| frame.place(epoch.epoch as f64, value(epoch));
        run.history.iter().map(place).collect()
    };
    for (index, run) in runs.iter().enumerate() {
        draw_training(canvas, &curve(run, metric.train), style::series(index))?;
    }
    for (index, run) in runs.iter().enumerate() {
        // Each run marks different epochs, so that overlapping curves can be told apart.
        let every = run.history.len().div_ceil(MARKERS_PER_CURVE);
        let from = index * every / runs.len();
        let points = curve(run, metric.validation);
        draw_validation(canvas, &points, style::series(index), (from, every))?;
    }
    Ok(())
}

fn draw_training(
    canvas: &Canvas<'_>,
    points: &[Option<Point>],
    (color, marker): (RGBColor, Marker),
) -> Result<()> {
    for piece in pieces(points) {
        canvas.dashed(&piece, color, TRAINING)?;
        if let [lonely] = piece[..] {
            hollow(canvas, marker, lonely, color)?;
        }
    }
    Ok(())
}

fn draw_validation(
    canvas: &Canvas<'_>,
    points: &[Option<Point>],
    (color, marker): (RGBColor, Marker),
    (from, every): (usize, usize),
) -> Result<()> {
    for piece in pieces(points) {
        canvas.line(&piece, color, VALIDATION)?;
        if let [lonely] = piece[..] {
            canvas.shape(marker, lonely, MARKER_RADIUS, color)?;
        }
    }
    for &point in points.iter().skip(from).step_by(every).flatten() {
        canvas.shape(marker, point, MARKER_RADIUS, color)?;
    }
    Ok(())
}

/// The pieces of a curve between its gaps.
fn pieces(points: &[Option<Point>]) -> impl Iterator<Item = Vec<Point>> {
    let pieces = points.split(Option::is_none);
    pieces.map(|piece| piece.iter().copied().flatten().collect())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::num::f64;
    use proptest::prelude::*;

    use super::*;

    fn history(epochs: usize) -> Vec<EpochRecord> {
        let record = |epoch: usize| {
            let loss = 0.5 / epoch as f64;
            EpochRecord {
                epoch,
                learning_rate: 0.1,
                train_loss: loss,
                train_accuracy: 1.0 - loss / 10.0,
                validation_loss: loss * 1.3,
                validation_accuracy: 1.0 - loss / 8.0,
                seconds: 1.0,
                images_per_second: 1e4,
            }
        };
        (1..=epochs).map(record).collect()
    }

    fn draw(history: &[EpochRecord]) -> RgbImage {
        curves(&[Run {
            name: "run",
            history,
        }])
        .unwrap()
    }

    fn count(picture: &RgbImage, color: RGBColor) -> usize {
        picture
            .pixels()
            .filter(|p| p.0 == [color.0, color.1, color.2])
            .count()
    }

    #[test]
    fn a_curve_goes_through_its_values() {
        let mut epochs = history(10);
        for epoch in &mut epochs {
            (epoch.train_loss, epoch.validation_loss) = (0.2, 0.4);
        }
        let picture = draw(&epochs);
        let axis = Axis::values([0.2, 0.4].into_iter());
        let row = PANEL_TOP + (1.0 - axis.place(0.4).unwrap()) * PANEL.1;
        for share in [0.15, 0.5, 0.85] {
            let at = |row: f64| {
                picture
                    .get_pixel((LEFT_PANEL + share * PANEL.0) as u32, row as u32)
                    .0
            };
            let [red, _, blue] = at(row);
            assert!(blue > red + 50, "no blue at {share}");
            assert_eq!(at(row - 12.0), [255; 3]);
        }
    }

    #[test]
    fn the_same_runs_give_the_same_bytes() {
        assert_eq!(draw(&history(12)), draw(&history(12)));
    }

    #[test]
    fn a_single_epoch_is_visible_as_markers() {
        let (color, _) = style::series(0);
        let panels =
            image::imageops::crop_imm(&draw(&history(1)), 0, 0, WIDTH as u32, 500).to_image();
        assert!(count(&panels, color) > 100);
    }

    #[test]
    fn a_loss_that_is_not_finite_leaves_a_gap() {
        let whole = history(10);
        let mut broken = whole.clone();
        broken[4].validation_loss = f64::NAN;
        broken[5].validation_loss = f64::INFINITY;
        broken[6].train_loss = f64::NEG_INFINITY;
        let (color, _) = style::series(0);
        assert!(count(&draw(&broken), color) < count(&draw(&whole), color));
        for epoch in &mut broken {
            (epoch.validation_loss, epoch.train_loss) = (f64::NAN, f64::NAN);
            (epoch.validation_accuracy, epoch.train_accuracy) = (f64::NAN, f64::NAN);
        }
        draw(&broken);
    }

    #[test]
    fn nothing_to_draw_is_an_error_that_names_the_run() {
        assert!(curves(&[]).is_err());
        let error = curves(&[Run {
            name: "night",
            history: &[],
        }])
        .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("\"night\" has no finished epoch")
        );
    }

    #[test]
    fn each_of_eight_runs_has_its_colour_and_a_place_in_the_legend() {
        let history = history(5);
        let run = Run {
            name: &"a very long name ".repeat(30),
            history: &history,
        };
        let two = curves(&[run; 2]).unwrap();
        let eight = curves(&[run; 8]).unwrap();
        assert!(eight.width() == two.width() && eight.height() > two.height());
        for index in 0..8 {
            assert!(count(&eight, style::series(index).0) > 20, "run {index}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_numbers_at_all_can_be_drawn(
            rows in vec((any::<u32>(), [f64::ANY; 4]), 1..6),
        ) {
            let records = rows.iter().map(|&(epoch, [loss, accuracy, seconds, other])| EpochRecord {
                epoch: epoch as usize,
                learning_rate: other,
                train_loss: loss,
                train_accuracy: accuracy,
                validation_loss: other,
                validation_accuracy: seconds,
                seconds,
                images_per_second: other,
            });
            let history: Vec<_> = records.collect();
            curves(&[Run { name: "strange", history: &history }]).unwrap();
        }
    }
}
