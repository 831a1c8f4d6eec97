//! The hairline: a smooth line through a few points, the properties of its edge, and presets.
//!
//! Presets follow surgical rules (Garg 2017, Norwood, Shapiro; see each field): the mid-frontal point is 7 to 8 cm
//! above the glabella along the skin, the fronto-temporal point on the vertical through the lateral canthus and, in
//! men, about as far from the mid-frontal point again; the line is convex in the middle and concave lateral to the
//! mid-pupil; the temporal peak is about 5 cm from the fronto-temporal point. Seen from the front, a man's line is an
//! arc that rises to its corners.

use glam::DVec3;
use serde::{Deserialize, Serialize};

use super::curve::{self, SkinPoint};
use super::line_height::{BOUNDS_MM, LineHeight, USUAL_MM};
use crate::head::landmarks::Landmark;
use crate::head::surface::{Surface, SurfacePoint};
use crate::head::{Head, Part, path};

/// A named starting shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are those used in the trade")]
pub enum Preset {
    Soft,
    Feathered,
    Broken,
    Defined,
    Mature,
    Rounded,
    Straight,
    M,
    WidowsPeak,
    Female,
}

/// All presets, in the order in which they are offered.
pub const PRESETS: [Preset; 10] = [
    Preset::Soft,
    Preset::Feathered,
    Preset::Broken,
    Preset::Defined,
    Preset::Mature,
    Preset::Rounded,
    Preset::Straight,
    Preset::M,
    Preset::WidowsPeak,
    Preset::Female,
];

/// Presets with distinct lines, in the order in which they are offered.
pub const SHAPES: [Preset; 7] =
    [Preset::Soft, Preset::Mature, Preset::Rounded, Preset::Straight, Preset::M, Preset::WidowsPeak, Preset::Female];

/// Presets with distinct edges, in the order in which they are offered.
pub const EDGES: [Preset; 4] = [Preset::Soft, Preset::Feathered, Preset::Broken, Preset::Defined];

/// The rise of density behind the line, and the line's irregularity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Width of the sparse, irregular zone at the front, mm (5 to 10 is natural).
    pub transition_mm: f64,
    /// Width of the zone behind it in which density rises to that of the area, mm. Surgeons plant 20 to 30; photographs
    /// of shaded scalps show 10 to 15, less where the edge is hard.
    pub defined_mm: f64,
    /// Density right at the line, as a share of the area's.
    pub start_share: f64,
    /// Density where the transition zone ends, as a share of the area's.
    pub transition_share: f64,
    /// Macro irregularity: how far the line undulates to either side, mm; symmetric.
    pub undulation_mm: f64,
    /// Micro irregularity: clusters of higher and lower density, 0 to 1; not symmetric.
    pub clusters: f64,
    /// Stray dots in front of the line, per cm2.
    pub strays_per_cm2: f64,
    /// How far in front of the line strays occur, mm.
    pub stray_reach_mm: f64,
}

/// The front edge of the scalp from one sideburn to the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hairline {
    /// The preset from which it was derived.
    pub preset: Preset,
    /// If true, `points` run from the midline to the subject's left sideburn and are mirrored; otherwise they run from
    /// the right sideburn to the left one.
    pub mirrored: bool,
    /// Control points.
    pub points: Vec<SkinPoint>,
    /// The edge.
    pub edge: Edge,
}

/// A preset's shape on a head, in mm.
struct Shape {
    /// Height of the line's middle above the glabella, along the skin, behind a peak if there is one, on a face of
    /// which nothing is known: see [`LineHeight`].
    mid_frontal_mm: f64,
    /// How far the line at the mid-pupil is behind the midline's level, along the skin.
    pupil_back_mm: f64,
    /// How far the fronto-temporal point is behind the midline's level; lower if negative.
    ///
    /// A line at constant height looks flat from the front: the skin turns away from the eye, and anything farther back
    /// looks lower. Some millimetres more make it an arc. Many more leave bare skin between the line and the hair of
    /// the sides, and dots that end there look like a cap: in photographs of shaded scalps the line runs into that
    /// hair, and on heads bowed by 30 degrees the corners of soft lines stand 20 to 30 mm above the middle, no more.
    recession_mm: f64,
    /// A peak in the middle: how far it extends in front of the line, and half its width.
    peak_mm: (f64, f64),
    /// How far the edge bulges back between corner and temple, which rounds the corner.
    bay_mm: f64,
    /// Distance of the temporal peak from the fronto-temporal point, along the skin.
    temple_mm: f64,
}

impl Preset {
    /// The name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Feathered => "feathered",
            Self::Broken => "broken",
            Self::Defined => "defined",
            Self::Mature => "mature",
            Self::Rounded => "rounded",
            Self::Straight => "straight",
            Self::M => "m",
            Self::WidowsPeak => "widows-peak",
            Self::Female => "female",
        }
    }

    /// The preset with this name.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        PRESETS.into_iter().find(|p| p.name() == name)
    }

    /// The preset among [`SHAPES`] with the same line.
    #[must_use]
    pub fn line_shape(self) -> Self {
        if EDGES.contains(&self) { Self::Soft } else { self }
    }

    fn shape(self) -> Shape {
        let shape = |mid_frontal_mm, [pupil_back_mm, recession_mm]: [f64; 2], peak_mm, bay_mm, temple_mm| Shape {
            mid_frontal_mm,
            pupil_back_mm,
            recession_mm,
            peak_mm,
            bay_mm,
            temple_mm,
        };
        match self {
            Self::Soft | Self::Feathered => shape(72.0, [5.0, 10.0], (0.0, 0.0), 0.0, 50.0),
            Self::Broken => shape(72.0, [5.0, 11.0], (0.0, 0.0), 0.0, 50.0),
            Self::Defined => shape(71.0, [3.0, 8.5], (0.0, 0.0), 0.0, 48.0),
            Self::Mature => shape(80.0, [6.0, 13.0], (0.0, 0.0), 2.0, 48.0),
            Self::Rounded => shape(72.0, [0.5, -5.0], (0.0, 0.0), 1.0, 46.0),
            Self::Straight => shape(72.0, [0.0, 0.0], (0.0, 0.0), 2.0, 48.0),
            Self::M => shape(74.0, [8.0, 22.0], (0.0, 0.0), 6.0, 50.0),
            // A widow's peak is about 1 cm high and 2 cm wide.
            Self::WidowsPeak => shape(79.0, [3.5, 9.0], (9.0, 10.0), 2.0, 50.0),
            Self::Female => shape(70.0, [-2.0, -16.0], (0.0, 0.0), 1.0, 42.0),
        }
    }

    /// The preset's edge.
    #[must_use]
    pub fn edge(self) -> Edge {
        let edge = |[transition_mm, defined_mm]: [f64; 2], [start_share, transition_share]: [f64; 2], irregular| {
            let [undulation_mm, clusters, strays_per_cm2] = irregular;
            Edge {
                transition_mm,
                defined_mm,
                start_share,
                transition_share,
                undulation_mm,
                clusters,
                strays_per_cm2,
                stray_reach_mm: 4.0,
            }
        };
        // Density rises from a tenth to nine tenths over 15 mm where the edge is soft and 10 mm where it is hard, as
        // measured in photographs of two dozen heads (8 to 20 mm).
        match self {
            Self::Soft => edge([8.0, 13.0], [0.04, 0.62], [1.8, 0.30, 3.0]),
            Self::Feathered => edge([10.0, 15.0], [0.02, 0.60], [2.0, 0.40, 4.0]),
            Self::Broken => edge([9.0, 13.0], [0.04, 0.60], [2.8, 0.80, 8.0]),
            Self::Defined => edge([5.0, 7.0], [0.10, 0.72], [1.2, 0.25, 2.0]),
            Self::Mature => edge([9.0, 14.0], [0.04, 0.62], [2.0, 0.35, 4.0]),
            Self::Rounded => edge([8.0, 13.0], [0.05, 0.64], [1.7, 0.30, 3.0]),
            Self::Straight => edge([6.0, 11.0], [0.07, 0.66], [1.4, 0.30, 3.0]),
            Self::M => edge([8.0, 13.0], [0.04, 0.62], [1.8, 0.30, 3.0]),
            Self::WidowsPeak => edge([8.0, 12.0], [0.05, 0.64], [1.5, 0.30, 3.0]),
            Self::Female => edge([9.0, 14.0], [0.04, 0.60], [1.5, 0.30, 4.0]),
        }
    }

    /// How far the middle of this preset's line, or of its peak, is above the glabella for a client, mm along the skin.
    /// Men's lines differ from each other as they do on any other face, but none begins lower than the bounds allow.
    #[must_use]
    pub(super) fn mid_frontal_mm(self, height: LineHeight) -> f64 {
        let shape = self.shape();
        let usual = shape.mid_frontal_mm - shape.peak_mm.0;
        // The rules that the height follows are those for men.
        if self == Self::Female {
            return usual;
        }
        (usual + height.mm() - USUAL_MM).max(usual.min(BOUNDS_MM[0] + MARGIN_MM))
    }

    /// The preset on this head, at the height that is usual where the client's face is not known.
    #[must_use]
    pub fn hairline(self, head: &Head) -> Hairline {
        self.hairline_at(head, LineHeight::USUAL)
    }

    /// The preset on this head, at the height that suits the client.
    #[must_use]
    pub fn hairline_at(self, head: &Head, height: LineHeight) -> Hairline {
        let shape = self.shape();
        let surface = &head.cranium;
        let midline = head.midline_mm();
        let side = |l: Landmark| {
            let (a, b) = (head.landmark(l), head.landmark(l.mirrored()));
            DVec3::new(0.5 * (a.x - b.x).abs(), 0.5 * (a.y + b.y), 0.5 * (a.z + b.z))
        };
        let (pupil, canthus, tragus) =
            (side(Landmark::PupilLeft), side(Landmark::CanthusLeft), side(Landmark::TragusLeft));
        let level = head.above_glabella(self.mid_frontal_mm(height) + shape.peak_mm.0).position;
        // Point of the line at `across` from the midline and `back` behind the mid-frontal level, along the skin.
        let behind = |across: f64, back: f64| {
            let start = at_level(surface, midline + across, level.y);
            sagittal_walk(surface, start, back).position
        };
        let mut points = Vec::new();
        let (peak, half_width) = shape.peak_mm;
        points.push(behind(0.0, -peak));
        if peak > 0.0 {
            points.push(behind(half_width, 0.5));
        } else {
            points.push(behind(0.52 * pupil.x, 0.22 * shape.pupil_back_mm));
        }
        points.push(behind(pupil.x, shape.pupil_back_mm));
        let corner = surface.below(behind(canthus.x + CORNER_OUTSIDE_MM, shape.recession_mm));
        points.push(corner.position);
        // From the corner down the temple, towards the outer corner of the eye.
        let towards = DVec3::new(midline + canthus.x + TEMPLE_OUTSIDE_MM, canthus.y, canthus.z) - corner.position;
        let down = path::walk(surface, corner.position, towards, shape.temple_mm);
        let temple = down.last().copied().unwrap_or(corner);
        // Back along the skin from where the edge turns down.
        let turn = down.get((BAY_SHARE * down.len() as f64) as usize).copied().unwrap_or(corner);
        let across = (temple.position - corner.position).cross(turn.normal).normalize_or_zero();
        let back = if across.z > 0.0 { -across } else { across };
        points.push(surface.below(turn.position + back * shape.bay_mm).position);
        points.push(temple.position);
        // Down in front of the ear, to the sideburn.
        let sideburn = tragus.z + SIDEBURN_MM;
        let half_way = (0.4 * temple.position.z + 0.6 * sideburn).max(sideburn + 2.0);
        points.push(at_depth(surface, 0.55 * temple.position.y + 0.45 * tragus.y, half_way));
        points.push(at_depth(surface, tragus.y + 6.0, sideburn - 3.0));
        Hairline {
            preset: self,
            mirrored: true,
            points: points.into_iter().map(|p| p.to_array()).collect(),
            edge: self.edge(),
        }
    }
}

/// A line that a short face puts at the lower bound is this far above it, mm, so that rounding does not put it below.
const MARGIN_MM: f64 = 0.05;
/// How far the corner is outside the vertical of the eye's outer corner, mm: never inside it (Shapiro).
const CORNER_OUTSIDE_MM: f64 = 3.0;
/// The temple is drawn towards a point this far outside the eye's outer corner, mm: drawn straight towards the corner,
/// a shaved temple juts out like a hook.
const TEMPLE_OUTSIDE_MM: f64 = 22.0;
/// Share of the path from the corner to the temple at which the edge bulges back most.
const BAY_SHARE: f64 = 0.3;
/// Distance of a sideburn's front edge in front of the tragus, mm.
const SIDEBURN_MM: f64 = 27.0;

/// The skin point on the front of the head at this x and y.
fn at_level(surface: &Surface, x: f64, y: f64) -> SurfacePoint {
    let (origin, back) = (DVec3::new(x, y, 400.0), DVec3::NEG_Z);
    surface.hit(origin, back).map_or_else(|| surface.nearest(DVec3::new(x, y, 0.0)), |(_, p)| p)
}

/// The skin point on the subject's left side at this y and z.
fn at_depth(surface: &Surface, y: f64, z: f64) -> DVec3 {
    let (origin, inward) = (DVec3::new(400.0, y, z), DVec3::NEG_X);
    surface.hit(origin, inward).map_or_else(|| surface.nearest(DVec3::new(60.0, y, z)), |(_, p)| p).position
}

/// Up and back over the head by `distance_mm` along the skin in the plane of constant x, or down and forward if
/// negative.
fn sagittal_walk(surface: &Surface, from: SurfacePoint, distance_mm: f64) -> SurfacePoint {
    let steps = distance_mm.abs().ceil().max(1.0);
    let step = distance_mm / steps;
    let mut here = from;
    for _ in 0..steps as usize {
        // On the front of the head the normal points forward, so this tangent points up, then back.
        let along = here.normal.cross(DVec3::X).normalize_or(DVec3::Y);
        here = surface.below(here.position + along * step);
    }
    here
}

impl Hairline {
    /// The line with another shape, at the height that suits the client. An edge that was chosen or edited stays;
    /// otherwise it becomes the shape's own.
    #[must_use]
    pub fn with_shape(&self, shape: Preset, head: &Head, height: LineHeight) -> Self {
        let usual = shape.hairline_at(head, height);
        if self.edge == self.preset.edge() { usual } else { Self { edge: self.edge.clone(), ..usual } }
    }

    /// All control points from the right sideburn to the left one.
    #[must_use]
    pub fn all_points(&self, head: &Head) -> Vec<SkinPoint> {
        if !self.mirrored {
            return self.points.clone();
        }
        let axis = head.midline_mm();
        let mut all: Vec<SkinPoint> =
            self.points.iter().skip(1).rev().map(|p| [2.0 * axis - p[0], p[1], p[2]]).collect();
        all.extend(self.points.first().map(|p| [axis, p[1], p[2]]));
        all.extend(self.points.iter().skip(1));
        all
    }

    /// The drawn line from the right sideburn to the left one.
    #[must_use]
    pub fn line(&self, head: &Head) -> Vec<SurfacePoint> {
        curve::through(&head.cranium, &self.all_points(head), false)
    }

    /// Where the line crosses the midline.
    #[must_use]
    pub fn mid_frontal(&self, head: &Head) -> SurfacePoint {
        let axis = head.midline_mm();
        let line = self.line(head);
        line.iter()
            .copied()
            .min_by(|a, b| (a.position.x - axis).abs().total_cmp(&(b.position.x - axis).abs()))
            .unwrap_or_else(|| head.above_glabella(75.0))
    }

    /// Height of the mid-frontal point above the glabella along the skin, mm.
    #[must_use]
    pub fn height_mm(&self, head: &Head) -> f64 {
        head.tape(Part::Cranium, head.glabella().position, self.mid_frontal(head).position).length_mm
    }

    /// The line on another head, at the same distances along the skin from the glabella and in the same directions.
    #[must_use]
    pub fn carried(&self, from: &Head, to: &Head) -> Self {
        // Two axes along the skin at the glabella: up, and to the subject's left.
        let axes = |head: &Head| {
            let glabella = head.glabella();
            let up = (DVec3::Y - glabella.normal * glabella.normal.y).normalize_or(DVec3::Y);
            (glabella.position, up, up.cross(glabella.normal))
        };
        let ((start, up, side), (new_start, new_up, new_side)) = (axes(from), axes(to));
        let carried = |point: &SkinPoint| {
            let tape = from.tape(Part::Cranium, start, DVec3::from(*point));
            let Some(first) = tape.points.get(1) else { return new_start.to_array() };
            let way = first.position - start;
            let direction = new_up * way.dot(up) + new_side * way.dot(side);
            let walked = path::walk(&to.cranium, new_start, direction, tape.length_mm);
            walked.last().map_or(*point, |end| end.position.to_array())
        };
        Self { points: self.points.iter().map(carried).collect(), ..self.clone() }
    }

    /// The line moved as by [`Self::moved_back`] until its height above the glabella is `height_mm`.
    #[must_use]
    pub(crate) fn at_height(&self, head: &Head, height_mm: f64) -> Self {
        // Moving bends the line a little, so the error is small after one move and negligible after two.
        (0..3).fold(self.clone(), |line, _| line.moved_back(head, height_mm - line.height_mm(head)))
    }

    /// The line moved back over the head by `distance_mm` along the skin, or forward if negative: uniformly between the
    /// verticals of the eyes' outer corners, decreasing from there to the temples, which stay.
    #[must_use]
    pub fn moved_back(&self, head: &Head, distance_mm: f64) -> Self {
        let midline = head.midline_mm();
        let half = |l: Landmark| 0.5 * (head.landmark(l).x - head.landmark(l.mirrored()).x).abs();
        let (corner, temple) = (half(Landmark::CanthusLeft), half(Landmark::TragusLeft) - 9.0);
        let moved = |point: &SkinPoint| {
            let start = head.cranium.below(DVec3::from(*point));
            let across = (start.position.x - midline).abs();
            let share = ((temple - across) / (temple - corner).max(1.0)).clamp(0.0, 1.0);
            if share <= 0.0 {
                return *point;
            }
            sagittal_walk(&head.cranium, start, share * distance_mm).position.to_array()
        };
        Self { points: self.points.iter().map(moved).collect(), ..self.clone() }
    }

    /// The line with its corners on the verticals of the eyes' outer corners, a little below its highest point. They
    /// replace the control points between the pupils' verticals and the temples.
    #[must_use]
    pub(crate) fn with_corners(&self, head: &Head) -> Self {
        let mut points = self.points.clone();
        if !self.mirrored {
            self.put_corner(head, -1.0, &mut points);
        }
        self.put_corner(head, 1.0, &mut points);
        Self { points, ..self.clone() }
    }

    /// Inserts the corner of one side, +1 for the subject's left, into the control points.
    fn put_corner(&self, head: &Head, side: f64, points: &mut Vec<SkinPoint>) {
        /// Position of the corner below the line's highest point, and outside the vertical, mm.
        const BELOW_MM: f64 = 3.0;
        const OUTSIDE_MM: f64 = 1.5;
        /// Points stay if they are this far inside the pupil's vertical, outside the corner's, or below the line's
        /// highest point, mm.
        const INSIDE_PUPIL_MM: f64 = 6.0;
        const OUTSIDE_CORNER_MM: f64 = 10.0;
        const BELOW_CORNER_MM: f64 = 40.0;
        let midline = head.midline_mm();
        let across = |x: f64| side * (x - midline);
        let of_side = |l: Landmark| across(head.landmark(if side > 0.0 { l } else { l.mirrored() }).x);
        let (pupil, vertical) = (of_side(Landmark::PupilLeft), of_side(Landmark::CanthusLeft));
        let front = |p: &&SurfacePoint| (0.0..=vertical).contains(&across(p.position.x)) && p.position.z > 0.0;
        let Some(top) = self.line(head).iter().filter(front).map(|p| p.position.y).reduce(f64::max) else { return };
        let is_inner = |p: &SkinPoint| across(p[0]) < pupil - INSIDE_PUPIL_MM;
        let is_outer = |p: &SkinPoint| {
            !is_inner(p) && (across(p[0]) > vertical + OUTSIDE_CORNER_MM || p[1] < top - BELOW_CORNER_MM)
        };
        points.retain(|p| is_inner(p) || is_outer(p));
        // From the right sideburn to the left one: on the right, outer points come first.
        let before = points.iter().filter(|p| if side > 0.0 { is_inner(p) } else { is_outer(p) }).count();
        let corner = at_level(&head.cranium, midline + side * (vertical + OUTSIDE_MM), top - BELOW_MM);
        points.insert(before, corner.position.to_array());
    }

    /// The line with its left side mirrored to the right.
    #[must_use]
    pub(crate) fn mirrored_from_left(&self, head: &Head) -> Self {
        if self.mirrored {
            return self.clone();
        }
        /// Points this close to the midline are replaced by the one on it, mm.
        const CLEAR_MM: f64 = 4.0;
        let midline = head.midline_mm();
        let mut points = vec![self.mid_frontal(head).position.to_array()];
        points.extend(self.points.iter().filter(|p| p[0] > midline + CLEAR_MM).copied());
        Self { mirrored: true, points, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::line_height::ThirdsOfFace;

    #[test]
    fn presets_keep_the_rules_of_hairline_design() {
        let head = Head::average();
        for preset in PRESETS {
            let hairline = preset.hairline(&head);
            let height = hairline.height_mm(&head);
            assert!((69.5..=100.0).contains(&height), "{}: {height:.1} mm above the glabella", preset.name());
            // The fronto-temporal point is on the vertical through the lateral canthus.
            let canthus = head.landmark(Landmark::CanthusLeft);
            assert!((hairline.points[3][0] - head.midline_mm() - canthus.x).abs() < 4.0, "{}", preset.name());
            // The temporal peak is about 5 cm from it.
            let apart = |a: usize, b: usize| {
                let [a, b] = [a, b].map(|k| DVec3::from(hairline.points[k]));
                head.tape(Part::Cranium, a, b).length_mm
            };
            assert!((40.0..=55.0).contains(&apart(3, 5)), "{}: {:.1}", preset.name(), apart(3, 5));
            // A man's corner is about 8 cm from the mid-frontal point, except where the line is meant to be straight or
            // round.
            if !matches!(preset, Preset::Rounded | Preset::Straight | Preset::Female) {
                assert!((65.0..=90.0).contains(&apart(0, 3)), "{}: {:.1}", preset.name(), apart(0, 3));
            }
            // Right and left are mirror images.
            let line = hairline.line(&head);
            for (a, b) in line.iter().zip(line.iter().rev()) {
                let mirrored = DVec3::new(2.0 * head.midline_mm() - b.position.x, b.position.y, b.position.z);
                assert!(a.position.distance(mirrored) < 0.6);
            }
        }
    }

    #[test]
    fn a_line_goes_to_the_height_that_is_asked_for_and_its_temples_stay() {
        let head = Head::average();
        for preset in PRESETS {
            let line = preset.hairline(&head);
            for height_mm in [60.0, 75.0, 100.0] {
                let moved = line.at_height(&head, height_mm);
                assert!((moved.height_mm(&head) - height_mm).abs() < 0.05, "{}", moved.height_mm(&head));
                assert_eq!(moved.points.last(), line.points.last());
            }
        }
    }

    #[test]
    fn lines_follow_the_face_within_the_bounds_for_men() {
        let head = Head::average();
        let of_face = |height_mm| LineHeight::of_face(ThirdsOfFace { height_mm, error_mm: 1.0 });
        for preset in PRESETS {
            let heights = [50.0, 75.0, 78.0, 120.0].map(|mm| preset.hairline_at(&head, of_face(mm)).height_mm(&head));
            if preset == Preset::Female {
                assert!(heights.iter().all(|mm| (mm - 70.0).abs() < 0.05), "{heights:?}");
                continue;
            }
            let differs_mm = preset.hairline(&head).height_mm(&head) - 72.0;
            // Below 70 mm, the checks would warn of a plan as it is made.
            assert!(heights[0] >= 70.0 && heights[0] < 70.2 + differs_mm.max(0.0), "{}: {heights:?}", preset.name());
            assert!((heights[3] - 80.0 - differs_mm).abs() < 0.3, "{}: {heights:?}", preset.name());
            assert!(heights.windows(2).all(|w| w[0] < w[1]), "{}: {heights:?}", preset.name());
        }
    }

    #[test]
    fn a_widows_peak_reaches_a_centimetre_forward() {
        let head = Head::average();
        let height = |p: Preset| {
            let points = p.hairline(&head).points;
            let tape = |q: SkinPoint| head.tape(Part::Cranium, head.glabella().position, DVec3::from(q)).length_mm;
            tape(points[1]) - tape(points[0])
        };
        assert!((8.0..12.0).contains(&height(Preset::WidowsPeak)));
        assert!(height(Preset::Straight) < 4.0);
    }
}
