//! What every other layer stands on: colour spaces of photos, linear systems, seeded numbers.

pub mod colour;
pub mod linear;
pub mod random;
