//! Rendering of written lines to pixels.

use super::hand::{Dot, Writing};

/// Renders a writing in a black square of `side` pixels, `[side, side]` row by row.
///
/// The ink is centred and scaled, with its aspect ratio kept, until its longer extent is `extent`
/// pixels including the soft edge. It is anti-aliased over one pixel in addition to its own
/// softness.
pub fn ink(writing: &Writing, side: usize, extent: f64) -> Vec<u8> {
    let (left, top, right, bottom) = bounds(writing);
    let longer = (right - left).max(bottom - top);
    // Half of the edge is outside the line's outline, on both sides: extent = longer * scale +
    // edge.
    let scale = (extent - 1.0).max(0.0) / (longer + writing.softness);
    let edge = 1.0 + writing.softness * scale;
    let middle = side as f64 / 2.0;
    let to_pixels = |dot: &Dot| Dot {
        x: middle + (dot.x - (left + right) / 2.0) * scale,
        y: middle + (dot.y - (top + bottom) / 2.0) * scale,
        radius: dot.radius * scale,
    };
    let mut coverage = vec![0.0; side * side];
    for line in &writing.lines {
        for pair in line.windows(2) {
            cover(
                &mut coverage,
                side,
                to_pixels(&pair[0]),
                to_pixels(&pair[1]),
                edge,
            );
        }
    }
    let full = 255.0 * writing.strength;
    coverage
        .into_iter()
        .map(|share| (full * share).round() as u8)
        .collect()
}

/// Left, top, right and bottom of the outline of all lines.
pub fn bounds(writing: &Writing) -> (f64, f64, f64, f64) {
    let nothing = (
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    );
    writing
        .lines
        .iter()
        .flatten()
        .fold(nothing, |(left, top, right, bottom), dot| {
            (
                left.min(dot.x - dot.radius),
                top.min(dot.y - dot.radius),
                right.max(dot.x + dot.radius),
                bottom.max(dot.y + dot.radius),
            )
        })
}

/// Covers the pixels under a line segment from `a` to `b`, in pixels, with round caps.
fn cover(coverage: &mut [f64], side: usize, a: Dot, b: Dot, edge: f64) {
    let reach = a.radius.max(b.radius) + edge / 2.0;
    let pixel = |place: f64| place.clamp(0.0, side as f64) as usize;
    let columns = pixel(a.x.min(b.x) - reach)..pixel((a.x.max(b.x) + reach).ceil());
    let rows = pixel(a.y.min(b.y) - reach)..pixel((a.y.max(b.y) + reach).ceil());
    let (run_x, run_y) = (b.x - a.x, b.y - a.y);
    let length_squared = (run_x * run_x + run_y * run_y).max(1e-12);
    for row in rows {
        for column in columns.clone() {
            let (x, y) = (column as f64 + 0.5 - a.x, row as f64 + 0.5 - a.y);
            let along = ((x * run_x + y * run_y) / length_squared).clamp(0.0, 1.0);
            let (off_x, off_y) = (x - along * run_x, y - along * run_y);
            let radius = a.radius + along * (b.radius - a.radius);
            let inside = radius - (off_x * off_x + off_y * off_y).sqrt();
            let share = (0.5 + inside / edge).clamp(0.0, 1.0);
            let covered = &mut coverage[row * side + column];
            *covered = share.max(*covered);
        }
    }
}
