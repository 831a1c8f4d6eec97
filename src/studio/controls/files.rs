//! Asking the user for files: with the system's dialog, or with one of our own if the system has none.

mod dialog;
mod native;
pub mod question;

use std::path::PathBuf;
use std::time::Duration;

use egui::Context;

use crate::studio::background::task::{Event, Task};
use dialog::Dialog;
use native::Native;
use question::{Pick, Purpose, Question};

/// How long the dialog waits for the folder to be made, seconds of the window's clock: its drive may not answer.
const FOLDER_S: f64 = 1.0;

/// A question whose folder is being made.
struct Prepared {
    question: Question,
    built_in: bool,
    folder: Task<()>,
    since: f64,
}

/// The question that is being asked.
#[derive(Default)]
pub struct Files {
    prepared: Option<Prepared>,
    /// The question to put to the system at the end of the frame.
    asked: Option<Question>,
    native: Option<Native>,
    built_in: Option<Dialog>,
}

impl Files {
    /// Asks; any earlier question is forgotten.
    pub fn ask(&mut self, ctx: &Context, question: Question, built_in: bool) {
        *self = Self::default();
        if question.pick != Pick::Save {
            self.open(ctx, question, built_in);
            return;
        }
        // The default folder may not exist before the first case; if it cannot be created, the dialog shows another.
        let made = question.folder.clone();
        let folder = Task::start(ctx, "make a folder", move |_| drop(std::fs::create_dir_all(made)));
        self.prepared = Some(Prepared { question, built_in, folder, since: ctx.input(|i| i.time) });
    }

    fn open(&mut self, ctx: &Context, question: Question, built_in: bool) {
        if built_in {
            self.built_in = Some(Dialog::new(ctx, question));
        } else {
            self.asked = Some(question);
        }
    }

    /// Opens the dialog once its folder has been made.
    fn open_prepared(&mut self, ctx: &Context) {
        let waits = |prepared: &Prepared| {
            prepared.folder.event() == Event::Pending && ctx.input(|i| i.time) < prepared.since + FOLDER_S
        };
        if self.prepared.as_ref().is_some_and(waits) {
            ctx.request_repaint_after(Duration::from_millis(100));
        } else if let Some(Prepared { question, built_in, .. }) = self.prepared.take() {
            self.open(ctx, question, built_in);
        }
    }

    /// Whether a drive has yet to answer before the user can.
    pub fn busy(&self) -> bool {
        self.prepared.is_some() || self.built_in.as_ref().is_some_and(Dialog::busy)
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
        self.open_prepared(ctx);
        match self.native.as_mut().and_then(|native| native.poll(ctx)) {
            Some(native::Answer::Chosen(paths)) => {
                let purpose = self.native.take().map(|native| native.question().purpose)?;
                self.built_in = None;
                return Some((purpose, paths));
            }
            Some(native::Answer::Cancelled) => self.native = None,
            // The system has no dialog, or it does not appear; if it appears later, its answer counts as well.
            Some(native::Answer::Missing) => {
                self.built_in = self.native.take().map(|native| Dialog::new(ctx, native.into_question()));
            }
            Some(native::Answer::Slow(question)) if self.built_in.is_none() => {
                self.built_in = Some(Dialog::new(ctx, question));
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
