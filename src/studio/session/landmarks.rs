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

/// What adds a photo to the head, as the end of a sentence: the points that this view really offers, as far as they are
/// missing, or a head placed by hand. `faces` says whether some photo shows the face, which the head cannot do
/// without.
#[must_use]
pub fn how_to_add(record: &ViewRecord, faces: bool) -> String {
    const NUMBERS: [&str; 6] = ["no", "one", "two", "three", "four", "five"];
    let number = |count: usize| NUMBERS.get(count).copied().unwrap_or("some");
    let known: Vec<Landmark> = record.known_landmarks().collect();
    let missing: Vec<Landmark> = listed(record).into_iter().filter(|landmark| !known.contains(landmark)).collect();
    let shows_face = listed(record).into_iter().filter(|landmark| landmark.is_of_the_face()).count() >= 2;
    let points = outline_missing(record);
    let points_more = |more: &str| match points {
        1 => format!("one {more}point on the edge of the scalp"),
        n => format!("{} {more}points on the edge of the scalp", number(n)),
    };
    let clicks = match (known.len(), missing.as_slice()) {
        _ if !faces && !shows_face => "add a photo that shows the face".to_owned(),
        (0, [_, _, ..]) => "click two landmarks in it".to_owned(),
        (1, [_, ..]) => "click one more landmark in it".to_owned(),
        (0, [only]) if points > 2 => {
            let beside = ENOUGH_OUTLINE.saturating_sub(record.outline.len() + 2);
            let edge = if beside == 1 { "point" } else { "points" };
            format!("click the {} and {} {edge} on the edge of the scalp", short(*only), number(beside))
        }
        _ if record.outline.is_empty() => format!("click {}", points_more("")),
        _ => format!("click {}", points_more("more ")),
    };
    format!("{clicks}, or place the head by hand")
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
    use crate::case::document::PhotoKey;
    use crate::photo::Turn;

    /// A photo of this view in which these landmarks and this many points of the edge are placed.
    fn record(view: StandardView, placed: &[Landmark], edge: usize) -> ViewRecord {
        let landmarks = placed.iter().map(|&landmark| (landmark, [9.0, 9.0])).collect();
        let key = PhotoKey { photo: 1, turn: Turn::NONE };
        let outline = vec![[5.0, 5.0]; edge];
        ViewRecord { landmarks, outline, ..ViewRecord::new(view.name().to_owned(), key, [100, 100], None) }
    }

    #[test]
    fn the_advice_names_what_the_view_offers_and_always_the_hand() {
        let how = |view, placed: &[Landmark], edge| how_to_add(&record(view, placed, edge), true);
        assert_eq!(how(Front, &[], 0), "click two landmarks in it, or place the head by hand");
        assert_eq!(how(Front, &[PupilLeft], 0), "click one more landmark in it, or place the head by hand");
        for view in crate::head::standard_view::STANDARD_VIEWS {
            for (placed, edge) in [(&[][..], 0), (&[], 2), (&[], 4), (&[Vertex], 0), (&[Vertex], 2)] {
                for faces in [true, false] {
                    let how = how_to_add(&record(view, placed, edge), faces);
                    assert!(how.ends_with(", or place the head by hand"), "{view:?}: {how}");
                    let offered = landmarks(Some(view)).into_iter().filter(|l| !placed.contains(l)).count();
                    assert!(!how.contains("two landmarks") || offered >= 2, "{view:?}: {how}");
                    assert!(!how.contains("landmark") || offered >= 1, "{view:?}: {how}");
                }
            }
        }
        // What is asked for suffices.
        let back = how(Back, &[], 0);
        assert_eq!(
            back,
            "click the top of the head and three points on the edge of the scalp, or place the head by hand"
        );
        assert!(record(Back, &[Vertex], 3).has_enough_points() && !record(Back, &[Vertex], 2).has_enough_points());
        assert_eq!(how(Back, &[Vertex], 2), "click one more point on the edge of the scalp, or place the head by hand");
        assert_eq!(
            how_to_add(&record(Back, &[], 0), false),
            "add a photo that shows the face, or place the head by hand"
        );
    }

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
