//! Splats onto a photo, on the processor: the reference behind every export.
//!
//! Light of a pixel is diffuse light D, which was in the skin, plus gloss G, which was not. Dots take from D only:
//! afterwards it is `D * T + G`, with T the product over all dots of `1 - loss * share of the pixel`, a channel
//! each. In linear light, so that half of a black dot on white is code 188.
//!
//! Guarantees: the same bytes whatever the tiles, the threads and the order of the splats; pixels that no dot
//! reaches keep their codes; within one 8-bit code of an `f64` evaluation.
//!
//! Cost: dots by the pixels they reach, then decoding and encoding of these pixels only. Memory beside the photo is
//! the index of splats and one tile a thread: rendering is in place, because a second photo costs more in page
//! faults than the arithmetic does.

use std::ops::Range;
use std::sync::Arc;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::coverage::PixelRect;
use super::gloss::{Gloss, GlossRow, GlossRows};
use super::lanes::LANES;
use super::splat::Splats;
use super::tiles::{TileGrid, TileIndex, TileSet};
use super::transmittance::{Runs, Transmittance};
use crate::ground::codes::{Code, CodeTables, Encode, Encoders, encodable};
use crate::ground::colour::{MatrixPair, SingularMatrix, transform};
use crate::photo::{Photo, Samples};

/// Luminance of linear sRGB (IEC 61966-2-1): how much a grey photo sees of each channel.
pub(super) const LUMINANCE: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Why nothing was rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompositeError {
    /// The photo does not have three samples for each pixel.
    #[error("the photo has {samples} samples, but {width} x {height} pixels need {}", *.width as u64 * *.height as u64 * 3)]
    Samples {
        /// What it has.
        samples: usize,
        /// Width, px.
        width: u32,
        /// Height, px.
        height: u32,
    },
    /// Original and target are different photos.
    #[error("the picture to update and its original differ in size or depth; render the whole picture instead")]
    Target,
    /// Tiles of a photo of another size.
    #[error("the tiles belong to a photo of another size; make the index again")]
    Grid,
    /// There is no way back from linear light.
    #[error(transparent)]
    Colour(#[from] SingularMatrix),
}

/// Puts all splats on the photo, in place.
///
/// # Errors
///
/// [`CompositeError::Samples`] and [`CompositeError::Colour`] where the photo contradicts itself.
pub fn composite(photo: &mut Photo, splats: &Splats, gloss: &Gloss) -> Result<(), CompositeError> {
    let index = TileIndex::new(splats, TileGrid::new(photo.width, photo.height));
    composite_indexed(photo, splats, &index, gloss)
}

/// Puts all splats on the photo, in place, with an index that is kept for later edits.
///
/// # Errors
///
/// Those of [`composite`], and [`CompositeError::Grid`] where the index belongs to a photo of another size.
pub fn composite_indexed(
    photo: &mut Photo,
    splats: &Splats,
    index: &TileIndex,
    gloss: &Gloss,
) -> Result<(), CompositeError> {
    check(photo, index.grid())?;
    let (colour, grey) = (photo.colour.clone(), photo.grey);
    let scene = Scene { splats, index, gloss, matrices: colour.matrices()?, grey };
    match &mut photo.samples {
        Samples::U8(target) => scene.render(&CodeTables::new(&colour), None, target, None),
        Samples::U16(target) => scene.render(&CodeTables::new(&colour), None, target, None),
    }
    Ok(())
}

/// Renders the `dirty` tiles of `target` anew from `original`, and leaves every other pixel alone.
///
/// `target` is an earlier rendering of `original`; with the tiles of [`TileIndex::changed_since`] the outcome is
/// the same as rendering everything. Returns the rectangles that were written, in the order of the tiles.
///
/// # Errors
///
/// Those of [`composite_indexed`], and [`CompositeError::Target`] where `target` cannot be a rendering of
/// `original`.
pub fn composite_region(
    original: &Photo,
    target: &mut Photo,
    splats: &Splats,
    index: &TileIndex,
    dirty: &TileSet,
    gloss: &Gloss,
) -> Result<Vec<PixelRect>, CompositeError> {
    check(original, index.grid())?;
    if dirty.grid() != index.grid() {
        return Err(CompositeError::Grid);
    }
    if (original.width, original.height) != (target.width, target.height) {
        return Err(CompositeError::Target);
    }
    check(target, index.grid())?;
    let scene = Scene { splats, index, gloss, matrices: original.colour.matrices()?, grey: original.grey };
    match (&original.samples, &mut target.samples) {
        (Samples::U8(original_codes), Samples::U8(target)) => {
            scene.render(&CodeTables::new(&original.colour), Some(original_codes), target, Some(dirty));
        }
        (Samples::U16(original_codes), Samples::U16(target)) => {
            scene.render(&CodeTables::new(&original.colour), Some(original_codes), target, Some(dirty));
        }
        _ => return Err(CompositeError::Target),
    }
    Ok(dirty.iter().map(|tile| dirty.grid().rect(tile)).collect())
}

fn check(photo: &Photo, grid: TileGrid) -> Result<(), CompositeError> {
    check_samples(photo)?;
    if grid.photo_size_px() == [photo.width, photo.height] { Ok(()) } else { Err(CompositeError::Grid) }
}

/// That there are three samples a pixel.
pub(super) fn check_samples(photo: &Photo) -> Result<(), CompositeError> {
    let samples = match &photo.samples {
        Samples::U8(codes) => codes.len(),
        Samples::U16(codes) => codes.len(),
    };
    if samples as u64 == u64::from(photo.width) * u64::from(photo.height) * 3 {
        Ok(())
    } else {
        Err(CompositeError::Samples { samples, width: photo.width, height: photo.height })
    }
}

/// What is to be rendered, apart from the photo's codes.
struct Scene<'a> {
    splats: &'a Splats,
    index: &'a TileIndex,
    gloss: &'a Gloss,
    matrices: Option<MatrixPair>,
    grey: bool,
}

impl Scene<'_> {
    fn render<C: Code>(
        &self,
        tables: &CodeTables<C>,
        original: Option<&[C]>,
        target: &mut [C],
        dirty: Option<&TileSet>,
    ) {
        match &tables.encoders {
            Encoders::Fast(encoders) => self.render_with(&tables.lights, encoders, original, target, dirty),
            Encoders::Searching(encoders) => self.render_with(&tables.lights, encoders, original, target, dirty),
        }
    }

    /// Bands of tiles are independent slices of the photo: threads need no locks, and no unsafe code.
    fn render_with<C: Code, E: Encode<C>>(
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
        let work = || {
            (
                Transmittance::new(tile_width_px, tile_height_px),
                self.gloss.rows(tile_width_px),
                Lines::new(tile_width_px),
            )
        };
        let band_samples = width_px * 3 * tile_height_px;
        target.par_chunks_mut(band_samples).enumerate().for_each_init(
            work,
            |(transmittance, gloss, lines), (row, band)| {
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
                    gloss.begin(rect);
                    let tile = Tile { painter: &painter, rect, width_px, transmittance, gloss, lines, band };
                    Arch::new().dispatch(tile);
                }
            },
        );
    }
}

/// A tile to be painted, as work that can be done with any instruction set.
struct Tile<'t, C: Code, E> {
    painter: &'t Painter<'t, C, E>,
    rect: PixelRect,
    /// Of the photo.
    width_px: usize,
    transmittance: &'t Transmittance,
    gloss: &'t GlossRows<'t>,
    lines: &'t mut Lines,
    /// The photo's rows at the height of the tile.
    band: &'t mut [C],
}

impl<C: Code, E: Encode<C>> WithSimd for Tile<'_, C, E> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { painter, rect, width_px, transmittance, gloss, lines, band } = self;
        let tile_width_px = (rect.x1 - rect.x0) as usize;
        let rows = band.as_chunks_mut::<3>().0.chunks_exact_mut(width_px);
        for (y, row_pixels) in rows.enumerate().take((rect.y1 - rect.y0) as usize) {
            let pixels = &mut row_pixels[rect.x0 as usize..][..tile_width_px];
            let row = PaintRow { transmittances: transmittance.row(y), gloss: gloss.row(rect.y0 + y as i32) };
            painter.paint(pixels, &row, transmittance.runs(y), lines);
        }
    }
}

/// What is known of one row of a tile.
struct PaintRow<'a> {
    transmittances: [&'a [f32]; 3],
    gloss: Option<GlossRow<'a>>,
}

/// Working memory: the light of one row of a tile, a line a channel.
struct Lines {
    light: [Vec<f32>; 3],
}

impl Lines {
    fn new(tile_width_px: usize) -> Self {
        Self { light: [0; 3].map(|_| vec![0.0; tile_width_px + LANES]) }
    }

    /// From light before to encodable light after, in these columns: whole [`LANES`], of which any may be garbage.
    #[inline(always)]
    fn dim(&mut self, row: &PaintRow, columns: Range<usize>) {
        fn lanes<'a>(line: &'a [f32], columns: &Range<usize>) -> &'a [[f32; LANES]] {
            line.get(columns.clone()).unwrap_or_default().as_chunks().0
        }
        let [red, green, blue] = &mut self.light;
        let [red, green, blue] =
            [red, green, blue].map(|line| line.get_mut(columns.clone()).unwrap_or_default().as_chunks_mut::<LANES>().0);
        let transmittances = row.transmittances.map(|line| lanes(line, &columns));
        let lights = red.iter_mut().zip(green).zip(blue);
        let transmittances = transmittances[0].iter().zip(transmittances[1]).zip(transmittances[2]);
        let columns = columns.step_by(LANES);
        for ((((red, green), blue), ((t_red, t_green), t_blue)), column) in lights.zip(transmittances).zip(columns) {
            let gloss = row.gloss.as_ref().and_then(|gloss| gloss.lanes(column));
            (*red, *green, *blue) = match gloss {
                None => (dimmed(*red, *t_red), dimmed(*green, *t_green), dimmed(*blue, *t_blue)),
                Some(mapped) => {
                    let mut gloss = [0.0; LANES];
                    for lane in 0..LANES {
                        gloss[lane] = gloss_of([red[lane], green[lane], blue[lane]], mapped[lane]);
                    }
                    (
                        dimmed_under(gloss, *red, *t_red),
                        dimmed_under(gloss, *green, *t_green),
                        dimmed_under(gloss, *blue, *t_blue),
                    )
                }
            };
        }
    }
}

#[inline(always)]
fn dimmed(light: [f32; LANES], transmittance: [f32; LANES]) -> [f32; LANES] {
    let mut left = [0.0; LANES];
    for lane in 0..LANES {
        left[lane] = encodable(light[lane] * transmittance[lane]);
    }
    left
}

#[inline(always)]
fn dimmed_under(gloss: [f32; LANES], light: [f32; LANES], transmittance: [f32; LANES]) -> [f32; LANES] {
    let mut left = [0.0; LANES];
    for lane in 0..LANES {
        left[lane] = encodable(gloss[lane] + (light[lane] - gloss[lane]) * transmittance[lane]);
    }
    left
}

/// From codes to codes.
struct Painter<'a, C: Code, E> {
    lights: [&'a C::Lights; 3],
    encoders: [&'a E; 3],
    matrices: Option<MatrixPair>,
    grey: bool,
}

impl<C: Code, E: Encode<C>> Painter<'_, C, E> {
    /// Paints the pixels `runs` of a row.
    #[inline(always)]
    fn paint(&self, pixels: &mut [[C; 3]], row: &PaintRow, runs: Runs, lines: &mut Lines) {
        if self.grey || self.matrices.is_some() {
            for run in runs {
                self.paint_singly(&mut pixels[run.clone()], row, run.start);
            }
            return;
        }
        // Three passes, because reading tables is done one by one and everything else in vectors, and because
        // a vector cannot be read back at once from a place to which single values have just been written.
        // Locals, because codes are bytes, and the compiler must assume that writing a byte changes anything else.
        let (lights, encoders) = (self.lights, self.encoders);
        let mut reached: Option<Range<usize>> = None;
        for run in runs.clone() {
            let [red, green, blue] = lines.light.each_mut().map(|line| line[run.clone()].iter_mut());
            for (((pixel, red), green), blue) in pixels[run.clone()].iter().zip(red).zip(green).zip(blue) {
                *red = pixel[0].light(lights[0]);
                *green = pixel[1].light(lights[1]);
                *blue = pixel[2].light(lights[2]);
            }
            reached = Some(reached.map_or(run.start, |reached| reached.start)..run.end);
        }
        let Some(reached) = reached else { return };
        lines.dim(row, reached.start / LANES * LANES..reached.end.next_multiple_of(LANES));
        for run in runs {
            let [red, green, blue] = lines.light.each_ref().map(|line| line[run.clone()].iter());
            for (((pixel, red), green), blue) in pixels[run].iter_mut().zip(red).zip(green).zip(blue) {
                *pixel = [
                    encoders[0].encode_encodable(*red),
                    encoders[1].encode_encodable(*green),
                    encoders[2].encode_encodable(*blue),
                ];
            }
        }
    }

    /// Pixels of photos that are grey or have primaries of their own, beginning at `column`.
    #[inline(never)]
    fn paint_singly(&self, pixels: &mut [[C; 3]], row: &PaintRow, column: usize) {
        for (index, pixel) in pixels.iter_mut().enumerate() {
            let transmittance = row.transmittances.map(|line| line.get(column + index).copied().unwrap_or(1.0));
            let gloss = row.gloss.as_ref().map(|gloss| gloss.at(column + index));
            match &self.matrices {
                Some(matrices) if !self.grey => self.paint_through(matrices, pixel, transmittance, gloss),
                _ => self.paint_grey(pixel, transmittance, gloss),
            }
        }
    }

    /// A photo whose primaries are not those of sRGB. What is lost is taken from the photo's own light, so that
    /// going there and back costs nothing where little is lost.
    fn paint_through(&self, matrices: &MatrixPair, pixel: &mut [C; 3], transmittance: [f32; 3], gloss: Option<f32>) {
        let own: [f32; 3] = std::array::from_fn(|channel| pixel[channel].light(self.lights[channel]));
        let light = transform(&matrices.linear_srgb_from_own, own);
        let gloss = gloss.map_or(0.0, |gloss| gloss_of(light, gloss));
        let lost = std::array::from_fn(|channel| (light[channel] - gloss) * (1.0 - transmittance[channel]));
        let own_lost = transform(&matrices.own_from_linear_srgb, lost);
        for channel in 0..3 {
            pixel[channel] = self.encoders[channel].encode(own[channel] - own_lost[channel]);
        }
    }

    /// A grey photo saw the luminance of the dots, and stays grey.
    fn paint_grey(&self, pixel: &mut [C; 3], transmittance: [f32; 3], gloss: Option<f32>) {
        let transmittance = (0..3).map(|channel| transmittance[channel] * LUMINANCE[channel]).sum::<f32>();
        let light = pixel[0].light(self.lights[0]);
        let gloss = gloss.map_or(0.0, |gloss| gloss_of([light; 3], gloss));
        *pixel = [self.encoders[0].encode(gloss + (light - gloss) * transmittance); 3];
    }
}

/// Light from which all three channels are close to clipping: what is there is gloss, and how much was lost in the
/// clipping nobody knows.
const CLIPPING_LIGHT: f32 = 0.85;

/// Gloss of one pixel, from the smooth map: never more than the pixel has, so that diffuse light is never negative.
#[inline(always)]
fn gloss_of(light: [f32; 3], mapped: f32) -> f32 {
    let least = |a: f32, b: f32| if a < b { a } else { b };
    let most = |a: f32, b: f32| if a > b { a } else { b };
    let white = least(light[0], least(light[1], light[2]));
    let clipped = white * (white - CLIPPING_LIGHT) * (1.0 / (1.0 - CLIPPING_LIGHT));
    most(least(most(mapped, clipped), white), 0.0)
}
