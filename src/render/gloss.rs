//! Light that bounced off the skin's surface: pigment under it takes nothing away from that.
//!
//! The dichromatic model (Shafer 1985): the light of a patch of skin is `d * skin + g * white`, with the skin's own
//! chromaticity and that of the light, which is white in a balanced photo. Gloss is estimated in two parts:
//!
//! - The sheen that all skin has, a fixed fraction of the light ([`SHEEN`]). It cannot be seen in a photo.
//! - Highlights: white in excess of what the treated skin varies by anyhow. Skin that is paler or less red than the
//!   rest also looks like `g`; the excess therefore has to stand out of the spread over the whole treated area.
//!   Ordinary shading changes `d` and `g` alike, and is none.
//!
//! What is narrower than a cell (a wet patch, a hair) cannot be told by colour. So the map also knows how bright the skin
//! around a pixel is: what is much brighter than that is gloss, too, and what is much darker is hair, which has taken
//! the light already ([`Surface::of`]). Between the two nothing changes: bare skin keeps its exact mean.
//!
//! It does not know coloured light. Where a pixel itself is near clipping, all of it is gloss. Costs a pass over a quarter
//! of the treated pixels.

use std::sync::Arc;

use rayon::prelude::*;

use super::compositor::{CompositeError, LUMINANCE};
use super::coverage::PixelRect;
use super::splat::Splats;
use crate::ground::codes::{Code, CodeTables};
use crate::ground::colour::{ColourSpace, transform};
use crate::photo::{Photo, Samples};

/// Highlights of skin are wider than this in any photo in which dots can be told apart.
const CELL_PX: u32 = 16;
/// Every second pixel of every second row says enough about a cell.
const SAMPLE_STEP: usize = 2;
/// Part of the light that healthy skin reflects at its surface, in diffuse light. The Fresnel reflectance of
/// skin (n = 1.4) is 0.028 at right angles and 0.057 over the hemisphere; path-traced heads with known dots are
/// matched best by 0.07 (0.06 to 0.085).
pub const SHEEN: f32 = 0.07;
/// How many standard deviations (as the median deviation shows them) white has to stand out to be a highlight.
const HIGHLIGHT_SPREADS: f32 = 3.0;
/// Standard deviation of a normal distribution by its median absolute deviation.
const SIGMA_BY_MEDIAN_DEVIATION: f32 = 1.4826;

/// Skin of one cell varies by less than this: what is brighter, compared to it, is gloss.
const SHINE: f32 = 1.2;
/// Light, compared to the skin around, below which hair begins to cover a pixel, and at which it covers all of it.
/// Bare skin with pores and lines stays above the first (assumed); a hair is as dark as the second.
const BARE: f32 = 0.7;
const COVERED: f32 = 0.25;
/// Light from which all three channels are close to clipping: what is there is gloss, and how much was lost in the
/// clipping nobody knows.
const CLIPPING_LIGHT: f32 = 0.85;
/// Of the pixels of a cell, how many are darker than what counts as its skin: more than half, for hair among it.
const SKIN_PERCENTILE: usize = 60;

/// How gloss is told from diffuse light.
#[derive(Debug, Clone, PartialEq)]
pub enum Gloss {
    /// All light is diffuse.
    None,
    /// Estimated from the photo.
    Map(GlossMap),
}

/// White gloss and the brightness of skin over a photo: linear light on a coarse grid, bilinear between.
#[derive(Debug, Clone, PartialEq)]
pub struct GlossMap {
    cell_px: u32,
    columns: usize,
    rows: usize,
    /// At the middle of each cell: gloss, the same in all channels, and the luminance of the skin there, 0 where that is
    /// not known.
    cells: Vec<[f32; 2]>,
}

/// What one pixel's light is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surface {
    /// White light that was not in the skin.
    pub gloss: f32,
    /// Share of the pixel that hair does not cover: only that can lose light to pigment.
    pub bare: f32,
}

impl Surface {
    /// Bare skin without gloss.
    pub const DIFFUSE: Self = Self { gloss: 0.0, bare: 1.0 };

    /// From the pixel's light and what the map says about its place: never more gloss than the pixel has light, so that
    /// diffuse light is never negative.
    #[inline(always)]
    #[must_use]
    pub fn of(light: [f32; 3], [mapped, skin]: [f32; 2]) -> Self {
        let least = |a: f32, b: f32| if a < b { a } else { b };
        let most = |a: f32, b: f32| if a > b { a } else { b };
        let white = least(light[0], least(light[1], light[2]));
        let clipped = white * (white - CLIPPING_LIGHT) * (1.0 / (1.0 - CLIPPING_LIGHT));
        let luminance = light[0] * LUMINANCE[0] + light[1] * LUMINANCE[1] + light[2] * LUMINANCE[2];
        let (mut gloss, mut bare) = (most(mapped, clipped), 1.0);
        if skin > 0.0 {
            gloss = most(gloss, mapped + luminance - SHINE * skin);
            bare = most(least((luminance - COVERED * skin) / ((BARE - COVERED) * skin), 1.0), 0.0);
        }
        Self { gloss: most(least(gloss, white), 0.0), bare }
    }
}

impl Gloss {
    /// Working memory for reading the gloss of one tile after the other.
    #[must_use]
    pub fn rows(&self, tile_width_px: usize) -> GlossRows<'_> {
        let map = match self {
            Self::None => None,
            Self::Map(map) => Some(map),
        };
        GlossRows { map, width_px: tile_width_px, x0: 0, first: 0, lines: Vec::new() }
    }
}

/// The gloss of one tile.
///
/// Grid rows are spread over the tile's columns once, so that a pixel needs one interpolation instead of three.
#[derive(Debug)]
pub struct GlossRows<'a> {
    map: Option<&'a GlossMap>,
    width_px: usize,
    x0: i32,
    /// Grid row of the first line.
    first: usize,
    lines: Vec<[f32; 2]>,
}

#[inline(always)]
fn mixed(from: [f32; 2], to: [f32; 2], part: f32) -> [f32; 2] {
    [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]
}

/// The gloss of one row of pixels.
#[derive(Debug, Clone, Copy)]
pub struct GlossRow<'a> {
    above: &'a [[f32; 2]],
    below: &'a [[f32; 2]],
    fraction: f32,
}

impl GlossRow<'_> {
    /// Gloss and skin in one column of the tile.
    #[inline(always)]
    #[must_use]
    pub fn at(&self, column: usize) -> [f32; 2] {
        match (self.above.get(column), self.below.get(column)) {
            (Some(above), Some(below)) => mixed(*above, *below, self.fraction),
            _ => [0.0; 2],
        }
    }
}

impl GlossMap {
    /// The same gloss everywhere, as linear light; of the skin nothing is known.
    #[must_use]
    pub fn uniform(width_px: u32, height_px: u32, light: f32) -> Self {
        let (columns, rows) = Self::cells(width_px, height_px);
        Self { cell_px: CELL_PX, columns, rows, cells: vec![[light, 0.0]; columns * rows] }
    }

    /// The gloss of the skin on which the splats lie; elsewhere none.
    ///
    /// # Errors
    ///
    /// Those of [`composite`](super::compositor::composite), where the photo contradicts itself.
    pub fn estimate(photo: &Photo, splats: &Splats) -> Result<Self, CompositeError> {
        super::compositor::check_samples(photo)?;
        let (columns, rows) = Self::cells(photo.width, photo.height);
        let treated = treated_cells(splats, columns, rows);
        // More cells on each side: for interpolation, for smoothing, and as far as the halos of dots reach.
        let wanted = (0..4).fold(treated.clone(), |cells, _| grown(&cells, columns));
        let (colours, skin) = match &photo.samples {
            Samples::U8(codes) => cell_colours(codes, &photo.colour, photo.width, columns, &wanted)?,
            Samples::U16(codes) => cell_colours(codes, &photo.colour, photo.width, columns, &wanted)?,
        };
        let light = cell_gloss(&colours, &treated);
        let light = smoothed(&smoothed(&light, &wanted, columns), &wanted, columns);
        let cells = light.into_iter().zip(skin).map(|(light, skin)| [light, skin]).collect();
        Ok(Self { cell_px: CELL_PX, columns, rows, cells })
    }

    /// The gloss of the photo halved `level` times (see [`super::levels`]).
    #[must_use]
    pub fn at_level(&self, level: u32) -> Self {
        Self { cell_px: (self.cell_px >> level.min(31)).max(1), ..self.clone() }
    }

    /// Side of a cell, px.
    #[must_use]
    pub fn cell_px(&self) -> u32 {
        self.cell_px
    }

    /// Columns and rows of cells.
    #[must_use]
    pub fn size_cells(&self) -> [usize; 2] {
        [self.columns, self.rows]
    }

    /// Gloss at the middle of each cell and luminance of the skin there (0: not known), linear light, row by row.
    #[must_use]
    pub fn lights(&self) -> &[[f32; 2]] {
        &self.cells
    }

    fn cells(width_px: u32, height_px: u32) -> (usize, usize) {
        (width_px.div_ceil(CELL_PX).max(1) as usize, height_px.div_ceil(CELL_PX).max(1) as usize)
    }

    /// The grid place before pixel `position` and how far behind it the pixel's centre lies, 0..1.
    fn place(&self, position: i32, count: usize) -> (usize, f32) {
        let at = ((position as f32 + 0.5) / self.cell_px as f32 - 0.5).clamp(0.0, (count - 1) as f32);
        let before = (at as usize).min(count.saturating_sub(2));
        (before, at - before as f32)
    }
}

impl GlossRows<'_> {
    /// Starts with a tile.
    pub fn begin(&mut self, rect: PixelRect) {
        let Some(map) = self.map else { return };
        self.x0 = rect.x0;
        let width = (rect.x1 - rect.x0) as usize;
        let first = map.place(rect.y0, map.rows).0;
        let last = (map.place(rect.y1 - 1, map.rows).0 + 1).min(map.rows - 1);
        self.first = first;
        self.width_px = width;
        self.lines.clear();
        for row in first..=last {
            let knots = &map.cells[row * map.columns..(row + 1) * map.columns];
            self.lines.extend((rect.x0..rect.x0 + width as i32).map(|x| {
                let (before, fraction) = map.place(x, map.columns);
                mixed(knots[before], knots[(before + 1).min(map.columns - 1)], fraction)
            }));
        }
    }

    /// The gloss of row `y` of the photo, which must be one of the tile's.
    #[inline]
    #[must_use]
    pub fn row(&self, y: i32) -> Option<GlossRow<'_>> {
        let map = self.map?;
        let (before, fraction) = map.place(y, map.rows);
        let line = before - self.first;
        let above = self.lines.get(line * self.width_px..(line + 1) * self.width_px)?;
        let below = self.lines.get((line + 1) * self.width_px..(line + 2) * self.width_px).unwrap_or(above);
        Some(GlossRow { above, below, fraction })
    }
}

/// Cells in which a splat is centred.
fn treated_cells(splats: &Splats, columns: usize, rows: usize) -> Vec<bool> {
    let mut treated = vec![false; columns * rows];
    for splat in splats.as_slice() {
        let (column, row) = ((splat.x_px / CELL_PX as f32) as usize, (splat.y_px / CELL_PX as f32) as usize);
        if splat.x_px >= 0.0 && splat.y_px >= 0.0 && column < columns && row < rows {
            treated[row * columns + column] = true;
        }
    }
    treated
}

/// Calls `each` with the cell and its neighbours (up to nine), and how far off they are, 0 to 2 steps.
fn neighbours(index: usize, columns: usize, count: usize, mut each: impl FnMut(usize, usize)) {
    let (row, column) = (index / columns, index % columns);
    for other_row in row.saturating_sub(1)..=row + 1 {
        for other_column in column.saturating_sub(1)..=(column + 1).min(columns - 1) {
            let other = other_row * columns + other_column;
            if other < count {
                each(other, row.abs_diff(other_row) + column.abs_diff(other_column));
            }
        }
    }
}

fn grown(cells: &[bool], columns: usize) -> Vec<bool> {
    let mut grown = vec![false; cells.len()];
    for index in (0..cells.len()).filter(|index| cells[*index]) {
        neighbours(index, columns, cells.len(), |other, _| grown[other] = true);
    }
    grown
}

/// Mean linear sRGB of the wanted cells, black elsewhere; and the luminance of the skin there.
fn cell_colours<C: Code>(
    codes: &[C],
    space: &Arc<ColourSpace>,
    width_px: u32,
    columns: usize,
    wanted: &[bool],
) -> Result<(Vec<[f32; 3]>, Vec<f32>), CompositeError> {
    let (tables, matrices) = (CodeTables::<C>::new(space), space.matrices()?);
    let cell_px = CELL_PX as usize;
    // Luminance of the photo's own channels.
    let weights: [f32; 3] = std::array::from_fn(|c| match &matrices {
        Some(matrices) => (0..3).map(|row| LUMINANCE[row] * matrices.linear_srgb_from_own[row][c]).sum(),
        None => LUMINANCE[c],
    });
    let bands = codes.par_chunks(width_px.max(1) as usize * 3 * cell_px).zip(wanted.par_chunks(columns));
    Ok(bands
        .flat_map_iter(|(band, wanted)| {
            let mut sums = vec![([0.0_f32; 3], 0.0_f32); columns];
            let mut seen: Vec<Vec<f32>> = vec![Vec::new(); columns];
            for line in band.chunks(width_px as usize * 3).step_by(SAMPLE_STEP) {
                let cells = line.as_chunks::<3>().0.chunks(cell_px).zip(&mut sums).zip(&mut seen).zip(wanted);
                for (((pixels, sum), seen), _) in cells.filter(|(_, wanted)| **wanted) {
                    for pixel in pixels.iter().step_by(SAMPLE_STEP) {
                        let own: [f32; 3] = std::array::from_fn(|c| pixel[c].light(&tables.lights[c]));
                        for (sum, light) in sum.0.iter_mut().zip(own) {
                            *sum += light;
                        }
                        sum.1 += 1.0;
                        seen.push((0..3).map(|c| own[c] * weights[c]).sum());
                    }
                }
            }
            sums.into_iter().zip(seen).map(move |((sum, count), mut seen)| {
                let mean = sum.map(|sum| if count > 0.0 { sum / count } else { 0.0 });
                // The matrix is linear: it may as well be applied to the mean.
                let mean = matrices.map_or(mean, |matrices| transform(&matrices.linear_srgb_from_own, mean));
                let rank = seen.len() * SKIN_PERCENTILE / 100;
                let skin = if seen.is_empty() { 0.0 } else { *seen.select_nth_unstable_by(rank, f32::total_cmp).1 };
                (mean, skin)
            })
        })
        .unzip())
}

/// Gloss of each cell from its mean colour.
fn cell_gloss(colours: &[[f32; 3]], treated: &[bool]) -> Vec<f32> {
    let luminance =
        |colour: &[f32; 3]| (0..3).map(|channel| (colour[channel] * LUMINANCE[channel]).max(0.0)).sum::<f32>();
    let skin_cells = || colours.iter().zip(treated).filter(|(_, treated)| **treated).map(|(colour, _)| colour);
    // Chromaticities do not see shading; their median does not see highlights.
    let skin: [f32; 3] = std::array::from_fn(|channel| {
        median(skin_cells().filter_map(|colour| {
            let sum = colour.iter().sum::<f32>();
            (sum > 0.0).then(|| colour[channel] / sum)
        }))
    });
    let whiteness = |colour: &[f32; 3]| {
        let luminance = luminance(colour);
        if luminance > 0.0 { white_part(colour, &skin) / luminance } else { 0.0 }
    };
    let usual = median(skin_cells().map(whiteness));
    let deviation = median(skin_cells().map(|colour| (whiteness(colour) - usual).abs()));
    let limit = (HIGHLIGHT_SPREADS * SIGMA_BY_MEDIAN_DEVIATION * deviation).max(1e-6);
    // Nothing up to the limit, and soon all of it: a highlight is not to lose what skin varies by.
    let highlight = |excess: f32| {
        if excess <= limit {
            return 0.0;
        }
        let part = limit / excess;
        excess * (1.0 - part * part * part * part)
    };
    colours.iter().map(|colour| luminance(colour) * (SHEEN + highlight(whiteness(colour) - usual))).collect()
}

/// g of `colour = d * skin + g * white` in least squares; negative where the colour is more saturated than skin.
fn white_part(colour: &[f32; 3], skin: &[f32; 3]) -> f32 {
    let dot = |a: &[f32; 3], b: &[f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let white = [1.0; 3];
    let (ss, sw, ww) = (dot(skin, skin), dot(skin, &white), 3.0);
    let determinant = ss * ww - sw * sw;
    // Skin as good as white (a grey photo): nothing can be told apart by colour.
    if determinant < 1e-3 * ss * ww {
        return 0.0;
    }
    (ss * dot(colour, &white) - sw * dot(colour, skin)) / determinant
}

/// The middle value, 0 of none.
fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f32::total_cmp).1 }
}

/// Binomial weights over the neighbours that are wanted; the others count for nothing and stay 0.
fn smoothed(light: &[f32], wanted: &[bool], columns: usize) -> Vec<f32> {
    let smooth = |index: usize| {
        let (mut sum, mut weights) = (0.0, 0.0);
        neighbours(index, columns, light.len(), |other, steps| {
            if wanted[other] {
                let weight = [4.0, 2.0, 1.0][steps.min(2)];
                sum += weight * light[other];
                weights += weight;
            }
        });
        sum / weights
    };
    (0..light.len()).map(|index| if wanted[index] { smooth(index) } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKIN: [f32; 3] = [0.5, 0.32, 0.26];

    fn gloss_over_sheen(colours: &[[f32; 3]]) -> Vec<f32> {
        let treated = vec![true; colours.len()];
        let luminance = |colour: &[f32; 3]| (0..3).map(|channel| colour[channel] * LUMINANCE[channel]).sum::<f32>();
        cell_gloss(colours, &treated)
            .iter()
            .zip(colours)
            .map(|(gloss, colour)| gloss - SHEEN * luminance(colour))
            .collect()
    }

    #[test]
    fn shading_is_not_gloss() {
        let colours: Vec<_> = (1..=50).map(|step| SKIN.map(|part| part * step as f32 / 50.0)).collect();
        assert!(gloss_over_sheen(&colours).iter().all(|gloss| gloss.abs() < 1e-4));
    }

    #[test]
    fn redder_and_paler_skin_is_not_gloss() {
        let colours: Vec<_> = (0..100)
            .map(|step| {
                let paler = (step % 10) as f32 * 0.004;
                [SKIN[0], SKIN[1] + paler, SKIN[2] + paler]
            })
            .collect();
        assert!(gloss_over_sheen(&colours).iter().all(|gloss| *gloss < 0.005));
    }

    #[test]
    fn a_highlight_is() {
        let mut colours = vec![SKIN; 100];
        for colour in &mut colours[..10] {
            *colour = colour.map(|part| part + 0.2);
        }
        let gloss = gloss_over_sheen(&colours);
        assert!(gloss[..10].iter().all(|gloss| (gloss - 0.2).abs() < 0.01), "{:?}", &gloss[..10]);
        assert!(gloss[10..].iter().all(|gloss| gloss.abs() < 1e-4));
    }

    #[test]
    fn grey_photos_have_sheen_only() {
        let colours: Vec<_> = (1..=50).map(|step| [step as f32 / 50.0; 3]).collect();
        assert!(gloss_over_sheen(&colours).iter().all(|gloss| gloss.abs() < 1e-4));
    }
}
