//! Several pictures at once: every photo of the client, the range in which a result may turn out, and the result as it is
//! seen from near and far.

use egui::accesskit::Role;
use egui::{CursorIcon, Rect, Sense, Ui, Vec2, WidgetInfo};

use super::canvas::{Canvas, Compare, caption};
use super::viewport::{Frame, Look};
use crate::render::scene::Moment;
use crate::render::viewing::{DISTANCES_M, Viewing};
use crate::skin::settings::OUTLOOKS;
use crate::studio::background::shots::{Shot, SlotId};
use crate::studio::session::desk::Desk;
use crate::studio::session::steps::{outlook_name, outlook_tip};
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

/// Side of the piece of skin that is looked at from near and far, mm.
const NEAR_MM: f64 = 110.0;

impl Canvas {
    /// Every photo with the plan in it; a click goes to that photo.
    pub(crate) fn all_views(&mut self, ui: &mut Ui, rect: Rect, desk: &mut Desk) {
        let records = desk.document().views.clone();
        let mut chosen = None;
        // Portraits are three by four.
        for (view, place) in places(rect, records.len(), 0.75).into_iter().enumerate() {
            let record = &records[view];
            let size = [record.width_px, record.height_px];
            let frame = Frame::new(place, size, Look::Fit, ui.ctx().pixels_per_point());
            let caption = words(&record.name);
            let moment = desk.moment();
            let tip = "Work on this photo".to_owned();
            let tile = Tile { view, moment, viewing: Viewing::default(), caption, tip };
            let response = self.tile(ui, desk, SlotId::Tile(view), &tile, &frame, format!("Photo {}", record.name));
            if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
                chosen = Some(view);
            }
        }
        if let Some(view) = chosen {
            desk.view = view;
            self.compare = Compare::Off;
        }
    }

    /// The photo and how the step shown may turn out: nobody knows a client's rates beforehand.
    pub(crate) fn range(&mut self, ui: &mut Ui, rect: Rect, desk: &Desk) {
        let (view, plain) = (desk.view, Viewing::default());
        let step = desk.step.label(desk.sittings());
        let before = Tile {
            view,
            moment: None,
            viewing: plain,
            caption: "Before".to_owned(),
            tip: "The photo as it is".to_owned(),
        };
        let outcomes = OUTLOOKS.map(|outlook| Tile {
            view,
            moment: desk.moment().map(|moment| Moment { outlook, ..moment }),
            viewing: plain,
            caption: format!("{step}: {}", outlook_name(outlook).to_lowercase()),
            tip: outlook_tip(outlook).to_owned(),
        });
        let tiles: Vec<Tile> = std::iter::once(before).chain(outcomes).collect();
        self.same_place(ui, rect, desk, &tiles);
    }

    /// The photo, and the result from near and far, under the photo's own light or a lamp overhead.
    pub(crate) fn honest(&mut self, ui: &mut Ui, rect: Rect, desk: &Desk) {
        let hard_light = self.hard_light;
        let light = if hard_light { ", hard light" } else { "" };
        let before = Tile {
            view: desk.view,
            moment: None,
            viewing: Viewing { distance_m: Some(DISTANCES_M[0]), hard_light },
            caption: format!("Before{light}"),
            tip: format!("Untreated skin, seen from {} m", DISTANCES_M[0]),
        };
        let after = DISTANCES_M.map(|metres| Tile {
            view: desk.view,
            moment: desk.moment(),
            viewing: Viewing { distance_m: Some(metres), hard_light },
            caption: format!("From {metres} m{light}"),
            tip: format!("What an eye of usual sharpness still tells apart from {metres} m (illustrative)"),
        });
        let tiles: Vec<Tile> = std::iter::once(before).chain(after).collect();
        self.same_place(ui, rect, desk, &tiles);
    }

    /// Tiles that show the same place of one view close by; moving one moves all.
    fn same_place(&mut self, ui: &mut Ui, rect: Rect, desk: &Desk, tiles: &[Tile]) {
        let Some(record) = desk.record() else { return };
        let size = [record.width_px, record.height_px];
        let pixels_per_point = ui.ctx().pixels_per_point();
        let look = self.near.get(&desk.view).copied().or_else(|| near(desk, rect, pixels_per_point));
        let look = look.unwrap_or(Look::Fit);
        for (index, (tile, place)) in tiles.iter().zip(places(rect, tiles.len(), 1.0)).enumerate() {
            let smaller = f64::from((place.width() / rect.width()).min(place.height() / rect.height()));
            let scaled = |look: Look, by: f64| match look {
                Look::Fit => Look::Fit,
                Look::At { middle, zoom } => Look::At { middle, zoom: zoom * by },
            };
            let frame = Frame::new(place, size, scaled(look, smaller), pixels_per_point);
            let response = self.tile(ui, desk, SlotId::Tile(index), tile, &frame, tile.caption.clone());
            if let Some(moved) = self.follow_pointer(ui, &response, &frame, Tool::Pan) {
                self.near.insert(desk.view, scaled(moved, 1.0 / smaller));
            }
        }
    }

    /// One picture with its caption.
    fn tile(&mut self, ui: &Ui, desk: &Desk, slot: SlotId, tile: &Tile, frame: &Frame, name: String) -> egui::Response {
        if let Some(shot) = frame.shot(desk, slot, tile.view, tile.moment) {
            self.add_shot(Shot { viewing: tile.viewing, ..shot });
        }
        self.paint(ui, desk, slot, frame, frame.rect);
        let response = ui.interact(frame.rect, ui.scope_id().with(slot), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        caption(ui, frame.rect.intersect(frame.photo_rect()), &tile.caption);
        response.on_hover_text(&tile.tip)
    }
}

/// A grid of tiles, as large as they can be for pictures of this width to height.
fn places(rect: Rect, count: usize, aspect: f32) -> Vec<Rect> {
    let count = count.max(1);
    let side =
        |columns: usize| (rect.width() / columns as f32 / aspect).min(rect.height() / count.div_ceil(columns) as f32);
    // Of equally large tiles the fewest columns: rows are fuller.
    let columns = (1..=count).rev().max_by(|&a, &b| side(a).total_cmp(&side(b))).unwrap_or(1);
    let cell = Vec2::new(rect.width() / columns as f32, rect.height() / count.div_ceil(columns) as f32);
    let place = |index: usize| {
        let corner = Vec2::new((index % columns) as f32 * cell.x, (index / columns) as f32 * cell.y);
        Rect::from_min_size(rect.min + corner, cell).shrink(2.0)
    };
    (0..count).map(place).collect()
}

/// The middle of the hairline where it can be seen, close by.
fn near(desk: &Desk, rect: Rect, pixels_per_point: f32) -> Option<Look> {
    let (camera, fit, plan) = (desk.camera()?, desk.fit()?, desk.plan()?);
    let head = fit.head();
    let line = plan.hairline.line(head);
    let seen: Vec<_> = line.iter().filter(|point| head.visible(camera, point)).collect();
    // Views from behind see none of it: then the crown.
    let place =
        seen.get(seen.len() / 2).map_or(head.cranium.centre - camera.ray(camera.principal_px) * 80.0, |p| p.position);
    let middle = camera.image_from_head(place)?;
    let side_px = f64::from(rect.width().min(rect.height()) * pixels_per_point);
    Some(Look::At { middle, zoom: side_px * camera.mm_per_px(place) / NEAR_MM })
}
