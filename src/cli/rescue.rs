//! `verify`, `rescue` and `photos`: check a case file and recover what is intact.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::{Code, Failure};
use super::output::{Console, print};
use super::prepared::note_done;
use super::terminal::line;
use crate::case::Case;
use crate::case::rescue::{Part, RescueReader};
use crate::case::trail::Recorder;
use crate::export::words::counted;
use crate::ground::files::{Existing, WriteError, write_new};
use crate::ground::words::io_problem;

/// `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// The case.
    pub case: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `rescue`
#[derive(Debug, Args)]
pub struct Rescue {
    /// The damaged case; it is only read.
    pub case: PathBuf,
    /// The new case.
    #[arg(short, long, value_name = "NEW")]
    pub output: PathBuf,
    /// Overwrite any existing file.
    #[arg(long)]
    pub force: bool,
}

/// `photos`
#[derive(Debug, Args)]
pub struct Photos {
    /// The case.
    pub case: PathBuf,
    /// Folder for the photos; created if needed.
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,
    /// Overwrite existing files.
    #[arg(long)]
    pub force: bool,
}

pub(super) fn verify(args: &Verify, console: &mut Console) -> Result<(), Failure> {
    console.begin("reading the case");
    let parts = open(&args.case)?.parts();
    console.done("reading the case");
    if args.json {
        print(&serde_json::to_string_pretty(&parts).map_err(Failure::output)?)?;
    } else {
        let described = |part: &Part| match &part.damage {
            None => format!("{}\n", line(&format!("{}: whole", part.name))),
            Some(damage) if part.missing => format!("{}\n", line(&format!("{}: missing: {damage}", part.name))),
            Some(damage) => format!("{}\n", line(&format!("{}: damaged: {damage}", part.name))),
        };
        print(&parts.iter().map(described).collect::<String>())?;
    }
    let count = |missing: bool| parts.iter().filter(|part| part.damage.is_some() && part.missing == missing).count();
    let parts = |count: usize| if count == 1 { "1 part".to_owned() } else { format!("{count} parts") };
    let message = match (count(false), count(true)) {
        (0, 0) => return Ok(()),
        (0, missing) => format!("{} missing: only another copy of the case can have it", is(&parts(missing), missing)),
        (damaged, _) => {
            format!("{} damaged: bring over what is whole with 'scalp-studio rescue'", is(&parts(damaged), damaged))
        }
    };
    Err(Failure { message, code: Code::Checks }.at(&args.case))
}

fn is(parts: &str, count: usize) -> String {
    format!("{parts} {}", if count == 1 { "is" } else { "are" })
}

pub(super) fn rescue(args: &Rescue, console: &mut Console) -> Result<(), Failure> {
    let existing = if args.force { Existing::Replace } else { Existing::Refuse };
    let same = |path: &Path| fs::canonicalize(path).ok();
    if args.output.exists() && same(&args.output) == same(&args.case) {
        return Err(Failure::input("the new case would replace the damaged one: choose another name").at(&args.case));
    }
    console.begin("reading the case");
    let rescued = open(&args.case)?.rescue(&args.output, existing).map_err(crate::case::Error::from)?;
    console.done("reading the case");
    let kept = rescued.kept.iter().map(|what| format!("recovered: {}\n", line(what)));
    let lost = rescued.lost.iter().map(|what| format!("lost: {}\n", line(what)));
    print(&kept.chain(lost).collect::<String>())
}

pub(super) fn photos(args: &Photos, console: &mut Console) -> Result<(), Failure> {
    let case = open(&args.case)?;
    fs::create_dir_all(&args.output).map_err(|error| {
        Failure::output(format!("the folder cannot be made ({})", io_problem(&error))).at(&args.output)
    })?;
    let (mut written, mut damaged) = (0, Vec::new());
    console.begin("writing the photos");
    let handed_out = hand_out(args, &case, &mut written, &mut damaged);
    console.done("writing the photos");
    if handed_out.is_ok() {
        print(&format!("{written} photos in {}\n", args.output.display()))?;
    }
    if written > 0 {
        let done = format!("Hand out {}, to {}", counted(written, "original photo"), args.output.display());
        match Case::open(&args.case) {
            Ok(case) => note_done(&mut case.recorded_by(Recorder::here()), "this", &done, console),
            Err(error) => console.warn(&format!("this is not noted in the case: {}", Failure::from(error).message)),
        }
    }
    handed_out?;
    if damaged.is_empty() {
        return Ok(());
    }
    Err(Failure::input(format!("damaged: {}", damaged.join(", "))).at(&args.case))
}

/// Writes the photos; `written` counts them, and `damaged` names those that are not as they were added.
fn hand_out(args: &Photos, case: &RescueReader, written: &mut usize, damaged: &mut Vec<String>) -> Result<(), Failure> {
    let existing = if args.force { Existing::Replace } else { Existing::Refuse };
    let mut taken = HashSet::new();
    for photo in case.photos() {
        let name = free_name(&photo.name, photo.id, photo.sound, &mut taken);
        let Some(bytes) = photo.bytes else {
            damaged.push(format!("{} (it cannot be read)", photo.name));
            continue;
        };
        write_new(&args.output.join(&name), &bytes, existing).map_err(or_with_force)?;
        *written += 1;
        if !photo.sound {
            damaged.push(format!("{name} (it is not as it was added)"));
        }
    }
    Ok(())
}

/// The same problem with the option that helps.
fn or_with_force(problem: WriteError) -> WriteError {
    match problem {
        WriteError::Exists { path } => WriteError::Kept { what: "a file with this name already exists", path },
        other => other,
    }
}

fn open(path: &Path) -> Result<RescueReader, Failure> {
    Ok(RescueReader::open(path).map_err(crate::case::Error::from)?)
}

/// The photo's file name, made unique, and marked if the photo is damaged. A case may come from anybody, so the name
/// must never lead into another folder.
fn free_name(name: &str, id: i64, sound: bool, taken: &mut HashSet<String>) -> String {
    let plain: String =
        name.rsplit(['/', '\\', ':']).next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let plain = plain.trim_matches([' ', '.']);
    let plain = if plain.is_empty() { format!("photo-{id}") } else { plain.to_owned() };
    let (stem, ending) = plain.rsplit_once('.').map_or((plain.as_str(), String::new()), |(s, e)| (s, format!(".{e}")));
    let stem = if sound { stem.to_owned() } else { format!("{stem}-damaged") };
    let plain = format!("{stem}{ending}");
    let names = std::iter::once(plain.clone()).chain((2..).map(|number| format!("{stem}-{number}{ending}")));
    // File systems may ignore case.
    { names }.find(|name| taken.insert(name.to_lowercase())).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder_and_differ() {
        let mut taken = HashSet::new();
        assert_eq!(free_name("back.jpg", 7, false, &mut taken), "back-damaged.jpg");
        let mut free = |name| free_name(name, 7, true, &mut taken);
        assert_eq!(free("front.jpg"), "front.jpg");
        assert_eq!(free("Front.JPG"), "Front-2.JPG");
        assert_eq!(free("../../etc/passwd"), "passwd");
        assert_eq!(free("C:\\clients\\anna.heic"), "anna.heic");
        assert_eq!(free(".."), "photo-7");
        assert_eq!(free(""), "photo-7-2");
    }
}
