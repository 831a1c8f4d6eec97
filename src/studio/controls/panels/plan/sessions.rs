//! Sessions: what is placed when, and how diluted.

use egui::accesskit::Role;
use egui::collapsing_header::CollapsingState;
use egui::{Button, Ui, Vec2, WidgetInfo};
use egui_extras::DatePickerButton;
use egui_material_icons::icons;

use super::{Section, note};
use crate::ground::numbers::DAYS_PER_YEAR;
use crate::plan::parameters::{self, Parameter, Unit};
use crate::plan::session::{self, Session, TouchUp};
use crate::studio::controls::fields::{Number, row};

const DAYS_A_MONTH: f64 = DAYS_PER_YEAR / 12.0;

impl Section<'_> {
    /// The sessions, first to last.
    pub(crate) fn sessions(&mut self, ui: &mut Ui) {
        let count = self.plan.sessions.len();
        let days = self.plan.session_days().unwrap_or_default();
        for index in 0..count {
            let id = ui.scope_id().with(("session", index));
            let state = CollapsingState::load_with_default_open(ui.ctx(), id, false);
            let (toggle, ..) = state
                .show_header(ui, |ui| {
                    let s = &self.plan.sessions[index];
                    let day = days.get(index).map_or_else(String::new, |day| format!(", {}", day.strftime("%-d %b")));
                    let share = 100.0 * s.cumulative_share;
                    let text = format!("Session {}{day}\n{share:.0} % of the dots, {}", index + 1, water(s.dilution));
                    let tip = "Share of all dots in place after it, and parts of water to one part of pigment";
                    ui.label(text).on_hover_text(tip);
                    if count > 1 {
                        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                            let name = format!("Remove session {}", index + 1);
                            let remove = ui.add(Button::new(icons::ICON_CLOSE).frame(false));
                            if remove.accessible_name(&name).on_hover_text(&name).clicked() {
                                self.case.draft_plan(&name, |p| session::remove(&mut p.sessions, index));
                            }
                        });
                    }
                })
                .body(|ui| self.session(ui, index));
            let name = format!("Details of session {}", index + 1);
            toggle.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, &name));
            toggle.on_hover_text("Show or hide this session's numbers");
        }
        let add = Button::new((icons::ICON_ADD, "Add session")).min_size(Vec2::new(ui.available_width(), 0.0));
        let add = ui.add_enabled(count < session::MOST, add).accessible_name("Add session");
        let add = add.on_disabled_hover_text(format!("A plan has up to {} sessions", session::MOST));
        if add.on_hover_text("Spread the dots over one more session").clicked() {
            self.case.draft_plan("Add session", |p| session::add(&mut p.sessions));
        }
        self.first_day(ui);
        self.touch_up(ui);
        let days: f64 = self.plan.sessions.iter().skip(1).map(|s| s.interval_days).sum();
        if count > 1 {
            note(ui, format!("{days:.0} days from the first to the last"));
        }
    }

    /// The day of the first session; those of the others follow from it.
    fn first_day(&mut self, ui: &mut Ui) {
        let mut agreed = self.plan.first_session.is_some();
        let tip = "Give the first session a date; those of the others follow";
        if ui.checkbox(&mut agreed, "Days in the calendar").on_hover_text(tip).changed() {
            let name = if agreed { "Agree on a day" } else { "Remove the day" };
            self.case.draft_plan(name, |plan| plan.first_session = agreed.then(|| jiff::Zoned::now().date()));
        }
        let Some(mut day) = self.plan.first_session else { return };
        let tip = "Day of the first session";
        let years = day.year().min(jiff::Zoned::now().year()) - 2..=day.year() + 5;
        let picker = DatePickerButton::new(&mut day).show_icon(false).calendar_week(false).format("%-d %b %Y");
        let picked = row(ui, "First session", tip, |ui| ui.add(picker.start_end_years(years)));
        let picked = picked.on_hover_text(tip);
        picked.widget_info(|| WidgetInfo::labeled(Role::DateInput, true, "Day of the first session"));
        if Some(day) != self.plan.first_session {
            self.case.draft_plan("Change day of the first session", |plan| plan.first_session = Some(day));
        }
    }

    fn touch_up(&mut self, ui: &mut Ui) {
        let mut planned = self.plan.touch_up.is_some();
        let tip = "A session years later that puts new pigment into some of the dots";
        if ui.checkbox(&mut planned, "Touch-up").on_hover_text(tip).changed() {
            let name = if planned { "Add touch-up" } else { "Remove touch-up" };
            self.case.draft_plan(name, |plan| plan.touch_up = planned.then(|| TouchUp::after(&plan.sessions)));
        }
        let Some(touch_up) = self.plan.touch_up else { return };
        let usual = TouchUp::after(&self.plan.sessions);
        let mut field = |number: Number, parameter: &Parameter<TouchUp>| {
            if let Some(changed) = number.show_of(ui, parameter.get(&touch_up), "touch-up") {
                self.case.draft_plan("Change touch-up", |plan| {
                    if let Some(touch_up) = &mut plan.touch_up {
                        parameter.set(touch_up, changed);
                    }
                });
            }
        };
        for parameter in [&parameters::TOUCH_UP_AFTER, &parameters::TOUCH_UP_SHARE, &parameters::TOUCH_UP_DILUTION] {
            let number = Number::of(parameter, parameter.get(&usual));
            field(if parameter.unit == Unit::Days { in_months(number) } else { number }, parameter);
        }
    }

    fn session(&mut self, ui: &mut Ui, index: usize) {
        let of = format!("session {}", index + 1);
        let Some(s) = self.plan.sessions.get(index).cloned() else { return };
        let count = self.plan.sessions.len();
        let shares = session::share_range(&self.plan.sessions, index);
        let usual = session::defaults(count).get(index).cloned().unwrap_or_else(|| s.clone());
        let mut field = |number: Number, parameter: &Parameter<Session>| {
            if let Some(changed) = number.show_of(ui, parameter.get(&s), &of) {
                let name = format!("Change {} of {of}", parameter.label.to_lowercase());
                self.case.draft_plan(&name, |plan| {
                    if let Some(session) = plan.sessions.get_mut(index) {
                        parameter.set(session, changed);
                    }
                });
            }
        };
        let number = |parameter: &Parameter<Session>| Number::of(parameter, parameter.get(&usual));
        let share = number(&parameters::SESSION_SHARE);
        let range = 100.0 * shares.start()..=100.0 * shares.end();
        field(Number { range, ..share }, &parameters::SESSION_SHARE);
        // The first session follows none, and dots that do not exist need no dilution.
        for (parameter, applies) in [
            (&parameters::DILUTION, true),
            (&parameters::NEEDLE, true),
            (&parameters::INTERVAL, index > 0),
            (&parameters::DARK_SHARE, true),
            (&parameters::DARK_DILUTION, s.dark_share > 0.0),
        ] {
            if applies {
                field(number(parameter), parameter);
            }
        }
    }
}

/// A number of days, shown in months.
fn in_months(number: Number<'static>) -> Number<'static> {
    let (least, most) = (number.range.start() / DAYS_A_MONTH, number.range.end() / DAYS_A_MONTH);
    Number {
        unit: " months",
        range: least.ceil()..=most.floor(),
        default: number.default / DAYS_A_MONTH,
        factor: number.factor / DAYS_A_MONTH,
        ..number
    }
}

/// "20 parts water".
fn water(dilution: f64) -> String {
    let digits = usize::from((dilution - dilution.round()).abs() > 0.05);
    if dilution < 0.05 { "undiluted".to_owned() } else { format!("{dilution:.digits$} parts water") }
}

/// "20:1".
pub(crate) fn ratio(dilution: f64) -> String {
    let digits = usize::from((dilution - dilution.round()).abs() > 0.05);
    format!("{dilution:.digits$}:1")
}
