//! A plan on a head, ready to be seen: from plan to dots once per edit, from dots to splats once per view and moment.

use rayon::prelude::*;

use super::splat::{Splat, Splats};
use crate::follicles::dots::{self, Dot, HeadFollicles};
use crate::head::Head;
use crate::head::camera::Camera;
use crate::plan::Plan;
use crate::plan::field::{self, DensityField, HeadMap};
use crate::skin;

/// Standard deviation of a camera's blur at full resolution, px (assumed: a good lens and a demosaiced sensor).
const CAMERA_BLUR_PX: f64 = 0.7;

/// What does not change while a plan is edited.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The head.
    pub head: Head,
    /// The head laid out for planning.
    pub map: HeadMap,
    /// Candidate dots.
    pub follicles: HeadFollicles,
}

impl Ground {
    /// Lays out the head and makes the candidates. Of the plan only the seed and the surfaces it uses count.
    #[must_use]
    pub fn new(head: Head, plan: &Plan) -> Self {
        let map = HeadMap::new(&head, plan.seed);
        let follicles = HeadFollicles::new(&head, plan);
        Self { head, map, follicles }
    }
}

/// A plan's dots.
#[derive(Debug, Clone)]
pub struct Treatment {
    /// Density and area of every place.
    pub fields: Vec<DensityField>,
    /// All dots of all sessions.
    pub dots: Vec<Dot>,
    /// Days between sessions, first to last.
    intervals_days: Vec<f64>,
}

/// A moment in the course of a treatment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Sessions done.
    pub sessions: usize,
    /// Days since the last of them.
    pub age_days: f64,
}

impl Treatment {
    /// The dots of a plan. Cost: a few distance maps and one pass over the candidates.
    #[must_use]
    pub fn new(plan: &Plan, ground: &Ground) -> Self {
        let fields = field::density_fields(plan, &ground.head, &ground.map);
        let dots = dots::dots(plan, &fields, &ground.follicles);
        Self { fields, dots, intervals_days: plan.sessions.iter().map(|s| s.interval_days).collect() }
    }

    /// Days since a session's dots were placed.
    fn age_days(&self, session: u8, moment: Moment) -> f64 {
        let later = self.intervals_days.iter().take(moment.sessions).skip(usize::from(session));
        moment.age_days + later.sum::<f64>()
    }

    /// Dots placed after this many sessions.
    pub fn dots_after(&self, sessions: usize) -> impl Iterator<Item = &Dot> {
        self.dots.iter().filter(move |d| usize::from(d.session) <= sessions)
    }

    /// Number of dots that a camera sees after this many sessions.
    #[must_use]
    pub fn visible_dots(&self, head: &Head, camera: &Camera, photo_px: [u32; 2], sessions: usize) -> usize {
        self.dots_after(sessions).filter(|dot| in_photo(head, camera, photo_px, dot).is_some()).count()
    }

    /// What a photo sees of the dots: a core and a halo for each.
    #[must_use]
    pub fn splats(&self, head: &Head, camera: &Camera, photo_px: [u32; 2], moment: Moment) -> Splats {
        self.splats_at_level(head, camera, photo_px, moment, 0)
    }

    /// What the photo halved `level` times sees of the dots (see [`super::levels`]). `photo_px` is the size of the whole photo.
    #[must_use]
    pub fn splats_at_level(
        &self,
        head: &Head,
        camera: &Camera,
        photo_px: [u32; 2],
        moment: Moment,
        level: u32,
    ) -> Splats {
        let splats = self
            .dots
            .par_iter()
            .filter(|dot| usize::from(dot.session) <= moment.sessions)
            .filter_map(|dot| {
                let pixel = in_photo(head, camera, photo_px, dot)?;
                let look = skin::appearance(dot, self.age_days(dot.session, moment));
                let footprint = camera.footprint(dot.position, dot.normal);
                let px2_per_mm2 = footprint.px2_per_mm2() * refracted_share(camera, dot);
                let splat = |sigma_mm: f64, loss_mm2: [f64; 3]| {
                    let blurred = |px_per_mm: f64| (sigma_mm * px_per_mm).hypot(CAMERA_BLUR_PX) as f32;
                    Splat {
                        x_px: pixel.x as f32,
                        y_px: pixel.y as f32,
                        sigma_major_px: blurred(footprint.major_px_per_mm),
                        sigma_minor_px: blurred(footprint.minor_px_per_mm),
                        axis: [footprint.axis.x as f32, footprint.axis.y as f32],
                        loss_px2: loss_mm2.map(|l| (l * px2_per_mm2) as f32),
                    }
                };
                Some([splat(look.core_sigma_mm, look.core_mm2), splat(look.halo_sigma_mm, look.halo_mm2)])
            })
            .flatten_iter()
            .map(|splat| splat.at_level(level))
            .collect();
        Splats::new(splats)
    }
}

/// Share of the light from this direction that was in the skin, compared to skin seen squarely: the rest is reflected at
/// the surface (Schlick 1994), which hides pigment towards the rim of the head.
fn refracted_share(camera: &Camera, dot: &Dot) -> f64 {
    let cosine = (camera.position() - dot.position).normalize().dot(dot.normal).clamp(0.0, 1.0);
    let grazing = 1.0 - cosine;
    1.0 - grazing * grazing * grazing * grazing * grazing
}

/// Pixel of a dot that the camera sees, within a halo's reach of the photo.
fn in_photo(head: &Head, camera: &Camera, photo_px: [u32; 2], dot: &Dot) -> Option<glam::DVec2> {
    const MARGIN_PX: f64 = 50.0;
    let skin = crate::head::surface::SurfacePoint { position: dot.position, normal: dot.normal };
    if !head.visible(camera, &skin) {
        return None;
    }
    let pixel = camera.image_from_head(dot.position)?;
    let inside = pixel.x > -MARGIN_PX
        && pixel.y > -MARGIN_PX
        && pixel.x < f64::from(photo_px[0]) + MARGIN_PX
        && pixel.y < f64::from(photo_px[1]) + MARGIN_PX;
    inside.then_some(pixel)
}
