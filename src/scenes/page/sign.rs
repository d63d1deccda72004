//! Signs between digits: those of numbers, which are read, and brackets and operators, which are not.

use super::layout::Writer;
use super::{Mark, Point};
use crate::characters::class_of;
use crate::random::SeededRng;

/// A sign in a row of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A dot on the baseline.
    Point,
    /// A comma through the baseline.
    Comma,
    /// A dash at half height: a minus, a hyphen, or "none".
    Dash,
    /// From the lower left to the upper right, beyond the line at both ends, leaning more than the
    /// writer's 1.
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
    /// Its character, if it is one of those that are read.
    pub fn character(self) -> Option<char> {
        match self {
            Self::Point => Some('.'),
            Self::Comma => Some(','),
            Self::Dash => Some('-'),
            Self::Slash => Some('/'),
            Self::Colon => Some(':'),
            _ => None,
        }
    }

    /// The sign from x = 0, and its width, in a row whose digits are 1 high with the baseline y =
    /// 0: in the writer's font where it has one, else drawn.
    pub fn write(self, writer: &Writer, rng: &mut SeededRng) -> (Mark, f32) {
        let set = self
            .character()
            .and_then(|character| writer.hand.sign(character, rng));
        let (mark, width) = match set {
            Some(glyph) => {
                let width = glyph.width;
                (Mark::glyph(glyph).moved(1.0, [0.0, -1.0]), width)
            }
            None => {
                let size = match self {
                    // As a multiple of its usual width of half a height.
                    Self::Slash => {
                        2.0 * (width_of_one(writer, rng) + rng.uniform(0.2, 0.55) as f32)
                    }
                    _ => rng.log_uniform(0.7, 1.3) as f32,
                };
                let strokes = self.strokes(size, rng);
                (Mark::strokes(strokes), self.width() * size)
            }
        };
        let line = [[width / 2.0, -1.0], [width / 2.0, 0.0]];
        match self.character().and_then(class_of) {
            Some(class) => (mark.sign(class, line), width),
            None => (mark, width),
        }
    }

    fn width(self) -> f32 {
        match self {
            Self::Point | Self::Colon => 0.08,
            Self::Comma => 0.1,
            Self::Dash => 0.4,
            Self::Slash | Self::Plus => 0.5,
            Self::Times => 0.4,
            Self::Over | Self::Equals => 0.45,
            Self::Close => 0.22,
        }
    }

    /// Strokes as people draw it, `size` times as wide as usual.
    fn strokes(self, size: f32, rng: &mut SeededRng) -> Vec<Vec<Point>> {
        match self {
            Self::Point => return vec![dot([0.04, -0.03], rng)],
            Self::Colon => {
                let gap = rng.uniform(0.3, 0.6) as f32;
                let foot = -rng.uniform(0.0, 0.2) as f32;
                return vec![dot([0.04, foot], rng), dot([0.04, foot - gap], rng)];
            }
            _ => {}
        }
        let shake = 0.03;
        let long = rng.log_uniform(0.75, 1.35) as f32;
        let [below, above] = [0; 2].map(|_| rng.uniform(0.05, 0.4) as f32);
        let mut near = |x: f32, y: f32| -> Point {
            [
                x * size + rng.approx_normal(shake) as f32,
                y + rng.approx_normal(shake) as f32,
            ]
        };
        match self {
            Self::Comma => vec![vec![
                near(0.1, -0.06),
                near(0.08, 0.08 * long),
                near(0.0, 0.2 * long),
            ]],
            Self::Dash => {
                let rise = near(0.0, 0.0)[1] - 0.45;
                vec![vec![near(0.0, rise), near(0.4, rise)]]
            }
            Self::Slash => vec![vec![near(0.0, below), near(0.5, -1.0 - above)]],
            Self::Plus => vec![
                vec![near(0.0, -0.45), near(0.5, -0.45)],
                vec![near(0.25, -0.7), near(0.25, -0.2)],
            ],
            Self::Times => vec![
                vec![near(0.0, -0.65), near(0.4, -0.22)],
                vec![near(0.4, -0.65), near(0.0, -0.22)],
            ],
            Self::Over => vec![
                vec![near(0.0, -0.45), near(0.45, -0.45)],
                vec![near(0.22, -0.68)],
                vec![near(0.22, -0.2)],
            ],
            Self::Equals => vec![
                vec![near(0.0, -0.58), near(0.45, -0.6)],
                vec![near(0.0, -0.32), near(0.45, -0.33)],
            ],
            Self::Close => {
                let bow = [
                    [0.0, -1.15],
                    [0.16, -0.85],
                    [0.22, -0.5],
                    [0.16, -0.1],
                    [0.0, 0.2],
                ];
                vec![bow.iter().map(|&[x, y]| near(x, y)).collect()]
            }
            Self::Point | Self::Colon => vec![],
        }
    }
}

/// The width of a 1 of this writer, in heights: most of it is slant. One with a foot counts as less.
fn width_of_one(writer: &Writer, rng: &mut SeededRng) -> f32 {
    writer.hand.digit(1, rng).width.clamp(0.05, 0.45)
}

/// A dot: touched, a short tick, or a small ring that is nearly filled.
fn dot([x, y]: Point, rng: &mut SeededRng) -> Vec<Point> {
    let at = [
        x + rng.approx_normal(0.03) as f32,
        y + rng.approx_normal(0.04) as f32,
    ];
    let radius = rng.log_uniform(0.015, 0.05) as f32;
    match rng.weighted_index(&[0.5, 0.25, 0.25]) {
        0 => vec![at],
        1 => {
            let angle = rng.uniform(0.0, std::f64::consts::PI) as f32;
            let reach = [radius * angle.cos(), radius * angle.sin()];
            vec![
                [at[0] - reach[0], at[1] - reach[1]],
                [at[0] + reach[0], at[1] + reach[1]],
            ]
        }
        _ => (0..=8)
            .map(|step| {
                let (sine, cosine) = (step as f32 * 0.8).sin_cos();
                [at[0] + radius * cosine, at[1] + radius * sine]
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::characters::character;
    use crate::scenes::Split;
    use crate::scenes::material::Material;

    #[test]
    fn signs_of_numbers_are_labelled_with_the_height_of_their_row_and_operators_are_not() {
        let material = Material::builtin();
        let mut rng = SeededRng::new(4, 0);
        let writer = Writer::new(&material, Split::Training, 0.1, 256.0, &mut rng);
        let read = [
            (Sign::Point, '.'),
            (Sign::Comma, ','),
            (Sign::Dash, '-'),
            (Sign::Slash, '/'),
            (Sign::Colon, ':'),
        ];
        for (sign, expected) in read {
            let (mark, width) = sign.write(&writer, &mut rng);
            let class = mark.class.map(usize::from);
            assert_eq!(class.and_then(character), Some(expected));
            let [above, below] = mark.moved(30.0, [5.0, 40.0]).line.unwrap();
            assert_eq!((above[1], below[1]), (10.0, 40.0));
            assert_eq!(above[0], 5.0 + 15.0 * width);
        }
        for sign in [
            Sign::Plus,
            Sign::Times,
            Sign::Over,
            Sign::Equals,
            Sign::Close,
        ] {
            let (mark, _) = sign.write(&writer, &mut rng);
            assert!(mark.class.is_none() && mark.line.is_none());
        }
    }
}
