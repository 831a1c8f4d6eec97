//! What every other layer stands on: colour spaces of photos, seeded numbers, files written all or nothing.

pub mod colour;
pub mod files;
pub mod random;
