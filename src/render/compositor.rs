//! Draws splats onto a photo, on the processor: the reference behind every export.
//!
//! A pixel's light is diffuse light D, which was in the skin, plus specular light G, which was not. Dots absorb only
//! from D: afterwards the light is `D * T + G`, with T the product over all dots of `1 - loss * share of the pixel`,
//! per channel. All of this is in linear light, so half of a black dot on white gives sample value 188.
//!
//! Guarantees: the same bytes whatever the tiles, the threads and the order of the splats; pixels that no dot reaches
//! keep their sample values; and results are within one 8-bit sample value of an `f64` evaluation.
//!
//! Cost: proportional to the number of dots times the pixels they reach, plus decoding and encoding only those pixels.
//! Memory beside the photo is the index of splats and one tile per thread: rendering is in place, because a second
//! photo costs more in page faults than the arithmetic does.

use std::sync::Arc;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::specular::{Specular, SpecularRow, SpecularRows, Surface};
use super::splat::Splats;
use super::tiles::{TileGrid, TileIndex, TileSet};
use super::transmittance::Transmittance;
use crate::ground::colour::{LUMINANCE_F32, MatrixPair, transform};
use crate::ground::samples::{Encode, Encoders, Sample, SampleTables};
use crate::photo::{Photo, PixelRect, Samples, SamplesMut};

/// Why nothing was rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompositeError {
    /// Original and target are different photos.
    #[error("the picture to update and its original differ in size or depth; render the whole picture instead")]
    Target,
    /// The tiles belong to a photo of another size.
    #[error("the tiles belong to a photo of another size; make the index again")]
    Grid,
}

/// Draws all splats onto the photo, in place.
pub fn composite(photo: &mut Photo, splats: &Splats, specular: &Specular) {
    composite_with(photo, splats, &TileIndex::new(splats, TileGrid::new(photo.width(), photo.height())), specular);
}

/// Draws all splats onto the photo, in place, with an index that is kept for later edits.
///
/// # Errors
/// [`CompositeError::Grid`] if the index belongs to a photo of another size.
pub fn composite_indexed(
    photo: &mut Photo,
    splats: &Splats,
    index: &TileIndex,
    specular: &Specular,
) -> Result<(), CompositeError> {
    check(photo, index.grid())?;
    composite_with(photo, splats, index, specular);
    Ok(())
}

fn composite_with(photo: &mut Photo, splats: &Splats, index: &TileIndex, specular: &Specular) {
    let (colour, grey) = (photo.colour().clone(), photo.is_grey());
    let layers = Layers { splats, index, specular, matrices: colour.matrices(), grey };
    match photo.samples_mut() {
        SamplesMut::U8(target) => layers.render(&SampleTables::new(&colour), None, target, None),
        SamplesMut::U16(target) => layers.render(&SampleTables::new(&colour), None, target, None),
    }
}

/// Renders the `dirty` tiles of `target` again from `original`, and leaves every other pixel alone.
///
/// `target` is an earlier rendering of `original`; with the tiles of [`TileIndex::changed_since`] the result is the
/// same as rendering everything. Returns the rectangles that were written, in tile order.
///
/// # Errors
/// [`CompositeError::Grid`], and [`CompositeError::Target`] if `target` cannot be a rendering of `original`.
pub fn composite_region(
    original: &Photo,
    target: &mut Photo,
    splats: &Splats,
    index: &TileIndex,
    dirty: &TileSet,
    specular: &Specular,
) -> Result<Vec<PixelRect>, CompositeError> {
    check(original, index.grid())?;
    if dirty.grid() != index.grid() {
        return Err(CompositeError::Grid);
    }
    if original.size_px() != target.size_px() {
        return Err(CompositeError::Target);
    }
    let colour = original.colour();
    let layers = Layers { splats, index, specular, matrices: colour.matrices(), grey: original.is_grey() };
    match (original.samples(), target.samples_mut()) {
        (Samples::U8(samples), SamplesMut::U8(target)) => {
            layers.render(&SampleTables::new(colour), Some(samples), target, Some(dirty));
        }
        (Samples::U16(samples), SamplesMut::U16(target)) => {
            layers.render(&SampleTables::new(colour), Some(samples), target, Some(dirty));
        }
        _ => return Err(CompositeError::Target),
    }
    Ok(dirty.iter().map(|tile| dirty.grid().rect(tile)).collect())
}

fn check(photo: &Photo, grid: TileGrid) -> Result<(), CompositeError> {
    if grid.photo_size_px() == photo.size_px() { Ok(()) } else { Err(CompositeError::Grid) }
}

/// Everything that is rendered, apart from the photo's sample values.
struct Layers<'a> {
    splats: &'a Splats,
    index: &'a TileIndex,
    specular: &'a Specular,
    matrices: Option<&'a MatrixPair>,
    grey: bool,
}

impl Layers<'_> {
    fn render<C: Sample>(
        &self,
        tables: &SampleTables<C>,
        original: Option<&[C]>,
        target: &mut [C],
        dirty: Option<&TileSet>,
    ) {
        match &tables.encoders {
            Encoders::Fast(encoders) => self.render_with(&tables.lights, encoders, original, target, dirty),
            Encoders::Searching(encoders) => self.render_with(&tables.lights, encoders, original, target, dirty),
        }
    }

    /// Bands of tiles are disjoint slices of the photo: threads need neither locks nor unsafe code.
    fn render_with<C: Sample, E: Encode<C>>(
        &self,
        lights: &[Arc<C::Lights>; 3],
        encoders: &[Arc<E>; 3],
        original: Option<&[C]>,
        target: &mut [C],
        dirty: Option<&TileSet>,
    ) {
        let grid = self.index.grid();
        let [width_px, _] = grid.photo_size_px().map(|side| side as usize);
        let [tile_width_px, tile_height_px] = grid.tile_size_px().map(|side| side as usize);
        if grid.is_empty() {
            return;
        }
        let painter = Painter {
            lights: lights.each_ref().map(AsRef::as_ref),
            encoders: encoders.each_ref().map(AsRef::as_ref),
            matrices: self.matrices,
            grey: self.grey,
        };
        let work = || (Transmittance::new(tile_width_px, tile_height_px), self.specular.rows(tile_width_px));
        let band_samples = width_px * 3 * tile_height_px;
        target.par_chunks_mut(band_samples).enumerate().for_each_init(
            work,
            |(transmittance, specular), (row, band)| {
                for tile in row * grid.columns()..(row + 1) * grid.columns() {
                    if dirty.is_some_and(|dirty| !dirty.contains(tile)) {
                        continue;
                    }
                    let rect = grid.rect(tile);
                    let samples = |y: usize| {
                        let start = (y * width_px + rect.x0 as usize) * 3;
                        start..start + (rect.x1 - rect.x0) as usize * 3
                    };
                    let height = (rect.y1 - rect.y0) as usize;
                    if let Some(original) = original {
                        for y in 0..height {
                            band[samples(y)].copy_from_slice(&original[row * band_samples..][samples(y)]);
                        }
                    }
                    if self.index.places(tile).is_empty() {
                        continue;
                    }
                    transmittance.render(rect, self.index.splats(self.splats, tile));
                    specular.begin(rect);
                    let tile = Tile { painter: &painter, rect, width_px, transmittance, specular, band };
                    Arch::new().dispatch(tile);
                }
            },
        );
    }
}

/// A tile to paint, as work that can be dispatched to any instruction set.
struct Tile<'t, C: Sample, E> {
    painter: &'t Painter<'t, C, E>,
    rect: PixelRect,
    /// Width of the photo.
    width_px: usize,
    transmittance: &'t Transmittance,
    specular: &'t SpecularRows<'t>,
    /// The photo's rows at the height of the tile.
    band: &'t mut [C],
}

impl<C: Sample, E: Encode<C>> WithSimd for Tile<'_, C, E> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { painter, rect, width_px, transmittance, specular, band } = self;
        let tile_width_px = (rect.x1 - rect.x0) as usize;
        let rows = band.as_chunks_mut::<3>().0.chunks_exact_mut(width_px);
        for (y, row_pixels) in rows.enumerate().take((rect.y1 - rect.y0) as usize) {
            let pixels = &mut row_pixels[rect.x0 as usize..][..tile_width_px];
            let row = PaintRow { transmittances: transmittance.row(y), specular: specular.row(rect.y0 + y as i32) };
            painter.paint(pixels, &row, transmittance.reached(y));
        }
    }
}

/// The inputs of one row of a tile.
struct PaintRow<'a> {
    transmittances: [&'a [f32]; 3],
    specular: Option<SpecularRow<'a>>,
}

/// Converts sample values to light and back.
struct Painter<'a, C: Sample, E> {
    lights: [&'a C::Lights; 3],
    encoders: [&'a E; 3],
    matrices: Option<&'a MatrixPair>,
    grey: bool,
}

impl<C: Sample, E: Encode<C>> Painter<'_, C, E> {
    /// Paints the reached pixels of a row.
    ///
    /// One pixel at a time: half of the work is table lookups, which cannot be vectorised, and the reached pixels are
    /// scattered in small groups. Stepping from bit to bit, branch prediction fails once per 64 columns rather than at
    /// every edge of a dot.
    #[inline(always)]
    fn paint(&self, pixels: &mut [[C; 3]], row: &PaintRow, reached: &[u64]) {
        let [red, green, blue] = row.transmittances.map(|line| &line[..pixels.len()]);
        for (word, bits) in reached.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                let column = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let Some(pixel) = pixels.get_mut(column) else { break };
                let transmittance = [red[column], green[column], blue[column]];
                let specular = row.specular.as_ref().map(|specular| specular.at(column));
                match self.matrices {
                    _ if self.grey => self.paint_grey(pixel, transmittance, specular),
                    Some(matrices) => self.paint_through(matrices, pixel, transmittance, specular),
                    None => self.paint_plain(pixel, transmittance, specular),
                }
            }
        }
    }

    /// Paints a pixel of a photo with the primaries of sRGB, as most have.
    #[inline(always)]
    fn paint_plain(&self, pixel: &mut [C; 3], transmittance: [f32; 3], mapped: Option<[f32; 2]>) {
        let lights = self.lights;
        let light = [pixel[0].light(lights[0]), pixel[1].light(lights[1]), pixel[2].light(lights[2])];
        let left = |channel: usize, surface: &Surface| {
            let lost = surface.bare * (1.0 - transmittance[channel]);
            light[channel] - (light[channel] - surface.specular) * lost
        };
        let left = match mapped.map(|mapped| Surface::of(light, mapped)) {
            None => [light[0] * transmittance[0], light[1] * transmittance[1], light[2] * transmittance[2]],
            Some(surface) => [left(0, &surface), left(1, &surface), left(2, &surface)],
        };
        let encoders = self.encoders;
        *pixel = [encoders[0].encode(left[0]), encoders[1].encode(left[1]), encoders[2].encode(left[2])];
    }

    /// Paints a pixel of a photo with other primaries than those of sRGB. The loss is subtracted from the photo's own
    /// light, so the round trip costs no precision where little is lost.
    #[inline(never)]
    fn paint_through(
        &self,
        matrices: &MatrixPair,
        pixel: &mut [C; 3],
        transmittance: [f32; 3],
        mapped: Option<[f32; 2]>,
    ) {
        let own: [f32; 3] = std::array::from_fn(|channel| pixel[channel].light(self.lights[channel]));
        let light = transform(&matrices.linear_srgb_from_own, own);
        let Surface { specular, bare } = mapped.map_or(Surface::DIFFUSE, |mapped| Surface::of(light, mapped));
        let lost = std::array::from_fn(|channel| (light[channel] - specular) * bare * (1.0 - transmittance[channel]));
        let own_lost = transform(&matrices.own_from_linear_srgb, lost);
        for channel in 0..3 {
            pixel[channel] = self.encoders[channel].encode(own[channel] - own_lost[channel]);
        }
    }

    /// Paints a pixel of a grey photo, which saw the luminance of the dots and stays grey.
    #[inline(never)]
    fn paint_grey(&self, pixel: &mut [C; 3], transmittance: [f32; 3], mapped: Option<[f32; 2]>) {
        let transmittance = (0..3).map(|channel| transmittance[channel] * LUMINANCE_F32[channel]).sum::<f32>();
        let light = pixel[0].light(self.lights[0]);
        let Surface { specular, bare } = mapped.map_or(Surface::DIFFUSE, |mapped| Surface::of([light; 3], mapped));
        *pixel = [self.encoders[0].encode(light - (light - specular) * bare * (1.0 - transmittance)); 3];
    }
}
