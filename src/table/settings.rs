//! Settings of the layout of sheets, each with the reason for its value. Lengths are in pixels of
//! the [working picture](super::working) unless another unit is named. Most were set beforehand by
//! reasoning; `DOUBT` and `MISSED` after a look at drawn sheets and a few rendered scenes, `FLANKS`,
//! `MAX_WIDTH` and `NUMBER_GAP` after a look at rendered sheets. `LAYOUT_WEIGHTS` are fitted. None was
//! chosen on people's pictures.

/// Longest side of the picture in which lines are looked for: a line of half a millimetre on an A4
/// sheet that fills the picture is two pixels wide, and a digit of three millimetres is thirteen high.
pub(super) const WORKING_SIDE: u32 = 1280;

/// A line is darker than the paper on both sides, this far from its middle: the smallest distance
/// also fits the narrowest cells, the largest the wide lines of a sudoku that fills the picture.
pub(super) const FLANKS: [usize; 4] = [3, 6, 10, 16];
/// Least darkness of a line, in grey levels of 256: faint print on paper has about ten.
pub(super) const MIN_CONTRAST: f32 = 5.0;
/// Least darkness as a multiple of the picture's median noise: about three times it is exceeded by
/// few pixels of plain noise in a row.
pub(super) const NOISE_FACTOR: f32 = 3.0;
/// Widest line: that of the largest of [`FLANKS`], with its blur.
pub(super) const MAX_WIDTH: usize = 22;

/// A line is followed over a gap of this length: a line that crosses it is at most as wide.
pub(super) const MAX_GAP: usize = 10;
/// Steepest slope of a line relative to its axis: 20° askew, and as much again by perspective.
pub(super) const MAX_SLOPE: f32 = 0.8;
/// A line is found again within this distance of where its direction leads.
pub(super) const FOLLOW: f32 = 1.5;
/// Pixels of a line from which its direction is known.
pub(super) const DIRECTION: usize = 14;
/// Shortest line: a box of five millimetres on an A4 sheet has sides of 23 pixels.
pub(super) const MIN_LINE: usize = 12;
/// The share of a line that must be seen: dashes as long as their gaps, and a little more, so that
/// the feet of printed letters are not one line.
pub(super) const MIN_SEEN: f32 = 0.6;
/// Largest distance of a line from the chord between its ends, as a share of its length: the strokes
/// of most digits bend more, and a sheet that lies a little crumpled less.
pub(super) const MAX_BEND: f32 = 0.06;
/// Two pieces of one line are joined over a gap of this length at most: about two digits that hide
/// it.
pub(super) const MAX_JOINT: f32 = 60.0;
/// Most lines of each direction, the longest ones, so that work stays bounded: a page of graph paper
/// has about a hundred.
pub(super) const MAX_LINES: usize = 600;
/// Lines of this length are kept even where they touch no other: longer than a digit of most
/// tables.
pub(super) const LONG: f32 = 80.0;
/// Two lines touch if they come this near to each other, beside a small share of the shorter one: corners
/// drawn by hand are often open.
pub(super) const TOUCH: f32 = 3.0;

/// Lines of at least this length tell how the sheet lies.
pub(super) const FRAME_LINE: f32 = 50.0;
/// A sheet that lies askew by this much, in radians (4°), is straightened before it is read: less is
/// usual in handwriting itself.
pub(super) const ASKEW: f32 = 0.07;

/// Steepest slope of a table's line on the straightened sheet (10°): lines drawn by hand slant less,
/// and most strokes of digits more.
pub(super) const MAX_SHEET_SLOPE: f32 = 0.17;
/// The same for lines of at least [`LONG_LINE`] (4.5°): steeper ones are creases of the paper.
pub(super) const MAX_LONG_SLOPE: f32 = 0.08;
/// Length from which on a line drawn by hand slants less.
pub(super) const LONG_LINE: f32 = 200.0;

/// Two lines at less than this distance are one that was drawn twice.
pub(super) const SAME_LINE: f32 = 6.0;
/// The share of a table's extent that lines at one position cover, in all. Less may be the strokes
/// of digits, or a single cell that was divided.
pub(super) const MIN_COVER: f32 = 0.3;
/// Most cells of a table. More are squared paper: cells would be smaller than the smallest digits.
pub(super) const MAX_CELLS: usize = 4000;
/// From this number of cells on, a grid that is almost empty is squared paper rather than a table: a
/// sudoku has 81 cells, of which 17 or more are filled.
pub(super) const PAPER_CELLS: usize = 150;
/// The least share of cells with writing in a grid of so many cells.
pub(super) const PAPER_FILLED: f32 = 0.15;
/// Lines that cross the table's last line by this share of a cell bound another cell, as in a grid
/// without a border.
pub(super) const OPEN_CELL: f32 = 0.5;

/// The widest box for one digit, as a multiple of its height.
pub(super) const BOX_ASPECT: f32 = 1.3;
/// Widths and heights of boxes of one field differ by this factor at most.
pub(super) const BOX_RATIO: f32 = 1.5;
/// The widest gap between boxes of one field, in widths of a box.
pub(super) const BOX_GAP: f32 = 0.8;
/// Gaps of one field differ by this factor at most, beside a fifth of a box: a wider one parts two
/// fields.
pub(super) const GAP_RATIO: f32 = 1.8;

/// Two boxes of digits are level if their centres differ by at most this share of their height.
pub(super) const LEVEL: f32 = 0.55;
/// A gap that is common to all rows and at least this wide, in heights of a digit, parts columns:
/// digits of a number are nearer.
pub(super) const COLUMN_GAP: f32 = 1.0;
/// A common gap of less parts no columns, even where all others are much narrower: digits of a
/// number are often this far from each other.
pub(super) const DIGIT_GAP: f32 = 0.35;
/// Where the widths of the gaps between these two are not clearly of two kinds: in the middle.
pub(super) const MIDDLE_GAP: f32 = 0.6;
/// Gaps are of two kinds if the wider ones are wider by this factor.
pub(super) const GAP_KINDS: f32 = 1.6;
/// A gap between rows that is wider than the median distance of rows by this factor parts tables.
pub(super) const TABLE_GAP: f32 = 2.5;

/// A gap between symbols that is wider than this, in heights, parts two numbers.
pub(super) const NUMBER_GAP: f32 = 0.9;

/// Weights of the [features](super::features::FEATURES) of a layout, in their order: fitted by
/// `scripts/fit-layouts` to the layouts of 420 rendered sheets in hands for training.
pub(super) const LAYOUT_WEIGHTS: [f32; 20] = [
    2.918, -2.871, -3.954, -9.414, -5.464, -0.554, -10.676, 1.388, -1.315, -1.152, -4.410, -1.091,
    -1.041, 4.153, 0.797, 0.086, -0.041, 0.065, 0.018, 0.057,
];

/// Ink is darker than its surroundings by at least this many grey levels: pencil has about thirty.
pub(super) const INK_CONTRAST: i16 = 20;
/// Half the side of the surroundings with which ink is compared: more than the widest stroke.
pub(super) const SURROUNDINGS: u32 = 16;
/// Ink nearer than this to a cell's edge, as a share of its height, is a line's or a neighbour's.
pub(super) const CELL_MARGIN: f32 = 0.12;
/// Unread writing is at least this high, as a share of its cell's height: specks and dots are lower.
pub(super) const WRITING_HEIGHT: f32 = 0.15;
/// Least number of pixels of unread writing: a letter has about thirty.
pub(super) const WRITING_PIXELS: u32 = 25;

/// Reading is doubtful, and the other quarter turns are tried, if the digits' mean confidence is less
/// than this: on drawn sheets it was at least 0.94 upright and at most 0.82 in other turns.
pub(super) const DOUBT: f64 = 0.88;
/// The same if more than this share of what looks like digits was not read: at most 0.07 upright,
/// and 0.15 in other turns.
pub(super) const MISSED: f64 = 0.1;
/// Another turn counts only if its digits' mean confidence is at least this, ...
pub(super) const CLEAR: f64 = 0.75;
/// ... higher than before by this, ...
pub(super) const CLEARLY: f64 = 0.05;
/// ... and the sum of what the confidences exceed this by is higher, too.
pub(super) const WORTH: f64 = 0.4;
