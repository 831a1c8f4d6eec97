//! The hairline tool: points that can be dragged, added and removed; both sides move together unless Alt is held.

use egui::{Key, Pos2};
use glam::DVec3;

use super::{Easel, REACH, nearest_on};
use crate::head::Head;
use crate::plan::hairline::Hairline;

/// What the status bar says.
pub const HINT: &str = "Drag points; double-click the line to add one; Delete removes one; Alt moves one side only";

/// Fewest control points of a line.
const FEWEST: usize = 3;

/// The hairline tool.
#[derive(Debug, Default)]
pub struct HairlineTool {}

impl HairlineTool {
    /// Draws the hairline with its handles and follows them.
    pub fn show(&mut self, easel: &mut Easel) {
        let Some((fit, camera)) = easel.seen() else { return };
        let Some(hairline) = easel.desk.plan().map(|p| p.hairline.clone()) else { return };
        let head = fit.head();
        let line = hairline.line(head);
        easel.line(head, &camera, &line, 1.5);
        let points = hairline.all_points(head);
        for (index, point) in points.iter().enumerate() {
            let skin = head.cranium.below(DVec3::from(*point));
            if !head.visible(&camera, &skin) {
                continue;
            }
            let Some(at) = easel.frame.screen_from_head(&camera, skin.position) else { continue };
            let handle = easel.handle(("hairline", index), &label(&hairline, index, points.len()), at);
            let mm_per_point = easel.mm_per_point(&camera, skin.position);
            if let Some(to) = easel.moved(&handle, at, mm_per_point)
                && let Some((crate::head::Part::Cranium, skin)) = easel.skin(head, &camera, to)
            {
                let one_side = easel.ui.input(|i| i.modifiers.alt);
                let target = skin.position;
                easel.desk.draft_plan("Move hairline point", |plan| {
                    move_point(&mut plan.hairline, head, index, target, one_side);
                });
            }
            if (easel.deleted(&handle) || handle.secondary_clicked()) && hairline.points.len() > FEWEST {
                easel.desk.draft_plan("Remove hairline point", |plan| remove_point(&mut plan.hairline, head, index));
            }
        }
        self.add_point(easel, &hairline, head, &camera);
    }

    /// A double click on the line, or Insert with the pointer over it, makes a new point there.
    fn add_point(&self, easel: &mut Easel, hairline: &Hairline, head: &Head, camera: &crate::head::camera::Camera) {
        let asked = easel.response.double_clicked() || easel.ui.input(|i| i.key_pressed(Key::Insert));
        let Some(at) = easel.response.hover_pos().filter(|_| asked) else { return };
        let near_line = |run: &Vec<Pos2>| nearest_on(run, at).is_some_and(|(distance, _)| distance < REACH);
        if !easel.visible_runs(head, camera, &hairline.line(head)).iter().any(near_line) {
            return;
        }
        if let Some((crate::head::Part::Cranium, skin)) = easel.skin(head, camera, at) {
            easel.desk.draft_plan("Add hairline point", |plan| insert_point(&mut plan.hairline, head, skin.position));
        }
    }
}

/// What a handle is called. Right and left are the client's.
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

/// The same line with points of its own on both sides.
fn break_symmetry(hairline: &mut Hairline, head: &Head) {
    if hairline.mirrored {
        hairline.points = hairline.all_points(head);
        hairline.mirrored = false;
    }
}

/// Moves the point `index` of all points.
fn move_point(hairline: &mut Hairline, head: &Head, index: usize, to: DVec3, one_side: bool) {
    if one_side {
        break_symmetry(hairline, head);
    }
    if !hairline.mirrored {
        if let Some(point) = hairline.points.get_mut(index) {
            *point = to.to_array();
        }
        return;
    }
    let (own, other_side) = control(hairline, index);
    let mut to = if other_side { mirror(head, to) } else { to };
    if own == 0 {
        to.x = head.midline_mm();
        to = head.cranium.below(to).position;
    }
    if let Some(point) = hairline.points.get_mut(own) {
        *point = to.to_array();
    }
}

fn remove_point(hairline: &mut Hairline, head: &Head, index: usize) {
    let own = if hairline.mirrored { control(hairline, index).0 } else { index };
    // The middle of a mirrored line stays: the halves hang on it.
    if hairline.points.len() > FEWEST && own < hairline.points.len() && !(hairline.mirrored && own == 0) {
        let _ = head;
        hairline.points.remove(own);
    }
}

/// Puts a point where it makes the line longer by the least.
fn insert_point(hairline: &mut Hairline, head: &Head, at: DVec3) {
    let at = if hairline.mirrored && at.x < head.midline_mm() { mirror(head, at) } else { at };
    let detour = |pair: &[[f64; 3]]| {
        let (a, b) = (DVec3::from(pair[0]), DVec3::from(pair[1]));
        a.distance(at) + at.distance(b) - a.distance(b)
    };
    let place = hairline.points.windows(2).map(detour).enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((before, _)) = place {
        hairline.points.insert(before + 1, at.to_array());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::hairline::Preset;

    #[test]
    fn both_sides_move_together_until_asked_otherwise() {
        let head = Head::average();
        let start = Preset::Soft.hairline(&head);
        let count = start.all_points(&head).len();
        let middle = count / 2;
        let target = head.cranium.below(DVec3::from(start.points[2]) + DVec3::new(3.0, 6.0, 0.0)).position;

        let mut line = start.clone();
        move_point(&mut line, &head, middle + 2, target, false);
        let all = line.all_points(&head);
        assert!(DVec3::from(all[middle + 2]).distance(target) < 1e-9);
        assert!(DVec3::from(all[middle - 2]).distance(mirror(&head, target)) < 1e-9);

        let mut other = start.clone();
        move_point(&mut other, &head, middle - 2, mirror(&head, target), false);
        assert_eq!(other, line, "the right handle does what the left one does");

        let mut lone = start.clone();
        move_point(&mut lone, &head, middle + 2, target, true);
        assert!(!lone.mirrored && lone.points.len() == count);
        assert_eq!(lone.points[middle - 2], start.all_points(&head)[middle - 2]);
    }

    #[test]
    fn the_middle_stays_on_the_midline() {
        let head = Head::average();
        let mut line = Preset::Soft.hairline(&head);
        let middle = line.all_points(&head).len() / 2;
        let aside = head.cranium.below(DVec3::from(line.points[0]) + DVec3::new(9.0, 5.0, 0.0)).position;
        move_point(&mut line, &head, middle, aside, false);
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
        remove_point(&mut line, &head, index);
        assert_eq!(line, start);
    }
}
