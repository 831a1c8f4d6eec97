//! The panels around the photo.

pub mod asked;
pub mod bottom;
pub mod left;
pub mod naming;
pub mod photos;
pub mod plan;
pub mod status;
pub mod time;
pub mod top;
pub mod variants;
pub mod welcome;
