//! How pigment in skin looks, how that changes with time, and which pigment, needles and dilutions give a wanted look.

pub mod calibration;
pub mod healing;
pub mod offer;
pub mod optics;
pub mod own_hair;
pub mod redness;
pub mod settings;
pub mod shade;

use crate::follicles::dots::Dot;
use crate::ground::colour::LUMINANCE;
use healing::Course;
use optics::{Optics, PigmentColumn};

/// One Gaussian loss of light.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GaussianLoss {
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
    pub spots: [GaussianLoss; 3],
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
        let peak =
            |spot: &GaussianLoss, c: usize| spot.loss_mm2[c] / (std::f64::consts::TAU * spot.sigma_mm * spot.sigma_mm);
        std::array::from_fn(|c| self.spots.iter().map(|spot| (1.0 - peak(spot, c)).max(0.0)).product())
    }

    /// The appearance as it is to be drawn into a photo whose lens and pixels blur by `blur_mm` and whose colours are
    /// blurred by `colour_mm` (standard deviations along the skin; the lens blurs it afterwards), among `crowd_per_mm2`
    /// such dots, so that it takes as much light as the sharp one. Losses do not add where they overlap, and blur changes
    /// what does: it pulls the core out of the halo and pushes dots into each other. Without this a small photo would not
    /// be as dark as a large one of the same skin.
    #[must_use]
    pub fn photographed(&self, colour_mm: f64, blur_mm: f64, crowd_per_mm2: f64) -> Self {
        let mut coarse = self.in_coarse_colour(colour_mm);
        let (sharp, blurred) = (self.lost_mm2(0.0, crowd_per_mm2), coarse.lost_mm2(blur_mm * blur_mm, crowd_per_mm2));
        for spot in &mut coarse.spots {
            for c in 0..3 {
                if sharp[c] > 0.0 && blurred[c] > 0.0 {
                    spot.loss_mm2[c] *= sharp[c] / blurred[c];
                }
            }
        }
        coarse
    }

    /// The appearance to a camera that resolves colour no finer than this.
    ///
    /// Sensors see one colour a pixel, processors smooth colour against noise, and JPEG stores it for 2 x 2 px: what is
    /// fine is told by brightness alone. So what the core takes more of one colour than of all goes into what surrounds it,
    /// and what that takes more into the far halo, as far as each is finer than colour is resolved. By itself a dot takes
    /// most of red light, and would look blue; in photographs single dots are grey (0.31, 0.41 and 0.51 deep in red, green
    /// and blue in the sharpest one), and only the area is cooler.
    fn in_coarse_colour(&self, colour_mm: f64) -> Self {
        let mut coarse = *self;
        // From the core to what surrounds it, and from there to the far halo.
        for of in 0..2 {
            let [fine, wide] = [of, of + 1].map(|k| coarse.spots[k]);
            let (colour_mm2, fine_mm2) = (colour_mm * colour_mm, fine.sigma_mm * fine.sigma_mm);
            // The core as good as vanishes in the blur; of the others so much goes on that they are blurred by as much, and
            // no more.
            let room_mm2 = if of == 0 { colour_mm2 + fine_mm2 } else { wide.sigma_mm * wide.sigma_mm - fine_mm2 };
            let share = if room_mm2 > 0.0 { (colour_mm2 / room_mm2).min(1.0) } else { 0.0 };
            let grey_mm2: f64 = (0..3).map(|c| LUMINANCE[c] * fine.loss_mm2[c]).sum();
            for c in 0..3 {
                let excess_mm2 = (share * (fine.loss_mm2[c] - grey_mm2)).max(-wide.loss_mm2[c]);
                coarse.spots[of].loss_mm2[c] -= excess_mm2;
                coarse.spots[of + 1].loss_mm2[c] += excess_mm2;
            }
        }
        coarse
    }

    /// Light that a dot of an even field takes, mm2, to the second order, with `blur_mm2` added to each variance.
    ///
    /// Two spots of one dot overlap by an integral of two Gaussians. Those of different dots overlap with all around but as
    /// far as dots avoid each other ([`avoided`]).
    fn lost_mm2(&self, blur_mm2: f64, crowd_per_mm2: f64) -> [f64; 3] {
        let variances = self.spots.map(|spot| spot.sigma_mm * spot.sigma_mm + blur_mm2);
        let mut lost = self.loss_mm2();
        for j in 0..3 {
            for k in j..3 {
                let own = overlap_per_mm2(variances[j] + variances[k]);
                let of_others =
                    if crowd_per_mm2 > 0.0 { crowd_per_mm2 * (1.0 - avoided(own / crowd_per_mm2)) } else { 0.0 };
                let twice = if j == k { 0.5 * of_others } else { own + of_others };
                for (c, lost) in lost.iter_mut().enumerate() {
                    *lost -= twice * self.spots[j].loss_mm2[c] * self.spots[k].loss_mm2[c];
                }
            }
        }
        lost
    }
}

/// Of the overlap of two Gaussians of one middle, per dot and its skin, the share that does not happen between dots since
/// they keep their distance.
///
/// Dots keep at least 0.70 of the spacing of the densest packing, and most of them a little more: none is within
/// `sqrt(0.60 / n)` of another. Those that are missing there, all but the dot itself, stand in a ring around it, at
/// `sqrt(0.85 / n)` (both assumed, within what such sets have).
fn avoided(overlap: f64) -> f64 {
    const HOLE: f64 = 0.60 * std::f64::consts::PI;
    const RING: f64 = 0.85 * std::f64::consts::PI;
    1.0 - libm::exp(-HOLE * overlap) - (HOLE - 1.0) * overlap * libm::exp(-RING * overlap)
}

/// Integral of the product of two Gaussians of one middle, whose variances have this sum, per mm2.
fn overlap_per_mm2(variance_mm2: f64) -> f64 {
    1.0 / (std::f64::consts::TAU * variance_mm2)
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
    optics.appearance(&PigmentColumn {
        diameter_mm: dot.diameter_mm * course.diameter(age_days),
        depth_mm,
        height_mm,
        absorption_per_mm: std::array::from_fn(|c| dot.absorption_per_mm[c] * left[c]),
        spread_mm: course.spread_mm(age_days, depth_mm + 0.5 * height_mm),
        crowd_per_mm2,
    })
}
