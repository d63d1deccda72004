//! Cells as areas that lines enclose: where boxes are small, or a line is lost among writing, the
//! paper between lines is still of one piece with four corners.

use std::collections::BTreeMap;

use image::{GrayImage, Luma};
use imageproc::region_labelling::{Connectivity, connected_components};

use super::Point;
use super::curve::Curve;
use super::settings::{MAX_CELLS, MAX_WIDTH, MIN_LINE};

/// The share of a cell that is paper, not ink, at least.
const PAPER: f32 = 0.4;
/// By how much the area between the outermost paper of each row may differ from that of the cell, as a
/// share of the latter: writing hides corners.
const AREA: f32 = 0.15;
/// A cell is smaller than this share of the picture.
const LARGEST: f32 = 0.3;

/// The enclosed areas of a picture that may be cells: their corners, clockwise from the top left, on
/// the middles of the lines around them. None where there are more than a table has.
///
/// `mask` is 255 where the picture shows a line.
pub(super) fn cells(mask: &GrayImage) -> Vec<[Point; 4]> {
    let areas = areas(mask);
    match areas.len() > MAX_CELLS {
        true => vec![],
        false => areas.into_iter().map(|area| widened(area, mask)).collect(),
    }
}

/// The sides of cells: level ones, and upright ones.
pub(super) fn sides(cells: &[[Point; 4]]) -> [Vec<Curve>; 2] {
    let swapped = |[x, y]: Point| [y, x];
    let level = cells.iter().flat_map(|&[a, b, c, d]| [[a, b], [d, c]]);
    let upright = cells.iter().flat_map(|&[a, b, c, d]| [[a, d], [b, c]]);
    [
        level.filter_map(|side| Curve::new(side.to_vec())).collect(),
        upright
            .filter_map(|side| Curve::new(side.map(swapped).to_vec()))
            .collect(),
    ]
}

/// A connected area of paper.
struct Area {
    pixels: u32,
    /// The outermost pixels to the upper left, upper right, lower right and lower left.
    corners: [Point; 4],
    /// Row, first and last pixel of the row seen last.
    row: [u32; 3],
    /// Pixels between the first and the last one of each row before.
    filled: u32,
}

impl Area {
    fn new([x, y]: [u32; 2]) -> Self {
        Self {
            pixels: 0,
            corners: [[x as f32, y as f32]; 4],
            row: [y, x, x],
            filled: 0,
        }
    }

    fn add(&mut self, [x, y]: [u32; 2]) {
        self.pixels += 1;
        let [row, first, last] = self.row;
        if row == y {
            self.row = [y, first, x];
        } else {
            self.filled += last - first + 1;
            self.row = [y, x, x];
        }
        let point = [x as f32, y as f32];
        let outermost = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
        for (corner, [right, down]) in self.corners.iter_mut().zip(outermost) {
            let reach = |[x, y]: Point| right * x + down * y;
            if reach(point) > reach(*corner) {
                *corner = point;
            }
        }
    }

    /// The corners, if it is about a rectangle.
    fn cell(&self) -> Option<[Point; 4]> {
        let [_, first, last] = self.row;
        let filled = (self.filled + last - first + 1) as f32;
        // From the middles of the outermost pixels to their edges.
        let [a, b, c, d] = self.corners;
        let corners = [
            a,
            [b[0] + 1.0, b[1]],
            [c[0] + 1.0, c[1] + 1.0],
            [d[0], d[1] + 1.0],
        ];
        let whole = area(corners);
        let is_rectangle = (filled - whole).abs() <= AREA * whole
            && self.pixels as f32 >= PAPER * whole
            && (0..4).all(|at| length(corners[at], corners[(at + 1) % 4]) >= MIN_LINE as f32 / 2.0);
        is_rectangle.then_some(corners)
    }
}

fn areas(mask: &GrayImage) -> Vec<[Point; 4]> {
    // Too small for a cell, and a single pixel more than can be labelled.
    if mask.width().min(mask.height()) < MIN_LINE as u32 {
        return vec![];
    }
    let labels = connected_components(mask, Connectivity::Four, Luma([255]));
    let mut areas: BTreeMap<u32, Area> = BTreeMap::new();
    let mut last = (0, None::<Area>);
    for (x, y, label) in labels.enumerate_pixels() {
        let Luma([label]) = *label;
        if label == 0 {
            continue;
        }
        if last.0 != label {
            let area = areas.remove(&label);
            let before = last.1.replace(area.unwrap_or_else(|| Area::new([x, y])));
            areas.extend(before.map(|area| (last.0, area)));
            last.0 = label;
        }
        if let Some(area) = &mut last.1 {
            area.add([x, y]);
        }
    }
    areas.extend(last.1.map(|area| (last.0, area)));
    let largest = LARGEST * (mask.width() * mask.height()) as f32;
    let [right, bottom] = [mask.width(), mask.height()].map(|side| (side - 1) as f32);
    let is_inside = |&[x, y]: &Point| x > 0.0 && y > 0.0 && x < right && y < bottom;
    areas
        .into_values()
        .filter(|area| area.pixels as f32 <= largest && area.corners.iter().all(is_inside))
        .filter_map(|area| area.cell())
        .collect()
}

/// A cell up to the middles of the lines around it.
fn widened(cell: [Point; 4], mask: &GrayImage) -> [Point; 4] {
    let out = |at: usize| {
        let (a, b) = (cell[at], cell[(at + 1) % 4]);
        let long = length(a, b).max(1e-3);
        let outward = [(b[1] - a[1]) / long, (a[0] - b[0]) / long];
        let mut widths: Vec<usize> = (1..=5)
            .map(|step| {
                let share = step as f32 / 6.0;
                let on = [0, 1].map(|axis| a[axis] + share * (b[axis] - a[axis]));
                let shown = |away: &usize| {
                    let away = *away as f32 + 0.5;
                    is_line(mask, [0, 1].map(|axis| on[axis] + outward[axis] * away))
                };
                (0..MAX_WIDTH).take_while(shown).count()
            })
            .collect();
        widths.sort_unstable();
        let half = widths[widths.len() / 2] as f32 / 2.0;
        outward.map(|axis| axis * half)
    };
    let outs = [0, 1, 2, 3].map(out);
    [0, 1, 2, 3].map(|at| {
        let (before, after) = (outs[(at + 3) % 4], outs[at]);
        [0, 1].map(|axis| cell[at][axis] + before[axis] + after[axis])
    })
}

fn is_line(mask: &GrayImage, [x, y]: Point) -> bool {
    x >= 0.0
        && y >= 0.0
        && mask
            .get_pixel_checked(x as u32, y as u32)
            .is_some_and(|pixel| pixel[0] > 0)
}

fn length(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The area of a quadrilateral.
fn area([a, b, c, d]: [Point; 4]) -> f32 {
    let cross = (c[0] - a[0]) * (d[1] - b[1]) - (c[1] - a[1]) * (d[0] - b[0]);
    cross.abs() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::line_mask::Ridges;
    use crate::table::testing::{Page, steps};

    fn found(page: &Page) -> Vec<[Point; 4]> {
        cells(&Ridges::of(&page.0).mask(0.0))
    }

    #[test]
    fn boxes_with_digits_are_enclosed_up_to_the_middles_of_their_lines() {
        let mut page = Page::new(500, 200);
        page.grid(&steps(40.0, 30.0, 6), &[60.0, 100.0], 3.0);
        page.number("8", [55.0, 80.0], 26.0, 1);
        page.number("4", [115.0, 80.0], 22.0, 2);
        let mut boxes = found(&page);
        // Beside them, the two bows of the 8 at most.
        boxes.retain(|[a, b, ..]| b[0] - a[0] > 20.0);
        assert_eq!(boxes.len(), 6, "{boxes:?}");
        let drawn = [[130.0, 60.0], [160.0, 60.0], [160.0, 100.0], [130.0, 100.0]];
        for (corner, drawn) in boxes[3].into_iter().zip(drawn) {
            assert!(length(corner, drawn) < 2.5, "{corner:?} for {drawn:?}");
        }
    }

    #[test]
    fn what_is_open_or_round_is_no_cell() {
        let mut page = Page::new(300, 200);
        page.line([40.0, 40.0], [120.0, 40.0], 3.0);
        page.line([40.0, 90.0], [120.0, 90.0], 3.0);
        page.line([40.0, 40.0], [40.0, 90.0], 3.0);
        for step in 0..200 {
            let at = |step: f32| {
                [
                    200.0 + 40.0 * (step / 30.0).cos(),
                    120.0 + 40.0 * (step / 30.0).sin(),
                ]
            };
            page.line(at(step as f32), at(step as f32 + 1.0), 3.0);
        }
        assert!(found(&page).is_empty());
        page.line([120.0, 40.0], [120.0, 90.0], 3.0);
        assert_eq!(found(&page).len(), 1);
    }

    #[test]
    fn squared_paper_has_too_many() {
        let mut page = Page::new(640, 640);
        let lines = steps(4.0, 9.0, 70);
        page.grid(&lines, &lines, 1.0);
        assert!(found(&page).is_empty());
        assert!(found(&Page::new(1, 1)).is_empty());
    }
}
