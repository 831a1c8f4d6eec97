//! What lies over the window and wants an answer.

use super::confirm::Question;
use super::earlier::List;
use super::palette::Palette;
use super::passphrase::{Opening, Setting};
use super::read_back::Shown;
use super::signature::Signing;
use crate::case::trail::Entry;
use crate::studio::background::{export, hand_over};

/// One of these lies over the window at a time.
pub enum Modal {
    /// Finding a command.
    Palette(Palette),
    /// How to start.
    Help,
    /// Earlier states of cases.
    Earlier(List),
    /// What was done with the case.
    Trail(Vec<Entry>),
    /// What a photo may be used for.
    Consent,
    /// Exporting pictures.
    Export(export::Form),
    /// What the client takes home.
    HandOver(hand_over::Form),
    /// The client's signature.
    Signing(Signing),
    /// A drawn line that was read back.
    ReadBack(Shown),
    /// The passphrase of a case that is to be opened.
    Opening(Opening),
    /// A passphrase for the open case.
    Setting(Setting),
    /// A question.
    Question(Question),
}
