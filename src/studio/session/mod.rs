//! The open case: what of it is shown, changes to it and their undo, what was read from its photos, and what the window
//! remembers from one start to the next.

pub mod aim;
pub mod calibrator;
pub mod checklist;
pub mod colours;
pub mod command;
pub mod facts;
pub mod follicles;
pub mod landmarks;
pub mod open_case;
pub mod photos;
pub mod player;
pub mod recent;
pub mod section;
pub mod settings;
pub mod steps;
pub mod tool;
