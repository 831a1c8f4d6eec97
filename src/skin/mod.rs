//! How pigment in skin looks, and how that changes with time.

pub mod healing;
pub mod optics;
pub mod shade;
pub mod tone;

use crate::follicles::dots::Dot;

/// What one dot does to the light that comes back from the skin: two Gaussian losses on one centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appearance {
    /// Standard deviation of the core, mm along the skin.
    pub core_sigma_mm: f64,
    /// Standard deviation of the halo, mm.
    pub halo_sigma_mm: f64,
    /// Black skin that would take as much light as the core, mm2: red, green, blue.
    pub core_mm2: [f64; 3],
    /// The same for the halo.
    pub halo_mm2: [f64; 3],
}

/// A dot `age_days` after it was placed.
#[must_use]
pub fn appearance(dot: &Dot, age_days: f64) -> Appearance {
    let healed = healing::pigment_after(dot, age_days);
    optics::loss(&healed)
}
