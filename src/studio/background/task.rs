//! Tasks: work on a thread of its own whose result the window awaits without blocking. Apart from the open case's file
//! (`session/case_file.rs`), this is the only way in which the studio starts a thread. A [`worker`](super::worker),
//! which serves many requests, is also a task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use egui::Context;

/// How long to wait for a task that was told to stop: longer than any takes whose drive answers.
const STOPPING: Duration = Duration::from_secs(10);

/// Progress in units of this; larger values mean that it is not known yet.
const WHOLE: u32 = 1000;

/// A task's progress, and its stop request.
#[derive(Debug, Clone)]
pub struct Progress {
    shared: Arc<Shared>,
    ctx: Context,
}

#[derive(Debug)]
struct Shared {
    thousandths: AtomicU32,
    cancelled: AtomicBool,
}

impl Progress {
    fn new(ctx: &Context) -> Self {
        let shared = Shared { thousandths: AtomicU32::new(u32::MAX), cancelled: AtomicBool::new(false) };
        Self { shared: Arc::new(shared), ctx: ctx.clone() }
    }

    /// Sets the share that is done, 0 to 1.
    pub fn set(&self, share: f64) {
        self.shared.thousandths.store((share.clamp(0.0, 1.0) * f64::from(WHOLE)) as u32, Ordering::Relaxed);
        self.ctx.request_repaint();
    }

    /// The share that is done, 0 to 1; `None` if it is not known yet.
    #[must_use]
    pub fn share(&self) -> Option<f32> {
        let thousandths = self.shared.thousandths.load(Ordering::Relaxed);
        (thousandths <= WHOLE).then(|| thousandths as f32 / WHOLE as f32)
    }

    /// Requests the task to stop.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether the task should stop.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed)
    }
}

/// The state of a task.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<T> {
    /// Still running.
    Pending,
    /// Done.
    Done(T),
    /// It could not be started, or panicked.
    Lost,
}

/// A running task. Dropping it discards its result.
#[derive(Debug)]
pub struct Task<T> {
    result: Receiver<T>,
    progress: Progress,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Task<T> {
    /// Starts a task; the window is woken when it ends, by return or panic.
    #[must_use]
    pub fn start(ctx: &Context, name: &str, work: impl FnOnce(&Progress) -> T + Send + 'static) -> Self {
        let (sender, result) = mpsc::channel();
        let progress = Progress::new(ctx);
        let own = progress.clone();
        // If the thread cannot be started, the sender is dropped and the task is lost.
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let awake = WakeAtEnd(own.ctx.clone());
            // The receiver may be gone.
            let _ = sender.send(work(&own));
            drop(sender);
            drop(awake);
        });
        Self { result, progress, thread: thread.ok() }
    }

    /// The state of the task. A result is returned only once.
    #[must_use]
    pub fn event(&self) -> Event<T> {
        match self.result.try_recv() {
            Ok(result) => Event::Done(result),
            Err(TryRecvError::Empty) => Event::Pending,
            Err(TryRecvError::Disconnected) => Event::Lost,
        }
    }

    /// Whether its thread is still running.
    #[must_use]
    pub fn running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl<T> Task<T> {
    /// How far it is, and whether it was told to stop.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Requests it to stop, and waits until it has; but not for a drive that does not answer.
    pub fn stop(&mut self) {
        self.progress.cancel();
        let Some(thread) = self.thread.take() else { return };
        let gives_up = Instant::now() + STOPPING;
        while !thread.is_finished() {
            if Instant::now() >= gives_up {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // A panic needs no further report.
        let _ = thread.join();
    }
}

/// Wakes the window even if the task panics.
struct WakeAtEnd(Context);

impl Drop for WakeAtEnd {
    fn drop(&mut self) {
        self.0.request_repaint();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::background::wait_until;

    #[test]
    fn results_come_once_and_a_panic_is_noticed() {
        let (go, wait) = mpsc::channel::<()>();
        let task = Task::start(&Context::default(), "test", move |_| {
            let _ = wait.recv();
            7
        });
        assert_eq!(task.event(), Event::Pending);
        drop(go);
        assert_eq!(task.result.recv_timeout(Duration::from_secs(60)), Ok(7));
        let mut broken: Task<i32> = Task::start(&Context::default(), "test", |_| panic!("on purpose"));
        broken.stop();
        assert_eq!(broken.event(), Event::Lost);
    }

    #[test]
    fn a_task_is_told_to_stop_and_waited_for() {
        let (said, heard) = mpsc::channel();
        let mut task = Task::start(&Context::default(), "test", move |progress| {
            progress.set(0.5);
            wait_until("the word to stop", || progress.cancelled());
            said.send(progress.share()).unwrap();
        });
        task.stop();
        assert_eq!(heard.try_recv(), Ok(Some(0.5)));
        assert!(!task.running());
    }
}
