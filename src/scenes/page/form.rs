//! Forms: a box or comb field for each digit, and words that say what to fill in.

use super::layout::{Page, Writer};
use super::{Mark, Point, Tool, strike, table};
use crate::chance::Chance;

/// One to four fields below each other, each with its label and its boxes.
pub fn compose(writer: &Writer, chance: &mut Chance) -> Page {
    let mut marks = blank(writer, chance);
    let boxes: Vec<Point> = marks.1;
    let filled = chance.between(0.6, 1.0);
    let sloppy = chance.between(0.0, 0.12);
    for centre in boxes {
        if chance.happens(filled) {
            let centre = centre.map(|value| value + chance.bell(sloppy) as f32);
            let digit = writer.digit(chance).turned(chance.bell(0.06) as f32);
            let room = 1.1 + chance.bell(sloppy) as f32;
            marks.0.extend(table::centred(vec![digit], centre, room));
        }
    }
    Page::fit(marks.0, writer, chance)
}

/// An empty form, and the centres of its boxes, which are for digits about 1 high.
pub fn blank(writer: &Writer, chance: &mut Chance) -> (Vec<Mark>, Vec<Point>) {
    let fields = 1 + chance.below(4);
    let most = 2 + chance.below(9);
    let (wide, high) = (
        chance.between(1.1, 1.7) as f32,
        chance.between(1.3, 1.9) as f32,
    );
    let gap = if chance.happens(0.3) {
        chance.between(0.1, 0.5) as f32
    } else {
        0.0
    };
    let comb = chance.happens(0.25);
    let line = chance.doubling(0.6, 2.5) as f32;
    let leading = high + chance.between(0.6, 1.6) as f32;
    let (mut marks, mut centres) = (Vec::new(), Vec::new());
    for field in 0..fields {
        let y = field as f32 * leading;
        if chance.happens(0.6) {
            let words = writer.material.words(writer.split, chance);
            let size = chance.between(0.35, 0.7) as f32;
            let size = size.min(most as f32 * wide / words.width.max(0.1));
            let words = Mark::glyph(words).moved(size, [0.0, y - size - 0.15]);
            marks.push(words.with(Tool::Printer));
        }
        let mut lines = Vec::new();
        for place in 0..1 + chance.below(most) {
            let x = place as f32 * (wide + gap);
            let corners = [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]];
            if comb {
                let tooth = |[x, y]: Point| [x, y - 0.4 * high];
                lines.push(vec![
                    tooth(corners[3]),
                    corners[3],
                    corners[2],
                    tooth(corners[2]),
                ]);
            } else {
                lines.push((0..5).map(|corner| corners[corner % 4]).collect());
            }
            centres.push([x + wide / 2.0, y + high / 2.0]);
        }
        marks.push(Mark::ruling(lines, line));
    }
    if chance.happens(0.15)
        && let Some(extent) = super::mark::extent(&marks)
    {
        let frame = strike::corners(&strike::grown(&extent, chance.between(0.3, 1.0) as f32));
        let frame = (0..5).map(|corner| frame[corner % 4]).collect();
        marks.push(Mark::ruling(vec![frame], line));
    }
    (marks, centres)
}
