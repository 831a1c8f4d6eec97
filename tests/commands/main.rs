//! The command line as users run it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy excuses test functions only, not their helpers"
)]

#[path = "../support/client.rs"]
mod client;
#[path = "../support/fuzz.rs"]
mod fuzzing;

#[cfg(feature = "face")]
mod face;
#[cfg(target_os = "linux")]
mod failing_disk;
mod handover;
mod keeping;
mod refusals;
mod work;
