//! The preview of the dots on a graphics card: the same splats, specular light and photo as the
//! [compositor](crate::render::compositor), the same picture to within an 8-bit sample value or two.
//!
//! There are two passes. The first adds up the optical densities of all dots in the window: it draws a quad for each
//! dot over the pixels it reaches, and gives each pixel the dot's exact share as `render::coverage` computes it
//! (`shaders/dots.wgsl`). The second computes sample values from photo, optical density and specular light
//! (`shaders/picture.wgsl`). Both follow the processor's code function by function; the compositor is the reference,
//! and `tests/machine/adapter.rs` keeps the two in agreement.
//!
//! Guarantees: pixels that no dot reaches keep the photo's sample values exactly; a pixel has the same sample values in
//! whichever window it is drawn; nothing unchanged is uploaded or drawn again; and errors, including a lost device and
//! full memory, are values ([`GpuError`]). It needs nothing of a card beyond OpenGL ES 3.0 with half-float targets, and
//! only textures of 2048 px, however large the photo.
//!
//! Not guaranteed: the same bits on two cards, or on a card and the processor. Exports come from the compositor. If the
//! device lacks [`WANTED_FEATURES`], densities are added up in half floats: each addition is off by up to 1/2048 of the
//! sum, and some drivers always round down. On a head that stays below two sample values; hundreds of faint dots heaped
//! on one pixel come out a few sample values too bright.
//!
//! Cost: an upload of 36 bytes per splat when splats change, and 4 bytes per pixel viewed for the first time; drawing
//! takes the reached pixels of the dots near the window, regardless of the number of dots elsewhere. Zooming and
//! panning upload nothing else: splats and specular light are scaled to the [level](crate::photo::pyramid) on the card.
//!
//! The target holds sRGB sample values in a `Unorm` format, which is what egui expects of a texture.

mod chunks;
mod device;
mod dots;
mod error;
mod pipelines;
mod preview;

pub use device::{WANTED_FEATURES, headless};
pub use error::GpuError;
#[cfg(test)]
pub(crate) use pipelines::check_shader;
pub use preview::{Preview, PreviewImage};
