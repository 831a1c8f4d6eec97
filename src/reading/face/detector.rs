//! Detection of the faces in a photo, whatever its orientation.

use glam::DVec2;

use super::found::Unavailable;
use super::models::Network;
use super::picture::{Around, Part, ReducedPhoto, turned};

/// Least score that counts as a face.
const LEAST_SCORE: f32 = 0.5;
/// Boxes that overlap more than this, by intersection over union, are the same face.
const SAME_FACE: f64 = 0.3;
/// Numbers per anchor: middle and size of the box, and six points.
const NUMBERS: usize = 16;
/// How much higher the score must be with the photo turned, since most photos are already upright.
const TURNED_SCORE: f32 = 0.1;
/// Sides of the square that is searched, over the photo's longer side: as it is, then with a margin for a face that
/// fills it.
const ROOM: [f64; 2] = [1.0, 1.7];

/// A face as the detector reports it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Face {
    /// Confidence, 0.5 to 1.
    pub(super) score: f32,
    /// Middle of the box from brows to chin and ear to ear, px.
    pub(super) middle: DVec2,
    /// The longer side of that box, px.
    pub(super) side: f64,
    /// Right eye, left eye, nose tip, mouth, right and left tragus of the subject, px.
    pub(super) points: [DVec2; 6],
    /// Angle by which the photo was turned when the face was detected.
    seen_at: f64,
}

impl Face {
    /// Angle of the line from the right eye to the left eye.
    pub(super) fn roll(&self) -> f64 {
        let across = turned(self.points[1] - self.points[0], -self.seen_at);
        let roll = libm::atan2(across.y, across.x);
        // In a profile, one eye is behind the other.
        self.seen_at + if roll.abs() < 1.0 { roll } else { 0.0 }
    }
}

/// The faces, largest first, detected with the photo in the orientation of the highest score.
pub(super) fn faces(network: &Network, picture: &ReducedPhoto) -> Result<Vec<Face>, Unavailable> {
    for room in ROOM {
        let side = picture.size_px.max_element() * room;
        let mut best: Vec<Face> = Vec::new();
        let score = |faces: &[Face]| faces.iter().map(|face| face.score).fold(0.0, f32::max);
        for quarter in 0..4 {
            let part = Part::square(0.5 * picture.size_px, side, f64::from(quarter) * std::f64::consts::FRAC_PI_2);
            let found = in_part(network, picture, &part)?;
            if score(&found) > score(&best) + if quarter == 0 { 0.0 } else { TURNED_SCORE } {
                best = found;
            }
        }
        if !best.is_empty() {
            best.sort_by(|a, b| b.side.total_cmp(&a.side));
            return Ok(best);
        }
    }
    Ok(Vec::new())
}

/// A box with its points, as the network returns it: positions relative to the part.
#[derive(Clone, Copy)]
struct Candidate {
    score: f32,
    middle: DVec2,
    size: DVec2,
    points: [DVec2; 6],
}

fn in_part(network: &Network, picture: &ReducedPhoto, part: &Part) -> Result<Vec<Face>, Unavailable> {
    let planes = picture.planes(part, network.side_px, false, Around::Nothing);
    let results = network.run(planes.into_iter().map(|sample| 2.0 * sample - 1.0).collect())?;
    let [boxes, scores] = &results[..] else { return Ok(Vec::new()) };
    let side = network.side_px as f64;
    let mut candidates: Vec<Candidate> = anchors()
        .zip(boxes.chunks_exact(NUMBERS).zip(scores))
        .map(|(anchor, (numbers, score))| {
            let pair = |i: usize| DVec2::new(f64::from(numbers[i]), f64::from(numbers[i + 1])) / side;
            Candidate {
                score: 1.0 / (1.0 + libm::expf(-score.clamp(-80.0, 80.0))),
                middle: anchor + pair(0),
                size: pair(2),
                points: std::array::from_fn(|i| anchor + pair(4 + 2 * i)),
            }
        })
        .filter(|candidate| candidate.score >= LEAST_SCORE && candidate.size.min_element() > 0.0)
        .collect();
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces = Vec::new();
    while !candidates.is_empty() {
        let first = candidates.remove(0);
        let (mut same, others): (Vec<Candidate>, Vec<Candidate>) =
            candidates.iter().partition(|other| overlap(&first, other) > SAME_FACE);
        same.push(first);
        // The boxes of one face are averaged, weighted by their scores.
        let whole: f64 = same.iter().map(|c| f64::from(c.score)).sum();
        let mean =
            |of: &dyn Fn(&Candidate) -> DVec2| same.iter().map(|c| of(c) * f64::from(c.score)).sum::<DVec2>() / whole;
        faces.push(Face {
            score: first.score,
            middle: part.place(mean(&|c| c.middle)),
            side: (mean(&|c| c.size) * part.size).max_element(),
            points: std::array::from_fn(|i| part.place(mean(&|c| c.points[i]))),
            seen_at: part.roll,
        });
        candidates = others;
    }
    Ok(faces)
}

/// Middles of the anchors: two for each cell of a 16 x 16 grid, then six for each of an 8 x 8 grid.
fn anchors() -> impl Iterator<Item = DVec2> {
    [(16_u32, 2_usize), (8, 6)].into_iter().flat_map(|(cells, each)| {
        (0..cells * cells).flat_map(move |i| {
            let at = DVec2::new(f64::from(i % cells) + 0.5, f64::from(i / cells) + 0.5) / f64::from(cells);
            std::iter::repeat_n(at, each)
        })
    })
}

/// Intersection over union of two boxes.
fn overlap(a: &Candidate, b: &Candidate) -> f64 {
    let low = (a.middle - 0.5 * a.size).max(b.middle - 0.5 * b.size);
    let high = (a.middle + 0.5 * a.size).min(b.middle + 0.5 * b.size);
    let both = (high - low).max(DVec2::ZERO);
    let both = both.x * both.y;
    both / (a.size.x * a.size.y + b.size.x * b.size.y - both)
}

/// The part of a photo that contains the whole of a face, turned upright.
pub(super) fn around(face: &Face) -> Part {
    Part::square(face.middle, 1.5 * face.side, face.roll())
}
