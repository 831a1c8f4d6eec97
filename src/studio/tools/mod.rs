//! Tools: what the pointer does on the photo. Each is a small state machine of its own; only one is active at a time.

pub mod area;
pub mod brush;
pub mod cover;
pub mod dropper;
pub mod guides;
pub mod hairline;
pub mod head;
pub mod mask;
pub mod points;
pub mod skin_places;
pub mod tape;
pub mod trace;

use std::borrow::Cow;

use egui::Ui;

use crate::skin::calibration::CalibrationPatch;
use crate::studio::controls::panels::plan::ToolSections;
use crate::studio::session::aim::{Aim, Dropper};
use crate::studio::session::colours::Target;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::tool::Tool;
use crate::studio::view::overlay::Overlay;
use guides::Guides;

/// The state of all tools, and which one is at hand.
#[derive(Default)]
pub struct Tools {
    /// The tool at hand.
    pub active: Tool,
    /// The hairline tool.
    pub hairline: hairline::HairlineTool,
    /// The area tool.
    pub area: area::AreaTool,
    /// The density brush.
    pub brush: brush::BrushTool,
    /// The mask tool.
    pub mask: mask::MaskTool,
    /// The tool for what covers the scalp.
    pub cover: cover::CoverTool,
    /// The head tool.
    pub head: head::HeadTool,
    /// The tape measure.
    pub tape: tape::TapeTool,
    /// The trace of a drawn line.
    pub trace: trace::TraceTool,
    /// Guide lines, beneath every tool.
    pub guides: Guides,
}

impl Tools {
    /// Lets the tool at hand draw its handles and do its work; while the eyedropper is armed, it takes precedence.
    pub fn show(&mut self, overlay: &mut Overlay, dropper: &mut Dropper) {
        // Guides and tapes are there to be looked at, so they do not fade.
        let looked_at = std::mem::take(&mut overlay.looked_at);
        self.guides.show(overlay);
        overlay.looked_at = looked_at && self.active != Tool::Tape;
        if dropper.armed.is_some() {
            return dropper::show(dropper, overlay);
        }
        match self.active {
            Tool::Head => self.head.show(overlay),
            Tool::Hairline => self.hairline.show(overlay),
            Tool::Area => self.area.show(overlay),
            Tool::Brush => self.brush.show(overlay),
            Tool::Mask => self.mask.show(overlay),
            Tool::Cover => self.cover.show(overlay),
            Tool::Tape => self.tape.show(overlay),
            Tool::Trace => self.trace.show(overlay),
            Tool::Pan => {}
        }
        if !matches!(self.active, Tool::Head | Tool::Cover)
            && let Some(text) = head::not_part_of_the_head(overlay.case)
        {
            overlay.banner(&text);
        }
    }

    /// Forgets everything about a case.
    pub fn clear(&mut self) {
        self.head.clear();
        self.tape.clear();
        self.trace.clear();
        self.cover.clear();
        (self.area, self.mask) = Default::default();
    }

    /// Shows areas and masks, which belong together: the active tool's list comes first, and choosing something in the
    /// other one activates the other tool.
    fn areas_and_masks(&mut self, ui: &mut Ui, case: &mut OpenCase) {
        if self.active == Tool::Area {
            self.area.inspector(ui, case);
            ui.separator();
            if self.mask.inspector(ui, case) {
                self.active = Tool::Mask;
            }
        } else {
            self.mask.inspector(ui, case);
            ui.separator();
            if self.area.inspector(ui, case) {
                self.active = Tool::Area;
            }
        }
    }

    /// True while a tool is computing something.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.head.busy() || self.tape.busy() || self.cover.busy()
    }

    /// The active tool's hint for the user.
    #[must_use]
    pub fn hint(&self, case: &OpenCase, aim: Option<Aim>) -> Cow<'static, str> {
        match aim {
            Some(Aim::Tone(Target::Skin)) => return dropper::HINT_SKIN.into(),
            Some(Aim::Tone(Target::Stubble)) => return dropper::HINT_STUBBLE.into(),
            Some(Aim::Follicles { .. }) => return dropper::HINT_FOLLICLES.into(),
            Some(Aim::Healed(CalibrationPatch::Bare)) => return dropper::HINT_BARE.into(),
            Some(Aim::Healed(CalibrationPatch::Treated)) => return dropper::HINT_TREATED.into(),
            None => {}
        }
        match self.active {
            Tool::Head => self.head.hint(case).into(),
            Tool::Hairline => hairline::HINT.into(),
            Tool::Area => area::HINT.into(),
            Tool::Brush => brush::HINT.into(),
            Tool::Mask => mask::HINT.into(),
            Tool::Cover => cover::HINT.into(),
            Tool::Tape => tape::HINT.into(),
            Tool::Trace => trace::HINT.into(),
            Tool::Pan => self.active.tip().into(),
        }
    }
}

impl ToolSections for Tools {
    fn tool(&mut self, ui: &mut Ui, case: &mut OpenCase) {
        match self.active {
            Tool::Head => self.head.inspector(ui, case),
            Tool::Hairline => self.hairline.inspector(ui, case),
            Tool::Area | Tool::Mask => self.areas_and_masks(ui, case),
            Tool::Brush => self.brush.inspector(ui, case),
            Tool::Cover => self.cover.inspector(ui, case),
            Tool::Tape => self.tape.inspector(ui, case),
            Tool::Trace => self.trace.inspector(ui, case),
            Tool::Pan => {}
        }
        let has_controls = !matches!(self.active, Tool::Head | Tool::Tape | Tool::Trace | Tool::Pan);
        if has_controls && case.fit().is_some() {
            ui.separator();
        }
    }

    fn guides(&mut self, ui: &mut Ui, case: &OpenCase) {
        self.guides.section(ui, case);
    }
}
