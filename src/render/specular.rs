//! Light reflected by the skin's surface, and hair that lies on it, pixel by pixel: pigment absorbs nothing from
//! either.
//!
//! [`SpecularMap`] estimates how much specular light there is for cells of a photo. Anything narrower than a cell (a
//! wet patch, a hair) is judged by the brightness of the skin around a pixel: what is much brighter is also specular
//! light, and what is much darker is hair, which has already absorbed the light ([`Surface::of`]). In between nothing
//! changes: bare skin keeps its exact mean. If a pixel itself is near clipping, all of it is specular light.

use super::splat::Splats;
use crate::ground::colour;
use crate::photo::{Photo, PixelRect};
use crate::reading::specular::SpecularMap;

/// Skin within one patch varies by less than this factor: anything brighter is specular light.
pub(crate) const SPECULAR_FROM: f32 = 1.2;
/// Light, relative to the surrounding skin, below which hair begins to cover a pixel, and at which it covers all of it.
/// Bare skin with pores and lines stays above the first (assumed); a hair is as dark as the second.
pub(crate) const BARE: f32 = 0.7;
pub(crate) const COVERED: f32 = 0.25;
/// Light from which all three channels are close to clipping: it counts as specular light, and how much was lost by
/// clipping is unknown.
pub(crate) const CLIPPING_LIGHT: f32 = 0.85;

/// How specular light is separated from diffuse light.
#[derive(Debug, Clone, PartialEq)]
pub enum Specular {
    /// All light is diffuse.
    None,
    /// Specular light as estimated from the photo.
    Map(SpecularMap),
}

/// The composition of one pixel's light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surface {
    /// White light that was not in the skin.
    pub specular: f32,
    /// Share of the pixel that hair does not cover: only this share can lose light to pigment.
    pub bare: f32,
}

impl Surface {
    /// Bare skin without specular light.
    pub const DIFFUSE: Self = Self { specular: 0.0, bare: 1.0 };

    /// From the pixel's light and the map's values at its place: specular light never exceeds the pixel's light, so
    /// diffuse light is never negative.
    #[inline(always)]
    #[must_use]
    pub fn of(light: [f32; 3], [mapped, skin]: [f32; 2]) -> Self {
        let least = |a: f32, b: f32| if a < b { a } else { b };
        let most = |a: f32, b: f32| if a > b { a } else { b };
        let white = least(light[0], least(light[1], light[2]));
        let clipped = white * (white - CLIPPING_LIGHT) * (1.0 / (1.0 - CLIPPING_LIGHT));
        let luminance = colour::luminance(light);
        let (mut specular, mut bare) = (most(mapped, clipped), 1.0);
        if skin > 0.0 {
            specular = most(specular, mapped + luminance - SPECULAR_FROM * skin);
            bare = most(least((luminance - COVERED * skin) / ((BARE - COVERED) * skin), 1.0), 0.0);
        }
        Self { specular: most(least(specular, white), 0.0), bare }
    }
}

impl Specular {
    /// Estimates it from the photo for the skin on which the splats lie.
    #[must_use]
    pub fn estimate(photo: &Photo, splats: &Splats) -> Self {
        Self::Map(SpecularMap::estimate(photo, splats.places_px()))
    }

    /// Like [`Specular::estimate`], for given dots of paint: see [`SpecularMap::estimate_under_pigment`].
    #[must_use]
    pub fn estimate_under_pigment(photo: &Photo, splats: &Splats) -> Self {
        Self::Map(SpecularMap::estimate_under_pigment(photo, splats.places_px()))
    }

    /// The specular light of the photo halved `level` times (see [`crate::photo::pyramid`]).
    #[must_use]
    pub fn at_level(&self, level: u32) -> Self {
        match self {
            Self::None => Self::None,
            Self::Map(map) => Self::Map(map.at_level(level)),
        }
    }

    /// Working memory for reading the specular light of one tile after another.
    #[must_use]
    pub fn rows(&self, tile_width_px: usize) -> SpecularRows<'_> {
        let map = match self {
            Self::None => None,
            Self::Map(map) => Some(map),
        };
        SpecularRows { map, width_px: tile_width_px, first: 0, places: Vec::new(), lines: Vec::new() }
    }
}

/// The specular light of one tile.
///
/// Grid rows are interpolated over the tile's columns once, so that a pixel needs one interpolation instead of three.
#[derive(Debug)]
pub struct SpecularRows<'a> {
    map: Option<&'a SpecularMap>,
    width_px: usize,
    /// Grid row of the first line.
    first: usize,
    /// For each column of the tile, the grid's column before it, and how far beyond that it lies.
    places: Vec<(usize, f32)>,
    lines: Vec<[f32; 2]>,
}

#[inline(always)]
fn mixed(from: [f32; 2], to: [f32; 2], part: f32) -> [f32; 2] {
    [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]
}

/// The specular light of one row of pixels.
#[derive(Debug, Clone, Copy)]
pub struct SpecularRow<'a> {
    above: &'a [[f32; 2]],
    below: &'a [[f32; 2]],
    fraction: f32,
}

impl SpecularRow<'_> {
    /// Specular light and brightness of the skin in one column of the tile.
    #[inline(always)]
    #[must_use]
    pub fn at(&self, column: usize) -> [f32; 2] {
        match (self.above.get(column), self.below.get(column)) {
            (Some(above), Some(below)) => mixed(*above, *below, self.fraction),
            _ => [0.0; 2],
        }
    }
}

impl SpecularRows<'_> {
    /// Starts a tile.
    pub fn begin(&mut self, rect: PixelRect) {
        let Some(map) = self.map else { return };
        let [columns, rows] = map.size_cells();
        let width = (rect.x1 - rect.x0) as usize;
        let first = map.place(rect.y0, rows).0;
        let last = (map.place(rect.y1 - 1, rows).0 + 1).min(rows - 1);
        self.first = first;
        self.width_px = width;
        self.places.clear();
        self.places.extend((rect.x0..rect.x0 + width as i32).map(|x| map.place(x, columns)));
        self.lines.clear();
        for row in first..=last {
            let knots = &map.lights()[row * columns..(row + 1) * columns];
            let between = |&(before, fraction): &(usize, f32)| {
                mixed(knots[before], knots[(before + 1).min(columns - 1)], fraction)
            };
            self.lines.extend(self.places.iter().map(between));
        }
    }

    /// The specular light of row `y` of the photo, which must be one of the tile's.
    #[inline]
    #[must_use]
    pub fn row(&self, y: i32) -> Option<SpecularRow<'_>> {
        let map = self.map?;
        let (before, fraction) = map.place(y, map.size_cells()[1]);
        let line = before - self.first;
        let above = self.lines.get(line * self.width_px..(line + 1) * self.width_px)?;
        let below = self.lines.get((line + 1) * self.width_px..(line + 2) * self.width_px).unwrap_or(above);
        Some(SpecularRow { above, below, fraction })
    }
}
