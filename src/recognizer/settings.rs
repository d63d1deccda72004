//! All parameters of reading pictures that are not learned, each with a note on how it was chosen;
//! none was chosen on people's pictures.

/// The detector's score from which a box is classified by the second network: low, since the second
/// network can refuse it. Set beforehand, not tuned.
pub(super) const THRESHOLD: f32 = 0.15;

/// The detector's score from which a box counts as a digit even before the second network: without
/// any such box, the next level is used. As in the validation of each epoch; set beforehand, not
/// tuned.
pub(super) const SURE: f32 = 0.3;

/// Digits smaller than this many pixels on a level are looked for on the next one too: three times
/// the smallest that training counts as readable. Set beforehand, not tuned.
pub(super) const SMALL: f32 = 24.0;

/// Cells of digits' ink outside all boxes from which the next level is used: a digit of 8 pixels,
/// the smallest that training counts as readable, has about as many.
pub(super) const ENOUGH_INK: usize = 6;

/// Digits larger than this many pixels on a level are read better on a coarser one: nearly the side
/// of the smaller training scenes.
pub(super) const LARGE: f32 = 112.0;

/// Weight of the detector's log score relative to the second network's. On 400 validation scenes of
/// the program's own strokes, 0.1 to 0.6 do not differ significantly, and 1 refuses more digits.
pub(super) const DETECTOR_WEIGHT: f64 = 0.3;

/// Less probable boxes are not candidates for a row: the judge is told how many there are. Set
/// beforehand.
pub(super) const MIN_CANDIDATE: f64 = 0.1;

/// The probability of being any digit from which a box counts as one: it is calibrated, so this
/// means more likely than not.
pub(super) const DIGIT: f64 = 0.5;

/// The same for a box between others in a row, which is then shown as refused. On 400 validation
/// scenes of the program's own strokes, 0.2 to 0.4 do not differ significantly.
pub(super) const REFUSED: f64 = 0.25;

/// The mean probability of its boxes from which a row is one of digits. With it, 38 digits are read
/// where there are none on 400 validation scenes; without it, an earlier reader read 68.
pub(super) const MIN_ROW_MEAN: f64 = 0.7;

/// Two boxes that overlap by this share of the smaller one are one digit: digits that touch overlap
/// less.
pub(super) const SAME_OVERLAP: f32 = 0.5;

/// Centres of neighbours in a row differ in height by at most this share of the taller one's
/// height: a digit half as tall as the others may stand on the line or hang from its top.
pub(super) const MAX_OFFSET: f32 = 0.6;

/// Ink within this many heights of a row's ends counts as beside it.
pub(super) const MAX_DISTANCE: f32 = 2.0;

/// Unread ink counts from this share of the mean area of the row's digits: specks and commas are
/// smaller.
pub(super) const UNREAD: f32 = 0.15;

/// The confidence from which the network for 28×28 images answers alone; below it, the reader runs
/// too and the more confident of the two answers. On MNIST's validation split, 0.9 to 0.999 read
/// 4,975 of 5,000 images, and 0 reads 4,973.
pub(super) const SURE_OF_IMAGE: f64 = 0.9;
