//! Accuracy against the size of networks.

use anyhow::{Result, ensure};
use image::RgbImage;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::{ACCURACY, Axis};
use super::canvas::{Canvas, Point};
use super::frame::{Frame, LABELS};
use super::run::percent_wrong;
use super::style::{self, BODY, GREY, INK, MARGIN, Marker, SMALL, TITLE};
use super::text::{Type, fitted, text_width};

/// Networks that share all but their size, joined by a line.
#[derive(Clone, Debug)]
pub struct Series {
    /// Their name in the legend.
    pub name: String,
    /// In the order in which the line runs through them.
    pub sizes: Vec<Size>,
}

/// One network, measured once or several times.
#[derive(Clone, Debug)]
pub struct Size {
    /// The label of the point.
    pub name: String,
    /// Number of parameters, at least 1.
    pub parameters: i64,
    /// Mean accuracy, a fraction in 0..=1.
    pub accuracy: f64,
    /// Standard deviation of the accuracy, drawn as an error bar; `None` if it was measured once.
    pub deviation: Option<f64>,
}

const WIDTH: f64 = 960.0;
const PANEL_TOP: f64 = 102.0;
const LEFT: f64 = MARGIN + LABELS;
const PANEL: (f64, f64) = (WIDTH - MARGIN - LEFT, 400.0);
const LEGEND_TOP: f64 = PANEL_TOP + PANEL.1 + 84.0;
const LEGEND_ROW: f64 = 25.0;
const LEGEND_COLUMNS: usize = 2;
const LEGEND_COLUMN: f64 = (WIDTH - 2.0 * MARGIN) / LEGEND_COLUMNS as f64;
/// Length of a piece of line in the legend, and of it with the space before its name.
const SWATCH: f64 = 40.0;
const INDENT: f64 = SWATCH + 10.0;
const THICKNESS: f64 = 2.0;
const MARKER_RADIUS: f64 = 5.0;
/// Half the width of an error bar's ends.
const CAP: f64 = 5.0;
/// Horizontal offset between series, so that error bars of equal sizes do not overlap.
const APART: f64 = 9.0;

const NAME: Type = Type {
    em: BODY,
    color: INK,
    anchor: HPos::Left,
};
const NOTE: Type = Type {
    color: GREY,
    ..NAME
};
const LABEL: Type = Type {
    em: SMALL,
    color: GREY,
    anchor: HPos::Center,
};

/// A point with the ends of its error bar, all on the picture.
struct Measured<'a> {
    name: &'a str,
    point: Point,
    above: f64,
    below: f64,
}

/// Accuracy in percent over the number of parameters, which is on a logarithmic scale; `title` and
/// `note` are above. An accuracy that is not finite has no point.
///
/// # Errors
///
/// If there is no size to draw.
pub fn sizes(series: &[Series], title: &str, note: &str) -> Result<RgbImage> {
    let frame = frame(series)?;
    let rows = match series.len() {
        1 => 0,
        count => count.div_ceil(LEGEND_COLUMNS),
    };
    // The last row's letters reach a little below their baseline; without a legend the name of
    // the axis is the last.
    let height = LEGEND_TOP + rows as f64 * LEGEND_ROW - 30.0 + MARGIN;
    Canvas::picture(WIDTH, height, |canvas| {
        let heading = Type { em: TITLE, ..NAME };
        let room = WIDTH - 2.0 * MARGIN;
        canvas.text(
            &fitted(title, TITLE, room)?,
            (MARGIN, MARGIN + 20.0),
            heading,
        )?;
        canvas.text(&fitted(note, BODY, room)?, (MARGIN, MARGIN + 46.0), NOTE)?;
        frame.draw(canvas, "parameters", ACCURACY)?;
        let mut labels = Vec::new();
        for (index, one) in series.iter().enumerate() {
            let shift = (index as f64 - (series.len() - 1) as f64 / 2.0) * APART;
            let measured = measured(one, &frame, shift.clamp(-30.0, 30.0));
            draw_series(canvas, &measured, style::series(index))?;
            labels.extend(measured);
        }
        draw_labels(canvas, &labels)?;
        if rows > 0 {
            draw_legend(canvas, series)?;
        }
        Ok(())
    })
}

/// Axes that hold all sizes with their error bars.
fn frame(series: &[Series]) -> Result<Frame> {
    let all = || series.iter().flat_map(|series| &series.sizes);
    ensure!(all().count() > 0, "there is no size to draw");
    let parameters = all().map(|size| (size.parameters as f64).max(1.0));
    let (least, most) = parameters.fold((f64::INFINITY, 0.0), |(least, most), count| {
        (count.min(least), count.max(most))
    });
    let errors = all().map(|size| percent_wrong(size.accuracy));
    let ends = all().flat_map(|size| {
        let deviation = size.deviation.unwrap_or(0.0);
        [-deviation, deviation].map(|step| percent_wrong(size.accuracy + step))
    });
    // The bar of a mean near 100 % may end above 100 %.
    let ends = ends.filter(|error| *error > 0.0);
    Ok(Frame {
        corner: (LEFT, PANEL_TOP),
        size: PANEL,
        x: Axis::counts(least, most),
        y: Axis::values(errors.chain(ends)).into_accuracy(),
    })
}

fn measured<'a>(series: &'a Series, frame: &Frame, shift: f64) -> Vec<Measured<'a>> {
    let measure = |size: &'a Size| {
        let at = |accuracy: f64| frame.place(size.parameters as f64, percent_wrong(accuracy));
        let (x, y) = at(size.accuracy)?;
        let deviation = size.deviation.unwrap_or(0.0);
        Some(Measured {
            name: &size.name,
            point: (x + shift, y),
            above: at(size.accuracy + deviation).map_or(PANEL_TOP, |(_, y)| y.max(PANEL_TOP)),
            below: at(size.accuracy - deviation).map_or(y, |(_, y)| y),
        })
    };
    series.sizes.iter().filter_map(measure).collect()
}

fn draw_series(
    canvas: &Canvas<'_>,
    measured: &[Measured<'_>],
    (color, marker): (RGBColor, Marker),
) -> Result<()> {
    let points: Vec<Point> = measured.iter().map(|size| size.point).collect();
    canvas.line(&points, color, THICKNESS)?;
    for size in measured {
        let (x, y) = size.point;
        canvas.line(&[(x, size.above), (x, size.below)], color, THICKNESS)?;
        for end in [size.above, size.below].into_iter().filter(|end| *end != y) {
            canvas.line(&[(x - CAP, end), (x + CAP, end)], color, THICKNESS)?;
        }
        canvas.shape(marker, size.point, MARKER_RADIUS, color)?;
    }
    Ok(())
}

/// Labels each point above its error bar; omits a label that would cover another or a bar.
fn draw_labels(canvas: &Canvas<'_>, sizes: &[Measured<'_>]) -> Result<()> {
    let mut taken: Vec<(Point, f64)> = Vec::new();
    let mut highest: Vec<_> = sizes.iter().collect();
    highest.sort_by(|one, other| one.above.total_cmp(&other.above));
    for size in highest {
        let half = text_width(size.name, SMALL)? / 2.0;
        let (x, y) = (
            size.point.0.clamp(LEFT + half + 4.0, WIDTH - MARGIN - half),
            size.above.min(size.point.1) - 12.0,
        );
        let covers = |&((other, height), width): &(Point, f64)| {
            (x - other).abs() < half + width + 6.0 && (y - height).abs() < SMALL + 4.0
        };
        let hides = |other: &Measured<'_>| {
            (x - other.point.0).abs() < half + MARKER_RADIUS
                && y > other.above.min(other.point.1 - MARKER_RADIUS)
                && y - SMALL < other.below.max(other.point.1 + MARKER_RADIUS)
        };
        if taken.iter().any(covers) || sizes.iter().any(hides) {
            continue;
        }
        canvas.text(size.name, (x, y), LABEL)?;
        taken.push(((x, y), half));
    }
    Ok(())
}

fn draw_legend(canvas: &Canvas<'_>, series: &[Series]) -> Result<()> {
    for (index, one) in series.iter().enumerate() {
        let (color, marker) = style::series(index);
        let left = MARGIN + (index % LEGEND_COLUMNS) as f64 * LEGEND_COLUMN;
        let baseline = LEGEND_TOP + (index / LEGEND_COLUMNS) as f64 * LEGEND_ROW;
        let height = baseline - 5.0;
        canvas.line(&[(left, height), (left + SWATCH, height)], color, THICKNESS)?;
        canvas.shape(marker, (left + SWATCH / 2.0, height), MARKER_RADIUS, color)?;
        let name = fitted(&one.name, BODY, LEGEND_COLUMN - INDENT - 20.0)?;
        canvas.text(&name, (left + INDENT, baseline), NAME)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(accuracies: &[(i64, f64, Option<f64>)]) -> Series {
        let size = |&(parameters, accuracy, deviation): &(i64, f64, Option<f64>)| Size {
            name: format!("net-{parameters}"),
            parameters,
            accuracy,
            deviation,
        };
        Series {
            name: "nets".to_owned(),
            sizes: accuracies.iter().map(size).collect(),
        }
    }

    fn blue(picture: &RgbImage) -> usize {
        let RGBColor(red, green, blue) = style::BLUE;
        let pixels = picture.pixels();
        pixels.filter(|p| p.0 == [red, green, blue]).count()
    }

    #[test]
    fn points_are_at_their_accuracy_and_bars_at_their_deviation() {
        let one = series(&[(10_000, 0.97, Some(0.01)), (100_000, 0.98, None)]);
        let frame = frame(std::slice::from_ref(&one)).unwrap();
        let found = measured(&one, &frame, 0.0);
        let height = |error: f64| frame.place(1e4, error).unwrap().1;
        let first = &found[0];
        assert_eq!(first.point.1, height(3.0));
        assert!((first.above - height(2.0)).abs() < 1e-6);
        assert!((first.below - height(4.0)).abs() < 1e-6);
        assert!(first.above < first.point.1 && first.point.0 < found[1].point.0);
        assert_eq!(found[1].above, found[1].point.1);
    }

    #[test]
    fn an_error_bar_is_drawn_where_there_is_a_deviation() {
        let draw = |deviation| {
            let sizes = [(10_000, 0.95, deviation), (100_000, 0.98, None)];
            blue(&super::sizes(&[series(&sizes)], "Title", "Note").unwrap())
        };
        assert!(draw(Some(0.01)) > draw(None) + 50);
    }

    #[test]
    fn perfect_nan_and_single_sizes_are_drawn() {
        let all = [
            series(&[(1, 1.0, Some(0.0))]),
            series(&[(5, f64::NAN, None), (7, 0.999, Some(0.01)), (9, 0.5, None)]),
            series(&[(100_000_000, 1.0, None)]),
        ];
        for series in &all {
            super::sizes(std::slice::from_ref(series), "Title", "").unwrap();
        }
        let tall = super::sizes(&all, &"long ".repeat(90), "").unwrap();
        assert!(tall.height() > super::sizes(&all[..1], "", "").unwrap().height());
        assert!(super::sizes(&[], "Title", "").is_err());
    }
}
