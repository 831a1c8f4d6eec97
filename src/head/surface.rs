//! A smooth closed surface that every ray from its centre meets once: the cranium, or the lower face.
//!
//! The radius in direction `u` is that of a base ellipsoid with its own semi-axis on each side, times the exponential
//! of a spherical-harmonic series, so it is positive for any coefficients. Points and directions are in head space
//! (mm).
//!
//! Guarantees: [`Surface::hit`] finds the nearest crossing to 1e-9 mm, so `head_from_image` and `image_from_head` are
//! inverse to each other to 1e-6 mm. Cost: one evaluation of the series (about 100 ns) per point.

use glam::DVec3;

use super::harmonics::{self, TERMS};

/// Semi-axes of the base ellipsoid, mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SemiAxes {
    /// Half-breadth, both sides.
    pub side: f64,
    /// From the centre up.
    pub up: f64,
    /// From the centre down.
    pub down: f64,
    /// From the centre forward.
    pub front: f64,
    /// From the centre backward.
    pub back: f64,
}

/// A point on a surface with the outward unit normal there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfacePoint {
    /// Position, mm, head space.
    pub position: DVec3,
    /// Outward unit normal.
    pub normal: DVec3,
}

/// The surface.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// Centre, mm, head space.
    pub centre: DVec3,
    /// Base ellipsoid.
    pub axes: SemiAxes,
    /// Coefficients of the series whose exponential multiplies the radius.
    pub series: [f64; TERMS],
}

impl Surface {
    /// The ellipsoid alone.
    #[must_use]
    pub fn ellipsoid(centre: DVec3, axes: SemiAxes) -> Self {
        Self { centre, axes, series: [0.0; TERMS] }
    }

    /// More than the distance from the centre to any point of the surface of a head, mm.
    fn sum_of_axes(&self) -> f64 {
        self.axes.side + self.axes.up + self.axes.down + self.axes.front + self.axes.back
    }

    fn inverse_square_axes(&self, u: DVec3) -> DVec3 {
        let a = &self.axes;
        let y = if u.y >= 0.0 { a.up } else { a.down };
        let z = if u.z >= 0.0 { a.front } else { a.back };
        DVec3::new(1.0 / (a.side * a.side), 1.0 / (y * y), 1.0 / (z * z))
    }

    /// Distance from the centre to the surface in direction `unit`, mm.
    #[must_use]
    pub fn radius(&self, unit: DVec3) -> f64 {
        let m = self.inverse_square_axes(unit);
        let terms = harmonics::values(unit);
        let log: f64 = terms.iter().zip(&self.series).map(|(t, c)| t * c).sum();
        libm::exp(log) / (m * unit).dot(unit).sqrt()
    }

    /// Radius and its gradient with respect to direction (tangential, mm per radian).
    #[must_use]
    pub(crate) fn radius_and_gradient(&self, unit: DVec3) -> (f64, DVec3) {
        let m = self.inverse_square_axes(unit);
        let h = harmonics::harmonics(unit);
        let mut log = 0.0;
        let mut slope = DVec3::ZERO;
        for k in 0..TERMS {
            log += self.series[k] * h.value[k];
            slope += h.gradient[k] * self.series[k];
        }
        let q = (m * unit).dot(unit);
        let radius = libm::exp(log) / q.sqrt();
        // d ln(q^-1/2) = -(M u) / q, made tangential
        let mut base = -(m * unit) / q;
        base -= unit * unit.dot(base);
        (radius, (base + slope) * radius)
    }

    /// The surface point in direction `unit` from the centre.
    #[must_use]
    pub fn at(&self, unit: DVec3) -> SurfacePoint {
        let (radius, gradient) = self.radius_and_gradient(unit);
        SurfacePoint { position: self.centre + unit * radius, normal: (unit - gradient / radius).normalize() }
    }

    /// The surface point on the ray from the centre through `point`: how a stored position is projected onto the skin.
    #[must_use]
    pub fn below(&self, point: DVec3) -> SurfacePoint {
        self.at((point - self.centre).normalize_or(DVec3::Y))
    }

    /// Height above the surface along the ray from the centre, mm; negative inside.
    #[must_use]
    pub fn height(&self, point: DVec3) -> f64 {
        let p = point - self.centre;
        let distance = p.length();
        if distance < 1e-9 {
            return -self.axes.side;
        }
        distance - self.radius(p / distance)
    }

    /// Height and its gradient (head space).
    #[must_use]
    pub(crate) fn height_and_gradient(&self, point: DVec3) -> (f64, DVec3) {
        let p = point - self.centre;
        let distance = p.length().max(1e-9);
        let unit = p / distance;
        let (radius, gradient) = self.radius_and_gradient(unit);
        (distance - radius, unit - gradient / distance)
    }

    /// The point of the surface that is nearest to `point`.
    #[must_use]
    pub fn nearest(&self, point: DVec3) -> SurfacePoint {
        let mut foot = self.below(point);
        for _ in 0..30 {
            // Slide along the tangent plane towards the point, then back onto the surface.
            let away = point - foot.position;
            let slide = away - foot.normal * away.dot(foot.normal);
            if slide.length_squared() < 1e-18 {
                break;
            }
            foot = self.below(foot.position + slide * 0.8);
        }
        foot
    }

    /// Where the ray first enters the surface: distance along the unit `direction`, mm, and the point.
    #[must_use]
    pub fn hit(&self, origin: DVec3, direction: DVec3) -> Option<(f64, SurfacePoint)> {
        let to_centre = self.centre - origin;
        let foot = to_centre.dot(direction).max(0.0);
        // Where a ray passes the centre it is inside the surface, unless it passes near the rim: only there it has to
        // be searched for the place where it is deepest inside.
        let mut inside = foot;
        if self.height(origin + direction * foot) > 0.0 {
            let (near, height) = self.closest_approach(origin, direction)?;
            if height > 0.0 {
                return None;
            }
            inside = near;
        }
        // The entry lies between the origin and that place; the height changes from positive to negative there.
        let reach = 2.0 * self.sum_of_axes();
        let mut outside = (inside - reach).max(0.0);
        if self.height(origin + direction * outside) <= 0.0 {
            return None;
        }
        // First guess: where the ray enters a sphere as large as the surface is on this side.
        let radius = self.radius(-direction);
        let across = (to_centre - direction * foot).length_squared();
        let guess = inside - (radius * radius - across).max(0.0).sqrt();
        let mut t = if guess > outside && guess < inside { guess } else { 0.5 * (outside + inside) };
        for _ in 0..100 {
            let (h, gradient) = self.height_and_gradient(origin + direction * t);
            if h > 0.0 {
                outside = t;
            } else {
                inside = t;
            }
            let slope = gradient.dot(direction);
            let newton = t - h / slope;
            let next =
                if slope < 0.0 && newton > outside && newton < inside { newton } else { 0.5 * (outside + inside) };
            let done = (next - t).abs() < 1e-10;
            t = next;
            if done {
                break;
            }
        }
        let point = self.below(origin + direction * t);
        Some((t, point))
    }

    /// Along a ray, the distance (mm, not negative) at which the height above the surface is least, and that height
    /// (mm).
    ///
    /// `None` where the ray points away from the surface altogether.
    #[must_use]
    pub(crate) fn closest_approach(&self, origin: DVec3, direction: DVec3) -> Option<(f64, f64)> {
        let along = (self.centre - origin).dot(direction);
        let reach = self.sum_of_axes();
        if along < -reach {
            return None;
        }
        // The height along a ray past a rounded head has one minimum near the foot point of the centre: sample, then
        // refine.
        let (mut low, mut high) = ((along - reach).max(0.0), (along + reach).max(0.0));
        const SAMPLES: usize = 48;
        let step = (high - low) / SAMPLES as f64;
        let mut best = (low, f64::INFINITY);
        for i in 0..=SAMPLES {
            let t = low + step * i as f64;
            let h = self.height(origin + direction * t);
            if h < best.1 {
                best = (t, h);
            }
        }
        (low, high) = ((best.0 - step).max(0.0), best.0 + step);
        // Golden section: 40 rounds reach 1e-8 of the bracket.
        const GOLDEN: f64 = 0.618_033_988_749_894_9;
        let mut a = high - GOLDEN * (high - low);
        let mut b = low + GOLDEN * (high - low);
        let mut at_a = self.height(origin + direction * a);
        let mut at_b = self.height(origin + direction * b);
        for _ in 0..40 {
            if at_a < at_b {
                (high, b, at_b) = (b, a, at_a);
                a = high - GOLDEN * (high - low);
                at_a = self.height(origin + direction * a);
            } else {
                (low, a, at_a) = (a, b, at_b);
                b = low + GOLDEN * (high - low);
                at_b = self.height(origin + direction * b);
            }
        }
        Some(if at_a < at_b { (a, at_a) } else { (b, at_b) })
    }
}
