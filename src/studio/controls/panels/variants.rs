//! The variants of the plan: shown, named, copied, deleted; their differences are in their tooltips.

use egui::{Button, Id, Key, TextEdit, Ui};

use super::top::Asked;
use crate::case::document::Variant;
use crate::plan::Plan;
use crate::studio::controls::widgets::explained;
use crate::studio::session::command::Command;
use crate::studio::session::open_case::OpenCase;
use crate::studio::words::{edge_name, shape_name, words};

/// Most width of a variant's button, points.
const MOST_WIDTH: f32 = 190.0;
const MORE: &str = "Double-click to rename; right-click for more";

/// A button for each variant.
pub fn show(ui: &mut Ui, case: &OpenCase, asked: &mut Option<Asked>) {
    let variants = &case.document().variants;
    let renaming = Id::unique("renamed variant");
    for (index, variant) in variants.iter().enumerate() {
        let typed: Option<String> =
            ui.data(|d| d.get_temp::<(usize, String)>(renaming)).and_then(|(at, text)| (at == index).then_some(text));
        if let Some(typed) = typed {
            rename(ui, renaming, index, typed, asked);
            continue;
        }
        // A long name leaves room for the others.
        let button = Button::selectable(index == case.variant, &variant.name).truncate();
        let response = ui
            .scope(|ui| {
                ui.set_max_width(MOST_WIDTH);
                ui.add(button)
            })
            .inner;
        let shown = ui.scope_id().with("shown");
        if index == case.variant && ui.data(|data| data.get_temp::<usize>(shown)) != Some(index) {
            ui.data_mut(|data| data.insert_temp(shown, index));
            response.scroll_to_me(None);
        }
        let response = explained(response, MORE).on_hover_ui(|ui| {
            ui.strong(format!("Variant {}", variant.name));
            explain(ui, case, index);
            ui.weak(MORE);
        });
        if response.double_clicked() {
            ui.data_mut(|d| d.insert_temp(renaming, (index, variant.name.clone())));
        } else if response.clicked() {
            *asked = Some(Asked::Variant(index));
        }
        response.context_menu(|ui| {
            if ui.button("Rename").on_hover_text("Give this variant another name").clicked() {
                ui.data_mut(|d| d.insert_temp(renaming, (index, variant.name.clone())));
                ui.close();
            }
            for (command, possible) in [(Command::CopyVariant, true), (Command::DeleteVariant, variants.len() > 1)] {
                let item = ui.add_enabled(possible, Button::new(command.text()));
                if item.on_hover_text(command.tip()).clicked() {
                    *asked = Some(Asked::OnVariant(index, command));
                    ui.close();
                }
            }
        });
    }
}

fn rename(ui: &mut Ui, id: Id, index: usize, mut typed: String, asked: &mut Option<Asked>) {
    let edit = ui.add(TextEdit::singleline(&mut typed).desired_width(90.0).char_limit(60));
    let edit = edit.accessible_name("Name of the variant").on_hover_text("Enter keeps the name, Escape cancels");
    let begun = ui.data(|d| d.get_temp::<bool>(id)).unwrap_or(false);
    if !begun {
        edit.request_focus();
        ui.data_mut(|d| d.insert_temp(id, true));
    } else if edit.lost_focus() {
        ui.data_mut(|d| {
            d.remove::<(usize, String)>(id);
            d.remove::<bool>(id);
        });
        if !ui.input(|i| i.key_pressed(Key::Escape)) && !typed.trim().is_empty() {
            *asked = Some(Asked::RenameVariant(index, typed.trim().to_owned()));
        }
        return;
    }
    ui.data_mut(|d| d.insert_temp(id, (index, typed)));
}

fn explain(ui: &mut Ui, case: &OpenCase, index: usize) {
    let variants = &case.document().variants;
    let (Some(this), Some(shown)) = (variants.get(index), variants.get(case.variant)) else { return };
    if index == case.variant {
        ui.label("The plan that is shown");
        return;
    }
    let Variant { name, .. } = shown;
    match differences(&this.plan, &shown.plan) {
        found if found.is_empty() => {
            ui.label(format!("The same as {name}"));
        }
        found => {
            ui.label(format!("Compared with {name}:"));
            for line in found {
                ui.label(line);
            }
        }
    }
}

/// How a plan differs from another, in a few words each; empty if they are equal.
#[must_use]
pub fn differences(plan: &Plan, other: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, one: String, two: String| {
        if one != two {
            found.push(format!("{what}: {one}, not {two}"));
        }
    };
    differ("Treatment", words(plan.treatment.name()), words(other.treatment.name()));
    let shape = |p: &Plan| shape_name(p.hairline.preset);
    differ("Line shape", shape(plan), shape(other));
    let edge = |p: &Plan| edge_name(p.hairline.edge_preset());
    differ("Edge", edge(plan), edge(other));
    let density = |p: &Plan| {
        let each: Vec<String> = p.areas.iter().map(|a| format!("{:.0}", a.density_per_cm2)).collect();
        format!("{} /cm²", each.join(", "))
    };
    differ("Density", density(plan), density(other));
    differ("Pigment", words(&plan.pigment), words(&other.pigment));
    differ("Sessions", plan.sessions.len().to_string(), other.sessions.len().to_string());
    let dilutions = |p: &Plan| {
        let each: Vec<String> = p.sessions.iter().map(|s| format!("{:.0}:1", s.dilution)).collect();
        each.join(", ")
    };
    differ("Dilutions", dilutions(plan), dilutions(other));
    let transition = |p: &Plan| format!("{:.1} mm", p.hairline.edge.transition_mm);
    differ("Transition", transition(plan), transition(other));
    let apart = |a: bool, what: &str, found: &mut Vec<String>| {
        if a {
            found.push(what.to_owned());
        }
    };
    apart(plan.hairline.points != other.hairline.points, "The line is drawn differently", &mut found);
    apart(plan.strokes != other.strokes, "Different brush strokes", &mut found);
    apart(plan.masks != other.masks, "Different keep-out masks", &mut found);
    if found.is_empty() && plan != other {
        found.push("Minor settings".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;
    use crate::plan::treatment::Treatment;

    #[test]
    fn differences_are_named_and_equal_plans_have_none() {
        let plan = Plan::for_treatment(Treatment::FullShave, None, &Head::average());
        assert!(differences(&plan, &plan.clone()).is_empty());
        let mut other = plan.clone();
        other.areas[0].density_per_cm2 = 90.0;
        crate::plan::session::add(&mut other.sessions);
        let found = differences(&other, &plan);
        assert!(found.contains(&"Density: 90 /cm², not 106 /cm²".to_owned()), "{found:?}");
        assert!(found.contains(&"Sessions: 4, not 3".to_owned()), "{found:?}");
        let mut other = plan.clone();
        other.seed += 1;
        assert_eq!(differences(&other, &plan), ["Minor settings"]);
    }
}
