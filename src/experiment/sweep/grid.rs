//! The grid of a sweep.

use crate::model::Architecture;
use crate::trainer::TrainConfig;

/// A network and its training configuration, whatever the seed: a row of the table.
pub struct Setting {
    /// The network.
    pub architecture: Architecture,
    /// The training configuration.
    pub config: TrainConfig,
}

/// All combinations of networks and training configurations, with several seeds each.
pub struct Grid {
    /// The rows of the table.
    pub settings: Vec<Setting>,
    /// Number of seeds of each, from 0.
    pub seeds: u32,
}

/// One training run of the grid.
pub struct Member {
    /// Index of its setting.
    pub row: usize,
    /// Name of its run folder.
    pub name: String,
    /// The training configuration with its seed.
    pub config: TrainConfig,
}

impl Grid {
    /// The runs in the order of the table, with all seeds of a setting in a row.
    pub fn members(&self) -> Vec<Member> {
        let all = self.settings.iter().enumerate();
        all.flat_map(|(row, setting)| {
            (0..self.seeds).map(move |seed| Member {
                row,
                name: format!(
                    "{}-batch{}-lr{:?}-seed{seed}",
                    setting.architecture, setting.config.batch_size, setting.config.learning_rate
                ),
                config: TrainConfig {
                    seed: seed.into(),
                    ..setting.config.clone()
                },
            })
        })
        .collect()
    }

    /// A note on the values in its table.
    pub fn note(&self) -> String {
        match self.seeds {
            1 => "one seed".to_owned(),
            seeds => format!("mean ± standard deviation of {seeds} seeds"),
        }
    }
}
