//! The first version of a form, from a picture of the empty sheet.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::boxes::fields;
use super::file::{Field, Form};
use crate::picture::{self, Upright};

impl Form {
    /// A form with a field for each run of boxes in the picture, which is at `reference` as
    /// [`Form::reference`] names it.
    ///
    /// # Errors
    /// When there is no box, or there are too many.
    pub fn found(name: String, reference: PathBuf, upright: &Upright) -> Result<Self> {
        let found = fields(&picture::grey(&upright.colour));
        ensure!(
            !found.is_empty(),
            "none found; a box is closed on all sides, with lines darker than the paper"
        );
        // Found in the reduced picture; a form counts pixels of the file.
        let full = |at: u32| (f64::from(at) * upright.scale).round() as u32;
        let field = |field: Field| Field {
            area: field.area.map(full),
            ..field
        };
        let fields = found.into_iter().map(field).collect();
        let form = Self::new(name, reference, upright.size, fields);
        form.check()?;
        Ok(form)
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn places_are_those_of_the_picture_before_it_was_reduced() {
        let is_line = |at: u32, from: u32, to: u32| at.abs_diff(from) < 2 || at.abs_diff(to) < 2;
        let colour = RgbImage::from_fn(400, 300, |x, y| {
            let within = (98..302).contains(&x) && (98..142).contains(&y);
            let is_ink = within && (is_line(x, 100, 300) || is_line(y, 100, 140));
            Rgb([if is_ink { 60 } else { 240 }; 3])
        });
        let found = |colour: RgbImage| {
            let upright = Upright {
                size: [3 * colour.width(), 3 * colour.height()],
                colour,
                scale: 3.0,
            };
            Form::found("card".to_owned(), "card.png".into(), &upright)
        };
        let form = found(colour).unwrap();
        assert_eq!((form.size, form.fields.len()), ([1200, 900], 1));
        let [left, top, width, height] = form.fields[0].area;
        assert!(left.abs_diff(306) < 9 && top.abs_diff(306) < 9, "{form:?}");
        assert!(
            width.abs_diff(588) < 12 && height.abs_diff(108) < 12,
            "{form:?}"
        );
        let none = found(RgbImage::from_pixel(90, 90, Rgb([240; 3])));
        assert!(none.unwrap_err().to_string().starts_with("none found; "));
    }
}
