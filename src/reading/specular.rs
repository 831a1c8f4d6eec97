//! Light that was reflected at the skin's surface, from which pigment below takes nothing.
//!
//! The dichromatic model (Shafer 1985): the light of a patch of skin is `d * skin + g * white`, with the chromaticity
//! of the skin and that of the light, which is white in a balanced photo. Specular light is estimated in two parts:
//!
//! - The even specular light of all skin: a fixed part of the incident light, and thus a larger share of the light of
//!   dark skin than of light skin. It cannot be seen in a photo, but the incident light can be estimated from the
//!   skin's colour ([`skin_estimate::even_specular`]). Some of it is a reflection of the surroundings, which is as
//!   bright where the skin itself is in shadow.
//! - Highlights: light that is whiter and brighter than the skin around it (`highlight.rs`), where the surface reflects
//!   a lamp. In total the surface reflects a fixed part of the incident light, whatever the lamp: the more of it is in
//!   highlights, the less is everywhere else, and the brighter highlights are beside the skin, the darker is the skin.
//!
//! Anything narrower than a cell (a wet patch, a hair) cannot be recognised by its colour. So the map also stores how
//! bright the skin around a pixel is: what is much brighter is specular light, too, and what is much darker is hair.
//!
//! The model ignores coloured light: under that of a warm lamp (1.1, 1, 0.8), dots take a tenth too little from blue.
//! Costs a pass over a quarter of the treated pixels, and a few over the cells.

use std::sync::Arc;

use rayon::prelude::*;

use super::highlight::{CellGrid, highlights, median_of_treated};
use super::skin_estimate::{self, Highlights};
use crate::ground::colour::{self, ColourSpace, LUMINANCE_F32, transform};
use crate::ground::samples::{Sample, SampleTables};
use crate::photo::{Photo, Samples};

/// Side of a cell: narrower than highlights of hard light, and wide enough to average colours, which most photos store
/// for 2 x 2 px.
const CELL_PX: u32 = 8;
/// Cells along each side of a patch, over which the brightness of skin is determined: wider than a hair.
const PATCH_CELLS: usize = 2;
const PATCH_PX: usize = PATCH_CELLS * CELL_PX as usize;
/// Every second pixel of every second row represents a cell well enough.
const SAMPLE_STEP: usize = 2;
/// Share of the even specular light that is reflected at the surface: highlights, and the surroundings, whose
/// reflection is the same on lit and on shaded skin.
const MIRRORED: f32 = 0.5;
/// Least share of that which is everywhere, however much is in highlights: these may be ridges and bumps, and no room
/// is black (assumed).
const EVERYWHERE: f32 = 0.5;
/// Percentile of a patch's pixels that is the brightness of its skin: above the median, because of hair in between.
const SKIN_PERCENTILE: usize = 60;

/// White specular light and the brightness of skin over a photo: linear light on a coarse grid, interpolated
/// bilinearly.
#[derive(Debug, Clone, PartialEq)]
pub struct SpecularMap {
    cell_px: f32,
    columns: usize,
    rows: usize,
    /// At the middle of each cell: specular light, the same in all channels, and the luminance of the skin there, or 0
    /// where that is unknown.
    cells: Vec<[f32; 2]>,
}

impl SpecularMap {
    /// The same specular light everywhere, as linear light; the skin's brightness is unknown.
    #[must_use]
    pub fn uniform(width_px: u32, height_px: u32, light: f32) -> Self {
        let (columns, rows) = Self::cells(width_px, height_px);
        Self { cell_px: CELL_PX as f32, columns, rows, cells: vec![[light, 0.0]; columns * rows] }
    }

    /// The specular light of the skin at and around these places of a photo, px; elsewhere none.
    #[must_use]
    pub fn estimate(photo: &Photo, places_px: impl Iterator<Item = [f32; 2]>) -> Self {
        Self::estimate_of(photo, places_px, Kept::BySurface)
    }

    /// The same, plus the light that dots of pigment send back themselves: for dots with given opacities, which say how
    /// much of the skin the pigment hides. Losses of other dots include that light already.
    #[must_use]
    pub fn estimate_under_pigment(photo: &Photo, places_px: impl Iterator<Item = [f32; 2]>) -> Self {
        Self::estimate_of(photo, places_px, Kept::UnderPigment)
    }

    fn estimate_of(photo: &Photo, places_px: impl Iterator<Item = [f32; 2]>, kept: Kept) -> Self {
        let [width, height] = photo.size_px();
        let (columns, rows) = Self::cells(width, height);
        let patches = CellGrid { columns: columns / PATCH_CELLS, rows: rows / PATCH_CELLS };
        let treated = treated_patches(places_px, patches);
        // Four more patches on each side: for interpolation, and for the halos of dots.
        let wanted = (0..4).fold(treated.clone(), |wanted, _| grown(&wanted, patches));
        let seen = match photo.samples() {
            Samples::U8(samples) => patch_colours(samples, photo.colour(), width, patches, &wanted),
            Samples::U16(samples) => patch_colours(samples, photo.colour(), width, patches, &wanted),
        };
        let grid = CellGrid { columns, rows };
        let patch_of = |cell: usize| cell / columns / PATCH_CELLS * patches.columns + cell % columns / PATCH_CELLS;
        let colours: Vec<[f32; 3]> = (0..columns * rows)
            .map(|cell| seen[patch_of(cell)].colours[cell / columns % PATCH_CELLS][cell % PATCH_CELLS])
            .collect();
        let treated: Vec<bool> = (0..columns * rows).map(|cell| treated[patch_of(cell)]).collect();
        let skin = |cell: usize| skin_between(&seen, patches, [cell % columns, cell / columns]);
        let highlights = highlights(&colours, &treated, grid);
        let even_specular = match kept {
            Kept::BySurface => EvenSpecular::of_surface(&colours, &treated, &highlights),
            Kept::UnderPigment => EvenSpecular::under_pigment(&colours, &treated, &highlights),
        };
        let light =
            highlights.iter().zip(&colours).map(|(light, colour)| even_specular.with(*light, luminance(colour)));
        let cells = light.enumerate().map(|(cell, light)| [light, skin(cell)]).collect();
        Self { cell_px: CELL_PX as f32, columns, rows, cells }
    }

    /// The specular light of the photo halved `level` times (see [`crate::photo::pyramid`]).
    #[must_use]
    pub fn at_level(&self, level: u32) -> Self {
        Self { cell_px: self.cell_px / (1_u64 << level.min(31)) as f32, ..self.clone() }
    }

    /// Side of a cell, px.
    #[must_use]
    pub fn cell_px(&self) -> f32 {
        self.cell_px
    }

    /// Columns and rows of cells.
    #[must_use]
    pub fn size_cells(&self) -> [usize; 2] {
        [self.columns, self.rows]
    }

    /// Specular light at the middle of each cell and luminance of the skin there (0 if unknown), linear light, row by
    /// row.
    #[must_use]
    pub fn lights(&self) -> &[[f32; 2]] {
        &self.cells
    }

    /// Columns and rows of cells, in whole patches.
    fn cells(width_px: u32, height_px: u32) -> (usize, usize) {
        let cells = |side_px: u32| (side_px as usize).div_ceil(PATCH_PX).max(1) * PATCH_CELLS;
        (cells(width_px), cells(height_px))
    }

    /// The row or column, of `count`, before pixel `position`, and how far beyond it the pixel's centre lies, 0 to 1.
    #[must_use]
    pub fn place(&self, position: i32, count: usize) -> (usize, f32) {
        let at = ((position as f32 + 0.5) / self.cell_px - 0.5).clamp(0.0, (count - 1) as f32);
        let before = (at as usize).min(count.saturating_sub(2));
        (before, at - before as f32)
    }
}

/// Why dots cannot take light.
#[derive(Debug, Clone, Copy)]
enum Kept {
    /// The skin's surface reflects it.
    BySurface,
    /// The surface reflects it, or pigment sends it back.
    UnderPigment,
}

/// The light of skin that dots cannot take.
struct EvenSpecular {
    /// Share of the light of a place.
    part: f32,
    /// Light that is the same everywhere.
    mirrored: f32,
    /// Share of a highlight's light that counts, since the skin around it, with which it was compared, reflects evenly,
    /// too.
    of_highlight: f32,
}

impl EvenSpecular {
    /// What the surface reflects, from the colours of the treated cells and the light of their highlights.
    fn of_surface(colours: &[[f32; 3]], treated: &[bool], highlights: &[f32]) -> Self {
        let usual = usual_colour(colours, treated);
        let light = luminance(&usual.map(|light| light as f32));
        let part = skin_estimate::even_specular(usual) as f32;
        // A highlight is white in excess of skin that is already whitened by its own even specular light.
        let of_highlight = 1.0 - MIRRORED * part;
        let found = of_highlight * found_highlights(treated, highlights).light as f32;
        let mirrored = MIRRORED * part * light;
        Self { part: (1.0 - MIRRORED) * part, mirrored: (mirrored - found).max(EVERYWHERE * mirrored), of_highlight }
    }

    /// What the surface reflects and pigment sends back, from the same.
    fn under_pigment(colours: &[[f32; 3]], treated: &[bool], highlights: &[f32]) -> Self {
        let kept = skin_estimate::under_pigment(usual_colour(colours, treated), found_highlights(treated, highlights));
        let (part, mirrored) = (kept.part as f32, kept.mirrored as f32);
        // Pigment sends back a part of the light that went into the skin, not of what the surface reflects.
        Self { part, mirrored: (1.0 - part) * mirrored, of_highlight: 1.0 - part }
    }

    /// The light that dots cannot take where the skin has luminance `light` and a highlight of `highlight`.
    fn with(&self, highlight: f32, light: f32) -> f32 {
        self.part * light + self.mirrored + self.of_highlight * highlight
    }
}

/// The usual colour of the treated cells: medians, so that hair, moles and highlights do not count.
fn usual_colour(colours: &[[f32; 3]], treated: &[bool]) -> [f64; 3] {
    std::array::from_fn(|channel| f64::from(median_of_treated(colours, treated, |colour| colour[channel])))
}

/// How much light is in the highlights of the treated cells, and how much of the skin they cover.
fn found_highlights(treated: &[bool], highlights: &[f32]) -> Highlights {
    let found = highlights.iter().zip(treated).filter(|(_, treated)| **treated).map(|(light, _)| f64::from(*light));
    let (sum, squares, count) =
        found.fold((0.0, 0.0, 0.0), |(sum, squares, count), light| (sum + light, squares + light * light, count + 1.0));
    if squares > 0.0 {
        Highlights { light: sum / count, cover: sum * sum / (squares * count) }
    } else {
        Highlights::NONE
    }
}

/// Patches that contain a place.
fn treated_patches(places_px: impl Iterator<Item = [f32; 2]>, patches: CellGrid) -> Vec<bool> {
    let mut treated = vec![false; patches.columns * patches.rows];
    for [x, y] in places_px {
        let (column, row) = ((x / PATCH_PX as f32) as usize, (y / PATCH_PX as f32) as usize);
        if x >= 0.0 && y >= 0.0 && column < patches.columns && row < patches.rows {
            treated[row * patches.columns + column] = true;
        }
    }
    treated
}

/// The patches of a set and their neighbours.
fn grown(of: &[bool], patches: CellGrid) -> Vec<bool> {
    let mut grown = vec![false; of.len()];
    for index in (0..of.len()).filter(|index| of[*index]) {
        let (row, column) = (index / patches.columns, index % patches.columns);
        for other_row in row.saturating_sub(1)..=(row + 1).min(patches.rows - 1) {
            let start = other_row * patches.columns;
            grown[start + column.saturating_sub(1)..=start + (column + 1).min(patches.columns - 1)].fill(true);
        }
    }
    grown
}

/// The colours and the skin of one patch.
#[derive(Debug, Clone, Copy, Default)]
struct Patch {
    /// Mean linear sRGB of its cells, row by row.
    colours: [[[f32; 3]; PATCH_CELLS]; PATCH_CELLS],
    /// Luminance of its skin; 0 where that is unknown.
    skin: f32,
}

/// Pixels of a whole patch that are read.
const SAMPLED: usize = (PATCH_PX / SAMPLE_STEP) * (PATCH_PX / SAMPLE_STEP);

impl Patch {
    /// From the patch's rows: `light` is a pixel's light in the photo's own primaries, `weights` gives its luminance,
    /// and `to_srgb` converts mean light.
    fn read<C: Copy>(
        rows: &[&[[C; 3]]],
        light: impl Fn([C; 3]) -> [f32; 3],
        weights: [f32; 3],
        to_srgb: impl Fn([f32; 3]) -> [f32; 3],
    ) -> Self {
        let mut cells = [[([0.0_f32; 3], 0.0_f32); PATCH_CELLS]; PATCH_CELLS];
        let (mut luminances, mut count) = ([0.0; SAMPLED], 0);
        for (y, row) in rows.iter().enumerate().step_by(SAMPLE_STEP) {
            for (cell, pixels) in cells[y / CELL_PX as usize].iter_mut().zip(row.chunks(CELL_PX as usize)) {
                for pixel in pixels.iter().step_by(SAMPLE_STEP) {
                    let own = light(*pixel);
                    cell.0 = std::array::from_fn(|c| cell.0[c] + own[c]);
                    cell.1 += 1.0;
                    luminances[count] = (0..3).map(|c| own[c] * weights[c]).sum();
                    count += 1;
                }
            }
        }
        if count == 0 {
            return Self::default();
        }
        let rank = count * SKIN_PERCENTILE / 100;
        let skin = *luminances[..count].select_nth_unstable_by(rank, f32::total_cmp).1;
        // Cells beyond the photo's edge repeat those beside them.
        let mean = |row: usize, column: usize| {
            let at = [(row, column), (row, 0), (0, column), (0, 0)].into_iter();
            let sums = at.map(|(row, column)| cells[row][column]).find(|(_, count)| *count > 0.0);
            sums.map_or([0.0; 3], |(sum, count)| to_srgb(sum.map(|sum| sum / count)))
        };
        Self { colours: std::array::from_fn(|row| std::array::from_fn(|column| mean(row, column))), skin }
    }
}

/// The colours of the wanted patches; the others are black.
fn patch_colours<C: Sample>(
    samples: &[C],
    space: &Arc<ColourSpace>,
    width_px: u32,
    patches: CellGrid,
    wanted: &[bool],
) -> Vec<Patch> {
    let (tables, matrices) = (SampleTables::<C>::new(space), space.matrices());
    // Weights of luminance for the photo's own channels.
    let weights: [f32; 3] = std::array::from_fn(|c| match matrices {
        Some(matrices) => (0..3).map(|row| LUMINANCE_F32[row] * matrices.linear_srgb_from_own[row][c]).sum(),
        None => LUMINANCE_F32[c],
    });
    // The matrix is linear, so it can be applied to a mean.
    let to_srgb = |mean: [f32; 3]| matrices.map_or(mean, |matrices| transform(&matrices.linear_srgb_from_own, mean));
    let light = |pixel: [C; 3]| std::array::from_fn(|c| pixel[c].light(&tables.lights[c]));
    let width_px = width_px.max(1) as usize;
    let pixels = samples.as_chunks::<3>().0;
    let bands = pixels.par_chunks(width_px * PATCH_PX).zip(wanted.par_chunks(patches.columns));
    let mut seen: Vec<Patch> = bands
        .flat_map_iter(|(band, wanted)| {
            let rows: Vec<&[[C; 3]]> = band.chunks(width_px).collect();
            let (light, to_srgb) = (&light, &to_srgb);
            wanted.iter().enumerate().map(move |(column, wanted)| {
                if !wanted {
                    return Patch::default();
                }
                let part = column * PATCH_PX..((column + 1) * PATCH_PX).min(width_px);
                let mut of_patch: [&[[C; 3]]; PATCH_PX] = [&[]; PATCH_PX];
                of_patch.iter_mut().zip(&rows).for_each(|(of_patch, row)| *of_patch = &row[part.clone()]);
                Patch::read(&of_patch[..rows.len().min(PATCH_PX)], light, weights, to_srgb)
            })
        })
        .collect();
    seen.resize(patches.columns * patches.rows, Patch::default());
    seen
}

/// Luminance of the skin at the middle of a cell, interpolated bilinearly between the middles of patches.
fn skin_between(seen: &[Patch], patches: CellGrid, [column, row]: [usize; 2]) -> f32 {
    let place = |cell: usize, count: usize| {
        let at = ((cell as f32 + 0.5) / PATCH_CELLS as f32 - 0.5).clamp(0.0, (count - 1) as f32);
        (at as usize, (at as usize + 1).min(count - 1), at - at.floor())
    };
    let (left, right, across) = place(column, patches.columns);
    let (above, below, down) = place(row, patches.rows);
    let line = |row: usize| {
        let [left, right] = [left, right].map(|column| seen[row * patches.columns + column].skin);
        left + (right - left) * across
    };
    let (above, below) = (line(above), line(below));
    above + (below - above) * down
}

/// Luminance of linear sRGB, with negative channels taken as 0.
pub(super) fn luminance(colour: &[f32; 3]) -> f32 {
    colour::luminance(colour.map(|light| light.max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL_EVEN_SPECULAR: f32 = skin_estimate::USUAL_EVEN_SPECULAR as f32;
    use crate::reading::tissue::Skin;

    /// Even specular share of skin in this light, in full light and in shadow half as bright.
    fn even_specular(skin: Skin, light: f64) -> [f32; 2] {
        let colour = skin.reflectance().map(|part| ((part + skin_estimate::SURFACE) * light) as f32);
        let even_specular = EvenSpecular::of_surface(&[colour; 9], &[true; 9], &[0.0; 9]);
        let middle = luminance(&colour);
        [even_specular.with(0.0, middle) / middle, even_specular.with(0.0, 0.5 * middle) / (0.5 * middle)]
    }

    #[test]
    fn the_darker_the_skin_the_more_of_its_light_is_specular() {
        let [light, shaded] = even_specular(Skin { melanosome_fraction: 0.012, ..Skin::default() }, 1.55);
        assert!((light / USUAL_EVEN_SPECULAR - 1.0).abs() < 0.1, "{light}");
        // The reflection of the surroundings is as bright there as in the light.
        assert!((shaded / light - (1.0 + MIRRORED)).abs() < 1e-4, "{shaded}, {light}");
        let dark_skin = Skin { melanosome_fraction: 0.08, ..Skin::default() };
        let reflectance = dark_skin.reflectance().map(|part| part as f32);
        let (part, [dark, _]) = (skin_estimate::SURFACE as f32, even_specular(dark_skin, 1.55));
        let truth = part / (part + luminance(&reflectance));
        assert!((dark / truth - 1.0).abs() < 0.25, "{dark} instead of {truth}");
    }

    #[test]
    fn what_is_in_highlights_is_not_everywhere() {
        let colour = Skin::default().reflectance().map(|part| 1.55 * part as f32);
        let light = luminance(&colour);
        let mean = |highlight: f32| {
            let highlights: [f32; 10] = std::array::from_fn(|cell| if cell == 0 { highlight } else { 0.0 });
            let even_specular = EvenSpecular::of_surface(&[colour; 10], &[true; 10], &highlights);
            highlights.iter().map(|highlight| even_specular.with(*highlight, light)).sum::<f32>() / 10.0
        };
        let without = mean(0.0);
        assert!((mean(0.05) / without - 1.0).abs() < 1e-3, "{} {without}", mean(0.05));
        // This much cannot all be reflected by skin.
        assert!(mean(0.5) > 1.2 * without);
    }

    #[test]
    fn other_colours_are_as_specular_as_light_skin() {
        for colour in [[0.3; 3], [0.0; 3], [0.1, 0.4, 0.5]] {
            let even_specular = EvenSpecular::of_surface(&[colour; 4], &[true; 4], &[0.0; 4]);
            assert!(
                (even_specular.with(0.0, luminance(&colour)) - USUAL_EVEN_SPECULAR * luminance(&colour)).abs() < 1e-6,
                "{colour:?}"
            );
        }
        assert!(
            EvenSpecular::of_surface(&[[0.3; 3]; 4], &[false; 4], &[0.0; 4]).with(0.0, 0.0).abs() < f32::EPSILON,
            "nothing is treated"
        );
    }
}
