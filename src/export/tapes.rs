//! Distances along the skin from landmarks that can be felt on the client: what a tape measures on the day of
//! treatment.

use glam::DVec3;

use crate::case::document::Document;
use crate::case::head_fit::{HeadFit, Measured};
use crate::head::landmarks::Landmark;
use crate::head::surface::SurfacePoint;
use crate::head::{Head, Part};
use crate::plan::hairline::Hairline;
use crate::reading::views;

/// The subject's side of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The subject's right.
    Right,
    /// The subject's left.
    Left,
}

impl Side {
    /// -1 for the right, where x is negative; 1 for the left.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Right => -1.0,
            Self::Left => 1.0,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Left => "left",
        }
    }

    fn of(self, left: Landmark) -> Landmark {
        match self {
            Self::Right => left.mirrored(),
            Self::Left => left,
        }
    }
}

/// A length and its error, stated as at least a millimetre: "82 mm ± 3".
#[must_use]
pub fn length_text(measured: Measured) -> String {
    format!("{:.0}\u{a0}mm ±\u{a0}{:.0}", measured.length_mm, measured.error_mm.max(1.0))
}

/// Tapes to a point of the line.
#[derive(Debug, Clone, PartialEq)]
pub struct Tapes {
    /// The position of the point, in words.
    pub name: String,
    /// The point.
    pub point: SurfacePoint,
    /// From the glabella.
    pub glabella: Measured,
    /// From the outer corner of the eye on that side; `None` on the midline.
    pub canthus: Option<Measured>,
    /// From the tragus on that side; `None` on the midline.
    pub tragus: Option<Measured>,
}

impl Tapes {
    /// Measures the tapes to a point of the head.
    #[must_use]
    pub fn to(document: &Document, fit: &HeadFit, name: String, point: SurfacePoint, side: Option<Side>) -> Self {
        let from = |landmark| tape(document, fit, landmark, point);
        Self {
            name,
            point,
            glabella: from(Landmark::Glabella),
            canthus: side.map(|side| from(side.of(Landmark::CanthusLeft))),
            tragus: side.map(|side| from(side.of(Landmark::TragusLeft))),
        }
    }
}

/// The length from a landmark to a point, and its error, scaled up from that of the straight line between them: an
/// uncertain head is larger or smaller as a whole.
fn tape(document: &Document, fit: &HeadFit, landmark: Landmark, point: SurfacePoint) -> Measured {
    let head = fit.head();
    let length_mm = head.tape(Part::Cranium, head.landmark(landmark), point.position).length_mm;
    let chord = |head: &Head| {
        let [from, to] = [head.landmark(landmark), point.position].map(|p| head.cranium.below(p).position);
        from.distance(to)
    };
    let bent = length_mm / chord(head).max(1.0);
    let deviation = bent * fit.fit.deviation_of(|head, _| Some(chord(head)));
    // The scale error of the photo that shows the point best.
    let shown = views::of_place(head, &fit.views(document), &point, |_| true);
    let scale = shown.and_then(|(view, _)| fit.scale_at(view.index, point.position)).map_or(0.0, |scale| scale.error);
    Measured { length_mm, error_mm: deviation.max(scale * length_mm) }
}

/// Where the line crosses the plane of constant x at the front of the head; the highest such point.
#[must_use]
pub fn crossing(head: &Head, line: &[SurfacePoint], x: f64) -> Option<SurfacePoint> {
    let crossings = line.windows(2).filter_map(|pair| {
        let [a, b] = [pair[0].position, pair[1].position];
        let share = (x - a.x) / (b.x - a.x);
        ((a.x <= x) != (b.x <= x)).then(|| head.cranium.below(a.lerp(b, share)))
    });
    crossings.filter(|p| p.position.z > 0.0).max_by(|a, b| a.position.y.total_cmp(&b.position.y))
}

/// The points of the line that are agreed with a client: in the middle, above the pupils, and at the corners, which lie
/// above the outer corners of the eyes.
#[must_use]
pub fn of_line(document: &Document, fit: &HeadFit, hairline: &Hairline) -> Vec<Tapes> {
    let head = fit.head();
    let line = hairline.line(head);
    let midline = head.midline_mm();
    let half = |left: Landmark| -> f64 {
        let apart: DVec3 = head.landmark(left) - head.landmark(left.mirrored());
        0.5 * apart.x.abs()
    };
    let mut all = vec![Tapes::to(document, fit, "In the middle".to_owned(), hairline.mid_frontal(head), None)];
    for (landmark, name) in
        [(Landmark::PupilLeft, "Above the {} pupil"), (Landmark::CanthusLeft, "Above the {} eye's outer corner")]
    {
        for side in [Side::Right, Side::Left] {
            let point = crossing(head, &line, midline + side.sign() * half(landmark));
            let name = name.replace("{}", side.name());
            all.extend(point.map(|point| Tapes::to(document, fit, name, point, Some(side))));
        }
    }
    all
}
