//! The real window on a virtual display. Needs Xvfb, xdotool, ImageMagick's `import` and a Vulkan driver (Mesa's lavapipe
//! will do); `.ci/run` installs them.
//!
//! Where the tools are missing the tests say so and pass, except where `CI` is set: there they fail.

#![cfg(feature = "studio")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy excuses test functions only, not their helpers"
)]

#[path = "../support/display.rs"]
mod display;
#[path = "../support/truth.rs"]
mod truth;
#[path = "../support/window.rs"]
mod window;

mod consultation;
mod opened;
