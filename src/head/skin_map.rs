//! A surface laid out on its chart, for fields that are computed from positions.

use glam::DVec3;
use rayon::prelude::*;

use super::chart::{Chart, REACH, SIDE};
use super::surface::Surface;

/// A surface laid out on a chart: the position of each texel's centre and how much skin it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct SkinMap {
    /// The chart.
    pub chart: Chart,
    /// Position of each texel's centre, mm; `None` beyond the chart's reach.
    pub position: Vec<Option<DVec3>>,
    /// Skin under each texel, mm2.
    pub area_mm2: Vec<f32>,
}

impl SkinMap {
    /// Lays out a surface. Cost: one evaluation of the surface per texel, on all cores.
    #[must_use]
    pub fn new(surface: &Surface, chart: Chart) -> Self {
        let scale = 2.0 * REACH / SIDE as f64;
        let texels: Vec<(Option<DVec3>, f32)> = (0..SIDE * SIDE)
            .into_par_iter()
            .map(|index| {
                let texel = [(index % SIDE) as f64 + 0.5, (index / SIDE) as f64 + 0.5];
                let Some(unit) = chart.direction_from_texel(texel) else { return (None, 0.0) };
                let point = surface.at(unit);
                let radius = (point.position - surface.centre).length();
                let angle = libm::acos(unit.dot(chart.axis()).clamp(-1.0, 1.0));
                // An equidistant chart stretches circles about its axis by angle / sine.
                let squeeze = if angle > 1e-9 { libm::sin(angle) / angle } else { 1.0 };
                let solid_angle = scale * scale * squeeze;
                (Some(point.position), (radius * radius * solid_angle / unit.dot(point.normal)) as f32)
            })
            .collect();
        let (position, area_mm2) = texels.into_iter().unzip();
        Self { chart, position, area_mm2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texel_areas_add_up_to_the_cap_of_a_sphere() {
        let sphere = Surface::ellipsoid(
            DVec3::ZERO,
            crate::head::surface::SemiAxes { side: 90.0, up: 90.0, down: 90.0, front: 90.0, back: 90.0 },
        );
        let map = SkinMap::new(&sphere, Chart::around(DVec3::Y));
        let total: f64 = map.area_mm2.iter().map(|&a| f64::from(a)).sum();
        let cap = 2.0 * std::f64::consts::PI * 90.0 * 90.0 * (1.0 - libm::cos(REACH));
        assert!((total / cap - 1.0).abs() < 1e-3, "{total} {cap}");
    }
}
