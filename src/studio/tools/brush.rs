//! The density brush: adds dots, thins them out, or evens them out. A stroke is one undo step; all strokes are listed,
//! and each can be turned off or deleted.

use egui::{Button, Color32, CursorIcon, Event, PointerButton, ScrollArea, Stroke as Pencil, Ui, Vec2};
use egui_material_icons::icons;
use glam::DVec3;

use crate::head::camera::Camera;
use crate::head::{Head, Part};
use crate::plan::area::{Effect, HARDEST, Stroke};
use crate::plan::curve;
use crate::plan::parameters::MOST_PER_CM2;
use crate::studio::controls::fields::Number;
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::{LINE, Overlay, UNDER_LINE};

/// The hint in the status bar.
pub const HINT: &str = "Drag to paint; Shift thins out instead of adding; [ and ] change the size";

/// What the brush does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    Add,
    Take,
    Smooth,
}

const MODES: [Mode; 3] = [Mode::Add, Mode::Take, Mode::Smooth];
/// Diameters, mm.
const SIZES_MM: std::ops::RangeInclusive<f64> = 2.0..=100.0;
const USUAL_SIZE_MM: f64 = 24.0;
const USUAL_STRENGTH_PER_CM2: f64 = 40.0;
/// Most points that a stroke of a plan can have.
const MOST_POINTS: usize = 2000;

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Take => "Thin out",
            Self::Smooth => "Smooth",
        }
    }

    fn tip(self) -> &'static str {
        match self {
            Self::Add => "Add dots; hold Shift to thin them out",
            Self::Take => "Remove some of the dots; hold Shift to add them",
            Self::Smooth => "Even out the density: softens edges and spots",
        }
    }

    fn step_name(self) -> &'static str {
        match self {
            Self::Add => "Paint density",
            Self::Take => "Thin out density",
            Self::Smooth => "Smooth density",
        }
    }

    fn inverted(self) -> Self {
        match self {
            Self::Add => Self::Take,
            Self::Take => Self::Add,
            Self::Smooth => Self::Smooth,
        }
    }
}

/// A stroke in progress.
#[derive(Debug)]
struct Painting {
    mode: Mode,
    part: Part,
    points: Vec<DVec3>,
    /// Sum and number of the pen's pressures, each 0 to 1; a mouse has none.
    pressure: (f64, u32),
}

/// The density brush.
#[derive(Debug)]
pub struct BrushTool {
    /// Diameter, mm.
    size_mm: f64,
    /// Dots per cm2 by which a stroke changes the density at its middle.
    strength_per_cm2: f64,
    /// Share of the radius within which a stroke has its full effect.
    hardness: f64,
    mode: Mode,
    painting: Option<Painting>,
    /// Index of the stroke that the pointer is on in the list; shown in the photo.
    pointed: Option<usize>,
}

impl Default for BrushTool {
    fn default() -> Self {
        Self {
            size_mm: USUAL_SIZE_MM,
            strength_per_cm2: USUAL_STRENGTH_PER_CM2,
            hardness: 0.0,
            mode: Mode::default(),
            painting: None,
            pointed: None,
        }
    }
}

impl BrushTool {
    /// Makes the brush larger by a number of notches, or smaller if negative.
    pub fn resize(&mut self, notches: i32) {
        const NOTCH: f64 = 1.2;
        let size = self.size_mm * libm::pow(NOTCH, f64::from(notches));
        self.size_mm = size.clamp(*SIZES_MM.start(), *SIZES_MM.end());
    }

    /// Shows the brush on the skin and paints with it.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some((fit, camera)) = overlay.seen() else { return };
        let head = fit.head();
        self.show_pointed(overlay, head, &camera);
        let response = overlay.response.clone();
        let (shift, down, space, force) = overlay.ui.input(|i| {
            let force = i.events.iter().rev().find_map(|event| match event {
                Event::Touch { force, .. } => *force,
                _ => None,
            });
            let down = i.pointer.button_down(PointerButton::Primary);
            (i.modifiers.shift, down, i.key_down(egui::Key::Space), force)
        });
        let at = response.interact_pointer_pos().or(response.hover_pos());
        let under = at.and_then(|at| overlay.skin(head, &camera, at));
        let mode = self.painting.as_ref().map_or(if shift { self.mode.inverted() } else { self.mode }, |p| p.mode);
        if let (Some(at), Some((part, skin))) = (at, under) {
            // Circles where its effect ends, and where it begins to fall off.
            for (share, width) in [(1.0, 1.2), (self.hardness, 0.6)].into_iter().filter(|(share, _)| *share > 0.0) {
                let rim = curve::circle(head.surface(part), skin, 0.5 * self.size_mm * share);
                for run in overlay.visible_runs(head, &camera, &rim) {
                    overlay.painter.line(run.clone(), Pencil::new(width + 1.8, UNDER_LINE));
                    overlay.painter.line(run, Pencil::new(width, Color32::WHITE));
                }
            }
            sign(overlay, at, mode);
            overlay.ui.set_cursor_icon(CursorIcon::None);
        }
        let held = down && !space && response.is_pointer_button_down_on();
        let tapped = response.clicked_by(PointerButton::Primary) && self.painting.is_none();
        if !held && !tapped {
            self.painting = None;
            return;
        }
        let Some((part, skin)) = under else { return };
        let painting =
            self.painting.get_or_insert_with(|| Painting { mode, part, points: Vec::new(), pressure: (0.0, 0) });
        if let Some(force) = force.filter(|f| *f > 0.0) {
            painting.pressure = (painting.pressure.0 + f64::from(force), painting.pressure.1 + 1);
        }
        // Points closer than a third of the radius make no visible difference.
        let apart = (self.size_mm / 6.0).max(0.3);
        let far = painting.points.last().is_none_or(|last| last.distance(skin.position) >= apart);
        if part == painting.part && far && painting.points.len() < MOST_POINTS {
            painting.points.push(skin.position);
        }
        let stroke = painting.stroke(self.size_mm, self.strength_per_cm2, self.hardness);
        overlay.case.draft_plan(painting.mode.step_name(), |plan| plan.strokes.push(stroke));
        if tapped {
            self.painting = None;
        }
    }

    /// Shows the stroke that the pointer is on in the list.
    fn show_pointed(&self, overlay: &Overlay, head: &Head, camera: &Camera) {
        let strokes = overlay.case.plan().map_or(&[][..], |plan| &plan.strokes);
        let Some(stroke) = self.pointed.and_then(|index| strokes.get(index)) else { return };
        let surface = head.surface(stroke.part);
        let line = match stroke.points.as_slice() {
            [place] => curve::circle(surface, surface.below(DVec3::from(*place)), stroke.radius_mm),
            points => curve::through(surface, points, false),
        };
        overlay.line_in(head, camera, &line, 2.0, LINE);
    }

    /// The brush in numbers, and the strokes.
    pub fn inspector(&mut self, ui: &mut Ui, case: &mut OpenCase) {
        ui.strong("Density brush");
        ui.horizontal(|ui| {
            for mode in MODES {
                if ui.selectable_label(self.mode == mode, mode.name()).on_hover_text(mode.tip()).clicked() {
                    self.mode = mode;
                }
            }
        });
        let size = Number {
            label: "Size",
            tip: "Diameter of the brush along the skin; [ and ] change it",
            unit: " mm",
            range: SIZES_MM,
            speed: 0.25,
            default: USUAL_SIZE_MM,
            ..Number::default()
        };
        self.size_mm = size.show(ui, self.size_mm).unwrap_or(self.size_mm);
        let strength = Number {
            label: "Strength",
            tip: "Dots per cm² that a stroke adds or removes at its middle; pen pressure scales it",
            unit: " /cm²",
            range: 1.0..=MOST_PER_CM2,
            speed: 0.5,
            default: USUAL_STRENGTH_PER_CM2,
            ..Number::default()
        };
        self.strength_per_cm2 = strength.show(ui, self.strength_per_cm2).unwrap_or(self.strength_per_cm2);
        let hardness = Number {
            label: "Hardness",
            tip: "How much of the brush has its full effect: 0 falls off from the middle, more ends more abruptly at the rim",
            unit: " %",
            range: 0.0..=100.0 * HARDEST,
            speed: 0.5,
            factor: 100.0,
            ..Number::default()
        };
        self.hardness = hardness.show(ui, self.hardness).unwrap_or(self.hardness);
        self.list(ui, case);
    }

    /// All strokes, the last one first.
    fn list(&mut self, ui: &mut Ui, case: &mut OpenCase) {
        const MOST_HEIGHT: f32 = 190.0;
        self.pointed = None;
        let Some(count) = case.plan().map(|plan| plan.strokes.len()) else { return };
        ui.add_space(4.0);
        ui.strong("Strokes");
        if count == 0 {
            ui.weak("No strokes yet. Drag over the skin to paint.");
            return;
        }
        let mut edit = None;
        let height = ui.spacing().interact_size.y;
        // Only the visible rows cost anything: a plan may have thousands.
        ScrollArea::vertical().id_salt("strokes").max_height(MOST_HEIGHT).auto_shrink([false, true]).show_rows(
            ui,
            height,
            count,
            |ui, rows| {
                for index in rows.map(|row| count - 1 - row) {
                    let Some(stroke) = case.plan().and_then(|plan| plan.strokes.get(index)) else { continue };
                    let (row, asked) = row(ui, index, stroke);
                    if row.contains_pointer() {
                        self.pointed = Some(index);
                    }
                    edit = edit.or(asked.map(|asked| (index, asked)));
                }
            },
        );
        if count > 1 && ui.button("Delete all strokes").on_hover_text("Deletes every stroke; can be undone").clicked() {
            case.draft_plan("Delete all strokes", |plan| plan.strokes.clear());
        }
        let Some((index, edit)) = edit else { return };
        let name = match edit {
            RowEdit::Turn { off: true } => format!("Turn off stroke {}", index + 1),
            RowEdit::Turn { off: false } => format!("Turn on stroke {}", index + 1),
            RowEdit::Delete => format!("Delete stroke {}", index + 1),
        };
        case.draft_plan(&name, |plan| match (edit, plan.strokes.get_mut(index)) {
            (RowEdit::Turn { off }, Some(stroke)) => stroke.off = off,
            (RowEdit::Delete, Some(_)) => drop(plan.strokes.remove(index)),
            (_, None) => {}
        });
    }
}

/// What to do with a stroke in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowEdit {
    Turn { off: bool },
    Delete,
}

/// A stroke in the list: its effect, its switch, and the button that deletes it.
fn row(ui: &mut Ui, index: usize, stroke: &Stroke) -> (egui::Response, Option<RowEdit>) {
    let mut edit = None;
    let shown = ui.horizontal(|ui| {
        let number = index + 1;
        let delete = ui.add(Button::new(icons::ICON_CLOSE).frame(false));
        let delete = delete.accessible_name(format!("Delete stroke {number}"));
        if delete.on_hover_text("Delete this stroke; can be undone").clicked() {
            edit = Some(RowEdit::Delete);
        }
        let does = match stroke.effect {
            Effect::Smooth => "smooth".to_owned(),
            Effect::Change => format!("{:+.0} /cm²", stroke.change_per_cm2),
        };
        let mut counts = !stroke.off;
        let text = format!("{number}. {does}, {:.0} mm", 2.0 * stroke.radius_mm);
        let tip = "Turn it off to see the plan without this stroke; it stays in the list";
        if ui.checkbox(&mut counts, text).on_hover_text(tip).changed() {
            edit = Some(RowEdit::Turn { off: !counts });
        }
        ui.allocate_space(Vec2::new(ui.available_width(), 0.0));
    });
    (shown.response, edit)
}

impl Painting {
    fn stroke(&self, size_mm: f64, strength_per_cm2: f64, hardness: f64) -> Stroke {
        let pressure = match self.pressure {
            (_, 0) => 1.0,
            (sum, count) => sum / f64::from(count),
        };
        let strength = strength_per_cm2 * pressure.clamp(0.05, 1.0);
        Stroke {
            part: self.part,
            points: self.points.iter().map(|p| p.to_array()).collect(),
            radius_mm: 0.5 * size_mm,
            change_per_cm2: if self.mode == Mode::Take { -strength } else { strength },
            effect: if self.mode == Mode::Smooth { Effect::Smooth } else { Effect::Change },
            hardness,
            off: false,
        }
    }
}

/// A plus, a minus or a wave at the middle of the brush.
fn sign(overlay: &Overlay, at: egui::Pos2, mode: Mode) {
    const HALF: f32 = 4.0;
    let (x, y) = (Vec2::new(HALF, 0.0), Vec2::new(0.0, HALF));
    let bars: &[[egui::Pos2; 2]] = match mode {
        Mode::Add => &[[at - x, at + x], [at - y, at + y]],
        Mode::Take => &[[at - x, at + x]],
        Mode::Smooth => &[
            [at - x - y * 0.5, at - x * 0.3 + y * 0.5],
            [at - x * 0.3 + y * 0.5, at + x * 0.3 - y * 0.5],
            [at + x * 0.3 - y * 0.5, at + x + y * 0.5],
        ],
    };
    for (width, colour) in [(3.5, UNDER_LINE), (1.5, Color32::WHITE)] {
        for bar in bars {
            overlay.painter.line_segment(*bar, Pencil::new(width, colour));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_says_what_the_brush_was_set_to() {
        let painting = |mode, pressure| Painting { mode, part: Part::Cranium, points: vec![DVec3::Y * 80.0], pressure };
        let take = painting(Mode::Take, (0.0, 0)).stroke(20.0, 60.0, 0.0);
        assert_eq!((take.radius_mm, take.change_per_cm2, take.effect), (10.0, -60.0, Effect::Change));
        let light = painting(Mode::Add, (1.0, 2)).stroke(20.0, 60.0, 0.5);
        assert_eq!((light.change_per_cm2, light.hardness, light.off), (30.0, 0.5, false));
        let smooth = painting(Mode::Smooth, (0.0, 0)).stroke(20.0, 60.0, 0.0);
        assert_eq!((smooth.change_per_cm2, smooth.effect), (60.0, Effect::Smooth));
    }

    #[test]
    fn notches_there_and_back_and_within_bounds() {
        let mut brush = BrushTool::default();
        brush.resize(3);
        brush.resize(-3);
        assert!((brush.size_mm - USUAL_SIZE_MM).abs() < 1e-9);
        brush.resize(100);
        assert_eq!(brush.size_mm, *SIZES_MM.end());
    }
}
