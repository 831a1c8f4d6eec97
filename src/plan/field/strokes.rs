//! Brush strokes: density added, removed and smoothed by hand.

use std::sync::Arc;

use glam::DVec3;
use rayon::prelude::*;

use super::kept::{Kept, recalled};
use crate::head::Part;
use crate::head::chart::{REACH, Raster, SIDE};
use crate::head::skin_map::SkinMap;
use crate::head::surface::Surface;
use crate::plan::area::{Effect, NO_AREA, Stroke};
use crate::plan::parameters::MOST_PER_CM2;
use crate::plan::{Plan, SkinPoint, curve, distance};

/// Path of a brush: its points and its radius, mm.
type Trail = (Vec<SkinPoint>, f64);
/// The texels under each stroke and their distances from its middle line, mm.
pub(super) type Trails = Kept<Trail, Vec<(usize, f32)>>;

/// Applies the strokes of a part, in the order drawn, reusing the texels of earlier strokes.
pub(super) fn brush(
    plan: &Plan,
    surface: &Surface,
    map: &SkinMap,
    part: Part,
    (density, owner): (&mut Raster, &mut [u8]),
    earlier: &Trails,
) -> Trails {
    let strokes: Vec<&Stroke> = plan.strokes.iter().filter(|s| s.part == part && !s.off).collect();
    // A stroke outside all areas uses the needle and shade of the first area on this surface.
    let fallback = plan.areas.iter().position(|a| a.part == part).map_or(NO_AREA, |i| i as u8);
    let trail = |(index, stroke): (usize, &&Stroke)| {
        let key = (stroke.points.clone(), stroke.radius_mm);
        let near = recalled(earlier, index, &key).unwrap_or_else(|| {
            let line = curve::through(surface, &stroke.points, false);
            Arc::new(distance::near_line(map, surface.centre, &line, stroke.radius_mm))
        });
        (key, near)
    };
    let trails: Trails = strokes.par_iter().enumerate().map(trail).collect();
    for (stroke, (_, near)) in strokes.into_iter().zip(&trails) {
        let strength = stroke.change_per_cm2 as f32;
        let means = match stroke.effect {
            Effect::Change => Vec::new(),
            Effect::Smooth => local_means(density, near, 0.5 * radius_texels(stroke, surface)),
        };
        for (k, &(index, d)) in near.iter().enumerate() {
            let t = stroke.root_of_effect(d / stroke.radius_mm as f32);
            let most = strength * t * t;
            let total = &mut density.values_mut()[index];
            // Clamped after each stroke, so that density removed twice need not be added twice.
            *total = match stroke.effect {
                Effect::Change => *total + most,
                Effect::Smooth => *total + (means[k] - *total).clamp(-most, most),
            }
            .clamp(0.0, MOST_PER_CM2 as f32);
            if owner[index] == NO_AREA && *total > 0.0 {
                owner[index] = fallback;
            }
        }
    }
    trails
}

/// Radius of a stroke in texels, in the radial direction of the chart.
fn radius_texels(stroke: &Stroke, surface: &Surface) -> f64 {
    let place = stroke.points.first().map_or(surface.at(DVec3::Y), |&p| surface.below(DVec3::from(p)));
    stroke.radius_mm / place.position.distance(surface.centre) * SIDE as f64 / (2.0 * REACH)
}

/// For each of these texels, the mean over the square that extends `reach` texels to each side.
fn local_means(density: &Raster, near: &[(usize, f32)], reach: f64) -> Vec<f32> {
    let reach = (reach.round() as usize).max(1);
    let rows = near.iter().map(|(index, _)| index / SIDE);
    let columns = near.iter().map(|(index, _)| index % SIDE);
    let (Some(top), Some(bottom)) = (rows.clone().min(), rows.max()) else { return Vec::new() };
    let (Some(left), Some(right)) = (columns.clone().min(), columns.max()) else { return Vec::new() };
    let (x0, y0) = (left.saturating_sub(reach), top.saturating_sub(reach));
    let (x1, y1) = ((right + reach + 1).min(SIDE), (bottom + reach + 1).min(SIDE));
    // A summed-area table, so that any square costs four look-ups.
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
