use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::dataset::augment::fractions::Fractions;

const NONE: Ink = Ink {
    wider: 0.0,
    thinner: 0.0,
    blur: 0.0,
    strength: (1.0, 1.0),
    gap: 0.0,
    torn: 0.0,
    hollow: 0.0,
};

/// An upright stroke, three pixels wide.
fn stroke() -> Values {
    array::from_fn(|pixel| {
        let inside = (13..16).contains(&(pixel % SIDE)) && (6..22).contains(&(pixel / SIDE));
        f32::from(u8::from(inside))
    })
}

/// The remaining fraction of the stroke's ink in each of 200 images.
fn ink_left(ink: Ink) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let shares = (0..200).map(|_| {
        let inked = ink.draw(&mut rng).apply(&stroke());
        assert!(inked.iter().all(|value| (0.0..=1.0).contains(value)));
        inked.iter().sum::<f32>() / 48.0
    });
    shares.collect()
}

fn extremes(values: &[f32]) -> (f32, f32) {
    values
        .iter()
        .fold((f32::MAX, f32::MIN), |(low, high), &value| {
            (low.min(value), high.max(value))
        })
}

#[test]
fn no_change_changes_nothing() {
    let same = NONE
        .draw(&mut ChaCha8Rng::seed_from_u64(1))
        .apply(&stroke());
    assert_eq!(same, stroke());
}

#[test]
fn pens_get_wider_and_thinner_within_their_bounds() {
    let pen = Ink {
        wider: 0.8,
        thinner: 0.5,
        ..NONE
    };
    let (thinnest, widest) = extremes(&ink_left(pen));
    // A pixel more on either side makes 5 × 18 of 3 × 16 pixels, one less 1 × 14.
    assert!((0.64..0.8).contains(&thinnest), "{thinnest}");
    assert!((1.4..1.71).contains(&widest), "{widest}");
}

#[test]
fn a_hollow_stroke_keeps_only_its_outline() {
    let pen = Ink {
        hollow: 0.5,
        ..NONE
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let drawn: Vec<Values> = (0..200)
        .map(|_| pen.draw(&mut rng).apply(&stroke()))
        .collect();
    let middle = 14 * SIDE + 14;
    let hollow = drawn.iter().filter(|values| values[middle] == 0.0);
    assert!(hollow.clone().all(|values| values[middle - 1] == 1.0));
    assert!((70..130).contains(&hollow.count()));
}

#[test]
fn faint_ink_and_holes_remove_ink() {
    let faint = Ink {
        strength: (0.6, 1.5),
        ..NONE
    };
    let (least, most) = extremes(&ink_left(faint));
    assert!(
        (0.6..0.63).contains(&least) && most == 1.0,
        "{least} {most}"
    );
    let torn = Ink {
        gap: 2.0,
        torn: 0.5,
        ..NONE
    };
    let left = ink_left(torn);
    let whole = left.iter().filter(|share| **share == 1.0).count();
    assert!((80..180).contains(&whole), "{whole} of 200 are whole");
    assert!(left.iter().any(|share| *share < 0.9));
}

const SAME: Pen = Pen {
    width: 0.0,
    blur: 0.0,
    strength: 1.0,
    holes: None,
    hollow: false,
};

/// An image of which `value` gives the pixels by column and row.
fn image(value: impl Fn(usize, usize) -> f32) -> Values {
    array::from_fn(|pixel| value(pixel % SIDE, pixel / SIDE))
}

/// A single bright pixel.
fn dot(column: usize, row: usize) -> Values {
    image(|x, y| f32::from(u8::from((x, y) == (column, row))))
}

fn assert_close(found: &Values, expected: &Values) {
    for pixel in 0..found.len() {
        let (value, expected) = (found[pixel], expected[pixel]);
        let (column, row) = (pixel % SIDE, pixel / SIDE);
        let off = (value - expected).abs();
        assert!(off < 1e-5, "{value}, not {expected}, at {column}, {row}");
    }
}

#[test]
fn a_pen_is_drawn_within_its_bounds() {
    let ink = Ink {
        wider: 0.8,
        thinner: 0.4,
        blur: 0.6,
        strength: (0.5, 1.5),
        gap: 2.0,
        torn: 0.25,
        hollow: 0.5,
    };
    // Scale, width, blur, strength, whether torn, three holes, whether hollow.
    let pen = [0.5, 0.75, 0.5, 0.25, 0.125];
    let holes = [0.75, 0.25, 0.5, 0.5, 0.0, 0.25, 0.25, 0.75, 0.75];
    let mut rng = Fractions::new(pen.into_iter().chain(holes).chain([0.25]));
    let pen = ink.draw(&mut rng);
    assert!(rng.is_used_up());
    assert_eq!((pen.width, pen.blur, pen.strength), (0.25, 0.3, 0.75));
    let places = pen.holes.unwrap().map(|hole| (hole.x, hole.y, hole.radius));
    assert_eq!(
        places,
        [(18.0, 9.0, 1.0), (13.5, 4.5, 0.5), (9.0, 18.0, 1.5)]
    );
    assert!(pen.hollow);
    let pen = ink.draw(&mut Fractions::new([0.5, 0.0, 0.5, 0.25, 0.75, 0.75]));
    assert_eq!((pen.width, pen.holes, pen.hollow), (-0.2, None, false));
}

#[test]
fn a_share_of_zero_tears_and_hollows_no_image() {
    let pen = NONE.draw(&mut Fractions::new([0.0; 6]));
    assert_eq!(pen, SAME);
}

#[test]
fn a_wider_pen_blends_in_the_pixels_around() {
    let pen = Pen {
        width: 0.25,
        ..SAME
    };
    let around = |x: usize, y: usize| x.abs_diff(5) <= 1 && y.abs_diff(9) <= 1;
    let expected = image(|x, y| match (x, y) {
        (5, 9) => 1.0,
        _ if around(x, y) => 0.25,
        _ => 0.0,
    });
    assert_close(&pen.apply(&dot(5, 9)), &expected);
}

#[test]
fn a_thinner_pen_weakens_the_border_of_a_stroke() {
    let pen = Pen {
        width: -0.25,
        ..SAME
    };
    let block = image(|x, y| f32::from(u8::from((4..7).contains(&x) && (8..11).contains(&y))));
    let expected = image(|x, y| match (x, y) {
        (5, 9) => 1.0,
        (4..7, 8..11) => 0.75,
        _ => 0.0,
    });
    assert_close(&pen.apply(&block), &expected);
    let solid = image(|_, _| 1.0);
    assert_close(&pen.apply(&solid), &solid);
}

#[test]
fn ink_at_the_edge_does_not_reach_the_other_side() {
    let pen = Pen { width: 1.0, ..SAME };
    for (column, row) in [(0, 0), (27, 0), (0, 27), (27, 27), (27, 5), (0, 5), (5, 27)] {
        let near = |x: usize, y: usize| x.abs_diff(column) <= 1 && y.abs_diff(row) <= 1;
        let expected = image(|x, y| f32::from(u8::from(near(x, y))));
        assert_close(&pen.apply(&dot(column, row)), &expected);
    }
}

#[test]
fn a_blur_blends_in_the_mean_of_nine_pixels_with_black_beyond_the_edge() {
    let pen = Pen { blur: 0.9, ..SAME };
    let expected = image(|x, y| match (x, y) {
        (5, 9) => 0.2,
        (4..=6, 8..=10) => 0.1,
        _ => 0.0,
    });
    assert_close(&pen.apply(&dot(5, 9)), &expected);
    let at_edge = |place: usize| usize::from(place == 0 || place == 27);
    let expected = image(|x, y| match at_edge(x) + at_edge(y) {
        0 => 1.0,
        1 => 0.7,
        _ => 0.5,
    });
    assert_close(&pen.apply(&image(|_, _| 1.0)), &expected);
}

#[test]
fn an_outline_is_where_the_ink_changes() {
    let pen = Pen {
        hollow: true,
        ..SAME
    };
    let half = image(|x, _| if x < 14 { 0.25 } else { 1.0 });
    let expected = image(|x, _| if (13..15).contains(&x) { 0.75 } else { 0.0 });
    assert_close(&pen.apply(&half), &expected);
}

#[test]
fn strength_multiplies_the_ink_up_to_solid() {
    let grey = image(|x, _| x as f32 / 32.0);
    let pen = |strength| Pen { strength, ..SAME };
    let weak = image(|x, _| x as f32 / 64.0);
    assert_close(&pen(0.5).apply(&grey), &weak);
    let strong = image(|x, _| (x as f32 / 16.0).min(1.0));
    assert_close(&pen(2.0).apply(&grey), &strong);
}

#[test]
fn a_hole_has_a_soft_edge_around_its_radius() {
    let hole = |x, y, radius| Hole { x, y, radius };
    let holes = [
        hole(5.0, 9.0, 2.25),
        hole(20.0, 3.0, 0.0),
        hole(-9.0, -9.0, 1.0),
    ];
    let pen = Pen {
        holes: Some(holes),
        ..SAME
    };
    let torn = pen.apply(&image(|_, _| 0.8));
    for (column, row, left) in [
        (5, 9, 0.0),
        (6, 9, 0.0),
        (7, 9, 0.25),
        (5, 7, 0.25),
        (8, 9, 1.0),
        (9, 5, 1.0),
        (20, 3, 0.5),
        (19, 3, 1.0),
        (3, 20, 1.0),
        (0, 0, 1.0),
    ] {
        let (value, expected) = (torn[row * SIDE + column], 0.8 * left);
        let off = f32::abs(value - expected);
        assert!(off < 1e-5, "{value}, not {expected}, at {column}, {row}");
    }
}
