//! How well pictures are read whose content is known: people's own, with labels in a table, and rendered
//! scenes.

pub mod answer;
pub mod labels;
mod scene_score;
pub mod score;

pub use scene_score::SceneScore;
