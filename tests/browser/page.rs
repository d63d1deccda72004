//! What users do on the page, and what it shows.

use std::path::Path;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;

use super::strokes::{DIGITS, of};
use super::{Browser, Screen, with_page};
use crate::testenv::{TestEnv, finished_run};

/// Names a folder for screenshots of the page, if they are wanted.
const SCREENSHOTS: &str = "MNIST_TCH_SCREENSHOTS";

const FIVE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/five.png");

/// Writes `NAME.png`, if screenshots are wanted.
pub async fn screenshot(page: &Browser, name: &str) {
    if let Ok(folder) = std::env::var(SCREENSHOTS) {
        let picture = page.client.screenshot().await.expect("a screenshot");
        let path = Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(path, picture).expect("writing the screenshot");
    }
}

#[test]
fn digits_are_read_while_they_are_drawn() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Desktop, async |page| {
        for (digit, strokes) in DIGITS {
            page.until_answered(page.draw(strokes)).await;
            assert_eq!(page.text("#text").await, digit);
            let bars = page
                .run("return document.querySelectorAll('#bars li').length")
                .await;
            assert_eq!(bars, 10);
            let inked = "return ['seen', 'decisive'].map((id) => document.getElementById(id)
                .getContext('2d').getImageData(0, 0, 28, 28).data.some((value, at) => at % 4 < 3 && value > 200))";
            assert_eq!(
                page.run(inked).await,
                serde_json::json!([true, true]),
                "{digit}"
            );
            if digit == "2" {
                screenshot(&page, "page").await;
            }
            page.click("#clear").await;
            assert_eq!(page.text("#text").await, "–");
        }
    });
}

#[test]
fn a_stroke_can_be_undone() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Desktop, async |page| {
        let four = of("4");
        page.until_answered(page.draw(&four[..1])).await;
        let before = page.text("#text").await;
        page.until_answered(page.draw(&four[1..])).await;
        assert_eq!(page.text("#text").await, "4");
        page.until_answered(page.click("#undo")).await;
        assert_eq!(page.text("#text").await, before);
        page.click("#undo").await;
        assert_eq!(page.text("#text").await, "–");
    });
}

#[test]
fn pictures_are_opened_and_pasted() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Desktop, async |page| {
        let open = page.find("#open").await;
        page.until_answered(async { open.send_keys(FIVE).await.expect("choosing a file") })
            .await;
        assert_eq!(page.text("#text").await, "5");
        page.click("#clear").await;
        let bytes = std::fs::read(FIVE).expect("a picture");
        let paste = format!(
            "const data = new DataTransfer();
             data.items.add(new File([new Uint8Array({bytes:?})], 'five.png', {{ type: 'image/png' }}));
             document.body.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true }}))"
        );
        page.until_answered(async { drop(page.run(&paste).await) })
            .await;
        assert_eq!(page.text("#text").await, "5");
    });
}

#[test]
fn a_number_is_read_with_a_box_around_each_digit() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Desktop, async |page| {
        // Side by side, each in a third of the sheet.
        let digits = ["2", "4", "7"].iter().zip([-0.48, 0.0, 0.48]);
        let strokes: Vec<Vec<(f64, f64)>> = digits
            .flat_map(|(digit, middle)| {
                let place = move |&(x, y): &(f64, f64)| (0.5 + middle + (x - 0.5) * 0.9, y);
                of(digit)
                    .iter()
                    .map(move |stroke| stroke.iter().map(place).collect())
            })
            .collect();
        let strokes: Vec<&[(f64, f64)]> = strokes.iter().map(Vec::as_slice).collect();
        page.until_answered(page.draw(&strokes)).await;
        assert_eq!(page.text("#text").await, "247");
        let shown = "return [document.querySelectorAll('#parts li').length, document.getElementById('details').hidden,
            document.getElementById('overlay').getContext('2d').getImageData(0, 0, 900, 600).data.some((value) => value > 0)]";
        assert_eq!(page.run(shown).await, serde_json::json!([3, true, true]));
        // Once the first one is alone again, it is explained.
        for _ in 1..of("4").len() + of("7").len() {
            page.click("#undo").await;
        }
        page.until_answered(page.click("#undo")).await;
        assert_eq!(page.text("#text").await, "2");
        let explained = "return !document.getElementById('details').hidden";
        assert_eq!(page.run(explained).await, true);
    });
}

#[test]
fn digits_can_be_drawn_by_keyboard() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Desktop, async |page| {
        let mut keys = KeyActions::new("keys".to_owned());
        let mut press = |key: char| {
            let taken = std::mem::replace(&mut keys, KeyActions::new("keys".to_owned()));
            keys = taken
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key });
        };
        press(' ');
        for _ in 0..18 {
            press(Key::Down.into());
        }
        press(' ');
        page.run("document.getElementById('surface').focus()").await;
        page.until_answered(async { page.client.perform_actions(keys).await.expect("typing") })
            .await;
        assert_eq!(page.text("#text").await, "1");
        // What was read is announced to screen readers.
        let announced = "return [...document.querySelectorAll('[aria-live]')].some((region) => region.textContent.includes('1'))";
        while page.run(announced).await != true {}
        page.client
            .perform_actions(
                KeyActions::new("keys".to_owned())
                    .then(KeyAction::Down {
                        value: Key::Escape.into(),
                    })
                    .then(KeyAction::Up {
                        value: Key::Escape.into(),
                    }),
            )
            .await
            .expect("typing");
        assert_eq!(page.text("#text").await, "–");
    });
}

#[test]
fn a_phone_shows_sheet_and_answer_at_once() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Phone, async |page| {
        page.until_answered(page.draw_by_touch(of("3"))).await;
        assert_eq!(page.text("#text").await, "3");
        let fits = "const place = document.getElementById('text').getBoundingClientRect();
            return document.documentElement.scrollWidth <= innerWidth && scrollY === 0
                && place.top >= 0 && place.bottom <= innerHeight";
        assert_eq!(page.run(fits).await, true);
        let small = "return [...document.querySelectorAll('button, .button, select')]
            .filter((control) => control.checkVisibility())
            .map((control) => [control.id || control.textContent, control.getBoundingClientRect()])
            .filter(([, place]) => place.height < 44 || place.width < 44).map(([name]) => name)";
        assert_eq!(page.run(small).await, serde_json::json!([]));
    });
}

#[test]
fn a_run_is_shown_on_the_second_tab() {
    let env = TestEnv::new();
    let folder = finished_run().parent().expect("a folder");
    let folder = folder.to_str().expect("a path in UTF-8");
    with_page(&env, &["--runs", folder], Screen::Desktop, async |page| {
        page.click("#tab-training").await;
        let drawn = "return ['curves', 'confusion', 'samples'].every((id) => document.getElementById(id).naturalWidth > 300)";
        while page.run(drawn).await != true {}
        let chosen = page
            .run("return document.getElementById('run').selectedOptions[0].textContent")
            .await;
        let chosen = chosen.as_str().unwrap_or_default().to_owned();
        assert!(
            chosen.contains("run") && chosen.contains("finished"),
            "{chosen}"
        );
        let described = page
            .run("return document.getElementById('curves').alt")
            .await;
        assert!(
            described
                .as_str()
                .is_some_and(|alt| alt.contains("3 of 3 epochs")),
            "{described}"
        );
    });
}
