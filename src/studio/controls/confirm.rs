//! Questions before something that cannot be undone, or that the user may not expect.

use std::path::Path;

use egui::Context;

use super::widgets::dialog;

const DELETE_TEXT: &str = "The case with all photos, points and plans, its earlier states and its place among the recent \
    cases are deleted for good. This cannot be undone. Not deleted are exported pictures, copies and backups of the case, what \
    a cloud folder keeps of it, and anything sent to others; the disk may hold traces until they are overwritten.";

/// What the question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Go back to how the case was opened.
    Revert,
    /// Erase undo steps and removed photos.
    ForgetHistory,
    /// Delete the case and everything kept of it.
    DeleteClient,
    /// Another program changed the case.
    Reload,
    /// A case cannot be opened.
    Unreadable,
    /// A file with the chosen name exists.
    Replace,
    /// Close the window although something is still being written.
    Close,
}

/// The user's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Do it.
    Yes,
    /// Do it in the other way offered: once the work is done, or from an earlier state.
    Otherwise,
    /// Leave it.
    No,
}

impl Question {
    fn title(self) -> &'static str {
        match self {
            Self::Revert => "Revert this case?",
            Self::ForgetHistory => "Erase the history?",
            Self::DeleteClient => "Delete this client?",
            Self::Reload => "The case was changed elsewhere",
            Self::Unreadable => "This case is damaged and cannot be opened",
            Self::Replace => "A file with this name exists",
            Self::Close => "Something is still being written",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Revert => {
                "Photos, points and plans go back to how they were when you opened the case. This is one step: \
                 undo brings everything back."
            }
            Self::ForgetHistory => {
                "Undo steps and removed photos of this case are erased from the file for good. The case \
                 itself, as you see it, stays. This cannot be undone."
            }
            Self::DeleteClient => DELETE_TEXT,
            Self::Reload => {
                "Another window or program has changed this case since it was opened here, so your last change was not \
                 saved and nothing was overwritten. Reload the case to continue with what is in the file."
            }
            Self::Unreadable => {
                "Parts of it can still be read. Rescuing brings them over into a new case and says what is lost; an \
                 earlier state is the case as it was when it was opened here. The damaged file stays as it is."
            }
            Self::Replace => {
                "Replacing it loses its contents for good: if it is a case, all photos, points and plans of that client."
            }
            Self::Close => {
                "If you stop it, unfinished work will be missing: pictures, a copy, or changes that the status bar calls \
                 \u{201c}not saved yet\u{201d}. No half-written file is left behind."
            }
        }
    }

    /// The answers, the safest last.
    fn answers(self) -> &'static [(Answer, &'static str, &'static str)] {
        match self {
            Self::Revert => &[
                (Answer::Yes, "Revert", "Undo everything since the case was opened"),
                (Answer::No, "Leave it", "Continue with the case as it is (Escape)"),
            ],
            Self::ForgetHistory => &[
                (Answer::Yes, "Erase for good", "Erase undo steps and removed photos from the file"),
                (Answer::No, "Keep the history", "Erase nothing (Escape)"),
            ],
            Self::DeleteClient => &[
                (
                    Answer::Yes,
                    "Delete for good",
                    "Delete the case, its earlier states and its place among recent cases",
                ),
                (Answer::No, "Keep the client", "Delete nothing (Escape)"),
            ],
            Self::Reload => &[
                (Answer::Yes, "Reload", "Continue with what is in the file"),
                (Answer::No, "View only", "Keep showing the case as it was here (Escape)"),
            ],
            Self::Unreadable => &[
                (Answer::Yes, "Rescue into a new case\u{2026}", "Bring over everything that can still be read"),
                (Answer::Otherwise, "Earlier states\u{2026}", "List the states of this case that this computer keeps"),
                (Answer::No, "Leave it", "Do nothing (Escape)"),
            ],
            Self::Replace => &[
                (Answer::Yes, "Replace it", "The file with this name is lost"),
                (Answer::No, "Choose another name", "Leave that file as it is (Escape)"),
            ],
            Self::Close => &[
                (Answer::Otherwise, "Close when it is done", "Wait until everything is written, then close the window"),
                (Answer::Yes, "Stop it and close", "Write nothing more and close the window"),
                (Answer::No, "Do not close", "Keep working while it is written (Escape)"),
            ],
        }
    }

    /// Shows the question, and the file that it is about; returns the answer once there is one.
    pub(crate) fn show(self, ctx: &Context, file: Option<&Path>) -> Option<Answer> {
        let modal = dialog(ctx, "question").show(ctx, |ui| {
            ui.set_width(400.0);
            ui.heading(self.title());
            ui.add_space(6.0);
            if let Some(file) = file {
                ui.label(file.display().to_string());
                ui.add_space(6.0);
            }
            ui.label(self.text());
            ui.add_space(10.0);
            let mut answer = None;
            ui.horizontal(|ui| {
                for &(meaning, text, tip) in self.answers() {
                    if ui.button(text).on_hover_text(tip).clicked() {
                        answer = Some(meaning);
                    }
                }
            });
            answer
        });
        modal.inner.or(modal.should_close().then_some(Answer::No))
    }
}
