//! Common ways of writing 5 to 9.

use super::super::stroke::{Stroke, arc};
use crate::random::SeededRng;

/// In one stroke from the right end of the top bar, or with the top bar drawn last; angular or like
/// an S.
pub(super) fn five(c: &mut SeededRng) -> Vec<Stroke> {
    let roof = c.uniform(0.05, 0.75);
    let neck = c.uniform(-0.28, -0.05);
    let lift = c.uniform(-0.16, 0.08);
    let waist = c.uniform(0.25, 0.52);
    let sag = c.uniform(-0.12, 0.05);
    let radii = (
        c.uniform(0.14, 0.4),
        (1.0 - waist) / 2.0 + c.uniform(0.0, 0.04),
    );
    let centre = (neck + radii.0 * c.uniform(0.4, 0.8), 1.0 - radii.1);
    let start = c.uniform(-120.0, -70.0);
    let end = c.uniform(80.0, 200.0);
    let tail = (
        centre.0 - radii.0 - c.uniform(-0.1, 0.2),
        c.uniform(0.88, 1.02),
    );
    let belly = |neck: Stroke, start| match neck.arc(centre, radii, start, end) {
        // A belly that ends early runs out flat.
        bowl if end < 110.0 => bowl.to(tail.0, tail.1),
        bowl => bowl,
    };
    let elbow = |roof: Stroke| belly(roof.corner(neck + sag, waist), start);
    match c.weighted_index(&[0.4, 0.35, 0.25]) {
        0 => vec![elbow(Stroke::from(roof, lift).corner(neck, 0.03))],
        1 => {
            let gap = c.uniform(-0.06, 0.12);
            let put_on = Stroke::from(neck + gap, c.uniform(-0.06, 0.1)).to(roof, lift - 0.02);
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
pub(super) fn six(c: &mut SeededRng) -> Vec<Stroke> {
    if c.random_bool(0.3) {
        return vec![curled_six(c)];
    }
    let high = c.uniform(0.12, 0.32);
    let wide = c.uniform(0.16, 0.45);
    let top = c.uniform(-0.15, 0.4);
    let bow = c.uniform(-0.04, 0.14);
    let lean = c.uniform(0.0, 0.14);
    let centre = (lean, 1.0 - high);
    let side = 1.0 - high * 1.2;
    let down = c.uniform(160.0, 190.0);
    let bowl = Stroke::from(top, c.uniform(-0.02, 0.08))
        .to((top + lean - wide) * 0.5 - bow, side * 0.5)
        .arc(centre, (wide, high), down, 40.0);
    let narrowed = (wide * c.uniform(0.6, 1.0), high);
    let end = (
        lean - wide * c.uniform(0.3, 1.2),
        1.0 - high * c.uniform(0.3, 1.5),
    );
    vec![match c.random_bool(0.6) {
        true => bowl.arc(centre, narrowed, 0.0, -120.0).to(end.0, end.1),
        false => bowl.arc(centre, narrowed, 0.0, c.uniform(-260.0, -70.0)),
    }]
}

/// Like a C whose lower end curls inwards.
fn curled_six(c: &mut SeededRng) -> Stroke {
    let wide = c.uniform(0.2, 0.42);
    let roof = c.uniform(0.44, 0.7);
    let begin = c.uniform(-80.0, -30.0);
    arc((0.0, 0.5), (wide, 0.5), begin, -300.0)
        .to(wide * c.uniform(0.7, 1.0), (roof + 1.0) / 2.0)
        .to(wide * c.uniform(0.1, 0.4), roof)
        .to(-wide * c.uniform(0.2, 0.6), roof + c.uniform(0.02, 0.12))
        .to(-wide * c.uniform(0.3, 1.1), roof + c.uniform(0.12, 0.35))
}

/// With or without a bar through the stem, a serif at the top or a base; angular or bent.
pub(super) fn seven(c: &mut SeededRng) -> Vec<Stroke> {
    let is_narrow = c.random_bool(0.25);
    let (left, right, foot) = match is_narrow {
        // Hardly more than a hooked stick, whose bar is flat all the same.
        true => {
            let right = c.uniform(0.06, 0.2);
            (
                c.uniform(-0.22, -0.1),
                right,
                right - c.uniform(-0.05, 0.22),
            )
        }
        false => {
            let foot = c.uniform(-0.25, 0.28);
            (c.uniform(-0.46, -0.15), c.uniform(0.12, 0.42), foot)
        }
    };
    let lift = c.uniform(-0.12, 0.08);
    let bow = if is_narrow {
        c.approx_normal(0.02)
    } else {
        c.uniform(-0.1, 0.08)
    };
    let serif = left - c.uniform(-0.03, 0.08);
    let roof = match c.weighted_index(&[0.55, 0.35, 0.1]) {
        0 => Stroke::from(left, c.uniform(-0.04, 0.2)),
        1 => Stroke::from(serif, c.uniform(0.08, 0.42)).corner(left, 0.04),
        _ => Stroke::from(serif, c.uniform(-0.06, 0.06)).corner(left, c.uniform(0.1, 0.2)),
    };
    let roof = roof.to((left + right) / 2.0, 0.06 + c.approx_normal(0.05));
    let turned = match c.random_bool(0.7) {
        true => roof.corner(right, lift),
        false => roof.to(right - 0.04, 0.05).to(right, c.uniform(0.12, 0.25)),
    };
    let centre = (right + foot) / 2.0 + bow;
    let stem = turned.to(centre, 0.5).to(foot, 1.0);
    let bar = c.uniform(0.4, 0.68);
    let reach = c.uniform(0.12, 0.36);
    let crossbar =
        Stroke::from(centre - reach, bar).to(centre + reach, bar + c.approx_normal(0.04));
    let base = Stroke::from(foot - c.uniform(0.04, 0.18), 1.0)
        .to(foot + c.uniform(0.04, 0.25), 1.0 + c.approx_normal(0.03));
    match c.weighted_index(&[0.76, 0.17, 0.07]) {
        0 => vec![stem],
        1 => vec![stem, crossbar],
        _ => vec![stem, base],
    }
}

/// Two crossing bows in one stroke from the upper right or left, round or with a flat foot; or two
/// loops on top of each other.
pub(super) fn eight(c: &mut SeededRng) -> Vec<Stroke> {
    let middle = c.uniform(0.34, 0.6);
    let (upper, lower) = (c.uniform(0.15, 0.38), c.uniform(0.1, 0.38));
    let (above, below) = (middle / 2.0, (1.0 - middle) / 2.0);
    let (head, belly) = (
        (c.approx_normal(0.07), above),
        (c.approx_normal(0.07), middle + below),
    );
    if c.random_bool(0.15) {
        let start = c.uniform(-180.0, 180.0);
        return vec![
            arc(head, (upper, above), start, start - c.uniform(345.0, 380.0)),
            arc(belly, (lower, below), -90.0, c.uniform(255.0, 290.0)),
        ];
    }
    let start = c.uniform(-110.0, 0.0);
    let end = (
        head.0 + upper * c.uniform(0.0, 2.0),
        above * c.uniform(-0.2, 1.1),
    );
    let crossed = arc(head, (upper, above), start, -200.0).to(c.approx_normal(0.03), middle);
    let closed = match c.random_bool(0.25) {
        true => crossed
            .corner(lower, c.uniform(0.9, 1.0))
            .corner(-lower, c.uniform(0.9, 1.0)),
        false => crossed.arc(belly, (lower, below), -20.0, 200.0),
    };
    let mut stroke = closed.to(c.approx_normal(0.03), middle).to(end.0, end.1);
    if c.random_bool(0.2) {
        for knot in &mut stroke.knots {
            knot.x = -knot.x;
        }
    }
    vec![stroke]
}

/// A closed or open loop with a straight, bent or hooked tail.
pub(super) fn nine(c: &mut SeededRng) -> Vec<Stroke> {
    let high = c.uniform(0.13, 0.36);
    let wide = c.uniform(0.13, 0.45);
    let start = c.uniform(-110.0, 15.0);
    let flourish = match c.random_bool(0.25) {
        true => Stroke::from(wide * c.uniform(0.9, 1.7), c.uniform(-0.08, 0.1)),
        false => Stroke::default(),
    };
    let bowl = flourish
        .arc((0.0, high), (wide, high), start, c.uniform(-310.0, -270.0))
        .to(wide * c.uniform(0.6, 1.0), high * c.uniform(0.8, 1.3));
    let top = (wide + c.uniform(-0.08, 0.08), high * c.uniform(-0.1, 1.2));
    let joined = match c.random_bool(0.6) {
        true => bowl.corner(top.0, top.1),
        false => bowl.to(top.0, top.1),
    };
    let foot = wide + c.uniform(-0.35, 0.08);
    vec![match c.weighted_index(&[0.56, 0.29, 0.15]) {
        0 => joined
            .to((top.0 + foot) / 2.0 + c.approx_normal(0.04), 0.6)
            .to(foot, 1.0),
        1 => joined
            .to(wide, 0.6)
            .to(wide * 0.7, 0.88)
            .to(0.0, 1.0)
            .to(-wide * c.uniform(0.3, 1.2), c.uniform(0.8, 0.95)),
        _ => joined
            .to(foot + 0.05, 0.6)
            .to(foot, 0.9)
            .to(foot + c.uniform(-0.2, 0.2), 1.0),
    }]
}
