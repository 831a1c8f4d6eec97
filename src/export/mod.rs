//! What leaves the program.

pub(crate) mod destination;
pub mod image;
pub mod text;
