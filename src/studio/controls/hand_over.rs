//! The dialog for what the client takes home: what, of which plan, with whose words and prices, and where.

use std::path::Path;

use egui::{Button, ComboBox, Context, RichText, TextEdit, Ui};
use jiff::civil::Date;

use super::widgets::dialog;
use crate::studio::background::hand_over::{Form, PRODUCTS, Product};
use crate::studio::session::open_case::OpenCase;
use crate::studio::words::day_text;

/// What was asked for in the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Another folder.
    Folder,
    /// The studio's file.
    StudioFile,
    /// No studio's file any more.
    NoStudioFile,
    /// To make it.
    Make,
    /// Nothing more.
    Close,
}

/// Shows the dialog; gives what was asked for. `today` is the day that can be stated.
pub fn show(
    ctx: &Context,
    case: &OpenCase,
    form: &mut Form,
    folder: &Path,
    studio_file: Option<&Path>,
    today: Date,
) -> Option<Asked> {
    let modal = dialog(ctx, "hand over").show(ctx, |ui| {
        ui.set_width(470.0);
        ui.heading("Hand over");
        ui.label("What the client takes home, and what you work from.");
        ui.add_space(8.0);
        choose(ui, case, form, today);
        place(ui, case, form, folder, studio_file)
    });
    modal.inner.or(modal.should_close().then_some(Asked::Close))
}

fn choose(ui: &mut Ui, case: &OpenCase, form: &mut Form, today: Date) {
    let document = case.document();
    let plan = document.variants.get(form.variant).map(|variant| &variant.plan);
    let has_days = plan.is_some_and(|plan| plan.first_session.is_some());
    ui.strong("What");
    for product in PRODUCTS {
        let mut wanted = form.products.contains(&product);
        let possible = product != Product::Calendar || has_days;
        ui.add_enabled_ui(possible, |ui| {
            let check = ui.checkbox(&mut wanted, product.name()).on_hover_text(product.tip());
            check.on_disabled_hover_text("Agree on the day of the first session first, in the plan's sessions");
        });
        form.products.retain(|other| *other != product);
        if wanted && possible {
            form.products.push(product);
        }
    }
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
    });
    let mut dated = form.day.is_some();
    ui.checkbox(&mut dated, format!("State the day: {}", day_text(today)))
        .on_hover_text("Printed on what is made; a quote holds from then on");
    form.day = dated.then_some(today);
}

fn place(ui: &mut Ui, case: &OpenCase, form: &mut Form, folder: &Path, studio_file: Option<&Path>) -> Option<Asked> {
    let mut asked = None;
    ui.add_space(8.0);
    ui.strong("Whose words and prices");
    ui.horizontal(|ui| {
        let tip = "A file with the studio's name, logo, colours, prices, care and consent";
        if ui.button("Studio's file…").on_hover_text(tip).clicked() {
            asked = Some(Asked::StudioFile);
        }
        match studio_file {
            Some(file) => {
                if ui
                    .button("Without")
                    .on_hover_text("Use the words and example prices that come with the program")
                    .clicked()
                {
                    asked = Some(Asked::NoStudioFile);
                }
                ui.add(egui::Label::new(file.display().to_string()).truncate());
            }
            None => drop(ui.label("none yet: example prices, and no name")),
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
        let make = ui.add_enabled(ready, Button::new("Make")).on_disabled_hover_text(why);
        if make.on_hover_text("Make all that is chosen; it can be stopped").clicked() {
            asked = Some(Asked::Make);
        }
        if ui.button("Cancel").on_hover_text("Back without making anything (Escape)").clicked() {
            asked = Some(Asked::Close);
        }
    });
    asked
}
