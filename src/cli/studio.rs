//! Opens the studio.

use std::path::PathBuf;

use super::Failure;

#[cfg(feature = "studio")]
pub(super) fn run(paths: Vec<PathBuf>, timings: bool) -> Result<(), Failure> {
    let options = crate::studio::Options { timings, ..crate::studio::Options::new(paths) };
    crate::studio::run(options).map_err(Failure::output)
}

#[cfg(not(feature = "studio"))]
pub(super) fn run(_: Vec<PathBuf>, _: bool) -> Result<(), Failure> {
    Err(Failure::input("this build has no window (it was made without the feature 'studio'); see 'scalp-studio help'"))
}
