//! What every other layer stands on: colour spaces of photos, files written all or nothing, linear systems, seeded numbers.

pub mod codes;
pub mod colour;
pub mod files;
pub mod linear;
pub mod random;
