//! What treated skin looks like from so far away that dots merge, and which pigment and dilutions come closest to
//! existing hair.
//!
//! Dots absorb light one after the other. Scattered independently, `n` dots per mm2 with a black-equivalent area of
//! `loss` each would leave exactly `exp(-n loss)` of it (the mean over a Poisson process). Dots of a treatment keep
//! their distance and so absorb a little more: see [`Crowd`]. They absorb diffuse light only; what the skin's surface
//! reflects stays.
//!
//! The window's swatches, the suggestion, the checks, [`calibration`](super::calibration) and the match of a client's
//! hair all get their tones from [`Recipe::on`].

use glam::DVec3;

use super::healing::{AtAge, Course};
use super::optics::Optics;
use super::settings::Outlook;
use super::{Appearance, BareSkin, Neighbours, overlap_per_mm2};
use crate::follicles::dots::Dot;
use crate::follicles::{HealedColumn, LOAD_MEAN, LOAD_SPREAD, REACH_SPREAD, TOP_MEAN, TOP_SPREAD, TRUNCATED_SIGMA};
use crate::head::Part;
use crate::plan::Plan;
use crate::plan::area::Area;
use crate::plan::conditions::Conditions;
use crate::plan::pigment::{self, Pigment};
use crate::plan::session::Session;
use crate::reading::skin_estimate;
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;

/// How an area of a client's skin is treated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe<'a> {
    /// The pigment.
    pub pigment: &'a Pigment,
    /// All sessions, first to last.
    pub sessions: &'a [Session],
    /// Needle of the area, mm; if none, that of each session.
    pub needle_mm: Option<f64>,
    /// Factor of the area on the strength of every dilution.
    pub shade: f64,
    /// Dots per cm2 once the full density has been placed.
    pub density_per_cm2: f64,
    /// Depth of the pigment's upper end once healed, mm.
    pub depth_mm: f64,
    /// How far it reaches down from there, mm.
    pub height_mm: f64,
    /// Standard deviation of the natural logarithm of the dots' diameter.
    pub size_jitter: f64,
    /// How far dots stray from even places, as a share of their spacing: a standard deviation in each direction.
    pub randomness: f64,
    /// True in a scar.
    pub in_scar: bool,
    /// Conditions that make the client's pigment fade sooner.
    pub conditions: Conditions,
    /// The client's skin.
    pub skin: Skin,
}

/// A pigment with the dilutions of a plan's sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct DilutedPigment {
    /// The pigment.
    pub pigment: Pigment,
    /// Dilution of each session, and of its darkest dots.
    pub dilutions: Vec<(f64, f64)>,
    /// The healed area.
    pub healed: Tone,
    /// Its difference from what was asked for, CIEDE2000.
    pub difference: f64,
}

/// Likely diameter of a dot `age_days` after a needle of `needle_mm` placed it, mm.
#[must_use]
pub fn diameter_after_mm(needle_mm: f64, age_days: f64) -> f64 {
    needle_mm * Course::new(None, Conditions::default(), Outlook::Likely).at(age_days).diameter(1.0)
}

impl<'a> Recipe<'a> {
    /// The treatment of an area of a plan, with this pigment.
    #[must_use]
    pub fn of(plan: &'a Plan, area: &Area, pigment: &'a Pigment, skin: Skin) -> Self {
        Self {
            pigment,
            sessions: &plan.sessions,
            needle_mm: area.needle_mm,
            shade: area.shade,
            density_per_cm2: area.density_per_cm2,
            depth_mm: plan.depth_mm,
            height_mm: plan.height_mm,
            size_jitter: plan.size_jitter,
            randomness: plan.randomness,
            in_scar: area.kind.is_scar(),
            conditions: plan.conditions,
            skin,
        }
    }

    /// The likely tone of the treated area `age_days` after the last session, on skin that looks like this in the
    /// photo.
    #[must_use]
    pub fn on(&self, bare: Tone, age_days: f64) -> Tone {
        self.under(skin_estimate::specular(bare), bare, age_days)
    }

    /// Like [`Recipe::on`], if it is known how much of the light was specular.
    pub(crate) fn under(&self, specular: f64, bare: Tone, age_days: f64) -> Tone {
        treated(specular, bare, self.left(age_days))
    }

    /// The middle of a usual dot of the last session among the others, seen so close that dots are separate; none
    /// without sessions.
    #[must_use]
    pub fn dot_on(&self, bare: Tone, age_days: f64) -> Option<Tone> {
        let session = self.sessions.last()?;
        let course = Course::new(Some(self.pigment), self.conditions, Outlook::Likely);
        let crowd_per_mm2 = 0.01 * self.density_per_cm2 * session.cumulative_share;
        let (age, optics) = (course.at(age_days), Optics::new(self.skin));
        let appearance =
            self.appearance(session, session.dilution, Variation::default(), crowd_per_mm2, (&age, &optics));
        let (around, own) = (self.left(age_days), appearance.left_in_middle());
        Some(treated(skin_estimate::specular(bare), bare, std::array::from_fn(|c| around[c] * own[c])))
    }

    /// Share of the diffuse light that is left: red, green, blue.
    fn left(&self, age_days: f64) -> [f64; 3] {
        self.crowd(age_days, |appearance| appearance).left()
    }

    /// The treated area `age_days` after the last session, if `between` is what its skin looks like between dots that
    /// can be told apart, and `specular` is the specular part of that light. `seen` is, for the core of a dot, its
    /// surroundings and the far halo, the share of the absorbed light that is attributed to the dot and thus not
    /// missing between dots, in a photo that blurs colour by `colour_mm` along the skin and everything by `blur_mm`.
    pub(crate) fn beside(
        &self,
        specular: f64,
        between: Tone,
        (seen, colour_mm, blur_mm): ([f64; 3], f64, f64),
        age_days: f64,
    ) -> Tone {
        let left = self.left(age_days);
        let skin = BareSkin::new(between.0, specular);
        let photographed = self.crowd(age_days, |appearance| appearance.in_coarse_colour(&skin, colour_mm, blur_mm));
        let bare = Tone(std::array::from_fn(|c| {
            let taken = photographed.taken.map(|spot| spot[c]);
            let (all, of_dots) = (taken.iter().sum::<f64>(), (0..3).map(|j| seen[j] * taken[j]).sum::<f64>());
            let share = if all > 0.0 { of_dots / all } else { 1.0 };
            specular + (between.0[c] - specular) / libm::pow(left[c], 1.0 - share)
        }));
        treated(specular, bare, left)
    }

    /// All dots with their losses, as they are or as they are seen.
    fn crowd(&self, age_days: f64, seen: impl Fn(Appearance) -> Appearance) -> Crowd {
        let course = Course::new(Some(self.pigment), self.conditions, Outlook::Likely);
        let optics = Optics::new(self.skin);
        let standing = self.sessions.last().map_or(0.0, |last| last.cumulative_share);
        let among = Neighbours::of(self.density_per_cm2, standing, self.randomness, self.size_jitter);
        let mut crowd = Crowd { stray_mm2: among.stray_mm2, ..Crowd::default() };
        let mut share_before = 0.0;
        let mut age_days = age_days + self.sessions.iter().skip(1).map(|s| s.interval_days).sum::<f64>();
        for (index, session) in self.sessions.iter().enumerate() {
            if index > 0 {
                age_days -= session.interval_days;
            }
            let age = course.at(age_days);
            let dots_per_mm2 = 0.01 * self.density_per_cm2 * (session.cumulative_share - share_before).max(0.0);
            share_before = session.cumulative_share;
            let kinds = [(1.0 - session.dark_share, session.dilution), (session.dark_share, session.dark_dilution)];
            for (share, dilution) in kinds.into_iter().filter(|(share, _)| *share > 0.0) {
                for (variation, weight) in self.spread() {
                    let appearance = self.appearance(session, dilution, variation, among.per_mm2, (&age, &optics));
                    crowd.add(&seen(appearance), weight * dots_per_mm2 * share);
                }
            }
        }
        crowd
    }

    /// An average dot of a session, wherever it is, that varies so from what is planned, in a crowd of this density.
    fn appearance(
        &self,
        session: &Session,
        dilution: f64,
        Variation { diameter, column, load }: Variation,
        crowd_per_mm2: f64,
        (age, optics): (&AtAge, &Optics),
    ) -> Appearance {
        let HealedColumn { depth_mm, height_mm, dispersal } = HealedColumn::new(self.depth_mm, self.height_mm, column);
        let dot = Dot {
            position: DVec3::Y,
            normal: DVec3::Y,
            part: Part::Cranium,
            follicle: 0,
            area: 0,
            session: 1,
            diameter_mm: self.needle_mm.unwrap_or(session.needle_mm) * diameter,
            dispersal,
            depth_mm,
            height_mm,
            absorption_per_mm: self.pigment.diluted_per_mm(dilution).map(|a| self.shade * load * a),
            stretch: 1.0,
            direction: 0.0,
            dark: false,
            density_per_cm2: self.density_per_cm2,
        };
        super::appearance(&dot, age, self.in_scar, crowd_per_mm2, optics)
    }

    /// No two dots are alike: twenty dots that represent all of them, and the share that each represents. Exact to the
    /// second order of what varies, and to the eighth for the depth of the upper end, which varies most.
    fn spread(&self) -> [(Variation, f64); 20] {
        // Truncated log-normal factors, a number of standard deviations from the middle.
        let factor = |spread: f64, sigmas: f64| libm::exp(TRUNCATED_SIGMA * sigmas * spread - 0.5 * spread * spread);
        // Gauss-Hermite quadrature.
        let (near, far) = (1.355_626_18, 2.856_970_01);
        let tops = [
            (-far, 0.011_257_411),
            (-near, 0.222_075_922),
            (0.0, 0.533_333_334),
            (near, 0.222_075_922),
            (far, 0.011_257_411),
        ];
        // Each of the other three is large in two of four, and any two of them together in one.
        let sides = [[-1.0, -1.0, 1.0], [-1.0, 1.0, -1.0], [1.0, -1.0, -1.0], [1.0, 1.0, 1.0]];
        std::array::from_fn(|k| {
            let ((top, share), [wide, deep, much]) = (tops[k / 4], sides[k % 4]);
            let variation = Variation {
                diameter: factor(self.size_jitter, wide),
                column: [factor(TOP_SPREAD, top) / TOP_MEAN, factor(REACH_SPREAD, deep)],
                load: factor(LOAD_SPREAD, much) / LOAD_MEAN,
            };
            (variation, 0.25 * share)
        })
    }
}

/// Factors by which a dot differs from what is planned.
#[derive(Debug, Clone, Copy)]
struct Variation {
    diameter: f64,
    /// See [`HealedColumn::new`].
    column: [f64; 2],
    load: f64,
}

impl Default for Variation {
    fn default() -> Self {
        Self { diameter: 1.0, column: [1.0; 2], load: 1.0 }
    }
}

/// Tone of skin of whose diffuse light this share is left.
fn treated(specular: f64, bare: Tone, left: [f64; 3]) -> Tone {
    Tone(std::array::from_fn(|c| bare.0[c] - (bare.0[c] - specular) * (1.0 - left[c])))
}

/// Dots that keep their distance, and the share of light that they leave together.
///
/// `ln T = -n (l - o) - p`, to the second order in the losses (the cumulants of a product over a point process): `l` is
/// the loss of a dot's spots, `o` is what is counted twice where they overlap, and `p` accounts for the pairs of dots
/// that are missing because dots avoid each other ([`Neighbours`]). Narrow spots never overlap with those of other
/// dots; wide ones overlap with nearly as many dots as if these were scattered.
#[derive(Debug, Default)]
struct Crowd {
    dots_per_mm2: f64,
    /// See [`Neighbours`].
    stray_mm2: f64,
    /// Of the core, its surroundings and the far halo: variance times dots, mm2 per mm2.
    variances: [f64; 3],
    /// Their losses, per area: red, green, blue.
    taken: [[f64; 3]; 3],
    /// The part of the losses that is counted twice.
    twice: [f64; 3],
}

impl Crowd {
    fn add(&mut self, appearance: &Appearance, dots_per_mm2: f64) {
        self.dots_per_mm2 += dots_per_mm2;
        for (j, spot) in appearance.spots.iter().enumerate() {
            self.variances[j] += dots_per_mm2 * spot.sigma_mm * spot.sigma_mm;
            for c in 0..3 {
                self.taken[j][c] += dots_per_mm2 * spot.loss_mm2[c];
            }
            for other in &appearance.spots[j + 1..] {
                let variance = spot.sigma_mm * spot.sigma_mm + other.sigma_mm * other.sigma_mm;
                let together = dots_per_mm2 * overlap_per_mm2(variance);
                for c in 0..3 {
                    self.twice[c] += together * spot.loss_mm2[c] * other.loss_mm2[c];
                }
            }
        }
    }

    /// Share of the diffuse light that is left: red, green, blue.
    fn left(&self) -> [f64; 3] {
        let mut density: [f64; 3] =
            std::array::from_fn(|c| self.taken.iter().map(|spot| spot[c]).sum::<f64>() - self.twice[c]);
        if self.dots_per_mm2 <= 0.0 {
            return [1.0; 3];
        }
        let among = Neighbours { per_mm2: self.dots_per_mm2, stray_mm2: self.stray_mm2, variety: 1.0 };
        let variances = self.variances.map(|variance| variance / self.dots_per_mm2);
        for (j, one) in self.taken.iter().enumerate() {
            for (k, other) in self.taken.iter().enumerate() {
                let avoided = among.missed_per_mm2(variances[j] + variances[k]) / among.per_mm2;
                for c in 0..3 {
                    density[c] += 0.5 * avoided * one[c] * other[c];
                }
            }
        }
        density.map(|density| libm::exp(-density))
    }
}

/// Smallest proposed parts of water: nobody places undiluted pigment.
const LEAST_WATER: f64 = 1.0;
/// Factors tried on the water of all dilutions, in steps of 7 % (ten to a doubling): from a quarter to eight times,
/// since dots saturate and fair hair calls for very little pigment.
const STEPS: std::ops::RangeInclusive<i32> = -20..=30;
const STEPS_PER_DOUBLING: f64 = 10.0;

/// The pigment, the recipe's own or one of the library, and the dilutions whose healed area on `skin` comes closest to
/// `wanted`. The steps between sessions stay as planned; all are made stronger or weaker together, in whole parts of
/// water.
#[must_use]
pub fn suggest(recipe: &Recipe, skin: Tone, wanted: Tone, age_days: f64) -> Option<DilutedPigment> {
    let specular = skin_estimate::specular(skin);
    nearest(recipe, wanted, |recipe| recipe.under(specular, skin, age_days))
}

/// Like [`suggest`], with another way of predicting the healed area of a recipe.
pub(crate) fn nearest(recipe: &Recipe, wanted: Tone, healed: impl Fn(&Recipe) -> Tone) -> Option<DilutedPigment> {
    let own = std::iter::once(recipe.pigment).filter(|own| pigment::named(&own.name).is_none());
    let offered = own.chain(pigment::library()).filter_map(|pigment| {
        let recipe = Recipe { pigment, ..*recipe };
        nearest_dilutions(&recipe, wanted, &healed)
    });
    offered.reduce(|best, other| if other.difference < best.difference { other } else { best })
}

/// Like [`nearest`], with the recipe's own pigment only.
pub(crate) fn nearest_dilutions(
    recipe: &Recipe,
    wanted: Tone,
    healed: impl Fn(&Recipe) -> Tone,
) -> Option<DilutedPigment> {
    let mut best: Option<DilutedPigment> = None;
    for step in STEPS {
        let factor = libm::exp2(f64::from(step) / STEPS_PER_DOUBLING);
        let thinned = |dilution: f64| ((dilution + 1.0) * factor - 1.0).round().clamp(LEAST_WATER, 100.0);
        let thin = |s: &Session| Session {
            dilution: thinned(s.dilution),
            dark_dilution: thinned(s.dark_dilution),
            ..s.clone()
        };
        let sessions: Vec<Session> = recipe.sessions.iter().map(thin).collect();
        let healed = healed(&Recipe { sessions: &sessions, ..*recipe });
        let difference = healed.difference(wanted);
        if best.as_ref().is_none_or(|b| difference < b.difference) {
            let dilutions = sessions.iter().map(|s| (s.dilution, s.dark_dilution)).collect();
            best = Some(DilutedPigment { pigment: recipe.pigment.clone(), dilutions, healed, difference });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::session;
    use crate::skin::healing::HEALED_DAYS;

    const SKIN: Tone = Tone([0.55, 0.33, 0.22]);

    fn recipe(sessions: &[Session]) -> Recipe<'_> {
        Recipe {
            pigment: pigment::named("neutral black").unwrap(),
            sessions,
            needle_mm: None,
            shade: 1.0,
            density_per_cm2: 118.0,
            depth_mm: 0.12,
            height_mm: 0.4,
            size_jitter: 0.25,
            randomness: 0.08,
            in_scar: false,
            conditions: Conditions::default(),
            skin: Skin::default(),
        }
    }

    #[test]
    fn more_dots_and_less_water_are_darker_and_none_changes_nothing() {
        let sessions = session::defaults(3);
        let usual = recipe(&sessions);
        let lightness = |r: &Recipe, days: f64| r.on(SKIN, days).lab()[0];
        assert_eq!(Recipe { density_per_cm2: 0.0, ..usual }.on(SKIN, HEALED_DAYS), SKIN);
        let healed = lightness(&usual, HEALED_DAYS);
        assert!(healed < SKIN.lab()[0]);
        assert!(lightness(&Recipe { density_per_cm2: 200.0, ..usual }, HEALED_DAYS) < healed);
        assert!(lightness(&usual, 0.0) < healed && healed < lightness(&usual, 2000.0));
        // A dot is darker than the skin around it, the more so with less water; without sessions there is no dot.
        let dot = |r: &Recipe| r.dot_on(SKIN, HEALED_DAYS).unwrap().lab()[0];
        assert!(dot(&usual) < healed - 2.0);
        assert_eq!(Recipe { sessions: &[], ..usual }.dot_on(SKIN, HEALED_DAYS), None);
        let strong: Vec<Session> = sessions.iter().map(|s| Session { dilution: 2.0, ..s.clone() }).collect();
        assert!(lightness(&recipe(&strong), HEALED_DAYS) < healed);
        assert!(dot(&recipe(&strong)) < dot(&usual));
    }

    #[test]
    fn a_shade_that_a_pigment_makes_is_found_again() {
        let sessions = session::defaults(3);
        let usual = recipe(&sessions);
        for name in ["neutral black", "medium brown"] {
            let pigment = pigment::named(name).unwrap();
            let wanted = Recipe { pigment, ..usual }.on(SKIN, HEALED_DAYS);
            let found = suggest(&usual, SKIN, wanted, HEALED_DAYS).unwrap();
            assert!(found.difference < 0.3, "{name}: {found:?}");
            assert!(found.healed.difference(wanted) == found.difference);
        }
    }

    #[test]
    fn darker_hair_asks_for_less_water() {
        let sessions = session::defaults(3);
        let usual = recipe(&sessions);
        let water = |wanted: Tone| suggest(&usual, SKIN, wanted, HEALED_DAYS).unwrap().dilutions[0].0;
        let dimmed = |f: f64| Tone(SKIN.0.map(|c| c * f));
        assert!(water(dimmed(0.72)) < water(dimmed(0.9)));
    }

    #[test]
    fn a_dot_is_a_little_wider_than_its_needle_once_healed() {
        // On the day of the session a scab makes it a twentieth larger.
        assert!((diameter_after_mm(0.36, 0.0) - 0.36 * 1.03 * 1.05).abs() < 1e-9);
        // As wide as in photographs of healed heads.
        assert!((0.35..0.45).contains(&diameter_after_mm(0.36, HEALED_DAYS)));
    }
}
