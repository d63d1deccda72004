//! Renders labelled pictures of handwriting: `scripts/rendered-pictures` runs it.
//!
//! For each hundred single digits it adds twenty rows of digits and ten scenes without any. The
//! labels are in `labels.tsv`, as tab-separated `file`, `label`, `kind` and `source`.

#[path = "../tests/rendering/mod.rs"]
#[allow(clippy::unwrap_used)]
mod rendering;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use image::{GrayImage, Luma};
use imageproc::contrast::{self, ThresholdType};
use imageproc::region_labelling::{Connectivity, connected_components};
use mnist_tch::dataset::{Dataset, Examples, synthetic};
use mnist_tch::tensors::SIDE;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use rendering::Scene;
use strum::IntoEnumIterator;

/// Renders pictures of handwriting, with labels.
#[derive(Parser)]
struct Args {
    /// Folder for `images/` and `labels.tsv`.
    folder: PathBuf,
    /// Number of pictures with a single digit.
    #[arg(long, default_value_t = 500)]
    count: u64,
    /// Random seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Take the digits from MNIST in this folder instead of drawing them.
    #[arg(long, value_name = "FOLDER")]
    mnist: Option<PathBuf>,
    /// Split of MNIST.
    #[arg(long, value_enum, default_value_t = Part::Validation)]
    part: Part,
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    Validation,
    Test,
}

/// One picture to be rendered.
struct Order {
    name: String,
    digits: usize,
    scene: Scene,
    kind: &'static str,
    seed: u64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let images = args.folder.join("images");
    fs::create_dir_all(&images).with_context(|| format!("making {}", images.display()))?;
    let writers = Writers::new(args.mnist.as_deref(), args.part)?;
    // MNIST's tensors stay on one thread; the rendering is parallel.
    let written = orders(args.count, args.seed).map(|order| {
        let (label, writing) = writers.write(order.digits, order.seed)?;
        Ok((order, label, writing))
    });
    let written: Vec<(Order, String, Vec<GrayImage>)> = written.collect::<Result<_>>()?;
    let make = |(order, label, writing): (Order, String, Vec<GrayImage>)| {
        let picture = rendering::render(&writing, order.scene, order.seed);
        let file = format!("{}.{}", order.name, picture.extension);
        let path = images.join(&file);
        fs::write(&path, picture.bytes).with_context(|| format!("writing {}", path.display()))?;
        Ok([file, label, order.kind.to_owned(), order.seed.to_string()])
    };
    let rows: Vec<[String; 4]> = written.into_par_iter().map(make).collect::<Result<_>>()?;
    let labels = args.folder.join("labels.tsv");
    let mut table = csv::WriterBuilder::new()
        .delimiter(b'\t')
        .from_path(&labels)
        .with_context(|| format!("writing {}", labels.display()))?;
    table.write_record(["file", "label", "kind", "source"])?;
    for row in rows {
        table.write_record(row)?;
    }
    table
        .flush()
        .with_context(|| format!("writing {}", labels.display()))
}

/// All pictures, cycling through the scenes; each has its own seed.
fn orders(count: u64, seed: u64) -> impl Iterator<Item = Order> {
    let order = move |(index, (scene, row)): (u64, (Scene, Row))| {
        let seed = (seed << 32) + index;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (digits, kind) = match row {
            Row::None => (0, "none"),
            Row::Single => (1, scene.into()),
            Row::Several => (rng.random_range(2..=8), "multi"),
        };
        let name = format!("{index:05}-{scene}");
        Order {
            name,
            digits,
            scene,
            kind,
            seed,
        }
    };
    let in_turn = |count, row: Row| {
        Scene::iter()
            .cycle()
            .take(count as usize)
            .map(move |scene| (scene, row))
    };
    let all = in_turn(count, Row::Single)
        .chain(in_turn(count / 5, Row::Several))
        .chain(in_turn(count / 10, Row::None));
    (0..).zip(all).map(order)
}

#[derive(Clone, Copy)]
enum Row {
    None,
    Single,
    Several,
}

/// The source of the handwriting.
enum Writers {
    Synthetic,
    Mnist(Examples),
}

impl Writers {
    fn new(mnist: Option<&Path>, part: Part) -> Result<Self> {
        let Some(folder) = mnist else {
            return Ok(Self::Synthetic);
        };
        let data = Dataset::from_files(folder)?;
        Ok(Self::Mnist(match part {
            Part::Validation => data.validation,
            Part::Test => data.test,
        }))
    }

    /// The label and the images of some digits; `none` and no images for a count of 0.
    fn write(&self, count: usize, seed: u64) -> Result<(String, Vec<GrayImage>)> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut digit = || {
            let (label, image) = match self {
                Self::Synthetic => {
                    let (label, hand) = (rng.random_range(0..10), rng.random());
                    (label, square(240, synthetic::draw(label, 240, hand))?)
                }
                Self::Mnist(examples) => loop {
                    let index = rng.random_range(0..examples.len());
                    let (pixels, label) = examples.example(index);
                    let image = square(SIDE as u32, pixels.to_vec())?;
                    if is_one_piece(&image) {
                        break (label, image);
                    }
                },
            };
            anyhow::Ok((label.to_string(), image))
        };
        let written: Vec<_> = (0..count).map(|_| digit()).collect::<Result<_>>()?;
        let (labels, writing): (Vec<String>, _) = written.into_iter().unzip();
        Ok((
            if count == 0 {
                "none".to_owned()
            } else {
                labels.concat()
            },
            writing,
        ))
    }
}

fn square(side: u32, pixels: Vec<u8>) -> Result<GrayImage> {
    GrayImage::from_raw(side, side, pixels).context("building a digit's image")
}

/// Whether all strokes touch: some MNIST images also show a piece of the next digit.
fn is_one_piece(image: &GrayImage) -> bool {
    let ink = contrast::threshold(image, 50, ThresholdType::Binary);
    let pieces = connected_components(&ink, Connectivity::Eight, Luma([0]));
    pieces.pixels().all(|piece| piece[0] <= 1)
}
