//! What a photo tells: where the head's outline is, how its camera blurs, what the client's skin and shaved hair are like
//! there, which of its light was thrown back by the surface of the skin, and what of it looks alike.
//!
//! A photo is not skin. Each estimate looks at untreated skin only, says how sure it is, and is made once per photo, always
//! from all of its pixels in their own depth and colours. What to do about it is not decided here, but by the plan's side:
//! see [`skin`](crate::skin).

pub mod alike;
pub mod complexion;
pub mod contour;
pub mod drawn_line;
pub mod face;
mod highlight;
pub mod lens;
pub mod own_hair;
pub mod seen;
pub mod specular;
pub mod stubble;
pub mod tissue;
pub mod tone;
pub mod views;
