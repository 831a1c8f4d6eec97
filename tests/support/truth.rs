//! What the generator of the sample client knows exactly, and where a user would click in its photos.

#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;

use glam::{DMat3, DVec2, DVec3};
use scalp_studio::head::camera::Camera;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Truth {
    pub views: BTreeMap<String, TrueView>,
    pub landmarks_mm: BTreeMap<String, [f64; 3]>,
    pub glabella_plus_73_mm: [f64; 3],
}

#[derive(Deserialize)]
pub struct TrueView {
    fx_px: f64,
    cx: f64,
    cy: f64,
    /// Rows of `camera_from_head`.
    rotation: [[f64; 3]; 3],
    translation_mm: [f64; 3],
}

impl TrueView {
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
    serde_json::from_str(include_str!("../../assets/sample/truth.json")).unwrap()
}

#[derive(Deserialize)]
struct Clicks {
    views: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// Where a user would click a landmark of a view, px.
pub fn pixel(view: &str, landmark: &str) -> [f64; 2] {
    let clicks: Clicks = serde_json::from_str(include_str!("../../assets/sample/landmarks.json")).unwrap();
    serde_json::from_value(clicks.views[view][landmark].clone()).unwrap()
}
