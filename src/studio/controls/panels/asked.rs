//! What can be asked for in the row below the photo.

use crate::render::steps::Step;
use crate::studio::session::command::Command;

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// To show a view.
    View(usize),
    /// To do something with a view.
    OnView(usize, Command),
    /// To rename a view.
    RenameView(usize, String),
    /// To show a step.
    Step(Step),
    /// A command.
    Command(Command),
}
