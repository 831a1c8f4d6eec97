//! `earlier`, `restore` and `delete`: earlier states of cases, and deleting a case.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::output::{Console, print, say};
use super::places;
use super::terminal::line;
use crate::case::delete::{self, OUT_OF_REACH};
use crate::case::earlier::{EarlierState, EarlierStates};
use crate::export::words::counted;
use crate::ground::files::Existing;
use crate::studio;

/// `earlier`
#[cfg(feature = "studio")]
#[derive(Debug, Args)]
pub struct Earlier {
    /// The case; all cases if not given.
    pub case: Option<PathBuf>,
    /// Folder with the earlier states; the studio's own if not given.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `restore`
#[cfg(feature = "studio")]
#[derive(Debug, Args)]
pub struct Restore {
    /// Number of the state, as listed by `earlier`.
    pub number: u64,
    /// The new case.
    #[arg(short, long, value_name = "NEW")]
    pub output: PathBuf,
    /// Folder with the earlier states; the studio's own if not given.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Overwrite any existing file.
    #[arg(long)]
    pub force: bool,
}

/// `delete`
#[cfg(feature = "studio")]
#[derive(Debug, Args)]
pub struct Delete {
    /// The case.
    pub case: PathBuf,
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
    /// Folder with the earlier states; the studio's own if not given.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

pub(super) fn earlier(args: &Earlier) -> Result<(), Failure> {
    let states = states(args.folder.as_ref())?;
    let found = args.case.as_ref().map_or_else(|| states.all(), |case| states.of(case));
    if args.json {
        return print(&serde_json::to_string_pretty(&found).map_err(Failure::output)?);
    }
    let of_state = |state: &EarlierState| {
        let EarlierState { number, kept, case, photos } = state;
        let photos = counted(*photos, "photo");
        format!("{}\n", line(&format!("{number}: {kept}, {photos}, {}", case.display())))
    };
    if found.is_empty() { print("no earlier states\n") } else { print(&found.iter().map(of_state).collect::<String>()) }
}

pub(super) fn restore(args: &Restore, console: &mut Console) -> Result<(), Failure> {
    let existing = if args.force { Existing::Replace } else { Existing::Refuse };
    places::for_new_case_unless(args.force, &args.output, None)?;
    let states = states(args.folder.as_ref())?;
    if states.all().iter().all(|state| state.number != args.number) {
        let number = args.number;
        return Err(Failure::input(format!("there is no earlier state {number}: 'scalp-studio earlier' lists them")));
    }
    console.begin("restoring the earlier state");
    let restored = states.restore(args.number, &args.output, existing).map_err(crate::case::Error::from)?;
    console.done("restoring the earlier state");
    let lost: Vec<String> = restored.lost.iter().map(|what| format!("lost: {}\n", line(what))).collect();
    let (case, kept) = (args.output.display().to_string(), restored.kept.join(", "));
    print(&format!("{}: {}\n{}", line(&case), line(&kept), lost.concat()))
}

pub(super) fn delete(args: &Delete) -> Result<(), Failure> {
    if !args.yes && !confirmed(&args.case)? {
        return Err(Failure::input("nothing was deleted").at(&args.case));
    }
    let states = states(args.folder.as_ref()).ok();
    // The path as it was opened, under which the list of recent cases knows it.
    let path = std::path::absolute(&args.case).unwrap_or_else(|_| args.case.clone());
    let deleted = delete::delete(&args.case, states.as_ref()).map_err(crate::case::Error::from)?;
    if args.folder.is_none() {
        studio::forget_recent(&path);
    }
    let states = match &deleted.states_kept_for {
        Some(other) => format!("its earlier states stay, since {} is the same case", other.display()),
        None => format!("with {}", words(deleted.states)),
    };
    let case = args.case.display().to_string();
    print(&format!("{}\n{OUT_OF_REACH}\n", line(&format!("{case}: deleted, {states}"))))
}

fn words(states: usize) -> String {
    match states {
        0 => "no earlier states".to_owned(),
        1 => "1 earlier state".to_owned(),
        states => format!("{states} earlier states"),
    }
}

/// Asks for confirmation, if there is a terminal.
fn confirmed(case: &Path) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        let text = "this deletes the case and its earlier states for good, so it has to be confirmed: add --yes";
        return Err(Failure::input(text).at(case));
    }
    say(&format!("This deletes {} and its earlier states for good. {OUT_OF_REACH}", case.display()));
    drop(write!(std::io::stderr(), "Delete it? Write yes: "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(Failure::input)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

fn states(folder: Option<&PathBuf>) -> Result<EarlierStates, Failure> {
    let folder = folder.cloned().or_else(studio::states_folder);
    let nowhere = || Failure::input("this system has no folder for the program's data: name one with --folder");
    folder.map(EarlierStates::in_folder).ok_or_else(nowhere)
}
