//! Rows of digits in one picture: which ink may be a digit, and which reading fits it best.

mod cuts;
mod lattice;
mod rows;
mod segments;
mod strokes;

use image::GrayImage;
use imageproc::map::map_subpixels;
use rayon::prelude::*;

use self::lattice::{Found, Group};
use self::segments::Segments;
use super::pieces;
use super::{ImageError, Prediction, Reading, Symbol, center, decode, ink};

/// No more images than this are made of one picture; a page of five hundred digits needs as many.
const MAX_IMAGES: usize = 2000;

/// The ink of a picture, cut and joined in all ways that may be a digit.
#[derive(Clone, Debug)]
pub struct Candidates {
    images: Vec<GrayImage>,
    /// For each way to see the ink its rows, and of each row all groups of its parts; an image is
    /// of each that may be a digit, in the same order.
    views: Vec<Vec<Vec<Group>>>,
    /// Pixels of the picture's own for one that was looked at.
    scale: f64,
}

/// Finds what may be digits in an image file, given its bytes.
///
/// # Errors
/// As [`prepare`](fn@super::prepare).
pub fn candidates(bytes: &[u8]) -> Result<Candidates, ImageError> {
    let upright = decode::decode(bytes)?;
    candidates_in(&decode::grey(&upright.colour), upright.scale)
}

/// The same in an upright grey picture, reduced by `scale`.
///
/// # Errors
/// [`ImageError::NoInk`] where nothing stands out from the paper.
pub(super) fn candidates_in(grey: &GrayImage, scale: f64) -> Result<Candidates, ImageError> {
    let mut candidates = Candidates::none(scale);
    for ink in ink::inks(grey)? {
        candidates.add_view(&ink)?;
    }
    Ok(candidates)
}

/// The ink of each row in parts, from the top.
fn row_segments(ink: &GrayImage) -> Vec<Segments> {
    let (labels, pieces) = pieces::pieces(ink);
    let pen = strokes::pen_width(ink);
    let Some(strokes) = strokes::strokes(pieces, ink, pen) else {
        return Vec::new();
    };
    let labels = map_subpixels(&labels, |label| strokes.labels[label as usize]);
    let rows = rows::rows(strokes).into_iter();
    rows.filter_map(|row| Segments::new(&row, ink, &labels, pen))
        .collect()
}

impl Candidates {
    fn none(scale: f64) -> Self {
        Self {
            images: Vec::new(),
            views: Vec::new(),
            scale,
        }
    }

    /// The candidates in MNIST's form, 28 x 28 each, to be classified in this order.
    pub fn images(&self) -> &[GrayImage] {
        &self.images
    }

    /// Adds the rows of one way to see the ink.
    fn add_view(&mut self, ink: &GrayImage) -> Result<(), ImageError> {
        let rows = row_segments(ink);
        let rows = rows.iter().map(|segments| self.add_row(segments));
        let rows = rows.collect::<Result<_, _>>()?;
        self.views.push(rows);
        Ok(())
    }

    /// Adds the images of a row, as far as they are not too many; answers its groups.
    fn add_row(&mut self, segments: &Segments) -> Result<Vec<Group>, ImageError> {
        let mut groups = lattice::groups(segments);
        let room = MAX_IMAGES - self.images.len();
        let mut digits = groups.iter().enumerate().filter(|(_, g)| g.may_be_digit());
        if let Some((full, _)) = digits.nth(room) {
            groups.truncate(full);
        }
        let digits = groups.par_iter().filter(|group| group.may_be_digit());
        let images = digits.filter_map(|group| segments.picture(group.from, group.to));
        let fitted: Result<Vec<_>, _> = images.map(|image| center::fit(&image)).collect();
        self.images.extend(fitted?);
        Ok(groups)
    }

    /// The reading that fits best, given what each of the candidates was taken for; digits of
    /// less confidence than `min_confidence` are refused, and rows of nothing else left out.
    pub fn resolve(self, predictions: &[Prediction], min_confidence: f64) -> Reading {
        let mut rest = predictions;
        let mut best = (0.0, Vec::new());
        for rows in &self.views {
            let lines = sure_digits(rows, &mut rest, min_confidence);
            let gain = lines.iter().flatten().map(|found| found.gain).sum();
            if gain > best.0 {
                best = (gain, lines);
            }
        }
        let symbol = |found: &Found| self.symbol(found, min_confidence);
        let symbols = |line: &Vec<Found>| line.iter().map(symbol).collect();
        Reading::new(best.1.iter().map(symbols).collect(), Vec::new())
    }

    fn symbol(&self, found: &Found, min_confidence: f64) -> Symbol {
        let place = &found.place;
        let area = [place.left, place.top, place.width(), place.height()];
        let area = area.map(|pixels| (f64::from(pixels) * self.scale).round() as u32);
        let probabilities = found.probabilities;
        Symbol::new(&Prediction { probabilities }, area, min_confidence)
    }
}

/// The digits of one view of the picture, line by line; takes its predictions from the `rest`.
fn sure_digits(
    rows: &[Vec<Group>],
    rest: &mut &[Prediction],
    min_confidence: f64,
) -> Vec<Vec<Found>> {
    let mut lines = Vec::new();
    for groups in rows {
        let count = groups.iter().filter(|group| group.may_be_digit()).count();
        let (own, others) = rest.split_at(count.min(rest.len()));
        *rest = others;
        let line = lattice::best(groups, own);
        if line.iter().any(|found| found.confidence >= min_confidence) {
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Luma, imageops};

    use super::*;
    use crate::dataset::synthetic;
    use crate::tensors::CLASSES;

    const SIDE: u32 = 80;

    /// White ink on black: the digit that the program draws of this number, without margins.
    fn digit(digit: u8) -> GrayImage {
        let pixels = synthetic::draw(digit, SIDE as usize, 11);
        let drawn = GrayImage::from_vec(SIDE, SIDE, pixels).unwrap();
        let inked = super::super::segment::bounds(&drawn, 1).unwrap();
        let (left, top) = (inked.left() as u32, inked.top() as u32);
        imageops::crop_imm(&drawn, left, top, inked.width(), inked.height()).to_image()
    }

    /// Writes digits side by side, `gap` pixels apart, each lower than the one before by `fall`;
    /// answers where the last one ends.
    fn write(page: &mut GrayImage, digits: &[u8], at: (i64, i64), gap: i64, fall: i64) -> i64 {
        let (mut x, mut y) = at;
        for value in digits {
            let drawn = digit(*value);
            for (column, row, ink) in drawn.enumerate_pixels() {
                let (x, y) = (x + i64::from(column), y + i64::from(row));
                let under = page.get_pixel_mut(x as u32, y as u32);
                under[0] = under[0].max(ink[0]);
            }
            x += i64::from(drawn.width()) + gap;
            y += fall;
        }
        x - gap
    }

    fn found(page: &GrayImage) -> Candidates {
        let mut bytes = Cursor::new(Vec::new());
        page.write_to(&mut bytes, ImageFormat::Png).unwrap();
        candidates(&bytes.into_inner()).unwrap()
    }

    /// In place of a network: sure of what looks nearly like the program's digits, at a loss else.
    fn predict(image: &GrayImage) -> Prediction {
        let difference = |value: u8| {
            let pairs = image
                .pixels()
                .zip(center::fit(&digit(value)).unwrap().into_raw());
            let sum: u32 = pairs.map(|(a, b)| u32::from(a[0].abs_diff(b))).sum();
            f64::from(sum) / 784.0
        };
        let nearest = (0..10).map(|value| (value, difference(value)));
        let (value, least) = nearest.min_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap();
        let sure = (0.99 - (least - 10.0).max(0.0) / 20.0).max(0.1);
        let mut probabilities = [(1.0 - sure) / 9.0; CLASSES];
        probabilities[usize::from(value)] = sure;
        Prediction { probabilities }
    }

    fn read(page: &GrayImage) -> Reading {
        let found = found(page);
        let predictions: Vec<_> = found.images().iter().map(predict).collect();
        found.resolve(&predictions, 0.5)
    }

    #[test]
    fn rows_are_read_from_the_top_and_digits_from_the_left() {
        let mut page = GrayImage::new(600, 420);
        write(&mut page, &[2, 0, 3, 6], (60, 40), 25, 0);
        write(&mut page, &[7, 5], (300, 160), 90, 0);
        write(&mut page, &[4, 8, 9], (20, 280), 40, 4);
        assert_eq!(read(&page).text(), "2036\n75\n489");
        imageops::invert(&mut page);
        assert_eq!(read(&page).text(), "2036\n75\n489");
    }

    #[test]
    fn a_row_half_in_a_hard_shadow_is_read_whole() {
        let mut row = GrayImage::new(560, 240);
        write(&mut row, &[2, 0, 3, 6], (60, 80), 25, 0);
        let lit = GrayImage::from_fn(560, 240, |x, y| {
            let light = if x < 215 { 0.5 } else { 1.0 };
            let ink = f32::from(row.get_pixel(x, y)[0]) / 255.0;
            Luma([(light * (220.0 - 170.0 * ink)) as u8])
        });
        assert_eq!(read(&lit).text(), "2036");
    }

    #[test]
    fn of_several_ways_to_see_the_ink_the_one_that_shows_most_digits_is_read() {
        let mut row = GrayImage::new(560, 240);
        write(&mut row, &[2, 0, 3, 6], (60, 80), 25, 0);
        let mut part = GrayImage::new(560, 240);
        write(&mut part, &[3], (240, 80), 0, 0);
        let empty = GrayImage::new(560, 240);
        for views in [[&part, &row, &empty], [&row, &empty, &part]] {
            let mut candidates = Candidates::none(1.0);
            for view in views {
                candidates.add_view(view).unwrap();
            }
            let predictions: Vec<_> = candidates.images().iter().map(predict).collect();
            assert_eq!(candidates.resolve(&predictions, 0.5).text(), "2036");
        }
    }

    #[test]
    fn a_steep_row_is_one_line_and_a_column_has_as_many_as_digits() {
        let mut page = GrayImage::new(700, 500);
        write(&mut page, &[2, 3, 7, 8, 5], (40, 30), 30, 70);
        assert_eq!(read(&page).text(), "23785");
        let mut page = GrayImage::new(300, 500);
        for (value, top) in [(1, 30), (4, 130), (6, 240), (3, 350)] {
            write(&mut page, &[value], (100 + top % 20, top), 0, 0);
        }
        assert_eq!(read(&page).text(), "1\n4\n6\n3");
    }

    #[test]
    fn touching_digits_are_cut() {
        for digits in [[2, 0, 3], [6, 5, 8], [3, 3, 2]] {
            let mut page = GrayImage::new(400, 160);
            write(&mut page, &digits, (50, 40), -4, 0);
            let reading = read(&page);
            assert_eq!(reading.text(), digits.map(|d| d.to_string()).concat());
        }
    }

    #[test]
    fn broken_strokes_are_joined() {
        let mut whole = GrayImage::new(500, 160);
        write(&mut whole, &[5, 0, 8, 6], (40, 40), 30, 0);
        let mut across = whole.clone();
        let mut down = whole.clone();
        for along in 0..500 {
            for thick in 0..4 {
                across.put_pixel(along, 75 + thick, Luma([0]));
                if along < 160 {
                    down.put_pixel(70 + thick, along, Luma([0]));
                }
            }
        }
        assert_eq!(read(&across).text(), "5086");
        assert_eq!(read(&down).text(), "5086");
    }

    #[test]
    fn dashes_specks_lines_and_the_edge_of_a_desk_are_left_out() {
        let mut page = GrayImage::new(700, 300);
        let end = write(&mut page, &[2, 5], (60, 100), 25, 0);
        write(&mut page, &[8, 6], (end + 90, 100), 25, 0);
        let mut fill = |left: u32, top: u32, width: u32, height: u32| {
            for (x, y) in
                (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y)))
            {
                page.put_pixel(x, y, Luma([255]));
            }
        };
        fill(end as u32 + 30, 130, 35, 7);
        fill(40, 60, 4, 4);
        fill(end as u32 + 20, 150, 5, 4);
        fill(10, 230, 680, 3);
        fill(0, 0, 14, 150);
        fill(670, 0, 30, 300);
        assert_eq!(read(&page).text(), "2586");
    }

    #[test]
    fn areas_are_those_of_the_full_picture() {
        let mut page = GrayImage::new(600, 160);
        write(&mut page, &[4, 7], (100, 50), 200, 0);
        let full = imageops::resize(&page, 2400, 640, imageops::FilterType::Triangle);
        let reading = read(&full);
        assert_eq!(reading.text(), "47");
        let (four, seven) = (digit(4), digit(7));
        let expected = [
            [400, 200, four.width() * 4, four.height() * 4],
            [
                (300 + four.width()) * 4,
                200,
                seven.width() * 4,
                seven.height() * 4,
            ],
        ];
        for (symbol, expected) in reading.rows[0].iter().zip(expected) {
            for (found, expected) in symbol.area.iter().zip(expected) {
                assert!(
                    found.abs_diff(expected) <= 16,
                    "{:?} {expected:?}",
                    symbol.area
                );
            }
        }
    }

    #[test]
    fn unsure_rows_are_left_out_and_a_text_is_as_sure_as_its_digits_together() {
        let mut page = GrayImage::new(500, 160);
        write(&mut page, &[1, 2, 3], (40, 40), 80, 0);
        let found = found(&page);
        let sure = |confidence: f64, image: &GrayImage| {
            let (digit, _) = predict(image).ranking()[0];
            let mut probabilities = [(1.0 - confidence) / 9.0; CLASSES];
            probabilities[digit] = confidence;
            Prediction { probabilities }
        };
        let with = |confidence: f64| {
            let images = found.images().iter();
            let predictions: Vec<_> = images.map(|image| sure(confidence, image)).collect();
            found.clone().resolve(&predictions, 0.6)
        };
        let reading = with(0.8);
        assert_eq!(reading.text(), "123");
        assert!((reading.confidence() - 0.8f64.powi(3)).abs() < 1e-9);
        assert!(with(0.55).rows.is_empty());
    }

    #[test]
    fn a_page_of_nothing_but_strokes_makes_no_more_images_than_the_limit() {
        for (step, width) in [(2, 1), (12, 8), (24, 8)] {
            let page = GrayImage::from_fn(960, 960, |x, y| {
                let stroke = x % step < width && y % (2 * step) < step + width;
                let bridge = y % (2 * step) == step / 2 && x % 480 < 400;
                let margin = x.min(y) < 20 || x.max(y) > 940;
                Luma([if (stroke || bridge) && !margin {
                    255
                } else {
                    0
                }])
            });
            let mut candidates = Candidates::none(1.0);
            candidates.add_view(&page).unwrap();
            assert!(candidates.images.len() <= MAX_IMAGES);
            let unsure = Prediction {
                probabilities: [0.1; CLASSES],
            };
            let predictions = vec![unsure; candidates.images.len()];
            assert!(candidates.resolve(&predictions, 0.5).rows.is_empty());
        }
    }
}
