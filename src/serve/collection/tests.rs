use image::Rgb;

use super::*;
use crate::evaluation::labels::labels;

fn picture(shade: u8) -> RgbImage {
    RgbImage::from_pixel(6, 4, Rgb([shade; 3]))
}

fn label(text: &str) -> Label {
    Label::new(text, KIND).unwrap()
}

#[test]
fn corrections_are_kept_as_eval_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("a/b");
    let collection = Collection::open(&folder).unwrap();
    assert_eq!(collection.len(), 0);
    let first = collection.add(&picture(1), &label("17"), "12").unwrap();
    collection.add(&picture(2), &label("none"), "?").unwrap();
    let found = labels(&folder).unwrap();
    let seen: Vec<_> = found.iter().map(|one| one.label.to_string()).collect();
    assert_eq!(
        (seen, collection.len()),
        (vec!["17".to_owned(), "none".to_owned()], 2)
    );
    assert_eq!((&found[0].name, &*found[0].kind), (&first, KIND));
    let kept = image::open(&found[0].path).unwrap().into_rgb8();
    assert_eq!(kept, picture(1));
    let list = fs::read_to_string(folder.join(LABELS)).unwrap();
    assert!(
        list.starts_with("file\tlabel\tkind\tsource\tread\ncell-"),
        "{list}"
    );
    assert!(list.ends_with("\tnone\tcell\tserve\t?\n"), "{list}");
}

#[test]
fn a_picture_has_its_last_label_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let collection = Collection::open(folder.path()).unwrap();
    for (shade, text) in [(1, "17"), (2, "3"), (1, "19")] {
        collection.add(&picture(shade), &label(text), "").unwrap();
    }
    drop(collection);
    let collection = Collection::open(folder.path()).unwrap();
    assert_eq!(collection.len(), 2);
    collection.add(&picture(2), &label("8"), "").unwrap();
    let found = labels(folder.path()).unwrap();
    let seen: Vec<_> = found.iter().map(|one| one.label.to_string()).collect();
    assert_eq!(seen, ["19", "8"]);
    assert_eq!(
        fs::read_dir(folder.path().join("images")).unwrap().count(),
        2
    );
}

#[test]
fn no_more_than_the_limit_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let collection = Collection::open(folder.path()).unwrap();
    collection.add(&picture(1), &label("1"), "").unwrap();
    let row = collection.rows.lock().unwrap()[0].clone();
    let other = |number| Row {
        file: format!("{number}.png"),
        ..row.clone()
    };
    let others = (1..MAX_PICTURES).map(other);
    collection.rows.lock().unwrap().extend(others);
    let refused = collection.add(&picture(2), &label("2"), "").unwrap_err();
    assert!(matches!(refused, Refused::Full(_)));
    assert!(refused.to_string().contains("name another folder"));
    // A new label for an old picture has its place.
    collection.add(&picture(1), &label("2"), "").unwrap();
}

#[test]
fn a_folder_that_is_no_collection_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let reason = |path: &Path| format!("{:#}", Collection::open(path).unwrap_err());
    let list = folder.path().join(LABELS);
    fs::write(&list, "file\tlabel\tkind\tsource\na.png\t1\tphoto\tann\n").unwrap();
    let said = reason(folder.path());
    assert!(
        said.contains("labels.tsv: it is not a list of corrections"),
        "{said}"
    );
    assert!(fs::read_to_string(&list).unwrap().ends_with("ann\n"));
    fs::write(&list, format!("{}\nbroken\n", header())).unwrap();
    assert!(reason(folder.path()).ends_with("line 2"));
    let file = folder.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(reason(&file).starts_with("making the folder "));
}

#[test]
fn two_services_do_not_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Collection::open(folder.path()).unwrap();
    let said = Collection::open(folder.path()).unwrap_err().to_string();
    assert!(said.contains("another mnist-tch is at work in"), "{said}");
}

#[test]
fn what_cannot_be_written_is_an_error_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let collection = Collection::open(folder.path()).unwrap();
    fs::remove_dir(folder.path().join("images")).unwrap();
    let refused = collection.add(&picture(1), &label("1"), "").unwrap_err();
    assert!(matches!(refused, Refused::Storage(_)));
    assert_eq!(collection.len(), 0);
    assert!(!folder.path().join(LABELS).exists());
}
