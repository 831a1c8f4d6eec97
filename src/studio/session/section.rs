//! The inspector's sections by name: which of them belong to a tool, and which are open.

use std::collections::BTreeMap;

use super::tool::Tool;
use crate::checks::limits::Rule;

/// A section of the inspector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each says what it holds in `name` and `tip`")]
pub enum Section {
    #[default]
    Treatment,
    LineShape,
    Edge,
    Density,
    Pigment,
    OwnHair,
    OwnPigment,
    Sessions,
    Quote,
    Dots,
    Guides,
    Checks,
}

/// All sections, in the order in which they appear below those of the tool at hand.
pub const SECTIONS: [Section; 12] = [
    Section::Treatment,
    Section::LineShape,
    Section::Edge,
    Section::Density,
    Section::Pigment,
    Section::OwnHair,
    Section::OwnPigment,
    Section::Sessions,
    Section::Quote,
    Section::Dots,
    Section::Guides,
    Section::Checks,
];

impl Section {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Treatment => "Treatment",
            Self::LineShape => "Line shape",
            Self::Edge => "Edge",
            Self::Density => "Density",
            Self::Pigment => "Pigment",
            Self::OwnHair => "Match own hair",
            Self::OwnPigment => "Your own pigment",
            Self::Sessions => "Sessions",
            Self::Quote => "Quote",
            Self::Dots => "Dots",
            Self::Guides => "Guides",
            Self::Checks => "Checks",
        }
    }

    /// What it holds, in a sentence.
    #[must_use]
    pub fn tip(self) -> &'static str {
        match self {
            Self::Treatment => "What the client comes for",
            Self::LineShape => "The course of the hairline from temple to temple",
            Self::Edge => "How soft or sharp the front of the hairline is",
            Self::Density => "How many dots per cm²",
            Self::Pigment => "Which pigment, on this client's skin",
            Self::OwnHair => "Density, dot size and tone of the client's own shaved hair",
            Self::OwnPigment => "A pigment of your studio, found from a photo of healed work",
            Self::Sessions => "What is placed when, and how diluted",
            Self::Quote => "What this plan costs with your studio's prices",
            Self::Dots => "Single dots: size, depth and pattern",
            Self::Guides => "Reference lines",
            Self::Checks => "What would look wrong about this plan, and why",
        }
    }

    /// The palette's name for going there.
    #[must_use]
    pub fn command_text(self) -> &'static str {
        match self {
            Self::Treatment => "Panel: treatment",
            Self::LineShape => "Panel: line shape",
            Self::Edge => "Panel: edge",
            Self::Density => "Panel: density",
            Self::Pigment => "Panel: pigment",
            Self::OwnHair => "Panel: match own hair",
            Self::OwnPigment => "Panel: your own pigment",
            Self::Sessions => "Panel: sessions",
            Self::Quote => "Panel: quote",
            Self::Dots => "Panel: dots",
            Self::Guides => "Panel: guides",
            Self::Checks => "Show the checks",
        }
    }

    /// Other words by which people may look for it.
    #[must_use]
    pub fn also(self) -> &'static str {
        match self {
            Self::Treatment => "scalp crown scar beard density alopecia start",
            Self::LineShape => "hairline preset peak straight rounded mature",
            Self::Edge => "hairline soft feathered broken defined transition",
            Self::Density => "coverage amount",
            Self::Pigment => "colour ink tone skin dilution",
            Self::OwnHair => "follicles stubble shaved",
            Self::OwnPigment => "calibrate colour ink",
            Self::Quote => "price cost money estimate",
            Self::Sessions => "days dates dilution water touch-up calendar",
            Self::Dots => "needle depth size seed",
            Self::Guides => "thirds midline symmetry rulers",
            Self::Checks => "warnings rules problems",
        }
    }

    /// Whether someone working with this tool needs it.
    #[must_use]
    pub fn belongs_to(self, tool: Tool) -> bool {
        match self {
            Self::LineShape | Self::Edge => tool == Tool::Hairline,
            Self::Density => matches!(tool, Tool::Area | Tool::Brush),
            Self::Guides => tool == Tool::Tape,
            Self::Treatment | Self::Sessions => tool == Tool::Pan,
            Self::Pigment | Self::OwnHair | Self::OwnPigment | Self::Quote | Self::Dots | Self::Checks => false,
        }
    }

    /// The section with the numbers that this rule of the checks is about.
    #[must_use]
    pub fn of(rule: Rule) -> Self {
        match rule {
            Rule::LowLine | Rule::FilledCorner | Rule::UnevenSides | Rule::LossMayGoOn => Self::LineShape,
            Rule::StraightLine | Rule::HardEdge | Rule::NoGradient => Self::Edge,
            Rule::Dense | Rule::Sparse | Rule::Patchy | Rule::PlanOnHair => Self::Density,
            // The problem is in the photo or the client's hair, not in the plan.
            Rule::ShaveFirst | Rule::CoarsePhoto => Self::Checks,
            Rule::DarkerThanSides | Rule::OtherColourThanSides | Rule::Faint => Self::Pigment,
            Rule::HeavyFirstSession | Rule::OneShade | Rule::ShortInterval => Self::Sessions,
            Rule::LargeDots | Rule::TouchingDots | Rule::GridDots | Rule::ClumpedDots | Rule::Deep => Self::Dots,
        }
    }
}

/// Which sections are open: those of the tool at hand, and those opened by hand, which stay open while the program
/// runs.
#[derive(Debug, Default)]
pub struct Sections {
    /// The tool at hand, whose sections come first.
    tool: Tool,
    by_hand: BTreeMap<Section, bool>,
    /// A section to scroll into view, and whether it also gets the keyboard focus.
    goes_to: Option<(Section, bool)>,
}

impl Sections {
    /// Takes up a tool: its sections open, even if they were closed before.
    pub fn take_up(&mut self, tool: Tool) {
        if self.tool != tool {
            self.tool = tool;
            self.by_hand.retain(|section, open| *open || !section.belongs_to(tool));
        }
    }

    /// All sections, those of the tool at hand first.
    #[must_use]
    pub fn in_order(&self) -> Vec<Section> {
        let (of_tool, others): (Vec<Section>, _) = SECTIONS.into_iter().partition(|s| s.belongs_to(self.tool));
        [of_tool, others].concat()
    }

    /// Whether a section is open.
    #[must_use]
    pub fn is_open(&self, section: Section) -> bool {
        self.by_hand.get(&section).copied().unwrap_or(section.belongs_to(self.tool))
    }

    /// Opens a section, or closes it.
    pub fn toggle(&mut self, section: Section) {
        self.by_hand.insert(section, !self.is_open(section));
    }

    /// Goes to a section on request: it opens, is scrolled into view, and gets the keyboard focus.
    pub fn go_to(&mut self, section: Section) {
        self.by_hand.insert(section, true);
        self.goes_to = Some((section, true));
    }

    /// Shows an answer in a section: it opens and is scrolled into view. The keyboard focus stays where it is.
    pub fn answer_in(&mut self, section: Section) {
        self.by_hand.insert(section, true);
        self.goes_to = Some((section, false));
    }

    /// Returns once that this section has to be scrolled into view, and whether it gets the keyboard focus.
    pub fn arrives(&mut self, section: Section) -> Option<bool> {
        self.goes_to.take_if(|(wanted, _)| *wanted == section).map(|(_, keyboard)| keyboard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::session::tool::TOOLS;

    #[test]
    fn the_sections_of_a_tool_come_first_and_are_open_until_they_are_closed() {
        let mut sections = Sections::default();
        for tool in TOOLS {
            sections.take_up(tool);
            let order = sections.in_order();
            let own = order.iter().take_while(|s| s.belongs_to(tool)).count();
            assert_eq!(own, SECTIONS.iter().filter(|s| s.belongs_to(tool)).count(), "{tool:?}");
            assert_eq!(order.len(), SECTIONS.len());
            assert!(SECTIONS.iter().all(|s| sections.is_open(*s) == s.belongs_to(tool)), "{tool:?}");
        }
        sections.take_up(Tool::Hairline);
        sections.toggle(Section::Edge);
        sections.toggle(Section::Pigment);
        assert!(!sections.is_open(Section::Edge) && sections.is_open(Section::Pigment));
        sections.take_up(Tool::Area);
        assert!(sections.is_open(Section::Pigment), "what was opened by hand stays open");
        sections.take_up(Tool::Hairline);
        assert!(sections.is_open(Section::Edge), "the tool was taken up anew");
    }

    #[test]
    fn a_section_arrives_once() {
        let mut sections = Sections::default();
        sections.go_to(Section::Checks);
        assert_eq!(sections.arrives(Section::Dots), None);
        assert_eq!(sections.arrives(Section::Checks), Some(true));
        assert_eq!(sections.arrives(Section::Checks), None);
        assert!(sections.is_open(Section::Checks));
    }
}
