//! What goes together: a ground, its pens, its light and the way a picture is taken of it.

use crate::chance::Chance;
use crate::scenes::camera::Camera;
use crate::scenes::ink::Pen;
use crate::scenes::page::{Page, Shape, Tool};
use crate::scenes::surface::Kind;

/// Lines thinner than this vanish, in pixels.
const LEAST_LINE: f32 = 1.1;

/// One way in which pictures of digits come about.
pub struct Medium {
    /// What is written on.
    pub kind: Kind,
    /// Whether it is seen straight from above.
    pub straight: bool,
    /// Whether light and shadow fall on it.
    pub lit: bool,
    /// What takes the picture.
    pub camera: fn(&mut Chance) -> Camera,
    pen: fn(&mut Chance) -> Pen,
}

/// What a page is drawn with.
pub struct Pens {
    /// Writes most of it.
    pub first: Pen,
    second: Pen,
    printer: Pen,
}

impl Medium {
    /// Any, as often as people use it.
    pub fn new(chance: &mut Chance) -> Self {
        let drawing = Self {
            kind: Kind::Flat,
            straight: true,
            lit: false,
            camera: Camera::screenshot,
            pen: Pen::new,
        };
        let photo = Self {
            kind: Kind::Paper,
            straight: false,
            lit: true,
            camera: Camera::photo,
            pen: Pen::new,
        };
        match chance.happens(0.4) {
            true => drawing,
            false => photo,
        }
    }

    /// Pens that people use there.
    pub fn pens(&self, chance: &mut Chance) -> Pens {
        Pens {
            first: (self.pen)(chance),
            second: (self.pen)(chance),
            printer: Pen::new(chance),
        }
    }

    /// Takes wider pens where a page's digits are so small that lines would vanish.
    pub fn fit_pens(&self, pens: &mut Pens, page: &Page, chance: &mut Chance) {
        let heights = page.marks.iter().filter_map(|mark| match &mark.shape {
            Shape::Glyph(_, place) if mark.class.is_some() => Some(place.height()),
            _ => None,
        });
        let least = heights.fold(f32::MAX, f32::min);
        for pen in [&mut pens.first, &mut pens.second] {
            for _ in 0..12 {
                if pen.width() * least >= LEAST_LINE {
                    break;
                }
                *pen = (self.pen)(chance);
            }
        }
    }
}

impl Pens {
    /// The pen for a tool.
    pub fn of(&self, tool: Tool) -> &Pen {
        match tool {
            Tool::First => &self.first,
            Tool::Second => &self.second,
            Tool::Printer => &self.printer,
        }
    }
}
