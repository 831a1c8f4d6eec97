//! The studio: the window in which a technician and a client design a hairline on the client's own photos.
//!
//! [`Studio`] is the window's state. Each frame it takes over the results of the [`background`], shows [`view`] and
//! [`controls`], carries out the [`session::command`]s that were given, turns a finished gesture into a step of the
//! [`session`], and asks the background for what is to be shown next. Everything slow happens in the background; only
//! what has changed is requested.
//!
//! Each folder uses only those before it, in this order: `session`, `background`, `view`, `controls`, `tools`. The
//! files beside them put it all together and are used by none of them, except for [`words`].

mod app;
mod background;
mod cases;
mod controls;
mod device;
mod export;
mod frame_times;
mod hand_over;
mod keeping;
mod modals;
mod options;
mod perform;
pub mod session;
mod signing;
mod tools;
mod view;
mod window;
mod words;

pub use app::Studio;
pub use options::Options;
pub use session::open_case::OpenCase;
pub use session::settings::{follicles_folder, forget_recent, states_folder, written_list};
pub use view::card::DrawnBy;
pub use window::{Closed, LOSE_AFTER, StudioError, run};
