//! What is treated: areas, brush strokes that change the density, and masks that keep dots out.

use glam::DVec3;
use serde::{Deserialize, Serialize};

use super::curve::{self, SkinPoint};
use super::distance;
use super::treatment::Treatment;
use crate::ground::numbers::smoothstep;
use crate::head::chart::Chart;
use crate::head::surface::Surface;
use crate::head::{Part, path};

/// Usual depth of a band behind the hairline, mm.
pub(crate) const USUAL_BAND_MM: f64 = 48.0;
/// Usual width of a band along a line, mm.
pub(crate) const USUAL_LINE_MM: f64 = 9.0;
/// Usual diameter of a spot, mm.
pub(crate) const USUAL_SPOT_MM: f64 = 20.0;
/// Usual width over which the density of an area rises, mm.
pub const USUAL_FEATHER_MM: f64 = 8.0;

/// The shape of an area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outline {
    /// The whole scalp behind the hairline, down to ears and nape.
    Scalp,
    /// A band of the scalp behind the hairline.
    BehindHairline {
        /// Depth of the band along the skin, mm.
        depth_mm: f64,
    },
    /// A smooth closed line.
    Closed {
        /// Control points.
        points: Vec<SkinPoint>,
    },
    /// A band along a smooth line: a strip scar, a parting.
    Line {
        /// Control points.
        points: Vec<SkinPoint>,
        /// Width of the band, mm.
        width_mm: f64,
    },
    /// Round spots: patches, scars of single grafts.
    Spots {
        /// Middles.
        centres: Vec<SkinPoint>,
        /// Diameter, mm.
        diameter_mm: f64,
    },
}

impl Outline {
    /// Control points; empty for outlines that follow the hairline.
    #[must_use]
    pub fn points(&self) -> &[SkinPoint] {
        match self {
            Self::Scalp | Self::BehindHairline { .. } => &[],
            Self::Closed { points } | Self::Line { points, .. } | Self::Spots { centres: points, .. } => points,
        }
    }

    /// Control points, mutable; `None` for outlines that follow the hairline.
    #[must_use]
    pub fn points_mut(&mut self) -> Option<&mut Vec<SkinPoint>> {
        match self {
            Self::Scalp | Self::BehindHairline { .. } => None,
            Self::Closed { points } | Self::Line { points, .. } | Self::Spots { centres: points, .. } => Some(points),
        }
    }

    /// Fewest control points that it can have.
    #[must_use]
    pub fn fewest_points(&self) -> usize {
        match self {
            Self::Scalp | Self::BehindHairline { .. } => 0,
            Self::Closed { .. } => 3,
            Self::Line { .. } => 2,
            Self::Spots { .. } => 1,
        }
    }

    /// True if a place of the skin lies inside its own shape; always false for outlines that follow the hairline.
    #[must_use]
    pub fn covers(&self, surface: &Surface, chart: &Chart, place: DVec3) -> bool {
        let within = |p: DVec3, reach: f64| p.distance(place) <= reach;
        match self {
            Self::Scalp | Self::BehindHairline { .. } => false,
            Self::Closed { points } => {
                distance::encloses(chart, surface.centre, &curve::through(surface, points, true), place)
            }
            Self::Line { points, width_mm } => {
                // Even a thin band can be hit.
                let reach = (0.5 * width_mm).max(2.0);
                curve::through(surface, points, false).iter().any(|p| within(p.position, reach))
            }
            Self::Spots { centres, diameter_mm } => {
                centres.iter().any(|&c| within(surface.below(DVec3::from(c)).position, 0.5 * diameter_mm))
            }
        }
    }
}

/// An area with its own density, needle and shade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Name shown to the user.
    pub name: String,
    /// Kind of treatment.
    pub kind: Treatment,
    /// Surface on which it lies.
    pub part: Part,
    /// Shape.
    pub outline: Outline,
    /// Dots per cm2 in the middle of the area after all sessions.
    pub density_per_cm2: f64,
    /// Width over which density rises from nothing at the edge, mm.
    pub feather_mm: f64,
    /// Needle, mm; `None` means that of the session.
    pub needle_mm: Option<f64>,
    /// Factor on the session's absorption; below 1 is lighter, above 1 darker.
    pub shade: f64,
}

/// Area index of places that belong to no area.
pub(crate) const NO_AREA: u8 = u8::MAX;

/// How dots of a sparse front differ from those of the full density behind it: factors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fineness {
    /// On the needle's diameter.
    pub diameter: f64,
    /// On the absorption of the pigment.
    pub absorption: f64,
    /// On the share of the scattered darkest dots.
    pub dark: f64,
}

impl Fineness {
    /// At full density.
    const FULL: Self = Self { diameter: 1.0, absorption: 1.0, dark: 1.0 };
    /// Of the very first dots. A line is begun with fine single needles (Liu 2025, trainers), since hair at the front
    /// is finer (57 against 86 um), and with the lightest pigment, never with the darkest dots. The amounts are
    /// assumed: a needle more than one size finer (as 0.245 is to 0.30 mm), and a step and a third of dilution lighter
    /// (22:1 instead of 14:1): with less, the first dots, which stand alone, look larger and darker than those behind
    /// them.
    const FIRST: Self = Self { diameter: 0.815, absorption: 0.65, dark: 0.0 };
    /// Share of the area's density from which dots no longer differ. Assumed.
    const FULL_FROM: f64 = 0.7;

    fn at(share: f64) -> Self {
        let t = smoothstep(share / Self::FULL_FROM);
        let between = |first: f64, full: f64| first + (full - first) * t;
        Self {
            diameter: between(Self::FIRST.diameter, Self::FULL.diameter),
            absorption: between(Self::FIRST.absorption, Self::FULL.absorption),
            dark: between(Self::FIRST.dark, Self::FULL.dark),
        }
    }
}

/// How an area begins: dots behind a hairline begin finer and lighter; those between hair, on scars and in patches
/// match their surroundings up to the edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Front {
    /// Full density of an area behind a hairline, per cm2.
    full_per_cm2: Option<f64>,
}

impl Front {
    /// How dots differ at this planned density, of which alone it is a smooth function.
    #[must_use]
    pub fn fineness(self, density_per_cm2: f64) -> Fineness {
        self.full_per_cm2.map_or(Fineness::FULL, |full| Fineness::at(density_per_cm2 / full))
    }
}

impl Area {
    /// How the area begins.
    #[must_use]
    pub fn front(&self) -> Front {
        let is_behind_hairline = matches!(self.outline, Outline::Scalp | Outline::BehindHairline { .. });
        Front { full_per_cm2: (is_behind_hairline && self.density_per_cm2 > 0.0).then_some(self.density_per_cm2) }
    }
}

/// Effect of a brush stroke on the density under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Adds density, or removes it.
    #[default]
    Change,
    /// Moves the density towards the mean of the surrounding skin: a square about half as wide as the brush.
    Smooth,
}

impl Effect {
    fn is_change(&self) -> bool {
        *self == Self::Change
    }
}

/// A brush stroke that adds, removes or smooths density.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stroke {
    /// Surface on which it lies.
    pub part: Part,
    /// Path of the brush.
    pub points: Vec<SkinPoint>,
    /// Radius of the brush, mm.
    pub radius_mm: f64,
    /// Dots per cm2 added in its middle; removed if negative. If it smooths: the largest change there.
    pub change_per_cm2: f64,
    /// Its effect.
    #[serde(default, skip_serializing_if = "Effect::is_change")]
    pub effect: Effect,
    /// Share of the radius within which it has its full effect, which falls off to nothing at the rim.
    #[serde(default, skip_serializing_if = "is_soft")]
    pub hardness: f64,
    /// True if it is disabled: it is kept, but has no effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

/// Greatest hardness of a stroke: a more abrupt end than the density field resolves looks like steps.
pub(crate) const HARDEST: f64 = 0.95;

/// True for the only hardness that older versions had; it is not serialised.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_soft(hardness: &f64) -> bool {
    *hardness == 0.0
}

impl Stroke {
    /// Square root of its effect at a distance from its middle line, given as a share of the radius: 1 at full effect,
    /// 0 at the rim.
    #[must_use]
    pub(crate) fn root_of_effect(&self, ratio: f32) -> f32 {
        let hardness = self.hardness as f32;
        let outside = (ratio - hardness).max(0.0) / (1.0 - hardness);
        1.0 - outside * outside
    }

    /// True for strokes that older versions could store: soft and not disabled.
    #[must_use]
    pub(crate) fn is_plain(&self) -> bool {
        is_soft(&self.hardness) && !self.off
    }
}

/// A closed line that keeps dots out: existing hair, a mole, the lips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// Name shown to the user.
    pub name: String,
    /// Surface on which it lies.
    pub part: Part,
    /// Control points.
    pub points: Vec<SkinPoint>,
    /// Width over which density falls towards the mask's edge, mm.
    pub feather_mm: f64,
}

/// Control points of an oval on the skin, with semi-axes along the skin, the first in the direction `along`.
#[must_use]
pub fn oval(surface: &Surface, middle: DVec3, along: DVec3, half_axes_mm: [f64; 2]) -> Vec<SkinPoint> {
    let centre = surface.below(middle);
    let u = (along - centre.normal * along.dot(centre.normal)).normalize_or(centre.normal.any_orthonormal_vector());
    let v = centre.normal.cross(u);
    (0..12)
        .map(|i| {
            let (s, c) = libm::sincos(f64::from(i) / 12.0 * std::f64::consts::TAU);
            let step = u * (c * half_axes_mm[0]) + v * (s * half_axes_mm[1]);
            let end = path::walk(surface, centre.position, step, step.length());
            end.last().map_or(centre.position, |p| p.position).to_array()
        })
        .collect()
}
