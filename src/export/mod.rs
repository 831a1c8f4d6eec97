//! What leaves the program: pictures, and what a client takes home.
//!
//! [`Handover`](handover::Handover) is computed once from a case prepared as a [`Subject`](subject::Subject); every
//! product is a module of its own that reads it: [`calendar`], [`report`], ...

pub mod animation;
pub mod calendar;
pub(crate) mod destination;
pub mod fonts;
pub mod handover;
pub mod image;
pub mod later;
pub mod page;
pub mod pictures;
pub mod practice;
pub mod prices;
pub mod product;
pub mod report;
pub mod subject;
pub mod tables;
pub mod tapes;
pub mod template;
pub mod text;
pub mod variants;
pub mod words;
pub mod written;
