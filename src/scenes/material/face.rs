//! Fonts: the outlines of their glyphs as polygons.

use std::fs;
use std::path::Path;

use ab_glyph::{Font, FontVec, OutlineCurve};
use anyhow::{Context, Result};

use super::super::Point;
use super::super::ink::filled;
use super::samples::{centred, files};
use super::skeleton;
use super::split::BySplit;

/// Line segments per curve.
const PIECES: usize = 5;

/// A font.
pub struct Face {
    font: FontVec,
    /// Whether its letters are made of the segments of a digit display, and look like digits.
    pub is_display: bool,
}

/// Fonts of both splits.
pub type Faces = BySplit<Face>;

/// All fonts of a folder, split by name.
pub fn load(folder: &Path) -> Result<Faces> {
    let mut faces = BySplit::default();
    for file in files(folder, "ttf")? {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let font = FontVec::try_from_vec(bytes)
            .with_context(|| format!("{} is not a font", file.display()))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let is_display = name.starts_with("dseg");
        faces.add(&name, Face { font, is_display });
    }
    Ok(faces)
}

impl Face {
    /// The outlines of a character on the baseline, in ems, `y` down, and its advance width.
    ///
    /// `None` where the font has no ink for it.
    pub fn outline(&self, character: char) -> Option<(Vec<Vec<Point>>, f32)> {
        let id = self.font.glyph_id(character);
        if id.0 == 0 {
            return None;
        }
        let em = self.font.units_per_em()?;
        let place = |point: ab_glyph::Point| [point.x / em, -point.y / em];
        let mut contours: Vec<Vec<Point>> = Vec::new();
        for curve in self.font.outline(id)?.curves {
            let knots = match curve {
                OutlineCurve::Line(a, b) => [a, a, b, b].map(place),
                OutlineCurve::Quad(a, b, c) => {
                    let third = |end: Point, middle: Point| {
                        [0, 1].map(|axis| (end[axis] + 2.0 * middle[axis]) / 3.0)
                    };
                    let [a, b, c] = [a, b, c].map(place);
                    [a, third(a, b), third(c, b), c]
                }
                OutlineCurve::Cubic(a, b, c, d) => [a, b, c, d].map(place),
            };
            let continues = |contour: &Vec<Point>| contour.last() == Some(&knots[0]);
            if !contours.last().is_some_and(continues) {
                contours.push(vec![knots[0]]);
            }
            let Some(contour) = contours.last_mut() else {
                continue;
            };
            match curve {
                OutlineCurve::Line(..) => contour.push(knots[3]),
                _ => contour.extend((1..=PIECES).map(|piece| bezier(knots, piece))),
            }
        }
        contours.retain(|contour| contour.len() > 2);
        let advance = self.font.h_advance_unscaled(id) / em;
        (!contours.is_empty()).then_some((contours, advance))
    }

    /// The outlines of a character, 1 high, with `[0, 0]` at the centre of their box.
    pub fn alone(&self, character: char) -> Option<Vec<Vec<Point>>> {
        Some(centred(self.outline(character)?.0))
    }

    /// The outlines of a character from x = 0, and its width, on a line from 0 to 1 on which an 8 is
    /// 1 high.
    pub fn on_line(&self, character: char) -> Option<(Vec<Vec<Point>>, f32)> {
        let [low, high] = super::super::glyph::extent(&self.outline('8')?.0)?;
        let height = (high[1] - low[1]).max(1e-3);
        let mut contours = self.outline(character)?.0;
        let [left, right] = super::super::glyph::extent(&contours)?;
        for [x, y] in contours.iter_mut().flatten() {
            *x = (*x - left[0]) / height;
            *y = (*y - low[1]) / height;
        }
        Some((contours, (right[0] - left[0]) / height))
    }

    /// Pen strokes that write the character, 1 high; `None` if its lines are too fine or too broken
    /// to follow.
    pub fn strokes(&self, character: char) -> Option<Vec<Vec<Point>>> {
        const HIGH: f32 = 44.0;
        let mut contours = self.alone(character)?;
        let [low, high] = super::super::glyph::extent(&contours)?;
        let width = ((high[0] - low[0]) * HIGH) as usize + 6;
        let height = HIGH as usize + 6;
        for point in contours.iter_mut().flatten() {
            *point = [0, 1].map(|axis| (point[axis] - low[axis]) * HIGH + 3.0);
        }
        let ink: Vec<bool> = filled(&contours, width, height)
            .values
            .iter()
            .map(|&value| value > 0.3)
            .collect();
        let strokes = skeleton::trace(&ink, width, height);
        (!strokes.is_empty() && strokes.len() <= 6).then(|| centred(strokes))
    }
}

/// A point on a cubic curve, `piece` of [`PIECES`] along it.
fn bezier(knots: [Point; 4], piece: usize) -> Point {
    if piece == PIECES {
        return knots[3];
    }
    let t = piece as f32 / PIECES as f32;
    let rest = 1.0 - t;
    let shares = [
        rest * rest * rest,
        3.0 * rest * rest * t,
        3.0 * rest * t * t,
        t * t * t,
    ];
    [0, 1].map(|axis| {
        knots
            .iter()
            .zip(shares)
            .map(|(knot, share)| knot[axis] * share)
            .sum()
    })
}
