//! From boxes to rows: which of them are digits, and in which order they are read.

use super::classify::ScoredBox;
use super::context::Surroundings;
use super::detect::Ink;
use super::line::{Line, centre, offset, overlap};
use super::settings::{DIGIT, MAX_OFFSET, MIN_CANDIDATE, MIN_ROW_MEAN, REFUSED, SAME_OVERLAP};
use super::signs::Signs;
use crate::reader::judge::{FEATURES, Judge};
use crate::scenes::Bounds;

/// The steepest slope of rows that is tried, in degrees.
const MAX_DEGREES: i32 = 30;
/// Number of boxes, the best ones, from which the slope is estimated: more would give the same
/// result.
const MAX_SLOPE_BOXES: usize = 150;

/// A box with its features for the judge.
pub(crate) type JudgeInput = (Bounds, [f32; FEATURES]);

/// The digits of a picture of this height, and the `signs` beside them: rows from top to bottom, each
/// from left to right. Those less probable than [`DIGIT`] are kept only between others of their row.
pub(super) fn rows(
    mut scored: Vec<ScoredBox>,
    ink: Option<&Ink>,
    height: f32,
    judge: Option<&Judge>,
    signs: Signs,
) -> Vec<Vec<ScoredBox>> {
    if signs == Signs::Ignored {
        scored.iter_mut().for_each(ScoredBox::rule_out_signs);
    }
    let (all, mut lines) = lines(scored);
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
            for (scored_box, digit) in line.row.iter_mut().zip(judged) {
                scored_box.set_probability(digit);
            }
        }
    }
    for line in &mut lines {
        let row = &mut line.row;
        // Specks are common: what is hardly legible is rather none of the signs than a refused one.
        let least = |scored_box: &ScoredBox| if scored_box.is_sign() { DIGIT } else { REFUSED };
        row.retain(|scored_box| scored_box.any() >= least(scored_box));
        let is_read = |scored_box: &ScoredBox| scored_box.any() >= DIGIT;
        let first = row.iter().position(is_read);
        let last = row.iter().rposition(is_read);
        match first.zip(last) {
            Some((first, last)) => {
                row.truncate(last + 1);
                row.drain(..first);
            }
            None => row.clear(),
        }
        if signs == Signs::InNumbers && row.iter().all(ScoredBox::is_sign) {
            row.clear();
        }
    }
    lines.retain(|line| !line.row.is_empty() && (judge.is_some() || is_plausible(&line.row)));
    lines.sort_by(|a, b| depth(&a.row, a.slope).total_cmp(&depth(&b.row, b.slope)));
    lines.into_iter().map(|line| line.row).collect()
}

/// The judge's input for each box that may be a digit.
pub(super) fn judge_inputs(
    scored: Vec<ScoredBox>,
    ink: Option<&Ink>,
    height: f32,
) -> Vec<JudgeInput> {
    let (all, lines) = lines(scored);
    let surroundings = Surroundings {
        all: &all,
        ink,
        height,
    };
    let of_line = |line: &Line| -> Vec<_> {
        let places = line.row.iter().enumerate();
        places
            .map(|(at, scored_box)| (scored_box.bounds, surroundings.of(line, at)))
            .collect()
    };
    lines.iter().flat_map(of_line).collect()
}

/// One box for each thing that may be a digit, and the rows of the likelier ones.
fn lines(mut scored: Vec<ScoredBox>) -> (Vec<ScoredBox>, Vec<Line>) {
    scored.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    let mut kept: Vec<ScoredBox> = vec![];
    for scored_box in scored {
        if kept
            .iter()
            .all(|other| overlap(&other.bounds, &scored_box.bounds) < SAME_OVERLAP)
        {
            kept.push(scored_box);
        }
    }
    let mut likely = kept.clone();
    likely.retain(|scored_box| scored_box.any() >= MIN_CANDIDATE);
    let slope = slope(&likely);
    let rows = in_rows(likely, slope).into_iter();
    let lines = rows.map(|row| Line { row, slope }).collect();
    (kept, lines)
}

/// Whether a row is one of digits rather than of things that look a little like digits: its boxes
/// are judged together.
fn is_plausible(row: &[ScoredBox]) -> bool {
    let sum: f64 = row.iter().map(ScoredBox::any).sum();
    sum / row.len() as f64 >= MIN_ROW_MEAN
}

/// How far the rows fall for each pixel to the right: the slope at which the digits line up best.
/// Steep rows need more evidence.
fn slope(scored: &[ScoredBox]) -> f32 {
    let boxes: Vec<&Bounds> = scored
        .iter()
        .take(MAX_SLOPE_BOXES)
        .map(|scored_box| &scored_box.bounds)
        .collect();
    let height = boxes.iter().map(|b| b.height()).sum::<f32>() / boxes.len().max(1) as f32;
    let fit = |degrees: i32| {
        let slope = (degrees as f32).to_radians().tan();
        let pairs = boxes.iter().flat_map(|a| boxes.iter().map(move |b| (a, b)));
        let level = pairs.map(|(a, b)| (1.0 - offset(a, b, slope).abs() / height).max(0.0));
        level.sum::<f32>() / boxes.len().max(1) as f32 - degrees.abs() as f32 / MAX_DEGREES as f32
    };
    let best = (-MAX_DEGREES..=MAX_DEGREES).max_by(|&a, &b| fit(a).total_cmp(&fit(b)));
    (best.unwrap_or(0) as f32).to_radians().tan()
}

/// Joins neighbours into rows, each sorted from left to right.
fn in_rows(mut scored: Vec<ScoredBox>, slope: f32) -> Vec<Vec<ScoredBox>> {
    scored.sort_by(|a, b| centre(&a.bounds)[0].total_cmp(&centre(&b.bounds)[0]));
    let mut rows: Vec<Vec<ScoredBox>> = vec![];
    for scored_box in scored {
        // The row whose last box it is best aligned with.
        let nearest = rows
            .iter_mut()
            .filter_map(|row| {
                let last = &row.last()?.bounds;
                let higher = last.height().max(scored_box.bounds.height());
                let offset = offset(last, &scored_box.bounds, slope).abs() / higher;
                (offset <= MAX_OFFSET).then_some((offset, row))
            })
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, row)) => row.push(scored_box),
            None => rows.push(vec![scored_box]),
        }
    }
    rows
}

/// How far down a row lies, whatever its slope.
fn depth(row: &[ScoredBox], slope: f32) -> f32 {
    let depths = row.iter().map(|scored_box| {
        let [x, y] = centre(&scored_box.bounds);
        y - slope * x
    });
    depths.sum::<f32>() / row.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::characters::{CHARACTERS, character};
    use crate::reader::judge::WEIGHTS;
    use crate::recognizer::testing::{self, bounds, near};

    /// A digit in a box 10 wide and 20 high, at a place, with this confidence.
    fn scored_box(digit: usize, [x, y]: [f32; 2], sure: f64) -> ScoredBox {
        testing::scored_box(digit, bounds(x, y, x + 10.0, y + 20.0), sure)
    }

    fn text(scored: &[ScoredBox]) -> String {
        text_with(scored, Signs::InNumbers)
    }

    fn text_with(scored: &[ScoredBox], signs: Signs) -> String {
        let digit = |scored_box: &ScoredBox| {
            let best = (0..CHARACTERS).max_by(|&a, &b| {
                scored_box.probabilities[a].total_cmp(&scored_box.probabilities[b])
            });
            character(best.unwrap()).unwrap()
        };
        let row = |row: &Vec<ScoredBox>| row.iter().map(digit).collect::<String>();
        let rows: Vec<String> = rows(scored.to_vec(), None, 400.0, None, signs)
            .iter()
            .map(row)
            .collect();
        rows.join(" ")
    }

    #[test]
    fn rows_are_read_left_to_right_and_top_to_bottom_whatever_their_slope() {
        for fall in [-0.25, 0.0, 0.25] {
            let place = |x: f32, row: f32| [x, 200.0 + 30.0 * row + fall * x];
            let scored = [
                scored_box(4, place(90.0, 1.0), 0.9),
                scored_box(1, place(0.0, 0.0), 0.9),
                scored_box(3, place(0.0, 1.0), 0.9),
                scored_box(2, place(150.0, 0.0), 0.9),
                scored_box(7, place(40.0, 0.0), 0.9),
            ];
            assert_eq!(text(&scored), "172 34", "{fall}");
        }
    }

    #[test]
    fn of_two_boxes_on_one_digit_the_better_is_kept() {
        let scored = [
            scored_box(3, [0.0, 0.0], 0.8),
            scored_box(8, [2.0, 1.0], 0.9),
            scored_box(5, [14.0, 0.0], 0.7),
        ];
        assert_eq!(text(&scored), "85");
    }

    #[test]
    fn an_unlikely_digit_counts_only_between_others() {
        let doubtful = |x: f32| scored_box(9, [x, 0.0], 0.4);
        let row = [
            scored_box(1, [20.0, 0.0], 0.9),
            scored_box(2, [60.0, 0.0], 0.9),
        ];
        let with = |x: f32| text(&[&row[..], &[doubtful(x)]].concat());
        assert_eq!([0.0, 40.0, 80.0].map(with), ["12", "192", "12"]);
        assert_eq!(text(&[doubtful(0.0)]), "");
    }

    #[test]
    fn signs_are_read_in_numbers_alone_or_not_at_all() {
        let number = [
            scored_box(12, [0.0, 0.0], 0.9),
            scored_box(3, [20.0, 0.0], 0.9),
            scored_box(10, [40.0, 0.0], 0.9),
            scored_box(5, [60.0, 0.0], 0.9),
            scored_box(12, [0.0, 100.0], 0.9),
        ];
        assert_eq!(text_with(&number, Signs::InNumbers), "-3.5");
        assert_eq!(text_with(&number, Signs::Everywhere), "-3.5 -");
        assert_eq!(text_with(&number, Signs::Ignored), "35");
        // Between a sign and a digit, the more probable one counts.
        let mut unsure = number;
        unsure[0].probabilities[1] = 0.05;
        assert_eq!(text_with(&unsure, Signs::InNumbers), "-3.5");
        // A slanted 1 that is rather read as a slash is a 1 where signs are ruled out.
        (unsure[0].probabilities[12], unsure[0].probabilities[13]) = (0.0, 0.5);
        unsure[0].probabilities[1] = 0.45;
        unsure[3].probabilities = [0.0; CHARACTERS];
        unsure[3].probabilities[5] = 0.9;
        assert_eq!(text_with(&unsure, Signs::InNumbers), "/3.5");
        assert_eq!(text_with(&unsure, Signs::Ignored), "35");
        unsure[0].probabilities[1] = 0.5;
        assert_eq!(text_with(&unsure, Signs::Ignored), "135");
    }

    #[test]
    fn a_judge_decides_which_boxes_are_kept() {
        let row = [
            scored_box(1, [0.0, 0.0], 0.9),
            scored_box(2, [20.0, 0.0], 0.9),
        ];
        // With zero weights the judge's output is its bias.
        let judge = |bias: f32| {
            let mut weights = vec![0.0; WEIGHTS];
            weights[WEIGHTS - FEATURES - 1] = bias;
            Judge::new(weights).unwrap()
        };
        let judged = |bias: f32| {
            rows(
                row.to_vec(),
                None,
                50.0,
                Some(&judge(bias)),
                Signs::InNumbers,
            )
        };
        let kept = |bias: f32| {
            judged(bias)
                .concat()
                .iter()
                .map(ScoredBox::any)
                .collect::<Vec<_>>()
        };
        assert!(judged(-3.0).is_empty());
        // The judge's word is enough, even for a row that is not plausible without it.
        assert_eq!(kept(0.4).len(), 2);
        let sure = 1.0 / (1.0 + (-2.0_f64).exp());
        assert!(kept(2.0).iter().all(|digit| (digit - sure).abs() < 1e-6));
        assert_eq!(kept(2.0).len(), 2);
    }

    #[test]
    fn boxes_are_described_by_their_neighbours_in_the_row() {
        let row = [0.0, 20.0, 40.0].map(|x| scored_box(1, [x, 0.0], 0.9));
        let low = scored_box(1, [60.0, 8.0], 0.9);
        let known = judge_inputs([&row[..], &[low]].concat(), None, 50.0);
        assert_eq!(known.len(), 4);
        let offset = |at: usize| known[at].1[4];
        assert!(
            offset(3) > 0.35 && offset(0) < 0.2,
            "{} {}",
            offset(3),
            offset(0)
        );
        let is_alone = |at: usize| known[at].1[6];
        assert_eq!(is_alone(1), 0.0);
        assert_eq!(judge_inputs(vec![low], None, 50.0)[0].1[6], 1.0);
    }

    #[test]
    fn a_row_is_one_of_digits_if_its_boxes_are_on_average() {
        let row =
            |a: f64, b: f64| text(&[scored_box(1, [0.0, 0.0], a), scored_box(2, [20.0, 0.0], b)]);
        assert_eq!(row(0.6, 0.6), "");
        assert_eq!(row(0.9, 0.51), "12");
        assert_eq!(text(&[scored_box(3, [0.0, 0.0], 0.69)]), "");
        assert_eq!(text(&[scored_box(3, [0.0, 0.0], 0.71)]), "3");
    }

    #[test]
    fn boxes_that_overlap_by_half_are_one_digit() {
        let at = |x: f32| text(&[scored_box(1, [0.0, 0.0], 0.9), scored_box(2, [x, 0.0], 0.8)]);
        assert_eq!([4.0, 5.0, 5.5].map(at), ["1", "1", "12"]);
    }

    #[test]
    fn neighbours_in_a_row_are_level_with_each_other() {
        let apart = |down: f32| {
            let boxes = vec![
                scored_box(1, [0.0, 0.0], 0.9),
                scored_box(2, [15.0, down], 0.9),
            ];
            let rows = in_rows(boxes, 0.0);
            rows.iter().map(Vec::len).collect::<Vec<_>>()
        };
        // 0.6 of the height is 12.
        assert_eq!(apart(11.0), [2]);
        assert_eq!(apart(-11.0), [2]);
        assert_eq!(apart(13.0), [1, 1]);
    }

    #[test]
    fn the_slope_is_that_at_which_the_digits_line_up() {
        let fall = |degrees: f32| degrees.to_radians().tan();
        let row = |degrees: f32, step: f32, count: usize| {
            let places = (0..count).map(|at| at as f32 * step);
            let boxes: Vec<ScoredBox> = places
                .map(|x| scored_box(1, [x, 100.0 + fall(degrees) * x], 0.9))
                .collect();
            slope(&boxes)
        };
        for degrees in [-20.0, 0.0, 10.0] {
            assert!(near(row(degrees, 40.0, 4), fall(degrees)), "{degrees}");
        }
        // Two digits side by side are too little evidence, and one is none.
        assert_eq!(row(10.0, 12.0, 2), 0.0);
        assert_eq!(row(10.0, 12.0, 1), 0.0);
        assert_eq!(row(10.0, 12.0, 0), 0.0);
    }

    #[test]
    fn the_depth_of_a_row_does_not_depend_on_where_it_starts() {
        // Centres (5, 10) and (25, 20).
        let row = [
            scored_box(1, [0.0, 0.0], 0.9),
            scored_box(2, [20.0, 10.0], 0.9),
        ];
        assert_eq!(depth(&row, 0.5), 7.5);
        assert_eq!(depth(&row[..1], 0.5), 7.5);
        assert_eq!(depth(&row, 0.0), 15.0);
    }
}
