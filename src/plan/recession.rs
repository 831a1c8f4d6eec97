//! Hair that may still be lost: how far the hair at the sides and back recedes from one Norwood class to the next.
//!
//! Norwood (1975) describes the classes in words: in class V the bridge between front and crown is narrow, in VI it is
//! gone, in VII a low horseshoe is left, just above the ears and across the occiput. The heights are this program's
//! proposal to match those words (grade P); nobody can say how far a client's hair will recede.
//!
//! A border is given by directions from the middle of the head: the azimuth, and the angle down from the vertical. Only
//! hair at the sides and back is considered: that is where photos show shaved hair, and hair that recedes there can
//! leave the pigment on top as an island.

use glam::DVec3;

use super::curve::SkinPoint;
use crate::ground::numbers::smoothstep;
use crate::head::Head;
use crate::head::landmarks::Landmark;

/// A class of hair loss: of men after Norwood, of women after Ludwig ([`super::thinning`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The bridge between front and crown is narrow.
    Norwood5,
    /// The bridge is gone.
    Norwood6,
    /// A low horseshoe is left.
    Norwood7,
    /// Thinning on the crown is perceptible.
    Ludwig1,
    /// Hair on the crown is pronouncedly rarer.
    Ludwig2,
    /// The crown is bald.
    Ludwig3,
}

/// Norwood's classes, the least loss first.
pub const NORWOOD: [Class; 3] = [Class::Norwood5, Class::Norwood6, Class::Norwood7];
/// Ludwig's grades, the least loss first.
pub const LUDWIG: [Class; 3] = [Class::Ludwig1, Class::Ludwig2, Class::Ludwig3];

/// Smallest visible loss, mm on average over all directions.
const LEAST_MM: f64 = 6.0;
/// Step between directions, degrees.
const EVERY_DEGREES: f64 = 4.0;
/// Lower edge of the remaining hair, degrees from the vertical: below ears and nape, where no plan reaches.
const BELOW_DEGREES: f64 = 138.0;

impl Class {
    /// Its name in prices and commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Norwood5 => "norwood-5",
            Self::Norwood6 => "norwood-6",
            Self::Norwood7 => "norwood-7",
            Self::Ludwig1 => "ludwig-1",
            Self::Ludwig2 => "ludwig-2",
            Self::Ludwig3 => "ludwig-3",
        }
    }

    /// Its name as people write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Norwood5 => "Norwood V",
            Self::Norwood6 => "Norwood VI",
            Self::Norwood7 => "Norwood VII",
            Self::Ludwig1 => "Ludwig I",
            Self::Ludwig2 => "Ludwig II",
            Self::Ludwig3 => "Ludwig III",
        }
    }

    /// The class with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        NORWOOD.into_iter().chain(LUDWIG).find(|class| class.name() == name)
    }

    /// Height of the border above the level of the tragi, mm: at the sides and at the back. `None` for Ludwig's grades:
    /// hair does not recede.
    fn heights_mm(self) -> Option<[f64; 2]> {
        match self {
            Self::Norwood5 => Some([88.0, 78.0]),
            Self::Norwood6 => Some([70.0, 58.0]),
            Self::Norwood7 => Some([48.0, 28.0]),
            Self::Ludwig1 | Self::Ludwig2 | Self::Ludwig3 => None,
        }
    }
}

/// The border in one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Direction {
    /// Azimuth, degrees from the front to the subject's left, 0 to 360.
    around: f64,
    /// Angle of the border from the vertical, rad, now and after the loss.
    now: f64,
    then: f64,
}

/// Loss of hair at the sides and back.
#[derive(Debug, Clone, PartialEq)]
pub struct Recession {
    /// The class reached.
    pub class: Class,
    centre: DVec3,
    directions: Vec<Direction>,
    blend_mm: f64,
}

/// The direction of a place from the middle of the head: azimuth, degrees from the front to the subject's left, 0 to
/// 360; angle from the vertical, rad; and distance, mm.
pub(super) fn direction(centre: DVec3, place: DVec3) -> (f64, f64, f64) {
    let offset = place - centre;
    let radius = offset.length().max(1e-9);
    let around = libm::atan2(offset.x, offset.z).to_degrees().rem_euclid(360.0);
    (around, libm::acos((offset.y / radius).clamp(-1.0, 1.0)), radius)
}

/// A smooth step: 0 below -1/2, 1 above 1/2.
pub(super) fn smooth(t: f64) -> f64 {
    smoothstep(t + 0.5)
}

impl Recession {
    /// The loss until the class is reached. `border` is the hair's present upper border, from the right temple around
    /// the back to the left one; the hair thins out over `blend_mm`. `None` if the hair already ends as low, and for
    /// Ludwig's grades.
    #[must_use]
    pub fn new(head: &Head, border: &[SkinPoint], blend_mm: f64, class: Class) -> Option<Self> {
        let [side, back] = class.heights_mm()?;
        let centre = head.cranium.centre;
        let mut now: Vec<(f64, f64)> = border
            .iter()
            .map(|point| {
                let (around, down, _) = direction(centre, DVec3::from(*point));
                (around, down)
            })
            .collect();
        now.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (first, last) = (now.first()?.0, now.last()?.0);
        let level = 0.5 * (head.landmark(Landmark::TragusLeft).y + head.landmark(Landmark::TragusRight).y);
        let mut directions = Vec::new();
        let mut around = first;
        while around <= last {
            let next = now.iter().position(|(at, _)| *at >= around).unwrap_or(now.len() - 1).max(1);
            let ((from, a), (to, b)) = (now[next - 1], now[next.min(now.len() - 1)]);
            let share = if to > from { ((around - from) / (to - from)).clamp(0.0, 1.0) } else { 1.0 };
            let standing = a + (b - a) * share;
            let behind = smooth(0.5 - (around - 180.0).abs() / 90.0);
            let lost = at_height(head, around, level + side + (back - side) * behind);
            directions.push(Direction { around, now: standing, then: standing.max(lost) });
            around += EVERY_DEGREES;
        }
        let recession = Self { class, centre, directions, blend_mm: blend_mm.max(1.0) };
        (recession.mean_mm(head) >= LEAST_MM).then_some(recession)
    }

    /// How far the border recedes, mm, on average over all directions.
    fn mean_mm(&self, head: &Head) -> f64 {
        let step = |d: &Direction| {
            let [now, then] = [d.now, d.then].map(|down| on_scalp(head, d.around, down));
            now.distance(then)
        };
        self.directions.iter().map(step).sum::<f64>() / self.directions.len().max(1) as f64
    }

    /// Hair density at a point of the scalp, as a share of full hair: now, and after the loss.
    #[must_use]
    pub fn hair(&self, place: DVec3) -> [f64; 2] {
        let (around, down, radius) = direction(self.centre, place);
        let (Some(first), Some(last)) = (self.directions.first(), self.directions.last()) else { return [0.0; 2] };
        // The hair thins out towards the face, too.
        let inside = (around - first.around).min(last.around - around).to_radians() * radius;
        let beside = smooth(inside / self.blend_mm - 0.5);
        let at = ((around - first.around) / EVERY_DEGREES).clamp(0.0, (self.directions.len() - 1) as f64);
        let before = (at as usize).min(self.directions.len().saturating_sub(2));
        let (a, b) = (&self.directions[before], &self.directions[(before + 1).min(self.directions.len() - 1)]);
        let share = at - before as f64;
        let hair = |border: f64| beside * smooth((down - border) * radius / self.blend_mm);
        let (now, then) = (a.now + (b.now - a.now) * share, a.then + (b.then - a.then) * share);
        [hair(now), hair(then)]
    }

    /// A closed outline around the remaining full hair, to be kept free by a mask.
    #[must_use]
    pub fn left(&self, head: &Head) -> Vec<SkinPoint> {
        let upper = self.directions.iter().rev().map(|d| {
            let inwards = 0.5 * self.blend_mm / head.cranium.axes.side.max(1.0);
            on_scalp(head, d.around, d.then + inwards).to_array()
        });
        let lower = self.directions.iter().map(|d| on_scalp(head, d.around, BELOW_DEGREES.to_radians()).to_array());
        upper.chain(lower).collect()
    }
}

/// The point of the scalp at this azimuth (degrees from the front to the subject's left) and angle from the vertical
/// (rad).
pub(super) fn on_scalp(head: &Head, around: f64, down: f64) -> DVec3 {
    let ((sin_around, cos_around), (sin_down, cos_down)) = (libm::sincos(around.to_radians()), libm::sincos(down));
    head.cranium.at(DVec3::new(sin_down * sin_around, cos_down, sin_down * cos_around)).position
}

/// The angle from the vertical at which the scalp has this height, at an azimuth.
pub(super) fn at_height(head: &Head, around: f64, y: f64) -> f64 {
    let (mut low, mut high) = (0.0, 0.8 * std::f64::consts::PI);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if on_scalp(head, around, middle).y > y { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn border(head: &Head, mm_above_tragus: f64) -> Vec<SkinPoint> {
        let level = head.landmark(Landmark::TragusLeft).y + mm_above_tragus;
        (0..28)
            .rev()
            .map(|k| 45.0 + 10.0 * f64::from(k))
            .map(|a| on_scalp(head, a, at_height(head, a, level)).to_array())
            .collect()
    }

    #[test]
    fn hair_recedes_from_above_and_never_grows() {
        let head = Head::average();
        let border = border(&head, 95.0);
        let level = head.landmark(Landmark::TragusLeft).y;
        let all: Vec<Recession> =
            NORWOOD.iter().map(|class| Recession::new(&head, &border, 12.0, *class).unwrap()).collect();
        let side = |mm: f64| on_scalp(&head, 90.0, at_height(&head, 90.0, level + mm));
        for recession in &all {
            assert!(recession.hair(side(115.0)) == [0.0, 0.0], "bare on top");
            let [now, then] = recession.hair(side(25.0));
            assert!(now > 0.99 && then > 0.99, "above the ears hair stays");
            assert_eq!(recession.hair(on_scalp(&head, 0.0, 1.2)), [0.0, 0.0], "none in the face");
            for mm in [30.0, 45.0, 60.0, 75.0, 90.0] {
                let [now, then] = recession.hair(side(mm));
                assert!(then <= now, "{mm}: {now} {then}");
            }
        }
        // Each class takes more than the one before.
        let at = side(60.0);
        let left: Vec<f64> = all.iter().map(|recession| recession.hair(at)[1]).collect();
        assert!(left[0] > 0.95 && left[2] < 0.05, "{left:?}");
        assert!(left.windows(2).all(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn hair_that_is_already_as_low_does_not_recede() {
        let head = Head::average();
        assert!(Recession::new(&head, &border(&head, 30.0), 12.0, Class::Norwood7).is_none());
        assert!(Recession::new(&head, &border(&head, 60.0), 12.0, Class::Norwood6).is_none());
        assert!(Recession::new(&head, &border(&head, 60.0), 12.0, Class::Norwood7).is_some());
        assert!(Recession::new(&head, &[], 12.0, Class::Norwood7).is_none());
    }

    #[test]
    fn classes_are_known_by_their_names() {
        for class in NORWOOD.into_iter().chain(LUDWIG) {
            assert_eq!(Class::from_name(class.name()), Some(class));
        }
        assert_eq!(Class::from_name("ludwig-2"), Some(Class::Ludwig2));
        assert_eq!(Class::from_name("ludwig-4"), None);
    }
}
