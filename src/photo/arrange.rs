//! Pictures derived from pictures: side by side, one above the other, and without their white background.

use super::pixels::{Parts, Photo};
use super::samples::Samples;

impl Photo {
    /// This picture and `right` side by side. Both must have the same height, depth and colour space, otherwise this
    /// picture is returned alone.
    #[must_use]
    pub fn beside(self, right: &Self) -> Self {
        let Self(left) = self;
        let widths = [left.width, right.width()];
        let samples = side_by_side(&left.samples, right.samples(), widths, 3);
        let alpha = match (&left.alpha, right.alpha()) {
            (None, None) => Some(None),
            (Some(a), Some(b)) => side_by_side(a, b, widths, 1).map(Some),
            _ => None,
        };
        match samples.zip(alpha).filter(|_| left.height == right.height()) {
            Some((samples, alpha)) => Self(Parts { width: widths[0] + widths[1], samples, alpha, ..left }),
            None => Self(left),
        }
    }

    /// This picture and `lower` one above the other. Both must have the same width, depth and colour space and no
    /// opacity, otherwise this picture is returned alone.
    #[must_use]
    pub fn above(mut self, lower: &Self) -> Self {
        let fits = self.width() == lower.width() && self.0.alpha.is_none() && lower.alpha().is_none();
        match (&mut self.0.samples, lower.samples()) {
            (Samples::U8(upper), Samples::U8(lower)) if fits => upper.extend(lower),
            (Samples::U16(upper), Samples::U16(lower)) if fits => upper.extend(lower),
            _ => return self,
        }
        self.0.height += lower.height();
        self
    }

    /// This picture with rows of opaque grey below it, from 8-bit sample values; an incomplete last row is dropped.
    #[must_use]
    pub(crate) fn above_grey(mut self, grey: &[u8]) -> Self {
        let width = self.width() as usize;
        let grey = &grey[..grey.len() / width * width];
        let Parts { samples, alpha, height, .. } = &mut self.0;
        match samples {
            Samples::U8(own) => own.extend(grey.iter().flat_map(|sample| [*sample; 3])),
            Samples::U16(own) => own.extend(grey.iter().flat_map(|sample| [u16::from(*sample) * 257; 3])),
        }
        match alpha {
            Some(Samples::U8(alpha)) => alpha.resize(alpha.len() + grey.len(), u8::MAX),
            Some(Samples::U16(alpha)) => alpha.resize(alpha.len() + grey.len(), u16::MAX),
            None => {}
        }
        *height += (grey.len() / width) as u32;
        self
    }

    /// Converts a drawing on white to one on transparency: composited over white it gives the same sample values again.
    /// Pictures of 16 bits are returned unchanged.
    #[must_use]
    pub(crate) fn without_white(mut self) -> Self {
        let Samples::U8(samples) = &mut self.0.samples else { return self };
        let mut opacity = Vec::with_capacity(samples.len() / 3);
        for pixel in samples.as_chunks_mut::<3>().0 {
            // The least opacity at which every channel of white can be darkened enough.
            let a = 255 - pixel.iter().copied().min().unwrap_or(255);
            for sample in pixel.iter_mut() {
                // sample value = 255 (1 - a) + colour a
                let left = u32::from(*sample) + u32::from(a) - 255;
                *sample = if a == 0 { 0 } else { ((left * 255 + u32::from(a) / 2) / u32::from(a)) as u8 };
            }
            opacity.push(a);
        }
        self.0.alpha = Some(Samples::U8(opacity));
        self
    }

    /// The same sample values in the colour space of `other`, and with its warnings.
    #[must_use]
    pub(crate) fn in_colours_of(mut self, other: &Self) -> Self {
        self.0.colour = other.colour().clone();
        self.0.warnings = other.warnings().to_vec();
        self
    }
}

/// Rows of two pictures, joined; `None` if their depths differ.
fn side_by_side(left: &Samples, right: &Samples, widths: [u32; 2], channels: usize) -> Option<Samples> {
    fn rows<T: Copy>(left: &[T], right: &[T], [a, b]: [usize; 2]) -> Vec<T> {
        left.chunks_exact(a).zip(right.chunks_exact(b)).flat_map(|(l, r)| l.iter().chain(r)).copied().collect()
    }
    let widths = widths.map(|width| width as usize * channels);
    match (left, right) {
        (Samples::U8(a), Samples::U8(b)) => Some(Samples::U8(rows(a, b, widths))),
        (Samples::U16(a), Samples::U16(b)) => Some(Samples::U16(rows(a, b, widths))),
        _ => None,
    }
}
