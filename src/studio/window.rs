//! The window: opened, and watched for the loss of the graphics device that it is drawn with.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui_wgpu::{self, wgpu};
use egui::ViewportBuilder;

use super::app::Studio;
use super::device::DeviceWatch;
use super::options::Options;
use crate::studio::session::settings::Settings;
use crate::studio::view::card::Card;

/// Why the window could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    /// There is no display to open it on.
    #[error("the window cannot be opened because there is no display; the commands work without one, see --help")]
    NoDisplay(#[source] eframe::Error),
    /// There is no graphics driver to draw it with.
    #[error("the window cannot be opened because no graphics driver works; install one for Vulkan or OpenGL")]
    NoGraphics(#[source] eframe::Error),
    /// Any other reason.
    #[error("the window cannot be opened: {0}")]
    Other(#[source] eframe::Error),
}

impl From<eframe::Error> for StudioError {
    fn from(error: eframe::Error) -> Self {
        match error {
            eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => Self::NoDisplay(error),
            eframe::Error::Wgpu(_) => Self::NoGraphics(error),
            _ => Self::Other(error),
        }
    }
}

/// For testing the loss of the device: it is destroyed this many seconds after the window opens.
pub const LOSE_AFTER: &str = "SCALP_STUDIO_LOSE_DEVICE_AFTER";

/// How a window ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// The user closed it.
    ByUser,
    /// The graphics device was lost, which no window survives. Everything is saved.
    ByLoss {
        /// The driver's reason.
        reason: String,
        /// What was open: a case, or files that were still being read.
        open: Vec<PathBuf>,
        /// How long the window had been open.
        after: Duration,
    },
}

/// Opens the window and returns when it is closed. If its graphics device is lost, another window needs another
/// process: the library that runs the window may panic then, and cannot run a second one.
///
/// # Errors
/// [`StudioError`] if there is no display or no graphics driver.
pub fn run(options: Options) -> Result<Closed, StudioError> {
    let (device_watch, opened) = (Arc::new(DeviceWatch::default()), Instant::now());
    device_watch.keep(options.paths.clone());
    // The library that paints the window panics if the device is gone; whatever the window held is then given up.
    let closed = catch_unwind(AssertUnwindSafe(|| show(options, &device_watch)));
    match (closed, device_watch.ask()) {
        (_, Some(reason)) => Ok(Closed::ByLoss { reason, open: device_watch.take_open(), after: opened.elapsed() }),
        (Ok(closed), None) => Ok(closed.map(|()| Closed::ByUser)?),
        (Err(panic), None) => resume_unwind(panic),
    }
}

fn show(options: Options, device_watch: &Arc<DeviceWatch>) -> eframe::Result {
    let size = Settings::window_size(options.settings_folder.as_deref());
    let viewport = ViewportBuilder::default()
        .with_title("Scalp Studio")
        .with_app_id("scalp-studio")
        .with_inner_size(size)
        .with_min_inner_size([800.0, 560.0])
        .with_drag_and_drop(true);
    let mut wgpu_options = egui_wgpu::WgpuConfiguration::default();
    if let egui_wgpu::WgpuSetup::CreateNew(setup) = &mut wgpu_options.wgpu_setup {
        let usual = Arc::clone(&setup.device_descriptor);
        setup.device_descriptor = Arc::new(move |adapter| {
            let mut descriptor = usual(adapter);
            descriptor.required_features |= adapter.features() & crate::gpu::WANTED_FEATURES;
            descriptor
        });
    }
    let native = eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Wgpu,
        wgpu_options,
        // The photo's sample values are shown unchanged.
        dithering: false,
        ..Default::default()
    };
    let device_watch = Arc::clone(device_watch);
    let create = move |cc: &eframe::CreationContext| -> Box<dyn eframe::App> {
        let mut studio = Studio::on_card(cc, options);
        if let Some(state) = &cc.wgpu_render_state {
            device_watch.watch(state, studio.canvas.card.as_ref().map(Card::lost));
            lose_later(&state.device, &cc.egui_ctx);
        }
        studio.device_watch = Some(Arc::clone(&device_watch));
        Box::new(studio)
    };
    eframe::run_native("Scalp Studio", native, Box::new(|cc| Ok(create(cc))))
}

/// Destroys the device after a while, if that is requested.
fn lose_later(device: &wgpu::Device, ctx: &egui::Context) {
    let Some(after) = std::env::var(LOSE_AFTER).ok().and_then(|text| text.parse::<f64>().ok()) else { return };
    let Ok(after) = Duration::try_from_secs_f64(after) else { return };
    let (device, ctx) = (device.clone(), ctx.clone());
    let _ = std::thread::Builder::new().name("lose device".to_owned()).spawn(move || {
        std::thread::sleep(after);
        device.destroy();
        ctx.request_repaint();
    });
}
