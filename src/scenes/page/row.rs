//! Digits, signs and words side by side.

use super::Mark;
use super::layout::Writer;
use super::sign::Sign;
use crate::random::SeededRng;

/// An element of a row.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    /// Any digit.
    Digit,
    /// A sign.
    Sign(Sign),
    /// A letter, sign or drawing.
    Other,
    /// A few words.
    Words,
    /// A space, this many heights wide.
    Space(f32),
}

/// How a person writes rows; lengths in heights of a digit.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// Gap between the ink of two neighbours; negative where they overlap.
    pub gap: f32,
    /// Standard deviation of the gaps.
    uneven_gap: f64,
    /// Standard deviation of the heights.
    uneven_height: f64,
    /// Standard deviation of the digits' distance from the baseline.
    wobble: f64,
    /// Standard deviation of the digits' rotation, in radians.
    turn: f64,
    /// Rise of the line, in radians.
    tilt: f32,
    /// Curvature of the line, per height.
    bend: f32,
    /// Whether zeros are about half as high.
    small_zeros: bool,
    /// How often a digit is small and raised.
    raised: f64,
}

impl Habit {
    /// A random person's habits.
    pub fn new(rng: &mut SeededRng) -> Self {
        let gap = match rng.weighted_index(&[0.35, 0.3, 0.2, 0.1, 0.05]) {
            0 => rng.uniform(0.1, 0.35),
            1 => rng.uniform(0.3, 0.8),
            2 => rng.uniform(0.0, 0.12),
            3 => rng.uniform(-0.12, 0.0),
            _ => rng.uniform(0.8, 2.0),
        };
        let calm = rng.uniform(0.2, 1.0);
        Self {
            gap: gap as f32,
            uneven_gap: calm * (0.05 + 0.2 * gap.abs()),
            uneven_height: calm * rng.uniform(0.0, 0.16),
            wobble: calm * rng.uniform(0.0, 0.12),
            turn: calm * rng.uniform(0.0, 0.12),
            tilt: match rng.weighted_index(&[0.45, 0.45, 0.1]) {
                0 => 0.0,
                1 => rng.approx_normal(0.06) as f32,
                _ => rng.uniform(-0.35, 0.35) as f32,
            },
            bend: match rng.random_bool(0.12) {
                true => rng.uniform(-0.06, 0.06) as f32,
                false => 0.0,
            },
            small_zeros: rng.random_bool(0.08),
            raised: if rng.random_bool(0.06) { 0.2 } else { 0.0 },
        }
    }

    /// The habits of somebody who writes straight lines, for tables and forms.
    pub fn level(rng: &mut SeededRng) -> Self {
        Self {
            tilt: rng.approx_normal(0.01) as f32,
            bend: 0.0,
            ..Self::new(rng)
        }
    }

    /// The same with gaps of at least `gap`.
    pub fn with_min_gap(self, gap: f32) -> Self {
        Self {
            gap: self.gap.max(gap),
            ..self
        }
    }
}

/// Writes `items` from x = 0 on the baseline y = 0, in heights of a digit.
pub fn write(writer: &Writer, items: &[Item], habit: &Habit, rng: &mut SeededRng) -> Vec<Mark> {
    let mut marks = Vec::with_capacity(items.len());
    let mut x = 0.0;
    let mut last_width = 0.0_f32;
    for item in items {
        let (mark, width) = match item {
            Item::Space(width) => {
                x += width;
                continue;
            }
            Item::Sign(sign) => {
                let (mark, width) = sign.write(writer, rng);
                let gap = habit.gap.max(rng.uniform(0.03, 0.15) as f32);
                let foot = rng.approx_normal(habit.wobble) as f32;
                (mark.moved(1.0, [x + gap - habit.gap, foot]), width + gap)
            }
            Item::Digit => {
                let digit = writer.digit(rng);
                let mut height = 1.0 + rng.approx_normal(habit.uneven_height);
                let mut foot = rng.approx_normal(habit.wobble);
                if habit.small_zeros && digit.class == Some(0) {
                    height *= rng.uniform(0.45, 0.65);
                    foot -= rng.uniform(0.0, 0.4);
                }
                if rng.random_bool(habit.raised) {
                    height *= rng.uniform(0.5, 0.7);
                    foot -= rng.uniform(0.4, 0.7);
                }
                set_on_line(
                    digit,
                    x,
                    height as f32,
                    foot as f32,
                    rng.approx_normal(habit.turn),
                )
            }
            Item::Other => {
                let mark = Mark::glyph(writer.other(rng));
                let height = rng.uniform(0.6, 1.1) as f32;
                set_on_line(mark, x, height, rng.approx_normal(0.05) as f32, 0.0)
            }
            Item::Words => {
                let mark = Mark::glyph(writer.material.words(writer.split, rng));
                let height = rng.uniform(0.8, 1.3) as f32;
                set_on_line(mark, x, height, rng.uniform(0.0, 0.25) as f32, 0.0)
            }
        };
        marks.push(mark);
        let gap = habit.gap + rng.approx_normal(habit.uneven_gap) as f32;
        // Thin digits such as 1 would be hidden if they overlapped as much as wide ones.
        let closest = -0.35 * width.min(last_width.max(0.2));
        x += width + writer.pen_width + gap.max(closest);
        last_width = width;
    }
    bend(&mut marks, x, habit);
    marks
}

/// A mark 1 high, scaled and placed with its bottom left at `[x, foot]`, and its width.
fn set_on_line(mark: Mark, x: f32, height: f32, foot: f32, turn: f64) -> (Mark, f32) {
    let width = mark.extent().map_or(0.0, |extent| extent.width()) * height;
    let mark = mark.moved(height, [x, foot - height]);
    (mark.turned(turn as f32), width)
}

/// Bends the baseline of a row of this `length` into an arc or a slope.
fn bend(marks: &mut [Mark], length: f32, habit: &Habit) {
    if habit.bend != 0.0 {
        // At most about 40 degrees at the ends of a row.
        let bend = habit.bend.clamp(-0.7 / length, 0.7 / length);
        for mark in marks.iter_mut() {
            let Some(extent) = mark.extent() else {
                continue;
            };
            let from_middle = (extent.left + extent.right - length) / 2.0;
            let turned = mark.clone().turned(2.0 * bend * from_middle);
            *mark = turned.moved(1.0, [0.0, bend * from_middle * from_middle]);
        }
    }
    for mark in marks {
        mark.transform(1.0, habit.tilt, [0.0, 0.0]);
    }
}
