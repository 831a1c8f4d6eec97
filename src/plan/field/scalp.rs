//! The scalp behind the hairline: its edge, distances from the edge, and the rise of density there.

use std::sync::Arc;

use fastnoise_lite::{FastNoiseLite, NoiseType};
use glam::DVec3;
use rayon::prelude::*;

use super::rise::rise;
use crate::head::Head;
use crate::head::chart::{Raster, SIDE};
use crate::head::landmarks::Landmark;
use crate::head::skin_map::SkinMap;
use crate::head::surface::SurfacePoint;
use crate::plan::hairline::Edge;
use crate::plan::line_distance::LineDistance;
use crate::plan::{Plan, curve, distance};

/// Wavelength of the line's undulation, mm (two to three waves across a forehead).
const UNDULATION_MM: f32 = 30.0;
/// Size of clusters of higher and lower density, mm.
const CLUSTER_MM: f32 = 5.5;
/// How far clusters shift the line at full strength, mm.
const CLUSTER_SHIFT_MM: f32 = 1.6;

/// The irregularity of the hairline, one value per texel of the cranium, about -1 to 1.
#[derive(Debug, Clone)]
pub(super) struct Waves {
    /// Of the line itself; symmetric.
    undulation: Vec<f32>,
    /// Of the density near the line.
    cluster: Vec<f32>,
}

impl Waves {
    pub fn new(map: &SkinMap, seed: u64) -> Self {
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

/// The closed edge of the scalp and the two lines of which it consists.
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
    /// The rim follows the outer ears at a few millimetres and crosses the nape at the level of the ear lobes.
    #[must_use]
    pub fn new(plan: &Plan, head: &Head) -> Self {
        let hairline = plan.hairline.line(head);
        let (right, left) = (head.landmark(Landmark::TragusRight), head.landmark(Landmark::TragusLeft));
        // Offsets forward and up from the tragus, mm: in front of the ear, over it, behind it, down to the nape.
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
    pub(crate) fn closed(&self) -> Vec<SurfacePoint> {
        let inner = self.rim.len().saturating_sub(1);
        self.hairline.iter().chain(self.rim.iter().take(inner).skip(1)).copied().collect()
    }
}

/// The scalp behind a hairline, with the distances that all its areas share.
#[derive(Debug, Clone)]
pub(super) struct ScalpLayout {
    edge: ScalpEdge,
    inside: Vec<bool>,
    hairline: Arc<LineDistance>,
    /// The edge along ears and nape.
    rim: Arc<LineDistance>,
}

impl ScalpLayout {
    /// Lays out the scalp; an earlier layout on the same head makes this faster, but does not change the result.
    pub fn new(plan: &Plan, head: &Head, map: &SkinMap, earlier: Option<&Arc<Self>>) -> Arc<Self> {
        let edge = ScalpEdge::new(plan, head);
        if let Some(earlier) = earlier.filter(|earlier| earlier.edge == edge) {
            return Arc::clone(earlier);
        }
        let measured = |line: &[SurfacePoint], earlier: Option<(&[SurfacePoint], &Arc<LineDistance>)>| match earlier {
            Some((known, distance)) if known == line => Arc::clone(distance),
            known => Arc::new(LineDistance::new(map, line, known.map(|(_, distance)| &**distance))),
        };
        let hairline = measured(&edge.hairline, earlier.map(|e| (&e.edge.hairline[..], &e.hairline)));
        let rim = measured(&edge.rim, earlier.map(|e| (&e.edge.rim[..], &e.rim)));
        let inside = distance::inside(map, head.cranium.centre, &edge.closed());
        Arc::new(Self { edge, inside, hairline, rim })
    }

    /// Distances of a texel from the hairline and from the rim, mm, positive on the scalp.
    fn distances_mm(&self, texel: usize) -> [f32; 2] {
        let distances = [&self.hairline, &self.rim].map(|line| line.distance_mm.values()[texel]);
        if self.inside[texel] { distances } else { distances.map(|d| -d) }
    }
}

/// The rise of density behind the hairline.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slope {
    /// The hairline's edge.
    pub edge: Edge,
    /// Density of the area, per cm2.
    pub full: f32,
    /// Width over which density rises from ears and nape, mm.
    pub rim_feather: f32,
    /// Depth of a band and the width over which its rear fades, mm; `None` for the whole scalp.
    pub band: Option<(f32, f32)>,
}

impl Slope {
    /// Dots per cm2 at each texel. If `known` are those of the same slope for an earlier layout, only texels whose
    /// distances have changed are recomputed.
    pub fn per_cm2(
        &self,
        map: &SkinMap,
        waves: &Waves,
        scalp: &ScalpLayout,
        known: Option<(&ScalpLayout, &Raster)>,
    ) -> Raster {
        let mut values = vec![0.0; SIDE * SIDE];
        values.par_chunks_mut(SIDE).enumerate().for_each(|(row, values)| {
            for (column, value) in values.iter_mut().enumerate() {
                let texel = row * SIDE + column;
                let distances = scalp.distances_mm(texel);
                *value = match known {
                    Some((earlier, per_cm2)) if earlier.distances_mm(texel) == distances => per_cm2.values()[texel],
                    _ if map.position[texel].is_none() => 0.0,
                    _ => self.per_cm2_at(distances, waves.undulation[texel], waves.cluster[texel]),
                };
            }
        });
        Raster::from_values(values)
    }

    fn per_cm2_at(&self, [d, rim]: [f32; 2], wave: f32, cluster: f32) -> f32 {
        let edge = &self.edge;
        let reach = (edge.stray_reach_mm + edge.undulation_mm) as f32 + CLUSTER_SHIFT_MM;
        // Outside the hairline the rim's distance is negative, too; strays are allowed there, but not around the ears.
        if d < -reach || (d < 0.0 && rim.abs() < 12.0) {
            return 0.0;
        }
        let d = d + edge.undulation_mm as f32 * wave;
        let mut per_cm2 = self.full * edge_share(edge, d, cluster);
        per_cm2 += strays(edge, d, cluster);
        if d > 0.0 {
            per_cm2 *= rise(rim, self.rim_feather);
        }
        if let Some((depth, feather)) = self.band {
            per_cm2 *= rise(depth - d, feather);
        }
        per_cm2
    }
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
    // Clusters are strongest in front and vanish where the defined zone ends.
    let fade = 1.0 - rise(d, transition + defined);
    (plain * (1.0 + 0.7 * strength * cluster * fade)).max(0.0)
}

/// Density of stray dots in front of the line, per cm2.
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
    // The library takes 32 bits: fold the 64 bits of the plan's seed.
    let mixed = (seed ^ (seed >> 32)).wrapping_mul(0x9E37_79B9).wrapping_add(purpose);
    let mut noise = FastNoiseLite::with_seed(mixed as u32 as i32);
    noise.set_noise_type(Some(NoiseType::OpenSimplex2));
    noise.set_frequency(Some(1.0 / size_mm));
    noise
}
