//! The landmarks in a technician's words, and which of them each view shows.

use egui::{Pos2, pos2};

use crate::case::document::ViewRecord;
use crate::head::fit::ENOUGH_OUTLINE;
use crate::head::landmarks::{ALL, Landmark};
use crate::head::standard_view::StandardView::{self, Back, Front, Left, LeftOblique, Right, RightOblique, Top};

use Landmark::{
    CanthusLeft, CanthusRight, Glabella, Menton, Nasion, NoseTip, PupilLeft, PupilRight, TragusLeft, TragusRight,
    Vertex,
};

/// The landmarks that each view shows, in the order in which they are best clicked.
const FRONT: [Landmark; 11] = [
    PupilRight,
    PupilLeft,
    Menton,
    Glabella,
    NoseTip,
    CanthusRight,
    CanthusLeft,
    Nasion,
    Vertex,
    TragusRight,
    TragusLeft,
];
/// Landmarks closer to the camera come first: the other eye may be hidden behind the nose.
const LEFT_OBLIQUE: [Landmark; 10] =
    [PupilLeft, NoseTip, Menton, TragusLeft, Glabella, PupilRight, CanthusLeft, CanthusRight, Nasion, Vertex];
const LEFT: [Landmark; 8] = [NoseTip, TragusLeft, Menton, Nasion, Glabella, PupilLeft, CanthusLeft, Vertex];
const TOP: [Landmark; 10] =
    [NoseTip, Glabella, TragusRight, TragusLeft, Nasion, PupilRight, PupilLeft, CanthusRight, CanthusLeft, Vertex];
const BACK: [Landmark; 1] = [Vertex];

/// The landmarks that can be seen in this view, in the order in which they are best clicked.
#[must_use]
pub fn landmarks(view: Option<StandardView>) -> Vec<Landmark> {
    let mirrored = |list: &[Landmark]| list.iter().map(|l| l.mirrored()).collect();
    match view {
        Some(Front) | None => FRONT.to_vec(),
        Some(LeftOblique) => LEFT_OBLIQUE.to_vec(),
        Some(RightOblique) => mirrored(&LEFT_OBLIQUE),
        Some(Left) => LEFT.to_vec(),
        Some(Right) => mirrored(&LEFT),
        Some(Top) => TOP.to_vec(),
        Some(Back) => BACK.to_vec(),
    }
}

/// The landmarks to list for a view: those that can be seen in it, and any others that were clicked anyway.
#[must_use]
pub fn listed(record: &ViewRecord) -> Vec<Landmark> {
    let mut list = landmarks(StandardView::of(&record.name));
    list.extend(ALL.into_iter().filter(|l| record.landmarks.contains_key(l) && !list.contains(l)).collect::<Vec<_>>());
    list
}

/// The first landmark that is neither clicked nor detected yet.
#[must_use]
pub fn next(record: &ViewRecord) -> Option<Landmark> {
    let found = |landmark| record.found.as_ref().is_some_and(|found| found.landmarks.contains_key(&landmark));
    listed(record).into_iter().find(|&l| !record.landmarks.contains_key(&l) && !found(l))
}

/// How many outline points are missing in a view in which no more landmarks can be seen.
#[must_use]
pub fn outline_missing(record: &ViewRecord) -> usize {
    let landmarks = record.landmarks.len() + record.found_landmarks().count();
    if record.has_enough_points() {
        0
    } else {
        ENOUGH_OUTLINE.saturating_sub(record.outline.len() + 2 * landmarks).max(1)
    }
}

/// A name that fits next to a point, and also within a sentence.
#[must_use]
pub fn short(landmark: Landmark) -> &'static str {
    match landmark {
        PupilRight => "right pupil",
        PupilLeft => "left pupil",
        CanthusRight => "right eye corner",
        CanthusLeft => "left eye corner",
        TragusRight => "right ear",
        TragusLeft => "left ear",
        Glabella => "between the brows",
        Nasion => "root of the nose",
        NoseTip => "tip of the nose",
        Menton => "chin",
        Vertex => "top of the head",
    }
}

/// The name in the list.
#[must_use]
pub fn title(landmark: Landmark) -> &'static str {
    match landmark {
        PupilRight => "Right pupil",
        PupilLeft => "Left pupil",
        CanthusRight => "Right eye, outer corner",
        CanthusLeft => "Left eye, outer corner",
        TragusRight => "Right ear, tragus",
        TragusLeft => "Left ear, tragus",
        Glabella => "Between the brows",
        Nasion => "Root of the nose",
        NoseTip => "Tip of the nose",
        Menton => "Chin",
        Vertex => "Top of the head",
    }
}

/// Its exact position. Right and left are the client's.
#[must_use]
pub fn place(landmark: Landmark) -> &'static str {
    match landmark {
        PupilRight => {
            "The centre of the client's right pupil; if the lids are closed, the middle of the line where they meet"
        }
        PupilLeft => {
            "The centre of the client's left pupil; if the lids are closed, the middle of the line where they meet"
        }
        CanthusRight => "Where the lids of the client's right eye meet, on the temple side (lateral canthus)",
        CanthusLeft => "Where the lids of the client's left eye meet, on the temple side (lateral canthus)",
        TragusRight => "The small flap in front of the opening of the client's right ear (tragus)",
        TragusLeft => "The small flap in front of the opening of the client's left ear (tragus)",
        Glabella => "The point between the brows that projects furthest (glabella)",
        Nasion => "The deepest point of the root of the nose, at eye level (nasion)",
        NoseTip => "The point of the nose that projects furthest",
        Menton => "The lowest point of the chin (menton)",
        Vertex => "The highest point of the head when it is held straight (vertex)",
    }
}

/// The drawing that shows a landmark in a view, and where on it, in units of its width and height.
#[must_use]
pub fn mark(view: Option<StandardView>, landmark: Landmark) -> (Drawing, Pos2) {
    let right_half = |x: f32| if is_left(landmark) { 1.0 - x } else { x };
    let front = |landmark| match landmark {
        PupilRight | PupilLeft => pos2(right_half(0.36), 0.46),
        CanthusRight | CanthusLeft => pos2(right_half(0.28), 0.465),
        TragusRight | TragusLeft => pos2(right_half(0.20), 0.52),
        Glabella => pos2(0.5, 0.375),
        Nasion => pos2(0.5, 0.45),
        NoseTip => pos2(0.5, 0.62),
        Menton => pos2(0.5, 0.95),
        Vertex => pos2(0.5, 0.05),
    };
    // Looking to the left.
    let profile = |landmark| match landmark {
        PupilRight | PupilLeft => pos2(0.24, 0.455),
        CanthusRight | CanthusLeft => pos2(0.31, 0.465),
        TragusRight | TragusLeft => pos2(0.545, 0.52),
        Glabella => pos2(0.165, 0.36),
        Nasion => pos2(0.185, 0.43),
        NoseTip => pos2(0.055, 0.60),
        Menton => pos2(0.25, 0.945),
        Vertex => pos2(0.55, 0.05),
    };
    let above = |landmark| match landmark {
        PupilRight | PupilLeft => pos2(right_half(0.36), 0.885),
        CanthusRight | CanthusLeft => pos2(right_half(0.28), 0.86),
        TragusRight | TragusLeft => pos2(right_half(0.155), 0.57),
        Glabella => pos2(0.5, 0.885),
        Nasion => pos2(0.5, 0.905),
        NoseTip | Menton => pos2(0.5, 0.965),
        Vertex => pos2(0.5, 0.46),
    };
    match view {
        Some(Front | LeftOblique | RightOblique) | None => (Drawing::Front, front(landmark)),
        Some(Left) => (Drawing::ProfileToLeft, profile(landmark)),
        Some(Right) => {
            let at = profile(landmark);
            (Drawing::ProfileToRight, pos2(1.0 - at.x, at.y))
        }
        Some(Top) => (Drawing::Top, above(landmark)),
        Some(Back) => (Drawing::Back, pos2(0.5, 0.05)),
    }
}

/// A drawing of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    Front,
    /// The nose on the left of the drawing.
    ProfileToLeft,
    ProfileToRight,
    Top,
    Back,
}

fn is_left(landmark: Landmark) -> bool {
    matches!(landmark, PupilLeft | CanthusLeft | TragusLeft)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_shows_its_own_side_only() {
        for (side, hidden) in [(Left, PupilRight), (Right, PupilLeft)] {
            let list = landmarks(Some(side));
            assert!(list.contains(&hidden.mirrored()) && !list.contains(&hidden));
        }
        for list in [landmarks(Some(Front)), landmarks(Some(Top))] {
            assert!(list.iter().all(|l| list.contains(&l.mirrored())), "both sides are seen");
        }
    }

    #[test]
    fn the_client_s_right_is_on_the_left_of_a_front_photo() {
        for side in [Some(Front), Some(Top)] {
            assert!(mark(side, PupilRight).1.x < 0.5 && mark(side, PupilLeft).1.x > 0.5);
        }
        // Photographed from the client's left, the nose points to the left.
        assert!(mark(Some(Left), NoseTip).1.x < mark(Some(Left), TragusLeft).1.x);
        assert!(mark(Some(Right), NoseTip).1.x > mark(Some(Right), TragusRight).1.x);
    }
}
