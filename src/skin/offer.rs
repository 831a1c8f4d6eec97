//! A plan's settings that come closest to the client's own shaved hair as measured.

use rayon::prelude::*;

use super::Appearance;
use super::healing::HEALED_DAYS;
use super::optics::{Optics, PigmentColumn};
use super::shade::{self, DilutedPigment, Recipe};
use crate::follicles::HealedColumn;
use crate::ground::colour::LUMINANCE;
use crate::ground::numbers::full_width_at_half_maximum;
use crate::ground::points::hexagonal_spacing_mm;
use crate::plan::Plan;
use crate::plan::parameters::MOST_PER_CM2;
use crate::plan::session::Session;
use crate::reading::lens::{COLOUR_BLUR_PX, Lens, MOST_COLOUR_BLUR_MM};
use crate::reading::skin_estimate;
use crate::reading::stubble::{Stubble, WIDTH2_PER_VARIANCE};
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;

/// Needles that are sold, single ones and small groups, mm: finest, coarsest, and the smallest step worth choosing.
const FINEST_MM: f64 = 0.18;
const COARSEST_MM: f64 = 0.45;
const STEP_MM: f64 = 0.01;
/// Step to a finer needle when the one that looks as wide makes skin too dark, mm.
const FINER_MM: f64 = 0.03;
/// A difference of area tones that is visible side by side, CIEDE2000.
const SEEN: f64 = 1.0;
/// A difference in the width of dots, and in their number as a share, that is equally visible (assumed). One follicular
/// unit grows one to three hairs, and photos show them as one: there may be more and finer dots than that, but with
/// twice as many the stipple is weaker than in photographs of real work.
const SEEN_WIDTH_MM: f64 = 0.1;
const SEEN_MORE: f64 = 0.8;
/// Doublings or halvings of the planned pigment strength that weigh as much: dots that let no light through at all
/// hardly fade, and blur (assumed).
const DOUBLINGS: f64 = 2.0;
/// Weight of tone: a difference in tone is seen from across the room, single dots are not (assumed).
const TONE_FIRST: f64 = 2.0;
/// Dots tried for each hair that was counted.
const MORE: [f64; 6] = [1.0, 1.15, 1.3, 1.5, 1.75, 2.0];

/// Shares of the light absorbed by a dot's core, by its surroundings and by its far halo that are measured as the dot's
/// own; the rest is missing between dots, where skin is not bare. With these, rendered dots of 50 to 110 per cm2, 0.25
/// to 0.43 mm, on light and on dark skin, are offered their own tone within 0.8 dE (a Gaussian fitted to the core and
/// its surroundings covers a little more than the core, at the cost of the halo).
const SEEN_AS_DOTS: [f64; 3] = [1.1, 0.8, -0.3];
/// Dots closer to each other than this many pixels merge: less of what they absorb is seen as separate dots, by this
/// much per pixel squared (the same dots, at 0.06 to 0.22 mm per pixel).
const APART_PX: f64 = 8.0;
const MERGED_PER_PX2: f64 = 0.034;

/// Settings with which treated skin looks like the hair.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Dots per cm2.
    pub density_per_cm2: f64,
    /// Needle, which is the diameter of the fresh dot, mm.
    pub needle_mm: f64,
    /// Diameter of the healed dot of pigment, mm.
    pub healed_mm: f64,
    /// Apparent width of the healed dot, measured like [`Stubble::diameter_mm`], mm. Light spreads in skin: no needle
    /// makes dots that look as fine as hair at the surface.
    pub looks_mm: f64,
    /// Pigment and dilutions.
    pub diluted: DilutedPigment,
}

impl Offer {
    /// Settings for a plan: the density as counted, the needle whose healed dots look most like these hairs, and the
    /// pigment and dilutions with which the treated area is as dark against the skin between its dots as the hair is
    /// against the skin between it, measured the same way: hair, like dots, also darkens the skin between. `client` is
    /// the client's skin.
    ///
    /// None if the plan has no session, or no area. The plan itself decides where on the skin dots are: it has no
    /// setting for [`Stubble::variation`].
    #[must_use]
    pub fn matching(hair: &Stubble, plan: &Plan, client: Skin) -> Option<Self> {
        let colour_mm = (COLOUR_BLUR_PX * hair.mm_per_px).min(MOST_COLOUR_BLUR_MM);
        let seen = (seen_as_dots(hair), colour_mm, Lens::ASSUMED.spread.blur_px * hair.mm_per_px);
        let specular = skin_estimate::specular(hair.skin);
        let density_per_cm2 = hair.density_per_cm2.value.round().clamp(1.0, MOST_PER_CM2);
        let make = |needle_mm: f64| {
            let diluted = with_dots(plan, client, needle_mm, density_per_cm2, |recipe| {
                shade::nearest(recipe, hair.mean, |recipe| recipe.beside(specular, hair.skin, seen, HEALED_DAYS))
            })?;
            Some((looks_mm(hair, plan, client, needle_mm, density_per_cm2)?, diluted))
        };
        let (mut needle_mm, mut looks_mm) = nearest_needle(hair, plan, client, density_per_cm2)?;
        let (_, mut best) = make(needle_mm)?;
        // Wide dots are dark however much the pigment is diluted: fair hair is matched by finer dots.
        while best.difference > SEEN && needle_mm > FINEST_MM + 0.5 * STEP_MM {
            let finer_mm = needle_mm - FINER_MM.min(needle_mm - FINEST_MM);
            let (finer_looks_mm, finer) = make(finer_mm)?;
            if finer.difference >= best.difference {
                break;
            }
            (needle_mm, looks_mm, best) = (finer_mm, finer_looks_mm, finer);
        }
        Some(Self::new(density_per_cm2, needle_mm, looks_mm, best))
    }

    /// Settings for a plan if it is known what the area has to look like on this bare skin: the needle and density
    /// closest to those of this hair that achieve it. Hairs that touch are counted as one, so there may be more of
    /// them.
    #[must_use]
    pub fn on(hair: &Stubble, plan: &Plan, client: Skin, bare: Tone, wanted: Tone) -> Option<Self> {
        let (counted_per_cm2, specular) = (hair.density_per_cm2.value, skin_estimate::specular(bare));
        let (nearest_mm, _) = nearest_needle(hair, plan, client, counted_per_cm2)?;
        let healed = |recipe: &Recipe| recipe.under(specular, bare, HEALED_DAYS);
        let water = |dilution: f64| libm::log2(dilution + 1.0);
        let usual = plan.sessions.last().map_or(0.0, |session| water(session.dilution));
        // With the planned pigment: a different pigment is no reason for different dots.
        let misfit = |needle_mm: f64, more: f64| {
            let density_per_cm2 = (counted_per_cm2 * more).round().clamp(1.0, MOST_PER_CM2);
            let diluted = with_dots(plan, client, needle_mm, density_per_cm2, |recipe| {
                shade::nearest_dilutions(recipe, wanted, healed)
            })?;
            let looks_mm = looks_mm(hair, plan, client, needle_mm, density_per_cm2)?;
            // What is seen from afar, and what is seen up close.
            let width = (looks_mm - hair.diameter_mm.value).abs() / SEEN_WIDTH_MM;
            let stronger = diluted.dilutions.last().map_or(0.0, |last| (usual - water(last.0)).abs());
            let misfit = TONE_FIRST * diluted.difference + width + (more - 1.0) / SEEN_MORE + stronger / DOUBLINGS;
            Some((misfit, needle_mm, density_per_cm2, looks_mm))
        };
        let needles = (0..=9).map(|step| FINEST_MM + f64::from(step) * FINER_MM).chain([nearest_mm]);
        let tried: Vec<(f64, f64)> = needles.flat_map(|needle_mm| MORE.map(|more| (needle_mm, more))).collect();
        let tried: Vec<_> = tried.into_par_iter().filter_map(|(needle_mm, more)| misfit(needle_mm, more)).collect();
        let (_, needle_mm, density_per_cm2, looks_mm) = tried.into_iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
        let diluted =
            with_dots(plan, client, needle_mm, density_per_cm2, |recipe| shade::nearest(recipe, wanted, healed))?;
        Some(Self::new(density_per_cm2, needle_mm, looks_mm, diluted))
    }
}

/// The needle whose healed dots look most like these hairs, and how wide they look, mm.
fn nearest_needle(hair: &Stubble, plan: &Plan, client: Skin, density_per_cm2: f64) -> Option<(f64, f64)> {
    let steps = ((COARSEST_MM - FINEST_MM) / STEP_MM).round() as u32;
    let looks = |needle_mm: f64| Some((needle_mm, looks_mm(hair, plan, client, needle_mm, density_per_cm2)?));
    let off = |looks_mm: f64| (looks_mm - hair.diameter_mm.value).abs();
    let needles = (0..=steps).map(|step| FINEST_MM + f64::from(step) * STEP_MM);
    needles.filter_map(looks).min_by(|a, b| off(a.1).total_cmp(&off(b.1)))
}

/// [`SEEN_AS_DOTS`] for a photo like this one.
fn seen_as_dots(hair: &Stubble) -> [f64; 3] {
    let apart_px = hexagonal_spacing_mm(hair.density_per_cm2.value) / hair.mm_per_px;
    let merged_px = (APART_PX - apart_px).max(0.0);
    let told_apart = (1.0 - MERGED_PER_PX2 * merged_px * merged_px).max(0.3);
    SEEN_AS_DOTS.map(|share| share * told_apart)
}

/// Apparent width of a healed dot of this needle, mm.
fn looks_mm(hair: &Stubble, plan: &Plan, client: Skin, needle_mm: f64, density_per_cm2: f64) -> Option<f64> {
    let pigment = plan.chosen_pigment()?;
    let last = plan.sessions.last()?;
    let HealedColumn { depth_mm, height_mm, dispersal } = HealedColumn::seen(plan.depth_mm, plan.height_mm);
    let appearance = Optics::new(client).appearance(&PigmentColumn {
        diameter_mm: shade::diameter_after_mm(needle_mm, HEALED_DAYS) * dispersal,
        depth_mm,
        height_mm,
        absorption_per_mm: pigment.diluted_per_mm(last.dilution),
        spread_mm: 0.0,
        crowd_per_mm2: 0.01 * density_per_cm2,
    });
    Some(width_mm(&appearance, hair.blur_mm, std::array::from_fn(|c| LUMINANCE[c] * hair.skin.0[c])))
}

/// Applies `tell` to the plan's recipe with this density and this needle.
fn with_dots<T>(
    plan: &Plan,
    client: Skin,
    needle_mm: f64,
    density_per_cm2: f64,
    tell: impl FnOnce(&Recipe) -> Option<T>,
) -> Option<T> {
    let sessions: Vec<Session> = plan.sessions.iter().map(|s| Session { needle_mm, ..s.clone() }).collect();
    let usual = Recipe::of(plan, plan.areas.first()?, plan.chosen_pigment()?, client);
    tell(&Recipe { sessions: &sessions, needle_mm: None, density_per_cm2, ..usual })
}

impl Offer {
    fn new(density_per_cm2: f64, needle_mm: f64, looks_mm: f64, diluted: DilutedPigment) -> Self {
        let needle_mm = (needle_mm * 100.0).round() / 100.0;
        Self {
            density_per_cm2,
            needle_mm,
            healed_mm: shade::diameter_after_mm(needle_mm, HEALED_DAYS),
            looks_mm,
            diluted,
        }
    }

    /// The plan with these settings: the density of its first area, which stands for all of them, and the needle,
    /// pigment and dilutions of all sessions.
    #[must_use]
    pub fn applied_to(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        if let Some(area) = plan.areas.first_mut() {
            area.density_per_cm2 = self.density_per_cm2;
            area.needle_mm = None;
        }
        plan.pigment.clone_from(&self.diluted.pigment.name);
        for (session, (dilution, dark_dilution)) in plan.sessions.iter_mut().zip(&self.diluted.dilutions) {
            session.needle_mm = self.needle_mm;
            session.dilution = *dilution;
            session.dark_dilution = *dark_dilution;
        }
        plan
    }
}

/// Full width at half maximum of a dot's loss of light with these channel weights, mm, as measured through this blur,
/// which is subtracted as from a Gaussian. A dot is not Gaussian, so its surroundings make it look wider, the more so
/// the coarser the photo.
fn width_mm(appearance: &Appearance, blur_mm: f64, weights: [f64; 3]) -> f64 {
    let blur_mm2 = blur_mm * blur_mm;
    let loss = |r_mm: f64| -> f64 {
        (0..3)
            .map(|c| {
                let left: f64 = appearance
                    .spots
                    .iter()
                    .map(|spot| {
                        let variance = spot.sigma_mm * spot.sigma_mm + blur_mm2;
                        let peak = spot.loss_mm2[c] / (std::f64::consts::TAU * variance);
                        1.0 - peak.min(1.0) * libm::exp(-0.5 * r_mm * r_mm / variance)
                    })
                    .product();
                weights[c] * (1.0 - left)
            })
            .sum()
    };
    let seen_mm = full_width_at_half_maximum(loss, 4.0, 50);
    (seen_mm * seen_mm - WIDTH2_PER_VARIANCE * blur_mm2).max(0.0).sqrt()
}
