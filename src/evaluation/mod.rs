//! Evaluation of the recogniser on people's own pictures, with labels in a table, and on rendered
//! scenes and sheets.

pub mod answer;
pub mod labels;
mod scene_score;
pub mod score;
mod sheet_score;

pub use scene_score::SceneScore;
pub use sheet_score::SheetScore;
