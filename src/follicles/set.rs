//! The set of follicles, sorted by the density that calls for each.

use glam::DVec3;
use rayon::prelude::*;

use super::clock;
use super::sampling::{self, Region};
use super::sheet::Sheet;
use super::spacing::{per_cm2_of_poisson_disc, poisson_disc_mm};
use super::tiles::Tiles;
use super::traits::{self, DotTraits};
use crate::head::chart::{Chart, SIDE};
use crate::head::surface::{Surface, SurfacePoint};
use crate::plan::parameters::MOST_PER_CM2;

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
    /// The set is complete up to this density.
    complete_per_cm2: f32,
}

/// A set without all that follows from the head and the seed. Arrays are parallel.
pub(super) struct Found {
    /// Chart texel coordinates.
    pub texels: Vec<[f32; 2]>,
    /// Ascending.
    pub thresholds_per_cm2: Vec<f32>,
    pub area_cm2: f64,
    pub complete_per_cm2: f32,
}

/// A dot whose spacing fits some density is shown from this share of that density on, at the earliest: where skin has
/// filled more slowly, dots appear a little sooner than elsewhere. In practice the least share is 0.89 (4 seeds, 0.9
/// million dots); enforcing it guarantees that a set generated up to some density lacks none of its dots.
const EARLIEST_SHARE: f64 = 0.88;
/// Below this density a single dot determines the local density, and the limit does not apply.
const COUNTED_PER_CM2: f64 = 60.0;

impl Follicles {
    /// The set on the part of `surface` that lies on `chart` and whose points `keep` accepts.
    ///
    /// `keep` is evaluated at chart texels (0.9 mm) and at dots: an island smaller than a texel may stay empty. Cost:
    /// about 5 microseconds of processor time per dot, most of it shared among threads.
    #[must_use]
    pub fn generate(surface: &Surface, chart: &Chart, keep: impl Fn(DVec3) -> bool + Sync, seed: u64) -> Self {
        Self::generate_up_to(surface, chart, keep, seed, MOST_PER_CM2)
    }

    /// The same without dots that are shown only at densities above `per_cm2`: a prefix of the whole set, the same to
    /// the last bit. It extends a little further, see [`Follicles::complete_per_cm2`].
    #[must_use]
    pub fn generate_up_to(
        surface: &Surface,
        chart: &Chart,
        keep: impl Fn(DVec3) -> bool + Sync,
        seed: u64,
        per_cm2: f64,
    ) -> Self {
        let per_cm2 = per_cm2.clamp(COUNTED_PER_CM2, MOST_PER_CM2);
        let sheet = Sheet::new(surface, chart, &keep);
        let region = Region { sheet: &sheet, surface, chart, keep: &keep };
        let found = sampling::refine(&region, poisson_disc_mm(per_cm2 / EARLIEST_SHARE), seed);

        let placed: Vec<_> = found
            .texels
            .par_iter()
            .zip(&found.radii_mm)
            .filter_map(|(&texel, &radius_mm)| {
                let direction = chart.direction_from_texel(texel.map(f64::from))?;
                let point = surface.at(direction);
                keep(point.position).then_some((texel, point, radius_mm))
            })
            .collect();
        let positions_mm: Vec<DVec3> = placed.iter().map(|(_, point, _)| point.position).collect();
        let texels: Vec<[f32; 2]> = placed.iter().map(|&(texel, ..)| texel).collect();

        let local = clock::local_densities_per_cm2(&sheet, surface, chart, &positions_mm, &texels);
        let mut thresholds = clock::thresholds_per_cm2(&positions_mm, &local);
        for (threshold, (.., radius_mm)) in thresholds.iter_mut().zip(&placed) {
            let fits_at = per_cm2_of_poisson_disc(f64::from(*radius_mm));
            if fits_at > COUNTED_PER_CM2 {
                *threshold = threshold.max((EARLIEST_SHARE * fits_at) as f32);
            }
        }
        // Dots that were no longer sought could appear from here on.
        let complete_per_cm2 = found.next_radius_mm.map_or(MOST_PER_CM2 as f32, |next| {
            ((EARLIEST_SHARE * per_cm2_of_poisson_disc(f64::from(next))) as f32).next_down()
        });
        let mut order: Vec<usize> = (0..placed.len()).filter(|&k| thresholds[k] <= complete_per_cm2).collect();
        order.par_sort_unstable_by(|&a, &b| thresholds[a].total_cmp(&thresholds[b]).then(a.cmp(&b)));

        let found = Found {
            texels: order.iter().map(|&k| texels[k]).collect(),
            thresholds_per_cm2: order.iter().map(|&k| thresholds[k]).collect(),
            area_cm2: sheet.kept_area_mm2() / 100.0,
            complete_per_cm2,
        };
        Self::on_skin(found, order.iter().map(|&k| placed[k].1), seed)
    }

    /// The set that was found on this surface before; `None` if it cannot have been.
    pub(super) fn of_found(surface: &Surface, chart: &Chart, seed: u64, found: Found) -> Option<Self> {
        let within = |value: f32| (0.0..SIDE as f32).contains(&value);
        let is_ascending =
            found.thresholds_per_cm2.is_sorted() && found.thresholds_per_cm2.iter().all(|t| t.is_finite());
        if !is_ascending || !found.texels.iter().flatten().all(|value| within(*value)) {
            return None;
        }
        let points: Option<Vec<SurfacePoint>> = found
            .texels
            .par_iter()
            .map(|texel| Some(surface.at(chart.direction_from_texel(texel.map(f64::from))?)))
            .collect();
        Some(Self::on_skin(found, points?.into_iter(), seed))
    }

    /// Adds what follows from the points of the skin on which the dots lie, and from the seed.
    fn on_skin(found: Found, points: impl Iterator<Item = SurfacePoint>, seed: u64) -> Self {
        let Found { texels, thresholds_per_cm2, area_cm2, complete_per_cm2 } = found;
        let (positions_mm, normals) = points.map(|point| (point.position, point.normal)).unzip();
        Self {
            positions_mm,
            normals,
            tiles: Tiles::new(&texels, &thresholds_per_cm2),
            traits: traits::all(seed, texels.len()),
            texels,
            thresholds_per_cm2,
            area_cm2,
            complete_per_cm2,
        }
    }

    /// The dots in the order in which selection visits them.
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

    /// Density from which each dot is shown, per cm2; ascending.
    #[must_use]
    pub fn thresholds_per_cm2(&self) -> &[f32] {
        &self.thresholds_per_cm2
    }

    /// Individual traits of each dot.
    #[must_use]
    pub fn traits(&self) -> &[DotTraits] {
        &self.traits
    }

    /// The density up to which the set is complete, dots per cm2: at least what was asked for.
    #[must_use]
    pub fn complete_per_cm2(&self) -> f32 {
        self.complete_per_cm2
    }

    /// Area of the region, cm2.
    #[must_use]
    pub fn area_cm2(&self) -> f64 {
        self.area_cm2
    }

    /// Number of dots, from the first on, that are shown where the density is `per_cm2` everywhere.
    #[must_use]
    pub fn count_at(&self, per_cm2: f32) -> usize {
        self.thresholds_per_cm2.partition_point(|&threshold| threshold <= per_cm2)
    }
}
