//! What a plan means on a head: the density asked for at every place, and the area it belongs to.
//!
//! Made once per edit; dots then look it up. See [`distance`] for the cost.

use fastnoise_lite::{FastNoiseLite, NoiseType};
use glam::DVec3;
use rayon::prelude::*;

use super::area::{Area, Effect, Outline, Stroke};
use super::hairline::Edge;
use super::{DENSITY_LIMIT_PER_CM2, Plan, SkinPoint, curve, distance};
use crate::head::chart::{REACH, Raster, SIDE};
use crate::head::landmarks::Landmark;
use crate::head::skin_map::SkinMap;
use crate::head::surface::{Surface, SurfacePoint};
use crate::head::{Head, Part};

/// Length over which the line undulates, mm (two to three waves across a forehead).
const UNDULATION_MM: f32 = 30.0;
/// Size of clusters of higher and lower density, mm.
const CLUSTER_MM: f32 = 5.5;
/// How far clusters push the line to and fro at full strength, mm.
const CLUSTER_SHIFT_MM: f32 = 1.6;

/// Area index of a place that belongs to none.
pub const NO_AREA: u8 = u8::MAX;

/// Density and area on one surface of the head.
#[derive(Debug, Clone, PartialEq)]
pub struct DensityField {
    /// The surface.
    pub part: Part,
    /// Dots per cm2 once all sessions are done.
    pub density_per_cm2: Raster,
    /// Index into the plan's areas of the densest area, or [`NO_AREA`].
    pub area: Vec<u8>,
}

/// A head laid out for planning: made once per head and seed.
#[derive(Debug, Clone)]
pub struct HeadMap {
    maps: [SkinMap; 2],
    waves: Waves,
}

/// The irregularity of the hairline, one value a texel of the cranium, about -1 to 1.
#[derive(Debug, Clone)]
struct Waves {
    /// Of the line itself; symmetric.
    undulation: Vec<f32>,
    /// Of density near the line.
    cluster: Vec<f32>,
}

impl Waves {
    fn new(map: &SkinMap, seed: u64) -> Self {
        let sample = |purpose: u64, size_mm: f32, symmetric: bool| {
            let noise = noise(seed, purpose, size_mm);
            let value = |place: &Option<DVec3>| {
                let p = place.map_or(glam::Vec3::ZERO, |p| p.as_vec3());
                noise.get_noise_3d(if symmetric { p.x.abs() } else { p.x }, p.y, p.z)
            };
            map.position.par_iter().map(value).collect()
        };
        // The line itself is symmetric, its clusters are not.
        Self { undulation: sample(11, UNDULATION_MM, true), cluster: sample(23, CLUSTER_MM, false) }
    }
}

impl HeadMap {
    /// Lays out both surfaces. `seed` is that of the plans that will be laid on it.
    #[must_use]
    pub fn new(head: &Head, seed: u64) -> Self {
        let map = |part: Part| SkinMap::new(head.surface(part), part.chart());
        let maps = [map(Part::Cranium), map(Part::LowerFace)];
        let waves = Waves::new(&maps[0], seed);
        Self { maps, waves }
    }

    /// The layout of one surface.
    #[must_use]
    pub fn part(&self, part: Part) -> &SkinMap {
        match part {
            Part::Cranium => &self.maps[0],
            Part::LowerFace => &self.maps[1],
        }
    }
}

/// The closed edge of the scalp and the two lines that make it up.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalpEdge {
    /// The hairline, right sideburn to left.
    pub hairline: Vec<SurfacePoint>,
    /// Around the left ear, along the nape, around the right ear.
    pub rim: Vec<SurfacePoint>,
}

impl ScalpEdge {
    /// The edge for a plan's hairline on this head.
    ///
    /// The rim follows the outer ears a few millimetres off and crosses the nape at the level of the ear lobes.
    #[must_use]
    pub fn new(plan: &Plan, head: &Head) -> Self {
        let hairline = plan.hairline.line(head);
        let (right, left) = (head.landmark(Landmark::TragusRight), head.landmark(Landmark::TragusLeft));
        // Forward and up from the tragus, mm: in front of the ear, over it, behind it, down to the nape.
        const AROUND_EAR: [[f64; 2]; 9] = [
            [2.0, 6.0],
            [1.0, 22.0],
            [-3.0, 34.0],
            [-15.0, 41.0],
            [-31.0, 37.0],
            [-41.0, 22.0],
            [-45.0, 2.0],
            [-50.0, -14.0],
            [-66.0, -22.0],
        ];
        let around = |tragus: DVec3| {
            AROUND_EAR.map(|[forward, up]| {
                let side = tragus.x.signum();
                let (y, z) = (tragus.y + up, tragus.z + forward);
                let inward = DVec3::new(-side, 0.0, 0.0);
                let origin = DVec3::new(side * 400.0, y, z);
                let hit = head.cranium.hit(origin, inward).map(|(_, p)| p);
                hit.unwrap_or_else(|| head.cranium.below(DVec3::new(side * 55.0, y, z))).position.to_array()
            })
        };
        let nape_y = 0.5 * (right.y + left.y) - 24.0;
        let nape = [-35.0, 0.0, 35.0].map(|x| {
            let back = head.cranium.hit(DVec3::new(x, nape_y, -400.0), DVec3::Z).map(|(_, p)| p);
            back.unwrap_or_else(|| head.cranium.below(DVec3::new(x, nape_y, -80.0))).position.to_array()
        });
        let mut points = Vec::new();
        points.extend(hairline.last().map(|p| p.position.to_array()));
        points.extend(around(left));
        points.extend(nape.into_iter().rev());
        points.extend(around(right).into_iter().rev());
        points.extend(hairline.first().map(|p| p.position.to_array()));
        Self { hairline, rim: curve::through(&head.cranium, &points, false) }
    }

    /// The closed line.
    #[must_use]
    pub fn closed(&self) -> Vec<SurfacePoint> {
        let inner = self.rim.len().saturating_sub(1);
        self.hairline.iter().chain(self.rim.iter().take(inner).skip(1)).copied().collect()
    }
}

/// The fields of every surface that the plan uses.
#[must_use]
pub fn density_fields(plan: &Plan, head: &Head, map: &HeadMap) -> Vec<DensityField> {
    [Part::Cranium, Part::LowerFace]
        .into_iter()
        .filter(|&part| plan.areas.iter().any(|a| a.part == part))
        .map(|part| density_field(plan, head, map, part))
        .collect()
}

fn density_field(plan: &Plan, head: &Head, head_map: &HeadMap, part: Part) -> DensityField {
    let (surface, map) = (head.surface(part), head_map.part(part));
    let mut density = Raster::filled(0.0);
    let mut owner = vec![NO_AREA; SIDE * SIDE];
    let uses_hairline = |a: &&Area| matches!(a.outline, Outline::Scalp | Outline::BehindHairline { .. });
    let scalp = (part == Part::Cranium && plan.areas.iter().any(|a| uses_hairline(&a)))
        .then(|| ScalpDistances::new(plan, head, map));
    let waves = &head_map.waves;
    for (index, area) in plan.areas.iter().enumerate().filter(|(_, a)| a.part == part) {
        let one = area_density(plan, area, surface, map, scalp.as_ref().map(|s| (s, waves)));
        for ((total, who), one) in density.values_mut().iter_mut().zip(&mut owner).zip(one.values().iter().copied()) {
            if one > *total {
                *total = one;
                *who = index as u8;
            }
        }
    }
    brush(plan, surface, map, part, &mut density, &mut owner);
    for mask in plan.masks.iter().filter(|m| m.part == part) {
        let (inside, near) = closed(map, surface, &mask.points, mask.feather_mm);
        for (total, inside) in density.values_mut().iter_mut().zip(&inside) {
            if *inside {
                *total = 0.0;
            }
        }
        for (index, d) in near {
            if !inside[index] {
                density.values_mut()[index] *= rise(d, mask.feather_mm as f32);
            }
        }
    }
    for total in density.values_mut() {
        *total = total.clamp(0.0, DENSITY_LIMIT_PER_CM2 as f32);
    }
    DensityField { part, density_per_cm2: density, area: owner }
}

/// Which texels lie inside the smooth closed line through these points, and which lie within reach of it, on either side.
fn closed(map: &SkinMap, surface: &Surface, points: &[SkinPoint], reach_mm: f64) -> (Vec<bool>, Vec<(usize, f32)>) {
    let mut line = curve::through(surface, points, true);
    let inside = distance::inside(map, surface.centre, &line);
    line.extend(line.first().copied());
    (inside, distance::near_line(map, surface.centre, &line, reach_mm))
}

/// Applies the strokes of a part, in the order drawn.
fn brush(plan: &Plan, surface: &Surface, map: &SkinMap, part: Part, density: &mut Raster, owner: &mut [u8]) {
    let strokes: Vec<&Stroke> = plan.strokes.iter().filter(|s| s.part == part).collect();
    // A stroke beside every area takes the needle and shade of the first one on this surface.
    let fallback = plan.areas.iter().position(|a| a.part == part).map_or(NO_AREA, |i| i as u8);
    let near: Vec<Vec<(usize, f32)>> = strokes
        .par_iter()
        .map(|stroke| {
            let line = curve::through(surface, &stroke.points, false);
            distance::near_line(map, surface.centre, &line, stroke.radius_mm)
        })
        .collect();
    for (stroke, near) in strokes.into_iter().zip(near) {
        let strength = stroke.change_per_cm2 as f32;
        let means = match stroke.effect {
            Effect::Change => Vec::new(),
            Effect::Smooth => local_means(density, &near, 0.5 * radius_texels(stroke, surface)),
        };
        for (k, &(index, d)) in near.iter().enumerate() {
            let ratio = d / stroke.radius_mm as f32;
            let t = 1.0 - ratio * ratio;
            let most = strength * t * t;
            let total = &mut density.values_mut()[index];
            // Within bounds after each stroke: what is taken away twice need not be painted twice.
            *total = match stroke.effect {
                Effect::Change => *total + most,
                Effect::Smooth => *total + (means[k] - *total).clamp(-most, most),
            }
            .clamp(0.0, DENSITY_LIMIT_PER_CM2 as f32);
            if owner[index] == NO_AREA && *total > 0.0 {
                owner[index] = fallback;
            }
        }
    }
}

/// Radius of a stroke in texels, in the direction away from the chart's middle.
fn radius_texels(stroke: &Stroke, surface: &Surface) -> f64 {
    let place = stroke.points.first().map_or(surface.at(DVec3::Y), |&p| surface.below(DVec3::from(p)));
    stroke.radius_mm / place.position.distance(surface.centre) * SIDE as f64 / (2.0 * REACH)
}

/// For each of these texels the mean of the square around it that reaches `reach` texels to each side.
fn local_means(density: &Raster, near: &[(usize, f32)], reach: f64) -> Vec<f32> {
    let reach = (reach.round() as usize).max(1);
    let rows = near.iter().map(|(index, _)| index / SIDE);
    let columns = near.iter().map(|(index, _)| index % SIDE);
    let (Some(top), Some(bottom)) = (rows.clone().min(), rows.max()) else { return Vec::new() };
    let (Some(left), Some(right)) = (columns.clone().min(), columns.max()) else { return Vec::new() };
    let (x0, y0) = (left.saturating_sub(reach), top.saturating_sub(reach));
    let (x1, y1) = ((right + reach + 1).min(SIDE), (bottom + reach + 1).min(SIDE));
    // Sums of everything above and to the left, so that any square costs four look-ups.
    let width = x1 - x0 + 1;
    let mut sums = vec![0.0_f64; width * (y1 - y0 + 1)];
    for j in y0..y1 {
        let mut row = 0.0;
        for i in x0..x1 {
            row += f64::from(density.values()[j * SIDE + i]);
            let at = (j - y0 + 1) * width + i - x0 + 1;
            sums[at] = sums[at - width] + row;
        }
    }
    near.iter()
        .map(|&(index, _)| {
            let (i, j) = (index % SIDE, index / SIDE);
            let (left, right) = (i.saturating_sub(reach).max(x0) - x0, (i + reach + 1).min(x1) - x0);
            let (top, bottom) = (j.saturating_sub(reach).max(y0) - y0, (j + reach + 1).min(y1) - y0);
            let sum = |x: usize, y: usize| sums[y * width + x];
            let total = sum(right, bottom) - sum(left, bottom) - sum(right, top) + sum(left, top);
            (total / ((right - left) * (bottom - top)) as f64) as f32
        })
        .collect()
}

/// 0 at the edge and outside, 1 from `width` on, smooth between.
fn rise(distance: f32, width: f32) -> f32 {
    if distance <= 0.0 {
        return 0.0;
    }
    let t = if width > 0.0 { (distance / width).min(1.0) } else { 1.0 };
    t * t * (3.0 - 2.0 * t)
}

/// Distances that every area of the scalp shares.
struct ScalpDistances {
    /// From the hairline, mm, positive on the scalp.
    hairline: Raster,
    /// From ears and nape, mm, positive on the scalp.
    rim: Raster,
}

impl ScalpDistances {
    fn new(plan: &Plan, head: &Head, map: &SkinMap) -> Self {
        let edge = ScalpEdge::new(plan, head);
        let inside = distance::inside(map, head.cranium.centre, &edge.closed());
        let signed = |line: &[SurfacePoint]| {
            let mut raster = distance::from_line(map, line);
            for (d, &inside) in raster.values_mut().iter_mut().zip(&inside) {
                if !inside {
                    *d = -*d;
                }
            }
            raster
        };
        Self { hairline: signed(&edge.hairline), rim: signed(&edge.rim) }
    }
}

fn area_density(
    plan: &Plan,
    area: &Area,
    surface: &Surface,
    map: &SkinMap,
    scalp: Option<(&ScalpDistances, &Waves)>,
) -> Raster {
    let full = area.density_per_cm2 as f32;
    let feather = area.feather_mm as f32;
    let soft = |raster: Raster| Raster::from_values(raster.values().iter().map(|&d| full * rise(d, feather)).collect());
    match (&area.outline, scalp) {
        (Outline::Scalp, Some(scalp)) => hairline_density(plan, map, scalp, full, feather, None),
        (Outline::BehindHairline { depth_mm }, Some(scalp)) => {
            hairline_density(plan, map, scalp, full, 6.0, Some((*depth_mm as f32, feather)))
        }
        (Outline::Scalp | Outline::BehindHairline { .. }, None) => Raster::filled(0.0),
        (Outline::Closed { points }, _) => {
            let (inside, near) = closed(map, surface, points, area.feather_mm);
            let mut raster =
                Raster::from_values(inside.iter().map(|&inside| if inside { full } else { 0.0 }).collect());
            for (index, d) in near {
                raster.values_mut()[index] *= rise(d, feather);
            }
            raster
        }
        (Outline::Line { points, width_mm }, _) => {
            // Scars are covered a little past their edge and fade from there.
            let reach = 0.5 * width_mm + 0.5 * area.feather_mm;
            let line = curve::through(surface, points, false);
            let mut raster = Raster::filled(0.0);
            for (index, d) in distance::near_line(map, surface.centre, &line, reach) {
                raster.values_mut()[index] = full * rise(reach as f32 - d, feather);
            }
            raster
        }
        (Outline::Spots { centres, diameter_mm }, _) => {
            let middles: Vec<DVec3> = centres.iter().map(|&c| surface.below(DVec3::from(c)).position).collect();
            let half = 0.5 * *diameter_mm;
            let values = map
                .position
                .par_iter()
                .map(|place| {
                    let Some(place) = place else { return -1.0 };
                    let nearest = middles.iter().map(|m| m.distance(*place)).fold(f64::INFINITY, f64::min);
                    (half - nearest) as f32
                })
                .collect();
            soft(Raster::from_values(values))
        }
    }
}

fn hairline_density(
    plan: &Plan,
    map: &SkinMap,
    (scalp, waves): (&ScalpDistances, &Waves),
    full: f32,
    rim_feather: f32,
    band: Option<(f32, f32)>,
) -> Raster {
    let edge = &plan.hairline.edge;
    let reach = (edge.stray_reach_mm + edge.undulation_mm) as f32 + CLUSTER_SHIFT_MM;
    let values = (0..SIDE * SIDE)
        .into_par_iter()
        .map(|index| {
            if map.position[index].is_none() {
                return 0.0;
            }
            let (d, rim) = (scalp.hairline.values()[index], scalp.rim.values()[index]);
            // Outside the hairline the rim's distance is negative, too; strays may stand there, but not around the ears.
            if d < -reach || (d < 0.0 && rim.abs() < 12.0) {
                return 0.0;
            }
            let (wave, cluster) = (waves.undulation[index], waves.cluster[index]);
            let d = d + edge.undulation_mm as f32 * wave;
            let mut density = full * edge_share(edge, d, cluster);
            density += strays(edge, d, cluster);
            if d > 0.0 {
                density *= rise(rim, rim_feather);
            }
            if let Some((depth, feather)) = band {
                density *= rise(depth - d, feather);
            }
            density
        })
        .collect();
    Raster::from_values(values)
}

/// Share of the area's density at `d` mm behind the line.
fn edge_share(edge: &Edge, d: f32, cluster: f32) -> f32 {
    let (transition, defined) = (edge.transition_mm as f32, edge.defined_mm as f32);
    let strength = edge.clusters as f32;
    let d = d + CLUSTER_SHIFT_MM * strength * cluster;
    if d <= 0.0 {
        return 0.0;
    }
    let (start, middle) = (edge.start_share as f32, edge.transition_share as f32);
    let plain = if d < transition {
        start + (middle - start) * rise(d, transition)
    } else {
        middle + (1.0 - middle) * rise(d - transition, defined)
    };
    // Clusters are strongest in front and gone where the defined zone ends.
    let fade = 1.0 - rise(d, transition + defined);
    (plain * (1.0 + 0.7 * strength * cluster * fade)).max(0.0)
}

/// Dots per cm2 that stray in front of the line.
fn strays(edge: &Edge, d: f32, cluster: f32) -> f32 {
    if d > 0.0 {
        return 0.0;
    }
    let fall = libm::expf(2.3 * d / edge.stray_reach_mm as f32);
    // In loose groups rather than evenly.
    edge.strays_per_cm2 as f32 * fall * (0.6 + 1.2 * cluster).max(0.0)
}

/// Coherent noise of about -1 to 1 with features of `size_mm`.
fn noise(seed: u64, purpose: u64, size_mm: f32) -> FastNoiseLite {
    // The library takes 32 bits: fold the 64 of the plan's seed into them.
    let mixed = (seed ^ (seed >> 32)).wrapping_mul(0x9E37_79B9).wrapping_add(purpose);
    let mut noise = FastNoiseLite::with_seed(mixed as u32 as i32);
    noise.set_noise_type(Some(NoiseType::OpenSimplex2));
    noise.set_frequency(Some(1.0 / size_mm));
    noise
}

impl DensityField {
    /// Index of the area at texel coordinates, or of the nearest texel around that has one.
    #[must_use]
    pub fn area_at(&self, texel: [f32; 2]) -> u8 {
        let (x, y) = (texel[0] as usize, texel[1] as usize);
        let at = |dx: isize, dy: isize| {
            let (i, j) = (x.saturating_add_signed(dx).min(SIDE - 1), y.saturating_add_signed(dy).min(SIDE - 1));
            self.area[j * SIDE + i]
        };
        // Density is interpolated between texels, so a dot at an area's rim may lie on a texel without one.
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
