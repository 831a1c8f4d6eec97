//! The views in which heads are usually photographed, by the names of a case's photos.

use serde::{Deserialize, Serialize};

/// Direction from which a photo was taken, in the order in which a head is examined. "Left" and "right" are the
/// subject's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say what they are")]
pub enum StandardView {
    Front,
    LeftOblique,
    RightOblique,
    Left,
    Right,
    Top,
    Back,
}

/// All of them, in the order in which they are offered.
pub(crate) const STANDARD_VIEWS: [StandardView; 7] = {
    use StandardView::*;
    [Front, Left, LeftOblique, Right, RightOblique, Top, Back]
};

impl StandardView {
    /// The name in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::LeftOblique => "left-oblique",
            Self::RightOblique => "right-oblique",
            Self::Left => "left",
            Self::Right => "right",
            Self::Top => "top",
            Self::Back => "back",
        }
    }

    /// The view with this name; a number may follow, so `left-2` is a view from the left.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
        STANDARD_VIEWS.into_iter().find(|view| view.name() == name)
    }

    /// The mirrored view.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::LeftOblique => Self::RightOblique,
            Self::RightOblique => Self::LeftOblique,
            Self::Left => Self::Right,
            Self::Right => Self::Left,
            Self::Front | Self::Top | Self::Back => self,
        }
    }

    /// Position of the camera in degrees towards the subject's left, and above: approximate, as cameras are held.
    #[must_use]
    pub(crate) const fn azimuth_elevation_deg(self) -> (f64, f64) {
        match self {
            Self::Front => (0.0, 5.0),
            Self::LeftOblique => (42.0, 5.0),
            Self::RightOblique => (-42.0, 5.0),
            Self::Left => (90.0, 5.0),
            Self::Right => (-90.0, 5.0),
            Self::Top => (0.0, 60.0),
            Self::Back => (180.0, 20.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_recognised_by_name_with_or_without_a_number() {
        for view in STANDARD_VIEWS {
            assert_eq!(StandardView::of(view.name()), Some(view));
            assert_eq!(StandardView::of(&format!("{}-2", view.name())), Some(view));
            assert_eq!(serde_json::to_string(&view).unwrap(), format!("\"{}\"", view.name()));
            assert_eq!(view.mirrored().mirrored(), view);
        }
        assert_eq!(StandardView::of("photo-2"), None);
        assert_eq!(StandardView::of(""), None);
    }
}
