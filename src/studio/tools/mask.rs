//! The mask tool: closed lines that keep dots out of existing hair.

use egui::Ui;

use super::points::{Handles, Pen, Ways, apply, closed_line};
use crate::plan::area::Mask;
use crate::plan::{Plan, curve, distance, parameters};
use crate::studio::controls::fields::{Number, Text};
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::{LINE, Overlay, QUIET};

/// The hint in the status bar.
pub const HINT: &str =
    "Drag or click around what must stay free of dots; double-click or Enter ends; Escape removes the last point";

/// Most masks that a plan can have.
const MOST: usize = 500;
const USUAL_FEATHER_MM: f64 = 3.0;
const WAYS: Ways = Ways { clicks: true, drags: true, closed: true };

/// The mask tool.
#[derive(Debug, Default)]
pub struct MaskTool {
    pen: Pen,
    /// Index of the selected mask; the mask may have been deleted since.
    selected: Option<usize>,
}

impl MaskTool {
    fn selected(&self, plan: &Plan) -> Option<usize> {
        self.selected.filter(|&index| index < plan.masks.len())
    }

    /// Draws the masks and follows the pointer.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some((fit, camera)) = overlay.seen() else { return };
        let Some(plan) = overlay.case.plan().cloned() else { return };
        let head = fit.head();
        let selected = self.selected(&plan);
        for (index, mask) in plan.masks.iter().enumerate() {
            let line = closed_line(head.surface(mask.part), &mask.points, true);
            overlay.line_in(head, &camera, &line, 1.5, if selected == Some(index) { LINE } else { QUIET });
        }
        let mut on_line = false;
        if let Some((index, mask)) = selected.and_then(|i| plan.masks.get(i).map(|mask| (i, mask))) {
            let line = closed_line(head.surface(mask.part), &mask.points, true);
            let label = |point: usize| format!("{}, point {}", mask.name, point + 1);
            let handles =
                Handles { salt: "mask", part: mask.part, points: &mask.points, line: &line, label: &label, note: None };
            if let Some(edit) = handles.show(overlay, head, &camera).filter(|_| !self.pen.is_drawing()) {
                overlay.case.draft_plan("Change mask", |plan| {
                    if let Some(mask) = plan.masks.get_mut(index) {
                        apply(&mut mask.points, edit, true, 3);
                    }
                });
            }
            on_line = overlay.response.hover_pos().is_some_and(|at| handles.is_on_line(overlay, head, &camera, at));
        }
        if overlay.response.clicked()
            && !self.pen.is_drawing()
            && let Some((part, skin)) =
                overlay.response.interact_pointer_pos().and_then(|at| overlay.skin(head, &camera, at))
        {
            let covers = |mask: &Mask| {
                let surface = head.surface(mask.part);
                let line = curve::through(surface, &mask.points, true);
                mask.part == part && distance::encloses(&part.chart(), surface.centre, &line, skin.position)
            };
            if let Some(index) = plan.masks.iter().rposition(covers) {
                self.selected = Some(index);
                return;
            }
        }
        let begins = self.pen.is_drawing() || !on_line;
        let drawn = self.pen.follow(overlay, head, &camera, Ways { clicks: begins, ..WAYS });
        if let Some(drawn) = drawn.filter(|_| plan.masks.len() < MOST) {
            let (part, points) = drawn.controls(true);
            // A slip of the hand encloses nothing.
            if points.len() < 3 {
                return;
            }
            let name = free_name(&plan);
            self.selected = Some(plan.masks.len());
            overlay.case.draft_plan("Draw mask", |plan| {
                plan.masks.push(Mask { name, part, points, feather_mm: USUAL_FEATHER_MM });
            });
        }
    }

    /// The list of masks, and the selected one in numbers. True if one was chosen from the list.
    pub fn inspector(&mut self, ui: &mut Ui, case: &mut OpenCase) -> bool {
        let mut chosen = false;
        let Some(plan) = case.plan().cloned() else { return chosen };
        ui.strong("Keep-out masks");
        if plan.masks.is_empty() {
            ui.weak("No masks yet. Draw around existing hair, a mole, or anything that must stay free of dots.");
            return chosen;
        }
        let selected = self.selected(&plan);
        for (index, mask) in plan.masks.iter().enumerate() {
            if ui.selectable_label(selected == Some(index), &mask.name).on_hover_text("Select this mask").clicked() {
                (self.selected, chosen) = (Some(index), true);
            }
        }
        let Some((index, mask)) = selected.and_then(|i| plan.masks.get(i).map(|mask| (i, mask))) else {
            return chosen;
        };
        ui.separator();
        let name = Text { label: "Mask's name", tip: "What is kept free of dots", most: 100 };
        if let Some(text) = name.show(ui, index, &mask.name) {
            case.draft_plan("Rename mask", |plan| plan.masks[index].name = text);
        }
        let feather = Number { label: "Mask's feather", ..Number::of(&parameters::MASK_FEATHER, USUAL_FEATHER_MM) };
        if let Some(value) = feather.show(ui, mask.feather_mm) {
            case.draft_plan("Change mask's feather", |plan| plan.masks[index].feather_mm = value);
        }
        if ui.button("Delete mask").on_hover_text("Delete this mask; can be undone").clicked() {
            case.draft_plan("Delete mask", |plan| {
                plan.masks.remove(index);
            });
            self.selected = None;
        }
        chosen
    }
}

fn free_name(plan: &Plan) -> String {
    let taken = |name: &String| plan.masks.iter().any(|mask| mask.name == *name);
    (1..).map(|number| format!("mask {number}")).find(|name| !taken(name)).unwrap_or_default()
}
