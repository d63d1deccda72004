//! Reading pictures.

use std::fs::{self, File};
use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::inputs::scans;
use crate::testenv::{TestEnv, finished_run_arg};

#[test]
fn the_sample_pictures_are_read_whatever_their_names() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    env.write("eight.jpg", &fs::read("data/eight.jpg").unwrap());
    // People's files may have wrong extensions; the content decides.
    env.write("eight.png", &fs::read("data/eight.jpg").unwrap());
    let said = env.succeed(&[
        "infer",
        "five.png",
        "eight.jpg",
        "eight.png",
        "--model",
        finished_run_arg(),
        "--top-k",
        "2",
    ]);
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].starts_with("five.png: 5 ("), "{said}");
    assert!(lines[1].starts_with("eight.jpg: 8 ("), "{said}");
    assert!(lines[2].starts_with("eight.png: 8 ("), "{said}");
    assert!(
        lines[0].ends_with(" %)") && lines[0].contains(" %), "),
        "two digits each: {said}"
    );
}

#[test]
fn json_is_one_object_a_line_and_blank_paper_has_no_digit() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    image::GrayImage::from_pixel(64, 64, image::Luma([250]))
        .save(env.path("blank.png"))
        .unwrap();
    let said = env.succeed(&[
        "infer",
        "--json",
        "five.png",
        "blank.png",
        "--model",
        finished_run_arg(),
    ]);
    let lines: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["file"], &lines[0]["digit"]),
        (&"five.png".into(), &5.into())
    );
    let digit = &lines[0]["digits"][0];
    let probabilities: Vec<f64> = digit["probabilities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_f64().unwrap())
        .collect();
    assert_eq!(probabilities.len(), 10);
    // The rest to 1 is the probability that it is no digit.
    assert!((0.9..=1.0 + 1e-6).contains(&probabilities.iter().sum::<f64>()));
    assert_eq!(lines[0]["confidence"].as_f64().unwrap(), probabilities[5]);
    assert!(digit["top"].is_null(), "only if more than one is requested");
    assert!(lines[1]["digit"].is_null());
    assert_eq!(
        (&lines[1]["text"], &lines[1]["confidence"]),
        (&"".into(), &Value::Null)
    );
    assert!(!lines[1]["reason"].as_str().unwrap().is_empty());
}

#[test]
fn json_ranks_as_many_digits_as_requested() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    let said = env.succeed(&[
        "infer",
        "five.png",
        "--json",
        "--top-k",
        "3",
        "--model",
        finished_run_arg(),
    ]);
    let answer: Value = serde_json::from_str(&said).unwrap();
    let top = answer["digits"][0]["top"].as_array().unwrap();
    assert_eq!(top.len(), 3);
    assert_eq!(
        (&top[0]["digit"], &top[0]["confidence"]),
        (&answer["digit"], &answer["confidence"])
    );
    assert!(top[1]["confidence"].as_f64() >= top[2]["confidence"].as_f64());
}

#[test]
fn printed_digits_are_read() {
    let env = TestEnv::new();
    // Ten digits in the default font of Python's Pillow, whose 1 is a stroke with a flag.
    env.write("print.png", include_bytes!("print.png"));
    let said = env.succeed(&["infer", "print.png"]);
    assert!(said.starts_with("print.png: 0123456789 ("), "{said}");
}

#[test]
fn csv_has_a_row_for_each_picture_and_columns_for_each_digit() {
    let env = scans();
    image::GrayImage::from_pixel(64, 64, image::Luma([250]))
        .save(env.path("blank.png"))
        .unwrap();
    let args = ["infer", "--csv", "--top-k", "2", "scans", "blank.png"];
    let said = env.succeed(&[&args[..], &["--model", finished_run_arg()]].concat());
    let mut table = csv::Reader::from_reader(said.as_bytes());
    let header: Vec<_> = table.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(
        header,
        [
            "file",
            "text",
            "confidence",
            "unread",
            "reason",
            "error",
            "digit_2",
            "confidence_2"
        ]
    );
    let rows: Vec<_> = table.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 4);
    assert_eq!((&rows[0][0], &rows[0][1]), ("scans/9.png", "5"));
    let (first, second): (f64, f64) = (rows[0][2].parse().unwrap(), rows[0][7].parse().unwrap());
    assert!(first > second);
    assert_eq!((&rows[3][0], &rows[3][1]), ("blank.png", ""));
    assert!(!rows[3][4].is_empty());
}

#[test]
fn files_that_cannot_be_read_keep_their_records() {
    let env = scans();
    env.write("text.png", b"not a picture");
    let said = |format: &str| {
        let ran = env.run(&["infer", format, "missing.png", "scans/9.png", "text.png"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        ran.stdout
    };
    let json = said("--json");
    let records: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |field: &str| -> Vec<_> {
        let values = records.iter().map(|record| record[field].as_str());
        values.map(|value| value.unwrap_or("").to_owned()).collect()
    };
    assert_eq!(of("file"), ["missing.png", "scans/9.png", "text.png"]);
    assert_eq!(of("text")[1], "5");
    let errors = of("error");
    assert!(errors[0].contains("No such file") && errors[1].is_empty());
    assert!(errors[2].starts_with("not an image"), "{errors:?}");
    let csv = said("--csv");
    let mut table = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<_> = table.records().map(|row| row.unwrap()).collect();
    let reported: Vec<&str> = rows.iter().map(|row| &row[5]).collect();
    assert_eq!(reported, errors);
}

#[test]
fn the_threshold_decides_what_is_refused() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    let infer = |threshold| {
        let args = ["infer", "--json", "five.png", "--min-confidence", threshold];
        let said = env.succeed(&[&args[..], &["--model", finished_run_arg()]].concat());
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let (sure, unsure) = (infer("0"), infer("1"));
    assert_eq!(sure["digit"], 5);
    assert_eq!(
        (&unsure["digit"], &unsure["text"]),
        (&Value::Null, &"?".into())
    );
    assert_eq!(unsure["confidence"], sure["confidence"]);
    let probabilities = |answer: &Value| answer["digits"][0]["probabilities"].clone();
    assert_eq!(probabilities(&unsure), probabilities(&sure));
    let reason = unsure["reason"].as_str().unwrap();
    assert!(reason.starts_with("unsure: best guess 5, "), "{reason}");
    assert!(!reason.contains("100"), "{reason}");
}

#[test]
fn stages_are_written_for_each_picture_even_with_equal_names() {
    let env = scans();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    let args = ["infer", "five.png", "scans/more", "--stages", "seen"];
    env.succeed(&[&args[..], &["--model", finished_run_arg()]].concat());
    let files = env.files();
    for folder in ["seen/five", "seen/five-2"] {
        let stages: Vec<_> = files
            .iter()
            .filter(|file| {
                file.strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .collect();
        let names = ["01-grey", "02-128", "03-128-digits", "04-128-ink"];
        for (stage, name) in stages.iter().zip(names) {
            assert!(stage.ends_with(&format!("/{name}.png")), "{stages:?}");
        }
        let digits = image::open(env.path(stages[2])).unwrap().into_luma8();
        assert!(digits.iter().any(|&sure| sure > 127), "{stages:?}");
    }
}

#[test]
fn a_closed_pipe_ends_the_program_without_an_error() {
    let env = scans();
    let list = "scans/9.png\n".repeat(500);
    env.write("list", list.as_bytes());
    let mut child = env
        .command(&["infer", "--model", finished_run_arg(), "-"])
        .stdin(File::open(env.path("list")).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

/// A sheet with two sample digits side by side and one below, with their places.
fn two_rows(env: &TestEnv) -> [(i64, i64); 3] {
    let mut five = image::open("data/five.png").unwrap().into_luma8();
    image::imageops::invert(&mut five);
    let five = image::imageops::thumbnail(&five, 140, 140);
    let mut sheet = image::GrayImage::from_pixel(1500, 500, image::Luma([255]));
    let places = [(60, 60), (240, 60), (60, 300)];
    for (left, top) in places {
        image::imageops::overlay(&mut sheet, &five, left, top);
    }
    sheet.save(env.path("rows.png")).unwrap();
    places
}

#[test]
fn rows_of_digits_are_read_in_order_with_their_places() {
    let env = TestEnv::new();
    let places = two_rows(&env);
    let args = ["infer", "rows.png", "--model", finished_run_arg()];
    let read: Value =
        serde_json::from_str(&env.succeed(&[&args[..], &["--json"]].concat())).unwrap();
    assert_eq!(read["text"], "55 5");
    let digits = read["digits"].as_array().unwrap();
    for (digit, (left, top)) in digits.iter().zip(places) {
        let area: Vec<i64> = digit["box"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_i64().unwrap())
            .collect();
        assert!(
            area[0] >= left && area[0] + area[2] <= left + 140,
            "{digit}"
        );
        assert!(area[1] >= top && area[1] + area[3] <= top + 140, "{digit}");
        assert!(area[3] > 100, "{digit}");
    }
    assert!(env.succeed(&args).starts_with("rows.png: 55 5 ("));
    let table = env.succeed(&[&args[..], &["--csv"]].concat());
    assert!(
        table.starts_with("file,text,confidence,unread,reason,error\nrows.png,55 5,0."),
        "{table}"
    );
}

#[test]
fn single_takes_the_largest_digit_and_warns_of_others_as_large() {
    let env = TestEnv::new();
    two_rows(&env);
    let mut sheet = image::open(env.path("rows.png")).unwrap().into_luma8();
    let model = finished_run_arg();
    let ran = env.run(&["infer", "--single", "rows.png", "--model", model]);
    assert!(ran.stdout.starts_with("rows.png: 5 ("), "{}", ran.stdout);
    assert_eq!(ran.code, Some(0));
    let warning = "warning: rows.png: 3 digits are about equally prominent";
    assert!(ran.stderr.starts_with(warning), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1);

    let mut eight = image::open("data/eight.jpg").unwrap().into_luma8();
    eight = image::imageops::rotate90(&eight);
    let large = image::imageops::thumbnail(&eight, 525, 700);
    let mut taller = image::GrayImage::from_pixel(1500, 800, image::Luma([255]));
    image::imageops::replace(&mut taller, &sheet, 0, 0);
    sheet = taller;
    let light = large.pixels().map(|pixel| pixel[0]).max().unwrap();
    for (x, y, tone) in large.enumerate_pixels() {
        let ink = u32::from(tone[0]) * 255 / u32::from(light);
        let ink = if ink < 120 { 0 } else { 255 };
        let under = sheet.get_pixel_mut(900 + x, 50 + y);
        under[0] = under[0].min(ink);
    }
    sheet.save(env.path("large.png")).unwrap();
    let ran = env.run(&["infer", "--single", "large.png", "--model", model]);
    assert!(
        ran.stdout.starts_with("large.png: 8 ("),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert_eq!(ran.stderr, "");
}

#[test]
fn digits_are_boxed_in_one_file_or_in_a_folder() {
    let env = TestEnv::new();
    two_rows(&env);
    fs::create_dir(env.path("more")).unwrap();
    fs::copy(env.path("rows.png"), env.path("more/rows.png")).unwrap();
    let args = ["infer", "--model", finished_run_arg(), "--annotate"];
    env.succeed(&[&args[..], &["one.png", "rows.png"]].concat());
    env.succeed(&[&args[..], &["all", "rows.png", "more"]].concat());
    let written: Vec<_> = env
        .files()
        .into_iter()
        .filter(|file| !file.ends_with("ore/rows.png"))
        .collect();
    assert_eq!(
        written,
        ["all/rows-2.png", "all/rows.png", "one.png", "rows.png"]
    );
    let boxed = image::open(env.path("one.png")).unwrap().into_rgb8();
    let coloured = boxed.pixels().filter(|pixel| pixel[0] != pixel[2]).count();
    assert!(coloured > 500, "the picture is grey, its boxes are not");
}
