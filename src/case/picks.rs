//! The client's colours as picked in a photo, and the confirmed skin type.

use serde::{Deserialize, Serialize};

use super::document::DocumentError;
use crate::photo::Turn;
use crate::reading::complexion::SkinType;
use crate::reading::tone::Tone;

/// Largest value of a channel: white is 1, and colours of photos with wide primaries go a little beyond it.
const MOST_LIGHT: f64 = 4.0;

/// A colour and where it was picked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickedTone {
    /// Linear light of the photo in sRGB primaries: red, green, blue.
    light: [f64; 3],
    /// Name of the view.
    pub view: String,
    /// Position, px of the photo as turned.
    at_px: [f64; 2],
}

/// What was picked or confirmed for a client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRecord {
    /// Untreated skin; `None`: measured on the forehead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skin: Option<PickedTone>,
    /// Stubble, or the shaved sides: the hair to match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hair: Option<PickedTone>,
    /// Confirmed skin type; `None`: estimated from the photos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skin_type: Option<SkinType>,
}

impl PickedTone {
    /// A tone with its position.
    #[must_use]
    pub fn new(tone: Tone, view: &str, at_px: [f64; 2]) -> Self {
        // Colours outside sRGB have a negative amount of some primary.
        Self { light: tone.0.map(|light| light.clamp(0.0, MOST_LIGHT)), view: view.to_owned(), at_px }
    }

    /// The position in the view's photo, px.
    #[must_use]
    pub fn at_px(&self) -> [f64; 2] {
        self.at_px
    }

    /// The colour.
    #[must_use]
    pub fn tone(&self) -> Tone {
        Tone(self.light)
    }
}

impl ClientRecord {
    /// Whether nothing was picked or confirmed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn all(&mut self) -> [&mut Option<PickedTone>; 2] {
        [&mut self.skin, &mut self.hair]
    }

    fn of_view<'a>(&'a mut self, view: &str) -> impl Iterator<Item = &'a mut PickedTone> {
        self.all().into_iter().flatten().filter(move |pick| pick.view == view)
    }

    /// Forgets what was picked in a removed view: it is relative to the light of a photo that nobody sees any more.
    pub(super) fn forget_view(&mut self, view: &str) {
        for pick in self.all() {
            drop(pick.take_if(|pick| pick.view == view));
        }
    }

    /// Renames a view.
    pub(super) fn rename_view(&mut self, before: &str, name: &str) {
        self.of_view(before).for_each(|pick| name.clone_into(&mut pick.view));
    }

    /// Turns a view; `size_px` is its size before.
    pub(super) fn turn_view(&mut self, view: &str, turn: Turn, size_px: [u32; 2]) {
        self.of_view(view).for_each(|pick| pick.at_px = turn.point_px(pick.at_px.into(), size_px).to_array());
    }

    /// Checks picks read from a file against the names of the document's views.
    pub(super) fn check(&self, has_view: impl Fn(&str) -> bool) -> Result<(), DocumentError> {
        for (name, pick) in [("skin", &self.skin), ("hair", &self.hair)] {
            let Some(pick) = pick else { continue };
            let damaged = |field: &str, problem: &str| {
                Err(DocumentError::Damaged { field: format!("client.{name}.{field}"), problem: problem.to_owned() })
            };
            // NaN is in no range.
            if !pick.light.iter().all(|light| (0.0..=MOST_LIGHT).contains(light)) {
                return damaged("light", "no light that a photo has");
            }
            if !pick.at_px.iter().all(|c| c.is_finite()) {
                return damaged("at_px", "a point is nowhere");
            }
            if !has_view(&pick.view) {
                return damaged("view", "there is no such view");
            }
        }
        Ok(())
    }
}
