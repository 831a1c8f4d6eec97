//! The client's photos: thumbnails with the names of their views.

use egui::accesskit::Role;
use egui::scroll_area::{DragScroll, ScrollSource};
use egui::{
    Align2, Button, Color32, Rect, Response, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui, Vec2, WidgetInfo,
    pos2,
};
use egui_material_icons::icons;

use super::asked::Asked;
use crate::case::document::PhotoKey;
use crate::case::document::ViewRecord;
use crate::head::standard_view::{STANDARD_VIEWS, StandardView};
use crate::studio::controls::widgets::{described, follow_focus, hint_at_more};
use crate::studio::session::command::Command;
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::thumbnails::Thumbnails;
use crate::studio::words::words;

const CELL: Vec2 = Vec2::new(56.0, 62.0);
const CAPTION: f32 = 14.0;

/// The photos, in no more than this width.
pub fn show(ui: &mut Ui, case: &OpenCase, thumbnails: &Thumbnails, most: f32) -> Option<Asked> {
    let mut asked = None;
    let views = &case.document().views;
    let gap = 4.0;
    let needed = views.len() as f32 * (CELL.x + gap);
    let add = 34.0;
    let shown = ScrollArea::horizontal()
        .id_salt("photos")
        .max_width(needed.min(most - add))
        .scroll_source(ScrollSource { drag: DragScroll::Never, ..ScrollSource::default() })
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = gap;
            ui.horizontal(|ui| {
                for (index, record) in views.iter().enumerate() {
                    let response = cell(ui, record, index == case.view, thumbnails);
                    if response.clicked() {
                        asked = Some(Asked::View(index));
                    }
                    response.context_menu(|ui| menu(ui, index, record, &mut asked));
                }
            });
            follow_focus(ui);
        });
    hint_at_more(ui, &shown);
    let response =
        ui.add(Button::new(icons::ICON_ADD_PHOTO_ALTERNATE).min_size(Vec2::new(add - gap, CELL.y - CAPTION)));
    if described(ui, response, Command::AddPhotos).clicked() {
        asked = Some(Asked::Command(Command::AddPhotos));
    }
    asked
}

fn cell(ui: &mut Ui, record: &ViewRecord, shown: bool, thumbnails: &Thumbnails) -> Response {
    let (rect, response) = ui.allocate_exact_size(CELL, Sense::click());
    let name = words(&record.name);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, shown, format!("Photo {}", record.name)));
    if ui.is_rect_visible(rect) {
        let visuals = ui.style().interact_selectable(&response, shown);
        let (frame, caption) = rect.split_top_bottom_at_y(rect.bottom() - CAPTION);
        let painter = ui.painter_at(rect);
        painter.rect_filled(frame, 3.0, Color32::from_gray(46));
        if let Some(texture) = thumbnails.texture(PhotoKey::of(record)) {
            let size = texture.size_vec2();
            // Fills the frame; of a portrait the upper part is shown, where the hair is.
            let scale = (frame.width() / size.x).max(frame.height() / size.y);
            let part = frame.size() / (scale * size);
            let left = 0.5 * (1.0 - part.x);
            let top = 0.25 * (1.0 - part.y);
            let uv = Rect::from_min_size(pos2(left, top), part);
            painter.image(texture.id(), frame, uv, Color32::WHITE);
        }
        if shown {
            painter.rect_filled(caption, 2.0, ui.visuals().selection.bg_fill);
        }
        let edge = if shown { ui.visuals().selection.bg_fill } else { visuals.bg_stroke.color };
        let width = if shown || response.hovered() || response.has_focus() { 2.0 } else { 1.0 };
        painter.rect_stroke(frame, 3.0, Stroke::new(width, edge), StrokeKind::Inside);
        let colour = if shown { ui.visuals().selection.stroke.color } else { visuals.text_color() };
        let font = egui::FontId::proportional(10.5);
        let galley = painter.layout_no_wrap(short(&name), font, colour);
        painter.galley(Align2::CENTER_CENTER.align_size_within_rect(galley.size(), caption).min, galley, colour);
    }
    response.on_hover_text(format!("{name} photo (Page Up, Page Down); right-click to name, turn or remove it"))
}

/// The name, shortened to fit below a thumbnail.
fn short(name: &str) -> String {
    const MOST: usize = 10;
    let name = name.replace(" oblique", " obl.");
    if name.chars().count() <= MOST { name } else { name.chars().take(MOST - 1).chain(['…']).collect() }
}

fn menu(ui: &mut Ui, index: usize, record: &ViewRecord, asked: &mut Option<Asked>) {
    let views = ui.menu_button("Name this view", |ui| {
        for name in STANDARD_VIEWS.map(StandardView::name) {
            let item = ui.selectable_label(record.name == name, words(name));
            if item.on_hover_text("The photo was taken from this side").clicked() {
                *asked = Some(Asked::RenameView(index, name.to_owned()));
                ui.close();
            }
        }
        ui.separator();
        let id = ui.scope_id().with("view name");
        let mut typed = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| record.name.clone());
        let edit = ui.add(TextEdit::singleline(&mut typed).desired_width(120.0)).accessible_name("Name of the view");
        let edit = edit.on_hover_text("Another name; Enter keeps it");
        let done = edit.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        ui.data_mut(|d| d.insert_temp(id, typed.clone()));
        if done {
            ui.data_mut(|d| d.remove::<String>(id));
            *asked = Some(Asked::RenameView(index, typed.trim().replace(' ', "-")));
            ui.close();
        }
    });
    views.response.on_hover_text("The photo's name and the side it was taken from");
    ui.separator();
    for command in [Command::TurnLeft, Command::TurnRight, Command::Mirror, Command::Consent, Command::RemovePhoto] {
        if ui.button(command.text()).on_hover_text(command.tip()).clicked() {
            *asked = Some(Asked::OnView(index, command));
            ui.close();
        }
    }
}
