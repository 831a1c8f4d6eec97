//! Which pixels around a head show a person: the edge of the head against any background.

use glam::DVec2;

use super::found::Unavailable;
use super::models::Network;
use super::picture::{Around, Part, ReducedPhoto};

/// How much of each pixel shows a person, 0 to 1, over a square of the photo.
pub(super) struct Mask {
    part: Part,
    side_px: usize,
    shares: Vec<f32>,
}

impl Mask {
    pub(super) fn of(network: &Network, picture: &ReducedPhoto, part: Part) -> Result<Self, Unavailable> {
        let results = network.run(picture.planes(&part, network.side_px, false, Around::Border))?;
        Ok(Self { part, side_px: network.side_px, shares: results.into_iter().next().unwrap_or_default() })
    }

    /// A mask drawn by a function of the place, px.
    #[cfg(test)]
    pub(super) fn drawn(part: Part, side_px: usize, share: impl Fn(DVec2) -> f32) -> Self {
        let place =
            |i: usize| part.place((DVec2::new((i % side_px) as f64, (i / side_px) as f64) + 0.5) / side_px as f64);
        Self { part, side_px, shares: (0..side_px * side_px).map(|i| share(place(i))).collect() }
    }

    /// The share at a place of the photo, px: bilinear, and constant beyond the border.
    pub(super) fn share(&self, place: DVec2) -> f64 {
        self.share_within(self.part.within(place))
    }

    /// The shares at `corner + x * right + y * down`, as a function of x and y.
    pub(super) fn shares(&self, corner: DVec2, right: DVec2, down: DVec2) -> impl Fn(DVec2) -> f64 {
        let from = self.part.within(corner);
        let [right, down] = [right, down].map(|side| self.part.within(corner + side) - from);
        move |at| self.share_within(from + at.x * right + at.y * down)
    }

    fn share_within(&self, within: DVec2) -> f64 {
        let at = within * self.side_px as f64 - 0.5;
        let most = (self.side_px - 1) as f64;
        let at = at.clamp(DVec2::ZERO, DVec2::splat(most));
        let (x, y) = ((at.x as usize).min(self.side_px - 2), (at.y as usize).min(self.side_px - 2));
        let (right, down) = (at.x - x as f64, at.y - y as f64);
        let share = |x: usize, y: usize| f64::from(self.shares[y * self.side_px + x]);
        let upper = share(x, y) * (1.0 - right) + share(x + 1, y) * right;
        let lower = share(x, y + 1) * (1.0 - right) + share(x + 1, y + 1) * right;
        upper * (1.0 - down) + lower * down
    }
}
