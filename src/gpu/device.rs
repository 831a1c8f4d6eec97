//! Devices, and what is asked of them.

use super::error::GpuError;

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
