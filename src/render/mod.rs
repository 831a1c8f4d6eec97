//! From splats and a photo to the finished picture.

pub mod compositor;
pub mod coverage;
pub mod difference;
pub mod even_field;
pub(crate) mod lanes;
pub mod lost_hair;
pub mod mock_up;
pub mod specular;
pub mod splat;
pub mod steps;
pub mod thinned_hair;
pub mod tiles;
pub mod transmittance;
pub mod viewing;
