//! Draws the photo's textures in the window with a dedicated shader.
//!
//! On a software adapter a frame is as fast as its pixels, and most of them belong to the photo and its surround:
//! egui's shader, which can do everything, spends several times as long on each as this one.

use eframe::egui_wgpu::{self, CallbackResources, CallbackTrait, RenderState, wgpu};
use egui::emath::GuiRounding;
use egui::{Color32, ColorImage, Painter, Rect};

const SHADER: &str = concat!(include_str!("../../../shaders/srgb.wgsl"), include_str!("../../../shaders/photo.wgsl"));
/// A rectangle: where it is, and which part of the texture it shows; four numbers each.
const RECTANGLE_BYTES: u64 = 8 * 4;
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Creates textures and draws them.
#[derive(Clone)]
pub struct Blitter {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
}

/// A picture on the adapter.
#[derive(Clone)]
pub struct Blit {
    texture: wgpu::Texture,
    bind_group: wgpu::BindGroup,
}

impl Blitter {
    /// A blitter for a window, if it is worthwhile.
    #[must_use]
    pub fn new(state: Option<&RenderState>) -> Option<Self> {
        let state = state.filter(|s| s.adapter.get_info().device_type == wgpu::DeviceType::Cpu)?;
        let device = &state.device;
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("photo"),
            source: wgpu::ShaderSource::Wgsl(SHADER.into()),
        });
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty,
            count: None,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("photo"),
            entries: &[
                entry(
                    0,
                    wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: true },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                ),
                entry(1, wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering)),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("photo"),
            bind_group_layouts: &[Some(&layout)],
            ..Default::default()
        });
        let target = state.target_format;
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("photo"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("corner"),
                compilation_options: Default::default(),
                buffers: &[Some(wgpu::VertexBufferLayout {
                    array_stride: RECTANGLE_BYTES,
                    step_mode: wgpu::VertexStepMode::Instance,
                    attributes: &wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4],
                })],
            },
            primitive: wgpu::PrimitiveState { topology: wgpu::PrimitiveTopology::TriangleStrip, ..Default::default() },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(if target.is_srgb() { "light" } else { "encoded" }),
                compilation_options: Default::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format: target,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        });
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        Some(Self { device: device.clone(), queue: state.queue.clone(), pipeline, layout, sampler })
    }

    /// An empty texture of this size, px.
    #[must_use]
    pub fn blank(&self, [width, height]: [u32; 2]) -> Blit {
        let texture = self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("photo"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("photo"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&view) },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&self.sampler) },
            ],
        });
        Blit { texture, bind_group }
    }

    /// A texture of one colour.
    #[must_use]
    pub fn plain(&self, colour: Color32) -> Blit {
        let blit = self.blank([1, 1]);
        self.copy(&blit, [0, 0], &ColorImage::filled([1, 1], colour));
        blit
    }

    /// Copies pixels into a texture, which must have room for them.
    pub fn copy(&self, blit: &Blit, [x, y]: [u32; 2], image: &ColorImage) {
        let [width, height] = image.size.map(|side| side as u32);
        self.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &blit.texture,
                mip_level: 0,
                origin: wgpu::Origin3d { x, y, z: 0 },
                aspect: wgpu::TextureAspect::All,
            },
            image.as_raw(),
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(4 * width), rows_per_image: None },
            wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        );
    }

    /// Draws parts of textures into rectangles of the screen.
    pub fn paint(&self, painter: &Painter, blits: Vec<(Blit, Rect, Rect)>) {
        // Whole pixels, as the adapter uses them: with fractions of pixels everything would be displaced.
        let window = painter.clip_rect().round_to_pixels(painter.pixels_per_point());
        if blits.is_empty() || !window.is_positive() {
            return;
        }
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("photo"),
            size: RECTANGLE_BYTES * blits.len() as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut bytes = Vec::new();
        let mut bind_groups = Vec::new();
        for (blit, place, part) in blits {
            let x = |x: f32| 2.0 * (x - window.left()) / window.width() - 1.0;
            let y = |y: f32| 1.0 - 2.0 * (y - window.top()) / window.height();
            let place = [x(place.left()), y(place.top()), x(place.right()), y(place.bottom())];
            let part = [part.left(), part.top(), part.right(), part.bottom()];
            bytes.extend(place.into_iter().chain(part).flat_map(f32::to_ne_bytes));
            bind_groups.push(blit.bind_group);
        }
        self.queue.write_buffer(&buffer, 0, &bytes);
        let drawing = Drawing { pipeline: self.pipeline.clone(), buffer, bind_groups };
        painter.add(egui_wgpu::Callback::new_paint_callback(window, drawing));
    }
}

/// What one picture has to draw in a frame.
struct Drawing {
    pipeline: wgpu::RenderPipeline,
    buffer: wgpu::Buffer,
    bind_groups: Vec<wgpu::BindGroup>,
}

impl CallbackTrait for Drawing {
    fn paint(&self, _: egui::PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, _: &CallbackResources) {
        pass.set_pipeline(&self.pipeline);
        pass.set_vertex_buffer(0, self.buffer.slice(..));
        for (index, bind_group) in (0..).zip(&self.bind_groups) {
            pass.set_bind_group(0, bind_group, &[]);
            pass.draw(0..4, index..index + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_shader_is_valid() {
        assert_eq!(crate::gpu::check_shader(super::SHADER, &[]), Ok(()));
    }
}
