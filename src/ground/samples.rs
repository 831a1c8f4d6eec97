//! Tables between stored sample values and linear light, fast enough for whole photos.
//!
//! Guarantees: a sample value that is decoded and encoded again is unchanged, unless its curve is flat there; 8 bits
//! are rounded exactly (to the sample value nearest to the light, judged in `f64`), 16 bits of sRGB to within 0.7
//! sample values.
//!
//! Encoding uses the bits of the float: its exponent and first seven mantissa bits select one of 128 cells per octave.
//! That is finer than the steps between 8-bit sample values of any usual curve, so a cell contains at most one step,
//! and "is the light beyond it?" is the carry of one addition. No power, no branch, 16 KB of which 7 are touched.
//!
//! Tables of sRGB are made once per process (8 bits 0.1 ms, 16 bits about 5 ms); those of profiles once per call.

use std::sync::{Arc, OnceLock};

use super::colour::{ColourSpace, TransferCurve, srgb_fraction_from_light};

/// Exponent and seven mantissa bits select the cell; the lower 16 bits are the position within it.
const CELL_SHIFT: u32 = 16;
/// Light is clamped to 2^-31..=1 before encoding: no two cells in that range are equal modulo [`CELLS`], and the
/// smallest is cell 0, so that a mask replaces subtraction and bounds check.
const DARKEST: f32 = 1.0 / (1_u64 << 31) as f32;
const CELLS: usize = 4096;
const DARKEST_CELL: u32 = DARKEST.to_bits() >> CELL_SHIFT;

/// The nearest light that can be encoded; NaN becomes the darkest.
#[inline(always)]
#[must_use]
pub fn encodable(light: f32) -> f32 {
    let light = if light > DARKEST { light } else { DARKEST };
    if light < 1.0 { light } else { 1.0 }
}

/// The cell of an encodable light, and its position in the cell.
#[inline(always)]
fn cell(encodable: f32) -> (usize, u32) {
    let bits = encodable.to_bits();
    ((bits >> CELL_SHIFT) as usize & (CELLS - 1), bits & ((1 << CELL_SHIFT) - 1))
}

/// Decoding and encoding tables of one curve; the latter only if the curve is smooth enough.
pub type Tables<C> = (Arc<<C as Sample>::Lights>, Option<Arc<<C as Sample>::Encoder>>);

/// A stored sample value of 8 or 16 bits.
pub trait Sample: Copy + Eq + Send + Sync + Sized + 'static {
    /// The largest sample value.
    const MAX: u32;
    /// Table with the light of each sample value.
    type Lights: std::fmt::Debug + Send + Sync;
    /// The fast encoder.
    type Encoder: Encode<Self> + std::fmt::Debug;

    /// The light of this sample value.
    fn light(self, lights: &Self::Lights) -> f32;
    /// The sample value with this number, clamped to the largest one.
    fn from_number(number: u32) -> Self;
    /// The decoding table of one curve.
    fn lights(curve: &TransferCurve) -> Self::Lights;
    /// The fast encoder of one curve, if the curve is smooth enough.
    fn encoder(curve: &TransferCurve) -> Option<Self::Encoder>;
    /// The tables of sRGB, made once.
    fn srgb() -> Tables<Self>;
}

/// From linear light to a sample value.
pub trait Encode<C>: Send + Sync {
    /// The sample value nearest to a light that was clamped by [`encodable`]; for any other light the result is
    /// arbitrary.
    fn encode_encodable(&self, light: f32) -> C;

    /// The sample value nearest to this light; light outside 0..=1 is clamped, NaN becomes 0.
    #[inline(always)]
    fn encode(&self, light: f32) -> C {
        self.encode_encodable(encodable(light))
    }
}

/// 8 bits: a cell holds the sample value at its start and the distance to the one step that it may contain.
#[derive(Debug)]
pub struct StepCells([u32; CELLS]);

impl Encode<u8> for StepCells {
    #[inline(always)]
    fn encode_encodable(&self, light: f32) -> u8 {
        let (cell, within) = cell(light);
        ((self.0[cell] + within) >> CELL_SHIFT) as u8
    }
}

impl StepCells {
    /// `None` if a cell would contain two steps.
    fn new(steps: &[f32]) -> Option<Self> {
        let mut cells = [0_u32; CELLS];
        let mut sample = 0_usize;
        for (index, entry) in cells.iter_mut().enumerate() {
            let start = (DARKEST_CELL + index as u32) << CELL_SHIFT;
            let end = start + (1 << CELL_SHIFT);
            // Non-negative floats have the same order as their bits.
            while steps.get(sample).is_some_and(|step| step.to_bits() <= start) {
                sample += 1;
            }
            *entry = (sample as u32) << CELL_SHIFT;
            if let Some(step) = steps.get(sample).filter(|step| step.to_bits() < end) {
                *entry += end - step.to_bits();
                if start < 1.0_f32.to_bits() && steps.get(sample + 1).is_some_and(|next| next.to_bits() < end) {
                    return None;
                }
            }
        }
        Some(Self(cells))
    }
}

/// 16 bits of sRGB: a cell holds the sample value at its start, plus a half for rounding, and its slope.
#[derive(Debug)]
pub struct SlopeCells([[f32; 2]; CELLS]);

impl Encode<u16> for SlopeCells {
    #[inline(always)]
    fn encode_encodable(&self, light: f32) -> u16 {
        let (cell, within) = cell(light);
        let [start, slope] = self.0[cell];
        (start + slope * within as f32) as u16
    }
}

impl SlopeCells {
    fn srgb() -> Self {
        let mut cells = [[0.0_f32; 2]; CELLS];
        for (index, entry) in cells.iter_mut().enumerate() {
            let start = (DARKEST_CELL + index as u32) << CELL_SHIFT;
            let sample = |bits: u32| 65_535.0 * srgb_fraction_from_light(f64::from(f32::from_bits(bits)).min(1.0));
            let (from, to) = (sample(start), sample(start + (1 << CELL_SHIFT)));
            *entry = [(from + 0.5) as f32, ((to - from) / f64::from(1_u32 << CELL_SHIFT)) as f32];
        }
        Self(cells)
    }
}

/// Any curve, by binary search over the lights at which the sample value changes: slow, but correct for profiles with
/// steep or flat parts.
#[derive(Debug)]
pub struct Steps(Box<[f32]>);

impl<C: Sample> Encode<C> for Steps {
    fn encode_encodable(&self, light: f32) -> C {
        C::from_number(self.0.partition_point(|step| *step <= light) as u32)
    }
}

impl Steps {
    /// The lights halfway, in sample value, between neighbouring sample values.
    fn new<C: Sample>(curve: &TransferCurve) -> Self {
        let step = |sample: u32| curve.light_from_fraction((f64::from(sample) + 0.5) / f64::from(C::MAX)) as f32;
        // Curves should be non-decreasing; the search relies on it.
        let mut highest = 0.0_f32;
        Self(
            (0..C::MAX)
                .map(|sample| {
                    highest = highest.max(step(sample));
                    highest
                })
                .collect(),
        )
    }
}

fn fill_lights<C: Sample>(curve: &TransferCurve, lights: &mut [f32]) {
    for (sample, light) in lights.iter_mut().enumerate() {
        *light = curve.light_from_fraction(sample as f64 / f64::from(C::MAX)) as f32;
    }
}

impl Sample for u8 {
    const MAX: u32 = 255;
    type Lights = [f32; 256];
    type Encoder = StepCells;

    #[inline(always)]
    fn light(self, lights: &[f32; 256]) -> f32 {
        lights[usize::from(self)]
    }

    fn from_number(number: u32) -> Self {
        number.min(Self::MAX.into()) as Self
    }

    fn lights(curve: &TransferCurve) -> [f32; 256] {
        let mut lights = [0.0; 256];
        fill_lights::<Self>(curve, &mut lights);
        lights
    }

    fn encoder(curve: &TransferCurve) -> Option<StepCells> {
        StepCells::new(&Steps::new::<Self>(curve).0)
    }

    fn srgb() -> Tables<Self> {
        static TABLES: OnceLock<Tables<u8>> = OnceLock::new();
        let curve = TransferCurve::Srgb;
        TABLES.get_or_init(|| (Arc::new(Self::lights(&curve)), Self::encoder(&curve).map(Arc::new))).clone()
    }
}

impl Sample for u16 {
    const MAX: u32 = 65_535;
    type Lights = [f32; 65_536];
    type Encoder = SlopeCells;

    #[inline(always)]
    fn light(self, lights: &[f32; 65_536]) -> f32 {
        lights[usize::from(self)]
    }

    fn from_number(number: u32) -> Self {
        number.min(Self::MAX.into()) as Self
    }

    fn lights(curve: &TransferCurve) -> [f32; 65_536] {
        let mut lights = [0.0; 65_536];
        fill_lights::<Self>(curve, &mut lights);
        lights
    }

    fn encoder(curve: &TransferCurve) -> Option<SlopeCells> {
        (*curve == TransferCurve::Srgb).then(SlopeCells::srgb)
    }

    fn srgb() -> Tables<Self> {
        static TABLES: OnceLock<Tables<u16>> = OnceLock::new();
        let curve = TransferCurve::Srgb;
        TABLES.get_or_init(|| (Arc::new(Self::lights(&curve)), Self::encoder(&curve).map(Arc::new))).clone()
    }
}

/// The encoders of a photo: fast ones, or searching ones if any of its curves is not smooth enough.
#[derive(Debug)]
pub enum Encoders<C: Sample> {
    /// For red, green, blue.
    Fast([Arc<C::Encoder>; 3]),
    /// For red, green, blue.
    Searching([Arc<Steps>; 3]),
}

/// Everything between the sample values of one photo and its own linear light.
#[derive(Debug)]
pub struct SampleTables<C: Sample> {
    /// Light by sample value, for red, green, blue.
    pub lights: [Arc<C::Lights>; 3],
    /// Sample value by light.
    pub encoders: Encoders<C>,
}

impl<C: Sample> SampleTables<C> {
    /// The tables of a colour space. Channels that share a curve share its table.
    #[must_use]
    pub fn new(space: &ColourSpace) -> Self {
        let tables = shared(space.curves(), |curve| match curve {
            TransferCurve::Srgb => C::srgb(),
            TransferCurve::Table(_) => (Arc::new(C::lights(curve)), C::encoder(curve).map(Arc::new)),
        });
        let encoders = match tables.each_ref().map(|table| table.1.clone()) {
            [Some(red), Some(green), Some(blue)] => Encoders::Fast([red, green, blue]),
            _ => Encoders::Searching(shared(space.curves(), |curve| Arc::new(Steps::new::<C>(curve)))),
        };
        Self { lights: tables.map(|table| table.0), encoders }
    }
}

/// `make` applied to each curve, once for equal ones.
fn shared<T: Clone>(curves: &[TransferCurve; 3], make: impl Fn(&TransferCurve) -> T) -> [T; 3] {
    let [red, green, blue] = curves;
    let first = make(red);
    let second = if green == red { first.clone() } else { make(green) };
    let third = match blue {
        _ if blue == red => first.clone(),
        _ if blue == green => second.clone(),
        _ => make(blue),
    };
    [first, second, third]
}

#[cfg(test)]
mod tests {
    use super::super::colour::srgb_light_from_fraction;
    use super::*;

    fn encode_with<C: Sample>(tables: &SampleTables<C>, light: f32) -> C {
        match &tables.encoders {
            Encoders::Fast(encoders) => encoders[0].encode(light),
            Encoders::Searching(encoders) => encoders[0].encode(light),
        }
    }

    fn curve(light: impl Fn(f64) -> f64) -> ColourSpace {
        let lights: Arc<[f32]> = (0..1024).map(|entry| light(f64::from(entry) / 1023.0) as f32).collect();
        let curves = [0; 3].map(|_| TransferCurve::Table(lights.clone()));
        ColourSpace::new(curves, None, None).unwrap()
    }

    #[test]
    fn every_8_bit_value_comes_back() {
        for (name, space) in [
            ("sRGB", ColourSpace::srgb()),
            ("gamma 2.2", curve(|fraction| libm::pow(fraction, 2.2))),
            ("gamma 1", curve(|fraction| fraction)),
            ("L*", curve(|fraction| libm::pow((fraction + 0.16) / 1.16, 3.0))),
        ] {
            let tables = SampleTables::<u8>::new(&space);
            for sample in 0..=255_u8 {
                assert_eq!(encode_with(&tables, sample.light(&tables.lights[0])), sample, "{name}");
            }
        }
    }

    #[test]
    fn every_16_bit_value_comes_back() {
        for (name, space) in [("sRGB", ColourSpace::srgb()), ("gamma 2.2", curve(|fraction| libm::pow(fraction, 2.2)))]
        {
            let tables = SampleTables::<u16>::new(&space);
            for sample in 0..=65_535_u16 {
                assert_eq!(encode_with(&tables, sample.light(&tables.lights[0])), sample, "{name}");
            }
        }
    }

    #[test]
    fn srgb_is_rounded_to_the_nearest_value() {
        let (eight, sixteen) =
            (SampleTables::<u8>::new(&ColourSpace::srgb()), SampleTables::<u16>::new(&ColourSpace::srgb()));
        assert!(matches!(eight.encoders, Encoders::Fast(_)));
        assert!(matches!(sixteen.encoders, Encoders::Fast(_)));
        for step in 0..=2_000_000_u32 {
            // Denser towards black, where the sample values are.
            let light = srgb_light_from_fraction(f64::from(step) / 2e6) as f32;
            let fraction = srgb_fraction_from_light(f64::from(light));
            let off = (f64::from(encode_with(&eight, light)) - 255.0 * fraction).abs();
            assert!(off < 0.5001, "8 bits, light {light}: {off} steps off");
            let off = (f64::from(encode_with(&sixteen, light)) - 65_535.0 * fraction).abs();
            assert!(off < 0.7, "16 bits, light {light}: {off} steps off");
        }
    }

    #[test]
    fn light_out_of_range_is_clamped() {
        let tables = SampleTables::<u8>::new(&ColourSpace::srgb());
        for (light, sample) in
            [(-1.0, 0), (0.0, 0), (-0.0, 0), (f32::NAN, 0), (2.0, 255), (f32::INFINITY, 255), (1.0, 255)]
        {
            assert_eq!(encode_with(&tables, light), sample, "{light}");
        }
    }

    #[test]
    fn a_curve_with_a_flat_and_a_jump_is_searched_and_still_rises() {
        let space = curve(|fraction| if fraction < 0.5 { 0.2 } else { 0.9 });
        let tables = SampleTables::<u8>::new(&space);
        assert!(matches!(tables.encoders, Encoders::Searching(_)));
        let samples: Vec<u8> = (0..=100_u8).map(|step| encode_with(&tables, f32::from(step) / 100.0)).collect();
        assert!(samples.is_sorted());
        assert_eq!((samples[0], samples[100]), (0, 255));
    }
}
