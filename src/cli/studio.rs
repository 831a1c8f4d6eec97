//! Opens the studio.

use std::path::PathBuf;

use super::Failure;

#[cfg(feature = "studio")]
pub(super) fn run(paths: Vec<PathBuf>, timings: bool) -> Result<(), Failure> {
    // A slip in a command's name looks like a file's name.
    if let Some(path) = paths.iter().find(|path| !path.exists()) {
        return Err(Failure::input("there is no command and no file of that name; see 'scalp-studio help'").at(path));
    }
    let options = crate::studio::Options { timings, ..crate::studio::Options::new(paths) };
    crate::studio::run(options).map_err(Failure::output)
}

#[cfg(not(feature = "studio"))]
pub(super) fn run(_: Vec<PathBuf>, _: bool) -> Result<(), Failure> {
    Err(Failure::input("this build has no window (it was made without the feature 'studio'); see 'scalp-studio help'"))
}
