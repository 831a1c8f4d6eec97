//! The options that the studio is started with.

use std::path::PathBuf;

use super::session::settings;
use super::view::card::DrawnBy;
use crate::photo::Limits;

/// How the studio is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A case, or photos of a client.
    pub paths: Vec<PathBuf>,
    /// Where settings are kept; if none, they are not kept.
    pub settings_folder: Option<PathBuf>,
    /// Where earlier states of cases are kept; if none, they are not kept.
    pub states_folder: Option<PathBuf>,
    /// Report frame times on standard error.
    pub timings: bool,
    /// Limits for photos.
    pub limits: Limits,
    /// A message for the user at the start.
    pub greeting: Option<String>,
    /// What draws the canvas.
    pub drawn_by: DrawnBy,
}

impl Options {
    /// The default start, with the settings in this system's usual folder.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            settings_folder: settings::default_folder(),
            states_folder: settings::states_folder(),
            timings: false,
            limits: Limits::default(),
            greeting: None,
            drawn_by: DrawnBy::asked(),
        }
    }
}
