//! What a photo tells: how its camera blurs and grains, what the client's skin and shaved hair are like there, and with
//! which pigment healed skin was treated.
//!
//! A photo is not skin. Each reading but that of pigment looks at untreated skin only, says how sure it is, and is worked out once per photo.

pub mod calibration;
pub mod complexion;
pub mod face;
pub mod lens;
pub mod own_hair;
pub mod stubble;

use glam::{DVec2, DVec3};

use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::Photo;
use crate::render::compositor::CompositeError;
use crate::render::coverage::PixelRect;
use crate::render::scene::Sensor;
use crate::render::splat::Splats;
use complexion::Complexion;
use lens::Lens;

/// Where in a photo the client is.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A head that was fitted to the photo.
    Head {
        /// The head.
        head: &'a Head,
        /// The photo's camera.
        camera: &'a Camera,
    },
    /// Nothing is known but where dots are to be.
    Dots(&'a Splats),
}

/// What one photo tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Its blur.
    pub lens: Lens,
    /// The untreated skin of the forehead; none where that cannot be seen, or where no head is known.
    pub complexion: Option<Complexion>,
}

/// How much wider and higher than the subject the part is in which edges are looked for: outlines lie on its rim.
const ROOM: f64 = 0.08;

impl Reading {
    /// Reads a photo. Costs two passes over the part that shows the subject.
    ///
    /// # Errors
    /// [`CompositeError`] where the photo contradicts itself.
    pub fn new(photo: &Photo, subject: Subject) -> Result<Self, CompositeError> {
        let whole = PixelRect { x0: 0, y0: 0, x1: photo.width as i32, y1: photo.height as i32 };
        let part = subject.part().map_or(whole, |part| part.intersection(whole));
        let mut lens = Lens::of(photo, part)?;
        if lens.edges == 0 && part != whole {
            // Another distance may be in focus there: better than nothing, and less sure.
            lens = Lens::of(photo, whole)?;
            lens.doubt_px = lens.doubt_px.max(2.0 * lens::METHOD_PX);
        }
        let complexion = match subject {
            Subject::Head { head, camera } => Complexion::of_forehead(photo, head, camera),
            Subject::Dots(_) => None,
        };
        Ok(Self { lens, complexion })
    }
}

impl Reading {
    /// The sensor that took the photo, at full resolution.
    #[must_use]
    pub fn sensor(&self, photo: &Photo, camera: &Camera) -> Sensor {
        Sensor { camera: *camera, photo_px: [photo.width, photo.height], blur_px: self.lens.blur_px, level: 0 }
    }
}

impl Subject<'_> {
    /// The part of the photo around the subject; none where it has no extent.
    fn part(self) -> Option<PixelRect> {
        let (mut low, mut high) = (DVec2::INFINITY, DVec2::NEG_INFINITY);
        let mut add = |place: DVec2| (low, high) = (low.min(place), high.max(place));
        match self {
            Self::Head { head, camera } => {
                for x in -2..=2 {
                    for y in -2..=2 {
                        for z in -2..=2 {
                            let direction = DVec3::new(f64::from(x), f64::from(y), f64::from(z));
                            if let Some(unit) = direction.try_normalize() {
                                camera.image_from_head(head.cranium.at(unit).position).map(&mut add);
                            }
                        }
                    }
                }
            }
            Self::Dots(splats) => {
                for splat in splats.as_slice() {
                    add(DVec2::new(f64::from(splat.x_px), f64::from(splat.y_px)));
                }
            }
        }
        let room = ROOM * (high - low) + 16.0;
        let (low, high) = (low - room, high + room);
        (low.is_finite() && high.is_finite()).then_some(PixelRect {
            x0: low.x as i32,
            y0: low.y as i32,
            x1: high.x as i32,
            y1: high.y as i32,
        })
    }
}
