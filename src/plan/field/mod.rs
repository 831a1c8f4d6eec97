//! A plan applied to a head: the requested density at every place, and the area to which the place belongs.
//!
//! Computed once per edit; dots then look it up. A field stores what its shapes cover, so that the next edit recomputes
//! only what it changes: moving a hairline point costs a recomputation of the surrounding skin and a copy of the rest.

mod kept;
mod rise;
mod scalp;
mod strokes;

use std::sync::{Arc, OnceLock};

use glam::DVec3;
use rayon::prelude::*;

use super::area::{Area, Mask, NO_AREA, Outline};
use super::hairline::Edge;
use super::parameters::MOST_PER_CM2;
use super::{Plan, SkinPoint, curve, distance};
use crate::head::chart::{Raster, SIDE};
use crate::head::skin_map::SkinMap;
use crate::head::surface::Surface;
use crate::head::{Head, Part};
use kept::{Kept, recalled};
use rise::rise;
pub use scalp::ScalpEdge;
use scalp::{ScalpLayout, Slope, Waves};
use strokes::Trails;

/// Density and area on one surface of the head.
#[derive(Debug, Clone)]
pub struct DensityField {
    /// The surface.
    pub part: Part,
    /// Dots per cm2 after all sessions.
    pub density_per_cm2: Raster,
    /// Index in the plan of the densest area, or [`NO_AREA`].
    pub area: Vec<u8>,
    covers: Covers,
}

/// The cover of a plan's shapes on one surface.
#[derive(Debug, Clone, Default)]
struct Covers {
    scalp: Option<Arc<ScalpLayout>>,
    areas: Kept<AreaShape, Raster>,
    trails: Trails,
    masks: Kept<(Vec<SkinPoint>, f64), Enclosed>,
}

/// Everything that determines the density of one area.
#[derive(Debug, Clone, PartialEq)]
enum AreaShape {
    /// Behind the hairline.
    Scalp(Slope),
    /// A shape of its own, its density per cm2, and the width over which that rises, mm.
    Own(Outline, f64, f64),
}

impl AreaShape {
    fn of(area: &Area, edge: &Edge) -> Self {
        let (full, feather) = (area.density_per_cm2 as f32, area.feather_mm as f32);
        let scalp = |rim_feather, band| Self::Scalp(Slope { edge: edge.clone(), full, rim_feather, band });
        match &area.outline {
            Outline::Scalp => scalp(feather, None),
            Outline::BehindHairline { depth_mm } => scalp(6.0, Some((*depth_mm as f32, feather))),
            own => Self::Own(own.clone(), area.density_per_cm2, area.feather_mm),
        }
    }
}

/// The texels inside a smooth closed line, and those near it, on either side, with their distances, mm.
#[derive(Debug)]
struct Enclosed {
    inside: Vec<bool>,
    near: Vec<(usize, f32)>,
}

impl Enclosed {
    /// For the line through these points; texels within reach are near it.
    fn new(map: &SkinMap, surface: &Surface, points: &[SkinPoint], reach_mm: f64) -> Self {
        let mut line = curve::through(surface, points, true);
        let inside = distance::inside(map, surface.centre, &line);
        line.extend(line.first().copied());
        Self { inside, near: distance::near_line(map, surface.centre, &line, reach_mm) }
    }
}

/// A head laid out for planning: created once per head and seed.
#[derive(Debug, Clone)]
pub struct HeadMap {
    cranium: SkinMap,
    /// Few plans use it.
    lower_face: OnceLock<SkinMap>,
    lower_face_surface: Surface,
    waves: Waves,
}

impl HeadMap {
    /// Lays out the cranium; the lower face is laid out when it is first asked for. `seed` must be that of the plans
    /// for which it is used.
    #[must_use]
    pub fn new(head: &Head, seed: u64) -> Self {
        let cranium = SkinMap::new(head.surface(Part::Cranium), Part::Cranium.chart());
        let waves = Waves::new(&cranium, seed);
        let lower_face_surface = head.surface(Part::LowerFace).clone();
        Self { cranium, lower_face: OnceLock::new(), lower_face_surface, waves }
    }

    /// The layout of one surface.
    #[must_use]
    pub fn part(&self, part: Part) -> &SkinMap {
        match part {
            Part::Cranium => &self.cranium,
            Part::LowerFace => {
                if let Some(map) = self.lower_face.get() {
                    return map;
                }
                // Made before it is stored: threads that share the work must not wait for one another.
                let map = SkinMap::new(&self.lower_face_surface, part.chart());
                self.lower_face.get_or_init(|| map)
            }
        }
    }
}

/// The fields of all surfaces that the plan uses.
#[must_use]
pub fn density_fields(plan: &Plan, head: &Head, map: &HeadMap) -> Vec<DensityField> {
    density_fields_after(plan, head, map, &[])
}

/// The same, reusing the fields of an earlier plan for the same head, map and seed: only what has changed is
/// recomputed. The fields are the same to the last bit.
#[must_use]
pub fn density_fields_after(plan: &Plan, head: &Head, map: &HeadMap, earlier: &[DensityField]) -> Vec<DensityField> {
    let nothing = Covers::default();
    [Part::Cranium, Part::LowerFace]
        .into_iter()
        .filter(|&part| plan.areas.iter().any(|a| a.part == part))
        .map(|part| {
            let earlier = earlier.iter().find(|field| field.part == part).map_or(&nothing, |field| &field.covers);
            density_field(plan, head, map, part, earlier)
        })
        .collect()
}

fn density_field(plan: &Plan, head: &Head, head_map: &HeadMap, part: Part, earlier: &Covers) -> DensityField {
    let (surface, map) = (head.surface(part), head_map.part(part));
    let mut density_per_cm2 = Raster::filled(0.0);
    let mut owner = vec![NO_AREA; SIDE * SIDE];
    let uses_hairline = |a: &&Area| matches!(a.outline, Outline::Scalp | Outline::BehindHairline { .. });
    let scalp = (part == Part::Cranium && plan.areas.iter().any(|a| uses_hairline(&a)))
        .then(|| ScalpLayout::new(plan, head, map, earlier.scalp.as_ref()));
    let mut areas: Kept<AreaShape, Raster> = Vec::new();
    for (index, area) in plan.areas.iter().enumerate().filter(|(_, a)| a.part == part) {
        let shape = AreaShape::of(area, &plan.hairline.edge);
        let known = recalled(&earlier.areas, areas.len(), &shape);
        let one = match (&shape, &scalp) {
            (AreaShape::Scalp(slope), Some(scalp)) => {
                let known = earlier.scalp.as_deref().zip(known.as_deref());
                Arc::new(slope.per_cm2(map, &head_map.waves, scalp, known))
            }
            (AreaShape::Scalp(_), None) => Arc::new(Raster::filled(0.0)),
            (AreaShape::Own(outline, ..), _) => {
                known.unwrap_or_else(|| Arc::new(own_density(outline, area, surface, map)))
            }
        };
        for ((total, who), one) in
            density_per_cm2.values_mut().iter_mut().zip(&mut owner).zip(one.values().iter().copied())
        {
            if one > *total {
                *total = one;
                *who = index as u8;
            }
        }
        areas.push((shape, one));
    }
    let trails = strokes::brush(plan, surface, map, part, (&mut density_per_cm2, &mut owner), &earlier.trails);
    let mut masks = Vec::new();
    for mask in plan.masks.iter().filter(|m| m.part == part) {
        let key = (mask.points.clone(), mask.feather_mm);
        let enclosed = recalled(&earlier.masks, masks.len(), &key)
            .unwrap_or_else(|| Arc::new(Enclosed::new(map, surface, &mask.points, mask.feather_mm)));
        keep_out(mask, &enclosed, &mut density_per_cm2);
        masks.push((key, enclosed));
    }
    for total in density_per_cm2.values_mut() {
        *total = total.clamp(0.0, MOST_PER_CM2 as f32);
    }
    let covers = Covers { scalp, areas, trails, masks };
    DensityField { part, density_per_cm2, area: owner, covers }
}

fn keep_out(mask: &Mask, enclosed: &Enclosed, density_per_cm2: &mut Raster) {
    for (total, inside) in density_per_cm2.values_mut().iter_mut().zip(&enclosed.inside) {
        if *inside {
            *total = 0.0;
        }
    }
    for &(index, d) in enclosed.near.iter().filter(|(index, _)| !enclosed.inside[*index]) {
        density_per_cm2.values_mut()[index] *= rise(d, mask.feather_mm as f32);
    }
}

/// Density of an area with its own shape.
fn own_density(outline: &Outline, area: &Area, surface: &Surface, map: &SkinMap) -> Raster {
    let full = area.density_per_cm2 as f32;
    let feather = area.feather_mm as f32;
    match outline {
        // Outlines that follow the hairline have no shape of their own.
        Outline::Scalp | Outline::BehindHairline { .. } => Raster::filled(0.0),
        Outline::Closed { points } => {
            let Enclosed { inside, near } = Enclosed::new(map, surface, points, area.feather_mm);
            let mut raster =
                Raster::from_values(inside.iter().map(|&inside| if inside { full } else { 0.0 }).collect());
            for (index, d) in near {
                raster.values_mut()[index] *= rise(d, feather);
            }
            raster
        }
        Outline::Line { points, width_mm } => {
            // Scars are covered a little beyond their edge and fade from there.
            let reach = 0.5 * width_mm + 0.5 * area.feather_mm;
            let line = curve::through(surface, points, false);
            let mut raster = Raster::filled(0.0);
            for (index, d) in distance::near_line(map, surface.centre, &line, reach) {
                raster.values_mut()[index] = full * rise(reach as f32 - d, feather);
            }
            raster
        }
        Outline::Spots { centres, diameter_mm } => {
            let middles: Vec<DVec3> = centres.iter().map(|&c| surface.below(DVec3::from(c)).position).collect();
            let half = 0.5 * *diameter_mm;
            let values = map
                .position
                .par_iter()
                .map(|place| {
                    let Some(place) = place else { return 0.0 };
                    let nearest = middles.iter().map(|m| m.distance(*place)).fold(f64::INFINITY, f64::min);
                    full * rise((half - nearest) as f32, feather)
                })
                .collect();
            Raster::from_values(values)
        }
    }
}

impl DensityField {
    /// Index of the area at texel coordinates, or of an adjacent texel with an area.
    #[must_use]
    pub(crate) fn area_at(&self, texel: [f32; 2]) -> u8 {
        let (x, y) = (texel[0] as usize, texel[1] as usize);
        let at = |dx: isize, dy: isize| {
            let (i, j) = (x.saturating_add_signed(dx).min(SIDE - 1), y.saturating_add_signed(dy).min(SIDE - 1));
            self.area[j * SIDE + i]
        };
        // Density is interpolated between texels, so a dot at an area's rim may lie on a texel without an area.
        const AROUND: [(isize, isize); 9] =
            [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)];
        AROUND.into_iter().map(|(dx, dy)| at(dx, dy)).find(|&a| a != NO_AREA).unwrap_or(NO_AREA)
    }

    /// Skin with at least a tenth of the area's density, cm2.
    #[must_use]
    pub fn area_cm2(&self, plan: &Plan, map: &HeadMap, area: usize) -> f64 {
        let Some(asked) = plan.areas.get(area) else { return 0.0 };
        let least = 0.1 * asked.density_per_cm2 as f32;
        let mm2: f64 = self
            .area
            .iter()
            .zip(self.density_per_cm2.values())
            .zip(&map.part(self.part).area_mm2)
            .filter(|((who, density), _)| usize::from(**who) == area && **density >= least.max(1e-3))
            .map(|(_, &mm2)| f64::from(mm2))
            .sum();
        mm2 / 100.0
    }
}
