//! From splats and a photo to the picture.

pub mod splat;
