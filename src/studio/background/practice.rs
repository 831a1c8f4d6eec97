//! Reads the studio's file in the background: a logo may be large, and a drive slow.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Context;

use super::task::{Event, Task};
use crate::export::practice::Practice;

/// The texts and prices, or why the file was rejected.
type Read = Result<Arc<Practice>, String>;

/// The studio's texts and prices, cached until another file is chosen.
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
    /// Returns the texts and prices of this file, or the defaults if `None`; while the file is being read, the previous
    /// ones.
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

    /// Whether the file is being read.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.reading.is_some()
    }
}
