//! Limits on the resources that a photo may use.

use super::error::PhotoError;

/// Limits on the resources that a photo may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels, width times height.
    pub max_pixels: u64,
    /// Most memory for decoding, in bytes, including the result but not the file.
    pub max_decode_bytes: u64,
    /// Largest file, in bytes.
    pub max_file_bytes: u64,
}

impl Default for Limits {
    /// 200 megapixels (the largest phone sensors), 2 GiB, and files of 512 MiB.
    fn default() -> Self {
        Self { max_pixels: 200_000_000, max_decode_bytes: 2 << 30, max_file_bytes: 512 << 20 }
    }
}

impl Limits {
    pub(super) fn check_pixels(&self, width: u32, height: u32) -> Result<(), PhotoError> {
        if u64::from(width) * u64::from(height) > self.max_pixels {
            let limit_megapixels = self.max_pixels as f64 / 1e6;
            return Err(PhotoError::TooManyPixels { width, height, limit_megapixels });
        }
        if width == 0 || height == 0 {
            return Err(PhotoError::Damaged { detail: "it has no pixels".into() });
        }
        Ok(())
    }

    pub(super) fn check_memory(&self, bytes: u64) -> Result<(), PhotoError> {
        if bytes > self.max_decode_bytes { Err(self.too_much_memory()) } else { Ok(()) }
    }

    pub(super) fn too_much_memory(&self) -> PhotoError {
        PhotoError::TooMuchMemory { limit_mib: self.max_decode_bytes >> 20 }
    }

    pub(super) fn file_too_large(&self) -> PhotoError {
        PhotoError::FileTooLarge { limit_mib: self.max_file_bytes >> 20 }
    }
}
