//! What the window shows of photos: the canvas, pictures on it, several of them side by side, and the client's screen.

pub mod blitter;
pub mod canvas;
pub mod card;
pub mod client;
pub mod covers;
pub mod heat;
pub mod overlay;
pub mod picture;
pub mod thumbnails;
pub mod tiles;
pub mod viewport;
