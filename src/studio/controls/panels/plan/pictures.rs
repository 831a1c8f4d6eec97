//! Small pictures of hairlines: the preset on the average head, seen from the front and slightly above, as when a
//! client bends forward a little; its edge as dots. Schematic, drawn once.

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
/// The part of the head that is shown, mm: half of the width, and the lower and upper height, as the viewer sees them.
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
/// The same colour as over the photo.
const LINE: Color32 = Color32::from_rgb(255, 214, 90);

/// The same for an edge seen up close: half of the width, and how far in front of the line and behind it, mm.
const EDGE_HALF_WIDTH_MM: f64 = 18.0;
const BEFORE_MM: f64 = 6.0;
const BEHIND_MM: f64 = 22.0;
const EDGE_CANDIDATES: u32 = 420;

/// The extent of a picture: half of the width, and the lower and upper height, mm.
#[derive(Debug, Clone, Copy)]
struct Extent {
    half_width: f64,
    bottom: f64,
    top: f64,
}

const HEAD: Extent = Extent { half_width: HALF_WIDTH_MM, bottom: BOTTOM_MM, top: TOP_MM };
const EDGE: Extent = Extent { half_width: EDGE_HALF_WIDTH_MM, bottom: -BEFORE_MM, top: BEHIND_MM };

impl Extent {
    /// Scale of a picture with this width and height.
    fn per_mm(self, [width, height]: [f64; 2]) -> f64 {
        (height / (self.top - self.bottom)).min(width / (2.0 * self.half_width))
    }

    /// A quasi-random place (Roberts 2018), and a number from 0 to 1 that is independent of it.
    fn candidate(self, index: u32) -> (DVec2, f64) {
        let part = |a: f64| (f64::from(index) * a).fract();
        let x = (2.0 * part(0.754_877_666_246_693) - 1.0) * self.half_width;
        let y = self.bottom + part(0.569_840_290_998_053) * (self.top - self.bottom);
        (DVec2::new(x, y), (f64::from(index) * part(0.618_033_988_749_895)).fract())
    }
}

/// A hairline as the viewer sees it, mm.
struct ShapeSketch {
    extent: Extent,
    outline: Vec<DVec2>,
    dots: Vec<DVec2>,
    /// The line itself: shapes differ by a few millimetres, which dots alone do not show.
    line: Vec<DVec2>,
}

/// Pictures as textures, by subject, preset and size in px: otherwise thousands of dots would be drawn in every frame.
type Textures = HashMap<(&'static str, usize, [usize; 2]), TextureHandle>;

/// Draws the course of a preset's line into a rectangle.
pub(crate) fn paint(painter: &Painter, preset: Preset, rect: Rect) {
    static PICTURES: OnceLock<Vec<ShapeSketch>> = OnceLock::new();
    let pictures = PICTURES.get_or_init(|| {
        let head = Head::average();
        PRESETS.iter().map(|&p| ShapeSketch::new(&head, p)).collect()
    });
    paint_one(painter, "hairline", pictures, preset, rect);
}

/// Draws a preset's edge into a rectangle, as seen up close.
pub(crate) fn paint_edge(painter: &Painter, preset: Preset, rect: Rect) {
    static PICTURES: OnceLock<Vec<ShapeSketch>> = OnceLock::new();
    let pictures = PICTURES.get_or_init(|| PRESETS.iter().map(|p| ShapeSketch::of_edge(&p.edge())).collect());
    paint_one(painter, "edge", pictures, preset, rect);
}

fn paint_one(painter: &Painter, of: &'static str, pictures: &[ShapeSketch], preset: Preset, rect: Rect) {
    let Some(index) = PRESETS.iter().position(|p| *p == preset) else { return };
    let Some(picture) = pictures.get(index) else { return };
    let (ctx, scale) = (painter.ctx(), painter.ctx().pixels_per_point());
    let size = [rect.width(), rect.height()].map(|side| (side * scale).round().max(1.0) as usize);
    let textures = Id::unique("pictures of hairlines");
    let known = ctx.data(|data| data.get_temp::<Textures>(textures)?.get(&(of, index, size)).cloned());
    let texture = known.unwrap_or_else(|| {
        let image = picture.image(size, f64::from(scale));
        let texture = ctx.load_texture(format!("{of} {}", preset.name()), image, TextureOptions::LINEAR);
        ctx.data_mut(|data| {
            data.get_temp_mut_or_default::<Textures>(textures).insert((of, index, size), texture.clone());
        });
        texture
    });
    painter.image(texture.id(), rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
    let extent = picture.extent;
    let per_mm = extent.per_mm([f64::from(rect.width()), f64::from(rect.height())]);
    let at =
        |p: &DVec2| pos2((p.x * per_mm) as f32 + rect.center().x, ((extent.top - p.y) * per_mm) as f32 + rect.top());
    let line = thinned(picture.line.iter().map(at));
    painter.with_clip_rect(rect).line(line, Stroke::new(1.5, LINE));
}

/// Blends a colour into a pixel.
fn mix(pixel: &mut Color32, colour: Color32, share: f64) {
    *pixel = pixel.lerp_to_gamma(colour, share.clamp(0.0, 1.0) as f32);
}

/// Share of the pixel that begins at `at` that lies between two edges.
fn covered(at: usize, [from, to]: [f64; 2]) -> f64 {
    ((at as f64 + 1.0).min(to) - (at as f64).max(from)).clamp(0.0, 1.0)
}

impl ShapeSketch {
    fn new(head: &Head, preset: Preset) -> Self {
        let hairline = preset.hairline(head);
        let axis = head.midline_mm();
        let (sin, cos) = libm::sincos(TILT_DEGREES.to_radians());
        let flat = |p: DVec3| DVec2::new(p.x - axis, p.y * cos - p.z * sin);
        let line: Vec<DVec2> = hairline.line(head).iter().map(|p| flat(p.position)).collect();
        // In each direction the farthest of many points of the skin.
        let skin: Vec<DVec2> = (0..900)
            .map(|i| {
                // Evenly distributed over the sphere (Fibonacci).
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
                let (place, chance) = HEAD.candidate(i);
                let behind = if inside(&scalp, place) { 1.0 } else { -1.0 } * distance(&line, place);
                let kept = chance < DENSEST * share(&hairline.edge, behind);
                (kept && inside(&outline, place)).then_some(place)
            })
            .collect();
        Self { extent: HEAD, outline, dots, line }
    }

    /// A piece of an edge seen up close, with the scalp above it.
    fn of_edge(edge: &Edge) -> Self {
        /// Waves of the line, and patches of denser and thinner dots, mm: about as on the head.
        const WAVE_MM: f64 = 15.0;
        const PATCH_MM: f64 = 5.5;
        let wave = |x: f64, length: f64| libm::sin(x * std::f64::consts::TAU / length);
        let line: Vec<DVec2> = (-36..=36)
            .map(|i| 0.5 * f64::from(i))
            .map(|x| DVec2::new(x, edge.undulation_mm * wave(x, WAVE_MM)))
            .collect();
        let dots = (1..=EDGE_CANDIDATES)
            .filter_map(|i| {
                let (place, chance) = EDGE.candidate(i);
                let behind = place.y - edge.undulation_mm * wave(place.x, WAVE_MM);
                let patch = wave(place.x, PATCH_MM) * wave(place.y + 0.3 * place.x, 1.3 * PATCH_MM);
                let near = 1.0 - (behind / (edge.transition_mm + edge.defined_mm)).clamp(0.0, 1.0);
                let kept = share(edge, behind) * (1.0 + edge.clusters * near * patch);
                (chance < DENSEST * kept).then_some(place)
            })
            .collect();
        let [left, right] = [-1.0, 1.0].map(|side| 2.0 * side * EDGE_HALF_WIDTH_MM);
        let corners = [(left, -99.0), (right, -99.0), (right, 99.0), (left, 99.0)];
        Self { extent: EDGE, outline: corners.map(DVec2::from).to_vec(), dots, line }
    }

    /// The picture in pixels, of which there are `scale` per point.
    fn image(&self, [width, height]: [usize; 2], scale: f64) -> ColorImage {
        /// Scan lines per row of pixels at which the outline is sampled.
        const LINES: usize = 4;
        let per_mm = self.extent.per_mm([width as f64, height as f64]);
        let at = |p: DVec2| DVec2::new(0.5 * width as f64 + p.x * per_mm, (self.extent.top - p.y) * per_mm);
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

/// Density at this distance behind the line, as a share of the area's.
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

/// Even-odd rule.
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
            let picture = ShapeSketch::new(&head, preset);
            assert!((400..3500).contains(&picture.dots.len()), "{preset:?}: {} dots", picture.dots.len());
            let near = picture.dots.iter().filter(|d| (d.x.abs() - across).abs() < 6.0);
            let mut heights: Vec<f64> = near.map(|d| d.y).collect();
            heights.sort_by(f64::total_cmp);
            heights[heights.len() / 20]
        };
        assert!(lowest(Preset::M, 40.0) > lowest(Preset::Rounded, 40.0) + 5.0, "corners are receded");
        assert!(lowest(Preset::Mature, 0.0) > lowest(Preset::Female, 0.0) + 3.0, "a mature line is higher");
    }

    #[test]
    fn pictures_show_how_edges_differ() {
        let near = |preset: Preset| {
            let picture = ShapeSketch::of_edge(&preset.edge());
            let near = picture.dots.iter().filter(|dot| (2.0..8.0).contains(&dot.y)).count();
            assert!((60..EDGE_CANDIDATES as usize).contains(&picture.dots.len()), "{preset:?}");
            near
        };
        assert!(near(Preset::Defined) > near(Preset::Soft) + 3, "dense soon behind the line");
        assert!(near(Preset::Soft) > near(Preset::Feathered), "the softest front");
    }
}
