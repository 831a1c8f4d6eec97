//! The studio's file, read apart from the window: a logo may be large, and a drive slow.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Context;

use super::task::{Event, Task};
use crate::export::practice::Practice;

/// What was read.
type Read = Result<Arc<Practice>, String>;

/// The studio's words and prices, kept while its file stays the same.
pub struct StudioFile {
    path: Option<PathBuf>,
    reading: Option<Task<Read>>,
    known: Read,
}

impl Default for StudioFile {
    fn default() -> Self {
        Self { path: None, reading: None, known: Ok(Arc::new(Practice::usual().clone())) }
    }
}

impl StudioFile {
    /// Words and prices of this file, of none those that come with the program; while it is read what was known before.
    pub fn follow(&mut self, ctx: &Context, path: Option<&Path>) -> &Read {
        if self.path.as_deref() != path {
            self.path = path.map(Path::to_owned);
            match path.map(Path::to_owned) {
                None => *self = Self::default(),
                Some(path) => {
                    self.reading = Some(Task::start(ctx, "studio's file", move |_| {
                        Practice::read(&path)
                            .map(Arc::new)
                            .map_err(|problem| format!("the studio's file is wrong: {problem}: {}", path.display()))
                    }));
                }
            }
        }
        match self.reading.as_ref().map(Task::event) {
            None | Some(Event::Pending) => {}
            Some(Event::Lost) => self.reading = None,
            Some(Event::Done(read)) => (self.reading, self.known) = (None, read),
        }
        &self.known
    }

    /// True while it is read.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.reading.is_some()
    }
}
