//! The input of a fit: points in every photo, and the source of the scale.

use glam::DVec2;

use super::error::FitError;
use crate::ground::statistics::median;
use crate::head::landmarks::{Landmark, Sighting};
use crate::head::standard_view::StandardView;

/// Standard deviation of a click, mm on the head.
pub(super) const CLICK_MM: f64 = 1.0;
/// Standard deviation of a found point of the outline, mm: large, since neighbours err together.
pub(super) const FOUND_OUTLINE_MM: f64 = 2.0;
/// A clicked point of the outline overrides found ones within this many of their spacings: 20 mm.
const OUTRANKED_POINTS: f64 = 3.0;

/// Most points of one outline that a fit uses. Those of more points are thinned evenly: the outline of a head has some
/// ten degrees of freedom in a photo, so nothing is lost, and a fit of thousands of points would take minutes.
const MOST_FITTED: usize = 300;

/// How far outside the photo a clicked point may lie, in sides of the photo: a landmark may lie outside a tight crop,
/// but the eyes are hardly ever far from what is seen.
const OUTSIDE: f64 = 1.0;
const PUPIL_OUTSIDE: f64 = 0.33;

/// Pupil distances that heads have, mm.
pub(super) const PUPILS_MM: std::ops::RangeInclusive<f64> = 30.0..=90.0;

/// Fewest points of the outline that suffice without landmarks.
pub const ENOUGH_OUTLINE: usize = 5;

/// Whether this many landmarks and points of the outline suffice for a pose; a landmark counts as two points.
#[must_use]
pub(crate) fn are_enough(landmarks: usize, outline: usize) -> bool {
    landmarks >= 2 || outline + 2 * landmarks >= ENOUGH_OUTLINE
}

/// What is known of one photo before the fit.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewInput {
    /// Name of the view: front, left-oblique, right-oblique, left, right, top, back, or one of the user's own.
    pub name: String,
    /// Width of the upright photo, px.
    pub width_px: u32,
    /// Height of the upright photo, px.
    pub height_px: u32,
    /// 35 mm equivalent focal length from the camera, by the diagonal, mm.
    pub focal_length_35mm: Option<f64>,
    /// Clicked landmarks, px.
    pub landmarks: Vec<(Landmark, DVec2)>,
    /// Points where bare or shaved scalp meets the background, px.
    pub outline: Vec<DVec2>,
    /// What was found in the photo automatically.
    pub found: FoundPoints,
}

/// Points that were found in a photo rather than clicked: suggestions, each with its own standard deviation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundPoints {
    /// Landmarks; ignored where the same one was clicked.
    pub landmarks: Vec<Sighting>,
    /// Points where bare or shaved scalp meets the background, px; ignored near clicked ones.
    pub outline: Vec<DVec2>,
    /// Points where hair meets the background, px: the scalp lies inside that.
    pub hair: Vec<DVec2>,
}

/// Source of the scale, in ascending order of trust.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Scale {
    /// The average adult pupil distance, 63 +- 3.5 mm.
    #[default]
    AveragePupils,
    /// The iris, 11.7 +- 0.5 mm across: two opposite points of its edge in a view.
    Iris {
        /// View that shows it.
        view: String,
        /// Opposite points of the iris's edge, px.
        edge_px: [DVec2; 2],
    },
    /// The client's measured pupil distance.
    MeasuredPupils {
        /// Distance, mm.
        distance_mm: f64,
    },
    /// A ruler or sticker on the skin.
    Ruler {
        /// View that shows it.
        view: String,
        /// Its ends, px.
        ends_px: [DVec2; 2],
        /// Its length, mm.
        length_mm: f64,
    },
}

impl Scale {
    /// The source in the user's words.
    #[must_use]
    pub fn source(&self) -> &'static str {
        match self {
            Self::AveragePupils => "average pupil distance (63 mm)",
            Self::Iris { .. } => "iris (11.7 mm)",
            Self::MeasuredPupils { .. } => "measured pupil distance",
            Self::Ruler { .. } => "ruler in the photo",
        }
    }
}

impl ViewInput {
    /// Whether there are two landmarks, or about five points of the outline: enough for a pose.
    #[must_use]
    pub fn has_enough_points(&self) -> bool {
        are_enough(self.sightings().count(), self.outline().count())
    }

    /// Every landmark once: as clicked, otherwise as found.
    pub(crate) fn sightings(&self) -> impl Iterator<Item = Sighting> {
        let clicked = self.landmarks.iter().map(|&(landmark, px)| Sighting { landmark, px, spread_mm: CLICK_MM });
        let outranked = |found: &&Sighting| self.landmarks.iter().all(|(clicked, _)| *clicked != found.landmark);
        clicked.chain(self.found.landmarks.iter().filter(outranked).copied())
    }

    /// The outline with the standard deviation of its points, mm: as clicked, and as found where nothing was clicked.
    pub(super) fn outline(&self) -> impl Iterator<Item = (DVec2, f64)> {
        let clicked = self.outline.iter().map(|&px| (px, CLICK_MM));
        clicked.chain(self.not_clicked(&self.found.outline).map(|px| (px, FOUND_OUTLINE_MM)))
    }

    /// The edge of hair that hides the outline, where nothing was clicked.
    pub(super) fn hair(&self) -> impl Iterator<Item = DVec2> {
        self.not_clicked(&self.found.hair)
    }

    /// The found points of the head's edge that no click overrides, px: where bare or shaved scalp ends, and where hair
    /// does.
    #[must_use]
    pub fn found_edge(&self) -> [Vec<DVec2>; 2] {
        [&self.found.outline, &self.found.hair].map(|points| self.not_clicked(points).collect())
    }

    /// The same view with no more points of each outline than a fit needs; unchanged if it has no more.
    pub(super) fn thinned(&self) -> Self {
        let FoundPoints { landmarks, outline, hair } = &self.found;
        if [&self.outline, outline, hair].iter().all(|points| points.len() <= MOST_FITTED) {
            return self.clone();
        }
        // First of all what clicks override: fewer clicks would override less.
        let [outline, hair] = self.found_edge().map(|points| evenly(&points));
        let found = FoundPoints { landmarks: landmarks.clone(), outline, hair };
        Self {
            name: self.name.clone(),
            landmarks: self.landmarks.clone(),
            outline: evenly(&self.outline),
            found,
            ..*self
        }
    }

    /// Whether the two pupils are clicked the wrong way round in a photo of the face.
    fn has_pupils_exchanged(&self) -> bool {
        let at = |landmark: Landmark| self.landmarks.iter().find(|(l, _)| *l == landmark).map(|&(_, px)| px);
        let (Some(right), Some(left)) = (at(Landmark::PupilRight), at(Landmark::PupilLeft)) else { return false };
        let shows_the_face = matches!(
            StandardView::of(&self.name),
            Some(StandardView::Front | StandardView::LeftOblique | StandardView::RightOblique)
        );
        // In a photo that is upside down they appear exchanged, and the chin is above.
        let down = at(Landmark::Menton).or(at(Landmark::NoseTip)).map(|chin| chin - 0.5 * (right + left));
        let is_mirrored = down.is_none_or(|down| (left - right).perp_dot(down) < 0.0);
        shows_the_face && right.x > left.x && is_mirrored
    }

    /// Found points along the head's edge, without those near a clicked point.
    fn not_clicked<'a>(&'a self, found: &'a [DVec2]) -> impl Iterator<Item = DVec2> + 'a {
        let apart = median(found.windows(2).map(|pair| pair[0].distance(pair[1])));
        let beside_px = OUTRANKED_POINTS * apart.unwrap_or(f64::INFINITY);
        let beside = move |px: &DVec2| self.outline.iter().any(|clicked| clicked.distance(*px) < beside_px);
        found.iter().copied().filter(move |px| !beside(px))
    }
}

/// At most [`MOST_FITTED`] of the points, evenly along their order.
fn evenly(points: &[DVec2]) -> Vec<DVec2> {
    let kept = points.len().min(MOST_FITTED);
    (0..kept).filter_map(|i| points.get(i * points.len() / kept).copied()).collect()
}

/// Checks that the points and the scale make sense, and that there are enough points.
pub(super) fn check(views: &[ViewInput], scale: &Scale) -> Result<(), FitError> {
    if views.is_empty() {
        return Err(FitError::NoViews);
    }
    for view in views {
        let name = || view.name.clone();
        let (w, h) = (f64::from(view.width_px), f64::from(view.height_px));
        let points = view.landmarks.iter().map(|&(l, p)| {
            let is_pupil = matches!(l, Landmark::PupilRight | Landmark::PupilLeft);
            (l.name().to_owned(), p, if is_pupil { PUPIL_OUTSIDE } else { OUTSIDE })
        });
        let outline = view.outline.iter().enumerate().map(|(i, &p)| (format!("outline point {}", i + 1), p, OUTSIDE));
        let FoundPoints { landmarks, outline: edge, hair } = &view.found;
        let found = landmarks.iter().map(|s| (format!("the {} that was found", s.landmark.name()), s.px, OUTSIDE));
        let edge = edge.iter().chain(hair).map(|&p| ("an outline point that was found".to_owned(), p, OUTSIDE));
        for (point, p, outside) in points.chain(outline).chain(found).chain(edge) {
            let within = |at: f64, side: f64| at > -outside * side && at < (1.0 + outside) * side;
            if !(within(p.x, w) && within(p.y, h)) {
                return Err(FitError::OutsidePhoto { view: name(), point, x: p.x, y: p.y });
            }
        }
        if view.has_pupils_exchanged() {
            return Err(FitError::PupilsExchanged { view: name() });
        }
        for (i, (a, p)) in view.landmarks.iter().enumerate() {
            for (b, q) in &view.landmarks[i + 1..] {
                if a == b {
                    return Err(FitError::Twice { view: name(), point: a.name() });
                }
                if p.distance(*q) < 1.0 {
                    return Err(FitError::Coincident { view: name(), first: a.name(), second: b.name() });
                }
            }
        }
        if !view.has_enough_points() {
            return Err(FitError::TooFewPoints { view: name() });
        }
    }
    if !views.iter().any(|v| v.sightings().filter(|s| s.landmark.is_of_the_face()).count() >= 2) {
        return Err(FitError::NoFace);
    }
    match scale {
        Scale::AveragePupils => Ok(()),
        Scale::MeasuredPupils { distance_mm } => {
            if PUPILS_MM.contains(distance_mm) {
                Ok(())
            } else {
                Err(FitError::BadPupilDistance)
            }
        }
        Scale::Iris { view, edge_px: [a, b] } | Scale::Ruler { view, ends_px: [a, b], .. } => {
            if !views.iter().any(|v| v.name == *view) {
                return Err(FitError::UnknownScaleView { view: view.clone() });
            }
            let length_fits = match scale {
                Scale::Ruler { length_mm, .. } => *length_mm > 0.0 && *length_mm < 1000.0,
                _ => true,
            };
            if length_fits && a.is_finite() && b.is_finite() && a.distance(*b) > 1.0 {
                Ok(())
            } else {
                Err(FitError::BadScale)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(outline: Vec<DVec2>, found: Vec<DVec2>) -> ViewInput {
        let found = FoundPoints { outline: found, ..FoundPoints::default() };
        let name = "front".to_owned();
        ViewInput {
            name,
            width_px: 6000,
            height_px: 6000,
            focal_length_35mm: None,
            landmarks: Vec::new(),
            outline,
            found,
        }
    }

    fn line(count: usize, y: f64) -> Vec<DVec2> {
        (0..count).map(|i| DVec2::new(i as f64, y)).collect()
    }

    #[test]
    fn a_usual_outline_is_used_as_it_is() {
        let usual = view(line(MOST_FITTED, 0.0), line(MOST_FITTED, 900.0));
        assert_eq!(usual.thinned(), usual);
    }

    #[test]
    fn long_outlines_are_thinned_after_clicks_have_overridden_what_was_found() {
        let many = view(line(5000, 0.0), [line(2000, 2.0), line(1000, 900.0)].concat());
        let thinned = many.thinned();
        assert_eq!((thinned.outline.len(), thinned.found.outline.len()), (MOST_FITTED, MOST_FITTED));
        assert!(thinned.found.outline.iter().all(|px| px.y > 800.0), "the others are beside clicks");
        assert!(thinned.outline[MOST_FITTED - 1].x > 4950.0, "to the end");
    }
}
