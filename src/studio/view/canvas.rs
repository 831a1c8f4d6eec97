//! The photo in the middle of the window: pan, zoom, the pictures of the shots, and the tool over them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use egui::accesskit::Role;
use egui::{
    Align2, Color32, Context, CursorIcon, EventFilter, FontId, Key, Painter, PointerButton, Pos2, Rect, Sense, Stroke,
    Ui, Vec2, WidgetInfo, pos2, vec2,
};
use glam::{DVec2, DVec3};

use super::blitter::{Blit, Blitter};
use super::card::Card;
use super::heat::Heat;
use super::overlay::Overlay;
use super::picture::Picture;
use super::viewport::{Framing, Viewport};
use crate::gpu::GpuError;
use crate::photo::pyramid::level_for_zoom;
use crate::render::mock_up::Moment;
use crate::render::steps::{Appointments, Step};
use crate::studio::background::shots::{Shot, SlotId};
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::tool::Tool;

/// How before and after are compared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Compare {
    /// One picture.
    #[default]
    Off,
    /// A line over the photo: before on its left, after on its right. The line's place is a share of the photo's width.
    Wipe(f32),
    /// Two pictures side by side.
    Beside,
    /// Every photo of the client.
    AllViews,
    /// The photo, and the range of possible results.
    Range,
    /// The photo, and the result from near and far.
    Honest,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct CompareSide {
    /// Index of the variant whose plan it shows.
    pub variant: usize,
    /// The moment it shows; if none, before any treatment.
    pub moment: Option<Moment>,
    /// Its caption.
    pub caption: String,
}

/// A place in a photo that is marked for a while.
#[derive(Debug, Clone, Copy)]
struct Pointed {
    view: usize,
    /// px of the photo.
    middle: DVec2,
    /// Seconds of the window's clock.
    until: f64,
}

/// How long a place is marked, seconds.
const POINTED_S: f64 = 4.0;
/// After this long without a movement of the pointer the photo counts as being looked at, s.
const RESTS_S: f32 = 3.0;

/// The canvas's state between frames.
#[derive(Default)]
pub struct Canvas {
    /// Pictures by slot.
    pub pictures: BTreeMap<SlotId, Picture>,
    /// The framing of each view.
    framings: HashMap<usize, Framing>,
    /// The framing of each view where several pictures show the same head.
    pub(crate) heads: HashMap<usize, Framing>,
    /// How before and after are compared.
    pub compare: Compare,
    /// The variant that the one shown is compared with, and how many variants there were then: if one has been added or
    /// deleted since, indices may have changed. None: the photo before.
    pub against: Option<(usize, usize)>,
    /// Density as colours over the photo.
    pub heat: Heat,
    /// Whether an overhead lamp shines on the views from near and far.
    pub hard_light: bool,
    /// The viewport of the last frame.
    viewport: Option<Viewport>,
    /// Where the pictures of a comparison of several were in the last frame.
    pub(crate) tiles: Vec<Viewport>,
    /// The upper edge of what was said at the bottom of the photo in the last frame, points.
    said_from: Option<f32>,
    /// What has to be shown, as of this frame.
    shots: Vec<Shot>,
    /// Since when pictures have been out of date, seconds of the window's clock.
    late: BTreeMap<SlotId, f64>,
    /// A place that was gone to.
    pointed: Option<Pointed>,
    /// Draws pictures in the window where egui is too slow for it.
    pub blitter: Option<Blitter>,
    /// The photo's surround, as a texture.
    surround: Option<(Color32, Blit)>,
    /// The graphics card, if it draws the canvas.
    pub card: Option<Card>,
    /// What had the keyboard focus before the key that shows the untreated photo was held down.
    focus_before: Option<egui::Id>,
    /// Why the card cannot go on.
    pub card_problem: Option<GpuError>,
}

/// Neutral: skin is judged against it.
const SURROUND_DARK: Color32 = Color32::from_gray(46);
const SURROUND_LIGHT: Color32 = Color32::from_gray(198);

/// The photo's surround in this theme.
#[must_use]
pub fn surround(visuals: &egui::Visuals) -> Color32 {
    if visuals.dark_mode { SURROUND_DARK } else { SURROUND_LIGHT }
}

/// Shown over a picture that is still being made.
const LATE: &str = "Making the picture";

/// A pencil line.
const PENCIL: Color32 = Color32::from_rgb(245, 240, 232);

impl Canvas {
    /// The shots that this frame shows, the main one first.
    #[must_use]
    pub fn shots(&self) -> &[Shot] {
        &self.shots
    }

    /// Where the photo was in the last frame.
    #[must_use]
    pub fn viewport(&self) -> Option<Viewport> {
        self.viewport
    }

    /// Where a tile of a comparison was in the last frame.
    #[must_use]
    pub fn tile_viewport(&self, tile: usize) -> Option<Viewport> {
        self.tiles.get(tile).copied()
    }

    /// The part of the window's middle that lies above what is said at the bottom of the photo.
    #[must_use]
    pub fn above_banner(&self, middle: Rect) -> Rect {
        self.said_from.map_or(middle, |top| middle.with_max_y(top.clamp(middle.top(), middle.bottom())))
    }

    /// Sets the framing of a view.
    pub fn set_framing(&mut self, view: usize, framing: Framing) {
        self.framings.insert(view, framing);
    }

    /// Adds a shot to this frame.
    pub(crate) fn add_shot(&mut self, shot: Shot) {
        self.shots.push(shot);
    }

    /// The framing of a view.
    #[must_use]
    pub fn framing_of(&self, view: usize) -> Framing {
        self.framings.get(&view).copied().unwrap_or(Framing::Fit)
    }

    /// Brings a place in a photo to the middle, with some of the head around it, and marks it for a while.
    pub fn point_at(&mut self, ctx: &Context, view: usize, middle: DVec2, mm_per_px: f64) {
        /// Length of head across the window.
        const AROUND_MM: f64 = 140.0;
        if self.compare == Compare::AllViews {
            self.compare = Compare::Off;
        }
        let points = self.viewport.map_or(800.0, |viewport| viewport.rect.width().min(viewport.rect.height()));
        let zoom = f64::from(points * ctx.pixels_per_point()) * mm_per_px / AROUND_MM;
        self.framings.insert(view, Framing::At { middle, zoom });
        self.pointed = Some(Pointed { view, middle, until: ctx.input(|i| i.time) + POINTED_S });
    }

    /// Marks the place that was gone to.
    fn pointer_mark(&mut self, ui: &Ui, painter: &Painter, viewport: &Viewport, view: usize) {
        const RADIUS: f32 = 18.0;
        let Some(pointed) = self.pointed else { return };
        let left_s = pointed.until - ui.input(|i| i.time);
        if left_s <= 0.0 || pointed.view != view {
            self.pointed = None;
            return;
        }
        let at = viewport.screen_from_photo(pointed.middle);
        painter.circle_stroke(at, RADIUS + 1.5, Stroke::new(1.5, Color32::BLACK));
        painter.circle_stroke(at, RADIUS, Stroke::new(1.5, Color32::WHITE));
        ui.ctx().request_repaint_after(Duration::from_secs_f64(left_s));
    }

    /// Zooms about the middle of the window.
    pub fn zoom(&mut self, view: usize, factor: f64) {
        if let Some(viewport) = self.viewport {
            self.framings.insert(view, viewport.zoomed(factor, viewport.rect.center()));
        }
    }

    /// Shows each pixel of the photo as one pixel of the screen.
    pub fn actual_size(&mut self, view: usize) {
        if let Some(viewport) = self.viewport {
            self.framings.insert(view, viewport.zoomed(1.0 / viewport.zoom, viewport.rect.center()));
        }
    }

    /// Forgets everything about a case.
    pub fn clear(&mut self) {
        let (mut card, blitter) = (self.card.take(), self.blitter.take());
        if let Some(card) = &mut card {
            card.forget();
        }
        *self = Self { hard_light: self.hard_light, card, blitter, ..Self::default() };
    }

    /// Shows nothing, since there is no photo.
    pub fn rest(&mut self) {
        self.begin();
        self.viewport = None;
    }

    /// Forgets what the last frame showed.
    fn begin(&mut self) {
        self.shots.clear();
        self.tiles.clear();
        self.said_from = None;
    }

    /// Shows the canvas, and lets the tool at hand work over the photo.
    pub fn show(&mut self, ui: &mut Ui, case: &mut OpenCase, tool: Tool, work: impl FnOnce(&mut Overlay)) {
        self.begin();
        let rect = ui.available_rect_before_wrap();
        self.paint_surround(ui, rect);
        match self.compare {
            Compare::AllViews => return self.all_views(ui, rect, case),
            Compare::Range => return self.range(ui, rect, case),
            Compare::Honest => return self.honest(ui, rect, case),
            Compare::Off | Compare::Wipe(_) | Compare::Beside => {}
        }
        let Some(record) = case.record().cloned() else { return };
        let size = [record.width_px, record.height_px];
        // The head fills the window as soon as its place is known, but not between two clicks that mark its place.
        if tool != Tool::Head
            && !self.framings.contains_key(&case.view)
            && let Some(framing) = head_framing(case, case.view, rect, ui.ctx().pixels_per_point())
        {
            self.framings.insert(case.view, framing);
        }
        let framing = self.framing_of(case.view);
        let hold = holds_before(ui);
        // Before treatment there is nothing to compare: one photo, as it is.
        let compare = if hold { Compare::Off } else { self.comparison(tool) };
        let halves = compare == Compare::Beside;
        let main = if halves { right_half(rect) } else { rect };
        let mut viewport = Viewport::new(main, size, framing, ui.ctx().pixels_per_point());
        let response = ui.interact(rect, ui.scope_id().with("photo"), Sense::click_and_drag());
        let description = format!("Photo {}", record.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &description));
        if let Some(framing) = self.follow_pointer(ui, &response, &viewport, tool) {
            self.framings.insert(case.view, framing);
            viewport = Viewport::new(main, size, framing, ui.ctx().pixels_per_point());
        }
        self.viewport = Some(viewport);

        let step = case.step;
        let [other, this] = self.sides(case);
        let on_card = self.card.is_some();
        let shot = |slot, viewport: &Viewport, moment| viewport.shot(case, slot, case.view, moment);
        let main_shot = shot(SlotId::Canvas, &viewport, if hold { None } else { case.moment() });
        self.shots.extend(main_shot.map(|shot| Shot { on_card, ..shot }));
        let other_shot = |viewport: &Viewport| {
            let shot = viewport.shot(case, SlotId::Beside, case.view, other.moment);
            shot.map(|shot| Shot { variant: other.variant, ..shot })
        };
        match compare {
            Compare::Off | Compare::AllViews | Compare::Range | Compare::Honest => {
                self.paint(ui, case, SlotId::Canvas, &viewport, main);
            }
            Compare::Wipe(at) => {
                self.shots.extend(other_shot(&viewport));
                let photo = viewport.photo_rect();
                let x = photo.left() + at * photo.width();
                let left = Rect::from_min_max(main.min, pos2(x.clamp(main.left(), main.right()), main.bottom()));
                let right = Rect::from_min_max(pos2(left.right(), main.top()), main.max);
                self.paint(ui, case, SlotId::Beside, &viewport, left);
                self.paint(ui, case, SlotId::Canvas, &viewport, right);
                self.wipe_handle(ui, &viewport, x, main);
                caption(ui, left, &other.caption);
                caption(ui, right, &this.caption);
            }
            Compare::Beside => {
                let beside = Viewport::new(left_half(rect), size, framing, ui.ctx().pixels_per_point());
                self.shots.extend(other_shot(&beside));
                self.paint(ui, case, SlotId::Beside, &beside, left_half(rect));
                self.paint(ui, case, SlotId::Canvas, &viewport, main);
                caption(ui, left_half(rect), &other.caption);
                caption(ui, main, &this.caption);
            }
        }
        if hold {
            caption(ui, main, "Before");
            // No tool is at hand; a point that has the keyboard focus gets it back afterwards.
            self.focus_before = self.focus_before.or_else(|| ui.memory(|memory| memory.focused()));
            return;
        }
        if let Some(focused) = self.focus_before.take() {
            ui.memory_mut(|memory| memory.request_focus(focused));
        }
        let painter = ui.painter_at(main);
        if step == Step::Pencil {
            pencil_line(&painter, case, &viewport);
        }
        let legend = self.heat.show(ui, &painter, case, &viewport, response.hover_pos());
        self.pointer_mark(ui, &painter, &viewport, case.view);
        if let Some(problem) = case.photo_problem(case.view) {
            painter.text(main.center(), Align2::CENTER_CENTER, problem, FontId::proportional(15.0), Color32::WHITE);
        }
        // The compared pictures lie under the handles, so these are hidden until the pointer comes near.
        let quiet = matches!(compare, Compare::Wipe(_));
        let looked_at = tool != Tool::Head && !case.drafting() && is_looked_at(ui, rect);
        let occupied = legend.into_iter().collect();
        let mut overlay =
            Overlay { painter, response, viewport, case, ui, quiet, looked_at, occupied, said_from: None };
        work(&mut overlay);
        self.said_from = overlay.said_from;
    }

    /// How the photo is compared while a tool is at hand: the head is fitted to a single picture, and its points must
    /// not be covered.
    #[must_use]
    pub fn comparison(&self, tool: Tool) -> Compare {
        match self.compare {
            Compare::Wipe(_) | Compare::Beside if tool == Tool::Head => Compare::Off,
            compare => compare,
        }
    }

    /// What a comparison shows on its left and on its right.
    #[must_use]
    pub fn sides(&self, case: &OpenCase) -> [CompareSide; 2] {
        let step = case.step.label(case.appointments());
        let variants = &case.document().variants;
        let named = |variant: usize| variants.get(variant).filter(|_| variant != case.variant);
        let against = self.against.filter(|(_, count)| *count == variants.len()).map(|(variant, _)| variant);
        let this = CompareSide { variant: case.variant, moment: case.moment(), caption: step };
        match against.and_then(|variant| Some((variant, named(variant)?))) {
            None => [CompareSide { variant: case.variant, moment: None, caption: "Before".to_owned() }, this],
            Some((variant, other)) => {
                let appointments = Appointments::of(&other.plan);
                let caption = format!("{}: {}", other.name, case.step.label(appointments));
                let moment = case.step.moment(appointments, case.outlook);
                let own = variants.get(case.variant).map_or("", |variant| &variant.name);
                let this = CompareSide { caption: format!("{own}: {}", this.caption), ..this };
                [CompareSide { variant, moment, caption }, this]
            }
        }
    }

    /// Neutral grey around the photo, where the window is not cleared to it.
    fn paint_surround(&mut self, ui: &Ui, rect: Rect) {
        let Some(blitter) = &self.blitter else { return };
        let colour = surround(ui.visuals());
        if self.surround.as_ref().is_none_or(|(known, _)| *known != colour) {
            self.surround = Some((colour, blitter.plain(colour)));
        }
        if let Some((_, blit)) = &self.surround {
            let part = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            blitter.paint(&ui.painter_at(rect), vec![(blit.clone(), rect, part)]);
        }
    }

    /// Paints the canvas as the card draws it; false if the processor has to.
    fn paint_on_card(&mut self, ui: &Ui, viewport: &Viewport, clip: Rect, view: usize) -> bool {
        let Some(card) = self.card.as_mut() else { return false };
        if card.view() != Some(view) {
            return false;
        }
        let level = level_for_zoom(viewport.zoom);
        match card.draw(level, viewport.visible(level)) {
            Ok(Some((texture, window))) => {
                let scale = f64::from(1_u32 << level);
                let corner =
                    |x: i32, y: i32| viewport.screen_from_photo(DVec2::new(f64::from(x) * scale, f64::from(y) * scale));
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

    /// Paints the picture of a slot, and says so if it is still being made.
    pub(crate) fn paint(&mut self, ui: &Ui, case: &OpenCase, slot: SlotId, viewport: &Viewport, clip: Rect) {
        let Some(shot) = self.shots.iter().find(|s| s.slot == slot).cloned() else { return };
        if slot == SlotId::Canvas && self.paint_on_card(ui, viewport, clip, shot.view) {
            return;
        }
        // A picture of another photo says nothing about this one.
        let picture = self.pictures.get(&slot).filter(|picture| picture.view == shot.view);
        if let Some(picture) = picture {
            let to_screen = |p: Pos2| viewport.screen_from_photo(DVec2::new(f64::from(p.x), f64::from(p.y)));
            picture.paint(&ui.painter_at(clip), to_screen);
        }
        // Where the head's place in the photo is unknown, there is no plan to show.
        let placed = case.fit().is_some_and(|fit| fit.camera(shot.view).is_some());
        let plain = !placed && picture.is_some();
        let ready = plain || picture.is_some_and(|picture| picture.shows(&shot));
        let hopeless = case.photo_problem(shot.view).is_some();
        // At the bottom of the window even where the photo ends above it: what the tool says lies above.
        let seen = Rect::from_x_y_ranges(clip.intersect(viewport.photo_rect()).x_range(), clip.y_range());
        self.say_if_late(ui, slot, seen, ready || hopeless);
    }

    /// Marks a picture that is late: it must not pass for what it does not show.
    fn say_if_late(&mut self, ui: &Ui, slot: SlotId, rect: Rect, ready: bool) {
        /// Most steps take less; a mark for those would only flicker.
        const PATIENCE_S: f64 = 0.4;
        if ready {
            self.late.remove(&slot);
            return;
        }
        let now = ui.input(|i| i.time);
        let waited = now - *self.late.entry(slot).or_insert(now);
        if waited < PATIENCE_S {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(PATIENCE_S - waited));
            return;
        }
        // Small, and away from the head: the photo is being looked at meanwhile.
        let painter = ui.painter_at(rect);
        let words = painter.layout_no_wrap(LATE.to_owned(), FontId::proportional(13.0), Color32::WHITE);
        let at = rect.center_bottom() - vec2(0.0, 24.0);
        let place = Rect::from_center_size(at, words.size() + vec2(16.0, 8.0));
        painter.rect_filled(place, 6.0, Color32::from_black_alpha(180));
        painter.galley(place.min + vec2(8.0, 4.0), words, Color32::WHITE);
    }

    /// The wheel and pinching zoom at the pointer; the middle button, the pan tool, or Space moves the photo.
    pub(crate) fn follow_pointer(
        &self,
        ui: &Ui,
        response: &egui::Response,
        viewport: &Viewport,
        tool: Tool,
    ) -> Option<Framing> {
        let space = ui.input(|i| i.key_down(Key::Space)) && !ui.ctx().egui_wants_keyboard_input();
        let panning = response.dragged_by(PointerButton::Middle)
            || (response.dragged_by(PointerButton::Primary) && (tool == Tool::Pan || space));
        if panning {
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            return Some(viewport.panned(response.drag_delta()));
        }
        let pointer = ui
            .input(|i| i.pointer.hover_pos())
            .filter(|p| viewport.rect.contains(*p) && response.contains_pointer())?;
        let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
        let factor = f64::from(pinch) * libm::exp(f64::from(scroll.y) / 240.0);
        ((factor - 1.0).abs() > 1e-6).then(|| viewport.zoomed(factor, pointer))
    }

    fn wipe_handle(&mut self, ui: &Ui, viewport: &Viewport, x: f32, rect: Rect) {
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
        let photo = viewport.photo_rect();
        self.compare = Compare::Wipe(((at - photo.left()) / photo.width()).clamp(0.0, 1.0));
        let painter = ui.painter_at(rect);
        painter.vline(at, rect.y_range(), Stroke::new(3.0, Color32::from_black_alpha(120)));
        painter.vline(at, rect.y_range(), Stroke::new(1.5, Color32::WHITE));
        painter.circle(pos2(at, rect.center().y), 9.0, Color32::WHITE, Stroke::new(1.0, Color32::BLACK));
        response
            // The line is long: the tooltip's usual place below it may have other controls.
            .on_hover_text_at_pointer("Drag, or use the arrow keys, to compare before and after")
            .on_hover_cursor(CursorIcon::ResizeHorizontal);
    }
}

/// Frames the head with room around it.
pub(crate) fn head_framing(case: &OpenCase, view: usize, rect: Rect, pixels_per_point: f32) -> Option<Framing> {
    /// Head and neck, mm.
    const ROOM_MM: f64 = 330.0;
    let fit = case.fit()?;
    let camera = fit.camera(view)?;
    let centre = fit.head().cranium.centre - DVec3::new(0.0, 35.0, 0.0);
    let middle = camera.image_from_head(centre)?;
    let side_px = f64::from(rect.width().min(rect.height()) * pixels_per_point);
    Some(Framing::At { middle, zoom: side_px * camera.mm_per_px(centre) / ROOM_MM })
}

/// Whether the photo is shown as it was before any treatment, for as long as the key is held down.
pub(crate) fn holds_before(ui: &Ui) -> bool {
    ui.input(|i| i.key_down(Key::C)) && !ui.ctx().text_edit_focused()
}

/// Whether the photo in `rect` is being looked at, not worked on: the pointer is elsewhere, or has not moved for a
/// while. Fingers leave no pointer behind.
fn is_looked_at(ui: &Ui, rect: Rect) -> bool {
    let (at, from, fingers, still_s) = ui.input(|input| {
        let pointer = &input.pointer;
        (pointer.hover_pos(), pointer.press_origin(), input.has_touch_screen(), pointer.time_since_last_movement())
    });
    // A menu or a dialog over the photo is not the photo.
    let over = |at: Pos2| rect.contains(at) && ui.ctx().layer_id_at(at) == Some(ui.layer_id());
    // What was begun on the photo may lead beyond its edge.
    let gone = !fingers && !at.is_some_and(over) && !from.is_some_and(|from| rect.contains(from));
    if !gone && still_s < RESTS_S {
        ui.ctx().request_repaint_after(Duration::from_secs_f32(RESTS_S - still_s));
    }
    gone || still_s >= RESTS_S
}

fn left_half(rect: Rect) -> Rect {
    Rect::from_min_max(rect.min, pos2(rect.center().x - 1.0, rect.bottom()))
}

fn right_half(rect: Rect) -> Rect {
    Rect::from_min_max(pos2(rect.center().x + 1.0, rect.top()), rect.max)
}

/// A line of text over a picture, clipped to it.
pub(crate) fn caption(ui: &Ui, rect: Rect, text: &str) {
    let font = FontId::proportional(14.0);
    let at = rect.left_top() + Vec2::new(10.0, 7.0);
    let painter = ui.painter_at(rect);
    painter.text(at + Vec2::splat(1.0), Align2::LEFT_TOP, text, font.clone(), Color32::BLACK);
    painter.text(at, Align2::LEFT_TOP, text, font, Color32::WHITE);
}

/// The hairline as a wax pencil draws it on the skin, 1.5 mm wide.
fn pencil_line(painter: &Painter, case: &OpenCase, viewport: &Viewport) {
    const WIDTH_MM: f64 = 1.5;
    let (Some(fit), Some(camera), Some(plan)) = (case.fit(), case.camera(), case.plan()) else { return };
    let line = plan.hairline.line(fit.head());
    for pair in line.windows(2) {
        if !pair.iter().all(|p| fit.head().visible(camera, p)) {
            continue;
        }
        let ends = [pair[0].position, pair[1].position].map(|p: DVec3| viewport.screen_from_head(camera, p));
        if let [Some(a), Some(b)] = ends {
            let width = WIDTH_MM / camera.mm_per_px(pair[0].position) * viewport.points_per_px();
            painter.line_segment([a, b], Stroke::new(width as f32, PENCIL));
        }
    }
}
