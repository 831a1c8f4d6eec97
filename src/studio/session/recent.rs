//! Cases that were opened last.

use std::path::PathBuf;

/// A case opened last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called.
    pub name: String,
    /// The day on which it was last changed, as it is shown; none where that is not known.
    pub changed: Option<String>,
    /// Whether it was looked at already: its drive may be slow.
    pub looked_at: bool,
    /// Why it cannot be opened.
    pub missing: Option<&'static str>,
}
