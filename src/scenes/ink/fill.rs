//! Filled outlines as coverage: the nonzero winding rule on a few scanlines per row, exact across.

use super::super::{Bounds, Plane, Point};
use super::layer::Layer;

/// Scanlines per row of pixels.
const LINES: usize = 5;

/// The box of contours made bolder by `swollen` pixels.
pub fn bounds(contours: &[Vec<Point>], swollen: f32) -> Option<Bounds> {
    let [low, high] = super::super::glyph::extent(contours)?;
    Some(Bounds {
        left: low[0] - swollen,
        top: low[1] - swollen,
        right: high[0] + swollen,
        bottom: high[1] + swollen,
    })
}

/// A plane of this size with filled contours on it.
pub fn filled(contours: &[Vec<Point>], width: usize, height: usize) -> Plane {
    let mut layer = Layer {
        left: 0,
        top: 0,
        width,
        height,
        values: vec![0.0; width * height],
    };
    fill(&mut layer, contours);
    Plane {
        width,
        height,
        values: layer.values,
    }
}

/// Fills the contours.
pub fn fill(layer: &mut Layer, contours: &[Vec<Point>]) {
    let lines = layer.height * LINES;
    let mut crossings: Vec<(u32, f32, i8)> = Vec::new();
    for contour in contours {
        let ends = contour.iter().skip(1).chain(contour.first());
        for (from, to) in contour.iter().zip(ends) {
            cross(layer, lines, *from, *to, &mut crossings);
        }
    }
    crossings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut winding = 0;
    for pair in crossings.windows(2) {
        let ((line, from, turn), (next_line, to, _)) = (pair[0], pair[1]);
        winding += turn;
        if line != next_line {
            winding = 0;
        } else if winding != 0 {
            let row = line as usize / LINES;
            let values = &mut layer.values[row * layer.width..(row + 1) * layer.width];
            span(values, from, to);
        }
    }
    for value in &mut layer.values {
        *value = value.min(1.0);
    }
}

/// Adds where an edge crosses the scanlines: line, column in the layer, direction.
fn cross(layer: &Layer, lines: usize, from: Point, to: Point, crossings: &mut Vec<(u32, f32, i8)>) {
    let (upper, lower, turn) = match from[1] < to[1] {
        true => (from, to, 1),
        false => (to, from, -1),
    };
    let line = |y: f32| ((y - layer.top as f32) * LINES as f32 - 0.5).ceil();
    let first = line(upper[1]).clamp(0.0, lines as f32) as usize;
    let end = line(lower[1]).clamp(0.0, lines as f32) as usize;
    let slope = (lower[0] - upper[0]) / (lower[1] - upper[1]);
    for line in first..end {
        let y = (line as f32 + 0.5) / LINES as f32 + layer.top as f32;
        let x = upper[0] + (y - upper[1]) * slope - layer.left as f32;
        crossings.push((line as u32, x, turn));
    }
}

/// Adds one scanline's share to the pixels between two columns.
fn span(values: &mut [f32], from: f32, to: f32) {
    const SHARE: f32 = 1.0 / LINES as f32;
    let most = values.len() as f32;
    let (from, to) = (from.clamp(0.0, most), to.clamp(0.0, most));
    let (first, last) = (from as usize, to as usize);
    if first == last {
        if let Some(value) = values.get_mut(first) {
            *value += (to - from) * SHARE;
        }
        return;
    }
    values[first] += (first as f32 + 1.0 - from) * SHARE;
    for value in &mut values[first + 1..last] {
        *value += SHARE;
    }
    if let Some(value) = values.get_mut(last) {
        *value += (to - last as f32) * SHARE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_keeps_its_hole_and_its_area() {
        let square = |low: f32, high: f32| vec![[low, low], [high, low], [high, high], [low, high]];
        let mut hole = square(4.0, 6.0);
        hole.reverse();
        let plane = filled(&[square(1.5, 8.5), hole], 10, 10);
        let area: f32 = plane.values.iter().sum();
        assert!((area - 45.0).abs() < 0.5, "{area}");
        assert_eq!(plane.at(5, 5), 0.0);
        assert!((plane.at(2, 5) - 1.0).abs() < 1e-3);
    }
}
