//! The passphrase of a case: asked for when the case is opened, and set.

use std::path::PathBuf;

use egui::{Context, Key, TextEdit, Ui};
use zeroize::Zeroizing;

use super::widgets::dialog;
use crate::case::lock::Passphrase;

/// The input for opening a case.
#[derive(Default)]
pub struct Opening {
    /// The case.
    pub path: PathBuf,
    /// The passphrase typed before was wrong.
    pub wrong: bool,
    text: Zeroizing<String>,
}

/// The input for protecting the open case with a passphrase.
#[derive(Default)]
pub struct Setting {
    first: Zeroizing<String>,
    second: Zeroizing<String>,
}

/// What the dialog asks for.
pub enum Asked {
    /// Use this passphrase.
    Use(Passphrase),
    /// Close the dialog.
    Close,
}

impl Opening {
    /// Asks for the passphrase of this case.
    #[must_use]
    pub fn of(path: PathBuf, wrong: bool) -> Self {
        Self { path, wrong, ..Self::default() }
    }

    /// Shows the dialog; returns what was asked for.
    pub(crate) fn show(&mut self, ctx: &Context) -> Option<Asked> {
        let modal = dialog(ctx, "passphrase").show(ctx, |ui| {
            ui.set_width(420.0);
            ui.heading("This case is protected by a passphrase");
            ui.label(self.path.display().to_string());
            ui.add_space(8.0);
            let entered = field(ui, "Passphrase", &mut self.text, true);
            if self.wrong {
                ui.colored_label(ui.visuals().warn_fg_color, "Wrong passphrase; the case is unchanged.");
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
    /// Shows the dialog; returns what was asked for.
    pub(crate) fn show(&mut self, ctx: &Context) -> Option<Asked> {
        let modal = dialog(ctx, "set passphrase").show(ctx, |ui| {
            ui.set_width(460.0);
            ui.heading("Protect this case with a passphrase");
            ui.label(
                "The whole file is encrypted, including names and thumbnails. If the passphrase is forgotten, the case is lost: \
                 nobody can open it. Its earlier states are deleted, and none are kept from now on.",
            );
            ui.add_space(8.0);
            field(ui, "New passphrase", &mut self.first, true);
            let entered = field(ui, "Repeat the passphrase", &mut self.second, false);
            let same = self.first == self.second;
            ui.weak(if same || self.second.is_empty() { " " } else { "The passphrases differ." });
            ui.add_space(8.0);
            let ready = same && !self.first.is_empty();
            buttons(ui, "Encrypt the case", "Encrypt the case with this passphrase", ready, entered, &self.first)
        });
        let closed = modal.should_close().then_some(Asked::Close);
        modal.inner.or(closed)
    }
}

/// A field with hidden letters; true once Enter ends it.
fn field(ui: &mut Ui, name: &str, text: &mut Zeroizing<String>, focus: bool) -> bool {
    ui.label(name);
    let edit = TextEdit::singleline(&mut **text).password(true).desired_width(f32::INFINITY);
    let edit =
        ui.add(edit).accessible_name(name).on_hover_text("Letters, digits, spaces and symbols; longer is better");
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
