//! From a picture to its tables.

use anyhow::{Context, Result};
use image::GrayImage;

use super::draft::Draft;
use super::frame::{Frame, around};
use super::layout::{self, Seen};
use super::lines::Lines;
use super::orientation::{self, Evidence};
use super::settings::{FEWER_LINES, NO_LINES, WRITING_PIXELS};
use super::straighten::Straight;
use super::working::Working;
use super::writing::Item;
use super::{Cell, Point, Sheet, Table, decimal, explain, skew, slash};
use crate::recognizer::{Prepared, Reading, Recognizer, Symbol};

/// Lines from which their directions are trusted more than those of rows of digits.
const ENOUGH_LINES: usize = 3;

/// Reads the tables in a picture.
///
/// Lines bound cells where there are any: rows and columns without writing are kept. Elsewhere
/// numbers form rows and columns by how they line up. A row of boxes with one digit each is one
/// cell; a number alone is a table of one cell. The sheet may lie askew, and is read in other
/// quarter turns where it is hardly readable as it is.
///
/// # Errors
/// When a network fails.
pub fn read(recognizer: &Recognizer, picture: &Prepared) -> Result<Sheet> {
    let grey = picture.grey();
    let upright = View::of(recognizer, grey)?;
    let mut best = (0, upright);
    if best.1.evidence.is_doubtful() {
        for turns in 1..4 {
            let view = View::of(recognizer, &orientation::turned(grey, turns))?;
            if view.evidence.is_clearer_than(&best.1.evidence) {
                best = (turns, view);
            }
            if !best.1.evidence.is_doubtful() {
                break;
            }
        }
    }
    let (quarter_turns, view) = best;
    let size = [grey.width() as f32, grey.height() as f32];
    let scale = picture.scale() as f32;
    let original =
        |point: Point| orientation::turned_back(point, size, quarter_turns).map(|at| at * scale);
    let mut tables = view.tables(&original);
    for table in &mut tables {
        decimal::unify(table, recognizer.min_confidence());
        slash::weigh(table, recognizer.min_confidence());
    }
    Ok(Sheet {
        tables,
        quarter_turns,
        truncated: view.truncated,
    })
}

/// A picture as it was read in one quarter turn.
struct View {
    drafts: Vec<Draft>,
    frame: Frame,
    /// Pixels of the picture per pixel of the working picture.
    scale: f32,
    /// What was read, and its corners in the working picture.
    symbols: Vec<(Symbol, [Point; 4])>,
    evidence: Evidence,
    truncated: bool,
}

impl View {
    fn of(recognizer: &Recognizer, grey: &GrayImage) -> Result<Self> {
        let working = Working::of(grey);
        let mut lines = Lines::by_darkness(&working);
        let is_ruled = lines[0].count() >= ENOUGH_LINES;
        let mut frame = Frame::upright();
        if is_ruled {
            frame = Frame::of_lines(&lines[0], working.size());
        }
        let mut found = Found::of(recognizer, grey, &working, &frame)?;
        if !is_ruled {
            frame = skew::frame(&found.rows(), working.size());
            if frame.is_askew() {
                found = Found::of(recognizer, grey, &working, &frame)?;
            }
        }
        // The lines may be the paper's: the layout without them may explain more.
        lines.push(Lines::default());
        let layout = Layout::best(&lines, &found, &working)?;
        let cells = layout.drafts.iter().flat_map(|draft| &draft.cells);
        let unread = cells.filter(|cell| cell.has_unread && cell.symbols.is_empty());
        let confidences = found.symbols.iter().map(|(symbol, _)| symbol.confidence);
        let evidence = Evidence {
            digits: found.symbols.len(),
            sum: confidences.sum(),
            missed: found.unread.len(),
            unread_cells: unread.count(),
            has_ink: working.ink().nth(WRITING_PIXELS as usize).is_some(),
        };
        Ok(Self {
            drafts: layout.drafts,
            frame: layout.frame,
            scale: working.scale,
            evidence,
            symbols: found.symbols,
            truncated: found.truncated || layout.too_many,
        })
    }

    /// The tables in the picture as it was given.
    fn tables(&self, original: &impl Fn(Point) -> Point) -> Vec<Table> {
        let place = |point: Point| original(point.map(|at| at * self.scale));
        let symbol = |&at: &usize| {
            let (symbol, corners) = self.symbols.get(at)?;
            let [left, top, right, bottom] = around(corners.map(place)).map(|at| at.max(0.0));
            let length = |from: f32, to: f32| (to.round() - from.round()).max(1.0) as u32;
            Some(Symbol {
                area: [
                    left.round() as u32,
                    top.round() as u32,
                    length(left, right),
                    length(top, bottom),
                ],
                ..symbol.clone()
            })
        };
        let table = |draft: &Draft| {
            let columns = draft.grid.columns();
            let cells = draft.cells.iter().enumerate().map(|(at, cell)| Cell {
                row: at / columns,
                column: at % columns,
                corners: cell
                    .corners
                    .map(|corner| place(self.frame.to_picture(corner))),
                symbols: cell.symbols.iter().filter_map(symbol).collect(),
                has_unread: cell.has_unread,
            });
            Table {
                rows: draft.grid.rows(),
                columns,
                cells: cells.collect(),
            }
        };
        self.drafts.iter().map(table).collect()
    }
}

/// The tables of a sheet as some of the lines have them.
struct Layout {
    drafts: Vec<Draft>,
    frame: Frame,
    /// Whether a grid was left out.
    too_many: bool,
    /// How well it explains what was read.
    explained: f32,
}

impl Layout {
    /// Of the layouts with each of these `lines`, the one that explains the symbols best; of those that
    /// are about as good, the first one.
    fn best(lines: &[Lines], found: &Found, working: &Working) -> Result<Self> {
        let symbols: Vec<[Point; 4]> = found.symbols.iter().map(|(_, at)| *at).collect();
        let by_rows = skew::frame(&found.rows(), working.size());
        let mut best: Option<Self> = None;
        for lines in lines {
            let frame = match lines.count() >= ENOUGH_LINES {
                true => Frame::of_lines(lines, working.size()),
                false => by_rows,
            };
            let layout = Self::of(lines, frame, &symbols, found, working);
            let least = match lines.count() {
                0 => NO_LINES,
                _ => FEWER_LINES,
            } * symbols.len() as f32;
            if best
                .as_ref()
                .is_none_or(|best| layout.explained > best.explained + least)
            {
                best = Some(layout);
            }
        }
        best.context("no layout")
    }

    fn of(
        lines: &Lines,
        frame: Frame,
        symbols: &[[Point; 4]],
        found: &Found,
        working: &Working,
    ) -> Self {
        let items = symbols.iter().enumerate();
        let items = items.map(|(at, corners)| Item::of(around(*corners), &frame, vec![at]));
        let items: Vec<Item> = items.collect();
        let seen = Seen {
            working,
            frame: &frame,
            lines,
            symbols,
            unread: &found.unread,
        };
        let (drafts, too_many) = layout::drafts(&seen, items.clone());
        Self {
            explained: explain::explained(&drafts, &items),
            drafts,
            frame,
            too_many,
        }
    }
}

/// What the recognizer found, in the working picture.
struct Found {
    symbols: Vec<(Symbol, [Point; 4])>,
    /// Number of symbols in each row.
    rows: Vec<usize>,
    /// Middles of writing that was not read.
    unread: Vec<Point>,
    truncated: bool,
}

impl Found {
    /// Reads a picture, straightened if the sheet lies askew.
    fn of(
        recognizer: &Recognizer,
        grey: &GrayImage,
        working: &Working,
        frame: &Frame,
    ) -> Result<Self> {
        if frame.is_askew() {
            let straight = Straight::of(grey, working, frame);
            let reading = recognizer.read_sheet(&straight.picture.clone().into())?;
            let place = |point: Point| frame.to_picture(straight.to_sheet(point));
            Ok(Self::placed(reading, place))
        } else {
            let reading = recognizer.read_sheet(&grey.clone().into())?;
            Ok(Self::placed(reading, |point| {
                point.map(|at| at / working.scale)
            }))
        }
    }

    fn placed(reading: Reading, place: impl Fn(Point) -> Point) -> Self {
        let corners = |area: [u32; 4]| {
            let [left, top, width, height] = area.map(|at| at as f32);
            let (right, bottom) = (left + width, top + height);
            [[left, top], [right, top], [right, bottom], [left, bottom]].map(&place)
        };
        let middle = |&[left, top, width, height]: &[u32; 4]| {
            place([
                left as f32 + width as f32 / 2.0,
                top as f32 + height as f32 / 2.0,
            ])
        };
        Self {
            rows: reading.rows.iter().map(Vec::len).collect(),
            unread: reading.unread.iter().map(middle).collect(),
            truncated: reading.truncated,
            symbols: reading
                .rows
                .into_iter()
                .flatten()
                .map(|symbol| (corners(symbol.area), symbol))
                .map(|(corners, symbol)| (symbol, corners))
                .collect(),
        }
    }

    /// The boxes of each row's symbols.
    fn rows(&self) -> Vec<Vec<[f32; 4]>> {
        let mut boxes = self.symbols.iter().map(|(_, corners)| around(*corners));
        let rows = self.rows.iter();
        rows.map(|&count| boxes.by_ref().take(count).collect())
            .collect()
    }
}

#[cfg(test)]
mod tests;
