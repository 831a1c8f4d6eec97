//! Buttons that say what they do and which keys do the same, and hints at where the keyboard focus is and where there
//! is more to scroll to.

use egui::accesskit::Role;
use egui::scroll_area::ScrollAreaOutput;
use egui::{Align2, Color32, Context, FontId, Id, Key, LayerId, Mesh, ModalResponse, Order, Painter, Rect};
use egui::{Response, ScrollArea, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};
use egui_material_icons::{MaterialIcon, icons};

use super::theme;
use crate::studio::session::command::Command;

/// Gives a control the name, tooltip and shortcut of a command.
pub fn described(ui: &Ui, response: Response, command: Command) -> Response {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, command.text()));
    let keys = keys(ui.ctx(), command);
    explained(response, command.tip()).on_hover_ui(|ui| {
        ui.strong(command.text());
        ui.label(command.tip());
        if !keys.is_empty() {
            ui.weak(&keys);
        }
    })
}

/// Gives a screen reader the text of a tooltip that is more than plain text.
pub fn explained(response: Response, tip: &str) -> Response {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_description(tip));
    response
}

/// A dialog over the window.
#[must_use]
pub fn dialog(ctx: &Context, name: &str) -> Dialog {
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(DIALOG_MARGIN);
    Dialog(egui::Modal::new(Id::unique(name)).frame(frame))
}

/// Room around what a dialog shows, and around the dialog, points.
const DIALOG_MARGIN: f32 = 18.0;
const AROUND_DIALOG: f32 = 10.0;

/// A dialog over the window, with room around what it shows, and scrolled where the window is too low for it.
pub struct Dialog(egui::Modal);

impl Dialog {
    /// Shows it.
    pub fn show<R>(self, ctx: &Context, content: impl FnOnce(&mut Ui) -> R) -> ModalResponse<R> {
        let height = ctx.content_rect().height() - 2.0 * (DIALOG_MARGIN + AROUND_DIALOG);
        self.0.show(ctx, |ui| {
            // The minimum height is set too: otherwise the dialog grows into it little by little.
            let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
            let shown = area.show(ui, |ui| {
                let inner = content(ui);
                follow_focus(ui);
                inner
            });
            hint_at_more(ui, &shown);
            shown.inner
        })
    }
}

/// The keys of a command as printed on the keyboard; empty if it has none.
#[must_use]
pub fn keys(ctx: &egui::Context, command: Command) -> String {
    let keys = command.shortcut().map_or_else(String::new, |s| ctx.format_shortcut(&s));
    let signs =
        [("OpenBracket", "["), ("CloseBracket", "]"), ("Plus", "+"), ("Minus", "-"), ("Comma", ","), ("Period", ".")];
    signs.into_iter().fold(keys, |keys, (name, sign)| keys.replace(name, sign))
}

/// Draws a ring around the control with the keyboard focus, from the Tab that moved it there until the next press of
/// the pointer: a click shows by itself where it was. Handles over the photo have rings of their own, in colours that
/// are visible on skin.
pub fn show_focus(ctx: &Context, photo: Option<Rect>) {
    let by_keyboard = Id::unique("focus by keyboard");
    let (tab, pressed) = ctx.input(|i| (i.key_pressed(Key::Tab), i.pointer.any_pressed()));
    if tab || pressed {
        ctx.data_mut(|data| data.insert_temp(by_keyboard, tab));
    }
    if !ctx.data(|data| data.get_temp(by_keyboard)).unwrap_or(false) {
        return;
    }
    let Some(focused) = ctx.memory(|memory| memory.focused()).and_then(|id| ctx.read_response(id)) else { return };
    let on_photo = photo.is_some_and(|photo| photo.contains_rect(focused.rect));
    if on_photo && focused.layer_id.order == Order::Background {
        return;
    }
    let rect = focused.rect.intersect(focused.interact_rect.expand(2.0));
    if !rect.is_positive() {
        return;
    }
    let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, by_keyboard));
    let (colour, under) = theme::focus_ring(ctx.theme());
    let ring = rect.expand(1.0);
    painter.rect_stroke(ring, 3.0, Stroke::new(4.0, under), StrokeKind::Middle);
    painter.rect_stroke(ring, 3.0, Stroke::new(2.0, colour), StrokeKind::Middle);
}

/// To be called at the end of a scroll area: scrolls a control that has just got the keyboard focus into view.
pub fn follow_focus(ui: &Ui) {
    let last = ui.scope_id().with("last focus");
    let focused = ui.memory(|memory| memory.focused());
    if ui.data(|data| data.get_temp::<Option<Id>>(last)).flatten() == focused {
        return;
    }
    ui.data_mut(|data| data.insert_temp(last, focused));
    // Whatever is clicked is in view already.
    let pointer = ui.input(|i| i.pointer.any_down() || i.pointer.any_released());
    let Some(response) = focused.filter(|_| !pointer).and_then(|id| ui.ctx().read_response(id)) else { return };
    if response.layer_id == ui.layer_id() && ui.min_rect().contains(response.rect.center()) {
        ui.scroll_to_rect(response.rect.expand(8.0), None);
    }
}

/// Fades out a row or a column where it continues beyond the visible part, with an arrow.
pub fn hint_at_more<R>(ui: &Ui, shown: &ScrollAreaOutput<R>) {
    const SLACK: f32 = 1.5;
    let (seen, offset) = (shown.inner_rect, shown.state.clamped_offset());
    let beyond = shown.content_size - seen.size() - offset;
    let painter = ui.painter_at(seen);
    let (x, y) = (seen.x_range(), seen.y_range());
    let band = Vec2::splat(WIDTH);
    let [left, right] = [pos2(x.min, y.min), pos2(x.max - band.x, y.min)];
    let below = pos2(x.min, y.max - band.y);
    let upright = Vec2::new(band.x, seen.height());
    let flat = Vec2::new(seen.width(), band.y);
    let fill = ui.visuals().window_fill;
    let colour = ui.visuals().strong_text_color();
    let fade = |at, size, from: Vec2, icon| fade(&painter, Rect::from_min_size(at, size), from, icon, (fill, colour));
    if offset.x > SLACK {
        fade(left, upright, Vec2::RIGHT, icons::ICON_CHEVRON_LEFT);
    }
    if beyond.x > SLACK {
        fade(right, upright, Vec2::LEFT, icons::ICON_CHEVRON_RIGHT);
    }
    if beyond.y > SLACK {
        fade(below, flat, Vec2::UP, icons::ICON_KEYBOARD_ARROW_DOWN);
    }
}

/// Width of the faded band, points.
const WIDTH: f32 = 20.0;

/// A band that is opaque at its outer edge and clear `towards` the middle, with an arrow.
fn fade(painter: &Painter, rect: Rect, towards: Vec2, icon: MaterialIcon, (fill, colour): (Color32, Color32)) {
    let mut mesh = Mesh::default();
    for corner in [rect.left_top(), rect.right_top(), rect.left_bottom(), rect.right_bottom()] {
        let inner = (corner - rect.center()).dot(towards) > 0.0;
        mesh.colored_vertex(corner, if inner { Color32::TRANSPARENT } else { fill });
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(1, 2, 3);
    painter.add(Shape::mesh(mesh));
    painter.text(rect.center(), Align2::CENTER_CENTER, icon.codepoint, FontId::new(15.0, icon.font_family()), colour);
}
