//! What this program wrote, so that it replaces its own results without a question but nothing that somebody has
//! changed since: a list of SHA-256 of whole files, in a file of the user's, if the program has named one.
//!
//! A file is known by its bytes alone, wherever it lies and whatever it is called, so the list names neither clients
//! nor folders.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::ground::files::{private_folders, write_private};
use crate::ground::words::hex;

/// Most results that are remembered; when there are twice as many, the older half is forgotten.
const MOST: usize = 10_000;

static LIST: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Keeps the list in this file from now on. It is made with the first result.
pub fn keep_in(list: PathBuf) {
    *LIST.lock().unwrap_or_else(PoisonError::into_inner) = Some(list);
}

/// Notes a result. If that fails, the result is asked about before it is replaced, no more.
pub(super) fn note(bytes: &[u8]) {
    let list = LIST.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(list) = list.as_deref() else { return };
    let line = format!("{}\n", hex(&Sha256::digest(bytes)));
    if list.parent().is_some_and(|folder| private_folders(&[folder]).is_err()) {
        return;
    }
    if !list.exists() {
        drop(write_private(list, line.as_bytes()));
        return;
    }
    // One write at the end, so that lines of several programs do not mix.
    drop(OpenOptions::new().append(true).open(list).and_then(|mut file| file.write_all(line.as_bytes())));
    if let Ok(text) = fs::read_to_string(list)
        && text.lines().count() > 2 * MOST
    {
        let lines: Vec<&str> = text.lines().collect();
        let latest = format!("{}\n", lines[lines.len() - MOST..].join("\n"));
        drop(write_private(list, latest.as_bytes()));
    }
}

/// Whether a file is as this program wrote it; `None` if it keeps no list, or the file cannot be read.
pub(super) fn is_as_written(path: &Path) -> Option<bool> {
    let list = LIST.lock().unwrap_or_else(PoisonError::into_inner);
    let list = list.as_deref()?;
    let hash = hex(&Sha256::digest(fs::read(path).ok()?));
    let known = fs::read_to_string(list).unwrap_or_default();
    Some(known.lines().any(|line| line == hash))
}
