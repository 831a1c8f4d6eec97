//! Colours of the window, dark and light: neutral, since skin is judged beside them, and with legible text.
//!
//! Text of every kind, including small print, has a contrast of at least 4.5 to 1 with its background
//! ([WCAG 2.2](https://www.w3.org/TR/WCAG22/#contrast-minimum), criterion 1.4.3).

use egui::{Color32, Context, Theme, Visuals};

/// Sets the colours of both the dark and the light window.
pub fn set(ctx: &Context) {
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_visuals_of(theme, visuals(theme));
    }
}

/// The ring around the control with the keyboard focus, and the band beneath it: together they are visible on anything.
#[must_use]
pub fn focus_ring(theme: Theme) -> (Color32, Color32) {
    match theme {
        Theme::Dark => (Color32::from_rgb(255, 214, 90), Color32::from_gray(20)),
        Theme::Light => (Color32::from_rgb(0, 80, 180), Color32::from_gray(250)),
    }
}

fn visuals(theme: Theme) -> Visuals {
    let gray = Color32::from_gray;
    let mut visuals = theme.default_visuals();
    let (text, weak, warning, error) = match theme {
        Theme::Dark => (gray(215), gray(180), Color32::from_rgb(255, 165, 60), Color32::from_rgb(255, 130, 120)),
        Theme::Light => (gray(40), gray(90), Color32::from_rgb(150, 65, 0), Color32::from_rgb(180, 0, 0)),
    };
    visuals.widgets.noninteractive.fg_stroke.color = text;
    visuals.widgets.inactive.fg_stroke.color = text;
    visuals.weak_text_color = Some(weak);
    (visuals.warn_fg_color, visuals.error_fg_color) = (warning, error);
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::colour::{LUMINANCE, srgb_light_from_fraction};

    fn luminance(colour: Color32) -> f64 {
        let light = [colour.r(), colour.g(), colour.b()].map(|c| srgb_light_from_fraction(f64::from(c) / 255.0));
        LUMINANCE.iter().zip(light).map(|(share, light)| share * light).sum()
    }

    fn contrast(one: Color32, other: Color32) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn the_keyboard_s_place_is_seen_on_everything() {
        for theme in [Theme::Dark, Theme::Light] {
            let (ring, under) = focus_ring(theme);
            let v = visuals(theme);
            // WCAG 2.2, criterion 1.4.11.
            for ground in [v.panel_fill, v.window_fill, v.widgets.inactive.weak_bg_fill, v.selection.bg_fill, under] {
                let found = contrast(ring, ground).max(contrast(under, ground));
                assert!(contrast(ring, under) >= 3.0 && found >= 3.0, "{theme:?}: {found:.1} on {ground:?}");
            }
        }
    }

    #[test]
    fn every_text_can_be_read_on_everything_it_stands_on() {
        for theme in [Theme::Dark, Theme::Light] {
            let v = visuals(theme);
            let w = &v.widgets;
            let grounds = [
                ("panel", v.panel_fill),
                ("dialog", v.window_fill),
                ("field", v.extreme_bg_color),
                ("button", w.inactive.weak_bg_fill),
                ("button under the pointer", w.hovered.weak_bg_fill),
            ];
            let texts = [
                ("text", v.text_color()),
                ("small print", v.weak_text_color()),
                ("heading", v.strong_text_color()),
                ("label of a button", w.inactive.text_color()),
                ("label of a button under the pointer", w.hovered.text_color()),
            ];
            for (ground, below) in grounds {
                for (text, colour) in texts {
                    let found = contrast(colour, below);
                    assert!(found >= 4.5, "{theme:?}: {text} on {ground}: {found:.1}");
                }
            }
            for (text, colour) in [("warning", v.warn_fg_color), ("error", v.error_fg_color)] {
                let found = contrast(colour, v.panel_fill);
                assert!(found >= 4.5, "{theme:?}: {text}: {found:.1}");
            }
            let found = contrast(v.selection.stroke.color, v.selection.bg_fill);
            assert!(found >= 4.5, "{theme:?}: what is chosen: {found:.1}");
        }
    }
}
