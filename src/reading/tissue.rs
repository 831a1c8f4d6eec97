//! A model of skin and light: an epidermis with melanin over a dermis with blood.
//!
//! The coefficients are those of Jacques (omlc.org, skin optics) at 610, 540 and 460 nm. They vary between people by a
//! factor of two or more, but the shape of each spectrum does not.

/// Absorption of melanosomes, per mm: red, green, blue.
const MELANOSOMES_PER_MM: [f64; 3] = [35.0, 52.0, 90.0];
/// Absorption of whole blood, per mm.
const BLOOD_PER_MM: [f64; 3] = [2.6, 22.0, 30.0];
/// Absorption of skin without either, per mm.
const BARE_PER_MM: [f64; 3] = [0.034, 0.05, 0.113];
/// Reduced scattering, per mm.
const SCATTERING_PER_MM: [f64; 3] = [3.47, 4.13, 5.2];
/// Thickness of epidermis that [`Skin::melanosome_fraction`] refers to, mm.
pub const REFERENCE_EPIDERMIS_MM: f64 = 0.1;
/// Thickness of a scalp's epidermis, mm: 0.05 to 0.08, thinner than that of most skin.
pub(crate) const SCALP_EPIDERMIS_MM: f64 = 0.06;

/// A person's skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skin {
    /// Melanosomes, as a volume fraction of an epidermis of [`REFERENCE_EPIDERMIS_MM`]: 0.02 in light skin, 0.10 in
    /// dark skin, 0.3 in the darkest. A thinner epidermis holds as many, more densely.
    pub melanosome_fraction: f64,
    /// Volume fraction of blood in the dermis.
    pub blood_fraction: f64,
    /// Thickness of the epidermis, mm.
    pub epidermis_mm: f64,
}

impl Default for Skin {
    /// A light scalp.
    fn default() -> Self {
        Self { melanosome_fraction: 0.02, blood_fraction: 0.01, epidermis_mm: SCALP_EPIDERMIS_MM }
    }
}

fn mix(share: f64, of_per_mm: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|c| share * of_per_mm[c] + (1.0 - share) * BARE_PER_MM[c])
}

impl Skin {
    /// Diffuse reflectance of untreated skin, without the specular reflection of its surface: red, green, blue.
    ///
    /// Light returns from the dermis after passing the epidermis several times, or from the epidermis itself. Fitted to
    /// Monte Carlo simulations (Henyey-Greenstein g = 0.8, n = 1.4, diffuse illumination) of 0 to 30 % melanosomes and
    /// 0.2 to 8 % blood in an epidermis of [`REFERENCE_EPIDERMIS_MM`]: within 0.016. A thinner one with as many
    /// melanosomes changes it by less than 0.01.
    #[must_use]
    pub fn reflectance(self) -> [f64; 3] {
        self.dermis_and_epidermis().map(|[dermis, epidermis]| dermis + epidermis)
    }

    /// Share of the diffuse light that remains with `thickness_mm` of whole blood spread through the upper dermis: red,
    /// green, blue.
    ///
    /// Blood only absorbs light that returns from the dermis, so its effect is smaller on dark skin.
    #[must_use]
    pub(crate) fn left_by_blood(self, thickness_mm: f64) -> [f64; 3] {
        let parts = self.dermis_and_epidermis();
        std::array::from_fn(|c| {
            let [dermis, epidermis] = parts[c];
            let left = libm::exp(-BLOOD_PER_MM[c] * thickness_mm);
            (dermis * left + epidermis) / (dermis + epidermis)
        })
    }

    fn dermis_and_epidermis(self) -> [[f64; 2]; 3] {
        let skin = Self { epidermis_mm: REFERENCE_EPIDERMIS_MM, ..self };
        let (dermis, epidermis) = (mix(self.blood_fraction, BLOOD_PER_MM), skin.epidermis_absorbance());
        std::array::from_fn(|c| {
            let depth = (dermis[c] / SCATTERING_PER_MM[c]).sqrt();
            let from_dermis = 0.8759 * libm::exp(-5.5135 * depth / (1.0 + 1.2078 * depth));
            // In bright skin, light passes the epidermis more often.
            let passage = 1.8178 * epidermis[c] * libm::pow(from_dermis, 0.2825);
            let scattered = 0.1403 * SCATTERING_PER_MM[c] * REFERENCE_EPIDERMIS_MM / (1.0 + 7.9689 * epidermis[c]);
            [from_dermis * libm::pow(1.0 + passage, -3.3394), scattered]
        })
    }

    /// Absorbance of the epidermis across its thickness (dimensionless): red, green, blue.
    #[must_use]
    pub(crate) fn epidermis_absorbance(self) -> [f64; 3] {
        let share = (self.melanosome_fraction * REFERENCE_EPIDERMIS_MM / self.epidermis_mm).min(1.0);
        mix(share, MELANOSOMES_PER_MM).map(|per_mm| per_mm * self.epidermis_mm)
    }

    /// Attenuation of diffuse light with depth in the dermis, per mm: red, green, blue (diffusion theory).
    #[must_use]
    pub(crate) fn attenuation_per_mm(self) -> [f64; 3] {
        let dermis = mix(self.blood_fraction, BLOOD_PER_MM);
        std::array::from_fn(|c| (3.0 * dermis[c] * (dermis[c] + SCATTERING_PER_MM[c])).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_skin_is_as_bright_as_in_the_simulation() {
        for (melanosome_fraction, epidermis_mm, simulated) in [
            (0.02, REFERENCE_EPIDERMIS_MM, [0.357, 0.221, 0.162]),
            (0.10, REFERENCE_EPIDERMIS_MM, [0.131, 0.065, 0.030]),
            (0.02, SCALP_EPIDERMIS_MM, [0.356, 0.213, 0.152]),
            (0.10, SCALP_EPIDERMIS_MM, [0.135, 0.063, 0.026]),
        ] {
            let skin = Skin { melanosome_fraction, epidermis_mm, ..Skin::default() };
            for (got, want) in skin.reflectance().into_iter().zip(simulated) {
                assert!((got - want).abs() < 0.012, "{melanosome_fraction}, {epidermis_mm} mm: {got:.3} {want}");
            }
        }
    }

    #[test]
    fn melanin_darkens_and_blood_reddens() {
        let light = Skin::default().reflectance();
        let dark = Skin { melanosome_fraction: 0.05, ..Skin::default() }.reflectance();
        let flushed = Skin { blood_fraction: 0.03, ..Skin::default() }.reflectance();
        assert!((0..3).all(|c| dark[c] < light[c]));
        assert!(flushed[0] / light[0] > 1.15 * flushed[1] / light[1], "{flushed:?} {light:?}");
    }
}
