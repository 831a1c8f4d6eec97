//! Pictures from the window: what, of which photos, in which format and where; made as `scalp-studio render` makes them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Button, ComboBox, Context, RichText, TextEdit, Ui};

use super::desk::Desk;
use super::fields::Number;
use super::files::{Purpose, free_name, sentence};
use super::jobs::Progress;
use super::steps::{Sittings, Step};
use super::tiles;
use super::widgets::dialog;
use super::{Outcome, Overlay, Studio};
use crate::case::decode_view;
use crate::case::document::Document;
use crate::case::head_fit::FitInput;
use crate::case::store::Store;
use crate::export::image::{self, Layer};
use crate::export::text::{self, SIMULATION};
use crate::ground::files::{Existing, write_new};
use crate::photo::{self, DEFAULT_JPEG_QUALITY, EncodeOptions, Format, Limits};
use crate::reading::{complexion, views};
use crate::render::scene::{Ground, Moment, Sensor, Treatment};

/// Why step, variant and outlook cannot be chosen.
const UNTREATED: &str = "The photo as it is shows no plan";

const LAYERS: [(Layer, &str, &str); 6] = [
    (Layer::Result, "Result", "The photo with the dots"),
    (Layer::Before, "Before", "The photo as it is"),
    (Layer::Pair, "Before and after", "Both next to each other"),
    (Layer::Sessions, "Session by session", "The head before, on the day of each session, and at the step chosen"),
    (
        Layer::Honest,
        "From near and far",
        "Skin before and after as it is seen from 0.3, 1 and 3 m, also under a lamp overhead",
    ),
    (Layer::Dots, "Dots only", "The dots on a transparent ground, to lay over the photo in another program"),
];

/// Names of the files as they are proposed: of a case with several plans each name says which plan it shows.
const PATTERN: &str = "{case} {view} {step}";
const PATTERN_OF_SEVERAL: &str = "{case} {view} {variant} {step}";

/// What the user chose in the dialog.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Form {
    layer: Layer,
    all_views: bool,
    variant: usize,
    step: Step,
    format: Format,
    quality: u8,
    /// Names of the files, with what stands in braces replaced.
    pattern: String,
    note: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            layer: Layer::Result,
            all_views: true,
            variant: 0,
            step: Step::Before,
            format: Format::Jpeg { quality: DEFAULT_JPEG_QUALITY },
            quality: DEFAULT_JPEG_QUALITY,
            pattern: PATTERN.to_owned(),
            note: true,
        }
    }
}

impl Form {
    /// The form with what is on the canvas.
    fn at(mut self, desk: &Desk) -> Self {
        self.variant = desk.variant;
        self.step = if desk.step.has_pigment() { desk.step } else { Step::result(desk.sittings()) };
        // What the user wrote stays.
        if [PATTERN, PATTERN_OF_SEVERAL].contains(&self.pattern.as_str()) {
            let several = desk.document().variants.len() > 1;
            self.pattern = if several { PATTERN_OF_SEVERAL } else { PATTERN }.to_owned();
        }
        self
    }

    fn format(&self) -> Format {
        match self.format {
            Format::Jpeg { .. } => Format::Jpeg { quality: self.quality },
            other => other,
        }
    }

    fn extension(&self) -> &'static str {
        extension(self.format)
    }

    /// The name of a picture, without its ending; what no file name may hold becomes a hyphen.
    fn name(&self, case: &str, view: &str, variant: &str, sittings: Sittings) -> String {
        let what = match self.layer {
            Layer::Before => "before".to_owned(),
            Layer::Result => self.step.label(sittings),
            Layer::Pair => format!("before and {}", self.step.label(sittings)),
            Layer::Sessions => "sessions".to_owned(),
            Layer::Honest => format!("near and far {}", self.step.label(sittings)),
            Layer::Dots => format!("dots {}", self.step.label(sittings)),
        };
        let name = self
            .pattern
            .replace("{case}", case)
            .replace("{view}", view)
            .replace("{variant}", variant)
            .replace("{step}", &what.to_lowercase());
        let allowed = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
        let name: String = name.trim().trim_start_matches('.').chars().map(allowed).collect();
        if name.is_empty() { "picture".to_owned() } else { name }
    }
}

fn extension(format: Format) -> &'static str {
    match format {
        Format::Jpeg { .. } => "jpg",
        Format::Png => "png",
        Format::WebP => "webp",
        Format::Tiff => "tif",
    }
}

/// What became of an export.
pub(super) struct Exported {
    written: Vec<PathBuf>,
    problem: Option<String>,
    cancelled: bool,
}

/// Everything that the job needs.
struct Order {
    case: PathBuf,
    case_name: String,
    document: Arc<Document>,
    views: Vec<usize>,
    form: Form,
    moment: Moment,
    folder: PathBuf,
    limits: Limits,
}

impl Order {
    fn carry_out(&self, progress: &Progress) -> Exported {
        let mut exported = Exported { written: Vec::new(), problem: None, cancelled: false };
        let result = self.make(progress, &mut exported.written);
        exported.cancelled = progress.cancelled() && result.is_ok();
        exported.problem = result.err();
        exported
    }

    fn make(&self, progress: &Progress, written: &mut Vec<PathBuf>) -> Result<(), String> {
        let document = &self.document;
        let variant = document.variants.get(self.form.variant).ok_or("There is no plan yet.")?;
        let store = Store::open(&self.case).map_err(sentence)?;
        // The photo alone needs no head.
        let scene = if self.form.layer == Layer::Before {
            None
        } else {
            let fit = FitInput::of(document).fit().map_err(sentence)?;
            let ground = Ground::new(fit.head().clone(), &variant.plan);
            let mut treatment = Treatment::new(&variant.plan, &ground);
            // The client's skin is the same in every photo, also in those that do not show it.
            if let Some(view) = views::of_forehead(fit.head(), &fit.views(document)) {
                let record = &document.views[view.index];
                let bytes = store.photo_bytes(record.photo).map_err(sentence)?;
                let photo = decode_view(&bytes, record, &self.limits).map_err(sentence)?;
                treatment.skin = complexion::skin(&photo, fit.head(), &view.camera);
            }
            Some((fit, ground, treatment))
        };
        let parts = 3.0 * self.views.len() as f64;
        let mut done = 0.0;
        let mut step = || {
            progress.set(done / parts);
            done += 1.0;
            progress.cancelled()
        };
        for record in self.views.iter().filter_map(|&view| document.views.get(view)) {
            if step() {
                return Ok(());
            }
            let bytes = store.photo_bytes(record.photo).map_err(sentence)?;
            let mut picture = decode_view(&bytes, record, &self.limits).map_err(sentence)?;
            if step() {
                return Ok(());
            }
            if let Some((fit, ground, treatment)) = &scene {
                let index = document.views.iter().position(|v| v.name == record.name);
                let camera = index.and_then(|view| fit.camera(view));
                let camera = camera.ok_or_else(|| {
                    format!("The photo {} has no points yet, so dots cannot be placed on it.", record.name)
                })?;
                let sensor = Sensor::of(&picture, fit.head(), camera);
                picture = image::render(picture, self.form.layer, ground, treatment, &sensor, self.moment)
                    .map_err(sentence)?;
            }
            if self.form.note {
                picture = text::below(picture, &[SIMULATION]).map_err(sentence)?;
            }
            if step() {
                return Ok(());
            }
            let format = self.form.format();
            let bytes = photo::encode(&picture, format, &EncodeOptions::default()).map_err(sentence)?;
            let name = self.form.name(&self.case_name, &record.name, &variant.name, Sittings::of(&variant.plan));
            let path =
                free_name(&self.folder, &name, extension(format)).ok_or("There are too many files of that name.")?;
            write_new(&path, &bytes, Existing::Refuse).map_err(sentence)?;
            written.push(path);
        }
        Ok(())
    }
}

/// What was asked for in the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Folder,
    Export,
    Close,
}

impl Studio {
    /// Opens the dialog with what was chosen last.
    pub(super) fn open_export(&mut self) {
        let Some(desk) = &self.desk else { return };
        self.overlay = Some(Overlay::Export(self.exported_last.clone().at(desk)));
    }

    /// Where pictures go: where they went last, else beside the case.
    fn export_folder(&self) -> Option<PathBuf> {
        let beside = || self.desk.as_ref().and_then(|d| d.path().parent().map(Path::to_owned));
        self.settings.export_folder.clone().or_else(beside)
    }

    /// Shows the dialog; gives the form back while it is open.
    pub(super) fn show_export(&mut self, ctx: &Context, mut form: Form) -> Option<Form> {
        let desk = self.desk.as_ref()?;
        let folder = self.export_folder()?;
        let modal = dialog(ctx, "export").show(ctx, |ui| {
            ui.set_width(470.0);
            ui.heading("Export pictures");
            ui.add_space(8.0);
            choose(ui, desk, &mut form);
            place(ui, desk, &mut form, &folder)
        });
        let asked = modal.inner.or(modal.should_close().then_some(Asked::Close));
        match asked {
            None => return Some(form),
            Some(Asked::Folder) => {
                self.ask_for(Purpose::ExportFolder);
                return Some(form);
            }
            Some(Asked::Export) => self.start_export(ctx, form.clone(), folder),
            Some(Asked::Close) => {}
        }
        self.exported_last = form;
        None
    }

    fn start_export(&mut self, ctx: &Context, form: Form, folder: PathBuf) {
        let Some(case) = self.settled_path(ctx) else { return };
        let Some(desk) = &self.desk else { return };
        let document = Arc::clone(desk.document());
        let sittings = document.variants.get(form.variant).map_or_else(Sittings::default, |v| Sittings::of(&v.plan));
        let Some(moment) = form.step.moment(sittings, desk.outlook) else { return };
        let views = if form.all_views { (0..document.views.len()).collect() } else { vec![desk.view] };
        let order =
            Order { case, case_name: desk.name(), document, views, form, moment, folder, limits: self.options.limits };
        let name = match order.views.len() {
            1 => "Exporting 1 picture".to_owned(),
            count => format!("Exporting {count} pictures"),
        };
        self.jobs.start(ctx, name, true, move |progress| Outcome::Exported(order.carry_out(progress)));
    }

    /// Says what became of an export.
    pub(super) fn exported(&mut self, ctx: &Context, exported: Exported) {
        let count = exported.written.len();
        let pictures = if count == 1 { "1 picture".to_owned() } else { format!("{count} pictures") };
        let last = exported.written.last().map(PathBuf::as_path).unwrap_or(Path::new(""));
        let folder = last.parent().unwrap_or(last);
        if let Some(problem) = exported.problem {
            let before = if count > 0 { format!(" ({pictures} written before)") } else { String::new() };
            self.notices.problem(ctx, format!("The export stopped{before}. {problem}"));
        } else if exported.cancelled {
            self.notices.done(ctx, format!("The export was stopped; {pictures} written."));
        } else if count == 1 {
            self.notices.written(ctx, format!("Exported: {}", last.display()), folder);
        } else {
            self.notices.written(ctx, format!("{pictures} exported to {}", folder.display()), folder);
        }
    }
}

/// What is exported.
fn choose(ui: &mut Ui, desk: &Desk, form: &mut Form) {
    ui.strong("What");
    for (layer, name, tip) in LAYERS {
        ui.radio_value(&mut form.layer, layer, name).on_hover_text(tip);
    }
    let document = desk.document();
    let plan = document.variants.get(form.variant).map(|v| &v.plan);
    let sittings = plan.map_or_else(Sittings::default, Sittings::of);
    ui.add_space(6.0);
    // What does not apply is disabled and keeps its place: whoever is about to click finds everything where it was.
    ui.add_enabled_ui(form.layer != Layer::Before, |ui| {
        ui.horizontal(|ui| {
            let tip = match form.layer {
                Layer::Sessions => "How far the row goes: the sessions until then, and the head at that moment",
                _ => "Which moment of the treatment is shown",
            };
            let label = ui.label("Step");
            let combo = ComboBox::from_id_salt("step").height(460.0).selected_text(form.step.label(sittings)).show_ui(
                ui,
                |ui| {
                    let all = plan.map_or_else(Vec::new, |p| Sittings::of(p).steps());
                    for step in all.into_iter().filter(|s| s.has_pigment()) {
                        ui.selectable_value(&mut form.step, step, step.label(sittings))
                            .on_hover_text(step.tip(sittings));
                    }
                },
            );
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
            let outlook = format!("Outlook: {}", tiles::name(desk.outlook).to_lowercase());
            let tip = format!("{}. It is chosen below the photo", tiles::tip(desk.outlook));
            ui.add(egui::Label::new(outlook).truncate()).on_hover_text(tip).on_disabled_hover_text(UNTREATED);
        });
    });
    ui.horizontal(|ui| {
        let shown = desk.record().map_or("", |r| r.name.as_str());
        ui.radio_value(&mut form.all_views, true, "All photos").on_hover_text("A picture of each photo of this client");
        ui.radio_value(&mut form.all_views, false, format!("This photo ({shown})"))
            .on_hover_text("Only the photo that is shown");
    });
}

/// In which format, where, and the buttons.
fn place(ui: &mut Ui, desk: &Desk, form: &mut Form, folder: &Path) -> Option<Asked> {
    let mut asked = None;
    ui.add_space(8.0);
    ui.strong("File");
    ui.horizontal(|ui| {
        for (format, name, tip) in [
            (Format::Jpeg { quality: DEFAULT_JPEG_QUALITY }, "JPEG", "Small; opens everywhere"),
            (Format::Png, "PNG", "Without loss; large"),
            (Format::WebP, "WebP", "Without loss; smaller than PNG, not for old programs"),
            (Format::Tiff, "TIFF", "Without loss; for print shops"),
        ] {
            ui.radio_value(&mut form.format, format, name).on_hover_text(tip);
        }
    });
    let quality = Number {
        label: "Quality",
        tip: "Of JPEG: higher is finer and larger; 92 is finer than a phone's photo",
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
    let document = desk.document();
    let variant = document.variants.get(form.variant);
    let view = desk.record().map_or("", |r| r.name.as_str());
    let sittings = variant.map_or_else(Sittings::default, |v| Sittings::of(&v.plan));
    let example = form.name(&desk.name(), view, variant.map_or("", |v| v.name.as_str()), sittings);
    let example = RichText::new(format!("as in {example}.{}", form.extension())).weak();
    ui.add(egui::Label::new(example).truncate());
    ui.horizontal(|ui| {
        if ui.button("Folder…").on_hover_text("Choose where the pictures go").clicked() {
            asked = Some(Asked::Folder);
        }
        ui.add(egui::Label::new(folder.display().to_string()).truncate());
    });
    ui.add_space(6.0);
    ui.checkbox(&mut form.note, "Write \u{201c}Simulation, not a promise\u{201d} below the picture")
        .on_hover_text("So that nobody takes the picture for the result");
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        let ready = variant.is_some() && !document.views.is_empty();
        let why = "Add a photo and fit the head first";
        let export = ui.add_enabled(ready, Button::new("Export")).on_disabled_hover_text(why);
        if export.on_hover_text("Write the pictures into this folder; nothing there is replaced").clicked() {
            asked = Some(Asked::Export);
        }
        if ui.button("Cancel").on_hover_text("Back without a picture (Escape)").clicked() {
            asked = Some(Asked::Close);
        }
    });
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_pattern_and_safe() {
        let form = Form { step: Step::Healed(3), ..Form::default() };
        let three = Sittings { sessions: 3, touch_up_days: None };
        assert_eq!(form.name("Anna", "front", "A", three), "Anna front healed");
        let form = Form { pattern: "../{variant}:{view}?".to_owned(), ..form };
        assert_eq!(form.name("Anna", "left", "B", three), "-B-left-");
        let form = Form { pattern: "  ".to_owned(), ..form };
        assert_eq!(form.name("Anna", "left", "B", three), "picture");
    }
}
