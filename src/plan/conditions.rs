//! Conditions of the client that make pigment fade sooner.

use serde::{Deserialize, Serialize};

/// Conditions of the client that make pigment fade sooner. Scars are not among them: they are areas of the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Much sun on the scalp.
    pub much_sun: bool,
    /// Oily skin.
    pub oily_skin: bool,
}
