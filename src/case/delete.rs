//! Deleting a client: the case, the files beside it, and its earlier states.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::database;
use super::earlier::EarlierStates;
use super::error::CaseError;
use super::owner;
use crate::follicles::kept;
use crate::ground::files;
use crate::ground::words::io_problem;

/// What deleting does not reach; shown whenever deletion is offered or done.
pub const OUT_OF_REACH: &str = "Pictures that were exported, copies and backups of the case, what a cloud folder keeps of it, \
    and what was sent to anybody are not deleted with it. The disk may hold traces of deleted files until it writes over them.";

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// The case and the files beside it.
    pub files: Vec<PathBuf>,
    /// How many earlier states were deleted.
    pub states: usize,
    /// Another file that is the same case: the earlier states stay, since they are those of that file as well.
    pub states_kept_for: Option<PathBuf>,
}

/// Deletes a case, its earlier states, and journals left beside it.
///
/// # Errors
/// [`CaseError`] if it is not a case, or one of its files cannot be deleted. The case itself goes last, so that the
/// deletion can be retried.
pub fn delete(case: &Path, states: Option<&EarlierStates>) -> Result<Deleted, CaseError> {
    let path = database::absolute(case)?;
    match database::read_header(&path) {
        // A damaged or locked case still belongs to a client.
        Ok(_) | Err(CaseError::Damaged { .. } | CaseError::Locked { .. }) => {}
        Err(other) => return Err(other),
    }
    if let Some(owner) = owner::other(&path) {
        return Err(CaseError::Held { owner, path });
    }
    let failed = |path: &Path, error: &io::Error| CaseError::Write { detail: io_problem(error), path: path.to_owned() };
    let states_kept_for = states.and_then(|states| states.other_file_of(&path));
    let states = states.filter(|_| states_kept_for.is_none()).map_or(Ok(0), |states| states.forget(&path))?;
    // If the path is a link, both the file and the link go.
    let real = fs::canonicalize(&path).map_err(|e| failed(&path, &e))?;
    let mut doomed = journals(&real);
    doomed.push(real.clone());
    if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink()) {
        doomed.push(path);
    }
    for file in &doomed {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(file, &error)),
            _ => {}
        }
    }
    if let Some(folder) = real.parent() {
        files::remove_left_over(folder);
    }
    // They say nothing about a client, but were made for this head, too.
    kept::forget();
    Ok(Deleted { files: doomed, states, states_kept_for })
}

/// The case's journal, logs made by other programs, and whatever of these was moved aside.
fn journals(case: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (case.parent(), case.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let begins = ["-journal", "-wal", "-shm"].map(|ending| format!("{name}{ending}"));
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let own = |entry: &fs::DirEntry| {
        entry.file_name().to_str().is_some_and(|name| begins.iter().any(|begin| name.starts_with(begin)))
    };
    entries.filter(own).map(|entry| entry.path()).collect()
}
