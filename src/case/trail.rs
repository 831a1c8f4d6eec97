//! The trail: what was done with a case, when, and at which computer. It covers where the case comes from, every
//! change, undo, redo and export, each copy, and each passphrase, and is stored in the case file, where undo does not
//! affect it. Erasing the history leaves only the fact that changes were made.
//!
//! Table `trail` has one row per thing done, oldest first by `id`. Repeating the same thing on the same day at the same
//! computer increments `times` and moves `last`, so that an hour of dragging is one row. Times and the computer's name
//! come from the caller that opens the case (see [`Recorder`]); without a recorder they are empty. What happens when a
//! file is made, before anybody opens it, is recorded as of now and here.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::ground::station;

/// Most rows; the oldest are dropped.
const MOST_ROWS: i64 = 10_000;
/// Longest text stored, characters.
const LONGEST: usize = 300;
/// Characters of a time that make up its date.
const DAY: usize = 10;

/// The entry for erasing the history.
pub(super) const ERASED: &str = "Erase history";
/// The entry for making the case.
pub(super) const CREATED: &str = "Create case";
/// The entries for a passphrase.
pub(super) const LOCKED: &str = "Set passphrase";
pub(super) const LOCKED_ANEW: &str = "Change passphrase";
pub(super) const UNLOCKED: &str = "Remove passphrase";
/// How entries begin that erasing the history leaves as they are: where the case comes from, what left it and for what,
/// what the client allows, and who can open it. None of them tells anything of a plan.
const LASTING: [&str; 16] = [
    ERASED,
    CREATED,
    LOCKED,
    LOCKED_ANEW,
    UNLOCKED,
    "Rescue from ",
    "Restore ",
    "Copy to ",
    "Export ",
    "Hand out ",
    "Consent ",
    "Revoke consent ",
    "Undo: Consent ",
    "Undo: Revoke consent ",
    "Redo: Consent ",
    "Redo: Revoke consent ",
];

/// Provides the time and place of an action.
#[derive(Debug, Clone)]
pub struct Recorder {
    /// The computer's name.
    pub station: String,
    /// Returns the current time in ISO 8601.
    pub now: fn() -> String,
}

impl Recorder {
    /// The clock and the name of this computer.
    #[must_use]
    pub fn here() -> Self {
        Self { station: station::name(), now: station::now }
    }
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

/// Removes from the trail what changes were about. That they were made, when and where, remains, as do all [`LASTING`]
/// entries.
pub(super) fn forget(transaction: &Transaction) -> rusqlite::Result<()> {
    let others: Vec<String> =
        LASTING.iter().map(|begin| format!("substr(what, 1, {}) <> '{begin}'", begin.len())).collect();
    transaction.execute(&format!("UPDATE trail SET what = 'Change' WHERE {}", others.join(" AND ")), ()).map(drop)
}

/// What was done, oldest first.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
    let mut statement = connection.prepare(&question("ASC"))?;
    let rows = statement.query_map((), entry)?;
    rows.map(|row| Ok(row?.1)).collect()
}

fn question(order: &str) -> String {
    let columns =
        ["first", "last", "station", "what"].map(|column| format!("substr({column}, 1, {LONGEST})")).join(", ");
    format!("SELECT id, {columns}, times FROM trail ORDER BY id {order} LIMIT {MOST_ROWS}")
}

/// The number of an entry, and the entry.
fn entry(row: &Row) -> rusqlite::Result<(i64, Entry)> {
    let [first, last, station, what] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
    let times = u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0);
    Ok((row.get(0)?, Entry { first, last, station, what, times }))
}

/// What can be read of a damaged trail, oldest first, and whether that is all of it.
pub(super) fn readable_entries(connection: &Connection) -> (Vec<Entry>, bool) {
    let (mut entries, mut whole) = (BTreeMap::new(), true);
    // From both ends, in case it breaks off in between.
    for order in ["ASC", "DESC"] {
        let Ok(mut statement) = connection.prepare(&question(order)) else { return (Vec::new(), false) };
        let Ok(mut rows) = statement.query(()) else { return (Vec::new(), false) };
        loop {
            match rows.next().map(|row| row.map(entry)) {
                Ok(None) => break,
                Ok(Some(Ok((id, entry)))) => drop(entries.insert(id, entry)),
                Ok(Some(Err(_))) => whole = false,
                Err(_) => {
                    whole = false;
                    break;
                }
            }
        }
    }
    (entries.into_values().collect(), whole)
}

/// Writes entries taken from another case, for rescuing and restoring.
pub(super) fn write(transaction: &Transaction, entries: &[Entry]) -> rusqlite::Result<()> {
    let question = "INSERT INTO trail (first, last, station, what, times) VALUES (?1, ?2, ?3, ?4, ?5)";
    entries.iter().try_for_each(|entry| {
        let Entry { first, last, station, what, times } = entry;
        transaction.execute(question, params![first, last, station, what, *times as i64]).map(drop)
    })
}
