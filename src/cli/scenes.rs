//! `mnist-tch scenes`: scenes like those the reader is trained on, to look at.

mod sheets;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use rayon::prelude::*;

use super::arguments::{at_least, make_folder, whole};
use super::data::DataArgs;
use super::material::{self, MaterialArgs};
use super::report::{self, PictureReporter};
use crate::characters::character;
use crate::evaluation::SceneScore;
use crate::plots;
use crate::recognizer::Recognizer;
use crate::scenes::{Scene, Scenes, Split, sheet};
use crate::storage::write_atomic;
pub(super) use sheets::{evaluate as evaluate_sheets, write_layouts};

/// Scenes per row of the sheet.
const COLUMNS: usize = 8;

#[derive(Debug, Args)]
pub(super) struct ScenesArgs {
    /// Folder for the pictures, their labels (labels.tsv) and the sheet (sheet.png).
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,

    /// How many scenes to render.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = whole(1..=100_000_u32))]
    count: u32,

    /// Width and height of each in pixels, 64 to 1024; of sheets at most, 512 to 2048 [default: 256;
    /// of sheets 1536]
    #[arg(long, value_name = "PIXELS", value_parser = whole(64..=2048_u32))]
    side: Option<u32>,

    /// Seed of the rendering.
    #[arg(long, default_value_t = 0, value_parser = at_least(0_u64))]
    seed: u64,

    /// Render photos of whole sheets of numbers instead, with what is written in their cells
    /// (sheets.json) and an overview with the cells outlined.
    #[arg(long)]
    sheets: bool,

    /// With --sheets: numbers with signs too, as in -3.5 and 12:30.
    #[arg(long, requires = "sheets")]
    signs: bool,

    /// With --sheets: pictures turned by 90°, 180° and 270° too.
    #[arg(long, requires = "sheets")]
    turns: bool,

    /// Use the handwriting, fonts and symbols that are reserved for validation.
    #[arg(long)]
    validation: bool,

    #[command(flatten)]
    material: MaterialArgs,

    #[command(flatten)]
    data: DataArgs,
}

impl ScenesArgs {
    /// Whose handwriting is rendered.
    fn split(&self) -> Split {
        match self.validation {
            true => Split::Validation,
            false => Split::Training,
        }
    }
}

pub(super) fn run(args: &ScenesArgs) -> Result<()> {
    if args.sheets {
        return sheets::write(args);
    }
    let side = args.side.unwrap_or(256);
    ensure!(
        side <= 1024,
        "--side is at most 1024 for scenes: 2048 is for --sheets"
    );
    let material = material::for_rendering(args.material.folder().as_ref(), || args.data.load())?;
    let scenes = Scenes::new(material, args.split());
    make_folder(&args.out)?;
    let (mut shown, mut labels) = (vec![], String::from("file\tlabel\tbox\treadable\n"));
    for index in 0..u64::from(args.count) {
        let scene = scenes.render(side as usize, args.seed, index);
        let name = format!("scene-{index:05}.png");
        plots::save(&scene.grey, &args.out.join(&name))?;
        for digit in &scene.digits {
            let b = digit.bounds;
            let character = character(digit.class.into()).unwrap_or_default();
            labels += &format!(
                "{name}\t{character}\t{:.1},{:.1},{:.1},{:.1}\t{}\n",
                b.left, b.top, b.right, b.bottom, digit.readable
            );
        }
        if shown.len() < COLUMNS * COLUMNS {
            shown.push(scene);
        }
    }
    write_atomic(&args.out.join("labels.tsv"), labels.as_bytes())?;
    plots::save(&sheet(&shown, COLUMNS), &args.out.join("sheet.png"))?;
    report::note(&format!("{}: {} scenes", args.out.display(), args.count));
    Ok(())
}

/// Scenes that are read together.
const BATCH: u64 = 32;

/// The seed of the scenes that `eval --scenes` reads: not the training's own validation scenes.
const EVALUATION_SEED: u64 = 0xe7a1;

/// Reads scenes of two alternating sizes, and reports how many were right, by number of digits.
pub(super) fn evaluate(recognizer: &Recognizer, scenes: &Scenes, count: u64) -> Result<()> {
    let reporter = PictureReporter::new(Some(count as usize));
    let step = reporter.step();
    let mut scores = [
        ("none", SceneScore::default()),
        ("one", SceneScore::default()),
        ("several", SceneScore::default()),
    ];
    for first in (0..count).step_by(BATCH as usize) {
        let render =
            |index: u64| scenes.render([128, 256][index as usize % 2], EVALUATION_SEED, index);
        let batch: Vec<Scene> = (first..(first + BATCH).min(count))
            .into_par_iter()
            .map(render)
            .collect();
        let prepared = batch
            .iter()
            .map(|scene| Ok(scene.grey.clone().into()))
            .collect();
        for (scene, reading) in batch.iter().zip(recognizer.read_all(prepared)?) {
            let (_, score) = &mut scores[scene.digits.len().min(2)];
            *score = score.merge(SceneScore::of(scene, &reading?));
            step();
        }
    }
    report::scene_scores(&scores)
}
