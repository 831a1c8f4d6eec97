//! What several rules need, measured once: the line, distances from it, the cores of areas.

use glam::DVec3;

use super::finding::Place;
use crate::follicles::dots::Dot;
use crate::head::chart::{Raster, SIDE};
use crate::head::landmarks::Landmark;
use crate::head::surface::SurfacePoint;
use crate::head::{Head, Part};
use crate::plan::Plan;
use crate::plan::area::Outline;
use crate::plan::distance;
use crate::plan::field::{DensityField, ScalpEdge};
use crate::plan::hairline::Preset;
use crate::plan::line_distance::LineDistance;
use crate::render::mock_up::{MockUp, Scalp};

/// A plan on a head with its dots.
pub(super) struct Survey<'a> {
    pub plan: &'a Plan,
    pub mock_up: &'a MockUp,
    /// The dots that the sessions place; a touch-up places some of them again.
    pub dots: Vec<Dot>,
    /// Present if the plan has a hairline.
    pub front: Option<Front>,
    /// The core of each of the plan's areas; none for an area without dots.
    pub cores: Vec<Option<Core>>,
}

/// The hairline and the skin behind it.
pub(super) struct Front {
    /// The drawn line, right sideburn to left.
    pub line: Vec<SurfacePoint>,
    /// Distance from it, mm, positive on the scalp.
    pub behind_mm: Raster,
    /// x of the midline, mm.
    pub midline_mm: f64,
    /// Half the distance between the eyes' outer corners, mm: the front lies within it on both sides of the midline.
    pub half_width_mm: f64,
    /// True for a man's line.
    pub of_man: bool,
}

/// The core of an area, where its density is full.
pub(super) struct Core {
    pub area_cm2: f64,
    pub place: Place,
    /// Dots of all sessions per cm2.
    pub per_cm2: f64,
}

impl<'a> Survey<'a> {
    pub fn new(plan: &'a Plan, mock_up: &'a MockUp) -> Self {
        let dots = mock_up.dots_after(plan.sessions.len()).copied().collect();
        let mut survey = Self { plan, mock_up, dots, front: None, cores: Vec::new() };
        let has_line = |o: &Outline| matches!(o, Outline::Scalp | Outline::BehindHairline { .. });
        if plan.areas.iter().any(|a| has_line(&a.outline)) {
            survey.front = Some(Front::new(plan, &mock_up.scalp));
        }
        survey.cores = (0..plan.areas.len()).map(|area| survey.core(area)).collect();
        survey
    }

    pub fn head(&self) -> &Head {
        &self.mock_up.scalp.head
    }

    pub fn field(&self, part: Part) -> Option<&DensityField> {
        self.mock_up.fields.iter().find(|f| f.part == part)
    }

    /// Texel coordinates of a place.
    pub fn texel(&self, part: Part, position: DVec3) -> Option<[f32; 2]> {
        let surface = self.head().surface(part);
        let chart = self.mock_up.scalp.map.part(part).chart;
        chart.texel_from_direction((position - surface.centre).normalize_or(DVec3::Y)).map(|t| t.map(|v| v as f32))
    }

    pub fn place(&self, part: Part, position: DVec3) -> Place {
        Place { part, point: self.head().surface(part).below(position) }
    }

    /// Share of the planned density that is placed by the end of the last session.
    pub fn last_share(&self) -> f64 {
        self.plan.sessions.last().map_or(1.0, |s| s.cumulative_share)
    }

    fn core(&self, area: usize) -> Option<Core> {
        /// Share of the area's density that counts as full.
        const FULL: f64 = 0.8;
        /// Smaller cores hold too few dots to count, so the planned density is used instead, cm2.
        const COUNTABLE_CM2: f64 = 1.0;
        let part = self.plan.areas[area].part;
        let field = self.field(part)?;
        let map = self.mock_up.scalp.map.part(part);
        let own = |k: usize| usize::from(field.area[k]) == area && field.density_per_cm2.values()[k] > 0.0;
        let mut densities: Vec<f32> =
            (0..SIDE * SIDE).filter(|&k| own(k)).map(|k| field.density_per_cm2.values()[k]).collect();
        if densities.is_empty() {
            return None;
        }
        densities.sort_unstable_by(f32::total_cmp);
        // A few texels of a brush stroke do not make an area dense.
        let full = f64::from(densities[(densities.len() - 1) * 9 / 10]);
        let least = FULL * full;
        let (mut area_cm2, mut planned, mut middle) = (0.0, 0.0, DVec3::ZERO);
        for k in (0..SIDE * SIDE).filter(|&k| own(k)) {
            let density = f64::from(field.density_per_cm2.values()[k]);
            if let Some(place) = map.position[k].filter(|_| density >= least) {
                let cm2 = f64::from(map.area_mm2[k]) / 100.0;
                area_cm2 += cm2;
                planned += density * cm2;
                middle += place * cm2;
            }
        }
        let in_core = |d: &&Dot| usize::from(d.area) == area && d.density_per_cm2 >= least;
        let dots: Vec<&Dot> = self.dots.iter().filter(in_core).collect();
        let per_cm2 = if area_cm2 >= COUNTABLE_CM2 {
            dots.len() as f64 / area_cm2
        } else {
            planned / area_cm2 * self.last_share()
        };
        // The centroid of a ring lies outside it, but the dot closest to the centroid does not.
        let middle = middle / area_cm2;
        let near = |d: &Dot| d.position.distance_squared(middle);
        let nearest = dots.iter().min_by(|a, b| near(a).total_cmp(&near(b)))?.position;
        Some(Core { area_cm2, place: self.place(part, nearest), per_cm2 })
    }

    /// Indices of brush strokes that reach one of these places and whose change satisfies `what`.
    pub fn strokes_at(&self, places: &[Place], what: impl Fn(f64) -> bool) -> Vec<usize> {
        let reaches = |stroke: &crate::plan::area::Stroke| {
            let surface = self.head().surface(stroke.part);
            let line = crate::plan::curve::through(surface, &stroke.points, false);
            places.iter().any(|place| {
                let near = |p: &SurfacePoint| p.position.distance(place.point.position) < stroke.radius_mm + DISC_MM;
                place.part == stroke.part && line.iter().any(near)
            })
        };
        let strokes = self.plan.strokes.iter().enumerate();
        strokes.filter(|(_, s)| !s.off && what(s.change_per_cm2) && reaches(s)).map(|(i, _)| i).collect()
    }
}

/// Radius of the largest disc that a density is measured in (4 cm2), mm.
pub(super) const DISC_MM: f64 = 11.28;

impl Front {
    fn new(plan: &Plan, scalp: &Scalp) -> Self {
        let head = &scalp.head;
        let map = scalp.map.part(Part::Cranium);
        let edge = ScalpEdge::new(plan, head);
        let inside = distance::inside(map, head.cranium.centre, &edge.closed());
        let mut behind_mm = LineDistance::new(map, &edge.hairline, None).distance_mm;
        for (d, inside) in behind_mm.values_mut().iter_mut().zip(inside) {
            if !inside {
                *d = -*d;
            }
        }
        let midline_mm = head.midline_mm();
        let half = |l: Landmark| (head.landmark(l).x - midline_mm).abs();
        let half_width_mm = 0.5 * (half(Landmark::CanthusLeft) + half(Landmark::CanthusRight));
        let of_man = plan.hairline.preset != Preset::Female;
        Self { line: edge.hairline, behind_mm, midline_mm, half_width_mm, of_man }
    }

    /// True between the verticals of the eyes' outer corners.
    pub fn holds(&self, position: DVec3) -> bool {
        (position.x - self.midline_mm).abs() <= self.half_width_mm && position.z > 0.0
    }

    /// Where the line crosses the midline.
    pub fn middle(&self) -> Option<SurfacePoint> {
        let off = |p: &SurfacePoint| (p.position.x - self.midline_mm).abs();
        self.line.iter().copied().min_by(|a, b| off(a).total_cmp(&off(b)))
    }
}
