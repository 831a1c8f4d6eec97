//! The rise of density behind an edge.

use crate::ground::numbers::smoothstep_f32;

/// Smoothstep: 0 at the edge and outside, 1 from `width` on.
pub(super) fn rise(distance: f32, width: f32) -> f32 {
    if distance <= 0.0 {
        return 0.0;
    }
    let t = if width > 0.0 { (distance / width).min(1.0) } else { 1.0 };
    smoothstep_f32(t)
}
