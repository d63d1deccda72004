//! Common ways of writing 0 to 4.

use super::super::stroke::{Stroke, arc};
use crate::random::SeededRng;

/// Narrow or wide, closed with an overlap, left open by a gap, or ended by a curl.
pub(super) fn zero(c: &mut SeededRng) -> Vec<Stroke> {
    let wide = c.uniform(0.2, 0.6);
    let start = c.uniform(-130.0, -40.0);
    let turn = c.uniform(325.0, 400.0);
    let direction = if c.random_bool(0.85) { -1.0 } else { 1.0 };
    let begin = match c.random_bool(0.3) {
        true => Stroke::from(c.uniform(-0.5, 0.7) * wide, c.uniform(-0.16, 0.25)),
        false => Stroke::default(),
    };
    let ring = begin.arc((0.0, 0.5), (wide, 0.5), start, start + direction * turn);
    let curl = c.uniform(0.0, 0.4);
    vec![match c.random_bool(0.12) {
        true => ring.to(direction * (curl - 0.2) * wide, 0.1 + curl),
        false => ring,
    }]
}

/// A plain stem, or one with a flag that is steeper than a 7's bar, and then perhaps a base.
pub(super) fn one(c: &mut SeededRng) -> Vec<Stroke> {
    let lean = c.uniform(-0.08, 0.3);
    let (top, foot) = ((lean / 2.0, 0.0), (-lean / 2.0, 1.0));
    let belly = c.approx_normal(0.025);
    if c.random_bool(0.35) {
        let head = |shift| Stroke::from(top.0 + shift, top.1).to(belly + shift, 0.5);
        let stick = |shift| head(shift).to(foot.0, foot.1);
        // Some go over it a second time.
        return match c.random_bool(0.1) {
            true => vec![stick(0.0), stick(c.uniform(0.04, 0.12))],
            false => vec![stick(0.0)],
        };
    }
    let reach = c.uniform(0.06, 0.55);
    let flag = (top.0 - reach, (reach * c.uniform(0.5, 1.5)).min(0.6));
    let rise = flag.1 * c.uniform(0.3, 0.85);
    let stick = Stroke::from(flag.0, flag.1)
        .to((flag.0 + top.0) / 2.0 + c.approx_normal(0.02), rise)
        .corner(top.0, top.1)
        .to(belly, 0.5)
        .to(foot.0, foot.1);
    let (left, right) = (c.uniform(0.12, 0.4), c.uniform(0.12, 0.4));
    let base = Stroke::from(foot.0 - left, 1.0).to(foot.0 + right, 1.0 + c.approx_normal(0.03));
    match c.random_bool(0.5) {
        true => vec![stick, base],
        false => vec![stick],
    }
}

/// A round or flat top, then a corner, a smooth turn or a loop at the lower left.
pub(super) fn two(c: &mut SeededRng) -> Vec<Stroke> {
    if c.random_bool(0.14) {
        return vec![round_two(c)];
    }
    let left = c.uniform(-0.45, -0.15);
    let right = c.uniform(0.1, 0.6);
    let floor = c.uniform(0.8, 1.0);
    let tail = floor + c.uniform(-0.15, 0.2);
    let top = head_of_two(c);
    let bow = c.approx_normal(0.04);
    vec![match c.weighted_index(&[0.4, 0.14, 0.46]) {
        0 => top
            .to(left * 0.4 + bow, 0.72)
            .corner(left, floor)
            .to((left + right) / 2.0, (floor + tail) / 2.0 + bow)
            .to(right, tail),
        1 => top
            .to(left * 0.3, floor - 0.18)
            .to(left, floor)
            .to(0.0, floor - c.uniform(0.05, 0.15))
            .to(right * 0.7, tail)
            .to(right, tail - c.uniform(-0.02, 0.1)),
        _ => {
            let high = c.uniform(0.06, 0.38);
            let floor = floor - c.uniform(0.0, 0.08);
            let right = right.max(c.uniform(0.3, 0.5));
            top.to(left * c.uniform(-0.3, 0.8), floor)
                .to(left - 0.06, floor - high * 0.4)
                .to(left * c.uniform(0.2, 0.8), floor - high)
                .to(0.05, floor - high * c.uniform(0.2, 0.9))
                .to(right * 0.65, tail)
                .to(right, tail - c.uniform(-0.12, 0.14))
        }
    }]
}

/// A round bow down to the baseline, where it loops back and runs out to the right.
fn round_two(c: &mut SeededRng) -> Stroke {
    let (wide, half) = (c.uniform(0.2, 0.42), c.uniform(0.38, 0.48));
    let (left, right) = (c.uniform(-0.5, -0.2), c.uniform(0.3, 0.65));
    let roof = 2.0 * half - c.uniform(0.2, 0.45);
    arc(
        (0.0, half),
        (wide, half),
        c.uniform(-190.0, -110.0),
        c.uniform(70.0, 110.0),
    )
    .to(left, (2.0 * half + roof) / 2.0)
    .to(left * c.uniform(0.2, 0.7), roof)
    .to(right * 0.5, roof + c.uniform(0.05, 0.25))
    .to(right, c.uniform(0.85, 1.1))
}

/// The upper part of a two, down to where its right side turns inwards.
fn head_of_two(c: &mut SeededRng) -> Stroke {
    let wide = c.uniform(0.13, 0.4);
    if c.random_bool(0.13) {
        return Stroke::from(-wide, c.uniform(0.0, 0.12)).corner(wide, c.uniform(-0.02, 0.06));
    }
    let high = c.uniform(0.14, 0.36);
    let shoulder = c.uniform(-0.1, 0.1);
    let (start, end) = (c.uniform(-225.0, -100.0), c.uniform(-10.0, 60.0));
    arc((shoulder, high), (wide, high), start, end)
}

/// A round or flat top over a round belly, with a cusp, a soft dent or a small loop between them.
pub(super) fn three(c: &mut SeededRng) -> Vec<Stroke> {
    let middle = c.uniform(0.33, 0.58);
    let dent = c.uniform(-0.2, 0.2);
    let upper = c.uniform(0.12, 0.34);
    let lower = c.uniform(0.16, 0.4);
    let shift = c.approx_normal(0.08);
    let top = match c.random_bool(0.8) {
        true => {
            let (begin, end) = (c.uniform(-215.0, -100.0), c.uniform(-5.0, 60.0));
            arc((shift, middle / 2.0), (upper, middle / 2.0), begin, end)
        }
        false => Stroke::from(-0.25 + c.approx_normal(0.06), 0.04 + c.approx_normal(0.04))
            .corner(c.uniform(0.08, 0.34), c.uniform(-0.06, 0.05)),
    };
    let joined = match c.weighted_index(&[0.6, 0.22, 0.18]) {
        0 => top.corner(dent, middle),
        1 => top.to(dent + 0.05, middle),
        _ => {
            let curl = c.uniform(0.02, 0.08);
            top.to(dent, middle + curl)
                .to(dent - 0.1, middle)
                .to(dent, middle - curl)
        }
    };
    let below = (1.0 - middle) / 2.0;
    let centre = (-shift, middle + below);
    let begin = c.uniform(-75.0, -20.0);
    let tail = centre.0 - lower - c.uniform(-0.1, 0.25);
    vec![match c.random_bool(0.35) {
        true => joined
            .arc(centre, (lower, below), begin, c.uniform(60.0, 90.0))
            .to(tail, c.uniform(0.9, 1.04)),
        false => joined.arc(centre, (lower, below), begin, c.uniform(80.0, 200.0)),
    }]
}

/// Open or closed at the top, with an angular or a round elbow, in two strokes or in one.
pub(super) fn four(c: &mut SeededRng) -> Vec<Stroke> {
    let bar = c.uniform(0.4, 0.7);
    let left = c.uniform(-0.44, -0.22);
    let reach = c.uniform(0.2, 0.52);
    let stem = c.uniform(0.03, 0.26);
    let foot = stem + c.approx_normal(0.05);
    let rise = c.approx_normal(0.05);
    match c.weighted_index(&[0.42, 0.22, 0.2, 0.16]) {
        // Open: an angular L crossed by the stem.
        0 => vec![
            Stroke::from(left + c.uniform(0.0, 0.2), c.uniform(-0.05, 0.18))
                .corner(left, bar)
                .to(reach, bar + rise),
            Stroke::from(stem, c.uniform(-0.05, 0.35)).to(foot, 1.0),
        ],
        // Open: a round U whose right arm is the stem.
        1 => vec![
            Stroke::from(left + c.uniform(0.0, 0.12), c.uniform(-0.05, 0.15))
                .to(left + 0.02, bar * 0.7)
                .to(left * 0.3, bar)
                .to(stem, bar - c.uniform(0.0, 0.1)),
            Stroke::from(stem, c.uniform(-0.05, 0.2)).to(foot, 1.0),
        ],
        // Closed: the diagonal and the stem start together.
        2 => vec![
            Stroke::from(stem, 0.0)
                .corner(left, bar)
                .to(reach, bar + rise),
            Stroke::from(stem, c.uniform(-0.04, 0.04)).to(foot, 1.0),
        ],
        // Without lifting the pen: down, across, up to the top and down the stem.
        _ => vec![
            Stroke::from(left + c.uniform(0.0, 0.25), c.uniform(-0.05, 0.15))
                .to(left, bar * 0.8)
                .to(left * 0.4, bar)
                .to(stem * 0.5, bar * 0.8)
                .corner(stem + 0.05, c.uniform(0.02, 0.25))
                .to(foot, 1.0),
        ],
    }
}
