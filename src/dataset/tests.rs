use super::*;

/// Images of one pixel, each labelled with its number.
fn numbered(count: i64) -> Examples {
    let images = Tensor::zeros([count, 1, 1], (Kind::Uint8, Device::Cpu));
    Examples {
        images,
        labels: Tensor::arange(count, (Kind::Int64, Device::Cpu)),
    }
}

fn numbers(batches: impl Iterator<Item = Examples>) -> Vec<Vec<i64>> {
    batches
        .map(|batch| Vec::try_from(&batch.labels).unwrap())
        .collect()
}

#[test]
fn batches_in_order_leave_nothing_out() {
    let batches = numbers(numbered(7).batches(3));
    assert_eq!(batches, [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
}

#[test]
fn the_validation_split_is_the_end_of_the_training_file() {
    for (count, validation) in [
        (60_000, 5_000),
        (240_000, 5_000),
        (1_200, 100),
        (20, 1),
        (1, 1),
    ] {
        let origin = Origin {
            name: "idx".to_owned(),
            folder: None,
            sha256: BTreeMap::new(),
        };
        let dataset = Dataset::split(numbered(count), numbered(3), origin);
        assert_eq!(dataset.validation.len() as i64, validation);
        assert_eq!(dataset.train.len() as i64, count - validation);
        assert_eq!(
            dataset.validation.labels.int64_value(&[0]),
            count - validation
        );
        assert_eq!(dataset.test.len(), 3);
    }
}

fn origin(name: &str, folder: Option<&str>) -> Origin {
    Origin {
        name: name.to_owned(),
        folder: folder.map(PathBuf::from),
        sha256: BTreeMap::new(),
    }
}

/// Ten training and six test images, numbered from 0.
fn dataset() -> Dataset {
    Dataset::split(numbered(10), numbered(6), origin("idx", None))
}

fn labels(examples: &Examples) -> Vec<i64> {
    Vec::try_from(&examples.labels).unwrap()
}

#[test]
fn an_origin_is_described_in_words() {
    let described = |name, folder| {
        let origin = origin(name, folder);
        (origin.title(), origin.to_string())
    };
    let mnist = described("mnist", Some("a/b"));
    assert_eq!(mnist, ("MNIST", "MNIST from a/b".to_owned()));
    let drawn = "synthetic digits, drawn by the program".to_owned();
    assert_eq!(described("synthetic", None), ("synthetic digits", drawn));
    let own = "images of your own from c".to_owned();
    assert_eq!(described("idx", Some("c")), ("your own data", own));
}

#[test]
fn splits_have_names_for_the_command_line_and_for_people() {
    assert_eq!(Split::ALL.map(Split::name), ["train", "validation", "test"]);
    let shown = Split::ALL.map(|split| split.to_string());
    assert_eq!(shown, ["training", "validation", "test"]);
    assert_eq!("test".parse(), Ok(Split::Test));
}

#[test]
fn a_split_is_chosen_by_its_name() {
    let dataset = dataset();
    let chosen = Split::ALL.map(|split| labels(dataset.examples(split)));
    assert_eq!(
        chosen,
        [(0..9).collect(), vec![9], (0..6).collect::<Vec<_>>()]
    );
}

#[test]
fn a_limit_leaves_the_first_images_of_each_split() {
    let limited = dataset().first(4);
    let left = Split::ALL.map(|split| labels(limited.examples(split)));
    assert_eq!(left, [vec![0, 1, 2, 3], vec![9], vec![0, 1, 2, 3]]);
    assert_eq!(limited.origin.name, "idx");
}

#[test]
fn only_a_set_without_images_is_empty() {
    assert!(numbered(0).is_empty());
    assert!(!numbered(1).is_empty() && !numbered(2).is_empty());
    assert_eq!([0, 1, 5].map(|count| numbered(count).len()), [0, 1, 5]);
}

#[test]
fn an_example_has_its_own_pixels_and_label() {
    let pixels: Vec<u8> = (0..3 * PIXELS).map(|pixel| (pixel % 253) as u8).collect();
    let examples = Examples::from_bytes(&pixels, &[4, 0, 9]);
    assert_eq!(examples.images.size(), [3, 28, 28]);
    for (index, label) in [4, 0, 9].into_iter().enumerate() {
        let own: [u8; PIXELS] = pixels[index * PIXELS..][..PIXELS].try_into().unwrap();
        assert_eq!(examples.example(index), (own, label));
    }
    let moved = examples.to_device(Device::Cpu);
    assert_eq!(
        (moved.images, moved.labels),
        (examples.images, examples.labels)
    );
}

#[test]
fn ranges_and_concatenations_keep_images_beside_their_labels() {
    let images = Tensor::arange(5, (Kind::Uint8, Device::Cpu)).view([5, 1, 1]);
    let all = Examples {
        images,
        labels: Tensor::arange(5, (Kind::Int64, Device::Cpu)),
    };
    let joined = all.range(3, 5).concat(&all.range(1, 2));
    assert_eq!(labels(&joined), [3, 4, 1]);
    let images = Vec::<i64>::try_from(joined.images.flatten(0, -1)).unwrap();
    assert_eq!(images, [3, 4, 1]);
}

#[test]
fn a_folder_of_files_becomes_three_splits() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, dimensions: &[u32], data: &[u8]| {
        let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
        bytes.extend(dimensions.iter().flat_map(|size| size.to_be_bytes()));
        std::fs::write(folder.path().join(name), [&bytes, data].concat()).unwrap();
    };
    write("train-images-idx3-ubyte", &[3, 28, 28], &[7; 3 * PIXELS]);
    write("train-labels-idx1-ubyte", &[3], &[5, 6, 7]);
    write("t10k-images-idx3-ubyte", &[2, 28, 28], &[8; 2 * PIXELS]);
    write("t10k-labels-idx1-ubyte", &[2], &[1, 2]);
    let dataset = Dataset::from_files(folder.path()).unwrap();
    let splits = Split::ALL.map(|split| labels(dataset.examples(split)));
    assert_eq!(splits, [vec![5, 6], vec![7], vec![1, 2]]);
    assert_eq!(dataset.validation.example(0), ([7; PIXELS], 7));
    assert_eq!(dataset.test.example(1), ([8; PIXELS], 2));
    let Origin {
        name,
        folder: read_from,
        sha256,
    } = &dataset.origin;
    assert_eq!((name.as_str(), sha256.len()), ("idx", 4));
    assert_eq!(read_from.as_deref(), Some(folder.path()));
}
