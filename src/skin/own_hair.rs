//! Plans that follow the client's own shaved hair: their dots look like it, and take its place where it thins out.

use super::offer::Offer;
use crate::head::Part;
use crate::plan::area::Mask;
use crate::plan::treatment::Treatment;
use crate::plan::{Plan, SkinPoint};
use crate::reading::own_hair::OwnHair;
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;

/// Name of the mask that keeps dots out of the client's own hair.
pub const MASK: &str = "own hair";
/// If no plan comes closer to the own hair than this, CIEDE2000, dots cannot be matched to it.
const FARTHEST: f64 = 5.0;

/// The mask that keeps dots out of hair within this closed line and thins out over `blend_mm`.
#[must_use]
pub fn mask(region: Vec<SkinPoint>, blend_mm: f64) -> Mask {
    Mask { name: MASK.to_owned(), part: Part::Cranium, points: region, feather_mm: blend_mm }
}

/// True for a plan that follows the client's own hair.
#[must_use]
pub fn follows(plan: &Plan) -> bool {
    plan.masks.iter().any(|mask| mask.name == MASK)
}

/// Undoes what a plan took from the client's own hair: all of it is as in the usual plan again.
pub fn forget(plan: &mut Plan, usual: &Plan) {
    plan.masks.retain(|mask| mask.name != MASK);
    for (area, usual) in plan.areas.iter_mut().zip(&usual.areas) {
        (area.density_per_cm2, area.needle_mm) = (usual.density_per_cm2, usual.needle_mm);
    }
    plan.pigment.clone_from(&usual.pigment);
    for (session, usual) in plan.sessions.iter_mut().zip(&usual.sessions) {
        (session.needle_mm, session.dilution, session.dark_dilution) =
            (usual.needle_mm, usual.dilution, usual.dark_dilution);
    }
}

/// True for treatments that have to look like shaved hair and that border on the client's own. Scars and bare patches
/// lie within it.
#[must_use]
pub fn matters_to(treatment: Treatment) -> bool {
    matches!(treatment, Treatment::FullShave | Treatment::Receding | Treatment::Crown)
}

/// The settings for a plan. None if no setting comes close, or if the plan has no use for them.
#[must_use]
pub fn settings(hair: &OwnHair, plan: &Plan, client: Skin) -> Option<Offer> {
    let wanted = Tone(std::array::from_fn(|c| hair.bare.0[c] * hair.left[c]));
    let offer = || Offer::on(&hair.stubble, plan, client, hair.bare, wanted);
    let offer = matters_to(plan.treatment).then(offer)??;
    (offer.diluted.difference <= FARTHEST).then_some(offer)
}

/// The plan made to follow the client's own hair: its density, dot size, pigment and dilutions come from that hair, and
/// no dots are placed where it grows in full. Across the width in which it thins out, dots take its place. None if
/// there is nothing to follow.
#[must_use]
pub fn followed(hair: &OwnHair, plan: &Plan, client: Skin) -> Option<Plan> {
    let offer = settings(hair, plan, client)?;
    let mut followed = offer.applied_to(plan);
    for area in &mut followed.areas {
        (area.density_per_cm2, area.needle_mm) = (offer.density_per_cm2, None);
    }
    followed.masks.retain(|mask| mask.name != MASK);
    followed.masks.push(mask(hair.region.clone(), hair.blend_mm));
    followed.check().is_ok().then_some(followed)
}
