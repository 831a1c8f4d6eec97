//! What the generator of the sample clients knows exactly, and where a user would click in their photos.

#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;

use glam::{DMat3, DVec2, DVec3};
use scalp_studio::case::sample;
use scalp_studio::head::camera::Camera;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Truth {
    pub views: BTreeMap<String, TrueView>,
    pub landmarks_mm: BTreeMap<String, [f64; 3]>,
    pub glabella_plus_73_mm: [f64; 3],
    pub stubble: Stubble,
}

/// The client's own shaved hair.
#[derive(Deserialize)]
pub struct Stubble {
    /// Its upper border, where half the density is left, from the temple to the back: `right` and `left`.
    pub border_mm: BTreeMap<String, Vec<[f64; 3]>>,
    /// Follicles per cm2, each with one to three hairs.
    pub units_per_cm2: f64,
    /// The share of the skin's light that such hair leaves: red, green, blue.
    pub left_of_light: [f64; 3],
}

#[derive(Deserialize)]
pub struct TrueView {
    fx_px: f64,
    cx: f64,
    cy: f64,
    width: u32,
    height: u32,
    /// Rows of `camera_from_head`.
    rotation: [[f64; 3]; 3],
    translation_mm: [f64; 3],
}

impl TrueView {
    /// Width and height, px.
    pub fn size_px(&self) -> [u32; 2] {
        [self.width, self.height]
    }

    /// Where the photo shows a place on the true head, px.
    pub fn pixel(&self, place_mm: [f64; 3]) -> [f64; 2] {
        self.camera().image_from_head(DVec3::from(place_mm)).unwrap().to_array()
    }

    pub fn camera(&self) -> Camera {
        Camera {
            camera_from_head: DMat3::from_cols_array_2d(&self.rotation).transpose(),
            head_origin_mm: DVec3::from(self.translation_mm),
            focal_px: self.fx_px,
            principal_px: DVec2::new(self.cx, self.cy),
        }
    }
}

pub fn truth() -> Truth {
    truth_of(sample::Client::Light)
}

pub fn truth_of(client: sample::Client) -> Truth {
    serde_json::from_str(match client {
        sample::Client::Light => include_str!("../../assets/sample/light/truth.json"),
        sample::Client::Dark => include_str!("../../assets/sample/dark/truth.json"),
    })
    .unwrap()
}

#[derive(Deserialize)]
struct Clicks {
    views: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// Where a user would click along the outline in a view, px.
pub fn points(view: &str, name: &str) -> Vec<[f64; 2]> {
    let clicks: Clicks = serde_json::from_str(include_str!("../../assets/sample/light/landmarks.json")).unwrap();
    serde_json::from_value(clicks.views[view][name].clone()).unwrap()
}

/// Where a user would click a landmark of a view, px.
pub fn pixel(view: &str, landmark: &str) -> [f64; 2] {
    let clicks: Clicks = serde_json::from_str(include_str!("../../assets/sample/light/landmarks.json")).unwrap();
    serde_json::from_value(clicks.views[view][landmark].clone()).unwrap()
}
