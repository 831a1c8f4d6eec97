//! How far the drawn line lies from the planned one: numbers and a chart along the line.

use egui::accesskit::Role;
use egui::{Align2, Color32, Context, FontId, Pos2, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2};

use super::widgets::{dialog, explained};
use crate::case::read_back::{ReadBack, side, way};

/// Size of the chart, points.
const SIZE: Vec2 = Vec2::new(480.0, 170.0);
/// Deviations that the chart shows at least, mm.
const LEAST_MM: f64 = 2.0;
/// Columns further apart than this are not joined, mm.
const GAP_MM: f64 = 1.5;

/// A drawn line that was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The view whose photo shows it.
    pub view: String,
    /// How it compares.
    pub read: ReadBack,
}

impl Shown {
    /// Shows it; true while it stays open.
    pub(crate) fn show(&self, ctx: &Context) -> bool {
        let modal = dialog(ctx, "read back").show(ctx, |ui| {
            ui.set_width(SIZE.x);
            ui.heading(format!("The drawn line in photo {}", self.view));
            ui.label(self.read.text());
            ui.weak("Along the skin, against the plan shown: up is farther from the brows.");
            ui.add_space(8.0);
            self.chart(ui);
            ui.add_space(8.0);
            ui.button("Close").on_hover_text("Back to the window (Escape)").clicked()
        });
        !(modal.inner || modal.should_close())
    }

    fn chart(&self, ui: &mut Ui) {
        let (rect, response) = ui.allocate_exact_size(SIZE, Sense::hover());
        let text = self.read.text();
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Deviation along the line. {text}")));
        let places: Vec<(f64, f64)> = self.read.places().map(|place| (place.from_midline_mm, place.off_mm)).collect();
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return };
        let most = places.iter().fold(LEAST_MM, |most, (_, off)| most.max(off.abs())).ceil();
        let inner = rect.shrink2(Vec2::new(34.0, 20.0));
        let (from, to) = (first.0, last.0.max(first.0 + 1.0));
        let at = |(along, off): (f64, f64)| -> Pos2 {
            let x = ((along - from) / (to - from)) as f32;
            let y = (0.5 - 0.5 * off / most) as f32;
            pos2(inner.left() + x * inner.width(), inner.top() + y * inner.height())
        };
        let painter = ui.painter_at(rect);
        let visuals = ui.visuals();
        let (weak, strong) = (visuals.weak_text_color(), visuals.strong_text_color());
        let font = FontId::proportional(11.0);
        painter.rect_filled(inner, 2.0, visuals.extreme_bg_color);
        for mm in [-most, 0.0, most] {
            let y = at((from, mm)).y;
            let stroke = Stroke::new(if mm == 0.0 { 1.2 } else { 0.6 }, weak);
            painter.hline(inner.x_range(), y, stroke);
            painter.text(pos2(inner.left() - 4.0, y), Align2::RIGHT_CENTER, format!("{mm:+.0} mm"), font.clone(), weak);
        }
        if (from..=to).contains(&0.0) {
            let x = at((0.0, 0.0)).x;
            painter.vline(x, inner.y_range(), Stroke::new(0.6, weak));
            painter.text(pos2(x, inner.bottom() + 2.0), Align2::CENTER_TOP, "midline", font.clone(), weak);
        }
        for (name, x, align) in
            [("client's right", inner.left(), Align2::LEFT_TOP), ("client's left", inner.right(), Align2::RIGHT_TOP)]
        {
            painter.text(pos2(x, inner.bottom() + 2.0), align, name, font.clone(), weak);
        }
        let colour = visuals.selection.stroke.color;
        for stretch in places.chunk_by(|a, b| b.0 - a.0 <= GAP_MM) {
            let points = stretch.iter().map(|place| at(*place)).collect();
            painter.add(Shape::line(points, Stroke::new(1.8, colour)));
        }
        if let Some(worst) = self.read.worst() {
            let place = at((worst.from_midline_mm, worst.off_mm));
            painter.circle(place, 4.0, Color32::TRANSPARENT, Stroke::new(1.6, strong));
            let align = if place.x > inner.center().x { Align2::RIGHT_BOTTOM } else { Align2::LEFT_BOTTOM };
            painter.text(pos2(place.x, place.y - 6.0), align, way(worst.off_mm), font, strong);
        }
        // What is under the pointer, for whoever wants to know a place.
        let tip = "How far the drawn line lies from the planned one, along the line";
        let response = explained(response, tip);
        if let Some(pointer) = response.hover_pos() {
            let along = from + f64::from((pointer.x - inner.left()) / inner.width()) * (to - from);
            let nearest = places.iter().min_by(|a, b| (a.0 - along).abs().total_cmp(&(b.0 - along).abs()));
            if let Some((along, off)) = nearest {
                response.on_hover_text(format!("{}, {}", way(*off), side(*along)));
            }
        }
    }
}
