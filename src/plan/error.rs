//! What is wrong with a plan.

/// What is wrong with a plan, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the plan's {field}: {problem}")]
pub struct PlanError {
    /// Path of the field, as `areas[0].density_per_cm2`.
    pub field: String,
    /// What is wrong.
    pub problem: String,
}
