//! How many strokes are apart from one another.

use std::ops::Range;

use image::GrayImage;

/// The strokes of a row, from left to right, each with the piece that it is of.
type Row = Vec<(Range<usize>, usize)>;

/// How many pieces the pixels of `level` or brighter make, where those that touch at a corner are of one.
///
/// It walks from row to row and never labels a pixel, since only their number is wanted.
pub(super) fn pieces(picture: &GrayImage, level: u8) -> usize {
    let width = (picture.width() as usize).max(1);
    // Each piece points at one that it was joined to, or at itself.
    let mut joined: Vec<usize> = vec![];
    let mut count = 0;
    let mut above = Row::new();
    for row in picture.chunks_exact(width) {
        let mut here = Row::new();
        for run in runs(row, level) {
            let touching = above.iter().filter(|(other, _)| touch(other, &run));
            let mut own = None;
            for &(_, piece) in touching {
                let piece = root(&joined, piece);
                match own {
                    None => own = Some(piece),
                    Some(own) if own != piece => {
                        joined[piece] = own;
                        count -= 1;
                    }
                    Some(_) => {}
                }
            }
            let piece = own.unwrap_or_else(|| {
                joined.push(joined.len());
                count += 1;
                joined.len() - 1
            });
            here.push((run, piece));
        }
        above = here;
    }
    count
}

/// The stretches of a row that are bright enough.
fn runs(row: &[u8], level: u8) -> impl Iterator<Item = Range<usize>> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next + row[next..].iter().position(|&value| value >= level)?;
        let length = row[start..].iter().position(|&value| value < level);
        next = length.map_or(row.len(), |length| start + length);
        Some(start..next)
    })
}

/// Whether two runs of neighbouring rows touch, be it at a corner.
fn touch(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start <= other.end && other.start <= one.end
}

fn root(joined: &[usize], mut piece: usize) -> usize {
    while joined[piece] != piece {
        piece = joined[piece];
    }
    piece
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use imageproc::map::map_subpixels;
    use imageproc::region_labelling::{Connectivity, connected_components};

    use super::*;

    #[test]
    fn pieces_are_as_many_as_a_labelling_finds() {
        let mut state = 1u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for (width, height) in [(2, 1), (1, 7), (9, 9), (60, 45)] {
            for share in [0, 20, 60, 90, 128, 255] {
                let picture = GrayImage::from_fn(width, height, |_, _| {
                    Luma([if random() <= share { 200 } else { 100 }])
                });
                let bright = map_subpixels(&picture, |value| u8::from(value >= 128));
                let labels = connected_components(&bright, Connectivity::Eight, Luma([0]));
                let expected = labels.iter().copied().max().unwrap_or(0);
                assert_eq!(pieces(&picture, 128), expected as usize, "{picture:?}");
            }
        }
        assert_eq!(pieces(&GrayImage::new(3, 3), 128), 0);
        assert_eq!(pieces(&GrayImage::new(0, 0), 128), 0);
    }
}
