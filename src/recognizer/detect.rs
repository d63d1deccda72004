//! What may be digits in a picture: found on one level of the pyramid after the other, as far as needed.

use anyhow::Result;
use image::GrayImage;

use super::MOST_BOXES;
use super::pyramid::{LEVELS, Level};
use super::settings::{ENOUGH_INK, SMALL, SURE, THRESHOLD};
use crate::model::architecture::reader::STRIDE;
use crate::reader::{FrozenReader, Maps, maps, padded};
use crate::scenes::Bounds;
use crate::tensors::CLASSES;

/// Pixels that the detector sees together at most, so that memory stays bounded.
const BATCH: u32 = 4 * 256 * 256;

/// A box that may hold a digit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// In pixels of the upright picture.
    pub(super) bounds: Bounds,
    /// How sure the detector is of each digit, 0 to 1 each.
    pub(super) scores: [f32; CLASSES],
    /// Height or width of the box on the level where it was seen, in pixels, whichever is greater.
    pub(super) seen_size: f32,
}

impl Candidate {
    /// How sure the detector is of the digit that it is surest of.
    fn surest(&self) -> f32 {
        self.scores.iter().copied().fold(0.0, f32::max)
    }
}

/// What was seen of one picture so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Of all levels.
    pub(super) candidates: Vec<Candidate>,
    /// Of the finest level that was looked at.
    pub(super) ink: Option<Ink>,
    /// That level.
    level: usize,
    /// Whether there were more candidates.
    pub(super) stopped: bool,
}

/// Ink of digits as the detector sees it.
#[derive(Debug)]
pub(super) struct Ink {
    /// Places a row, and rows.
    pub(super) size: [usize; 2],
    /// Whether a place is ink, row by row.
    pub(super) places: Vec<bool>,
    /// Whether it is other ink.
    other: Vec<bool>,
    /// Pixels of the upright picture by place, across and down.
    pub(super) step: [f32; 2],
}

/// Looks for digits in several pictures.
///
/// # Errors
/// When the network fails.
pub(super) fn detect(reader: &FrozenReader, pictures: &[&GrayImage]) -> Result<Vec<Seen>> {
    let mut seen: Vec<Seen> = pictures.iter().map(|_| Seen::default()).collect();
    let mut waiting: Vec<usize> = (0..pictures.len()).collect();
    for level in 0..LEVELS.len() {
        let (mut now, later): (Vec<usize>, Vec<usize>) = waiting
            .into_iter()
            .partition(|&index| level >= Level::first(pictures[index]));
        now.retain(|&index| Level::is_of_use(pictures[index], level));
        // Pictures of one size side by side become one batch.
        let size = |index: &usize| pictures[*index].dimensions();
        now.sort_by_key(size);
        for same in now.chunk_by(|a, b| size(a) == size(b)) {
            let [width, height] = Level::size(pictures[same[0]], level).map(padded);
            let most = (BATCH / (width * height)).max(1);
            for batch in same.chunks(most as usize) {
                let levels: Vec<Level> = batch
                    .iter()
                    .map(|&index| Level::of(pictures[index], level))
                    .collect();
                let views: Vec<&GrayImage> = levels.iter().map(|level| &level.picture).collect();
                for ((maps, &index), view) in reader.maps(&views)?.iter().zip(batch).zip(&levels) {
                    seen[index].add(maps, view, level);
                }
            }
        }
        now.retain(|&index| seen[index].asks_for_more());
        waiting = later;
        waiting.extend(now);
        if waiting.is_empty() {
            break;
        }
    }
    for seen in &mut seen {
        seen.candidates
            .sort_by(|a, b| b.surest().total_cmp(&a.surest()));
        seen.stopped = seen.candidates.len() > MOST_BOXES;
        seen.candidates.truncate(MOST_BOXES);
    }
    Ok(seen)
}

impl Seen {
    /// The finest level that was looked at.
    pub(super) fn level(&self) -> usize {
        self.level
    }

    /// Takes in what the detector says of one level.
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
                seen_size: detection.bounds.width().max(detection.bounds.height()),
            });
        }
        let stride = STRIDE as f32;
        let places = |channel: usize| {
            let logits = maps.channel(channel).iter();
            logits.map(|&logit| logit > 0.0).collect()
        };
        self.level = number;
        self.ink = Some(Ink {
            size: [maps.width, maps.height],
            places: places(maps::INK),
            other: places(maps::INK + 1),
            step: [stride / across, stride / down],
        });
    }

    /// Whether a finer level may show more: nothing sure was found yet, digits are small, or ink lies where
    /// none was found.
    fn asks_for_more(&self) -> bool {
        let is_sure = |candidate: &Candidate| candidate.surest() >= SURE;
        let smallest = self
            .candidates
            .iter()
            .map(|candidate| candidate.seen_size)
            .fold(f32::INFINITY, f32::min);
        let unexplained = self
            .ink
            .as_ref()
            .map_or(0, |ink| ink.outside(&self.candidates));
        !self.candidates.iter().any(is_sure) || smallest < SMALL || unexplained >= ENOUGH_INK
    }
}

impl Ink {
    /// Places with ink that lie in no candidate's box.
    fn outside(&self, candidates: &[Candidate]) -> usize {
        let boxes: Vec<Bounds> = candidates
            .iter()
            .map(|candidate| candidate.bounds)
            .collect();
        let left = self.without(&boxes);
        left.iter().filter(|&&place| place).count()
    }

    /// How much of a box is ink of digits, and how much other ink, 0 to 1 each.
    pub(super) fn shares(&self, bounds: &Bounds) -> [f32; 2] {
        let [width, height] = self.size;
        let range = |from: f32, to: f32, step: f32, length: usize| {
            let start = ((from / step).max(0.0) as usize).min(length.saturating_sub(1));
            start..((to / step).ceil().max(0.0) as usize).clamp(start + 1, length.max(start + 1))
        };
        let columns = range(bounds.left, bounds.right, self.step[0], width);
        let rows = range(bounds.top, bounds.bottom, self.step[1], height);
        let count = (columns.len() * rows.len()) as f32;
        [&self.places, &self.other].map(|places| {
            let lines = rows.clone().map(|y| &places[y * width..][columns.clone()]);
            lines.flatten().filter(|&&place| place).count() as f32 / count
        })
    }

    /// The places with ink that lie in none of the boxes.
    pub(super) fn without(&self, boxes: &[Bounds]) -> Vec<bool> {
        let mut left = self.places.clone();
        let [width, height] = self.size;
        let range = |from: f32, to: f32, step: f32, length: usize| {
            let place = |at: f32| (at / step).clamp(0.0, length as f32);
            // A place whose half lies in the box belongs to it.
            let start = (place(from) - 0.5).max(0.0).floor() as usize;
            start..((place(to) + 0.5).ceil() as usize).min(length)
        };
        for b in boxes {
            for y in range(b.top, b.bottom, self.step[1], height) {
                left[y * width..][range(b.left, b.right, self.step[0], width)].fill(false);
            }
        }
        left
    }
}
