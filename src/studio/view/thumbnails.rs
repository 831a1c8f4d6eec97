//! Thumbnails of the photos: taken from the case, or made once and kept there.

use std::collections::HashMap;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::case::document::PhotoKey;
use crate::photo::Limits;
use crate::studio::background::analysis::{self, Analysis, Request};
use crate::studio::session::open_case::OpenCase;

/// The thumbnails of a case.
#[derive(Default)]
pub struct Thumbnails {
    /// None while it is being made, or if it cannot be made.
    textures: HashMap<PhotoKey, Option<TextureHandle>>,
}

impl Thumbnails {
    /// The thumbnail of a photo, once there is one.
    #[must_use]
    pub fn texture(&self, photo: PhotoKey) -> Option<&TextureHandle> {
        self.textures.get(&photo)?.as_ref()
    }

    /// Takes over a thumbnail.
    pub fn put(&mut self, ctx: &Context, photo: PhotoKey, image: ColorImage) {
        let name = format!("thumbnail {photo:?}");
        self.textures.insert(photo, Some(ctx.load_texture(name, image, TextureOptions::LINEAR)));
    }

    /// Gets the missing thumbnails from the case or, one at a time, from the analysis.
    pub fn fetch(&mut self, ctx: &Context, case: &mut OpenCase, analysis: &mut Analysis, limits: &Limits) {
        let views: Vec<PhotoKey> = case.document().views.iter().map(PhotoKey::of).collect();
        for (view, key) in views.into_iter().enumerate() {
            if self.textures.contains_key(&key) {
                continue;
            }
            match case.thumbnail(key).and_then(|jpeg| analysis::thumbnail(jpeg, limits)) {
                Some(image) => self.put(ctx, key, image),
                None if analysis.busy() => return,
                None => {
                    self.textures.insert(key, None);
                    if let Some(source) = case.sources([view]).pop() {
                        analysis.ask(Request::Thumbnail(source));
                    }
                }
            }
        }
    }
}
