//! The preview: its inputs, and drawing it.

use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use wgpu::TextureUsages;

use super::chunks::Chunks;
use super::dots::Dots;
use super::error::{GpuError, Watch};
use super::pipelines::{
    PICTURE_FORMAT, Pipelines, bound, filled_texture, new_texture, new_uniform, optical_density_format,
};
use crate::photo::pyramid::{COARSEST, Pyramid};
use crate::photo::{Photo, PixelRect};
use crate::render::specular::Specular;
use crate::render::splat::Splats;

/// How long the notification of a finished copy may take: it comes at once unless the device is gone.
const ANSWER: Duration = Duration::from_secs(10);

/// The fields of `View` in shaders/view.wgsl.
type ViewNumbers = [f32; 12];

/// One photo with its dots, on one device.
///
/// The device's only lost callback belongs to the preview: of two previews on one device, only the younger learns that
/// it was lost.
///
/// Inputs are given at level 0, and stay until they are set again; [`draw`](Self::draw) takes the level.
#[derive(Debug)]
pub struct Preview {
    device: wgpu::Device,
    queue: wgpu::Queue,
    watch: Watch,
    pipelines: Pipelines,
    chunks: Option<Chunks>,
    dots: Dots,
    specular: SpecularTexture,
    view: ViewUniforms,
    targets: Option<Targets>,
    /// What the targets currently show: level and window.
    drawn: Option<(u32, PixelRect)>,
}

/// A drawn picture.
#[derive(Debug, Clone, Copy)]
pub struct PreviewImage<'a> {
    /// sRGB sample values, `Rgba8Unorm`, opaque, exactly as large as the window. It stays the same texture until the
    /// size of the window changes or an error occurs.
    pub texture: &'a wgpu::Texture,
    /// The part of the level that it shows, px.
    pub window: PixelRect,
    /// False if nothing had changed and nothing was drawn.
    pub is_new: bool,
}

#[derive(Debug)]
struct ViewUniforms {
    buffer: wgpu::Buffer,
    group: wgpu::BindGroup,
}

/// Specular light of the whole photo.
#[derive(Debug)]
struct SpecularTexture {
    light: wgpu::TextureView,
    /// Columns and rows; zero if all light is diffuse.
    cells: [usize; 2],
    /// Side of a cell, px of level 0.
    cell_px: f32,
}

/// The render targets.
#[derive(Debug)]
struct Targets {
    size_px: [u32; 2],
    optical_density: wgpu::TextureView,
    picture: wgpu::Texture,
    picture_view: wgpu::TextureView,
    scene: wgpu::BindGroup,
}

impl Preview {
    /// Creates the pipelines: takes a few milliseconds, once per device.
    ///
    /// # Errors
    /// [`GpuError::Refused`] if the device cannot do what is needed, [`GpuError::Lost`] if it is gone.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Result<Self, GpuError> {
        let watch = Watch::new(device);
        let (pipelines, specular, view) = watch.guarded(|| {
            let pipelines = Pipelines::new(device);
            let buffer = new_uniform(device, "view", size_of::<ViewNumbers>() as u64);
            let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("view"),
                layout: &pipelines.view_layout,
                entries: &[wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() }],
            });
            (pipelines, SpecularTexture::new(device, queue, &Specular::None), ViewUniforms { buffer, group })
        })?;
        Ok(Self {
            device: device.clone(),
            queue: queue.clone(),
            watch,
            pipelines,
            chunks: None,
            dots: Dots::default(),
            specular,
            view,
            targets: None,
            drawn: None,
        })
    }

    /// Why the device was lost, once it has been lost: a device notifies only one listener, which is the preview's.
    #[must_use]
    pub fn lost(&self) -> Arc<OnceLock<String>> {
        self.watch.lost()
    }

    /// Sets another photo. Nothing is uploaded until it is drawn; dots and specular light stay.
    pub fn set_photo(&mut self, pyramid: &Pyramid) {
        self.chunks = Some(Chunks::new(pyramid.clone()));
        self.drawn = None;
    }

    /// Sets other dots, in pixels of level 0 whatever level is drawn.
    ///
    /// # Errors
    /// [`GpuError`]; then there are no dots.
    pub fn set_splats(&mut self, splats: &Splats) -> Result<(), GpuError> {
        self.drawn = None;
        self.dots.set(&self.device, &self.queue, &self.watch, splats)
    }

    /// Sets another specular light, at level 0 whatever level is drawn.
    ///
    /// # Errors
    /// [`GpuError`]; then the specular light stays unchanged.
    pub fn set_specular(&mut self, specular: &Specular) -> Result<(), GpuError> {
        let Self { device, queue, pipelines, targets, .. } = self;
        let (specular, scene) = self.watch.guarded(|| {
            let specular = SpecularTexture::new(device, queue, specular);
            let scene = targets.as_ref().map(|targets| scene(device, pipelines, &targets.optical_density, &specular));
            (specular, scene)
        })?;
        if let (Some(targets), Some(scene)) = (targets, scene) {
            targets.scene = scene;
        }
        self.specular = specular;
        self.drawn = None;
        Ok(())
    }

    /// Draws a window, pixels of a level, clipped to the photo; `None` if they do not overlap or there is no photo. The
    /// work is submitted to the card, not waited for.
    ///
    /// # Errors
    /// [`GpuError`]; then nothing that may be half done is kept, and the same call may be tried again.
    pub fn draw(&mut self, level: u32, window: PixelRect) -> Result<Option<PreviewImage<'_>>, GpuError> {
        self.watch.alive()?;
        let level = level.min(COARSEST);
        let Some(chunks) = &mut self.chunks else { return Ok(None) };
        let window = window.intersection(chunks.photo(level).rect());
        if window.is_empty() {
            return Ok(None);
        }
        let is_new = self.drawn != Some((level, window));
        if is_new {
            self.drawn = None;
            let drawing = self.draw_anew(level, window);
            if let Err(error) = drawing {
                self.targets = None;
                if let Some(chunks) = &mut self.chunks {
                    chunks.forget();
                }
                return Err(error);
            }
            self.drawn = Some((level, window));
        }
        Ok(self.targets.as_ref().map(|targets| PreviewImage { texture: &targets.picture, window, is_new }))
    }

    fn draw_anew(&mut self, level: u32, window: PixelRect) -> Result<(), GpuError> {
        let Self { device, queue, watch, pipelines, chunks, dots, specular, view, targets, .. } = self;
        let Some(chunks) = chunks else { return Ok(()) };
        let size_px = window.size_px();
        let limit = device.limits().max_texture_dimension_2d;
        if size_px.iter().any(|side| *side > limit) {
            return Err(GpuError::TooLarge { width: size_px[0], height: size_px[1], limit });
        }
        watch.guarded(|| {
            if targets.as_ref().is_none_or(|targets| targets.size_px != size_px) {
                *targets = Some(Targets::new(device, pipelines, specular, size_px));
            }
            let Some(targets) = targets else { return };
            chunks.prepare(device, queue, pipelines, level, window);
            let numbers = view_numbers(level, window, specular, chunks.photo(level).is_grey());
            queue.write_buffer(&view.buffer, 0, bytemuck::cast_slice(&numbers));

            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let mut pass = begin(&mut encoder, "dots", &targets.optical_density);
            if let Some((buffer, ranges)) = dots.in_window(level, window) {
                pass.set_pipeline(&pipelines.dots);
                pass.set_bind_group(0, &view.group, &[]);
                pass.set_vertex_buffer(0, buffer.slice(..));
                for range in ranges {
                    pass.draw(0..4, range);
                }
            }
            drop(pass);
            let mut pass = begin(&mut encoder, "picture", &targets.picture_view);
            pass.set_pipeline(&pipelines.picture);
            pass.set_bind_group(0, &view.group, &[]);
            pass.set_bind_group(1, &targets.scene, &[]);
            for (group, part) in chunks.in_window(level, window) {
                pass.set_bind_group(2, group, &[]);
                let (x, y) = ((part.x0 - window.x0) as u32, (part.y0 - window.y0) as u32);
                pass.set_scissor_rect(x, y, (part.x1 - part.x0) as u32, (part.y1 - part.y0) as u32);
                pass.draw(0..3, 0..1);
            }
            drop(pass);
            queue.submit([encoder.finish()]);
        })
    }

    /// Waits for the last picture drawn and copies it as a photo in sRGB; `None` if none was drawn.
    ///
    /// # Errors
    /// [`GpuError`], if the device was lost or there is no memory for the copy.
    pub fn read(&self) -> Result<Option<Photo>, GpuError> {
        let (Some(targets), Some(_)) = (&self.targets, &self.drawn) else { return Ok(None) };
        let [width, height] = targets.size_px;
        let bytes_per_row = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let (sender, receiver) = mpsc::channel();
        let buffer = self.watch.guarded(|| {
            let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("copy"),
                size: u64::from(bytes_per_row) * u64::from(height),
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            });
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let layout =
                wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(bytes_per_row), rows_per_image: None };
            encoder.copy_texture_to_buffer(
                targets.picture.as_image_copy(),
                wgpu::TexelCopyBufferInfo { buffer: &buffer, layout },
                targets.picture.size(),
            );
            self.queue.submit([encoder.finish()]);
            buffer.map_async(wgpu::MapMode::Read, .., move |mapped| {
                // There may be no receiver any more.
                let _ = sender.send(mapped);
            });
            buffer
        })?;
        self.watch.poll(wgpu::PollType::wait_indefinitely())?;
        let refused = |problem: String| GpuError::Refused(problem);
        // Another user of the device (a window) may have polled it first: then the callback runs there, a moment later.
        let mapped = receiver.recv_timeout(ANSWER).map_err(|e| refused(e.to_string()))?;
        mapped.map_err(|e| refused(e.to_string()))?;
        let view = buffer.get_mapped_range(..).map_err(|e| refused(e.to_string()))?;
        let samples: &[u8] = &view;
        Ok(Some(Photo::from_rows(width, height, |y, row| {
            let texels = samples[y * bytes_per_row as usize..].as_chunks::<4>().0;
            for (pixel, [r, g, b, _]) in row.iter_mut().zip(texels) {
                *pixel = [*r, *g, *b];
            }
        })))
    }
}

impl SpecularTexture {
    fn new(device: &wgpu::Device, queue: &wgpu::Queue, specular: &Specular) -> Self {
        let (cells, cell_px, lights) = match specular {
            Specular::None => ([0, 0], 1.0, &[[0.0; 2]][..]),
            Specular::Map(map) => (map.size_cells(), map.cell_px(), map.lights()),
        };
        let size = cells.map(|count| count.max(1) as u32);
        let format = wgpu::TextureFormat::Rg32Float;
        let light = filled_texture(device, queue, "specular", size, format, bytemuck::cast_slice(lights));
        Self { light, cells, cell_px }
    }
}

impl Targets {
    fn new(device: &wgpu::Device, pipelines: &Pipelines, specular: &SpecularTexture, size_px: [u32; 2]) -> Self {
        let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING;
        let view = |texture: &wgpu::Texture| texture.create_view(&wgpu::TextureViewDescriptor::default());
        let optical_density =
            view(&new_texture(device, "optical_density", size_px, optical_density_format(device), usage));
        let picture = new_texture(device, "picture", size_px, PICTURE_FORMAT, usage | TextureUsages::COPY_SRC);
        let (scene, picture_view) = (scene(device, pipelines, &optical_density, specular), view(&picture));
        Self { size_px, optical_density, picture, picture_view, scene }
    }
}

/// The second pass's inputs besides the photo.
fn scene(
    device: &wgpu::Device,
    pipelines: &Pipelines,
    optical_density: &wgpu::TextureView,
    specular: &SpecularTexture,
) -> wgpu::BindGroup {
    bound(device, &pipelines.scene_layout, [optical_density, &specular.light].map(wgpu::BindingResource::TextureView))
}

fn view_numbers(level: u32, window: PixelRect, specular: &SpecularTexture, grey: bool) -> ViewNumbers {
    let scale = 1.0 / (1_u32 << level) as f32;
    let [columns, rows] = specular.cells.map(|count| count as f32);
    [
        window.x0 as f32,
        window.y0 as f32,
        (window.x1 - window.x0) as f32,
        (window.y1 - window.y0) as f32,
        columns,
        rows,
        specular.cell_px * scale,
        scale,
        f32::from(u8::from(grey)),
        0.0,
        0.0,
        0.0,
    ]
}

/// A pass over a whole target, cleared to zeros.
fn begin<'e>(encoder: &'e mut wgpu::CommandEncoder, label: &str, target: &wgpu::TextureView) -> wgpu::RenderPass<'e> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some(label),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: target,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Store },
        })],
        ..Default::default()
    })
}
