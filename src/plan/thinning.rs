//! Hair that may still be lost between hair that stays: how women's hair thins on top of the head from one of Ludwig's
//! grades to the next.
//!
//! Ludwig (Br J Dermatol 97:247, 1977) describes the grades in words: in grade I thinning on the crown is perceptible,
//! limited in front by a line 1 to 3 cm behind the frontal hairline; in grade II hair is pronouncedly rarer within the
//! same area; in grade III the area is bald. The fringe in front of it stays. The front limit is his; how far down the
//! sides and the back the area reaches, and how much hair each grade leaves, are this program's proposal to match his
//! words and drawings (grade P). Nobody can say how far a client's hair will thin.

use glam::DVec3;

use super::curve::SkinPoint;
use super::hairline::Hairline;
use super::recession::{Class, at_height, direction, on_scalp, smooth};
use crate::head::Head;
use crate::head::landmarks::Landmark;

/// How far behind the hairline thinning has reached half its amount, and the width over which it sets in, mm: from 1 to
/// 3 cm behind the line (Ludwig 1977).
const BEHIND_LINE_MM: f64 = 20.0;
const FRONT_FEATHER_MM: f64 = 20.0;
/// Height of the area's border above the level of the tragi, mm, at the sides and at the back, and the width over which
/// thinning sets in there (P).
const HEIGHTS_MM: [f64; 2] = [85.0, 78.0];
const FEATHER_MM: f64 = 30.0;
/// Step between directions, degrees.
const EVERY_DEGREES: f64 = 6.0;
/// Share that counts as the outer edge of the thinning.
const EDGE_SHARE: f64 = 0.05;

/// Layers of hair over the scalp of a full head, as seen from outside: the mean number of hairs over a point of the
/// skin. 2 hairs per mm2, 0.07 mm wide, that lie on the scalp (textbook means) are 0.14 layers for every mm from the
/// parting: 4 layers 3 cm from it. Farther out there are more, but no more can be told apart in a photo: 4 leave 2 % of
/// the skin uncovered.
pub const FULL_LAYERS: f64 = 4.0;

impl Class {
    /// Mean layers of hair that a grade leaves over the area (P). About half of the hair can go before others notice;
    /// the skin that shows through is a seventh in grade I, a third in II and four fifths in III. `None` for Norwood's
    /// classes.
    #[must_use]
    pub fn layers(self) -> Option<f64> {
        match self {
            Self::Norwood5 | Self::Norwood6 | Self::Norwood7 => None,
            Self::Ludwig1 => Some(2.0),
            Self::Ludwig2 => Some(1.0),
            Self::Ludwig3 => Some(0.2),
        }
    }
}

/// The area on top of the head in which women's hair thins.
#[derive(Debug, Clone, PartialEq)]
pub struct Thinning {
    centre: DVec3,
    /// Angle of its lower border from the vertical, rad, in directions [`EVERY_DEGREES`] apart, starting at the front.
    border: Vec<f64>,
    /// The hairline: its points, and their azimuths from -180 to 180 degrees, in order, with their angles from the
    /// vertical.
    line: Vec<DVec3>,
    line_angles: Vec<(f64, f64)>,
}

impl Thinning {
    /// The area on this head, behind this hairline.
    #[must_use]
    pub fn new(head: &Head, hairline: &Hairline) -> Self {
        let centre = head.cranium.centre;
        let line: Vec<DVec3> = hairline.line(head).iter().map(|point| point.position).collect();
        let angles = |place: &DVec3| {
            let (around, down, _) = direction(centre, *place);
            (from_front(around), down)
        };
        let mut line_angles: Vec<(f64, f64)> = line.iter().map(angles).collect();
        line_angles.sort_by(|a, b| a.0.total_cmp(&b.0));
        let level = 0.5 * (head.landmark(Landmark::TragusLeft).y + head.landmark(Landmark::TragusRight).y);
        let [side, back] = HEIGHTS_MM;
        let border = directions().map(|around| {
            let behind = smooth(0.5 - (around - 180.0).abs() / 90.0);
            at_height(head, around, level + side + (back - side) * behind)
        });
        Self { centre, border: border.collect(), line, line_angles }
    }

    /// How far hair at a point of the scalp takes part in the thinning: 0 outside the area, 1 well inside.
    #[must_use]
    pub fn share(&self, place: DVec3) -> f64 {
        let (around, down, radius) = direction(self.centre, place);
        if self.line_at(from_front(around)).is_some_and(|line| down > line) {
            return 0.0;
        }
        let at = around / EVERY_DEGREES;
        let (before, share) = (at as usize, at.fract());
        let border = |k: usize| self.border[k % self.border.len()];
        let edge = border(before) + (border(before + 1) - border(before)) * share;
        let behind_mm = self.line.iter().map(|point| point.distance(place)).fold(f64::INFINITY, f64::min);
        smooth((edge - down) * radius / FEATHER_MM) * smooth((behind_mm - BEHIND_LINE_MM) / FRONT_FEATHER_MM)
    }

    /// A closed outline around the area, and the width over which thinning sets in within it, mm.
    #[must_use]
    pub fn outline(&self, head: &Head) -> (Vec<SkinPoint>, f64) {
        let edge = |around: f64| {
            let (mut inside, mut outside) = (0.0, std::f64::consts::FRAC_PI_2);
            for _ in 0..20 {
                let middle = 0.5 * (inside + outside);
                let is_in = self.share(on_scalp(head, around, middle)) > EDGE_SHARE;
                if is_in { inside = middle } else { outside = middle }
            }
            on_scalp(head, around, inside).to_array()
        };
        // Every second direction is enough for a smooth line.
        (directions().step_by(2).map(edge).collect(), FRONT_FEATHER_MM)
    }

    /// The hairline's angle from the vertical, rad, at an azimuth from -180 to 180 degrees; `None` beside it.
    fn line_at(&self, around: f64) -> Option<f64> {
        let next = self.line_angles.iter().position(|(at, _)| *at >= around)?;
        let ((from, a), (to, b)) = (*self.line_angles.get(next.checked_sub(1)?)?, self.line_angles[next]);
        let share = if to > from { (around - from) / (to - from) } else { 1.0 };
        Some(a + (b - a) * share)
    }
}

/// Azimuths, degrees.
fn directions() -> impl Iterator<Item = f64> {
    (0..(360.0 / EVERY_DEGREES) as u32).map(|step| EVERY_DEGREES * f64::from(step))
}

/// An azimuth from 0 to 360 degrees as one from -180 to 180.
fn from_front(around: f64) -> f64 {
    if around > 180.0 { around - 360.0 } else { around }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::path;
    use crate::plan::Plan;
    use crate::plan::recession::LUDWIG;
    use crate::plan::treatment::Treatment;

    #[test]
    fn hair_thins_on_top_and_stays_as_a_fringe_and_at_the_sides() {
        let head = Head::average();
        let plan = Plan::for_treatment(Treatment::Density, None, &head);
        let thinning = Thinning::new(&head, &plan.hairline);
        for point in plan.hairline.line(&head) {
            assert_eq!(thinning.share(point.position), 0.0, "the hairline stays");
        }
        let front = plan.hairline.mid_frontal(&head).position;
        let behind = |mm: f64| {
            let walked = path::walk(&head.cranium, front, DVec3::new(0.0, 1.0, -1.0), mm);
            thinning.share(walked.last().unwrap().position)
        };
        assert!(behind(8.0) < 0.01 && (0.3..0.7).contains(&behind(20.0)) && behind(34.0) > 0.98, "{}", behind(20.0));
        assert!(thinning.share(on_scalp(&head, 0.0, 0.0)) > 0.99, "the top thins");
        let level = head.landmark(Landmark::TragusLeft).y;
        for around in [90.0, 180.0, 270.0] {
            assert_eq!(
                thinning.share(on_scalp(&head, around, at_height(&head, around, level + 50.0))),
                0.0,
                "{around}"
            );
        }
        // All around, thinning decreases away from the top; at the temples it is as good as nothing in front of the
        // line.
        for around in (0..72).map(|k| 5.0 * f64::from(k)) {
            let shares: Vec<f64> =
                (0..40).map(|k| thinning.share(on_scalp(&head, around, 0.05 * f64::from(k)))).collect();
            assert!(shares.windows(2).all(|pair| pair[1] <= pair[0] + 0.01), "{around}: {shares:?}");
        }
    }

    #[test]
    fn the_outline_holds_the_thinning() {
        let head = Head::average();
        let plan = Plan::for_treatment(Treatment::Density, None, &head);
        let thinning = Thinning::new(&head, &plan.hairline);
        let (outline, _) = thinning.outline(&head);
        assert!(outline.iter().all(|point| (0.02..0.1).contains(&thinning.share(DVec3::from(*point)))));
    }

    #[test]
    fn each_grade_leaves_less_hair() {
        let layers: Vec<f64> = LUDWIG.into_iter().filter_map(Class::layers).collect();
        assert!(layers.len() == 3 && layers[0] < FULL_LAYERS && layers.windows(2).all(|pair| pair[1] < pair[0]));
    }
}
