//! Pictures for the canvas: part of a view at a moment, painted tile by tile and only where needed.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Color32, ColorImage};
use glam::DVec2;

use crate::case::document::PhotoKey;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::pyramid::Pyramid;
use crate::photo::{Photo, PixelRect, Samples};
use crate::render::compositor::composite_region;
use crate::render::mock_up::{MockUp, Moment, Seen, Sensor};
use crate::render::specular::Specular;
use crate::render::splat::Splats;
use crate::render::tiles::{TileGrid, TileIndex, TileSet};
use crate::render::viewing::Viewing;

/// A place on the screen that shows a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SlotId {
    /// The canvas.
    Canvas,
    /// The other half of a comparison.
    Beside,
    /// One tile of the overview of all views.
    Tile(usize),
    /// The client's screen.
    Client,
    /// The left half of a comparison there.
    ClientBeside,
}

/// A picture that the window wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Shot {
    /// Where it is shown.
    pub slot: SlotId,
    /// Index of the view.
    pub view: usize,
    /// The view's photo.
    pub photo: PhotoKey,
    /// Index of the plan's variant.
    pub variant: usize,
    /// The moment; `None` before any treatment.
    pub moment: Option<Moment>,
    /// How often the photo is halved in size.
    pub level: u32,
    /// The visible part, in pixels of that level.
    pub visible: PixelRect,
    /// The viewing distance and light.
    pub viewing: Viewing,
    /// Whether specular light may be re-estimated.
    pub settled: bool,
    /// Whether a graphics card draws it, and thereby takes care of level and visible part.
    pub on_card: bool,
}

impl Shot {
    /// The contents of the shot.
    #[must_use]
    pub fn scene(&self) -> PictureContents {
        PictureContents { photo: self.photo, variant: self.variant, moment: self.moment, viewing: self.viewing }
    }
}

/// A change of a picture.
#[derive(Debug, Clone)]
pub enum SlotUpdate {
    /// A new picture of this size, px of the level, with no pixels yet.
    Begin {
        /// Level of the picture.
        level: u32,
        /// Index of the view.
        view: usize,
        /// Width and height, px of the level.
        size: [u32; 2],
    },
    /// Pixels of a part of the picture.
    Pixels {
        /// Left and upper edge, px of the level.
        at: [u32; 2],
        /// The pixels.
        image: Arc<ColorImage>,
    },
    /// Everything visible of the picture now has these contents.
    Complete(PictureContents),
    /// A scene for a graphics card to draw.
    Scene(CardScene),
}

/// A scene for a graphics card, all at level 0.
#[derive(Debug, Clone)]
pub struct CardScene {
    /// Index of the view.
    pub view: usize,
    /// The photo.
    pub pyramid: Arc<Pyramid>,
    /// The dots.
    pub splats: Arc<Splats>,
    /// The specular light; `None` if unchanged.
    pub specular: Option<Specular>,
}

/// The contents of a picture, regardless of changes to the plan in progress.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureContents {
    photo: PhotoKey,
    variant: usize,
    moment: Option<Moment>,
    viewing: Viewing,
}

/// The splats of a shot, and what they were made from.
struct Painted {
    photo: PhotoKey,
    level: u32,
    viewing: Viewing,
    original: Arc<Photo>,
    target: Photo,
    source: Option<Source>,
    /// The splats of the last edit, dot by dot.
    seen: Option<Seen>,
    splats: Arc<Splats>,
    index: TileIndex,
    specular: Specular,
    /// Whether the specular light was estimated for the current splats.
    specular_settled: bool,
    /// Tiles whose pixels the window does not have yet.
    stale: TileSet,
    /// The part that the window has as seen under `viewing`.
    shown_seen: Option<PixelRect>,
    /// The contents that the window has been told are complete.
    complete: Option<PictureContents>,
}

/// Smaller than tiles for a whole photo, so that an edit, which the user waits for, touches fewer pixels.
const TILE_PX: [u32; 2] = [128, 32];

/// Paints shots and tracks what the window has.
#[derive(Default)]
pub struct ShotPainter {
    slots: HashMap<SlotId, Painted>,
    /// What the graphics cards have.
    cards: HashMap<SlotId, OnCard>,
}

/// What a graphics card has of a shot.
struct OnCard {
    photo: PhotoKey,
    source: Option<Source>,
    seen: Option<Seen>,
    specular_settled: bool,
}

/// The input from which splats are made.
struct Source {
    mock_up: Arc<MockUp>,
    /// At full resolution.
    sensor: Sensor,
    moment: Moment,
}

/// A mock-up and the sensor that sees it, if there is something to place.
pub type Placed<'a> = Option<(&'a Arc<MockUp>, &'a Sensor)>;

impl Source {
    fn new(shot: &Shot, placed: Placed) -> Option<Self> {
        let ((mock_up, sensor), moment) = placed.zip(shot.moment)?;
        Some(Self { mock_up: Arc::clone(mock_up), sensor: sensor.clone(), moment })
    }

    fn seen(&self, level: u32, earlier: Option<&Seen>) -> Seen {
        self.mock_up.seen(&Sensor { level, ..self.sensor.clone() }, self.moment, earlier)
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.mock_up, &other.mock_up) && self.sensor == other.sensor && self.moment == other.moment
    }
}

impl ShotPainter {
    /// Frees pictures that are no longer shown.
    pub fn forget_all_but(&mut self, shots: &[Shot]) {
        self.slots.retain(|slot, _| shots.iter().any(|s| s.slot == *slot && !s.on_card));
        self.cards.retain(|slot, _| shots.iter().any(|s| s.slot == *slot && s.on_card));
    }

    /// Whether the slot now shows something else.
    #[must_use]
    pub fn is_new(&self, shot: &Shot) -> bool {
        if shot.on_card {
            return self.cards.get(&shot.slot).is_none_or(|c| c.photo != shot.photo);
        }
        self.slots
            .get(&shot.slot)
            .is_none_or(|p| p.photo != shot.photo || p.level != shot.level || p.viewing != shot.viewing)
    }

    /// The updates that the window needs to show `shot`; if nothing is placed, the photo alone.
    pub fn paint(&mut self, shot: &Shot, pyramid: &Arc<Pyramid>, placed: Placed) -> Vec<SlotUpdate> {
        let mut updates = Vec::new();
        if shot.on_card {
            updates.extend(self.put_on_card(shot, pyramid, placed).map(SlotUpdate::Scene));
            return updates;
        }
        if self.is_new(shot) {
            let original = Arc::clone(pyramid.photo(shot.level));
            updates.push(SlotUpdate::Begin { level: shot.level, view: shot.view, size: original.size_px() });
            self.slots.insert(shot.slot, Painted::new(shot, original));
        }
        if let Some(painted) = self.slots.get_mut(&shot.slot) {
            painted.follow(shot, pyramid, placed);
            match placed.filter(|_| !shot.viewing.is_plain()) {
                Some((mock_up, sensor)) => painted.render_seen(shot, &sensor.camera, &mock_up.scalp.head, &mut updates),
                None => painted.render(shot.visible, &mut updates),
            }
            let scene = Some(shot.scene()).filter(|_| placed.is_some() || shot.moment.is_none());
            if let Some(scene) = scene.filter(|scene| painted.complete != Some(*scene)) {
                painted.complete = Some(scene);
                updates.push(SlotUpdate::Complete(scene));
            }
        }
        updates
    }
}

impl ShotPainter {
    /// The scene for a graphics card, if it has changed.
    fn put_on_card(&mut self, shot: &Shot, pyramid: &Arc<Pyramid>, placed: Placed) -> Option<CardScene> {
        let source = Source::new(shot, placed);
        let known = self.cards.get(&shot.slot).filter(|c| c.photo == shot.photo);
        if known.is_some_and(|c| c.source == source && (c.specular_settled || !shot.settled)) {
            return None;
        }
        let seen = source.as_ref().map(|source| source.seen(0, known.and_then(|c| c.seen.as_ref())));
        let splats = seen.as_ref().map_or_else(Default::default, |seen| Arc::clone(&seen.splats));
        let estimate = splats.is_empty() || shot.settled || known.is_none_or(|c| c.source.is_none());
        let specular = estimate.then(|| match splats.is_empty() {
            true => Specular::None,
            false => Specular::estimate(pyramid.original(), &splats),
        });
        let specular_settled = splats.is_empty() || shot.settled;
        self.cards.insert(shot.slot, OnCard { photo: shot.photo, source, seen, specular_settled });
        Some(CardScene { view: shot.view, pyramid: Arc::clone(pyramid), splats, specular })
    }
}

impl Painted {
    fn new(shot: &Shot, original: Arc<Photo>) -> Self {
        let ([photo_width, photo_height], [width, height]) = (original.size_px(), TILE_PX);
        let grid = TileGrid::with_tiles_of(photo_width, photo_height, width, height);
        let splats = Arc::new(Splats::default());
        Self {
            photo: shot.photo,
            level: shot.level,
            viewing: shot.viewing,
            target: Photo::clone(&original),
            original,
            source: None,
            seen: None,
            index: TileIndex::new(&splats, grid),
            splats,
            specular: Specular::None,
            specular_settled: true,
            stale: TileSet::all(grid),
            shown_seen: None,
            complete: None,
        }
    }

    /// Updates the splats of the shot and marks the tiles that differ.
    fn follow(&mut self, shot: &Shot, pyramid: &Pyramid, placed: Placed) {
        let source = Source::new(shot, placed);
        if source == self.source && (self.specular_settled || !shot.settled) {
            return;
        }
        let grid = self.index.grid();
        self.seen = source.as_ref().map(|source| source.seen(self.level, self.seen.as_ref()));
        let splats = self.seen.as_ref().map_or_else(Default::default, |seen| Arc::clone(&seen.splats));
        let index = TileIndex::new(&splats, grid);
        let mut changed = index.changed_since(&splats, &self.index, &self.splats);
        if splats.is_empty() {
            self.specular = Specular::None;
            self.specular_settled = true;
        } else if shot.settled || self.specular == Specular::None {
            // Estimated from the full photo, as for an export.
            let specular = source.as_ref().map_or(Specular::None, |source| {
                Specular::estimate(pyramid.original(), &source.seen(0, None).splats).at_level(self.level)
            });
            if specular != self.specular {
                self.specular = specular;
                changed = TileSet::all(grid);
            }
            self.specular_settled = shot.settled;
        } else {
            self.specular_settled = false;
        }
        self.stale.insert_all(&changed);
        self.source = source;
        (self.splats, self.index) = (splats, index);
    }

    /// Renders the visible part as seen under `viewing`: all of it if any of it has changed.
    fn render_seen(&mut self, shot: &Shot, camera: &Camera, head: &Head, updates: &mut Vec<SlotUpdate>) {
        let mut plain = Vec::new();
        self.render(shot.visible, &mut plain);
        let PixelRect { x0, y0, x1, y1 } = shot.visible;
        if plain.is_empty() && self.shown_seen == Some(shot.visible) {
            return;
        }
        if x0 >= x1 || y0 >= y1 {
            return updates.extend(plain);
        }
        let corner = DVec2::new(f64::from(x0), f64::from(y0));
        let camera = camera.of_part(DVec2::ZERO, 1.0 / f64::from(1_u32 << self.level)).of_part(corner, 1.0);
        let part = pixels(&self.target, shot.visible);
        let [width, height] = shot.visible.size_px();
        let part = Photo::from_rows(width, height, |y, row| {
            for (pixel, colour) in row.iter_mut().zip(&part.pixels[y * width as usize..]) {
                *pixel = [colour.r(), colour.g(), colour.b()];
            }
        });
        let seen = shot.viewing.of(&part, head, &camera);
        self.shown_seen = Some(shot.visible);
        updates.push(SlotUpdate::Pixels { at: [x0 as u32, y0 as u32], image: Arc::new(pixels(&seen, seen.rect())) });
    }

    /// Renders the visible stale tiles.
    fn render(&mut self, visible: PixelRect, updates: &mut Vec<SlotUpdate>) {
        let mut dirty = TileSet::none(self.index.grid());
        dirty.insert_rect(visible);
        dirty.keep_only(&self.stale);
        if dirty.is_empty() {
            return;
        }
        let rendered =
            composite_region(&self.original, &mut self.target, &self.splats, &self.index, &dirty, &self.specular);
        // This cannot fail on our own photos; if it did, the old pixels would stay.
        let Ok(rects) = rendered else { return };
        self.stale.remove_all(&dirty);
        for rect in joined(rects) {
            updates.push(SlotUpdate::Pixels {
                at: [rect.x0 as u32, rect.y0 as u32],
                image: Arc::new(pixels(&self.target, rect)),
            });
        }
    }
}

/// Joins vertically adjacent tiles, so that the window has fewer parts to copy.
fn joined(mut rects: Vec<PixelRect>) -> Vec<PixelRect> {
    rects.sort_unstable_by_key(|r| (r.x0, r.y0));
    let mut joined: Vec<PixelRect> = Vec::new();
    for rect in rects {
        match joined.last_mut() {
            Some(last) if last.x0 == rect.x0 && last.x1 == rect.x1 && last.y1 == rect.y0 => last.y1 = rect.y1,
            _ => joined.push(rect),
        }
    }
    joined
}

fn pixels(photo: &Photo, rect: PixelRect) -> ColorImage {
    let (width, height) = ((rect.x1 - rect.x0) as usize, (rect.y1 - rect.y0) as usize);
    let mut colours = Vec::with_capacity(width * height);
    if let Samples::U8(samples) = photo.samples() {
        for y in rect.y0..rect.y1 {
            let start = (y as usize * photo.width() as usize + rect.x0 as usize) * 3;
            let row = samples.get(start..start + 3 * width).unwrap_or_default();
            colours.extend(row.as_chunks::<3>().0.iter().map(|&[r, g, b]| Color32::from_rgb(r, g, b)));
        }
    }
    colours.resize(width * height, Color32::BLACK);
    ColorImage::new([width, height], colours)
}
