//! The trail: what was done with a case, when, and at which computer. It covers every change, undo, redo and export,
//! and is stored in the case file, where undo does not affect it. Erasing the history leaves only the fact that changes
//! were made.
//!
//! Table `trail` has one row per thing done, oldest first by `id`. Repeating the same thing on the same day at the same
//! computer increments `times` and moves `last`, so that an hour of dragging is one row. Times and the computer's name
//! come from the caller that opens the case (see [`Recorder`]); without a recorder they are empty.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

/// Most rows; the oldest are dropped.
const MOST_ROWS: i64 = 10_000;
/// Longest text stored, characters.
const LONGEST: usize = 300;
/// Characters of a time that make up its date.
const DAY: usize = 10;

/// The entry for erasing the history.
pub(super) const ERASED: &str = "Erase history";

/// Provides the time and place of an action.
#[derive(Debug, Clone)]
pub struct Recorder {
    /// The computer's name.
    pub station: String,
    /// Returns the current time in ISO 8601.
    pub now: fn() -> String,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Time of the first occurrence.
    pub first: String,
    /// Time of the last occurrence.
    pub last: String,
    /// The computer's name.
    pub station: String,
    /// What was done, in the step's words.
    pub what: String,
    /// How many times.
    pub times: u64,
}

/// Records an action.
pub(super) fn note(transaction: &Transaction, recorder: Option<&Recorder>, what: &str) -> rusqlite::Result<()> {
    let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>();
    let (now, station) = recorder.map_or_else(Default::default, |r| (short(&(r.now)()), short(&r.station)));
    let what = short(what);
    let question = "SELECT id, last, station, what FROM trail ORDER BY id DESC LIMIT 1";
    let last = transaction
        .query_row(question, (), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        })
        .optional()?;
    if let Some((id, last, there, same)) = last
        && (last.get(..DAY), &there, &same) == (now.get(..DAY), &station, &what)
    {
        let question = "UPDATE trail SET last = ?1, times = times + 1 WHERE id = ?2";
        return transaction.execute(question, params![now, id]).map(drop);
    }
    let question = "INSERT INTO trail (first, last, station, what, times) VALUES (?1, ?1, ?2, ?3, 1)";
    transaction.execute(question, params![now, station, what])?;
    let question = "DELETE FROM trail WHERE id <= (SELECT max(id) FROM trail) - ?1";
    transaction.execute(question, [MOST_ROWS]).map(drop)
}

/// Removes from the trail what changes were about. That they were made, when and where, remains, as do all entries
/// about exports and consent.
pub(super) fn forget(transaction: &Transaction) -> rusqlite::Result<()> {
    let question = format!(
        "UPDATE trail SET what = 'Change' WHERE what <> '{ERASED}' AND what NOT LIKE 'Export %' \
         AND what NOT LIKE 'Consent %' AND what NOT LIKE 'Revoke consent %'"
    );
    transaction.execute(&question, ()).map(drop)
}

/// What was done, oldest first.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
    let columns =
        ["first", "last", "station", "what"].map(|column| format!("substr({column}, 1, {LONGEST})")).join(", ");
    let mut statement =
        connection.prepare(&format!("SELECT {columns}, times FROM trail ORDER BY id LIMIT {MOST_ROWS}"))?;
    let rows = statement.query_map((), |row| {
        let [first, last, station, what] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        Ok(Entry { first, last, station, what, times: u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0) })
    })?;
    rows.collect()
}

/// Writes entries taken from another case, for rescuing and restoring.
pub(super) fn write(transaction: &Transaction, entries: &[Entry]) -> rusqlite::Result<()> {
    let question = "INSERT INTO trail (first, last, station, what, times) VALUES (?1, ?2, ?3, ?4, ?5)";
    entries.iter().try_for_each(|entry| {
        let Entry { first, last, station, what, times } = entry;
        transaction.execute(question, params![first, last, station, what, *times as i64]).map(drop)
    })
}
