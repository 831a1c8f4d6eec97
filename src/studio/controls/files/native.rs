//! The system's file dialog, on a thread of its own, since a desktop may have none, or one that never answers.

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use egui::Context;
use rfd::{AsyncFileDialog, FileHandle};

use super::question::{Pick, Question};
use crate::studio::background::task::{Event, Task};

/// A dialog that closes sooner than this never opened, seconds: nobody is that quick.
const NOBODY_S: f64 = 0.4;
/// How long our window may keep the keyboard focus before the dialog counts as missing, seconds. A dialog that appears
/// takes the focus; a portal that is installed but does not start never does.
const MISSING_S: f64 = 5.0;

/// The state of the question.
pub(crate) enum Answer {
    /// These files.
    Chosen(Vec<PathBuf>),
    /// The user chose nothing.
    Cancelled,
    /// The system has no dialog.
    Missing,
    /// The dialog does not appear.
    Slow(Question),
}

/// A question put to the system.
pub(crate) struct Native {
    question: Question,
    answer: Task<Option<Vec<PathBuf>>>,
    /// When it was asked, in seconds of the window's clock.
    since: f64,
    /// The window has lost the keyboard focus, so something has appeared.
    seen: bool,
}

impl Native {
    /// Opens the dialog, above the window.
    pub(crate) fn ask(ctx: &Context, window: &eframe::Frame, question: Question) -> Self {
        let mut dialog = AsyncFileDialog::new().set_title(question.title).set_directory(&question.folder);
        dialog = dialog.set_parent(window);
        if !question.extensions.is_empty() {
            let name = if question.pick == Pick::Save { "Cases" } else { "Cases and photos" };
            dialog = dialog.add_filter(name, question.extensions);
        }
        if !question.name.is_empty() {
            dialog = dialog.set_file_name(&question.name);
        }
        let paths = |files: Vec<FileHandle>| files.iter().map(|f| f.path().to_owned()).collect::<Vec<_>>();
        // Created here, since some systems open dialogs only on the window's thread; awaited elsewhere.
        type Chosen = Pin<Box<dyn Future<Output = Option<Vec<PathBuf>>> + Send>>;
        let chosen: Chosen = match question.pick {
            Pick::Files => {
                let files = dialog.pick_files();
                Box::pin(async move { files.await.map(paths) })
            }
            Pick::Save => {
                let file = dialog.save_file();
                Box::pin(async move { file.await.map(|f| paths(vec![f])) })
            }
            Pick::Folder => {
                let folder = dialog.pick_folder();
                Box::pin(async move { folder.await.map(|f| paths(vec![f])) })
            }
        };
        // Not waited for on exit: a portal that hangs would keep the program from closing.
        let answer =
            Task::start(ctx, "file dialog", move |_| pollster::block_on(chosen).filter(|chosen| !chosen.is_empty()));
        Self { question, answer, since: ctx.input(|i| i.time), seen: false }
    }

    pub(crate) fn question(&self) -> &Question {
        &self.question
    }

    pub(crate) fn into_question(self) -> Question {
        self.question
    }

    /// The answer, if there is one; none while the user is choosing.
    pub(crate) fn poll(&mut self, ctx: &Context) -> Option<Answer> {
        let waited_s = ctx.input(|i| i.time) - self.since;
        self.seen |= !ctx.input(|i| i.focused);
        match self.answer.event() {
            Event::Done(Some(mut paths)) => {
                if let (Pick::Save, Some(path)) = (self.question.pick, paths.first_mut()) {
                    *path = self.question.with_extension(std::mem::take(path));
                }
                Some(Answer::Chosen(paths))
            }
            Event::Done(None) if waited_s < NOBODY_S && !self.seen => Some(Answer::Missing),
            Event::Done(None) => Some(Answer::Cancelled),
            Event::Lost => Some(Answer::Missing),
            Event::Pending if !self.seen && waited_s > MISSING_S => Some(Answer::Slow(self.question.clone())),
            Event::Pending => {
                if !self.seen {
                    ctx.request_repaint_after(Duration::from_millis(500));
                }
                None
            }
        }
    }
}
