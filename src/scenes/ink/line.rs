//! Lines of round pens as coverage, by the distance to the centre line.

use super::layer::Layer;
use super::path::Nib;

/// Draws lines whose ink merges where they meet. `softness` is the width of the ink's edge in
/// pixels.
pub fn draw(layer: &mut Layer, paths: &[Vec<Nib>], softness: f32) {
    for path in paths {
        match path[..] {
            [dot] => segment(layer, dot, dot, softness),
            _ => path
                .windows(2)
                .for_each(|pair| segment(layer, pair[0], pair[1], softness)),
        }
    }
}

/// Draws lines of transparent ink, darker where two cross. `depth` is one line's coverage.
pub fn draw_transparent(layer: &mut Layer, paths: &[Vec<Nib>], softness: f32, depth: f32) {
    let mut total = vec![0.0_f32; layer.values.len()];
    for path in paths {
        layer.values.fill(0.0);
        draw(layer, std::slice::from_ref(path), softness);
        for (total, &ink) in total.iter_mut().zip(&layer.values) {
            *total = 1.0 - (1.0 - *total) * (1.0 - depth * ink);
        }
    }
    layer.values = total;
}

/// The segment between two nibs, with round ends.
fn segment(layer: &mut Layer, from: Nib, to: Nib, softness: f32) {
    let half_edge = softness / 2.0;
    let (from, to) = (widened(from), widened(to));
    let reach = from.radius.max(to.radius) + half_edge;
    if !reach.is_finite() || from.tone <= 0.0 && to.tone <= 0.0 {
        return;
    }
    let columns = layer.columns(from.x.min(to.x) - reach, from.x.max(to.x) + reach);
    let rows = layer.rows(from.y.min(to.y) - reach, from.y.max(to.y) + reach);
    let (along_x, along_y) = (to.x - from.x, to.y - from.y);
    let length = along_x * along_x + along_y * along_y;
    let inverse = if length > 0.0 { 1.0 / length } else { 0.0 };
    let (wider, darker) = (to.radius - from.radius, to.tone - from.tone);
    let steep = 1.0 / softness;
    let left = (layer.left + columns.start) as f32 + 0.5 - from.x;
    for row in rows {
        let y = (layer.top + row) as f32 + 0.5 - from.y;
        let start = row * layer.width;
        let values = &mut layer.values[start + columns.start..start + columns.end];
        // No branches, so that the compiler vectorizes this.
        for (column, value) in values.iter_mut().enumerate() {
            let x = column as u16 as f32 + left;
            let share = ((x * along_x + y * along_y) * inverse).clamp(0.0, 1.0);
            let (off_x, off_y) = (x - share * along_x, y - share * along_y);
            let away = (off_x * off_x + off_y * off_y).sqrt();
            let edge = ((from.radius + share * wider - away) * steep + 0.5).clamp(0.0, 1.0);
            *value = value.max(edge * (from.tone + share * darker));
        }
    }
}

/// A line thinner than a pixel is drawn a pixel wide, and paler.
fn widened(nib: Nib) -> Nib {
    const MIN_RADIUS: f32 = 0.5;
    if nib.radius >= MIN_RADIUS {
        return nib;
    }
    Nib {
        radius: MIN_RADIUS,
        tone: nib.tone * (nib.radius / MIN_RADIUS).max(0.35),
        ..nib
    }
}
