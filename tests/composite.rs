//! Known answers of the compositor, through the public interface only.

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use scalp_studio::ground::colour::{ColourSpace, TransferCurve};
use scalp_studio::photo::{Photo, Samples};
use scalp_studio::render::compositor::{CompositeError, composite, composite_indexed, composite_region};
use scalp_studio::render::coverage::{Footprint, PixelRect, RowScratch, RowShares, RowSink};
use scalp_studio::render::gloss::{Gloss, GlossMap};
use scalp_studio::render::splat::{Splat, Splats};
use scalp_studio::render::tiles::{TileGrid, TileIndex, TileSet};
use support::{codes, photo, plain, random, scatter};

/// A twentieth of what 8 bits can show, and room for the strips of thin dots.
const SHARE_TOLERANCE: f64 = 1e-3;

fn round(x_px: f32, y_px: f32, sigma_px: f32, loss_px2: f32) -> Splat {
    Splat { x_px, y_px, sigma_major_px: sigma_px, sigma_minor_px: sigma_px, axis: [1.0, 0.0], loss_px2: [loss_px2; 3] }
}

fn turned(sigma_major_px: f32, sigma_minor_px: f32, degrees: f32) -> Splat {
    let angle = degrees.to_radians();
    Splat {
        sigma_major_px,
        sigma_minor_px,
        axis: [libm::cosf(angle), libm::sinf(angle)],
        ..round(40.3, 40.7, 1.0, 1.0)
    }
}

fn rendered(photo: &Photo, splats: &[Splat]) -> Photo {
    let mut photo = photo.clone();
    composite(&mut photo, &Splats::new(splats.to_vec()), &Gloss::None).unwrap();
    photo
}

/// Shares added up into a picture.
struct Picture {
    width: usize,
    shares: Vec<f64>,
}

impl RowSink for Picture {
    fn row(&mut self, row: RowShares) {
        for (index, share) in row.padded.as_flattened().iter().take(row.count).enumerate() {
            self.shares[row.y as usize * self.width + row.x as usize + index] += f64::from(*share);
        }
    }
}

fn shares(splat: &Splat, side: usize) -> Picture {
    let mut picture = Picture { width: side, shares: vec![0.0; side * side] };
    let clip = PixelRect { x0: 0, y0: 0, x1: side as i32, y1: side as i32 };
    Footprint::new(splat).rows(clip, &mut RowScratch::new(side), &mut picture);
    picture
}

#[test]
fn half_of_a_black_dot_on_white_is_188() {
    // The dot sits on the border of two pixels; each loses half of its light.
    let after = rendered(&plain(8, 8, 255), &[round(4.0, 3.5, 0.01, 1.0)]);
    let line: Vec<u8> = codes(&after)[3 * 8 * 3..4 * 8 * 3].iter().copied().step_by(3).collect();
    assert_eq!(line, [255, 255, 255, 188, 188, 255, 255, 255]);
}

#[test]
fn shapes() -> Result<(), String> {
    let mut dots = vec![];
    for (major, minor) in
        [(0.02, 0.02), (0.3, 0.02), (1.0, 0.02), (1.0, 0.3), (1.0, 1.0), (2.0, 0.7), (4.0, 0.02), (5.0, 2.0)]
    {
        for degrees in [0.0, 0.5, 10.0, 30.0, 45.0, 80.0, 90.0, 135.0, 179.0] {
            dots.push((turned(major, minor, degrees), format!("{major} x {minor} px at {degrees} degrees")));
        }
    }
    for (mut dot, name) in dots {
        // Black enough that nothing is cut off early.
        dot.loss_px2 = [6.283 * (dot.sigma_major_px.max(0.3) * dot.sigma_minor_px.max(0.3)); 3];
        let picture = shares(&dot, 80);
        let sum: f64 = picture.shares.iter().sum();
        if (sum - 1.0).abs() > 1e-5 {
            return Err(format!("{name}: shares sum to {sum}"));
        }
        let (mut worst, mut place) = (0.0_f64, (0, 0, 0.0));
        for y in 0..80 {
            for x in 0..80 {
                let near =
                    (x as f32 - dot.x_px).abs().max((y as f32 - dot.y_px).abs()) < 5.0 * dot.sigma_major_px + 2.0;
                let got = picture.shares[y * 80 + x];
                let error = if near { got - support::share(&dot, x as i32, y as i32) } else { got };
                if error.abs() > worst.abs() {
                    (worst, place) = (error, (x, y, got));
                }
            }
        }
        eprintln!("{name}: worst {worst:.2e}");
        if worst.abs() > SHARE_TOLERANCE {
            return Err(format!("{name}: off by {worst} at {place:?}"));
        }
    }
    Ok(())
}
