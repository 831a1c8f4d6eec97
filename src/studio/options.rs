//! How the studio is started.

use std::path::PathBuf;

use super::session::settings;
use super::view::card::DrawnBy;
use crate::photo::Limits;

/// How the studio is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A case, or photos of a client.
    pub paths: Vec<PathBuf>,
    /// Where settings are kept; none: nowhere.
    pub settings_folder: Option<PathBuf>,
    /// Where earlier states of cases are kept; none: nowhere.
    pub states_folder: Option<PathBuf>,
    /// Report how fast frames come, on standard error.
    pub timings: bool,
    /// What photos may be.
    pub limits: Limits,
    /// What the user is to know at once.
    pub greeting: Option<String>,
    /// Who draws the canvas.
    pub drawn_by: DrawnBy,
}

impl Options {
    /// The usual start, with the settings where this system keeps them.
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
