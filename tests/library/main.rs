//! The library through its public interface, and beside it each command that shows the same.

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
#[path = "../support/pictures.rs"]
mod pictures;
#[path = "../support/truth.rs"]
mod truth;

mod calibrate;
mod case;
mod checks;
mod composite;
mod contour;
mod corruption;
mod earlier;
#[cfg(feature = "face")]
mod face;
mod follicles;
mod fuzz;
mod golden;
mod hairline;
mod handover;
mod head;
mod hidden;
mod journal;
mod layering;
mod lock;
mod mock_up;
mod own_hair;
mod photo;
mod plan;
mod read_back;
mod reading;
mod real_work;
mod records;
mod rescue;
mod sample;
mod shade;
mod skin;
mod store;
mod stubble;
mod surface;
mod torture;
mod undo;
