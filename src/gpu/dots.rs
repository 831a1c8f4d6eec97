//! Splats in the card's memory, and which of them a window can show.

use std::ops::Range;

use rayon::prelude::*;

use super::error::{GpuError, Watch};
use crate::photo::PixelRect;
use crate::render::coverage::{LEAST_ROW_REACH, MOST_REACH};
use crate::render::splat::{Splat, Splats};

/// The values of one splat: centre, standard deviations, axis, losses.
type Numbers = [f32; 9];
pub(super) const SPLAT_BYTES: u64 = size_of::<Numbers>() as u64;
/// Splats that are drawn or skipped together. Neighbours in [`Splats`] are neighbours in the photo, so the bounding
/// boxes of so few are small, and going through all boxes takes microseconds.
const RUN: usize = 256;
/// Greatest reach of a dot, in its larger standard deviations.
const FARTHEST_REACH: f32 = 4.3;
const _: () = assert!(FARTHEST_REACH * FARTHEST_REACH > MOST_REACH * MOST_REACH + LEAST_ROW_REACH * LEAST_ROW_REACH);

/// Splats of the whole photo, in pixels of level 0.
#[derive(Debug, Default)]
pub(super) struct Dots {
    buffer: Option<wgpu::Buffer>,
    count: usize,
    boxes: Vec<Bounds>,
}

/// A box in pixels of level 0.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    from_px: [f32; 2],
    to_px: [f32; 2],
}

impl Dots {
    /// Uploads the splats.
    pub(super) fn set(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        watch: &Watch,
        splats: &Splats,
    ) -> Result<(), GpuError> {
        // If anything fails below, there are no dots.
        self.count = 0;
        self.boxes.clear();
        let splats = splats.as_slice();
        let limit = (device.limits().max_buffer_size / SPLAT_BYTES) as usize;
        if splats.len() > limit {
            return Err(GpuError::TooMany { dots: splats.len(), limit });
        }
        if splats.is_empty() {
            return Ok(());
        }
        let numbers: Vec<Numbers> = splats.par_iter().map(numbers).collect();
        let buffer = self.buffer.take();
        self.buffer = Some(watch.guarded(|| {
            let bytes = splats.len() as u64 * SPLAT_BYTES;
            let buffer = buffer.filter(|buffer| buffer.size() >= bytes).unwrap_or_else(|| {
                device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("splats"),
                    // Room for a few more, so that an edit seldom needs a new buffer.
                    size: (splats.len() + splats.len() / 4).min(limit) as u64 * SPLAT_BYTES,
                    usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                })
            });
            queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&numbers));
            buffer
        })?);
        self.boxes = splats.par_chunks(RUN).map(bounds).collect();
        self.count = splats.len();
        Ok(())
    }

    /// The buffer, and the ranges of splats in it that may reach into `window`, pixels of a level, in order.
    pub(super) fn in_window(&self, level: u32, window: PixelRect) -> Option<(&wgpu::Buffer, Vec<Range<u32>>)> {
        let buffer = self.buffer.as_ref()?;
        let photo_px_per_px = (1_u32 << level) as f32;
        // One pixel more on each side, because a dot covers whole pixels.
        let (x0, y0) = ((window.x0 - 1) as f32 * photo_px_per_px, (window.y0 - 1) as f32 * photo_px_per_px);
        let (x1, y1) = ((window.x1 + 1) as f32 * photo_px_per_px, (window.y1 + 1) as f32 * photo_px_per_px);
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for (index, bounds) in self.boxes.iter().enumerate() {
            let Bounds { from_px, to_px } = *bounds;
            if from_px[0] > x1 || from_px[1] > y1 || to_px[0] < x0 || to_px[1] < y0 {
                continue;
            }
            let run = (index * RUN) as u32..((index + 1) * RUN).min(self.count) as u32;
            match ranges.last_mut().filter(|last| last.end == run.start) {
                Some(last) => last.end = run.end,
                None => ranges.push(run),
            }
        }
        (!ranges.is_empty()).then_some((buffer, ranges))
    }
}

fn numbers(splat: &Splat) -> Numbers {
    let Splat { x_px, y_px, sigma_major_px, sigma_minor_px, axis: [cosine, sine], loss_px2: [red, green, blue] } =
        *splat;
    [x_px, y_px, sigma_major_px, sigma_minor_px, cosine, sine, red, green, blue]
}

/// The bounding box of everything that these splats reach.
fn bounds(splats: &[Splat]) -> Bounds {
    let nowhere = Bounds { from_px: [f32::INFINITY; 2], to_px: [f32::NEG_INFINITY; 2] };
    splats.iter().fold(nowhere, |Bounds { from_px, to_px }, splat| {
        let reach_px = FARTHEST_REACH * splat.sigma_major_px.max(splat.sigma_minor_px);
        Bounds {
            from_px: [from_px[0].min(splat.x_px - reach_px), from_px[1].min(splat.y_px - reach_px)],
            to_px: [to_px[0].max(splat.x_px + reach_px), to_px[1].max(splat.y_px + reach_px)],
        }
    })
}
