//! The tool for marking what covers the scalp in a photo: an edge-aware brush and a lasso, both in the photo's own
//! pixels. No dots are drawn there. It starts from what was detected; a stroke is one undo step.

use std::ops::Range;
use std::sync::Arc;

use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Button, Color32, CursorIcon, Key, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use glam::DVec2;

use crate::case::document::{Outlines, PhotoKey, ViewRecord};
use crate::photo::Region;
use crate::photo::pyramid::Pyramid;
use crate::reading::similar::Brush;
use crate::studio::background::photo_cache::PhotoCache;
use crate::studio::controls::fields::Number;
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::{LINE, Overlay, UNDER_LINE};
use crate::studio::view::viewport::{Viewport, thinned};

/// The hint in the status bar.
pub const HINT: &str = "Paint over hair or a hat: no dots are drawn there in this photo; Shift uncovers";
/// Shown while the photo is being read.
const READING: &str = "The photo is still being read; one moment, please";

/// Diameters of the brush, px of the photo, and the usual one as a share of the photo's longer side.
const SIZES_PX: std::ops::RangeInclusive<f64> = 4.0..=2000.0;
const USUAL_PART: f64 = 1.0 / 24.0;
/// Spacing of the brush's touches along a stroke, as a share of its radius.
const APART: f64 = 1.0 / 3.0;
/// Most touches in one frame: the rest of a faster stroke follows in the next frames.
const MOST_TOUCHES: usize = 12;
/// Points of a lasso closer to each other than this are merged, points of the screen.
const LASSO_STEP: f32 = 3.0;
/// Colours of the covered area, and of what a stroke in progress removes from it.
const COVER: Color32 = Color32::from_rgba_premultiplied(14, 60, 82, 96);
const UNCOVER: Color32 = Color32::from_rgba_premultiplied(96, 66, 10, 110);

/// How a stroke is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Way {
    #[default]
    Brush,
    Lasso,
}

/// A stroke in progress.
struct Drawing {
    photo: PhotoKey,
    adds: bool,
    way: Way,
    /// What the brush has painted so far.
    painted: Region,
    /// Where the brush last touched, px, and the points still to be reached.
    last: Option<DVec2>,
    ahead: Vec<DVec2>,
    /// The lasso so far, px.
    lasso: Vec<DVec2>,
}

/// The covered area, ready to be shown.
struct Shown {
    photo: PhotoKey,
    outlines: Option<Outlines>,
    region: Region,
}

/// The tool.
pub struct CoverTool {
    /// Diameter, px of the photo; if none, the usual one for the photo.
    size_px: Option<f64>,
    way: Way,
    /// Whether strokes uncover.
    uncovers: bool,
    stops_at_edges: bool,
    drawing: Option<Drawing>,
    /// A stroke was cancelled: nothing is drawn until the button is released.
    given_up: bool,
    shown: Option<Shown>,
    /// The photos of the case.
    pub photos: PhotoCache,
}

impl Default for CoverTool {
    fn default() -> Self {
        Self {
            size_px: None,
            way: Way::default(),
            uncovers: false,
            stops_at_edges: true,
            drawing: None,
            given_up: false,
            shown: None,
            photos: PhotoCache::default(),
        }
    }
}

impl CoverTool {
    /// Forgets everything about a case; the brush keeps its settings.
    pub fn clear(&mut self) {
        (self.drawing, self.given_up, self.shown) = (None, false, None);
        self.photos = PhotoCache::default();
    }

    /// True while a stroke is still being followed.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.drawing.is_some()
    }

    /// Makes the brush larger by a number of notches, or smaller if negative.
    pub fn resize(&mut self, notches: i32, record: Option<&ViewRecord>) {
        const NOTCH: f64 = 1.2;
        let size = self.size_px(record) * libm::pow(NOTCH, f64::from(notches));
        self.size_px = Some(size.clamp(*SIZES_PX.start(), *SIZES_PX.end()));
    }

    fn size_px(&self, record: Option<&ViewRecord>) -> f64 {
        self.size_px.unwrap_or_else(|| usual_px(record))
    }

    /// Shows the covered area, and follows the pointer.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some(record) = overlay.case.record().cloned() else { return };
        self.show_covered(overlay, &record);
        let (shift, escape, insert) =
            overlay.ui.input(|i| (i.modifiers.shift, i.key_pressed(Key::Escape), i.key_pressed(Key::Insert)));
        let adds = self.drawing.as_ref().map_or(self.uncovers == shift, |drawing| drawing.adds);
        let at = overlay.response.interact_pointer_pos().or(overlay.response.hover_pos());
        if let Some(at) = at {
            self.show_pointer(overlay, &record, at, adds);
        }
        if escape && self.drawing.take().is_some() {
            self.given_up = true;
        }
        let press = overlay.press();
        let Some(pyramid) = self.pyramid(overlay.case) else {
            if press.is_some() {
                overlay.banner(READING);
            }
            return;
        };
        let photo = PhotoKey::of(&record);
        if self.drawing.as_ref().is_some_and(|drawing| drawing.photo != photo) {
            self.drawing = None;
        }
        let begin = |way: Way| Drawing {
            photo,
            adds,
            way,
            painted: Region::new([record.width_px, record.height_px], &[]),
            last: None,
            ahead: Vec::new(),
            lasso: Vec::new(),
        };
        let px = |at: Pos2| overlay.viewport.photo_from_screen(at);
        let mut ended = false;
        match press {
            Some(press) if !self.given_up && overlay.case.read_only_reason().is_none() => {
                let way = self.way;
                let drawing = self.drawing.get_or_insert_with(|| begin(way));
                match way {
                    Way::Brush => {
                        if drawing.last.is_none() && drawing.ahead.is_empty() {
                            drawing.ahead.push(px(press.from));
                        }
                        drawing.ahead.push(px(press.to));
                    }
                    Way::Lasso => {
                        if drawing.lasso.is_empty() {
                            drawing.lasso.push(px(press.from));
                        }
                        let far = drawing.lasso.last().is_none_or(|last| {
                            overlay.viewport.screen_from_photo(*last).distance(press.to) >= LASSO_STEP
                        });
                        if far {
                            drawing.lasso.push(px(press.to));
                        }
                    }
                }
                ended = press.released;
            }
            Some(_) => {}
            None => self.given_up = false,
        }
        if insert
            && press.is_none()
            && self.way == Way::Brush
            && self.drawing.is_none()
            && let Some(at) = overlay.response.hover_pos()
        {
            self.drawing = Some(Drawing { ahead: vec![px(at)], ..begin(Way::Brush) });
            ended = true;
        }
        // The button may have been released elsewhere.
        ended |= press.is_none() && self.drawing.is_some() && !overlay.ui.input(|i| i.pointer.primary_down());
        let brush = Brush { radius_px: 0.5 * self.size_px(Some(&record)), stops_at_edges: self.stops_at_edges };
        if let Some(drawing) = &mut self.drawing {
            // When the button is released, all points still to be reached belong to the stroke.
            drawing.follow(&brush, &pyramid, if ended { usize::MAX } else { MOST_TOUCHES });
            if !drawing.ahead.is_empty() {
                overlay.ui.ctx().request_repaint();
            }
            drawing.show(overlay);
        }
        if ended && let Some(drawing) = self.drawing.take() {
            self.keep(overlay.case, &record, drawing, &brush);
        }
    }

    /// The pyramid of the photo on the canvas; none while it is being decoded.
    fn pyramid(&self, case: &mut OpenCase) -> Option<Arc<Pyramid>> {
        let source = case.sources([case.view]).pop()?;
        Some(Arc::clone(&self.photos.ready(source.key)?.ok()?.pyramid))
    }

    /// Turns the stroke into an undo step, unless it has changed nothing.
    fn keep(&self, case: &mut OpenCase, record: &ViewRecord, drawing: Drawing, brush: &Brush) {
        let size_px = [record.width_px, record.height_px];
        let before = record.hidden().unwrap_or_else(|| Region::new(size_px, &[]));
        let painted = match drawing.way {
            Way::Lasso => Region::new(size_px, &[drawing.lasso]),
            Way::Brush => {
                let mut painted = drawing.painted;
                brush.finish(&mut painted);
                painted
            }
        };
        let mut after = before.clone();
        after.paint(&painted, drawing.adds);
        if after == before {
            return;
        }
        let outlines = after.outlines().into_iter();
        let outlines = outlines.map(|outline| outline.into_iter().map(|p| p.to_array()).collect()).collect();
        let step = if drawing.adds { "Cover" } else { "Uncover" };
        draft(case, step, |record| record.draw_hidden(Some(outlines)));
    }

    /// Shows the covered area, translucent, with its outline.
    fn show_covered(&mut self, overlay: &Overlay, record: &ViewRecord) {
        let (photo, outlines) = (PhotoKey::of(record), record.hidden_outlines());
        if self.shown.as_ref().is_none_or(|shown| shown.photo != photo || shown.outlines.as_ref() != outlines) {
            let region = record.hidden().unwrap_or_else(|| Region::new([record.width_px, record.height_px], &[]));
            self.shown = Some(Shown { photo, outlines: outlines.cloned(), region });
        }
        // Like a line it fades while the photo is only looked at, but not under a stroke in progress.
        let fades = overlay.looked_at && self.drawing.is_none();
        let Some(shown) = self.shown.as_ref().filter(|_| !fades) else { return };
        overlay.painter.add(fill(&shown.region, &overlay.viewport, COVER));
        for outline in shown.outlines.iter().flatten() {
            let closed = outline.iter().chain(outline.first());
            let line = thinned(closed.map(|&p| overlay.viewport.screen_from_photo(p.into())));
            overlay.painter.line(line.clone(), Stroke::new(2.5, UNDER_LINE));
            overlay.painter.line(line, Stroke::new(1.0, Color32::WHITE));
        }
    }

    /// Shows the brush under the pointer, with a sign of its effect.
    fn show_pointer(&self, overlay: &Overlay, record: &ViewRecord, at: Pos2, adds: bool) {
        let colour = if adds { Color32::WHITE } else { LINE };
        let half = vec2(4.0, 4.0);
        if self.way == Way::Brush {
            let radius = (0.5 * self.size_px(Some(record)) * overlay.viewport.points_per_px()) as f32;
            overlay.painter.circle_stroke(at, radius, Stroke::new(3.0, UNDER_LINE));
            overlay.painter.circle_stroke(at, radius, Stroke::new(1.2, colour));
            overlay.ui.set_cursor_icon(CursorIcon::None);
        } else {
            overlay.ui.set_cursor_icon(CursorIcon::Crosshair);
        }
        // Beside the crosshair of the lasso, at the middle of the brush.
        let middle = if self.way == Way::Brush { at } else { at + 3.0 * half };
        for (width, colour) in [(3.5, UNDER_LINE), (1.5, colour)] {
            let pencil = Stroke::new(width, colour);
            overlay.painter.hline(middle.x - half.x..=middle.x + half.x, middle.y, pencil);
            if adds {
                overlay.painter.vline(middle.x, middle.y - half.y..=middle.y + half.y, pencil);
            }
        }
    }

    /// The tool's settings, and the button that returns to what was found.
    pub fn inspector(&mut self, ui: &mut Ui, case: &mut OpenCase) {
        let Some(record) = case.record().cloned() else { return };
        ui.strong("Covered scalp").on_hover_text("Where hair, a hat or a hand lies over the scalp in this photo");
        ui.horizontal(|ui| {
            let mut way = |ui: &mut Ui, way, name, tip| {
                if ui.selectable_label(self.way == way, name).on_hover_text(tip).clicked() {
                    self.way = way;
                }
            };
            way(ui, Way::Brush, "Paint", "A brush that spreads over what looks alike and stops at edges");
            way(ui, Way::Lasso, "Lasso", "Drag around a part of the photo");
        });
        ui.horizontal(|ui| {
            let mut uncovers = |ui: &mut Ui, uncovers, name, tip| {
                if ui.selectable_label(self.uncovers == uncovers, name).on_hover_text(tip).clicked() {
                    self.uncovers = uncovers;
                }
            };
            uncovers(ui, false, "Cover", "No dots are drawn there; hold Shift to uncover");
            uncovers(ui, true, "Uncover", "Dots are drawn there again; hold Shift to cover");
        });
        if self.way == Way::Brush {
            let size = Number {
                label: "Size",
                tip: "Diameter of the brush in the photo; [ and ] change it",
                unit: " px",
                range: SIZES_PX,
                speed: 0.5,
                default: usual_px(Some(&record)),
                ..Number::default()
            };
            self.size_px = size.show(ui, self.size_px(Some(&record))).or(self.size_px);
            ui.checkbox(&mut self.stops_at_edges, "Stop at edges")
                .on_hover_text("Paint only what looks like the middle of the brush and is connected to it");
        }
        let known = record.known_hidden().is_some();
        let mut left_out = known && !record.nothing_hides_dots;
        let leave_out =
            ui.add_enabled(known, egui::Checkbox::new(&mut left_out, "Leave out dots where the scalp is covered"));
        let tip = "In this photo dots are left out where hair, a hand or a hat lies over the scalp";
        if leave_out.on_hover_text(tip).on_disabled_hover_text("Nothing covers the scalp in this photo").changed() {
            let step = if left_out { "Leave out covered dots" } else { "Show covered dots" };
            draft(case, step, |record| record.nothing_hides_dots = !left_out);
        }
        let drawn = record.hidden_as_drawn.is_some();
        let back = ui.add_enabled(drawn, Button::new("Back to what was found"));
        let tip = "Forgets every stroke in this photo; can be undone";
        if back.on_hover_text(tip).on_disabled_hover_text("Nothing was drawn in this photo").clicked() {
            draft(case, "Back to what was found", |record| record.draw_hidden(None));
        }
        ui.weak(match (drawn, known) {
            (true, _) => "As you have drawn it.",
            (false, true) => "As it was found in this photo.",
            (false, false) => "Nothing was found to cover the scalp in this photo.",
        });
    }
}

impl Drawing {
    /// Applies the brush along the points still to be reached, at most this many times.
    fn follow(&mut self, brush: &Brush, photo: &Pyramid, mut most: usize) {
        let step = (APART * brush.radius_px).max(1.0);
        while let Some(&to) = self.ahead.first() {
            let place = match self.last {
                None => to,
                Some(last) if last.distance(to) <= step => {
                    // Too close for another touch, unless the stroke ends here.
                    self.ahead.remove(0);
                    continue;
                }
                Some(last) => last + (to - last).normalize_or_zero() * step,
            };
            if most == 0 {
                return;
            }
            most -= 1;
            brush.touch(photo, &mut self.painted, place);
            self.last = Some(place);
        }
    }

    /// Shows the stroke so far.
    fn show(&self, overlay: &Overlay) {
        match self.way {
            Way::Brush => {
                let colour = if self.adds { COVER } else { UNCOVER };
                overlay.painter.add(fill(&self.painted, &overlay.viewport, colour));
            }
            Way::Lasso => {
                let closed = self.lasso.iter().chain(self.lasso.first());
                let line: Vec<Pos2> = closed.map(|&p| overlay.viewport.screen_from_photo(p)).collect();
                overlay.painter.line(line.clone(), Stroke::new(3.5, UNDER_LINE));
                overlay.painter.line(line, Stroke::new(1.5, if self.adds { Color32::WHITE } else { LINE }));
            }
        }
    }
}

fn draft(case: &mut OpenCase, step: &str, change: impl FnOnce(&mut ViewRecord)) {
    let view = case.view;
    case.draft(step, |document| {
        if let Some(record) = document.views.get_mut(view) {
            change(record);
        }
    });
}

fn usual_px(record: Option<&ViewRecord>) -> f64 {
    record.map_or(100.0, |record| (USUAL_PART * f64::from(record.width_px.max(record.height_px))).round())
}

/// A region on the screen: one strip for each row of cells, in as few rectangles as possible.
fn fill(region: &Region, viewport: &Viewport, colour: Color32) -> Shape {
    let mut mesh = Mesh::default();
    let cell_px = f64::from(region.cell_px());
    let [_, height] = region.cells();
    // Rows thinner than a point of the screen are merged and shown like the first of them.
    let rows = (1.0 / (cell_px * viewport.points_per_px())).floor().max(1.0) as usize;
    let place = |x: usize, y: usize| viewport.screen_from_photo(DVec2::new(x as f64, y as f64) * cell_px);
    let seen = |from: usize, to: usize| {
        let rect = Rect::from_two_pos(place(0, from), place(region.cells()[0], to));
        rect.intersects(viewport.rect)
    };
    for y in (0..height).step_by(rows) {
        let end = (y + rows).min(height);
        if !seen(y, end) {
            continue;
        }
        for run in runs(region.row(y)) {
            let rect = Rect::from_two_pos(place(run.start, y), place(run.end, end));
            add_rect(&mut mesh, rect, colour);
        }
    }
    Shape::mesh(mesh)
}

/// The runs of a row that lie within the region.
fn runs(row: &[bool]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    row.chunk_by(|a, b| a == b).filter_map(move |chunk| {
        let from = at;
        at += chunk.len();
        chunk.first().is_some_and(|is| *is).then_some(from..at)
    })
}

fn add_rect(mesh: &mut Mesh, rect: Rect, color: Color32) {
    let first = mesh.vertices.len() as u32;
    let corners = [rect.min, pos2(rect.max.x, rect.min.y), rect.max, pos2(rect.min.x, rect.max.y)];
    mesh.vertices.extend(corners.map(|pos| Vertex { pos, uv: WHITE_UV, color }));
    mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
}
