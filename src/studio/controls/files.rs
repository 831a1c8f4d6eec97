//! Asking the user for files: with the system's dialog, or with one of our own if the system has none.

mod dialog;
mod native;
pub mod question;

use std::path::PathBuf;

use egui::Context;

use dialog::Dialog;
use native::Native;
use question::{Purpose, Question};

/// The question that is being asked.
#[derive(Default)]
pub struct Files {
    /// The question to put to the system at the end of the frame.
    asked: Option<Question>,
    native: Option<Native>,
    built_in: Option<Dialog>,
}

impl Files {
    /// Asks; any earlier question is forgotten.
    pub fn ask(&mut self, question: Question, built_in: bool) {
        *self = Self::default();
        if built_in {
            self.built_in = Some(Dialog::new(question));
        } else {
            self.asked = Some(question);
        }
    }

    /// Passes the question asked in this frame to the system; its dialog stays above the window.
    pub fn ask_system(&mut self, ctx: &Context, window: &eframe::Frame) {
        if let Some(question) = self.asked.take() {
            self.native = Some(Native::ask(ctx, window, question));
        }
    }

    /// True while a dialog of our own lies over the window.
    pub fn is_open(&self) -> bool {
        self.built_in.is_some()
    }

    /// Shows the dialog and returns the answer once there is one.
    pub fn show(&mut self, ctx: &Context, always: &mut bool) -> Option<(Purpose, Vec<PathBuf>)> {
        match self.native.as_mut().and_then(|native| native.poll(ctx)) {
            Some(native::Answer::Chosen(paths)) => {
                let purpose = self.native.take().map(|native| native.question().purpose)?;
                self.built_in = None;
                return Some((purpose, paths));
            }
            Some(native::Answer::Cancelled) => self.native = None,
            // The system has no dialog, or it does not appear; if it appears later, its answer counts as well.
            Some(native::Answer::Missing) => self.built_in = self.native.take().map(|n| Dialog::new(n.into_question())),
            Some(native::Answer::Slow(question)) if self.built_in.is_none() => {
                self.built_in = Some(Dialog::new(question));
            }
            Some(native::Answer::Slow(_)) | None => {}
        }
        let outcome = self.built_in.as_mut().and_then(|dialog| dialog.show(ctx, always))?;
        let purpose = self.built_in.take().map(|dialog| dialog.question().purpose)?;
        self.native = None;
        match outcome {
            dialog::Outcome::Chosen(paths) => Some((purpose, paths)),
            dialog::Outcome::Cancelled => None,
        }
    }
}
