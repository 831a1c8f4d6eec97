//! What lies over the window and wants an answer.

use super::confirm::Question;
use super::palette::Palette;
use crate::studio::background::export::Form;

/// One thing at a time lies over the window.
pub enum Modal {
    /// Finding a command.
    Palette(Palette),
    /// How to begin.
    Help,
    /// Exporting pictures.
    Export(Form),
    /// A question.
    Question(Question),
}
