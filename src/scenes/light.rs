//! (stand-in)
use super::Plane;
use crate::chance::Chance;
/// Stand-in.
pub fn shine(_plane: &mut Plane, _chance: &mut Chance) {}
