//! A client's head in a photo, found without a click: points of the face, and the edge of the head.
//!
//! Four small networks look at the photo (see `assets/models/NOTICE.md`). They find faces, the surface of the largest
//! face, its pupils, and the pixels that show a person. Their results are suggestions, each with its own standard
//! deviation. Points are rounded to a tenth of a pixel and kept in the case, since the networks' last bits differ
//! between processors.
//!
//! Errors, measured on heads of known shape: pupils 2 to 8 mm (eyes closed), corners of the eyes 4 to 8 mm, nasion and
//! glabella 0.4 to 6 mm, tip of the nose 0.3 to 9 mm, chin 3 to 5 mm, tragi 4 to 9 mm; the edge of a bare scalp 0.5 mm.
//!
//! Cost: about 0.3 s for 12 megapixels on one core.

#[cfg(feature = "face")]
mod detector;
mod found;
#[cfg(feature = "face")]
mod hidden;
#[cfg(feature = "face")]
mod iris;
#[cfg(feature = "face")]
mod mask;
#[cfg(feature = "face")]
mod mesh;
#[cfg(feature = "face")]
mod models;
#[cfg(feature = "face")]
mod picture;
#[cfg(feature = "face")]
mod search;
#[cfg(feature = "face")]
mod silhouette;

pub use found::{Edge, Found, FoundHead, Unavailable};

use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::Photo;

/// Looks for the client's head.
///
/// # Errors
/// [`Unavailable`] where the networks cannot be used.
#[cfg(feature = "face")]
pub fn find(photo: &Photo) -> Result<Found, Unavailable> {
    search::find(photo)
}

/// Looks for the edge of a head whose approximate position is known.
///
/// # Errors
/// [`Unavailable`] where the networks cannot be used.
#[cfg(feature = "face")]
pub fn edge(photo: &Photo, head: &Head, camera: &Camera) -> Result<Edge, Unavailable> {
    search::edge(photo, head, camera)
}

/// Looks for the edge of a head: unavailable in this build.
///
/// # Errors
/// [`Unavailable::NotBuilt`].
#[cfg(not(feature = "face"))]
pub fn edge(_photo: &Photo, _head: &Head, _camera: &Camera) -> Result<Edge, Unavailable> {
    Err(Unavailable::NotBuilt)
}

/// Looks for the client's head: unavailable in this build.
///
/// # Errors
/// [`Unavailable::NotBuilt`].
#[cfg(not(feature = "face"))]
pub fn find(_photo: &Photo) -> Result<Found, Unavailable> {
    Err(Unavailable::NotBuilt)
}
