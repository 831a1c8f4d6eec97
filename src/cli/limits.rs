//! Options that limit what a command decodes.

use clap::Args;

use super::values::number_of;
use crate::photo::Limits;

/// Limits on what is decoded.
#[derive(Debug, Clone, Args)]
pub struct LimitArgs {
    /// Largest photo to decode, megapixels.
    #[arg(long, value_name = "MEGAPIXELS", default_value_t = 200.0, value_parser = megapixels, allow_negative_numbers = true)]
    pub max_megapixels: f64,
    /// Most memory for decoding, MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = mebibytes, allow_negative_numbers = true)]
    pub max_decode_mib: u64,
}

impl LimitArgs {
    /// The limits as the photo layer takes them.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            max_pixels: (self.max_megapixels * 1e6) as u64,
            max_decode_bytes: self.max_decode_mib.saturating_mul(1 << 20),
            ..Limits::default()
        }
    }
}

fn megapixels(text: &str) -> Result<f64, String> {
    number_of(text, &["MP"])
        .filter(|v| *v > 0.0)
        .ok_or_else(|| "a number of megapixels above 0 is needed, such as 50".to_owned())
}

fn mebibytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    { text.strip_suffix("MiB").unwrap_or(text).trim().parse() }
        .ok()
        .filter(|v| *v > 0)
        .ok_or_else(|| "a whole number of MiB above 0 is needed, such as 2048".to_owned())
}
