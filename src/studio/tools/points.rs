//! Lines through a few points on the skin: drawn by clicks or by hand, then moved, added to and removed from.
//!
//! Hairline, areas and masks share this: a [`Pen`] makes a new line, [`Handles`] change an existing one.

use egui::{Align2, Key, PointerButton, Pos2, Rect, Stroke, vec2};
use glam::DVec3;

use crate::head::camera::Camera;
use crate::head::surface::{Surface, SurfacePoint};
use crate::head::{Head, Part};
use crate::plan::{SkinPoint, curve};
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::{LINE, Overlay, REACH, UNDER_LINE, nearest_on};

/// Corners of a hand-drawn line that deviate by less than this are dropped, mm.
const TOLERANCE_MM: f64 = 1.5;
/// Most points that a hand-drawn line keeps.
const MOST: usize = 48;
/// A shorter hand-drawn line was a slip, mm.
const SHORTEST_MM: f64 = 8.0;
/// Height of a note above its handle, points.
const NOTE_ABOVE: f32 = 24.0;

/// The ways of drawing that a pen allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ways {
    /// Each click is a point.
    pub clicks: bool,
    /// Dragging draws.
    pub drags: bool,
    /// The line ends where it began.
    pub closed: bool,
}

/// The result of a pen.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawn {
    /// Points that were clicked: control points.
    Points(Part, Vec<SkinPoint>),
    /// A path drawn by hand.
    Path(Part, Vec<DVec3>),
}

impl Drawn {
    /// The part of the head, and the control points of the line.
    #[must_use]
    pub fn controls(self, closed: bool) -> (Part, Vec<SkinPoint>) {
        match self {
            Self::Points(part, points) => (part, points),
            Self::Path(part, path) => {
                let controls = curve::controls(&path, TOLERANCE_MM, MOST, closed);
                (part, controls.into_iter().map(|p| p.to_array()).collect())
            }
        }
    }
}

/// Draws a new line.
#[derive(Debug, Default)]
pub enum Pen {
    /// No line has been started.
    #[default]
    Up,
    /// Each click adds a point.
    Clicking(Begun),
    /// The line follows the pointer while the button is held; it has no points until it meets the skin.
    Dragging(Begun),
}

/// A line that is started but not finished.
#[derive(Debug, Default)]
pub struct Begun {
    part: Part,
    points: Vec<DVec3>,
}

impl Begun {
    /// Adds a point, unless it lies on a different part of the head from the line, or closer than this to its end.
    fn add(&mut self, (part, skin): (Part, SurfacePoint), apart_mm: f64) {
        if self.points.is_empty() {
            self.part = part;
        }
        let far = self.points.last().is_none_or(|last| last.distance(skin.position) >= apart_mm);
        if part == self.part && far {
            self.points.push(skin.position);
        }
    }

    /// The points that were clicked.
    fn clicked(self) -> Drawn {
        Drawn::Points(self.part, self.points.into_iter().map(|p| p.to_array()).collect())
    }
}

impl Pen {
    /// True while a line is started but not finished.
    #[must_use]
    pub fn is_drawing(&self) -> bool {
        !self.points().is_empty()
    }

    fn points(&self) -> &[DVec3] {
        match self {
            Self::Up => &[],
            Self::Clicking(line) | Self::Dragging(line) => &line.points,
        }
    }

    /// Discards the line.
    pub fn put_down(&mut self) {
        *self = Self::default();
    }

    /// Follows the pointer and shows the line so far; returns it once it is finished.
    pub fn follow(&mut self, overlay: &mut Overlay, head: &Head, camera: &Camera, ways: Ways) -> Option<Drawn> {
        let finished = self.input(overlay, head, camera, ways);
        if finished.is_some() {
            self.put_down();
        }
        self.show(overlay, head, camera, ways.closed);
        finished
    }

    fn input(&mut self, overlay: &mut Overlay, head: &Head, camera: &Camera, ways: Ways) -> Option<Drawn> {
        let (escape, enter, origin, space) = overlay.ui.input(|i| {
            let enter = i.key_pressed(Key::Enter);
            (i.key_pressed(Key::Escape), enter, i.pointer.press_origin(), i.key_down(Key::Space))
        });
        match self {
            Self::Dragging(_) if escape => self.put_down(),
            Self::Clicking(line) if escape => {
                line.points.pop();
            }
            _ => {}
        }
        let response = overlay.response.clone();
        let at = response.interact_pointer_pos();
        if response.drag_started_by(PointerButton::Primary) && ways.drags && !space && !self.is_drawing() {
            let mut line = Begun::default();
            if let Some(skin) = origin.and_then(|origin| overlay.skin(head, camera, origin)) {
                line.add(skin, 0.0);
            }
            *self = Self::Dragging(line);
        }
        if let Self::Dragging(line) = self {
            if let Some(skin) = at.and_then(|at| overlay.skin(head, camera, at)) {
                line.add(skin, curve::SPACING_MM);
            }
            if !response.dragged_by(PointerButton::Primary) {
                let Begun { part, points: path } = std::mem::take(line);
                self.put_down();
                let length: f64 = path.windows(2).map(|w| w[0].distance(w[1])).sum();
                return (length > SHORTEST_MM).then_some(Drawn::Path(part, path));
            }
            return None;
        }
        let fewest = if ways.closed { 3 } else { 2 };
        let is_long_enough = self.points().len() >= fewest;
        let ends = self.is_drawing() && (enter || response.double_clicked_by(PointerButton::Primary));
        if ends {
            return is_long_enough.then(|| self.finished());
        }
        // Once a line has been started, a click during which the pointer slipped still counts as a click.
        let slipped = self.is_drawing() && response.drag_stopped_by(PointerButton::Primary) && !space;
        if ways.clicks && (response.clicked_by(PointerButton::Primary) || slipped) {
            let at = at?;
            let on_first = ways.closed && self.first_on_screen(overlay, camera).is_some_and(|f| f.distance(at) < REACH);
            if on_first && is_long_enough {
                return Some(self.finished());
            }
            if let Some(skin) = overlay.skin(head, camera, at) {
                if !self.is_drawing() {
                    *self = Self::Clicking(Begun::default());
                }
                if let Self::Clicking(line) = self {
                    line.add(skin, 0.5);
                }
            }
        }
        None
    }

    /// Puts the pen down and returns the clicked points.
    fn finished(&mut self) -> Drawn {
        let line = match std::mem::take(self) {
            Self::Up => Begun::default(),
            Self::Clicking(line) | Self::Dragging(line) => line,
        };
        line.clicked()
    }

    fn first_on_screen(&self, overlay: &Overlay, camera: &Camera) -> Option<Pos2> {
        self.points().first().and_then(|&p| overlay.viewport.screen_from_head(camera, p))
    }

    fn show(&self, overlay: &Overlay, head: &Head, camera: &Camera, closed: bool) {
        match self {
            Self::Dragging(line) if self.is_drawing() => {
                let surface = head.surface(line.part);
                let path: Vec<SurfacePoint> = line.points.iter().map(|&p| surface.below(p)).collect();
                overlay.line(head, camera, &path, 2.0);
            }
            Self::Clicking(line) if self.is_drawing() => {
                let mut points: Vec<SkinPoint> = line.points.iter().map(|p| p.to_array()).collect();
                let hovered = overlay.response.hover_pos().and_then(|at| overlay.skin(head, camera, at));
                points.extend(hovered.filter(|(part, _)| *part == line.part).map(|(_, skin)| skin.position.to_array()));
                let surface = head.surface(line.part);
                overlay.line(head, camera, &closed_line(surface, &points, closed && points.len() > 2), 1.5);
                for (index, &point) in line.points.iter().enumerate() {
                    let Some(at) = overlay.viewport.screen_from_head(camera, point) else { continue };
                    let radius = if index == 0 && closed && line.points.len() > 2 { 6.0 } else { 3.5 };
                    overlay.painter.circle(at, radius, LINE, Stroke::new(1.5, UNDER_LINE));
                }
            }
            _ => {}
        }
    }
}

/// The smooth line through points; a closed one ends at its first point.
#[must_use]
pub fn closed_line(surface: &Surface, points: &[SkinPoint], closed: bool) -> Vec<SurfacePoint> {
    let mut line = curve::through(surface, points, closed);
    if closed {
        line.extend(line.first().copied());
    }
    line
}

/// An edit of a list of points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edit {
    /// Moves the point of this index here, mm.
    Move(usize, DVec3),
    /// Removes the point with this index.
    Remove(usize),
    /// Inserts a point here, mm, on the line.
    Insert(DVec3),
}

/// A list of points that can be edited.
pub struct Handles<'a> {
    /// Distinguishes these handles from others.
    pub salt: &'a str,
    /// The surface that they lie on.
    pub part: Part,
    /// The points.
    pub points: &'a [SkinPoint],
    /// The line through them; if empty, points cannot be added to it.
    pub line: &'a [SurfacePoint],
    /// The name of a handle.
    pub label: &'a dyn Fn(usize) -> String,
    /// The text above a handle that is held, if any.
    pub note: Option<&'a Note<'a>>,
}

/// The text for the handle with this index.
pub type Note<'a> = dyn Fn(&OpenCase, usize) -> String + 'a;

impl Handles<'_> {
    /// Shows the handles and returns the edit made with them.
    pub fn show(&self, overlay: &mut Overlay, head: &Head, camera: &Camera) -> Option<Edit> {
        let surface = head.surface(self.part);
        let (mut asked, mut note) = (None, None);
        let mut taken: Vec<Rect> = Vec::new();
        for (index, &point) in self.points.iter().enumerate() {
            let skin = surface.below(DVec3::from(point));
            let at = overlay.viewport.screen_from_head(camera, skin.position).filter(|_| head.visible(camera, &skin));
            let Some(at) = at else { continue };
            taken.push(Overlay::mark(at));
            let handle = overlay.handle((self.salt, index), &(self.label)(index), at);
            let held = handle.hovered() || handle.dragged() || handle.has_focus();
            note = self.note.filter(|_| held).map(|note| (at, note(overlay.case, index))).or(note);
            let mm_per_point = overlay.mm_per_point(camera, skin.position);
            if let Some(to) = overlay.moved(&handle, at, mm_per_point)
                && let Some((part, skin)) = overlay.skin(head, camera, to)
                && part == self.part
            {
                asked = Some(Edit::Move(index, skin.position));
            }
            if overlay.deleted(&handle) || handle.secondary_clicked() {
                asked = Some(Edit::Remove(index));
            }
        }
        // Above the handles, where it covers none of them; below the pointer there is a tooltip.
        if let Some((at, note)) = note {
            let above = |times: f32| (vec2(0.0, -times * NOTE_ABOVE), Align2::CENTER_BOTTOM);
            let sides = [above(1.0), above(2.0), above(3.0), above(4.0)];
            if !overlay.caption_beside(at, &sides, &note, &mut taken) {
                overlay.caption(at + sides[0].0, sides[0].1, &note);
            }
        }
        asked.or_else(|| self.insertion(overlay, head, camera))
    }

    /// A double click on the line, or Insert with the pointer over it, inserts a point there.
    fn insertion(&self, overlay: &Overlay, head: &Head, camera: &Camera) -> Option<Edit> {
        let insert = overlay.ui.input(|i| i.key_pressed(Key::Insert));
        let at = overlay.response.hover_pos().filter(|_| overlay.response.double_clicked() || insert)?;
        let (part, skin) = overlay.skin(head, camera, at).filter(|_| self.is_on_line(overlay, head, camera, at))?;
        (part == self.part).then_some(Edit::Insert(skin.position))
    }

    /// True if a place on the screen is on the line.
    #[must_use]
    pub fn is_on_line(&self, overlay: &Overlay, head: &Head, camera: &Camera, at: Pos2) -> bool {
        let near = |run: &Vec<Pos2>| nearest_on(run, at).is_some_and(|(distance, _)| distance < REACH);
        overlay.visible_runs(head, camera, self.line).iter().any(near)
    }
}

/// Makes the edit, unless fewer than `fewest` points would be left.
pub fn apply(points: &mut Vec<SkinPoint>, edit: Edit, closed: bool, fewest: usize) {
    match edit {
        Edit::Move(index, to) => {
            if let Some(point) = points.get_mut(index) {
                *point = to.to_array();
            }
        }
        Edit::Remove(index) => {
            if points.len() > fewest && index < points.len() {
                points.remove(index);
            }
        }
        Edit::Insert(at) => insert(points, at, closed),
    }
}

/// Inserts a point where it lengthens the line least.
pub fn insert(points: &mut Vec<SkinPoint>, at: DVec3, closed: bool) {
    let count = points.len();
    let spans = if closed { count } else { count.saturating_sub(1) };
    let detour = |span: usize| {
        let (a, b) = (DVec3::from(points[span]), DVec3::from(points[(span + 1) % count]));
        a.distance(at) + at.distance(b) - a.distance(b)
    };
    let place = (0..spans).min_by(|&a, &b| detour(a).total_cmp(&detour(b)));
    if let Some(span) = place {
        points.insert(span + 1, at.to_array());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_goes_into_the_span_it_lies_on_also_the_last_of_a_closed_line() {
        let square = [[10.0, 80.0, 10.0], [-10.0, 80.0, 10.0], [-10.0, 80.0, -10.0], [10.0, 80.0, -10.0]];
        let last = DVec3::new(10.5, 80.0, 0.0);
        let mut closed = square.to_vec();
        insert(&mut closed, last, true);
        assert_eq!(closed[4], last.to_array());
        let mut within = square.to_vec();
        insert(&mut within, DVec3::new(0.0, 80.0, 10.0), true);
        assert_eq!(within[1], [0.0, 80.0, 10.0]);
    }

    #[test]
    fn an_outline_keeps_the_points_it_needs() {
        let mut points = vec![[0.0, 80.0, 10.0], [10.0, 80.0, 0.0], [-10.0, 80.0, 0.0]];
        apply(&mut points, Edit::Remove(1), true, 3);
        assert_eq!(points.len(), 3);
        apply(&mut points, Edit::Remove(1), true, 2);
        assert_eq!(points.len(), 2);
        apply(&mut points, Edit::Move(9, DVec3::ONE), true, 2);
        assert_eq!(points.len(), 2);
    }
}
