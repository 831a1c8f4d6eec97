//! Marks over the photo where the client's skin was read or picked, while the inspector is showing its colour.

use egui::{Align2, Color32, Stroke, vec2};

use crate::case::document::PhotoKey;
use crate::head::Part;
use crate::plan::curve;
use crate::reading::tone::{self, FOREHEAD_RADIUS_MM};
use crate::studio::session::aim::Aim;
use crate::studio::session::colours::{Colours, Target};
use crate::studio::view::overlay::{Overlay, UNDER_LINE};

/// Shows the marks, or says in which photo they are.
pub fn show(overlay: &mut Overlay, colours: &Colours) {
    let Some(record) = overlay.case.record() else { return };
    let document = overlay.case.document();
    if let Some(pick) = &document.client.skin {
        if pick.view != record.name {
            let text = format!("The skin was picked in the photo {}", pick.view);
            return overlay.banner(&text);
        }
        let at = overlay.viewport.screen_from_photo(pick.at_px().into());
        let mm_per_px = overlay.seen().and_then(|(fit, camera)| {
            overlay.skin(fit.head(), &camera, at).map(|(_, skin)| camera.mm_per_px(skin.position))
        });
        let radius_px = mm_per_px.map_or(5.0, |mm_per_px| Aim::Tone(Target::Skin).radius_mm() / mm_per_px);
        let radius = (radius_px * overlay.viewport.points_per_px()).max(3.0) as f32;
        overlay.painter.circle_stroke(at, radius, Stroke::new(3.0, UNDER_LINE));
        overlay.painter.circle_stroke(at, radius, Stroke::new(1.2, Color32::WHITE));
        return overlay.caption(at - vec2(0.0, radius + 4.0), Align2::CENTER_BOTTOM, "Skin was picked here");
    }
    let Some(photo) = colours.read_in() else { return };
    if photo != PhotoKey::of(record) {
        let of = document.views.iter().find(|record| PhotoKey::of(record) == photo);
        if let Some(text) = of.map(|record| format!("The skin is read in the photo {}", record.name)) {
            overlay.banner(&text);
        }
        return;
    }
    let Some((fit, camera)) = overlay.seen() else { return };
    let mut top: Option<egui::Pos2> = None;
    for place in tone::forehead(fit.head()) {
        let rim = curve::circle(fit.head().surface(Part::Cranium), place, FOREHEAD_RADIUS_MM);
        for run in overlay.visible_runs(fit.head(), &camera, &rim) {
            top = run.iter().copied().chain(top).reduce(|a, b| if a.y < b.y { a } else { b });
            overlay.painter.line(run.clone(), Stroke::new(3.0, UNDER_LINE));
            overlay.painter.line(run, Stroke::new(1.2, Color32::WHITE));
        }
    }
    if let Some(top) = top {
        overlay.caption(top - vec2(0.0, 6.0), Align2::CENTER_BOTTOM, "Skin is read here");
    }
}
