//! The type of the client's skin: what the photo suggests, and a click that confirms or corrects it.

use egui::{Button, RichText, Ui, Vec2};

use super::{Section, note};
use crate::reading::complexion::{SKIN_TYPES, SkinType, SkinTypes};

/// The type in words: as confirmed, otherwise as far as the photo reveals it.
pub(super) fn words(told: Option<SkinTypes>, confirmed: Option<SkinType>) -> String {
    match (confirmed, told) {
        (Some(kind), _) => format!("Fitzpatrick {}, confirmed", kind.fitzpatrick()),
        (None, Some(told)) => format!("Fitzpatrick {}?", told.range()),
        (None, None) => "Not a skin colour".to_owned(),
    }
}

impl Section<'_> {
    /// The six types, with those highlighted that the photo allows; true while one has the keyboard focus.
    pub(super) fn skin_types(&mut self, ui: &mut Ui, told: Option<SkinTypes>) -> bool {
        let confirmed = self.case.document().client.skin_type;
        let mut focused = false;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 3.0;
            note(ui, "Type");
            for kind in SKIN_TYPES {
                let (is, likely) = (confirmed == Some(kind), told.is_some_and(|told| told.contains(kind)));
                let text = RichText::new(kind.fitzpatrick()).small();
                let text = if is || likely { text.strong() } else { text.weak() };
                let button = Button::selectable(is, text).frame_when_inactive(likely).min_size(Vec2::new(22.0, 18.0));
                let tip = match (is, likely) {
                    (true, _) => format!("The client's skin is {}; click again to let the photo decide", kind.class()),
                    (_, true) => format!("Confirm that the client's skin is {}, as the photo suggests", kind.class()),
                    _ => format!("Say that the client's skin is {}", kind.class()),
                };
                let name = format!("Skin type {}", kind.fitzpatrick());
                let button = ui.add(button).accessible_name(&name).on_hover_text(tip);
                focused |= button.has_focus();
                if button.clicked() {
                    let (step, now) = match is {
                        true => ("Forget skin type".to_owned(), None),
                        false => (format!("Confirm skin type {}", kind.fitzpatrick()), Some(kind)),
                    };
                    self.case.draft(&step, |document| document.client.skin_type = now);
                }
            }
        });
        focused
    }
}
