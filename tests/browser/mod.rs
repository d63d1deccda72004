//! The page in a real browser: headless Chromium, driven by ChromeDriver.

mod form;
mod page;
mod photo;
mod sheet;
mod strokes;

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{
    ActionSequence, InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction, TouchActions,
};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serve::Program;
use crate::testenv::{TestEnv, skipped};

/// Names ChromeDriver; `scripts/browser-test` sets it.
const DRIVER: &str = "MNIST_TCH_CHROMEDRIVER";

/// An answer arrives within this time, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// The screen of the browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    Desktop,
    /// 360×640 pixels, with a touchscreen.
    Phone,
}

/// A browser with the page open.
pub struct Browser {
    pub client: Client,
    driver: Child,
    /// Kept open, since the driver continues to write.
    _output: BufReader<ChildStdout>,
    port: u16,
    /// The browser's own files, and what it downloads.
    profile: TempDir,
    program: Program,
}

/// Opens the page of a service with these arguments and lets `test` use it; afterwards the console must have
/// no errors. Skips the test, with a message, if there is no browser.
pub fn with_page<F: Future<Output = ()>>(
    env: &TestEnv,
    args: &[&str],
    screen: Screen,
    test: impl FnOnce(std::rc::Rc<Browser>) -> F,
) {
    let Ok(driver) = std::env::var(DRIVER) else {
        return skipped(&format!(
            "{DRIVER} names no ChromeDriver; see scripts/browser-test"
        ));
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let program = Program::start(env, args);
        let browser = std::rc::Rc::new(Browser::open(&driver, screen, program).await);
        test(std::rc::Rc::clone(&browser)).await;
        let errors = browser.console().await;
        assert!(errors.is_empty(), "the console has {errors:?}");
        let _ = browser.client.clone().close().await;
    });
}

impl Browser {
    async fn open(driver: &str, screen: Screen, program: Program) -> Self {
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|failure| panic!("starting {driver}: {failure}"));
        let mut output = BufReader::new(driver.stdout.take().expect("its stdout"));
        let port = loop {
            let mut line = String::new();
            let read = output.read_line(&mut line).expect("ChromeDriver's output");
            assert!(read > 0, "ChromeDriver ended without a port");
            if let Some((_, port)) = line.trim_end().split_once("successfully on port ") {
                break port.trim_end_matches('.').parse::<u16>().expect("a port");
            }
        };
        let profile = tempfile::tempdir().expect("a temporary folder");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(screen, &profile))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        client
            .goto(&format!("http://{}/", program.address))
            .await
            .expect("the page");
        Self {
            client,
            driver,
            _output: output,
            port,
            profile,
            program,
        }
    }

    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.program.address
    }

    /// The content of a file, once it is downloaded.
    pub async fn downloaded(&self, name: &str) -> Vec<u8> {
        let path = self.profile.path().join(name);
        // The browser gives a file its name once it is complete.
        let waited = tokio::time::timeout(PATIENCE, async {
            while !path.exists() {
                self.answers().await;
            }
        });
        waited.await.expect("a download in time");
        std::fs::read(path).expect("a downloaded file")
    }

    pub async fn find(&self, selector: &str) -> Element {
        let found = self.client.find(Locator::Css(selector)).await;
        found.unwrap_or_else(|failure| panic!("{selector}: {failure}"))
    }

    pub async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.expect("a text")
    }

    pub async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.expect("a click");
    }

    pub async fn run(&self, script: &str) -> Value {
        let value = self.client.execute(script, vec![]).await;
        value.unwrap_or_else(|failure| panic!("{script}: {failure}"))
    }

    /// Waits until there is an element that matches.
    pub async fn wait_for(&self, selector: &str) {
        let waiting = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(selector));
        if let Err(failure) = waiting.await {
            let body = self.text("body").await;
            panic!("{selector} does not appear: {failure}; the page says {body}");
        }
    }

    /// How many answers have been shown.
    pub async fn answers(&self) -> u64 {
        let count = self
            .run("return Number(document.body.dataset.answered)")
            .await;
        count.as_u64().expect("a count")
    }

    /// Does something, and waits until the answer to the resulting sheet is shown.
    pub async fn until_answered(&self, act: impl Future<Output = ()>) {
        let before = self.answers().await;
        act.await;
        let more = format!("return Number(document.body.dataset.answered) > {before}");
        let waited =
            tokio::time::timeout(PATIENCE, async { while self.run(&more).await != true {} });
        waited.await.expect("an answer in time");
        self.wait_for("body[data-settled='true']").await;
    }

    /// Draws strokes with the mouse; coordinates are in heights of the surface, 0 to 1 in its middle square.
    pub async fn draw(&self, strokes: &[&[(f64, f64)]]) {
        self.draw_with(MouseActions::new("mouse".to_owned()), strokes)
            .await;
    }

    /// The same with a finger.
    pub async fn draw_by_touch(&self, strokes: &[&[(f64, f64)]]) {
        self.draw_with(TouchActions::new("finger".to_owned()), strokes)
            .await;
    }

    /// Drags the mouse between two places on an element, in shares of its size from its middle.
    pub async fn drag(&self, selector: &str, places: [(f64, f64); 2]) {
        let element = self.find(selector).await;
        let (_, _, width, height) = element.rectangle().await.expect("its place");
        let [from, to] = places.map(|(x, y)| ((x * width).round(), (y * height).round()));
        let button = MOUSE_BUTTON_LEFT;
        let mouse = MouseActions::new("mouse".to_owned())
            .then(move_to(&element, from))
            .then(PointerAction::Down { button })
            .then(move_to(&element, to))
            .then(PointerAction::Up { button });
        self.client.perform_actions(mouse).await.expect("dragging");
    }

    async fn draw_with<P>(&self, mut pointer: P, strokes: &[&[(f64, f64)]])
    where
        P: InputSource<Action = PointerAction>,
    {
        let (surface, moves) = self.moves(strokes).await;
        let button = MOUSE_BUTTON_LEFT;
        for (at, what) in moves {
            pointer = pointer.then(move_to(&surface, at));
            pointer = match what {
                Pen::Down => pointer.then(PointerAction::Down { button }),
                Pen::Along => pointer,
                Pen::Up => pointer.then(PointerAction::Up { button }),
            };
        }
        let actions: ActionSequence = pointer.into();
        self.client.perform_actions(actions).await.expect("drawing");
    }

    /// The surface, and the pen's moves on it, in pixels from its middle.
    async fn moves(&self, strokes: &[&[(f64, f64)]]) -> (Element, Vec<((f64, f64), Pen)>) {
        let surface = self.find("#surface").await;
        let (_, _, _, height) = surface.rectangle().await.expect("its place");
        let place =
            |&(x, y): &(f64, f64)| (((x - 0.5) * height).round(), ((y - 0.5) * height).round());
        let moves = strokes.iter().flat_map(|stroke| {
            let points: Vec<_> = stroke.iter().map(place).collect();
            let (first, last) = (points[0], points[points.len() - 1]);
            let along = points.into_iter().map(|at| (at, Pen::Along));
            [(first, Pen::Down)]
                .into_iter()
                .chain(along)
                .chain([(last, Pen::Up)])
        });
        (surface, moves.collect())
    }

    /// The errors in the console.
    async fn console(&self) -> Vec<String> {
        let session = self
            .client
            .session_id()
            .await
            .expect("a session")
            .expect("a session");
        let url = format!("http://127.0.0.1:{}/session/{session}/se/log", self.port);
        let request = json!({ "type": "browser" }).to_string();
        let reply = ureq::post(&url)
            .content_type("application/json")
            .send(request);
        let text = reply
            .expect("the console")
            .body_mut()
            .read_to_string()
            .expect("its text");
        let entries: Value = serde_json::from_str(&text).expect("its entries");
        let entries = entries["value"].as_array().expect("a list").iter();
        let bad = entries.filter(|entry| entry["level"] == "SEVERE");
        bad.map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Not `kill`, which would leave the browser running.
        // SAFETY: the process is this test's own, and has not been waited for.
        unsafe { libc::kill(self.driver.id() as libc::pid_t, libc::SIGTERM) };
        let _ = self.driver.wait();
    }
}

/// What the pen does at a point.
#[derive(Clone, Copy)]
enum Pen {
    Down,
    Along,
    Up,
}

fn move_to(surface: &Element, (x, y): (f64, f64)) -> PointerAction {
    PointerAction::MoveToElement {
        element: surface.clone(),
        duration: Some(Duration::from_millis(2)),
        x,
        y,
    }
}

fn capabilities(screen: Screen, profile: &TempDir) -> serde_json::Map<String, Value> {
    let downloads = profile.path();
    let profile = format!("--user-data-dir={}", downloads.display());
    let mut options = json!({ "args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--window-size=1200,1000", "--hide-scrollbars", profile,
    ], "prefs": { "download.default_directory": downloads } });
    if screen == Screen::Phone {
        options["mobileEmulation"] = json!({
            "deviceMetrics": { "width": 360, "height": 640, "pixelRatio": 3.0, "touch": true, "mobile": true },
        });
    }
    let all = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": options,
    });
    all.as_object().cloned().unwrap_or_default()
}
