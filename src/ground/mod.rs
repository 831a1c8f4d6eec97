//! Foundations of all other layers: colour spaces of photos, atomic writing of files, filters over grids, linear systems,
//! outlines, spacings of points, seeded random numbers, and the time and place of records.

pub mod colour;
pub mod files;
pub(crate) mod filters;
pub(crate) mod linear;
pub(crate) mod outlines;
pub mod points;
pub mod random;
pub(crate) mod samples;
pub mod station;
