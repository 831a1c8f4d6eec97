//! The two passes as the card knows them, made once.

use wgpu::{BindingType, ShaderStages, TextureFormat};

use super::device::WANTED_FEATURES;
use super::dots::SPLAT_BYTES;

/// Sums of densities: whole floats, or half ones, which every card can blend.
pub(super) fn density_format(device: &wgpu::Device) -> TextureFormat {
    let whole = device.features().contains(WANTED_FEATURES);
    if whole { TextureFormat::Rgba32Float } else { TextureFormat::Rgba16Float }
}

/// sRGB sample values, as egui wants them: not `Srgb`, or they would be encoded twice.
pub(super) const PICTURE_FORMAT: TextureFormat = TextureFormat::Rgba8Unorm;

const DOTS_WGSL: &str = concat!(include_str!("../../shaders/view.wgsl"), include_str!("../../shaders/dots.wgsl"));
const PICTURE_WGSL: &str = concat!(include_str!("../../shaders/view.wgsl"), include_str!("../../shaders/picture.wgsl"));

/// Pipelines, and the layouts of what is bound to them.
#[derive(Debug)]
pub(super) struct Pipelines {
    /// Group 0 of both: the view.
    pub(super) view_layout: wgpu::BindGroupLayout,
    /// Group 1 of the picture: density and specular light.
    pub(super) scene_layout: wgpu::BindGroupLayout,
    /// Group 2 of the picture: a chunk of the photo and where it lies.
    pub(super) chunk_layout: wgpu::BindGroupLayout,
    pub(super) dots: wgpu::RenderPipeline,
    pub(super) picture: wgpu::RenderPipeline,
}

impl Pipelines {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let view_layout = layout(device, "view", ShaderStages::VERTEX_FRAGMENT, &[uniform()]);
        let scene_layout = layout(device, "scene", ShaderStages::FRAGMENT, &[texture(), texture()]);
        let chunk_layout = layout(device, "chunk", ShaderStages::FRAGMENT, &[texture(), uniform()]);
        let added = wgpu::BlendComponent {
            src_factor: wgpu::BlendFactor::One,
            dst_factor: wgpu::BlendFactor::One,
            operation: wgpu::BlendOperation::Add,
        };
        let splat = wgpu::VertexBufferLayout {
            array_stride: SPLAT_BYTES,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &wgpu::vertex_attr_array![
                0 => Float32x2, 1 => Float32x2, 2 => Float32x2, 3 => Float32x3
            ],
        };
        let dots = Pass {
            name: "dots",
            wgsl: DOTS_WGSL,
            groups: &[Some(&view_layout)],
            vertex: ("footprint", &[Some(splat)]),
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            fragment: ("density", density_format(device)),
            blend: Some(wgpu::BlendState { color: added, alpha: added }),
        }
        .pipeline(device);
        let picture = Pass {
            name: "picture",
            wgsl: PICTURE_WGSL,
            groups: &[Some(&view_layout), Some(&scene_layout), Some(&chunk_layout)],
            vertex: ("everywhere", &[]),
            topology: wgpu::PrimitiveTopology::TriangleList,
            fragment: ("picture", PICTURE_FORMAT),
            blend: None,
        }
        .pipeline(device);
        Self { view_layout, scene_layout, chunk_layout, dots, picture }
    }
}

/// What is particular to one pass.
struct Pass<'a> {
    name: &'a str,
    wgsl: &'a str,
    groups: &'a [Option<&'a wgpu::BindGroupLayout>],
    /// Entry point, and the buffers it reads.
    vertex: (&'a str, &'a [Option<wgpu::VertexBufferLayout<'a>>]),
    topology: wgpu::PrimitiveTopology,
    /// Entry point, and what it writes.
    fragment: (&'a str, TextureFormat),
    blend: Option<wgpu::BlendState>,
}

impl Pass<'_> {
    fn pipeline(self, device: &wgpu::Device) -> wgpu::RenderPipeline {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(self.name),
            source: wgpu::ShaderSource::Wgsl(self.wgsl.into()),
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(self.name),
            bind_group_layouts: self.groups,
            immediate_size: 0,
        });
        let (format, blend) = (self.fragment.1, self.blend);
        device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(self.name),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some(self.vertex.0),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: self.vertex.1,
            },
            primitive: wgpu::PrimitiveState { topology: self.topology, ..Default::default() },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(self.fragment.0),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState { format, blend, write_mask: wgpu::ColorWrites::ALL })],
            }),
            multiview_mask: None,
            cache: None,
        })
    }
}

fn uniform() -> BindingType {
    BindingType::Buffer { ty: wgpu::BufferBindingType::Uniform, has_dynamic_offset: false, min_binding_size: None }
}

/// Read texel by texel, never sampled.
fn texture() -> BindingType {
    BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Float { filterable: false },
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    }
}

fn layout(
    device: &wgpu::Device,
    label: &str,
    visibility: ShaderStages,
    bindings: &[BindingType],
) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = (0..)
        .zip(bindings)
        .map(|(binding, ty)| wgpu::BindGroupLayoutEntry { binding, visibility, ty: *ty, count: None })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries: &entries })
}

/// What is bound to a layout, in its order.
pub(super) fn bound(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    resources: [wgpu::BindingResource; 2],
) -> wgpu::BindGroup {
    let entries: Vec<_> =
        (0..).zip(resources).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
}

/// A flat texture.
pub(super) fn new_texture(
    device: &wgpu::Device,
    label: &str,
    [width, height]: [u32; 2],
    format: TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}

/// A texture that is filled once, row by row from the top left.
pub(super) fn filled_texture(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    label: &str,
    [width, height]: [u32; 2],
    format: TextureFormat,
    bytes: &[u8],
) -> wgpu::TextureView {
    let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST;
    let texture = new_texture(device, label, [width, height], format, usage);
    queue.write_texture(
        texture.as_image_copy(),
        bytes,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some((bytes.len() / (height.max(1) as usize)) as u32),
            rows_per_image: None,
        },
        wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
    );
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

/// A buffer of numbers for a shader.
pub(super) fn new_uniform(device: &wgpu::Device, label: &str, bytes: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: bytes,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}
