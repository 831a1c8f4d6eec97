//! A question for files: what for, what can be picked, and where to begin.

use std::path::{Path, PathBuf};

/// What files are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A case or photos.
    Open,
    /// Photos for the open case.
    AddPhotos,
    /// A place for a new case.
    NewCase,
    /// A place to go on in.
    SaveAs,
    /// A place for a copy.
    Duplicate,
    /// A place for what can be read of a damaged case.
    Rescue,
    /// A folder for pictures.
    ExportFolder,
    /// The studio's name, prices and words.
    StudioFile,
}

/// What can be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Files that are there.
    Files,
    /// A name to write to.
    Save,
    /// A folder.
    Folder,
}

/// A question for files.
#[derive(Debug, Clone)]
pub struct Question {
    /// What for.
    pub purpose: Purpose,
    /// What can be picked.
    pub pick: Pick,
    /// What the dialog is called.
    pub title: &'static str,
    /// Where to begin.
    pub folder: PathBuf,
    /// Proposed name.
    pub name: String,
    /// Endings of the files that can be picked; the first is that of a file to be written.
    pub extensions: &'static [&'static str],
}

impl Question {
    /// True where the file has one of the endings.
    #[must_use]
    pub fn takes(&self, path: &Path) -> bool {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        extension.is_some_and(|e| self.extensions.contains(&e.as_str()))
    }

    /// The path with the ending that is saved, where the user wrote none.
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
