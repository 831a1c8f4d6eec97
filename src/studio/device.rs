//! The graphics device that the window is drawn with, watched for its loss.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use eframe::egui_wgpu::{RenderState, wgpu};

/// What has to be known about a window after it is gone.
#[derive(Default)]
pub(super) struct DeviceWatch {
    /// Its device, and why that was lost, once it has been lost.
    device: Mutex<Option<Watched>>,
    /// The files that are open.
    open: Mutex<Vec<PathBuf>>,
}

/// A device and the reason for its loss.
struct Watched {
    device: wgpu::Device,
    /// Kept alive: a device reports its loss only as long as it has a queue.
    _queue: wgpu::Queue,
    told: Arc<OnceLock<String>>,
}

impl DeviceWatch {
    /// Why the device was lost, if it has reported a loss.
    pub(super) fn lost(&self) -> Option<String> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.told.get().cloned()
    }

    /// Like [`DeviceWatch::lost`], after polling the device, which completes its outstanding work. wgpu panics if the
    /// device is lost at this moment.
    pub(super) fn ask(&self) -> Option<String> {
        const PATIENCE: Duration = Duration::from_secs(5);
        let device = self.device.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.device.clone();
        let wait = wgpu::PollType::Wait { submission_index: None, timeout: Some(PATIENCE) };
        let asked = catch_unwind(AssertUnwindSafe(|| device.poll(wait)));
        self.lost().or_else(|| asked.is_err().then(|| "it does not answer".to_owned()))
    }

    /// Takes what was open last; nothing is left afterwards.
    pub(super) fn take_open(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records what is open.
    pub(super) fn keep(&self, open: Vec<PathBuf>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = open;
    }

    /// Watches a window's device. A device reports its loss to one listener only, which may be the preview.
    pub(super) fn watch(&self, state: &RenderState, told: Option<Arc<OnceLock<String>>>) {
        let device = &state.device;
        let told = told.unwrap_or_else(|| {
            let told = Arc::new(OnceLock::new());
            let listener = Arc::clone(&told);
            device.set_device_lost_callback(move |reason, message| {
                let _ = listener.set(if message.is_empty() { format!("{reason:?}") } else { message });
            });
            told
        });
        let watched = Watched { device: device.clone(), _queue: state.queue.clone(), told };
        *self.device.lock().unwrap_or_else(PoisonError::into_inner) = Some(watched);
    }
}
