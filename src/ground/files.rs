//! Writing files such that a failure leaves what was there before.
//!
//! Every output of the program goes through here: the bytes are written under a temporary name in the same folder,
//! flushed to the disk and then moved into place. A full disk, a read-only folder or a crash leaves either the old file
//! or none, never half a file; the temporary file is removed. If the program was killed, its next run that writes to
//! the folder removes it. Until it has its final name, nobody but the user can read it.
//!
//! What may be replaced is not decided here: see `case::store` for cases and `export::destination` for results.
//!
//! Not protected against: files that another program changes at the same moment, and disks that report a write as done
//! before it is.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::words::io_problem;

/// Whose fault an error is; the command line turns it into the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The input or the request is wrong (exit code 2).
    Input,
    /// The result could not be written (exit code 3).
    Output,
}

/// What to do if a file with that name exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone and report an error.
    Refuse,
    /// Replace it atomically, once the new content is safely on the disk.
    Replace,
}

/// Why a file could not be written. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file with this name exists and may not be replaced.
    #[error("a file with this name already exists: choose another name: {}", .path.display())]
    Exists {
        /// The destination.
        path: PathBuf,
    },
    /// What is there must not be lost by mistake.
    #[error("{what}: choose another name, or replace it with --force: {}", .path.display())]
    Kept {
        /// What is there.
        what: &'static str,
        /// The destination.
        path: PathBuf,
    },
    /// The name belongs to a folder, a device or a pipe.
    #[error("this cannot be written as a file (it is a folder or a device): {}", .path.display())]
    NotAFile {
        /// The destination.
        path: PathBuf,
    },
    /// The destination's folder does not exist.
    #[error("the folder does not exist: create it first: {}", .path.display())]
    NoFolder {
        /// The destination.
        path: PathBuf,
    },
    /// The operating system reported an error.
    #[error("{}: {}", not_written(.source), .path.display())]
    Io {
        /// The operating system's error.
        source: io::Error,
        /// The destination.
        path: PathBuf,
    },
}

impl WriteError {
    /// [`Fault::Input`] if another request would have worked, [`Fault::Output`] otherwise.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Exists { .. } | Self::Kept { .. } => Fault::Input,
            Self::NotAFile { .. } | Self::NoFolder { .. } | Self::Io { .. } => Fault::Output,
        }
    }
}

fn not_written(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full: make room and try again".to_owned(),
        _ => format!("the file could not be written ({})", io_problem(error)),
    }
}

/// Writes `bytes` to `path`, all or nothing.
///
/// # Errors
///
/// [`WriteError`]; what was at `path` before is then still there.
pub(crate) fn write_new(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), WriteError> {
    let mut pending = PendingFile::beside(path, existing)?;
    pending.write_all(bytes)?;
    pending.commit()
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Everyone whom the user allows to read new files (`umask`).
    AsUsual,
    /// Only the user: a client's data.
    UserOnly,
}

/// A file under construction, under a temporary name beside its destination. Dropping it removes the file.
#[derive(Debug)]
pub struct PendingFile {
    temporary: NamedTempFile,
    /// The path given by the user, for messages.
    path: PathBuf,
    /// Where the file goes: `path`, or the target if that is a link.
    destination: PathBuf,
    existing: Existing,
    /// Permissions that the file gets along with its name.
    permissions: fs::Permissions,
}

impl PendingFile {
    /// Creates an empty temporary file in the folder of `path`, for a file that others may read if the user's `umask`
    /// permits.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if `path` cannot be written, as far as this can be known beforehand.
    pub fn beside(path: &Path, existing: Existing) -> Result<Self, WriteError> {
        Self::new(path, existing, Readers::AsUsual)
    }

    /// The same for a file that only the user may read.
    ///
    /// # Errors
    ///
    /// As [`PendingFile::beside`].
    pub(crate) fn private_beside(path: &Path, existing: Existing) -> Result<Self, WriteError> {
        Self::new(path, existing, Readers::UserOnly)
    }

    fn new(path: &Path, existing: Existing, readers: Readers) -> Result<Self, WriteError> {
        let io_error = |source| WriteError::Io { source, path: path.to_owned() };
        if path.file_name().is_none() {
            return Err(WriteError::NotAFile { path: path.to_owned() });
        }
        // Renaming onto a symbolic link would replace the link; the user means its target.
        let destination = match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() => fs::canonicalize(path).map_err(io_error)?,
            _ => path.to_owned(),
        };
        let permissions = match fs::metadata(&destination) {
            // Renaming onto a device such as /dev/stdout would replace the device.
            Ok(metadata) if !metadata.is_file() => return Err(WriteError::NotAFile { path: path.to_owned() }),
            Ok(_) if existing == Existing::Refuse => return Err(WriteError::Exists { path: path.to_owned() }),
            // Renaming needs only the folder's permission; write protection of the file is respected nevertheless.
            Ok(metadata) if metadata.permissions().readonly() => {
                return Err(io_error(io::Error::from(io::ErrorKind::PermissionDenied)));
            }
            Ok(metadata) => Some(metadata.permissions()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(io_error(error)),
        };
        let folder = folder_of(&destination);
        if !folder.is_dir() {
            return Err(WriteError::NoFolder { path: path.to_owned() });
        }
        remove_left_over(folder);
        let mut builder = tempfile::Builder::new();
        let prefix = prefix();
        builder.prefix(&prefix).suffix(SUFFIX);
        // Private from the first moment: whoever opened the file while it is empty could go on reading it.
        #[cfg(unix)]
        builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600));
        let temporary = builder.tempfile_in(folder).map_err(|error| io_error(without_path(error)))?;
        mark_in_use(temporary.as_file());
        let permissions = match (permissions, readers) {
            (Some(permissions), _) => permissions,
            (None, Readers::AsUsual) => usual_permissions(folder).map_err(|error| io_error(without_path(error)))?,
            (None, Readers::UserOnly) => temporary.as_file().metadata().map_err(io_error)?.permissions(),
        };
        Ok(Self { temporary, path: path.to_owned(), destination, existing, permissions })
    }

    /// The temporary name, for libraries that need to open the file themselves.
    #[must_use]
    pub(crate) fn temporary_path(&self) -> &Path {
        self.temporary.path()
    }

    /// Appends to the file.
    ///
    /// # Errors
    ///
    /// [`WriteError::Io`], for example when the disk is full.
    pub fn write_all(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        // Through the plain file, whose errors do not mention the temporary name.
        self.temporary.as_file().write_all(bytes).map_err(|source| self.io_error(source))
    }

    /// Flushes the content to the disk and gives the file its final name.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; the temporary file is removed, and what was at the destination is still there.
    pub fn commit(self) -> Result<(), WriteError> {
        self.temporary.as_file().sync_all().map_err(|source| self.io_error(source))?;
        let Self { temporary, path, destination, existing, permissions } = self;
        drop(temporary.as_file().set_permissions(permissions));
        // The handle is closed first: some systems cannot rename open files.
        let temporary = temporary.into_temp_path();
        let moved = match existing {
            Existing::Replace => temporary.persist(&destination),
            Existing::Refuse => temporary.persist_noclobber(&destination).or_else(|refused| {
                // USB sticks and network drives may support neither "rename unless it exists" nor hard links.
                let unsupported = refused.error.kind() != io::ErrorKind::AlreadyExists;
                if unsupported && fs::symlink_metadata(&destination).is_err() {
                    refused.path.persist(&destination)
                } else {
                    Err(refused)
                }
            }),
        };
        moved.map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => WriteError::Exists { path: path.clone() },
            _ => WriteError::Io { source: refused.error, path: path.clone() },
        })?;
        sync_folder(folder_of(&destination));
        Ok(())
    }

    fn io_error(&self, source: io::Error) -> WriteError {
        WriteError::Io { source, path: self.path.clone() }
    }
}

/// Beginning and end of the names of temporary files and folders. In between are the process ID, a hyphen, and random
/// letters.
const PREFIX: &str = ".scalp-studio-";
const SUFFIX: &str = ".tmp";
/// In a temporary folder, the file whose lock marks it as in use.
const IN_USE: &str = "in-use";
/// Age below which a file may belong to a process that has not marked it as in use yet.
const SETTLING_TIME: Duration = Duration::from_secs(60);

/// Marks a temporary file as in use for other instances of this program, for as long as it is open.
fn mark_in_use(file: &File) {
    // Not on other systems, where a lock would keep SQLite from opening the file. Without locks nothing is ever
    // removed.
    if cfg!(unix) {
        drop(file.try_lock());
    }
}

/// Removes temporary files and folders that killed instances of this program left behind. This is for tidiness and
/// privacy, so failures are ignored.
pub(crate) fn remove_left_over(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let Some(own) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)) else {
            continue;
        };
        let Some(metadata) = entry.metadata().ok().filter(|_| cfg!(unix)) else { continue };
        let maker = own.split_once('-').and_then(|(maker, _)| maker.parse().ok());
        let settled = || metadata.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age > SETTLING_TIME));
        if !maker.is_some_and(is_gone) && !settled() {
            continue;
        }
        let marked = if metadata.is_dir() { entry.path().join(IN_USE) } else { entry.path() };
        let is_left_over = match File::open(marked) {
            Ok(file) => file.try_lock().is_ok(),
            // Its creator was killed before it could mark the folder as in use.
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if is_left_over {
            drop(if metadata.is_dir() { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) });
        }
    }
}

/// Whether no process with this ID exists any longer, as far as the system reveals.
fn is_gone(process: u32) -> bool {
    let processes = Path::new("/proc");
    processes.join("self").exists() && !processes.join(process.to_string()).exists()
}

/// Beginning of the names of this process's temporary files.
fn prefix() -> String {
    format!("{PREFIX}{}-", std::process::id())
}

/// The permissions of any new file in a folder, read from one that never holds anything.
fn usual_permissions(folder: &Path) -> io::Result<fs::Permissions> {
    let mut builder = tempfile::Builder::new();
    let prefix = prefix();
    builder.prefix(&prefix).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    let probe = builder.tempfile_in(folder)?;
    let permissions = probe.as_file().metadata()?.permissions();
    let path = probe.path().to_owned();
    drop(probe);
    // Removing it may have failed for a moment. If it fails for good, the next run removes it.
    if path.exists() {
        drop(fs::remove_file(path));
    }
    Ok(permissions)
}

/// A folder that only this user can access; dropping it removes it with all its contents.
#[derive(Debug)]
pub struct PrivateFolder {
    folder: tempfile::TempDir,
    _in_use: File,
}

impl PrivateFolder {
    fn new(folder: tempfile::TempDir) -> io::Result<Self> {
        let file = File::create_new(folder.path().join(IN_USE))?;
        mark_in_use(&file);
        Ok(Self { folder, _in_use: file })
    }

    /// Path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A private folder in the system's folder for temporary files.
///
/// # Errors
///
/// The operating system's error.
pub(crate) fn private_folder() -> io::Result<PrivateFolder> {
    remove_left_over(&std::env::temp_dir());
    PrivateFolder::new(private_builder(&prefix()).tempdir()?)
}

/// A private folder beside a file, on the same disk.
///
/// # Errors
///
/// The operating system's error.
pub(crate) fn private_folder_beside(path: &Path) -> io::Result<PrivateFolder> {
    let folder = folder_of(path);
    remove_left_over(folder);
    PrivateFolder::new(private_builder(&prefix()).tempdir_in(folder)?)
}

/// Creates folders that only this user can access, in order, together with missing parents.
///
/// # Errors
///
/// The operating system's error.
pub(crate) fn private_folders(folders: &[&Path]) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    folders.iter().try_for_each(|folder| builder.create(folder))
}

/// Writes `bytes` to a file that only this user can read, all or nothing; an existing file is replaced.
///
/// # Errors
///
/// [`WriteError`]; what was at `path` before is then still there.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let mut pending = PendingFile::private_beside(path, Existing::Replace)?;
    pending.write_all(bytes)?;
    pending.commit()
}

/// Whether a file has other names (hard links), under which its content stays when a new file takes this name. False
/// where the system does not tell.
#[must_use]
pub fn has_other_names(path: &Path) -> bool {
    #[cfg(unix)]
    return fs::metadata(path).is_ok_and(|file| file.is_file() && std::os::unix::fs::MetadataExt::nlink(&file) > 1);
    #[cfg(not(unix))]
    {
        _ = path;
        false
    }
}

/// A folder for results. Until it is kept, dropping it removes the folders that were made for it, if they are still
/// empty.
#[derive(Debug)]
pub struct ResultFolder {
    /// The innermost first.
    made: Vec<PathBuf>,
}

impl ResultFolder {
    /// Creates a folder if it is not there, together with missing parents.
    ///
    /// # Errors
    ///
    /// The operating system's error; no folder is left behind then.
    pub fn at(path: &Path) -> io::Result<Self> {
        let missing = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let folder = Self { made: missing.map(Path::to_owned).collect() };
        fs::create_dir_all(path)?;
        Ok(folder)
    }

    /// Lets the folder stay even if it is empty.
    pub fn keep(mut self) {
        self.made.clear();
    }
}

impl Drop for ResultFolder {
    fn drop(&mut self) {
        for folder in &self.made {
            // Fails where something is in it, which is then the result.
            drop(fs::remove_dir(folder));
        }
    }
}

/// The first symbolic link in a folder, by name: writing to it would change a file elsewhere.
#[must_use]
pub fn link_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    links.map(|entry| entry.path()).min()
}

fn private_builder(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(SUFFIX);
    // The library's own default depends on the user's `umask`.
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700));
    builder
}

/// Renames a file within its folder by appending `ending`, with a number if that name is taken. Nothing is overwritten.
/// Returns the new name.
///
/// # Errors
///
/// The operating system's error; the file then keeps its old name.
pub(crate) fn move_aside(path: &Path, ending: &OsStr) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    loop {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        if number > 1 {
            name.push(format!("-{number}"));
        }
        let name = PathBuf::from(name);
        // Reserves the name before anybody else can take it; renaming replaces the empty file.
        match File::create_new(&name) {
            Ok(_) => {
                if let Err(error) = fs::rename(path, &name) {
                    drop(fs::remove_file(&name));
                    return Err(error);
                }
                sync_folder(folder_of(&name));
                return Ok(name);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The operating system's error, without the temporary name, which means nothing to the user.
fn without_path(error: io::Error) -> io::Error {
    // The library wraps the system's error, of which only the kind can be recovered.
    if error.raw_os_error().is_none() { io::Error::from(error.kind()) } else { error }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the new name survive a power failure.
///
/// The content is already on the disk and the file has its name; a system that cannot sync a folder (Windows, some
/// network drives) is no reason to report failure.
fn sync_folder(folder: &Path) {
    if let Ok(handle) = File::open(folder) {
        drop(handle.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn an_existing_file_is_kept_unless_told_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        write_new(&path, b"first", Existing::Refuse).unwrap();
        let error = write_new(&path, b"second", Existing::Refuse).unwrap_err();
        assert_eq!(error.fault(), Fault::Input);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        write_new(&path, b"second", Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(folder.path()), ["a.png"], "no temporary file is left behind");
    }

    #[test]
    fn a_dropped_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, b"first").unwrap();
        let mut pending = PendingFile::beside(&path, Existing::Replace).unwrap();
        pending.write_all(b"half").unwrap();
        drop(pending);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["a.png"]);
    }

    #[test]
    fn folders_and_missing_folders_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_new(folder.path(), b"x", Existing::Replace).unwrap_err();
        assert!(matches!(error, WriteError::NotAFile { .. }));
        let error = write_new(&folder.path().join("no/such/a.png"), b"x", Existing::Replace).unwrap_err();
        assert!(matches!(error, WriteError::NoFolder { .. }));
        assert_eq!(error.fault(), Fault::Output);
        assert!(error.to_string().ends_with("a.png"), "the path comes last: {error}");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_an_unfinished_file_or_any_case() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (usual, export, case) = ["usual", "export", "case"].map(|name| folder.path().join(name)).into();
        fs::write(&usual, b"").unwrap();
        let pending = PendingFile::beside(&export, Existing::Refuse).unwrap();
        assert_eq!(mode(pending.temporary_path()), 0o600);
        pending.commit().unwrap();
        PendingFile::private_beside(&case, Existing::Refuse).unwrap().commit().unwrap();
        assert_eq!([mode(&export), mode(&case)], [mode(&usual), 0o600]);
    }

    /// Somebody who opens whatever can be opened, at any moment, sees nothing of what is written.
    #[cfg(unix)]
    #[test]
    fn at_no_moment_can_others_open_a_file_under_construction() {
        use std::os::unix::fs::PermissionsExt;
        use std::sync::atomic::{AtomicBool, Ordering};
        let folder = tempfile::tempdir().unwrap();
        let (done, place) = (AtomicBool::new(false), folder.path());
        std::thread::scope(|scope| {
            let spy = scope.spawn(|| {
                let mut opened = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let entries = fs::read_dir(place).unwrap().filter_map(Result::ok);
                    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(SUFFIX)) {
                        let Ok(file) = File::open(entry.path()) else { continue };
                        // A file that was made for others to read is not opened too early, but too late.
                        let open_to_all = file.metadata().is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
                        if open_to_all && opened.len() < 500 {
                            opened.push(file);
                        }
                    }
                }
                opened.iter().filter(|file| file.metadata().unwrap().len() > 0).count()
            });
            for readers in [Readers::AsUsual, Readers::UserOnly].repeat(400) {
                let mut pending = PendingFile::new(&place.join("a.png"), Existing::Replace, readers).unwrap();
                pending.write_all(b"a client").unwrap();
            }
            done.store(true, Ordering::Relaxed);
            assert_eq!(spy.join().unwrap(), 0, "files that somebody could go on reading");
        });
    }

    #[cfg(unix)]
    #[test]
    fn files_of_a_killed_program_are_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, minutes: u64| {
            let file = File::create_new(folder.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(60 * minutes)).unwrap();
            file
        };
        make(".scalp-studio-dead.tmp", 5);
        make(".scalp-studio-new.tmp", 0);
        make(".somebody-else.tmp", 5);
        let used = make(".scalp-studio-used.tmp", 5);
        mark_in_use(&used);
        write_new(&folder.path().join("a.png"), b"x", Existing::Refuse).unwrap();
        let left = [".scalp-studio-new.tmp", ".scalp-studio-used.tmp", ".somebody-else.tmp", "a.png"];
        assert_eq!(names(folder.path()), left);
    }

    /// A restarted program does not have to wait a minute.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_process_left_over_is_removed_once_it_has_ended() {
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        let gone = ended.id();
        ended.wait().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let of = |process: u32, name: &str| folder.path().join(format!("{PREFIX}{process}-{name}{SUFFIX}"));
        let (own, used) = (of(std::process::id(), "own"), of(gone, "used"));
        for file in [of(gone, "file"), own.clone(), used.clone()] {
            fs::write(file, b"a client").unwrap();
        }
        let held = File::open(&used).unwrap();
        mark_in_use(&held);
        for made in ["marked", "unmarked"] {
            fs::create_dir(of(gone, made)).unwrap();
        }
        fs::write(of(gone, "marked").join(IN_USE), b"").unwrap();
        remove_left_over(folder.path());
        let mut left = [own, used];
        left.sort();
        assert_eq!(names(folder.path()), left.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_not_replaced_and_links_are_followed() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let error = write_new(Path::new("/dev/null"), b"x", Existing::Replace).unwrap_err();
        assert!(matches!(error, WriteError::NotAFile { .. }));

        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.png"), folder.path().join("link.png"));
        fs::write(&real, b"first").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        write_new(&link, b"second", Existing::Replace).unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"second");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn only_empty_folders_made_for_a_result_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (outer, inner) = (folder.path().join("outer"), folder.path().join("outer/inner"));
        drop(ResultFolder::at(&inner).unwrap());
        assert!(!outer.exists());
        ResultFolder::at(&inner).unwrap().keep();
        drop(ResultFolder::at(&inner).unwrap());
        assert!(inner.exists(), "it was there before");
        let deeper = inner.join("deeper");
        let made = ResultFolder::at(&deeper).unwrap();
        fs::write(deeper.join("a.png"), b"x").unwrap();
        drop(made);
        assert!(deeper.join("a.png").exists());
        let error = ResultFolder::at(&deeper.join("a.png")).unwrap_err();
        assert_eq!(io_problem(&error), "there is already something of this name");
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_folder_and_other_names_of_a_file_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let [real, hard, soft] = ["real", "hard", "soft"].map(|name| folder.path().join(name));
        fs::write(&real, b"x").unwrap();
        assert!(!has_other_names(&real) && link_in(folder.path()).is_none());
        fs::hard_link(&real, &hard).unwrap();
        std::os::unix::fs::symlink(&real, &soft).unwrap();
        assert!(has_other_names(&real) && has_other_names(&hard));
        assert_eq!(link_in(folder.path()), Some(soft));
        assert!(!has_other_names(folder.path()), "a folder has many names, and none of them is a copy");
    }

    #[test]
    fn a_full_disk_is_told_as_such() {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let error = WriteError::Io { source, path: "a.png".into() };
        assert_eq!(error.to_string(), "the disk is full: make room and try again: a.png");
    }

    #[test]
    fn a_write_protected_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, b"first").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let error = write_new(&path, b"second", Existing::Replace).unwrap_err();
        assert_eq!(error.fault(), Fault::Output);
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }
}
