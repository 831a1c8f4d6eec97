//! The set of follicles, sorted by the density that calls for each.

use glam::DVec3;
use rayon::prelude::*;

use super::sampling::{self, Region};
use super::select::Tiles;
use super::sheet::Sheet;
use super::traits::{self, DotTraits};
use super::{DENSEST_PER_CM2, clock, poisson_disc_mm};
use crate::head::chart::Chart;
use crate::head::surface::Surface;

/// Places where a dot may be. Arrays are parallel; a dot's index is its identity for a head, region and seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Follicles {
    positions_mm: Vec<DVec3>,
    normals: Vec<DVec3>,
    texels: Vec<[f32; 2]>,
    thresholds_per_cm2: Vec<f32>,
    traits: Vec<DotTraits>,
    tiles: Tiles,
    area_cm2: f64,
}

impl Follicles {
    /// The set on the part of `surface` that lies on `chart` and whose directions from the centre `keep` accepts.
    ///
    /// `keep` is asked at chart texels (0.9 mm) and at dots: an island smaller than a texel may stay empty.
    /// Cost: about 5 microseconds of processor time a dot, most of it shared among threads.
    #[must_use]
    pub fn generate(surface: &Surface, chart: &Chart, keep: impl Fn(DVec3) -> bool + Sync, seed: u64) -> Self {
        let sheet = Sheet::new(surface, chart, &keep);
        let region = Region { sheet: &sheet, chart, keep: &keep };
        // Nothing nearer can be shown at the highest density.
        let found = sampling::refine(&region, poisson_disc_mm(DENSEST_PER_CM2), seed);

        let placed: Vec<_> = found
            .texels
            .par_iter()
            .filter_map(|&texel| {
                let direction = chart.direction_from_texel(texel.map(f64::from))?;
                keep(direction).then(|| (texel, surface.at(direction)))
            })
            .collect();
        let positions_mm: Vec<DVec3> = placed.iter().map(|(_, point)| point.position).collect();
        let texels: Vec<[f32; 2]> = placed.iter().map(|&(texel, _)| texel).collect();

        let local = clock::local_densities_per_cm2(&sheet, surface, chart, &positions_mm, &texels);
        let thresholds = clock::thresholds_per_cm2(&positions_mm, &local);
        let mut order: Vec<usize> = (0..placed.len()).filter(|&k| thresholds[k] <= DENSEST_PER_CM2 as f32).collect();
        order.par_sort_unstable_by(|&a, &b| thresholds[a].total_cmp(&thresholds[b]).then(a.cmp(&b)));

        let texels: Vec<[f32; 2]> = order.iter().map(|&k| texels[k]).collect();
        let thresholds_per_cm2: Vec<f32> = order.iter().map(|&k| thresholds[k]).collect();
        Self {
            positions_mm: order.iter().map(|&k| positions_mm[k]).collect(),
            normals: order.iter().map(|&k| placed[k].1.normal).collect(),
            tiles: Tiles::new(&texels, &thresholds_per_cm2),
            texels,
            thresholds_per_cm2,
            traits: traits::all(seed, order.len()),
            area_cm2: sheet.kept_area_mm2() / 100.0,
        }
    }

    /// The dots as selection visits them.
    pub(super) fn tiles(&self) -> &Tiles {
        &self.tiles
    }

    /// Number of dots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.positions_mm.len()
    }

    /// Whether the region is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.positions_mm.is_empty()
    }

    /// Positions on the skin, mm, head space.
    #[must_use]
    pub fn positions_mm(&self) -> &[DVec3] {
        &self.positions_mm
    }

    /// Outward unit normals of the skin.
    #[must_use]
    pub fn normals(&self) -> &[DVec3] {
        &self.normals
    }

    /// Chart texel coordinates.
    #[must_use]
    pub fn texels(&self) -> &[[f32; 2]] {
        &self.texels
    }

    /// Density from which on a dot is shown, per cm2; ascending.
    #[must_use]
    pub fn thresholds_per_cm2(&self) -> &[f32] {
        &self.thresholds_per_cm2
    }

    /// What sets each dot apart.
    #[must_use]
    pub fn traits(&self) -> &[DotTraits] {
        &self.traits
    }

    /// Area of the region, cm2.
    #[must_use]
    pub fn area_cm2(&self) -> f64 {
        self.area_cm2
    }

    /// How many dots, from the first on, are shown where the density is `per_cm2` everywhere.
    #[must_use]
    pub fn count_at(&self, per_cm2: f32) -> usize {
        self.thresholds_per_cm2.partition_point(|&threshold| threshold <= per_cm2)
    }
}
