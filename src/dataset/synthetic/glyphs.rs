//! The ways people write each digit, as strokes of the pen.
//!
//! Coordinates: a digit is about 1 high, `y` runs from 0 at its top to 1 at its bottom, `x` runs to
//! the right with 0 in its middle. Angles are degrees from the right, clockwise as seen on paper.

use super::chance::Chance;

/// A place that the pen passes.
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
pub type Stroke = Vec<Knot>;

/// The strokes of one way of writing `digit` (0 to 9), in the order of writing.
pub fn strokes(digit: u8, chance: &mut Chance) -> Vec<Stroke> {
    let paths = match digit {
        0 => zero(chance),
        1 => one(chance),
        2 => two(chance),
        3 => three(chance),
        4 => four(chance),
        5 => five(chance),
        6 => six(chance),
        7 => seven(chance),
        8 => eight(chance),
        _ => nine(chance),
    };
    paths.into_iter().map(|path| path.0).collect()
}

/// A stroke under construction.
struct Path(Stroke);

/// Sets the pen down.
fn from(x: f64, y: f64) -> Path {
    Path(Vec::new()).to(x, y)
}

impl Path {
    /// Goes on smoothly to a place.
    fn to(mut self, x: f64, y: f64) -> Self {
        self.0.push(Knot {
            x,
            y,
            corner: false,
        });
        self
    }

    /// Goes on to a place and turns sharply there.
    fn corner(mut self, x: f64, y: f64) -> Self {
        self.0.push(Knot { x, y, corner: true });
        self
    }

    /// Follows an ellipse about a centre from one angle to another, clockwise if that is larger.
    fn arc(mut self, (x, y): (f64, f64), (wide, high): (f64, f64), start: f64, end: f64) -> Self {
        let steps = ((end - start).abs() / 40.0).ceil().max(1.0);
        for step in 0..=steps as usize {
            let angle = (start + (end - start) * step as f64 / steps).to_radians();
            self = self.to(x + wide * angle.cos(), y + high * angle.sin());
        }
        self
    }
}

/// Follows an ellipse from the start.
fn arc(centre: (f64, f64), radii: (f64, f64), start: f64, end: f64) -> Path {
    Path(Vec::new()).arc(centre, radii, start, end)
}

/// Narrow or wide, closed with an overlap, left open by a gap, or ended by a curl.
fn zero(c: &mut Chance) -> Vec<Path> {
    let wide = c.between(0.2, 0.6);
    let start = c.between(-130.0, -40.0);
    let turn = c.between(325.0, 400.0);
    let direction = if c.happens(0.85) { -1.0 } else { 1.0 };
    let begin = match c.happens(0.25) {
        true => from(c.between(-0.1, 0.5) * wide, c.between(-0.12, 0.12)),
        false => Path(Vec::new()),
    };
    let ring = begin.arc((0.0, 0.5), (wide, 0.5), start, start + direction * turn);
    let curl = c.between(0.0, 0.3);
    vec![match c.happens(0.12) {
        true => ring.to(direction * (curl - 0.2) * wide, 0.1 + curl),
        false => ring,
    }]
}

/// Mostly a plain stick; sometimes with a flag, and then perhaps with a base.
fn one(c: &mut Chance) -> Vec<Path> {
    let lean = c.between(-0.08, 0.3);
    let (top, foot) = ((lean / 2.0, 0.0), (-lean / 2.0, 1.0));
    let belly = c.bell(0.025);
    if c.happens(0.75) {
        return vec![from(top.0, top.1).to(belly, 0.5).to(foot.0, foot.1)];
    }
    let flag = (top.0 - c.between(0.05, 0.33), c.between(0.06, 0.36));
    let stick = from(flag.0, flag.1)
        .to(
            (flag.0 + top.0) / 2.0 + c.bell(0.02),
            flag.1 * c.between(0.3, 0.6),
        )
        .corner(top.0, top.1)
        .to(belly, 0.5)
        .to(foot.0, foot.1);
    let (left, right) = (c.between(0.12, 0.4), c.between(0.12, 0.4));
    match c.happens(0.5) {
        true => vec![
            stick,
            from(foot.0 - left, 1.0).to(foot.0 + right, 1.0 + c.bell(0.03)),
        ],
        false => vec![stick],
    }
}

/// A round or flat top, then a corner, a smooth turn or a loop at the lower left.
fn two(c: &mut Chance) -> Vec<Path> {
    let wide = c.between(0.13, 0.38);
    let high = c.between(0.14, 0.34);
    let shoulder = c.between(-0.1, 0.1);
    let top = match c.happens(0.85) {
        true => {
            let begin = c.between(-225.0, -100.0);
            arc(
                (shoulder, high),
                (wide, high),
                begin,
                c.between(-10.0, 45.0),
            )
        }
        false => from(-wide, c.between(0.0, 0.12)).corner(wide, c.between(-0.02, 0.06)),
    };
    let left = c.between(-0.45, -0.15);
    let right = c.between(0.1, 0.6);
    let floor = c.between(0.8, 1.0);
    let tail = floor + c.between(-0.15, 0.25);
    let bow = c.bell(0.04);
    vec![match c.pick(&[0.45, 0.15, 0.4]) {
        0 => top
            .to(left * 0.4 + bow, 0.72)
            .corner(left, floor)
            .to((left + right) / 2.0, (floor + tail) / 2.0 + bow)
            .to(right, tail),
        1 => top
            .to(left * 0.3, floor - 0.18)
            .to(left, floor)
            .to(0.0, floor - c.between(0.05, 0.15))
            .to(right * 0.7, tail)
            .to(right, tail - c.between(-0.02, 0.1)),
        _ => {
            let loop_high = c.between(0.06, 0.36);
            let loop_middle = left * c.between(0.3, 0.8);
            top.to(left * 0.2 + 0.1, floor - 0.22)
                .to(loop_middle, floor)
                .to(left - 0.06, floor - loop_high * 0.4)
                .to(loop_middle, floor - loop_high)
                .to(0.05, floor - loop_high * c.between(0.2, 0.9))
                .to(right * 0.65, tail)
                .to(right, tail - c.between(-0.12, 0.14))
        }
    }]
}

/// A round or flat top over a round belly, with a cusp, a soft dent or a small loop between them.
fn three(c: &mut Chance) -> Vec<Path> {
    let middle = c.between(0.33, 0.58);
    let dent = c.between(-0.2, 0.2);
    let upper = c.between(0.12, 0.34);
    let lower = c.between(0.16, 0.4);
    let shift = c.bell(0.08);
    let top = match c.happens(0.8) {
        true => {
            let (begin, end) = (c.between(-215.0, -100.0), c.between(-5.0, 60.0));
            arc((shift, middle / 2.0), (upper, middle / 2.0), begin, end)
        }
        false => from(-0.25 + c.bell(0.06), 0.04 + c.bell(0.04))
            .corner(c.between(0.08, 0.34), c.between(-0.06, 0.05)),
    };
    let joined = match c.pick(&[0.6, 0.22, 0.18]) {
        0 => top.corner(dent, middle),
        1 => top.to(dent + 0.05, middle),
        _ => {
            let curl = c.between(0.02, 0.08);
            top.to(dent, middle + curl)
                .to(dent - 0.1, middle)
                .to(dent, middle - curl)
        }
    };
    let below = (1.0 - middle) / 2.0;
    let centre = (-shift, middle + below);
    let begin = c.between(-75.0, -20.0);
    vec![match c.happens(0.35) {
        true => joined
            .arc(centre, (lower, below), begin, c.between(60.0, 90.0))
            .to(
                centre.0 - lower - c.between(-0.1, 0.25),
                c.between(0.9, 1.04),
            ),
        false => joined.arc(centre, (lower, below), begin, c.between(80.0, 200.0)),
    }]
}

/// Open or closed at the top, with an angular or a round elbow, in two strokes or in one.
fn four(c: &mut Chance) -> Vec<Path> {
    let bar = c.between(0.4, 0.7);
    let left = c.between(-0.44, -0.22);
    let reach = c.between(0.2, 0.52);
    let stem = c.between(0.03, 0.26);
    let foot = stem + c.bell(0.05);
    let rise = c.bell(0.05);
    match c.pick(&[0.42, 0.22, 0.2, 0.16]) {
        // Open: an angular L crossed by the stem.
        0 => vec![
            from(left + c.between(0.0, 0.2), c.between(-0.05, 0.18))
                .corner(left, bar)
                .to(reach, bar + rise),
            from(stem, c.between(-0.05, 0.35)).to(foot, 1.0),
        ],
        // Open: a round U whose right arm is the stem.
        1 => vec![
            from(left + c.between(0.0, 0.12), c.between(-0.05, 0.15))
                .to(left + 0.02, bar * 0.7)
                .to(left * 0.3, bar)
                .to(stem, bar - c.between(0.0, 0.1)),
            from(stem, c.between(-0.05, 0.2)).to(foot, 1.0),
        ],
        // Closed: the diagonal and the stem start together.
        2 => vec![
            from(stem, 0.0).corner(left, bar).to(reach, bar + rise),
            from(stem, c.between(-0.04, 0.04)).to(foot, 1.0),
        ],
        // Without lifting the pen: down, across, up to the top and down the stem.
        _ => vec![
            from(left + c.between(0.0, 0.25), c.between(-0.05, 0.15))
                .to(left, bar * 0.8)
                .to(left * 0.4, bar)
                .to(stem * 0.5, bar * 0.8)
                .corner(stem + 0.05, c.between(0.02, 0.25))
                .to(foot, 1.0),
        ],
    }
}

/// In one stroke from the roof's right end, or with the roof put on last; angular or like an S.
fn five(c: &mut Chance) -> Vec<Path> {
    let roof = c.between(0.05, 0.75);
    let neck = c.between(-0.28, -0.05);
    let lift = c.between(-0.16, 0.08);
    let waist = c.between(0.25, 0.52);
    let sag = c.between(-0.12, 0.05);
    let radii = (
        c.between(0.14, 0.4),
        (1.0 - waist) / 2.0 + c.between(0.0, 0.04),
    );
    let centre = (neck + radii.0 * c.between(0.4, 0.8), 1.0 - radii.1);
    let start = c.between(-120.0, -70.0);
    let end = c.between(80.0, 200.0);
    let elbow = |path: Path| {
        path.corner(neck + sag, waist)
            .arc(centre, radii, start, end)
    };
    let mut strokes = match c.pick(&[0.4, 0.35, 0.25]) {
        0 => vec![elbow(from(roof, lift).corner(neck, 0.03))],
        1 => {
            let gap = c.between(-0.06, 0.12);
            let put_on = from(neck + gap, c.between(-0.06, 0.1)).to(roof, lift - 0.02);
            vec![elbow(from(neck, 0.03)), put_on]
        }
        _ => vec![
            from(roof, lift.abs())
                .to(neck + 0.15, 0.0)
                .to(neck, waist * 0.5)
                .to(neck + 0.12, waist)
                .arc(centre, radii, -50.0, end),
        ],
    };
    if end < 110.0 {
        let tail = centre.0 - radii.0 - c.between(-0.1, 0.2);
        strokes[0].0.push(Knot {
            x: tail,
            y: c.between(0.88, 1.02),
            corner: false,
        });
    }
    strokes
}

/// A straight or bent stem into a small or large loop that closes, overlaps or stays open.
fn six(c: &mut Chance) -> Vec<Path> {
    if c.happens(0.3) {
        return vec![curled_six(c)];
    }
    let high = c.between(0.12, 0.32);
    let wide = c.between(0.16, 0.45);
    let top = c.between(-0.15, 0.4);
    let bow = c.between(-0.04, 0.14);
    let lean = c.between(0.0, 0.14);
    let centre = (lean, 1.0 - high);
    let side = 1.0 - high * 1.2;
    let down = c.between(160.0, 190.0);
    let bowl = from(top, c.between(-0.02, 0.08))
        .to((top + lean - wide) * 0.5 - bow, side * 0.5)
        .arc(centre, (wide, high), down, 40.0);
    let narrowed = (wide * c.between(0.6, 1.0), high);
    vec![match c.happens(0.6) {
        true => bowl.arc(centre, narrowed, 0.0, -120.0).to(
            lean - wide * c.between(0.3, 1.2),
            1.0 - high * c.between(0.3, 1.5),
        ),
        false => bowl.arc(centre, narrowed, 0.0, c.between(-260.0, -70.0)),
    }]
}

/// Like a C whose lower end curls inwards.
fn curled_six(c: &mut Chance) -> Path {
    let wide = c.between(0.2, 0.42);
    let roof = c.between(0.4, 0.68);
    let begin = c.between(-80.0, -30.0);
    arc((0.0, 0.5), (wide, 0.5), begin, -300.0)
        .to(wide * c.between(0.7, 1.0), (roof + 1.0) / 2.0)
        .to(wide * c.between(0.1, 0.4), roof)
        .to(-wide * c.between(0.2, 0.6), roof + c.between(0.02, 0.12))
        .to(-wide * c.between(0.3, 1.1), roof + c.between(0.12, 0.35))
}

/// With or without a bar through the stem and a serif at the roof, angular or bent.
fn seven(c: &mut Chance) -> Vec<Path> {
    let left = c.between(-0.46, -0.15);
    let right = c.between(0.12, 0.42);
    let lift = c.between(-0.12, 0.08);
    let foot = c.between(-0.25, 0.28);
    let bow = c.between(-0.1, 0.08);
    let serif = left - c.between(-0.03, 0.08);
    let roof = match c.pick(&[0.5, 0.35, 0.15]) {
        0 => from(left, c.between(-0.04, 0.2)),
        1 => from(serif, c.between(0.08, 0.42)).corner(left, 0.04),
        _ => from(serif, c.between(-0.1, 0.1)).corner(left, c.between(0.12, 0.3)),
    };
    let roof = roof.to((left + right) / 2.0, 0.06 + c.bell(0.05));
    let turned = match c.happens(0.7) {
        true => roof.corner(right, lift),
        false => roof.to(right - 0.04, 0.05).to(right, c.between(0.12, 0.25)),
    };
    let centre = (right + foot) / 2.0 + bow;
    let stem = turned.to(centre, 0.5).to(foot, 1.0);
    let bar = c.between(0.4, 0.6);
    let reach = c.between(0.12, 0.32);
    match c.happens(0.17) {
        true => vec![
            stem,
            from(centre - reach, bar).to(centre + reach, bar + c.bell(0.04)),
        ],
        false => vec![stem],
    }
}

/// Two crossing bows in one stroke, begun at the upper right or left, or two loops on each other.
fn eight(c: &mut Chance) -> Vec<Path> {
    let middle = c.between(0.34, 0.6);
    let (upper, lower) = (c.between(0.15, 0.38), c.between(0.1, 0.38));
    let (above, below) = (middle / 2.0, (1.0 - middle) / 2.0);
    let (head, belly) = ((c.bell(0.05), above), (c.bell(0.05), middle + below));
    if c.happens(0.15) {
        let start = c.between(-180.0, 180.0);
        return vec![
            arc(head, (upper, above), start, start - c.between(345.0, 380.0)),
            arc(
                belly,
                (lower, below),
                -90.0,
                -90.0 + c.between(345.0, 380.0),
            ),
        ];
    }
    let start = c.between(-110.0, 0.0);
    let end = (
        head.0 + upper * c.between(0.0, 1.6),
        above * c.between(-0.1, 1.1),
    );
    let mut path = arc(head, (upper, above), start, -200.0)
        .to(c.bell(0.03), middle)
        .arc(belly, (lower, below), -20.0, 200.0)
        .to(c.bell(0.03), middle)
        .to(end.0, end.1);
    if c.happens(0.2) {
        for knot in &mut path.0 {
            knot.x = -knot.x;
        }
    }
    vec![path]
}

/// A closed or open loop with a straight, bent or hooked tail.
fn nine(c: &mut Chance) -> Vec<Path> {
    let high = c.between(0.13, 0.36);
    let wide = c.between(0.13, 0.45);
    let start = c.between(-110.0, 15.0);
    let flourish = match c.happens(0.25) {
        true => from(wide * c.between(0.9, 1.7), c.between(-0.08, 0.1)),
        false => Path(Vec::new()),
    };
    let bowl = flourish
        .arc(
            (0.0, high),
            (wide, high),
            start,
            -270.0 - c.between(0.0, 40.0),
        )
        .to(wide * c.between(0.5, 0.95), high * c.between(0.8, 1.5));
    let top = (wide + c.between(-0.08, 0.08), high * c.between(-0.1, 1.2));
    let joined = match c.happens(0.6) {
        true => bowl.corner(top.0, top.1),
        false => bowl.to(top.0, top.1),
    };
    let foot = wide + c.between(-0.35, 0.08);
    vec![match c.pick(&[0.56, 0.29, 0.15]) {
        0 => joined
            .to((top.0 + foot) / 2.0 + c.bell(0.04), 0.6)
            .to(foot, 1.0),
        1 => joined
            .to(wide, 0.6)
            .to(wide * 0.7, 0.88)
            .to(0.0, 1.0)
            .to(-wide * c.between(0.3, 1.2), c.between(0.8, 0.95)),
        _ => joined
            .to(foot + 0.05, 0.6)
            .to(foot, 0.9)
            .to(foot + c.between(-0.2, 0.2), 1.0),
    }]
}
