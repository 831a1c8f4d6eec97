//! From candidates to the dots of a plan: which are placed, when, how large, how deep and how dark.

use glam::DVec3;

use super::{Follicles, select};
use crate::head::{Head, Part};
use crate::plan::field::{DensityField, NO_AREA};
use crate::plan::{Plan, pigment};

/// One dot as the needle leaves it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// Position on the skin, mm, head space.
    pub position: DVec3,
    /// Outward unit normal of the skin.
    pub normal: DVec3,
    /// Surface it lies on.
    pub part: Part,
    /// Index of the candidate it comes from, among those of its surface; ascending within a surface.
    pub follicle: u32,
    /// Index of its area in the plan.
    pub area: u8,
    /// Session that places it, from 1.
    pub session: u8,
    /// Diameter when placed, mm.
    pub diameter_mm: f64,
    /// Depth of the pigment's upper end, mm.
    pub depth_mm: f64,
    /// Absorption of the pigment as placed, per mm: red, green, blue.
    pub absorption_per_mm: [f64; 3],
    /// True for the scattered darkest ("3D") dots.
    pub dark: bool,
    /// Dots planned around it, all sessions, per cm2.
    pub density_per_cm2: f64,
}

/// Candidates on the two surfaces of a head, for one seed.
///
/// The scalp's are made at once, those of the lower face when a plan first treats it.
#[derive(Debug, Clone)]
pub struct HeadFollicles {
    /// On the cranium above brows, ears' lobes and nape.
    pub cranium: Follicles,
    /// On the lower face.
    pub lower_face: Option<Follicles>,
}

impl HeadFollicles {
    /// Makes the sets that a plan needs. Independent of everything else in the plan but its seed.
    #[must_use]
    pub fn new(head: &Head, plan: &Plan) -> Self {
        let generate = |part: Part| {
            let surface = head.surface(part);
            let edge = Boundary::of(head, part);
            let keep = |unit: DVec3| edge.holds(surface.centre + unit * surface.radius(unit));
            Follicles::generate(surface, &part.chart(), keep, plan.seed)
        };
        Self {
            cranium: generate(Part::Cranium),
            lower_face: plan.areas.iter().any(|a| a.part == Part::LowerFace).then(|| generate(Part::LowerFace)),
        }
    }

    /// The set on a surface.
    #[must_use]
    pub fn part(&self, part: Part) -> Option<&Follicles> {
        match part {
            Part::Cranium => Some(&self.cranium),
            Part::LowerFace => self.lower_face.as_ref(),
        }
    }
}

/// The plane that bounds what can ever be treated on a surface.
struct Boundary {
    point: DVec3,
    upward: DVec3,
}

impl Boundary {
    fn of(head: &Head, part: Part) -> Self {
        use crate::head::landmarks::Landmark;
        let at = |l: Landmark| head.landmark(l);
        let ears = 0.5 * (at(Landmark::TragusLeft) + at(Landmark::TragusRight));
        match part {
            Part::Cranium => {
                // From the upper forehead, below any hairline, to the nape.
                let front = head.above_glabella(48.0).position;
                let nape = DVec3::new(0.0, ears.y - 55.0, -95.0);
                // The tragus must lie above it, for the sideburns.
                let down_to_ears = DVec3::new(0.0, ears.y - 8.0, ears.z + 20.0);
                let slope = (front - nape).normalize();
                let upward = DVec3::X.cross(slope) * -1.0;
                let lowered = (down_to_ears - nape).dot(upward).min(0.0);
                Self { point: nape + upward * lowered, upward }
            }
            Part::LowerFace => {
                let nasion = at(Landmark::Nasion);
                let upward = DVec3::new(0.0, -1.0, 0.35).normalize();
                Self { point: DVec3::new(0.0, nasion.y - 10.0, ears.z), upward }
            }
        }
    }

    fn holds(&self, point: DVec3) -> bool {
        (point - self.point).dot(self.upward) > 0.0
    }
}

/// The dots of a plan, all sessions, in the order of the candidates.
///
/// Cost: one pass over the candidates.
#[must_use]
pub fn dots(plan: &Plan, fields: &[DensityField], follicles: &HeadFollicles) -> Vec<Dot> {
    let shares: Vec<f32> = plan.sessions.iter().map(|s| s.cumulative_share as f32).collect();
    // Plans are checked when they come in, so the pigment exists; a plain black stands in for one that does not.
    let pigment = pigment::named(&plan.pigment).or_else(|| pigment::library().first());
    let mut dots = Vec::new();
    for field in fields {
        let Some(set) = follicles.part(field.part) else { continue };
        let sessions = select(set, &field.density_per_cm2, &shares);
        for (index, &session) in sessions.iter().enumerate().filter(|(_, s)| **s > 0) {
            let owner = field.area_at(set.texels()[index]);
            let (Some(area), Some(plan_session)) =
                (plan.areas.get(usize::from(owner)), plan.sessions.get(usize::from(session) - 1))
            else {
                continue;
            };
            debug_assert_ne!(owner, NO_AREA);
            let traits = set.traits()[index];
            let dark = f64::from(traits.shade) < plan_session.dark_share;
            let dilution = if dark { plan_session.dark_dilution } else { plan_session.dilution };
            let absorption = pigment.map_or([0.0; 3], |p| p.diluted_per_mm(dilution)).map(|a| a * area.shade);
            dots.push(Dot {
                position: set.positions_mm()[index],
                normal: set.normals()[index],
                part: field.part,
                follicle: index as u32,
                area: owner,
                session,
                diameter_mm: area.needle_mm.unwrap_or(plan_session.needle_mm) * traits.diameter_with(plan.size_jitter),
                depth_mm: plan.depth_mm * f64::from(traits.depth_factor),
                absorption_per_mm: absorption,
                dark,
                density_per_cm2: f64::from(field.density_per_cm2.at(set.texels()[index])),
            });
        }
    }
    dots
}
