//! Pictures of recently opened cases, for users who look for a client's face: read from their files on a thread of its own,
//! and kept nowhere else.

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
    looking: Option<Task<Vec<Cover>>>,
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
        self.looking.is_some()
    }

    /// Reads these cases, once as long as they stay the same.
    pub fn fetch(&mut self, ctx: &Context, recent: &[Recent], limits: &Limits) {
        if self.of != recent {
            self.of = recent.to_vec();
            let paths: Vec<PathBuf> = recent.iter().filter(|r| r.missing.is_none()).map(|r| r.path.clone()).collect();
            let limits = *limits;
            self.looking = Some(Task::start(ctx, "pictures of recent cases", move |_| {
                let cover = |path: PathBuf| {
                    let image = Case::cover(&path).and_then(|jpeg| analysis::thumbnail(&jpeg, &limits));
                    (path, image)
                };
                paths.into_iter().map(cover).collect()
            }));
        }
        match self.looking.as_ref().map(Task::event) {
            Some(Event::Done(covers)) => {
                self.looking = None;
                self.textures.clear();
                for (path, image) in covers {
                    let Some(image) = image else { continue };
                    let texture = ctx.load_texture(format!("cover {}", path.display()), image, TextureOptions::LINEAR);
                    self.textures.insert(path, texture);
                }
            }
            Some(Event::Lost) => self.looking = None,
            Some(Event::Pending) | None => {}
        }
    }
}
