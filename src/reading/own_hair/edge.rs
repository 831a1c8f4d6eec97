//! How much darker own hair makes the skin, estimated from both sides of its border.
//!
//! The light on a head varies from place to place by as much as shaved hair takes. So tones are compared along lines
//! that cross the border: a step there is hair, a gradual change is shading. A few such lines say little, while the
//! typical effect of shaved hair is known: the two are weighted by their precision.

use crate::ground::statistics::{self, SIGMA_BY_MEDIAN_DEVIATION};
use crate::reading::tone::Tone;

/// Share of the light that shaved hair leaves, natural logarithm: red, green, blue. The medians of nine edges of nine
/// people's own stubble, 0.62, 0.77 and 0.80. The amount differs between people, and a photo's colours say less about
/// it than its brightness: skin is redder here and paler there.
const USUAL_LN: [f64; 3] = [-0.48, -0.26, -0.22];
/// Standard deviation of that between people, as a share of it (differences of 3.8 to 12.1 around 9.3, CIEDE2000).
const PEOPLE_SPREAD: f64 = 0.35;
/// Least standard error of the mean over any number of lines, owing to shading and mottled skin, as a share of the
/// usual effect (assumed).
const LEAST_ERROR: f64 = 0.2;
/// Fewest tones on each side of the border.
const FEWEST_TONES: usize = 2;
/// Ratio of a median's standard error to a mean's.
const MEDIAN_ERROR_FACTOR: f64 = 1.25;

/// A tone on a line that crosses the border.
#[derive(Debug, Clone, Copy)]
pub(super) struct BorderTone {
    /// Distance above the border, mm along the skin.
    pub above_mm: f64,
    /// Mean tone of the skin there, including hair.
    pub tone: Tone,
}

/// The light that own hair leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Left {
    /// Share of red, green and blue.
    pub left: [f64; 3],
    /// The bare skin above the border.
    pub bare: Tone,
}

/// From lines that cross the border of hair that thins out over `blend_mm`; `None` if no line shows both sides.
pub(super) fn left(lines: &[Vec<BorderTone>], blend_mm: f64) -> Option<Left> {
    let jumps: Vec<f64> = lines.iter().filter_map(|line| jump(line, blend_mm)).collect();
    let bare: Vec<Tone> = lines.iter().flatten().filter(|a| a.above_mm > 0.5 * blend_mm).map(|a| a.tone).collect();
    if jumps.is_empty() {
        return None;
    }
    let bare = Tone(std::array::from_fn(|c| median(bare.iter().map(|tone| tone.0[c]))));
    let of = |share: f64| USUAL_LN.map(|ln| libm::exp(share * ln));
    let usually_left = of(1.0);
    let usual = Tone(std::array::from_fn(|c| bare.0[c] * usually_left[c]));
    let usual_jump = libm::log(usual.luminance() / bare.luminance());
    let shares = || jumps.iter().map(|jump| jump / usual_jump);
    let middle = median(shares());
    let deviation = median(shares().map(|share| (share - middle).abs()));
    let error =
        (SIGMA_BY_MEDIAN_DEVIATION * deviation * MEDIAN_ERROR_FACTOR / (jumps.len() as f64).sqrt()).max(LEAST_ERROR);
    let (measured, prior) = (1.0 / (error * error), 1.0 / (PEOPLE_SPREAD * PEOPLE_SPREAD));
    // Hair cannot make skin lighter.
    let share = ((measured * middle + prior) / (measured + prior)).max(0.0);
    Some(Left { left: of(share), bare })
}

/// The change of log brightness at the border: the mean of two regressions, with and without a gradient of shading
/// along the line. The first is unbiased but imprecise, the second biased but precise.
fn jump(line: &[BorderTone], blend_mm: f64) -> Option<f64> {
    let share = |above_mm: f64| (0.5 - above_mm / blend_mm).clamp(0.0, 1.0);
    let known: Vec<&BorderTone> = line.iter().filter(|a| a.tone.luminance() > 0.0).collect();
    let on_side = |full: f64| known.iter().filter(|a| (share(a.above_mm) - full).abs() < 0.25).count();
    if on_side(0.0) < FEWEST_TONES || on_side(1.0) < FEWEST_TONES {
        return None;
    }
    let count = known.len() as f64;
    let mean = |of: &dyn Fn(&BorderTone) -> f64| known.iter().map(|a| of(a)).sum::<f64>() / count;
    let (mean_s, mean_f) = (mean(&|a| a.above_mm), mean(&|a| share(a.above_mm)));
    let (s, f) = (|a: &BorderTone| a.above_mm - mean_s, |a: &BorderTone| share(a.above_mm) - mean_f);
    let (ss, ff, sf) = (mean(&|a| s(a) * s(a)), mean(&|a| f(a) * f(a)), mean(&|a| s(a) * f(a)));
    let determinant = ss * ff - sf * sf;
    (determinant > 1e-6 * ss * ff).then(|| {
        let ln = |a: &BorderTone| libm::log(a.tone.luminance());
        let (fy, sy) = (mean(&|a| f(a) * ln(a)), mean(&|a| s(a) * ln(a)));
        0.5 * ((ss * fy - sf * sy) / determinant + fy / ff)
    })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    statistics::median(values).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines across the border, with hair that leaves `left` of the light, which falls off downwards.
    fn lines(left: [f64; 3], fall_per_mm: f64) -> Vec<Vec<BorderTone>> {
        let tone = |above_mm: f64, line: i32| {
            let share = (0.5 - above_mm / 15.0).clamp(0.0, 1.0);
            let mottle = 1.0 + 0.04 * libm::sin(f64::from(line) + 0.7 * above_mm);
            let light = libm::exp(fall_per_mm * above_mm) * mottle;
            Tone(std::array::from_fn(|c| [0.6, 0.4, 0.3][c] * light * libm::pow(left[c], share)))
        };
        let along = |line: i32, i: i32| {
            let above_mm = 9.0 * f64::from(i);
            BorderTone { above_mm, tone: tone(above_mm, line) }
        };
        (0..16).map(|line| (-4..=4).map(|i| along(line, i)).collect()).collect()
    }

    #[test]
    fn the_effect_of_hair_is_separated_from_shading() {
        for (share, fall) in [(1.0, 0.0), (1.0, 0.004), (1.0, -0.004), (0.7, 0.002), (1.2, 0.0)] {
            let estimate = left(&lines(USUAL_LN.map(|ln| libm::exp(share * ln)), fall), 15.0).unwrap();
            let off: Vec<f64> = (0..3).map(|c| libm::log(estimate.left[c]) / USUAL_LN[c] - share).collect();
            assert!(off.iter().all(|off| off.abs() < 0.25), "{share}, {fall}: {off:.3?}");
            assert!((estimate.bare.luminance() / 0.43 - 1.0).abs() < 0.2, "{:?}", estimate.bare);
        }
    }

    #[test]
    fn lines_that_show_one_side_only_give_no_estimate() {
        assert_eq!(left(&[], 15.0), None);
        let [line] = &lines([0.62, 0.77, 0.80], 0.0)[..1] else { panic!() };
        assert!(left(&[line[..3].to_vec()], 15.0).is_none(), "only hair is visible");
        let dark = BorderTone { tone: Tone([0.0; 3]), ..line[0] };
        assert_eq!(left(&[vec![dark; 9]], 15.0), None);
    }
}
