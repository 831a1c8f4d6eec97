//! What leaves the program.

pub mod image;
pub mod text;
