//! Work that takes longer than a frame: on a thread of its own, with a name, progress and a way to stop it.
//!
//! A job gives its result to the window thread, which alone changes the case. A job that is dropped is told to stop and
//! waited for, so that no half-written file stays behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread::JoinHandle;

use egui::{Align2, Area, Button, Context, Frame, Id, Order, ProgressBar, Rect, Ui, vec2};

/// Progress in parts of this; more: nobody knows yet.
const WHOLE: u32 = 1000;

/// What a job says of itself, and is told.
#[derive(Clone)]
pub struct Progress {
    shared: Arc<Shared>,
    ctx: Context,
}

struct Shared {
    thousandths: AtomicU32,
    cancelled: AtomicBool,
}

impl Progress {
    /// Says which share is done, 0 to 1.
    pub fn set(&self, share: f64) {
        self.shared.thousandths.store((share.clamp(0.0, 1.0) * f64::from(WHOLE)) as u32, Ordering::Relaxed);
        self.ctx.request_repaint();
    }

    /// True once the job should stop.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed)
    }
}

struct Job<T> {
    name: String,
    writes: bool,
    progress: Progress,
    end: Receiver<T>,
    thread: Option<JoinHandle<()>>,
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.progress.shared.cancelled.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // One that panicked has no more to say.
            let _ = thread.join();
        }
    }
}

/// How a job ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended<T> {
    /// With a result.
    Done(T),
    /// By an internal error; the job's name.
    Died(String),
}

/// The jobs that are running. Each gives a `T`.
pub struct Jobs<T> {
    running: Vec<Job<T>>,
}

impl<T> Default for Jobs<T> {
    fn default() -> Self {
        Self { running: Vec::new() }
    }
}

impl<T: Send + 'static> Jobs<T> {
    /// Starts a job. `name` is what the user reads ("Reading 3 photos"); `writes` says whether closing the window would
    /// leave something unwritten.
    pub fn start(
        &mut self,
        ctx: &Context,
        name: impl Into<String>,
        writes: bool,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
    ) {
        let shared = Arc::new(Shared { thousandths: AtomicU32::new(u32::MAX), cancelled: AtomicBool::new(false) });
        let progress = Progress { shared, ctx: ctx.clone() };
        let (sender, end) = mpsc::channel();
        let own = progress.clone();
        let thread = std::thread::Builder::new().name("job".to_owned()).spawn(move || {
            let awake = WakeAtEnd(own.ctx.clone());
            let result = work(&own);
            // Nobody wants it where the window is gone.
            let _ = sender.send(result);
            drop(sender);
            drop(awake);
        });
        self.running.push(Job { name: name.into(), writes, progress, end, thread: thread.ok() });
        ctx.request_repaint();
    }

    /// The jobs that have ended since the last call.
    pub fn ended(&mut self) -> Vec<Ended<T>> {
        let mut ended = Vec::new();
        self.running.retain_mut(|job| match job.end.try_recv() {
            Ok(result) => {
                ended.push(Ended::Done(result));
                false
            }
            Err(TryRecvError::Disconnected) => {
                ended.push(Ended::Died(std::mem::take(&mut job.name)));
                false
            }
            Err(TryRecvError::Empty) => true,
        });
        ended
    }

    /// True while anything runs.
    #[must_use]
    pub fn running(&self) -> bool {
        !self.running.is_empty()
    }

    /// The first job that would leave something unwritten if it stopped.
    #[must_use]
    pub fn writing(&self) -> Option<&str> {
        self.running.iter().find(|job| job.writes).map(|job| job.name.as_str())
    }

    /// Tells every job to stop.
    pub fn cancel(&self) {
        for job in &self.running {
            job.progress.shared.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Shows what is being done in the lower left corner of the middle of the window, where nothing has to move for it.
    /// Gives what is left above it.
    pub fn show(&self, ctx: &Context, middle: Rect) -> Rect {
        if !self.running() {
            return middle;
        }
        let shown = Area::new(Id::unique("jobs"))
            .order(Order::Foreground)
            .pivot(Align2::LEFT_BOTTOM)
            .fixed_pos(middle.left_bottom() + vec2(12.0, -12.0))
            .show(ctx, |ui| Frame::popup(ui.style()).show(ui, |ui| self.running.iter().for_each(|job| row(ui, job))));
        middle.with_max_y(shown.response.rect.top())
    }
}

/// Name, progress, and a button that stops it.
fn row<T>(ui: &mut Ui, job: &Job<T>) {
    ui.horizontal(|ui| {
        let state = &job.progress.shared;
        let stopping = state.cancelled.load(Ordering::Relaxed);
        ui.label(if stopping { format!("{}: stopping…", job.name) } else { format!("{}…", job.name) });
        let thousandths = state.thousandths.load(Ordering::Relaxed);
        if thousandths <= WHOLE {
            let share = thousandths as f32 / WHOLE as f32;
            ui.add(ProgressBar::new(share).desired_width(110.0).show_percentage());
        } else {
            ui.spinner();
        }
        let cancel = ui.add_enabled(!stopping, Button::new("Cancel").small());
        if cancel.on_hover_text(format!("Stop: {}", job.name)).clicked() {
            state.cancelled.store(true, Ordering::Relaxed);
        }
    });
}

/// Wakes the window also where the job panics.
struct WakeAtEnd(Context);

impl Drop for WakeAtEnd {
    fn drop(&mut self) {
        self.0.request_repaint();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T: Send + 'static>(jobs: &mut Jobs<T>) -> Vec<Ended<T>> {
        loop {
            let ended = jobs.ended();
            if !ended.is_empty() {
                return ended;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_job_gives_its_result_and_a_panic_is_an_end_too() {
        let (ctx, mut jobs) = (Context::default(), Jobs::default());
        jobs.start(&ctx, "Counting", false, |_| 7);
        assert_eq!(wait(&mut jobs), [Ended::Done(7)]);
        jobs.start(&ctx, "Falling", true, |_| panic!("on purpose"));
        assert_eq!(wait(&mut jobs), [Ended::Died("Falling".to_owned())]);
        assert!(!jobs.running());
    }

    #[test]
    fn a_job_is_told_to_stop_and_waited_for() {
        let (ctx, mut jobs) = (Context::default(), Jobs::default());
        let (said, heard) = mpsc::channel();
        jobs.start(&ctx, "Waiting", true, move |progress| {
            while !progress.cancelled() {
                std::thread::yield_now();
            }
            said.send("stopped").unwrap();
        });
        assert_eq!(jobs.writing(), Some("Waiting"));
        drop(jobs);
        assert_eq!(heard.try_recv(), Ok("stopped"));
    }
}
