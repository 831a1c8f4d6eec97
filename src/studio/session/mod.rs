//! The open case: what is shown of it, changes to it and their undo, what was read from its photos, and what the window
//! remembers from one start to the next.

pub mod action;
pub(crate) mod aim;
pub(crate) mod calibrator;
mod case_file;
pub(crate) mod checklist;
pub(crate) mod colours;
pub mod command;
pub(crate) mod facts;
pub(crate) mod landmarks;
pub(crate) mod open_case;
pub(crate) mod own_stubble;
pub(crate) mod photos;
pub(crate) mod player;
pub(crate) mod quote;
pub(crate) mod recent;
pub mod section;
pub(crate) mod settings;
pub mod tool;
