//! How pigment in skin looks, and how that changes with time.

pub mod healing;
pub mod optics;
pub mod redness;
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

    /// The appearance to be blurred by a lens and by pixels, a standard deviation in mm, so that it takes as much light
    /// as the sharp one: blur pulls the core out of the halo, whose losses do not add where they overlap. Without
    /// this a small photo would look darker than a large one of the same skin.
    #[must_use]
    pub fn before_blur(mut self, blur_mm: f64) -> Self {
        let (sharp, blurred) = (self.lost_mm2(0.0), self.lost_mm2(blur_mm * blur_mm));
        for spot in &mut self.spots {
            for c in 0..3 {
                if blurred[c] > 0.0 {
                    spot.loss_mm2[c] *= sharp[c] / blurred[c];
                }
            }
        }
        self
    }

    /// Integral of 1 minus the product of the transmittances, mm2, with `blur_mm2` added to each variance.
    fn lost_mm2(&self, blur_mm2: f64) -> [f64; 3] {
        use std::f64::consts::TAU;
        let [a, b, c] = self.spots.map(|spot| spot.sigma_mm * spot.sigma_mm + blur_mm2);
        // Integrals of products of two and of three Gaussians.
        let (ab, ac, bc) = (1.0 / (TAU * (a + b)), 1.0 / (TAU * (a + c)), 1.0 / (TAU * (b + c)));
        let abc = 1.0 / (TAU * TAU * (a * b + a * c + b * c));
        std::array::from_fn(|channel| {
            let [a, b, c] = self.spots.map(|spot| spot.loss_mm2[channel]);
            a + b + c - a * b * ab - a * c * ac - b * c * bc + a * b * c * abc
        })
    }
}

/// A dot `age_days` after it was placed, among `crowd_per_mm2` others of its kind.
///
/// Its optical density is that of the fresh dot times what its course has left of it; its healed size, its depth and its
/// spread decide where that is lost.
#[must_use]
pub fn appearance(
    dot: &Dot,
    age_days: f64,
    in_scar: bool,
    crowd_per_mm2: f64,
    course: &Course,
    optics: &Optics,
) -> Appearance {
    let placed = Pigment {
        diameter_mm: dot.diameter_mm,
        depth_mm: dot.depth_mm,
        absorption_per_mm: dot.absorption_per_mm,
        spread_mm: 0.0,
        crowd_per_mm2,
    };
    let lies = Pigment {
        diameter_mm: dot.diameter_mm * course.diameter(age_days),
        spread_mm: course.spread_mm(age_days, dot.depth_mm),
        ..placed
    };
    let (fresh, mut look) = (optics.appearance(&placed).loss_mm2(), optics.appearance(&lies));
    let (now, density) = (look.loss_mm2(), course.density(age_days, in_scar));
    for spot in &mut look.spots {
        for c in 0..3 {
            if now[c] > 0.0 {
                spot.loss_mm2[c] *= density[c] * fresh[c] / now[c];
            }
        }
    }
    look
}
