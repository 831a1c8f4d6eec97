//! The preview of the dots on a graphics card: the same splats, specular light and photo as the
//! [compositor](crate::render::compositor), the same picture to within an 8-bit sample value or two.
//!
//! Two passes. The first adds up the optical densities of all dots in the window: a quad for each, over the pixels it
//! reaches, each pixel with the dot's exact share as `render::coverage` computes it (`shaders/dots.wgsl`). The second makes
//! sample values of photo, density and specular light (`shaders/picture.wgsl`). Both follow the processor's sample value
//! function by function; the compositor is the reference, and `tests/library/gpu.rs` holds the two together.
//!
//! Guarantees: pixels that no dot reaches keep the photo's sample values exactly; a pixel has the same sample values in
//! whichever window it is drawn; nothing is uploaded or drawn again that has not changed; errors, a lost device and full
//! memory among them, are values ([`GpuError`]). Needs nothing of a card that OpenGL ES 3.0 with half-float targets does
//! not have, and textures of 2048 px only, however large the photo.
//!
//! Not guaranteed: the same bits on two cards, or on a card and the processor. What is exported comes from the compositor.
//! Where the device has not got [`WANTED_FEATURES`], densities are added up in half floats: each addition is off by up to
//! 1/2048 of the sum, and some drivers always round down. On a head that stays below two sample values; hundreds of faint
//! dots heaped on one pixel come out a few sample values too bright.
//!
//! Cost: an upload of 36 bytes a splat when splats change, 4 bytes a pixel of what is looked at for the first time;
//! drawing takes the reached pixels of the dots near the window, whatever their number elsewhere. Zooming and panning
//! upload nothing else: splats and specular light are scaled to the [level](crate::photo::pyramid) on the card.
//!
//! The target holds sRGB sample values in a `Unorm` format, which is what egui expects of a texture.

mod chunks;
mod dots;
mod error;
mod pipelines;
mod preview;

pub use error::GpuError;
pub use preview::{Preview, PreviewImage};

/// What a device should be asked for where its adapter has it: sums in whole floats. The preview works without.
pub const WANTED_FEATURES: wgpu::Features = wgpu::Features::FLOAT32_BLENDABLE;

/// A device without a window, on the best adapter there is, with those of the features that it has; its name comes with
/// it.
///
/// `WGPU_BACKEND` selects the interface, as everywhere in wgpu.
///
/// # Errors
/// [`GpuError::NoAdapter`] where there is none, or none with these limits.
pub fn headless(
    limits: &wgpu::Limits,
    features: wgpu::Features,
) -> Result<(wgpu::Device, wgpu::Queue, String), GpuError> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
        .map_err(|e| GpuError::NoAdapter(e.to_string()))?;
    let descriptor = wgpu::DeviceDescriptor {
        required_limits: limits.clone(),
        required_features: adapter.features() & features,
        ..Default::default()
    };
    let (device, queue) =
        pollster::block_on(adapter.request_device(&descriptor)).map_err(|e| GpuError::NoAdapter(e.to_string()))?;
    Ok((device, queue, adapter.get_info().name))
}

/// Whether every entry point of a shader is valid with these constants and no others: what a card would say, without one.
#[cfg(test)]
pub(crate) fn check_shader(wgsl: &str, constants: &[(&str, f64)]) -> Result<(), String> {
    use naga::valid::{Capabilities, ValidationFlags, Validator};
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|e| e.emit_to_string(wgsl))?;
    // Nothing that a card need not have.
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
