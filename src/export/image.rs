//! Pictures of a case: the photo, the photo with dots, or the dots alone.

use std::sync::Arc;

use crate::ground::colour::ColourSpace;
use crate::head::camera::Camera;
use crate::photo::{CameraData, Photo, Samples};
use crate::render::compositor::{self, CompositeError};
use crate::render::gloss::{Gloss, GlossMap};
use crate::render::scene::{Ground, Moment, Treatment};

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layer {
    /// The photo with the dots.
    #[default]
    Result,
    /// The photo.
    Before,
    /// The dots alone on a transparent ground.
    Dots,
}

/// Renders a view of a treatment in place of its photo.
///
/// # Errors
/// [`CompositeError`] where the photo contradicts itself.
pub fn render(
    photo: Photo,
    layer: Layer,
    ground: &Ground,
    treatment: &Treatment,
    camera: &Camera,
    moment: Moment,
) -> Result<Photo, CompositeError> {
    let size = [photo.width, photo.height];
    let mut picture = photo;
    match layer {
        Layer::Before => {}
        Layer::Result => {
            let splats = treatment.splats(&ground.head, camera, size, moment);
            let gloss = Gloss::Map(GlossMap::estimate(&picture, &splats)?);
            compositor::composite(&mut picture, &splats, &gloss)?;
        }
        Layer::Dots => {
            let splats = treatment.splats(&ground.head, camera, size, moment);
            let mut white = white(size);
            compositor::composite(&mut white, &splats, &Gloss::None)?;
            picture = transparent(white);
            picture.camera = CameraData::default();
        }
    }
    Ok(picture)
}

fn white(size: [u32; 2]) -> Photo {
    let count = size[0] as usize * size[1] as usize;
    Photo {
        width: size[0],
        height: size[1],
        samples: Samples::U8(vec![255; count * 3]),
        alpha: None,
        grey: false,
        colour: Arc::new(ColourSpace::srgb()),
        camera: CameraData::default(),
        warnings: Vec::new(),
    }
}

/// Turns dots on white into dots on nothing: what a viewer lays over white gives the same codes again.
fn transparent(picture: Photo) -> Photo {
    let Samples::U8(mut codes) = picture.samples else { return picture };
    let mut opacity = Vec::with_capacity(codes.len() / 3);
    for pixel in codes.chunks_exact_mut(3) {
        // The least opacity that can darken every channel of white enough.
        let darkest = pixel.iter().copied().min().unwrap_or(255);
        let a = 255 - darkest;
        for code in pixel.iter_mut() {
            // code = 255 (1 - a) + colour a
            let left = u32::from(*code) + u32::from(a) - 255;
            *code = if a == 0 { 0 } else { ((left * 255 + u32::from(a) / 2) / u32::from(a)) as u8 };
        }
        opacity.push(a);
    }
    Photo { samples: Samples::U8(codes), alpha: Some(Samples::U8(opacity)), ..picture }
}
