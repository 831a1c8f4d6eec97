//! The case: what is known and planned for one client, and the file that stores it.

pub mod consent;
mod create;
mod database;
pub mod delete;
pub mod document;
pub mod earlier;
mod edits;
mod error;
pub mod head_fit;
mod history;
pub mod landmarks_file;
pub mod lock;
mod open;
pub mod owner;
pub mod picks;
pub mod pipeline;
pub mod read_back;
pub mod rescue;
pub mod sample;
pub mod signature;
pub mod store;
pub mod trail;
mod view_names;

pub use create::{NewView, Start};
pub use edits::{FindHead, NewPhoto};
pub use error::CaseError;
pub use open::{Case, Error, decode_view};
pub(crate) use store::is_case;
pub use view_names::{client_name, name_view};
