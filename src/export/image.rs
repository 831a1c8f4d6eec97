//! Pictures of a case: the photo, the photo with dots, or the dots alone.

use glam::DVec3;
use rayon::prelude::*;

use crate::ground::codes::{Code, Encode};
use crate::head::camera::Camera;
use crate::photo::{CameraData, Photo, Samples};
use crate::render::compositor::{self, CompositeError};
use crate::render::difference::Reader;
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
            let splats = treatment.splats_of_dots(&ground.head, camera, size, moment);
            let mut white = white(size);
            compositor::composite(&mut white, &splats, &Gloss::None)?;
            picture = transparent(white);
            picture.camera = CameraData::default();
        }
    }
    Ok(picture)
}

/// A part of a photo, in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Left edge, px.
    pub left: u32,
    /// Upper edge, px.
    pub top: u32,
    /// Width, px.
    pub width: u32,
    /// Height, px.
    pub height: u32,
}

impl Window {
    /// The cranium with some room around it, as far as it lies in the photo: square, `side_mm` of the head's own plane.
    #[must_use]
    pub fn around_head(camera: &Camera, photo_px: [u32; 2], side_mm: f64) -> Self {
        let middle = camera.image_from_head(DVec3::new(0.0, -12.0, 0.0)).unwrap_or(camera.principal_px);
        let side = (side_mm / camera.mm_per_px(DVec3::ZERO)).round().max(1.0) as u32;
        let (width, height) = (side.min(photo_px[0]), side.min(photo_px[1]));
        let edge =
            |middle: f64, size: u32, limit: u32| ((middle - 0.5 * f64::from(size)).max(0.0) as u32).min(limit - size);
        Self { left: edge(middle.x, width, photo_px[0]), top: edge(middle.y, height, photo_px[1]), width, height }
    }
}

/// The same part of each picture, reduced to `side_px` across, side by side in sRGB.
///
/// The means are of linear light, so that fine dots keep their shade. `None` where there is nothing to show.
///
/// # Errors
/// [`CompositeError`] where a picture contradicts itself.
pub fn strip(pictures: &[(&Photo, Window)], side_px: u32) -> Result<Option<Photo>, CompositeError> {
    let (width, height) = (side_px as usize, side_px as usize);
    let outside = |(p, w): &(&Photo, Window)| {
        w.width == 0 || w.height == 0 || w.left + w.width > p.width || w.top + w.height > p.height
    };
    if pictures.is_empty() || side_px == 0 || pictures.iter().any(outside) {
        return Ok(None);
    }
    let (_, encoder) = <u8 as Code>::srgb();
    let encode = |light: f32| encoder.as_ref().map_or(0, |e| e.encode(light));
    let readers = pictures.iter().map(|(p, _)| Reader::new(p)).collect::<Result<Vec<_>, _>>()?;
    let columns = width * pictures.len();
    let mut codes = vec![0_u8; columns * height * 3];
    codes.par_chunks_mut(columns * 3).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let index = x / width;
            let (photo, window) = pictures[index];
            // The pixels of the window that fall on this one.
            let span = |at: usize, size: u32, start: u32| {
                let edge = |k: usize| start as usize + k * size as usize / side_px as usize;
                edge(at)..edge(at + 1).max(edge(at) + 1)
            };
            let columns = span(x % width, window.width, window.left);
            let mut sum = [0.0_f32; 3];
            let mut count = 0.0_f32;
            for line in span(y, window.height, window.top) {
                for column in columns.clone() {
                    let light = readers[index].light(line * photo.width as usize + column);
                    for (total, light) in sum.iter_mut().zip(light) {
                        *total += light;
                    }
                    count += 1.0;
                }
            }
            for (code, total) in pixel.iter_mut().zip(sum) {
                *code = encode(total / count);
            }
        }
    });
    Ok(Some(Photo::from_srgb(columns as u32, height as u32, codes)))
}

fn white(size: [u32; 2]) -> Photo {
    Photo::from_srgb(size[0], size[1], vec![255; size[0] as usize * size[1] as usize * 3])
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
