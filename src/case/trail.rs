//! What was done with a case, when, and at which computer: every change, every step that was taken back, every export. In the
//! case file, where undo does not reach it. Erasing the history leaves of changes only that they were made.
//!
//! Table `trail` has a row per thing done, oldest first by `id`. The same thing done again on the same day at the same computer
//! counts up `times` and moves `last`, so that an hour of dragging is a row. Times and the computer's name come from whoever
//! opens the case (see [`Recorder`]); where nobody says them they are empty.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

/// Most rows; the oldest are dropped.
const MOST_ROWS: i64 = 10_000;
/// Longest text that is kept, characters.
const LONGEST: usize = 300;
/// Characters of a time that say the day.
const DAY: usize = 10;

/// What the trail says once steps were erased.
pub(super) const ERASED: &str = "Erase history";

/// Who says when and where something is done.
#[derive(Debug, Clone)]
pub struct Recorder {
    /// What the computer is called.
    pub station: String,
    /// The time now, in ISO 8601.
    pub now: fn() -> String,
}

/// A thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, the first time.
    pub first: String,
    /// When, the last time.
    pub last: String,
    /// At which computer.
    pub station: String,
    /// What, in the words of the step.
    pub what: String,
    /// How often.
    pub times: u64,
}

/// Notes that something is done.
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

/// Takes out of the trail what changes were about; that they were made, when and where, stays, and so does every word about
/// exports and consent.
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

/// Writes entries of another case, as rescue and restoring do.
pub(super) fn write(transaction: &Transaction, entries: &[Entry]) -> rusqlite::Result<()> {
    let question = "INSERT INTO trail (first, last, station, what, times) VALUES (?1, ?2, ?3, ?4, ?5)";
    entries.iter().try_for_each(|entry| {
        let Entry { first, last, station, what, times } = entry;
        transaction.execute(question, params![first, last, station, what, *times as i64]).map(drop)
    })
}
