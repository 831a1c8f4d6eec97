//! `lock` and `unlock`: set and remove the passphrase of a case. Passphrases are read from files, so that neither the
//! process list nor the shell history shows them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::failure::Failure;
use super::output::{Console, print};
use super::plan::read_text;
use super::prepared::open_to_change;
use crate::case::lock::{Key, Passphrase};

/// `lock`
#[derive(Debug, Args)]
pub struct Lock {
    /// The case; if it is already locked, give its passphrase with --passphrase-file.
    pub case: PathBuf,
    /// File whose first line is the new passphrase; "-" for standard input.
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: PathBuf,
}

/// `unlock`
#[derive(Debug, Args)]
pub struct Unlock {
    /// The case; give its passphrase with --passphrase-file.
    pub case: PathBuf,
}

pub(super) fn lock(args: &Lock, console: &mut Console) -> Result<(), Failure> {
    let passphrase = read(&args.new_passphrase_file)?;
    let mut case = open_to_change(&args.case, console)?;
    console.begin("making the key");
    let key = Key::under(&passphrase);
    console.done("making the key");
    let key = key.ok_or_else(|| Failure::output("there is not enough memory to make a key").at(&args.case))?;
    case.set_lock(Some(Arc::new(key))).map_err(Failure::in_case(&args.case))?;
    #[cfg(feature = "studio")]
    if let Some(folder) = crate::studio::states_folder() {
        // Earlier states are not encrypted.
        let states = crate::case::earlier::EarlierStates::in_folder(folder);
        states.forget(&args.case).map_err(crate::case::Error::from)?;
    }
    print(&format!("{}: locked; without the passphrase nobody can open the case\n", args.case.display()))
}

pub(super) fn unlock(args: &Unlock, console: &mut Console) -> Result<(), Failure> {
    let mut case = open_to_change(&args.case, console)?;
    if !case.is_locked() {
        return Err(Failure::input("the case is under no passphrase").at(&args.case));
    }
    case.set_lock(None).map_err(Failure::in_case(&args.case))?;
    print(&format!("{}: unlocked\n", args.case.display()))
}

/// Reads the passphrase from the first line of a file.
pub(super) fn read(path: &Path) -> Result<Passphrase, Failure> {
    let text = zeroize::Zeroizing::new(read_text(path)?);
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Failure::input("the first line of this file is to be a passphrase").at(path));
    }
    Ok(Passphrase::new(line.to_owned()))
}
