//! Pigments on the client's own skin, and which of them comes closest to the existing hair.

use egui::accesskit::Role;
use egui::{Align, Button, Color32, Label, Layout, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};
use egui_material_icons::icons;

use super::{Section, note, sessions::ratio, skin_type};
use crate::case::picks::PickedTone;
use crate::ground::colour::srgb_fraction_from_light;
use crate::plan::Plan;
use crate::plan::pigment::Pigment;
use crate::reading::complexion::SkinTypes;
use crate::reading::tone::Tone;
use crate::skin::shade::DilutedPigment;
use crate::studio::controls::widgets::explained;
use crate::studio::session::aim::{Aim, Dropper};
use crate::studio::session::colours::{Colours, Sample, Target, on_paper};
use crate::studio::words::words;

const BAR_HEIGHT: f32 = 20.0;
/// Two lines of text.
const PICKER_HEIGHT: f32 = 28.0;
/// Shown when the picked hair is as light as the skin.
const NOT_HAIR: &str = "This looks like bare skin: it is hardly darker than the client's skin, so there is nothing to match. \
                        Pick shaved hair where it is dense, in the same light as the skin.";
/// If even the closest pigment differs by more than this, CIEDE2000, what was picked is not shaved hair: dots with skin
/// visible between them never look like that (assumed).
const FAR: f64 = 20.0;
const FULL_HAIR: &str = "This looks like full hair or a deep shadow: no pigment comes close to it. Pick a shaved patch, in the \
                         same light as the skin.";

impl Section<'_> {
    /// The pigments, the client's colours, and a suggestion.
    pub(crate) fn pigment(&mut self, ui: &mut Ui, colours: &mut Colours, dropper: &mut Dropper) {
        let picked = self.case.document().client.clone();
        let skin = colours.skin(&picked);
        let told = colours.skin_types(&picked);
        let pigments: Vec<Pigment> = self.plan.pigments().cloned().collect();
        let swatches = colours.swatches(&picked, &self.plan, self.case.facts.skin);
        if !swatches.is_empty() {
            self.column_names(ui);
        }
        for (index, pigment) in pigments.iter().enumerate() {
            if self.pigment_bar(ui, pigment, swatches.get(index).map(Vec::as_slice)) {
                self.case.draft_plan("Choose pigment", |p| p.pigment.clone_from(&pigment.name));
            }
        }
        let caption = match skin {
            Some(_) => {
                "Ink: a thin film on white paper. Then, healed and seen from afar, with dots as seen up close: bare skin, \
                 each dilution alone, and the plan"
            }
            None => "Colours appear once the skin is known: pick it from the photo",
        };
        note(ui, caption);
        ui.add_space(2.0);
        for target in [Target::Skin, Target::Stubble] {
            let pick = target.picked(&picked);
            let tone = if target == Target::Skin { skin } else { pick.map(PickedTone::tone) };
            let mut focused = false;
            let shown = ui.scope(|ui| {
                self.picker(ui, dropper, target, tone, pick, told);
                if target == Target::Skin {
                    focused = self.skin_types(ui, told);
                }
            });
            if target == Target::Skin {
                colours.points_at_skin = focused || ui.rect_contains_pointer(shown.response.rect);
            }
        }
        let hair = picked.hair.as_ref().map(PickedTone::tone);
        if let (Some(hair), Some(skin)) = (hair, skin)
            && !hair.can_be_hair_on(skin)
        {
            ui.colored_label(ui.visuals().warn_fg_color, NOT_HAIR);
        }
        if let (Some(hair), Some(ladder)) =
            (hair, colours.suggestion(&picked, &self.plan, self.case.facts.skin).cloned())
        {
            if ladder.difference > FAR {
                let found = format!("{FULL_HAIR} (ΔE {:.0} to the nearest pigment)", ladder.difference);
                ui.colored_label(ui.visuals().warn_fg_color, found);
            } else {
                self.suggestion(ui, hair, &ladder);
            }
        }
    }

    /// The column headings of the pigment bars.
    fn column_names(&self, ui: &mut Ui) {
        let names = self.columns();
        let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 14.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Columns: {}", names.join(", "))));
        let font = egui::FontId::proportional(10.5);
        for (name, cell) in names.iter().zip(cells(rect, names.len())) {
            let painter = ui.painter_at(cell);
            painter.text(
                cell.center(),
                egui::Align2::CENTER_CENTER,
                name,
                font.clone(),
                ui.visuals().weak_text_color(),
            );
        }
    }

    /// The names of the cells of a bar.
    fn columns(&self) -> Vec<String> {
        let dilutions = self.plan.sessions.iter().map(|s| ratio(s.dilution));
        ["Ink", "Skin"].map(str::to_owned).into_iter().chain(dilutions).chain(["Plan".to_owned()]).collect()
    }

    /// A pigment's name over a bar of its colours; true if it was clicked.
    fn pigment_bar(&self, ui: &mut Ui, pigment: &Pigment, swatches: Option<&[Sample]>) -> bool {
        let chosen = pigment.name == self.plan.pigment;
        let name = words(&pigment.name);
        let height = BAR_HEIGHT + if swatches.is_some() { 16.0 } else { 0.0 };
        let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, format!("Pigment {name}")));
        if ui.is_rect_visible(rect) {
            let visuals = ui.style().interact_selectable(&response, chosen);
            let (caption, bar) =
                rect.split_top_bottom_at_y(rect.bottom() - if swatches.is_some() { BAR_HEIGHT } else { 0.0 });
            if chosen {
                ui.painter().rect_filled(caption, 3.0, ui.visuals().selection.bg_fill);
            }
            let font = egui::TextStyle::Small.resolve(ui.style());
            let at = caption.left_center() + Vec2::new(4.0, 0.0);
            ui.painter().text(at, egui::Align2::LEFT_CENTER, &name, font, visuals.text_color());
            if let Some(swatches) = swatches {
                let ink = Sample { skin: on_paper(pigment), dot: None };
                for (of, cell) in std::iter::once(&ink).chain(swatches).zip(cells(bar, swatches.len() + 1)) {
                    magnified(ui, cell, of);
                }
            }
            if response.hovered() || response.has_focus() || chosen {
                let edge = if chosen { ui.visuals().selection.bg_fill } else { visuals.bg_stroke.color };
                ui.painter().rect_stroke(rect, 3.0, Stroke::new(1.5, edge), StrokeKind::Outside);
            }
        }
        let response = explained(response, "Use this pigment in every session");
        response.on_hover_ui(|ui| self.explain(ui, pigment, swatches)).clicked()
    }

    fn explain(&self, ui: &mut Ui, pigment: &Pigment, swatches: Option<&[Sample]>) {
        ui.strong(words(&pigment.name));
        ui.label("Use this pigment in every session");
        let Some(swatches) = swatches else { return };
        let names = ["Thin film on white paper", "Bare skin"]
            .map(str::to_owned)
            .into_iter()
            .chain(self.plan.sessions.iter().map(|s| format!("{} alone, healed", ratio(s.dilution))))
            .chain(["The plan, healed".to_owned()]);
        let ink = Sample { skin: on_paper(pigment), dot: None };
        for (of, name) in std::iter::once(&ink).chain(swatches).zip(names) {
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(Vec2::new(42.0, 14.0), Sense::hover());
                magnified(ui, rect, of);
                ui.label(name);
                ui.weak(lab(of.skin));
            });
        }
    }

    /// A colour of the client with the buttons that pick it and discard the pick.
    fn picker(
        &mut self,
        ui: &mut Ui,
        dropper: &mut Dropper,
        target: Target,
        tone: Option<Tone>,
        pick: Option<&PickedTone>,
        told: Option<SkinTypes>,
    ) {
        let name = target.name();
        let size = Vec2::new(ui.available_width(), PICKER_HEIGHT);
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
            // The buttons that must not be cut off come first.
            if pick.is_some() {
                let remove = ui.add(Button::new(icons::ICON_CLOSE).frame(false));
                let tip = match target {
                    Target::Skin => "Forget this pick and use the forehead's colour again",
                    Target::Stubble => "Forget this pick and match nothing to hair",
                };
                let called = format!("Remove {}", name.to_lowercase());
                if remove.accessible_name(&called).on_hover_text(tip).clicked() {
                    self.case.draft(&called, |document| *target.place(&mut document.client) = None);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let armed = dropper.armed == Some(Aim::Tone(target));
                let button = ui.add(Button::selectable(armed, icons::ICON_COLORIZE).frame_when_inactive(true));
                let tip = match target {
                    Target::Skin => "Pick untreated skin by clicking it in the photo",
                    Target::Stubble => "Pick stubble or the shaved side by clicking it in the photo",
                };
                let button = button.accessible_name(format!("Pick {}", name.to_lowercase())).on_hover_text(tip);
                if button.clicked() {
                    dropper.armed = if armed { None } else { Some(Aim::Tone(target)) };
                }
                let Some(tone) = tone else {
                    ui.label(name);
                    ui.weak("not picked");
                    return;
                };
                swatch(ui, tone, Vec2::new(24.0, 18.0)).on_hover_text("Median over a disc of 3 mm");
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let source = pick.map_or("forehead", |pick| &pick.view);
                    ui.add(Label::new(format!("{name} ({source})")).truncate());
                    match target {
                        Target::Skin => {
                            let ita = tone.ita_degrees();
                            let class = told.map_or("not skin", |told| told.likeliest.class());
                            let tip = format!(
                                "Judging by its colour, as far as the light of this photo is known, most likely {class}; {}, ITA \
                                 {ita:.0}°",
                                lab(tone)
                            );
                            let confirmed = self.case.document().client.skin_type;
                            note(ui, skin_type::words(told, confirmed)).on_hover_text(tip);
                        }
                        Target::Stubble => drop(note(ui, lab(tone))),
                    }
                });
            });
        });
    }

    /// The ladder that comes closest to the hair, with a button that adopts it.
    fn suggestion(&mut self, ui: &mut Ui, stubble: Tone, ladder: &DilutedPigment) {
        let used = ladder.pigment.name == self.plan.pigment
            && self.plan.sessions.iter().zip(&ladder.dilutions).all(|(s, d)| (s.dilution, s.dark_dilution) == *d);
        ui.group(|ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                swatch(ui, stubble, Vec2::new(24.0, 18.0)).on_hover_text("The hair to match");
                swatch(ui, ladder.healed, Vec2::new(24.0, 18.0)).on_hover_text("The closest plan, healed");
                let steps: Vec<String> = ladder.dilutions.iter().map(|d| ratio(d.0)).collect();
                ui.label(format!("{}, {}", words(&ladder.pigment.name), steps.join(", ")));
            });
            note(ui, nearness(ladder.difference))
                .on_hover_text("CIEDE2000 difference: about 1 is just visible side by side");
            let button = ui.add_enabled(!used, Button::new(if used { "In use" } else { "Use" }));
            let tip = "Use this pigment and these dilutions";
            if button.accessible_name("Use suggestion").on_hover_text(tip).clicked() {
                self.case.draft_plan("Use suggested pigment", |plan| use_ladder(plan, ladder));
            }
        });
    }
}

fn use_ladder(plan: &mut Plan, ladder: &DilutedPigment) {
    plan.pigment.clone_from(&ladder.pigment.name);
    for (session, (dilution, dark)) in plan.sessions.iter_mut().zip(&ladder.dilutions) {
        (session.dilution, session.dark_dilution) = (*dilution, *dark);
    }
}

pub(crate) fn nearness(difference: f64) -> String {
    let word = match difference {
        d if d < 1.5 => "no visible difference",
        d if d < 3.0 => "very close",
        d if d < 6.0 => "close",
        _ => "the closest there is, but clearly different: try another density",
    };
    format!("{word} (ΔE {difference:.1})")
}

pub(crate) fn lab(tone: Tone) -> String {
    let [l, a, b] = tone.lab();
    format!("L {l:.0} a {a:.0} b {b:.0}")
}

fn colour(tone: Tone) -> Color32 {
    let [r, g, b] = tone.0.map(|light| (255.0 * srgb_fraction_from_light(light.clamp(0.0, 1.0))).round() as u8);
    Color32::from_rgb(r, g, b)
}

/// The cells of a bar, from left to right; ink, bare skin and the plan are set apart from the dilutions.
fn cells(bar: Rect, count: usize) -> impl Iterator<Item = Rect> {
    let width = bar.width() / count as f32;
    (0..count).map(move |i| {
        let left = bar.left() + width * i as f32;
        let gap = match i {
            i if i + 1 == count => 0.0,
            i if i < 2 || i + 2 == count => 4.0,
            _ => 1.0,
        };
        Rect::from_min_max(pos2(left, bar.top()), pos2(left + width - gap, bar.bottom()))
    })
}

/// Skin as seen from afar, with some of its dots as seen up close.
fn magnified(ui: &Ui, rect: Rect, of: &Sample) {
    /// Places of dots, as shares of the swatch's sides; as irregular as follicles are.
    const PLACES: [[f32; 2]; 5] = [[0.13, 0.34], [0.31, 0.71], [0.52, 0.29], [0.70, 0.66], [0.89, 0.36]];
    ui.painter().rect_filled(rect, 0.0, colour(of.skin));
    let Some(dot) = of.dot else { return };
    for [x, y] in PLACES {
        ui.painter().circle_filled(rect.min + rect.size() * Vec2::new(x, y), 0.11 * rect.height(), colour(dot));
    }
}

pub(crate) fn swatch(ui: &mut Ui, tone: Tone, size: Vec2) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect_filled(rect, 2.0, colour(tone));
    response
}
