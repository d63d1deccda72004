//! The IDX format of MNIST's files, from bytes to typed arrays, without files or tensors.
//!
//! Format: two zero bytes, the element type, the number of dimensions, each dimension as a
//! big-endian `u32`, then the elements (<http://yann.lecun.com/exdb/mnist/>, "the IDX file
//! format").

// All sizes here come from untrusted files.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)
)]

use anyhow::{Context, Result, bail, ensure};

const U8: u8 = 0x08;
const I32: u8 = 0x0c;

/// Grey images, as stored in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Images<'a> {
    /// Number of images.
    pub count: usize,
    /// Height of each in pixels.
    pub height: usize,
    /// Width of each in pixels.
    pub width: usize,
    /// `[count, height, width]`, 0..=255.
    pub pixels: &'a [u8],
}

/// Reads an IDX file of images: `u8 [N, height, width]`.
///
/// # Errors
/// When the bytes are not such a file, or their number does not match the header.
pub fn images(bytes: &[u8]) -> Result<Images<'_>> {
    let array = Array::parse(bytes)?;
    let [count, height, width] = array.dimensions[..] else {
        bail!(
            "it has {} dimensions where images have 3",
            array.dimensions.len()
        );
    };
    ensure!(
        array.kind == U8,
        "its pixels are of type {:#04x} where bytes (0x08) belong",
        array.kind
    );
    Ok(Images {
        count,
        height,
        width,
        pixels: array.data,
    })
}

/// Reads an IDX file of labels: `u8 [N]`, or `i32 [N, …]` with the class in the first column, as
/// QMNIST has it.
///
/// # Errors
/// When the bytes are not such a file, their number does not match the header, or a label is not
/// below `classes`.
pub fn labels(bytes: &[u8], classes: usize) -> Result<Vec<u8>> {
    let array = Array::parse(bytes)?;
    let Some((&count, columns)) = array.dimensions.split_first() else {
        bail!("it has no dimensions where labels have 1");
    };
    ensure!(
        columns.is_empty() || array.kind == I32,
        "it has {} dimensions where labels have 1",
        array.dimensions.len()
    );
    let row = array.bytes_in(columns)?;
    ensure!(row > 0 || count == 0, "its rows are empty");
    // A row of bytes has only one, and a row of integers four for each column.
    let values = array.data.chunks_exact(row.max(1)).map(|row| match *row {
        [a, b, c, d, ..] => i32::from_be_bytes([a, b, c, d]),
        [label, ..] => i32::from(label),
        [] => -1,
    });
    let checked = values
        .enumerate()
        .map(|(index, label)| match u8::try_from(label) {
            Ok(class) if usize::from(class) < classes => Ok(class),
            _ => bail!(
                "label {label} of image {index} is not in 0..={}",
                classes.saturating_sub(1)
            ),
        });
    checked.collect()
}

struct Array<'a> {
    kind: u8,
    dimensions: Vec<usize>,
    data: &'a [u8],
}

impl<'a> Array<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (magic, rest) = bytes
            .split_first_chunk::<4>()
            .context("it ends within the header")?;
        let [0, 0, kind @ (U8 | I32), rank] = *magic else {
            bail!(
                "it is not an IDX file of bytes or integers (magic {:#010x})",
                u32::from_be_bytes(*magic)
            );
        };
        let (sizes, data) = rest
            .split_at_checked(usize::from(rank).saturating_mul(4))
            .context("it ends within the header")?;
        let (sizes, _) = sizes.as_chunks::<4>();
        let dimensions: Vec<usize> = sizes
            .iter()
            .map(|&size| u32::from_be_bytes(size) as usize)
            .collect();
        let array = Self {
            kind,
            dimensions,
            data,
        };
        let expected = array.bytes_in(&array.dimensions)?;
        ensure!(
            data.len() == expected,
            "its header {:?} asks for {expected} bytes of data, {} are there: \
             the file is damaged or cut short",
            array.dimensions,
            data.len()
        );
        Ok(array)
    }

    /// The size in bytes of an array of these dimensions.
    fn bytes_in(&self, dimensions: &[usize]) -> Result<usize> {
        let element = if self.kind == I32 { 4 } else { 1 };
        let mut sizes = dimensions.iter();
        sizes
            .try_fold(element, |product: usize, &size| product.checked_mul(size))
            .context("its header asks for more bytes than memory can hold")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{SizeRange, vec};
    use proptest::prelude::*;

    fn idx(kind: u8, dimensions: &[u32], data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, kind, dimensions.len() as u8];
        bytes.extend(dimensions.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(data);
        bytes
    }

    fn message<T>(result: Result<T>) -> String {
        format!("{:#}", result.err().expect("it was accepted"))
    }

    #[test]
    fn height_and_width_are_not_swapped() {
        let bytes = idx(U8, &[1, 2, 3], &[1, 2, 3, 4, 5, 6]);
        let images = images(&bytes).unwrap();
        assert_eq!((images.count, images.height, images.width), (1, 2, 3));
        assert_eq!(images.pixels, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn labels_are_read_from_bytes_and_from_the_first_column_of_integers() {
        assert_eq!(labels(&idx(U8, &[3], &[7, 0, 9]), 10).unwrap(), [7, 0, 9]);
        let integers = [0, 0, 0, 5, 0, 0, 9, 9, 0, 0, 0, 4, 0, 0, 1, 1];
        assert_eq!(labels(&idx(I32, &[2, 2], &integers), 10).unwrap(), [5, 4]);
    }

    #[test]
    fn a_label_outside_the_classes_is_named() {
        let text = message(labels(&idx(U8, &[2], &[3, 11]), 10));
        assert_eq!(text, "label 11 of image 1 is not in 0..=9");
        let text = message(labels(&idx(U8, &[2], &[10, 3]), 10));
        assert_eq!(text, "label 10 of image 0 is not in 0..=9");
        assert!(
            labels(&idx(I32, &[1, 1], &[0, 0, 1, 0]), 10).is_err(),
            "256 must not wrap to 0"
        );
    }

    #[test]
    fn truncation_and_surplus_bytes_are_detected() {
        let whole = idx(U8, &[2, 2, 2], &[9; 8]);
        for length in 0..whole.len() {
            assert!(
                images(&whole[..length]).is_err(),
                "{length} bytes were accepted"
            );
        }
        assert!(images(&[&whole[..], &[0]].concat()).is_err());
    }

    #[test]
    fn wrong_headers_are_refused() {
        assert!(message(images(b"\x89PNG....")).contains("not an IDX file"));
        assert!(message(images(&idx(U8, &[4], &[0; 4]))).contains("1 dimensions"));
        assert!(message(labels(&idx(U8, &[2, 2], &[0; 4]), 10)).contains("2 dimensions"));
        let huge = idx(U8, &[u32::MAX; 5], &[]);
        assert!(message(images(&huge)).contains("more bytes than memory can hold"));
        assert!(labels(&idx(I32, &[u32::MAX, 0], &[]), 10).is_err());
        assert!(labels(&idx(I32, &[0, u32::MAX, u32::MAX, u32::MAX], &[]), 10).is_err());
    }

    /// Dimensions, and as many bytes as they ask for.
    fn array(rank: impl Into<SizeRange>) -> impl Strategy<Value = (Vec<u32>, Vec<u8>)> {
        vec(0..7_u32, rank).prop_flat_map(|dimensions| {
            let count = dimensions.iter().product::<u32>() as usize;
            (Just(dimensions), vec(any::<u8>(), count))
        })
    }

    proptest! {
        #[test]
        fn images_of_any_size_come_back_as_they_were_written((sizes, data) in array(3)) {
            let bytes = idx(U8, &sizes, &data);
            let images = images(&bytes).unwrap();
            let read = [images.count, images.height, images.width].map(|size| size as u32);
            prop_assert_eq!(&read[..], &sizes);
            prop_assert_eq!(images.pixels, data);
        }

        #[test]
        fn labels_come_back_as_they_were_written(classes in vec(0..10_u8, 0..50)) {
            let bytes = idx(U8, &[classes.len() as u32], &classes);
            prop_assert_eq!(labels(&bytes, 10).unwrap(), classes);
        }

        #[test]
        fn arbitrary_bytes_never_cause_a_panic(
            kind in prop_oneof![Just(U8), Just(I32), any::<u8>()],
            dimensions in vec(prop_oneof![0..4_u32, any::<u32>()], 0..6),
            data in vec(any::<u8>(), 0..70),
            start in 0..5_usize,
        ) {
            let bytes = idx(kind, &dimensions, &data);
            for bytes in [&bytes[start.min(bytes.len())..], &data] {
                let _ = (images(bytes), labels(bytes, 10), labels(bytes, 0));
            }
        }

        #[test]
        fn a_damaged_header_is_refused_or_describes_the_bytes_that_are_there(
            (sizes, data) in array(3),
            place in 0..16_usize,
            damage in 1..=u8::MAX,
        ) {
            let mut bytes = idx(U8, &sizes, &data);
            bytes[place] ^= damage;
            if let Ok(images) = images(&bytes) {
                prop_assert_eq!(images.count * images.height * images.width, data.len());
                prop_assert_eq!(images.pixels, data);
            }
            if let Ok(labels) = labels(&bytes, 10) {
                let count = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
                prop_assert_eq!(labels.len(), count as usize);
            }
        }
    }
}
