//! A flat map of most of a surface, for fields that are looked up often (density, distance to a line).
//!
//! Azimuthal equidistant by direction from the surface's centre: distances from the middle are true angles, and the map
//! extends to [`REACH`] from its axis. A square raster of [`SIDE`] texels resolves a head of 100 mm radius to about 0.9
//! mm. Only directions matter, so a map stays valid when the head's shape is refined.

use glam::DVec3;

/// Texels along each side of a raster on the chart.
pub const SIDE: usize = 528;
/// Angle from the axis that the chart's edge reaches, radians (136 degrees).
pub(crate) const REACH: f64 = 2.373_647_782_712_6;

/// The map: the direction of its middle, and two that span it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chart {
    axis: DVec3,
    right: DVec3,
    up: DVec3,
}

impl Chart {
    /// The chart around `axis`, a unit vector in the y-z plane (a head's symmetry plane).
    #[must_use]
    pub fn around(axis: DVec3) -> Self {
        let right = DVec3::X;
        Self { axis, right, up: axis.cross(right) }
    }

    /// The direction of its middle.
    #[must_use]
    pub fn axis(&self) -> DVec3 {
        self.axis
    }

    /// Texel coordinates of a unit direction from the surface's centre; texel (0, 0) covers 0..1 by 0..1.
    /// `None` beyond the chart's reach.
    #[must_use]
    pub fn texel_from_direction(&self, unit: DVec3) -> Option<[f64; 2]> {
        let (x, y) = (unit.dot(self.right), unit.dot(self.up));
        let sine = (x * x + y * y).sqrt();
        let angle = libm::atan2(sine, unit.dot(self.axis));
        if angle > REACH {
            return None;
        }
        let scale = SIDE as f64 / (2.0 * REACH);
        let k = if sine > 1e-12 { angle / sine * scale } else { scale };
        let middle = SIDE as f64 / 2.0;
        Some([middle + x * k, middle - y * k])
    }

    /// Direction of a texel coordinate; `None` in the corners beyond the chart's reach.
    #[must_use]
    pub(crate) fn direction_from_texel(&self, texel: [f64; 2]) -> Option<DVec3> {
        let scale = 2.0 * REACH / SIDE as f64;
        let middle = SIDE as f64 / 2.0;
        let (x, y) = ((texel[0] - middle) * scale, (middle - texel[1]) * scale);
        let angle = (x * x + y * y).sqrt();
        if angle > REACH {
            return None;
        }
        let (sine, cosine) = libm::sincos(angle);
        let k = if angle > 1e-12 { sine / angle } else { 1.0 };
        Some((self.axis * cosine + self.right * (x * k) + self.up * (y * k)).normalize())
    }
}

/// A field on the chart: one value at the centre of each texel.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    /// Rows from top to bottom; always [`SIDE`] squared.
    values: Vec<f32>,
}

impl Raster {
    /// The same value everywhere.
    #[must_use]
    pub fn filled(value: f32) -> Self {
        Self { values: vec![value; SIDE * SIDE] }
    }

    /// Values by the direction of each texel's centre; `outside` beyond the chart's reach.
    #[must_use]
    pub fn from_directions(chart: &Chart, outside: f32, value: impl Fn(DVec3) -> f32) -> Self {
        let centre = |k: usize| [(k % SIDE) as f64 + 0.5, (k / SIDE) as f64 + 0.5];
        let values = (0..SIDE * SIDE).map(|k| chart.direction_from_texel(centre(k)).map_or(outside, &value)).collect();
        Self { values }
    }

    /// A raster of [`SIDE`] squared values, rows from top to bottom; missing ones are zero.
    #[must_use]
    pub(crate) fn from_values(mut values: Vec<f32>) -> Self {
        values.resize(SIDE * SIDE, 0.0);
        Self { values }
    }

    /// All values, rows from top to bottom.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All values, mutable.
    #[must_use]
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Bilinear value at texel coordinates; beyond the outermost centres, the value there.
    #[inline]
    #[must_use]
    pub fn at(&self, texel: [f32; 2]) -> f32 {
        self.at_place(TexelPlace::from_texel(texel))
    }

    /// [`Raster::at`] for places that are looked up repeatedly.
    #[inline]
    #[must_use]
    pub(crate) fn at_place(&self, place: TexelPlace) -> f32 {
        let first = place.first as usize;
        // A single bounds check for all four values.
        let Some(square) = self.values.get(first..first + SIDE + 2) else { return 0.0 };
        let [fx, fy] = place.fractions;
        let top = square[0] + (square[1] - square[0]) * fx;
        let bottom = square[SIDE] + (square[SIDE + 1] - square[SIDE]) * fx;
        top + (bottom - top) * fy
    }
}

/// Texel coordinates prepared for looking up rasters: the four surrounding centres, as the first of them, and the
/// fractions between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TexelPlace {
    first: u32,
    fractions: [f32; 2],
}

impl TexelPlace {
    /// The place of texel coordinates; those beyond the outermost centres are moved onto them.
    #[must_use]
    pub(crate) fn from_texel(texel: [f32; 2]) -> Self {
        const LAST: f32 = (SIDE - 1) as f32;
        let [x, y] = texel.map(|v| (v - 0.5).clamp(0.0, LAST));
        let (column, row) = ((x as usize).min(SIDE - 2), (y as usize).min(SIDE - 2));
        Self { first: (row * SIDE + column) as u32, fractions: [x - column as f32, y - row as f32] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texels_and_directions_are_inverse_to_each_other() {
        let chart = Chart::around(DVec3::new(0.0, 0.8, -0.6));
        for i in 0..SIDE {
            for j in [3, 100, 264, 400, 520] {
                let texel = [i as f64 + 0.25, j as f64 + 0.5];
                if let Some(direction) = chart.direction_from_texel(texel) {
                    let back = chart.texel_from_direction(direction * 1.0);
                    // At the very rim, rounding may lead outside.
                    if let Some(back) = back {
                        assert!((back[0] - texel[0]).abs() < 1e-6 && (back[1] - texel[1]).abs() < 1e-6);
                    }
                }
            }
        }
        let middle = chart.texel_from_direction(DVec3::new(0.0, 0.8, -0.6)).unwrap();
        assert!((middle[0] - SIDE as f64 / 2.0).abs() < 1e-9 && (middle[1] - SIDE as f64 / 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_raster_is_exact_for_planes_and_constant_beyond_its_centres() {
        let mut raster = Raster::filled(0.0);
        for (k, value) in raster.values_mut().iter_mut().enumerate() {
            *value = 3.0 + 2.0 * ((k % SIDE) as f32 + 0.5) - 0.5 * ((k / SIDE) as f32 + 0.5);
        }
        for texel in [[0.5_f32, 0.5], [10.25, 400.75], [527.5, 527.5], [263.1, 99.9]] {
            assert!((raster.at(texel) - (3.0 + 2.0 * texel[0] - 0.5 * texel[1])).abs() < 1e-3);
        }
        assert_eq!(raster.at([0.0, 5.5]), raster.at([0.5, 5.5]));
        assert_eq!(raster.at([900.0, -3.0]), raster.at([527.5, 0.5]));
    }
}
