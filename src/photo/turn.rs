//! Quarter turns and mirroring of a photo, for cameras that noted no orientation or a wrong one, and for selfies that
//! were stored mirrored.

use glam::DVec2;
use serde::{Deserialize, Serialize};

use super::orientation;
use super::pixels::{Parts, Photo};

/// One of the eight orientations of a photo: optionally mirrored left to right, then turned clockwise by quarters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct Turn {
    mirrored: bool,
    /// 0 to 3.
    quarters: u8,
}

/// [`Turn`] in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    mirrored: bool,
    clockwise_quarters: u8,
}

impl TryFrom<Form> for Turn {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        if form.clockwise_quarters > 3 {
            return Err(format!("{} quarter turns given, between 0 and 3 are possible", form.clockwise_quarters));
        }
        Ok(Self { mirrored: form.mirrored, quarters: form.clockwise_quarters })
    }
}

impl From<Turn> for Form {
    fn from(turn: Turn) -> Self {
        Self { mirrored: turn.mirrored, clockwise_quarters: turn.quarters }
    }
}

impl Turn {
    /// Unchanged.
    pub const NONE: Self = Self { mirrored: false, quarters: 0 };
    /// By 90 degrees to the right.
    pub const CLOCKWISE: Self = Self { mirrored: false, quarters: 1 };
    /// Upside down.
    pub const HALF: Self = Self { mirrored: false, quarters: 2 };
    /// By 90 degrees to the left.
    pub const COUNTERCLOCKWISE: Self = Self { mirrored: false, quarters: 3 };
    /// Left and right exchanged.
    pub const MIRROR: Self = Self { mirrored: true, quarters: 0 };

    /// True for [`Turn::NONE`].
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// True if text would read backwards.
    #[must_use]
    pub fn is_mirrored(self) -> bool {
        self.mirrored
    }

    /// This turn followed by `next`.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        // Mirroring a turned photo equals turning the mirrored one in the opposite direction.
        let before = if next.mirrored { 4 - self.quarters } else { self.quarters };
        Self { mirrored: self.mirrored != next.mirrored, quarters: (before + next.quarters) % 4 }
    }

    /// Width and height after the turn, px.
    #[must_use]
    pub fn size_px(self, [width, height]: [u32; 2]) -> [u32; 2] {
        if self.quarters % 2 == 1 { [height, width] } else { [width, height] }
    }

    /// Position after the turn of a point of a photo of `width` x `height` pixels, px; pixel centres are at .5.
    #[must_use]
    pub fn point_px(self, at: DVec2, [width, height]: [u32; 2]) -> DVec2 {
        let (width, height) = (f64::from(width), f64::from(height));
        let at = if self.mirrored { DVec2::new(width - at.x, at.y) } else { at };
        match self.quarters {
            0 => at,
            1 => DVec2::new(height - at.y, at.x),
            2 => DVec2::new(width - at.x, height - at.y),
            _ => DVec2::new(at.y, width - at.x),
        }
    }

    /// The EXIF orientation (2.32, tag 0x0112) with the same effect, 1 to 8; unique for each turn.
    #[must_use]
    pub(crate) fn exif_orientation(self) -> u16 {
        let [plain, mirrored] = [[1, 6, 3, 8], [2, 7, 4, 5]];
        (if self.mirrored { mirrored } else { plain })[usize::from(self.quarters % 4)]
    }
}

impl Photo {
    /// The photo after a turn. Quarter turns cost one more copy of the pixels, others none.
    #[must_use]
    pub fn turned(self, turn: Turn) -> Self {
        let (size, orientation) = (self.size_px(), turn.exif_orientation());
        let [width, height] = turn.size_px(size);
        let Self(parts) = self;
        let samples = orientation::upright::<3>(parts.samples, size[0], size[1], orientation);
        let alpha = parts.alpha.map(|alpha| orientation::upright::<1>(alpha, size[0], size[1], orientation));
        Self(Parts { width, height, samples, alpha, ..parts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::samples::Samples;

    const ALL: [Turn; 8] = {
        let mut all = [Turn::NONE; 8];
        let mut i = 0;
        while i < 8 {
            all[i] = Turn { mirrored: i >= 4, quarters: (i % 4) as u8 };
            i += 1;
        }
        all
    };

    /// Each pixel has a different colour.
    fn photo() -> Photo {
        Photo::from_srgb(3, 2, (0..18).collect()).unwrap()
    }

    fn pixel(photo: &Photo, at: DVec2) -> u8 {
        let Samples::U8(samples) = photo.samples() else { panic!("8 bits") };
        samples[3 * (at.y as usize * photo.width() as usize + at.x as usize)]
    }

    #[test]
    fn points_go_where_their_pixels_go() {
        for turn in ALL {
            let turned = photo().turned(turn);
            assert_eq!(turned.size_px(), turn.size_px([3, 2]));
            for (x, y) in (0..3).flat_map(|x| (0..2).map(move |y| (x, y))) {
                let at = DVec2::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                assert_eq!(pixel(&turned, turn.point_px(at, [3, 2])), pixel(&photo(), at), "{turn:?} {at}");
            }
        }
    }

    #[test]
    fn successive_turns_equal_their_composition() {
        for first in ALL {
            for second in ALL {
                let one_by_one = photo().turned(first).turned(second);
                assert_eq!(one_by_one, photo().turned(first.then(second)), "{first:?} {second:?}");
            }
        }
        // Seen from the viewer: the top left corner goes to the top right.
        assert_eq!(Turn::CLOCKWISE.point_px(DVec2::ZERO, [3, 2]), DVec2::new(2.0, 0.0));
    }

    #[test]
    fn an_invalid_turn_is_refused() {
        for turn in ALL {
            let json = serde_json::to_string(&turn).unwrap();
            assert_eq!(serde_json::from_str::<Turn>(&json).unwrap(), turn);
        }
        assert!(serde_json::from_str::<Turn>(r#"{"mirrored":false,"clockwise_quarters":4}"#).is_err());
    }
}
