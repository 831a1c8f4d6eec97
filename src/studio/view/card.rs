//! Draws the canvas's picture on a graphics card: the one place where the window and [`crate::gpu`] meet.
//!
//! Only on a real card. If the adapter is software, or there is none, the processor paints the canvas (see
//! [`crate::studio::background::shots`]), which is faster there.

use std::sync::{Arc, OnceLock};

use eframe::egui_wgpu::{RenderState, wgpu};
use egui::TextureId;

use crate::gpu::{GpuError, Preview};
use crate::photo::PixelRect;
use crate::studio::background::shots::CardScene;

/// The canvas on a card.
pub struct Card {
    state: RenderState,
    preview: Preview,
    scene: Option<CardScene>,
    shown: Option<(wgpu::Texture, TextureId)>,
}

/// For trying both renderers on any machine: `gpu` or `cpu`.
const CHOICE: &str = "SCALP_STUDIO_PREVIEW";

/// What draws the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DrawnBy {
    /// The card if it is a real one, otherwise the processor, which is faster than a software adapter.
    #[default]
    Fastest,
    /// The card, even if it is a software adapter.
    Card,
    /// The processor.
    Processor,
}

impl DrawnBy {
    /// The choice made in the environment.
    #[must_use]
    pub fn asked() -> Self {
        match std::env::var(CHOICE).as_deref() {
            Ok("gpu") => Self::Card,
            Ok("cpu") => Self::Processor,
            _ => Self::Fastest,
        }
    }
}

impl Card {
    /// The card behind a window; none if the processor draws.
    #[must_use]
    pub fn new(state: Option<&RenderState>, drawn_by: DrawnBy) -> Option<Self> {
        let state = state?;
        let wanted = match drawn_by {
            DrawnBy::Fastest => state.adapter.get_info().device_type != wgpu::DeviceType::Cpu,
            DrawnBy::Card => true,
            DrawnBy::Processor => false,
        };
        if !wanted {
            return None;
        }
        let preview = Preview::new(&state.device, &state.queue).ok()?;
        Some(Self { state: state.clone(), preview, scene: None, shown: None })
    }

    /// Why its device was lost, once it has been lost.
    #[must_use]
    pub fn lost(&self) -> Arc<OnceLock<String>> {
        self.preview.lost()
    }

    /// The view that it shows.
    #[must_use]
    pub fn view(&self) -> Option<usize> {
        self.scene.as_ref().map(|s| s.view)
    }

    /// Shows nothing until there is another scene.
    pub fn forget(&mut self) {
        self.scene = None;
    }

    /// Takes over another scene. Whatever is unchanged is not uploaded again.
    ///
    /// # Errors
    /// [`GpuError`]; then the card must not be used any more.
    pub fn take(&mut self, scene: &CardScene) -> Result<(), GpuError> {
        let known = self.scene.as_ref();
        if known.is_none_or(|k| !Arc::ptr_eq(&k.pyramid, &scene.pyramid)) {
            self.preview.set_photo(&scene.pyramid);
        }
        if known.is_none_or(|k| !Arc::ptr_eq(&k.splats, &scene.splats)) {
            self.preview.set_splats(&scene.splats)?;
        }
        if let Some(specular) = &scene.specular {
            self.preview.set_specular(specular)?;
        }
        self.scene = Some(scene.clone());
        Ok(())
    }

    /// Draws a part of a level, px of the level, and returns the texture and the part that it shows.
    ///
    /// # Errors
    /// [`GpuError`]; then the card must not be used any more.
    pub fn draw(&mut self, level: u32, window: PixelRect) -> Result<Option<(TextureId, PixelRect)>, GpuError> {
        let Some(picture) = self.preview.draw(level, window)? else { return Ok(None) };
        let (texture, window) = (picture.texture, picture.window);
        let id = match &self.shown {
            Some((known, id)) if known == texture => *id,
            other => {
                let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
                let mut renderer = self.state.renderer.write();
                if let Some((_, old)) = other {
                    renderer.free_texture(old);
                }
                renderer.register_native_texture(&self.state.device, &view, wgpu::FilterMode::Linear)
            }
        };
        self.shown = Some((texture.clone(), id));
        Ok(Some((id, window)))
    }
}
