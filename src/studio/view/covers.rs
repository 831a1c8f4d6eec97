//! Pictures of recently opened cases, for users who look for a client's face: read from their files on a thread of its
//! own, and kept nowhere else.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::case::Case;
use crate::photo::Limits;
use crate::studio::background::analysis;
use crate::studio::background::task::{Event, Task};
use crate::studio::session::recent::Recent;

/// A case, and its thumbnail if it has one.
type Cover = (PathBuf, Option<ColorImage>);

/// The pictures.
#[derive(Default)]
pub struct Covers {
    /// The cases that have been read, or are being read.
    of: Vec<Recent>,
    textures: HashMap<PathBuf, TextureHandle>,
    /// Each on a thread of its own: a drive that does not answer keeps no other case's picture away.
    looking: Vec<Task<Cover>>,
}

impl Covers {
    /// The picture of a case, once there is one.
    #[must_use]
    pub fn texture(&self, case: &Path) -> Option<&TextureHandle> {
        self.textures.get(case)
    }

    /// True while cases are being read.
    #[must_use]
    pub fn busy(&self) -> bool {
        !self.looking.is_empty()
    }

    /// Reads these cases, once as long as they stay the same.
    pub fn fetch(&mut self, ctx: &Context, recent: &[Recent], limits: &Limits) {
        self.of.retain(|known| recent.contains(known));
        self.textures.retain(|path, _| recent.iter().any(|recent| recent.path == *path));
        for case in recent.iter().filter(|recent| recent.looked_at && recent.missing.is_none()) {
            if self.of.contains(case) {
                continue;
            }
            self.of.push(case.clone());
            let (path, limits) = (case.path.clone(), *limits);
            self.looking.push(Task::start(ctx, "picture of a recent case", move |_| {
                let image = Case::cover(&path).and_then(|jpeg| analysis::thumbnail(&jpeg, &limits));
                (path, image)
            }));
        }
        let textures = &mut self.textures;
        self.looking.retain(|look| match look.event() {
            Event::Done((path, Some(image))) => {
                let texture = ctx.load_texture(format!("cover {}", path.display()), image, TextureOptions::LINEAR);
                textures.insert(path, texture);
                false
            }
            Event::Done((path, None)) => {
                textures.remove(&path);
                false
            }
            Event::Lost => false,
            Event::Pending => true,
        });
    }
}
