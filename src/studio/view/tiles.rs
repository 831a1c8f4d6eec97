//! Several pictures at once: every photo of the client, the range of possible results, and the result as seen from near
//! and far.

use egui::accesskit::Role;
use egui::{CursorIcon, Rect, Sense, Ui, Vec2, WidgetInfo};

use super::canvas::{Canvas, Compare, caption, head_framing};
use super::viewport::{Framing, Viewport};
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

/// Side of the piece of skin that is shown from near and far, mm.
const NEAR_MM: f64 = 110.0;

impl Canvas {
    /// Every photo with the plan in it; a click goes to that photo.
    pub(crate) fn all_views(&mut self, ui: &mut Ui, rect: Rect, case: &mut OpenCase) {
        let records = case.document().views.clone();
        let mut chosen = None;
        // Portraits are three by four.
        for (view, place) in places(rect, records.len(), 0.75).into_iter().enumerate() {
            let record = &records[view];
            let size = [record.width_px, record.height_px];
            // Heads are equally large in all pictures, if their places are known.
            let pixels_per_point = ui.ctx().pixels_per_point();
            let framing = head_framing(case, view, place, pixels_per_point).unwrap_or(Framing::Fit);
            let viewport = Viewport::new(place, size, framing, pixels_per_point);
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
        let head = head_framing(case, case.view, rect, ui.ctx().pixels_per_point());
        let framing = self.heads.get(&case.view).copied().or(head);
        if let Some(moved) = self.same_place(ui, rect, case, &tiles, framing.unwrap_or(Framing::Fit)) {
            self.heads.insert(case.view, moved);
        }
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
        let close = || near(case, rect, ui.ctx().pixels_per_point());
        let framing = self.near.get(&case.view).copied().or_else(close);
        if let Some(moved) = self.same_place(ui, rect, case, &tiles, framing.unwrap_or(Framing::Fit)) {
            self.near.insert(case.view, moved);
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
        for (index, (tile, place)) in tiles.iter().zip(places(rect, tiles.len(), 1.0)).enumerate() {
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
        if let Some(shot) = viewport.shot(case, slot, tile.view, tile.moment) {
            self.add_shot(Shot { viewing: tile.viewing, ..shot });
        }
        self.paint(ui, case, slot, viewport, viewport.rect);
        let response = ui.interact(viewport.rect, ui.scope_id().with(slot), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        caption(ui, viewport.rect.intersect(viewport.photo_rect()), &tile.caption);
        response.on_hover_text(&tile.tip)
    }
}

/// A grid of tiles, as large as possible for pictures of this aspect ratio (width to height).
fn places(rect: Rect, count: usize, aspect: f32) -> Vec<Rect> {
    let count = count.max(1);
    let side =
        |columns: usize| (rect.width() / columns as f32 / aspect).min(rect.height() / count.div_ceil(columns) as f32);
    // Among equally large tiles the fewest columns, so that rows are fuller.
    let columns = (1..=count).rev().max_by(|&a, &b| side(a).total_cmp(&side(b))).unwrap_or(1);
    let cell = Vec2::new(rect.width() / columns as f32, rect.height() / count.div_ceil(columns) as f32);
    let place = |index: usize| {
        let corner = Vec2::new((index % columns) as f32 * cell.x, (index / columns) as f32 * cell.y);
        Rect::from_min_size(rect.min + corner, cell).shrink(2.0)
    };
    (0..count).map(place).collect()
}

/// Frames the middle of the visible part of the hairline, up close.
fn near(case: &OpenCase, rect: Rect, pixels_per_point: f32) -> Option<Framing> {
    let (camera, fit, plan) = (case.camera()?, case.fit()?, case.plan()?);
    let head = fit.head();
    let line = plan.hairline.line(head);
    let seen: Vec<_> = line.iter().filter(|point| head.visible(camera, point)).collect();
    // Views from behind show none of it: then the crown.
    let place =
        seen.get(seen.len() / 2).map_or(head.cranium.centre - camera.ray(camera.principal_px) * 80.0, |p| p.position);
    let middle = camera.image_from_head(place)?;
    let side_px = f64::from(rect.width().min(rect.height()) * pixels_per_point);
    Some(Framing::At { middle, zoom: side_px * camera.mm_per_px(place) / NEAR_MM })
}
