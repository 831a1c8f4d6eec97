//! The client's screen: a second window with the picture and nothing else: no tools, no names, nobody else's case.

use egui::{
    Align2, CentralPanel, Color32, Context, FontId, Frame as Panel, Pos2, Rect, Stroke, Vec2, ViewportBuilder,
    ViewportCommand, ViewportId, pos2,
};
use glam::DVec2;

use super::canvas::{Canvas, Compare, CompareSide};
use super::viewport::{Framing, Viewport};
use crate::studio::background::shots::{Shot, SlotId};
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::tool::Tool;

/// The client's screen.
#[derive(Debug, Default)]
pub struct ClientScreen {
    /// Whether it is open.
    pub open: bool,
    /// Whether it stays unchanged while the technician works.
    pub frozen: bool,
    /// Mirrored, as clients know themselves from mirrors.
    pub mirrored: bool,
    /// What it shows, and keeps showing while it is frozen.
    held: Vec<Side>,
    /// The line between the sides, as a share of the window's width; none if there is one picture, or two halves.
    wipe: Option<f32>,
    wanted: Vec<Shot>,
    filled: Filled,
    /// It has just lost the monitor that it filled.
    lost_monitor: bool,
}

/// Where a window fills a monitor, points; none if it fills none.
#[derive(Debug, Default)]
struct Filled(Option<Rect>);

/// One picture: the only one, or one side of a comparison.
#[derive(Debug, Clone)]
struct Side {
    shot: Shot,
    viewport: Viewport,
    /// The part of the window that shows it.
    clip: Rect,
    caption: String,
}

const BACKGROUND: Color32 = Color32::from_gray(38);

impl ClientScreen {
    /// What it has to show, as of this frame; nothing while it is frozen or closed.
    pub fn shots(&self) -> impl Iterator<Item = &Shot> {
        self.wanted.iter().filter(|_| self.open && !self.frozen)
    }

    /// Forgets what it shows, since another client's case is coming.
    pub fn forget(&mut self) {
        (self.held, self.wanted, self.frozen) = (Vec::new(), Vec::new(), false);
    }

    /// True once after the monitor that it filled was unplugged.
    pub fn lost_monitor(&mut self) -> bool {
        std::mem::take(&mut self.lost_monitor)
    }

    /// Shows the window.
    pub fn show(&mut self, ctx: &Context, case: Option<&OpenCase>, canvas: &Canvas, tool: Tool) {
        self.wanted.clear();
        if !self.open {
            self.held.clear();
            return;
        }
        let builder = ViewportBuilder::default()
            .with_title("Scalp Studio, for the client")
            .with_inner_size([900.0, 700.0])
            .with_min_inner_size([240.0, 180.0]);
        let id = ViewportId::from_hash_of("client screen");
        ctx.show_viewport_immediate(id, builder, |ui, _| {
            let ctx = ui.ctx().clone();
            if ctx.input(|i| i.viewport().close_requested()) {
                self.open = false;
            }
            self.follow_monitor(&ctx);
            let toggle = ctx.input(|i| {
                i.key_pressed(egui::Key::F11) || i.pointer.button_double_clicked(egui::PointerButton::Primary)
            });
            if toggle {
                let full = ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
            }
            CentralPanel::default().frame(Panel::NONE.fill(BACKGROUND)).show(ui, |ui| {
                self.content(ui, case, canvas, canvas.comparison(tool));
            });
        });
    }

    /// If the monitor that it fills is unplugged, it becomes a window again: otherwise the window manager would put it
    /// over the technician's window, as large as the screen.
    fn follow_monitor(&mut self, ctx: &Context) {
        let (full, monitor, rect) = ctx.input(|i| {
            let viewport = i.viewport();
            let rect = viewport.outer_rect.unwrap_or_else(|| i.content_rect());
            (viewport.fullscreen.unwrap_or(false), viewport.monitor_size, rect)
        });
        if self.filled.lost(full, monitor, rect) {
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(false));
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(pos2(60.0, 60.0)));
            self.lost_monitor = true;
        }
    }

    fn content(&mut self, ui: &egui::Ui, case: Option<&OpenCase>, canvas: &Canvas, compare: Compare) {
        let rect = ui.max_rect();
        if !self.frozen || self.held.is_empty() {
            let follow = |case: &OpenCase| follow(case, canvas, compare, rect, ui.ctx().pixels_per_point());
            (self.held, self.wipe) = case.and_then(follow).unwrap_or_default();
            self.wanted = self.held.iter().map(|side| side.shot.clone()).collect();
        }
        for Side { shot, viewport, clip, caption } in &self.held {
            let viewport = if self.mirrored { viewport.mirrored() } else { *viewport };
            // A wiped picture is mirrored as a whole, together with its sides.
            let clip = if self.mirrored { mirrored(*clip, viewport.rect) } else { *clip };
            if let Some(picture) = canvas.pictures.get(&shot.slot).filter(|picture| picture.view == shot.view) {
                let painter = ui.painter_at(clip);
                picture.paint(&painter, |p| viewport.screen_from_photo(DVec2::new(f64::from(p.x), f64::from(p.y))));
            }
            words(ui, Align2::LEFT_BOTTOM, pos2(clip.left() + 16.0, rect.bottom() - 12.0), 20.0, caption);
        }
        if let Some(at) = self.wipe {
            let at = if self.mirrored { 1.0 - at } else { at };
            let x = rect.left() + at * rect.width();
            ui.painter().vline(x, rect.y_range(), Stroke::new(1.5, Color32::WHITE));
        }
        if !self.held.is_empty() {
            let at = pos2(rect.right() - 16.0, rect.bottom() - 12.0);
            words(ui, Align2::RIGHT_BOTTOM, at, 14.0, "A simulation, not a promise");
        }
    }
}

/// Draws text that can be read on any picture.
fn words(ui: &egui::Ui, align: Align2, at: Pos2, size: f32, text: &str) {
    let font = FontId::proportional(size);
    ui.painter().text(at + egui::vec2(1.0, 1.0), align, text, font.clone(), Color32::BLACK);
    ui.painter().text(at, align, text, font, Color32::WHITE);
}

/// A part of a rectangle, mirrored within it.
fn mirrored(part: Rect, of: Rect) -> Rect {
    let x = |x: f32| of.left() + of.right() - x;
    Rect::from_min_max(pos2(x(part.right()), part.top()), pos2(x(part.left()), part.bottom()))
}

impl Filled {
    /// Follows a window; true if it filled a monitor and has been moved away from there although it should still fill
    /// one. What the system says about the monitor itself is useless: some systems say for a long time that the window
    /// is on one that is gone.
    fn lost(&mut self, full: bool, monitor: Option<Vec2>, rect: Rect) -> bool {
        /// Rounding error, points.
        const SAME: f32 = 2.0;
        let near = |a: Vec2, b: Vec2| (a - b).abs().max_elem() <= SAME;
        match self.0 {
            _ if !full => self.0 = None,
            Some(filled) if near(filled.min.to_vec2(), rect.min.to_vec2()) && near(filled.size(), rect.size()) => {}
            Some(_) => {
                self.0 = None;
                return true;
            }
            // While it is moving there, it fills no monitor yet.
            None => self.0 = Some(rect).filter(|rect| monitor.is_none_or(|monitor| near(monitor, rect.size()))),
        }
        false
    }
}

/// What the technician is looking at, in a window of another size, and where its sides meet.
fn follow(
    case: &OpenCase,
    canvas: &Canvas,
    compare: Compare,
    rect: Rect,
    pixels_per_point: f32,
) -> Option<(Vec<Side>, Option<f32>)> {
    let record = case.record()?;
    let size = [record.width_px, record.height_px];
    let viewport = |rect: Rect| {
        let fit = Viewport::new(rect, size, Framing::Fit, pixels_per_point);
        let framing = match (canvas.framing_of(case.view), canvas.viewport()) {
            (Framing::At { middle, zoom }, Some(seen)) => {
                let room = (rect.width() / seen.rect.width()).min(rect.height() / seen.rect.height());
                Framing::At { middle, zoom: (zoom * f64::from(room)).max(fit.zoom) }
            }
            (framing, _) => framing,
        };
        Viewport::new(rect, size, framing, pixels_per_point)
    };
    let side = |slot, viewport: Viewport, clip: Rect, side: CompareSide| {
        let shot = viewport.shot(case, slot, case.view, side.moment)?;
        Some(Side { shot: Shot { variant: side.variant, ..shot }, viewport, clip, caption: side.caption })
    };
    let [other, this] = canvas.sides(case);
    match compare {
        Compare::Wipe(at) => {
            let viewport = viewport(rect);
            let photo = viewport.photo_rect();
            let x = (photo.left() + at * photo.width()).clamp(rect.left(), rect.right());
            let (left, right) = rect.split_left_right_at_x(x);
            let sides =
                [side(SlotId::ClientBeside, viewport, left, other)?, side(SlotId::Client, viewport, right, this)?];
            Some((sides.into(), Some((x - rect.left()) / rect.width())))
        }
        Compare::Beside => {
            let (left, right) = rect.split_left_right_at_fraction(0.5);
            let (left, right) = (left.with_max_x(left.right() - 1.0), right.with_min_x(right.left() + 1.0));
            let sides = [
                side(SlotId::ClientBeside, viewport(left), left, other)?,
                side(SlotId::Client, viewport(right), right, this)?,
            ];
            Some((sides.into(), None))
        }
        Compare::Off | Compare::AllViews | Compare::Range | Compare::Honest => {
            let caption = case.step.label(case.appointments());
            Some((vec![side(SlotId::Client, viewport(rect), rect, CompareSide { caption, ..this })?], None))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_loses_its_monitor_is_told_from_one_that_fills_it() {
        let rect = |x: f32, width: f32, height: f32| Rect::from_min_size(pos2(x, 0.0), Vec2::new(width, height));
        let (large, small) = (Some(Vec2::new(2560.0, 1440.0)), Some(Vec2::new(1280.0, 800.0)));
        let second = rect(1280.0, 2560.0, 1440.0);
        let filling = || {
            let mut filled = Filled::default();
            assert!(!filled.lost(false, large, rect(1400.0, 900.0, 700.0)));
            assert!(!filled.lost(true, large, rect(1300.0, 1800.0, 900.0)), "it grows");
            assert!(!filled.lost(true, large, second) && !filled.lost(true, large, second));
            filled
        };
        // The system may or may not know that the monitor is a different one; the other may be as large.
        for (monitor, moved) in [
            (small, rect(0.0, 1280.0, 800.0)),
            (large, rect(0.0, 1280.0, 800.0)),
            (None, rect(0.0, 1280.0, 800.0)),
            (large, rect(0.0, 2560.0, 1440.0)),
        ] {
            let mut filled = filling();
            assert!(filled.lost(true, monitor, moved), "{monitor:?}, {moved:?}");
            assert!(!filled.lost(false, small, rect(60.0, 900.0, 700.0)), "once");
        }
        assert!(!filling().lost(false, large, rect(1400.0, 900.0, 700.0)), "the user ended it");
    }
}
