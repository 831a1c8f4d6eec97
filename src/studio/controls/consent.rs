//! What the client allows a photo to be used for.

use egui::{Context, Grid};

use super::widgets::dialog;
use crate::case::consent::{Consent, USES, Use};
use crate::studio::session::open_case::OpenCase;
use crate::studio::words::words;

/// What the dialog asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Record that the client says yes, or no, to this use of the photo shown.
    Say(Use, bool),
    /// Close the dialog.
    Close,
}

/// Shows what has been recorded about the photo on the canvas; returns what the client says now.
pub(crate) fn show(ctx: &Context, case: &OpenCase) -> Option<Asked> {
    let modal = dialog(ctx, "consent").show(ctx, |ui| {
        ui.set_width(430.0);
        let mut asked = None;
        let Some(record) = case.record() else { return Some(Asked::Close) };
        ui.heading(format!("Consent for photo {}", record.name));
        ui.label("What the client allows this photo to be used for. Pictures are made only for permitted uses.");
        ui.add_space(8.0);
        Grid::new("consents").num_columns(2).spacing([24.0, 6.0]).show(ui, |ui| {
            for purpose in USES {
                let said = record.consents.get(&purpose);
                let holds = record.check_use(purpose).is_ok();
                let mut yes = holds && (purpose == Use::Record || said.is_some());
                if ui.checkbox(&mut yes, words(purpose.name())).on_hover_text(tip(purpose)).changed() {
                    asked = Some(Asked::Say(purpose, yes));
                }
                ui.weak(match said {
                    Some(Consent { revoked: Some(date), .. }) => format!("no, since {date}"),
                    Some(Consent { given: Some(date), .. }) => format!("yes, since {date}"),
                    _ if purpose == Use::Record => "part of the treatment".to_owned(),
                    _ => "not asked yet".to_owned(),
                });
                ui.end_row();
            }
        });
        ui.add_space(10.0);
        if ui.button("Close").on_hover_text("Back to the window (Escape)").clicked() {
            asked = Some(Asked::Close);
        }
        asked
    });
    modal.inner.or(modal.should_close().then_some(Asked::Close))
}

/// A use in a few words.
pub(crate) fn tip(purpose: Use) -> &'static str {
    match purpose {
        Use::Record => "The client's own record, and consultations with the client",
        Use::Teaching => "Teaching, where other technicians see it",
        Use::Marketing => "Marketing, where everybody sees it",
    }
}
