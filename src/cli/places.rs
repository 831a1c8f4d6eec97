//! Where cases and folders of results go, checked before the work: what cannot be, and what would be lost.

use std::path::Path;

use super::failure::Failure;
use crate::ground::files::{ResultFolder, WriteError, link_in};
use crate::ground::words::io_problem;

/// Longest name of a case, bytes: file systems allow 255, and the longest of the files beside a case, its journal, has
/// eight more than the case.
const LONGEST_NAME: usize = 255 - "-journal".len();

/// Whether a case of this name can be read and never changed.
pub(super) fn is_name_too_long(case: &Path) -> bool {
    case.file_name().is_some_and(|name| name.len() > LONGEST_NAME)
}

/// Fails if no case can be made at `path`.
pub(super) fn for_new_case(path: &Path) -> Result<(), Failure> {
    if path == Path::new("-") {
        return Err(Failure::input(
            "a case is a file and cannot go to standard output: name one, such as client.scalp",
        ));
    }
    if is_name_too_long(path) {
        return Err(Failure::input("the name is too long for a case: choose a shorter one").at(path));
    }
    Ok(())
}

/// The same for a command that replaces what is there with `--force`. `made_from` is the case that the new one is made
/// from, if any.
pub(super) fn for_new_case_unless(force: bool, path: &Path, made_from: Option<&Path>) -> Result<(), Failure> {
    for_new_case(path)?;
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let is_other = made_from.is_none_or(|from| real(from) != real(path));
    if !force && is_other && path.is_file() {
        return Err(WriteError::Kept { what: "a file with this name already exists", path: path.to_owned() }.into());
    }
    Ok(())
}

/// The folder for several results, which is removed again if nothing is written to it. With `force`, no link in it may
/// lead to a file elsewhere that would be overwritten.
pub(super) fn folder(path: &Path, what: &str, force: bool) -> Result<ResultFolder, Failure> {
    if path == Path::new("-") {
        return Err(Failure::input(format!("{what} need a folder, not standard output: name one")));
    }
    if path.exists() && !path.is_dir() {
        return Err(Failure::input(format!("{what} need a folder, and this is a file: choose another name")).at(path));
    }
    if let Some(link) = force.then(|| link_in(path)).flatten() {
        let problem = "this link in the folder leads to another place, where files would be overwritten: remove it, or \
                       choose another folder";
        return Err(Failure::input(problem).at(link));
    }
    let made = ResultFolder::at(path);
    made.map_err(|error| Failure::output(format!("the folder cannot be made ({})", io_problem(&error))).at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leaves_room_for_the_journal() {
        assert!(for_new_case(Path::new(&format!("/a/{}", "x".repeat(247)))).is_ok());
        assert!(is_name_too_long(Path::new(&"x".repeat(248))));
    }
}
