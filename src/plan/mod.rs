//! The treatment: hairline, areas, density, sessions and pigment, as positions on the head in millimetres.
//!
//! A [`Plan`] is data that a technician edits and a case stores. [`Plan::from_json`] and [`Plan::check`] ensure that
//! anything from outside is valid; everything else relies on that. [`field::DensityField`] is the plan applied to a
//! given head: density and area for every place of the scalp.

pub mod area;
pub mod conditions;
pub mod curve;
pub(crate) mod distance;
mod error;
pub mod field;
pub mod hairline;
pub(crate) mod line_distance;
pub mod line_height;
pub mod parameters;
pub mod pigment;
pub mod recession;
pub mod session;
mod start;
pub mod thinning;
pub mod treatment;
mod treatment_plan;
mod validation;

pub use curve::SkinPoint;
pub use error::PlanError;
pub use treatment_plan::Plan;
