//! Words without digits: chosen or made up, set in a font or written by a person.

use super::super::glyph::{Glyph, Style};
use super::super::{Point, Split};
use super::face::Faces;
use super::samples::{Writer, centred, written};
use super::split::BySplit;
use crate::random::SeededRng;

/// Words of some languages, except those made only of letters that look like digits, as "so" or
/// "Il".
const WORDS: &str = "the and for with from note page name date total price amount paper market \
    street house number order please thanks today monday friday march april june august milk bread \
    eggs butter tea coffee apples water energy and them were have class exam answer test phone \
    und der mit Herr Frau Datum Summe Rechnung Stück Name Menge Preis Uhr Kurs Haus Tag Heft Note \
    les avec pour une merci page prix nombre feuille nom jour matin annee rue chez reste \
    para con por favor fecha nombre cuenta dinero casa hoy semana escuela numero compra \
    het een van en met voor prijs aantal naam datum een dag week \
    kwota data razem cena nazwa adres uwaga numer hemmet pris antal namn \
    per uno nome prezzo carta data numero via mercato latte pane \
    km kg ml cm max min nr ref art pcs qty ca etc vs approx mean sum height weight length";

/// One to three words.
pub fn text(rng: &mut SeededRng) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let count = 1 + rng.weighted_index(&[0.6, 0.25, 0.15]);
    let case = rng.weighted_index(&[0.5, 0.3, 0.2]);
    let chosen = (0..count).map(|_| {
        let word: String = match rng.random_bool(0.75) {
            true => (*rng.choose(&words)).to_owned(),
            false => made_up(rng),
        };
        let word: String = word.chars().filter(char::is_ascii).collect();
        match case {
            0 => word,
            1 => {
                let mut letters = word.chars();
                let first = letters.next().map(|letter| letter.to_ascii_uppercase());
                first.into_iter().chain(letters).collect()
            }
            _ => word.to_ascii_uppercase(),
        }
    });
    let mut text = chosen.collect::<Vec<_>>().join(" ");
    if rng.random_bool(0.2) {
        text.push(*rng.choose(&[':', '.', ',', '?', '!', '=', '-']));
    }
    text
}

/// Random syllables.
fn made_up(rng: &mut SeededRng) -> String {
    let starts = [
        "m", "k", "r", "t", "n", "p", "h", "w", "tr", "pr", "v", "f", "k", "d",
    ];
    let vowels = ["a", "e", "u", "a", "e", "o", "i", "ea", "au"];
    let ends = [
        "", "n", "m", "r", "t", "", "nd", "rk", "x", "ch", "ng", "lt",
    ];
    (0..1 + rng.below(3))
        .map(|_| {
            let parts = [rng.choose(&starts), rng.choose(&vowels), rng.choose(&ends)];
            parts.map(|part| *part).concat()
        })
        .collect()
}

/// A text in one of the fonts.
pub fn set(
    faces: &Faces,
    split: Split,
    text: &str,
    style: &Style,
    rng: &mut SeededRng,
) -> Option<Glyph> {
    let face = faces.one(split, rng).filter(|face| !face.is_display)?;
    let spacing = rng.approx_normal(0.03).max(-0.04) as f32;
    let unsteady = rng.uniform(0.0, 0.02);
    let mut contours: Vec<Vec<Point>> = Vec::new();
    let mut right = 0.0;
    for character in text.chars() {
        let Some((outline, advance)) = face.outline(character) else {
            right += 0.3;
            continue;
        };
        let lift = rng.approx_normal(unsteady) as f32;
        let size = 1.0 + rng.approx_normal(unsteady) as f32;
        contours.extend(outline.into_iter().map(|contour| {
            let place = |[x, y]: Point| [x * size + right, y * size + lift];
            contour.into_iter().map(place).collect()
        }));
        right += advance * size + spacing;
    }
    if contours.is_empty() {
        return None;
    }
    let mut contours = centred(contours);
    for point in contours.iter_mut().flatten() {
        *point = style.bend(*point);
    }
    Some(Glyph::of_outline(contours))
}

/// A text by one of the people with recorded letters, letter by letter.
pub fn write(
    writers: &BySplit<Writer>,
    split: Split,
    text: &str,
    style: &Style,
    rng: &mut SeededRng,
) -> Option<Glyph> {
    let able: Vec<&Writer> = writers
        .of(split)
        .iter()
        .filter(|writer| writer.letters.len() > 20)
        .collect();
    if able.is_empty() {
        return None;
    }
    let writer = rng.choose(&able);
    let gap = rng.uniform(0.06, 0.25);
    let mut strokes: Vec<Vec<Point>> = Vec::new();
    let mut right = 0.0;
    for character in text.chars() {
        let samples: Vec<_> = writer
            .letters
            .iter()
            .filter(|(letter, _)| *letter == character)
            .collect();
        if samples.is_empty() {
            right += 0.4;
            continue;
        }
        let (top, bottom) = zone(character);
        let size = (bottom - top) * (1.0 + rng.approx_normal(0.05) as f32);
        let (_, sample) = rng.choose(&samples);
        let letter = sample.strokes();
        let low = letter
            .iter()
            .flatten()
            .map(|point| point[0])
            .fold(0.0, f32::min);
        let high = letter
            .iter()
            .flatten()
            .map(|point| point[0])
            .fold(0.0, f32::max);
        let middle = (top + bottom) / 2.0 + rng.approx_normal(0.025) as f32;
        strokes.extend(letter.into_iter().map(|stroke| {
            let place = |[x, y]: Point| [(x - low) * size + right, y * size + middle];
            stroke.into_iter().map(place).collect()
        }));
        right += (high - low) * size + (gap + rng.approx_normal(0.03)) as f32;
    }
    (!strokes.is_empty()).then(|| Glyph::of_strokes(written(centred(strokes), style, rng)))
}

/// Top and bottom of a letter relative to the baseline, in heights of a capital, `y` down.
fn zone(letter: char) -> (f32, f32) {
    match letter {
        'g' | 'p' | 'q' | 'y' => (-0.55, 0.4),
        'j' => (-0.75, 0.4),
        'b' | 'd' | 'f' | 'h' | 'k' | 'l' => (-1.0, 0.0),
        'i' | 't' => (-0.82, 0.0),
        'a'..='z' => (-0.55, 0.0),
        '.' | ',' => (-0.08, 0.04),
        '-' => (-0.35, -0.3),
        '=' => (-0.5, -0.25),
        ':' => (-0.5, 0.0),
        _ => (-1.0, 0.0),
    }
}
