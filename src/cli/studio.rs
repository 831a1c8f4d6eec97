//! Opens the studio, and reopens it if its graphics device is lost.

use std::path::PathBuf;

use super::failure::Failure;

#[cfg(feature = "studio")]
pub(super) fn run(paths: Vec<PathBuf>, timings: bool) -> Result<(), Failure> {
    use crate::studio::{Closed, Options};
    // A mistyped command looks like a file name.
    if let Some(path) = paths.iter().find(|path| !path.exists()) {
        return Err(Failure::input("there is no command and no file of that name; see 'scalp-studio help'").at(path));
    }
    keep_for_later();
    let before = again::losses();
    let greeting = (before > 0).then(|| again::GREETING.to_owned());
    match crate::studio::run(Options { timings, greeting, ..Options::new(paths) }).map_err(Failure::output)? {
        Closed::ByUser => Ok(()),
        Closed::ByLoss { reason, open, after } => again::start(before, &reason, &open, after, timings),
    }
}

/// Keeps sets of follicles and the list of what was written in this user's folder for what can be made again.
pub(super) fn keep_for_later() {
    #[cfg(feature = "studio")]
    if let Some(folder) = crate::studio::follicles_folder() {
        crate::follicles::kept::keep_in(folder);
    }
    #[cfg(feature = "studio")]
    if let Some(list) = crate::studio::written_list() {
        crate::export::written::keep_in(list);
    }
}

#[cfg(not(feature = "studio"))]
pub(super) fn run(_: Vec<PathBuf>, _: bool) -> Result<(), Failure> {
    Err(Failure::input("this build has no window (it was made without the feature 'studio'); see 'scalp-studio help'"))
}

/// Replaces a window whose device was lost; the new one needs its own process.
#[cfg(feature = "studio")]
mod again {
    use std::path::PathBuf;
    use std::process::Command;
    use std::time::Duration;

    use super::Failure;
    use crate::studio::LOSE_AFTER;

    /// What the new window says first.
    pub(super) const GREETING: &str = "The graphics card stopped, so the window was opened anew. Everything is saved.";
    /// Environment variable that tells the next process how many windows in a row have lost their device.
    const LOSSES: &str = "SCALP_STUDIO_LOSSES";
    /// After this many losses in a row no new window is opened.
    const MOST_LOSSES: u32 = 3;
    /// A window that lasted this long breaks the row.
    const STEADY: Duration = Duration::from_secs(60);

    /// How many windows in a row lost their device before this one.
    pub(super) fn losses() -> u32 {
        std::env::var(LOSSES).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Restarts the program with the files that were open. Returns only if that fails or, where a process cannot be
    /// replaced, once the new one has ended.
    pub(super) fn start(
        before: u32,
        reason: &str,
        open: &[PathBuf],
        after: Duration,
        timings: bool,
    ) -> Result<(), Failure> {
        let losses = if after > STEADY { 1 } else { before + 1 };
        if losses > MOST_LOSSES {
            return Err(Failure::output(format!(
                "the graphics card keeps stopping ({reason}); everything is saved, and SCALP_STUDIO_PREVIEW=cpu asks less \
                 of it"
            )));
        }
        let failed = |problem: std::io::Error| {
            Failure::output(format!(
                "the graphics card stopped ({reason}), and the program cannot be started again ({problem}); everything is \
                 saved"
            ))
        };
        let mut program = Command::new(std::env::current_exe().map_err(failed)?);
        program.args(timings.then_some("--timings")).args(open).env(LOSSES, losses.to_string()).env_remove(LOSE_AFTER);
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            Err(failed(program.exec()))
        }
        #[cfg(not(unix))]
        {
            program.status().map(|_| ()).map_err(failed)
        }
    }
}
