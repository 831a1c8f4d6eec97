//! From a [`Photo`] to the bytes of a file.
//!
//! Size, depth, colour profile, opacity and greyness are kept as far as the format can hold them. Of the camera's EXIF
//! data, only the fields of [`CameraData`] are written, in a newly created block.
//!
//! | | depth | opacity | grey | profile | camera data |
//! |---|---|---|---|---|---|
//! | JPEG | 8 | over white | yes | yes | yes |
//! | PNG | 8, 16 | yes | yes | yes | yes |
//! | WebP, lossless | 8 | yes | as colour | yes | yes |
//! | TIFF | 8, 16 | yes, grey then as colour | yes | yes | yes |
//!
//! Unless camera data is left out, each file contains the name of this program, by which
//! [`is_own_picture`](super::is_own_picture) recognises it.
//!
//! The same photo and options give the same bytes.

use std::borrow::Cow;
use std::io::Cursor;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ImageBuffer, ImageEncoder, ImageError, Luma, LumaA, PixelWithColorType, Rgb, Rgba};
use tiff::encoder::colortype::{self, Gray8, Gray16, RGB8, RGB16};
use tiff::encoder::{TiffEncoder, TiffValue};
use tiff::tags::{ExtraSamples, Tag};

use super::camera::CameraData;
use super::error::PhotoError;
use super::pixels::Photo;
use super::samples::{Chroma, Samples};
use super::{camera, jpeg_strips, profile};

/// Default JPEG quality: at 92 the coding error is below the noise of a phone's photo.
pub const DEFAULT_JPEG_QUALITY: u8 = 92;
/// Longest side of a JPEG, px (16-bit fields).
const JPEG_LIMIT_PX: u32 = 65_535;
/// Longest side of a WebP, px (14-bit fields).
const WEBP_LIMIT_PX: u32 = 16_384;

/// An image file format that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lossy, 8 bits; for sharing.
    Jpeg {
        /// 1 to 100.
        quality: u8,
    },
    /// Lossless, fast to write.
    Png,
    /// Lossless, 8 bits.
    WebP,
    /// Uncompressed, for print shops.
    Tiff,
}

impl Format {
    /// The format indicated by a file name.
    ///
    /// # Errors
    ///
    /// [`PhotoError::UnknownFormat`] for any other extension or none.
    pub(crate) fn from_path(path: &Path) -> Result<Self, PhotoError> {
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("jpg" | "jpeg" | "jpe" | "jfif") => Ok(Self::Jpeg { quality: DEFAULT_JPEG_QUALITY }),
            Some("png") => Ok(Self::Png),
            Some("webp") => Ok(Self::WebP),
            Some("tif" | "tiff") => Ok(Self::Tiff),
            _ => Err(PhotoError::InFile { problem: Box::new(PhotoError::UnknownFormat), path: path.to_owned() }),
        }
    }
}

/// Options of encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Resolution of colour in a JPEG; if none, that of the photo. A dot is one or two pixels wide, but cameras see its
    /// colour no finer than that, and so does the mock-up: half the resolution makes a file a tenth smaller and saves a
    /// third of the time, and takes nothing that a photo of half the resolution had.
    pub chroma: Option<Chroma>,
    /// Whether to write date, camera and focal length, and the name of this program.
    pub camera_data: bool,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self { chroma: None, camera_data: true }
    }
}

/// Encodes a photo.
///
/// # Errors
///
/// [`PhotoError::TooLargeForFormat`], [`PhotoError::Encoder`].
pub fn encode(photo: &Photo, format: Format, options: &EncodeOptions) -> Result<Vec<u8>, PhotoError> {
    let exif = options.camera_data.then(|| camera::write_block(photo.camera())).transpose()?;
    match format {
        Format::Jpeg { quality } => {
            encode_jpeg(photo, quality, options.chroma.unwrap_or(photo.chroma()), exif.as_deref())
        }
        Format::Png => {
            let mut file = Vec::new();
            let mut encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Adaptive);
            let picture = Pixels::of(photo, Capabilities { grey: true, grey_with_opacity: true, deep: true });
            picture.describe(&mut encoder, exif)?;
            picture.write(encoder)?;
            Ok(file)
        }
        Format::WebP => {
            fits(photo, "WebP", WEBP_LIMIT_PX)?;
            let mut file = Vec::new();
            let mut encoder = WebPEncoder::new_lossless(&mut file);
            let picture = Pixels::of(photo, Capabilities { grey: false, grey_with_opacity: false, deep: false });
            picture.describe(&mut encoder, exif)?;
            picture.write(encoder)?;
            Ok(file)
        }
        Format::Tiff => {
            let picture = Pixels::of(photo, Capabilities { grey: true, grey_with_opacity: false, deep: true });
            let camera = options.camera_data.then(|| photo.camera());
            match (&picture.samples, picture.grey) {
                (RawSamples::U8(samples), true) => picture.tiff::<Gray8>(samples, camera),
                (RawSamples::U8(samples), false) => picture.tiff::<RGB8>(samples, camera),
                (RawSamples::U16(samples), true) => picture.tiff::<Gray16>(samples, camera),
                (RawSamples::U16(samples), false) => picture.tiff::<RGB16>(samples, camera),
            }
        }
    }
}

fn encode_jpeg(photo: &Photo, quality: u8, chroma: Chroma, exif: Option<&[u8]>) -> Result<Vec<u8>, PhotoError> {
    fits(photo, "JPEG", JPEG_LIMIT_PX)?;
    let picture = Pixels::of(photo, Capabilities { grey: true, grey_with_opacity: true, deep: false }).over_white();
    let RawSamples::U8(samples) = &picture.samples else {
        return Err(PhotoError::Encoder { detail: "JPEG holds 8 bits only".to_owned() });
    };
    let picture = jpeg_strips::RawPicture {
        samples,
        // `fits` has checked that both sides are 16-bit numbers.
        width: picture.width as u16,
        height: picture.height as u16,
        grey: picture.grey,
        chroma,
        exif,
        icc_profile: picture.icc_profile,
    };
    jpeg_strips::encode(&picture, quality).map_err(|error| PhotoError::Encoder { detail: error.to_string() })
}

fn fits(photo: &Photo, format: &'static str, limit_px: u32) -> Result<(), PhotoError> {
    let [width, height] = photo.size_px();
    if width.max(height) > limit_px {
        return Err(PhotoError::TooLargeForFormat { format, width, height, limit_px });
    }
    Ok(())
}

/// What a format can store.
struct Capabilities {
    grey: bool,
    grey_with_opacity: bool,
    /// 16 bits per channel.
    deep: bool,
}

/// Sample values of one depth, borrowed from the photo where they are written unchanged.
enum RawSamples<'a> {
    U8(Cow<'a, [u8]>),
    U16(Cow<'a, [u16]>),
}

/// A photo in the layout that a format takes.
struct Pixels<'a> {
    width: u32,
    height: u32,
    /// Interleaved; opacity last.
    samples: RawSamples<'a>,
    grey: bool,
    opacity: bool,
    icc_profile: Option<&'a [u8]>,
}

impl<'a> Pixels<'a> {
    fn of(photo: &'a Photo, can: Capabilities) -> Self {
        let icc_profile = photo.colour().icc_profile();
        let opacity = photo.alpha().is_some();
        let grey_profile = icc_profile.is_some_and(profile::is_grey);
        // Grey sample values with a colour profile (as some cameras write) are only valid as colour.
        let grey = photo.is_grey()
            && (grey_profile || icc_profile.is_none())
            && if opacity { can.grey_with_opacity } else { can.grey };
        // Conversely, a grey profile must not accompany colour: the sample values are converted to sRGB.
        let to_srgb = grey_profile && !grey;
        let samples = match (photo.samples(), photo.alpha()) {
            (Samples::U8(samples), alpha) => {
                let alpha = match alpha {
                    Some(Samples::U8(alpha)) => Some(alpha.as_slice()),
                    _ => None,
                };
                let table = to_srgb.then(|| profile::srgb_samples(&photo.colour().curves()[0], 255));
                RawSamples::U8(interleave(samples, alpha, grey, table.as_deref(), |sample| sample as u8))
            }
            (Samples::U16(samples), alpha) => {
                let alpha = match alpha {
                    Some(Samples::U16(alpha)) => Some(alpha.as_slice()),
                    _ => None,
                };
                let table = to_srgb.then(|| profile::srgb_samples(&photo.colour().curves()[0], 65_535));
                RawSamples::U16(interleave(samples, alpha, grey, table.as_deref(), |sample| sample))
            }
        };
        let samples = match samples {
            // Rounded, since dropping the low byte would darken by half a sample value.
            RawSamples::U16(samples) if !can.deep => {
                RawSamples::U8(samples.iter().map(|sample| eight_bits(*sample)).collect())
            }
            samples => samples,
        };
        let icc_profile = icc_profile.filter(|_| !to_srgb);
        Self { width: photo.width(), height: photo.height(), samples, grey, opacity, icc_profile }
    }

    /// Composited over white, as browsers show a cut-out, instead of over whatever colour the transparent pixels happen
    /// to have.
    fn over_white(mut self) -> Self {
        if let (true, RawSamples::U8(samples)) = (self.opacity, &self.samples) {
            self.samples =
                RawSamples::U8(if self.grey { flatten::<2, 1>(samples) } else { flatten::<4, 3>(samples) }.into());
            self.opacity = false;
        }
        self
    }

    fn describe(&self, encoder: &mut impl ImageEncoder, exif: Option<Vec<u8>>) -> Result<(), PhotoError> {
        let refused = |error| refusal(ImageError::Unsupported(error));
        if let Some(icc_profile) = self.icc_profile {
            encoder.set_icc_profile(icc_profile.to_vec()).map_err(refused)?;
        }
        if let Some(exif) = exif {
            encoder.set_exif_metadata(exif).map_err(refused)?;
        }
        Ok(())
    }

    fn write(&self, encoder: impl ImageEncoder) -> Result<(), PhotoError> {
        match (&self.samples, self.grey, self.opacity) {
            (RawSamples::U8(samples), true, false) => self.write_as::<Luma<u8>>(samples, encoder),
            (RawSamples::U8(samples), true, true) => self.write_as::<LumaA<u8>>(samples, encoder),
            (RawSamples::U8(samples), false, false) => self.write_as::<Rgb<u8>>(samples, encoder),
            (RawSamples::U8(samples), false, true) => self.write_as::<Rgba<u8>>(samples, encoder),
            (RawSamples::U16(samples), true, false) => self.write_as::<Luma<u16>>(samples, encoder),
            (RawSamples::U16(samples), true, true) => self.write_as::<LumaA<u16>>(samples, encoder),
            (RawSamples::U16(samples), false, false) => self.write_as::<Rgb<u16>>(samples, encoder),
            (RawSamples::U16(samples), false, true) => self.write_as::<Rgba<u16>>(samples, encoder),
        }
    }

    fn tiff<C: colortype::ColorType>(
        &self,
        samples: &[C::Inner],
        camera: Option<&CameraData>,
    ) -> Result<Vec<u8>, PhotoError>
    where
        [C::Inner]: TiffValue,
    {
        let mut file = Cursor::new(Vec::new());
        let mut write = || -> tiff::TiffResult<()> {
            let mut encoder = TiffEncoder::new(&mut file)?;
            // The EXIF fields have a directory of their own, to which the picture's directory points.
            let exif = match camera.filter(|camera| camera::has_exif_fields(camera)) {
                Some(camera) => {
                    let mut directory = encoder.extra_directory()?;
                    camera::write_tiff_fields(camera, &mut directory)?;
                    Some(directory.finish_with_offsets()?.offset)
                }
                None => None,
            };
            let mut image = encoder.new_image::<C>(self.width, self.height)?;
            if self.opacity {
                image.extra_samples(&[ExtraSamples::UnassociatedAlpha])?;
            }
            if camera.is_some() {
                image.encoder().write_tag(Tag::Software, camera::PROGRAM)?;
            }
            if let Some(exif) = exif {
                image.encoder().write_tag(Tag::ExifDirectory, exif)?;
            }
            if let Some(icc_profile) = self.icc_profile {
                image.encoder().write_tag(Tag::IccProfile, icc_profile)?;
            }
            image.write_data(samples)
        };
        write().map_err(|error| PhotoError::Encoder { detail: error.to_string() })?;
        Ok(file.into_inner())
    }

    fn write_as<P: PixelWithColorType>(
        &self,
        samples: &[P::Subpixel],
        encoder: impl ImageEncoder,
    ) -> Result<(), PhotoError>
    where
        [P::Subpixel]: image::EncodableLayout,
    {
        ImageBuffer::<P, &[P::Subpixel]>::from_raw(self.width, self.height, samples)
            .ok_or_else(|| PhotoError::Encoder { detail: "too few sample values".to_owned() })?
            .write_with_encoder(encoder)
            .map_err(refusal)
    }
}

fn refusal(error: ImageError) -> PhotoError {
    PhotoError::Encoder { detail: error.to_string() }
}

/// One sample value per pixel for grey, opacity after the colours, sample values mapped through `table` if there is
/// one.
fn interleave<'a, T: Copy + Into<usize>>(
    samples: &'a [T],
    alpha: Option<&[T]>,
    grey: bool,
    table: Option<&[u16]>,
    narrow: impl Fn(u16) -> T,
) -> Cow<'a, [T]> {
    if !grey && alpha.is_none() && table.is_none() {
        return Cow::Borrowed(samples);
    }
    let mapped = |sample: T| table.map_or(sample, |table| narrow(table[sample.into()]));
    let colours = if grey { 1 } else { 3 };
    let channels = colours + usize::from(alpha.is_some());
    let mut interleaved = Vec::with_capacity(samples.len() / 3 * channels);
    for (index, pixel) in samples.as_chunks::<3>().0.iter().enumerate() {
        interleaved.extend(pixel[..colours].iter().map(|sample| mapped(*sample)));
        interleaved.extend(alpha.map(|alpha| alpha[index]));
    }
    Cow::Owned(interleaved)
}

/// The nearest 8-bit sample value; note that 65535 = 255 x 257.
fn eight_bits(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}

fn flatten<const CHANNELS: usize, const COLOURS: usize>(samples: &[u8]) -> Vec<u8> {
    let over_white = |sample: u8, alpha: u8| {
        let (sample, alpha) = (u32::from(sample), u32::from(alpha));
        ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    samples
        .as_chunks::<CHANNELS>()
        .0
        .iter()
        .flat_map(|pixel| pixel[..COLOURS].iter().map(|sample| over_white(*sample, pixel[COLOURS])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_round_to_the_nearest_eight() {
        for sample in 0..=u16::MAX {
            let exact = (f64::from(sample) * 255.0 / 65_535.0).round() as u8;
            assert_eq!(eight_bits(sample), exact, "{sample}");
        }
    }

    #[test]
    fn transparent_pixels_become_white() {
        assert_eq!(flatten::<4, 3>(&[9, 8, 7, 0, 9, 8, 7, 255]), [255, 255, 255, 9, 8, 7]);
        assert_eq!(flatten::<2, 1>(&[0, 128]), [127]);
    }

    #[test]
    fn names_choose_the_format() {
        let format = |name: &str| Format::from_path(Path::new(name));
        assert_eq!(format("a.JPG").unwrap(), Format::Jpeg { quality: 92 });
        assert_eq!(format("a.b.tiff").unwrap(), Format::Tiff);
        assert!(format("a").is_err() && format("a.gif").is_err());
    }
}
