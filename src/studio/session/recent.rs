//! Recently opened cases.

use std::path::PathBuf;

/// A recently opened case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called.
    pub name: String,
    /// The day on which it was last changed, as displayed; none if unknown.
    pub changed: Option<String>,
    /// Whether it was looked at already: its drive may be slow.
    pub looked_at: bool,
    /// Why it cannot be opened.
    pub missing: Option<&'static str>,
}
