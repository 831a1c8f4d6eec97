//! Hair that may still be lost: how far the hair of the sides and the back goes down from one Norwood class to the next.
//!
//! Norwood (1975) describes classes in words: in class V the bridge between front and crown is narrow, in VI it is gone, in VII a
//! low horseshoe is left, just above the ears and across the occiput. Heights are a proposal of this program that fits those
//! words (grade P); nobody can say how far one client's hair will go.
//!
//! A border is told by its direction from the middle of the head: how far around, and how far down from the vertical. Only hair
//! of the sides and the back is spoken of: that is where shaved hair is found in photos, and what pigment on top can be left
//! alone by, an island.

use glam::DVec3;

use super::curve::SkinPoint;
use crate::head::Head;
use crate::head::landmarks::Landmark;

/// A class of hair loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The bridge between front and crown is narrow.
    Norwood5,
    /// It is gone.
    Norwood6,
    /// A low horseshoe is left.
    Norwood7,
}

/// All classes, the least loss first.
pub const CLASSES: [Class; 3] = [Class::Norwood5, Class::Norwood6, Class::Norwood7];

/// Loss of less than this is none that anybody would see, mm in the mean of all directions.
const LEAST_MM: f64 = 6.0;
/// Directions that are looked at, degrees.
const EVERY_DEGREES: f64 = 4.0;
/// What is left reaches this far below ears and nape, degrees, as no plan does.
const BELOW_DEGREES: f64 = 138.0;

impl Class {
    /// Its name, as prices and commands have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Norwood5 => "norwood-5",
            Self::Norwood6 => "norwood-6",
            Self::Norwood7 => "norwood-7",
        }
    }

    /// Its name as people write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Norwood5 => "Norwood V",
            Self::Norwood6 => "Norwood VI",
            Self::Norwood7 => "Norwood VII",
        }
    }

    /// The class of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        CLASSES.into_iter().find(|class| class.name() == name)
    }

    /// Height of the border above the tragi's level, mm: at the sides, and at the back.
    fn heights_mm(self) -> [f64; 2] {
        match self {
            Self::Norwood5 => [88.0, 78.0],
            Self::Norwood6 => [70.0, 58.0],
            Self::Norwood7 => [48.0, 28.0],
        }
    }
}

/// A border in one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Direction {
    /// Degrees from the front to the subject's left, 0 to 360.
    around: f64,
    /// Angle of the border from the vertical now, and once hair is lost.
    now: f64,
    then: f64,
}

/// Hair of the sides and the back that goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Recession {
    /// How far it goes.
    pub class: Class,
    centre: DVec3,
    directions: Vec<Direction>,
    blend_mm: f64,
}

fn direction(centre: DVec3, place: DVec3) -> (f64, f64, f64) {
    let offset = place - centre;
    let radius = offset.length().max(1e-9);
    let around = libm::atan2(offset.x, offset.z).to_degrees().rem_euclid(360.0);
    (around, libm::acos((offset.y / radius).clamp(-1.0, 1.0)), radius)
}

/// 0 below -1/2, 1 above 1/2, smooth between.
fn smooth(t: f64) -> f64 {
    let t = (t + 0.5).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

impl Recession {
    /// What goes until the class is reached of hair with this upper border, which runs from the right temple around the back to the
    /// left one, and thins out over `blend_mm`. None where the hair ends as low already.
    #[must_use]
    pub fn new(head: &Head, border: &[SkinPoint], blend_mm: f64, class: Class) -> Option<Self> {
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
        let [side, back] = class.heights_mm();
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

    /// How far the border goes down, mm, in the mean of all directions.
    fn mean_mm(&self, head: &Head) -> f64 {
        let step = |d: &Direction| {
            let [now, then] = [d.now, d.then].map(|down| on_scalp(head, d.around, down));
            now.distance(then)
        };
        self.directions.iter().map(step).sum::<f64>() / self.directions.len().max(1) as f64
    }

    /// Hair at a place of the scalp, as a share of full hair: now, and once it is lost.
    #[must_use]
    pub fn hair(&self, place: DVec3) -> [f64; 2] {
        let (around, down, radius) = direction(self.centre, place);
        let (Some(first), Some(last)) = (self.directions.first(), self.directions.last()) else { return [0.0; 2] };
        // It thins out towards the face, too.
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

    /// A closed line around the hair that is left and not thinner than all of it: what a mask keeps free.
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

/// A place of the scalp: degrees around from the front to the subject's left, angle from the vertical.
fn on_scalp(head: &Head, around: f64, down: f64) -> DVec3 {
    let ((sin_around, cos_around), (sin_down, cos_down)) = (libm::sincos(around.to_radians()), libm::sincos(down));
    head.cranium.at(DVec3::new(sin_down * sin_around, cos_down, sin_down * cos_around)).position
}

/// The angle from the vertical at which the scalp is as high as this, in a direction.
fn at_height(head: &Head, around: f64, y: f64) -> f64 {
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
    fn hair_goes_from_above_and_only_what_is_there() {
        let head = Head::average();
        let border = border(&head, 95.0);
        let level = head.landmark(Landmark::TragusLeft).y;
        let all: Vec<Recession> =
            CLASSES.iter().map(|class| Recession::new(&head, &border, 12.0, *class).unwrap()).collect();
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
    fn hair_that_is_as_low_already_cannot_go_there() {
        let head = Head::average();
        assert!(Recession::new(&head, &border(&head, 30.0), 12.0, Class::Norwood7).is_none());
        assert!(Recession::new(&head, &border(&head, 60.0), 12.0, Class::Norwood6).is_none());
        assert!(Recession::new(&head, &border(&head, 60.0), 12.0, Class::Norwood7).is_some());
        assert!(Recession::new(&head, &[], 12.0, Class::Norwood7).is_none());
    }

    #[test]
    fn classes_are_known_by_their_names() {
        for class in CLASSES {
            assert_eq!(Class::from_name(class.name()), Some(class));
        }
        assert_eq!(Class::from_name("ludwig-2"), None);
    }
}
