//! The client's head: its shape, and the cameras that look at it.

pub mod chart;
pub mod harmonics;
pub mod surface;
