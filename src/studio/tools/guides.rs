//! Guide lines over the photo, each with its own switch. They lie on the skin, in millimetres along it, so they follow
//! the head into every photo.
//!
//! They are recomputed when the head, the view or a switch changes, not for each frame.

use std::sync::Arc;

use egui::{Align2, Color32, Pos2, Rect, Shape, Stroke, Ui, Vec2};
use glam::{DVec2, DVec3};

use crate::case::head_fit::HeadFit;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::landmarks::Landmark;
use crate::head::path::walk;
use crate::head::surface::{Surface, SurfacePoint};
use crate::plan::hairline::Hairline;
use crate::studio::controls::fields::Number;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::settings::{CREASE_MM, GuideSwitches};
use crate::studio::view::overlay::Overlay;

/// Heights above the glabella by which hairlines are placed, mm (Garg 2017: 70 forward, 80 the mean, 100 conservative).
const HEIGHTS_MM: [f64; 3] = [70.0, 80.0, 100.0];
/// A mature hairline lies this far above the highest brow-raise crease, mm.
const MATURE_MM: [f64; 2] = [15.0, 20.0];
/// How far up the midline the crease can be placed, mm.
const HIGHEST_MM: f64 = 120.0;
/// How far lines across the forehead reach to either side, mm, and in how many steps.
const HALF_WIDTH_MM: f64 = 52.0;
const STEPS_ACROSS: i32 = 13;
/// Steps of a line over the whole head.
const STEPS_OVER: i32 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    Solid,
    Dashed,
}

/// A guide in the photo on the canvas, px of the photo.
struct Line {
    runs: Vec<Vec<DVec2>>,
    pattern: Pattern,
    label: Option<String>,
    /// Which end the label is at: neighbours have their labels at different ends.
    label_on_left: bool,
}

/// Everything that depends on head, view and switches.
struct Drawn {
    fit: Arc<HeadFit>,
    view: usize,
    switches: GuideSwitches,
    lines: Vec<Line>,
    /// The midline of the forehead from the glabella up: the height of each point, mm, and its place, px.
    forehead: Vec<(f64, DVec2)>,
}

/// The mirrored hairline.
struct MirroredLine {
    fit: Arc<HeadFit>,
    view: usize,
    hairline: Hairline,
    line: Line,
}

/// The guides.
#[derive(Default)]
pub struct Guides {
    /// Which guides are shown.
    pub switches: GuideSwitches,
    drawn: Option<Drawn>,
    mirrored: Option<MirroredLine>,
}

const COLOUR: Color32 = Color32::from_rgb(120, 220, 255);
const UNDER: Color32 = Color32::from_black_alpha(120);

impl Guides {
    /// Draws the guides over the photo.
    pub fn show(&mut self, overlay: &mut Overlay) {
        if !self.switches.shown {
            return;
        }
        let Some((fit, camera)) = overlay.seen() else { return };
        let view = overlay.case.view;
        let switches = self.switches;
        let known = |d: &Drawn| d.view == view && d.switches == switches && Arc::ptr_eq(&d.fit, &fit);
        if !self.drawn.as_ref().is_some_and(known) {
            self.drawn = Some(Drawn::new(&fit, view, &camera, switches));
        }
        // The places of labels, so that none overlaps another.
        let mut taken = Vec::new();
        if let Some(drawn) = &self.drawn {
            for line in &drawn.lines {
                draw(overlay, line, &mut taken);
            }
        }
        self.show_mirrored(overlay, &fit, &camera, &mut taken);
        if switches.crease {
            self.move_crease(overlay);
        }
    }

    fn show_mirrored(&mut self, overlay: &Overlay, fit: &Arc<HeadFit>, camera: &Camera, taken: &mut Vec<Rect>) {
        let unlike = |p: &&crate::plan::Plan| !p.hairline.mirrored && self.switches.mirrored;
        let Some(hairline) = overlay.case.plan().filter(unlike).map(|p| &p.hairline) else { return };
        let view = overlay.case.view;
        let known = |g: &MirroredLine| g.view == view && g.hairline == *hairline && Arc::ptr_eq(&g.fit, fit);
        if !self.mirrored.as_ref().is_some_and(known) {
            let line = mirrored(fit.head(), hairline);
            let runs = runs(fit.head(), camera, &line);
            let line = Line { runs, pattern: Pattern::Dashed, label: Some("mirrored".to_owned()), label_on_left: true };
            self.mirrored = Some(MirroredLine { fit: Arc::clone(fit), view, hairline: hairline.clone(), line });
        }
        if let Some(mirrored) = &self.mirrored {
            draw(overlay, &mirrored.line, taken);
        }
    }

    /// Lets a handle on the midline move the crease up and down.
    fn move_crease(&mut self, overlay: &mut Overlay) {
        let Some(drawn) = &self.drawn else { return };
        let height = self.switches.crease_mm;
        let Some(pixel) = at_height(&drawn.forehead, height) else { return };
        let at = overlay.viewport.screen_from_photo(pixel);
        let label = format!("Brow-raise crease, {height:.0} mm above the glabella");
        let handle = overlay.handle("crease", &label, at);
        let mm_per_point = overlay.case.camera().map_or(1.0, |c| overlay.mm_per_point(c, DVec3::new(0.0, 0.0, 90.0)));
        if let Some(to) = overlay.moved(&handle, at, mm_per_point)
            && let Some(height_mm) = nearest_height(&drawn.forehead, overlay.viewport.photo_from_screen(to))
        {
            self.switches.crease_mm = height_mm;
        }
    }

    /// The switches.
    pub fn section(&mut self, ui: &mut Ui, case: &OpenCase) {
        let switches = &mut self.switches;
        ui.checkbox(&mut switches.shown, "Show guides").on_hover_text("All guides at once (G)");
        let symmetric = case.plan().is_none_or(|p| p.hairline.mirrored);
        ui.add_enabled_ui(switches.shown, |ui| {
            ui.checkbox(&mut switches.midline, "Midline").on_hover_text("The plane between right and left");
            ui.checkbox(&mut switches.thirds, "Facial thirds")
                .on_hover_text("Chin, base of the nose, brows, and where the hairline makes the thirds equal");
            ui.checkbox(&mut switches.eyes, "Eye verticals")
                .on_hover_text("Above the pupils, and above the outer corners of the eyes");
            ui.checkbox(&mut switches.heights, "70, 80, 100 mm")
                .on_hover_text("Above the brows, along the skin: forward, average and conservative hairlines");
            ui.checkbox(&mut switches.crease, "Brow-raise crease").on_hover_text(
                "The highest wrinkle when the brows are raised; a mature hairline lies 15 to 20 mm above it",
            );
            if switches.crease {
                let number = Number {
                    label: "Height",
                    tip: "Height of the crease above the point between the brows, along the skin",
                    unit: " mm",
                    range: 10.0..=100.0,
                    speed: 0.2,
                    decimals: 0,
                    default: CREASE_MM,
                    ..Number::default()
                };
                if let Some(value) = number.show(ui, switches.crease_mm) {
                    switches.crease_mm = value;
                }
            }
            ui.checkbox(&mut switches.outline, "Outline of the head").on_hover_text("The edge of the fitted head");
            let mirrored = ui.checkbox(&mut switches.mirrored, "Mirrored hairline");
            mirrored.on_hover_text(if symmetric {
                "Both sides of this hairline are the same; hold Alt while dragging a point to change one side"
            } else {
                "The hairline mirrored to the other side"
            });
        });
    }
}

impl Drawn {
    fn new(fit: &Arc<HeadFit>, view: usize, camera: &Camera, switches: GuideSwitches) -> Self {
        let head = fit.head();
        let error = fit.scale_at(view, head.glabella().position).map_or(0.0, |scale| scale.error);
        let mut lines = Vec::new();
        let mut labels = 0_usize;
        let mut add = |line: &[SurfacePoint], pattern, label: Option<String>| {
            labels += usize::from(label.is_some());
            let label_on_left = labels.is_multiple_of(2);
            lines.push(Line { runs: runs(head, camera, line), pattern, label, label_on_left });
        };
        let with_error = |mm: f64| format!("{mm:.0} mm ± {:.0}", (mm * error).max(1.0));
        if switches.midline {
            add(&midline(head), Pattern::Solid, None);
        }
        if switches.eyes {
            for landmark in [Landmark::PupilRight, Landmark::PupilLeft, Landmark::CanthusRight, Landmark::CanthusLeft] {
                let pupil = matches!(landmark, Landmark::PupilRight | Landmark::PupilLeft);
                add(&eye_vertical(head, landmark), if pupil { Pattern::Solid } else { Pattern::Dashed }, None);
            }
        }
        let forehead = walk(&head.cranium, head.glabella().position, DVec3::Y, HIGHEST_MM);
        if switches.thirds {
            for (line, label) in thirds(head) {
                add(&line, Pattern::Dashed, Some(label));
            }
        }
        if switches.heights || switches.crease {
            let mut heights: Vec<(f64, Pattern, String)> = Vec::new();
            if switches.heights {
                heights.extend(HEIGHTS_MM.map(|mm| (mm, Pattern::Solid, with_error(mm))));
            }
            if switches.crease {
                let crease = switches.crease_mm;
                heights.push((crease, Pattern::Solid, format!("crease {}", with_error(crease))));
                heights.extend(
                    MATURE_MM.map(|above| (crease + above, Pattern::Dashed, format!("crease + {above:.0} mm"))),
                );
            }
            for (height_mm, pattern, label) in heights {
                add(&across(head, height_mm), pattern, Some(label));
            }
        }
        if switches.outline {
            let outline = head.outline(camera);
            let seen = |p: DVec3| camera.image_from_head(p);
            let mut runs: Vec<Vec<DVec2>> =
                outline.scalp.iter().map(|run| run.iter().filter_map(|p| seen(p.position)).collect()).collect();
            runs.extend(outline.ears.iter().map(|run| run.iter().filter_map(|&p| seen(p)).collect::<Vec<_>>()));
            lines.push(Line { runs, pattern: Pattern::Solid, label: None, label_on_left: false });
        }
        let forehead = forehead
            .iter()
            .enumerate()
            .filter(|(_, point)| head.visible(camera, point))
            .filter_map(|(i, point)| {
                let height_mm = HIGHEST_MM * i as f64 / (forehead.len() - 1).max(1) as f64;
                Some((height_mm, camera.image_from_head(point.position)?))
            })
            .collect();
        Self { fit: Arc::clone(fit), view, switches, lines, forehead }
    }
}

/// A line on the skin in pixels of the photo, split where the camera does not see it.
fn runs(head: &Head, camera: &Camera, line: &[SurfacePoint]) -> Vec<Vec<DVec2>> {
    let mut runs: Vec<Vec<DVec2>> = vec![Vec::new()];
    for point in line {
        let at = head.visible(camera, point).then(|| camera.image_from_head(point.position)).flatten();
        match (at, runs.last_mut()) {
            (Some(at), Some(run)) => run.push(at),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

/// The skin in the plane `x` of head space, `angle` radians up from straight ahead.
fn in_plane(head: &Head, x: f64, angle: f64) -> Option<SurfacePoint> {
    const OUTSIDE_MM: f64 = 400.0;
    let (s, c) = libm::sincos(angle);
    let out = DVec3::new(0.0, s, c);
    let middle = DVec3::new(x, head.cranium.centre.y, head.cranium.centre.z);
    head.cranium.hit(middle + out * OUTSIDE_MM, -out).map(|(_, point)| point)
}

/// Points in the plane `x` from one angle to another.
fn arc(head: &Head, x: f64, from: f64, to: f64) -> impl Iterator<Item = SurfacePoint> {
    let angle = move |i: i32| from + (to - from) * f64::from(i) / f64::from(STEPS_OVER);
    (0..=STEPS_OVER).filter_map(move |i| in_plane(head, x, angle(i)))
}

/// A point of the face that lies on no surface, facing straight ahead.
fn facing(position: DVec3) -> SurfacePoint {
    SurfacePoint { position, normal: DVec3::Z }
}

/// Elevation of a point of the head above straight ahead, radians.
fn elevation(head: &Head, point: DVec3) -> f64 {
    let from = point - head.cranium.centre;
    libm::atan2(from.y, from.z)
}

/// From the chin over the nose, the brows and the vertex to the nape.
fn midline(head: &Head) -> Vec<SurfacePoint> {
    let x = head.midline_mm();
    let face = [Landmark::Menton, Landmark::NoseTip, Landmark::Nasion];
    let brow = elevation(head, head.glabella().position);
    // The nape, about thirty degrees below straight back.
    let nape = std::f64::consts::PI + 0.5;
    face.into_iter().map(|l| facing(head.landmark(l))).chain(arc(head, x, brow, nape)).collect()
}

/// From the eye straight up to the top of the head.
fn eye_vertical(head: &Head, landmark: Landmark) -> Vec<SurfacePoint> {
    let eye = head.landmark(landmark);
    let brow = elevation(head, head.glabella().position);
    std::iter::once(facing(eye)).chain(arc(head, eye.x, brow, std::f64::consts::FRAC_PI_2)).collect()
}

/// The level line across the forehead through the midline point at this height above the glabella along the skin; empty
/// if that point is behind the top of the head.
fn across(head: &Head, height_mm: f64) -> Vec<SurfacePoint> {
    let middle = head.above_glabella(height_mm).position;
    let line = level(&head.cranium, middle);
    let passes = line.iter().any(|p| p.position.distance(middle) < 0.5);
    if passes { line } else { Vec::new() }
}

/// Where a level plane meets the front of a surface, to both sides of a point.
fn level(skin: &Surface, middle: DVec3) -> Vec<SurfacePoint> {
    const AHEAD_MM: f64 = 400.0;
    (-STEPS_ACROSS..=STEPS_ACROSS)
        .filter_map(|i| {
            let x = middle.x + HALF_WIDTH_MM * f64::from(i) / f64::from(STEPS_ACROSS);
            skin.hit(DVec3::new(x, middle.y, AHEAD_MM), DVec3::NEG_Z).map(|(_, point)| point)
        })
        .collect()
}

/// The levels of the chin, the base of the nose, the brows, and the hairline that makes the thirds equal.
fn thirds(head: &Head) -> Vec<(Vec<SurfacePoint>, String)> {
    let brow = head.glabella().position;
    let chin = head.landmark(Landmark::Menton);
    let third = head.third_mm();
    let at = |y: f64| DVec3::new(brow.x, y, brow.z);
    // A level plane at most touches the lowest point of the chin, so a straight line is drawn there.
    let below_chin = [-1.0, 1.0].map(|side| facing(chin + DVec3::X * (0.6 * HALF_WIDTH_MM * side)));
    let mut lines = vec![
        (below_chin.to_vec(), "chin".to_owned()),
        (level(&head.lower_face, at(brow.y - third)), "base of the nose".to_owned()),
        (level(&head.cranium, at(brow.y)), "brows".to_owned()),
    ];
    if let Some(equal) = head.equal_thirds() {
        lines.push((level(&head.cranium, at(brow.y + third)), format!("equal thirds: {:.0} mm", equal.height_mm)));
    }
    lines
}

/// The hairline mirrored to the other side.
fn mirrored(head: &Head, hairline: &Hairline) -> Vec<SurfacePoint> {
    let other = |p: &SurfacePoint| DVec3::new(2.0 * head.midline_mm() - p.position.x, p.position.y, p.position.z);
    hairline.line(head).iter().map(|p| head.cranium.below(other(p))).collect()
}

/// The place of a height on the forehead.
fn at_height(forehead: &[(f64, DVec2)], height_mm: f64) -> Option<DVec2> {
    let pair = forehead.windows(2).find(|w| (w[0].0..=w[1].0).contains(&height_mm))?;
    let share = (height_mm - pair[0].0) / (pair[1].0 - pair[0].0);
    Some(pair[0].1.lerp(pair[1].1, share))
}

/// The height of the place on the forehead's midline that is closest to a pixel.
fn nearest_height(forehead: &[(f64, DVec2)], pixel: DVec2) -> Option<f64> {
    let on = |w: &[(f64, DVec2)]| {
        let along = w[1].1 - w[0].1;
        let share = ((pixel - w[0].1).dot(along) / along.length_squared().max(1e-12)).clamp(0.0, 1.0);
        let distance = (w[0].1 + along * share).distance(pixel);
        (distance, w[0].0 + (w[1].0 - w[0].0) * share)
    };
    forehead.windows(2).map(on).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, height)| height)
}

fn draw(overlay: &Overlay, line: &Line, taken: &mut Vec<Rect>) {
    const DASH: f32 = 6.0;
    const GAP: f32 = 5.0;
    // Its outermost ends on the left and on the right.
    let mut ends: Option<[Pos2; 2]> = None;
    for run in &line.runs {
        let points: Vec<Pos2> = run.iter().map(|&p| overlay.viewport.screen_from_photo(p)).collect();
        for &end in [points.first(), points.last()].into_iter().flatten() {
            let [left, right] = ends.unwrap_or([end, end]);
            ends = Some([if end.x < left.x { end } else { left }, if end.x > right.x { end } else { right }]);
        }
        match line.pattern {
            Pattern::Solid => {
                overlay.painter.line(points.clone(), Stroke::new(3.0, UNDER));
                overlay.painter.line(points, Stroke::new(1.0, COLOUR));
            }
            Pattern::Dashed => {
                overlay.painter.extend(Shape::dashed_line(&points, Stroke::new(3.0, UNDER), DASH, GAP));
                overlay.painter.extend(Shape::dashed_line(&points, Stroke::new(1.2, COLOUR), DASH, GAP));
            }
        }
    }
    if let (Some(label), Some([left, right])) = (&line.label, ends) {
        let on_left = (left, LEFT_SIDES);
        let on_right = (right, RIGHT_SIDES);
        let order = if line.label_on_left { [on_left, on_right] } else { [on_right, on_left] };
        // If there is no room at either end, the line has no label: its neighbours show where it is.
        let _ = order.into_iter().any(|(at, sides)| overlay.caption_beside(at, &sides, label, taken));
    }
}

/// Places of a label at the left end of its line, the best first: one or two lines of text higher or lower if it would
/// cover another.
const LEFT_SIDES: [(Vec2, Align2); 5] = sides(-6.0, Align2::RIGHT_CENTER);
const RIGHT_SIDES: [(Vec2, Align2); 5] = sides(6.0, Align2::LEFT_CENTER);

const fn sides(x: f32, anchor: Align2) -> [(Vec2, Align2); 5] {
    const LINE: f32 = 15.0;
    [
        (Vec2::new(x, 0.0), anchor),
        (Vec2::new(x, -LINE), anchor),
        (Vec2::new(x, LINE), anchor),
        (Vec2::new(x, -2.0 * LINE), anchor),
        (Vec2::new(x, 2.0 * LINE), anchor),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Part;
    use crate::plan::hairline::Preset;

    #[test]
    fn heights_are_measured_along_the_skin() {
        let head = Head::average();
        for mm in HEIGHTS_MM {
            let line = across(&head, mm);
            assert!(line.len() > 12 && line.len() % 2 == 1, "{}", line.len());
            let middle = line[line.len() / 2].position;
            let tape = head.tape(Part::Cranium, head.glabella().position, middle).length_mm;
            assert!((tape - mm).abs() < 0.1, "{tape} {mm}");
            // Both sides alike on a symmetric head.
            let (right, left) = (line[0].position, line[line.len() - 1].position);
            assert!((right.x + left.x).abs() < 1e-3 && (right.y - left.y).abs() < 1e-3);
        }
    }

    #[test]
    fn planes_stay_planes() {
        let head = Head::average();
        let eye = head.landmark(Landmark::PupilLeft);
        assert!(eye_vertical(&head, Landmark::PupilLeft).iter().all(|p| (p.position.x - eye.x).abs() < 1e-6));
        let line = midline(&head);
        assert!(line.len() > 60 && line.iter().all(|p| (p.position.x - head.midline_mm()).abs() < 1e-6));
        let back = line.last().unwrap().position;
        assert!(back.z < -80.0 && back.y < 0.0, "the midline ends at the nape: {back}");
    }

    #[test]
    fn thirds_are_equal() {
        let head = Head::average();
        let levels: Vec<f64> = thirds(&head)
            .iter()
            .map(|(line, _)| line.iter().map(|p| p.position.y).sum::<f64>() / line.len() as f64)
            .collect();
        assert_eq!(levels.len(), 4);
        let gaps: Vec<f64> = levels.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(gaps.iter().all(|g| (g - gaps[0]).abs() < 1e-6), "{gaps:?}");
        assert!(gaps[0] > 55.0 && gaps[0] < 80.0, "{gaps:?}");
    }

    #[test]
    fn a_height_is_found_where_it_was_put() {
        let forehead: Vec<(f64, DVec2)> =
            (0..=10).map(|i| (f64::from(i) * 12.0, DVec2::new(500.0, 900.0 - f64::from(i) * 70.0))).collect();
        for mm in [0.0, 3.5, 47.0, 120.0] {
            let pixel = at_height(&forehead, mm).unwrap();
            assert!((nearest_height(&forehead, pixel + DVec2::new(30.0, 0.0)).unwrap() - mm).abs() < 1e-9);
        }
        assert_eq!(at_height(&forehead, 121.0), None);
    }

    #[test]
    fn a_symmetric_line_mirrored_is_the_line() {
        let head = Head::average();
        let hairline = Preset::Soft.hairline(&head);
        let line = hairline.line(&head);
        let mirrored = mirrored(&head, &hairline);
        for point in mirrored {
            let off = line.iter().map(|p| p.position.distance(point.position)).fold(f64::INFINITY, f64::min);
            assert!(off < 1.0, "{off}");
        }
    }
}
