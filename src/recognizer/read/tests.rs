use std::io::Cursor;

use image::{ImageFormat, Luma, imageops};
use tch::Device;

use super::*;
use crate::characters::CHARACTERS;
use crate::dataset::synthetic;
use crate::model::checkpoint;
use crate::reader::Reader;
use crate::recognizer::testing::{bounds, ink, recognizer, scored_box};

fn drawn(digit: u8) -> GrayImage {
    GrayImage::from_raw(120, 120, synthetic::draw(digit, 120, 13)).unwrap()
}

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn one_digit_and_many_are_read_in_the_same_way() {
    let mut row = GrayImage::new(420, 160);
    for (at, digit) in [3, 1, 4].into_iter().enumerate() {
        imageops::replace(&mut row, &drawn(digit), 20 + 130 * at as i64, 20);
    }
    let blank = GrayImage::from_pixel(90, 90, Luma([250]));
    let pictures = [png(&row), png(&drawn(5)), png(&blank), b"text".to_vec()];
    let prepared = pictures.iter().map(|bytes| prepare(bytes)).collect();
    let read = recognizer().read_all(prepared).unwrap();
    let texts: Vec<_> = read.iter().flatten().map(Reading::text).collect();
    assert_eq!(texts, ["314", "5", ""]);
    assert_eq!(read[1].as_ref().unwrap().digit(), Some(5));
    assert!(read[2].as_ref().unwrap().reason.is_some());
    assert!(matches!(read[3], Err(ImageError::NotAnImage)));
}

#[test]
fn a_picture_in_mnists_form_is_classified_as_it_is() {
    let recognizer = recognizer();
    let mut sure = 0;
    for (digit, pixels) in (0..10).zip(synthetic::digits(10, 3).pixels.chunks(784)) {
        let image = GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap();
        let prepared = prepare(&png(&image)).unwrap();
        assert!(prepared.is_in_mnists_form(), "{digit}");
        let prediction = &recognizer.classify([&image]).unwrap()[0];
        if prediction.ranking()[0].1 < SURE_OF_IMAGE {
            continue;
        }
        sure += 1;
        let reading = recognizer.read(&png(&image)).unwrap();
        let symbol = reading.only().unwrap();
        assert_eq!(symbol.probabilities, prediction.probabilities);
    }
    assert!(sure >= 8, "{sure}");
}

/// The digit's outline in white, as from an edge detector.
fn outline(image: &GrayImage) -> GrayImage {
    let inked = |x: i64, y: i64| {
        let inside = (0..28).contains(&x) && (0..28).contains(&y);
        inside && image.get_pixel(x as u32, y as u32)[0] >= 128
    };
    GrayImage::from_fn(28, 28, |x, y| {
        let [x, y] = [i64::from(x), i64::from(y)];
        let around = [(0, 1), (1, 0), (0, -1), (-1, 0)];
        let bare = around.iter().any(|(dx, dy)| !inked(x + dx, y + dy));
        Luma([if inked(x, y) && bare { 255 } else { 0 }])
    })
}

#[test]
fn images_that_the_network_is_unsure_of_are_left_to_the_reader() {
    let recognizer = recognizer();
    let digits = synthetic::digits(60, 11);
    let (mut by_image, mut read) = (0, 0);
    for (pixels, &label) in digits.pixels.chunks(784).zip(&digits.labels) {
        let image = outline(&GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap());
        let prepared = Prepared::from(image.clone());
        if !prepared.is_in_mnists_form() {
            continue;
        }
        let prediction = &recognizer.classify([&image]).unwrap()[0];
        let own = Symbol::new(prediction, [0; 4], Recognizer::MIN_CONFIDENCE);
        by_image += u32::from(own.digit() == Some(label));
        let reading = recognizer.read(&png(&image)).unwrap();
        read += u32::from(reading.digit() == Some(label));
        assert!(recognizer.explain(&prepared, &reading).unwrap().is_some());
    }
    assert!(read > by_image, "{read} of {by_image}");
}

#[test]
fn of_both_networks_answers_to_an_unclear_image_the_surer_is_given() {
    let recognizer = recognizer();
    let mut kept = 0;
    for pixels in synthetic::non_digits(20, 3).chunks(784) {
        let image = GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap();
        let prepared = Prepared::from(image);
        let classified = recognizer.classify_images([&prepared]).unwrap();
        let Some(own) = classified[0].clone().filter(|symbol| !is_sure(symbol)) else {
            continue;
        };
        let readings = recognizer.read_all(vec![Ok(prepared)]).unwrap();
        let reading = readings[0].as_ref().unwrap();
        assert!(reading.confidence() >= own.confidence);
        kept += u32::from(*reading == Reading::of(own));
    }
    assert!(kept > 0);
}

#[test]
fn the_only_digit_is_explained_and_several_are_not() {
    let recognizer = recognizer();
    let explained = |picture: &GrayImage| {
        let prepared = prepare(&png(picture)).unwrap();
        let reading = recognizer.read(&png(picture)).unwrap();
        recognizer.explain(&prepared, &reading).unwrap()
    };
    let one = explained(&drawn(7)).unwrap();
    assert_eq!((one.seen.len(), one.decisive.len()), (1600, 1600));
    let mut row = GrayImage::new(290, 160);
    imageops::replace(&mut row, &drawn(7), 20, 20);
    imageops::replace(&mut row, &drawn(2), 150, 20);
    assert!(explained(&row).is_none());
    assert!(explained(&GrayImage::new(50, 50)).is_none());
}

#[test]
fn only_sure_images_in_mnists_form_are_read_quickly() {
    let recognizer = recognizer();
    let digits = synthetic::digits(6, 3).pixels;
    let mut pictures: Vec<Prepared> = digits
        .chunks(784)
        .map(|pixels| GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap().into())
        .collect();
    pictures.insert(0, drawn(5).into());
    let quickly = recognizer.read_quickly(&pictures).unwrap();
    let classified = recognizer.classify_images(&pictures).unwrap();
    assert_eq!((quickly.len(), &quickly[0]), (7, &None));
    assert!(quickly.iter().flatten().count() >= 4);
    for (reading, symbol) in quickly.iter().zip(classified) {
        assert_eq!(*reading, symbol.filter(is_sure).map(Reading::of));
    }
}

#[test]
fn an_image_is_sure_from_nine_tenths() {
    let symbol = |confidence| {
        let mut probabilities = [0.0; CHARACTERS];
        probabilities[4] = confidence;
        Symbol::new(&Prediction { probabilities }, [0; 4], 0.5)
    };
    let sure = [0.89, 0.9, 0.99].map(|confidence| is_sure(&symbol(confidence)));
    assert_eq!(sure, [false, true, true]);
}

#[test]
fn places_are_given_in_pixels_of_the_original_picture() {
    let mut wide = GrayImage::from_pixel(2500, 80, Luma([255]));
    wide.put_pixel(7, 7, Luma([0]));
    let prepared = prepare(&png(&wide)).unwrap();
    assert_eq!(prepared.grey().dimensions(), (1000, 32));
    assert!(!prepared.is_in_mnists_form());
    assert_eq!(
        prepared.area(&bounds(10.0, -5.0, 30.4, 99.0)),
        [25, 0, 51, 80]
    );
    // Even an empty box has a pixel.
    assert_eq!(prepared.area(&bounds(4.0, 8.0, 4.0, 8.0)), [10, 20, 1, 1]);
}

#[test]
fn a_reading_has_rows_unread_ink_and_whether_something_was_left_out() {
    let mut picture = Prepared::from(GrayImage::new(80, 40));
    picture.scale = 2.0;
    let beside: Vec<[usize; 2]> = (2..7).flat_map(|y| [[9, y], [10, y]]).collect();
    let mut detections = Detections::default();
    detections.truncated = true;
    detections.ink = Some(ink([20, 10], [4.0, 4.0], [&beside, &[]]));
    let scored = vec![
        scored_box(7, bounds(20.0, 8.0, 30.0, 28.0), 0.8),
        scored_box(3, bounds(5.0, 8.0, 15.0, 28.0), 0.95),
    ];
    let (mut reader, _) = Reader::builtin(Device::Cpu).unwrap();
    reader.judge = None;
    let (net, _) = checkpoint::builtin(Device::Cpu).unwrap();
    let recognizer = Recognizer::new(&net, &reader).with_min_confidence(0.9);
    let reading = picture.reading(&detections, scored, &recognizer);
    assert_eq!(reading.text(), "3?");
    assert!(reading.truncated);
    let areas: Vec<_> = reading.symbols().map(|symbol| symbol.area).collect();
    assert_eq!(areas, [[10, 16, 20, 40], [40, 16, 20, 40]]);
    assert_eq!(reading.unread, [[72, 16, 16, 40]]);
}

#[test]
fn the_judge_is_told_of_the_boxes_of_each_picture() {
    let reader = recognizer().reader;
    let inputs = judge_inputs(&reader, &[&GrayImage::new(64, 64), &drawn(5)]).unwrap();
    assert_eq!(inputs.len(), 2);
    let sure = |(_, features): &&JudgeInput| features[0] > 2.0;
    let likely: Vec<_> = inputs[1].iter().filter(sure).collect();
    assert_eq!(likely.len(), 1);
    // The digit's margin is a tenth of its side.
    let (place, _) = likely[0];
    assert!((place.top - 12.0).abs() < 6.0 && (place.bottom - 108.0).abs() < 6.0);
    assert_eq!(inputs[0].iter().filter(sure).count(), 0);
}
