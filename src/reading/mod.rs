//! What a photo tells: how its camera blurs and grains, and what the client's skin and shaved hair are like there.
//!
//! A photo is not skin. Each reading looks at untreated skin only, says how sure it is, and is worked out once per photo.

pub mod stubble;
