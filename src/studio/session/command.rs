//! Every command by name: menus, buttons, shortcuts and the palette all read this list.

use std::sync::LazyLock;

use egui::{Key, KeyboardShortcut, Modifiers};
use strum::{EnumIter, EnumMessage, IntoEnumIterator, IntoStaticStr};

use super::section::{SECTIONS, Section};
use super::tool::{TOOLS, Tool};
use crate::render::steps;
use crate::skin::settings::{OUTLOOKS, Outlook};

/// Something that the window can do, in the order of the palette. The doc comment above a name is its tip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumMessage, IntoStaticStr)]
pub enum Command {
    /// Start a case for another client
    #[strum(to_string = "New case")]
    NewCase,
    /// Open a case or photos
    #[strum(to_string = "Open…")]
    Open,
    /// Open the client that comes with the program
    #[strum(to_string = "Open the sample client")]
    OpenSample,
    /// Open the second client that comes with the program
    #[strum(to_string = "Open the sample client with dark skin")]
    OpenDarkSample,
    /// Add photos of this client
    #[strum(to_string = "Add photos…")]
    AddPhotos,
    /// Add the picture on the clipboard
    #[strum(to_string = "Paste photo")]
    PastePhoto,
    /// Continue in a copy under another name or in another place
    #[strum(to_string = "Save as…")]
    SaveAs,
    /// Make a copy, and continue in this case
    #[strum(to_string = "Duplicate…")]
    Duplicate,
    /// Undo everything since the case was opened; can itself be undone
    #[strum(to_string = "Revert to how it was opened")]
    Revert,
    /// Erase undo steps and removed photos from the file for good
    #[strum(to_string = "Erase history")]
    ForgetHistory,
    /// Make a new case from what this one, or another, was when it was opened earlier
    #[strum(to_string = "Earlier states…")]
    EarlierStates,
    /// Work on this case although another computer's file says that it is open there: if you know that it is not
    #[strum(to_string = "Work on it all the same")]
    TakeOver,
    /// Encrypt this case, so that only a passphrase opens it
    #[strum(to_string = "Passphrase…")]
    Lock,
    /// Keep this case as a plain file again, without a passphrase
    #[strum(to_string = "Remove passphrase")]
    Unlock,
    /// Show which changes and exports were made, when, and on which computer
    #[strum(to_string = "What was done…")]
    Trail,
    /// Copy everything readable in this case into a new one
    #[strum(to_string = "Rescue into a new case…")]
    Rescue,
    /// Delete this case, its earlier states and its place among the recent cases
    #[strum(to_string = "Delete client…")]
    DeleteClient,
    /// Close this case; everything is saved already
    #[strum(to_string = "Close case")]
    CloseCase,
    /// Make pictures to send or print
    #[strum(to_string = "Export pictures…")]
    Export,
    /// Make what the client takes home and what you work from: report, page, quote, template, calendar
    #[strum(to_string = "Hand over…")]
    HandOver,
    /// Let the client sign this plan here; the signature appears over its line in the report
    #[strum(to_string = "Sign the plan…")]
    Sign,
    /// Measure how far the line drawn on the skin in this photo is from the plan
    #[strum(to_string = "Read the drawn line back")]
    ReadBack,
    /// Undo the last change
    Undo,
    /// Redo the change that was undone
    Redo,
    /// Take up a tool.
    Tool(Tool),
    /// Make the brush smaller
    #[strum(to_string = "Smaller brush")]
    SmallerBrush,
    /// Make the brush larger
    #[strum(to_string = "Larger brush")]
    LargerBrush,
    /// Show the whole photo
    #[strum(to_string = "Fit photo to window")]
    Fit,
    /// Show each pixel of the photo as one of the screen
    #[strum(to_string = "Zoom to 100 %")]
    ActualSize,
    /// Show less of the photo, larger
    #[strum(to_string = "Zoom in")]
    ZoomIn,
    /// Show more of the photo, smaller
    #[strum(to_string = "Zoom out")]
    ZoomOut,
    /// Show the next photo of this client
    #[strum(to_string = "Next photo")]
    NextView,
    /// Show the previous photo of this client
    #[strum(to_string = "Previous photo")]
    PreviousView,
    /// Turn this photo a quarter to the left
    #[strum(to_string = "Turn photo left")]
    TurnLeft,
    /// Turn this photo a quarter to the right
    #[strum(to_string = "Turn photo right")]
    TurnRight,
    /// Mirror this photo, if a selfie camera has mirrored it
    #[strum(to_string = "Mirror photo")]
    Mirror,
    /// Record what the client allows this photo to be used for
    #[strum(to_string = "Consent for this photo…")]
    Consent,
    /// Take this photo out of the case; can be undone
    #[strum(to_string = "Remove photo")]
    RemovePhoto,
    /// Show the next step of the treatment
    #[strum(to_string = "Later in time")]
    NextStep,
    /// Show the previous step of the treatment
    #[strum(to_string = "Earlier in time")]
    PreviousStep,
    /// Show the photo as it is
    #[strum(to_string = "First step")]
    FirstStep,
    /// Show the last step
    #[strum(to_string = "Last step")]
    LastStep,
    /// Show one step of the treatment after another
    #[strum(to_string = "Play the treatment")]
    Play,
    /// Draw a line over the photo: before on one side, after on the other
    #[strum(to_string = "Compare: wipe")]
    Wipe,
    /// Show before and after next to each other
    #[strum(to_string = "Compare: side by side")]
    SideBySide,
    /// Change what a comparison shows on the left: before, or another variant at the same step
    #[strum(to_string = "Compare: with before or another plan")]
    Against,
    /// Show every photo of this client
    #[strum(to_string = "All photos at once")]
    AllViews,
    /// Show light, likely and strong results side by side: every skin heals in its own way
    #[strum(to_string = "Range of results")]
    Range,
    /// Show the result as seen from 0.3, 1 and 3 m, beside untreated skin
    #[strum(to_string = "From near and far")]
    HonestView,
    /// Add the shine of an overhead lamp to the views from near and far
    #[strum(to_string = "Hard light from above")]
    HardLight,
    /// Colour the scalp by how many dots are planned per cm²
    #[strum(to_string = "Density as a heat map")]
    HeatMap,
    /// Show one end of the range of results, or its middle.
    Outlook(Outlook),
    /// Open a second window that shows only the picture
    #[strum(to_string = "Client screen")]
    ClientScreen,
    /// Keep the client screen as it is while you work
    #[strum(to_string = "Freeze client screen")]
    FreezeClient,
    /// Show the client screen as a mirror would
    #[strum(to_string = "Mirror client screen")]
    MirrorClient,
    /// Pick the colour of untreated skin by clicking it in the photo
    #[strum(to_string = "Pick the client's skin")]
    PickSkin,
    /// Pick the colour of the shaved sides or stubble by clicking it in the photo
    #[strum(to_string = "Pick the hair to match")]
    PickHair,
    /// Measure the client's own shaved hair by clicking a shaved patch in the photo
    #[strum(to_string = "Match my follicles")]
    MatchFollicles,
    /// Find your own pigment from a photo of healed work by clicking bare skin, then treated skin beside it
    #[strum(to_string = "Calibrate pigment")]
    CalibratePigment,
    /// Go to a section of the inspector.
    Panel(Section),
    /// Copy this plan to try something else
    #[strum(to_string = "Copy variant")]
    CopyVariant,
    /// Show the next plan
    #[strum(to_string = "Next variant")]
    NextVariant,
    /// Delete this plan; can be undone
    #[strum(to_string = "Delete variant")]
    DeleteVariant,
    /// Give the photo the whole window
    #[strum(to_string = "Hide or show panels")]
    Panels,
    /// Show or hide all guide lines
    Guides,
    /// Switch between a dark and a light window
    #[strum(to_string = "Light or dark window")]
    Theme,
    /// Find any command by its name
    #[strum(to_string = "Find a command…")]
    Palette,
    /// How to begin, and all shortcuts
    Help,
    /// Empty the list of recently opened cases
    #[strum(to_string = "Forget recent cases")]
    ForgetRecent,
    /// Remember which cases you open, or stop doing so
    #[strum(to_string = "Remember recent cases or not")]
    NoteRecent,
    /// Close the program; everything is saved already
    Quit,
}

/// All commands, in the order of the palette.
#[must_use]
pub fn all() -> &'static [Command] {
    static ALL: LazyLock<Vec<Command>> = LazyLock::new(|| {
        let each = |command| match command {
            Command::Tool(_) => TOOLS.map(Command::Tool).to_vec(),
            Command::Outlook(_) => OUTLOOKS.map(Command::Outlook).to_vec(),
            Command::Panel(_) => SECTIONS.map(Command::Panel).to_vec(),
            command => vec![command],
        };
        Command::iter().flat_map(each).collect()
    });
    &ALL
}

/// Commands with their keys, those with the most modifiers first, so that Ctrl+Shift+Z is not taken for Ctrl+Z.
#[must_use]
pub(crate) fn keyed() -> &'static [(Command, KeyboardShortcut)] {
    static KEYED: LazyLock<Vec<(Command, KeyboardShortcut)>> = LazyLock::new(|| {
        let mut keyed: Vec<_> = all().iter().filter_map(|&c| c.shortcut().map(|s| (c, s))).collect();
        let weight = |s: &KeyboardShortcut| u8::from(s.modifiers.any()) + u8::from(s.modifiers.shift);
        keyed.sort_by_key(|(_, s)| std::cmp::Reverse(weight(s)));
        keyed
    });
    &KEYED
}

impl Command {
    /// Its name in menus, on buttons and in the palette.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Tool(tool) => tool.name(),
            Self::Outlook(Outlook::Light) => "Outlook: light",
            Self::Outlook(Outlook::Likely) => "Outlook: likely",
            Self::Outlook(Outlook::Strong) => "Outlook: strong",
            Self::Panel(section) => section.command_text(),
            named => named.into(),
        }
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn tip(self) -> &'static str {
        match self {
            Self::Tool(tool) => tool.tip(),
            Self::Outlook(outlook) => steps::outlook_tip(outlook),
            Self::Panel(section) => section.tip(),
            documented => documented.get_documentation().unwrap_or_default(),
        }
    }

    /// Other words by which people may look for it.
    #[must_use]
    pub(crate) fn also(self) -> &'static str {
        match self {
            Self::NewCase => "client patient begin start",
            Self::Open | Self::AddPhotos => "load import picture image file",
            Self::SaveAs | Self::Duplicate => "copy backup",
            Self::Revert => "reset original",
            Self::ForgetHistory => "delete remove privacy",
            Self::EarlierStates => "backup version restore recover lost",
            Self::Lock | Self::Unlock => "password encrypt secret privacy",
            Self::Trail => "audit log record history",
            Self::Consent => "permission marketing teaching allow privacy",
            Self::Rescue => "repair recover damaged broken",
            Self::DeleteClient => "remove erase privacy case",
            Self::ForgetRecent | Self::NoteRecent => "history privacy clear list",
            Self::HandOver => "report pdf print page html quote price template calendar aftercare consent signature",
            Self::Sign => "signature consent client agree ink",
            Self::ReadBack => "pencil deviation compare check line drawn photo",
            Self::Export => "save share send print jpeg picture image",
            Self::Quit => "exit close",
            Self::Undo => "back revert",
            Self::Redo => "again forward",
            Self::Tool(Tool::Head) => "face landmarks pupils points fit find edge silhouette",
            Self::Tool(Tool::Hairline) => "line front draw sketch",
            Self::Tool(Tool::Area) => "region scar crown beard patch zone",
            Self::Tool(Tool::Brush) => "paint eraser density thicken thin",
            Self::Tool(Tool::Mask) => "eraser keep out exclude protect hair hide",
            Self::Tool(Tool::Cover) => "mask hair hat hand glasses hide erase eraser lasso paint remove",
            Self::Tool(Tool::Tape) => "ruler measure millimetres distance length",
            Self::Tool(Tool::Trace) => "pencil read back deviation compare by hand",
            Self::Tool(Tool::Pan) => "hand move drag scroll",
            Self::Fit => "zoom whole reset",
            Self::ActualSize => "pixels 1:1",
            Self::TurnLeft | Self::TurnRight => "rotate upright",
            Self::Mirror => "flip selfie",
            Self::RemovePhoto | Self::DeleteVariant => "delete",
            Self::NextStep | Self::PreviousStep | Self::FirstStep | Self::LastStep => "session healed time years day",
            Self::Play => "animation movie",
            Self::Wipe | Self::SideBySide | Self::Against => "before after split slider",
            Self::AllViews => "grid overview",
            Self::Range | Self::Outlook(_) => "fading healing dark uncertainty",
            Self::HonestView | Self::HardLight => "distance lamp shine",
            Self::HeatMap => "heatmap colours coverage map",
            Self::ClientScreen | Self::FreezeClient | Self::MirrorClient => "second monitor window tv",
            Self::PickSkin => "tone colour eyedropper fitzpatrick",
            Self::PickHair => "colour eyedropper stubble",
            Self::MatchFollicles => "stubble shaved hair size spacing",
            Self::CalibratePigment => "ink colour own",
            Self::Panel(section) => section.also(),
            Self::CopyVariant | Self::NextVariant => "plan alternative version",
            Self::Panels => "fullscreen sidebar",
            Self::Guides => "thirds midline symmetry rulers",
            Self::Theme => "dark mode colours",
            Self::Help => "shortcuts keys manual",
            _ => "",
        }
    }

    /// Its keyboard shortcut.
    #[must_use]
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        let with = |modifiers, key| Some(KeyboardShortcut::new(modifiers, key));
        let plain = |key| with(Modifiers::NONE, key);
        let command = |key| with(Modifiers::COMMAND, key);
        let shifted = |key| with(Modifiers::COMMAND.plus(Modifiers::SHIFT), key);
        match self {
            Self::NewCase => command(Key::N),
            Self::Open => command(Key::O),
            Self::OpenSample => shifted(Key::O),
            Self::OpenDarkSample => shifted(Key::K),
            Self::AddPhotos => shifted(Key::A),
            Self::PastePhoto => shifted(Key::V),
            Self::SaveAs => shifted(Key::S),
            Self::Duplicate => shifted(Key::D),
            Self::Revert | Self::ForgetHistory | Self::RemovePhoto | Self::DeleteVariant => None,
            Self::Trail | Self::Consent | Self::Lock | Self::Unlock | Self::TakeOver | Self::Sign | Self::ReadBack => {
                None
            }
            Self::EarlierStates | Self::Rescue | Self::DeleteClient | Self::ForgetRecent | Self::NoteRecent => None,
            Self::CloseCase => command(Key::W),
            Self::Export => command(Key::E),
            Self::HandOver => shifted(Key::E),
            Self::Quit => command(Key::Q),
            Self::Undo => command(Key::Z),
            Self::Redo => shifted(Key::Z),
            Self::Palette => command(Key::K),
            Self::Tool(tool) => plain(tool.key()),
            Self::SmallerBrush => plain(Key::OpenBracket),
            Self::LargerBrush => plain(Key::CloseBracket),
            Self::Fit => plain(Key::Num0),
            Self::ActualSize => plain(Key::Num1),
            Self::ZoomIn => plain(Key::Plus),
            Self::ZoomOut => plain(Key::Minus),
            Self::NextView => plain(Key::PageDown),
            Self::PreviousView => plain(Key::PageUp),
            Self::TurnLeft => command(Key::OpenBracket),
            Self::TurnRight => command(Key::CloseBracket),
            Self::Mirror => shifted(Key::M),
            Self::NextStep => plain(Key::Period),
            Self::PreviousStep => plain(Key::Comma),
            Self::FirstStep => plain(Key::Home),
            Self::LastStep => plain(Key::End),
            Self::Play => plain(Key::P),
            Self::Wipe => plain(Key::W),
            Self::SideBySide => plain(Key::S),
            Self::Against => plain(Key::O),
            Self::AllViews => plain(Key::V),
            Self::Range => plain(Key::R),
            Self::HonestView => plain(Key::D),
            Self::HardLight => plain(Key::L),
            Self::HeatMap => plain(Key::I),
            Self::Outlook(_) | Self::PickSkin | Self::PickHair | Self::MatchFollicles | Self::CalibratePigment => None,
            Self::Panel(Section::Checks) => plain(Key::K),
            Self::Panel(_) => None,
            Self::ClientScreen => plain(Key::F9),
            Self::FreezeClient => plain(Key::F10),
            Self::MirrorClient => plain(Key::F11),
            Self::CopyVariant => command(Key::D),
            Self::NextVariant => plain(Key::N),
            Self::Panels => plain(Key::F8),
            Self::Guides => plain(Key::G),
            Self::Theme => plain(Key::F7),
            Self::Help => plain(Key::F1),
        }
    }

    /// True if it only makes sense with a case open.
    #[must_use]
    pub(crate) fn needs_case(self) -> bool {
        !matches!(
            self,
            Self::NewCase
                | Self::Open
                | Self::OpenSample
                | Self::OpenDarkSample
                | Self::EarlierStates
                | Self::ForgetRecent
                | Self::NoteRecent
                | Self::Quit
                | Self::Palette
                | Self::Panels
                | Self::Theme
                | Self::Help
                | Self::AddPhotos
                | Self::PastePhoto
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_name_in_words_and_a_tip() {
        for command in all() {
            // A variant without a `to_string` gets its identifier, whose words run together.
            let within = command.text().chars().skip(1).any(char::is_uppercase);
            assert!(!within, "{command:?} is called {:?}", command.text());
            assert!(command.tip().len() > 10, "{command:?} does {:?}", command.tip());
        }
    }

    #[test]
    fn no_two_commands_have_one_shortcut() {
        for (index, (command, shortcut)) in keyed().iter().enumerate() {
            let other = keyed()[..index].iter().find(|(_, other)| other == shortcut);
            assert!(other.is_none(), "{command:?} and {other:?} are both asked for by {shortcut:?}");
        }
    }
}
