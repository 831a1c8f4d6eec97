//! What the window remembers from one start to the next, in a TOML file of its own: never anything about a client but
//! the paths of recent cases.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::guides::Switches;

const FILE_NAME: &str = "studio.toml";
const MOST_RECENT: usize = 12;

/// The settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// A light window instead of a dark one.
    pub light: bool,
    /// Only the photo, without panels.
    pub bare: bool,
    /// Width of the inspector, points.
    pub inspector_width: f32,
    /// Width and height of the window, points.
    pub window: Option<[f32; 2]>,
    /// Cases opened last, the latest first.
    pub recent: Vec<PathBuf>,
    /// Where new cases are kept.
    pub cases_folder: Option<PathBuf>,
    /// Where pictures were exported to last.
    pub export_folder: Option<PathBuf>,
    /// Lines to go by.
    pub guides: Switches,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            light: false,
            bare: false,
            inspector_width: 270.0,
            window: None,
            recent: Vec::new(),
            cases_folder: None,
            export_folder: None,
            guides: Switches::default(),
        }
    }
}

/// The folder for settings on this system.
#[must_use]
pub fn default_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "Scalp Studio").map(|d| d.config_dir().to_owned())
}

impl Settings {
    /// Reads the settings; what cannot be read is as at the first start.
    #[must_use]
    pub fn load(folder: Option<&Path>) -> Self {
        let text = folder.and_then(|f| std::fs::read_to_string(f.join(FILE_NAME)).ok());
        text.and_then(|t| toml::from_str(&t).ok()).unwrap_or_default()
    }

    /// Writes the settings. A failure costs comfort, not work, and is not reported.
    pub fn save(&self, folder: Option<&Path>) {
        let (Some(folder), Ok(text)) = (folder, toml::to_string(self)) else { return };
        if std::fs::create_dir_all(folder).is_ok() {
            let path = folder.join(FILE_NAME);
            let temporary = folder.join(format!("{FILE_NAME}.new"));
            if std::fs::write(&temporary, text).is_ok() {
                let _ = std::fs::rename(&temporary, &path);
            }
        }
    }

    /// Notes that a case was opened.
    pub fn opened(&mut self, path: &Path) {
        self.recent.retain(|p| p != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MOST_RECENT);
    }

    /// Where new cases are kept: the folder chosen, else "Scalp Studio" among the user's documents.
    #[must_use]
    pub fn folder_for_cases(&self) -> PathBuf {
        self.cases_folder.clone().unwrap_or_else(|| {
            let documents = directories::UserDirs::new().and_then(|d| d.document_dir().map(Path::to_owned));
            let home = || directories::UserDirs::new().map(|d| d.home_dir().to_owned());
            documents.or_else(home).unwrap_or_default().join("Scalp Studio")
        })
    }
}
