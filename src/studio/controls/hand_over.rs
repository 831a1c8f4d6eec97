//! The hand-over dialog: which products, of which plan, with which studio's texts and prices, and into which folder.

use std::collections::HashMap;
use std::path::Path;

use egui::{
    Align2, Button, Color32, ComboBox, Context, FontId, Grid, Rect, RichText, Sense, TextEdit, TextureHandle, Ui, Vec2,
    pos2,
};
use jiff::civil::Date;

use super::widgets::dialog;
use crate::export::animation::{Kind, Shape};
use crate::export::product::Product;
use crate::studio::background::hand_over::Form;
use crate::studio::session::open_case::OpenCase;
use crate::studio::words::day_text;

/// A request made in the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Choose another folder.
    Folder,
    /// Choose the studio's file.
    StudioFile,
    /// Stop using the studio's file.
    NoStudioFile,
    /// Make the chosen products.
    Make,
    /// Close the dialog.
    Close,
}

/// Previews of the products, or why they cannot be made, as far as known.
pub type Previewed = HashMap<Product, Result<TextureHandle, String>>;

/// Destination, studio's file and date.
pub struct Delivery<'a> {
    /// Where to create the client's folder.
    pub folder: &'a Path,
    /// The studio's file.
    pub studio_file: Option<&'a Path>,
    /// The date that can be stated.
    pub today: Date,
}

/// Products per row, and size of a preview, points.
const IN_ROW: usize = 5;
const CARD: f32 = 108.0;

/// Shows the dialog and returns the request made.
pub fn show(
    ctx: &Context,
    case: &OpenCase,
    form: &mut Form,
    delivery: &Delivery,
    previewed: &Previewed,
) -> Option<Asked> {
    let modal = dialog(ctx, "hand over").show(ctx, |ui| {
        ui.set_width(IN_ROW as f32 * (CARD + 12.0));
        ui.heading("Hand over");
        ui.label("What the client takes home, and what you work from.");
        ui.add_space(8.0);
        products(ui, case, form, previewed);
        choose(ui, case, form, delivery.today);
        self::place(ui, case, form, delivery.folder, delivery.studio_file)
    });
    modal.inner.or(modal.should_close().then_some(Asked::Close))
}

/// Shows the products, each with a preview.
fn products(ui: &mut Ui, case: &OpenCase, form: &mut Form, previewed: &Previewed) {
    let document = case.document();
    let plan = document.variants.get(form.variant).map(|variant| &variant.plan);
    let has_days = plan.is_some_and(|plan| plan.first_session.is_some());
    let several = document.variants.len() > 1;
    Grid::new("products").num_columns(IN_ROW).spacing([10.0, 8.0]).show(ui, |ui| {
        for (number, product) in Product::ALL.into_iter().enumerate() {
            let possible = match product {
                Product::Calendar => has_days,
                Product::Variants => several,
                Product::HairLoss => !matches!(previewed.get(&product), Some(Err(_))),
                _ => true,
            };
            let why_not = match (product, previewed.get(&product)) {
                (_, Some(Err(why))) => why.as_str(),
                (Product::Variants, _) => "There is only one plan: copy it first to try something else",
                _ => "Agree on the day of the first session first, in the plan's sessions",
            };
            let mut wanted = form.products.contains(&product);
            ui.vertical(|ui| {
                ui.set_width(CARD);
                let clicked = preview(ui, previewed.get(&product), possible);
                ui.add_enabled_ui(possible, |ui| {
                    let check = ui.checkbox(&mut wanted, product.name()).on_hover_text(product.tip());
                    check.on_disabled_hover_text(why_not);
                });
                wanted ^= clicked && possible;
            });
            form.products.retain(|other| *other != product);
            if wanted && possible {
                form.products.push(product);
            }
            if (number + 1) % IN_ROW == 0 {
                ui.end_row();
            }
        }
    });
}

/// Shows a product's preview; returns whether it was clicked, which toggles its check box.
fn preview(ui: &mut Ui, picture: Option<&Result<TextureHandle, String>>, possible: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(CARD, CARD), Sense::click());
    // Screen readers use the check box instead.
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_hidden());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, ui.visuals().extreme_bg_color);
    match picture {
        Some(Ok(texture)) => {
            let size = texture.size_vec2();
            let shown = size * (CARD - 8.0) / size.max_elem().max(1.0);
            let tint = if possible { Color32::WHITE } else { Color32::from_gray(110) };
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), Rect::from_center_size(rect.center(), shown), uv, tint);
        }
        Some(Err(_)) => {
            let colour = ui.visuals().weak_text_color();
            painter.text(rect.center(), Align2::CENTER_CENTER, "–", FontId::proportional(20.0), colour);
        }
        None if possible => {
            let spinner = Rect::from_center_size(rect.center(), Vec2::splat(18.0));
            egui::Spinner::new().paint_at(ui, spinner);
        }
        None => {}
    }
    response.clicked()
}

fn choose(ui: &mut Ui, case: &OpenCase, form: &mut Form, today: Date) {
    let document = case.document();
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        let label = ui.label("Variant");
        let name = document.variants.get(form.variant).map_or("", |v| v.name.as_str());
        let combo = ComboBox::from_id_salt("handed variant").width(50.0).selected_text(name).show_ui(ui, |ui| {
            for (index, variant) in document.variants.iter().enumerate() {
                ui.selectable_value(&mut form.variant, index, &variant.name).on_hover_text("Hand over this plan");
            }
        });
        combo.response.labelled_by(label.id).on_hover_text("Which plan is handed over");
        let label = ui.label("Class");
        let field = ui.add(TextEdit::singleline(&mut form.class).desired_width(110.0).hint_text("norwood-4"));
        field.labelled_by(label.id).on_hover_text("Class of hair loss, where the studio's prices go by it");
        let label = ui.label("Film");
        let combo = ComboBox::from_id_salt("film").width(70.0).selected_text(film_name(form.film)).show_ui(ui, |ui| {
            for (kind, tip) in FILMS {
                ui.selectable_value(&mut form.film, kind, film_name(kind)).on_hover_text(tip);
            }
        });
        combo.response.labelled_by(label.id).on_hover_text("What kind of file the moving picture is");
        let mut story = form.shape == Shape::Story;
        ui.checkbox(&mut story, "Tall").on_hover_text("1080 x 1920 for stories, instead of 1080 x 1350");
        form.shape = if story { Shape::Story } else { Shape::Portrait };
    });
    let mut dated = form.day.is_some();
    ui.checkbox(&mut dated, format!("Include the date: {}", day_text(today)))
        .on_hover_text("Printed on every document; quotes are valid from this date");
    form.day = dated.then_some(today);
}

/// Animation formats with their advantages.
const FILMS: [(Kind, &str); 3] = [
    (Kind::Gif, "Every program shows it"),
    (Kind::WebP, "Finer and smaller; browsers and most chat programs show it"),
    (Kind::Mp4, "A video; made by ffmpeg, which has to be installed"),
];

fn film_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Gif => "GIF",
        Kind::WebP => "WebP",
        Kind::Mp4 => "MP4",
    }
}

fn place(ui: &mut Ui, case: &OpenCase, form: &mut Form, folder: &Path, studio_file: Option<&Path>) -> Option<Asked> {
    let mut asked = None;
    ui.add_space(8.0);
    ui.strong("Studio details and prices");
    ui.horizontal(|ui| {
        let tip = "A file with the studio's name, logo, colours, prices, care and consent";
        if ui.button("Studio file…").on_hover_text(tip).clicked() {
            asked = Some(Asked::StudioFile);
        }
        match studio_file {
            Some(file) => {
                if ui
                    .button("Use defaults")
                    .on_hover_text("Use the words and example prices that come with the program")
                    .clicked()
                {
                    asked = Some(Asked::NoStudioFile);
                }
                ui.add(egui::Label::new(file.display().to_string()).truncate());
            }
            None => drop(ui.label("None: example prices, no studio name")),
        }
    });
    ui.add_space(8.0);
    ui.strong("Where");
    ui.horizontal(|ui| {
        if ui.button("Folder…").on_hover_text("Choose where the client's folder goes").clicked() {
            asked = Some(Asked::Folder);
        }
        ui.add(egui::Label::new(folder.display().to_string()).truncate());
    });
    let note = format!("in a folder “{}” there; nothing there is replaced", case.name());
    ui.label(RichText::new(note).weak());
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        let document = case.document();
        let ready = !document.variants.is_empty() && !document.views.is_empty() && !form.products.is_empty();
        let why = "Add a photo, fit the head, and choose what to make first";
        let make = ui.add_enabled(ready, Button::new("Create")).on_disabled_hover_text(why);
        if make.on_hover_text("Make all that is chosen; it can be stopped").clicked() {
            asked = Some(Asked::Make);
        }
        if ui.button("Cancel").on_hover_text("Back without making anything (Escape)").clicked() {
            asked = Some(Asked::Close);
        }
    });
    asked
}
