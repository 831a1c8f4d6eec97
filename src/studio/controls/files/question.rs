//! A question for files: what for, what can be picked, and where to begin.

use std::path::{Path, PathBuf};

pub use crate::studio::background::files::Purpose;

/// What can be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Existing files.
    Files,
    /// A name to write to.
    Save,
    /// A folder.
    Folder,
}

/// A question for files.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its purpose.
    pub purpose: Purpose,
    /// What can be picked.
    pub pick: Pick,
    /// The title of the dialog.
    pub title: &'static str,
    /// The folder to start in.
    pub folder: PathBuf,
    /// Proposed name.
    pub name: String,
    /// Extensions of the files that can be picked; the first is that of a file to be written.
    pub extensions: &'static [&'static str],
}

impl Question {
    /// True if the file has one of the extensions.
    #[must_use]
    pub fn takes(&self, path: &Path) -> bool {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        extension.is_some_and(|e| self.extensions.contains(&e.as_str()))
    }

    /// The path with the extension for saving, if the user typed none.
    #[must_use]
    pub fn with_extension(&self, path: PathBuf) -> PathBuf {
        match self.extensions.first() {
            Some(extension) if self.pick == Pick::Save && !self.takes(&path) => {
                let mut name = path.into_os_string();
                name.push(".");
                name.push(extension);
                name.into()
            }
            _ => path,
        }
    }
}
