//! From boxes to rows: which of them are digits, and in which order they are read.

use super::context::Surroundings;
use super::detect::Ink;
use super::glance::Sighting;
use super::line::{Line, centre, off, shared};
use super::settings::{BELIEVABLE, DIGIT, FAINT, REFUSED, SAME, SHIFT};
use crate::reader::judge::{FEATURES, Judge};
use crate::scenes::Bounds;

/// The steepest rows that are looked for, in degrees.
const STEEPEST: i32 = 30;
/// Digits that tell the slope, the surest ones: more would tell the same.
const MOST: usize = 150;

/// A box with what the judge is to know of it.
pub(crate) type JudgeInput = (Bounds, [f32; FEATURES]);

/// The digits of a picture of such a height, row by row from the top, each from left to right. Those
/// that are less probable than [`DIGIT`] lie between others of their row.
pub(super) fn rows(
    sightings: Vec<Sighting>,
    ink: Option<&Ink>,
    height: f32,
    judge: Option<&Judge>,
) -> Vec<Vec<Sighting>> {
    let (all, mut lines) = lines(sightings);
    if let Some(judge) = judge {
        let surroundings = Surroundings {
            all: &all,
            ink,
            height,
        };
        for line in &mut lines {
            let judged: Vec<f64> = (0..line.row.len())
                .map(|at| judge.probability(&surroundings.of(line, at)))
                .collect();
            for (sighting, digit) in line.row.iter_mut().zip(judged) {
                sighting.set_digit_probability(digit);
            }
        }
    }
    for line in &mut lines {
        let row = &mut line.row;
        row.retain(|sighting| sighting.digit() >= REFUSED);
        let is_digit = |sighting: &Sighting| sighting.digit() >= DIGIT;
        let first = row.iter().position(is_digit);
        let last = row.iter().rposition(is_digit);
        match first.zip(last) {
            Some((first, last)) => {
                row.truncate(last + 1);
                row.drain(..first);
            }
            None => row.clear(),
        }
    }
    lines.retain(|line| !line.row.is_empty() && (judge.is_some() || believable(&line.row)));
    lines.sort_by(|a, b| depth(&a.row, a.slope).total_cmp(&depth(&b.row, b.slope)));
    lines.into_iter().map(|line| line.row).collect()
}

/// What the judge is to know of each box that may be a digit.
pub(super) fn judge_inputs(
    sightings: Vec<Sighting>,
    ink: Option<&Ink>,
    height: f32,
) -> Vec<JudgeInput> {
    let (all, lines) = lines(sightings);
    let surroundings = Surroundings {
        all: &all,
        ink,
        height,
    };
    let of_line = |line: &Line| -> Vec<_> {
        let places = line.row.iter().enumerate();
        places
            .map(|(at, sighting)| (sighting.bounds, surroundings.of(line, at)))
            .collect()
    };
    lines.iter().flat_map(of_line).collect()
}

/// One box for each thing that may be a digit, and those of them that are likely ones side by side.
fn lines(mut sightings: Vec<Sighting>) -> (Vec<Sighting>, Vec<Line>) {
    sightings.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    let mut kept: Vec<Sighting> = vec![];
    for sighting in sightings {
        if kept
            .iter()
            .all(|other| shared(&other.bounds, &sighting.bounds) < SAME)
        {
            kept.push(sighting);
        }
    }
    let mut likely = kept.clone();
    likely.retain(|sighting| sighting.digit() >= FAINT);
    let slope = slope(&likely);
    let rows = in_rows(likely, slope).into_iter();
    let lines = rows.map(|row| Line { row, slope }).collect();
    (kept, lines)
}

/// Whether a row is one of digits rather than of whatever looks like some here and there: its boxes are
/// judged together.
fn believable(row: &[Sighting]) -> bool {
    let sum: f64 = row.iter().map(Sighting::digit).sum();
    sum / row.len() as f64 >= BELIEVABLE
}

/// How far the rows fall for each pixel to the right: where the digits stand side by side best.
/// Steep rows need more evidence.
fn slope(sightings: &[Sighting]) -> f32 {
    let boxes: Vec<&Bounds> = sightings
        .iter()
        .take(MOST)
        .map(|sighting| &sighting.bounds)
        .collect();
    let height = boxes.iter().map(|b| b.height()).sum::<f32>() / boxes.len().max(1) as f32;
    let fit = |degrees: i32| {
        let slope = (degrees as f32).to_radians().tan();
        let pairs = boxes.iter().flat_map(|a| boxes.iter().map(move |b| (a, b)));
        let level = pairs.map(|(a, b)| (1.0 - off(a, b, slope).abs() / height).max(0.0));
        level.sum::<f32>() / boxes.len().max(1) as f32 - degrees.abs() as f32 / STEEPEST as f32
    };
    let best = (-STEEPEST..=STEEPEST).max_by(|&a, &b| fit(a).total_cmp(&fit(b)));
    (best.unwrap_or(0) as f32).to_radians().tan()
}

/// Joins neighbours to rows, each sorted from left to right.
fn in_rows(mut sightings: Vec<Sighting>, slope: f32) -> Vec<Vec<Sighting>> {
    sightings.sort_by(|a, b| centre(&a.bounds)[0].total_cmp(&centre(&b.bounds)[0]));
    let mut rows: Vec<Vec<Sighting>> = vec![];
    for sighting in sightings {
        // The row at whose end it stands most nearly.
        let nearest = rows
            .iter_mut()
            .filter_map(|row| {
                let last = &row.last()?.bounds;
                let higher = last.height().max(sighting.bounds.height());
                let off = off(last, &sighting.bounds, slope).abs() / higher;
                (off <= SHIFT).then_some((off, row))
            })
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, row)) => row.push(sighting),
            None => rows.push(vec![sighting]),
        }
    }
    rows
}

/// How far down a row lies, whatever its slope.
fn depth(row: &[Sighting], slope: f32) -> f32 {
    let depths = row.iter().map(|sighting| {
        let [x, y] = centre(&sighting.bounds);
        y - slope * x
    });
    depths.sum::<f32>() / row.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::judge::WEIGHTS;
    use crate::tensors::CLASSES;

    /// A digit of a box that is 10 wide and 20 high, at a place, as sure as that.
    fn sighting(digit: usize, [x, y]: [f32; 2], sure: f64) -> Sighting {
        let mut probabilities = [0.0; CLASSES];
        probabilities[digit] = sure;
        Sighting {
            bounds: Bounds {
                left: x,
                top: y,
                right: x + 10.0,
                bottom: y + 20.0,
            },
            probabilities,
            seen: sure as f32,
            seen_size: 20.0,
            quality: sure,
        }
    }

    fn text(sightings: &[Sighting]) -> String {
        let digit = |sighting: &Sighting| {
            let best = (0..CLASSES)
                .max_by(|&a, &b| sighting.probabilities[a].total_cmp(&sighting.probabilities[b]));
            char::from(b'0' + best.unwrap() as u8)
        };
        let row = |row: &Vec<Sighting>| row.iter().map(digit).collect::<String>();
        let rows: Vec<String> = rows(sightings.to_vec(), None, 400.0, None)
            .iter()
            .map(row)
            .collect();
        rows.join(" ")
    }

    #[test]
    fn rows_run_from_left_to_right_and_from_top_to_bottom_whatever_their_slope() {
        for fall in [-0.25, 0.0, 0.25] {
            let place = |x: f32, row: f32| [x, 200.0 + 30.0 * row + fall * x];
            let sightings = [
                sighting(4, place(90.0, 1.0), 0.9),
                sighting(1, place(0.0, 0.0), 0.9),
                sighting(3, place(0.0, 1.0), 0.9),
                sighting(2, place(150.0, 0.0), 0.9),
                sighting(7, place(40.0, 0.0), 0.9),
            ];
            assert_eq!(text(&sightings), "172 34", "{fall}");
        }
    }

    #[test]
    fn of_two_boxes_on_one_digit_the_better_is_kept() {
        let sightings = [
            sighting(3, [0.0, 0.0], 0.8),
            sighting(8, [2.0, 1.0], 0.9),
            sighting(5, [14.0, 0.0], 0.7),
        ];
        assert_eq!(text(&sightings), "85");
    }

    #[test]
    fn what_is_hardly_a_digit_counts_between_others_only() {
        let doubtful = |x: f32| sighting(9, [x, 0.0], 0.4);
        let row = [sighting(1, [20.0, 0.0], 0.9), sighting(2, [60.0, 0.0], 0.9)];
        let with = |x: f32| text(&[&row[..], &[doubtful(x)]].concat());
        assert_eq!([0.0, 40.0, 80.0].map(with), ["12", "192", "12"]);
        assert_eq!(text(&[doubtful(0.0)]), "");
    }

    #[test]
    fn a_judge_decides_what_stays() {
        let row = [sighting(1, [0.0, 0.0], 0.9), sighting(2, [20.0, 0.0], 0.9)];
        // Without hidden units: the sum of what is known, weighted, and a bias.
        let judge = |bias: f32| {
            let mut weights = vec![0.0; WEIGHTS];
            weights[WEIGHTS - FEATURES - 1] = bias;
            Judge::new(weights).unwrap()
        };
        let kept = |bias: f32| {
            let rows = rows(row.to_vec(), None, 50.0, Some(&judge(bias)));
            rows.concat()
                .iter()
                .map(Sighting::digit)
                .collect::<Vec<_>>()
        };
        assert!(kept(-3.0).is_empty());
        let sure = 1.0 / (1.0 + (-2.0_f64).exp());
        assert!(kept(2.0).iter().all(|digit| (digit - sure).abs() < 1e-6));
        assert_eq!(kept(2.0).len(), 2);
    }

    #[test]
    fn boxes_of_one_row_are_known_by_their_neighbours() {
        let row = [0.0, 20.0, 40.0].map(|x| sighting(1, [x, 0.0], 0.9));
        let low = sighting(1, [60.0, 8.0], 0.9);
        let known = judge_inputs([&row[..], &[low]].concat(), None, 50.0);
        assert_eq!(known.len(), 4);
        let off = |at: usize| known[at].1[4];
        assert!(off(3) > 0.35 && off(0) < 0.2, "{} {}", off(3), off(0));
        let is_alone = |at: usize| known[at].1[6];
        assert_eq!(is_alone(1), 0.0);
        assert_eq!(judge_inputs(vec![low], None, 50.0)[0].1[6], 1.0);
    }
}
