//! Combinations that occur together: a surface, pens, light and a camera.

use crate::random::SeededRng;
use crate::scenes::camera::Camera;
use crate::scenes::ink::Pen;
use crate::scenes::page::{Page, Tool};
use crate::scenes::surface::Kind;

/// Least width of a line in pixels: thinner ones vanish.
const MIN_LINE_WIDTH: f64 = 1.1;

/// How often digits are drawn as outlines.
const HOLLOW_SHARE: f64 = 0.04;

/// Several alternatives, each with its probability.
type Choice<T> = &'static [(f64, T)];

/// A function that makes a random pen of one kind.
type MakePen = fn(&mut SeededRng) -> Pen;

/// A function that makes a random camera of one kind.
type MakeCamera = fn(&mut SeededRng) -> Camera;

const PAPERS: Choice<Kind> = &[
    (0.6, Kind::Paper),
    (0.2, Kind::Desk),
    (0.1, Kind::StickyNote),
    (0.05, Kind::Envelope),
    (0.05, Kind::Receipt),
];
const FLAT_PAPERS: Choice<Kind> = &[
    (0.85, Kind::Paper),
    (0.08, Kind::Envelope),
    (0.07, Kind::Receipt),
];
const THINGS: Choice<Kind> = &[
    (0.2, Kind::Textile),
    (0.25, Kind::Wood),
    (0.25, Kind::Wall),
    (0.3, Kind::Photo),
];
const SCENERY: Choice<Kind> = &[
    (0.1, Kind::Textile),
    (0.1, Kind::Wood),
    (0.1, Kind::Wall),
    (0.3, Kind::Photo),
    (0.4, Kind::Clutter),
];

const PAPER_PENS: Choice<MakePen> = &[
    (0.35, Pen::ballpoint),
    (0.22, Pen::felt),
    (0.16, Pen::pencil),
    (0.1, Pen::fountain),
    (0.09, Pen::marker),
    (0.05, Pen::brush),
    (0.03, Pen::chalk),
];
const SHEETS: Choice<Kind> = &[(0.55, Kind::Paper), (0.45, Kind::Desk)];
const SHEET_PENS: Choice<MakePen> = &[
    (0.5, Pen::ballpoint),
    (0.2, Pen::felt),
    (0.15, Pen::pencil),
    (0.15, Pen::fountain),
];
const PROGRAM_PENS: Choice<MakePen> = &[
    (0.6, Pen::mouse),
    (0.17, Pen::hard_pixels),
    (0.1, Pen::felt),
    (0.08, Pen::brush),
    (0.05, Pen::new),
];
const BOARD_PENS: Choice<MakePen> = &[(0.5, Pen::marker), (0.5, Pen::felt)];
const CHALKS: Choice<MakePen> = &[(1.0, Pen::chalk)];
const BROAD_PENS: Choice<MakePen> = &[
    (0.3, Pen::brush),
    (0.25, Pen::marker),
    (0.25, Pen::felt),
    (0.2, Pen::chalk),
];

const FILES: Choice<MakeCamera> = &[(0.9, Camera::drawing), (0.1, Camera::screenshot)];
const CAMERAS: Choice<MakeCamera> = &[(1.0, Camera::photo)];
const SCANNERS: Choice<MakeCamera> = &[(1.0, Camera::scan)];
const SCREENS: Choice<MakeCamera> = &[(1.0, Camera::screenshot)];
const OF_SCREENS: Choice<MakeCamera> = &[(1.0, Camera::of_screen)];
const COPIES: Choice<MakeCamera> = &[(0.7, Camera::photo), (0.3, Camera::screenshot)];

/// One kind of medium, with its alternatives.
struct MediumKind {
    /// How often pictures are of this kind.
    share: f64,
    surfaces: Choice<Kind>,
    pens: Choice<MakePen>,
    cameras: Choice<MakeCamera>,
    /// How often it is seen straight on.
    straight: f64,
    /// How often uneven light and shadow fall on it.
    lit: f64,
    /// How often its ink is perfectly even.
    solid: f64,
}

const MEDIA: &[MediumKind] = &[
    // Drawing programs and pictures made like MNIST's.
    MediumKind {
        share: 0.36,
        surfaces: &[(1.0, Kind::Flat)],
        pens: PROGRAM_PENS,
        cameras: FILES,
        straight: 1.0,
        lit: 0.0,
        solid: 0.85,
    },
    // Photos of paper.
    MediumKind {
        share: 0.35,
        surfaces: PAPERS,
        pens: PAPER_PENS,
        cameras: CAMERAS,
        straight: 0.15,
        lit: 0.8,
        solid: 0.0,
    },
    // Scans and copies.
    MediumKind {
        share: 0.09,
        surfaces: FLAT_PAPERS,
        pens: PAPER_PENS,
        cameras: SCANNERS,
        straight: 0.8,
        lit: 0.1,
        solid: 0.1,
    },
    // Whiteboards and chalkboards.
    MediumKind {
        share: 0.045,
        surfaces: &[(1.0, Kind::Whiteboard)],
        pens: BOARD_PENS,
        cameras: CAMERAS,
        straight: 0.1,
        lit: 0.6,
        solid: 0.2,
    },
    MediumKind {
        share: 0.045,
        surfaces: &[(1.0, Kind::Chalkboard)],
        pens: CHALKS,
        cameras: CAMERAS,
        straight: 0.15,
        lit: 0.6,
        solid: 0.0,
    },
    // Screens, as screenshots or photographed.
    MediumKind {
        share: 0.025,
        surfaces: &[(1.0, Kind::Screen)],
        pens: PROGRAM_PENS,
        cameras: SCREENS,
        straight: 1.0,
        lit: 0.0,
        solid: 0.9,
    },
    MediumKind {
        share: 0.025,
        surfaces: &[(0.6, Kind::Screen), (0.4, Kind::Flat)],
        pens: PROGRAM_PENS,
        cameras: OF_SCREENS,
        straight: 0.1,
        lit: 0.5,
        solid: 0.9,
    },
    // Writing on objects and over photos.
    MediumKind {
        share: 0.06,
        surfaces: THINGS,
        pens: BROAD_PENS,
        cameras: COPIES,
        straight: 0.3,
        lit: 0.5,
        solid: 0.4,
    },
];

/// How one picture is made.
pub struct Medium {
    /// The surface that is written on.
    pub surface: Kind,
    /// Whether it is seen straight on.
    pub straight: bool,
    /// Whether uneven light and shadow fall on it.
    pub lit: bool,
    /// The camera that takes the picture.
    pub camera: MakeCamera,
}

/// The pens of a page.
pub struct Pens {
    /// The pen that writes most of it.
    pub first: Pen,
    second: Pen,
    printer: Pen,
}

impl Medium {
    /// A random medium, as often as people use it, with pens that they use with it.
    pub fn new(rng: &mut SeededRng) -> (Self, Pens) {
        let shares: Vec<f64> = MEDIA.iter().map(|kind| kind.share).collect();
        let kind = &MEDIA[rng.weighted_index(&shares)];
        let medium = Self {
            surface: choose(kind.surfaces, rng),
            straight: rng.random_bool(kind.straight),
            lit: rng.random_bool(kind.lit),
            camera: choose(kind.cameras, rng),
        };
        let solid = rng.random_bool(kind.solid);
        let mut pen = || {
            let pen = choose(kind.pens, rng)(rng);
            if solid { pen.solid() } else { pen }
        };
        let (mut first, second) = (pen(), pen());
        if rng.random_bool(HOLLOW_SHARE) {
            first = first.hollow(rng);
        }
        let printer = Pen::felt(rng).solid();
        (
            medium,
            Pens {
                first,
                second,
                printer,
            },
        )
    }

    /// A sheet that somebody photographs carefully to have it typed in.
    pub fn sheet(rng: &mut SeededRng) -> (Self, Pens) {
        let medium = Self {
            surface: choose(SHEETS, rng),
            straight: rng.random_bool(0.1),
            lit: true,
            camera: Camera::document,
        };
        let first = choose(SHEET_PENS, rng)(rng);
        let pens = Pens {
            second: first.clone(),
            first,
            printer: Pen::felt(rng).solid(),
        };
        (medium, pens)
    }

    /// The usual medium of a page without any writing: a picture of something else.
    pub fn scenery(rng: &mut SeededRng) -> Self {
        Self {
            surface: choose(SCENERY, rng),
            straight: true,
            lit: rng.random_bool(0.3),
            camera: choose(COPIES, rng),
        }
    }
}

impl Pens {
    /// The same pens, wider where a page's digits are so small that their lines would vanish.
    pub fn fit(self, page: &Page, rng: &mut SeededRng) -> Self {
        let least = (MIN_LINE_WIDTH * rng.log_uniform(1.0, 1.6)) as f32
            / page.digit_heights().fold(1e3, f32::min);
        let broadened = |pen: Pen| match pen.width() < least {
            true => pen.with_width(least),
            false => pen,
        };
        Self {
            first: broadened(self.first),
            second: broadened(self.second),
            printer: self.printer,
        }
    }

    /// The pen for a tool.
    pub fn of(&self, tool: Tool) -> &Pen {
        match tool {
            Tool::First => &self.first,
            Tool::Second => &self.second,
            Tool::Printer => &self.printer,
        }
    }
}

fn choose<T: Copy>(choice: Choice<T>, rng: &mut SeededRng) -> T {
    let shares: Vec<f64> = choice.iter().map(|(share, _)| *share).collect();
    choice[rng.weighted_index(&shares)].1
}
