//! Every number that reading pictures depends on and that is not learned. How each was chosen stands beside
//! it; none was chosen on people's pictures.

/// The detector's score from which a place is looked at again: low, since the second look refuses. Set
/// beforehand, not tuned.
pub(super) const THRESHOLD: f32 = 0.15;

/// The detector's score from which a place is one of a digit even before the second look: without any, the next
/// level is looked at. As in the validation of each epoch; set beforehand, not tuned.
pub(super) const SURE: f32 = 0.3;

/// Digits smaller than this many pixels on a level are looked for on the next one too: three times the
/// smallest that training calls readable. Set beforehand, not tuned.
pub(super) const SMALL: f32 = 24.0;

/// Places of digits' ink outside all boxes from which the next level is looked at: a digit of 8 pixels, the
/// smallest that training calls readable, has about as many.
pub(super) const ENOUGH_INK: usize = 6;

/// Digits larger than this many pixels on a level are seen better on a coarser one: nearly the side of the
/// smaller scenes of the training.
pub(super) const LARGE: f32 = 112.0;

/// Weight of the detector's score beside the second look, in logarithms. On 400 validation scenes of the
/// program's own strokes 0.1 to 0.6 differ by less than chance, and 1 refuses more digits.
pub(super) const DETECTOR_WEIGHT: f64 = 0.3;

/// Less probable boxes are no candidates for a row: the judge sees how many there are. Set beforehand.
pub(super) const FAINT: f64 = 0.1;

/// The probability of being a digit at all from which a box counts as one: it is calibrated, so more likely
/// than not.
pub(super) const DIGIT: f64 = 0.5;

/// The same for a box between others in a row, which is then shown as refused. On 400 validation scenes
/// of the program's own strokes 0.2 to 0.4 differ by less than chance.
pub(super) const REFUSED: f64 = 0.25;

/// The mean probability of its boxes from which a row is one of digits. On 400 validation scenes it leaves 38
/// digits where there are none; without it an earlier reader left 68.
pub(super) const BELIEVABLE: f64 = 0.7;

/// Two boxes that share so much of the smaller one are one digit: digits that touch share less.
pub(super) const SAME: f32 = 0.5;

/// Middles of neighbours in a row differ by no more than this share of the higher one's height: a digit
/// half as high as the others may stand on the line or hang from its top.
pub(super) const SHIFT: f32 = 0.6;

/// Ink within so many heights of a row's ends lies beside it.
pub(super) const BESIDE: f32 = 2.0;

/// Unread ink counts from this share of the area of the row's digits: specks and commas are smaller.
pub(super) const UNREAD: f32 = 0.15;

/// The confidence from which the network for 28×28 images answers alone; below, the reader looks too and the
/// surer of both answers. On MNIST's validation split 0.9 to 0.999 read 4,975 of 5,000 images, 0 reads 4,973.
pub(super) const SURE_OF_IMAGE: f64 = 0.9;
