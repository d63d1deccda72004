//! The ways people write each digit, as strokes of the pen.
//!
//! A digit is about 1 high: `y` runs from 0 at its top to 1 at its bottom, `x` to the right with 0
//! in its middle. The ranges are a little wider than what MNIST's training images show.

use super::stroke::Stroke;
use crate::chance::Chance;

/// The strokes of one way of writing `digit` (0 to 9), in the order of writing.
pub fn strokes(digit: u8, chance: &mut Chance) -> Vec<Stroke> {
    match digit {
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
    }
}

/// Sets the pen down on an ellipse and follows it.
fn arc(centre: (f64, f64), axes: (f64, f64), start: f64, end: f64) -> Stroke {
    Stroke::default().arc(centre, axes, start, end)
}

/// Narrow or wide, closed with an overlap, left open by a gap, or ended by a curl.
fn zero(c: &mut Chance) -> Vec<Stroke> {
    let wide = c.between(0.2, 0.6);
    let start = c.between(-130.0, -40.0);
    let turn = c.between(325.0, 400.0);
    let direction = if c.happens(0.85) { -1.0 } else { 1.0 };
    let begin = match c.pick(&[0.62, 0.28, 0.1]) {
        0 => Stroke::default(),
        1 => Stroke::from(c.between(-0.5, 0.7) * wide, c.between(-0.16, 0.25)),
        // From far inside, as a spiral.
        _ => Stroke::from(c.between(-0.4, 0.5) * wide, c.between(0.2, 0.5)),
    };
    let ring = begin.arc((0.0, 0.5), (wide, 0.5), start, start + direction * turn);
    let curl = c.between(0.0, 0.4);
    vec![match c.pick(&[0.8, 0.13, 0.07]) {
        0 => ring,
        1 => ring.to(direction * (curl - 0.2) * wide, 0.1 + curl),
        // The end runs out over the ring.
        _ => ring.to(c.between(0.2, 1.6) * wide, c.between(-0.2, 0.1)),
    }]
}

/// A plain stick, or one with a flag that falls steeper than a 7's bar, and then perhaps a base.
fn one(c: &mut Chance) -> Vec<Stroke> {
    let lean = c.between(-0.08, 0.3);
    let (top, foot) = ((lean / 2.0, 0.0), (-lean / 2.0, 1.0));
    let bent = if c.happens(0.2) { 0.08 } else { 0.025 };
    let belly = c.bell(bent);
    if c.happens(0.35) {
        let head = |shift| Stroke::from(top.0 + shift, top.1).to(belly + shift, 0.5);
        let stick = |shift| head(shift).to(foot.0, foot.1);
        // Some go over it a second time.
        return match c.happens(0.1) {
            true => vec![stick(0.0), stick(c.between(0.04, 0.12))],
            false => vec![stick(0.0)],
        };
    }
    let reach = c.between(0.06, 0.55);
    let flag = (top.0 - reach, (reach * c.between(0.65, 1.6)).min(0.6));
    let rise = flag.1 * c.between(0.3, 0.85);
    let stick = Stroke::from(flag.0, flag.1)
        .to((flag.0 + top.0) / 2.0 + c.bell(0.02), rise)
        .corner(top.0, top.1)
        .to(belly, 0.5)
        .to(foot.0, foot.1);
    let (left, right) = (c.between(0.12, 0.4), c.between(0.12, 0.4));
    let base = Stroke::from(foot.0 - left, 1.0).to(foot.0 + right, 1.0 + c.bell(0.03));
    match c.happens(0.5) {
        true => vec![stick, base],
        false => vec![stick],
    }
}

/// A round or flat top, then a corner, a smooth turn or a loop at the lower left.
fn two(c: &mut Chance) -> Vec<Stroke> {
    if c.happens(0.14) {
        return vec![round_two(c)];
    }
    let left = c.between(-0.45, -0.15);
    let right = c.between(0.1, 0.6);
    let floor = c.between(0.8, 1.0);
    let tail = floor + c.between(-0.15, 0.2);
    let top = head_of_two(c);
    let bow = c.bell(0.04);
    vec![match c.pick(&[0.4, 0.14, 0.46]) {
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
            let high = c.between(0.06, 0.38);
            let floor = floor - c.between(0.0, 0.08);
            let right = right.max(c.between(0.3, 0.5));
            top.to(left * c.between(-0.3, 0.8), floor)
                .to(left - 0.06, floor - high * 0.4)
                .to(left * c.between(0.2, 0.8), floor - high)
                .to(0.05, floor - high * c.between(0.2, 0.9))
                .to(right * 0.65, tail)
                .to(right, tail - c.between(-0.12, 0.14))
        }
    }]
}

/// One round bow down to the floor, whose end loops back and runs out to the right.
fn round_two(c: &mut Chance) -> Stroke {
    let (wide, half) = (c.between(0.2, 0.42), c.between(0.38, 0.48));
    let (left, right) = (c.between(-0.5, -0.2), c.between(0.3, 0.65));
    let roof = 2.0 * half - c.between(0.2, 0.45);
    arc(
        (0.0, half),
        (wide, half),
        c.between(-190.0, -110.0),
        c.between(70.0, 110.0),
    )
    .to(left, (2.0 * half + roof) / 2.0)
    .to(left * c.between(0.2, 0.7), roof)
    .to(right * 0.5, roof + c.between(0.05, 0.25))
    .to(right, c.between(0.85, 1.1))
}

/// The upper part of a two, down to where its right side turns inwards.
fn head_of_two(c: &mut Chance) -> Stroke {
    let wide = c.between(0.13, 0.4);
    if c.happens(0.13) {
        return Stroke::from(-wide, c.between(0.0, 0.12)).corner(wide, c.between(-0.02, 0.06));
    }
    let high = c.between(0.14, 0.36);
    let shoulder = c.between(-0.1, 0.1);
    let (start, end) = (c.between(-225.0, -100.0), c.between(-10.0, 60.0));
    arc((shoulder, high), (wide, high), start, end)
}

/// A round or flat top over a round belly, with a cusp, a soft dent or a small loop between them.
fn three(c: &mut Chance) -> Vec<Stroke> {
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
        false => Stroke::from(-0.25 + c.bell(0.06), 0.04 + c.bell(0.04))
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
    let tail = centre.0 - lower - c.between(-0.1, 0.25);
    vec![match c.happens(0.35) {
        true => joined
            .arc(centre, (lower, below), begin, c.between(60.0, 90.0))
            .to(tail, c.between(0.9, 1.04)),
        false => joined.arc(centre, (lower, below), begin, c.between(80.0, 200.0)),
    }]
}

/// Open or closed at the top, with an angular or a round elbow, in two strokes or in one.
fn four(c: &mut Chance) -> Vec<Stroke> {
    let bar = c.between(0.4, 0.7);
    let left = c.between(-0.44, -0.22);
    let reach = c.between(0.2, 0.52);
    let stem = c.between(0.03, 0.26);
    let foot = stem + c.bell(0.05);
    let rise = c.bell(0.05);
    match c.pick(&[0.42, 0.22, 0.2, 0.16]) {
        // Open: an angular L crossed by the stem.
        0 => vec![
            Stroke::from(left + c.between(0.0, 0.2), c.between(-0.05, 0.18))
                .corner(left, bar)
                .to(reach, bar + rise),
            Stroke::from(stem, c.between(-0.05, 0.35)).to(foot, 1.0),
        ],
        // Open: a round U whose right arm is the stem.
        1 => vec![
            Stroke::from(left + c.between(0.0, 0.12), c.between(-0.05, 0.15))
                .to(left + 0.02, bar * 0.7)
                .to(left * 0.3, bar)
                .to(stem, bar - c.between(0.0, 0.1)),
            Stroke::from(stem, c.between(-0.05, 0.2)).to(foot, 1.0),
        ],
        // Closed: the diagonal and the stem start together.
        2 => vec![
            Stroke::from(stem, 0.0)
                .corner(left, bar)
                .to(reach, bar + rise),
            Stroke::from(stem, c.between(-0.04, 0.04)).to(foot, 1.0),
        ],
        // Without lifting the pen: down, across, up to the top and down the stem.
        _ => vec![
            Stroke::from(left + c.between(0.0, 0.25), c.between(-0.05, 0.15))
                .to(left, bar * 0.8)
                .to(left * 0.4, bar)
                .to(stem * 0.5, bar * 0.8)
                .corner(stem + 0.05, c.between(0.02, 0.25))
                .to(foot, 1.0),
        ],
    }
}

/// In one stroke from the roof's right end, or with the roof put on last; angular or like an S.
fn five(c: &mut Chance) -> Vec<Stroke> {
    let roof = c.between(0.05, 0.75);
    let neck = c.between(-0.3, 0.0);
    let lift = c.between(-0.24, 0.1);
    let waist = c.between(0.25, 0.52);
    let sag = c.between(-0.12, 0.05);
    let radii = (
        c.between(0.14, 0.4),
        (1.0 - waist) / 2.0 + c.between(0.0, 0.04),
    );
    let centre = (neck + radii.0 * c.between(0.4, 0.8), 1.0 - radii.1);
    let start = c.between(-120.0, -70.0);
    let end = c.between(80.0, 200.0);
    let tail = (
        centre.0 - radii.0 - c.between(-0.1, 0.2),
        c.between(0.88, 1.02),
    );
    let belly = |neck: Stroke, start| match neck.arc(centre, radii, start, end) {
        // A belly that ends early runs out flat.
        bowl if end < 110.0 => bowl.to(tail.0, tail.1),
        bowl => bowl,
    };
    let elbow = |roof: Stroke| belly(roof.corner(neck + sag, waist), start);
    match c.pick(&[0.4, 0.35, 0.25]) {
        0 => vec![elbow(Stroke::from(roof, lift).corner(neck, 0.03))],
        1 => {
            let gap = c.between(-0.06, 0.12);
            let put_on = Stroke::from(neck + gap, c.between(-0.06, 0.1)).to(roof, lift - 0.02);
            vec![elbow(Stroke::from(neck, 0.03)), put_on]
        }
        _ => {
            let bent = Stroke::from(roof, lift.abs())
                .to(neck + 0.15, 0.0)
                .to(neck, waist * 0.5)
                .to(neck + 0.12, waist);
            vec![belly(bent, -50.0)]
        }
    }
}

/// A straight or bent stem into a small or large loop that closes, overlaps or stays open.
fn six(c: &mut Chance) -> Vec<Stroke> {
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
    let bowl = Stroke::from(top, c.between(-0.02, 0.08))
        .to((top + lean - wide) * 0.5 - bow, side * 0.5)
        .arc(centre, (wide, high), down, 40.0);
    let narrowed = (wide * c.between(0.6, 1.0), high);
    let end = (
        lean - wide * c.between(0.3, 1.2),
        1.0 - high * c.between(0.3, 1.5),
    );
    vec![match c.happens(0.6) {
        true => bowl.arc(centre, narrowed, 0.0, -120.0).to(end.0, end.1),
        false => bowl.arc(centre, narrowed, 0.0, c.between(-260.0, -70.0)),
    }]
}

/// Like a C whose lower end curls inwards.
fn curled_six(c: &mut Chance) -> Stroke {
    let wide = c.between(0.2, 0.42);
    let roof = c.between(0.44, 0.7);
    let begin = c.between(-80.0, -30.0);
    arc((0.0, 0.5), (wide, 0.5), begin, -300.0)
        .to(wide * c.between(0.7, 1.0), (roof + 1.0) / 2.0)
        .to(wide * c.between(0.1, 0.4), roof)
        .to(-wide * c.between(0.2, 0.6), roof + c.between(0.02, 0.12))
        .to(-wide * c.between(0.3, 1.1), roof + c.between(0.12, 0.35))
}

/// With or without a bar through the stem, a serif at the roof or a base, angular or bent.
fn seven(c: &mut Chance) -> Vec<Stroke> {
    let is_narrow = c.happens(0.25);
    let (left, right, foot) = match is_narrow {
        // Hardly more than a hooked stick, whose bar is flat all the same.
        true => {
            let right = c.between(0.06, 0.2);
            (
                c.between(-0.22, -0.1),
                right,
                right - c.between(-0.05, 0.22),
            )
        }
        false => {
            let foot = c.between(-0.25, 0.28);
            (c.between(-0.46, -0.15), c.between(0.12, 0.42), foot)
        }
    };
    let lift = c.between(-0.12, 0.08);
    let bow = if is_narrow {
        c.bell(0.02)
    } else {
        c.between(-0.1, 0.08)
    };
    let serif = left - c.between(-0.03, 0.08);
    let roof = match c.pick(&[0.55, 0.35, 0.1]) {
        0 => Stroke::from(left, c.between(-0.04, 0.2)),
        1 => Stroke::from(serif, c.between(0.08, 0.42)).corner(left, 0.04),
        _ => Stroke::from(serif, c.between(-0.06, 0.06)).corner(left, c.between(0.1, 0.2)),
    };
    let roof = roof.to((left + right) / 2.0, 0.06 + c.bell(0.05));
    let turned = match c.happens(0.7) {
        true => roof.corner(right, lift),
        false => roof.to(right - 0.04, 0.05).to(right, c.between(0.12, 0.25)),
    };
    let centre = (right + foot) / 2.0 + bow;
    let stem = turned.to(centre, 0.5).to(foot, 1.0);
    let bar = c.between(0.4, 0.68);
    let reach = c.between(0.12, 0.36);
    let crossbar = Stroke::from(centre - reach, bar).to(centre + reach, bar + c.bell(0.04));
    let base = Stroke::from(foot - c.between(0.04, 0.18), 1.0)
        .to(foot + c.between(0.04, 0.25), 1.0 + c.bell(0.03));
    match c.pick(&[0.76, 0.17, 0.07]) {
        0 => vec![stem],
        1 => vec![stem, crossbar],
        _ => vec![stem, base],
    }
}

/// Two crossing bows in one stroke, begun at the upper right or left, round or with a flat foot;
/// or two loops on each other.
fn eight(c: &mut Chance) -> Vec<Stroke> {
    let middle = c.between(0.34, 0.6);
    let (upper, lower) = (c.between(0.15, 0.38), c.between(0.1, 0.38));
    let (above, below) = (middle / 2.0, (1.0 - middle) / 2.0);
    let (head, belly) = ((c.bell(0.07), above), (c.bell(0.07), middle + below));
    if c.happens(0.15) {
        let start = c.between(-180.0, 180.0);
        return vec![
            arc(head, (upper, above), start, start - c.between(345.0, 380.0)),
            arc(belly, (lower, below), -90.0, c.between(255.0, 290.0)),
        ];
    }
    let start = c.between(-110.0, 0.0);
    let end = (
        head.0 + upper * c.between(0.0, 2.0),
        above * c.between(-0.2, 1.1),
    );
    let crossed = arc(head, (upper, above), start, -200.0).to(c.bell(0.03), middle);
    let closed = match c.happens(0.25) {
        true => crossed
            .corner(lower, c.between(0.9, 1.0))
            .corner(-lower, c.between(0.9, 1.0)),
        false => crossed.arc(belly, (lower, below), -20.0, 200.0),
    };
    let mut stroke = closed.to(c.bell(0.03), middle).to(end.0, end.1);
    if c.happens(0.2) {
        for knot in &mut stroke.knots {
            knot.x = -knot.x;
        }
    }
    vec![stroke]
}

/// A closed or open loop with a straight, bent or hooked tail.
fn nine(c: &mut Chance) -> Vec<Stroke> {
    let high = c.between(0.13, 0.36);
    let least = if c.happens(0.15) { 0.06 } else { 0.13 };
    let wide = c.between(least, 0.45);
    let start = c.between(-110.0, 15.0);
    let flourish = match c.happens(0.25) {
        true => Stroke::from(wide * c.between(0.9, 1.7), c.between(-0.08, 0.1)),
        false => Stroke::default(),
    };
    let bowl = flourish
        .arc((0.0, high), (wide, high), start, c.between(-310.0, -270.0))
        .to(wide * c.between(0.6, 1.0), high * c.between(0.8, 1.3));
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
