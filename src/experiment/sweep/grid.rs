//! The trainings that a grid spans.

use crate::model::Architecture;
use crate::trainer::TrainConfig;

/// A network and how it is trained, whatever the seed: a row of the table.
pub struct Setting {
    /// The network.
    pub architecture: Architecture,
    /// How it is trained.
    pub config: TrainConfig,
}

/// Every network with every way to train it, each with as many seeds.
pub struct Grid {
    /// The rows of the table.
    pub settings: Vec<Setting>,
    /// Seeds of each, from 0.
    pub seeds: u32,
}

/// One training of the grid.
pub struct Member {
    /// Its setting, counted from 0.
    pub row: usize,
    /// What its run folder is called.
    pub name: String,
    /// How it is trained, with its seed.
    pub config: TrainConfig,
}

impl Grid {
    /// The trainings in the order of the table, all seeds of a setting one after the other.
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

    /// What the figures of its table are, in words.
    pub fn note(&self) -> String {
        match self.seeds {
            1 => "one seed".to_owned(),
            seeds => format!("mean ± standard deviation of {seeds} seeds"),
        }
    }
}
