//! Devices, and what is requested of them.

use super::error::GpuError;

/// Features to request if the adapter has them: blending in 32-bit floats. The preview works without.
pub const WANTED_FEATURES: wgpu::Features = wgpu::Features::FLOAT32_BLENDABLE;

/// A device without a window, on the best available adapter, with those of the features that it supports, and the
/// adapter's name.
///
/// `WGPU_BACKEND` selects the backend, as everywhere in wgpu.
///
/// # Errors
/// [`GpuError::NoAdapter`] if there is none, or none with these limits.
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
