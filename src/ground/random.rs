//! Random numbers that are pure functions of seed, purpose and index, so that neither threads nor order change a
//! picture.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// The use of a random sequence: different purposes never share numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Positions of candidate follicles.
    Follicles = 1,
    /// Diameter, depth and shade of each dot.
    DotTraits = 2,
}

/// The sequence for this seed, purpose and index.
///
/// ChaCha with 8 rounds: its output is specified, unlike that of `StdRng`, so stored cases keep their dots.
#[must_use]
pub fn sequence(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    let mut key = [0_u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
    key[16..24].copy_from_slice(&index.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}
