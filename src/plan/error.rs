//! Problems of a plan.

/// A problem of a plan, and its place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the plan's {field}: {problem}")]
pub struct PlanError {
    /// Path of the field, such as `areas[0].density_per_cm2`.
    pub field: String,
    /// The problem.
    pub problem: String,
}
