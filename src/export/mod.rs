//! What leaves the program.

pub mod destination;
pub mod image;
pub mod text;
