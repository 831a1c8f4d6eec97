//! A plan on a head, ready to be seen: from plan to dots once per edit, from dots to splats once per view and moment.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::splat::{Splat, Splats};
use crate::follicles::dots::{self, Dot, HeadFollicles};
use crate::head::camera::{Camera, Footprint};
use crate::head::chart::SIDE;
use crate::head::surface::SurfacePoint;
use crate::head::{Head, Part};
use crate::plan::Plan;
use crate::plan::conditions::Conditions;
use crate::plan::field::{self, DensityField, HeadMap};
use crate::plan::pigment::{self, Pigment};
use crate::skin::healing::Course;
use crate::skin::optics::Optics;
use crate::skin::settings::Outlook;
use crate::skin::tissue::Skin;
use crate::skin::{self, redness};

/// What does not change while a plan is edited.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The head.
    pub head: Head,
    /// The head laid out for planning.
    pub map: Arc<HeadMap>,
    /// Candidate dots.
    pub follicles: HeadFollicles,
}

impl Ground {
    /// Lays out the head and makes the candidates. Of the plan only the seed and the surfaces it uses count.
    #[must_use]
    pub fn new(head: Head, plan: &Plan) -> Self {
        let map = Arc::new(HeadMap::new(&head, plan.seed));
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
    /// Skin of the client: light skin until a photo or a person says otherwise.
    pub skin: Skin,
    /// Everything about a plan that decides how a given dot looks.
    circumstances: Circumstances,
    map: Arc<HeadMap>,
    /// Treated skin, for its redness: worked out when it is first red.
    patches: OnceLock<Vec<Patch>>,
}

/// Everything about a plan that decides how a given dot looks.
#[derive(Debug, Clone, PartialEq)]
struct Circumstances {
    /// Days between sessions, first to last.
    intervals_days: Vec<f64>,
    /// Share of the planned density that stands after each session.
    cumulative_shares: Vec<f64>,
    pigment: Option<&'static Pigment>,
    conditions: Conditions,
    /// Whether the plan's areas are scars.
    scars: Vec<bool>,
}

/// A camera with its photo, and how often that is halved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sensor {
    /// The camera.
    pub camera: Camera,
    /// Width and height of the whole photo, px.
    pub photo_px: [u32; 2],
    /// Standard deviation of the photo's blur at full resolution, px.
    pub blur_px: f64,
    /// How often the photo is halved; see [`super::levels`].
    pub level: u32,
}

/// What a sensor saw of a treatment's dots, kept to see the next edit of it sooner.
#[derive(Debug)]
pub struct Seen {
    treatment: Arc<Treatment>,
    sensor: Sensor,
    moment: Moment,
    /// One a dot; none for dots that cannot be seen.
    spots: Vec<Option<[Splat; 3]>>,
}

/// A piece of treated skin.
#[derive(Debug, Clone, Copy)]
struct Patch {
    part: Part,
    /// Just under the skin, mm, head space.
    middle: glam::DVec3,
    area_mm2: f64,
    /// Dots once all sessions are done.
    density_per_cm2: f64,
}

/// Texels along a patch, of about 0.9 mm. Gaussians of 3 mm are an even field when set 3.6 mm apart.
const PATCH_TEXELS: usize = 4;

/// A moment in the course of a treatment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Sessions done.
    pub sessions: usize,
    /// Days since the last of them.
    pub age_days: f64,
    /// How it turns out.
    pub outlook: Outlook,
}

impl Treatment {
    /// The dots of a plan. Cost: a few distance maps and one pass over the candidates.
    #[must_use]
    pub fn new(plan: &Plan, ground: &Ground) -> Self {
        let fields = field::density_fields(plan, &ground.head, &ground.map);
        let dots = dots::dots(plan, &fields, &ground.follicles);
        Self {
            fields,
            dots,
            skin: Skin::default(),
            circumstances: Circumstances {
                intervals_days: plan.sessions.iter().map(|s| s.interval_days).collect(),
                cumulative_shares: plan.sessions.iter().map(|s| s.cumulative_share).collect(),
                pigment: pigment::named(&plan.pigment),
                conditions: plan.conditions,
                scars: plan.areas.iter().map(|area| area.kind.is_scar()).collect(),
            },
            map: Arc::clone(&ground.map),
            patches: OnceLock::new(),
        }
    }

    /// Days since a session's dots were placed.
    fn age_days(&self, session: usize, moment: Moment) -> f64 {
        let later = self.circumstances.intervals_days.iter().take(moment.sessions).skip(session);
        moment.age_days + later.sum::<f64>()
    }

    /// Dots placed after this many sessions.
    pub fn dots_after(&self, sessions: usize) -> impl Iterator<Item = &Dot> {
        self.dots.iter().filter(move |d| usize::from(d.session) <= sessions)
    }

    /// Number of dots that a camera sees after this many sessions.
    #[must_use]
    pub fn visible_dots(&self, head: &Head, camera: &Camera, photo_px: [u32; 2], sessions: usize) -> usize {
        let seen = |dot: &&Dot| Sight::of(head, camera, photo_px, &skin_under(dot), 0.0).is_some();
        self.dots_after(sessions).filter(seen).count()
    }

    /// What a photo sees: dots, and the redness around fresh ones.
    #[must_use]
    pub fn splats(&self, head: &Head, sensor: &Sensor, moment: Moment) -> Splats {
        self.gathered(&self.spots(head, sensor, moment, None), head, sensor, moment)
    }

    /// The same, where an earlier state of the treatment has been seen: dots that are as they were then are not worked
    /// out again. The splats are the same to the last bit.
    #[must_use]
    pub fn seen_after(
        treatment: &Arc<Self>,
        head: &Head,
        sensor: &Sensor,
        moment: Moment,
        earlier: Option<&Seen>,
    ) -> (Splats, Seen) {
        let spots = treatment.spots(head, sensor, moment, earlier);
        let splats = treatment.gathered(&spots, head, sensor, moment);
        (splats, Seen { treatment: Arc::clone(treatment), sensor: *sensor, moment, spots })
    }

    /// What a photo sees of the dots alone.
    #[must_use]
    pub fn splats_of_dots(&self, head: &Head, sensor: &Sensor, moment: Moment) -> Splats {
        Splats::new(self.spots(head, sensor, moment, None).into_iter().flatten().flatten().collect())
    }

    fn gathered(&self, spots: &[Option<[Splat; 3]>], head: &Head, sensor: &Sensor, moment: Moment) -> Splats {
        let mut splats: Vec<Splat> = Vec::with_capacity(3 * spots.len());
        splats.extend(spots.iter().flatten().flatten());
        let redness = self.redness_splats(head, sensor, moment);
        splats.extend(redness.iter().map(|splat| splat.at_level(sensor.level)));
        Splats::new(splats)
    }

    /// A core and what surrounds it for each dot that can be seen, in pixels of the level.
    fn spots(&self, head: &Head, sensor: &Sensor, moment: Moment, earlier: Option<&Seen>) -> Vec<Option<[Splat; 3]>> {
        let pixel_px = f64::from(1_u32 << sensor.level.min(20));
        let blur_px2 = sensor.blur_px * sensor.blur_px + pixel_px * pixel_px / 12.0;
        let Circumstances { cumulative_shares, pigment, conditions, scars, .. } = &self.circumstances;
        let course = Course::new(*pigment, *conditions, moment.outlook);
        let optics = Optics::new(self.skin);
        let standing = moment.sessions.checked_sub(1).and_then(|last| cumulative_shares.get(last)).unwrap_or(&0.0);
        let known = self.known(sensor, moment, earlier);
        let spots = |(index, dot): (usize, &Dot)| {
            if let Some(spots) = known.get(index).copied().flatten() {
                return spots;
            }
            if usize::from(dot.session) > moment.sessions {
                return None;
            }
            let reach_mm = optics.reach_mm(dot.depth_mm);
            let sight = Sight::of(head, &sensor.camera, sensor.photo_px, &skin_under(dot), reach_mm)?;
            let age_days = self.age_days(usize::from(dot.session), moment);
            let in_scar = scars.get(usize::from(dot.area)).copied().unwrap_or(false);
            let crowd_per_mm2 = 0.01 * dot.density_per_cm2 * standing;
            let look = skin::appearance(dot, age_days, in_scar, crowd_per_mm2, &course, &optics);
            let look = look.before_blur(sight.blurred_mm(blur_px2), crowd_per_mm2);
            Some(
                look.spots.map(|spot| sight.splat(spot.sigma_mm, spot.loss_mm2, sensor.blur_px).at_level(sensor.level)),
            )
        };
        self.dots.par_iter().enumerate().map(spots).collect()
    }

    /// For each dot what is known of it from an earlier state, where it was the same dot.
    fn known(&self, sensor: &Sensor, moment: Moment, earlier: Option<&Seen>) -> Vec<Option<Option<[Splat; 3]>>> {
        let comparable = |seen: &&Seen| {
            seen.sensor == *sensor
                && seen.moment == moment
                && seen.treatment.skin == self.skin
                && seen.treatment.circumstances == self.circumstances
        };
        let Some(seen) = earlier.filter(comparable) else { return Vec::new() };
        // Both lists are in the order of the candidates, one surface after the other.
        let place = |dot: &Dot| (dot.part == Part::LowerFace, dot.follicle);
        let mut old = seen.treatment.dots.iter().zip(&seen.spots).peekable();
        let found = self.dots.iter().map(|dot| {
            while old.next_if(|(o, _)| place(o) < place(dot)).is_some() {}
            old.next_if(|(o, _)| place(o) == place(dot)).filter(|(o, _)| *o == dot).map(|(_, spots)| *spots)
        });
        found.collect()
    }

    /// A smooth field of wide, faint splats over the skin treated in the last days.
    fn redness_splats(&self, head: &Head, sensor: &Sensor, moment: Moment) -> Vec<Splat> {
        let mut share_before = 0.0;
        let sessions: Vec<(f64, [f64; 3])> = (1..=moment.sessions)
            .zip(&self.circumstances.cumulative_shares)
            .map(|(session, share)| {
                let new = share - std::mem::replace(&mut share_before, *share);
                (new, redness::density(self.skin, self.age_days(session, moment)))
            })
            .filter(|(_, density)| density.iter().any(|d| *d > 0.0))
            .collect();
        if sessions.is_empty() {
            return Vec::new();
        }
        let red = |patch: &Patch| {
            let middle = head.surface(patch.part).below(patch.middle);
            let sight = Sight::of(head, &sensor.camera, sensor.photo_px, &middle, 3.0 * redness::REACH_MM)?;
            let mut loss_mm2 = [0.0; 3];
            for (new, density) in &sessions {
                let share = redness::share(new * patch.density_per_cm2);
                for (loss, density) in loss_mm2.iter_mut().zip(density) {
                    *loss += share * density * patch.area_mm2;
                }
            }
            Some(sight.splat(redness::REACH_MM, loss_mm2, sensor.blur_px))
        };
        let patches =
            self.patches.get_or_init(|| self.fields.iter().flat_map(|field| patches(field, &self.map)).collect());
        patches.par_iter().filter_map(red).collect()
    }
}

fn skin_under(dot: &Dot) -> SurfacePoint {
    SurfacePoint { position: dot.position, normal: dot.normal }
}

/// Cuts the treated skin of a field into patches.
fn patches(field: &DensityField, map: &HeadMap) -> Vec<Patch> {
    let layout = map.part(field.part);
    let blocks = SIDE.div_ceil(PATCH_TEXELS);
    let patch = |block: usize| {
        let (left, top) = (block % blocks * PATCH_TEXELS, block / blocks * PATCH_TEXELS);
        let (mut area_mm2, mut dots, mut middle) = (0.0, 0.0, glam::DVec3::ZERO);
        for y in top..(top + PATCH_TEXELS).min(SIDE) {
            for index in y * SIDE + left..y * SIDE + (left + PATCH_TEXELS).min(SIDE) {
                let density = f64::from(field.density_per_cm2.values()[index]);
                if let Some(place) = layout.position[index].filter(|_| density > 0.0) {
                    let texel_mm2 = f64::from(layout.area_mm2[index]);
                    area_mm2 += texel_mm2;
                    dots += density * texel_mm2;
                    middle += place * texel_mm2;
                }
            }
        }
        (area_mm2 > 0.0).then(|| Patch {
            part: field.part,
            middle: middle / area_mm2,
            area_mm2,
            density_per_cm2: dots / area_mm2,
        })
    };
    (0..blocks * blocks).into_par_iter().filter_map(patch).collect()
}

/// A place of the skin as a camera sees it.
struct Sight {
    pixel: glam::DVec2,
    footprint: Footprint,
    /// Share of the light from this direction that was in the skin, compared to skin seen squarely: the rest is
    /// reflected at the surface (Schlick 1994), which hides pigment towards the rim of the head.
    refracted: f64,
}

impl Sight {
    /// `None` where the camera does not see it, or where what reaches `reach_mm` around it is not in the photo.
    fn of(head: &Head, camera: &Camera, photo_px: [u32; 2], skin: &SurfacePoint, reach_mm: f64) -> Option<Self> {
        if !head.visible(camera, skin) {
            return None;
        }
        let pixel = camera.image_from_head(skin.position)?;
        let margin_px = reach_mm / camera.mm_per_px(skin.position);
        let inside = pixel.x > -margin_px
            && pixel.y > -margin_px
            && pixel.x < f64::from(photo_px[0]) + margin_px
            && pixel.y < f64::from(photo_px[1]) + margin_px;
        if !inside {
            return None;
        }
        let cosine = (camera.position() - skin.position).normalize().dot(skin.normal).clamp(0.0, 1.0);
        let grazing = 1.0 - cosine;
        let refracted = 1.0 - grazing * grazing * grazing * grazing * grazing;
        Some(Self { pixel, footprint: camera.footprint(skin.position, skin.normal), refracted })
    }

    /// Standard deviation along the skin of a blur of this variance in the photo, mm.
    fn blurred_mm(&self, blur_px2: f64) -> f64 {
        (blur_px2 / self.footprint.px2_per_mm2().max(1e-6)).sqrt()
    }

    /// A Gaussian loss on this place, blurred by the lens.
    fn splat(&self, sigma_mm: f64, loss_mm2: [f64; 3], lens_px: f64) -> Splat {
        let Self { pixel, footprint, refracted } = self;
        let px2_per_mm2 = footprint.px2_per_mm2() * refracted;
        let blurred = |px_per_mm: f64| (sigma_mm * px_per_mm).hypot(lens_px) as f32;
        Splat {
            x_px: pixel.x as f32,
            y_px: pixel.y as f32,
            sigma_major_px: blurred(footprint.major_px_per_mm),
            sigma_minor_px: blurred(footprint.minor_px_per_mm),
            axis: [footprint.axis.x as f32, footprint.axis.y as f32],
            loss_px2: loss_mm2.map(|l| (l * px2_per_mm2) as f32),
        }
    }
}
