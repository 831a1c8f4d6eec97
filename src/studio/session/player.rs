//! Playing the course of time: one step after the other, until the last or until somebody takes over.

use std::time::Duration;

use egui::Context;

use super::open_case::OpenCase;
use crate::render::steps::Sittings;

/// How long each step is shown, seconds.
const STEP_S: f64 = 1.2;

/// Whether steps are being played, and when the next one comes.
#[derive(Debug, Default)]
pub struct Player {
    /// By the window's clock, seconds.
    next_s: Option<f64>,
    /// A press stopped it whose click is still to come: a click on the play button must not begin anew.
    stopping: bool,
}

impl Player {
    /// True while steps follow each other by themselves.
    #[must_use]
    pub fn playing(&self) -> bool {
        self.next_s.is_some()
    }

    /// Begins, from the first step where the last one is shown, or stops.
    pub fn toggle(&mut self, case: &mut OpenCase, now_s: f64) {
        if self.stopping || self.next_s.take().is_some() {
            return;
        }
        if !more(case) {
            case.step_by(isize::MIN);
        }
        self.next_s = Some(now_s + STEP_S);
    }

    /// Goes on to the next step when it is time. A press anywhere stops it. Asks for a frame only while it plays.
    pub fn play(&mut self, ctx: &Context, case: &mut OpenCase) {
        let (now, pressed, held) =
            ctx.input(|i| (i.time, i.pointer.any_pressed(), i.pointer.any_down() || i.pointer.any_released()));
        self.stopping &= held;
        let Some(next) = self.next_s else { return };
        if pressed {
            (self.next_s, self.stopping) = (None, true);
            return;
        }
        if now >= next {
            case.step_by(1);
            self.next_s = more(case).then_some(now + STEP_S);
        }
        if let Some(next) = self.next_s {
            ctx.request_repaint_after(Duration::from_secs_f64((next - now).max(0.0)));
        }
    }
}

/// True where a step follows the one shown.
fn more(case: &OpenCase) -> bool {
    case.plan().is_some_and(|plan| Sittings::of(plan).steps().last().is_some_and(|last| *last != case.step))
}
