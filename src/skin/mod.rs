//! How pigment in skin looks, how that changes with time, and which pigment, needles and dilutions give a wanted look.

pub mod calibration;
pub mod healing;
pub mod laser;
pub mod offer;
pub mod optics;
pub mod own_hair;
pub mod redness;
pub mod settings;
pub mod shade;

use crate::follicles::dots::Dot;
use crate::ground::points::hexagonal_spacing_mm;
use healing::Course;
use optics::{Optics, PigmentColumn};

/// Weights of red, green and blue sample values in the luma that cameras and JPEG files keep sharp (ITU-R BT.601).
const LUMA: [f64; 3] = [0.299, 0.587, 0.114];
/// Sample values go about as this root of light: sRGB's curve, on the whole.
const ENCODING_GAMMA: f64 = 2.2;

/// Untreated skin as a photo shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BareSkin {
    /// Linear, of any exposure: red, green, blue.
    light: [f64; 3],
    /// What of it was in the skin, and can be taken.
    diffuse: [f64; 3],
}

impl BareSkin {
    /// Skin of this light (linear, of any exposure), of which so much was mirrored by its surface.
    #[must_use]
    pub fn new(light: [f64; 3], specular: f64) -> Self {
        /// Where the estimates leave less than this share in the skin, they are wrong.
        const LEAST_IN_SKIN: f64 = 0.1;
        let light = light.map(|light| light.max(1e-6));
        Self { light, diffuse: light.map(|light| (light - specular).max(LEAST_IN_SKIN * light)) }
    }

    /// Shares of the light in the skin that are lost where the sample values of all channels fall alike, and luma falls as it
    /// does where these shares are lost: as far as the channel that is lowest can.
    fn lost_alike(&self, lost: [f64; 3]) -> [f64; 3] {
        /// No dot takes all of the light of a channel. Where the lowest has no more to lose, the others go on for as much as
        /// in photographs, where dots are no bluer for it.
        const MOST: f64 = 0.98;
        const BEYOND: f64 = 1.25;
        let value = |light: f64| libm::pow(light, 1.0 / ENCODING_GAMMA);
        let fall = |c: usize, lost: f64| value(self.light[c]) - value(self.light[c] - lost.min(MOST) * self.diffuse[c]);
        let luma = (0..3).map(|c| LUMA[c] * fall(c, lost[c])).sum::<f64>();
        let fall = (0..3).map(|c| BEYOND * fall(c, MOST)).fold(luma, f64::min);
        std::array::from_fn(|c| {
            let left = libm::pow((value(self.light[c]) - fall).max(0.0), ENCODING_GAMMA);
            (self.light[c] - left) / self.diffuse[c]
        })
    }
}

/// One Gaussian loss of light.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GaussianLoss {
    /// Standard deviation, mm along the skin.
    pub sigma_mm: f64,
    /// Black skin that would take as much light, mm2: red, green, blue. Below zero where a photo shows more light of a colour
    /// than there was ([`Appearance::photographed`]).
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

    /// The appearance as it is to be drawn into a photo of this skin, whose lens and pixels blur by `blur_mm` and whose colours
    /// are blurred by `colour_mm` (standard deviations along the skin; the lens blurs it afterwards), among such dots, so that
    /// it takes as much light as the sharp one. Losses do not add where they overlap, and blur changes what does: it pulls the
    /// core out of the halo and pushes dots into each other. Without this a small photo would not be as dark as a large one of
    /// the same skin.
    #[must_use]
    pub fn photographed(&self, bare: &BareSkin, colour_mm: f64, blur_mm: f64, among: Neighbours) -> Self {
        let mut coarse = self.in_coarse_colour(bare, colour_mm, blur_mm);
        let sharp = self.taken_mm2(0.0, among);
        let blurred = coarse.taken_mm2(blur_mm * blur_mm, among);
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
    /// fine is seen by brightness alone. All of that happens to encoded values, as luma and differences of colour: where a
    /// fine dot takes its luma from skin, red, green and blue sample values fall by the same amount. That is exactly what
    /// photographs of real work show: in all of nine, from light to brown skin, structure finer than a millimetre has slopes of
    /// 1.00 between the sample values of all channels, within 0.03. So a dot takes a larger share of the channel that is lower
    /// to begin with, and looks like a deeper tone of the skin around it; by itself it takes most of red light and would look
    /// blue. What the core takes more or less of a colour goes into what surrounds it, and from there into the far halo, as far
    /// as each is finer than colour is resolved: the area stays as cool as it is, and the skin between dots is cooler than it
    /// was, in photographs as here, to the point that there is more blue light than before.
    fn in_coarse_colour(&self, bare: &BareSkin, colour_mm: f64, blur_mm: f64) -> Self {
        let mut coarse = *self;
        // From the core to what surrounds it, and from there to the far halo.
        for of in 0..2 {
            let fine = coarse.spots[of];
            let (colour_mm2, fine_mm2) = (colour_mm * colour_mm, fine.sigma_mm * fine.sigma_mm);
            // What a blur leaves of a Gaussian's height.
            let share = colour_mm2 / (colour_mm2 + fine_mm2);
            // What the middle of a spot loses, as blurred as it is.
            let peak_mm2 = std::f64::consts::TAU * (fine_mm2 + blur_mm * blur_mm);
            let seen = bare.lost_alike(fine.loss_mm2.map(|loss_mm2| loss_mm2 / peak_mm2));
            for (c, seen) in seen.into_iter().enumerate() {
                let seen_mm2 = seen * peak_mm2;
                let excess_mm2 = share * (fine.loss_mm2[c] - seen_mm2);
                coarse.spots[of].loss_mm2[c] -= excess_mm2;
                coarse.spots[of + 1].loss_mm2[c] += excess_mm2;
            }
        }
        coarse
    }

    /// Light that a dot takes in an even field of such dots, `n` per mm2, with `blur_mm2` added to each variance: an area, `a`
    /// mm2, of which the field leaves `exp(-n a)`.
    ///
    /// Of dots strewn at random that is exact. Two spots of one dot overlap in it, by an integral of two Gaussians. Dots that
    /// keep their distance overlap less with others than strewn ones and so take more ([`Neighbours`], to the second cumulant).
    fn taken_mm2(&self, blur_mm2: f64, among: Neighbours) -> [f64; 3] {
        let variances = self.spots.map(|spot| spot.sigma_mm * spot.sigma_mm + blur_mm2);
        let mut taken = self.loss_mm2();
        for j in 0..3 {
            for k in j..3 {
                let own = overlap_per_mm2(variances[j] + variances[k]);
                // Others are as usual: what this dot takes itself is as much more or less than that.
                let missed = among.missed_per_mm2(variances[j] + variances[k]) / among.variety.max(1.0);
                let twice = if j == k { -0.5 * missed } else { own - missed };
                for (c, taken) in taken.iter_mut().enumerate() {
                    *taken -= twice * self.spots[j].loss_mm2[c] * self.spots[k].loss_mm2[c];
                }
            }
        }
        taken
    }
}

/// The dots among which a dot stands.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Neighbours {
    /// How many, per mm2.
    pub per_mm2: f64,
    /// Variance of how far they lie off even places, mm2 in each direction.
    pub stray_mm2: f64,
    /// Mean square of what they take, over the square of its mean: 1 where all are alike.
    pub variety: f64,
}

impl Neighbours {
    /// Dots of which a plan asks for so many per cm2, when this share of them stands, and which stray from even places by
    /// `randomness` of their spacing, and differ in size by `size_jitter` (standard deviation of the logarithm).
    #[must_use]
    pub fn of(density_per_cm2: f64, standing: f64, randomness: f64, size_jitter: f64) -> Self {
        /// What a dot takes goes about as this power of its diameter; and what depth and load add (both by the optics of
        /// usual dots).
        const BY_DIAMETER: f64 = 1.3;
        const BY_DEPTH_AND_LOAD: f64 = 0.06;
        let stray_mm = randomness * hexagonal_spacing_mm(density_per_cm2);
        let spread = BY_DIAMETER * size_jitter;
        Self {
            per_mm2: 0.01 * density_per_cm2 * standing,
            stray_mm2: stray_mm * stray_mm,
            variety: libm::exp(spread * spread) + BY_DEPTH_AND_LOAD,
        }
    }

    /// Dots that are missing around a dot, as they keep their distance, compared with dots strewn at random: those that
    /// Gaussians of two dots, whose variances have this sum, would overlap with.
    ///
    /// Of the overlap per dot and its own skin, the share that does not happen was fitted to the even sets of this program, of
    /// 105 dots per cm2 on six heads' tops: within 0.003 for sums of variances from 0.05 to 3 mm2. Two dots that stray blur
    /// their distance by twice the variance of one.
    fn missed_per_mm2(self, variance_mm2: f64) -> f64 {
        const HOLE: f64 = 3.70;
        const RING: f64 = 2.54;
        const FAR: f64 = 0.883;
        if self.per_mm2 <= 0.0 {
            return 0.0;
        }
        let overlap = overlap_per_mm2(variance_mm2 + 2.0 * self.stray_mm2) / self.per_mm2;
        let share = 1.0 - libm::exp(-HOLE * overlap) - (HOLE - FAR) * overlap * libm::exp(-RING * overlap);
        self.per_mm2 * share
    }
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
