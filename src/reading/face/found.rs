//! What is told of a photo in which a head is looked for.

use glam::DVec2;

use crate::head::landmarks::Sighting;
use crate::head::standard_view::StandardView;
use crate::photo::Turn;

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
