//! Follows thin dark lines from pixel row to pixel row.

use std::mem;

use image::GrayImage;

use super::curve::Curve;
use super::settings::{
    DIRECTION, FLANKS, FOLLOW, MAX_BEND, MAX_GAP, MAX_SLOPE, MAX_WIDTH, MIN_LINE, MIN_SEEN,
};
use super::smoothed::{self, Smoothed};

/// Pixels that are averaged into one knot of a curve.
const KNOT: usize = 6;

/// A line in the picture.
#[derive(Clone, Debug)]
pub(super) struct Traced {
    pub(super) curve: Curve,
    /// By how much its tone is below that of the paper beside it, as a share of the latter.
    pub(super) darkness: f32,
    /// Its width, in pixels.
    pub(super) width: f32,
}

/// The level and the upright lines of a picture that are at least so dark.
pub(super) fn both(picture: &GrayImage, darkness: f32) -> [Vec<Traced>; 2] {
    let (level, upright) = rayon::join(
        || level_lines(picture, darkness),
        || upright_lines(picture, darkness),
    );
    [level, upright]
}

/// The upright lines of a picture, `x` as a function of `y`, which are at least so dark.
pub(super) fn upright_lines(picture: &GrayImage, darkness: f32) -> Vec<Traced> {
    let (width, height) = picture.dimensions();
    if (width as usize) <= 2 * FLANKS[0] || (height as usize) < MIN_LINE {
        return vec![];
    }
    let threshold = smoothed::threshold(picture);
    let mut row = Smoothed::new(width as usize);
    let mut sides = vec![0; width as usize];
    let mut tracer = Tracer::default();
    let mut ridges = vec![];
    for y in 0..height {
        row.load(picture, y);
        ridges_of(&row, threshold, darkness, &mut sides, &mut ridges);
        tracer.step(y as usize, &ridges);
    }
    tracer.finish()
}

/// The level lines of a picture, `y` as a function of `x`, which are at least so dark.
pub(super) fn level_lines(picture: &GrayImage, darkness: f32) -> Vec<Traced> {
    upright_lines(&transposed(picture), darkness)
}

fn transposed(picture: &GrayImage) -> GrayImage {
    const BLOCK: usize = 32;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut out = GrayImage::new(height as u32, width as u32);
    let (from, to): (&[u8], &mut [u8]) = (picture, &mut out);
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            for y in top..(top + BLOCK).min(height) {
                for x in left..(left + BLOCK).min(width) {
                    to[x * height + y] = from[y * width + x];
                }
            }
        }
    }
    out
}

/// The places of a row that are darker than both sides by the threshold and by a share of their tone.
///
/// `sides` is room for a number each pixel.
fn ridges_of(
    row: &Smoothed,
    threshold: i16,
    share: f32,
    sides: &mut [i16],
    ridges: &mut Vec<Ridge>,
) {
    ridges.clear();
    sides.fill(i16::MIN);
    for flank in FLANKS {
        let pairs = row
            .shifted(-(flank as isize))
            .iter()
            .zip(row.shifted(flank as isize));
        for (side, (&left, &right)) in sides.iter_mut().zip(pairs) {
            *side = (*side).max(left.min(right));
        }
    }
    let mut run: Option<Run> = None;
    for (x, (&sides, &tone)) in sides.iter().zip(row.tones()).enumerate() {
        let darkness = sides - tone;
        if darkness >= threshold && f32::from(darkness) >= share * f32::from(sides) {
            run.get_or_insert_default().add(x, darkness, sides);
        } else if let Some(run) = run.take() {
            ridges.extend(run.ridge());
        }
    }
    ridges.extend(run.and_then(|run| run.ridge()));
}

/// Where a line crosses a row.
#[derive(Clone, Copy)]
struct Ridge {
    middle: f32,
    darkness: f32,
    width: f32,
}

/// Neighbouring pixels of one line.
#[derive(Default)]
struct Run {
    pixels: usize,
    weight: f32,
    moment: f32,
    darkness: f32,
}

impl Run {
    fn add(&mut self, x: usize, darkness: i16, sides: i16) {
        self.pixels += 1;
        self.weight += f32::from(darkness);
        self.moment += f32::from(darkness) * (x as f32 + 0.5);
        let share = f32::from(darkness) / f32::from(sides.max(1));
        self.darkness = self.darkness.max(share);
    }

    fn ridge(&self) -> Option<Ridge> {
        (self.pixels <= MAX_WIDTH).then(|| Ridge {
            middle: self.moment / self.weight,
            darkness: self.darkness,
            width: self.pixels as f32,
        })
    }
}

/// The lines that are being followed.
#[derive(Default)]
struct Tracer {
    open: Vec<Trail>,
    done: Vec<Traced>,
}

/// One line as far as it was followed.
#[derive(Default)]
struct Trail {
    /// Row and position.
    points: Vec<[f32; 2]>,
    /// Where it is expected in the current row.
    expected: f32,
    /// The sums of its darkness and its width over its points.
    darkness: f32,
    width: f32,
}

impl Trail {
    fn last(&self) -> [f32; 2] {
        self.points.last().copied().unwrap_or_default()
    }

    fn predict(&mut self, row: f32) {
        let [last, position] = self.last();
        let back = self.points.len().saturating_sub(DIRECTION);
        let slope = match self.points[back..] {
            [first, .., end] if self.points.len() >= DIRECTION / 2 => {
                ((end[1] - first[1]) / (end[0] - first[0])).clamp(-MAX_SLOPE, MAX_SLOPE)
            }
            _ => 0.0,
        };
        self.expected = position + slope * (row - last);
    }

    /// The line, if it is one.
    fn line(&self) -> Option<Traced> {
        Some(Traced {
            curve: self.curve()?,
            darkness: self.darkness / self.points.len() as f32,
            width: self.width / self.points.len() as f32,
        })
    }

    fn curve(&self) -> Option<Curve> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        let length = last[0] - first[0] + 1.0;
        let seen = self.points.len() as f32 / length;
        if length < MIN_LINE as f32 || seen < MIN_SEEN {
            return None;
        }
        let slope = (last[1] - first[1]) / (last[0] - first[0]);
        let off = |point: &[f32; 2]| (point[1] - first[1] - slope * (point[0] - first[0])).abs();
        let bend = self.points.iter().map(off).fold(0.0, f32::max);
        if bend > (MAX_BEND * length).max(FOLLOW) || slope.abs() > MAX_SLOPE {
            return None;
        }
        let mean = |points: &[[f32; 2]]| {
            let sum = points.iter().fold([0.0; 2], |sum, point| {
                [sum[0] + point[0], sum[1] + point[1]]
            });
            sum.map(|sum| sum / points.len() as f32)
        };
        // Where a line ends at another, its last pixels are drawn towards that.
        let inner = self.points.get(KNOT / 2..self.points.len() - KNOT / 2)?;
        let mut knots: Vec<_> = inner.chunks(KNOT).map(mean).collect();
        let curve = Curve::new(knots.clone())?;
        for end in [first[0], last[0] + 1.0] {
            knots.push([end, curve.at(end)]);
        }
        Curve::new(knots)
    }
}

impl Tracer {
    /// Goes on to a row, given the positions of the lines in it, ascending.
    fn step(&mut self, row: usize, ridges: &[Ridge]) {
        let now = row as f32;
        let (open, closed): (Vec<_>, Vec<_>) = mem::take(&mut self.open)
            .into_iter()
            .partition(|trail| now - trail.last()[0] <= MAX_GAP as f32);
        self.open = open;
        self.done.extend(closed.iter().filter_map(Trail::line));
        for trail in &mut self.open {
            trail.predict(now);
        }
        self.open.sort_by(|a, b| a.expected.total_cmp(&b.expected));
        let known = self.open.len();
        for &Ridge {
            middle: ridge,
            darkness,
            width,
        } in ridges
        {
            let from = self.open[..known].partition_point(|trail| trail.expected < ridge - 4.0);
            let near = self.open[from..known]
                .iter_mut()
                .take_while(|trail| trail.expected <= ridge + 4.0)
                .filter(|trail| {
                    let missed = now - trail.last()[0];
                    let off = (trail.expected - ridge).abs();
                    missed > 0.0 && off <= FOLLOW + 0.1 * (missed - 1.0)
                })
                // The longer one goes on where two are near.
                .min_by(|a, b| {
                    let cost = |trail: &Trail| {
                        (trail.expected - ridge).abs() - 0.02 * trail.points.len().min(50) as f32
                    };
                    cost(a).total_cmp(&cost(b))
                });
            match near {
                Some(trail) => {
                    trail.points.push([now, ridge]);
                    trail.darkness += darkness;
                    trail.width += width;
                }
                None => self.open.push(Trail {
                    points: vec![[now, ridge]],
                    expected: ridge,
                    darkness,
                    width,
                }),
            }
        }
    }

    fn finish(mut self) -> Vec<Traced> {
        self.done.extend(self.open.iter().filter_map(Trail::line));
        self.done
    }
}
