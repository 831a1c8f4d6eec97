//! What leaves the program.

pub mod image;
