//! The outline of a head as a camera sees it: where the skin turns away from the eye.
//!
//! Guarantee: every point lies on its surface, and the line of sight is tangential there to within 1e-6 radians. Cost:
//! some 2500 evaluations of the surface for the cranium; an ear's outline is an ellipse in closed form.

use glam::DVec3;

use super::camera::Camera;
use super::landmarks::Landmark;
use super::surface::{Surface, SurfacePoint};
use super::{Ear, Head};

/// Number of points in a ring.
const POINTS: usize = 96;
/// Number of bisections of half a turn: to 1e-7 radians.
const HALVINGS: usize = 25;

/// The parts of a head's outline that are useful over a photo, as lines in head space, mm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline {
    /// The scalp, above the height of the tragi.
    pub scalp: Vec<Vec<SurfacePoint>>,
    /// The ears, without the parts that the cranium hides.
    pub ears: Vec<Vec<DVec3>>,
}

impl Surface {
    /// The closed ring of points at which lines of sight from `eye`, outside the surface, are tangential; the first
    /// point is not repeated at the end.
    #[must_use]
    pub fn silhouette(&self, eye: DVec3) -> Vec<SurfacePoint> {
        let towards = (eye - self.centre).normalize_or(DVec3::Z);
        let (right, up) = towards.any_orthonormal_pair();
        let faces = |point: &SurfacePoint| point.normal.dot(eye - point.position) > 0.0;
        (0..POINTS)
            .map(|i| {
                let (s, c) = libm::sincos(std::f64::consts::TAU * i as f64 / POINTS as f64);
                let aside = right * c + up * s;
                let at = |angle: f64| {
                    let (s, c) = libm::sincos(angle);
                    self.at(towards * c + aside * s)
                };
                // Skin near the eye faces it, skin on the far side does not.
                let (mut near, mut far) = (0.0, std::f64::consts::PI);
                for _ in 0..HALVINGS {
                    let middle = 0.5 * (near + far);
                    if faces(&at(middle)) {
                        near = middle;
                    } else {
                        far = middle;
                    }
                }
                at(0.5 * (near + far))
            })
            .collect()
    }
}

impl Ear {
    /// The ring of points at which lines of sight from `eye`, outside the ear, are tangential.
    #[must_use]
    pub fn silhouette(&self, eye: DVec3) -> Vec<DVec3> {
        // In coordinates that make the ear a unit sphere, the ring is a circle in the polar plane of the eye.
        let from = (eye - self.centre) / self.semi_axes;
        let distance = from.length().max(1.0 + 1e-9);
        let towards = from.normalize_or(DVec3::Z);
        let (right, up) = towards.any_orthonormal_pair();
        let radius = (1.0 - 1.0 / (distance * distance)).sqrt();
        (0..POINTS / 2)
            .map(|i| {
                let (s, c) = libm::sincos(std::f64::consts::TAU * 2.0 * i as f64 / POINTS as f64);
                self.centre + (towards / distance + (right * c + up * s) * radius) * self.semi_axes
            })
            .collect()
    }
}

impl Head {
    /// The outline of scalp and ears from a camera.
    #[must_use]
    pub fn outline(&self, camera: &Camera) -> Outline {
        let eye = camera.position();
        let lowest = 0.5 * (self.landmark(Landmark::TragusLeft).y + self.landmark(Landmark::TragusRight).y);
        let scalp = runs(self.cranium.silhouette(eye), |point| point.position.y > lowest);
        let hidden = |point: DVec3| {
            let along = point - eye;
            let hit = self.cranium.hit(eye, along.normalize_or(DVec3::NEG_Z));
            hit.is_some_and(|(distance, _)| distance < along.length() - 1.0)
        };
        let ears = self.ears.iter().flat_map(|ear| runs(ear.silhouette(eye), |&point| !hidden(point))).collect();
        Outline { scalp, ears }
    }
}

/// The runs of wanted points in a closed ring. If all are wanted, the single run ends where it begins.
fn runs<T: Copy>(ring: Vec<T>, wanted: impl Fn(&T) -> bool) -> Vec<Vec<T>> {
    let keep: Vec<bool> = ring.iter().map(wanted).collect();
    let Some(gap) = keep.iter().position(|k| !k) else {
        return vec![ring.iter().chain(ring.first()).copied().collect()];
    };
    let mut runs = vec![Vec::new()];
    for i in 1..ring.len() {
        let at = (gap + i) % ring.len();
        match (keep[at], runs.last_mut()) {
            (true, Some(run)) => run.push(ring[at]),
            (false, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::surface::SemiAxes;

    #[test]
    fn the_silhouette_of_a_sphere_is_its_tangent_circle() {
        let (radius, distance) = (80.0, 500.0);
        let centre = DVec3::new(3.0, -4.0, 5.0);
        let axes = SemiAxes { side: radius, up: radius, down: radius, front: radius, back: radius };
        let eye = centre + DVec3::new(0.3, 0.2, 0.9).normalize() * distance;
        for point in Surface::ellipsoid(centre, axes).silhouette(eye) {
            let sight = (point.position - eye).normalize();
            assert!(sight.dot(point.normal).abs() < 1e-6);
            // The tangent from a point outside: Pythagoras.
            let tangent = (distance * distance - radius * radius).sqrt();
            assert!((point.position.distance(eye) - tangent).abs() < 1e-4);
        }
    }

    #[test]
    fn lines_of_sight_are_tangential_along_the_silhouette_of_an_ear() {
        let ear = Head::average().ears[1];
        let eye = DVec3::new(700.0, 50.0, 100.0);
        for point in ear.silhouette(eye) {
            let from = (point - ear.centre) / ear.semi_axes;
            assert!((from.length() - 1.0).abs() < 1e-9);
            let normal = (from / ear.semi_axes).normalize();
            assert!(normal.dot((eye - point).normalize()).abs() < 1e-9);
        }
    }

    #[test]
    fn from_the_side_one_ear_is_seen_and_the_other_is_not() {
        use glam::{DMat3, DVec2};
        let head = Head::average();
        let camera = Camera {
            camera_from_head: DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0)) * DMat3::from_rotation_y(-1.5),
            head_origin_mm: DVec3::new(0.0, 0.0, 800.0),
            focal_px: 2000.0,
            principal_px: DVec2::splat(1000.0),
        };
        assert!(camera.position().x > 700.0, "the camera must see the client's left side");
        let outline = head.outline(&camera);
        assert_eq!(outline.scalp.len(), 1);
        let (left, right): (Vec<&DVec3>, Vec<&DVec3>) = outline.ears.iter().flatten().partition(|p| p.x > 0.0);
        assert!(left.len() > 40 && right.is_empty(), "{} {}", left.len(), right.len());
    }

    #[test]
    fn rings_are_cut_at_gaps_and_not_where_they_begin() {
        let ring: Vec<usize> = (0..10).collect();
        assert_eq!(runs(ring.clone(), |&i| i != 5), vec![vec![6, 7, 8, 9, 0, 1, 2, 3, 4]]);
        assert_eq!(runs(ring.clone(), |&i| i % 5 < 3), vec![vec![5, 6, 7], vec![0, 1, 2]]);
        assert_eq!(runs(ring, |_| true), vec![vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]]);
    }
}
