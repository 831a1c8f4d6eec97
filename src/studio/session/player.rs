//! Playing the course of time: one step after another, until the last one or until the user takes over.

use std::time::Duration;

use egui::Context;

use super::open_case::OpenCase;
use crate::render::steps::Appointments;

/// How long each step is shown, seconds.
const STEP_S: f64 = 1.2;

/// Whether steps are being played, and when the next one comes.
#[derive(Debug, Default)]
pub struct Player {
    /// On the window's clock, seconds.
    next_s: Option<f64>,
    /// A press has stopped it whose click is still to come: a click on the play button must not start it again.
    stopping: bool,
}

impl Player {
    /// True while steps follow one another automatically.
    #[must_use]
    pub fn playing(&self) -> bool {
        self.next_s.is_some()
    }

    /// Starts playing, from the first step if the last one is shown, or stops.
    pub fn toggle(&mut self, case: &mut OpenCase, now_s: f64) {
        if self.stopping || self.next_s.take().is_some() {
            return;
        }
        if !more(case) {
            case.step_by(isize::MIN);
        }
        self.next_s = Some(now_s + STEP_S);
    }

    /// Advances to the next step when it is time. A press anywhere stops it. Requests frames only while it plays.
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

/// True if a step follows the one shown.
fn more(case: &OpenCase) -> bool {
    case.plan().is_some_and(|plan| Appointments::of(plan).steps().last().is_some_and(|last| *last != case.step))
}
