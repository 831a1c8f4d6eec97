//! What can go wrong on a graphics card, as values.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

/// Why there is no preview from the graphics card. The compositor can always take over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GpuError {
    /// No adapter, or no suitable one.
    #[error("no graphics card can be used: {0}")]
    NoAdapter(String),
    /// The device was lost or destroyed: nothing works until there is a new one and a new preview.
    #[error("the graphics card stopped working: {0}")]
    Lost(String),
    /// What is to be shown does not fit into the card's memory.
    #[error("the graphics card's memory is full")]
    OutOfMemory,
    /// The window is larger than the card's textures can be.
    #[error("the picture is {width} x {height} pixels, and the graphics card draws at most {limit} x {limit} at once")]
    TooLarge {
        /// Width asked for, px.
        width: u32,
        /// Height asked for, px.
        height: u32,
        /// Largest side, px.
        limit: u32,
    },
    /// More dots than one of the card's buffers can hold.
    #[error("{dots} dots are more than the graphics card can take at once ({limit})")]
    TooMany {
        /// Number of dots.
        dots: usize,
        /// Largest number of dots.
        limit: usize,
    },
    /// The driver or this program made a mistake.
    #[error("the graphics card refused the work: {0}")]
    Refused(String),
}

/// Watches one device.
///
/// By default wgpu turns errors into panics. Here work is done inside error scopes, which catch everything except the
/// loss of the device; that is reported to a callback, and a device has only one.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    device: wgpu::Device,
    lost: Arc<OnceLock<String>>,
}

impl Watch {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let lost = Arc::new(OnceLock::new());
        let told = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            // Only the first loss counts.
            let _ = told.set(if message.is_empty() { format!("{reason:?}") } else { message });
        });
        Self { device: device.clone(), lost }
    }

    /// Why the device was lost, once it has been lost.
    pub(super) fn lost(&self) -> Arc<OnceLock<String>> {
        Arc::clone(&self.lost)
    }

    /// An error if the device has been lost.
    pub(super) fn alive(&self) -> Result<(), GpuError> {
        // A loss is reported only when the device is polled.
        self.poll(wgpu::PollType::Poll)
    }

    /// Waits for work to end, or only checks on it.
    pub(super) fn poll(&self, how: wgpu::PollType) -> Result<(), GpuError> {
        // wgpu panics if the device is lost at this moment.
        let polled = catch_unwind(AssertUnwindSafe(|| self.device.poll(how)));
        if polled.is_err() {
            let _ = self.lost.set("it does not answer".into());
        }
        if let Some(reason) = self.lost.get() {
            return Err(GpuError::Lost(reason.clone()));
        }
        match polled {
            Ok(Err(error)) => Err(GpuError::Refused(error.to_string())),
            _ => Ok(()),
        }
    }

    /// Does the work and reports any error it caused.
    pub(super) fn guarded<T>(&self, work: impl FnOnce() -> T) -> Result<T, GpuError> {
        self.alive()?;
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let done = work();
        // Scopes end in reverse order; on every native backend the answer is available at once.
        let [validation, internal, memory] =
            [validation, internal, memory].map(|scope| pollster::block_on(scope.pop()));
        self.alive()?;
        match memory.or(internal).or(validation) {
            None => Ok(done),
            Some(wgpu::Error::OutOfMemory { .. }) => Err(GpuError::OutOfMemory),
            Some(error) => Err(GpuError::Refused(error.to_string())),
        }
    }
}
