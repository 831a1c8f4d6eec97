//! The results of looking for a head in a photo.

use glam::DVec2;

use crate::head::landmarks::Sighting;
use crate::head::standard_view::StandardView;
use crate::photo::Turn;

/// A client's head, as found in a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundHead {
    /// The turn that makes the head upright; all coordinates are those of the turned photo.
    pub turn: Turn,
    /// The direction from which the head is seen.
    pub direction: StandardView,
    /// Landmarks with their standard deviations.
    pub landmarks: Vec<Sighting>,
    /// Where bare or shaved scalp meets the background, above the ears, px.
    pub outline: Vec<DVec2>,
    /// Where hair meets the background, px; the scalp lies inside that.
    pub hair: Vec<DVec2>,
    /// Closed outlines, px, of what covers the scalp or surrounds the head; an outline inside another one is a hole in
    /// it. No dot is visible inside them.
    pub hidden: Vec<Vec<DVec2>>,
}

/// What a photo shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// One face, or one that is clearly the largest.
    Head(Box<FoundHead>),
    /// Several faces, none of them clearly the largest; their number.
    Several(usize),
    /// No face.
    Nobody,
}

/// The edge of a head above its ears, px.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edge {
    /// Where bare or shaved scalp ends.
    pub scalp: Vec<DVec2>,
    /// Where hair, or something else on the scalp, ends; the scalp lies inside that.
    pub hair: Vec<DVec2>,
}

impl Edge {
    /// True where nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scalp.is_empty() && self.hair.is_empty()
    }
}

/// Why a photo cannot be searched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Unavailable {
    #[error("this build of the program cannot find faces: mark the head's points yourself")]
    NotBuilt,
    #[error("faces cannot be found, because the program's model {model} is damaged: mark the head's points yourself")]
    Damaged { model: &'static str },
    #[error(
        "faces cannot be found, because the program's model {model} does not run here: mark the head's points yourself"
    )]
    Failed { model: &'static str },
}
