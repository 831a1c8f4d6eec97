//! The panels around the photo.

pub mod bottom;
pub mod left;
pub mod plan;
pub mod top;
pub mod welcome;
