//! The photo in the middle of the window: pan, zoom, the pictures of the shots, and the tool over them.

use std::collections::{BTreeMap, HashMap};

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CursorIcon, EventFilter, FontId, Key, Painter, PointerButton, Pos2, Rect, Sense, Stroke, Ui, Vec2,
    WidgetInfo, pos2,
};
use glam::{DVec2, DVec3};

use super::card::Card;
use super::desk::Desk;
use super::frame::{Frame, Look};
use super::panels::plan::words;
use super::picture::Picture;
use super::shots::{PhotoKey, Shot, SlotId};
use super::steps::Step;
use super::tools::{Easel, Tool, Tools};
use crate::gpu::GpuError;
use crate::render::levels::level_for_zoom;

/// How before and after are compared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Compare {
    /// One picture.
    #[default]
    Off,
    /// A line over the photo: before on its left, after on its right. Where it is, as a share of the photo's width.
    Wipe(f32),
    /// Two pictures next to each other.
    Beside,
    /// Every photo of the client.
    AllViews,
}

/// What the canvas remembers between frames.
#[derive(Default)]
pub struct Canvas {
    /// Pictures by where they are shown.
    pub pictures: BTreeMap<SlotId, Picture>,
    /// How each view is looked at.
    looks: HashMap<usize, Look>,
    /// How before and after are compared.
    pub compare: Compare,
    /// Where the canvas was in the last frame.
    frame: Option<Frame>,
    /// What has to be shown, as of this frame.
    shots: Vec<Shot>,
    /// The graphics card, where it draws the canvas.
    pub card: Option<Card>,
    /// Why the card cannot go on.
    pub card_problem: Option<GpuError>,
}

/// Neutral: skin is judged against it.
const SURROUND_DARK: Color32 = Color32::from_gray(46);
const SURROUND_LIGHT: Color32 = Color32::from_gray(198);
/// A pencil's line.
const PENCIL: Color32 = Color32::from_rgb(245, 240, 232);

impl Canvas {
    /// The shots that this frame shows, the main one first.
    #[must_use]
    pub fn shots(&self) -> &[Shot] {
        &self.shots
    }

    /// Where the photo was in the last frame.
    #[must_use]
    pub fn frame(&self) -> Option<Frame> {
        self.frame
    }

    /// Looks at the view on the canvas in another way.
    pub fn look(&mut self, view: usize, look: Look) {
        self.looks.insert(view, look);
    }

    /// How a view is looked at.
    #[must_use]
    pub fn look_of(&self, view: usize) -> Look {
        self.looks.get(&view).copied().unwrap_or(Look::Fit)
    }

    /// Zooms about the middle of the window.
    pub fn zoom(&mut self, view: usize, factor: f64) {
        if let Some(frame) = self.frame {
            self.looks.insert(view, frame.zoomed(factor, frame.rect.center()));
        }
    }

    /// Each pixel of the photo on one of the screen.
    pub fn actual_size(&mut self, view: usize) {
        if let Some(frame) = self.frame {
            self.looks.insert(view, frame.zoomed(1.0 / frame.zoom, frame.rect.center()));
        }
    }

    /// Forgets everything about a case.
    pub fn clear(&mut self) {
        let mut card = self.card.take();
        if let Some(card) = &mut card {
            card.forget();
        }
        *self = Self { compare: self.compare, card, ..Self::default() };
    }

    /// Shows the canvas and lets the tool at hand work.
    pub fn show(&mut self, ui: &mut Ui, desk: &mut Desk, tools: &mut Tools) {
        self.shots.clear();
        let rect = ui.available_rect_before_wrap();
        let dark = ui.visuals().dark_mode;
        ui.painter().rect_filled(rect, 0.0, if dark { SURROUND_DARK } else { SURROUND_LIGHT });
        if self.compare == Compare::AllViews {
            self.all_views(ui, rect, desk);
            return;
        }
        let Some(record) = desk.record().cloned() else { return };
        let size = [record.width_px, record.height_px];
        // What it is all about fills the window, as soon as it is known where that is; but not between two clicks that say
        // where it is.
        if tools.active != Tool::Head
            && !self.looks.contains_key(&desk.view)
            && let Some(look) = head_look(desk, rect, ui.ctx().pixels_per_point())
        {
            self.looks.insert(desk.view, look);
        }
        let look = self.look_of(desk.view);
        let halves = self.compare == Compare::Beside;
        let main = if halves { right_half(rect) } else { rect };
        let mut frame = Frame::new(main, size, look, ui.ctx().pixels_per_point());
        let response = ui.interact(rect, ui.scope_id().with("photo"), Sense::click_and_drag());
        let description = format!("Photo {}", record.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &description));
        if let Some(look) = self.follow_pointer(ui, &response, &frame, tools.active) {
            self.looks.insert(desk.view, look);
            frame = Frame::new(main, size, look, ui.ctx().pixels_per_point());
        }
        self.frame = Some(frame);

        let step = desk.step;
        let after = step.moment(desk.sessions(), desk.outlook);
        let hold = ui.input(|i| i.key_down(Key::C)) && !ui.ctx().egui_wants_keyboard_input();
        let on_card = self.card.is_some();
        let shot = |slot: SlotId, frame: &Frame, moment| {
            let level = level_for_zoom(frame.zoom);
            Shot {
                slot,
                view: desk.view,
                photo: PhotoKey::of(&record),
                variant: desk.variant,
                moment,
                level,
                visible: frame.visible(level),
                settled: !desk.drafting(),
                on_card: slot == SlotId::Canvas && on_card,
            }
        };
        self.shots.push(shot(SlotId::Canvas, &frame, if hold { None } else { after }));
        match self.compare {
            Compare::Off | Compare::AllViews => self.paint(ui, SlotId::Canvas, &frame, main),
            Compare::Wipe(at) => {
                self.shots.push(shot(SlotId::Beside, &frame, None));
                let photo = frame.photo_rect();
                let x = photo.left() + at * photo.width();
                let left = Rect::from_min_max(main.min, pos2(x.clamp(main.left(), main.right()), main.bottom()));
                let right = Rect::from_min_max(pos2(left.right(), main.top()), main.max);
                self.paint(ui, SlotId::Beside, &frame, left);
                self.paint(ui, SlotId::Canvas, &frame, right);
                self.wipe_handle(ui, &frame, x, main);
            }
            Compare::Beside => {
                let other = Frame::new(left_half(rect), size, look, ui.ctx().pixels_per_point());
                self.shots.push(shot(SlotId::Beside, &other, None));
                self.paint(ui, SlotId::Beside, &other, left_half(rect));
                self.paint(ui, SlotId::Canvas, &frame, main);
                let caption = |rect: Rect, text: &str| {
                    let font = FontId::proportional(14.0);
                    let at = rect.left_top() + Vec2::new(12.0, 8.0);
                    ui.painter().text(at + Vec2::splat(1.0), Align2::LEFT_TOP, text, font.clone(), Color32::BLACK);
                    ui.painter().text(at, Align2::LEFT_TOP, text, font, Color32::WHITE);
                };
                caption(left_half(rect), "Before");
                caption(main, &step.label(desk.sessions()));
            }
        }
        let painter = ui.painter_at(main);
        if step == Step::Pencil {
            pencil_line(&painter, desk, &frame);
        }
        if let Some(problem) = desk.photo_problem(desk.view) {
            painter.text(main.center(), Align2::CENTER_CENTER, problem, FontId::proportional(15.0), Color32::WHITE);
        }
        if !hold && self.compare != Compare::AllViews {
            let mut easel = Easel { painter, response, frame, desk, ui };
            tools.show(&mut easel);
        }
    }

    /// Every photo with the plan in it; a click goes to that photo.
    fn all_views(&mut self, ui: &mut Ui, rect: Rect, desk: &mut Desk) {
        let records = desk.document().views.clone();
        let count = records.len().max(1);
        // Of equally large tiles the fewest columns: rows are fuller.
        let columns =
            (1..=count).rev().max_by(|&a, &b| tile_size(rect, count, a).total_cmp(&tile_size(rect, count, b)));
        let columns = columns.unwrap_or(1);
        let rows = count.div_ceil(columns);
        let cell = Vec2::new(rect.width() / columns as f32, rect.height() / rows as f32);
        let mut chosen = None;
        for (view, record) in records.iter().enumerate() {
            let corner = rect.min + Vec2::new((view % columns) as f32 * cell.x, (view / columns) as f32 * cell.y);
            let tile = Rect::from_min_size(corner, cell).shrink(3.0);
            let frame = Frame::new(tile, [record.width_px, record.height_px], Look::Fit, ui.ctx().pixels_per_point());
            let level = level_for_zoom(frame.zoom);
            self.shots.push(Shot {
                slot: SlotId::Tile(view),
                view,
                photo: PhotoKey::of(record),
                variant: desk.variant,
                moment: desk.step.moment(desk.sessions(), desk.outlook),
                level,
                visible: frame.visible(level),
                settled: !desk.drafting(),
                on_card: false,
            });
            self.paint(ui, SlotId::Tile(view), &frame, tile);
            let response = ui.interact(tile, ui.scope_id().with(("tile", view)), Sense::click());
            let description = format!("Photo {}", record.name);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &description));
            let font = FontId::proportional(14.0);
            let at = frame.photo_rect().left_top() + Vec2::new(8.0, 6.0);
            let name = words(&record.name);
            ui.painter().text(at + Vec2::splat(1.0), Align2::LEFT_TOP, &name, font.clone(), Color32::BLACK);
            ui.painter().text(at, Align2::LEFT_TOP, &name, font, Color32::WHITE);
            if response.on_hover_text("Work on this photo").on_hover_cursor(CursorIcon::PointingHand).clicked() {
                chosen = Some(view);
            }
        }
        if let Some(view) = chosen {
            desk.view = view;
            self.compare = Compare::Off;
        }
    }

    /// The canvas as the card draws it; false where the processor has to.
    fn paint_on_card(&mut self, ui: &Ui, frame: &Frame, clip: Rect, view: usize) -> bool {
        let Some(card) = self.card.as_mut() else { return false };
        if card.view() != Some(view) {
            return false;
        }
        let level = level_for_zoom(frame.zoom);
        match card.draw(level, frame.visible(level)) {
            Ok(Some((texture, window))) => {
                let scale = f64::from(1_u32 << level);
                let corner =
                    |x: i32, y: i32| frame.screen_from_photo(DVec2::new(f64::from(x) * scale, f64::from(y) * scale));
                let rect = Rect::from_min_max(corner(window.x0, window.y0), corner(window.x1, window.y1));
                let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                ui.painter_at(clip).image(texture, rect, whole, Color32::WHITE);
                true
            }
            Ok(None) => false,
            Err(problem) => {
                self.card_problem = Some(problem);
                false
            }
        }
    }

    fn paint(&mut self, ui: &Ui, slot: SlotId, frame: &Frame, clip: Rect) {
        let view = self.shots.iter().find(|s| s.slot == slot).map(|s| s.view);
        if slot == SlotId::Canvas
            && let Some(view) = view
            && self.paint_on_card(ui, frame, clip, view)
        {
            return;
        }
        if let Some(picture) = self.pictures.get(&slot) {
            let to_screen = |p: Pos2| frame.screen_from_photo(DVec2::new(f64::from(p.x), f64::from(p.y)));
            picture.paint(&ui.painter_at(clip), to_screen);
        }
    }

    /// Wheel and pinch zoom to the pointer; the middle button, or the pan tool, or Space moves the photo.
    fn follow_pointer(&self, ui: &Ui, response: &egui::Response, frame: &Frame, tool: Tool) -> Option<Look> {
        let space = ui.input(|i| i.key_down(Key::Space)) && !ui.ctx().egui_wants_keyboard_input();
        let panning = response.dragged_by(PointerButton::Middle)
            || (response.dragged_by(PointerButton::Primary) && (tool == Tool::Pan || space));
        if panning {
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            return Some(frame.panned(response.drag_delta()));
        }
        let pointer =
            ui.input(|i| i.pointer.hover_pos()).filter(|p| frame.rect.contains(*p) && response.contains_pointer())?;
        let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
        let factor = f64::from(pinch) * libm::exp(f64::from(scroll.y) / 240.0);
        ((factor - 1.0).abs() > 1e-6).then(|| frame.zoomed(factor, pointer))
    }

    fn wipe_handle(&mut self, ui: &Ui, frame: &Frame, x: f32, rect: Rect) {
        let grip = Rect::from_center_size(
            pos2(x.clamp(rect.left(), rect.right()), rect.center().y),
            Vec2::new(14.0, rect.height()),
        );
        let response = ui.interact(grip, ui.scope_id().with("wipe"), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Wipe line"));
        let mut at = x;
        if response.dragged() {
            at += response.drag_delta().x;
        }
        if response.has_focus() {
            // Arrow keys move the line, not the focus.
            let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            let by = ui.input(|i| i.num_presses(Key::ArrowRight) as f32 - i.num_presses(Key::ArrowLeft) as f32);
            at += 10.0 * by;
        }
        let photo = frame.photo_rect();
        self.compare = Compare::Wipe(((at - photo.left()) / photo.width()).clamp(0.0, 1.0));
        let painter = ui.painter_at(rect);
        painter.vline(at, rect.y_range(), Stroke::new(3.0, Color32::from_black_alpha(120)));
        painter.vline(at, rect.y_range(), Stroke::new(1.5, Color32::WHITE));
        painter.circle(pos2(at, rect.center().y), 9.0, Color32::WHITE, Stroke::new(1.0, Color32::BLACK));
        response
            .on_hover_text("Drag, or arrow keys, to compare before and after")
            .on_hover_cursor(CursorIcon::ResizeHorizontal);
    }
}

/// The head with room around it.
fn head_look(desk: &Desk, rect: Rect, pixels_per_point: f32) -> Option<Look> {
    /// Head and neck, mm.
    const ROOM_MM: f64 = 330.0;
    let (camera, fit) = (desk.camera()?, desk.fit()?);
    let centre = fit.head().cranium.centre - DVec3::new(0.0, 35.0, 0.0);
    let middle = camera.image_from_head(centre)?;
    let side_px = f64::from(rect.width().min(rect.height()) * pixels_per_point);
    Some(Look::At { middle, zoom: side_px * camera.mm_per_px(centre) / ROOM_MM })
}

/// Side of the square that a tile of this many columns could hold, points.
fn tile_size(rect: Rect, count: usize, columns: usize) -> f32 {
    // Portraits are three by four.
    (rect.width() / columns as f32 / 3.0).min(rect.height() / count.div_ceil(columns) as f32 / 4.0)
}

fn left_half(rect: Rect) -> Rect {
    Rect::from_min_max(rect.min, pos2(rect.center().x - 1.0, rect.bottom()))
}

fn right_half(rect: Rect) -> Rect {
    Rect::from_min_max(pos2(rect.center().x + 1.0, rect.top()), rect.max)
}

/// The hairline as a wax pencil draws it on the skin, 1.5 mm wide.
fn pencil_line(painter: &Painter, desk: &Desk, frame: &Frame) {
    const WIDTH_MM: f64 = 1.5;
    let (Some(fit), Some(camera), Some(plan)) = (desk.fit(), desk.camera(), desk.plan()) else { return };
    let line = plan.hairline.line(fit.head());
    for pair in line.windows(2) {
        if !pair.iter().all(|p| fit.head().visible(camera, p)) {
            continue;
        }
        let ends = [pair[0].position, pair[1].position].map(|p: DVec3| frame.screen_from_head(camera, p));
        if let [Some(a), Some(b)] = ends {
            let width = WIDTH_MM / camera.mm_per_px(pair[0].position) * frame.points_per_px();
            painter.line_segment([a, b], Stroke::new(width as f32, PENCIL));
        }
    }
}
