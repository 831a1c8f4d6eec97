//! What the window remembers from one start to the next, in a TOML file of its own: never anything about a client
//! except the paths of recent cases.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ground::files::{private_folders, write_private};
use crate::ground::words::io_problem;

const FILE_NAME: &str = "studio.toml";
/// Extension of settings that could not be read.
const BROKEN: &str = "toml.broken";
const MOST_RECENT: usize = 12;
/// Height of the brow-raise crease before it is placed, mm above the glabella.
pub const CREASE_MM: f64 = 50.0;

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
    /// Whether opened cases are added to that list.
    pub notes_recent: bool,
    /// Where new cases are kept.
    pub cases_folder: Option<PathBuf>,
    /// Where pictures were last exported to.
    pub export_folder: Option<PathBuf>,
    /// The file with the studio's name, prices and words; if none, the defaults apply.
    pub studio_file: Option<PathBuf>,
    /// Which guides are shown.
    pub guides: GuideSwitches,
    /// Where photos were last added from.
    pub photos_folder: Option<PathBuf>,
    /// Use the program's own file dialog instead of the system's.
    pub built_in_dialogs: bool,
    /// Find the head in a new photo automatically.
    pub finds_heads: bool,
    /// Fit a head that was placed by hand to the edge that is found there.
    pub snaps_to_edge: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            light: false,
            bare: false,
            inspector_width: 270.0,
            window: None,
            recent: Vec::new(),
            notes_recent: true,
            cases_folder: None,
            export_folder: None,
            studio_file: None,
            guides: GuideSwitches::default(),
            photos_folder: None,
            built_in_dialogs: false,
            finds_heads: true,
            snaps_to_edge: true,
        }
    }
}

/// Which guides are shown. Kept from one start of the program to the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuideSwitches {
    /// Whether any guides are shown.
    pub shown: bool,
    /// The midline.
    pub midline: bool,
    /// Facial thirds.
    pub thirds: bool,
    /// Verticals through pupils and outer corners of the eyes.
    pub eyes: bool,
    /// 70, 80 and 100 mm above the glabella.
    pub heights: bool,
    /// The brow-raise crease.
    pub crease: bool,
    /// The head's outline.
    pub outline: bool,
    /// The hairline mirrored.
    #[serde(alias = "ghost")]
    pub mirrored: bool,
    /// Height of the crease, mm above the glabella along the skin.
    pub crease_mm: f64,
}

impl Default for GuideSwitches {
    fn default() -> Self {
        Self {
            shown: false,
            midline: true,
            thirds: false,
            eyes: true,
            heights: true,
            crease: false,
            outline: false,
            mirrored: true,
            crease_mm: CREASE_MM,
        }
    }
}

/// The folder for settings on this system.
#[must_use]
pub fn default_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "Scalp Studio").map(|d| d.config_dir().to_owned())
}

/// The folder for earlier states of cases on this system. It differs from that of the settings, which some people share
/// between computers.
#[must_use]
pub fn states_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "Scalp Studio").map(|d| d.data_local_dir().join("earlier states"))
}

/// The folder for sets of follicles on this system: they can be made again.
#[must_use]
pub fn follicles_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "Scalp Studio").map(|d| d.cache_dir().join("follicles"))
}

/// The list of what this program wrote for the user.
#[must_use]
pub fn written_list() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "Scalp Studio").map(|d| d.cache_dir().join("written"))
}

/// Removes a case from the saved list of recent ones, when no window is open.
pub fn forget_recent(case: &Path) {
    let folder = default_folder();
    let (mut settings, _) = Settings::load(folder.as_deref());
    if settings.recent.iter().any(|path| path == case) {
        settings.recent.retain(|path| path != case);
        settings.save(folder.as_deref());
    }
}

impl Settings {
    /// Reads the settings. If they cannot be read, they are reset to their defaults and the file is kept under another
    /// name; a sentence says so.
    #[must_use]
    pub fn load(folder: Option<&Path>) -> (Self, Option<String>) {
        let Some(path) = folder.map(|f| f.join(FILE_NAME)) else { return Default::default() };
        let problem = match std::fs::read_to_string(&path).map(|text| toml::from_str(&text)) {
            Ok(Ok(settings)) => return (settings, None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Default::default(),
            Ok(Err(error)) => error.message().to_owned(),
            Err(error) => io_problem(&error),
        };
        let kept = path.with_extension(BROKEN);
        // If it cannot be kept, it is lost with the next change, which costs only convenience.
        let _ = std::fs::rename(&path, &kept);
        let text = "The window's settings could not be read and have been reset";
        (Self::default(), Some(format!("{text} ({problem}). The old file is {}", kept.display())))
    }

    /// Width and height of the window at the start, points.
    #[must_use]
    pub fn window_size(folder: Option<&Path>) -> [f32; 2] {
        let text = folder.and_then(|f| std::fs::read_to_string(f.join(FILE_NAME)).ok());
        let settings: Option<Self> = text.and_then(|t| toml::from_str(&t).ok());
        settings.and_then(|s| s.window).unwrap_or([1280.0, 800.0])
    }

    /// Writes the settings. A failure costs convenience, not work, and is not reported.
    pub fn save(&self, folder: Option<&Path>) {
        let (Some(folder), Ok(text)) = (folder, toml::to_string(self)) else { return };
        // Names of cases are names of clients, and nobody else's business.
        if private_folders(&[folder]).is_ok() {
            let _ = write_private(&folder.join(FILE_NAME), text.as_bytes());
        }
    }

    /// Records that a case was opened.
    pub fn opened(&mut self, path: &Path) {
        self.recent.retain(|p| p != path);
        if !self.notes_recent {
            return;
        }
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MOST_RECENT);
    }

    /// Where new cases are kept: the chosen folder, otherwise "Scalp Studio" in the user's documents.
    #[must_use]
    pub fn folder_for_cases(&self) -> PathBuf {
        self.cases_folder.clone().unwrap_or_else(|| {
            let documents = directories::UserDirs::new().and_then(|d| d.document_dir().map(Path::to_owned));
            let home = || directories::UserDirs::new().map(|d| d.home_dir().to_owned());
            documents.or_else(home).unwrap_or_default().join("Scalp Studio")
        })
    }
}

/// Deletes settings that could not be read: they may name cases, and so clients.
pub fn forget_broken(folder: Option<&Path>) {
    if let Some(folder) = folder {
        // Usually there are none.
        let _ = std::fs::remove_file(folder.join(FILE_NAME).with_extension(BROKEN));
    }
}
