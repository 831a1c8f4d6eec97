//! Messages in the window: what went wrong or was done, and what to do about it.

use egui::{Align2, Area, Button, Context, Frame, Id, Order, Vec2};
use egui_material_icons::icons;

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something was done.
    Done,
    /// Something went wrong; stays until it is closed.
    Problem,
}

struct Notice {
    kind: Kind,
    text: String,
    /// When it appeared, seconds of the window's clock.
    since: f64,
}

/// The messages shown.
#[derive(Default)]
pub struct Notices {
    notices: Vec<Notice>,
}

/// How long a message that needs no answer stays, seconds.
const STAYS_S: f64 = 6.0;
const MOST: usize = 5;

impl Notices {
    /// Says that something was done.
    pub fn done(&mut self, ctx: &Context, text: impl Into<String>) {
        self.add(ctx, Kind::Done, text.into());
    }

    /// Says that something went wrong.
    pub fn problem(&mut self, ctx: &Context, text: impl ToString) {
        self.add(ctx, Kind::Problem, text.to_string());
    }

    fn add(&mut self, ctx: &Context, kind: Kind, text: String) {
        self.notices.retain(|n| n.text != text);
        self.notices.push(Notice { kind, text, since: ctx.input(|i| i.time) });
        let excess = self.notices.len().saturating_sub(MOST);
        self.notices.drain(..excess);
        ctx.request_repaint();
    }

    /// Shows the messages in the lower right corner of the window.
    pub fn show(&mut self, ctx: &Context) {
        let now = ctx.input(|i| i.time);
        self.notices.retain(|n| n.kind == Kind::Problem || now - n.since < STAYS_S);
        if self.notices.is_empty() {
            return;
        }
        let mut closed = None;
        Area::new(Id::unique("notices"))
            .order(Order::Foreground)
            .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-16.0, -96.0))
            .show(ctx, |ui| {
                for (index, notice) in self.notices.iter().enumerate() {
                    Frame::popup(ui.style()).show(ui, |ui| {
                        ui.set_max_width(420.0);
                        ui.horizontal(|ui| {
                            let problem = notice.kind == Kind::Problem;
                            ui.label(if problem { icons::ICON_WARNING } else { icons::ICON_CHECK_CIRCLE });
                            ui.vertical(|ui| {
                                ui.set_max_width(340.0);
                                ui.label(&notice.text);
                            });
                            let close = ui.add(Button::new(icons::ICON_CLOSE).frame(false));
                            if close.accessible_name("Close message").on_hover_text("Close this message").clicked() {
                                closed = Some(index);
                            }
                        });
                    });
                }
            });
        if let Some(index) = closed {
            self.notices.remove(index);
        }
        if self.notices.iter().any(|n| n.kind == Kind::Done) {
            ctx.request_repaint_after(std::time::Duration::from_millis(500));
        }
    }
}
