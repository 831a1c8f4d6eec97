//! How evenly points are spread: nearest neighbours, counts in discs.
//!
//! Points are anywhere in space; on a surface much larger than their spacing, distances in space approximate distances
//! along it. Cost: linear in the points as long as the query radius is about the spacing.

use glam::DVec3;
use rayon::prelude::*;

/// Points binned for radius queries: columns along z on a grid over x and y, each sorted by z.
#[derive(Debug, Clone)]
pub struct Neighbourhood {
    low: DVec3,
    cell_mm: f64,
    columns: usize,
    rows: usize,
    starts: Vec<u32>,
    /// Points with their indices, by column and then by z.
    sorted: Vec<(DVec3, u32)>,
}

impl Neighbourhood {
    /// Bins points with cells of about `cell_mm`, which should be the radius of later queries.
    #[must_use]
    pub fn new(points_mm: &[DVec3], cell_mm: f64) -> Self {
        let mut low = DVec3::splat(f64::INFINITY);
        let mut high = DVec3::splat(f64::NEG_INFINITY);
        for &p in points_mm {
            low = low.min(p);
            high = high.max(p);
        }
        if points_mm.is_empty() {
            (low, high) = (DVec3::ZERO, DVec3::ZERO);
        }
        let extent = high - low;
        // At most four million cells, whatever was requested.
        let cell_mm = cell_mm.max(extent.x.max(extent.y) / 2000.0).max(1e-6);
        let columns = (extent.x / cell_mm) as usize + 1;
        let rows = (extent.y / cell_mm) as usize + 1;
        let bin = |p: DVec3| {
            let (x, y) = (((p.x - low.x) / cell_mm) as usize, ((p.y - low.y) / cell_mm) as usize);
            y.min(rows - 1) * columns + x.min(columns - 1)
        };
        let mut starts = vec![0_u32; columns * rows + 1];
        for &p in points_mm {
            starts[bin(p) + 1] += 1;
        }
        for k in 0..columns * rows {
            starts[k + 1] += starts[k];
        }
        let mut next = starts.clone();
        let mut sorted = vec![(DVec3::ZERO, 0); points_mm.len()];
        for (k, &p) in points_mm.iter().enumerate() {
            let place = &mut next[bin(p)];
            sorted[*place as usize] = (p, k as u32);
            *place += 1;
        }
        for pair in starts.windows(2) {
            sorted[pair[0] as usize..pair[1] as usize]
                .sort_unstable_by(|a, b| a.0.z.total_cmp(&b.0.z).then(a.1.cmp(&b.1)));
        }
        Self { low, cell_mm, columns, rows, starts, sorted }
    }

    /// Calls `visit` with the index and the squared distance (mm2) of every point within `radius_mm` of `centre`.
    #[inline]
    pub fn visit(&self, centre: DVec3, radius_mm: f64, mut visit: impl FnMut(usize, f64)) {
        let cells = |at: f64, low: f64, count: usize| {
            let first = ((at - radius_mm - low) / self.cell_mm).max(0.0) as usize;
            // Negative beyond the low edge: no cell at all.
            let end = ((at + radius_mm - low) / self.cell_mm + 1.0).max(0.0) as usize;
            first..end.min(count)
        };
        let radius_mm2 = radius_mm * radius_mm;
        for row in cells(centre.y, self.low.y, self.rows) {
            for column in cells(centre.x, self.low.x, self.columns) {
                let k = row * self.columns + column;
                let points = &self.sorted[self.starts[k] as usize..self.starts[k + 1] as usize];
                let first =
                    if points.len() > 16 { points.partition_point(|(p, _)| p.z < centre.z - radius_mm) } else { 0 };
                for &(p, index) in &points[first..] {
                    if p.z > centre.z + radius_mm {
                        break;
                    }
                    let distance_mm2 = p.distance_squared(centre);
                    if distance_mm2 <= radius_mm2 {
                        visit(index as usize, distance_mm2);
                    }
                }
            }
        }
    }

    /// Number of points within `radius_mm` of `centre`.
    #[must_use]
    pub fn count(&self, centre: DVec3, radius_mm: f64) -> usize {
        let mut count = 0;
        self.visit(centre, radius_mm, |_, _| count += 1);
        count
    }
}

/// Distance from each point to the nearest other one, mm; infinite beyond `reach_mm`.
#[must_use]
pub(crate) fn nearest_distances_mm(points_mm: &[DVec3], reach_mm: f64) -> Vec<f64> {
    let near = Neighbourhood::new(points_mm, reach_mm);
    points_mm
        .par_iter()
        .enumerate()
        .map(|(own, &p)| {
            let mut nearest = f64::INFINITY;
            near.visit(p, reach_mm, |other, distance_mm2| {
                if other != own {
                    nearest = nearest.min(distance_mm2);
                }
            });
            nearest.sqrt()
        })
        .collect()
}

/// Spacing of the densest packing (a hexagonal lattice) at a density, mm: no set of points can be spaced more widely.
#[must_use]
pub fn hexagonal_spacing_mm(per_cm2: f64) -> f64 {
    (2.0 / (3.0_f64.sqrt() * per_cm2 / 100.0)).sqrt()
}

/// The spacing of a set of points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing {
    /// Least distance of two points, mm.
    pub least_mm: f64,
    /// Mean distance to the nearest neighbour, mm.
    pub mean_mm: f64,
    /// Coefficient of variation of that distance: 0 for a crystal, about 0.5 for uniformly random points.
    pub variation: f64,
    /// Least distance over [`hexagonal_spacing_mm`]: 1 for a hexagonal lattice, near 0 for uniformly random points.
    pub relative_radius: f64,
}

/// Spacing of points that should have the given density; `None` if no two points are near each other.
#[must_use]
pub fn spacing(points_mm: &[DVec3], per_cm2: f64) -> Option<Spacing> {
    let hexagonal_mm = hexagonal_spacing_mm(per_cm2);
    let mut distances = nearest_distances_mm(points_mm, 1.5 * hexagonal_mm);
    distances.retain(|d| d.is_finite());
    if distances.is_empty() {
        return None;
    }
    let count = distances.len() as f64;
    let mean_mm = distances.iter().sum::<f64>() / count;
    let variance = distances.iter().map(|d| (d - mean_mm) * (d - mean_mm)).sum::<f64>() / count;
    let least_mm = distances.iter().copied().fold(f64::INFINITY, f64::min);
    Some(Spacing { least_mm, mean_mm, variation: variance.sqrt() / mean_mm, relative_radius: least_mm / hexagonal_mm })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::random::{Purpose, sequence};
    use rand::RngExt;

    fn random_points(count: usize, extent: DVec3) -> Vec<DVec3> {
        let mut rng = sequence(1, Purpose::Follicles, 0);
        (0..count).map(|_| DVec3::new(rng.random(), rng.random(), rng.random()) * extent - extent * 0.3).collect()
    }

    #[test]
    fn a_hexagonal_lattice_has_ratio_one_and_no_variation() {
        let spacing_mm = hexagonal_spacing_mm(100.0);
        let points: Vec<DVec3> = (0..1600_u32)
            .map(|k| {
                let (column, row) = (f64::from(k % 40), f64::from(k / 40));
                DVec3::new(column + row % 2.0 * 0.5, row * 0.75_f64.sqrt(), 0.0) * spacing_mm
            })
            .collect();
        let spacing = spacing(&points, 100.0).unwrap();
        assert!((spacing.relative_radius - 1.0).abs() < 1e-9 && spacing.variation < 1e-9);
    }

    #[test]
    fn random_points_vary_by_half() {
        let points = random_points(20_000, DVec3::new(100.0, 200.0, 0.0));
        let spacing = spacing(&points, 100.0).unwrap();
        // Rayleigh distribution: sqrt(4 / pi - 1).
        assert!((spacing.variation - 0.523).abs() < 0.03 && spacing.relative_radius < 0.05, "{spacing:?}");
    }

    #[test]
    fn neighbourhoods_agree_with_an_exhaustive_search() {
        let points = random_points(500, DVec3::new(20.0, 5.0, 40.0));
        for cell_mm in [0.0, 0.7, 3.0, 100.0] {
            let near = Neighbourhood::new(&points, cell_mm);
            for centre in random_points(60, DVec3::new(40.0, 12.0, 60.0)) {
                for radius_mm in [0.1, 2.0, 9.0] {
                    let mut found = Vec::new();
                    near.visit(centre, radius_mm, |k, _| found.push(k));
                    found.sort_unstable();
                    let all = points.iter().enumerate();
                    let expected: Vec<usize> = all
                        .filter(|(_, p)| p.distance_squared(centre) <= radius_mm * radius_mm)
                        .map(|(k, _)| k)
                        .collect();
                    assert_eq!(found, expected);
                    assert_eq!(near.count(centre, radius_mm), expected.len());
                }
            }
        }
    }

    #[test]
    fn no_points_and_lone_points_have_no_spacing() {
        assert_eq!(spacing(&[], 100.0), None);
        assert_eq!(spacing(&[DVec3::X, DVec3::X * 50.0], 100.0), None);
        assert_eq!(Neighbourhood::new(&[], 1.0).count(DVec3::ZERO, 5.0), 0);
    }
}
