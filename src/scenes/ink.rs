//! (stand-in)
use super::glyph::{Form, Glyph};
use super::{Bounds, Plane, Point};
use crate::chance::Chance;
/// Stand-in.
pub struct Pen(f32);
impl Pen {
    /// Stand-in.
    pub fn new(chance: &mut Chance) -> Self {
        Self(chance.doubling(0.03, 0.2) as f32)
    }
    /// Stand-in.
    pub fn with_width(self, w: f32) -> Self {
        Self(w)
    }
    /// Stand-in.
    pub fn solid(self) -> Self {
        self
    }
    /// Stand-in.
    pub fn ballpoint(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn felt(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn pencil(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn fountain(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn marker(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn brush(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn chalk(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn mouse(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn hard_pixels(chance: &mut Chance) -> Self {
        Self::new(chance)
    }
    /// Stand-in.
    pub fn width(&self) -> f32 {
        self.0
    }
}
/// Stand-in.
pub fn draw(
    coverage: &mut Plane,
    glyph: &Glyph,
    pen: &Pen,
    place: &dyn Fn(Point) -> Point,
    _chance: &mut Chance,
) -> Option<Bounds> {
    let (a, b) = (place([0.0, 0.0]), place([0.0, 1.0]));
    let r = pen.0 * (a[0] - b[0]).hypot(a[1] - b[1]) / 2.0;
    let Form::Strokes(ways) = &glyph.form else {
        return None;
    };
    let mut bounds: Option<Bounds> = None;
    for way in ways {
        let pts: Vec<Point> = way.iter().map(|&p| place(p)).collect();
        for i in 0..pts.len() {
            let (p, q) = (pts[i], pts[(i + 1).min(pts.len() - 1)]);
            let b = Bounds {
                left: p[0].min(q[0]) - r,
                top: p[1].min(q[1]) - r,
                right: p[0].max(q[0]) + r,
                bottom: p[1].max(q[1]) + r,
            };
            bounds = Some(bounds.map_or(b, |o| o.union(&b)));
            let c = b.clipped(coverage.width, coverage.height);
            for y in
                (c.top - 1.0).max(0.0) as usize..((c.bottom + 1.0) as usize).min(coverage.height)
            {
                for x in
                    (c.left - 1.0).max(0.0) as usize..((c.right + 1.0) as usize).min(coverage.width)
                {
                    let (px, py) = (x as f32 + 0.5 - p[0], y as f32 + 0.5 - p[1]);
                    let (dx, dy) = (q[0] - p[0], q[1] - p[1]);
                    let t = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-6)).clamp(0.0, 1.0);
                    let d = (px - t * dx).hypot(py - t * dy);
                    let v = (r - d + 0.5).clamp(0.0, 1.0);
                    let w = coverage.width;
                    let s = &mut coverage.values[y * w + x];
                    *s = s.max(v);
                }
            }
        }
    }
    bounds
}
