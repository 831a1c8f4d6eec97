//! The least distance between dots.

use crate::ground::points::hexagonal_spacing_mm;

/// Least distance of two dots over the spacing of the densest packing (a hexagonal lattice, for which the ratio is 1).
///
/// Hair is irregular, but never close together: adding random dots at this distance until no more fit reaches 0.78, and
/// a set that has to be good at every density 0.71 to 0.73.
pub(crate) const RELATIVE_RADIUS: f64 = 0.70;

/// The density at which dots keep this distance, mm: the inverse of [`poisson_disc_mm`].
pub(super) fn per_cm2_of_poisson_disc(radius_mm: f64) -> f64 {
    // Spacing is proportional to one over the square root of the density.
    let at_one = poisson_disc_mm(1.0);
    (at_one / radius_mm) * (at_one / radius_mm)
}

/// The distance that dots keep at a density, mm.
#[must_use]
pub fn poisson_disc_mm(per_cm2: f64) -> f64 {
    RELATIVE_RADIUS * hexagonal_spacing_mm(per_cm2)
}
