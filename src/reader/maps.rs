//! The detector's output, and the characters in it.

use anyhow::{Result, ensure};
use image::{GrayImage, Luma};
use tch::{Device, Kind, Tensor};

use crate::characters::CHARACTERS;
use crate::model::architecture::reader::{MAPS, STRIDE};
use crate::scenes::Bounds;

/// The first of the four channels of the box; before them there is one per class.
pub const BOX: usize = CHARACTERS;

/// The first of the two channels of ink: that of characters; that of other writing follows.
pub const INK: usize = CHARACTERS + 4;

/// Sizes are predicted as logarithms, in units of this many pixels.
pub const SIZE_UNIT: f32 = 32.0;

/// Logarithms of sizes are clamped to this absolute value.
const MAX_LOG_SIZE: f32 = 4.0;

/// The detector's output for one picture: for each cell of a grid, a quarter as high and wide,
/// logits of the characters, the centre and size of the box, and logits of ink.
#[derive(Clone, Debug)]
pub struct Maps {
    /// Rows of the grid.
    pub height: usize,
    /// Cells per row.
    pub width: usize,
    /// `[21, height, width]`, row by row.
    pub values: Vec<f32>,
}

/// A character found by the detector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Its box, in pixels of the detector's input.
    pub bounds: Bounds,
    /// The detector's score for each character, 0 to 1.
    pub scores: [f32; CHARACTERS],
}

impl Detection {
    /// The class with the highest score, and that score.
    pub fn best(&self) -> (usize, f32) {
        let scores = self.scores.iter().copied().enumerate();
        scores
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
            .unwrap_or((0, 0.0))
    }
}

impl Maps {
    /// The maps of each picture of a batch.
    ///
    /// # Shapes
    /// `f32 [B, 21, H, W]`.
    ///
    /// # Errors
    /// When they have another shape.
    pub fn of(batch: &Tensor) -> Result<Vec<Self>> {
        let size = batch.size();
        ensure!(
            size.len() == 4 && size[1] == MAPS,
            "not the shape of a detector's maps"
        );
        let batch = batch
            .detach()
            .f_to_kind(Kind::Float)?
            .f_contiguous()?
            .f_to_device(Device::Cpu)?;
        let values = Vec::<f32>::try_from(batch.f_view([-1])?)?;
        let (height, width) = (size[2] as usize, size[3] as usize);
        let pictures = values.chunks_exact((MAPS as usize * height * width).max(1));
        let maps = pictures.map(|values| Self {
            height,
            width,
            values: values.to_vec(),
        });
        Ok(maps.collect())
    }

    /// One channel.
    pub fn channel(&self, channel: usize) -> &[f32] {
        let cells = self.height * self.width;
        &self.values[channel * cells..(channel + 1) * cells]
    }

    /// The characters whose score is at least `threshold`, in 0..1, the highest first: cells that are
    /// local maxima.
    pub fn detections(&self, threshold: f32) -> Vec<Detection> {
        let best = self.best_logits();
        let min_logit = logit(threshold);
        let mut found: Vec<(f32, Detection)> = vec![];
        for y in 0..self.height {
            for x in 0..self.width {
                let own = best[y * self.width + x];
                if own >= min_logit && self.is_peak(&best, x, y) {
                    found.push((own, self.detection(x, y)));
                }
            }
        }
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        found.into_iter().map(|(_, detection)| detection).collect()
    }

    /// Where characters are detected, as an image of the grid: white is certain.
    pub fn characters(&self) -> GrayImage {
        self.image(&self.best_logits())
    }

    /// Where ink of characters is detected, as an image of the grid: white is certain.
    pub fn ink(&self) -> GrayImage {
        self.image(self.channel(INK))
    }

    fn image(&self, logits: &[f32]) -> GrayImage {
        GrayImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            let logit = logits[y as usize * self.width + x as usize];
            Luma([(255.0 * sigmoid(logit)).round() as u8])
        })
    }

    /// The greatest logit of any character in each cell.
    fn best_logits(&self) -> Vec<f32> {
        let mut best = self.channel(0).to_vec();
        for class in 1..CHARACTERS {
            for (best, &own) in best.iter_mut().zip(self.channel(class)) {
                *best = best.max(own);
            }
        }
        best
    }

    /// Whether no neighbour is greater; of equal neighbours the first is the peak.
    fn is_peak(&self, best: &[f32], x: usize, y: usize) -> bool {
        let own = best[y * self.width + x];
        let rows = y.saturating_sub(1)..(y + 2).min(self.height);
        let columns = x.saturating_sub(1)..(x + 2).min(self.width);
        rows.flat_map(|row| columns.clone().map(move |column| (column, row)))
            .all(|(column, row)| {
                let other = best[row * self.width + column];
                match (row, column) < (y, x) {
                    true => other < own,
                    false => other <= own,
                }
            })
    }

    fn detection(&self, x: usize, y: usize) -> Detection {
        let cell = y * self.width + x;
        let value = |channel: usize| self.channel(channel)[cell];
        let stride = STRIDE as f32;
        let middle_x = (x as f32 + 0.5 + value(BOX)) * stride;
        let middle_y = (y as f32 + 0.5 + value(BOX + 1)) * stride;
        let size =
            |channel: usize| SIZE_UNIT * value(channel).clamp(-MAX_LOG_SIZE, MAX_LOG_SIZE).exp();
        let (width, height) = (size(BOX + 2), size(BOX + 3));
        Detection {
            bounds: Bounds {
                left: middle_x - width / 2.0,
                top: middle_y - height / 2.0,
                right: middle_x + width / 2.0,
                bottom: middle_y + height / 2.0,
            },
            scores: std::array::from_fn(|class| sigmoid(value(class))),
        }
    }
}

/// From a logit to a probability.
pub fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

fn logit(probability: f32) -> f32 {
    (probability / (1.0 - probability)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_becomes_a_box_and_its_neighbours_do_not() {
        let (height, width) = (8, 10);
        let mut maps = Maps {
            height,
            width,
            values: vec![-9.0; MAPS as usize * height * width],
        };
        let cell = |channel: usize, x: usize, y: usize| (channel * height + y) * width + x;
        for (x, y, logit) in [(4, 3, 2.0), (5, 3, 1.0), (4, 4, 2.0), (8, 6, -2.0)] {
            maps.values[cell(7, x, y)] = logit;
        }
        for (channel, value) in [(0, 0.25), (1, -0.5), (2, 0.0), (3, 2f32.ln())] {
            maps.values[cell(BOX + channel, 4, 3)] = value;
        }
        let found = maps.detections(0.5);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].best().0, 7);
        let Bounds {
            left,
            top,
            right,
            bottom,
        } = found[0].bounds;
        assert_eq!((left, right), (19.0 - 16.0, 19.0 + 16.0));
        assert!((top - (12.0 - 32.0)).abs() < 1e-4 && (bottom - 44.0).abs() < 1e-4);
        assert_eq!(maps.detections(0.1).len(), 2);
    }
}
