//! From candidates to the dots of a plan: which are placed, in which session, how large, how deep and how dark.

use std::collections::HashMap;
use std::sync::Arc;

use glam::DVec3;
use rayon::prelude::*;

use super::candidates::HeadFollicles;
use super::select::select_in_tile;
use super::set::Follicles;
use super::tiles::{TILE, TILES, texels_in_reach};
use super::traits::HealedColumn;
use crate::ground::points::hexagonal_spacing_mm;
use crate::head::chart::SIDE;
use crate::head::{Head, Part};
use crate::plan::area::{Front, NO_AREA};
use crate::plan::field::DensityField;
use crate::plan::parameters::MOST_PER_CM2;
use crate::plan::pigment::Pigment;
use crate::plan::session::{Session, TouchUp};
use crate::plan::{Plan, pigment};

/// One dot as the needle places it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// Position on the skin, mm, head space.
    pub position: DVec3,
    /// Outward unit normal of the skin.
    pub normal: DVec3,
    /// Surface on which it lies.
    pub part: Part,
    /// Index of its candidate among those of its surface; ascending within a surface.
    pub follicle: u32,
    /// Index of its area in the plan.
    pub area: u8,
    /// Session in which it is placed, from 1; a touch-up counts as one more.
    pub session: u8,
    /// Diameter when placed, mm.
    pub diameter_mm: f64,
    /// Factor on its diameter after healing.
    pub dispersal: f64,
    /// Depth of the pigment's upper end after healing, mm.
    pub depth_mm: f64,
    /// Extent of the pigment downwards from there, mm.
    pub height_mm: f64,
    /// Absorption of the pigment as placed, per mm: red, green, blue.
    pub absorption_per_mm: [f64; 3],
    /// Ratio of its length to its width on the skin, at least 1, and the direction of its length, from its upper
    /// towards its lower end: radians from the first axis of [`tangents`] towards the second.
    pub stretch: f64,
    /// See [`stretch`](Self::stretch).
    pub direction: f64,
    /// True for the scattered darkest ("3D") dots.
    pub dark: bool,
    /// Planned density around it, all sessions, per cm2.
    pub density_per_cm2: f64,
}

/// The dots of a plan, all sessions, tile by tile.
#[derive(Debug, Clone, PartialEq)]
pub struct Dots {
    rules: Rules,
    tiles: Vec<Arc<TileDots>>,
}

/// The dots on a small piece of skin, one tile of its surface's chart. An edit of a plan regenerates only the tiles
/// that it affects, and shares the others.
#[derive(Debug, PartialEq)]
pub struct TileDots {
    /// The surface.
    pub part: Part,
    /// Index of the tile on the chart.
    index: usize,
    /// Ascending by candidate; a dot that is touched up is followed by the dot of the touch-up.
    pub dots: Vec<Dot>,
}

impl TileDots {
    /// Identifies the tile among those of a head: part and tile.
    #[must_use]
    pub fn place(&self) -> (Part, usize) {
        (self.part, self.index)
    }

    /// Left and upper edge on the chart, texels; a tile is [`TILE_TEXELS`] wide and high.
    #[must_use]
    pub(crate) fn corner_texels(&self) -> [usize; 2] {
        [self.index % TILES * TILE, self.index / TILES * TILE]
    }
}

/// Width and height of a tile on its chart, texels.
pub(crate) const TILE_TEXELS: usize = TILE;

/// The settings of a plan that apply to all dots of an area and session, independent of position.
#[derive(Debug, Clone, Default, PartialEq)]
struct Rules {
    sessions: Vec<Session>,
    touch_up: Option<TouchUp>,
    pigment: Option<Pigment>,
    size_jitter: f64,
    randomness: f64,
    depth_mm: f64,
    height_mm: f64,
    /// Needle, shade and front of each area.
    areas: Vec<(Option<f64>, f64, Front)>,
}

impl Dots {
    /// The dots of a plan on these fields. Cost: one pass over the candidates.
    #[must_use]
    pub fn new(plan: &Plan, fields: &[DensityField], follicles: (&Head, &HeadFollicles)) -> Self {
        Self::after(plan, fields, follicles, None)
    }

    /// The same, reusing the dots and fields of an earlier plan on the same candidates: unchanged tiles are shared. The
    /// dots are the same to the last bit.
    #[must_use]
    pub fn after(
        plan: &Plan,
        fields: &[DensityField],
        (head, follicles): (&Head, &HeadFollicles),
        earlier: Option<(&Self, &[DensityField])>,
    ) -> Self {
        let rules = Rules {
            sessions: plan.sessions.clone(),
            touch_up: plan.touch_up,
            // Plans are validated on input, so the pigment exists; otherwise a plain black replaces it.
            pigment: plan.chosen_pigment().or_else(|| pigment::library().first()).cloned(),
            size_jitter: plan.size_jitter,
            randomness: plan.randomness,
            depth_mm: plan.depth_mm,
            height_mm: plan.height_mm,
            areas: plan.areas.iter().map(|area| (area.needle_mm, area.shade, area.front())).collect(),
        };
        let earlier = earlier.filter(|(earlier, _)| earlier.rules == rules);
        let mut tiles = Vec::new();
        for field in fields {
            let densest = field.density_per_cm2.values().iter().copied().fold(0.0, f32::max);
            let share = plan.sessions.iter().map(|session| session.cumulative_share as f32).fold(1.0, f32::max);
            // Interpolation between texels rounds.
            let set = follicles.part(head, field.part, (densest * share * (1.0 + 1e-5)).min(MOST_PER_CM2 as f32));
            let known: HashMap<usize, &Arc<TileDots>> = earlier
                .iter()
                .flat_map(|(earlier, _)| &earlier.tiles)
                .filter(|tile| tile.part == field.part)
                .map(|tile| (tile.index, tile))
                .collect();
            let old_field = earlier.and_then(|(_, fields)| fields.iter().find(|f| f.part == field.part));
            let tile = |index: usize| {
                if old_field.is_some_and(|old| is_same(old, field, index)) {
                    return known.get(&index).map(|tile| Arc::clone(tile));
                }
                let is_treated = treated(field, index);
                is_treated.then(|| Arc::new(TileDots { part: field.part, index, dots: rules.dots(field, set, index) }))
            };
            tiles.par_extend((0..TILES * TILES).into_par_iter().filter_map(tile));
        }
        Self { rules, tiles }
    }

    /// The treated tiles, in the order of their places.
    #[must_use]
    pub fn tiles(&self) -> &[Arc<TileDots>] {
        &self.tiles
    }

    /// All dots.
    pub fn iter(&self) -> impl Iterator<Item = &Dot> {
        self.tiles.iter().flat_map(|tile| &tile.dots)
    }

    /// Number of dots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tiles.iter().map(|tile| tile.dots.len()).sum()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Dots from elsewhere, as one tile per surface.
impl FromIterator<Dot> for Dots {
    fn from_iter<I: IntoIterator<Item = Dot>>(dots: I) -> Self {
        let (cranium, lower_face) = dots.into_iter().partition(|dot| dot.part == Part::Cranium);
        let tile = |(part, dots)| Arc::new(TileDots { part, index: 0, dots });
        let tiles = [(Part::Cranium, cranium), (Part::LowerFace, lower_face)].map(tile).into();
        Self { rules: Rules::default(), tiles }
    }
}

/// True if two fields of a surface agree on a tile.
fn is_same(a: &DensityField, b: &DensityField, tile: usize) -> bool {
    let [columns, rows] = texels_in_reach(tile);
    let mut texels = rows.map(|row| row * SIDE + columns.start..row * SIDE + columns.end);
    texels.all(|row| {
        a.density_per_cm2.values()[row.clone()] == b.density_per_cm2.values()[row.clone()]
            && a.area[row.clone()] == b.area[row]
    })
}

/// True if any part of a tile is treated.
fn treated(field: &DensityField, tile: usize) -> bool {
    let [columns, mut rows] = texels_in_reach(tile);
    rows.any(|row| field.density_per_cm2.values()[row * SIDE..][columns.clone()].iter().any(|density| *density > 0.0))
}

/// Where dots are sparser than this, random displacement stops growing, so that single dots at the edge stay there.
const SPARSE_PER_CM2: f64 = 20.0;

/// Two perpendicular axes along the skin.
#[must_use]
pub(crate) fn tangents(normal: DVec3) -> (DVec3, DVec3) {
    normal.any_orthonormal_pair()
}

/// A step along the skin, short enough for its curvature to put the end less than 0.1 mm off the surface.
fn beside(normal: DVec3, [across, along]: [f64; 2]) -> DVec3 {
    let (a, b) = tangents(normal);
    a * across + b * along
}

impl Rules {
    fn absorption_per_mm(&self, dilution: f64, shade: f64) -> [f64; 3] {
        self.pigment.as_ref().map_or([0.0; 3], |p| p.diluted_per_mm(dilution)).map(|a| a * shade)
    }

    /// The dots of one tile, ascending by candidate.
    fn dots(&self, field: &DensityField, set: &Follicles, tile: usize) -> Vec<Dot> {
        let shares: Vec<f32> = self.sessions.iter().map(|s| s.cumulative_share as f32).collect();
        let called = select_in_tile(set, &field.density_per_cm2, &shares, tile);
        let dot = |(index, session): (usize, u8)| {
            let owner = field.area_at(set.texels()[index]);
            let &(needle_mm, shade, front) = self.areas.get(usize::from(owner))?;
            let plan_session = self.sessions.get(usize::from(session) - 1)?;
            debug_assert_ne!(owner, NO_AREA);
            let traits = set.traits()[index];
            let density_per_cm2 = f64::from(field.density_per_cm2.at(set.texels()[index]));
            let fineness = front.fineness(density_per_cm2);
            let dark = f64::from(traits.shade) < plan_session.dark_share * fineness.dark;
            let dilution = if dark { plan_session.dark_dilution } else { plan_session.dilution };
            let needle_mm = needle_mm.unwrap_or(plan_session.needle_mm) * fineness.diameter;
            let normal = set.normals()[index];
            let factors = [traits.top_factor, traits.reach_factor].map(f64::from);
            let column = HealedColumn::new(self.depth_mm, self.height_mm, factors);
            let spread_mm = self.randomness * hexagonal_spacing_mm(density_per_cm2.max(SPARSE_PER_CM2));
            Some(Dot {
                position: set.positions_mm()[index] + beside(normal, traits.displacement.map(f64::from)) * spread_mm,
                normal,
                part: field.part,
                follicle: index as u32,
                area: owner,
                session,
                diameter_mm: needle_mm * traits.diameter_with(self.size_jitter),
                depth_mm: column.depth_mm,
                height_mm: column.height_mm,
                dispersal: column.dispersal,
                absorption_per_mm: self
                    .absorption_per_mm(dilution, shade * fineness.absorption * f64::from(traits.load_factor)),
                stretch: f64::from(traits.stretch),
                direction: f64::from(traits.direction),
                dark,
                density_per_cm2,
            })
        };
        let touched_up = |dot: Dot| {
            let touch_up = self.touch_up.filter(|touch_up| touch_up.touches(dot.follicle))?;
            let (own_needle_mm, shade, front) = self.areas[usize::from(dot.area)];
            let needle = |needle_mm: f64| own_needle_mm.unwrap_or(needle_mm);
            let before = needle(self.sessions[usize::from(dot.session) - 1].needle_mm);
            let shade = shade * front.fineness(dot.density_per_cm2).absorption;
            Some(Dot {
                session: u8::try_from(self.sessions.len() + 1).unwrap_or(u8::MAX),
                diameter_mm: dot.diameter_mm / before * needle(touch_up.needle_mm),
                absorption_per_mm: self.absorption_per_mm(touch_up.dilution, shade),
                dark: false,
                ..dot
            })
        };
        let dots = called.into_iter().filter_map(dot);
        dots.flat_map(|dot| [Some(dot), touched_up(dot)]).flatten().collect()
    }
}
