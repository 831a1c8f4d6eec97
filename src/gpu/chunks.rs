//! The photo in the card's memory: square chunks of its pyramid, each uploaded when it is first viewed.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::pipelines::{Pipelines, bound, filled_texture, new_uniform};
use crate::photo::pyramid::Pyramid;
use crate::photo::{Photo, PixelRect, Samples};

/// Side of a chunk: small enough for every card and for an upload between two frames (4 MB), large enough that a window
/// needs only a few.
const SIDE_PX: u32 = 1024;
/// Chunks kept: 256 MB, the whole of a 48-megapixel photo. Beyond that the least recently seen are dropped first.
const MOST_KEPT: usize = 64;

/// Level, column and row of a chunk.
type ChunkKey = (u32, u32, u32);

/// One photo at every level.
#[derive(Debug)]
pub(super) struct Chunks {
    pyramid: Pyramid,
    kept: BTreeMap<ChunkKey, Chunk>,
    /// Number of windows prepared so far.
    clock: u64,
}

#[derive(Debug)]
struct Chunk {
    group: wgpu::BindGroup,
    /// The clock when it was last in a window.
    seen: u64,
}

impl Chunks {
    pub(super) fn new(pyramid: Pyramid) -> Self {
        Self { pyramid, kept: BTreeMap::new(), clock: 0 }
    }

    /// The photo at a level.
    pub(super) fn photo(&self, level: u32) -> &Photo {
        self.pyramid.photo(level)
    }

    /// Forgets everything that was uploaded.
    pub(super) fn forget(&mut self) {
        self.kept.clear();
    }

    /// Uploads the missing chunks of `window`, pixels of a level inside the photo.
    pub(super) fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pipelines: &Pipelines,
        level: u32,
        window: PixelRect,
    ) {
        self.clock += 1;
        for place in places(level, window) {
            let clock = self.clock;
            let chunk = self.kept.entry(place).or_insert_with(|| {
                let photo = self.pyramid.photo(level);
                let rect = rect(place).intersection(photo.rect());
                let size = rect.size_px();
                let format = wgpu::TextureFormat::Rgba8Unorm;
                let samples = filled_texture(device, queue, "photo", size, format, &texels(photo, rect));
                let origin = new_uniform(device, "chunk", 16);
                queue.write_buffer(&origin, 0, bytemuck::cast_slice(&[rect.x0 as f32, rect.y0 as f32, 0.0, 0.0]));
                let resources = [wgpu::BindingResource::TextureView(&samples), origin.as_entire_binding()];
                Chunk { group: bound(device, &pipelines.chunk_layout, resources), seen: 0 }
            });
            chunk.seen = clock;
        }
        while self.kept.len() > MOST_KEPT {
            let longest_unseen =
                self.kept.iter().min_by_key(|(_, chunk)| chunk.seen).map(|(place, c)| (*place, c.seen));
            match longest_unseen {
                Some((place, seen)) if seen < self.clock => self.kept.remove(&place),
                // All of them are in the window.
                _ => return,
            };
        }
    }

    /// The prepared chunks of a window, and which of its pixels each covers.
    pub(super) fn in_window(
        &self,
        level: u32,
        window: PixelRect,
    ) -> impl Iterator<Item = (&wgpu::BindGroup, PixelRect)> {
        places(level, window)
            .filter_map(move |place| Some((&self.kept.get(&place)?.group, rect(place).intersection(window))))
    }
}

/// The chunks that a window inside the photo touches.
fn places(level: u32, window: PixelRect) -> impl Iterator<Item = ChunkKey> {
    let columns = window.x0 as u32 / SIDE_PX..(window.x1 as u32).div_ceil(SIDE_PX);
    let rows = window.y0 as u32 / SIDE_PX..(window.y1 as u32).div_ceil(SIDE_PX);
    rows.flat_map(move |row| columns.clone().map(move |column| (level, column, row)))
}

fn rect((_, column, row): ChunkKey) -> PixelRect {
    let side = SIDE_PX as i32;
    let (x0, y0) = (column as i32 * side, row as i32 * side);
    PixelRect { x0, y0, x1: x0 + side, y1: y0 + side }
}

/// Red, green, blue and full opacity of a part of the photo.
fn texels(photo: &Photo, rect: PixelRect) -> Vec<u8> {
    let width = (rect.x1 - rect.x0) as usize;
    let mut texels = vec![255_u8; width * (rect.y1 - rect.y0) as usize * 4];
    texels.par_chunks_mut((width * 4).max(1)).enumerate().for_each(|(y, row)| {
        let start = (rect.y0 as usize + y) * photo.width() as usize + rect.x0 as usize;
        let row = row.as_chunks_mut::<4>().0.iter_mut();
        match photo.samples() {
            Samples::U8(samples) => {
                for (texel, sample) in row.zip(samples.as_chunks::<3>().0.iter().skip(start)) {
                    texel[..3].copy_from_slice(sample);
                }
            }
            // Levels have 8 bits; the upper ones of 16 come closest to that.
            Samples::U16(samples) => {
                for (texel, sample) in row.zip(samples.as_chunks::<3>().0.iter().skip(start)) {
                    texel[..3].copy_from_slice(&sample.map(|sample| (sample >> 8) as u8));
                }
            }
        }
    });
    texels
}
