//! What the user is asked to choose files for, and reading cases and photos from files and from the clipboard.

use std::path::{Path, PathBuf};

use egui::Context;

use super::paste::{self, Pasted};
use super::task::{Progress, Task};
use crate::case::rescue::RescueReader;
use crate::case::{self, Case, CaseError, FindHead, NewPhoto};
use crate::photo::Limits;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::recent::Recent;
use crate::studio::words::sentence;

/// The purpose of a question for files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A case or photos.
    Open,
    /// Photos for the open case.
    AddPhotos,
    /// A place for a new case.
    NewCase,
    /// A place to continue in.
    SaveAs,
    /// A place for a copy.
    Duplicate,
    /// A place for what can be read from a damaged case.
    Rescue,
    /// A folder for pictures.
    ExportFolder,
    /// The studio's name, prices and words.
    StudioFile,
}

/// The result of reading files.
pub struct Read {
    /// The case among the files.
    pub case: Option<Box<OpenCase>>,
    /// A case among them that is locked.
    pub locked: Option<PathBuf>,
    /// A case among them that cannot be opened, but from which something can be read.
    pub unreadable: Option<PathBuf>,
    /// The photos among them, checked.
    pub photos: Vec<NewPhoto>,
    /// What could not be read, one sentence per file.
    pub problems: Vec<String>,
    /// The case to add the photos to; `None` for a new one.
    pub into: Option<PathBuf>,
    /// Whether the user stopped it.
    pub cancelled: bool,
}

impl Read {
    fn nothing(into: Option<PathBuf>) -> Self {
        Self {
            case: None,
            locked: None,
            unreadable: None,
            photos: Vec::new(),
            problems: Vec::new(),
            into,
            cancelled: false,
        }
    }
}

/// Reads and checks cases and photos. A file that is neither gives one sentence about the problem.
#[must_use]
pub fn read(paths: &[PathBuf], into: Option<PathBuf>, limits: &Limits, look: FindHead, progress: &Progress) -> Read {
    let mut read = Read::nothing(into);
    for (index, path) in paths.iter().enumerate() {
        if progress.cancelled() {
            read.cancelled = true;
            break;
        }
        if paths.len() > 1 {
            progress.set(index as f64 / paths.len() as f64);
        }
        if !is_case(path) {
            match NewPhoto::read(path, limits, look) {
                Ok(photo) => read.photos.push(photo),
                Err(problem) => read.problems.push(sentence(problem)),
            }
        } else if read.case.is_some() {
            read.problems.push(format!("One case at a time: this one was not opened: {}", path.display()));
        } else {
            match Case::open(path) {
                Ok(case) => read.case = Some(Box::new(OpenCase::new(case))),
                Err(case::Error::Store(CaseError::Locked { path })) => read.locked = Some(path),
                Err(problem) => {
                    read.problems.push(match &problem {
                        case::Error::Store(problem) => sentence(problem),
                        problem => sentence(format!("{problem}: {}", path.display())),
                    });
                    if RescueReader::helps_with(path, &problem) {
                        read.unreadable = Some(path.clone());
                    }
                }
            }
        }
    }
    read
}

/// Checks whether a recent case still exists, and when it was changed.
#[must_use]
pub fn look_at(ctx: &Context, recent: &Recent) -> Task<Recent> {
    let recent = recent.clone();
    Task::start(ctx, "look at a recent case", move |_| {
        let there = recent.path.is_file();
        Recent {
            changed: changed_on(&recent.path),
            missing: (!there).then_some("The file is not there any more, or its drive is not connected"),
            looked_at: true,
            ..recent
        }
    })
}

/// The day a file was last changed, in this computer's time zone.
fn changed_on(path: &Path) -> Option<String> {
    let changed = std::fs::metadata(path).ok()?.modified().ok()?;
    let day = jiff::Timestamp::try_from(changed).ok()?.to_zoned(jiff::tz::TimeZone::system());
    Some(day.strftime("%-d %b %Y").to_string())
}

/// Reopens a case that somebody else had open, if it is free now. `anyway` overrides a mere claim in another computer's
/// file.
#[must_use]
pub fn freed(path: &Path, anyway: bool) -> Option<Box<OpenCase>> {
    // Checked first, so that a case that is still taken, and may be large and remote, is not read in vain.
    let right = if anyway { None } else { Some(Case::right_to_change(path).ok()?) };
    let case = Case::open(path).ok()?.held(anyway);
    drop(right);
    case.owner().is_none().then(|| Box::new(OpenCase::new(case)))
}

/// Whether a file is named like a case.
#[must_use]
pub fn is_case(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("scalp"))
}

/// Reads files or a picture from the clipboard.
#[must_use]
pub fn paste(into: Option<PathBuf>, limits: &Limits, look: FindHead, progress: &Progress) -> Read {
    let mut found = Read::nothing(into);
    match paste::clipboard(limits, look) {
        Ok(Pasted::Photo(photo)) => found.photos.push(photo),
        Ok(Pasted::Files(paths)) => found = read(&paths, found.into, limits, look, progress),
        Err(problem) => found.problems.push(problem),
    }
    found
}

/// A free file name in a folder: the stem, if necessary with the first free number from 2.
#[must_use]
pub fn free_name(folder: &Path, stem: &str, extension: &str) -> Option<PathBuf> {
    let numbered = |n: u32| {
        let name = if n == 1 { format!("{stem}.{extension}") } else { format!("{stem} {n}.{extension}") };
        folder.join(name)
    };
    (1..10_000).map(numbered).find(|p| std::fs::symlink_metadata(p).is_err())
}
