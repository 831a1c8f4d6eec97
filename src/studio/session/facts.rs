//! Numbers about the plan shown: worked out when an edit has settled.

use crate::case::head_fit::ScaleAt;
use crate::reading::tissue::Skin;

/// Numbers about a plan on a head.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Which variant.
    pub variant: usize,
    /// Dots that stand after each session.
    pub dots_by_session: Vec<usize>,
    /// Area of each of the plan's areas, cm2; empty while a gesture is in progress.
    pub areas_cm2: Vec<f64>,
    /// Scale of each view at the middle of the hairline; none for a view without points; empty while a gesture is in
    /// progress.
    pub scale: Vec<Option<ScaleAt>>,
    /// A view, and how many dots are left out in it, since something covers the scalp there; none while a gesture is in
    /// progress, or where nothing does.
    pub covered: Option<(usize, usize)>,
    /// The client's skin.
    pub skin: Skin,
}
