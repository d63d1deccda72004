//! Evaluation of the recogniser on people's own pictures, with labels in a table, and on rendered
//! scenes.

pub mod answer;
pub mod labels;
mod scene_score;
pub mod score;

pub use scene_score::SceneScore;
