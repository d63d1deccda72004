//! A line that may bend.

/// Pixels at the end of a curve that tell where it would go on.
const END: f32 = 40.0;

/// A position across as a function of the position along: `y` of `x` for a level line, `x` of `y`
/// for an upright one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    /// Along and across, ascending along; never empty.
    knots: Vec<[f32; 2]>,
}

impl Curve {
    /// A curve through points of along and across; none without two of them.
    pub(super) fn new(mut knots: Vec<[f32; 2]>) -> Option<Self> {
        knots.sort_by(|a, b| a[0].total_cmp(&b[0]));
        knots.dedup_by(|b, a| b[0] - a[0] < 1e-3);
        (knots.len() > 1 && knots.iter().flatten().all(|at| at.is_finite()))
            .then_some(Self { knots })
    }

    /// A straight line across at one position.
    pub(super) fn straight([start, end]: [f32; 2], across: f32) -> Self {
        Self {
            knots: vec![[start, across], [end.max(start + 1e-2), across]],
        }
    }

    pub(super) fn knots(&self) -> &[[f32; 2]] {
        &self.knots
    }

    fn first(&self) -> [f32; 2] {
        self.knots.first().copied().unwrap_or_default()
    }

    fn last(&self) -> [f32; 2] {
        self.knots.last().copied().unwrap_or_default()
    }

    /// Where it starts.
    pub(super) fn start(&self) -> f32 {
        self.first()[0]
    }

    /// Where it ends.
    pub(super) fn end(&self) -> f32 {
        self.last()[0]
    }

    /// Its extent along.
    pub(super) fn length(&self) -> f32 {
        self.end() - self.start()
    }

    /// Half-way along.
    pub(super) fn middle(&self) -> f32 {
        (self.start() + self.end()) / 2.0
    }

    /// Slope of the chord between its ends.
    pub(super) fn slope(&self) -> f32 {
        slope(self.first(), self.last())
    }

    /// The position across; beyond its ends it goes on straight.
    pub(super) fn at(&self, along: f32) -> f32 {
        let after = self.knots.partition_point(|knot| knot[0] < along);
        let (a, b) = match after {
            0 => {
                let near = |knot: &&[f32; 2]| knot[0] >= self.start() + END;
                let other = self.knots.iter().find(near).copied();
                (self.first(), other.unwrap_or(self.last()))
            }
            _ if after == self.knots.len() => {
                let near = |knot: &&[f32; 2]| knot[0] <= self.end() - END;
                let other = self.knots.iter().rev().find(near).copied();
                (self.last(), other.unwrap_or(self.first()))
            }
            _ => (self.knots[after - 1], self.knots[after]),
        };
        a[1] + (along - a[0]) * slope(a, b)
    }

    /// Both as one line; where both are, the longer one counts.
    pub(super) fn joined(&self, other: &Self) -> Self {
        let (long, short) = match self.length() >= other.length() {
            true => (self, other),
            false => (other, self),
        };
        let outside = |knot: &&[f32; 2]| !(long.start()..=long.end()).contains(&knot[0]);
        let mut knots = long.knots.clone();
        knots.extend(short.knots.iter().filter(outside));
        knots.sort_by(|a, b| a[0].total_cmp(&b[0]));
        Self { knots }
    }
}

fn slope(a: [f32; 2], b: [f32; 2]) -> f32 {
    let along = b[0] - a[0];
    if along.abs() < 1e-3 {
        0.0
    } else {
        (b[1] - a[1]) / along
    }
}

/// Where a level and an upright curve cross, as `x` and `y`.
pub(super) fn crossing(level: &Curve, upright: &Curve) -> [f32; 2] {
    let mut y = level.at(upright.at(upright.middle()));
    let mut x = upright.at(y);
    // Their slopes are below one, so that this converges; four steps leave less than a pixel.
    for _ in 0..4 {
        y = level.at(x);
        x = upright.at(y);
    }
    [x, y]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_on_straight_beyond_its_ends() {
        let curve = Curve::new(vec![[0.0, 10.0], [50.0, 10.0], [100.0, 20.0]]).unwrap();
        assert_eq!([25.0, 75.0].map(|at| curve.at(at)), [10.0, 15.0]);
        assert_eq!([-50.0, 150.0].map(|at| curve.at(at)), [10.0, 30.0]);
        assert!(Curve::new(vec![[3.0, 1.0], [3.0, 2.0]]).is_none());
        assert!(Curve::new(vec![[3.0, 1.0], [f32::NAN, 2.0]]).is_none());
    }

    #[test]
    fn curves_cross_where_both_are() {
        let level = Curve::new(vec![[0.0, 100.0], [200.0, 140.0]]).unwrap();
        let upright = Curve::new(vec![[0.0, 50.0], [200.0, 90.0]]).unwrap();
        let [x, y] = crossing(&level, &upright);
        assert!((level.at(x) - y).abs() < 0.05 && (upright.at(y) - x).abs() < 0.05);
    }
}
