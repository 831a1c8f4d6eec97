//! Small drawings of a head with a point on it.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2};

use crate::studio::session::landmarks::Drawing;

/// Draws a head with a marked point into a square.
pub fn draw(painter: &Painter, rect: Rect, drawing: Drawing, mark: Pos2, lines: Color32, accent: Color32) {
    let stroke = Stroke::new((rect.width() / 40.0).clamp(1.0, 2.0), lines);
    let thin = Stroke::new(stroke.width * 0.75, lines);
    let at = |x: f32, y: f32| rect.min + Vec2::new(x * rect.width(), y * rect.height());
    let ellipse = |x: f32, y: f32, rx: f32, ry: f32, stroke: Stroke| {
        painter.add(Shape::ellipse_stroke(at(x, y), Vec2::new(rx * rect.width(), ry * rect.height()), stroke));
    };
    let line = |points: &[(f32, f32)], stroke: Stroke| {
        painter.add(Shape::line(points.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
    };
    match drawing {
        Drawing::Front => {
            painter.add(Shape::closed_line(FACE.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
            for side in [-1.0, 1.0] {
                let x = |offset: f32| 0.5 + side * offset;
                line(&[(x(0.30), 0.45), (x(0.35), 0.46), (x(0.345), 0.56), (x(0.30), 0.62)], thin);
                ellipse(x(0.14), 0.46, 0.075, 0.03, thin);
                line(&[(x(0.06), 0.395), (x(0.14), 0.375), (x(0.22), 0.395)], thin);
            }
            line(&[(0.47, 0.46), (0.44, 0.62), (0.5, 0.65), (0.56, 0.62), (0.53, 0.46)], thin);
            line(&[(0.39, 0.755), (0.5, 0.77), (0.61, 0.755)], thin);
        }
        Drawing::ProfileToLeft | Drawing::ProfileToRight => {
            let flip = |x: f32| if drawing == Drawing::ProfileToLeft { x } else { 1.0 - x };
            let flipped = |points: &[(f32, f32)]| points.iter().map(|&(x, y)| at(flip(x), y)).collect::<Vec<_>>();
            painter.add(Shape::line(flipped(&PROFILE), stroke));
            painter.add(Shape::line(flipped(&[(0.20, 0.455), (0.31, 0.465), (0.21, 0.48)]), thin));
            ellipse(flip(0.60), 0.50, 0.05, 0.085, thin);
        }
        Drawing::Top | Drawing::Back => {
            let top = drawing == Drawing::Top;
            let ear = if top { (0.62, 0.07) } else { (0.52, 0.09) };
            for x in [0.15, 0.85] {
                ellipse(x, ear.0, 0.04, ear.1, thin);
            }
            if top {
                ellipse(0.5, 0.48, 0.34, 0.43, stroke);
                line(&[(0.46, 0.90), (0.5, 0.97), (0.54, 0.90)], stroke);
            } else {
                ellipse(0.5, 0.42, 0.34, 0.37, stroke);
                line(&[(0.36, 0.76), (0.35, 0.95)], stroke);
                line(&[(0.64, 0.76), (0.65, 0.95)], stroke);
            }
        }
    }
    let mark = at(mark.x, mark.y);
    let radius = (rect.width() / 14.0).max(3.0);
    painter.circle(mark, radius, accent, Stroke::new(1.0, Color32::BLACK));
}

/// Outline of a face from the front.
const FACE: [(f32, f32); 16] = [
    (0.50, 0.05),
    (0.65, 0.08),
    (0.76, 0.18),
    (0.805, 0.32),
    (0.80, 0.48),
    (0.775, 0.63),
    (0.72, 0.79),
    (0.62, 0.91),
    (0.50, 0.95),
    (0.38, 0.91),
    (0.28, 0.79),
    (0.225, 0.63),
    (0.20, 0.48),
    (0.195, 0.32),
    (0.24, 0.18),
    (0.35, 0.08),
];

/// A face from the side, looking to the left: from the nape over the vertex to the throat.
const PROFILE: [(f32, f32); 25] = [
    (0.83, 0.92),
    (0.84, 0.72),
    (0.90, 0.55),
    (0.93, 0.40),
    (0.90, 0.25),
    (0.82, 0.13),
    (0.70, 0.065),
    (0.55, 0.05),
    (0.40, 0.07),
    (0.28, 0.13),
    (0.20, 0.23),
    (0.165, 0.36),
    (0.185, 0.43),
    (0.14, 0.50),
    (0.055, 0.60),
    (0.13, 0.655),
    (0.125, 0.72),
    (0.145, 0.755),
    (0.125, 0.80),
    (0.165, 0.85),
    (0.17, 0.92),
    (0.25, 0.945),
    (0.38, 0.90),
    (0.48, 0.84),
    (0.50, 0.95),
];
