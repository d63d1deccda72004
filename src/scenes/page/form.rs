//! Forms: a box or comb field for each digit, and words that say what to fill in.

use super::layout::{Page, Writer};
use super::{Mark, Point, Tool, strike, table};
use crate::random::SeededRng;

/// One to four fields below each other, each with its label and its boxes.
pub fn compose(writer: &Writer, rng: &mut SeededRng) -> Page {
    let mut marks = blank(writer, rng);
    let boxes: Vec<Point> = marks.1;
    let filled = rng.uniform(0.6, 1.0);
    let sloppy = rng.uniform(0.0, 0.12);
    for centre in boxes {
        if rng.random_bool(filled) {
            let centre = centre.map(|value| value + rng.approx_normal(sloppy) as f32);
            let digit = writer.digit(rng).turned(rng.approx_normal(0.06) as f32);
            let room = 1.1 + rng.approx_normal(sloppy) as f32;
            marks.0.extend(table::centred(vec![digit], centre, room));
        }
    }
    Page::fit(marks.0, writer, rng)
}

/// An empty form, and the centres of its boxes, which are for digits about 1 high.
pub fn blank(writer: &Writer, rng: &mut SeededRng) -> (Vec<Mark>, Vec<Point>) {
    let fields = 1 + rng.below(4);
    let most = 2 + rng.below(9);
    let (wide, high) = (rng.uniform(1.1, 1.7) as f32, rng.uniform(1.3, 1.9) as f32);
    let gap = if rng.random_bool(0.3) {
        rng.uniform(0.1, 0.5) as f32
    } else {
        0.0
    };
    let comb = rng.random_bool(0.25);
    let line = rng.log_uniform(0.6, 2.5) as f32;
    let leading = high + rng.uniform(0.6, 1.6) as f32;
    let (mut marks, mut centres) = (Vec::new(), Vec::new());
    for field in 0..fields {
        let y = field as f32 * leading;
        if rng.random_bool(0.6) {
            let words = writer.material.words(writer.split, rng);
            let size = rng.uniform(0.35, 0.7) as f32;
            let size = size.min(most as f32 * wide / words.width.max(0.1));
            let words = Mark::glyph(words).moved(size, [0.0, y - size - 0.15]);
            marks.push(words.with(Tool::Printer));
        }
        let mut lines = Vec::new();
        for place in 0..1 + rng.below(most) {
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
    if rng.random_bool(0.15)
        && let Some(extent) = super::mark::extent(&marks)
    {
        let frame = strike::corners(&strike::grown(&extent, rng.uniform(0.3, 1.0) as f32));
        let frame = (0..5).map(|corner| frame[corner % 4]).collect();
        marks.push(Mark::ruling(vec![frame], line));
    }
    (marks, centres)
}
