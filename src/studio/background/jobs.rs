//! Jobs: work that takes longer than a frame, on a thread of its own, with a name, progress and a way to stop it.
//!
//! A job hands its result to the window thread, which alone changes the case. Dropping a job tells it to stop and waits
//! for it, so that no half-written file stays behind.

use egui::{Align2, Area, Button, Context, Frame, Id, Order, ProgressBar, Rect, Ui, vec2};

use super::task::{Event, Progress, Task};

struct Job<T> {
    name: String,
    writes: bool,
    task: Task<T>,
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.task.stop();
    }
}

/// How a job ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended<T> {
    /// With a result.
    Done(T),
    /// With an internal error; contains the job's name.
    Died(String),
}

/// The running jobs, each of which returns a `T`.
pub struct Jobs<T> {
    running: Vec<Job<T>>,
}

impl<T> Default for Jobs<T> {
    fn default() -> Self {
        Self { running: Vec::new() }
    }
}

impl<T: Send + 'static> Jobs<T> {
    /// Starts a job. `name` is shown to the user ("Reading 3 photos"); `writes` tells whether closing the window would
    /// leave something unwritten.
    pub fn start(
        &mut self,
        ctx: &Context,
        name: impl Into<String>,
        writes: bool,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
    ) {
        self.running.push(Job { name: name.into(), writes, task: Task::start(ctx, "job", work) });
        ctx.request_repaint();
    }

    /// The jobs that have ended since the last call.
    pub fn ended(&mut self) -> Vec<Ended<T>> {
        let mut ended = Vec::new();
        self.running.retain_mut(|job| match job.task.event() {
            Event::Done(result) => {
                ended.push(Ended::Done(result));
                false
            }
            Event::Lost => {
                ended.push(Ended::Died(std::mem::take(&mut job.name)));
                false
            }
            Event::Pending => true,
        });
        ended
    }

    /// Whether any job is running.
    #[must_use]
    pub fn running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Name of the first job that would leave something unwritten if it stopped.
    #[must_use]
    pub fn writing(&self) -> Option<&str> {
        self.running.iter().find(|job| job.writes).map(|job| job.name.as_str())
    }

    /// Tells every job to stop.
    pub fn cancel(&self) {
        for job in &self.running {
            job.task.progress().cancel();
        }
    }

    /// Shows the jobs at the lower left of the window's middle, over the content so that nothing has to move. Returns
    /// the area left above them.
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

/// A row with name, progress and a cancel button.
fn row<T>(ui: &mut Ui, job: &Job<T>) {
    ui.horizontal(|ui| {
        let progress = job.task.progress();
        let stopping = progress.cancelled();
        ui.label(if stopping { format!("{}: stopping…", job.name) } else { format!("{}…", job.name) });
        match progress.share() {
            Some(share) => drop(ui.add(ProgressBar::new(share).desired_width(110.0).show_percentage())),
            None => drop(ui.spinner()),
        }
        let cancel = ui.add_enabled(!stopping, Button::new("Cancel").small());
        if cancel.on_hover_text(format!("Stop: {}", job.name)).clicked() {
            progress.cancel();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::background::wait_until;

    fn wait<T: Send + 'static>(jobs: &mut Jobs<T>) -> Vec<Ended<T>> {
        let mut ended = Vec::new();
        wait_until("a job's end", || {
            ended = jobs.ended();
            !ended.is_empty()
        });
        ended
    }

    #[test]
    fn a_job_returns_its_result_and_a_panic_ends_it() {
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
        let (said, heard) = std::sync::mpsc::channel();
        jobs.start(&ctx, "Waiting", true, move |progress| {
            wait_until("the word to stop", || progress.cancelled());
            said.send("stopped").unwrap();
        });
        assert_eq!(jobs.writing(), Some("Waiting"));
        drop(jobs);
        assert_eq!(heard.try_recv(), Ok("stopped"));
    }
}
