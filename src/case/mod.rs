//! The case: what is known and planned for one client, and the file it is kept in.

mod database;
mod error;
pub mod store;

pub use error::CaseError;
