//! What every other layer stands on: colour spaces of photos, files written all or nothing, filters over grids,
//! linear systems, outlines, spacings of points, seeded numbers, when and where something is noted.

pub mod colour;
pub mod files;
pub(crate) mod filters;
pub(crate) mod linear;
pub(crate) mod outlines;
pub mod points;
pub mod random;
pub(crate) mod samples;
pub mod station;
