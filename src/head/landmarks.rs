//! Named points of a head, their average positions, and how far heads differ.
//!
//! Averages are those of men, as most clients are, in head space: tragion to vertex 131, across the tragia 145, sellion
//! to menton 120 mm (ANSUR II, rounded; the depth of the tragus and the positions along z are assumed). Standard
//! deviations are those of single features after removing the head's own size and the face's position below the
//! cranium; they are assumed.

use glam::{DVec2, DVec3};
use serde::{Deserialize, Serialize};

/// A point that a user can click. "Right" and "left" are the subject's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the anatomical terms")]
pub enum Landmark {
    PupilRight,
    PupilLeft,
    CanthusRight,
    CanthusLeft,
    TragusRight,
    TragusLeft,
    Glabella,
    Nasion,
    NoseTip,
    Menton,
    Vertex,
}

/// All landmarks, in the order of the enum.
pub const ALL: [Landmark; 11] = [
    Landmark::PupilRight,
    Landmark::PupilLeft,
    Landmark::CanthusRight,
    Landmark::CanthusLeft,
    Landmark::TragusRight,
    Landmark::TragusLeft,
    Landmark::Glabella,
    Landmark::Nasion,
    Landmark::NoseTip,
    Landmark::Menton,
    Landmark::Vertex,
];

/// A landmark seen in a photo, with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Which one.
    pub landmark: Landmark,
    /// Where, px.
    pub px: DVec2,
    /// Standard deviation of its position on the head along each axis, mm.
    pub spread_mm: f64,
}

impl Landmark {
    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PupilRight => "pupil_right",
            Self::PupilLeft => "pupil_left",
            Self::CanthusRight => "canthus_right",
            Self::CanthusLeft => "canthus_left",
            Self::TragusRight => "tragus_right",
            Self::TragusLeft => "tragus_left",
            Self::Glabella => "glabella",
            Self::Nasion => "nasion",
            Self::NoseTip => "nose_tip",
            Self::Menton => "menton",
            Self::Vertex => "vertex",
        }
    }

    /// The landmark with this name in files.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|l| l.name() == name)
    }

    /// The same point on the other side; itself on the midline.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::PupilRight => Self::PupilLeft,
            Self::PupilLeft => Self::PupilRight,
            Self::CanthusRight => Self::CanthusLeft,
            Self::CanthusLeft => Self::CanthusRight,
            Self::TragusRight => Self::TragusLeft,
            Self::TragusLeft => Self::TragusRight,
            midline => midline,
        }
    }

    /// Whether it lies on the face or the ears: two of those are needed in some photo.
    #[must_use]
    pub fn is_of_the_face(self) -> bool {
        self != Self::Vertex
    }

    /// Index in [`ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// Average position, mm, head space.
    #[must_use]
    pub fn mean_mm(self) -> DVec3 {
        match self {
            Self::PupilLeft => DVec3::new(31.5, -35.0, 89.0),
            Self::CanthusLeft => DVec3::new(45.5, -36.0, 80.0),
            Self::TragusLeft => DVec3::new(72.0, -57.0, 8.0),
            Self::Glabella => DVec3::new(0.0, -14.0, 99.5),
            Self::Nasion => DVec3::new(0.0, -29.0, 95.5),
            Self::NoseTip => DVec3::new(0.0, -68.0, 119.0),
            Self::Menton => DVec3::new(0.0, -148.0, 95.0),
            Self::Vertex => DVec3::new(0.0, 75.0, -4.0),
            right => right.mirrored().mean_mm() * DVec3::new(-1.0, 1.0, 1.0),
        }
    }

    /// Standard deviation of the position between people, mm; for pairs, that of the mean of both sides.
    #[must_use]
    pub fn spread_mm(self) -> DVec3 {
        match self {
            // The pupil distance has a prior of its own (see `fit`).
            Self::PupilLeft | Self::PupilRight => DVec3::new(3.0, 2.5, 3.0),
            Self::CanthusLeft | Self::CanthusRight => DVec3::new(2.5, 2.5, 4.0),
            Self::TragusLeft | Self::TragusRight => DVec3::new(4.0, 6.0, 8.0),
            Self::Glabella | Self::Nasion => DVec3::new(1.5, 3.0, 3.0),
            Self::NoseTip => DVec3::new(2.0, 4.5, 4.0),
            Self::Menton => DVec3::new(3.0, 8.0, 7.0),
            Self::Vertex => DVec3::new(3.0, 4.0, 9.0),
        }
    }

    /// Standard deviation of half the difference between the sides, mm.
    #[must_use]
    pub(crate) fn asymmetry_mm(self) -> f64 {
        match self {
            Self::TragusLeft | Self::TragusRight => 2.0,
            _ => 0.8,
        }
    }

    /// Standard deviation of the height above the cranium's surface, mm, for points that lie on it by definition.
    #[must_use]
    pub(crate) fn on_cranium_mm(self) -> Option<f64> {
        match self {
            Self::Glabella => Some(0.7),
            Self::Vertex => Some(1.0),
            _ => None,
        }
    }
}
