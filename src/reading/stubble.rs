//! The client's own shaved hair: dots per cm2, their width, spacing and colour, measured in a patch of a photo.
//!
//! Measured in optical densities of luminance, -ln of light: dots darken what the skin sends back by a factor, whatever
//! its shade. Dark spots that stand out from the variation in both directions are dots ([`find`]); then a mean profile,
//! places and strengths are fitted jointly to the patch ([`fit`]), so that touching dots are still counted as two.
//! Shading, highlights and anything else wider than a millimetre or so are filtered out beforehand. Specular light is
//! not separated: tones are those of the photo.
//!
//! What is measured is the dot as it looks on the skin, not the hair or the pigment below: light spreads in skin, so a
//! hair of 0.07 mm looks wider, and pigment of 0.15 mm looks two to four times as wide. See [`Stubble::diameter_mm`].
//!
//! Where nothing stands out, or dots cannot be separated, there is no result: see [`StubbleError`].
//!
//! Cost: some tenths of a second for a patch 12 mm across.

mod find;
mod fit;
mod patch_cells;

use glam::{DVec2, DVec3};

use super::sharpening::{PointSpread, Sharpening, fall_from_loss, loss_from_fall};
use super::tone::Tone;
use crate::ground::points::nearest_distances_mm;
use crate::ground::statistics::lower_quantile;
use crate::head::Head;
use crate::head::camera::{Camera, Footprint};
use crate::photo::Photo;
use find::Contrast;
use fit::{Dot, Fitted};
use patch_cells::{Grid, HighPass, PatchCells};

/// Standard deviation of a camera's blur, px, if it is unknown (assumed: a good lens and a demosaiced sensor).
pub(crate) const USUAL_BLUR_PX: f64 = 0.7;
/// Relative standard error of a blur (assumed).
const BLUR_ERROR: f64 = 0.1;
/// Least ratio of a dot's axes in the photo: skin seen more obliquely is not measured.
const MOST_OBLIQUE: f64 = 0.4;
/// Least spacing at which dots can be separated: in pixels, and in standard deviations of the blur.
const CLOSEST_PX: f64 = 3.0;
const CLOSEST_BLURS: f64 = 4.2;
/// Spacing of the densest hair that has to be countable, mm: 150 dots per cm2.
const DENSE_MM: f64 = 0.8;
/// Standard deviation of the filter that removes shading, mm.
const SHADING_MM: f64 = 1.2;
/// Margins around the patch, mm, within which dots are fitted, are searched for, and the photo is read: dots outside
/// reach into the patch.
const FITTED_MM: f64 = 0.5;
const SEARCHED_MM: f64 = 0.8;
const SEEN_MM: f64 = 1.4;
/// Least ratio of the typical dot to chance. Bare skin, with and without texture, reaches 1.43; dots of 35 % on dark
/// skin at 0.12 mm a pixel 1.64.
const LEAST_OVER_CHANCE: f64 = 1.55;
/// Most bright spots as strong as dots, per dot; more of them mean texture.
const MOST_BRIGHT_SHARE: f64 = 0.25;
/// The least ratio where dots are many and equally strong bright spots are rare; bare skin satisfies only one of these
/// two, at 1.40.
const LEAST_OVER_CHANCE_OF_MANY: f64 = 1.43;
const MANY_DOTS: usize = 60;
const FEW_BRIGHT: f64 = 0.03;
/// Least optical density in the middle of a dot of hair or pigment.
const LEAST_OPTICAL_DENSITY: f64 = 0.03;
/// Fewest dots that are stubble.
const FEWEST_DOTS: usize = 10;
/// Least share of a patch that must be on the head and in the photo.
const LEAST_SEEN: f64 = 0.7;
/// Squared full width at half maximum of a Gaussian over its variance: 8 ln 2.
pub(crate) const WIDTH2_PER_VARIANCE: f64 = 5.545_177_444_479_562;
/// Relative error of the method itself, of dots per cm2 and diameter, as measured on synthetic dots.
const METHOD_ERROR: f64 = 0.02;
/// Least standard deviation of the number of dots in a patch over its square root, however evenly they are spaced (as
/// synthetic dots are): over centimetres even regular dots vary.
const LEAST_UNEVEN: f64 = 0.5;
/// Coefficient of variation of nearest-neighbour distances of uniformly random points: sqrt(4 / pi - 1).
const RANDOM_VARIATION: f64 = 0.523;
/// Factor by which correlation of grain between pixels increases the error of a mean (assumed).
const GRAIN_CORRELATION: f64 = 1.5;

/// A round patch of skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patch {
    /// Middle, px of the upright photo.
    pub middle_px: DVec2,
    /// Radius along the skin, mm.
    pub radius_mm: f64,
}

/// What is known about a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhotoConditions {
    /// Blur and sharpening.
    pub spread: PointSpread,
    /// Relative standard error of the photo's scale.
    pub scale_error: f64,
}

impl Default for PhotoConditions {
    fn default() -> Self {
        Self { spread: PointSpread::blurred(USUAL_BLUR_PX), scale_error: 0.0 }
    }
}

/// A value with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error, in the same unit.
    pub standard_error: f64,
}

/// Shaved hair, or any other dots in skin.
#[derive(Debug, Clone, PartialEq)]
pub struct Stubble {
    /// Dots counted in the patch.
    pub dots: usize,
    /// Skin of the patch that is visible in the photo, cm2.
    pub area_cm2: f64,
    /// Dots per cm2; the standard error takes into account that the patch is only a sample of the skin around it.
    pub density_per_cm2: Estimate,
    /// Full width at half maximum of the typical dot's loss of light, at the surface of the skin, mm: corrected for the
    /// blur of camera and pixels, but not for the spread of light in skin. Half is between the dot's middle and the
    /// skin around it.
    pub diameter_mm: Estimate,
    /// Mean distance to the nearest neighbour, mm.
    pub spacing_mm: Estimate,
    /// Coefficient of variation of that distance: 0.1 is very even, 0.5 random.
    pub variation: f64,
    /// Middle of the typical dot, corrected for the camera's blur.
    pub dot: Tone,
    /// Its L*.
    pub dot_lightness: Estimate,
    /// Middle of the typical dot as the photo shows it.
    pub dot_in_photo: Tone,
    /// The skin between the dots.
    pub skin: Tone,
    /// Mean of the whole patch: what it looks like from far away.
    pub mean: Tone,
    /// Millimetres of skin per pixel, in the direction of strongest foreshortening.
    pub mm_per_px: f64,
    /// Standard deviation of the blur of camera and pixels, along the skin, mm.
    pub blur_mm: f64,
}

/// Why nothing was measured.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StubbleError {
    /// The place is not on the head, or too little of the patch is.
    #[error(
        "the patch is not on the head or not in the photo; choose a place farther from the edge, or use a smaller radius"
    )]
    OffTheHead,
    /// The skin faces away from the camera.
    #[error(
        "the skin there is turned {degrees:.0} degrees away from the camera; choose a photo that shows it more squarely"
    )]
    Oblique {
        /// Angle between the skin's normal and the direction of the camera.
        degrees: f64,
    },
    /// The dots are too close to be separated.
    #[error(
        "the photo is too coarse or too blurred to tell dots apart there, {mm_per_px:.2} mm of skin per pixel; only the mean \
         tone can be measured, L* {:.0}", .mean.lab()[0]
    )]
    Coarse {
        /// Millimetres of skin per pixel.
        mm_per_px: f64,
        /// Mean tone of the patch.
        mean: Tone,
    },
    /// No dots stand out.
    #[error("there is nothing to measure: no dots stand out from the skin's grain and texture there; its mean tone is L* {:.0}",
        .mean.lab()[0])]
    NoDots {
        /// Mean tone of the patch.
        mean: Tone,
    },
}

impl Stubble {
    /// Measures a patch.
    ///
    /// # Errors
    /// [`StubbleError`] where there are no dots, or they cannot be measured.
    pub fn measure(
        photo: &Photo,
        head: &Head,
        camera: &Camera,
        patch: Patch,
        conditions: PhotoConditions,
    ) -> Result<Self, StubbleError> {
        let (_, skin) = head.head_from_image(camera, patch.middle_px).ok_or(StubbleError::OffTheHead)?;
        if !head.visible(camera, &skin) {
            return Err(StubbleError::OffTheHead);
        }
        let footprint = camera.footprint(skin.position, skin.normal);
        let squareness = footprint.minor_px_per_mm / footprint.major_px_per_mm;
        if squareness < MOST_OBLIQUE {
            return Err(StubbleError::Oblique { degrees: libm::acos(squareness).to_degrees() });
        }
        let PhotoConditions { spread: PointSpread { blur_px, sharpening }, scale_error } = conditions;
        let cells = PatchCells::new(photo, patch.middle_px, footprint, blur_px, patch.radius_mm + SEEN_MM)
            .ok_or(StubbleError::OffTheHead)?;
        let disc = cells.disc(patch.radius_mm);
        let (area_mm2, share) = seen_mm2(&cells, &disc, patch.radius_mm, head, camera);
        if share < LEAST_SEEN {
            return Err(StubbleError::OffTheHead);
        }
        let mean = mean_tone(&cells, &disc);
        let mm_per_px = 1.0 / footprint.minor_px_per_mm;
        let closest_mm = CLOSEST_PX.max(CLOSEST_BLURS * blur_px) * mm_per_px;
        let coarse = StubbleError::Coarse { mm_per_px, mean };
        if closest_mm > DENSE_MM {
            return Err(coarse);
        }
        let none = StubbleError::NoDots { mean };
        let optical_density = cells.optical_density();
        let search = cells.disc(patch.radius_mm + SEARCHED_MM);
        let blur_cells = cells.blur_cells2.sqrt();
        let contrast = find::contrast(&optical_density, &search, blur_cells, cells.mm_per_cell())
            .filter(stands_out)
            .ok_or(none)?;
        let high_pass = HighPass::new(cells.disc(patch.radius_mm + FITTED_MM), SHADING_MM / cells.mm_per_cell());
        let fitted = fit::fit(&cells, &optical_density, &high_pass, &search, &contrast)
            .filter(|fitted| fitted.peak_optical_density >= LEAST_OPTICAL_DENSITY)
            .ok_or(none)?;
        let places = Places::of(&cells, &fitted, patch.radius_mm, head, camera);
        if places.inside.len() < FEWEST_DOTS {
            return Err(none);
        }
        let Some((spacing_mm, variation)) = places.spacing() else { return Err(none) };
        if spacing_mm < closest_mm {
            return Err(coarse);
        }
        let count = places.inside.len() as f64;
        let look = DotLook::of(&cells, &fitted, &sharpening, count, scale_error);
        let tones = Tones::of(&cells, &disc, &high_pass, &fitted);
        let faint = places.inside.iter().filter(|dot| dot.strength < 0.5).count() as f64;
        let uneven = count.sqrt() * (variation / RANDOM_VARIATION).clamp(LEAST_UNEVEN, 1.0);
        let per_cm2 = 100.0 / area_mm2;
        let relative = METHOD_ERROR.hypot(2.0 * scale_error).hypot(uneven.hypot(0.5 * faint) / count);
        let lightness = |peak: f64| tones.dot(peak).lab()[0];
        Ok(Self {
            dots: places.inside.len(),
            area_cm2: 0.01 * area_mm2,
            density_per_cm2: Estimate { value: count * per_cm2, standard_error: count * per_cm2 * relative },
            diameter_mm: look.diameter_mm,
            spacing_mm: Estimate {
                value: spacing_mm,
                standard_error: spacing_mm * scale_error.hypot(variation / count.sqrt()),
            },
            variation,
            dot: tones.dot(look.peak.value),
            dot_lightness: Estimate {
                value: lightness(look.peak.value),
                standard_error: 0.5
                    * (lightness(look.peak.value - look.peak.standard_error)
                        - lightness(look.peak.value + look.peak.standard_error)),
            },
            dot_in_photo: tones.dot(look.peak_in_photo),
            skin: tones.skin,
            mean,
            mm_per_px,
            blur_mm: cells.blur_cells2.sqrt() * cells.mm_per_cell(),
        })
    }
}

impl Stubble {
    /// The median of several patches, figure by figure. Tones are those of the patch with the median darkness; its mean
    /// tone is that of its skin, darkened by the median amount.
    #[must_use]
    pub(crate) fn middle_of(patches: &[Self]) -> Option<Self> {
        let middle = |value: &dyn Fn(&Self) -> f64| {
            let values: Vec<f64> = patches.iter().map(value).collect();
            lower_quantile(&values, 0.5)
        };
        // The standard errors of patches are independent, since each patch is a sample of the skin.
        let estimate = |of: &dyn Fn(&Self) -> Estimate| {
            Some(Estimate {
                value: middle(&|p| of(p).value)?,
                standard_error: middle(&|p| of(p).standard_error)? / (patches.len() as f64).sqrt(),
            })
        };
        let darkness = |p: &Self| p.mean.luminance() / p.skin.luminance().max(BLACKEST);
        let usual = middle(&darkness)?;
        let off = |p: &Self| (darkness(p) - usual).abs();
        let base = patches.iter().min_by(|a, b| off(a).total_cmp(&off(b)))?;
        let [red, green, blue] = [0, 1, 2].map(|c| middle(&move |p: &Self| p.mean.0[c] / p.skin.0[c].max(BLACKEST)));
        let left = [red?, green?, blue?];
        Some(Self {
            dots: patches.iter().map(|p| p.dots).sum(),
            area_cm2: patches.iter().map(|p| p.area_cm2).sum(),
            density_per_cm2: estimate(&|p| p.density_per_cm2)?,
            diameter_mm: estimate(&|p| p.diameter_mm)?,
            spacing_mm: estimate(&|p| p.spacing_mm)?,
            variation: middle(&|p| p.variation)?,
            mean: Tone(std::array::from_fn(|c| base.skin.0[c] * left[c])),
            ..base.clone()
        })
    }
}

/// A quick estimate of the dots in a patch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stipple {
    /// Light that they take together, in arbitrary units: only good for comparing how dense dots are. 0 where none
    /// stand out.
    pub taken: f64,
    /// How much the typical dot stands out; 0 where none do.
    pub typical: f64,
    /// How much bright spots stand out, which are not dots but glints and grain.
    pub bright: f64,
}

/// The dots in a patch; `None` where it cannot be examined. Much cheaper than [`Stubble::measure`].
pub(super) fn stipple(photo: &Photo, head: &Head, camera: &Camera, patch: Patch, blur_px: f64) -> Option<Stipple> {
    let (_, skin) = head.head_from_image(camera, patch.middle_px)?;
    let footprint = camera.footprint(skin.position, skin.normal);
    let closest_mm = CLOSEST_PX.max(CLOSEST_BLURS * blur_px) / footprint.minor_px_per_mm;
    if closest_mm > DENSE_MM {
        return None;
    }
    let cells = PatchCells::new(photo, patch.middle_px, footprint, blur_px, patch.radius_mm + FITTED_MM)?;
    let (optical_density, disc) = (cells.optical_density(), cells.disc(patch.radius_mm));
    let blur_cells = cells.blur_cells2.sqrt();
    let contrast = find::contrast(&optical_density, &disc, blur_cells, cells.mm_per_cell());
    let area_mm2 = std::f64::consts::PI * patch.radius_mm * patch.radius_mm;
    Some(match contrast.filter(stands_out) {
        Some(found) => Stipple {
            taken: found.typical * found.dots as f64 / area_mm2,
            typical: found.typical,
            bright: found.typical / found.over_chance,
        },
        None => Stipple { taken: 0.0, typical: 0.0, bright: find::bright(&optical_density, &disc, blur_cells) },
    })
}

/// Lower limit of the light of skin, to divide by.
const BLACKEST: f64 = 1e-4;

/// True if what was found is dots rather than texture.
fn stands_out(contrast: &Contrast) -> bool {
    let Contrast { over_chance, bright_share, dots, .. } = *contrast;
    (over_chance >= LEAST_OVER_CHANCE && bright_share <= MOST_BRIGHT_SHARE)
        || (over_chance >= LEAST_OVER_CHANCE_OF_MANY && bright_share <= FEW_BRIGHT && dots >= MANY_DOTS)
}

/// Skin of the disc that is on the head and in the photo, mm2, and its share of the whole disc. Since the skin is
/// curved, a coarse grid of places is used to find how much of it a cell shows.
fn seen_mm2(cells: &PatchCells, disc: &Grid, radius_mm: f64, head: &Head, camera: &Camera) -> (f64, f64) {
    let step = (0.1 * radius_mm / cells.mm_per_cell()).ceil().max(1.0) as usize;
    let pixels = f64::from(cells.cell_px * cells.cell_px);
    let mut seen_mm2 = 0.0;
    for y in (0..cells.height).step_by(step) {
        for x in (0..cells.width).step_by(step) {
            let (to_x, to_y) = ((x + step).min(cells.width), (y + step).min(cells.height));
            let covered: f64 =
                (y..to_y).map(|y| disc.values[y * cells.width + x..y * cells.width + to_x].iter().sum::<f64>()).sum();
            if covered == 0.0 {
                continue;
            }
            let middle = DVec2::new((x + to_x) as f64, (y + to_y) as f64) * 0.5;
            let place = head.head_from_image(camera, cells.photo_px(middle)).map(|(_, place)| place);
            if let Some(place) = place.filter(|place| head.visible(camera, place)) {
                seen_mm2 += covered * pixels / camera.footprint(place.position, place.normal).px2_per_mm2().max(1e-6);
            }
        }
    }
    (seen_mm2, seen_mm2 / (std::f64::consts::PI * radius_mm * radius_mm))
}

fn mean_tone(cells: &PatchCells, disc: &Grid) -> Tone {
    let count: f64 = disc.values.iter().sum();
    Tone(std::array::from_fn(|c| cells.light.iter().zip(&disc.values).map(|(l, m)| l[c] * m).sum::<f64>() / count))
}

/// The dots on the head.
struct Places {
    inside: Vec<Dot>,
    /// Distance to the nearest neighbour, inside the patch or not, mm.
    nearest_mm: Vec<f64>,
}

impl Places {
    fn of(cells: &PatchCells, fitted: &Fitted, radius_mm: f64, head: &Head, camera: &Camera) -> Self {
        let on_head = |dot: &Dot| -> Option<(Dot, DVec3)> {
            let (_, place) = head.head_from_image(camera, cells.photo_px(dot.middle))?;
            head.visible(camera, &place).then_some((*dot, place.position))
        };
        let dots: Vec<(Dot, DVec3)> = fitted.dots.iter().filter_map(on_head).collect();
        let places: Vec<DVec3> = dots.iter().map(|(_, place)| *place).collect();
        let nearest = nearest_distances_mm(&places, 2.0 * radius_mm);
        let inside = dots.iter().zip(nearest).filter(|((dot, _), _)| cells.distance_mm(dot.middle) <= radius_mm);
        let (inside, nearest_mm) = inside.map(|((dot, _), nearest)| (*dot, nearest)).unzip();
        Self { inside, nearest_mm }
    }

    /// Mean nearest-neighbour distance, mm, and its coefficient of variation.
    fn spacing(&self) -> Option<(f64, f64)> {
        let known: Vec<f64> = self.nearest_mm.iter().copied().filter(|d| d.is_finite()).collect();
        let count = known.len() as f64;
        let mean = known.iter().sum::<f64>() / count;
        let variance = known.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / count;
        (mean > 0.0).then(|| (mean, variance.sqrt() / mean))
    }
}

/// Width and darkness of the typical dot.
struct DotLook {
    diameter_mm: Estimate,
    /// Loss of luminance in the middle, corrected for the camera's blur.
    peak: Estimate,
    peak_in_photo: f64,
}

impl DotLook {
    fn of(cells: &PatchCells, fitted: &Fitted, sharpening: &Sharpening, count: f64, scale_error: f64) -> Self {
        let Footprint { major_px_per_mm: major, minor_px_per_mm: minor, .. } = cells.footprint;
        let unsharpened = |width_cells: f64| {
            let cell_px2 = f64::from(cells.cell_px * cells.cell_px);
            let seen_px2 = cell_px2 * width_cells * width_cells / WIDTH2_PER_VARIANCE;
            (WIDTH2_PER_VARIANCE * sharpening.unsharpened_px2(seen_px2) / cell_px2).sqrt()
        };
        let [along, across] = fitted.width_cells.map(unsharpened);
        let blur2 = WIDTH2_PER_VARIANCE * cells.blur_cells2;
        let (whole2, known2) = (along * along + across * across, 2.0 * blur2);
        // Less than a tenth of the blur's variance cannot be measured.
        let own2 = (whole2 - known2).max(0.1 * known2);
        let diameter2_mm2 = own2 / (major * major + minor * minor);
        let peak_in_photo = 1.0 - libm::exp(-fitted.peak_optical_density);
        let gain = sharpening.gain(f64::from(cells.cell_px * cells.cell_px) * along * across / WIDTH2_PER_VARIANCE);
        // Blurring preserves the integral of lost light.
        let unsharpened = loss_from_fall(fall_from_loss(peak_in_photo) / gain);
        let sharpened = along * across / (diameter2_mm2 * major * minor);
        // A squared Gaussian has an area of pi sigma^2 cells: the number of cells that determine the strength of a dot.
        let cells = std::f64::consts::PI * along * across / WIDTH2_PER_VARIANCE;
        let of_fit = GRAIN_CORRELATION * fitted.noise / (fitted.peak_optical_density * (cells * count).sqrt());
        let of_width = (whole2 / own2 * of_fit).hypot(known2 / own2 * BLUR_ERROR).hypot(METHOD_ERROR);
        let diameter_mm = diameter2_mm2.sqrt();
        let peak = (unsharpened * sharpened).min(0.995);
        Self {
            diameter_mm: Estimate { value: diameter_mm, standard_error: diameter_mm * of_width.hypot(scale_error) },
            peak: Estimate { value: peak, standard_error: peak * of_fit.hypot(2.0 * of_width) },
            peak_in_photo,
        }
    }
}

/// Colours of skin and dots.
struct Tones {
    skin: Tone,
    /// Loss in each channel relative to that of luminance.
    channels: [f64; 3],
}

/// Most photos blur colour (JPEG stores it for squares of pixels), so channels are compared with luminance after both
/// are blurred this much, px.
const COLOUR_BLUR_PX: f64 = 1.5;

impl Tones {
    fn of(cells: &PatchCells, disc: &Grid, high_pass: &HighPass, fitted: &Fitted) -> Self {
        let blur_cells = (COLOUR_BLUR_PX / f64::from(cells.cell_px)).max(0.3);
        let seen = |grid: &Grid| high_pass.of(&grid.blurred(blur_cells));
        let model = seen(&fitted.model);
        let own = model.dot(&model);
        let channels = std::array::from_fn(|c| {
            let by = model.dot(&seen(&cells.optical_density_of(c)));
            if own > 0.0 { (by / own).max(0.0) } else { 1.0 }
        });
        let left = |c: usize| {
            let sum = fitted.model.values.iter().zip(&disc.values).map(|(d, m)| m * libm::exp(-channels[c] * d));
            sum.sum::<f64>() / disc.values.iter().sum::<f64>()
        };
        let mean = mean_tone(cells, disc);
        Self { skin: Tone(std::array::from_fn(|c| mean.0[c] / left(c))), channels }
    }

    /// The tone of a dot whose middle loses this much of the luminance.
    fn dot(&self, peak: f64) -> Tone {
        let optical_density = -libm::log1p(-peak.clamp(0.0, 0.999));
        Tone(std::array::from_fn(|c| self.skin.0[c] * libm::exp(-self.channels[c] * optical_density)))
    }
}
