//! Several pictures at once: every photo of the client, the range of possible results, and the result as seen from near
//! and far.

use egui::accesskit::Role;
use egui::{CursorIcon, Rect, Sense, Ui, Vec2, WidgetInfo};
use glam::{DVec2, DVec3};

use super::canvas::{Canvas, Compare, caption, head_framing, holds_before};
use super::viewport::{Framing, Viewport};
use crate::head::landmarks;
use crate::render::mock_up::Moment;
use crate::render::steps::{outlook_name, outlook_tip};
use crate::render::viewing::{DISTANCES_M, Viewing};
use crate::skin::settings::OUTLOOKS;
use crate::studio::background::shots::{Shot, SlotId};
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::tool::Tool;
use crate::studio::words::words;

/// One of several pictures.
struct Tile {
    view: usize,
    moment: Option<Moment>,
    viewing: Viewing,
    caption: String,
    /// What it shows, in a sentence.
    tip: String,
}

/// Half the distance between tiles, points.
const GAP: f32 = 1.0;

impl Canvas {
    /// Every photo with the plan in it; a click goes to that photo.
    pub(crate) fn all_views(&mut self, ui: &mut Ui, rect: Rect, case: &mut OpenCase) {
        let records = case.document().views.clone();
        let mut chosen = None;
        let viewports = overview(case, rect, ui.ctx().pixels_per_point());
        for (view, (record, viewport)) in records.iter().zip(viewports).enumerate() {
            let caption = words(&record.name);
            let moment = case.moment();
            let tip = "Work on this photo".to_owned();
            let tile = Tile { view, moment, viewing: Viewing::default(), caption, tip };
            let response = self.tile(ui, case, SlotId::Tile(view), &tile, &viewport, format!("Photo {}", record.name));
            if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
                chosen = Some(view);
            }
        }
        if let Some(view) = chosen {
            case.view = view;
            self.compare = Compare::Off;
        }
    }

    /// The photo and the range of possible results of the step shown: nobody knows a client's rates beforehand.
    pub(crate) fn range(&mut self, ui: &mut Ui, rect: Rect, case: &OpenCase) {
        let (view, plain) = (case.view, Viewing::default());
        let step = case.step.label(case.appointments());
        let before = Tile {
            view,
            moment: None,
            viewing: plain,
            caption: "Before".to_owned(),
            tip: "The photo as it is".to_owned(),
        };
        let outcomes = OUTLOOKS.map(|outlook| Tile {
            view,
            moment: case.moment().map(|moment| Moment { outlook, ..moment }),
            viewing: plain,
            caption: format!("{step}: {}", outlook_name(outlook).to_lowercase()),
            tip: outlook_tip(outlook).to_owned(),
        });
        let tiles: Vec<Tile> = std::iter::once(before).chain(outcomes).collect();
        self.same_head(ui, rect, case, &tiles);
    }

    /// The photo, and the result from near and far, under the photo's own light or an overhead lamp.
    pub(crate) fn honest(&mut self, ui: &mut Ui, rect: Rect, case: &OpenCase) {
        let hard_light = self.hard_light;
        let light = if hard_light { ", hard light" } else { "" };
        let before = Tile {
            view: case.view,
            moment: None,
            viewing: Viewing { distance_m: Some(DISTANCES_M[0]), hard_light },
            caption: format!("Before{light}"),
            tip: format!("Untreated skin, seen from {} m", DISTANCES_M[0]),
        };
        let after = DISTANCES_M.map(|metres| Tile {
            view: case.view,
            moment: case.moment(),
            viewing: Viewing { distance_m: Some(metres), hard_light },
            caption: format!("From {metres} m{light}"),
            tip: format!("What an eye of ordinary acuity can still make out from {metres} m (illustrative)"),
        });
        let tiles: Vec<Tile> = std::iter::once(before).chain(after).collect();
        self.same_head(ui, rect, case, &tiles);
    }

    /// Shows tiles of the photo on the canvas: the whole head, until somebody moves or zooms it.
    fn same_head(&mut self, ui: &mut Ui, rect: Rect, case: &OpenCase, tiles: &[Tile]) {
        let head = head_framing(case, case.view, rect, ui.ctx().pixels_per_point());
        let framing = self.heads.get(&case.view).copied().or(head);
        if let Some(moved) = self.same_place(ui, rect, case, tiles, framing.unwrap_or(Framing::Fit)) {
            self.heads.insert(case.view, moved);
        }
    }

    /// Shows tiles of the same place in one view, framed as `framing` would be in the whole window; returns the new
    /// framing if one was moved: moving one moves all.
    fn same_place(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        case: &OpenCase,
        tiles: &[Tile],
        framing: Framing,
    ) -> Option<Framing> {
        let record = case.record()?;
        let size = [record.width_px, record.height_px];
        let pixels_per_point = ui.ctx().pixels_per_point();
        let mut moved_to = None;
        for (index, (tile, place)) in tiles.iter().zip(squares(rect, tiles.len())).enumerate() {
            let smaller = f64::from((place.width() / rect.width()).min(place.height() / rect.height()));
            let scaled = |framing: Framing, by: f64| match framing {
                Framing::Fit => Framing::Fit,
                Framing::At { middle, zoom } => Framing::At { middle, zoom: zoom * by },
            };
            let viewport = Viewport::new(place, size, scaled(framing, smaller), pixels_per_point);
            let response = self.tile(ui, case, SlotId::Tile(index), tile, &viewport, tile.caption.clone());
            if let Some(moved) = self.follow_pointer(ui, &response, &viewport, Tool::Pan) {
                moved_to = Some(scaled(moved, 1.0 / smaller));
            }
        }
        moved_to
    }

    /// One picture with its caption.
    fn tile(
        &mut self,
        ui: &Ui,
        case: &OpenCase,
        slot: SlotId,
        tile: &Tile,
        viewport: &Viewport,
        name: String,
    ) -> egui::Response {
        let hold = holds_before(ui);
        let (moment, text) = if hold { (None, "Before") } else { (tile.moment, tile.caption.as_str()) };
        self.tiles.push(*viewport);
        if let Some(shot) = viewport.shot(case, slot, tile.view, moment) {
            self.add_shot(Shot { viewing: tile.viewing, ..shot });
        }
        self.paint(ui, case, slot, viewport, viewport.rect);
        let response = ui.interact(viewport.rect, ui.scope_id().with(slot), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        caption(ui, viewport.rect.intersect(viewport.photo_rect()), text);
        response.on_hover_text(&tile.tip)
    }
}

/// The place of a head in a photo.
struct HeadBox {
    /// The box around it, px.
    low: DVec2,
    high: DVec2,
    mm_per_px: f64,
}

impl HeadBox {
    /// The box around these places, px; none if there are fewer than two.
    fn around(places: impl IntoIterator<Item = DVec2>) -> Option<[DVec2; 2]> {
        let boxes = places.into_iter().map(|place| [place, place]);
        let [low, high] = boxes.reduce(|[low, high], [a, b]| [low.min(a), high.max(b)])?;
        (low != high).then_some([low, high])
    }

    /// Where a photo shows the head: as the camera sees it, else as it was found; none if neither is known.
    fn of(case: &OpenCase, view: usize) -> Option<Self> {
        /// Roughly the longer side of the box around what is found of a head, mm.
        const FOUND_MM: f64 = 200.0;
        if let Some((fit, camera)) = case.fit().and_then(|fit| Some((fit, fit.camera(view)?))) {
            let head = fit.head();
            let ends = [DVec3::X, DVec3::Y, DVec3::Z].into_iter().flat_map(|axis| [axis, -axis]);
            let scalp = ends.map(|end| head.cranium.at(end).position);
            let places = scalp.chain(landmarks::ALL.map(|landmark| head.landmark(landmark)));
            let [low, high] = Self::around(places.filter_map(|place| camera.image_from_head(place)))?;
            return Some(Self { low, high, mm_per_px: camera.mm_per_px(head.cranium.centre) });
        }
        let record = case.document().views.get(view)?;
        let outline = record.found.iter().flat_map(|found| &found.outline).map(|&px| DVec2::from(px));
        let marks = record.found_landmarks().map(|(_, found)| DVec2::from(found.px));
        let [low, high] = Self::around(outline.chain(marks))?;
        Some(Self { low, high, mm_per_px: FOUND_MM / (high - low).max_element() })
    }

    /// Frames it in a window at this scale, with as much of the photo in the window as there is.
    fn framing(&self, photo_px: DVec2, window_px: DVec2, px_per_mm: f64) -> Framing {
        let zoom = px_per_mm * self.mm_per_px;
        let room = (0.5 * window_px / zoom).min(0.5 * photo_px);
        Framing::At { middle: (0.5 * (self.low + self.high)).clamp(room, photo_px - room), zoom }
    }
}

/// Where all photos are shown at once: in as many columns as let them cover most of the window, with heads that are
/// equally large wherever their places are known.
fn overview(case: &OpenCase, rect: Rect, pixels_per_point: f32) -> Vec<Viewport> {
    let places: Vec<Option<HeadBox>> = (0..case.document().views.len()).map(|view| HeadBox::of(case, view)).collect();
    let covered = |viewports: &[Viewport]| -> f32 {
        viewports.iter().map(|viewport| viewport.rect.intersect(viewport.photo_rect()).area()).sum()
    };
    let layouts = (1..=places.len()).map(|columns| {
        let viewports = alike(case, &places, &rows(rect, places.len(), columns), pixels_per_point);
        (covered(&viewports), viewports)
    });
    layouts.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, viewports)| viewports).unwrap_or_default()
}

/// The photos in these cells, with every head as large as the largest may be.
fn alike(case: &OpenCase, places: &[Option<HeadBox>], cells: &[Rect], pixels_per_point: f32) -> Vec<Viewport> {
    /// The box around the head, with some room.
    const ROOM: f64 = 1.03;
    let px = |cell: &Rect| DVec2::new(f64::from(cell.width()), f64::from(cell.height())) * f64::from(pixels_per_point);
    let sizes_mm = places.iter().flatten().map(|place| (place.high - place.low) * place.mm_per_px);
    let largest_mm = sizes_mm.fold(DVec2::ONE, DVec2::max);
    let smallest_px = cells.iter().map(px).reduce(DVec2::min).unwrap_or(DVec2::ONE);
    let px_per_mm = (smallest_px / (ROOM * largest_mm)).min_element();
    let in_cells = case.document().views.iter().zip(places).zip(cells);
    in_cells
        .map(|((record, place), cell)| {
            let size = [record.width_px, record.height_px];
            let photo_px = DVec2::new(f64::from(size[0]), f64::from(size[1]));
            let framing = place.as_ref().map_or(Framing::Fit, |place| place.framing(photo_px, px(cell), px_per_mm));
            Viewport::new(*cell, size, framing, pixels_per_point)
        })
        .collect()
}

/// Cells in rows of so many columns; those of a last row with fewer share its width.
fn rows(rect: Rect, count: usize, columns: usize) -> Vec<Rect> {
    let height = rect.height() / count.div_ceil(columns) as f32;
    let cell = |index: usize| {
        let row = index / columns;
        let width = rect.width() / columns.min(count - row * columns) as f32;
        let corner = Vec2::new((index % columns) as f32 * width, row as f32 * height);
        Rect::from_min_size(rect.min + corner, Vec2::new(width, height)).shrink(GAP)
    };
    (0..count).map(cell).collect()
}

/// A grid of square tiles, as large as possible.
fn squares(rect: Rect, count: usize) -> Vec<Rect> {
    let side = |columns: usize| (rect.width() / columns as f32).min(rect.height() / count.div_ceil(columns) as f32);
    // Among equally large tiles the fewest columns, so that rows are fuller.
    let columns = (1..=count).rev().max_by(|&a, &b| side(a).total_cmp(&side(b))).unwrap_or(1);
    let cell = Vec2::new(rect.width() / columns as f32, rect.height() / count.max(1).div_ceil(columns) as f32);
    let place = |index: usize| {
        let corner = Vec2::new((index % columns) as f32 * cell.x, (index / columns) as f32 * cell.y);
        Rect::from_min_size(rect.min + corner, cell).shrink(GAP)
    };
    (0..count).map(place).collect()
}
