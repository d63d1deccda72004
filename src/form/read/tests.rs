use std::path::PathBuf;

use tch::Device;

use super::*;
use crate::form::testing::{BOX, blank, photo};

#[test]
fn each_field_of_a_photographed_form_is_read() {
    let (reference, boxes) = blank(2);
    let field = |(at, &[left, top]): (usize, &[u32; 2])| Field {
        name: format!("box {at}"),
        kind: Kind::Digits(Some(1)),
        area: [left + 3, top + 3, BOX - 13, BOX - 3],
    };
    let fields = boxes.iter().enumerate().map(field).collect();
    let form = Form::new("card".to_owned(), PathBuf::new(), [800, 1000], fields);
    form.check().unwrap();
    let digits: Vec<Option<u8>> = (0..boxes.len()).map(|at| Some((at % 10) as u8)).collect();
    let (photo, truth) = photo(&reference, (&boxes, &digits), 9);
    let recognizer = Recognizer::builtin(Device::Cpu).unwrap();
    let filled = read(&recognizer, &form, &Aligner::new(&reference), &photo).unwrap();

    assert_eq!((filled.table.rows, filled.table.columns), (1, boxes.len()));
    let cells = filled.table.cells.iter().zip(&digits);
    let right = cells.filter(|(cell, digit)| Some(cell.text()) == digit.map(|d| d.to_string()));
    assert!(10 * right.count() >= 9 * boxes.len());
    assert!(filled.marks.iter().all(Option::is_none));
    // The first field lies where it was photographed.
    let [x, y] = truth.at(boxes[0].map(|at| f64::from(at + 3)));
    let [left, top] = filled.table.cells[0].corners[0].map(f64::from);
    assert!((x - left).hypot(y - top) < 3.0, "{x} {y} {left} {top}");
    // Whatever was read in it lies in it.
    let [left, top, right, bottom] = filled.table.cells[0].symbols[0].area;
    let corners = filled.table.cells[0].corners;
    assert!(f64::from(left) >= f64::from(corners[0][0]) - 12.0 && top > 0);
    assert!(right > 4 && bottom > 4 && right < 90 && bottom < 90);
}

#[test]
fn another_sheet_is_refused_with_how_alike_it_is() {
    let (reference, boxes) = blank(2);
    let (other, _) = blank(7);
    let field = Field {
        name: "box".to_owned(),
        kind: Kind::Digits(None),
        area: [boxes[0][0], boxes[0][1], 60, 70],
    };
    let form = Form::new("card".to_owned(), PathBuf::new(), [800, 1000], vec![field]);
    let recognizer = Recognizer::builtin(Device::Cpu).unwrap();
    let error = read(&recognizer, &form, &Aligner::new(&reference), &other).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("does not show the form \"card\": "),
        "{error}"
    );
    assert!(error.contains("40 % are needed"), "{error}");
}

#[test]
fn a_mark_is_told_from_an_empty_box() {
    let field = Field {
        name: "mark".to_owned(),
        kind: Kind::Check,
        area: [20, 20, 30, 30],
    };
    let map = PlaneMap::similarity(0.0, 1.0, [0.0, 0.0]);
    let sheet = |is_ink: &dyn Fn(u32, u32) -> bool| {
        GrayImage::from_fn(80, 80, |x, y| Luma([if is_ink(x, y) { 70 } else { 220 }]))
    };
    let is_edge = |x: u32, y: u32| {
        let side = |at: u32| (19..=51).contains(&at);
        side(x) && side(y) && [x, y].iter().any(|at| [19, 20, 50, 51].contains(at))
    };
    let is_marked = |photo: &GrayImage| View::new(&field, &map, photo).is_marked();
    assert!(!is_marked(&sheet(&is_edge)));
    assert!(is_marked(&sheet(
        &|x, y| is_edge(x, y) || x.abs_diff(y) < 2 && (24..46).contains(&x)
    )));
    assert!(!is_marked(&sheet(
        &|x, y| is_edge(x, y) || (x, y) == (33, 36)
    )));
}
