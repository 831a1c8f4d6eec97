//! The passphrase of a case: asked for when it is opened, and set.

use std::path::PathBuf;

use egui::{Context, Key, TextEdit, Ui};
use zeroize::Zeroizing;

use super::widgets::dialog;
use crate::case::lock::Passphrase;

/// What is typed to open a case.
#[derive(Default)]
pub struct Opening {
    /// The case.
    pub path: PathBuf,
    /// What was typed before was another passphrase.
    pub wrong: bool,
    text: Zeroizing<String>,
}

/// What is typed to put the open case under a passphrase.
#[derive(Default)]
pub struct Setting {
    first: Zeroizing<String>,
    second: Zeroizing<String>,
}

/// What was asked for.
pub enum Asked {
    /// To use this passphrase.
    Use(Passphrase),
    /// Nothing.
    Close,
}

impl Opening {
    /// For this case.
    #[must_use]
    pub fn of(path: PathBuf, wrong: bool) -> Self {
        Self { path, wrong, ..Self::default() }
    }

    /// Asks; gives what was asked for.
    pub(crate) fn show(&mut self, ctx: &Context) -> Option<Asked> {
        let modal = dialog(ctx, "passphrase").show(ctx, |ui| {
            ui.set_width(420.0);
            ui.heading("This case is under a passphrase");
            ui.label(self.path.display().to_string());
            ui.add_space(8.0);
            let entered = field(ui, "Passphrase", &mut self.text, true);
            if self.wrong {
                ui.colored_label(ui.visuals().warn_fg_color, "That was another passphrase; the case is as it was.");
            }
            ui.add_space(8.0);
            buttons(
                ui,
                "Open it",
                "Open the case with this passphrase (Enter)",
                !self.text.is_empty(),
                entered,
                &self.text,
            )
        });
        let closed = modal.should_close().then_some(Asked::Close);
        modal.inner.or(closed)
    }
}

impl Setting {
    /// Asks; gives what was asked for.
    pub(crate) fn show(&mut self, ctx: &Context) -> Option<Asked> {
        let modal = dialog(ctx, "set passphrase").show(ctx, |ui| {
            ui.set_width(460.0);
            ui.heading("Put this case under a passphrase");
            ui.label(
                "The whole file is encrypted, names and small pictures with it. Whoever forgets the passphrase loses the case: \
                 nobody can open it then. Its earlier states are deleted, and none are kept from now on.",
            );
            ui.add_space(8.0);
            field(ui, "New passphrase", &mut self.first, true);
            let entered = field(ui, "The same again", &mut self.second, false);
            let same = self.first == self.second;
            ui.weak(if same || self.second.is_empty() { " " } else { "The two are not the same." });
            ui.add_space(8.0);
            let ready = same && !self.first.is_empty();
            buttons(ui, "Encrypt the case", "Put the case under this passphrase", ready, entered, &self.first)
        });
        let closed = modal.should_close().then_some(Asked::Close);
        modal.inner.or(closed)
    }
}

/// A field whose letters nobody sees; true once Enter ends it.
fn field(ui: &mut Ui, name: &str, text: &mut Zeroizing<String>, focus: bool) -> bool {
    ui.label(name);
    let edit = TextEdit::singleline(&mut **text).password(true).desired_width(f32::INFINITY);
    let edit = ui.add(edit).accessible_name(name).on_hover_text("Letters, digits, spaces and signs; longer is better");
    let fresh = ui.scope_id().with((name, "fresh"));
    if focus && !ui.data(|data| data.get_temp(fresh).unwrap_or(false)) {
        edit.request_focus();
        ui.data_mut(|data| data.insert_temp(fresh, true));
    }
    edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter))
}

fn buttons(ui: &mut Ui, name: &str, tip: &str, ready: bool, entered: bool, text: &str) -> Option<Asked> {
    let mut asked = None;
    ui.horizontal(|ui| {
        let yes = ui.add_enabled(ready, egui::Button::new(name)).on_hover_text(tip).clicked();
        if ready && (yes || entered) {
            asked = Some(Asked::Use(Passphrase::new(text.to_owned())));
        }
        if ui.button("Cancel").on_hover_text("Leave everything as it is (Escape)").clicked() {
            asked = Some(Asked::Close);
        }
    });
    asked
}
