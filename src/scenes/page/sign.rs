//! Signs between digits, as a few strokes: separators, brackets and arithmetic operators.

use super::{Mark, Point};
use crate::random::SeededRng;

/// A sign in a row of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A dot on the baseline.
    Point,
    /// A comma through the baseline.
    Comma,
    /// A short dash at half height.
    Dash,
    /// From the lower left to the upper right, leaning more than a 1.
    Slash,
    /// Two dots.
    Colon,
    /// A cross.
    Plus,
    /// A rotated cross.
    Times,
    /// A dash between two dots: a division sign.
    Over,
    /// Two dashes.
    Equals,
    /// A closing bracket after a number.
    Close,
}

impl Sign {
    /// The sign from x = 0, and its width, in a row whose digits are 1 high with the baseline y =
    /// 0.
    pub fn write(self, rng: &mut SeededRng) -> (Mark, f32) {
        let size = rng.uniform(0.8, 1.25) as f32;
        let shake = 0.03;
        let mut near = |x: f32, y: f32| -> Point {
            [
                x * size + rng.approx_normal(shake) as f32,
                y + rng.approx_normal(shake) as f32,
            ]
        };
        let (strokes, width) = match self {
            Self::Point => (vec![vec![near(0.04, -0.03)]], 0.08),
            Self::Comma => (
                vec![vec![near(0.1, -0.08), near(0.08, 0.08), near(0.0, 0.18)]],
                0.1,
            ),
            Self::Dash => (vec![vec![near(0.0, -0.45), near(0.35, -0.47)]], 0.35),
            Self::Slash => (vec![vec![near(0.0, 0.12), near(0.5, -1.1)]], 0.5),
            Self::Colon => (vec![vec![near(0.04, -0.12)], vec![near(0.04, -0.6)]], 0.08),
            Self::Plus => (
                vec![
                    vec![near(0.0, -0.45), near(0.5, -0.45)],
                    vec![near(0.25, -0.7), near(0.25, -0.2)],
                ],
                0.5,
            ),
            Self::Times => (
                vec![
                    vec![near(0.0, -0.65), near(0.4, -0.22)],
                    vec![near(0.4, -0.65), near(0.0, -0.22)],
                ],
                0.4,
            ),
            Self::Over => (
                vec![
                    vec![near(0.0, -0.45), near(0.45, -0.45)],
                    vec![near(0.22, -0.68)],
                    vec![near(0.22, -0.2)],
                ],
                0.45,
            ),
            Self::Equals => (
                vec![
                    vec![near(0.0, -0.58), near(0.45, -0.6)],
                    vec![near(0.0, -0.32), near(0.45, -0.33)],
                ],
                0.45,
            ),
            Self::Close => {
                let bow = [
                    [0.0, -1.15],
                    [0.16, -0.85],
                    [0.22, -0.5],
                    [0.16, -0.1],
                    [0.0, 0.2],
                ];
                (vec![bow.iter().map(|&[x, y]| near(x, y)).collect()], 0.22)
            }
        };
        (Mark::strokes(strokes), width * size)
    }
}
