//! The edge of a head above its ears, where masks of several scales agree, and whether it is skin or hair that ends
//! there.

use glam::DVec2;

use super::found::Unavailable;
use super::mask::Mask;
use super::mesh::Mesh;
use super::models::Network;
use super::picture::{Part, ReducedPhoto, turned};
use crate::ground::statistics::median;

/// Sides of the squares that are segmented, mm: 1.7 to 2.4 heads of 223 mm from chin to vertex.
const SIDES_MM: [f64; 3] = [380.0, 450.0, 535.0];
/// Number of rays over the head, and angle of the outermost ones from straight up, radians (86 degrees).
const RAYS: usize = 41;
const WIDEST: f64 = 1.5;
/// Range of distances from the middle of the cranium in which the edge is searched, mm.
const NEAREST_MM: f64 = 50.0;
const FARTHEST_MM: f64 = 190.0;
/// Step along a ray, mm, and length of background that ends the head, mm.
const STEP_MM: f64 = 1.0;
const BACKGROUND_MM: f64 = 10.0;
/// Masks whose edges are farther apart than this disagree, mm.
const AGREE_MM: f64 = 3.0;
/// A point farther than this from the median of its neighbours is an outlier, mm.
const RAGGED_MM: f64 = 8.0;
/// Closer than this to the photo's border, the head is cut off, mm.
const BORDER_MM: f64 = 3.0;
/// Fewest points that make an edge.
const LEAST_POINTS: usize = 8;
/// Fewest neighbouring rays on which bare scalp ends: 40 mm.
const LEAST_STRETCH: usize = 7;
/// Depths inside the edge at which its colour is sampled, mm.
const UNDER_MM: [f64; 5] = [3.0, 4.5, 6.0, 8.0, 10.0];
/// Pairs of mesh points between which the skin of the forehead is sampled: low and high, on the right, in the middle
/// and on the left. Hair covers some of them.
const FOREHEAD: [[usize; 2]; 5] = [[66, 69], [107, 108], [9, 151], [336, 337], [296, 299]];
const CHEEKS: [[usize; 2]; 2] = [[50, 118], [280, 347]];

/// The edge of a head in a photo, px.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Silhouette {
    /// Where bare or shaved scalp ends.
    pub(super) scalp: Vec<DVec2>,
    /// Where hair, or something else on the scalp, ends; the scalp lies inside that.
    pub(super) hair: Vec<DVec2>,
}

/// What is known of a head before the search for its edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadGuess {
    /// Approximate middle of the cranium, px.
    pub(super) middle: DVec2,
    pub(super) px_per_mm: f64,
    pub(super) roll: f64,
}

impl HeadGuess {
    /// The place, px, at an offset in millimetres across and down the upright head from its middle.
    pub(super) fn at(&self, mm: DVec2) -> DVec2 {
        self.middle + turned(mm * self.px_per_mm, self.roll)
    }
}

/// Masks of the person around a head, one for each scale.
pub(super) fn masks(network: &Network, picture: &ReducedPhoto, guess: &HeadGuess) -> Result<Vec<Mask>, Unavailable> {
    // The squares include chin and shoulders: the middle of head and face lies some 35 mm below that of the cranium.
    let middle = guess.at(DVec2::new(0.0, 35.0));
    let part = |side: f64| Part::square(middle, side * guess.px_per_mm, guess.roll);
    SIDES_MM.into_iter().map(|side| Mask::of(network, picture, part(side))).collect()
}

/// The edge above the ears; empty where the masks disagree, or the head is cut off.
pub(super) fn silhouette(picture: &ReducedPhoto, masks: &[Mask], skin: [f32; 3], guess: &HeadGuess) -> Silhouette {
    let direction = |i: usize| {
        let (s, c) = libm::sincos(WIDEST * (2.0 * i as f64 / (RAYS - 1) as f64 - 1.0));
        DVec2::new(s, -c)
    };
    let edge = |i: usize| {
        let mut found: Vec<f64> = Vec::new();
        for mask in masks {
            found.push(end(|mm| mask.share(guess.at(direction(i) * mm)))?);
        }
        found.sort_by(f64::total_cmp);
        let (nearest, farthest) = (found.first()?, found.last()?);
        let at = guess.at(direction(i) * found[found.len() / 2]);
        let room = BORDER_MM * guess.px_per_mm;
        let inside = at.cmpgt(DVec2::splat(room)).all() && at.cmplt(picture.size_px - room).all();
        (farthest - nearest < AGREE_MM && inside).then_some(found[found.len() / 2])
    };
    let edges: Vec<Option<f64>> = (0..RAYS).map(edge).collect();
    let bare = |i: usize| {
        let mm = edges[i]?;
        let under = UNDER_MM.map(|depth| picture.colour(guess.at(direction(i) * (mm - depth)), guess.px_per_mm));
        Some(under.iter().filter(|colour| alike(colour, &skin)).count() >= UNDER_MM.len() - 1)
    };
    let bare = lasting((0..RAYS).map(bare).collect());
    let mut silhouette = Silhouette::default();
    for i in 0..RAYS {
        let Some(mm) = edges[i] else { continue };
        let around = edges[i.saturating_sub(2)..(i + 3).min(RAYS)].iter().flatten();
        let mut around: Vec<f64> = around.copied().collect();
        around.sort_by(f64::total_cmp);
        if around.len() < 3 || (mm - around[around.len() / 2]).abs() > RAGGED_MM {
            continue;
        }
        let at = guess.at(direction(i) * mm);
        if bare[i] {
            silhouette.scalp.push(at);
        } else {
            silhouette.hair.push(at);
        }
    }
    if silhouette.scalp.len() + silhouette.hair.len() < LEAST_POINTS { Silhouette::default() } else { silhouette }
}

/// Keeps only long stretches of rays on which skin ends: strands of hair that look like skin are shorter.
fn lasting(bare: Vec<Option<bool>>) -> Vec<bool> {
    let mut lasting = vec![false; bare.len()];
    let mut from = 0;
    for i in 0..=bare.len() {
        // Rays without an edge neither end a stretch nor count towards one.
        if i < bare.len() && bare[i] != Some(false) {
            continue;
        }
        if bare[from..i].iter().flatten().count() >= LEAST_STRETCH {
            lasting[from..i].fill(true);
        }
        from = i + 1;
    }
    lasting
}

/// Where along a ray the person ends, mm: the first place that is followed by background for `BACKGROUND_MM`.
fn end(share: impl Fn(f64) -> f64) -> Option<f64> {
    let steps = ((FARTHEST_MM - NEAREST_MM) / STEP_MM) as usize;
    let lasting = (BACKGROUND_MM / STEP_MM) as usize;
    let shares: Vec<f64> = (0..=steps + lasting).map(|k| share(NEAREST_MM + STEP_MM * k as f64)).collect();
    if shares[0] < 0.5 {
        return None;
    }
    let last = (0..steps).find(|&k| shares[k] >= 0.5 && shares[k + 1..=k + lasting].iter().all(|s| *s < 0.5))?;
    let (inside, outside) = (shares[last], shares[last + 1]);
    Some(NEAREST_MM + STEP_MM * (last as f64 + (inside - 0.5) / (inside - outside)))
}

/// Places on forehead and cheeks that show skin.
pub(super) fn skin_places(mesh: &Mesh) -> Vec<DVec2> {
    [forehead_places(mesh), cheek_places(mesh)].concat()
}

/// Places on the forehead. Hair may cover some of them.
pub(super) fn forehead_places(mesh: &Mesh) -> Vec<DVec2> {
    between(mesh, &FOREHEAD)
}

/// Places on the cheeks, above any beard.
pub(super) fn cheek_places(mesh: &Mesh) -> Vec<DVec2> {
    between(mesh, &CHEEKS)
}

fn between(mesh: &Mesh, pairs: &[[usize; 2]]) -> Vec<DVec2> {
    pairs.iter().flat_map(|&[a, b]| [0.2, 0.5, 0.8].map(|part| mesh.at(a).lerp(mesh.at(b), part))).collect()
}

/// The colour of the client's skin: the median over some places, by channel.
pub(super) fn skin(picture: &ReducedPhoto, places: &[DVec2], guess: &HeadGuess) -> [f32; 3] {
    let places = places.iter().copied();
    let colours: Vec<[f32; 3]> = places.map(|at| picture.colour(at, guess.px_per_mm)).collect();
    std::array::from_fn(|c| median(colours.iter().map(|colour| colour[c])).unwrap_or(0.0))
}

/// Whether a colour may be that skin in other light: of similar hue, and not much darker, as hair is.
fn alike(colour: &[f32; 3], skin: &[f32; 3]) -> bool {
    let sum = |c: &[f32; 3]| c.iter().sum::<f32>().max(1e-3);
    let (own, other) = (sum(colour), sum(skin));
    let hue = (0..3).map(|k| (colour[k] / own - skin[k] / other).abs()).fold(0.0, f32::max);
    hue < 0.045 && own > 0.45 * other
}
