//! A pen stroke as a few points of its path.

/// A point of the pen's path, in heights of a digit.
#[derive(Clone, Copy)]
pub struct Knot {
    /// To the right of the digit's middle.
    pub x: f64,
    /// Down from the digit's top.
    pub y: f64,
    /// Whether the pen turns sharply here instead of following a smooth curve.
    pub corner: bool,
}

/// A line written without lifting the pen.
#[derive(Default)]
pub struct Stroke {
    /// In the order of writing.
    pub knots: Vec<Knot>,
}

impl Stroke {
    /// Sets the pen down.
    pub fn from(x: f64, y: f64) -> Self {
        Self::default().to(x, y)
    }

    /// Continues smoothly to a point.
    pub fn to(mut self, x: f64, y: f64) -> Self {
        self.knots.push(Knot {
            x,
            y,
            corner: false,
        });
        self
    }

    /// Continues to a point and turns sharply there.
    pub fn corner(mut self, x: f64, y: f64) -> Self {
        self.knots.push(Knot { x, y, corner: true });
        self
    }

    /// Follows an ellipse of the given centre and semi-axes from one angle to another.
    ///
    /// Angles are degrees from the right; they grow clockwise, as seen on paper.
    pub fn arc(mut self, centre: (f64, f64), axes: (f64, f64), start: f64, end: f64) -> Self {
        let steps = ((end - start).abs() / 40.0).ceil().max(1.0);
        for step in 0..=steps as usize {
            let angle = (start + (end - start) * step as f64 / steps).to_radians();
            self = self.to(
                centre.0 + axes.0 * angle.cos(),
                centre.1 + axes.1 * angle.sin(),
            );
        }
        self
    }
}

/// Sets the pen down on an ellipse and follows it.
pub fn arc(centre: (f64, f64), axes: (f64, f64), start: f64, end: f64) -> Stroke {
    Stroke::default().arc(centre, axes, start, end)
}
