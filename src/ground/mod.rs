//! What every other layer stands on: colour spaces of photos, seeded numbers.

pub mod codes;
pub mod colour;
pub mod random;
