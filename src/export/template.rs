//! The template for the day of treatment, at actual size: the hairline laid flat, with marks to place it on the head,
//! and tapes to every centimetre of it.
//!
//! The line is laid flat like a strip of paper along it: each step keeps its length, and each bend along the skin its
//! angle (the curve's geodesic curvature becomes curvature in the plane). Lengths along the line are true. Straight
//! across, no flat sheet can match a curved scalp; the template states the deviation.

use askama::Template as _;
use glam::{DMat2, DVec2};

use super::handover::HandoverError;
use super::practice::Practice;
use super::report::drawing::{DrawingLine, ScaleDrawing};
use super::report::sheet::Sheets;
use super::report::style::Style;
use super::report::{Report, finished};
use super::subject::Subject;
use super::tables::{Column, Table};
use super::tapes::{Side, Tapes, crossing, length_text};
use super::words::{day_text, plain, words};
use crate::case::head_fit::Measured;
use crate::head::Head;
use crate::head::Part;
use crate::head::landmarks::Landmark;
use crate::head::surface::SurfacePoint;
use crate::photo::Photo;

/// Distance between tapes and between marks along the line, mm.
const EVERY_MM: f64 = 10.0;
/// Margin around the drawing, mm.
const MARGIN_MM: f64 = 12.0;
/// Space below the line for the ruler and the notes, mm.
const FOOT_MM: f64 = 34.0;
/// Space above it for the title, mm.
const HEAD_MM: f64 = 16.0;
/// Length of the ruler that shows whether the sheet was printed at actual size, mm.
const RULER_MM: f64 = 100.0;
/// Paper: A4 landscape, mm. A wider drawing continues on a second sheet.
const PAPER_MM: [f64; 2] = [297.0, 210.0];
/// How far each of two sheets extends past the midline, mm along the line.
const OVERLAP_MM: f64 = 30.0;

/// A line laid flat.
#[derive(Debug, Clone, PartialEq)]
pub struct Flat {
    /// Its points, mm: x to the subject's left, y up; the midline is at the origin, where the line is level.
    pub points_mm: Vec<DVec2>,
    /// For each point, the length along the line from the midline, mm; negative to the subject's right.
    pub along_mm: Vec<f64>,
}

/// Lays a line flat; `middle` is the index of its point on the midline.
#[must_use]
pub fn flatten(line: &[SurfacePoint], middle: usize) -> Flat {
    let steps: Vec<_> = line.windows(2).map(|pair| pair[1].position - pair[0].position).collect();
    let (mut at, mut heading, mut along) = (DVec2::ZERO, 0.0_f64, 0.0);
    let (mut points, mut lengths, mut headings) = (vec![at], vec![along], Vec::new());
    for (i, step) in steps.iter().enumerate() {
        if i > 0 {
            let normal = line[i].normal;
            let flat = |v: glam::DVec3| v - normal * v.dot(normal);
            let (before, after) = (flat(steps[i - 1]), flat(*step));
            heading += libm::atan2(normal.dot(before.cross(after)), before.dot(after));
        }
        let (sin, cos) = libm::sincos(heading);
        at += DVec2::new(cos, sin) * step.length();
        along += step.length();
        points.push(at);
        lengths.push(along);
        headings.push(heading);
    }
    let middle = middle.min(points.len() - 1);
    // Level with the mean direction of the steps on both sides of the middle.
    let around = [middle.saturating_sub(1), middle.min(headings.len().saturating_sub(1))];
    let level = around.map(|i| headings.get(i).copied().unwrap_or(0.0)).iter().sum::<f64>() / 2.0;
    let turn = DMat2::from_angle(-level);
    let (origin, start) = (points[middle], lengths[middle]);
    Flat {
        points_mm: points.into_iter().map(|p| turn * (p - origin)).collect(),
        along_mm: lengths.into_iter().map(|length| length - start).collect(),
    }
}

impl Flat {
    /// The points between which a length along the line falls, mm: the index of the later one, and the share of the way
    /// to it; `None` beyond the ends.
    fn between(&self, along_mm: f64) -> Option<(usize, f64)> {
        let next = self.along_mm.iter().position(|length| *length >= along_mm).filter(|i| *i > 0)?;
        let (a, b) = (self.along_mm[next - 1], self.along_mm[next]);
        Some((next, (along_mm - a) / (b - a).max(1e-9)))
    }

    /// The point at a length along the line, mm, and the line's direction there; `None` beyond the ends.
    #[must_use]
    pub fn at(&self, along_mm: f64) -> Option<(DVec2, DVec2)> {
        let (next, share) = self.between(along_mm)?;
        let (from, to) = (self.points_mm[next - 1], self.points_mm[next]);
        Some((from.lerp(to, share), (to - from).normalize_or(DVec2::X)))
    }
}

/// The template of a case.
pub struct Template {
    /// The whole drawing on one sheet.
    whole: ScaleDrawing,
    /// The drawing on paper: one sheet, or one for each side.
    sheets: Vec<ScaleDrawing>,
    /// Tapes to points of the line: the length along it from the midline, mm, and the tapes on the subject's right and
    /// left.
    pub rows: Vec<(f64, [Option<Tapes>; 2])>,
    title: String,
    notes: Vec<String>,
}

impl Template {
    /// Draws the template of a case.
    ///
    /// # Errors
    /// [`HandoverError::Document`] if the plan has no line.
    pub fn of(subject: &Subject, practice: &Practice) -> Result<Self, HandoverError> {
        let none = || HandoverError::Document("the plan has no hairline that could be drawn".to_owned());
        let (document, fit) = (subject.document, &subject.fitted.fit);
        let head = fit.head();
        let line = subject.plan().hairline.line(head);
        let axis = head.midline_mm();
        let middle = crossing(head, &line, axis).ok_or_else(none)?;
        let number = nearest(&line, &middle).ok_or_else(none)?;
        let flat = flatten(&line, number);
        let on_skin = |along_mm: f64| -> Option<SurfacePoint> {
            let (next, share) = flat.between(along_mm)?;
            Some(head.cranium.below(line[next - 1].position.lerp(line[next].position, share)))
        };
        let reach = flat.along_mm.iter().fold(0.0_f64, |most, length| most.max(length.abs()));
        let rows = (0..=(reach / EVERY_MM) as u32).filter_map(|k| {
            let along = EVERY_MM * f64::from(k);
            let to = |side: Side| {
                let point = on_skin(side.sign() * along)?;
                let side_or_none = (k > 0).then_some(side);
                Some(Tapes::to(document, fit, String::new(), point, side_or_none))
            };
            let both = [to(Side::Right), to(Side::Left)];
            both.iter().any(Option::is_some).then_some((along, both))
        });
        let client = subject.client().map(|client| format!("{client} · ")).unwrap_or_default();
        let title = format!("{client}{} · actual-size template", words(subject.plan().treatment.name()));
        let notes = notes(head, &line, &flat);
        let accent = practice.letterhead.accent.0;
        let draw = |range_mm| {
            Drawing { head, line: &line, flat: &flat, title: &title, notes: &notes, accent, range_mm }.at_scale()
        };
        let whole = draw([f64::NEG_INFINITY, f64::INFINITY]);
        let fits = whole.size_mm.iter().zip(PAPER_MM).all(|(side, paper)| *side <= paper);
        let halves = || vec![draw([f64::NEG_INFINITY, OVERLAP_MM]), draw([-OVERLAP_MM, f64::INFINITY])];
        let sheets = if fits { vec![whole.clone()] } else { halves() };
        Ok(Self { whole, sheets, rows: rows.collect(), title, notes })
    }

    /// Renders it as SVG.
    ///
    /// # Errors
    /// None in an intact build.
    pub fn svg(&self) -> Result<String, HandoverError> {
        Svg { drawing: &self.whole }.render().map_err(|problem| HandoverError::Document(problem.to_string()))
    }

    /// A preview of the drawing at this width.
    ///
    /// # Errors
    /// [`HandoverError`].
    pub fn preview(&self, practice: &Practice, width_px: u32) -> Result<Option<Photo>, HandoverError> {
        let mut sheets = Sheets::new(practice.letterhead.accent, String::new())?;
        sheets.drawing(&self.whole);
        sheets.preview(0, width_px)
    }

    /// Renders it as PDF: the drawing on A4, on one sheet per side if it is wider, then the tapes.
    ///
    /// # Errors
    /// [`HandoverError`].
    pub fn pdf(&self, practice: &Practice, made_on: Option<jiff::civil::Date>) -> Result<Report, HandoverError> {
        let footer = made_on.map(day_text).unwrap_or_default();
        let mut sheets = Sheets::new(practice.letterhead.accent, footer)?;
        for drawing in &self.sheets {
            sheets.drawing(drawing);
        }
        sheets.heading("Tapes");
        sheets.paragraph(&self.title, Style::SMALL);
        sheets.paragraph(
            "To points of the line every 10\u{a0}mm from the midline, along the skin: from the glabella, from the outer corner of \
             the eye and from the tragus of that side.",
            Style::BODY,
        );
        let columns = [
            Column::numbers("Along the line", 1.0),
            Column::numbers("Right: glabella", 1.1),
            Column::numbers("eye's corner", 1.1),
            Column::numbers("tragus", 1.1),
            Column::numbers("Left: glabella", 1.1),
            Column::numbers("eye's corner", 1.1),
            Column::numbers("tragus", 1.1),
        ];
        sheets.table(&Table::new(&columns, self.rows()));
        for note in &self.notes {
            sheets.paragraph(note, Style::SMALL);
        }
        finished(sheets, "Template for the day of treatment")
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let cells = |tapes: &Option<Tapes>| {
            let Some(tapes) = tapes else { return ["–"; 3].map(str::to_owned) };
            let or_none = |measured: Option<Measured>| measured.map_or_else(|| "–".to_owned(), length_text);
            [length_text(tapes.glabella), or_none(tapes.canthus), or_none(tapes.tragus)]
        };
        let row = |(along, [right, left]): &(f64, [Option<Tapes>; 2])| {
            let mut row = vec![format!("{along:.0}\u{a0}mm")];
            row.extend(cells(right));
            row.extend(cells(left));
            row
        };
        self.rows.iter().map(row).collect()
    }
}

#[derive(askama::Template)]
#[template(path = "template.svg", escape = "html")]
struct Svg<'a> {
    drawing: &'a ScaleDrawing,
}

impl Svg<'_> {
    fn points(&self, line: &DrawingLine) -> String {
        line.points_mm.iter().map(|[x, y]| format!("{x:.3},{y:.3}")).collect::<Vec<_>>().join(" ")
    }

    fn colour(&self, colour: &[u8; 3]) -> String {
        super::practice::Colour(*colour).hex()
    }
}

/// Printing instructions, and the measured deviation that no flat sheet can avoid.
fn notes(head: &Head, line: &[SurfacePoint], flat: &Flat) -> Vec<String> {
    let mut notes = vec![format!(
        "Print at 100\u{a0}%: the ruler has to be {}\u{a0}mm long. Lengths along the line are those of the skin.",
        plain(RULER_MM)
    )];
    let axis = head.midline_mm();
    let half = half_apart(head, Landmark::CanthusLeft);
    let corner = |side: Side| nearest(line, &crossing(head, line, axis + side.sign() * half)?);
    if let (Some(right), Some(left)) = (corner(Side::Right), corner(Side::Left)) {
        let skin = head.tape(Part::Cranium, line[right].position, line[left].position).length_mm;
        let paper = flat.points_mm[right].distance(flat.points_mm[left]);
        notes.push(format!(
            "Straight across it differs, since a scalp is round: from corner to corner {paper:.0}\u{a0}mm on paper are \
             {skin:.0}\u{a0}mm on the skin ({:+.0}\u{a0}%).",
            100.0 * (paper / skin - 1.0)
        ));
    }
    notes
}

/// A drawing of the line with its marks and the ruler.
struct Drawing<'a> {
    head: &'a Head,
    line: &'a [SurfacePoint],
    flat: &'a Flat,
    title: &'a str,
    notes: &'a [String],
    accent: [u8; 3],
    /// The part to draw: from where to where along the line, mm from the midline.
    range_mm: [f64; 2],
}

const INK: [u8; 3] = [0x22, 0x26, 0x2a];

impl Drawing<'_> {
    fn shows(&self, along_mm: f64) -> bool {
        (self.range_mm[0]..=self.range_mm[1]).contains(&along_mm)
    }

    /// Draws it: on A4 if it fits, else on a sheet of its own size.
    fn at_scale(&self) -> ScaleDrawing {
        let points = self.flat.points_mm.iter().zip(&self.flat.along_mm);
        let points: Vec<DVec2> = points.filter(|(_, along)| self.shows(**along)).map(|(point, _)| *point).collect();
        let ends = (DVec2::MAX, DVec2::MIN);
        let (low, high) = points.iter().fold(ends, |(low, high), p| (low.min(*p), high.max(*p)));
        let wanted =
            [(high.x - low.x).max(RULER_MM) + 2.0 * MARGIN_MM, high.y - low.y + 2.0 * MARGIN_MM + HEAD_MM + FOOT_MM];
        let fits = wanted.iter().zip(PAPER_MM).all(|(side, paper)| *side <= paper);
        let size = if fits { PAPER_MM } else { wanted.map(f64::ceil) };
        // From drawing to sheet coordinates: y down, centred in the space for it.
        let room = DVec2::new(size[0], size[1] - HEAD_MM - FOOT_MM);
        let middle = 0.5 * (low + high);
        let place = |p: DVec2| [0.5 * room.x + (p.x - middle.x), HEAD_MM + 0.5 * room.y - (p.y - middle.y)];
        let mut drawing = ScaleDrawing {
            size_mm: size,
            lines: vec![DrawingLine {
                points_mm: points.iter().map(|p| place(*p)).collect(),
                colour: INK,
                width_mm: 0.5,
                dashed: false,
            }],
            texts: Vec::new(),
            alt: format!("{}: the hairline laid flat, with a ruler of {} mm", self.title, plain(RULER_MM)),
        };
        self.centimetres(&mut drawing, place);
        self.verticals(&mut drawing, place);
        ruler(&mut drawing);
        drawing.write([MARGIN_MM, MARGIN_MM], self.title, 3.6, true);
        for (i, note) in self.notes.iter().enumerate() {
            drawing.write([MARGIN_MM, size[1] - MARGIN_MM - 5.0 + 4.2 * i as f64], note, 2.7, false);
        }
        // Which side of the head is which.
        let sides = [("subject's right", MARGIN_MM), ("subject's left", size[0] - MARGIN_MM - 18.0)];
        for ((words, x), end) in sides.into_iter().zip(self.range_mm) {
            let words = if end.is_finite() { "continues on the other sheet" } else { words };
            let x = if end.is_finite() && x > MARGIN_MM { x - 16.0 } else { x };
            drawing.write([x, HEAD_MM + MARGIN_MM], words, 2.8, false);
        }
        drawing
    }

    /// Draws a mark and a number at every centimetre of the line.
    fn centimetres(&self, drawing: &mut ScaleDrawing, place: impl Fn(DVec2) -> [f64; 2]) {
        let reach = self.flat.along_mm.iter().fold(0.0_f64, |most, length| most.max(length.abs()));
        for k in 1..=(reach / EVERY_MM) as i32 {
            for along_mm in [-EVERY_MM, EVERY_MM].map(|step| step * f64::from(k)) {
                let Some((at, along)) = self.flat.at(along_mm).filter(|_| self.shows(along_mm)) else { continue };
                let across = along.perp() * 1.5;
                drawing.draw([place(at + across), place(at - across)], INK, 0.25, false);
                let [x, y] = place(at - along.perp() * 5.0);
                drawing.write([x - 1.2, y + 0.8], &k.to_string(), 2.3, false);
            }
        }
    }

    /// Marks the midline, and the verticals through pupils and outer corners of the eyes.
    fn verticals(&self, drawing: &mut ScaleDrawing, place: impl Fn(DVec2) -> [f64; 2]) {
        let axis = self.head.midline_mm();
        let mut marks = vec![("midline".to_owned(), axis)];
        for (landmark, name) in [(Landmark::PupilLeft, "pupil"), (Landmark::CanthusLeft, "eye's corner")] {
            let half = half_apart(self.head, landmark);
            for side in [Side::Right, Side::Left] {
                marks.push((format!("{} {name}", side.name()), axis + side.sign() * half));
            }
        }
        for (name, x) in marks {
            let Some(number) = crossing(self.head, self.line, x).and_then(|point| nearest(self.line, &point)) else {
                continue;
            };
            let along_mm = self.flat.along_mm[number];
            let Some((at, along)) = self.flat.at(along_mm).filter(|_| self.shows(along_mm)) else { continue };
            let across = along.perp() * 9.0;
            drawing.draw([place(at + across), place(at - across)], self.accent, 0.35, true);
            let [x, y] = place(at + along.perp() * 10.5);
            drawing.write([x - 0.6 * name.len() as f64, y], &name, 2.6, false);
        }
    }
}

/// Draws the ruler that shows whether the sheet was printed at actual size.
fn ruler(drawing: &mut ScaleDrawing) {
    let y = drawing.size_mm[1] - MARGIN_MM - 14.0;
    drawing.draw([[MARGIN_MM, y], [MARGIN_MM + RULER_MM, y]], INK, 0.3, false);
    for mm in 0..=RULER_MM as u32 {
        let tick = match (mm % 10, mm % 5) {
            (0, _) => 4.0,
            (_, 0) => 2.8,
            _ => 1.6,
        };
        let x = MARGIN_MM + f64::from(mm);
        drawing.draw([[x, y], [x, y - tick]], INK, 0.15, false);
        if mm % 10 == 0 {
            drawing.write([x - 1.0, y + 3.2], &mm.to_string(), 2.3, false);
        }
    }
    drawing.write([MARGIN_MM + RULER_MM + 4.0, y], "mm", 2.6, false);
}

/// Half the lateral distance between a landmark and its mirror image, mm.
fn half_apart(head: &Head, left: Landmark) -> f64 {
    0.5 * (head.landmark(left).x - head.landmark(left.mirrored()).x).abs()
}

/// Index of the point of a line that is nearest to another point.
fn nearest(line: &[SurfacePoint], to: &SurfacePoint) -> Option<usize> {
    let off = |i: &usize| line[*i].position.distance_squared(to.position);
    (0..line.len()).min_by(|a, b| off(a).total_cmp(&off(b)))
}

#[cfg(test)]
mod tests {
    use glam::DVec3;

    use super::*;
    use crate::head::surface::{SemiAxes, Surface};
    use crate::plan::hairline::PRESETS;

    const R: f64 = 90.0;

    fn sphere() -> Surface {
        Surface::ellipsoid(DVec3::ZERO, SemiAxes { side: R, up: R, down: R, front: R, back: R })
    }

    /// An arc around the vertical axis at this angle from it, from right to left across the front.
    fn circle(angle: f64, from: f64, to: f64) -> Vec<SurfacePoint> {
        const STEPS: u32 = 400;
        (0..=STEPS)
            .map(|i| {
                let turn = from + (to - from) * f64::from(i) / f64::from(STEPS);
                let (s, c) = libm::sincos(angle);
                sphere().at(DVec3::new(s * libm::sin(turn), c, s * libm::cos(turn)))
            })
            .collect()
    }

    #[test]
    fn a_circle_on_a_sphere_becomes_an_arc_of_its_cone() {
        // Laid flat, a circle at an angle from the axis has the radius of the cone tangent to the sphere along it.
        for angle in [0.5_f64, 1.0, 1.3] {
            let line = circle(angle, -0.9, 0.9);
            let flat = flatten(&line, 200);
            let radius = R * libm::tan(angle);
            let middle = DVec2::new(0.0, radius);
            for p in &flat.points_mm {
                assert!((p.distance(middle) / radius - 1.0).abs() < 0.002, "{angle}: {}", p.distance(middle));
            }
            let length = flat.along_mm[400] - flat.along_mm[0];
            assert!((length / (1.8 * R * libm::sin(angle)) - 1.0).abs() < 0.001, "{length}");
        }
    }

    #[test]
    fn a_great_circle_becomes_a_straight_line() {
        let great = circle(std::f64::consts::FRAC_PI_2, -1.0, 1.0);
        let flat = flatten(&great, 200);
        assert!(flat.points_mm.iter().all(|p| p.y.abs() < 0.01), "level, and straight");
        assert!((flat.points_mm[400].x - R).abs() < 0.05 && (flat.points_mm[0].x + R).abs() < 0.05);
        let (at, along) = flat.at(45.0).unwrap();
        assert!(at.distance(DVec2::new(45.0, 0.0)) < 0.01 && along.dot(DVec2::X) > 0.9999);
        assert_eq!(flat.at(95.0), None);
    }

    #[test]
    fn lengths_along_every_preset_are_those_of_the_skin() {
        let head = Head::average();
        for preset in PRESETS {
            let line = preset.hairline(&head).line(&head);
            let middle = line.len() / 2;
            let flat = flatten(&line, middle);
            // Between points a centimetre apart the tape hardly departs from the line.
            for i in (0..line.len() - 10).step_by(7) {
                let (a, b) = (line[i], line[i + 10]);
                let tape = head.tape(Part::Cranium, a.position, b.position).length_mm;
                let paper = flat.points_mm[i].distance(flat.points_mm[i + 10]);
                assert!((paper / tape - 1.0).abs() < 0.01, "{}: {paper} {tape}", preset.name());
            }
            let mirrored = flat.points_mm.iter().zip(flat.points_mm.iter().rev());
            for (a, b) in mirrored {
                assert!(a.distance(DVec2::new(-b.x, b.y)) < 2.0, "{}: {a} {b}", preset.name());
            }
        }
    }
}
