use super::*;

fn folder_with(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        fs::write(folder.path().join(name), b"").unwrap();
    }
    folder
}

fn found(folder: &Path) -> [Option<String>; 4] {
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    PARTS.map(|part| part.find(folder).unwrap().map(name))
}

#[test]
fn data_sets_in_mnists_format_are_found_under_their_own_names() {
    for names in [
        [
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz",
        ],
        [
            "train-images.idx3-ubyte",
            "train-labels.idx1-ubyte",
            "t10k-images.idx3-ubyte",
            "t10k-labels.idx1-ubyte",
        ],
        [
            "qmnist-train-images-idx3-ubyte.gz",
            "qmnist-train-labels-idx2-int.gz",
            "qmnist-test-images-idx3-ubyte.gz",
            "qmnist-test-labels-idx2-int.gz",
        ],
    ] {
        let folder = folder_with(&names);
        assert_eq!(
            found(folder.path()),
            names.map(|name| Some(name.to_owned()))
        );
        assert!(holds_data(folder.path()));
    }
}

#[test]
fn an_uncompressed_file_takes_precedence_over_its_gzipped_copy() {
    let folder = folder_with(&["train-images.idx3-ubyte", "train-images.idx3-ubyte.gz"]);
    let [images, ..] = found(folder.path());
    assert_eq!(images.as_deref(), Some("train-images.idx3-ubyte"));
}

#[test]
fn two_data_sets_in_one_folder_are_reported() {
    let folder = folder_with(&["a-train-images-idx3-ubyte", "b-train-images-idx3-ubyte"]);
    let text = PARTS[0].find(folder.path()).unwrap_err().to_string();
    assert!(
        text.contains("a-train") && text.contains("b-train"),
        "{text}"
    );
}

#[test]
fn a_folder_of_other_files_holds_no_data() {
    let folder = folder_with(&["notes.txt", "train.csv", "images"]);
    assert!(!holds_data(folder.path()));
    assert!(!holds_data(&folder.path().join("nowhere")));
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_without_blocking() {
    let folder = folder_with(&PARTS.map(|part| part.name));
    let path = folder.path().join(PARTS[0].name);
    let refusal = || format!("{:#}", read(folder.path()).err().unwrap());
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    assert!(refusal().ends_with("train-images-idx3-ubyte: not a regular file"));
    fs::remove_file(&path).unwrap();
    // Not by the program: a process that is started shares other tests' locks for a moment.
    let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: the name ends with a zero byte.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    assert!(refusal().ends_with("not a regular file"));
}

#[test]
fn an_oversized_file_is_refused() {
    let folder = folder_with(&PARTS.map(|part| part.name));
    let path = folder.path().join(PARTS[0].name);
    let file = fs::File::create(&path).unwrap();
    file.set_len(MAX_BYTES + 1).unwrap();
    let text = format!("{:#}", read(folder.path()).err().unwrap());
    assert!(text.contains("it is larger than"), "{text}");
}

fn idx(dimensions: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A folder with a data set of two training images and one test image.
fn small_data_set() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name, content: Vec<u8>| fs::write(folder.path().join(name), content).unwrap();
    let ramp: Vec<u8> = (0..1568_u32).map(|pixel| (pixel % 251) as u8).collect();
    write("train-images-idx3-ubyte", idx(&[2, 28, 28], &ramp));
    write("train-labels-idx1-ubyte.gz", gzipped(&idx(&[2], &[3, 7])));
    let nines = gzipped(&idx(&[1, 28, 28], &[9; 784]));
    write("t10k-images-idx3-ubyte.gz", nines);
    write("t10k-labels.idx1-ubyte", idx(&[1], &[9]));
    folder
}

/// Why the small data set cannot be read with this content of one file.
fn refusal(name: &str, content: &[u8]) -> String {
    let folder = small_data_set();
    fs::write(folder.path().join(name), content).unwrap();
    let text = format!("{:#}", read(folder.path()).err().unwrap());
    text.replace(folder.path().to_str().unwrap(), "FOLDER")
}

#[test]
fn all_four_files_are_read_gzipped_or_not() {
    let folder = small_data_set();
    let content = read(folder.path()).unwrap();
    assert_eq!(content.train_pixels.len(), 2 * 784);
    assert_eq!(content.train_pixels[784..787], [31, 32, 33]);
    assert_eq!(content.train_labels, [3, 7]);
    assert_eq!(content.test_pixels, [9; 784]);
    assert_eq!(content.test_labels, [9]);
    assert!(!content.is_mnist);
    let names: Vec<_> = content.sha256.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels.idx1-ubyte",
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte.gz",
        ]
    );
    // Of the uncompressed content, by sha256sum.
    let sum = "ddd9537861f94c546318d21437b27126119cc7b5c61d378882b6a0776513a898";
    assert_eq!(content.sha256["train-labels-idx1-ubyte.gz"], sum);
}

#[test]
fn a_missing_file_or_folder_is_named() {
    let folder = small_data_set();
    let reason = |path: &Path| format!("{:#}", read(path).err().unwrap());
    let nowhere = reason(&folder.path().join("nowhere"));
    assert!(
        nowhere.ends_with("nowhere does not exist, or is not a folder"),
        "{nowhere}"
    );
    fs::remove_file(folder.path().join("t10k-labels.idx1-ubyte")).unwrap();
    let missing = reason(folder.path());
    assert!(
        missing.contains("holds no t10k-labels-idx1-ubyte[.gz]"),
        "{missing}"
    );
}

#[test]
fn images_and_labels_that_do_not_fit_are_refused() {
    let images = |sizes: &[u32]| {
        let count = sizes.iter().product::<u32>();
        let content = idx(sizes, &vec![1; count as usize]);
        refusal("train-images-idx3-ubyte", &content)
    };
    assert_eq!(
        images(&[2, 28, 27]),
        "reading the images FOLDER/train-images-idx3-ubyte: they are 27×28 pixels, 28×28 is needed"
    );
    assert!(images(&[3, 28, 28]).contains("has 3 images, FOLDER/train-labels-idx1-ubyte.gz has 2"));
    assert!(images(&[0, 28, 28]).contains("different data sets"));
    let label = refusal("t10k-labels.idx1-ubyte", &idx(&[1], &[10]));
    assert_eq!(
        label,
        "reading the labels FOLDER/t10k-labels.idx1-ubyte: label 10 of image 0 is not in 0..=9"
    );
}

#[test]
fn only_damage_of_a_file_that_can_be_fetched_again_is_reported_with_that_remedy() {
    let cut = &gzipped(&[1; 5000])[..20];
    let fetch = "fetches it again";
    let damaged = refusal("train-labels-idx1-ubyte.gz", cut);
    assert!(
        damaged.contains("damaged or cut short") && damaged.ends_with(fetch),
        "{damaged}"
    );
    // MNIST's own name is not that of the file that is damaged.
    let other = refusal("t10k-labels.idx1-ubyte", cut);
    assert!(
        other.contains("damaged or cut short") && !other.contains(fetch),
        "{other}"
    );
    // A folder in its place must be removed by hand.
    let folder = small_data_set();
    let path = folder.path().join("train-labels-idx1-ubyte.gz");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let text = format!("{:#}", read(folder.path()).err().unwrap());
    assert!(text.ends_with("not a regular file"), "{text}");
}

#[test]
fn a_damaged_or_missing_file_is_not_intact() {
    let folder = tempfile::tempdir().unwrap();
    let part = PARTS[1];
    let path = part.gz_path(folder.path());
    assert_eq!(path, folder.path().join("train-labels-idx1-ubyte.gz"));
    let state = || {
        (
            part.exists_in(folder.path()),
            part.is_intact(folder.path()).ok(),
        )
    };
    assert_eq!(state(), (false, Some(false)));
    let whole = gzipped(&[1; 5000]);
    for (content, is_intact) in [(&whole[..], true), (&whole[..20], false), (&[], false)] {
        fs::write(&path, content).unwrap();
        assert_eq!(state(), (true, Some(is_intact)), "{} bytes", content.len());
    }
    // A folder is neither damaged nor to be replaced.
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(state(), (true, None));
    fs::remove_dir(&path).unwrap();
    fs::write(folder.path().join(part.name), b"own").unwrap();
    assert_eq!(state(), (true, Some(true)));
}

#[test]
fn a_part_is_found_only_by_all_parts_of_its_name() {
    for other in ["train-images.png", "x.idx", "train-idx", "idx3-images"] {
        let folder = folder_with(&[other]);
        assert_eq!(found(folder.path()), [const { None }; 4], "{other}");
    }
    let folder = folder_with(&["file"]);
    assert_eq!(PARTS[0].find(&folder.path().join("nowhere")).unwrap(), None);
    let text = format!(
        "{:#}",
        PARTS[0].find(&folder.path().join("file")).unwrap_err()
    );
    assert!(text.starts_with("listing "), "{text}");
}

#[test]
fn data_is_looked_for_where_the_user_and_the_system_say() {
    let named = std::env::var_os(ENVIRONMENT).unwrap_or_default();
    assert_eq!(named_by_environment().unwrap_or_default(), named);
    assert_ne!(named_by_environment(), Some(PathBuf::new()));
    let cached = dirs::cache_dir().map(|folder| folder.join("mnist-tch/mnist"));
    assert_eq!(cache(), cached);
}

#[test]
fn checksums_are_written_in_lower_case_with_leading_zeros() {
    assert_eq!(hex(&[0x00, 0x0a, 0xff]), "000aff");
}
