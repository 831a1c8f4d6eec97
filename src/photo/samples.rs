//! Sample values as stored in a file.

/// Resolution of colour in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chroma {
    /// The same as that of brightness (4:4:4).
    #[default]
    Full,
    /// Half in both directions (4:2:0), as nearly all cameras and phones write it.
    Half,
}

/// Sample values, interleaved, row by row from the top left of the upright photo.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// 8 bits per channel.
    U8(Vec<u8>),
    /// 16 bits per channel.
    U16(Vec<u16>),
}

impl Samples {
    /// Number of sample values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::U8(samples) => samples.len(),
            Self::U16(samples) => samples.len(),
        }
    }

    /// True if there are no sample values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Sample values to be changed in place; their number is fixed.
#[derive(Debug, PartialEq)]
pub enum SamplesMut<'a> {
    /// 8 bits per channel.
    U8(&'a mut [u8]),
    /// 16 bits per channel.
    U16(&'a mut [u16]),
}
