//! Undo steps, stored in the case file itself so that undo survives a restart.
//!
//! Table `history` has one row per step, oldest first by `id`: its name, whether it is `done` or was undone (undone
//! steps come last), and what it did to the document's JSON. The two versions share the first `prefix` and the last
//! `suffix` bytes; `before` and `after` are what lies between. A step is undone only if the document still has `after`
//! there, so a history that does not belong to the document changes nothing.
//!
//! `photos` lists the numbers of the photos that either version shows, as JSON: they stay in the file as long as the
//! step.
//!
//! Cost: undo and redo are linear in the document's size; a step takes the space of what it changed.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use super::database::{Checksum, StoreLimits};
use super::error::CaseError;

/// SQL for a step's bytes that count towards the limit.
const STEP_BYTES: &str = "octet_length(name) + octet_length(photos) + octet_length(before) + octet_length(after)";

/// Longest step name, characters.
const LONGEST_NAME: usize = 200;

/// Undo or redo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The last done step is undone.
    Undo,
    /// The first undone step is redone.
    Redo,
}

impl Direction {
    /// SQL that selects the next step in this direction.
    fn next(self) -> &'static str {
        match self {
            Self::Undo => "done <> 0 ORDER BY id DESC LIMIT 1",
            Self::Redo => "done = 0 ORDER BY id LIMIT 1",
        }
    }
}

/// A step that can be undone or redone, and the document it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its row.
    pub(super) id: i64,
    pub(super) direction: Direction,
    /// What the user did.
    pub name: String,
    /// The document afterwards.
    pub document_json: String,
}

/// The part in which two texts differ.
#[derive(Debug, PartialEq, Eq)]
struct Difference<'a> {
    /// Bytes that both begin with.
    prefix: usize,
    /// Bytes that both end with, not counting the prefix.
    suffix: usize,
    before: &'a str,
    after: &'a str,
}

impl<'a> Difference<'a> {
    fn between(before: &'a str, after: &'a str) -> Self {
        let same = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
        let mut prefix = same(&mut before.as_bytes().iter().zip(after.as_bytes()));
        // Never split a character.
        while !before.is_char_boundary(prefix) || !after.is_char_boundary(prefix) {
            prefix -= 1;
        }
        let (before, after) = (&before[prefix..], &after[prefix..]);
        let mut suffix = same(&mut before.as_bytes().iter().rev().zip(after.as_bytes().iter().rev()));
        while !before.is_char_boundary(before.len() - suffix) || !after.is_char_boundary(after.len() - suffix) {
            suffix -= 1;
        }
        Self { prefix, suffix, before: &before[..before.len() - suffix], after: &after[..after.len() - suffix] }
    }
}

/// `text` with `there`, found between `prefix` and `suffix`, replaced; `None` if something else is there.
pub(super) fn replaced(text: &str, prefix: i64, suffix: i64, there: &str, by: &str) -> Option<String> {
    let end = text.len().checked_sub(usize::try_from(suffix).ok()?)?;
    let begin = usize::try_from(prefix).ok()?;
    (text.get(begin..end)? == there).then(|| [&text[..begin], by, &text[end..]].concat())
}

/// Name of the next step in a direction.
pub(super) fn name(connection: &Connection, direction: Direction) -> rusqlite::Result<Option<String>> {
    let question = format!("SELECT substr(name, 1, {LONGEST_NAME}) FROM history WHERE {}", direction.next());
    connection.query_row(&question, (), |row| row.get(0)).optional()
}

/// The next step in a direction, applied to the current document; `None` if there is none.
pub(super) fn step(
    connection: &Connection,
    direction: Direction,
    document_json: &str,
    version: u32,
    path: &Path,
) -> Result<Option<Step>, CaseError> {
    let columns = format!("id, substr(name, 1, {LONGEST_NAME}), prefix, suffix, photos, before, after");
    let question = format!("SELECT {columns} FROM history WHERE {}", direction.next());
    let row = connection
        .query_row(&question, (), |row| {
            let texts: [String; 4] = [row.get(1)?, row.get(4)?, row.get(5)?, row.get(6)?];
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?, texts))
        })
        .optional()
        .map_err(|error| CaseError::reading(&error, path))?;
    let Some((id, prefix, suffix, [name, photos, before, after])) = row else { return Ok(None) };
    let sha256 = checksum(&name, &photos, [prefix, suffix], [&before, &after]);
    if Checksum::Step.matches(connection, version, id, sha256) == Some(false) {
        return Err(CaseError::DamagedStep { name, path: path.to_owned() });
    }
    let (there, by) = match direction {
        Direction::Undo => (after, before),
        Direction::Redo => (before, after),
    };
    match replaced(document_json, prefix, suffix, &there, &by) {
        Some(document_json) => Ok(Some(Step { id, direction, name, document_json })),
        None => Err(CaseError::DamagedStep { name, path: path.to_owned() }),
    }
}

/// The checksum of a step: of everything about it that does not change.
pub(super) fn checksum(name: &str, photos: &str, [prefix, suffix]: [i64; 2], [before, after]: [&str; 2]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in [name, photos, before, after] {
        // With its length, so that no two different steps are the same bytes.
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    for number in [prefix, suffix] {
        digest.update(number.to_le_bytes());
    }
    digest.finalize().into()
}

/// Writes the checksums of all steps.
pub(super) fn write_checksums(connection: &Connection) -> rusqlite::Result<()> {
    let mut steps = connection.prepare("SELECT id, name, photos, prefix, suffix, before, after FROM history")?;
    let mut steps = steps.query(())?;
    while let Some(row) = steps.next()? {
        let [name, photos, before, after]: [String; 4] = [row.get(1)?, row.get(2)?, row.get(5)?, row.get(6)?];
        let sha256 = checksum(&name, &photos, [row.get(3)?, row.get(4)?], [&before, &after]);
        Checksum::Step.write(connection, row.get(0)?, sha256)?;
    }
    Ok(())
}

/// Marks a step as undone or redone.
pub(super) fn mark(transaction: &Transaction, step: &Step) -> rusqlite::Result<()> {
    let done = i64::from(step.direction == Direction::Redo);
    transaction.execute("UPDATE history SET done = ?1 WHERE id = ?2", params![done, step.id]).map(drop)
}

/// Appends a step just done. Undone steps are deleted, as are the oldest ones beyond the limits.
pub(super) fn append(
    transaction: &Transaction,
    name: &str,
    photos: &BTreeSet<i64>,
    [before, after]: [&str; 2],
    limits: &StoreLimits,
) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM history WHERE done = 0", ())?;
    let difference = Difference::between(before, after);
    let photos = serde_json::to_string(photos).unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let (prefix, suffix) = (difference.prefix as i64, difference.suffix as i64);
    let sha256 = checksum(&name, &photos, [prefix, suffix], [difference.before, difference.after]);
    transaction.execute(
        "INSERT INTO history (id, name, done, photos, prefix, suffix, before, after) \
         VALUES ((SELECT coalesce(max(id), 0) + 1 FROM history), ?1, 1, ?2, ?3, ?4, ?5, ?6)",
        params![name, photos, prefix, suffix, difference.before, difference.after],
    )?;
    Checksum::Step.write(transaction, transaction.last_insert_rowid(), sha256)?;
    let mut statement = transaction.prepare(&format!("SELECT id, {STEP_BYTES} FROM history ORDER BY id DESC"))?;
    let mut newest_first = statement.query(())?;
    let (mut steps, mut bytes) = (0, 0);
    while let Some(row) = newest_first.next()? {
        steps += 1;
        bytes += row.get::<_, i64>(1)? as u64;
        if steps > limits.max_steps || bytes > limits.max_history_bytes {
            transaction.execute("DELETE FROM history WHERE id <= ?1", [row.get::<_, i64>(0)?])?;
            break;
        }
    }
    Checksum::Step.tidy(transaction)
}

/// Numbers of the photos that any step shows.
pub(super) fn photos(connection: &Connection) -> rusqlite::Result<BTreeSet<i64>> {
    let mut statement = connection.prepare("SELECT photos FROM history")?;
    let lists = statement.query_map((), |row| row.get::<_, String>(0))?;
    let mut photos = BTreeSet::new();
    for list in lists {
        // An unreadable list keeps no photo alive: its steps then end at a missing photo, which is reported.
        photos.extend(serde_json::from_str::<Vec<i64>>(&list?).unwrap_or_default());
    }
    Ok(photos)
}

/// The number of steps, and their bytes.
pub(super) fn extent(connection: &Connection) -> rusqlite::Result<(u64, u64)> {
    let question = format!("SELECT count(*), coalesce(sum({STEP_BYTES}), 0) FROM history");
    connection.query_row(&question, (), |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Letters whose encodings share bytes, so that differences begin and end inside characters.
        #[test]
        fn a_difference_leads_both_ways(before in "[aäöǎ€]{0,9}", after in "[aäöǎ€]{0,9}") {
            let d = Difference::between(&before, &after);
            let (prefix, suffix) = (d.prefix as i64, d.suffix as i64);
            prop_assert_eq!(replaced(&before, prefix, suffix, d.before, d.after), Some(after.clone()));
            prop_assert_eq!(replaced(&after, prefix, suffix, d.after, d.before), Some(before.clone()));
        }

        #[test]
        fn places_outside_the_text_are_none(text in "[aä]{0,5}", prefix: i64, suffix: i64, near in -2..9_i64) {
            prop_assert!(replaced(&text, prefix, suffix, "x", "y").is_none());
            prop_assert!(replaced(&text, near, 3 - near, "x", "y").is_none());
        }
    }

    #[test]
    fn a_small_change_is_a_small_step() {
        let long = "x".repeat(100_000);
        let d = [format!("{long}1{long}"), format!("{long}22{long}")];
        let d = Difference::between(&d[0], &d[1]);
        assert_eq!((d.prefix, d.before, d.after, d.suffix), (100_000, "1", "22", 100_000));
    }
}
