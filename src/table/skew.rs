//! How a sheet without lines lies: its rows of digits tell.

use super::Point;
use super::frame::{Direction, Frame};
use super::writing::{Item, in_lines, usual_height};

/// Heights of a digit from which on a row tells a slope.
const LONG_ROW: f32 = 3.0;
/// Steepest lean of columns that is looked for, in steps of a hundredth: with rows that tell how the
/// sheet is turned, and without.
const MAX_LEAN: i32 = 25;
const MAX_TURN: i32 = 40;
/// Share of the width that leaning columns must save for each hundredth.
const SAVED: f32 = 0.004;

/// The frame of a sheet whose rows' symbols have these boxes in a picture of this size: left, top,
/// right and bottom each.
pub(super) fn frame(rows: &[Vec<[f32; 4]>], size: [f32; 2]) -> Frame {
    let half = size[0].max(size[1]) / 2.0;
    let middle = size.map(|length| length / 2.0);
    let line = |row: &Vec<[f32; 4]>| {
        let centres: Vec<Point> = row
            .iter()
            .map(|[left, top, right, bottom]| [(left + right) / 2.0, (top + bottom) / 2.0])
            .collect();
        let height = row.iter().map(|b| b[3] - b[1]).sum::<f32>() / row.len().max(1) as f32;
        let mean = |axis: usize| {
            centres.iter().map(|centre| centre[axis]).sum::<f32>() / centres.len().max(1) as f32
        };
        let (x, y) = (mean(0), mean(1));
        let sum = |value: &dyn Fn(&Point) -> f32| centres.iter().map(value).sum::<f32>();
        let spread = sum(&|centre| (centre[0] - x).powi(2));
        let both = sum(&|centre| (centre[0] - x) * (centre[1] - y));
        let extent = centres.last()?[0] - centres.first()?[0];
        let slope = both / spread.max(1.0);
        let at_middle = y + slope * (middle[0] - x);
        let is_long = extent >= LONG_ROW * height;
        is_long.then_some([(at_middle - middle[1]) / half, slope, extent])
    };
    let lines: Vec<[f32; 3]> = rows.iter().filter_map(line).collect();
    let items = |frame: &Frame| -> Vec<Item> {
        let boxes = rows.iter().flatten();
        boxes
            .map(|&bounds| Item::of(bounds, frame, vec![]))
            .collect()
    };
    let Some(level) = Direction::of(&lines) else {
        // Of short numbers below each other, the column tells.
        let lean = lean(&items(&Frame::upright()), MAX_TURN);
        let [_, height] = size;
        let upright = Direction::of(&[[0.0, lean, height]]);
        return Frame::of(None, upright, size);
    };
    let square = Frame::of(Some(level), None, size);
    let upright = level.across(lean(&items(&square), MAX_LEAN));
    Frame::of(Some(level), Some(upright), size)
}

/// The slope of columns, as `x` by `y`, at which they cover least of the width; at most so many
/// hundredths.
fn lean(items: &[Item], most: i32) -> f32 {
    if in_lines(items).len() < 3 {
        return 0.0;
    }
    let height = usual_height(items);
    let covered = |lean: i32| {
        let slope = lean as f32 / 100.0;
        let mut extents: Vec<[f32; 2]> = items
            .iter()
            .map(|item| {
                let shift = slope * item.centre()[1];
                [item.bounds.left - shift, item.bounds.right - shift]
            })
            .collect();
        extents.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let (mut sum, mut end) = (0.0, f32::MIN);
        for [left, right] in extents {
            sum += (right - left.max(end)).max(0.0);
            end = end.max(right);
        }
        sum
    };
    let upright = covered(0).max(height);
    let cost = |lean: i32| covered(lean) / upright + SAVED * lean.abs() as f32;
    let best = (-most..=most).min_by(|&a, &b| cost(a).total_cmp(&cost(b)));
    best.unwrap_or(0) as f32 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_digits_tell_how_the_sheet_lies() {
        // A sheet turned by about 11°.
        let place = |x: f32, y: f32| [400.0 + x - 0.2 * y, 300.0 + 0.2 * x + y];
        let row = |y: f32| -> Vec<[f32; 4]> {
            let digit = |at: i32| {
                let [x, y] = place(60.0 * at as f32, y);
                [x - 8.0, y - 12.0, x + 8.0, y + 12.0]
            };
            (-4..=4).map(digit).collect()
        };
        let rows: Vec<_> = [-100.0, -50.0, 0.0, 50.0, 100.0].map(row).to_vec();
        let frame = frame(&rows, [800.0, 600.0]);
        assert!(frame.is_askew());
        let on_sheet = |x: f32, y: f32| frame.to_sheet(place(x, y));
        assert!((on_sheet(-200.0, 40.0)[1] - on_sheet(200.0, 40.0)[1]).abs() < 4.0);
        assert!((on_sheet(90.0, -100.0)[0] - on_sheet(90.0, 100.0)[0]).abs() < 8.0);
        assert!(!super::frame(&[], [800.0, 600.0]).is_askew());
    }

    #[test]
    fn a_column_of_short_numbers_tells_how_the_sheet_lies() {
        let row = |at: i32, lean: f32| {
            let [x, y] = [400.0 + lean * at as f32, 300.0 + 40.0 * at as f32];
            vec![[x - 8.0, y - 12.0, x + 8.0, y + 12.0]]
        };
        let column = |lean: f32| (-5..=5).map(|at| row(at, lean)).collect::<Vec<_>>();
        let frame = |lean: f32| super::frame(&column(lean), [800.0, 600.0]);
        let turned = frame(-10.0);
        assert!(turned.is_askew());
        let [top, bottom] =
            [-5.0, 5.0].map(|at| turned.to_sheet([400.0 - 10.0 * at, 300.0 + 40.0 * at]));
        assert!((top[0] - bottom[0]).abs() < 10.0);
        assert!(!frame(0.0).is_askew());
    }
}
