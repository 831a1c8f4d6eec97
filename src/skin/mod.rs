//! How pigment in skin looks, and how that changes with time.

pub mod calibrate;
pub mod healing;
pub mod optics;
pub mod redness;
pub mod seen;
pub mod settings;
pub mod shade;
pub mod tissue;
pub mod tone;

use crate::follicles::dots::Dot;
use healing::Course;
use optics::{Optics, Pigment};

/// One Gaussian loss of light.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spot {
    /// Standard deviation, mm along the skin.
    pub sigma_mm: f64,
    /// Black skin that would take as much light, mm2: red, green, blue.
    pub loss_mm2: [f64; 3],
}

/// What one dot does to the light that comes back from the skin: Gaussian losses on one centre, whose transmittances
/// multiply.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Appearance {
    /// The core, what surrounds it, and the far halo.
    pub spots: [Spot; 3],
}

impl Appearance {
    /// Black skin that would take as much light, mm2, as far as losses do not overlap: red, green, blue.
    #[must_use]
    pub fn loss_mm2(&self) -> [f64; 3] {
        std::array::from_fn(|c| self.spots.iter().map(|spot| spot.loss_mm2[c]).sum())
    }

    /// Share of the light that is left in its very middle, with nothing else around: red, green, blue.
    #[must_use]
    pub fn left_in_middle(&self) -> [f64; 3] {
        let peak = |spot: &Spot, c: usize| spot.loss_mm2[c] / (std::f64::consts::TAU * spot.sigma_mm * spot.sigma_mm);
        std::array::from_fn(|c| self.spots.iter().map(|spot| (1.0 - peak(spot, c)).max(0.0)).product())
    }

    /// The appearance to be blurred by a lens and by pixels, a standard deviation in mm, among `crowd_per_mm2` such dots,
    /// so that it takes as much light as the sharp one. Losses do not add where they overlap, and blur changes
    /// what does: it pulls the core out of the halo and pushes dots into each other. Without this a small photo
    /// would not be as dark as a large one of the same skin.
    #[must_use]
    pub fn before_blur(mut self, blur_mm: f64, crowd_per_mm2: f64) -> Self {
        let (sharp, blurred) = (self.lost_mm2(0.0, crowd_per_mm2), self.lost_mm2(blur_mm * blur_mm, crowd_per_mm2));
        for spot in &mut self.spots {
            for c in 0..3 {
                if sharp[c] > 0.0 && blurred[c] > 0.0 {
                    spot.loss_mm2[c] *= sharp[c] / blurred[c];
                }
            }
        }
        self
    }

    /// Light that a dot of an even field takes, mm2, to the second order, with `blur_mm2` added to each variance.
    ///
    /// Two spots of one dot overlap by an integral of two Gaussians. Spots of different dots avoid each other; wide ones
    /// feel an even ground of `crowd_per_mm2`, of which their own dot is a part.
    fn lost_mm2(&self, blur_mm2: f64, crowd_per_mm2: f64) -> [f64; 3] {
        let variances = self.spots.map(|spot| spot.sigma_mm * spot.sigma_mm + blur_mm2);
        std::array::from_fn(|c| {
            let mut lost = 0.0;
            for (j, spot) in self.spots.iter().enumerate() {
                let loss = spot.loss_mm2[c];
                let own = 1.0 / (std::f64::consts::TAU * 2.0 * variances[j]);
                lost += loss - 0.5 * loss * loss * (crowd_per_mm2 - own).max(0.0);
                for (k, other) in self.spots.iter().enumerate().skip(j + 1) {
                    let own = 1.0 / (std::f64::consts::TAU * (variances[j] + variances[k]));
                    lost -= loss * other.loss_mm2[c] * own.max(crowd_per_mm2);
                }
            }
            lost
        })
    }
}

/// A dot `age_days` after it was placed, among `crowd_per_mm2` others of its kind: what its pigment has become takes light.
#[must_use]
pub fn appearance(
    dot: &Dot,
    age_days: f64,
    in_scar: bool,
    crowd_per_mm2: f64,
    course: &Course,
    optics: &Optics,
) -> Appearance {
    let left = course.absorption(age_days, in_scar);
    let (depth_mm, height_mm) = course.column_mm(age_days, dot.depth_mm, dot.height_mm);
    optics.appearance(&Pigment {
        diameter_mm: dot.diameter_mm * course.diameter(age_days),
        depth_mm,
        height_mm,
        absorption_per_mm: std::array::from_fn(|c| dot.absorption_per_mm[c] * left[c]),
        spread_mm: course.spread_mm(age_days, depth_mm + 0.5 * height_mm),
        crowd_per_mm2,
    })
}
