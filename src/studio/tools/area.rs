//! The area tool: draws areas, selects them, changes their outlines and their numbers.

use egui::{ComboBox, Ui};
use glam::DVec3;

use super::points::{Drawn, Handles, Pen, Ways, apply, closed_line};
use crate::head::Part;
use crate::head::camera::Camera;
use crate::head::surface::{Surface, SurfacePoint};
use crate::plan::area::{Area, Outline, USUAL_BAND_MM, USUAL_FEATHER_MM, USUAL_LINE_MM, USUAL_SPOT_MM};
use crate::plan::field::ScalpEdge;
use crate::plan::treatment::TREATMENTS;
use crate::plan::{Plan, SkinPoint, curve, parameters};
use crate::studio::controls::fields::{Number, Text};
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::{LINE, Overlay, QUIET};
use crate::studio::words::{area_text, words};

/// The hint in the status bar.
pub const HINT: &str =
    "Drag or click to draw; double-click or Enter ends; Escape removes the last point; click an area to select it";

/// Most areas that a plan can have.
const MOST: usize = 50;

/// The shape that is drawn next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shape {
    #[default]
    Outline,
    Band,
    Spots,
}

const SHAPES: [Shape; 3] = [Shape::Outline, Shape::Band, Shape::Spots];

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Self::Outline => "Outline",
            Self::Band => "Band",
            Self::Spots => "Spots",
        }
    }

    fn tip(self) -> &'static str {
        match self {
            Self::Outline => "Draw around an area, by hand or click by click",
            Self::Band => "Draw along the middle of a band, such as a strip scar or a parting",
            Self::Spots => "Click round spots, such as patches or scars of single grafts",
        }
    }

    fn ways(self) -> Ways {
        Ways { clicks: true, drags: self != Self::Spots, closed: self == Self::Outline }
    }
}

/// The area tool.
#[derive(Debug, Default)]
pub struct AreaTool {
    shape: Shape,
    pen: Pen,
    /// Index of the selected area; the area may have been deleted since.
    selected: Option<usize>,
}

impl AreaTool {
    fn selected(&self, plan: &Plan) -> Option<usize> {
        // If there is only one area, it need not be chosen.
        let only = (plan.areas.len() == 1).then_some(0);
        self.selected.filter(|&index| index < plan.areas.len()).or(only)
    }

    /// Draws the areas and follows the pointer.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some((fit, camera)) = overlay.seen() else { return };
        let Some(plan) = overlay.case.plan().cloned() else { return };
        let head = fit.head();
        let selected = self.selected(&plan);
        for (index, area) in plan.areas.iter().enumerate() {
            let colour = if selected == Some(index) { LINE } else { QUIET };
            for line in drawn_lines(&plan, area, head) {
                overlay.line_in(head, &camera, &line, 1.5, colour);
            }
        }
        let mut on_line = false;
        if let Some((index, area)) = selected.and_then(|i| plan.areas.get(i).map(|area| (i, area))) {
            let surface = head.surface(area.part);
            let closed = matches!(area.outline, Outline::Closed { .. });
            let line = match &area.outline {
                Outline::Closed { points } | Outline::Line { points, .. } => closed_line(surface, points, closed),
                _ => Vec::new(),
            };
            let label = |point: usize| format!("{}, point {}", area.name, point + 1);
            let points = area.outline.points();
            let handles = Handles { salt: "area", part: area.part, points, line: &line, label: &label, note: None };
            if let Some(edit) = handles.show(overlay, head, &camera).filter(|_| !self.pen.is_drawing()) {
                overlay.case.draft_plan("Change area", |plan| {
                    let Some(outline) = plan.areas.get_mut(index).map(|area| &mut area.outline) else { return };
                    let fewest = outline.fewest_points();
                    if let Some(points) = outline.points_mut() {
                        apply(points, edit, closed, fewest);
                    }
                });
            }
            on_line = overlay.response.hover_pos().is_some_and(|at| handles.is_on_line(overlay, head, &camera, at));
        }
        let clicked =
            if self.pen.is_drawing() || !overlay.response.clicked() { None } else { self.hit(overlay, &plan, &camera) };
        if clicked.is_some() {
            self.selected = clicked;
            return;
        }
        let ways = self.shape.ways();
        let begins = self.pen.is_drawing() || !on_line;
        let ways = Ways { clicks: ways.clicks && begins && self.shape != Shape::Spots, ..ways };
        let drawn = if self.shape == Shape::Spots {
            spot(overlay, head, &camera)
        } else {
            self.pen.follow(overlay, head, &camera, ways)
        };
        if let Some(drawn) = drawn {
            self.take(overlay.case, &plan, drawn);
        }
    }

    /// The topmost area with an outline of its own under a click. While spots are being drawn, only areas of spots.
    fn hit(&self, overlay: &Overlay, plan: &Plan, camera: &Camera) -> Option<usize> {
        let (fit, _) = overlay.seen()?;
        let (part, skin) = overlay.skin(fit.head(), camera, overlay.response.interact_pointer_pos()?)?;
        let spots = |area: &Area| matches!(area.outline, Outline::Spots { .. });
        let covers = |area: &Area| {
            (self.shape != Shape::Spots || spots(area))
                && area.part == part
                && area.outline.covers(fit.head().surface(part), &part.chart(), skin.position)
        };
        plan.areas.iter().rposition(covers)
    }

    /// Turns a drawing into an area, or into one more spot of the selected ones.
    fn take(&mut self, case: &mut OpenCase, plan: &Plan, drawn: Drawn) {
        let (part, points) = drawn.controls(self.shape == Shape::Outline);
        if self.shape == Shape::Spots
            && let Some(index) = self.selected(plan)
            && plan.areas.get(index).is_some_and(|a| a.part == part && matches!(a.outline, Outline::Spots { .. }))
        {
            case.draft_plan("Add spot", |plan| {
                if let Some(centres) = plan.areas.get_mut(index).and_then(|area| area.outline.points_mut()) {
                    centres.extend(points);
                }
            });
            return;
        }
        let area = new_area(plan, self.shape, part, points);
        // A slip of the hand encloses nothing.
        if plan.areas.len() >= MOST || area.outline.points().len() < area.outline.fewest_points() {
            return;
        }
        self.selected = Some(plan.areas.len());
        case.draft_plan("Draw area", |plan| plan.areas.push(area));
    }

    /// The list of areas, and the selected one in numbers. True if one was chosen from the list.
    pub fn inspector(&mut self, ui: &mut Ui, case: &mut OpenCase) -> bool {
        let mut chosen = false;
        let Some(plan) = case.plan().cloned() else { return chosen };
        ui.strong("Areas");
        ui.horizontal(|ui| {
            ui.label("Draw");
            for shape in SHAPES {
                if ui.selectable_label(self.shape == shape, shape.name()).on_hover_text(shape.tip()).clicked() {
                    self.shape = shape;
                    self.pen.put_down();
                }
            }
        });
        let selected = self.selected(&plan);
        for (index, area) in plan.areas.iter().enumerate() {
            let size = case.areas_cm2().and_then(|areas| areas.get(index));
            let size = size.map_or_else(|| ", … cm²".to_owned(), |cm2| format!(", {}", area_text(*cm2, 1)));
            let text = format!("{}: {:.0} /cm²{size}", area.name, area.density_per_cm2);
            if ui.selectable_label(selected == Some(index), text).on_hover_text("Select this area").clicked() {
                (self.selected, chosen) = (Some(index), true);
            }
        }
        if plan.areas.len() > 1 {
            ui.weak("Where areas overlap, the denser one counts.");
        }
        let Some((index, area)) = selected.and_then(|i| plan.areas.get(i).map(|area| (i, area))) else { return chosen };
        ui.separator();
        numbers(ui, case, &plan, index, area);
        ui.horizontal(|ui| {
            let room = plan.areas.len() < MOST;
            let copy = ui.add_enabled(room, egui::Button::new("Duplicate area"));
            if copy.on_hover_text("Make another area like this one").clicked() {
                let twin = Area { name: free_name(&plan, &area.name), ..area.clone() };
                case.draft_plan("Duplicate area", |plan| plan.areas.push(twin));
                self.selected = Some(plan.areas.len());
            }
            let delete = ui.add_enabled(plan.areas.len() > 1, egui::Button::new("Delete area"));
            let delete = delete
                .on_hover_text("Delete this area; can be undone")
                .on_disabled_hover_text("A plan needs at least one area: draw another one first");
            if delete.clicked() {
                case.draft_plan("Delete area", |plan| {
                    plan.areas.remove(index);
                });
                self.selected = None;
            }
        });
        chosen
    }
}

/// A click makes a spot.
fn spot(overlay: &Overlay, head: &crate::head::Head, camera: &Camera) -> Option<Drawn> {
    let at = overlay.response.interact_pointer_pos().filter(|_| overlay.response.clicked())?;
    let (part, skin) = overlay.skin(head, camera, at)?;
    Some(Drawn::Points(part, vec![skin.position.to_array()]))
}

/// A new area with the usual settings for its shape.
fn new_area(plan: &Plan, shape: Shape, part: Part, points: Vec<SkinPoint>) -> Area {
    let (name, outline, feather_mm) = match shape {
        Shape::Outline => ("area", Outline::Closed { points }, USUAL_FEATHER_MM),
        Shape::Band => ("band", Outline::Line { points, width_mm: USUAL_LINE_MM }, 3.0),
        Shape::Spots => ("spots", Outline::Spots { centres: points, diameter_mm: USUAL_SPOT_MM }, 4.0),
    };
    Area {
        name: free_name(plan, name),
        kind: plan.treatment,
        part,
        outline,
        // Where areas overlap the denser one counts: a sparser one would be drawn without being visible.
        density_per_cm2: plan.areas.iter().map(|a| a.density_per_cm2).fold(plan.treatment.density_per_cm2(), f64::max),
        feather_mm,
        needle_mm: None,
        shade: 1.0,
    }
}

/// `name`, with the first number that makes it unique.
fn free_name(plan: &Plan, name: &str) -> String {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    let taken = |name: &String| plan.areas.iter().any(|area| area.name == *name);
    let numbered = (2..).map(|number| format!("{stem} {number}"));
    std::iter::once(stem.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// The lines that show an area.
fn drawn_lines(plan: &Plan, area: &Area, head: &crate::head::Head) -> Vec<Vec<SurfacePoint>> {
    let surface = head.surface(area.part);
    match &area.outline {
        Outline::Scalp => {
            let mut line = ScalpEdge::new(plan, head).closed();
            line.extend(line.first().copied());
            vec![line]
        }
        Outline::BehindHairline { depth_mm } => {
            let front = plan.hairline.line(head);
            let back = behind(surface, &front, *depth_mm);
            vec![front, back]
        }
        Outline::Closed { points } => vec![closed_line(surface, points, true)],
        Outline::Line { points, width_mm } => {
            let middle = curve::through(surface, points, false);
            [1.0, -1.0]
                .map(|side| beside(surface, &middle, side * 0.5 * width_mm))
                .into_iter()
                .chain([middle])
                .collect()
        }
        Outline::Spots { centres, diameter_mm } => centres
            .iter()
            .map(|&centre| curve::circle(surface, surface.below(DVec3::from(centre)), 0.5 * diameter_mm))
            .collect(),
    }
}

/// The line at this distance to the left of another, mm; to its right if negative.
fn beside(surface: &Surface, line: &[SurfacePoint], distance_mm: f64) -> Vec<SurfacePoint> {
    let last = line.len().saturating_sub(1);
    (0..line.len())
        .map(|i| {
            let here = line[i];
            let along = line[(i + 1).min(last)].position - line[i.saturating_sub(1)].position;
            let across = here.normal.cross(along).normalize_or(DVec3::X);
            surface.below(here.position + across * distance_mm)
        })
        .collect()
}

/// The far edge of a band behind the hairline: the places at this distance from a point of the hairline that are not
/// closer to any other.
fn behind(surface: &Surface, hairline: &[SurfacePoint], depth_mm: f64) -> Vec<SurfacePoint> {
    const EVERY: usize = 6;
    let few: Vec<SurfacePoint> = hairline.iter().step_by(EVERY).copied().collect();
    let last = few.len().saturating_sub(1);
    (0..few.len())
        .filter_map(|i| {
            let along = few[(i + 1).min(last)].position - few[i.saturating_sub(1)].position;
            // The hairline runs from right to left: up and back over the head is to its left.
            let back = few[i].normal.cross(along).normalize_or(DVec3::Y);
            let place = curve::at_distance(surface, few[i], back, depth_mm);
            let near = few.iter().any(|p| p.position.distance(place.position) < 0.97 * depth_mm);
            (!near).then_some(place)
        })
        .collect()
}

/// The fields of the selected area.
fn numbers(ui: &mut Ui, case: &mut OpenCase, plan: &Plan, index: usize, area: &Area) {
    let mut change = |name: &str, change: &dyn Fn(&mut Area)| {
        case.draft_plan(name, |plan| {
            if let Some(area) = plan.areas.get_mut(index) {
                change(area);
            }
        });
    };
    let name = Text { label: "Area's name", tip: "What you and the client call it", most: 100 };
    if let Some(text) = name.show(ui, index, &area.name) {
        change("Rename area", &|area| area.name.clone_from(&text));
    }
    let treats = ComboBox::from_label("Treats").selected_text(words(area.kind.name())).show_ui(ui, |ui| {
        for kind in TREATMENTS {
            let item = ui.selectable_label(kind == area.kind, words(kind.name()));
            if item.on_hover_text("The area treats this").clicked() {
                change("Change what the area treats", &|area| area.kind = kind);
            }
        }
    });
    treats.response.on_hover_text("What the area is for; its usual density follows from it");
    let usual = area.kind.density_per_cm2();
    let density = Number { label: "Area's density", ..Number::of(&parameters::DENSITY, usual) };
    if let Some(value) = density.show(ui, area.density_per_cm2) {
        change("Change density", &|area| area.density_per_cm2 = value);
    }
    let feather = Number { label: "Area's feather", ..Number::of(&parameters::FEATHER, USUAL_FEATHER_MM) };
    if let Some(value) = feather.show(ui, area.feather_mm) {
        change("Change feather", &|area| area.feather_mm = value);
    }
    match &area.outline {
        Outline::Scalp | Outline::Closed { .. } => {}
        Outline::BehindHairline { depth_mm } => {
            if let Some(value) = Number::of(&parameters::BAND_DEPTH, USUAL_BAND_MM).show(ui, *depth_mm) {
                change("Change depth of band", &|area| area.outline = Outline::BehindHairline { depth_mm: value });
            }
        }
        Outline::Line { width_mm, .. } => {
            if let Some(value) = Number::of(&parameters::LINE_WIDTH, USUAL_LINE_MM).show(ui, *width_mm) {
                change("Change width", &|area| {
                    if let Outline::Line { width_mm, .. } = &mut area.outline {
                        *width_mm = value;
                    }
                });
            }
        }
        Outline::Spots { diameter_mm, .. } => {
            if let Some(value) = Number::of(&parameters::SPOT_DIAMETER, USUAL_SPOT_MM).show(ui, *diameter_mm) {
                change("Change diameter", &|area| {
                    if let Outline::Spots { diameter_mm, .. } = &mut area.outline {
                        *diameter_mm = value;
                    }
                });
            }
        }
    }
    let session = plan.sessions.first().map_or(0.3, |session| session.needle_mm);
    let mut own = area.needle_mm.is_some();
    let tip = "Use a different needle here from the session's, such as a finer one for a scar";
    if ui.checkbox(&mut own, "Needle of its own").on_hover_text(tip).changed() {
        change("Choose needle", &|area| area.needle_mm = own.then_some(session));
    }
    if let Some(needle) = area.needle_mm {
        let number = Number { label: "Area's needle", ..Number::of(&parameters::AREA_NEEDLE, session) };
        if let Some(value) = number.show(ui, needle) {
            change("Change needle", &|area| area.needle_mm = Some(value));
        }
    }
    let shade = Number { label: "Area's shade", ..Number::of(&parameters::SHADE, 1.0) };
    if let Some(value) = shade.show(ui, area.shade) {
        change("Change shade", &|area| area.shade = value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;
    use crate::plan::treatment::Treatment;

    #[test]
    fn new_areas_are_valid_and_have_names_of_their_own() {
        let head = Head::average();
        let mut plan = Plan::for_treatment(Treatment::FullShave, None, &head);
        let points = vec![[0.0, 80.0, 10.0], [10.0, 80.0, 0.0], [-10.0, 80.0, 0.0]];
        for shape in SHAPES.into_iter().chain(SHAPES) {
            let area = new_area(&plan, shape, Part::Cranium, points.clone());
            assert!(plan.areas.iter().all(|other| other.name != area.name), "{}", area.name);
            plan.areas.push(area);
        }
        plan.check().unwrap();
        assert_eq!(free_name(&plan, "area 2"), "area 3");
    }

    #[test]
    fn the_far_edge_of_a_band_keeps_its_distance_and_lies_behind() {
        let head = Head::average();
        let hairline = Plan::for_treatment(Treatment::Receding, None, &head).hairline.line(&head);
        let edge = behind(&head.cranium, &hairline, 48.0);
        assert!(edge.len() > 20, "{}", edge.len());
        for place in &edge {
            let nearest = hairline.iter().map(|p| p.position.distance(place.position)).fold(f64::INFINITY, f64::min);
            assert!((45.0..=48.5).contains(&nearest), "{nearest}");
        }
        let middle = edge.iter().min_by(|a, b| a.position.x.abs().total_cmp(&b.position.x.abs())).unwrap();
        let front = head.above_glabella(75.0).position;
        assert!(middle.position.z < front.z - 20.0, "{} {}", middle.position, front);
    }
}
