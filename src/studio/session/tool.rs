//! The tools by name.

use egui::Key;

/// The tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each says what it does in `name` and `tip`")]
pub enum Tool {
    Head,
    #[default]
    Hairline,
    Area,
    Brush,
    Mask,
    Cover,
    Tape,
    Trace,
    Pan,
}

/// All tools, in the order of their buttons.
pub const TOOLS: [Tool; 9] =
    [Tool::Head, Tool::Hairline, Tool::Area, Tool::Brush, Tool::Mask, Tool::Cover, Tool::Tape, Tool::Trace, Tool::Pan];

impl Tool {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "Fit head",
            Self::Hairline => "Hairline",
            Self::Area => "Area",
            Self::Brush => "Density brush",
            Self::Mask => "Keep-out mask",
            Self::Cover => "Covered scalp",
            Self::Tape => "Tape measure",
            Self::Trace => "Trace drawn line",
            Self::Pan => "Move photo",
        }
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn tip(self) -> &'static str {
        match self {
            Self::Head => "Click landmarks so that the program knows the head and its size",
            Self::Hairline => "Drag the points of the hairline",
            Self::Area => "Draw areas with their own density",
            Self::Brush => "Paint density on or off",
            Self::Mask => "Draw where no dots may be, such as existing hair",
            Self::Cover => "Paint over hair, hats and hands in this photo: no dots are drawn there",
            Self::Tape => "Measure along the skin",
            Self::Trace => "Trace the line drawn on the skin, to measure how far it lies from the plan",
            Self::Pan => "Drag the photo around",
        }
    }

    /// The key that selects it.
    #[must_use]
    pub fn key(self) -> Key {
        match self {
            Self::Head => Key::F,
            Self::Hairline => Key::H,
            Self::Area => Key::A,
            Self::Brush => Key::B,
            Self::Mask => Key::M,
            Self::Cover => Key::E,
            Self::Tape => Key::T,
            Self::Trace => Key::Y,
            Self::Pan => Key::X,
        }
    }

    /// True if it works on the head, not on the photo.
    #[must_use]
    pub(crate) fn needs_head(self) -> bool {
        !matches!(self, Self::Head | Self::Cover | Self::Pan)
    }
}
