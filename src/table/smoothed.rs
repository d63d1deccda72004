//! Smoothed rows of a picture, and how dark a line must be to stand out from its noise.

use image::GrayImage;

use super::settings::{FLANKS, MIN_CONTRAST, NOISE_FACTOR};

/// Rows of which one is used to measure the noise.
const SAMPLED: usize = 8;
/// Smoothing by 1, 2, 1 along and across multiplies tones by this.
const GAIN: f32 = 16.0;
/// How far a row can be shifted.
const MARGIN: usize = FLANKS[FLANKS.len() - 1];

/// One row of a picture, smoothed, with a margin that repeats its ends. Tones are 0 to 4080.
#[derive(Clone, Debug)]
pub(super) struct Smoothed {
    sums: Vec<i16>,
    padded: Vec<i16>,
}

impl Smoothed {
    /// Room for a row of a picture of this width.
    pub(super) fn new(width: usize) -> Self {
        Self {
            sums: vec![0; width + 2],
            padded: vec![0; width + 2 * MARGIN],
        }
    }

    /// Takes a row of a picture, which is not empty.
    pub(super) fn load(&mut self, picture: &GrayImage, y: u32) {
        let width = self.sums.len() - 2;
        let row = |y: u32| {
            let start = y.min(picture.height() - 1) as usize * width;
            &picture.as_raw()[start..start + width]
        };
        let around = row(y.saturating_sub(1)).iter().zip(row(y)).zip(row(y + 1));
        for (sum, ((&above, &tone), &below)) in self.sums[1..].iter_mut().zip(around) {
            *sum = i16::from(above) + 2 * i16::from(tone) + i16::from(below);
        }
        self.sums[0] = self.sums[1];
        self.sums[width + 1] = self.sums[width];
        for (tone, sums) in self.padded[MARGIN..].iter_mut().zip(self.sums.windows(3)) {
            *tone = sums[0] + 2 * sums[1] + sums[2];
        }
        let (first, last) = (self.padded[MARGIN], self.padded[MARGIN + width - 1]);
        self.padded[..MARGIN].fill(first);
        self.padded[MARGIN + width..].fill(last);
    }

    /// The tones of the row.
    pub(super) fn tones(&self) -> &[i16] {
        self.shifted(0)
    }

    /// For each pixel, the tone of the one so many pixels to its right, at most the widest of
    /// [`FLANKS`].
    pub(super) fn shifted(&self, by: isize) -> &[i16] {
        &self.padded[MARGIN.saturating_add_signed(by)..][..self.sums.len() - 2]
    }
}

/// The least darkness of a line in a picture, in the units of smoothed tones.
pub(super) fn threshold(picture: &GrayImage) -> i16 {
    let near = FLANKS[0];
    let mut row = Smoothed::new(picture.width() as usize);
    let mut counts = vec![0u32; 4096];
    for y in (0..picture.height()).step_by(SAMPLED) {
        row.load(picture, y);
        for tones in row.padded.windows(2 * near + 1) {
            let difference = (tones[near] - (tones[0] + tones[2 * near]) / 2).abs();
            counts[(difference as usize).min(4095)] += 1;
        }
    }
    let half = counts.iter().sum::<u32>() / 2;
    let mut below = 0;
    let median = counts.iter().position(|count| {
        below += count;
        below > half
    });
    let noise = median.unwrap_or(0) as f32;
    (MIN_CONTRAST * GAIN).max(NOISE_FACTOR * noise) as i16
}
