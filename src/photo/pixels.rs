//! A decoded photo: its sample values, their colour space, and the camera data.

use std::sync::Arc;

use rayon::prelude::*;

use super::camera::CameraData;
use super::error::PhotoError;
use super::rect::PixelRect;
use super::samples::{Chroma, Samples, SamplesMut};
use crate::ground::colour::ColourSpace;

/// A decoded photo: upright, with its original sample values and their colour space.
///
/// It has at least one pixel, with three sample values each, and optionally opacity with one sample value of the same
/// depth per pixel. Sample values are kept instead of linear light, so that a pixel without pigment is written back bit
/// for bit and 12 megapixels need 36 MB, not 144; [`Reader`](super::Reader) converts them to light.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo(pub(super) Parts);

/// The parts of a [`Photo`], not necessarily consistent.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Width of the upright photo in pixels.
    pub width: u32,
    /// Height of the upright photo in pixels.
    pub height: u32,
    /// Red, green, blue sample values.
    pub samples: Samples,
    /// Opacity in the depth of `samples`, one sample value per pixel, if the file has it.
    pub alpha: Option<Samples>,
    /// True if the file held grey only (red, green and blue are equal and must stay so).
    pub grey: bool,
    /// Resolution at which the file held colour.
    pub chroma: Chroma,
    /// Colour space of the sample values.
    pub colour: Arc<ColourSpace>,
    /// Camera data.
    pub camera: CameraData,
    /// What was ignored while decoding, each in one sentence for the user; empty for almost every photo.
    pub warnings: Vec<String>,
}

impl Photo {
    /// Assembles the parts.
    ///
    /// # Errors
    /// [`PhotoError::Damaged`] if they are inconsistent.
    pub fn from_parts(parts: Parts) -> Result<Self, PhotoError> {
        let pixels = u64::from(parts.width) * u64::from(parts.height);
        let damaged = |detail: String| Err(PhotoError::Damaged { detail });
        if pixels == 0 || parts.samples.len() as u64 != 3 * pixels {
            let Parts { width, height, samples, .. } = &parts;
            return damaged(format!("{} sample values for {width} x {height} pixels", samples.len()));
        }
        let same_depth = |alpha: &Samples| matches!(alpha, Samples::U8(_)) == matches!(parts.samples, Samples::U8(_));
        if parts.alpha.as_ref().is_some_and(|alpha| alpha.len() as u64 != pixels || !same_depth(alpha)) {
            return damaged("its opacity has a different size or depth".to_owned());
        }
        Ok(Self(parts))
    }

    /// A generated picture: 8 bits, sRGB, no opacity; red, green, blue sample values row by row from the top left.
    ///
    /// # Errors
    /// [`PhotoError::Damaged`] unless there are three sample values per pixel.
    pub fn from_srgb(width: u32, height: u32, samples: Vec<u8>) -> Result<Self, PhotoError> {
        Self::from_parts(Parts::srgb(width, height, samples))
    }

    /// The same, drawn by `draw`, which is called for every row, in any order, with the row's index and its pixels,
    /// initially black. A side of 0 counts as 1.
    #[must_use]
    pub fn from_rows(width: u32, height: u32, draw: impl Fn(usize, &mut [[u8; 3]]) + Sync) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let mut samples = vec![0; width as usize * height as usize * 3];
        let rows = samples.par_chunks_mut(width as usize * 3).enumerate();
        rows.for_each(|(y, row)| draw(y, row.as_chunks_mut::<3>().0));
        Self(Parts::srgb(width, height, samples))
    }

    /// Takes the photo apart, to be modified and passed to [`Self::from_parts`].
    #[must_use]
    pub fn into_parts(self) -> Parts {
        self.0
    }

    /// Width of the upright photo in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.0.width
    }

    /// Height of the upright photo in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.0.height
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        [self.0.width, self.0.height]
    }

    /// The rectangle of all its pixels.
    #[must_use]
    pub fn rect(&self) -> PixelRect {
        PixelRect::of_size(self.size_px())
    }

    /// Memory used by its pixels, bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let bytes = |samples: &Samples| match samples {
            Samples::U8(samples) => samples.len(),
            Samples::U16(samples) => 2 * samples.len(),
        };
        bytes(self.samples()) + self.alpha().map_or(0, bytes)
    }

    /// Red, green, blue sample values, row by row.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.0.samples
    }

    /// The same, mutable. In a grey photo, red, green and blue must stay equal.
    #[must_use]
    pub fn samples_mut(&mut self) -> SamplesMut<'_> {
        match &mut self.0.samples {
            Samples::U8(samples) => SamplesMut::U8(samples),
            Samples::U16(samples) => SamplesMut::U16(samples),
        }
    }

    /// Opacity in the depth of the samples, one sample value per pixel, if the file has it.
    #[must_use]
    pub fn alpha(&self) -> Option<&Samples> {
        self.0.alpha.as_ref()
    }

    /// True if the file held grey only: red, green and blue are equal.
    #[must_use]
    pub fn is_grey(&self) -> bool {
        self.0.grey
    }

    /// Resolution at which the file held colour.
    #[must_use]
    pub fn chroma(&self) -> Chroma {
        self.0.chroma
    }

    /// Colour space of the sample values.
    #[must_use]
    pub fn colour(&self) -> &Arc<ColourSpace> {
        &self.0.colour
    }

    /// Camera data.
    #[must_use]
    pub fn camera(&self) -> &CameraData {
        &self.0.camera
    }

    /// What was ignored while decoding, each in one sentence for the user; empty for almost every photo.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }
}

impl Parts {
    /// 8 bits, sRGB, no opacity.
    fn srgb(width: u32, height: u32, samples: Vec<u8>) -> Self {
        Self {
            width,
            height,
            samples: Samples::U8(samples),
            alpha: None,
            grey: false,
            chroma: Chroma::Full,
            colour: Arc::new(ColourSpace::srgb()),
            camera: CameraData::default(),
            warnings: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_do_not_fit_together_make_no_photo() {
        let photo = Photo::from_srgb(10, 10, vec![100; 300]).unwrap();
        let refused = |change: fn(&mut Parts)| {
            let mut parts = photo.clone().into_parts();
            change(&mut parts);
            Photo::from_parts(parts).unwrap_err().to_string()
        };
        assert!(refused(|parts| parts.height = 11).contains("300 sample values for 10 x 11 pixels"));
        assert!(refused(|parts| parts.samples = Samples::U16(vec![0; 100])).contains("100 sample values"));
        assert!(refused(|parts| parts.alpha = Some(Samples::U8(vec![0; 99]))).contains("opacity"));
        assert!(refused(|parts| parts.alpha = Some(Samples::U16(vec![0; 100]))).contains("opacity"));
        assert!(Photo::from_srgb(0, 10, Vec::new()).is_err());
        let opaque = Parts { alpha: Some(Samples::U8(vec![255; 100])), ..photo.into_parts() };
        assert!(Photo::from_parts(opaque).is_ok());
    }
}
