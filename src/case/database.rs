//! The database behind a case file: its header, its tables, and connections with every feature disabled that a case
//! does not need.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::CaseError;
use super::lock;

/// "ScLp": marks a database as a case.
const APPLICATION_ID: u32 = 0x5363_4c70;
/// The format version that this program writes.
pub(super) const FORMAT_VERSION: u32 = 5;
/// The first format whose document has a checksum.
pub(super) const WITH_DIGEST: u32 = 3;
/// How long to wait for another program that is in the middle of a change.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
// The window waits just as long, and a single action may wait more than once.
const _: () = assert!(BUSY_TIMEOUT.as_secs() < 5);

// SQLite stores these statements verbatim in the file; opening compares them byte for byte. A photo's bytes come last,
// since reading a column means walking over those before it.
const DOCUMENT_TABLE: &str = "CREATE TABLE document (\
    id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, json TEXT NOT NULL) STRICT";
const PHOTO_TABLE: &str = "CREATE TABLE photo (\
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 BLOB NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT";

// For the meaning of the columns, see `history.rs`.
const HISTORY_TABLE: &str = "CREATE TABLE history (\
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, done INTEGER NOT NULL, photos TEXT NOT NULL, prefix INTEGER NOT NULL, \
    suffix INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL) STRICT";

// A photo has up to eight orientations, see `Turn::exif_orientation`.
const THUMBNAIL_TABLE: &str = "CREATE TABLE thumbnail (\
    photo INTEGER NOT NULL, orientation INTEGER NOT NULL, jpeg BLOB NOT NULL, PRIMARY KEY (photo, orientation)) \
    STRICT, WITHOUT ROWID";

// SHA-256 of the document's JSON. It has its own table because adding a column would make SQLite rewrite the old
// table's statement.
const DIGEST_TABLE: &str = "CREATE TABLE digest (id INTEGER PRIMARY KEY CHECK (id = 1), document BLOB NOT NULL) STRICT";

// For the meaning of the columns, see `trail.rs`.
const TRAIL_TABLE: &str = "CREATE TABLE trail (\
    id INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL, station TEXT NOT NULL, what TEXT NOT NULL, \
    times INTEGER NOT NULL) STRICT";

/// The first format with a trail.
pub(super) const WITH_TRAIL: u32 = 4;

// SHA-256 of other parts, see [`Checksum`].
const CHECKSUM_TABLE: &str = "CREATE TABLE checksum (\
    part TEXT NOT NULL, id INTEGER NOT NULL, sha256 BLOB NOT NULL, PRIMARY KEY (part, id)) STRICT, WITHOUT ROWID";

/// The first format in which undo steps and the names of photos have checksums.
const WITH_CHECKSUMS: u32 = 5;

/// The checksum of a part of a case, in the table `checksum`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checksum {
    /// Of an undo step, see `history.rs`.
    Step,
    /// Of the name of a photo.
    PhotoName,
}

impl Checksum {
    fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::PhotoName => "photo name",
        }
    }

    /// Writes the checksum of the part with this number.
    pub fn write(self, connection: &Connection, id: i64, sha256: [u8; 32]) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO checksum (part, id, sha256) VALUES (?1, ?2, ?3)";
        connection.execute(sql, params![self.name(), id, sha256.as_slice()]).map(drop)
    }

    /// Whether the part with this number has this checksum; `None` if the format has none.
    pub fn matches(self, connection: &Connection, version: u32, id: i64, sha256: [u8; 32]) -> Option<bool> {
        if !(WITH_CHECKSUMS..=FORMAT_VERSION).contains(&version) {
            return None;
        }
        let question = "SELECT sha256 FROM checksum WHERE part = ?1 AND id = ?2";
        let written = connection.query_row(question, params![self.name(), id], |row| row.get::<_, Vec<u8>>(0));
        Some(written.is_ok_and(|written| written == sha256))
    }

    /// Deletes the checksums of parts that are gone.
    pub fn tidy(self, connection: &Connection) -> rusqlite::Result<()> {
        let table = match self {
            Self::Step => "history",
            Self::PhotoName => "photo",
        };
        let sql = format!("DELETE FROM checksum WHERE part = ?1 AND id NOT IN (SELECT id FROM {table})");
        connection.execute(&sql, [self.name()]).map(drop)
    }
}

/// The checksum of a photo's name.
pub(super) fn name_checksum(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

/// Names and statements of the tables of a format version.
pub(super) fn tables(version: u32) -> &'static [(&'static str, &'static str)] {
    const ALL: [(&str, &str); 7] = [
        ("document", DOCUMENT_TABLE),
        ("photo", PHOTO_TABLE),
        ("history", HISTORY_TABLE),
        ("thumbnail", THUMBNAIL_TABLE),
        ("digest", DIGEST_TABLE),
        ("trail", TRAIL_TABLE),
        ("checksum", CHECKSUM_TABLE),
    ];
    match version {
        0 | 1 => &ALL[..2],
        2 => &ALL[..4],
        3 => &ALL[..5],
        4 => &ALL[..6],
        _ => &ALL,
    }
}

/// Replaces the document's JSON and its checksum.
pub(super) fn write_document(transaction: &Transaction, json: &str) -> rusqlite::Result<()> {
    transaction.execute("UPDATE document SET json = ?1 WHERE id = 1", [json])?;
    write_digest(transaction, json)
}

fn write_digest(transaction: &Transaction, json: &str) -> rusqlite::Result<()> {
    let digest = Sha256::digest(json.as_bytes());
    transaction.execute("INSERT OR REPLACE INTO digest (id, document) VALUES (1, ?1)", [digest.as_slice()]).map(drop)
}

/// Whether the document's JSON matches its checksum; `None` if the format has no checksum.
pub(super) fn is_as_written(connection: &Connection, version: u32, json: &str) -> rusqlite::Result<Option<bool>> {
    if !(WITH_DIGEST..=FORMAT_VERSION).contains(&version) {
        return Ok(None);
    }
    let question = "SELECT document FROM digest WHERE id = 1";
    let digest = connection.query_row(question, (), |row| row.get::<_, Vec<u8>>(0)).optional()?;
    Ok(Some(digest.is_some_and(|digest| digest == Sha256::digest(json.as_bytes()).as_slice())))
}

/// Upgrades a case of an older format to the current one, within the transaction.
pub(super) fn upgrade(transaction: &Transaction, version: u32) -> rusqlite::Result<()> {
    for (_, sql) in &tables(FORMAT_VERSION)[tables(version).len()..] {
        transaction.execute(sql, ())?;
    }
    let json: String = transaction.query_row("SELECT json FROM document WHERE id = 1", (), |row| row.get(0))?;
    write_digest(transaction, &json)?;
    let mut photos = transaction.prepare("SELECT id, name FROM photo")?;
    let mut photos = photos.query(())?;
    while let Some(photo) = photos.next()? {
        let name: String = photo.get(1)?;
        Checksum::PhotoName.write(transaction, photo.get(0)?, name_checksum(&name))?;
    }
    transaction.pragma_update(None, "user_version", FORMAT_VERSION)
}

/// Type, name and SQL of everything in the schema, at most 100.
pub(super) fn schema(connection: &Connection) -> rusqlite::Result<Vec<(String, String, String)>> {
    let question = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY name LIMIT 100";
    connection.prepare(question)?.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

/// The format version that has exactly the tables of this database. Each version so far added some, so that the number
/// in the header can be checked against them.
pub(super) fn format_of_tables(connection: &Connection) -> Option<u32> {
    let schema = schema(connection).ok()?;
    (1..=FORMAT_VERSION).find(|&version| {
        let tables = tables(version);
        let has = |(name, sql): &(&str, &str)| schema.iter().any(|entry| entry.1 == *name && entry.2 == *sql);
        tables.len() == schema.len() && tables.iter().all(has)
    })
}

/// Lowest random revision; earlier programs counted from 1.
const FIRST_RANDOM_REVISION: i64 = 1 << 32;

/// SQL for an initial revision: random, so that no two cases share it, and low enough never to overflow. SQLite seeds
/// its generator from the operating system.
fn random_revision() -> String {
    format!("((random() & {}) | {FIRST_RANDOM_REVISION})", i64::MAX >> 1)
}

/// SQL for the revision after the row's. A case made by an earlier program gets a random one at its first change.
pub(super) fn next_revision() -> String {
    let own = format!("revision BETWEEN {FIRST_RANDOM_REVISION} AND {}", i64::MAX - 1);
    format!("CASE WHEN {own} THEN revision + 1 ELSE {} END", random_revision())
}

/// Whether revision `now` can result from at most one change, finished or not, to a case of revision `before`.
pub(super) fn follows(now: i64, before: i64) -> bool {
    now == before
        || before.checked_add(1) == Some(now)
        || (before < FIRST_RANDOM_REVISION && now >= FIRST_RANDOM_REVISION)
}

/// Whether two revisions belong to the same case: a case may change many times, but no two cases start this close
/// together. `None` if one of them was counted from 1.
pub(super) fn is_near(one: i64, other: i64) -> Option<bool> {
    const FARTHEST: u64 = 1 << 32;
    (one.min(other) >= FIRST_RANDOM_REVISION).then(|| one.abs_diff(other) < FARTHEST)
}

/// Limits on the contents of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLimits {
    /// Largest photo file, in bytes.
    pub max_photo_bytes: u64,
    /// Largest document, in bytes.
    pub max_document_bytes: u64,
    /// Most photos, including those that only undo can bring back.
    pub max_photos: u64,
    /// Most undo steps; the oldest are dropped.
    pub max_steps: u64,
    /// Most bytes of undo steps.
    pub max_history_bytes: u64,
    /// Largest thumbnail, in bytes.
    pub max_thumbnail_bytes: u64,
    /// Largest case file, in bytes; beyond it, changes fail as if the disk were full.
    pub max_file_bytes: u64,
}

impl Default for StoreLimits {
    /// Photos of 512 MiB, a document of 64 MiB, 200 photos, 300 steps of 32 MiB together, thumbnails of 256 KiB, and a
    /// file of 16 GiB.
    fn default() -> Self {
        Self {
            max_photo_bytes: 512 << 20,
            max_document_bytes: 64 << 20,
            max_photos: 200,
            max_steps: 300,
            max_history_bytes: 32 << 20,
            max_thumbnail_bytes: 256 << 10,
            max_file_bytes: 16 << 30,
        }
    }
}

/// A photo to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoFile {
    name: String,
    bytes: Vec<u8>,
    sha256: [u8; 32],
}

impl PhotoFile {
    /// A photo file as it came from the camera, usually under its file name. This computes the checksum, which takes
    /// time, so call it on a thread that may block.
    #[must_use]
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), sha256: Sha256::digest(&bytes).into(), bytes }
    }

    /// A photo that is not as it was added, with the checksum that it had then: whoever reads it learns of the damage.
    pub(super) fn damaged(name: &str, bytes: Vec<u8>, sha256: [u8; 32]) -> Self {
        Self { name: name.to_owned(), bytes, sha256 }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Makes a path absolute: SQLite takes a name that begins with `file:` for a URI, which an absolute path never does.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, CaseError> {
    std::path::absolute(path).map_err(|_| CaseError::Missing { path: path.to_owned() })
}

/// What the file header says.
pub(super) struct Header {
    /// Format version.
    pub version: u32,
    /// The file change counter, modulo 2^32.
    pub changes: u32,
}

/// Reads the header with plain file access, so that SQLite never touches a foreign file.
///
/// Offsets: <https://www.sqlite.org/fileformat2.html#the_database_header>.
pub(super) fn read_header(path: &Path) -> Result<Header, CaseError> {
    let io_error = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => CaseError::Missing { path: path.to_owned() },
        _ => CaseError::Read { source, path: path.to_owned() },
    };
    let metadata = fs::metadata(path).map_err(io_error)?;
    if !metadata.is_file() {
        return Err(CaseError::NotAFile { path: path.to_owned() });
    }
    if metadata.len() == 0 {
        return Err(CaseError::Empty { path: path.to_owned() });
    }
    let mut header = [0_u8; 100];
    let foreign = || CaseError::Foreign { path: path.to_owned() };
    if lock::is_locked(path) {
        return Err(CaseError::Locked { path: path.to_owned() });
    }
    File::open(path).map_err(io_error)?.read_exact(&mut header).map_err(|_| foreign())?;
    let number = |offset: usize| {
        u32::from_be_bytes([header[offset], header[offset + 1], header[offset + 2], header[offset + 3]])
    };
    if !header.starts_with(b"SQLite format 3\0") || number(68) != APPLICATION_ID {
        return Err(foreign());
    }
    // Write-ahead logging would create files beside the case; no version of this program uses it.
    if header[18..20] != [1, 1] {
        return Err(CaseError::Damaged { detail: "its header is not that of a case".into(), path: path.to_owned() });
    }
    Ok(Header { version: number(60), changes: number(24) })
}

/// Format version of a database in memory.
pub(super) fn version_of(database: &[u8], path: &Path) -> Result<u32, CaseError> {
    let damaged = || CaseError::Damaged { detail: "its header is not that of a case".into(), path: path.to_owned() };
    let number = |at: usize| database.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    let is_case = database.starts_with(b"SQLite format 3\0") && number(68) == Some(APPLICATION_ID);
    number(60).filter(|_| is_case && database.get(18..20) == Some(&[1, 1])).ok_or_else(damaged)
}

/// Where SQLite looks for a write-ahead log: beside the file itself, not beside a link to it.
pub(super) fn log_beside(path: &Path) -> PathBuf {
    let mut name = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push("-wal");
    name.into()
}

/// Connects with every feature disabled that a case does not need. A log beside the case never belongs to it; it must
/// have been moved aside by now (see `store/journal.rs`).
pub(super) fn connect(path: &Path, mode: OpenFlags, limits: &StoreLimits) -> Result<Connection, CaseError> {
    if fs::symlink_metadata(log_beside(path)).is_ok() {
        let source = io::Error::from(io::ErrorKind::AlreadyExists);
        return Err(CaseError::StrangeJournal { source, path: path.to_owned() });
    }
    // Only one thread uses a connection at a time; the borrow checker ensures it.
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| configured(connection, limits));
    let connection = opened.map_err(|error| CaseError::reading(&error, path))?;
    if mode == OpenFlags::SQLITE_OPEN_READ_WRITE {
        let prepared = || -> rusqlite::Result<()> {
            // The journal is deleted after each change, which leaves a single file. EXTRA also syncs the folder;
            // otherwise a power cut could bring the journal back and undo the last change.
            let _: String = connection.pragma_update_and_check(None, "journal_mode", "delete", |row| row.get(0))?;
            connection.pragma_update(None, "synchronous", "extra")?;
            // Whatever a studio deletes about a client must be gone from the file.
            let _: i64 = connection.pragma_update_and_check(None, "secure_delete", true, |row| row.get(0))?;
            limit_pages(&connection, limits)
        };
        prepared().map_err(|error| CaseError::reading(&error, path))?;
    }
    Ok(connection)
}

/// Connects to a database in memory, of which nothing reaches the disk; `path` is for messages.
pub(super) fn connect_in_memory(database: &[u8], limits: &StoreLimits, path: &Path) -> Result<Connection, CaseError> {
    connected_in_memory(database, limits).map_err(|error| CaseError::reading(&error, path))
}

/// [`connect_in_memory`] with SQLite's own error.
pub(super) fn connected_in_memory(database: &[u8], limits: &StoreLimits) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    connection.deserialize_read_exact("main", database, database.len(), false)?;
    let connection = configured(connection, limits)?;
    // Sorting and vacuuming would otherwise write temporary files.
    connection.pragma_update(None, "temp_store", "memory")?;
    let _: i64 = connection.pragma_update_and_check(None, "secure_delete", true, |row| row.get(0))?;
    Ok(connection)
}

/// Disables every feature that a case does not need.
fn configured(connection: Connection, limits: &StoreLimits) -> rusqlite::Result<Connection> {
    for (switch, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    ] {
        connection.set_db_config(switch, on)?;
    }
    // The longest row is a photo and its name.
    let longest = limits.max_photo_bytes.max(limits.max_document_bytes).saturating_add(1 << 20);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(longest).unwrap_or(i32::MAX))?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    Ok(connection)
}

fn limit_pages(connection: &Connection, limits: &StoreLimits) -> rusqlite::Result<()> {
    let page_bytes: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = (limits.max_file_bytes / page_bytes.max(1) as u64).clamp(1, i64::from(u32::MAX - 1) as u64);
    let _: i64 = connection.pragma_update_and_check(None, "max_page_count", pages as i64, |row| row.get(0))?;
    Ok(())
}

/// Fills the empty file `temporary` with a new case: its document, and whatever `fill` adds. `path` is for messages.
pub(super) fn write_case(
    temporary: &Path,
    document_json: &str,
    limits: &StoreLimits,
    path: &Path,
    fill: impl FnOnce(&Transaction) -> Result<(), CaseError>,
) -> Result<(), CaseError> {
    let connection = connect(temporary, OpenFlags::SQLITE_OPEN_READ_WRITE, limits)?;
    let connection = filled(connection, document_json, path, fill)?;
    connection.close().map_err(|(_, error)| CaseError::writing(&error, path))
}

/// The same as a database in memory, of which nothing reaches the disk.
pub(super) fn case_in_memory(
    document_json: &str,
    limits: &StoreLimits,
    path: &Path,
    fill: impl FnOnce(&Transaction) -> Result<(), CaseError>,
) -> Result<Zeroizing<Vec<u8>>, CaseError> {
    let writing = |error: rusqlite::Error| CaseError::writing(&error, path);
    let connection = Connection::open_in_memory().and_then(|connection| configured(connection, limits));
    let mut connection = filled(connection.map_err(writing)?, document_json, path, fill)?;
    let database = connection.serialize("main").map_err(writing)?;
    Ok(Zeroizing::new(database.to_vec()))
}

fn filled(
    mut connection: Connection,
    document_json: &str,
    path: &Path,
    fill: impl FnOnce(&Transaction) -> Result<(), CaseError>,
) -> Result<Connection, CaseError> {
    let writing = |error: rusqlite::Error| CaseError::writing(&error, path);
    let prepare = |connection: &Connection| -> rusqlite::Result<()> {
        // Nobody sees the file until it is complete and synced, so it needs neither a journal file nor a sync here.
        let _: String = connection.pragma_update_and_check(None, "journal_mode", "memory", |row| row.get(0))?;
        connection.pragma_update(None, "synchronous", "off")?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", FORMAT_VERSION)?;
        Ok(())
    };
    prepare(&connection).map_err(writing)?;
    let transaction = connection.transaction().map_err(writing)?;
    for (_, sql) in tables(FORMAT_VERSION) {
        transaction.execute(sql, ()).map_err(writing)?;
    }
    transaction
        .execute(
            &format!("INSERT INTO document (id, revision, json) VALUES (1, {}, ?1)", random_revision()),
            [document_json],
        )
        .map_err(writing)?;
    write_digest(&transaction, document_json).map_err(writing)?;
    fill(&transaction)?;
    transaction.commit().map_err(writing)?;
    Ok(connection)
}

/// Stores a photo under this number, or the next free one, and returns the number.
pub(super) fn insert_photo(
    transaction: &Transaction,
    id: Option<i64>,
    photo: &PhotoFile,
    limits: &StoreLimits,
    path: &Path,
) -> Result<i64, CaseError> {
    if photo.bytes.len() as u64 > limits.max_photo_bytes {
        return Err(photo_too_large(limits, path));
    }
    transaction
        .execute(
            "INSERT INTO photo (id, name, sha256, size, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, photo.name, photo.sha256.as_slice(), photo.bytes.len() as i64, photo.bytes],
        )
        .map_err(|error| CaseError::writing(&error, path))?;
    let id = transaction.last_insert_rowid();
    let written = Checksum::PhotoName.write(transaction, id, name_checksum(&photo.name));
    written.map(|()| id).map_err(|error| CaseError::writing(&error, path))
}

pub(super) fn check_document(document_json: &str, limits: &StoreLimits, path: &Path) -> Result<(), CaseError> {
    if document_json.len() as u64 > limits.max_document_bytes {
        return Err(document_too_large(limits, path));
    }
    Ok(())
}

pub(super) fn check_photo_count(count: u64, limits: &StoreLimits, path: &Path) -> Result<(), CaseError> {
    if count > limits.max_photos {
        let what = format!("the case has too many photos (at most {})", limits.max_photos);
        return Err(CaseError::Limit { what, path: path.to_owned() });
    }
    Ok(())
}

pub(super) fn photo_too_large(limits: &StoreLimits, path: &Path) -> CaseError {
    let what = format!("a photo is too large for a case (at most {} MiB)", limits.max_photo_bytes >> 20);
    CaseError::Limit { what, path: path.to_owned() }
}

pub(super) fn document_too_large(limits: &StoreLimits, path: &Path) -> CaseError {
    let what = format!("the plan is too large for a case (at most {} MiB)", limits.max_document_bytes >> 20);
    CaseError::Limit { what, path: path.to_owned() }
}
