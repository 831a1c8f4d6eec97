//! The two passes as pipelines, created once.

use wgpu::{BindingType, ShaderStages, TextureFormat};

use super::device::WANTED_FEATURES;
use super::dots::SPLAT_BYTES;
use crate::ground::colour::LUMINANCE_F32;
use crate::render::coverage::{
    FAINTEST_LOSS, LEAST_REACH, LEAST_ROW_REACH, MOST_REACH, MOST_SHEAR, MOST_STRIP_HEIGHT, MOST_STRIPS, NO_SHEAR_PX,
    TAU_SQUARED,
};
use crate::render::lanes::{HALF_MASS, LANES};
use crate::render::specular::{BARE, CLIPPING_LIGHT, COVERED, SPECULAR_FROM};
use crate::render::splat::SMALLEST_SIGMA_PX;
use crate::render::transmittance::MOST_LOSS;

/// The format of summed densities: 32-bit floats if possible, otherwise 16-bit floats, which every card can blend.
pub(super) fn optical_density_format(device: &wgpu::Device) -> TextureFormat {
    let whole = device.features().contains(WANTED_FEATURES);
    if whole { TextureFormat::Rgba32Float } else { TextureFormat::Rgba16Float }
}

/// sRGB sample values, as egui wants them: not an `Srgb` format, or they would be encoded twice.
pub(super) const PICTURE_FORMAT: TextureFormat = TextureFormat::Rgba8Unorm;

/// A shader, and the values of its `override` constants, taken from the processor's code.
struct Shader {
    wgsl: &'static str,
    constants: &'static [(&'static str, f64)],
}

const DOTS: Shader = Shader {
    wgsl: concat!(include_str!("../../shaders/view.wgsl"), include_str!("../../shaders/dots.wgsl")),
    constants: &[
        ("FAINTEST_LOSS", FAINTEST_LOSS as f64),
        ("LEAST_REACH", LEAST_REACH as f64),
        ("MOST_REACH", MOST_REACH as f64),
        ("LEAST_ROW_REACH", LEAST_ROW_REACH as f64),
        ("MOST_STRIPS", MOST_STRIPS as f64),
        ("MOST_SHEAR", MOST_SHEAR as f64),
        ("MOST_STRIP_HEIGHT", MOST_STRIP_HEIGHT as f64),
        ("NO_SHEAR_PX", NO_SHEAR_PX as f64),
        ("LANES", LANES as f64),
        ("MOST_LOSS", MOST_LOSS as f64),
        ("SMALLEST_SIGMA_PX", SMALLEST_SIGMA_PX as f64),
        ("TAU_SQUARED", TAU_SQUARED as f64),
        ("HALF_MASS_1", HALF_MASS[0] as f64),
        ("HALF_MASS_2", HALF_MASS[1] as f64),
        ("HALF_MASS_3", HALF_MASS[2] as f64),
        ("HALF_MASS_4", HALF_MASS[3] as f64),
        ("HALF_MASS_5", HALF_MASS[4] as f64),
        ("HALF_MASS_6", HALF_MASS[5] as f64),
    ],
};
const PICTURE: Shader = Shader {
    wgsl: concat!(
        include_str!("../../shaders/view.wgsl"),
        include_str!("../../shaders/srgb.wgsl"),
        include_str!("../../shaders/picture.wgsl")
    ),
    constants: &[
        ("LUMINANCE_RED", LUMINANCE_F32[0] as f64),
        ("LUMINANCE_GREEN", LUMINANCE_F32[1] as f64),
        ("LUMINANCE_BLUE", LUMINANCE_F32[2] as f64),
        ("CLIPPING_LIGHT", CLIPPING_LIGHT as f64),
        ("SPECULAR_FROM", SPECULAR_FROM as f64),
        ("BARE", BARE as f64),
        ("COVERED", COVERED as f64),
    ],
};

/// The pipelines, and the layouts of what is bound to them.
#[derive(Debug)]
pub(super) struct Pipelines {
    /// Group 0 of both passes: the view.
    pub(super) view_layout: wgpu::BindGroupLayout,
    /// Group 1 of the picture pass: optical density and specular light.
    pub(super) scene_layout: wgpu::BindGroupLayout,
    /// Group 2 of the picture pass: a chunk of the photo and its position.
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
            shader: DOTS,
            groups: &[Some(&view_layout)],
            vertex: ("footprint", &[Some(splat)]),
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            fragment: ("optical_density", optical_density_format(device)),
            blend: Some(wgpu::BlendState { color: added, alpha: added }),
        }
        .pipeline(device);
        let picture = Pass {
            name: "picture",
            shader: PICTURE,
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

/// What is specific to one pass.
struct Pass<'a> {
    name: &'a str,
    shader: Shader,
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
            source: wgpu::ShaderSource::Wgsl(self.shader.wgsl.into()),
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(self.name),
            bind_group_layouts: self.groups,
            immediate_size: 0,
        });
        let (format, blend) = (self.fragment.1, self.blend);
        let compilation_options =
            wgpu::PipelineCompilationOptions { constants: self.shader.constants, ..Default::default() };
        device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(self.name),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some(self.vertex.0),
                compilation_options: compilation_options.clone(),
                buffers: self.vertex.1,
            },
            primitive: wgpu::PrimitiveState { topology: self.topology, ..Default::default() },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(self.fragment.0),
                compilation_options,
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

/// Textures are read texel by texel, never filtered.
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

/// A bind group with these resources, in the order of the layout.
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

/// A uniform buffer.
pub(super) fn new_uniform(device: &wgpu::Device, label: &str, bytes: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: bytes,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// Whether every entry point of a shader is valid with exactly these constants: what a card would say, without needing
/// one.
#[cfg(test)]
pub(crate) fn check_shader(wgsl: &str, constants: &[(&str, f64)]) -> Result<(), String> {
    use naga::valid::{Capabilities, ValidationFlags, Validator};
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|e| e.emit_to_string(wgsl))?;
    // No optional capabilities of cards.
    let valid = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module);
    let info = valid.map_err(|e| e.emit_to_string(wgsl))?;
    let constants = constants.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    for entry in &module.entry_points {
        let entry = Some((entry.stage, entry.name.as_str()));
        naga::back::pipeline_constants::process_overrides(&module, &info, entry, &constants)
            .map_err(|e| e.to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{DOTS, PICTURE, check_shader};

    #[test]
    fn shaders_are_valid_and_get_every_constant() {
        for shader in [DOTS, PICTURE] {
            assert_eq!(check_shader(shader.wgsl, shader.constants), Ok(()));
            let missing = check_shader(shader.wgsl, &shader.constants[1..]).unwrap_err();
            assert!(missing.contains(shader.constants[0].0), "{missing}");
        }
    }
}
