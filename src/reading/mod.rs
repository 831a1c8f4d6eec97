//! What a photo reveals: the head's outline, the camera's blur, the client's skin, shaved and long hair, the light that
//! the skin's surface reflected, and which of its parts look alike.
//!
//! A photo is not skin. Each estimate uses untreated skin only, states its uncertainty, and is made once per photo,
//! always from all of its pixels at full bit depth and in their own colour space. What to do about it is decided
//! elsewhere: see [`skin`](crate::skin).

pub mod complexion;
pub mod contour;
pub mod drawn_line;
pub mod face;
mod highlight;
pub mod lens;
pub mod long_hair;
pub mod own_hair;
pub mod patch_tones;
pub mod sharpening;
pub mod similar;
pub mod skin_estimate;
pub mod skin_tones;
pub mod specular;
pub mod stubble;
pub mod tissue;
pub mod tone;
pub mod views;
