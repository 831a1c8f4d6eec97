//! Scalp Studio: what scalp micropigmentation will look like, on the client's own photos.
//!
//! **The plan lives on the head, not in the photo.** Hairline, areas, density and every dot are positions on
//! the client's scalp in millimetres; a photo is a camera looking at that head. Data flows one way:
//!
//! ```text
//! photo file --decode--> Photo                       photo
//! landmarks  --fit-----> Head + View per photo       head
//! presets, edits ------> Plan                        plan
//! Photo + View --------> outline, blur, skin, hair   reading
//! Head + seed ---------> Follicles (ranked)          follicles
//! Plan + Follicles ----> Dots per session            follicles
//! Dots + time ---------> Appearance                  skin
//! Appearance + View ---> Splats                      render
//! Splats + Photo ------> picture                     render, gpu (preview), export
//!
//! Plan + Dots ---------> what would look wrong       checks
//! ```
//!
//! # Conventions
//!
//! - Head space: millimetres, right-handed, origin in the middle of the cranium; +x the subject's left, +y up,
//!   +z forward. "Left" and "right" are the subject's.
//! - Image space: pixels of the upright photo, x right, y down; the centre of the first pixel is (0.5, 0.5).
//! - Transforms read `to_from`: `image_from_head`. Names carry units: `_mm`, `_px`, `_per_cm2`.
//! - Geometry is `f64`, pixels are `f32`; light is linear with sRGB primaries between decode and encode.
//! - Nothing depends on the clock, on thread count or on hash order: the same case gives the same bytes.
//!
//! Each module may use only those listed above it; `tests/library/layering.rs` enforces it.

pub mod case;
pub mod checks;
pub mod cli;
pub mod export;
pub mod follicles;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod ground;
pub mod head;
pub mod photo;
pub mod plan;
pub mod reading;
pub mod render;
pub mod skin;
#[cfg(feature = "studio")]
pub mod studio;
