//! What users do on the tab for sheets: correct what is doubtful by keyboard, and download it.

use std::path::Path;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use mnist_tch::evaluation::labels::labels;
use serde_json::{Value, json};

use super::page::screenshot;
use super::photo::photo;
use super::{Browser, Screen, with_page};
use crate::serve::post;
use crate::testenv::TestEnv;

/// Opens the tab and a photo, and waits for its tables.
async fn open(page: &Browser, env: &TestEnv) {
    env.write("meter.jpg", &photo());
    open_file(page, &env.path("meter.jpg")).await;
    page.wait_for("#panel-sheet[data-state='read']").await;
}

async fn open_file(page: &Browser, path: &Path) {
    page.click("#tab-sheet").await;
    let input = page.find("#open-sheet").await;
    let path = path.to_str().expect("a path in UTF-8");
    input.send_keys(path).await.expect("choosing a file");
}

pub async fn press(page: &Browser, keys: &[char]) {
    let mut actions = KeyActions::new("keys".to_owned());
    for &value in keys {
        actions = actions
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
    }
    page.client.perform_actions(actions).await.expect("typing");
}

/// Row, column and text of the cell that has the focus.
async fn focused(page: &Browser) -> (usize, usize, String) {
    let place = "const cell = document.activeElement;
        return [cell.parentElement.rowIndex - 1, cell.cellIndex - 1, cell.textContent]";
    let place = page.run(place).await;
    let at = |index: usize| place[index].as_u64().expect("a cell") as usize;
    (at(0), at(1), place[2].as_str().expect("a text").to_owned())
}

async fn doubtful(page: &Browser) -> u64 {
    let count = "return Number(document.getElementById('panel-sheet').dataset.doubtful)";
    page.run(count).await.as_u64().expect("a count")
}

/// The table that the service makes of the photo, as rows of texts.
fn service_csv(page: &Browser) -> Vec<Vec<String>> {
    let reply = post(
        page.address(),
        "/api/tables?format=csv",
        "image/jpeg",
        &photo(),
    );
    assert_eq!(reply.status, 200, "{}", reply.text());
    rows(&reply.body)
}

fn rows(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv);
    let rows = reader.records().map(|row| row.expect("a record"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn a_doubtful_cell_is_corrected_by_keyboard_and_all_is_downloaded() {
    let env = TestEnv::new();
    let kept = env.path("kept");
    let args = ["--collect", kept.to_str().expect("a path in UTF-8")];
    with_page(&env, &args, Screen::Desktop, async |page| {
        open(&page, &env).await;
        let before = doubtful(&page).await;
        assert!(before >= 2, "an overwritten digit and a word: {before}");
        let mut expected = service_csv(&page);
        // The first doubtful cell has the focus, and its cut-out is shown.
        let (row, column, read) = focused(&page).await;
        assert_eq!(expected[row][column], read);
        let cut = page
            .run("return document.querySelector('.cutout canvas').width")
            .await;
        assert!(cut.as_u64() > Some(100), "{cut}");

        let typed = ['4', '3', '9', '9', Key::Backspace.into(), '6'];
        press(&page, &typed).await;
        assert_eq!(focused(&page).await, (row, column, "4396".to_owned()));
        press(&page, &[Key::Enter.into()]).await;
        assert_eq!(doubtful(&page).await, before - 1);
        let next = focused(&page).await;
        assert_ne!((next.0, next.1), (row, column), "Enter goes on");
        expected[row][column] = "4396".to_owned();

        // What is typed and taken back changes nothing.
        press(&page, &['7', '7', Key::Escape.into()]).await;
        assert_eq!(focused(&page).await, next);
        page.click("#download").await;
        let downloaded = page.downloaded("meter.csv").await;
        assert_eq!(rows(&downloaded), expected);
        assert!(downloaded.ends_with(b"\r\n"));

        page.wait_for("#kept[data-kept='1']").await;
        let found = labels(&kept).expect("the labels");
        let label = found.first().map(|one| one.label.to_string());
        assert_eq!((found.len(), label.as_deref()), (1, Some("4396")));
        let picture = image::open(&found[0].path).expect("its picture");
        assert!(picture.width() > 100 && picture.height() > 50);
        let wild = env.succeed(&["eval", "--wild", "kept"]);
        assert!(wild.contains("cell"), "{wild}");
    });
}

#[test]
fn without_corrections_the_csv_is_the_services_and_nothing_is_kept() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Desktop, async |page| {
        open(&page, &env).await;
        let said = page.text("#kept").await;
        assert!(said.starts_with("Nothing is kept"), "{said}");
        page.click("#download").await;
        let downloaded = page.downloaded("meter.csv").await;
        let reply = post(
            page.address(),
            "/api/tables?format=csv",
            "image/jpeg",
            &photo(),
        );
        assert_eq!(downloaded, reply.body);
        // A correction that is not kept is no error either.
        press(&page, &['1', Key::Enter.into()]).await;
        assert!(page.text("#kept").await.starts_with("Nothing is kept"));
        page.click("#download").await;
    });
}

#[test]
fn cells_are_reached_by_arrows_and_the_doubtful_ones_by_tab() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Desktop, async |page| {
        open(&page, &env).await;
        let cells = "return document.querySelectorAll('#tables td[tabindex=\"0\"]').length";
        assert_eq!(page.run(cells).await, 1, "one cell at a time is a tab stop");
        let first = focused(&page).await;
        press(&page, &[Key::Tab.into()]).await;
        let second = focused(&page).await;
        assert!((second.0, second.1) > (first.0, first.1));
        screenshot(&page, "sheet-tab").await;
        press(&page, &[Key::Down.into(), Key::Up.into(), Key::Left.into()]).await;
        let beside = focused(&page).await;
        assert_eq!((beside.0, beside.1), (second.0, second.1 - 1));
        press(&page, &[Key::Right.into()]).await;
        assert_eq!(focused(&page).await, second);
        // Beyond the last doubtful cell, the focus leaves the table.
        let left = doubtful(&page).await;
        press(&page, &vec![Key::Tab.into(); left as usize]).await;
        let outside = "return !document.getElementById('tables').contains(document.activeElement)";
        assert_eq!(page.run(outside).await, true);
    });
}

#[test]
fn what_is_no_sheet_is_said() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Desktop, async |page| {
        image::GrayImage::from_pixel(300, 200, image::Luma([250]))
            .save(env.path("blank.png"))
            .expect("a blank picture");
        open_file(&page, &env.path("blank.png")).await;
        page.wait_for("#sheet-notice.notice").await;
        let said = page.text("#sheet-notice").await;
        assert!(said.starts_with("There is no table"), "{said}");
    });
}

#[test]
fn a_phone_shows_the_cell_its_cut_out_and_keys() {
    let env = TestEnv::new();
    with_page(&env, &[], Screen::Phone, async |page| {
        open(&page, &env).await;
        let keys = "return [...document.querySelectorAll('.keypad button')].map((key) => {
            const { width, height } = key.getBoundingClientRect();
            return width >= 44 && height >= 44; })";
        assert_eq!(page.run(keys).await, Value::from(vec![true; 17]));
        let fits = "const [cell, loupe] = ['td.current', '.loupe']
                .map((name) => document.querySelector(name).getBoundingClientRect());
            return [document.documentElement.scrollWidth <= innerWidth, cell.top >= 0,
                cell.bottom <= loupe.top, loupe.bottom <= innerHeight]";
        assert_eq!(page.run(fits).await, json!([true, true, true, true]));
        let (row, column, _) = focused(&page).await;
        page.click(".keypad button:nth-child(3)").await;
        assert_eq!(focused(&page).await, (row, column, "3".to_owned()));
    });
}
