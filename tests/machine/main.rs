//! Tests that need something of the machine: a virtual display with a pointer, a graphics adapter, disks of their own.
//! Where that is missing a test is reported as ignored, with the reason; where `CI` is set it fails. `.ci/run` installs
//! what is needed.
//!
//! The display needs Xvfb and xdotool; the adapter any Vulkan or OpenGL driver, of which Mesa's lavapipe will do; the
//! disks need root; the client's page is tried in Chromium with its driver; a terminal needs `script`.
//!
//! Each file lists its tests, as only a custom harness can ignore a test at run time. The compiler warns if one is
//! forgotten.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy excuses test functions only, not their helpers"
)]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

#[path = "../support/client.rs"]
mod client;
#[cfg(feature = "studio")]
#[path = "../support/display.rs"]
mod display;
#[path = "../support/needs.rs"]
mod needs;
#[path = "../support/pictures.rs"]
mod pictures;
#[path = "../support/truth.rs"]
mod truth;
#[cfg(feature = "studio")]
#[path = "../support/window.rs"]
mod window;

#[cfg(feature = "gpu")]
mod adapter;
#[cfg(feature = "studio")]
mod canvas;
#[cfg(feature = "studio")]
mod consultation;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(all(feature = "studio", target_os = "linux"))]
mod interrupted;
#[cfg(feature = "studio")]
mod opened;
mod page;
#[cfg(target_os = "linux")]
mod terminal;

fn main() -> ExitCode {
    let mut tests: Vec<Trial> = Vec::new();
    #[cfg(feature = "gpu")]
    tests.extend(adapter::tests());
    #[cfg(feature = "studio")]
    tests.extend([canvas::tests(), consultation::tests(), opened::tests()].into_iter().flatten());
    #[cfg(target_os = "linux")]
    tests.extend([disk::tests(), terminal::tests()].into_iter().flatten());
    #[cfg(all(feature = "studio", target_os = "linux"))]
    tests.extend(interrupted::tests());
    tests.extend(page::tests());
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}
