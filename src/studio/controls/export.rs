//! The dialog for exporting pictures: what, of which photos, in which format and where.

use std::path::Path;

use egui::{Button, ComboBox, Context, RichText, TextEdit, Ui};

use super::consent;
use super::fields::Number;
use super::widgets::dialog;
use crate::case::consent::Use;
use crate::export::image::Layer;
use crate::photo::{DEFAULT_JPEG_QUALITY, Format};
use crate::render::steps::{Appointments, outlook_name, outlook_tip};
use crate::studio::background::export::Form;
use crate::studio::session::open_case::OpenCase;
use crate::studio::words::sentence;

/// Why step, variant and outlook cannot be chosen.
const UNTREATED: &str = "The photo as it is shows no plan";

const LAYERS: [(Layer, &str, &str); 6] = [
    (Layer::Result, "Result", "The photo with the dots"),
    (Layer::Before, "Before", "The photo as it is"),
    (Layer::Pair, "Before and after", "Both side by side"),
    (Layer::Sessions, "Session by session", "The head before, on the day of each session, and at the chosen step"),
    (
        Layer::Honest,
        "From near and far",
        "Skin before and after as seen from 0.3, 1 and 3 m, also under an overhead lamp",
    ),
    (Layer::Dots, "Dots only", "The dots on a transparent background, to lay over the photo in another program"),
];

/// What the dialog asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Choose another folder.
    Folder,
    /// Write the pictures.
    Export,
    /// Close the dialog.
    Close,
}

/// Shows the dialog; returns what was asked for.
pub fn show(ctx: &Context, case: &OpenCase, form: &mut Form, folder: &Path) -> Option<Asked> {
    let modal = dialog(ctx, "export").show(ctx, |ui| {
        ui.set_width(470.0);
        ui.heading("Export pictures");
        ui.add_space(8.0);
        choose(ui, case, form);
        purpose(ui, case, form);
        place(ui, case, form, folder)
    });
    modal.inner.or(modal.should_close().then_some(Asked::Close))
}

/// Shows the choices of what is exported.
fn choose(ui: &mut Ui, case: &OpenCase, form: &mut Form) {
    ui.strong("What");
    for (layer, name, tip) in LAYERS {
        ui.radio_value(&mut form.layer, layer, name).on_hover_text(tip);
    }
    let document = case.document();
    let plan = document.variants.get(form.variant).map(|v| &v.plan);
    let appointments = plan.map_or_else(Appointments::default, Appointments::of);
    ui.add_space(6.0);
    // What does not apply is disabled but keeps its place, so that nothing moves when the user is about to click.
    ui.add_enabled_ui(form.layer != Layer::Before, |ui| {
        ui.horizontal(|ui| {
            let tip = match form.layer {
                Layer::Sessions => "How far the row goes: the sessions up to this step, and the head at this step",
                _ => "Which moment of the treatment is shown",
            };
            let label = ui.label("Step");
            let combo = ComboBox::from_id_salt("step")
                .height(460.0)
                .selected_text(form.step.label(appointments))
                .show_ui(ui, |ui| {
                    let all = plan.map_or_else(Vec::new, |p| Appointments::of(p).steps());
                    for step in all.into_iter().filter(|s| s.has_pigment()) {
                        ui.selectable_value(&mut form.step, step, step.label(appointments))
                            .on_hover_text(step.tip(appointments));
                    }
                });
            combo.response.labelled_by(label.id).on_hover_text(tip).on_disabled_hover_text(UNTREATED);
            let label = ui.label("Variant");
            let name = document.variants.get(form.variant).map_or("", |v| v.name.as_str());
            let combo = ComboBox::from_id_salt("variant").width(50.0).selected_text(name).show_ui(ui, |ui| {
                for (index, variant) in document.variants.iter().enumerate() {
                    ui.selectable_value(&mut form.variant, index, &variant.name).on_hover_text("Show this plan");
                }
            });
            let combo = combo.response.labelled_by(label.id).on_hover_text("Which plan is shown");
            combo.on_disabled_hover_text(UNTREATED);
            let outlook = format!("Outlook: {}", outlook_name(case.outlook).to_lowercase());
            let tip = format!("{}. Choose it below the photo", outlook_tip(case.outlook));
            ui.add(egui::Label::new(outlook).truncate()).on_hover_text(tip).on_disabled_hover_text(UNTREATED);
        });
    });
    ui.horizontal(|ui| {
        let shown = case.record().map_or("", |r| r.name.as_str());
        ui.radio_value(&mut form.all_views, true, "All photos")
            .on_hover_text("One picture for each photo of this client");
        ui.radio_value(&mut form.all_views, false, format!("This photo ({shown})"))
            .on_hover_text("Only the photo that is shown");
    });
}

/// Shows the choice of what the pictures are for, and whether the consents rule it out.
fn purpose(ui: &mut Ui, case: &OpenCase, form: &mut Form) {
    ui.horizontal(|ui| {
        ui.label("For");
        for (purpose, name) in [(Use::Record, "The client"), (Use::Teaching, "Teaching"), (Use::Marketing, "Marketing")]
        {
            ui.radio_value(&mut form.purpose, purpose, name).on_hover_text(consent::tip(purpose));
        }
    });
    let views = case.document().views.iter().enumerate().filter(|(view, _)| form.all_views || *view == case.view);
    // There is always a line, so that nothing moves when the user is about to click.
    match { views }.find_map(|(_, record)| record.check_use(form.purpose).err()) {
        Some(no) => {
            let text = RichText::new(format!("{}.", sentence(no))).color(ui.visuals().warn_fg_color);
            ui.add(egui::Label::new(text).truncate());
        }
        None => drop(ui.weak("The recorded consent allows this.")),
    }
}

/// Shows the format, the name, the folder and the buttons.
fn place(ui: &mut Ui, case: &OpenCase, form: &mut Form, folder: &Path) -> Option<Asked> {
    let mut asked = None;
    ui.add_space(8.0);
    ui.strong("File");
    ui.horizontal(|ui| {
        for (format, name, tip) in [
            (Format::Jpeg { quality: DEFAULT_JPEG_QUALITY }, "JPEG", "Small; opens everywhere"),
            (Format::Png, "PNG", "Lossless; large"),
            (Format::WebP, "WebP", "Lossless; smaller than PNG, but old programs cannot open it"),
            (Format::Tiff, "TIFF", "Lossless; for print shops"),
        ] {
            ui.radio_value(&mut form.format, format, name).on_hover_text(tip);
        }
    });
    let quality = Number {
        label: "Quality",
        tip: "JPEG quality: higher is finer and larger; 92 is finer than a phone's photo",
        range: 60.0..=100.0,
        speed: 0.1,
        default: f64::from(DEFAULT_JPEG_QUALITY),
        ..Number::default()
    };
    let jpeg = matches!(form.format, Format::Jpeg { .. });
    let chosen = ui.add_enabled_ui(jpeg, |ui| quality.show(ui, f64::from(form.quality))).inner;
    if let Some(quality) = chosen {
        form.quality = quality.round() as u8;
    }
    ui.horizontal(|ui| {
        let label = ui.label("Name");
        let field = ui.add(TextEdit::singleline(&mut form.pattern).desired_width(ui.available_width() - 8.0));
        field.labelled_by(label.id).on_hover_text("{case}, {view}, {variant} and {step} are replaced");
    });
    let document = case.document();
    let variant = document.variants.get(form.variant);
    let view = case.record().map_or("", |r| r.name.as_str());
    let appointments = variant.map_or_else(Appointments::default, |v| Appointments::of(&v.plan));
    let example = form.name(&case.name(), view, variant.map_or("", |v| v.name.as_str()), appointments);
    let example = RichText::new(format!("for example {example}.{}", form.extension())).weak();
    ui.add(egui::Label::new(example).truncate());
    ui.horizontal(|ui| {
        if ui.button("Folder…").on_hover_text("Choose where the pictures go").clicked() {
            asked = Some(Asked::Folder);
        }
        ui.add(egui::Label::new(folder.display().to_string()).truncate());
    });
    ui.add_space(6.0);
    ui.checkbox(&mut form.note, "Write \u{201c}Simulation, not a promise\u{201d} below the picture")
        .on_hover_text("So that nobody mistakes the picture for a promised result");
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        let ready = variant.is_some() && !document.views.is_empty();
        let why = "Add a photo and fit the head first";
        let export = ui.add_enabled(ready, Button::new("Export")).on_disabled_hover_text(why);
        if export.on_hover_text("Write the pictures into this folder; nothing there is replaced").clicked() {
            asked = Some(Asked::Export);
        }
        if ui.button("Cancel").on_hover_text("Go back without exporting (Escape)").clicked() {
            asked = Some(Asked::Close);
        }
    });
    asked
}
