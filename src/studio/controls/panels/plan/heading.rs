//! The heading of a section: its name, a summary of its contents, and a mark if something in it would look wrong.

use egui::accesskit::Role;
use egui::collapsing_header::paint_default_icon;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, FontId, Id, Rect, Response, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo, pos2,
};
use egui_material_icons::{MaterialIcon, icons};

use crate::checks::Severity;
use crate::plan::Plan;
use crate::studio::controls::widgets::explained;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::quote::Quoted;
use crate::studio::session::section::Section;
use crate::studio::words::{edge_name, shape_name, words};

const HEIGHT: f32 = 22.0;
/// Room for the triangle, and for a mark.
const INDENT: f32 = 18.0;
const MARK: f32 = 18.0;
/// Space between the name and the text on the right.
const GAP: f32 = 10.0;

/// What a heading shows besides its name.
#[derive(Debug, Default)]
pub(super) struct Heading {
    /// A summary of the section's contents.
    holds: String,
    /// The worst severity of what would look wrong, and all of it in words.
    wrong: Option<(Severity, String)>,
}

impl Heading {
    /// The heading of a section of this plan.
    pub(super) fn of(section: Section, case: &OpenCase, plan: &Plan, guides: bool, quoted: &Quoted) -> Self {
        let list = case.checklist.as_deref();
        let holds = match section {
            Section::Treatment => words(plan.treatment.name()),
            Section::LineShape => shape_name(plan.hairline.preset),
            Section::Edge => edge_name(plan.hairline.edge_preset()),
            Section::Density => densities(plan),
            Section::Pigment => words(&plan.pigment),
            Section::OwnHair | Section::OwnPigment => String::new(),
            Section::Sessions => plan.sessions.len().to_string(),
            Section::Quote => quoted.sum().unwrap_or_default(),
            Section::Dots => format!("{:.2} mm", plan.needle_mm()),
            Section::Guides => if guides { "shown" } else { "hidden" }.to_owned(),
            Section::Checks => list.map_or_else(|| "not run yet".to_owned(), |list| list.in_words()),
        };
        let wrong = list.and_then(|list| {
            let worst = list.wrong_in(section).map(|finding| finding.severity).max()?;
            let titles: Vec<&str> = list.wrong_in(section).map(|finding| finding.rule.limit().title).collect();
            Some((worst, titles.join(", ")))
        });
        Self { holds, wrong }
    }

    /// Shows the heading; a click on it opens or closes the section.
    pub(super) fn show(&self, ui: &mut Ui, section: Section, open: bool) -> Response {
        let size = Vec2::new(ui.available_width(), HEIGHT);
        let id = Id::unique("heading of section").with(section.name());
        let (_, rect) = ui.allocate_space(size);
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, section.name()));
        ui.ctx().accesskit_node_builder(id, |node| node.set_expanded(open));
        if ui.is_rect_visible(rect) {
            self.paint(ui, section.name(), open, rect, &response);
        }
        let tip = match &self.wrong {
            Some((_, titles)) => format!("{}. Would look wrong: {titles}", section.tip()),
            None => section.tip().to_owned(),
        };
        explained(response, &tip).on_hover_text(tip)
    }

    fn paint(&self, ui: &mut Ui, name: &str, open: bool, rect: Rect, response: &Response) {
        let visuals = ui.style().interact(response);
        let painter = ui.painter_at(rect);
        if response.hovered() || response.has_focus() {
            painter.rect_filled(rect, 3.0, visuals.weak_bg_fill);
        }
        if response.has_focus() {
            let stroke = Stroke::new(1.5, ui.visuals().strong_text_color());
            painter.rect_stroke(rect, 3.0, stroke, StrokeKind::Inside);
        }
        let triangle = Rect::from_center_size(rect.left_center() + Vec2::new(0.5 * INDENT, 0.0), Vec2::splat(14.0));
        let openness = if open { 1.0 } else { 0.0 };
        paint_default_icon(ui, openness, &response.clone().with_new_rect(triangle));
        let left = pos2(rect.left() + INDENT, rect.center().y);
        let font = TextStyle::Button.resolve(ui.style());
        let named = painter.text(left, Align2::LEFT_CENTER, name, font, ui.visuals().strong_text_color());
        let mut taken = named.right();
        if let Some((severity, _)) = self.wrong {
            let (icon, colour) = mark(ui, severity);
            let at = pos2(taken + 6.0, rect.center().y);
            painter.text(at, Align2::LEFT_CENTER, icon.codepoint, FontId::new(14.0, icon.font_family()), colour);
            taken += MARK + 6.0;
        }
        // An open section shows its contents in full.
        let room = rect.right() - taken - GAP;
        if !open && room > 24.0 {
            let font = TextStyle::Small.resolve(ui.style());
            let colour = ui.visuals().weak_text_color();
            let job = LayoutJob::simple_singleline(self.holds.clone(), font, colour);
            let wrap = TextWrapping::truncate_at_width(room);
            let galley = painter.layout_job(LayoutJob { wrap, ..job });
            let at = pos2(rect.right() - galley.size().x - 2.0, rect.center().y - 0.5 * galley.size().y);
            painter.galley(at, galley, colour);
        }
    }
}

/// The densities of a plan's areas, from the lowest to the highest.
fn densities(plan: &Plan) -> String {
    let each = plan.areas.iter().map(|area| area.density_per_cm2);
    let (least, most) = each.fold((f64::INFINITY, 0.0_f64), |(least, most), d| (least.min(d), most.max(d)));
    if most - least < 0.5 { format!("{most:.0} /cm²") } else { format!("{least:.0} to {most:.0} /cm²") }
}

/// The icon and colour of a severity.
pub(super) fn mark(ui: &Ui, severity: Severity) -> (MaterialIcon, Color32) {
    match severity {
        Severity::Note => (icons::ICON_INFO, ui.visuals().weak_text_color()),
        Severity::Warn => (icons::ICON_WARNING, ui.visuals().warn_fg_color),
        Severity::Strong => (icons::ICON_ERROR, ui.visuals().error_fg_color),
    }
}
