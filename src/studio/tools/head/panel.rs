//! The head tool's inspector: what to click, with a picture of where it is; how well the head fits; and where the scale
//! comes from.

use egui::accesskit::Role;
use egui::{Align2, Button, ComboBox, FontId, Rect, Response, RichText, Sense, Ui, Vec2, WidgetInfo, vec2};
use egui_material_icons::icons;

use super::handles::Standing;
use super::{Asked, HeadTool, RULER_MM, State, Target, by_hand, picture, scale_step, searchable};
use crate::case::document::ViewRecord;
use crate::head::fit::Scale;
use crate::head::landmarks::Landmark;
use crate::head::standard_view::StandardView;
use crate::studio::controls::fields::Number;
use crate::studio::controls::widgets::explained;
use crate::studio::session::landmarks;
use crate::studio::session::open_case::OpenCase;

/// Relative error of the scale from which the fit counts as rough.
const ROUGH: f64 = 0.1;
const ROW: f32 = 34.0;
const LARGE: f32 = 92.0;

impl HeadTool {
    /// Shows the inspector.
    pub fn inspector(&mut self, ui: &mut Ui, case: &mut OpenCase) {
        let Some(record) = case.record().cloned() else { return };
        self.follow(&record);
        self.asked(ui, case, &record);
        self.fit_in_words(ui, case);
        self.finding(ui, case, &record);
        ui.add_space(6.0);
        ui.strong("Landmarks").on_hover_text("In any order; the more there are, the better the head fits");
        let target = self.target(&record);
        let fit = case.fit().cloned();
        for landmark in landmarks::listed(&record) {
            let armed = target == Some(Target::Landmark(landmark));
            let standing = Standing::of(fit.as_deref(), case.view, landmark);
            if row(ui, &record, landmark, armed, standing).clicked() {
                self.ask(if armed { Asked::Nothing } else { Asked::Chosen(Target::Landmark(landmark)) });
            }
        }
        ui.add_space(6.0);
        self.outline(ui, case, &record);
        ui.add_space(6.0);
        self.scales(ui, case, &record);
        ui.separator();
    }

    /// Detection without clicks: again for this photo, and whether it runs in new ones.
    fn finding(&mut self, ui: &mut Ui, case: &mut OpenCase, record: &ViewRecord) {
        ui.add_space(6.0);
        ui.strong("The whole head")
            .on_hover_text("The program looks for the face and the edge of the head; what you place counts for more");
        ui.horizontal_wrapped(|ui| {
            let find = ui.add_enabled(self.search.is_none(), Button::new("Find head"));
            if find.on_hover_text("Looks for the face and the edge of the head in this photo").clicked() {
                self.search_head(ui.ctx(), case);
            }
            let clicked = record.landmarks.len() >= 2 && !self.is_laying();
            let by_hand = ui.add_enabled(!clicked, Button::new("Place the head by hand").selected(self.is_laying()));
            let by_hand = by_hand.on_disabled_hover_text("Remove the points that you placed first: they count for more");
            let tip = "For photos without a face, from behind or from above: move, turn, tilt and scale a head until it lies \
                       over that in the photo";
            if by_hand.on_hover_text(tip).clicked() {
                match self.state {
                    State::ByHand(_, asked) => self.ask(asked),
                    _ => self.begin_by_hand(case),
                }
            }
            let edge = ui.add_enabled(case.camera().is_some() && self.search.is_none(), Button::new("Find edge"));
            let tip = "Finds the head's edge in this photo, and fits the head to it";
            let missing = sentence_after("First", case, record);
            if edge.on_hover_text(tip).on_disabled_hover_text(missing).clicked() {
                self.search_edge(ui.ctx(), case);
            }
            let forget = ui.add_enabled(record.found.is_some(), Button::new("Forget what was found"));
            let tip = "Removes everything that was found in this photo; what you placed stays";
            if forget.on_hover_text(tip).on_disabled_hover_text("Nothing was found in this photo").clicked() {
                let view = case.view;
                case.draft("Forget what was found", |document| {
                    if let Some(record) = document.views.get_mut(view) {
                        record.found = None;
                        record.nothing_hides_dots &= record.hidden_as_drawn.is_some();
                    }
                });
            }
        });
        ui.checkbox(&mut self.snaps_to_edge, "Snap to the edge").on_hover_text(by_hand::SNAP_TIP);
        ui.checkbox(&mut self.finds_in_new_photos, "Find heads in new photos")
            .on_hover_text("Finds the head in every added photo without a click");
    }

    /// What is to be clicked, large.
    fn asked(&self, ui: &mut Ui, case: &OpenCase, record: &ViewRecord) {
        let Some(prompt) = self.prompt(case) else { return };
        ui.horizontal(|ui| {
            if let Some(Target::Landmark(landmark)) = self.target(record) {
                let (rect, _) = ui.allocate_exact_size(Vec2::splat(LARGE), Sense::hover());
                draw(ui, rect, record, landmark);
                ui.vertical(|ui| {
                    ui.label(RichText::new(prompt).strong());
                    ui.label(RichText::new(landmarks::place(landmark)).weak());
                });
            } else {
                ui.vertical(|ui| ui.label(RichText::new(prompt).strong()));
            }
        });
    }

    fn fit_in_words(&mut self, ui: &mut Ui, case: &OpenCase) {
        if let Some(problem) =
            case.fit_problem().filter(|_| case.document().views.iter().any(ViewRecord::has_enough_points))
        {
            ui.horizontal_top(|ui| {
                ui.label(icons::ICON_WARNING);
                ui.vertical(|ui| ui.label(problem));
            });
        }
        let Some(quality) = self.quality(case) else { return };
        let (px, scale) = (quality.residual_px, quality.scale);
        ui.label(format!("Points lie {px:.1} px ({:.1} mm) from the head", px * scale.mm_per_px))
            .on_hover_text("Half of the points are closer, half are farther; below 2 mm is good");
        let text = format!("Scale {:.3} mm/px ± {:.1} %", scale.mm_per_px, 100.0 * scale.error);
        let rough = scale.error > ROUGH;
        let colour = if rough { ui.visuals().warn_fg_color } else { ui.visuals().text_color() };
        ui.colored_label(colour, text)
            .on_hover_text("Millimetres per pixel at the middle of the hairline, and its error");
        if rough {
            ui.colored_label(colour, "Only roughly fitted: more landmarks and the outline improve it");
        }
    }

    fn outline(&mut self, ui: &mut Ui, case: &mut OpenCase, record: &ViewRecord) {
        let (count, found) = (record.outline.len(), record.found.as_ref().map_or(0, |found| found.outline.len()));
        ui.strong("Outline of the scalp")
            .on_hover_text("Points where bare scalp or short stubble meets the background; not on hair");
        ui.horizontal_wrapped(|ui| {
            let adding = self.state.asked() == Asked::Chosen(Target::Outline);
            let add = ui.add(Button::new("Add outline points").selected(adding));
            if add.on_hover_text("Click along the edge of the scalp as often as you like; Escape ends it").clicked() {
                self.ask(if adding { Asked::Nothing } else { Asked::Chosen(Target::Outline) });
            }
            let searching = self.search.is_some();
            let possible = searchable(case, record) && !searching;
            let find = ui.add_enabled(possible, Button::new("Find outline"));
            let tip = "Finds the edge of the scalp automatically if the background is plain";
            let missing = match StandardView::of(&record.name) {
                Some(StandardView::Front) => "Click both pupils first".to_owned(),
                _ => sentence_after("First", case, record),
            };
            if find.on_hover_text(tip).on_disabled_hover_text(missing).clicked() {
                self.search(ui.ctx(), case);
            }
            if searching {
                ui.spinner().on_hover_text("Looking for the outline");
            }
            let clear = ui.add_enabled(count + found > 0, Button::new("Remove outline"));
            if clear.on_hover_text("Removes all outline points of this photo").clicked() {
                let view = case.view;
                case.draft("Remove outline", |document| {
                    if let Some(record) = document.views.get_mut(view) {
                        record.outline.clear();
                        if let Some(found) = &mut record.found {
                            found.outline.clear();
                            found.hair.clear();
                        }
                    }
                });
            }
        });
        let text = match count {
            0 if found > 0 => format!("{found} points found; drag a ring where the head's edge is elsewhere"),
            0 => "No outline yet: it corrects the top and the sides of the head".to_owned(),
            1 => "1 point; drag it to correct it".to_owned(),
            n => format!("{n} points; drag them to correct them"),
        };
        ui.label(RichText::new(text).weak());
        if let Some(found) = &self.found {
            ui.label(found);
        }
    }

    fn scales(&mut self, ui: &mut Ui, case: &mut OpenCase, record: &ViewRecord) {
        ui.strong("Millimetres from")
            .on_hover_text("Where the program takes its scale from; better sources are further down");
        let scale = case.document().scale();
        let clicking = match self.state.asked() {
            Asked::Chosen(target @ (Target::Iris(_) | Target::Ruler(_))) => Some(target),
            _ => None,
        };
        let chosen = match (clicking, &scale) {
            (Some(Target::Iris(_)), _) | (None, Scale::Iris { .. }) => IRIS,
            (Some(_), _) | (None, Scale::Ruler { .. }) => RULER,
            (None, Scale::AveragePupils) => AVERAGE,
            (None, Scale::MeasuredPupils { .. }) => MEASURED,
        };
        let ready = record.has_enough_points();
        let missing = sentence_after("First", case, record);
        let mut asked = None;
        ComboBox::from_id_salt("scale")
            .width(ui.available_width() - 8.0)
            .selected_text(chosen)
            .show_ui(ui, |ui| {
                for (text, tip, possible) in [
                    (AVERAGE, "63 mm; people differ by 3.5 mm, or 6 %", true),
                    (IRIS, "11.7 mm in nearly everybody: click both edges of one iris", ready),
                    (MEASURED, "From the client's glasses, or measured with a ruler", true),
                    (RULER, "Click the two ends of something of known length on the skin", ready),
                ] {
                    let option = ui.add_enabled(possible, Button::selectable(text == chosen, text));
                    if option.on_hover_text(tip).on_disabled_hover_text(&missing).clicked() {
                        asked = Some(text);
                    }
                }
            })
            .response
            .on_hover_text("Where the program takes its scale from")
            .widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Millimetres from"));
        match asked {
            Some(IRIS) => self.ask(Asked::Chosen(Target::Iris(None))),
            Some(RULER) => self.ask(Asked::Chosen(Target::Ruler(None))),
            Some(text) => {
                let scale =
                    if text == MEASURED { Scale::MeasuredPupils { distance_mm: 63.0 } } else { Scale::AveragePupils };
                if clicking.is_some() {
                    self.ask(Asked::Nothing);
                }
                case.draft(scale_step(&scale), |document| document.set_scale(&scale));
            }
            None => {}
        }
        self.length(ui, case, clicking, &scale);
    }

    /// The number that belongs to a scale.
    fn length(&mut self, ui: &mut Ui, case: &mut OpenCase, clicking: Option<Target>, scale: &Scale) {
        let number = |label, tip, range, default| Number {
            label,
            tip,
            unit: " mm",
            range,
            speed: 0.1,
            decimals: 1,
            default,
            ..Number::default()
        };
        match (clicking, scale) {
            (Some(Target::Ruler(_)), _) | (None, Scale::Ruler { .. }) => {
                let length_mm = match (clicking, scale) {
                    (None, Scale::Ruler { length_mm, .. }) => *length_mm,
                    _ => self.ruler_mm.unwrap_or(RULER_MM),
                };
                let field = number("Length", "How long the ruler or sticker is", 1.0..=300.0, RULER_MM);
                if let Some(value) = field.show(ui, length_mm) {
                    self.ruler_mm = Some(value);
                    if let (None, Scale::Ruler { view, ends_px, .. }) = (clicking, scale) {
                        let scale = Scale::Ruler { view: view.clone(), ends_px: *ends_px, length_mm: value };
                        case.draft("Change ruler length", |document| document.set_scale(&scale));
                    }
                }
            }
            (None, Scale::MeasuredPupils { distance_mm }) => {
                let tip = "Distance between the centres of the pupils while looking into the distance";
                if let Some(value) = number("Pupil distance", tip, 45.0..=80.0, 63.0).show(ui, *distance_mm) {
                    let scale = Scale::MeasuredPupils { distance_mm: value };
                    case.draft("Change pupil distance", |document| document.set_scale(&scale));
                }
            }
            _ => {}
        }
        if let (None, Scale::Iris { view, .. } | Scale::Ruler { view, .. }) = (clicking, scale) {
            ui.label(RichText::new(format!("Clicked in photo {view}; drag its ends there")).weak());
        }
    }
}

const AVERAGE: &str = "Average pupil distance";
const IRIS: &str = "Iris in the photo";
const MEASURED: &str = "Measured pupil distance";
const RULER: &str = "Ruler or sticker in the photo";

/// What adds the photo to the head, after a word that says when.
fn sentence_after(word: &str, case: &OpenCase, record: &ViewRecord) -> String {
    format!("{word} {}", case.how_to_add(record))
}

fn draw(ui: &Ui, rect: Rect, record: &ViewRecord, landmark: Landmark) {
    let (drawing, mark) = landmarks::mark(StandardView::of(&record.name), landmark);
    let visuals = ui.visuals();
    picture::draw(ui.painter(), rect, drawing, mark, visuals.text_color(), ui.visuals().warn_fg_color);
}

/// A landmark with its picture; the whole row can be clicked.
fn row(ui: &mut Ui, record: &ViewRecord, landmark: Landmark, armed: bool, standing: Standing) -> Response {
    let placed = record.landmarks.contains_key(&landmark);
    let found = record.found_landmarks().any(|(found, _)| found == landmark);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let visuals = ui.style().interact_selectable(&response, armed);
    if armed || response.hovered() || response.has_focus() {
        ui.painter().rect(rect, 4.0, visuals.weak_bg_fill, visuals.bg_stroke, egui::StrokeKind::Inside);
    }
    let drawing = Rect::from_min_size(rect.min + vec2(4.0, 2.0), Vec2::splat(ROW - 4.0));
    draw(ui, drawing, record, landmark);
    let colour = visuals.text_color();
    let left = drawing.right_center() + vec2(8.0, 0.0);
    ui.painter().text(left, Align2::LEFT_CENTER, landmarks::title(landmark), FontId::proportional(13.5), colour);
    let state = match standing {
        _ if armed => "click it",
        Standing::Doubtful => "does not fit",
        Standing::LeftOut if placed => "placed, left out",
        Standing::LeftOut => "found, left out",
        Standing::Fits if placed => "placed",
        Standing::Fits if found => "found",
        Standing::Fits => "",
    };
    let right = rect.right_center() - vec2(8.0, 0.0);
    let state_colour = match standing {
        _ if armed => colour,
        Standing::Fits => ui.visuals().weak_text_color(),
        Standing::Doubtful | Standing::LeftOut => ui.visuals().warn_fg_color,
    };
    ui.painter().text(right, Align2::RIGHT_CENTER, state, FontId::proportional(12.0), state_colour);
    let known = match (placed, found) {
        (true, _) => "placed",
        (false, true) => "found",
        (false, false) => "not placed",
    };
    let label = format!("{}, {known}{}", landmarks::title(landmark), standing.in_words());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, armed, &label));
    explained(response, landmarks::place(landmark)).on_hover_ui(|ui| {
        ui.strong(landmarks::title(landmark));
        ui.label(landmarks::place(landmark));
        ui.weak(match standing {
            Standing::Doubtful => {
                "It hardly fits the other points, but is used: look whether it is where it belongs, and drag it there"
            }
            Standing::LeftOut => "It does not fit the other points and is ignored; drag it in the photo to correct it",
            Standing::Fits if placed => "Click to place it again; drag it in the photo to move it",
            Standing::Fits if found => "Found in the photo; drag it there, or click to place it, to correct it",
            Standing::Fits => "Click to place it",
        });
    })
}
