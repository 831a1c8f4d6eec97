//! Foundations of all other layers: colour spaces of photos, atomic writing of files, filters over grids, linear
//! systems, numbers and statistics, outlines, spacings of points, seeded random numbers, the time and place of records,
//! and the errors of what lies below in plain words.

pub mod colour;
pub mod files;
pub(crate) mod filters;
pub mod grade;
pub(crate) mod json;
pub(crate) mod linear;
pub mod numbers;
pub(crate) mod outlines;
pub mod points;
pub mod random;
pub(crate) mod samples;
pub mod station;
pub(crate) mod statistics;
pub mod words;
