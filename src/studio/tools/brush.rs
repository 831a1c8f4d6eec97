//! The density brush: adds dots, thins them out, or evens them out. A stroke is one step.

use egui::{Color32, CursorIcon, Event, PointerButton, Stroke as Pencil, Ui, Vec2};
use glam::DVec3;

use crate::head::Part;
use crate::plan::area::{Effect, Stroke};
use crate::plan::curve;
use crate::plan::parameters::MOST_PER_CM2;
use crate::studio::controls::fields::Number;
use crate::studio::view::overlay::{Overlay, UNDER_LINE};

/// What the status bar says.
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
/// Most points of a stroke that a plan takes.
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
            Self::Add => "Paint dots on; hold Shift to thin them out",
            Self::Take => "Take some of the dots away; hold Shift to add them",
            Self::Smooth => "Even density out: softens edges and spots",
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
    /// Sum and number of the pen's pressures, 0 to 1; none from a mouse.
    pressure: (f64, u32),
}

/// The density brush.
#[derive(Debug)]
pub struct BrushTool {
    /// Diameter, mm.
    size_mm: f64,
    /// Dots per cm2 that a stroke changes in its middle.
    strength_per_cm2: f64,
    mode: Mode,
    painting: Option<Painting>,
}

impl Default for BrushTool {
    fn default() -> Self {
        Self { size_mm: USUAL_SIZE_MM, strength_per_cm2: USUAL_STRENGTH_PER_CM2, mode: Mode::default(), painting: None }
    }
}

impl BrushTool {
    /// Makes the brush larger by a number of notches, or smaller.
    pub fn resize(&mut self, notches: i32) {
        const NOTCH: f64 = 1.2;
        let size = self.size_mm * libm::pow(NOTCH, f64::from(notches));
        self.size_mm = size.clamp(*SIZES_MM.start(), *SIZES_MM.end());
    }

    /// Shows the brush on the skin and paints with it.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some((fit, camera)) = overlay.seen() else { return };
        let head = fit.head();
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
            let rim = curve::circle(head.surface(part), skin, 0.5 * self.size_mm);
            for run in overlay.visible_runs(head, &camera, &rim) {
                overlay.painter.line(run.clone(), Pencil::new(3.0, UNDER_LINE));
                overlay.painter.line(run, Pencil::new(1.2, Color32::WHITE));
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
        // Points closer than a third of the radius add nothing that could be seen.
        let apart = (self.size_mm / 6.0).max(0.3);
        let far = painting.points.last().is_none_or(|last| last.distance(skin.position) >= apart);
        if part == painting.part && far && painting.points.len() < MOST_POINTS {
            painting.points.push(skin.position);
        }
        let stroke = painting.stroke(self.size_mm, self.strength_per_cm2);
        overlay.case.draft_plan(painting.mode.step_name(), |plan| plan.strokes.push(stroke));
        if tapped {
            self.painting = None;
        }
    }

    /// The brush in numbers.
    pub fn inspector(&mut self, ui: &mut Ui) {
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
            tip: "Dots for each cm² that a stroke changes in its middle; a pen's pressure scales it",
            unit: " /cm²",
            range: 1.0..=MOST_PER_CM2,
            speed: 0.5,
            default: USUAL_STRENGTH_PER_CM2,
            ..Number::default()
        };
        self.strength_per_cm2 = strength.show(ui, self.strength_per_cm2).unwrap_or(self.strength_per_cm2);
    }
}

impl Painting {
    fn stroke(&self, size_mm: f64, strength_per_cm2: f64) -> Stroke {
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
        }
    }
}

/// Plus, minus or a wave in the middle of the brush.
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
        let take = painting(Mode::Take, (0.0, 0)).stroke(20.0, 60.0);
        assert_eq!((take.radius_mm, take.change_per_cm2, take.effect), (10.0, -60.0, Effect::Change));
        let light = painting(Mode::Add, (1.0, 2)).stroke(20.0, 60.0);
        assert_eq!(light.change_per_cm2, 30.0);
        let smooth = painting(Mode::Smooth, (0.0, 0)).stroke(20.0, 60.0);
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
