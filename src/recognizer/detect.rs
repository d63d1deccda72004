//! Detects what may be digits in a picture, on one level of the pyramid after another, as far as
//! needed.

use anyhow::Result;
use image::GrayImage;

use super::MAX_BOXES;
use super::pyramid::{LEVELS, Level};
use super::settings::{ENOUGH_INK, SMALL, SURE, THRESHOLD};
use crate::characters::CHARACTERS;
use crate::model::architecture::reader::STRIDE;
use crate::reader::{FrozenReader, Maps, maps, padded};
use crate::scenes::Bounds;

/// Most pixels in one batch for the detector, so that memory stays bounded: four pictures of
/// 256×256.
const BATCH: u32 = 262_144;

/// A box that may hold a digit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// In pixels of the upright picture.
    pub(super) bounds: Bounds,
    /// The detector's score for each character, 0 to 1.
    pub(super) scores: [f32; CHARACTERS],
    /// Height or width of the box on the level where it was detected, in pixels, whichever is greater.
    pub(super) detected_size: f32,
}

impl Candidate {
    /// The detector's highest score of any character.
    fn best_score(&self) -> f32 {
        self.scores.iter().copied().fold(0.0, f32::max)
    }
}

/// What was detected in one picture so far.
#[derive(Debug, Default)]
pub(super) struct Detections {
    /// From all levels.
    pub(super) candidates: Vec<Candidate>,
    /// From the finest level that was used.
    pub(super) ink: Option<Ink>,
    /// The finest level that was used.
    level: usize,
    /// Whether there were more candidates.
    pub(super) truncated: bool,
}

/// Where the detector sees ink.
#[derive(Debug)]
pub(super) struct Ink {
    /// Cells per row, and rows.
    pub(super) size: [usize; 2],
    /// Whether a cell is ink of a digit, row by row.
    pub(super) digit_ink: Vec<bool>,
    /// Whether a cell is other ink.
    pub(super) other_ink: Vec<bool>,
    /// Pixels of the upright picture per cell, across and down.
    pub(super) step: [f32; 2],
}

/// On how many levels digits are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// As long as a finer level may show more.
    AsNeeded,
    /// On all levels: on coarse ones, the small digits of a sheet may not even look like ink.
    All,
}

/// Looks for digits in several pictures.
///
/// # Errors
/// When the network fails.
pub(super) fn detect(
    reader: &FrozenReader,
    pictures: &[&GrayImage],
    depth: Depth,
) -> Result<Vec<Detections>> {
    let mut detections: Vec<Detections> = pictures.iter().map(|_| Detections::default()).collect();
    let mut waiting: Vec<usize> = (0..pictures.len()).collect();
    for level in 0..LEVELS.len() {
        let (mut now, later): (Vec<usize>, Vec<usize>) = waiting
            .into_iter()
            .partition(|&index| level >= Level::first(pictures[index]));
        now.retain(|&index| Level::is_useful(pictures[index], level));
        // Pictures of one size become one batch.
        let size = |index: &usize| pictures[*index].dimensions();
        now.sort_by_key(size);
        for same in now.chunk_by(|a, b| size(a) == size(b)) {
            for batch in same.chunks(batch_size(Level::size(pictures[same[0]], level))) {
                let levels: Vec<Level> = batch
                    .iter()
                    .map(|&index| Level::of(pictures[index], level))
                    .collect();
                let views: Vec<&GrayImage> = levels.iter().map(|level| &level.picture).collect();
                for ((maps, &index), view) in reader.maps(&views)?.iter().zip(batch).zip(&levels) {
                    detections[index].add(maps, view, level);
                }
            }
        }
        now.retain(|&index| depth == Depth::All || detections[index].needs_finer_level());
        waiting = later;
        waiting.extend(now);
        if waiting.is_empty() {
            break;
        }
    }
    for detections in &mut detections {
        detections.keep_best();
    }
    Ok(detections)
}

/// How many pictures of this width and height become one batch.
fn batch_size(size: [u32; 2]) -> usize {
    let [width, height] = size.map(padded);
    (BATCH / (width * height)).max(1) as usize
}

impl Detections {
    /// The finest level that was used.
    pub(super) fn level(&self) -> usize {
        self.level
    }

    /// Adds the detector's output for one level.
    fn add(&mut self, maps: &Maps, level: &Level, number: usize) {
        let [across, down] = level.scale;
        for detection in maps.detections(THRESHOLD) {
            let Bounds {
                left,
                top,
                right,
                bottom,
            } = detection.bounds;
            self.candidates.push(Candidate {
                bounds: Bounds {
                    left: left / across,
                    top: top / down,
                    right: right / across,
                    bottom: bottom / down,
                },
                scores: detection.scores,
                detected_size: detection.bounds.width().max(detection.bounds.height()),
            });
        }
        let stride = STRIDE as f32;
        let mask = |channel: usize| {
            let logits = maps.channel(channel).iter();
            logits.map(|&logit| logit > 0.0).collect()
        };
        self.level = number;
        self.ink = Some(Ink {
            size: [maps.width, maps.height],
            digit_ink: mask(maps::INK),
            other_ink: mask(maps::INK + 1),
            step: [stride / across, stride / down],
        });
    }

    /// Sorts the candidates, the best first, and drops those beyond [`MAX_BOXES`].
    fn keep_best(&mut self) {
        self.candidates
            .sort_by(|a, b| b.best_score().total_cmp(&a.best_score()));
        self.truncated = self.candidates.len() > MAX_BOXES;
        self.candidates.truncate(MAX_BOXES);
    }

    /// Whether a finer level may show more: nothing certain was found yet, digits are small, or ink
    /// lies outside all boxes.
    fn needs_finer_level(&self) -> bool {
        let is_sure = |candidate: &Candidate| candidate.best_score() >= SURE;
        let smallest = self
            .candidates
            .iter()
            .map(|candidate| candidate.detected_size)
            .fold(f32::INFINITY, f32::min);
        let unexplained = self
            .ink
            .as_ref()
            .map_or(0, |ink| ink.outside(&self.candidates));
        !self.candidates.iter().any(is_sure) || smallest < SMALL || unexplained >= ENOUGH_INK
    }
}

impl Ink {
    /// Number of cells with ink of digits that lie in no candidate's box.
    fn outside(&self, candidates: &[Candidate]) -> usize {
        let boxes: Vec<Bounds> = candidates
            .iter()
            .map(|candidate| candidate.bounds)
            .collect();
        let left = self.without(&boxes);
        left.iter().filter(|&&cell| cell).count()
    }

    /// The shares of a box that are ink of digits and other ink, 0 to 1 each.
    pub(super) fn shares(&self, bounds: &Bounds) -> [f32; 2] {
        let [width, height] = self.size;
        let range = |from: f32, to: f32, step: f32, length: usize| {
            let start = ((from / step).max(0.0) as usize).min(length.saturating_sub(1));
            start..((to / step).ceil().max(0.0) as usize).clamp(start + 1, length)
        };
        let columns = range(bounds.left, bounds.right, self.step[0], width);
        let rows = range(bounds.top, bounds.bottom, self.step[1], height);
        let count = (columns.len() * rows.len()) as f32;
        [&self.digit_ink, &self.other_ink].map(|cells| {
            let lines = rows.clone().map(|y| &cells[y * width..][columns.clone()]);
            lines.flatten().filter(|&&cell| cell).count() as f32 / count
        })
    }

    /// The cells with ink of digits that lie in none of the boxes.
    pub(super) fn without(&self, boxes: &[Bounds]) -> Vec<bool> {
        let mut left = self.digit_ink.clone();
        let [width, height] = self.size;
        let range = |from: f32, to: f32, step: f32, length: usize| {
            let cell = |at: f32| (at / step).clamp(0.0, length as f32);
            // A cell that lies half in the box belongs to it.
            let start = (cell(from) - 0.5).max(0.0).floor() as usize;
            start..((cell(to) + 0.5).ceil() as usize).min(length)
        };
        for b in boxes {
            for y in range(b.top, b.bottom, self.step[1], height) {
                left[y * width..][range(b.left, b.right, self.step[0], width)].fill(false);
            }
        }
        left
    }
}

#[cfg(test)]
mod tests;
