//! A network's layer table: shapes, parameters and multiply-adds.

use std::fmt;

use anyhow::Result;
use indicatif::HumanCount;

use super::architecture::Architecture;

/// Minimum width of the first column.
const TITLES: usize = 24;

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Name and kind of the layer.
    pub title: String,
    /// Output shape for one image, without the batch.
    pub output: Vec<i64>,
    /// Number of trainable parameters.
    pub parameters: i64,
    /// Multiply-adds for one image.
    pub multiply_adds: i64,
}

/// The layer table of a network; its `Display` is what `mnist-tch summary` prints.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The network's name.
    pub name: String,
    /// The input shape of one image; a detector takes others too, with proportional multiply-adds.
    pub input: [i64; 3],
    /// Whether the input is normalised by MNIST's mean and standard deviation before the first
    /// layer.
    pub normalised: bool,
    /// One row per layer.
    pub rows: Vec<Row>,
}

impl Summary {
    /// The table of an architecture.
    ///
    /// # Errors
    /// When its layers do not fit one another.
    pub fn new(architecture: &Architecture) -> Result<Self> {
        architecture.check()?;
        let rows = architecture
            .shapes()?
            .into_iter()
            .map(|(layer, output)| Row {
                title: layer.title(),
                parameters: layer
                    .weights()
                    .iter()
                    .filter(|weight| weight.learned)
                    .map(|weight| weight.shape.iter().product::<i64>())
                    .sum(),
                multiply_adds: layer.multiply_adds(&output),
                output,
            });
        Ok(Self {
            name: architecture.to_string(),
            input: architecture.input_shape(),
            normalised: !architecture.is_standardized(),
            rows: rows.collect(),
        })
    }

    /// Number of trainable parameters of the whole network.
    pub fn parameters(&self) -> i64 {
        self.rows.iter().map(|row| row.parameters).sum()
    }

    /// Multiply-adds of the whole network for one image.
    pub fn multiply_adds(&self) -> i64 {
        self.rows.iter().map(|row| row.multiply_adds).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths = self.rows.iter().map(|row| row.title.chars().count());
        let titles = lengths.max().map_or(TITLES, |most| most.max(TITLES));
        let line = |f: &mut fmt::Formatter<'_>, title: &str, shape: &str, a: &str, b: &str| {
            writeln!(f, "{title:<titles$} {shape:<18} {a:>10} {b:>14}")
        };
        line(f, &self.name, "output", "parameters", "multiply-adds")?;
        let input = match self.normalised {
            true => "input, normalised",
            false => "input",
        };
        line(f, input, &shape(&self.input), "", "")?;
        for row in &self.rows {
            let counts = [row.parameters, row.multiply_adds];
            let [parameters, work] = counts.map(|n| if n == 0 { String::new() } else { count(n) });
            line(f, &row.title, &shape(&row.output), &parameters, &work)?;
        }
        line(
            f,
            "total",
            "",
            &count(self.parameters()),
            &count(self.multiply_adds()),
        )
    }
}

/// `[B, 24, 12, 12]`: with `B` for the batch, which may have any size.
fn shape(output: &[i64]) -> String {
    let sizes: Vec<String> = output.iter().map(i64::to_string).collect();
    format!("[B, {}]", sizes.join(", "))
}

/// `1,234,567`.
fn count(number: i64) -> String {
    HumanCount(number.unsigned_abs()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_multiply_adds_are_those_of_each_network() {
        // By hand from the layers; keras, tch, pytorch and fast as their sources count them.
        let expected = [
            ("cnn", 182_098, 2_337_536),
            ("wide", 371_562, 6_443_264),
            ("small", 40_986, 1_176_192),
            ("vgg", 288_170, 29_128_448),
            ("keras", 81_066, 5_188_160),
            ("tch", 1_111_946, 4_796_416),
            ("pytorch", 1_199_882, 11_992_448),
            ("fast", 215_194, 1_244_160),
            ("mlp", 7_850, 7_840),
            ("detector", 1_822_485, 212_926_464),
            ("crop", 351_408, 25_767_936),
        ];
        let found = Architecture::all().map(|architecture| {
            let summary = Summary::new(&architecture).unwrap();
            let counts = (summary.parameters(), summary.multiply_adds());
            (architecture.kind(), counts.0, counts.1)
        });
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_table_shows_each_layer_with_what_it_holds() {
        let table = |architecture| Summary::new(&architecture).unwrap().to_string();
        let lines = |text: &str| {
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            text.lines().map(words).collect::<Vec<_>>()
        };
        let mlp = lines(&table(Architecture::Mlp { hidden: vec![30] }));
        assert_eq!(
            mlp,
            [
                "mlp-30 output parameters multiply-adds",
                "input, normalised [B, 1, 28, 28]",
                "Flatten [B, 784]",
                "fc1: Linear [B, 30] 23,550 23,520",
                "ReLU [B, 30]",
                "fc2: Linear [B, 10] 310 300",
                "total 23,860 23,820",
            ]
        );
        let detector = lines(&table(Architecture::Detector));
        for line in [
            "input [B, 1, 128, 128]",
            "Save picture [B, 1, 128, 128]",
            "Standardize locally [B, 1, 128, 128]",
            "Load picture [B, 1, 128, 128]",
            "Standardize [B, 1, 128, 128]",
            "Concat local [B, 2, 128, 128]",
            "stem: Conv2d 5×5 /2 [B, 16, 64, 64] 800 3,276,800",
            "stem_norm: BatchNorm2d [B, 16, 64, 64] 32",
            "Add skip [B, 32, 32, 32]",
        ] {
            assert!(detector.iter().any(|found| found == line), "{line}");
        }
        let crop = lines(&table(Architecture::Crop));
        for line in ["MaxPool2d 2×2 [B, 32, 20, 20]", "Dropout 0.25 [B, 1152]"] {
            assert!(crop.iter().any(|found| found == line), "{line}");
        }
        let vgg = lines(&table(Architecture::Vgg));
        assert!(
            vgg.iter()
                .any(|line| line.starts_with("GlobalAvgPool [B, "))
        );
    }
}
