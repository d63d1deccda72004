//! The series in the plot of a sweep.

use super::table::Row;
use crate::model::Architecture;
use crate::plots::{Series, Size};

/// A series for each family of networks and training configuration, sorted by size; rows without
/// results are left out.
pub(super) fn of(rows: &[Row<'_>]) -> Vec<Series> {
    let varies = rows
        .windows(2)
        .any(|pair| recipe(&pair[0]) != recipe(&pair[1]));
    let mut all: Vec<Series> = Vec::new();
    for row in rows {
        let Some(found) = row.validation() else {
            continue;
        };
        let mut name = family(&row.setting.architecture);
        if varies {
            name += &format!(", {}", recipe(row));
        }
        let size = Size {
            name: row.setting.architecture.to_string(),
            parameters: row.parameters,
            accuracy: found.mean,
            deviation: found.std,
        };
        match all.iter_mut().find(|series| series.name == name) {
            Some(series) => series.sizes.push(size),
            None => all.push(Series {
                name,
                sizes: vec![size],
            }),
        }
    }
    for series in &mut all {
        series.sizes.sort_by_key(|size| size.parameters);
    }
    all
}

/// Networks that differ only in width are one family.
fn family(architecture: &Architecture) -> String {
    match architecture {
        Architecture::Mlp { hidden } if hidden.len() == 1 => "mlp of 1 hidden layer".to_owned(),
        Architecture::Mlp { hidden } => format!("mlp of {} hidden layers", hidden.len()),
        other => other.to_string(),
    }
}

fn recipe(row: &Row<'_>) -> String {
    let config = &row.setting.config;
    format!(
        "batch {}, learning rate {:?}",
        config.batch_size, config.learning_rate
    )
}
