//! The one input of every renderer: dots as the photo sees them.

/// One dot in a photo: an elliptical Gaussian loss of light.
///
/// What counts is `loss_px2`, the area of perfectly black skin that would take as much light: it does not change
/// when a lens blurs the dot or when the dot is thinner than a pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Splat {
    /// Centre, in pixels of the upright photo.
    pub x_px: f32,
    /// Centre, in pixels of the upright photo.
    pub y_px: f32,
    /// Standard deviation along the major axis, px.
    pub sigma_major_px: f32,
    /// Standard deviation along the minor axis, px; may be close to zero on skin seen edge-on.
    pub sigma_minor_px: f32,
    /// Cosine and sine of the major axis' angle from +x towards +y (down).
    pub axis: [f32; 2],
    /// Integral of the lost fraction of diffuse light over the photo, px2, for red, green, blue.
    pub loss_px2: [f32; 3],
}
