//! Work that takes longer than a frame: decoding, fitting, placing and rendering, reading photos, reading and writing files.
//! None of it on the window's thread.

pub mod analysis;
pub mod engine;
pub mod export;
pub mod files;
pub mod jobs;
pub mod outcome;
pub mod paste;
pub mod photo_cache;
pub mod shots;
pub mod task;
pub mod worker;
