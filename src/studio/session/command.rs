//! Everything that can be asked for by name: menus, buttons, shortcuts and the palette all read this list.

use std::sync::LazyLock;

use egui::{Key, KeyboardShortcut, Modifiers};

use super::section::Section;
use super::steps;
use super::tool::Tool;
use crate::skin::settings::Outlook;

/// Something that the window can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each says what it does in `text` and `tip`")]
pub enum Command {
    NewCase,
    Open,
    OpenSample,
    OpenDarkSample,
    AddPhotos,
    PastePhoto,
    SaveAs,
    Duplicate,
    Revert,
    ForgetHistory,
    CloseCase,
    Export,
    Quit,
    Undo,
    Redo,
    Palette,
    Tool(Tool),
    SmallerBrush,
    LargerBrush,
    Fit,
    ActualSize,
    ZoomIn,
    ZoomOut,
    NextView,
    PreviousView,
    TurnLeft,
    TurnRight,
    Mirror,
    RemovePhoto,
    NextStep,
    PreviousStep,
    FirstStep,
    LastStep,
    Play,
    Wipe,
    SideBySide,
    Against,
    AllViews,
    Range,
    HonestView,
    HardLight,
    HeatMap,
    Outlook(Outlook),
    ClientScreen,
    FreezeClient,
    MirrorClient,
    PickSkin,
    PickHair,
    MatchFollicles,
    CalibratePigment,
    Panel(Section),
    CopyVariant,
    NextVariant,
    DeleteVariant,
    Panels,
    Guides,
    Theme,
    Help,
}

/// All commands, in the order of the palette.
pub const ALL: &[Command] = &[
    Command::NewCase,
    Command::Open,
    Command::OpenSample,
    Command::OpenDarkSample,
    Command::AddPhotos,
    Command::PastePhoto,
    Command::SaveAs,
    Command::Duplicate,
    Command::Revert,
    Command::ForgetHistory,
    Command::CloseCase,
    Command::Export,
    Command::Undo,
    Command::Redo,
    Command::Tool(Tool::Head),
    Command::Tool(Tool::Hairline),
    Command::Tool(Tool::Area),
    Command::Tool(Tool::Brush),
    Command::Tool(Tool::Mask),
    Command::Tool(Tool::Cover),
    Command::Tool(Tool::Tape),
    Command::Tool(Tool::Pan),
    Command::SmallerBrush,
    Command::LargerBrush,
    Command::Fit,
    Command::ActualSize,
    Command::ZoomIn,
    Command::ZoomOut,
    Command::NextView,
    Command::PreviousView,
    Command::TurnLeft,
    Command::TurnRight,
    Command::Mirror,
    Command::RemovePhoto,
    Command::NextStep,
    Command::PreviousStep,
    Command::FirstStep,
    Command::LastStep,
    Command::Play,
    Command::Wipe,
    Command::SideBySide,
    Command::Against,
    Command::AllViews,
    Command::Range,
    Command::HonestView,
    Command::HardLight,
    Command::HeatMap,
    Command::Outlook(Outlook::Light),
    Command::Outlook(Outlook::Likely),
    Command::Outlook(Outlook::Strong),
    Command::ClientScreen,
    Command::FreezeClient,
    Command::MirrorClient,
    Command::PickSkin,
    Command::PickHair,
    Command::MatchFollicles,
    Command::CalibratePigment,
    Command::Panel(Section::Checks),
    Command::Panel(Section::Treatment),
    Command::Panel(Section::LineShape),
    Command::Panel(Section::Edge),
    Command::Panel(Section::Density),
    Command::Panel(Section::Pigment),
    Command::Panel(Section::OwnHair),
    Command::Panel(Section::OwnPigment),
    Command::Panel(Section::Sessions),
    Command::Panel(Section::Dots),
    Command::Panel(Section::Guides),
    Command::CopyVariant,
    Command::NextVariant,
    Command::DeleteVariant,
    Command::Panels,
    Command::Guides,
    Command::Theme,
    Command::Palette,
    Command::Help,
    Command::Quit,
];

/// Commands with their keys, those with most modifiers first, so that Ctrl+Shift+Z is not taken for Ctrl+Z.
#[must_use]
pub(crate) fn keyed() -> &'static [(Command, KeyboardShortcut)] {
    static KEYED: LazyLock<Vec<(Command, KeyboardShortcut)>> = LazyLock::new(|| {
        let mut keyed: Vec<_> = ALL.iter().filter_map(|&c| c.shortcut().map(|s| (c, s))).collect();
        let weight = |s: &KeyboardShortcut| u8::from(s.modifiers.any()) + u8::from(s.modifiers.shift);
        keyed.sort_by_key(|(_, s)| std::cmp::Reverse(weight(s)));
        keyed
    });
    &KEYED
}

impl Command {
    /// What menus, buttons and the palette call it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::NewCase => "New case",
            Self::Open => "Open…",
            Self::OpenSample => "Open the sample client",
            Self::OpenDarkSample => "Open the sample client with dark skin",
            Self::AddPhotos => "Add photos…",
            Self::PastePhoto => "Paste photo",
            Self::SaveAs => "Save as…",
            Self::Duplicate => "Duplicate…",
            Self::Revert => "Revert to how it was opened",
            Self::ForgetHistory => "Erase history",
            Self::CloseCase => "Close case",
            Self::Export => "Export pictures…",
            Self::Quit => "Quit",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::Palette => "Find a command…",
            Self::Tool(tool) => tool.name(),
            Self::SmallerBrush => "Smaller brush",
            Self::LargerBrush => "Larger brush",
            Self::Fit => "Fit photo to window",
            Self::ActualSize => "Zoom to 100 %",
            Self::ZoomIn => "Zoom in",
            Self::ZoomOut => "Zoom out",
            Self::NextView => "Next photo",
            Self::PreviousView => "Previous photo",
            Self::TurnLeft => "Turn photo left",
            Self::TurnRight => "Turn photo right",
            Self::Mirror => "Mirror photo",
            Self::RemovePhoto => "Remove photo",
            Self::NextStep => "Later in time",
            Self::PreviousStep => "Earlier in time",
            Self::FirstStep => "First step",
            Self::LastStep => "Last step",
            Self::Play => "Play the treatment",
            Self::Wipe => "Compare: wipe",
            Self::SideBySide => "Compare: side by side",
            Self::Against => "Compare: with before or another plan",
            Self::AllViews => "All photos at once",
            Self::Range => "Range of results",
            Self::HonestView => "From near and far",
            Self::HardLight => "Hard light from above",
            Self::HeatMap => "Density as a heat map",
            Self::Outlook(Outlook::Light) => "Outlook: light",
            Self::Outlook(Outlook::Likely) => "Outlook: likely",
            Self::Outlook(Outlook::Strong) => "Outlook: strong",
            Self::ClientScreen => "Client screen",
            Self::FreezeClient => "Freeze client screen",
            Self::MirrorClient => "Mirror client screen",
            Self::PickSkin => "Pick the client's skin",
            Self::PickHair => "Pick the hair to match",
            Self::MatchFollicles => "Match my follicles",
            Self::CalibratePigment => "Calibrate pigment",
            Self::Panel(section) => section.command_text(),
            Self::CopyVariant => "Copy variant",
            Self::NextVariant => "Next variant",
            Self::DeleteVariant => "Delete variant",
            Self::Panels => "Hide or show panels",
            Self::Guides => "Guides",
            Self::Theme => "Light or dark window",
            Self::Help => "Help",
        }
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn tip(self) -> &'static str {
        match self {
            Self::NewCase => "Start a case for another client",
            Self::Open => "Open a case or photos",
            Self::OpenSample => "Open the client that comes with the program",
            Self::OpenDarkSample => "Open the second client that comes with the program",
            Self::AddPhotos => "Add photos of this client",
            Self::PastePhoto => "Add the picture on the clipboard",
            Self::SaveAs => "Go on in a copy with another name or place",
            Self::Duplicate => "Make a copy, and go on in this case",
            Self::Revert => "Take back everything since the case was opened; can be undone",
            Self::ForgetHistory => "Erase undo steps and removed photos from the file for good",
            Self::CloseCase => "Close this case; everything is saved already",
            Self::Export => "Make pictures to send or print",
            Self::Quit => "Close the program; everything is saved already",
            Self::Undo => "Take back the last change",
            Self::Redo => "Do again what was taken back",
            Self::Palette => "Find anything the program can do by its name",
            Self::Tool(tool) => tool.tip(),
            Self::SmallerBrush => "Make the brush smaller",
            Self::LargerBrush => "Make the brush larger",
            Self::Fit => "Show the whole photo",
            Self::ActualSize => "Show each pixel of the photo as one of the screen",
            Self::ZoomIn => "Show less of the photo, larger",
            Self::ZoomOut => "Show more of the photo, smaller",
            Self::NextView => "Show the next photo of this client",
            Self::PreviousView => "Show the photo before this one",
            Self::TurnLeft => "Turn this photo a quarter to the left",
            Self::TurnRight => "Turn this photo a quarter to the right",
            Self::Mirror => "Mirror this photo, for one that a selfie camera has mirrored",
            Self::RemovePhoto => "Take this photo out of the case; can be undone",
            Self::NextStep => "Show the next step of the treatment",
            Self::PreviousStep => "Show the step before",
            Self::FirstStep => "Show the photo as it is",
            Self::LastStep => "Show the last step",
            Self::Play => "Show one step of the treatment after the other",
            Self::Wipe => "Draw a line over the photo: before on one side, after on the other",
            Self::SideBySide => "Show before and after next to each other",
            Self::Against => "Change what a comparison shows on the left: before, or another variant at the same step",
            Self::AllViews => "Show every photo of this client",
            Self::Range => "Show light, likely and strong results next to each other: every skin heals in its own way",
            Self::HonestView => "Show the result as it is seen from 0.3, 1 and 3 m, beside untreated skin",
            Self::HardLight => "Add the shine of a lamp overhead to what is seen from near and far",
            Self::HeatMap => "Colour the scalp by how many dots are planned for each cm²",
            Self::Outlook(outlook) => steps::outlook_tip(outlook),
            Self::ClientScreen => "Open a second window that shows the picture only",
            Self::FreezeClient => "Keep the client screen as it is while you work",
            Self::MirrorClient => "Show the client screen as a mirror would",
            Self::PickSkin => "Take the colour of untreated skin: then click it in the photo",
            Self::PickHair => "Take the colour of shaved sides or stubble: then click it in the photo",
            Self::MatchFollicles => "Measure the client's own shaved hair: then click a shaved patch in the photo",
            Self::CalibratePigment => {
                "Find your own pigment from a photo of healed work: then click bare skin, and treated skin beside it"
            }
            Self::Panel(section) => section.tip(),
            Self::CopyVariant => "Copy this plan to try something else",
            Self::NextVariant => "Show the next plan",
            Self::DeleteVariant => "Delete this plan; can be undone",
            Self::Panels => "Give the photo the whole window",
            Self::Guides => "Show or hide all guide lines",
            Self::Theme => "Switch between a dark and a light window",
            Self::Help => "How to begin, and all shortcuts",
        }
    }

    /// Other words for it, by which people look for it.
    #[must_use]
    pub(crate) fn also(self) -> &'static str {
        match self {
            Self::NewCase => "client patient begin start",
            Self::Open | Self::AddPhotos => "load import picture image file",
            Self::SaveAs | Self::Duplicate => "copy backup",
            Self::Revert => "reset original",
            Self::ForgetHistory => "delete remove privacy",
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

    /// The keys that ask for it.
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
            Self::CloseCase => command(Key::W),
            Self::Export => command(Key::E),
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

    /// True where it only makes sense with a case open.
    #[must_use]
    pub(crate) fn needs_case(self) -> bool {
        !matches!(
            self,
            Self::NewCase
                | Self::Open
                | Self::OpenSample
                | Self::OpenDarkSample
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
    fn no_two_commands_have_one_shortcut() {
        for (index, (command, shortcut)) in keyed().iter().enumerate() {
            let other = keyed()[..index].iter().find(|(_, other)| other == shortcut);
            assert!(other.is_none(), "{command:?} and {other:?} are both asked for by {shortcut:?}");
        }
    }
}
