//! What users do on the tab for forms: from the boxes that are found to FORM.json.

use fantoccini::key::Key;
use image::{GrayImage, Luma};
use serde_json::{Value, json};

use super::sheet::press;
use super::{Browser, Screen, with_page};
use crate::formats::assert_conforms;
use crate::testenv::TestEnv;

/// An empty form with two wide boxes, one below the other.
fn card() -> GrayImage {
    let is_line = |at: u32, from: u32, to: u32| at.abs_diff(from) < 2 || at.abs_diff(to) < 2;
    GrayImage::from_fn(600, 500, |x, y| {
        let is_box = |top: u32| {
            let within = (98..402).contains(&x) && (top - 2..top + 52).contains(&y);
            within && (is_line(x, 100, 400) || is_line(y, top, top + 50))
        };
        Luma([if is_box(100) || is_box(300) { 60 } else { 240 }])
    })
}

async fn open(page: &Browser, env: &TestEnv, name: &str) {
    let path = env.path(name);
    let input = page.find("#open-form").await;
    let path = path.to_str().expect("a path in UTF-8");
    input.send_keys(path).await.expect("choosing a file");
}

/// The labels of all boxes.
async fn boxes(page: &Browser) -> Vec<String> {
    let labels = "return [...document.querySelectorAll('#form-board .field')].map((box) => box.getAttribute('aria-label'))";
    let labels = page.run(labels).await;
    let labels = labels.as_array().expect("a list").iter();
    labels
        .map(|label| label.as_str().expect("a label").to_owned())
        .collect()
}

async fn saved(page: &Browser, name: &str) -> Value {
    page.click("#form-download").await;
    let form = page.downloaded(name).await;
    let form = serde_json::from_slice(&form).expect("JSON");
    assert_conforms("form.schema.json", "", &form);
    form
}

#[test]
fn boxes_are_found_edited_and_downloaded_as_a_form() {
    let env = TestEnv::new();
    card().save(env.path("card.png")).expect("a picture");
    with_page(&env, &[], Screen::Desktop, async |page| {
        page.click("#tab-form").await;
        open(&page, &env, "card.png").await;
        page.wait_for("#form-board .field:nth-child(2)").await;
        let select = "document.querySelector('#form-fields tr:first-child input').select()";
        page.run(select).await;
        press(&page, &[Key::Backspace.into()]).await;
        assert_eq!(page.text("#form-problem").await, "A field has no name.");
        press(&page, &['m', 'e', 't', 'e', 'r']).await;
        assert_eq!(page.text("#form-problem").await, "");
        // By keyboard: two pixels to the right.
        page.run("document.querySelector('#form-board .field').focus()")
            .await;
        let before = boxes(&page).await;
        press(&page, &[Key::Right.into(), Key::Right.into()]).await;
        assert_ne!(boxes(&page).await, before);
        page.click("#form-fields tr:nth-child(2) .remove").await;
        let form = saved(&page, "card.json").await;
        let fields = form["fields"].as_array().expect("fields");
        assert_eq!((fields.len(), &fields[0]["name"]), (1, &json!("meter")));
        let left = fields[0]["box"][0].as_u64().expect("a place");
        assert!((102..=106).contains(&left), "{form}");
        assert_eq!(form["reference"], "card.png");
        std::fs::write(env.path("card.json"), form.to_string()).expect("a form");
        let read = env.succeed(&["infer", "--form", "card.json", "card.png"]);
        assert!(read.starts_with("file,meter,doubtful"), "{read}");
    });
}

#[test]
fn a_form_is_opened_with_its_picture_and_gets_a_box_that_is_drawn() {
    let env = TestEnv::new();
    card().save(env.path("card.png")).expect("a picture");
    let field = json!({ "name": "meter", "type": "digits:4", "box": [100, 100, 300, 50] });
    let form = json!({
        "version": 1, "name": "card", "reference": "card.png", "size": [600, 500],
        "fields": [field], "rules": ["meter: 0..50"],
    });
    env.write("mine.json", form.to_string().as_bytes());
    env.write("other.json", b"{}");
    with_page(&env, &[], Screen::Desktop, async |page| {
        page.click("#tab-form").await;
        open(&page, &env, "other.json").await;
        page.wait_for("#form-notice.notice").await;
        let said = page.text("#form-notice").await;
        assert!(said.starts_with("other.json is not a form"), "{said}");
        open(&page, &env, "mine.json").await;
        page.wait_for("#form-notice:not(.notice)").await;
        assert_eq!(
            page.text("#form-notice").await,
            "Now open its picture, card.png."
        );
        open(&page, &env, "card.png").await;
        page.wait_for("#form-board .field").await;
        assert_eq!(
            boxes(&page).await,
            ["meter, digits:4, at 100, 100, 300 by 50 pixels"]
        );
        page.drag("#form-board", [(-0.3, 0.1), (0.2, 0.2)]).await;
        let form = saved(&page, "card.json").await;
        assert_eq!(form["fields"][0], field);
        assert_eq!(form["rules"], json!(["meter: 0..50"]));
        let drawn = &form["fields"][1];
        assert_eq!(drawn["name"], "field 2");
        let place = |at: usize| drawn["box"][at].as_f64().expect("a place");
        for (at, expected) in [120.0, 300.0, 300.0, 50.0].into_iter().enumerate() {
            assert!((place(at) - expected).abs() < 6.0, "{drawn}");
        }
    });
}
