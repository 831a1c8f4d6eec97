//! Rules about the client's photos: whether the plan lies on hair in them, and whether they are fine enough to show
//! dots.

use std::sync::Arc;

use glam::DVec3;

use super::dots;
use super::finding::{Finding, judged};
use super::limits::Rule;
use super::remedy::Remedy;
use super::survey::Survey;
use crate::follicles::dots::Dot;
use crate::head::Part;
use crate::head::surface::SurfacePoint;
use crate::photo::Region;
use crate::plan::treatment::Treatment;
use crate::reading::views::{self, View};
use crate::skin::healing::HEALED_DAYS;

/// A photo of the client's head, as the checks see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// How it looks at the head.
    pub view: View,
    /// What hides the scalp in it; none if nothing is known to.
    pub hidden: Option<Arc<Region>>,
}

/// Number of dots that is enough to estimate a share to within a percent.
const ENOUGH: usize = 4000;

pub(super) fn findings(survey: &Survey, photos: &[Shown]) -> Vec<Finding> {
    let views: Vec<View> = photos.iter().map(|shown| shown.view).collect();
    let mut all = on_hair(survey, photos, &views);
    all.extend(coarse(survey, &views));
    all
}

/// Planned dots that some photo shows, and those that are covered in the photo that shows them best.
#[derive(Default)]
struct Count {
    seen: usize,
    covered: Vec<Dot>,
}

impl Count {
    fn percent(&self) -> f64 {
        100.0 * self.covered.len() as f64 / self.seen.max(1) as f64
    }

    fn join(&mut self, other: Self) {
        self.seen += other.seen;
        self.covered.extend(other.covered);
    }

    /// The covered dot that is nearest to the middle of all of them.
    fn middle(&self) -> Option<&Dot> {
        let middle = self.covered.iter().map(|dot| dot.position).sum::<DVec3>() / self.covered.len().max(1) as f64;
        let off = |dot: &&Dot| dot.position.distance_squared(middle);
        self.covered.iter().min_by(|a, b| off(a).total_cmp(&off(b)))
    }
}

/// Whether hair, or something else, lies over the skin that is to be treated. Treatments between hair are exempt.
fn on_hair(survey: &Survey, photos: &[Shown], views: &[View]) -> Vec<Finding> {
    if photos.iter().all(|shown| shown.hidden.is_none()) {
        return Vec::new();
    }
    let (mut shaved, mut others) = (Count::default(), Count::default());
    for dot in survey.dots.iter().step_by(survey.dots.len().div_ceil(ENOUGH).max(1)) {
        let Some(area) = survey.plan.areas.get(usize::from(dot.area)) else { continue };
        if area.kind == Treatment::Density {
            continue;
        }
        let skin = SurfacePoint { position: dot.position, normal: dot.normal };
        let Some((view, sight)) = views::of_place(survey.head(), views, &skin, |_| true) else { continue };
        let shown = photos.iter().find(|shown| shown.view.index == view.index);
        let hidden = shown.and_then(|shown| shown.hidden.as_deref());
        let count = if area.kind == Treatment::FullShave { &mut shaved } else { &mut others };
        count.seen += 1;
        if hidden.is_some_and(|hidden| hidden.contains(sight.px)) {
            count.covered.push(*dot);
        }
    }
    let place = |count: &Count| count.middle().map(|dot| survey.place(dot.part, dot.position));
    let reason = format!(
        "Hair, or something else, lies over {:.0}% of the scalp that is to look shaved: dots beside \
         hair that will be shaved later say little about the result.",
        shaved.percent()
    );
    let first = judged(Rule::ShaveFirst, shaved.percent(), reason, place(&shaved), || {
        Remedy::words("Shave the head first and take the photos again; where the hair stays, treat between hair")
    });
    if first.is_none() {
        others.join(shaved);
    }
    let reason = format!(
        "In the photos that show them best, {:.0}% of the planned dots lie under hair, or something else that covers the \
         scalp: nobody would see them there.",
        others.percent()
    );
    let on_hair = judged(Rule::PlanOnHair, others.percent(), reason, place(&others), || {
        Remedy::words("Move the line or the area off the hair; if the photo shows bare skin there, uncover it")
    });
    first.into_iter().chain(on_hair).collect()
}

/// Whether the photo that best shows the middle of the plan is fine enough for its dots.
fn coarse(survey: &Survey, views: &[View]) -> Option<Finding> {
    let largest = || survey.cores.iter().flatten().max_by(|a, b| a.area_cm2.total_cmp(&b.area_cm2));
    let middle = survey.front.as_ref().and_then(|front| front.middle());
    let place = middle.map(|middle| survey.place(Part::Cranium, middle.position));
    let place = place.or_else(|| largest().map(|core| core.place))?;
    let (_, sight) = views::of_place(survey.head(), views, &place.point, |_| true)?;
    let px_per_mm = sight.footprint.px2_per_mm2().sqrt();
    let dot_mm = dots::largest_mm(survey, HEALED_DAYS)?;
    let reason = format!(
        "Healed dots are {dot_mm:.2} mm wide, and the photo that shows the plan best has {:.2} mm to a pixel: it shows how \
         dark the skin becomes, but hardly any dots.",
        1.0 / px_per_mm
    );
    judged(Rule::CoarsePhoto, dot_mm * px_per_mm, reason, Some(place), || {
        Remedy::words("Take the photo again from closer, or use it at full size")
    })
}
