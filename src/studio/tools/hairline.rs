//! The hairline tool: points that can be dragged, added and removed, and lines sketched by hand; both sides move
//! together unless Alt is held or mirroring is switched off.

use std::ops::RangeInclusive;
use std::sync::Arc;

use egui::Ui;
use glam::DVec3;

use super::points::{Drawn, Edit, Handles, Pen, Ways, insert};
use crate::case::head_fit::HeadFit;
use crate::head::camera::Camera;
use crate::head::surface::SurfacePoint;
use crate::head::{Head, Part};
use crate::plan::hairline::Hairline;
use crate::plan::{SkinPoint, curve};
use crate::studio::controls::fields::Number;
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::Overlay;

/// The hint in the status bar.
pub const HINT: &str =
    "Drag points (Ctrl: without neighbours, Alt: one side); double-click the line: new point; Shift+drag: sketch";

/// Fewest control points of a line.
const FEWEST: usize = 3;
/// Most control points of a sketched half.
const MOST_OF_HALF: usize = 11;
/// Corners of a sketch that deviate by less than this are dropped, mm.
const TOLERANCE_MM: f64 = 1.2;
/// A sketch that comes this close to the midline is taken to reach it, mm.
const AT_MIDLINE_MM: f64 = 10.0;
/// How far along the line neighbours follow a point that is moved, mm: the front bends as a whole, without waves.
const REACH_MM: f64 = 60.0;
/// Heights above the glabella that can be typed, mm: from what the checks call too low to what nobody asks for.
const HEIGHTS_MM: RangeInclusive<f64> = 40.0..=130.0;

/// The hairline tool.
pub struct HairlineTool {
    /// Whether dragging sketches even without Shift.
    sketches: bool,
    /// How far along the line neighbours follow a point, mm.
    reach_mm: f64,
    pen: Pen,
    line: Option<Line>,
}

/// A plan's hairline on a head.
struct Line {
    fit: Arc<HeadFit>,
    hairline: Hairline,
    line: Arc<Vec<SurfacePoint>>,
    /// Heights of its middle and of the preset's, above the glabella along the skin, mm.
    height_mm: f64,
    usual_height_mm: f64,
}

impl Line {
    fn with_usual(fit: &Arc<HeadFit>, hairline: &Hairline, usual_height_mm: f64) -> Self {
        let head = fit.head();
        Self {
            fit: Arc::clone(fit),
            hairline: hairline.clone(),
            line: Arc::new(hairline.line(head)),
            height_mm: hairline.height_mm(head),
            usual_height_mm,
        }
    }
}

impl Default for HairlineTool {
    fn default() -> Self {
        Self { sketches: false, reach_mm: REACH_MM, pen: Pen::default(), line: None }
    }
}

/// How a point is moved.
#[derive(Debug, Clone, Copy)]
struct Hold {
    /// Only one side of a mirrored line moves, which ends the mirroring.
    one_side: bool,
    /// How far along the line neighbours follow, mm.
    reach_mm: f64,
}

impl HairlineTool {
    /// Draws the hairline with its handles and follows them.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some((fit, camera)) = overlay.seen() else { return };
        let Some(hairline) = overlay.case.plan().map(|p| p.hairline.clone()) else { return };
        let head = fit.head();
        let line = Arc::clone(&self.drawn(&fit, &hairline).line);
        overlay.line(head, &camera, &line, 1.5);
        // A sketch may begin on a handle. But Shift with an arrow key still moves the focused handle, and a handle that
        // is being dragged stays held.
        let unfocused = overlay.ui.memory(|m| m.focused().is_none());
        let shift = overlay.ui.input(|i| i.modifiers.shift && (unfocused || i.pointer.any_pressed()));
        let holds_handle = overlay.ui.ctx().dragged_id().is_some_and(|id| id != overlay.response.id);
        let drags = self.pen.is_drawing() || ((self.sketches || shift) && !holds_handle);
        if !drags {
            self.follow_handles(overlay, head, &camera, &hairline, &line);
        }
        let drawn = self.pen.follow(overlay, head, &camera, Ways { clicks: false, drags, closed: false });
        if let Some(Drawn::Path(Part::Cranium, path)) = drawn {
            overlay.case.draft_plan("Sketch hairline", |plan| sketch(&mut plan.hairline, head, &path));
        }
    }

    /// The line of the plan, recomputed when it or the head has changed.
    fn drawn(&mut self, fit: &Arc<HeadFit>, hairline: &Hairline) -> &Line {
        let known = self.line.take();
        // The preset's height is kept while its line is dragged.
        let line = match known {
            Some(line) if Arc::ptr_eq(&line.fit, fit) && line.hairline == *hairline => line,
            Some(Line { usual_height_mm, fit: of, hairline: before, .. })
                if Arc::ptr_eq(&of, fit) && before.preset == hairline.preset =>
            {
                Line::with_usual(fit, hairline, usual_height_mm)
            }
            _ => {
                let usual = hairline.preset.hairline_at(fit.head(), fit.line_height());
                Line::with_usual(fit, hairline, usual.height_mm(fit.head()))
            }
        };
        self.line.insert(line)
    }

    fn follow_handles(
        &self,
        overlay: &mut Overlay,
        head: &Head,
        camera: &Camera,
        hairline: &Hairline,
        line: &[SurfacePoint],
    ) {
        let points = hairline.all_points(head);
        let label = |index: usize| label(hairline, index, points.len());
        let note =
            |case: &OpenCase, index: usize| measured(case, head, index, points.len(), DVec3::from(points[index]));
        let handles =
            Handles { salt: "hairline", part: Part::Cranium, points: &points, line, label: &label, note: Some(&note) };
        match handles.show(overlay, head, camera) {
            Some(Edit::Move(index, to)) => {
                let modifiers = overlay.ui.input(|i| i.modifiers);
                let reach_mm = if modifiers.command { 0.0 } else { self.reach_mm };
                let hold = Hold { one_side: modifiers.alt, reach_mm };
                overlay.case.draft_plan("Move hairline point", |plan| {
                    move_point(&mut plan.hairline, head, index, to, hold);
                });
            }
            Some(Edit::Remove(index)) if hairline.points.len() > FEWEST => {
                overlay.case.draft_plan("Remove hairline point", |plan| remove_point(&mut plan.hairline, index));
            }
            Some(Edit::Insert(at)) => {
                overlay.case.draft_plan("Add hairline point", |plan| insert_point(&mut plan.hairline, head, at));
            }
            Some(Edit::Remove(_)) | None => {}
        }
    }

    /// How the line is drawn and mirrored.
    pub fn inspector(&mut self, ui: &mut Ui, case: &mut OpenCase) {
        let Some((fit, hairline)) = case.fit().cloned().zip(case.plan().map(|p| p.hairline.clone())) else { return };
        let head = fit.head();
        ui.strong("Hairline");
        let &Line { height_mm, usual_height_mm, .. } = self.drawn(&fit, &hairline);
        let height = Number {
            label: "Height",
            tip: "From between the brows (glabella) to the middle of the line, along the skin; the temples stay",
            unit: " mm",
            range: HEIGHTS_MM,
            speed: 0.1,
            decimals: 1,
            default: usual_height_mm,
            ..Number::default()
        };
        if let Some(height_mm) = height.show(ui, height_mm) {
            case.draft_plan("Change height of hairline", |plan| {
                plan.hairline = plan.hairline.at_height(head, height_mm);
            });
        }
        let reason = fit.line_height().reason(hairline.preset);
        ui.add(egui::Label::new(egui::RichText::new(format!("Usual: {reason}")).size(11.0)).wrap());
        let reach = Number {
            label: "Neighbours follow",
            tip: "How far along the line other points follow the one that is moved; Ctrl moves it alone",
            unit: " mm",
            range: 0.0..=150.0,
            speed: 1.0,
            decimals: 0,
            default: REACH_MM,
            ..Number::default()
        };
        self.reach_mm = reach.show(ui, self.reach_mm).unwrap_or(self.reach_mm);
        ui.checkbox(&mut self.sketches, "Sketch by hand")
            .on_hover_text("Dragging over the skin redraws the line where you draw; Shift does the same for one drag");
        let mut mirrored = hairline.mirrored;
        let tip = "Both sides move together; Alt moves one side of a mirrored line, which turns this off";
        if ui.checkbox(&mut mirrored, "Mirror both sides").on_hover_text(tip).changed() {
            case.draft_plan("Mirror hairline", |plan| {
                if mirrored {
                    make_symmetric(&mut plan.hairline, head);
                } else {
                    break_symmetry(&mut plan.hairline, head);
                }
            });
        }
        let button = ui.add_enabled(!hairline.mirrored, egui::Button::new("Make symmetric"));
        let tip = "Average both sides and mirror them from then on";
        if button.on_hover_text(tip).on_disabled_hover_text("Both sides are the same already").clicked() {
            case.draft_plan("Make hairline symmetric", |plan| make_symmetric(&mut plan.hairline, head));
        }
    }
}

/// The name of a handle. Right and left are the client's.
fn label(hairline: &Hairline, index: usize, count: usize) -> String {
    let from_middle = index as i64 - (count / 2) as i64;
    match from_middle {
        _ if !hairline.mirrored => format!("Hairline point {}", index + 1),
        0 => "Hairline point, middle".to_owned(),
        left if left > 0 => format!("Hairline point {left}, left"),
        right => format!("Hairline point {}, right", -right),
    }
}

/// Index into the control points of a mirrored hairline, and whether the point is on the mirrored side.
fn control(hairline: &Hairline, index: usize) -> (usize, bool) {
    let half = hairline.points.len().saturating_sub(1);
    if index >= half { (index - half, false) } else { (half - index, true) }
}

fn mirror(head: &Head, point: DVec3) -> DVec3 {
    DVec3::new(2.0 * head.midline_mm() - point.x, point.y, point.z)
}

/// Gives each side of the line its own points, without changing its shape.
fn break_symmetry(hairline: &mut Hairline, head: &Head) {
    if hairline.mirrored {
        hairline.points = hairline.all_points(head);
        hairline.mirrored = false;
    }
}

/// Moves the point `index` of all points; neighbours follow, less with increasing distance along the line.
fn move_point(hairline: &mut Hairline, head: &Head, index: usize, to: DVec3, hold: Hold) {
    if hold.one_side {
        break_symmetry(hairline, head);
    }
    let (own, other_side) = if hairline.mirrored { control(hairline, index) } else { (index, false) };
    let Some(from) = hairline.points.get(own).map(|&p| head.cranium.below(DVec3::from(p)).position) else { return };
    let mut to = if other_side { mirror(head, to) } else { to };
    if hairline.mirrored && own == 0 {
        to = on_midline(head, to);
    }
    let places = distances_along(&hairline.points);
    for (index, point) in hairline.points.iter_mut().enumerate() {
        let share = following((places[index] - places[own]).abs(), hold.reach_mm);
        let moved = DVec3::from(*point) + share * (to - from);
        *point = match (index == own, index == 0 && hairline.mirrored) {
            (true, _) => to,
            (false, _) if share == 0.0 => continue,
            (false, true) => on_midline(head, moved),
            (false, false) => head.cranium.below(moved).position,
        }
        .to_array();
    }
}

/// Distance along the line of each control point from the first, mm.
fn distances_along(points: &[SkinPoint]) -> Vec<f64> {
    let mut along = 0.0;
    let steps = points.windows(2).map(|w| {
        along += DVec3::from(w[0]).distance(DVec3::from(w[1]));
        along
    });
    std::iter::once(0.0).chain(steps).collect()
}

/// Share of a movement that a point at this distance follows: 1 at distance zero, 0 from the reach on, smooth at both
/// ends.
fn following(distance_mm: f64, reach_mm: f64) -> f64 {
    if distance_mm >= reach_mm { 0.0 } else { 0.5 + 0.5 * libm::cos(std::f64::consts::PI * distance_mm / reach_mm) }
}

/// Where a point is, and how far it has been moved, in mm along the skin.
fn measured(case: &OpenCase, head: &Head, index: usize, count: usize, here: DVec3) -> String {
    let tape = |from: DVec3| head.tape(Part::Cranium, from, here).length_mm;
    let height_mm = tape(head.glabella().position);
    let from = if index == count / 2 { "above" } else { "from" };
    let scale = case.facts.scale.get(case.view).and_then(Option::as_ref);
    let error = scale.map_or_else(String::new, |scale| format!(" ± {:.0}", scale.error * height_mm));
    let before = case.kept_plan().filter(|_| case.drafting()).map(|plan| plan.hairline.all_points(head));
    let moved = before.filter(|points| points.len() == count).map(|points| tape(DVec3::from(points[index])));
    let moved = moved.map_or_else(String::new, |mm| format!(", moved {mm:.1} mm"));
    format!("{height_mm:.1} mm{error} {from} the glabella{moved}")
}

fn remove_point(hairline: &mut Hairline, index: usize) {
    let own = if hairline.mirrored { control(hairline, index).0 } else { index };
    // The middle of a mirrored line stays: the halves depend on it.
    if hairline.points.len() > FEWEST && own < hairline.points.len() && !(hairline.mirrored && own == 0) {
        hairline.points.remove(own);
    }
}

fn insert_point(hairline: &mut Hairline, head: &Head, at: DVec3) {
    let at = if hairline.mirrored && at.x < head.midline_mm() { mirror(head, at) } else { at };
    insert(&mut hairline.points, at, false);
}

/// Mirrors a line whose sides differ: each side becomes the mean of both.
fn make_symmetric(hairline: &mut Hairline, head: &Head) {
    if hairline.mirrored {
        return;
    }
    let midline = head.midline_mm();
    let line: Vec<DVec3> = hairline.line(head).iter().map(|p| p.position).collect();
    let Some(middle) =
        (0..line.len()).min_by(|&a, &b| (line[a].x - midline).abs().total_cmp(&(line[b].x - midline).abs()))
    else {
        return;
    };
    let left = &line[middle..];
    let right: Vec<DVec3> = line[..=middle].iter().rev().map(|&p| mirror(head, p)).collect();
    // The left side's points keep their places along the line; the right side is sampled at the same share of its
    // length.
    let share_of = |index: usize| index as f64 / (left.len() - 1).max(1) as f64;
    let at_share = |share: f64| right[(share * (right.len() - 1) as f64).round() as usize];
    let mean = |index: usize| head.cranium.below(left[index].lerp(at_share(share_of(index)), 0.5)).position;
    let path: Vec<DVec3> = (0..left.len()).map(mean).collect();
    let mut half = curve::controls(&path, TOLERANCE_MM, MOST_OF_HALF, false);
    first_on_midline(&mut half, head);
    if half.len() >= FEWEST {
        hairline.points = half.into_iter().map(|p| p.to_array()).collect();
        hairline.mirrored = true;
    }
}

/// The skin on the midline at the height and depth of a place.
fn on_midline(head: &Head, place: DVec3) -> DVec3 {
    head.cranium.below(DVec3::new(head.midline_mm(), place.y, place.z)).position
}

/// Puts the first point of a half on the midline.
fn first_on_midline(half: &mut [DVec3], head: &Head) {
    if let Some(first) = half.first_mut() {
        *first = on_midline(head, *first);
    }
}

/// Makes the line follow a hand-drawn path, and leaves it unchanged beyond both ends of the path. A mirrored line
/// follows the side of which more was drawn.
fn sketch(hairline: &mut Hairline, head: &Head, path: &[DVec3]) {
    let midline = head.midline_mm();
    let mut path = path.to_vec();
    if hairline.mirrored {
        let length = |side: f64| -> f64 {
            let on_side = |p: DVec3| (p.x - midline) * side >= 0.0;
            path.windows(2).filter(|w| on_side(w[0]) && on_side(w[1])).map(|w| w[0].distance(w[1])).sum()
        };
        if length(-1.0) > length(1.0) {
            path.iter_mut().for_each(|p| *p = mirror(head, *p));
        }
        path.retain(|p| p.x >= midline);
    }
    if path.first().zip(path.last()).is_some_and(|(first, last)| first.x > last.x) {
        path.reverse();
    }
    let reaches_middle = hairline.mirrored && path.first().is_some_and(|p| p.x - midline < AT_MIDLINE_MM);
    if path.len() < 2 {
        return;
    }
    let mut drawn = curve::controls(
        &path,
        TOLERANCE_MM,
        if hairline.mirrored { MOST_OF_HALF } else { 2 * MOST_OF_HALF - 1 },
        false,
    );
    if reaches_middle {
        first_on_midline(&mut drawn, head);
    }
    let points = spliced(hairline, head, &drawn, reaches_middle);
    if points.len() >= FEWEST {
        hairline.points = points;
    }
}

/// The line's points, with those between the ends of `drawn` replaced by it.
fn spliced(hairline: &Hairline, head: &Head, drawn: &[DVec3], from_start: bool) -> Vec<SkinPoint> {
    // Points of the old line this close to an end of the drawing would make a kink.
    const APART_MM: f64 = 12.0;
    let line = curve::through(&head.cranium, &hairline.points, false);
    let nearest = |place: DVec3| {
        let distance = |i: &usize| line[*i].position.distance_squared(place);
        (0..line.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
    };
    let (Some(&first), Some(&last)) = (drawn.first(), drawn.last()) else { return hairline.points.clone() };
    let (begin, end) = (nearest(first), nearest(last));
    let (begin, end) = (begin.min(end), begin.max(end));
    let far = |p: &DVec3| p.distance(first) > APART_MM && p.distance(last) > APART_MM;
    let old = |keep: &dyn Fn(usize) -> bool| -> Vec<SkinPoint> {
        let places = hairline.points.iter().map(|&p| head.cranium.below(DVec3::from(p)).position);
        places.filter(|&p| keep(nearest(p)) && far(&p)).map(|p| p.to_array()).collect()
    };
    let before = if from_start { Vec::new() } else { old(&|at| at < begin) };
    let after = old(&|at| at > end);
    let drawn = drawn.iter().map(|p| head.cranium.below(*p).position.to_array()).collect();
    [before, drawn, after].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::hairline::Preset;

    const ALONE: Hold = Hold { one_side: false, reach_mm: 0.0 };

    #[test]
    fn neighbours_follow_smoothly_and_the_far_ones_stay() {
        let head = Head::average();
        let start = Preset::Soft.hairline(&head);
        let to = head.above_glabella(start.height_mm(&head) + 8.0).position;
        let middle = start.all_points(&head).len() / 2;
        for mirrored in [true, false] {
            let mut line = start.clone();
            if !mirrored {
                break_symmetry(&mut line, &head);
            }
            let before = line.all_points(&head);
            move_point(&mut line, &head, middle, to, Hold { one_side: false, reach_mm: REACH_MM });
            let after = line.all_points(&head);
            let moved: Vec<f64> =
                before.iter().zip(&after).map(|(a, b)| DVec3::from(*a).distance(DVec3::from(*b))).collect();
            assert!(DVec3::from(after[middle]).distance(to) < 1e-9);
            for side in [moved[..=middle].iter().rev().collect::<Vec<_>>(), moved[middle..].iter().collect()] {
                assert!(side.windows(2).all(|w| w[1] <= w[0]), "{side:?}");
                assert!(*side[1] > 5.0 && *side[side.len() - 1] == 0.0, "{side:?}");
            }
            assert!((line.height_mm(&head) - start.height_mm(&head) - 8.0).abs() < 0.1);
        }
    }

    #[test]
    fn both_sides_move_together_until_asked_otherwise() {
        let head = Head::average();
        let start = Preset::Soft.hairline(&head);
        let count = start.all_points(&head).len();
        let middle = count / 2;
        let target = head.cranium.below(DVec3::from(start.points[2]) + DVec3::new(3.0, 6.0, 0.0)).position;

        let mut line = start.clone();
        move_point(&mut line, &head, middle + 2, target, ALONE);
        let all = line.all_points(&head);
        assert!(DVec3::from(all[middle + 2]).distance(target) < 1e-9);
        assert!(DVec3::from(all[middle - 2]).distance(mirror(&head, target)) < 1e-9);

        let mut other = start.clone();
        move_point(&mut other, &head, middle - 2, mirror(&head, target), ALONE);
        assert_eq!(other, line, "the right handle does what the left one does");

        let mut lone = start.clone();
        move_point(&mut lone, &head, middle + 2, target, Hold { one_side: true, ..ALONE });
        assert!(!lone.mirrored && lone.points.len() == count);
        assert_eq!(lone.points[middle - 2], start.all_points(&head)[middle - 2]);
    }

    #[test]
    fn the_middle_stays_on_the_midline() {
        let head = Head::average();
        let mut line = Preset::Soft.hairline(&head);
        let middle = line.all_points(&head).len() / 2;
        let aside = head.cranium.below(DVec3::from(line.points[0]) + DVec3::new(9.0, 5.0, 0.0)).position;
        move_point(&mut line, &head, middle, aside, ALONE);
        assert!((line.points[0][0] - head.midline_mm()).abs() < 1e-9);
    }

    #[test]
    fn an_added_point_changes_the_shape_little_and_can_be_removed() {
        let head = Head::average();
        let start = Preset::Soft.hairline(&head);
        let before = start.line(&head);
        let on_line = before[before.len() * 5 / 8].position;
        let mut line = start.clone();
        insert_point(&mut line, &head, on_line);
        assert_eq!(line.points.len(), start.points.len() + 1);
        let after = line.line(&head);
        let worst = after
            .iter()
            .map(|p| before.iter().map(|q| q.position.distance(p.position)).fold(f64::INFINITY, f64::min))
            .fold(0.0, f64::max);
        assert!(worst < 2.5, "{worst}");
        let added = line.points.iter().position(|p| !start.points.contains(p)).unwrap();
        let index = line.all_points(&head).len() / 2 + added;
        remove_point(&mut line, index);
        assert_eq!(line, start);
    }

    fn worst_gap(from: &[DVec3], to: &Hairline, head: &Head) -> f64 {
        let line = to.line(head);
        let gap = |p: &DVec3| line.iter().map(|q| q.position.distance(*p)).fold(f64::INFINITY, f64::min);
        from.iter().map(gap).fold(0.0, f64::max)
    }

    #[test]
    fn a_sketched_half_becomes_the_line_on_both_sides() {
        let head = Head::average();
        // The right half of another line, drawn from the temple to the middle.
        let other = Preset::Mature.hairline(&head).line(&head);
        let path: Vec<DVec3> =
            other[..=other.len() / 2].iter().map(|p| p.position).filter(|p| p.x < head.midline_mm()).collect();
        let mut line = Preset::Rounded.hairline(&head);
        sketch(&mut line, &head, &path);
        assert!(line.mirrored && (3..=11).contains(&line.points.len()), "{}", line.points.len());
        assert!((line.points[0][0] - head.midline_mm()).abs() < 1e-9);
        let mirrored: Vec<DVec3> = path.iter().map(|&p| mirror(&head, p)).collect();
        for side in [&path, &mirrored] {
            assert!(worst_gap(side, &line, &head) < 2.5, "{}", worst_gap(side, &line, &head));
        }
    }

    #[test]
    fn a_sketch_of_a_part_leaves_the_rest() {
        let head = Head::average();
        let start = Preset::Soft.hairline(&head);
        let before: Vec<DVec3> = start.line(&head).iter().map(|p| p.position).collect();
        // Over the left temple, 6 mm higher.
        let part = &before[before.len() * 11 / 20..before.len() * 14 / 20];
        let raised: Vec<DVec3> =
            part.iter().map(|p| head.cranium.below(*p + DVec3::new(0.0, 6.0, 0.0)).position).collect();
        let mut line = start.clone();
        sketch(&mut line, &head, &raised);
        assert!(worst_gap(&raised, &line, &head) < 2.0);
        assert_eq!(line.points[0], head.cranium.below(DVec3::from(start.points[0])).position.to_array());
        let sideburn = before.last().unwrap();
        assert!(worst_gap(&[*sideburn], &line, &head) < 1e-6);
    }

    #[test]
    fn sides_that_differ_meet_in_their_mean() {
        let head = Head::average();
        let start = Preset::Soft.hairline(&head);
        let count = start.all_points(&head).len();
        let mut line = start.clone();
        let lifted = |by: f64| head.cranium.below(DVec3::from(start.points[2]) + DVec3::new(0.0, by, 0.0)).position;
        move_point(&mut line, &head, count / 2 + 2, lifted(6.0), Hold { one_side: true, reach_mm: 0.0 });
        make_symmetric(&mut line, &head);
        assert!(line.mirrored);
        let (high, low) = (lifted(4.5), lifted(1.5));
        let near = line
            .line(&head)
            .iter()
            .map(|p| p.position)
            .min_by(|a, b| (a.x - high.x).abs().total_cmp(&(b.x - high.x).abs()));
        let near = near.unwrap();
        assert!(near.y < high.y && near.y > low.y, "{} between {} and {}", near.y, low.y, high.y);
    }
}
