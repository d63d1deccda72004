//! Whether the lines of a picture are of two kinds, pale and dark: those printed on the paper and
//! those of a table that was drawn on it.

use super::settings::FRAME_LINE;
use super::trace::Traced;

/// Dark lines are darker than pale ones by at least this factor.
const RATIO: f32 = 1.35;
/// Least share of all lines, by length, that is of either kind.
const SHARE: f32 = 0.06;

/// The darkness that separates both kinds.
///
/// It is chosen so that the logarithms of the darkness vary least within the kinds, lines counted by
/// their length (N. Otsu, A threshold selection method from gray-level histograms, 1979).
///
/// `value` is the darkness of a line, or something else by which lines may be of two kinds.
pub(super) fn threshold<'a>(
    lines: impl Iterator<Item = &'a Traced>,
    value: impl Fn(&Traced) -> f32,
) -> Option<f32> {
    let long = lines.filter(|line| line.curve.length() >= FRAME_LINE);
    let mut values: Vec<[f32; 2]> = long
        .map(|line| [value(line).max(1e-3).ln(), line.curve.length()])
        .collect();
    values.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let total = values.iter().fold([0.0; 2], add);
    let mut below = [0.0; 2];
    let mut best: Option<(f32, f32)> = None;
    for value in &values {
        below = add(below, value);
        let above = [total[0] - below[0], total[1] - below[1]];
        if below[1].min(above[1]) < SHARE * total[1] {
            continue;
        }
        let [pale, dark] = [below, above].map(|[sum, weight]| sum / weight);
        let between = below[1] * above[1] * (dark - pale).powi(2);
        if dark - pale >= RATIO.ln() && best.is_none_or(|(most, _)| between > most) {
            best = Some((between, (pale + dark) / 2.0));
        }
    }
    best.map(|(_, middle)| middle.exp())
}

/// The lines that are both wide and dark, where there are two kinds.
pub(super) fn heavy(traced: &[Vec<Traced>; 2]) -> Option<[Vec<Traced>; 2]> {
    let weight = |line: &Traced| line.darkness * line.width;
    let least = threshold(traced.iter().flatten(), weight)?;
    let are_heavy = |lines: &Vec<Traced>| {
        let lines = lines.iter().filter(|line| weight(line) >= least);
        lines.cloned().collect()
    };
    Some(traced.each_ref().map(are_heavy))
}

/// The weighted sum and the weight, with one more value.
fn add([sum, weight]: [f32; 2], &[value, own]: &[f32; 2]) -> [f32; 2] {
    [sum + value * own, weight + own]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::curve::Curve;

    fn lines(kinds: &[(usize, f32)]) -> Vec<Traced> {
        let line = |(count, darkness): &(usize, f32)| {
            let alike = |at: usize| Traced {
                curve: Curve::straight([0.0, 300.0], at as f32),
                darkness: darkness * (1.0 + 0.02 * (at % 5) as f32),
                width: 2.0,
            };
            (0..*count).map(alike).collect::<Vec<_>>()
        };
        kinds.iter().flat_map(line).collect()
    }

    #[test]
    fn the_lines_of_a_table_are_told_from_those_of_the_paper() {
        let found = threshold(lines(&[(40, 0.12), (9, 0.4)]).iter(), |line| line.darkness).unwrap();
        assert!((0.14..0.38).contains(&found), "{found}");
    }

    #[test]
    fn lines_of_one_kind_are_not_separated() {
        assert!(threshold(lines(&[(30, 0.3)]).iter(), |line| line.darkness).is_none());
        assert!(threshold(lines(&[(100, 0.3), (1, 0.9)]).iter(), |line| line.darkness).is_none());
        assert!(threshold([].iter(), |line| line.darkness).is_none());
    }

    #[test]
    fn lines_that_are_as_dark_may_be_heavier() {
        let mut level = lines(&[(30, 0.3)]);
        for line in level.iter_mut().skip(20) {
            line.width = 5.0;
        }
        let found = heavy(&[level, lines(&[(10, 0.3)])]).unwrap();
        assert_eq!(found.map(|lines| lines.len()), [10, 0]);
        assert!(heavy(&[lines(&[(30, 0.3)]), vec![]]).is_none());
    }
}
