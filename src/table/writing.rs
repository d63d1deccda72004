//! What was read, on the sheet.

use crate::scenes::Bounds;

use super::Point;
use super::frame::{Frame, around};
use super::settings::LEVEL;

/// A symbol, or a field of several, on the sheet.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) bounds: Bounds,
    /// The symbols' places in the order in which they were read.
    pub(super) symbols: Vec<usize>,
    /// The corners of its box, where it has one of its own.
    pub(super) corners: Option<[Point; 4]>,
}

impl Item {
    /// A box of the picture, left, top, right and bottom, on the sheet.
    pub(super) fn of(
        [left, top, right, bottom]: [f32; 4],
        frame: &Frame,
        symbols: Vec<usize>,
    ) -> Self {
        let corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
        let [left, top, right, bottom] = around(corners.map(|corner| frame.to_sheet(corner)));
        Self {
            bounds: Bounds {
                left,
                top,
                right,
                bottom,
            },
            symbols,
            corners: None,
        }
    }

    pub(super) fn centre(&self) -> Point {
        let Bounds {
            left,
            top,
            right,
            bottom,
        } = self.bounds;
        [(left + right) / 2.0, (top + bottom) / 2.0]
    }

    pub(super) fn height(&self) -> f32 {
        self.bounds.height().max(1.0)
    }
}

/// The median of some numbers; none of none.
pub(super) fn median(values: impl IntoIterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.into_iter().collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// The median height of items; one pixel if there are none.
pub(super) fn usual_height<'a>(items: impl IntoIterator<Item = &'a Item>) -> f32 {
    median(items.into_iter().map(Item::height)).unwrap_or(1.0)
}

/// The items in lines from top to bottom, each from left to right.
pub(super) fn in_lines<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<Vec<&'a Item>> {
    let mut items: Vec<&Item> = items.into_iter().collect();
    items.sort_by(|a, b| a.centre()[0].total_cmp(&b.centre()[0]));
    let mut lines: Vec<Vec<&Item>> = vec![];
    for item in items {
        let off = |line: &Vec<&Item>| {
            // The last few tell where a line that bends is now.
            let near = line.iter().rev().take(3);
            let (sum, count) = near.fold((0.0, 0.0), |(sum, count), near| {
                (sum + near.centre()[1], count + 1.0)
            });
            let higher = line.last()?.height().max(item.height());
            let off = (sum / count - item.centre()[1]).abs() / higher;
            (off <= LEVEL).then_some(off)
        };
        let best = lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| Some((at, off(line)?)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b));
        match best {
            Some((at, _)) => lines[at].push(item),
            None => lines.push(vec![item]),
        }
    }
    let depth = |line: &Vec<&Item>| {
        line.iter().map(|item| item.centre()[1]).sum::<f32>() / line.len() as f32
    };
    lines.sort_by(|a, b| depth(a).total_cmp(&depth(b)));
    lines
}
