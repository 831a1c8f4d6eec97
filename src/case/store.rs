//! The `.scalp` file: an SQLite database with the document and the photos' original bytes.
//!
//! Guarantees:
//! - A change is one transaction, forced to disk before the call returns: a crash, a power cut or a full disk leaves
//!   the case as it was either before or after the change. A new case appears complete or not at all.
//! - At rest there is a single file. During a change a `-journal` file lies beside it; if a crash leaves one, the next
//!   opening uses it to undo the half-made change, so it must travel with the case. A journal that does not belong to
//!   the case is moved aside, see `store/journal.rs`.
//! - A file that is damaged, newer or not a case is never written to.
//! - Photos are stored unmodified, with their SHA-256, which is checked each time one is read.
//! - Each change of the document is a step that can be undone, even after the case was closed. A photo that neither the
//!   document nor a step refers to is overwritten with zeros in the same transaction.
//!
//! A case may come from anybody: the file's header is checked before SQLite sees it, the schema must match ours exactly
//! (no triggers, views or virtual tables whose code would run), and counts and sizes are limited.
//!
//! Two programs may read a case at once. One that edits a case announces it beforehand (see `owner.rs`). If two change
//! it all the same, the second gets [`CaseError::Changed`](super::CaseError::Changed) instead of silently undoing the
//! first.
//!
//! Format version 5 (`application_id` 0x53634C70, "ScLp"; `user_version` 5): table `document` has one row with the
//! document's JSON and its revision, a counter of changes that starts at random, so that states of different cases can
//! be told apart (earlier programs started at 1); `photo` has a row per photo; `history` a row per step, see
//! `history.rs`; `thumbnail` small pictures to show while photos load; `digest` the checksum of the document; `trail` a
//! row per thing done, see `trail.rs`; `checksum` one for each undo step and each photo's name. Version 4 has no
//! `checksum`, version 3 no trail either, version 2 no checksum either, version 1 neither history
//! nor thumbnails; the first change of such a case adds them. Opening reads the whole file once (SQLite's quick check),
//! about 1 s per GB from a warm cache.
//!
//! References: <https://www.sqlite.org/fileformat2.html>, <https://www.sqlite.org/security.html>.

mod changes;
mod file;
pub(super) mod journal;

pub use super::database::{PhotoFile, StoreLimits};
pub use super::history::{Direction, Step};
pub use changes::Change;
pub(crate) use file::is_case;
pub(super) use file::refuse_in_the_way;
pub use file::{Access, PhotoEntry, Store};
