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
