//! Who has a case open for editing: one user at a time, and everybody else is told on opening it.
//!
//! A file `.NAME.open` beside a case open for editing names the user; it is removed when the case is closed. While the
//! program runs it holds a lock on that file. A lock ends with the program, however it ends, so a file without one was
//! left by a program that was killed: the next program takes it over and removes it. Only for another computer's file
//! without a visible lock can nobody tell, since locks do not reach through cloud folders and some network drives:
//! there the user decides.
//!
//! This is a courtesy that saves work, not what keeps a case intact: transactions and revisions do that, see
//! `store.rs`. If the file cannot be created, as on a full disk or in a write-protected folder, the case is opened as
//! if there were no such file. Reading needs none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::ground::station;

/// Longest owner file that is read, bytes.
const LONGEST: u64 = 4096;
/// Longest name shown, characters.
const LONGEST_NAME: usize = 60;
/// How long a lock may be held by a program that only probes it.
const MOMENT: Duration = Duration::from_millis(200);
/// How long to wait for the drive when a case is closed; a file left behind is taken over by the next program.
const CLOSING: Duration = Duration::from_secs(2);

/// Who has a case open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Owner {
    /// The user's name.
    user: String,
    /// The computer's name.
    station: String,
    /// Since when, ISO 8601.
    since: String,
    /// Whether this is certain, or only claimed by the file of another computer, which may have been switched off
    /// since.
    #[serde(skip)]
    certain: bool,
}

impl Owner {
    fn myself() -> Self {
        Self { user: station::user(), station: station::name(), since: station::now(), certain: true }
    }

    /// Whether the case is certainly open there; otherwise the user may know better.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.certain
    }

    /// "anna at FRONT-DESK has it open (since 2027-02-20 09:41)".
    #[must_use]
    pub fn described(&self) -> String {
        let shown = |text: &str| text.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect::<String>();
        let (user, station) = (shown(&self.user), shown(&self.station));
        let who = match (user.trim(), station.trim()) {
            ("", "") => "somebody else".to_owned(),
            ("", station) => format!("somebody at {station}"),
            (user, "") => user.to_owned(),
            (user, station) => format!("{user} at {station}"),
        };
        // Day and minute of "2027-02-20T09:41:07+01:00", by that computer's clock.
        let since = shown(self.since.get(..16).unwrap_or_default()).replace('T', " ");
        let since = if since.is_empty() { since } else { format!(" (since {since})") };
        let doubt = if self.certain { "" } else { ", or was switched off with it open" };
        format!("{who} has it open{since}{doubt}")
    }
}

/// The right to change a case. This program may hold it several times; it ends with the last.
#[derive(Debug)]
pub(super) struct Hold(#[expect(dead_code, reason = "held, not read")] Option<Arc<Held>>);

#[derive(Debug)]
struct Held {
    place: PathBuf,
    file: Option<File>,
}

/// The files held by this program, which may open a case more than once.
static HELD: Mutex<Vec<(PathBuf, Weak<Held>)>> = Mutex::new(Vec::new());

/// Path of the owner file: beside the case itself, not beside a link to it.
pub(super) fn beside(case: &Path) -> PathBuf {
    let case = fs::canonicalize(case).unwrap_or_else(|_| case.to_owned());
    let mut name = std::ffi::OsString::from(".");
    name.push(case.file_name().unwrap_or_default());
    name.push(".open");
    case.with_file_name(name)
}

/// Acquires the right to change an existing case; `anyway` overrides the claim in another computer's file.
///
/// # Errors
///
/// The user who has it.
pub(super) fn hold(case: &Path, anyway: bool) -> Result<Hold, Owner> {
    let place = beside(case);
    let since = Instant::now();
    let file = loop {
        if let Some(own) = held(&place) {
            return Ok(Hold(Some(own)));
        }
        match seize(case, &place) {
            Ok(Seized::Mine(file)) => break file,
            Ok(Seized::Gone) => {}
            Ok(Seized::Taken) if since.elapsed() < MOMENT => std::thread::sleep(Duration::from_millis(10)),
            Ok(Seized::Taken) => return Err(Owner { certain: true, ..read(&place).unwrap_or_default() }),
            // The file exists but this user may not read it.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && is_file(&place) => {
                return Err(Owner::default());
            }
            Err(_) => return Ok(Hold(None)),
        }
    };
    let there = Owner::in_file(&file);
    let elsewhere = |there: &Owner| !there.station.is_empty() && there.station != station::name();
    if let Some(other) = there.filter(|there| elsewhere(there) && !anyway) {
        return Err(other);
    }
    // If this cannot be written, the lock holds all the same.
    drop(write(&file));
    let own = Arc::new(Held { place: place.clone(), file: Some(file) });
    HELD.lock().unwrap_or_else(PoisonError::into_inner).push((place, Arc::downgrade(&own)));
    Ok(Hold(Some(own)))
}

/// The hold that this program already has, if any.
fn held(place: &Path) -> Option<Arc<Held>> {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    held.retain(|(_, held)| held.strong_count() > 0);
    held.iter().find(|(known, _)| known == place).and_then(|(_, held)| held.upgrade())
}

/// Who else has a case open for editing, if anybody. Removes a file left by a killed program.
pub(super) fn other(case: &Path) -> Option<Owner> {
    let place = beside(case);
    if !is_file(&place) || held(&place).is_some() {
        return None;
    }
    // Dropping the hold removes the file.
    hold(case, false).err()
}

fn is_file(place: &Path) -> bool {
    fs::symlink_metadata(place).is_ok_and(|metadata| metadata.is_file())
}

/// The result of trying to lock the file.
enum Seized {
    /// This program has locked it.
    Mine(File),
    /// Another program has locked it.
    Taken,
    /// It was removed or replaced meanwhile.
    Gone,
}

#[cfg(not(windows))]
fn seize(case: &Path, place: &Path) -> io::Result<Seized> {
    use std::fs::TryLockError;

    // Never follow a link or open a device.
    if fs::symlink_metadata(place).is_ok_and(|there| !there.is_file()) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        // Whoever may read the case may also read who has it.
        let mode = fs::metadata(case).map_or(0o600, |case| case.permissions().mode() & 0o666);
        options.mode(mode | 0o600);
    }
    let file = options.open(place)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(Seized::Taken),
        // A file system without locks: as far as anybody can tell, the case is free.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    Ok(if is_at(&file, place) { Seized::Mine(file) } else { Seized::Gone })
}

/// On Windows an open file cannot be removed, or opened again for writing, and that serves as the lock; a lock from the
/// standard library would keep others from reading who has it.
#[cfg(windows)]
fn seize(_case: &Path, place: &Path) -> io::Result<Seized> {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_SHARE_READ: u32 = 1;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).share_mode(FILE_SHARE_READ);
    match options.open(place) {
        Ok(file) => Ok(Seized::Mine(file)),
        Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(Seized::Taken),
        Err(error) => Err(error),
    }
}

/// Whether the open file still has this path.
fn is_at(file: &File, place: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::symlink_metadata(place)) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (open.dev(), open.ino()) == (named.dev(), named.ino())
    }
    #[cfg(not(unix))]
    {
        open.is_file() && named.is_file()
    }
}

impl Owner {
    fn in_file(mut file: &File) -> Option<Self> {
        let mut text = String::new();
        file.seek(SeekFrom::Start(0)).ok()?;
        file.take(LONGEST).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }
}

fn read(place: &Path) -> Option<Owner> {
    Owner::in_file(&File::open(place).ok()?)
}

fn write(mut file: &File) -> io::Result<()> {
    let text = serde_json::to_string(&Owner::myself())?;
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())?;
    // From here on other computers see it.
    file.sync_data()
}

impl Drop for Held {
    fn drop(&mut self) {
        let (place, file) = (std::mem::take(&mut self.place), self.file.take());
        let Some(file) = file else { return };
        let (done, is_done) = mpsc::channel::<()>();
        // On its own thread: a drive that no longer answers must not keep the user from closing a case.
        let closing = std::thread::Builder::new().name("close a case".to_owned()).spawn(move || {
            remove(file, &place);
            drop(done);
        });
        if closing.is_ok() {
            let _ = is_done.recv_timeout(CLOSING);
        }
    }
}

/// Removes the file if it still is this program's.
fn remove(file: File, place: &Path) {
    // A removal that failed may succeed when retried.
    let gone = || fs::remove_file(place).or_else(|_| fs::remove_file(place));
    // Remove before closing, else another program could open the file in between. Windows must close it first; there,
    // removal fails if somebody has opened it meanwhile.
    if cfg!(windows) {
        drop(file);
        drop(gone());
    } else if is_at(&file, place) {
        drop(gone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_described_in_words() {
        let owner = |user: &str, station: &str, since: &str| Owner {
            user: user.into(),
            station: station.into(),
            since: since.into(),
            certain: true,
        };
        let said = owner("anna", "FRONT-DESK", "2027-02-20T09:41:07+01:00").described();
        assert_eq!(said, "anna at FRONT-DESK has it open (since 2027-02-20 09:41)");
        assert_eq!(owner("", "", "").described(), "somebody else has it open");
        assert_eq!(owner("", "B", "soon").described(), "somebody at B has it open");
        let said = owner("a\u{1b}[31m\n", &"x".repeat(5000), "\n").described();
        assert!(said.len() < 200 && !said.chars().any(char::is_control), "{said}");
        let doubtful = Owner { certain: false, ..owner("anna", "B", "") }.described();
        assert_eq!(doubtful, "anna at B has it open, or was switched off with it open");
    }

    #[test]
    fn one_program_holds_a_case_as_often_as_it_likes_and_leaves_nothing() {
        let folder = crate::ground::files::private_folder().unwrap();
        let case = folder.path().join("a.scalp");
        fs::write(&case, b"").unwrap();
        let first = hold(&case, false).unwrap();
        let again = hold(&case, false).unwrap();
        assert!(other(&case).is_none(), "it is this program");
        drop(first);
        assert!(beside(&case).is_file());
        let owner = read(&beside(&case)).unwrap();
        assert_eq!((owner.station, owner.user), (station::name(), station::user()));
        drop(again);
        assert!(!beside(&case).exists());
    }

    #[test]
    fn a_left_over_file_is_taken_over_unless_it_is_another_computers() {
        let folder = crate::ground::files::private_folder().unwrap();
        let case = folder.path().join("a.scalp");
        fs::write(&case, b"").unwrap();
        let place = beside(&case);
        let here = serde_json::to_string(&Owner::myself()).unwrap();
        for left in [here.as_str(), "", "{", "null", "[]"] {
            fs::write(&place, left).unwrap();
            drop(hold(&case, false).unwrap());
            assert!(!place.exists(), "{left}");
            fs::write(&place, left).unwrap();
            assert_eq!(other(&case), None, "{left}");
            assert!(!place.exists(), "{left}");
        }
        let there =
            r#"{"user": "anna", "station": "no-such-computer", "since": "2027-02-20T09:41:07+01:00", "more": 1}"#;
        fs::write(&place, there).unwrap();
        let owner = hold(&case, false).unwrap_err();
        assert!(!owner.is_certain() && owner.described().starts_with("anna at no-such-computer"), "{owner:?}");
        assert_eq!(other(&case), Some(owner));
        assert!(place.exists(), "it is not ours to remove");
        drop(hold(&case, true).unwrap());
        assert!(!place.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_is_respected_and_links_and_folders_are_left_alone() {
        let folder = crate::ground::files::private_folder().unwrap();
        let case = folder.path().join("a.scalp");
        fs::write(&case, b"").unwrap();
        let place = beside(&case);
        fs::write(&place, r#"{"user": "bea"}"#).unwrap();
        let elsewhere = File::open(&place).unwrap();
        elsewhere.lock().unwrap();
        let owner = hold(&case, true).unwrap_err();
        assert!(owner.is_certain() && owner.described() == "bea has it open", "{owner:?}");
        drop(elsewhere);
        drop(hold(&case, false).unwrap());
        // A link to another file, or a folder: nothing is written there, and the case can be edited.
        let victim = folder.path().join("victim");
        fs::write(&victim, b"precious").unwrap();
        std::os::unix::fs::symlink(&victim, &place).unwrap();
        drop(hold(&case, false).unwrap());
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        fs::remove_file(&place).unwrap();
        fs::create_dir(&place).unwrap();
        drop(hold(&case, false).unwrap());
        assert!(place.is_dir() && other(&case).is_none());
    }
}
