//! The client's screen: a second window with the picture and nothing else: no tools, no names, nobody else's case.

use egui::{
    Align2, CentralPanel, Color32, Context, FontId, Frame as Panel, Rect, Vec2, ViewportBuilder, ViewportCommand,
    ViewportId, pos2,
};
use glam::DVec2;

use super::canvas::Canvas;
use super::desk::Desk;
use super::frame::{Frame, Look};
use super::shots::{Shot, SlotId};

/// The client's screen.
#[derive(Debug, Default)]
pub struct ClientScreen {
    /// Whether it is there.
    pub open: bool,
    /// It stays as it is while the technician works.
    pub frozen: bool,
    /// As in a mirror, where clients know themselves from.
    pub mirrored: bool,
    /// What it shows while it is frozen.
    held: Option<(Shot, Frame, String)>,
    wanted: Option<Shot>,
    filled: Filled,
    /// It has just lost the monitor that it filled.
    left_monitor: bool,
}

/// Where a window fills a monitor, points; none where it fills none.
#[derive(Debug, Default)]
struct Filled(Option<Rect>);

const BACKGROUND: Color32 = Color32::from_gray(38);

impl ClientScreen {
    /// What it has to show, as of this frame; none while it is frozen or closed.
    #[must_use]
    pub fn shot(&self) -> Option<&Shot> {
        self.wanted.as_ref().filter(|_| self.open && !self.frozen)
    }

    /// Forgets what it shows: another client's case comes.
    pub fn forget(&mut self) {
        (self.held, self.wanted, self.frozen) = (None, None, false);
    }

    /// True once after the monitor that it filled was unplugged.
    pub fn left_monitor(&mut self) -> bool {
        std::mem::take(&mut self.left_monitor)
    }

    /// Shows the window.
    pub fn show(&mut self, ctx: &Context, desk: Option<&Desk>, canvas: &Canvas) {
        self.wanted = None;
        if !self.open {
            self.held = None;
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
            CentralPanel::default().frame(Panel::NONE.fill(BACKGROUND)).show(ui, |ui| self.content(ui, desk, canvas));
        });
    }

    /// Where the monitor that it fills is unplugged, it becomes a window again: whoever manages windows puts it over the
    /// technician's otherwise, as large as the screen.
    fn follow_monitor(&mut self, ctx: &Context) {
        let (full, monitor, rect) = ctx.input(|i| {
            let viewport = i.viewport();
            let rect = viewport.outer_rect.unwrap_or_else(|| i.content_rect());
            (viewport.fullscreen.unwrap_or(false), viewport.monitor_size, rect)
        });
        if self.filled.lost(full, monitor, rect) {
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(false));
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(pos2(60.0, 60.0)));
            self.left_monitor = true;
        }
    }

    fn content(&mut self, ui: &egui::Ui, desk: Option<&Desk>, canvas: &Canvas) {
        let rect = ui.max_rect();
        if !self.frozen || self.held.is_none() {
            self.held = desk.and_then(|desk| follow(desk, canvas, rect, ui.ctx().pixels_per_point()));
            self.wanted = self.held.as_ref().map(|(shot, ..)| shot.clone());
        }
        let Some((_, frame, caption)) = &self.held else { return };
        let frame = if self.mirrored { frame.mirrored() } else { *frame };
        let view = self.held.as_ref().map(|(shot, ..)| shot.view);
        if let Some(picture) = canvas.pictures.get(&SlotId::Client).filter(|picture| Some(picture.view) == view) {
            let painter = ui.painter_at(rect);
            picture.paint(&painter, |p| frame.screen_from_photo(DVec2::new(f64::from(p.x), f64::from(p.y))));
        }
        let text = |align: Align2, at: egui::Pos2, size: f32, text: &str| {
            let font = FontId::proportional(size);
            ui.painter().text(at + egui::vec2(1.0, 1.0), align, text, font.clone(), Color32::BLACK);
            ui.painter().text(at, align, text, font, Color32::WHITE);
        };
        text(Align2::LEFT_BOTTOM, pos2(rect.left() + 16.0, rect.bottom() - 12.0), 20.0, caption);
        let note = "A simulation, not a promise";
        text(Align2::RIGHT_BOTTOM, pos2(rect.right() - 16.0, rect.bottom() - 12.0), 14.0, note);
    }
}

impl Filled {
    /// Follows a window; true where it filled a monitor and is moved away from there while it is to fill one. What the
    /// system says about the monitor itself is of no use: some say for long that the window is on one that is gone.
    fn lost(&mut self, full: bool, monitor: Option<Vec2>, rect: Rect) -> bool {
        /// Points that rounding may make of nothing.
        const SAME: f32 = 2.0;
        let near = |a: Vec2, b: Vec2| (a - b).abs().max_elem() <= SAME;
        match self.0 {
            _ if !full => self.0 = None,
            Some(filled) if near(filled.min.to_vec2(), rect.min.to_vec2()) && near(filled.size(), rect.size()) => {}
            Some(_) => {
                self.0 = None;
                return true;
            }
            // On its way there it is neither here nor there.
            None => self.0 = Some(rect).filter(|rect| monitor.is_none_or(|monitor| near(monitor, rect.size()))),
        }
        false
    }
}

/// What the technician looks at, in a window of another size.
fn follow(desk: &Desk, canvas: &Canvas, rect: egui::Rect, pixels_per_point: f32) -> Option<(Shot, Frame, String)> {
    let record = desk.record()?;
    let size = [record.width_px, record.height_px];
    let fit = Frame::new(rect, size, Look::Fit, pixels_per_point);
    let look = match (canvas.look_of(desk.view), canvas.frame()) {
        (Look::At { middle, zoom }, Some(seen)) => {
            let room = (rect.width() / seen.rect.width()).min(rect.height() / seen.rect.height());
            Look::At { middle, zoom: (zoom * f64::from(room)).max(fit.zoom) }
        }
        (look, _) => look,
    };
    let frame = Frame::new(rect, size, look, pixels_per_point);
    let shot = Shot::new(desk, SlotId::Client, desk.view, &frame, desk.moment())?;
    Some((shot, frame, desk.step.label(desk.sittings())))
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
        // The system may know, or not, that the monitor is another; the other may be as large.
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
