//! The window without a display, operated by the names that a screen reader would say.

#![cfg(feature = "studio")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy excuses test functions only, not their helpers"
)]

#[path = "../support/truth.rs"]
mod truth;
#[path = "../support/window.rs"]
mod window;

mod areas;
mod calibrate;
mod canvas;
mod controls;
mod cover;
mod files;
mod hand_over;
mod head;
mod heat;
mod keeping;
mod match_hair;
mod own_hair;
mod plan;
mod reading;
mod sections;
mod skin_type;
mod strokes;
