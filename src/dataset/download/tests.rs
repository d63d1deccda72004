use std::io::Write;
use std::time::Duration;

use super::mirror::{empty, mirror, ok};
use super::*;

const LIMITS: Limits = Limits {
    idle: Duration::from_secs(20),
    total: Duration::from_secs(60),
    bytes: 1000,
};

const CONTENT: &[u8] = b"ten labels";

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A file of MNIST with [`CONTENT`].
fn part() -> Part {
    let mut part = PARTS[1];
    part.mnist_sha256 = "1d51f992cdd1d77c5b9b2c13ee2f7594e13449204b44e8acfa96dbfa84e6f15f";
    part
}

/// The mirrors in their order afterwards, and what was fetched or why nothing was.
fn fetched(mirrors: &[&str]) -> (Vec<usize>, Result<Vec<u8>, String>) {
    let mut order = mirrors.to_vec();
    let fetched = from_any(&mut order, &part(), &LIMITS, &mut |progress| {
        assert_eq!(progress.file, "train-labels-idx1-ubyte");
    });
    let place = |mirror| mirrors.iter().position(|other| other == mirror).unwrap();
    let order = order.iter().map(place).collect();
    (order, fetched.map_err(|failure| format!("{failure:#}")))
}

fn sends(answer: Vec<u8>) -> String {
    mirror([answer])
}

fn sends_content() -> String {
    let file = gzipped(CONTENT);
    sends(ok(&file, file.len()))
}

#[test]
fn the_first_mirror_that_sends_the_file_is_used_and_stays_first() {
    let missing = || sends(empty("404 Not Found", ""));
    let mirrors = [missing(), missing(), sends_content(), missing()];
    let (order, file) = fetched(&mirrors.each_ref().map(String::as_str));
    assert_eq!(file.unwrap(), gzipped(CONTENT));
    assert_eq!(order, [2, 3, 0, 1]);
    let (order, file) = fetched(&[&sends_content(), &missing()]);
    assert_eq!((order, file), (vec![0, 1], Ok(gzipped(CONTENT))));
}

#[test]
fn another_file_is_refused_with_its_checksum() {
    let other = gzipped(b"others");
    let (_, failure) = fetched(&[&sends(ok(&other, other.len()))]);
    let text = failure.unwrap_err();
    let sum = "01db91d06032cc64162c16f8e35725b0e632beebdde8b2c2459979d04fb1e20c";
    let sent = format!("it sent something else (SHA-256 {sum})");
    assert!(text.ends_with(&sent), "{text}");
    let (_, failure) = fetched(&[&sends(ok(b"<html>", 6))]);
    let text = failure.unwrap_err();
    assert!(
        text.contains("something else: the file is damaged or cut short"),
        "{text}"
    );
}

#[test]
fn a_failure_of_all_mirrors_alike_is_told_once() {
    let missing = || sends(empty("404 Not Found", ""));
    let gone = || sends(empty("410 Gone", ""));
    let reason = |mirrors: &[String]| {
        let mirrors: Vec<_> = mirrors.iter().map(String::as_str).collect();
        let text = fetched(&mirrors).1.unwrap_err();
        let text = text
            .strip_prefix("fetching train-labels-idx1-ubyte: ")
            .unwrap()
            .to_owned();
        let numbered = mirrors.iter().enumerate();
        numbered.fold(text, |text, (number, mirror)| {
            text.replace(
                &format!("{mirror}train-labels-idx1-ubyte.gz"),
                &number.to_string(),
            )
        })
    };
    assert_eq!(
        reason(&[missing(), missing()]),
        "2 mirrors tried: it answered 404"
    );
    assert_eq!(reason(&[missing()]), "0: it answered 404");
    assert_eq!(
        reason(&[missing(), missing(), gone()]),
        "0: it answered 404; 1: it answered 404; 2: it answered 410"
    );
}

#[test]
fn the_largest_file_of_mnist_fits_exactly() {
    assert_eq!(MAX_DECOMPRESSED, 47_040_016);
}

#[test]
fn only_files_that_are_missing_or_damaged_are_fetched() {
    let folder = tempfile::tempdir().unwrap();
    for part in &PARTS {
        fs::write(part.gz_path(folder.path()), gzipped(CONTENT)).unwrap();
    }
    let fetch = |mirrors: &[&str]| fetch(folder.path(), mirrors, &LIMITS, &mut |_| {});
    assert_eq!(fetch(&[]).unwrap(), 0);
    let missing = PARTS[2].gz_path(folder.path());
    fs::write(&missing, b"").unwrap();
    let failure = fetch(&[&sends_content()]).unwrap_err().to_string();
    assert_eq!(failure, "fetching t10k-images-idx3-ubyte");
    assert_eq!(fs::read(&missing).unwrap(), b"");
}

#[test]
fn each_fetched_file_is_counted_and_written() {
    // The small files of MNIST, where the tests have it.
    let Some(mnist) = crate::dataset::files::named_by_environment() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let [images, labels, test_images, test_labels] = PARTS.map(|part| part.gz_path(&mnist));
    for large in [images, test_images] {
        let name = large.file_name().unwrap();
        fs::write(folder.path().join(name), gzipped(CONTENT)).unwrap();
    }
    let small = [labels, test_labels].map(|path| fs::read(path).unwrap());
    let mirror = mirror(small.each_ref().map(|file| ok(file, file.len())));
    let limits = Limits {
        bytes: 100_000,
        ..LIMITS
    };
    let mut received = 0;
    let fetched = fetch(folder.path(), &[&mirror], &limits, &mut |progress| {
        received = received.max(progress.received);
    });
    assert_eq!(fetched.unwrap(), 2);
    assert_eq!(received, small[0].len() as u64);
    let written = [PARTS[1], PARTS[3]].map(|part| fs::read(part.gz_path(folder.path())).unwrap());
    assert_eq!(written, small);
}
