//! A photo as a view: a perspective camera that looks at the head.

use glam::{DMat3, DVec2, DVec3};

/// A camera without lens distortion whose principal point is the middle of the photo.
///
/// Camera space: x right, y down, z forward, mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Rotation from head space to camera space.
    pub camera_from_head: DMat3,
    /// Position of the head's origin in camera space, mm.
    pub head_origin_mm: DVec3,
    /// Focal length, px.
    pub focal_px: f64,
    /// Principal point, px.
    pub principal_px: DVec2,
}

impl Camera {
    /// A point in camera space, mm.
    #[must_use]
    pub(crate) fn camera_space(&self, point: DVec3) -> DVec3 {
        self.camera_from_head * point + self.head_origin_mm
    }

    /// Pixel of a point in head space; `None` behind the camera.
    #[must_use]
    pub fn image_from_head(&self, point: DVec3) -> Option<DVec2> {
        let p = self.camera_space(point);
        (p.z > 1.0).then(|| self.principal_px + DVec2::new(p.x, p.y) * (self.focal_px / p.z))
    }

    /// The camera of the part of its photo that begins at `corner_px`, magnified by `scale`.
    #[must_use]
    pub(crate) fn of_part(&self, corner_px: DVec2, scale: f64) -> Self {
        Self { focal_px: self.focal_px * scale, principal_px: (self.principal_px - corner_px) * scale, ..*self }
    }

    /// Position of the camera, head space, mm.
    #[must_use]
    pub fn position(&self) -> DVec3 {
        self.camera_from_head.transpose() * -self.head_origin_mm
    }

    /// Unit direction in head space of the ray through a pixel.
    #[must_use]
    pub fn ray(&self, pixel: DVec2) -> DVec3 {
        let v = (pixel - self.principal_px) / self.focal_px;
        (self.camera_from_head.transpose() * DVec3::new(v.x, v.y, 1.0)).normalize()
    }

    /// Millimetres per pixel for something perpendicular to the ray at this point.
    #[must_use]
    pub fn mm_per_px(&self, point: DVec3) -> f64 {
        self.camera_space(point).z / self.focal_px
    }

    /// Derivative of the pixel with respect to the point in head space: the rows for x and y, px per mm.
    #[must_use]
    pub(crate) fn projection_rows(&self, point: DVec3) -> [DVec3; 2] {
        let p = self.camera_space(point);
        let k = self.focal_px / p.z;
        let turn = self.camera_from_head.transpose();
        [turn * DVec3::new(k, 0.0, -k * p.x / p.z), turn * DVec3::new(0.0, k, -k * p.y / p.z)]
    }
}

/// The image of a round dot of unit standard deviation (1 mm) on the skin: an ellipse in the photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    /// Standard deviation along the major axis, px per mm of the dot's.
    pub major_px_per_mm: f64,
    /// The same along the minor axis; near zero on skin seen edge-on.
    pub minor_px_per_mm: f64,
    /// Unit vector of the major axis in the photo.
    pub axis: DVec2,
}

impl Footprint {
    /// Square pixels that a square millimetre of skin covers.
    #[must_use]
    pub fn px2_per_mm2(&self) -> f64 {
        self.major_px_per_mm * self.minor_px_per_mm
    }
}

impl Camera {
    /// How skin at `point` with this unit normal is foreshortened.
    #[must_use]
    pub fn footprint(&self, point: DVec3, normal: DVec3) -> Footprint {
        let (u, v) = normal.any_orthonormal_pair();
        self.footprint_of_axes(point, u, v)
    }

    /// The image of an ellipse on the skin at `point` with the perpendicular semi-axes `u` and `v`: its semi-axes in
    /// the photo, px, where those on the skin are in mm.
    #[must_use]
    pub(crate) fn footprint_of_axes(&self, point: DVec3, u: DVec3, v: DVec3) -> Footprint {
        let [row_x, row_y] = self.projection_rows(point);
        // The 2 x 2 map from the tangent plane to the photo, and the covariance of a unit disc under it.
        let (a, b, c, d) = (row_x.dot(u), row_x.dot(v), row_y.dot(u), row_y.dot(v));
        let (xx, xy, yy) = (a * a + b * b, a * c + b * d, c * c + d * d);
        let mean = 0.5 * (xx + yy);
        let spread = (0.25 * (xx - yy) * (xx - yy) + xy * xy).sqrt();
        let major = (mean + spread).sqrt();
        // From the determinant: subtracting two nearly equal numbers would lose a thin ellipse.
        let minor = (a * d - b * c).abs() / major.max(1e-12);
        // Eigenvector of the larger eigenvalue, from whichever column is longer.
        let candidate = if xx >= yy { DVec2::new(mean + spread - yy, xy) } else { DVec2::new(xy, mean + spread - xx) };
        Footprint { major_px_per_mm: major, minor_px_per_mm: minor, axis: candidate.normalize_or(DVec2::X) }
    }
}
