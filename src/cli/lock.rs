//! `lock` and `unlock`: a case under a passphrase, and under none again. Passphrases come from files, so that no list of processes
//! and no history of a shell shows them.

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
    /// The case; of one that is under a passphrase, --passphrase-file says it.
    pub case: PathBuf,
    /// A file whose first line is the new passphrase; "-" for standard input.
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: PathBuf,
}

/// `unlock`
#[derive(Debug, Args)]
pub struct Unlock {
    /// The case; --passphrase-file says its passphrase.
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
        // They are in the clear.
        let states = crate::case::earlier::EarlierStates::in_folder(folder);
        states.forget(&args.case).map_err(crate::case::Error::from)?;
    }
    print(&format!("{}: under a passphrase; whoever forgets it loses the case\n", args.case.display()))
}

pub(super) fn unlock(args: &Unlock, console: &mut Console) -> Result<(), Failure> {
    let mut case = open_to_change(&args.case, console)?;
    if !case.is_locked() {
        return Err(Failure::input("the case is under no passphrase").at(&args.case));
    }
    case.set_lock(None).map_err(Failure::in_case(&args.case))?;
    print(&format!("{}: under no passphrase any more\n", args.case.display()))
}

/// The first line of a file.
pub(super) fn read(path: &Path) -> Result<Passphrase, Failure> {
    let text = zeroize::Zeroizing::new(read_text(path)?);
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Failure::input("the first line of this file is to be a passphrase").at(path));
    }
    Ok(Passphrase::new(line.to_owned()))
}
