//! A client's head in a photo, found without a click: points of the face, and the edge of the head.
//!
//! Four small networks look at the photo, see `assets/models/NOTICE.md`: where faces are, the surface of the largest, its
//! pupils, and which pixels show a person. What they find are suggestions, each with its own spread. Points are rounded
//! to a tenth of a pixel and kept in the case, since networks differ in the last bits between processors.
//!
//! Errors, measured on heads of known shape: pupils 2 to 8 mm (eyes closed), corners of the eyes 4 to 8, nasion and
//! glabella 0.4 to 6, tip of the nose 0.3 to 9, chin 3 to 5, tragi 4 to 9; the edge of a bare scalp 0.5 mm.
//!
//! Cost: about 0.3 s for 12 megapixels on one core.

#[cfg(feature = "face")]
mod detector;
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

use glam::DVec2;

use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::landmarks::Sighting;
use crate::head::standard_view::StandardView;
use crate::photo::{Photo, Turn};

/// What was found of a client's head.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundHead {
    /// How the photo has to be turned for the head to be upright; places are those of the turned photo.
    pub turn: Turn,
    /// From where the head is seen.
    pub direction: StandardView,
    /// Landmarks with their spread.
    pub landmarks: Vec<Sighting>,
    /// Where bare or shaved scalp meets the background, above the ears, px.
    pub outline: Vec<DVec2>,
    /// Where hair meets the background, px: the scalp lies farther in.
    pub hair: Vec<DVec2>,
    /// What covers the scalp, or lies beside it: closed outlines, px, of which an inner one is a hole in the outer one. No
    /// dot can be seen there.
    pub hidden: Vec<Vec<DVec2>>,
}

/// What a photo shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// One client, or one whose face is clearly the largest.
    Head(Box<FoundHead>),
    /// Several faces, none clearly the largest; how many.
    Several(usize),
    /// No face.
    Nobody,
}

/// Where a head ends above its ears, px.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edge {
    /// Where bare or shaved scalp ends.
    pub scalp: Vec<DVec2>,
    /// Where hair ends, or what else lies on the scalp: the scalp lies farther in.
    pub hair: Vec<DVec2>,
}

impl Edge {
    /// True where nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scalp.is_empty() && self.hair.is_empty()
    }
}

/// Why nothing can be looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Unavailable {
    #[error("this build of the program cannot find faces by itself: mark the head's points yourself")]
    NotBuilt,
    #[error("faces cannot be found, since the program's model {model} is damaged: mark the head's points yourself")]
    Damaged { model: &'static str },
    #[error(
        "faces cannot be found, since the program's model {model} does not run here: mark the head's points yourself"
    )]
    Failed { model: &'static str },
}

/// Looks for the client's head.
///
/// # Errors
/// [`Unavailable`] where the networks are not at hand.
#[cfg(feature = "face")]
pub fn find(photo: &Photo) -> Result<Found, Unavailable> {
    search::find(photo)
}

/// Looks for the edge of a head that is known to lie about there.
///
/// # Errors
/// [`Unavailable`] where the networks are not at hand.
#[cfg(feature = "face")]
pub fn edge(photo: &Photo, head: &Head, camera: &Camera) -> Result<Edge, Unavailable> {
    search::edge(photo, head, camera)
}

/// Looks for the edge of a head: not in this build.
///
/// # Errors
/// [`Unavailable::NotBuilt`].
#[cfg(not(feature = "face"))]
pub fn edge(_photo: &Photo, _head: &Head, _camera: &Camera) -> Result<Edge, Unavailable> {
    Err(Unavailable::NotBuilt)
}

/// Looks for the client's head: not in this build.
///
/// # Errors
/// [`Unavailable::NotBuilt`].
#[cfg(not(feature = "face"))]
pub fn find(_photo: &Photo) -> Result<Found, Unavailable> {
    Err(Unavailable::NotBuilt)
}
