//! Small pictures of hairlines: the preset on the average head, seen from the front and from above, as a client looks who
//! bends forward a little; its edge as dots. Schematic, made once.

use std::collections::HashMap;
use std::sync::OnceLock;

use egui::{Color32, ColorImage, Id, Painter, Pos2, Rect, Stroke, TextureHandle, TextureOptions, pos2};
use glam::{DVec2, DVec3};

use crate::head::Head;
use crate::plan::hairline::{Edge, PRESETS, Preset};
use crate::plan::treatment::Treatment;
use crate::studio::view::viewport::thinned;

/// How far above the front the viewer is, degrees: enough to see the scalp behind the line.
const TILT_DEGREES: f64 = 36.0;
/// What is shown of the head, mm: half of the width, and heights from and to, as the viewer sees them.
const HALF_WIDTH_MM: f64 = 84.0;
const BOTTOM_MM: f64 = -24.0;
const TOP_MM: f64 = 104.0;
/// Candidates for dots in the whole picture.
const CANDIDATES: u32 = 4000;
/// Share of them that the densest place keeps.
const DENSEST: f64 = 0.62;

const SKIN: Color32 = Color32::from_rgb(214, 178, 152);
const DOT: Color32 = Color32::from_rgb(52, 44, 42);
const BACKGROUND: Color32 = Color32::from_gray(58);
/// As over the photo.
const LINE: Color32 = Color32::from_rgb(255, 214, 90);

/// A hairline as the viewer sees it, mm.
struct Picture {
    outline: Vec<DVec2>,
    dots: Vec<DVec2>,
    /// The line itself: shapes differ by few millimetres, which dots alone do not show.
    line: Vec<DVec2>,
}

/// Presets as textures, by preset and size in px: thousands of dots would be drawn anew in every frame otherwise.
type Textures = HashMap<(usize, [usize; 2]), TextureHandle>;

/// Draws a preset into a rectangle.
pub(crate) fn paint(painter: &Painter, preset: Preset, rect: Rect) {
    static PICTURES: OnceLock<Vec<Picture>> = OnceLock::new();
    let pictures = PICTURES.get_or_init(|| {
        let head = Head::average();
        PRESETS.iter().map(|&p| Picture::new(&head, p)).collect()
    });
    let Some(index) = PRESETS.iter().position(|p| *p == preset) else { return };
    let Some(picture) = pictures.get(index) else { return };
    let (ctx, scale) = (painter.ctx(), painter.ctx().pixels_per_point());
    let size = [rect.width(), rect.height()].map(|side| (side * scale).round().max(1.0) as usize);
    let textures = Id::unique("pictures of hairlines");
    let known = ctx.data(|data| data.get_temp::<Textures>(textures)?.get(&(index, size)).cloned());
    let texture = known.unwrap_or_else(|| {
        let image = picture.image(size, f64::from(scale));
        let texture = ctx.load_texture(format!("hairline {}", preset.name()), image, TextureOptions::LINEAR);
        ctx.data_mut(|data| {
            data.get_temp_mut_or_default::<Textures>(textures).insert((index, size), texture.clone());
        });
        texture
    });
    painter.image(texture.id(), rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
    let px_per_mm = px_per_mm([f64::from(rect.width()), f64::from(rect.height())]);
    let at =
        |p: &DVec2| pos2((p.x * px_per_mm) as f32 + rect.center().x, ((TOP_MM - p.y) * px_per_mm) as f32 + rect.top());
    let line = thinned(picture.line.iter().map(at));
    painter.with_clip_rect(rect).line(line, Stroke::new(1.5, LINE));
}

/// Scale of a picture of this width and height.
fn px_per_mm([width, height]: [f64; 2]) -> f64 {
    (height / (TOP_MM - BOTTOM_MM)).min(width / (2.0 * HALF_WIDTH_MM))
}

/// Mixes a colour into a pixel.
fn mix(pixel: &mut Color32, colour: Color32, share: f64) {
    *pixel = pixel.lerp_to_gamma(colour, share.clamp(0.0, 1.0) as f32);
}

/// How much of the pixel that begins at `at` lies between two edges.
fn covered(at: usize, [from, to]: [f64; 2]) -> f64 {
    ((at as f64 + 1.0).min(to) - (at as f64).max(from)).clamp(0.0, 1.0)
}

impl Picture {
    fn new(head: &Head, preset: Preset) -> Self {
        let hairline = preset.hairline(head);
        let axis = head.midline_mm();
        let (sin, cos) = libm::sincos(TILT_DEGREES.to_radians());
        let flat = |p: DVec3| DVec2::new(p.x - axis, p.y * cos - p.z * sin);
        let line: Vec<DVec2> = hairline.line(head).iter().map(|p| flat(p.position)).collect();
        // In each direction the farthest of many points of the skin.
        let skin: Vec<DVec2> = (0..900)
            .map(|i| {
                // Evenly over the sphere (Fibonacci).
                let z = 1.0 - (2.0 * f64::from(i) + 1.0) / 900.0;
                let (s, c) = libm::sincos(f64::from(i) * std::f64::consts::PI * (3.0 - 5.0_f64.sqrt()));
                let r = (1.0 - z * z).sqrt();
                flat(head.cranium.at(DVec3::new(r * c, r * s, z)).position)
            })
            .collect();
        let outline: Vec<DVec2> = (0..48)
            .filter_map(|i| {
                let (s, c) = libm::sincos(f64::from(i) / 48.0 * std::f64::consts::TAU);
                let far = |p: &DVec2| p.dot(DVec2::new(s, c));
                skin.iter().copied().max_by(|a, b| far(a).total_cmp(&far(b)))
            })
            .collect();
        // The scalp behind the line: closed far above it.
        let mut scalp = line.clone();
        scalp.extend([DVec2::new(300.0, -60.0), DVec2::new(300.0, 400.0), DVec2::new(-300.0, 400.0)]);
        scalp.push(DVec2::new(-300.0, -60.0));
        let dots = (1..=CANDIDATES)
            .filter_map(|i| {
                // Quasi-random places (Roberts 2018), and a number that decides and knows nothing of the place.
                let part = |a: f64| (f64::from(i) * a).fract();
                let place = DVec2::new(
                    (2.0 * part(0.754_877_666_246_693) - 1.0) * HALF_WIDTH_MM,
                    BOTTOM_MM + part(0.569_840_290_998_053) * (TOP_MM - BOTTOM_MM),
                );
                let behind = if inside(&scalp, place) { 1.0 } else { -1.0 } * distance(&line, place);
                let kept =
                    (f64::from(i) * part(0.618_033_988_749_895)).fract() < DENSEST * share(&hairline.edge, behind);
                (kept && inside(&outline, place)).then_some(place)
            })
            .collect();
        Self { outline, dots, line }
    }

    /// The picture in pixels, of which there are `scale` to a point.
    fn image(&self, [width, height]: [usize; 2], scale: f64) -> ColorImage {
        /// Lines of a row of pixels in which the outline is looked at.
        const LINES: usize = 4;
        let px_per_mm = px_per_mm([width as f64, height as f64]);
        let at = |p: DVec2| DVec2::new(0.5 * width as f64 + p.x * px_per_mm, (TOP_MM - p.y) * px_per_mm);
        let mut image = ColorImage::filled([width, height], BACKGROUND);
        let outline: Vec<DVec2> = self.outline.iter().map(|&p| at(p)).collect();
        for (y, row) in image.pixels.chunks_exact_mut(width).enumerate() {
            let mut skin = vec![0.0; width];
            for line in 0..LINES {
                let height = y as f64 + (line as f64 + 0.5) / LINES as f64;
                // The outline is convex: a line crosses it twice or not at all.
                let mut ends = [f64::INFINITY, f64::NEG_INFINITY];
                for (k, a) in outline.iter().enumerate() {
                    let b = outline[(k + 1) % outline.len()];
                    if (a.y <= height) != (b.y <= height) {
                        let x = a.x + (height - a.y) / (b.y - a.y) * (b.x - a.x);
                        ends = [ends[0].min(x), ends[1].max(x)];
                    }
                }
                for (x, skin) in skin.iter_mut().enumerate() {
                    *skin += covered(x, ends) / LINES as f64;
                }
            }
            row.iter_mut().zip(skin).for_each(|(pixel, share)| mix(pixel, SKIN, share));
        }
        for &dot in &self.dots {
            let middle = at(dot);
            let edges = [middle.x, middle.y].map(|v| [v - 0.5 * scale, v + 0.5 * scale]);
            let range =
                |[from, to]: [f64; 2], side: usize| from.max(0.0) as usize..(to.max(0.0).ceil() as usize).min(side);
            for y in range(edges[1], height) {
                for x in range(edges[0], width) {
                    let share = covered(x, edges[0]) * covered(y, edges[1]);
                    mix(&mut image.pixels[y * width + x], DOT, share);
                }
            }
        }
        image
    }
}

/// Density so far behind the line, as a share of the area's.
fn share(edge: &Edge, behind_mm: f64) -> f64 {
    let rise = |from: f64, to: f64, t: f64| from + (to - from) * t.clamp(0.0, 1.0);
    if behind_mm < -edge.stray_reach_mm {
        0.0
    } else if behind_mm < 0.0 {
        edge.strays_per_cm2 / Treatment::FullShave.density_per_cm2()
    } else if behind_mm < edge.transition_mm {
        rise(edge.start_share, edge.transition_share, behind_mm / edge.transition_mm)
    } else {
        rise(edge.transition_share, 1.0, (behind_mm - edge.transition_mm) / edge.defined_mm)
    }
}

fn distance(line: &[DVec2], place: DVec2) -> f64 {
    line.iter().map(|p| p.distance(place)).fold(f64::INFINITY, f64::min)
}

/// Even-odd.
fn inside(polygon: &[DVec2], place: DVec2) -> bool {
    let mut inside = false;
    for (i, a) in polygon.iter().enumerate() {
        let b = polygon[(i + 1) % polygon.len()];
        if (a.y <= place.y) != (b.y <= place.y) && a.x + (place.y - a.y) / (b.y - a.y) * (b.x - a.x) > place.x {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_show_how_hairlines_differ() {
        let head = Head::average();
        let lowest = |preset: Preset, across: f64| {
            let picture = Picture::new(&head, preset);
            assert!((400..3500).contains(&picture.dots.len()), "{preset:?}: {} dots", picture.dots.len());
            let near = picture.dots.iter().filter(|d| (d.x.abs() - across).abs() < 6.0);
            let mut heights: Vec<f64> = near.map(|d| d.y).collect();
            heights.sort_by(f64::total_cmp);
            heights[heights.len() / 20]
        };
        assert!(lowest(Preset::M, 40.0) > lowest(Preset::Rounded, 40.0) + 5.0, "corners are receded");
        assert!(lowest(Preset::Mature, 0.0) > lowest(Preset::Female, 0.0) + 3.0, "a mature line is higher");
    }
}
