//! What needs something of the machine: a virtual display with a pointer, a graphics adapter, disks of its own. Where that is
//! missing a test is reported as ignored, with the reason; where `CI` is set it fails. `.ci/run` installs what is needed.
//!
//! The display needs Xvfb and xdotool; the adapter any Vulkan or OpenGL driver, Mesa's lavapipe will do;
//! disks need root; the page for the client is tried in Chromium with its driver.
//!
//! Tests are listed in each file, since only a harness of one's own can ignore one while it runs. The compiler says where one
//! is forgotten.

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
#[cfg(feature = "studio")]
mod opened;
mod page;

fn main() -> ExitCode {
    let mut tests: Vec<Trial> = Vec::new();
    #[cfg(feature = "gpu")]
    tests.extend(adapter::tests());
    #[cfg(feature = "studio")]
    tests.extend([canvas::tests(), consultation::tests(), opened::tests()].into_iter().flatten());
    #[cfg(target_os = "linux")]
    tests.extend(disk::tests());
    tests.extend(page::tests());
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}
