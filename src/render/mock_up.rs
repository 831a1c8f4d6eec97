//! A plan on a head, ready to be seen: from plan to dots once per edit, from dots to splats once per view and moment.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::splat::{Splat, Splats, sharpen};
use crate::follicles::HeadFollicles;
use crate::follicles::dots::{Dot, Dots, TILE_TEXELS, TileDots, tangents};
use crate::head::Head;
use crate::head::camera::{Camera, Footprint};
use crate::head::chart::SIDE;
use crate::head::surface::SurfacePoint;
use crate::photo::{Photo, Region};
use crate::plan::Plan;
use crate::plan::conditions::Conditions;
use crate::plan::field::{self, DensityField, HeadMap};
use crate::plan::pigment::Pigment;
use crate::plan::session::{Session, TouchUp};
use crate::plan::treatment::Treatment;
use crate::reading::lens::{COLOUR_BLUR_PX, Lens, MOST_COLOUR_BLUR_MM};
use crate::reading::sharpening::PointSpread;
use crate::reading::skin_tones::SkinTones;
use crate::reading::tissue::Skin;
use crate::skin::healing::{AtAge, Course};
use crate::skin::optics::Optics;
use crate::skin::settings::Outlook;
use crate::skin::{self, BareSkin, Neighbours, redness};

/// A head's scalp, ready to be planned on: everything that does not change while a plan is edited.
#[derive(Debug, Clone)]
pub struct Scalp {
    /// The head.
    pub head: Head,
    /// The head laid out for planning.
    pub map: HeadMap,
    /// Candidate dots.
    pub follicles: HeadFollicles,
}

impl Scalp {
    /// Lays out the head, to be shared by all mock-ups on it; candidates are created on demand. Of the plan, only the
    /// seed matters.
    #[must_use]
    pub fn new(head: Head, plan: &Plan) -> Arc<Self> {
        let map = HeadMap::new(&head, plan.seed);
        let follicles = HeadFollicles::new(plan.seed);
        Arc::new(Self { head, map, follicles })
    }
}

/// A plan's dots on a client's scalp, ready to be seen.
#[derive(Debug, Clone)]
pub struct MockUp {
    /// Where the dots lie.
    pub scalp: Arc<Scalp>,
    /// Density and area at every place.
    pub fields: Vec<DensityField>,
    /// All dots of all sessions.
    pub dots: Dots,
    /// The client's skin.
    pub skin: Skin,
    /// Everything about a plan that decides how a given dot looks.
    circumstances: Circumstances,
}

/// Everything about a plan that decides how a given dot looks.
#[derive(Debug, Clone, PartialEq)]
struct Circumstances {
    /// Days before each session, first to last, and before the touch-up.
    intervals_days: Vec<f64>,
    /// Share of the planned density in place after each.
    cumulative_shares: Vec<f64>,
    pigment: Option<Pigment>,
    conditions: Conditions,
    /// How far dots stray from even places, as a share of their spacing.
    randomness: f64,
    /// How much they differ in size, as a standard deviation of the logarithm.
    size_jitter: f64,
    /// For each of the plan's areas, whether it is a scar.
    scars: Vec<bool>,
    /// For each, whether it lies between hair, where hair covering the skin does not count as hiding it.
    between_hair: Vec<bool>,
}

/// A camera with its photo, and the pyramid level.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensor {
    /// The camera.
    pub camera: Camera,
    /// Width and height of the whole photo, px.
    pub photo_px: [u32; 2],
    /// Blur and sharpening of the photo at full resolution.
    pub spread: PointSpread,
    /// How many times the photo is halved; see [`crate::photo::pyramid`].
    pub level: u32,
    /// Where hair and other things hide the scalp in the photo.
    pub hidden: Option<Arc<Region>>,
    /// The colours of bare skin in the photo's light; if none, that of the client's skin in white light.
    pub tones: Option<Arc<SkinTones>>,
}

impl Sensor {
    /// The sensor that took a photo through a lens, at full resolution.
    #[must_use]
    pub fn new(photo: &Photo, camera: &Camera, lens: &Lens) -> Self {
        Self { spread: lens.spread, ..Self::blurred(*camera, photo.size_px(), 0.0) }
    }

    /// A sensor at full resolution, of which only the blur is known, px: nothing is hidden, the light is white.
    #[must_use]
    pub fn blurred(camera: Camera, photo_px: [u32; 2], blur_px: f64) -> Self {
        Self { camera, photo_px, spread: PointSpread::blurred(blur_px), level: 0, hidden: None, tones: None }
    }

    /// The sensor that took a photo of a fitted head, with the blur and the tones measured in the photo.
    #[must_use]
    pub fn of(photo: &Photo, head: &Head, camera: &Camera) -> Self {
        let tones = SkinTones::read(photo, head, camera).map(Arc::new);
        Self { tones, ..Self::new(photo, camera, &Lens::of_head(photo, head, camera)) }
    }
}

/// What a sensor sees of a mock-up, kept to speed up the next edit of it.
#[derive(Debug)]
pub struct Seen {
    /// Dots, and the redness around fresh ones.
    pub splats: Arc<Splats>,
    sensor: Sensor,
    moment: Moment,
    skin: Skin,
    circumstances: Circumstances,
    tiles: Vec<SeenTile>,
}

/// What is seen of one tile.
#[derive(Debug, Clone)]
struct SeenTile {
    tile: Arc<TileDots>,
    splats: Arc<Vec<Splat>>,
}

/// The splats of those tiles that are not shared with the others.
fn only_in(these: &[SeenTile], others: &[SeenTile]) -> Vec<Splat> {
    let others: HashSet<_> = others.iter().map(|seen| Arc::as_ptr(&seen.splats)).collect();
    let own = these.iter().filter(|seen| !others.contains(&Arc::as_ptr(&seen.splats)));
    own.flat_map(|seen| seen.splats.iter().copied()).collect()
}

/// A small patch of treated skin.
#[derive(Debug, Clone, Copy)]
struct Patch {
    /// Its centre, just under the skin, mm, head space.
    middle: glam::DVec3,
    area_mm2: f64,
    /// Planned density once all sessions are done.
    density_per_cm2: f64,
}

/// Texels, of about 0.9 mm, along the side of a patch. Gaussians of 3 mm form an even field when 3.6 mm apart.
const PATCH_TEXELS: usize = 4;

/// A moment in the course of a treatment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Sessions done; a touch-up counts as one more.
    pub sessions: usize,
    /// Days since the last of them.
    pub age_days: f64,
    /// How it turns out.
    pub outlook: Outlook,
}

impl MockUp {
    /// The dots of a plan. Cost: a few distance maps and one pass over the candidates.
    #[must_use]
    pub fn new(plan: &Plan, scalp: &Arc<Scalp>, skin: Skin) -> Self {
        Self::after(plan, scalp, skin, None)
    }

    /// Like [`MockUp::new`], when the mock-up of an earlier plan on this scalp is known: whatever an edit does not
    /// touch is shared with it. The mock-up is the same to the last bit.
    #[must_use]
    pub fn after(plan: &Plan, scalp: &Arc<Scalp>, skin: Skin, earlier: Option<&Self>) -> Self {
        let earlier = earlier.filter(|earlier| Arc::ptr_eq(&earlier.scalp, scalp));
        let known = earlier.map_or(&[][..], |earlier| &earlier.fields);
        let fields = field::density_fields_after(plan, &scalp.head, &scalp.map, known);
        let known = earlier.map(|earlier| (&earlier.dots, &earlier.fields[..]));
        let dots = Dots::after(plan, &fields, (&scalp.head, &scalp.follicles), known);
        let appointments = |of_session: fn(&Session) -> f64, of_touch_up: &dyn Fn(&TouchUp) -> f64| {
            plan.sessions.iter().map(of_session).chain(plan.touch_up.iter().map(of_touch_up)).collect()
        };
        let standing = plan.sessions.last().map_or(0.0, |last| last.cumulative_share);
        Self {
            scalp: Arc::clone(scalp),
            fields,
            dots,
            skin,
            circumstances: Circumstances {
                intervals_days: appointments(|s| s.interval_days, &|t| t.after_days),
                // A touch-up adds to what the sessions placed.
                cumulative_shares: appointments(|s| s.cumulative_share, &|t| standing + t.share),
                pigment: plan.chosen_pigment().cloned(),
                conditions: plan.conditions,
                randomness: plan.randomness,
                size_jitter: plan.size_jitter,
                scars: plan.areas.iter().map(|area| area.kind.is_scar()).collect(),
                between_hair: plan.areas.iter().map(|area| area.kind == Treatment::Density).collect(),
            },
        }
    }

    /// The mock-up of another plan on the same scalp.
    #[must_use]
    pub fn of_plan(&self, plan: &Plan) -> Self {
        Self::after(plan, &self.scalp, self.skin, Some(self))
    }

    /// Skin that an area of the plan covers, cm2.
    #[must_use]
    pub fn area_cm2(&self, plan: &Plan, area: usize) -> f64 {
        let part = plan.areas.get(area).map(|area| area.part);
        let fields = self.fields.iter().filter(|field| Some(field.part) == part);
        fields.map(|field| field.area_cm2(plan, &self.scalp.map, area)).sum()
    }

    /// Number of dots that, after this many sessions, a sensor would see if nothing covered them, but that something
    /// covers.
    #[must_use]
    pub fn covered_dots(&self, sensor: &Sensor, sessions: usize) -> usize {
        let covered = |dot: &&Dot| {
            let px = sensor.camera.image_from_head(dot.position);
            let lies_under = self.hidden(dot, sensor).zip(px).is_some_and(|(hidden, px)| hidden.contains(px));
            lies_under && Sight::of(&self.scalp.head, sensor, &skin_under(dot), 0.0, None).is_some()
        };
        self.dots_after(sessions).filter(covered).count()
    }

    /// What may hide a dot in a sensor's photo.
    fn hidden<'s>(&self, dot: &Dot, sensor: &'s Sensor) -> Option<&'s Region> {
        let between_hair = self.circumstances.between_hair.get(usize::from(dot.area)).copied().unwrap_or(false);
        sensor.hidden.as_deref().filter(|_| !between_hair)
    }

    /// Days since a session's dots were placed.
    fn age_days(&self, session: usize, moment: Moment) -> f64 {
        let later = self.circumstances.intervals_days.iter().take(moment.sessions).skip(session);
        moment.age_days + later.sum::<f64>()
    }

    /// Dots placed by this many sessions.
    pub fn dots_after(&self, sessions: usize) -> impl Iterator<Item = &Dot> {
        self.dots.iter().filter(move |d| usize::from(d.session) <= sessions)
    }

    /// Number of dots that a sensor sees after this many sessions.
    #[must_use]
    pub fn visible_dots(&self, sensor: &Sensor, sessions: usize) -> usize {
        let seen = |dot: &&Dot| {
            let hidden = self.hidden(dot, sensor);
            Sight::of(&self.scalp.head, sensor, &skin_under(dot), 0.0, hidden).is_some()
        };
        self.dots_after(sessions).filter(seen).count()
    }

    /// What a photo sees: dots, and the redness around fresh ones.
    #[must_use]
    pub fn splats(&self, sensor: &Sensor, moment: Moment) -> Splats {
        Arc::unwrap_or_clone(self.seen(sensor, moment, None).splats)
    }

    /// What a photo sees of the dots alone.
    #[must_use]
    pub fn splats_of_dots(&self, sensor: &Sensor, moment: Moment) -> Splats {
        let projection = Projection::new(self, sensor, moment);
        Splats::new(self.dots.tiles().par_iter().flat_map_iter(|tile| projection.dots(tile)).collect())
    }

    /// What a sensor sees. If an earlier state of the treatment has been seen, only tiles that have changed since are
    /// recomputed; the splats are the same to the last bit.
    #[must_use]
    pub fn seen(&self, sensor: &Sensor, moment: Moment, earlier: Option<&Seen>) -> Seen {
        let earlier = earlier.filter(|seen| {
            seen.sensor == *sensor
                && seen.moment == moment
                && seen.skin == self.skin
                && seen.circumstances == self.circumstances
        });
        let known = earlier.map_or(&[][..], |seen| &seen.tiles);
        let known: HashMap<_, _> = known.iter().map(|seen| (seen.tile.place(), seen)).collect();
        let projection = Projection::new(self, sensor, moment);
        let see = |tile: &Arc<TileDots>| match known.get(&tile.place()) {
            Some(seen) if Arc::ptr_eq(&seen.tile, tile) => SeenTile::clone(seen),
            _ => SeenTile { tile: Arc::clone(tile), splats: Arc::new(projection.tile(tile)) },
        };
        let tiles: Vec<SeenTile> = self.dots.tiles().par_iter().map(see).collect();
        let splats = match earlier {
            None => Splats::new(tiles.iter().flat_map(|seen| seen.splats.iter().copied()).collect()),
            Some(seen) => seen.splats.edited(only_in(&seen.tiles, &tiles), only_in(&tiles, &seen.tiles)),
        };
        let (skin, circumstances) = (self.skin, self.circumstances.clone());
        Seen { splats: Arc::new(splats), sensor: sensor.clone(), moment, skin, circumstances, tiles }
    }
}

/// Everything that determines how a sensor sees a dot of a mock-up at a moment.
struct Projection<'a> {
    mock_up: &'a MockUp,
    sensor: &'a Sensor,
    moment: Moment,
    /// What has become of the pigment of each session.
    ages: Vec<AtAge>,
    optics: Optics,
    /// Share of the planned density in place.
    standing: f64,
    /// Variance of the blur of lens and pixels, px2.
    blur_px2: f64,
    /// For each session that leaves the skin red: its share of the planned density, and the optical density of the
    /// redness.
    redness: Vec<(f64, [f64; 3])>,
}

impl<'a> Projection<'a> {
    fn new(mock_up: &'a MockUp, sensor: &'a Sensor, moment: Moment) -> Self {
        let pixel_px = f64::from(1_u32 << sensor.level.min(20));
        let Circumstances { cumulative_shares, pigment, conditions, .. } = &mock_up.circumstances;
        let course = Course::new(pigment.as_ref(), *conditions, moment.outlook);
        let mut share_before = 0.0;
        let redness = (1..=moment.sessions)
            .zip(cumulative_shares)
            .map(|(session, share)| {
                let new = share - std::mem::replace(&mut share_before, *share);
                (new, redness::optical_density(mock_up.skin, mock_up.age_days(session, moment)))
            })
            .filter(|(_, optical_density)| optical_density.iter().any(|d| *d > 0.0))
            .collect();
        Self {
            mock_up,
            sensor,
            moment,
            ages: (1..=moment.sessions).map(|session| course.at(mock_up.age_days(session, moment))).collect(),
            optics: Optics::new(mock_up.skin),
            standing: moment
                .sessions
                .checked_sub(1)
                .and_then(|last| cumulative_shares.get(last))
                .copied()
                .unwrap_or(0.0),
            blur_px2: sensor.spread.blur_px * sensor.spread.blur_px + pixel_px * pixel_px / 12.0,
            redness,
        }
    }

    /// All splats of a tile.
    fn tile(&self, tile: &TileDots) -> Vec<Splat> {
        self.dots(tile).chain(self.red_skin(tile)).collect()
    }

    /// Core, surroundings and far halo of each dot that can be seen, in pixels of the level.
    fn dots(&self, tile: &TileDots) -> impl Iterator<Item = Splat> {
        let placed = tile.dots.iter().filter(|dot| usize::from(dot.session) <= self.moment.sessions);
        let bare = self.bare_skin(tile);
        placed.filter_map(move |dot| self.dot(dot, &bare)).flatten()
    }

    /// The untreated skin of a tile.
    fn bare_skin(&self, tile: &TileDots) -> BareSkin {
        let Some(tones) = &self.sensor.tones else { return BareSkin::new(self.mock_up.skin.reflectance(), 0.0) };
        let skin = tones.at(tile.part, tile.corner_texels().map(|corner| corner + TILE_TEXELS / 2));
        BareSkin::new(skin.tone.0, skin.specular)
    }

    fn dot(&self, dot: &Dot, bare: &BareSkin) -> Option<impl Iterator<Item = Splat> + use<>> {
        let reach_mm = self.optics.reach_mm(dot.depth_mm + dot.height_mm);
        let sight = self.sight(&skin_under(dot), reach_mm, self.mock_up.hidden(dot, self.sensor))?;
        let age = self.ages.get(usize::from(dot.session).checked_sub(1)?)?;
        let in_scar = self.mock_up.circumstances.scars.get(usize::from(dot.area)).copied().unwrap_or(false);
        let circumstances = &self.mock_up.circumstances;
        let among =
            Neighbours::of(dot.density_per_cm2, self.standing, circumstances.randomness, circumstances.size_jitter);
        let appearance = skin::appearance(dot, age, in_scar, among.per_mm2, &self.optics);
        let colour_mm = sight.blurred_mm(COLOUR_BLUR_PX * COLOUR_BLUR_PX).min(MOST_COLOUR_BLUR_MM);
        let appearance = appearance.photographed(bare, colour_mm, sight.blurred_mm(self.blur_px2), among);
        let &Sensor { spread: PointSpread { blur_px, sharpening }, level, .. } = self.sensor;
        let mut splats = appearance.spots.map(|spot| sight.splat(spot.sigma_mm, spot.loss_mm2, blur_px));
        // A dot's elongation shows in its core; light scattered far is round again. A needle that enters at a slant
        // makes a dot long, and its lower end, from where light is scattered farther, lies off the middle of its core.
        let (u, v) = tangents(dot.normal);
        let (sin, cos) = libm::sincos(dot.direction);
        let (along, across) = (u * cos + v * sin, v * cos - u * sin);
        let (long, wide) = (dot.stretch.sqrt(), 1.0 / dot.stretch.sqrt());
        let footprint = self.sensor.camera.footprint_of_axes(dot.position, along * long, across * wide);
        let lower_end = dot.position + along * (0.5 * dot.diameter_mm * (dot.stretch - 1.0));
        if let Some(pixel) = self.sensor.camera.image_from_head(lower_end) {
            for splat in &mut splats[1..] {
                (splat.x_px, splat.y_px) = (pixel.x as f32, pixel.y as f32);
            }
        }
        let core = appearance.spots[0];
        splats[0] = Sight { footprint, ..sight }.splat(core.sigma_mm, core.loss_mm2, blur_px);
        let rim = sharpen(&mut splats, &sharpening, bare);
        Some(splats.into_iter().chain(rim).map(move |splat| splat.at_level(level)))
    }

    /// A smooth field of wide, faint splats where the skin was treated in the last days.
    fn red_skin(&self, tile: &TileDots) -> Vec<Splat> {
        if self.redness.is_empty() {
            return Vec::new();
        }
        let red = |patch: Patch| {
            let middle = self.mock_up.scalp.head.surface(tile.part).below(patch.middle);
            let sight = self.sight(&middle, 3.0 * redness::REACH_MM, self.sensor.hidden.as_deref())?;
            let mut loss_mm2 = [0.0; 3];
            for (new, optical_density) in &self.redness {
                let share = redness::share(new * patch.density_per_cm2);
                for (loss, optical_density) in loss_mm2.iter_mut().zip(optical_density) {
                    *loss += share * optical_density * patch.area_mm2;
                }
            }
            Some(sight.splat(redness::REACH_MM, loss_mm2, self.sensor.spread.blur_px).at_level(self.sensor.level))
        };
        let field = self.mock_up.fields.iter().find(|field| field.part == tile.part);
        field.map_or_else(Vec::new, |field| patches(field, &self.mock_up.scalp.map, tile).filter_map(red).collect())
    }

    fn sight(&self, skin: &SurfacePoint, reach_mm: f64, hidden: Option<&Region>) -> Option<Sight> {
        Sight::of(&self.mock_up.scalp.head, self.sensor, skin, reach_mm, hidden)
    }
}

fn skin_under(dot: &Dot) -> SurfacePoint {
    SurfacePoint { position: dot.position, normal: dot.normal }
}

/// Cuts the treated skin of a tile into patches.
fn patches(field: &DensityField, map: &HeadMap, tile: &TileDots) -> impl Iterator<Item = Patch> {
    const { assert!(TILE_TEXELS.is_multiple_of(PATCH_TEXELS)) };
    const BLOCKS: usize = TILE_TEXELS / PATCH_TEXELS;
    let layout = map.part(field.part);
    let [left, top] = tile.corner_texels();
    let patch = move |block: usize| {
        let (left, top) = (left + block % BLOCKS * PATCH_TEXELS, top + block / BLOCKS * PATCH_TEXELS);
        let (mut area_mm2, mut dots, mut middle) = (0.0, 0.0, glam::DVec3::ZERO);
        for y in top..(top + PATCH_TEXELS).min(SIDE) {
            for index in y * SIDE + left..y * SIDE + (left + PATCH_TEXELS).min(SIDE) {
                let per_cm2 = f64::from(field.density_per_cm2.values()[index]);
                if let Some(place) = layout.position[index].filter(|_| per_cm2 > 0.0) {
                    let texel_mm2 = f64::from(layout.area_mm2[index]);
                    area_mm2 += texel_mm2;
                    dots += per_cm2 * texel_mm2;
                    middle += place * texel_mm2;
                }
            }
        }
        (area_mm2 > 0.0).then(|| Patch { middle: middle / area_mm2, area_mm2, density_per_cm2: dots / area_mm2 })
    };
    (0..BLOCKS * BLOCKS).filter_map(patch)
}

/// A place on the skin as a camera sees it.
struct Sight {
    pixel: glam::DVec2,
    footprint: Footprint,
    /// Share of the light from this direction that was in the skin, relative to skin seen head-on: the rest is
    /// reflected at the surface (Schlick 1994), which hides pigment towards the rim of the head.
    refracted: f64,
}

impl Sight {
    /// `None` if the camera does not see it, if something covers it, or if nothing within `reach_mm` of it is in the
    /// photo.
    fn of(head: &Head, sensor: &Sensor, skin: &SurfacePoint, reach_mm: f64, hidden: Option<&Region>) -> Option<Self> {
        let Sensor { camera, photo_px, .. } = sensor;
        if !head.visible(camera, skin) {
            return None;
        }
        let pixel = camera.image_from_head(skin.position)?;
        let margin_px = reach_mm / camera.mm_per_px(skin.position);
        let inside = pixel.x > -margin_px
            && pixel.y > -margin_px
            && pixel.x < f64::from(photo_px[0]) + margin_px
            && pixel.y < f64::from(photo_px[1]) + margin_px;
        if !inside || hidden.is_some_and(|hidden| hidden.contains(pixel)) {
            return None;
        }
        let cosine = (camera.position() - skin.position).normalize().dot(skin.normal).clamp(0.0, 1.0);
        let grazing = 1.0 - cosine;
        let refracted = 1.0 - grazing * grazing * grazing * grazing * grazing;
        Some(Self { pixel, footprint: camera.footprint(skin.position, skin.normal), refracted })
    }

    /// Standard deviation along the skin, mm, of a blur with this variance in the photo.
    fn blurred_mm(&self, blur_px2: f64) -> f64 {
        (blur_px2 / self.footprint.px2_per_mm2().max(1e-6)).sqrt()
    }

    /// A Gaussian loss at this place, blurred by the lens.
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
