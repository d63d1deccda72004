//! From a picture to its tables.

use anyhow::Result;
use image::GrayImage;
use rayon::prelude::*;

use super::candidates::{Candidate, Candidates};
use super::draft::Draft;
use super::features::{self, Features, Tried};
use super::frame::{Frame, around};
use super::layout::{self, Seen};
use super::orientation::{self, Evidence};
use super::settings::WRITING_PIXELS;
use super::straighten::Straight;
use super::working::Working;
use super::writing::{Item, median};
use super::{Cell, Point, Sheet, Table, choice, decimal, skew, slash, unread};
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
    Ok(view.sheet(view.layout(), picture, quarter_turns, recognizer))
}

/// A layout that was tried for a sheet.
#[derive(Clone, Debug)]
pub struct TriedLayout {
    /// What tells how well it explains the sheet.
    pub features: Features,
    /// What is read with it.
    pub sheet: Sheet,
}

/// All layouts that are tried for a picture as it is, in no quarter turn: to fit how they are
/// chosen.
///
/// # Errors
/// When a network fails.
pub fn layouts(recognizer: &Recognizer, picture: &Prepared) -> Result<Vec<TriedLayout>> {
    let view = View::of(recognizer, picture.grey())?;
    let tried = view.layouts.iter().map(|layout| TriedLayout {
        features: layout.features,
        sheet: view.sheet(layout, picture, 0, recognizer),
    });
    Ok(tried.collect())
}

/// A picture as it was read in one quarter turn.
struct View {
    layouts: Vec<Layout>,
    /// Place of the layout that explains it best.
    best: usize,
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
        let candidates = Candidates::of(&working);
        let lines = candidates.traced();
        let is_ruled = lines.count() >= ENOUGH_LINES;
        let mut frame = Frame::upright();
        if is_ruled {
            frame = Frame::of_lines(lines, working.size());
        }
        let mut found = Found::of(recognizer, grey, &working, &frame)?;
        if !is_ruled {
            frame = skew::frame(&found.rows(), working.size());
            if frame.is_askew() {
                found = Found::of(recognizer, grey, &working, &frame)?;
            }
        }
        let layouts = Layout::all(candidates, &found, &working);
        let better = |&a: &usize, &b: &usize| layouts[a].score.total_cmp(&layouts[b].score);
        let best = (0..layouts.len()).rev().max_by(better).unwrap_or(0);
        let cells = layouts[best].drafts.iter().flat_map(|draft| &draft.cells);
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
            layouts,
            best,
            scale: working.scale,
            evidence,
            symbols: found.symbols,
            truncated: found.truncated,
        })
    }

    /// The layout that explains the picture best.
    fn layout(&self) -> &Layout {
        &self.layouts[self.best]
    }

    /// The sheet as a layout has it, in a picture that was turned by quarters to be read.
    fn sheet(
        &self,
        layout: &Layout,
        picture: &Prepared,
        quarter_turns: u8,
        recognizer: &Recognizer,
    ) -> Sheet {
        let size = [picture.grey().width(), picture.grey().height()].map(|side| side as f32);
        let scale = picture.scale() as f32;
        let original = |point: Point| {
            orientation::turned_back(point, size, quarter_turns).map(|at| at * scale)
        };
        let mut tables = self.tables(layout, &original);
        for table in &mut tables {
            decimal::unify(table, recognizer.min_confidence());
            slash::weigh(table, recognizer.min_confidence());
        }
        Sheet {
            tables,
            quarter_turns,
            truncated: self.truncated || layout.too_many,
        }
    }

    /// The tables of a layout in the picture as it was given.
    fn tables(&self, layout: &Layout, original: &impl Fn(Point) -> Point) -> Vec<Table> {
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
                    .map(|corner| place(layout.frame.to_picture(corner))),
                symbols: cell.symbols.iter().filter_map(symbol).collect(),
                has_unread: cell.has_unread,
            });
            Table {
                rows: draft.grid.rows(),
                columns,
                cells: cells.collect(),
            }
        };
        layout.drafts.iter().map(table).collect()
    }
}

/// The tables of a sheet as some of the lines have them.
struct Layout {
    drafts: Vec<Draft>,
    frame: Frame,
    /// Whether a grid was left out.
    too_many: bool,
    /// How well it explains what was read.
    features: Features,
    /// How good they are together.
    score: f32,
}

impl Layout {
    /// The layouts with all candidates.
    fn all(candidates: Candidates, found: &Found, working: &Working) -> Vec<Self> {
        let symbols: Vec<[Point; 4]> = found.symbols.iter().map(|(_, at)| *at).collect();
        let characters = found.symbols.iter().map(|(symbol, _)| symbol.character());
        let characters: Vec<char> = characters.collect();
        let unread_ink = unread::ink(working, &symbols);
        let by_rows = skew::frame(&found.rows(), working.size());
        let heights = symbols.iter().map(|&corners| {
            let [_, top, _, bottom] = around(corners);
            bottom - top
        });
        let candidates = candidates.with_digits(median(heights).unwrap_or(0.0));
        let areas = candidates.areas();
        let layout = |candidate: &Candidate| {
            let lines = match candidate.traced.count() {
                0 => &candidate.sides,
                _ => &candidate.traced,
            };
            let frame = match lines.count() >= ENOUGH_LINES {
                true => Frame::of_lines(lines, working.size()),
                false => by_rows,
            };
            let items = symbols.iter().enumerate();
            let items = items.map(|(at, corners)| Item::of(around(*corners), &frame, vec![at]));
            let items: Vec<Item> = items.collect();
            let seen = Seen {
                frame: &frame,
                lines: candidate,
                characters: &characters,
                unread: &found.unread,
                unread_ink: &unread_ink,
            };
            let (drafts, too_many) = layout::drafts(&seen, items.clone());
            let tried = Tried {
                drafts: &drafts,
                frame: &frame,
                origin: candidate.origin,
                items: &items,
                characters: &characters,
                areas,
            };
            let features = features::features(&tried);
            Self {
                score: choice::score(&features),
                features,
                drafts,
                frame,
                too_many,
            }
        };
        candidates.all().par_iter().map(layout).collect()
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
