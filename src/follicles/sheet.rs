//! The kept part of a surface as a sheet of small quadrilaterals, one for each chart texel.
//!
//! Millions of candidate points are evaluated for the dots that are kept. Between the corners of a texel (0.9 mm) the
//! sheet is bilinear: a distance on it is within about 1e-3 of the true one, at a hundredth of the cost.

use glam::DVec3;
use rayon::prelude::*;

use crate::head::chart::{Chart, SIDE};
use crate::head::surface::Surface;

/// Corners along each side.
const CORNERS: usize = SIDE + 1;

/// One chart texel.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Texel {
    /// Area of the texel, mm2; zero if none of it is kept.
    pub area_mm2: f32,
    /// Texels along x that one millimetre on the skin can span.
    pub reach_x_per_mm: f32,
    /// Texels along y that one millimetre on the skin can span.
    pub reach_y_per_mm: f32,
    /// Number of its corners that lie in the region.
    pub corners_inside: u8,
}

/// The sheet.
#[derive(Debug)]
pub(super) struct Sheet {
    corners_mm: Vec<[f32; 3]>,
    texels: Vec<Texel>,
}

impl Sheet {
    /// The part of `surface` on `chart` whose points `keep` accepts.
    ///
    /// The region is sampled at texel corners: an island smaller than a texel may be missed.
    pub fn new(surface: &Surface, chart: &Chart, keep: &(impl Fn(DVec3) -> bool + Sync)) -> Self {
        let corners: Vec<Option<(DVec3, bool)>> = (0..CORNERS * CORNERS)
            .into_par_iter()
            .map(|k| {
                let direction = chart.direction_from_texel([(k % CORNERS) as f64, (k / CORNERS) as f64])?;
                let point = surface.centre + direction * surface.radius(direction);
                Some((point, keep(point)))
            })
            .collect();
        let kept = |x: usize, y: usize| corners[y * CORNERS + x].is_some_and(|(_, kept)| kept);
        let corners_mm: Vec<[f32; 3]> = (0..CORNERS * CORNERS)
            .into_par_iter()
            .map(|k| {
                let (x, y) = (k % CORNERS, k / CORNERS);
                let rows = y.saturating_sub(1)..=(y + 1).min(SIDE);
                let needed = rows.into_iter().any(|j| (x.saturating_sub(1)..=(x + 1).min(SIDE)).any(|i| kept(i, j)));
                match corners[k] {
                    Some((p, _)) if needed => [p.x as f32, p.y as f32, p.z as f32],
                    _ => [f32::NAN; 3],
                }
            })
            .collect();
        let texels = (0..SIDE * SIDE)
            .into_par_iter()
            .map(|k| {
                let (x, y) = (k % SIDE, k / SIDE);
                let corners_inside = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)]
                    .iter()
                    .filter(|corner| kept(corner.0, corner.1))
                    .count() as u8;
                if corners_inside == 0 {
                    return Texel::default();
                }
                texel_from_corners(quadrilateral(&corners_mm, x, y), corners_inside)
            })
            .collect();
        Self { corners_mm, texels }
    }

    /// The texel in column `x` and row `y`.
    #[inline]
    pub fn texel(&self, x: usize, y: usize) -> Texel {
        self.texels[y * SIDE + x]
    }

    /// Corners of a texel, mm: top left, top right, bottom left, bottom right of the chart.
    #[inline]
    pub fn quadrilateral(&self, x: usize, y: usize) -> [[f32; 3]; 4] {
        quadrilateral(&self.corners_mm, x, y)
    }

    /// The point of the surface at the top left corner of a texel, or at the far end of the last one, mm; `None` if it
    /// is farther than a texel from what is kept.
    #[inline]
    pub fn corner(&self, x: usize, y: usize) -> Option<[f32; 3]> {
        let known = (x.max(y) < CORNERS).then(|| self.corners_mm[y * CORNERS + x])?;
        known[0].is_finite().then_some(known)
    }

    /// Kept area, mm2: a texel on the border counts by the share of its corners that are inside.
    pub fn kept_area_mm2(&self) -> f64 {
        self.texels.iter().map(|t| f64::from(t.area_mm2) * f64::from(t.corners_inside) / 4.0).sum()
    }
}

#[inline]
fn quadrilateral(corners_mm: &[[f32; 3]], x: usize, y: usize) -> [[f32; 3]; 4] {
    let k = y * CORNERS + x;
    [corners_mm[k], corners_mm[k + 1], corners_mm[k + CORNERS], corners_mm[k + CORNERS + 1]]
}

/// Bilinear interpolation between four corners; `fx` and `fy` run from 0 to 1.
#[inline(always)]
pub(super) fn between(corners: &[[f32; 3]; 4], fx: f32, fy: f32) -> [f32; 3] {
    let mut p = [0.0; 3];
    for (axis, value) in p.iter_mut().enumerate() {
        let [a, b, c, d] = [corners[0][axis], corners[1][axis], corners[2][axis], corners[3][axis]];
        let top = a + (b - a) * fx;
        let bottom = c + (d - c) * fx;
        *value = top + (bottom - top) * fy;
    }
    p
}

fn texel_from_corners(corners: [[f32; 3]; 4], corners_inside: u8) -> Texel {
    let [a, b, c, d] = corners.map(|p| DVec3::new(f64::from(p[0]), f64::from(p[1]), f64::from(p[2])));
    let along_x = ((b - a) + (d - c)) * 0.5;
    let along_y = ((c - a) + (d - b)) * 0.5;
    let area = (d - a).cross(b - c).length() * 0.5;
    // Corners beyond the chart's reach are NaN.
    if !area.is_finite() {
        return Texel::default();
    }
    let (xx, xy, yy) = (along_x.length_squared(), along_x.dot(along_y), along_y.length_squared());
    let determinant = xx * yy - xy * xy;
    Texel {
        area_mm2: area as f32,
        reach_x_per_mm: (yy / determinant).sqrt() as f32,
        reach_y_per_mm: (xx / determinant).sqrt() as f32,
        corners_inside,
    }
}
