//! Density as a heat map: how many dots are planned per cm2, as colours over the scalp in the photo.
//!
//! Drawn from the same density field as the picture, so it follows every movement. A coarse grid of the skin is enough:
//! density changes over millimetres. It lies over the photo in the window only, never in exports.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Align2, Color32, FontId, Mesh, Painter, Pos2, Rect, Sense, Shape, Ui, Vec2, WidgetInfo, pos2, vec2};
use glam::DVec3;

use super::viewport::Viewport;
use crate::head::Part;
use crate::head::chart::SIDE;
use crate::head::surface::SurfacePoint;
use crate::plan::field::DensityField;
use crate::render::mock_up::MockUp;
use crate::studio::session::open_case::OpenCase;

/// Texels of the density field between two nodes of the grid: about 3.6 mm.
const STEP: usize = 4;
const NODES: usize = SIDE / STEP;
/// How much of the photo the colours cover where they are thickest.
const OPACITY: f32 = 0.62;
/// Densities below this count as none, per cm2.
const NOTHING_PER_CM2: f32 = 1.0;
/// The legend ends at a multiple of this, per cm2.
const NICE_PER_CM2: f32 = 50.0;
/// Skin that turns away from the camera fades: cosines of the angle at which it vanishes and at which it is fully
/// opaque.
const FADING: [f64; 2] = [0.03, 0.25];
const BAR: Vec2 = Vec2::new(170.0, 10.0);
const MARGIN: f32 = 10.0;

/// From few to many: dark blue over green to yellow, lighter at every step, and distinguishable with colour blindness
/// (after Smith and van der Walt's viridis).
const RAMP: [[f32; 3]; 6] = [
    [68.0, 1.0, 84.0],
    [65.0, 68.0, 135.0],
    [42.0, 120.0, 142.0],
    [34.0, 168.0, 132.0],
    [122.0, 209.0, 81.0],
    [253.0, 231.0, 37.0],
];

/// The heat map.
#[derive(Default)]
pub struct Heat {
    /// Whether it is shown.
    pub shown: bool,
    grid: Option<Grid>,
}

/// A plan's density at places on the skin.
struct Grid {
    mock_up: Arc<MockUp>,
    parts: Vec<Nodes>,
    most_per_cm2: f32,
}

/// [`NODES`] squared places on one surface; none outside its map.
struct Nodes {
    nodes: Vec<Option<Node>>,
}

#[derive(Clone, Copy)]
struct Node {
    skin: SurfacePoint,
    per_cm2: f32,
}

impl Heat {
    /// Draws colours and legend if the map is shown and the photo has a head; returns where the legend is.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        painter: &Painter,
        case: &OpenCase,
        viewport: &Viewport,
        pointer: Option<Pos2>,
    ) -> Option<Rect> {
        let planned = case.facts.mock_up.as_ref().filter(|_| self.shown && case.facts.variant == case.variant);
        let (Some(mock_up), Some(fit), Some(camera)) = (planned, case.fit(), case.camera()) else {
            self.grid = None;
            return None;
        };
        if !self.grid.as_ref().is_some_and(|grid| Arc::ptr_eq(&grid.mock_up, mock_up)) {
            self.grid = Some(Grid::new(Arc::clone(mock_up)));
        }
        let grid = self.grid.as_ref()?;
        let most = grid.most_per_cm2;
        let head = fit.head();
        for part in &grid.parts {
            let seen = |node: &Option<Node>| -> Option<(Pos2, Color32)> {
                let Node { skin, per_cm2 } = (*node)?;
                let at = viewport.screen_from_head(camera, skin.position)?;
                let towards = (camera.position() - skin.position).normalize_or_zero().dot(skin.normal);
                let facing = ((towards - FADING[0]) / (FADING[1] - FADING[0])).clamp(0.0, 1.0) as f32;
                let facing = if facing > 0.0 && head.visible(camera, &skin) { facing } else { 0.0 };
                let some = (per_cm2 / (4.0 * NOTHING_PER_CM2)).min(1.0);
                Some((at, colour(per_cm2 / most, OPACITY * facing * some)))
            };
            painter.add(Shape::mesh(mesh(&part.nodes.iter().map(seen).collect::<Vec<_>>())));
        }
        let here = pointer.and_then(|at| {
            let (part, skin) = viewport.skin_from_screen(head, camera, at)?;
            grid.at(part, skin.position)
        });
        Some(legend(ui, painter, viewport.rect, most, here))
    }
}

impl Grid {
    fn new(mock_up: Arc<MockUp>) -> Self {
        let parts: Vec<Nodes> = mock_up.fields.iter().map(|field| Nodes::new(&mock_up, field)).collect();
        let all = parts.iter().flat_map(|part| &part.nodes).flatten();
        let most = all.map(|node| node.per_cm2).fold(0.0, f32::max);
        let most_per_cm2 = ((most - 0.5) / NICE_PER_CM2).ceil().max(2.0) * NICE_PER_CM2;
        Self { mock_up, parts, most_per_cm2 }
    }

    /// Density at a place on the skin.
    fn at(&self, part: Part, place: DVec3) -> Option<f32> {
        let field = self.mock_up.fields.iter().find(|field| field.part == part)?;
        let from_centre = place - self.mock_up.scalp.head.surface(part).centre;
        let [x, y] = part.chart().texel_from_direction(from_centre.normalize_or_zero())?;
        Some(field.density_per_cm2.at([x as f32, y as f32]))
    }
}

impl Nodes {
    fn new(mock_up: &MockUp, field: &DensityField) -> Self {
        let map = mock_up.scalp.map.part(field.part);
        let centre = mock_up.scalp.head.surface(field.part).centre;
        let values = field.density_per_cm2.values();
        let node = |index: usize| {
            let (x, y) = (STEP * (index % NODES) + STEP / 2, STEP * (index / NODES) + STEP / 2);
            let place = |x: usize, y: usize| map.position[y * SIDE + x];
            let position = place(x, y)?;
            let (across, down) = (place(x + 1, y)? - place(x - 1, y)?, place(x, y + 1)? - place(x, y - 1)?);
            let normal = across.cross(down).normalize_or_zero();
            let normal = if normal.dot(position - centre) < 0.0 { -normal } else { normal };
            // The mean of the texels around it: density is uneven from follicle to follicle.
            let around = (y - STEP / 2..y + STEP / 2).flat_map(|y| &values[y * SIDE + x - STEP / 2..][..STEP]);
            let per_cm2 = around.sum::<f32>() / (STEP * STEP) as f32;
            Some(Node { skin: SurfacePoint { position, normal }, per_cm2 })
        };
        Self { nodes: (0..NODES * NODES).map(node).collect() }
    }
}

/// Triangles between neighbouring nodes; invisible ones are left out.
fn mesh(nodes: &[Option<(Pos2, Color32)>]) -> Mesh {
    let mut mesh = Mesh::default();
    let mut numbers = vec![None; nodes.len()];
    let corner = |index: usize| nodes.get(index).copied().flatten();
    for index in 0..nodes.len() {
        let corners = [index, index + 1, index + NODES, index + NODES + 1];
        if index % NODES + 1 == NODES || corners.iter().any(|&index| corner(index).is_none()) {
            continue;
        }
        if corners.iter().all(|&index| corner(index).is_none_or(|(_, colour)| colour == Color32::TRANSPARENT)) {
            continue;
        }
        let [a, b, c, d] = corners.map(|index| {
            *numbers[index].get_or_insert_with(|| {
                let (at, colour) = corner(index).unwrap_or_default();
                mesh.colored_vertex(at, colour);
                mesh.vertices.len() as u32 - 1
            })
        });
        mesh.add_triangle(a, b, c);
        mesh.add_triangle(b, c, d);
    }
    mesh
}

/// The colour for this share of the maximum, with this opacity.
fn colour(share: f32, opacity: f32) -> Color32 {
    let place = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f32;
    let below = (place as usize).min(RAMP.len() - 2);
    let t = place - below as f32;
    let [r, g, b] = std::array::from_fn(|c| (RAMP[below][c] + (RAMP[below + 1][c] - RAMP[below][c]) * t).round() as u8);
    Color32::from_rgba_unmultiplied(r, g, b, (255.0 * opacity).round() as u8)
}

/// The legend, in the lower left corner of the photo, with the number under the pointer; returns where it is.
fn legend(ui: &Ui, painter: &Painter, photo: Rect, most: f32, here: Option<f32>) -> Rect {
    let size = vec2(BAR.x + 2.0 * MARGIN, 54.0);
    let rect = Rect::from_min_size(photo.left_bottom() + vec2(MARGIN, -MARGIN - size.y), size);
    let response = ui.interact(rect, ui.scope_id().with("heat map"), Sense::hover());
    let number = here.map_or_else(String::new, |here| format!(", {here:.0} here"));
    let title = format!("Planned dots per cm²{number}");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}; 0 to {most:.0}")));
    response.on_hover_text("Colours of the heat map; it is shown only in the window");
    painter.rect_filled(rect, 4.0, Color32::from_black_alpha(190));
    let text = |at: Pos2, align: Align2, text: &str| {
        painter.text(at, align, text, FontId::proportional(11.5), Color32::WHITE);
    };
    text(rect.min + vec2(MARGIN, 6.0), Align2::LEFT_TOP, &title);
    let bar = Rect::from_min_size(rect.min + vec2(MARGIN, 24.0), BAR);
    let mut colours = Mesh::default();
    let steps = 4 * (RAMP.len() - 1);
    for i in 0..=steps {
        let share = i as f32 / steps as f32;
        let x = bar.left() + share * bar.width();
        colours.colored_vertex(pos2(x, bar.top()), colour(share, 1.0));
        colours.colored_vertex(pos2(x, bar.bottom()), colour(share, 1.0));
        if i > 0 {
            let last = 2 * i as u32;
            colours.add_triangle(last - 2, last - 1, last);
            colours.add_triangle(last - 1, last, last + 1);
        }
    }
    painter.add(Shape::mesh(colours));
    for (share, align) in [(0.0, Align2::LEFT_TOP), (0.5, Align2::CENTER_TOP), (1.0, Align2::RIGHT_TOP)] {
        let at = pos2(bar.left() + share * bar.width(), bar.bottom() + 2.0);
        text(at, align, &format!("{:.0}", share * most));
    }
    if let Some(here) = here {
        let x = bar.left() + (here / most).clamp(0.0, 1.0) * bar.width();
        painter.vline(x, bar.expand(2.0).y_range(), egui::Stroke::new(2.0, Color32::WHITE));
    }
    rect
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;
    use crate::plan::Plan;
    use crate::plan::treatment::Treatment;
    use crate::reading::tissue::Skin;
    use crate::render::mock_up::Scalp;

    #[test]
    fn more_is_lighter() {
        let light = |share: f32| {
            let [r, g, b, _] = colour(share, 1.0).to_array().map(f32::from);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        for i in 1..=20 {
            assert!(light(i as f32 / 20.0) > light((i - 1) as f32 / 20.0), "{i}");
        }
    }

    #[test]
    fn the_grid_says_what_is_planned() {
        let head = Head::average();
        let plan = Plan::for_treatment(Treatment::FullShave, None, &head);
        let scalp = Scalp::new(head.clone(), &plan);
        let grid = Grid::new(Arc::new(MockUp::new(&plan, &scalp, Skin::default())));
        assert_eq!(grid.most_per_cm2, 150.0, "106 are planned");
        let crown = head.cranium.below(DVec3::new(0.0, 90.0, -30.0)).position;
        let full = plan.areas[0].density_per_cm2 as f32;
        assert!((grid.at(Part::Cranium, crown).unwrap() - full).abs() < 0.2 * full);
        assert_eq!(grid.at(Part::Cranium, head.glabella().position), Some(0.0), "no dots on the forehead");
        let nodes: Vec<Node> = grid.parts[0].nodes.iter().flatten().copied().collect();
        assert!(nodes.len() > 10_000, "{}", nodes.len());
        for node in nodes {
            let usual = head.cranium.below(node.skin.position);
            assert!(usual.normal.dot(node.skin.normal) > 0.98, "{} {}", usual.normal, node.skin.normal);
        }
    }
}
