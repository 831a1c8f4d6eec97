//! A single piece of work on a thread of its own whose result the window waits for without standing still.

use std::sync::mpsc::{self, Receiver, TryRecvError};

use egui::Context;

/// Work that was sent away. Dropping it means not wanting its result.
#[derive(Debug)]
pub struct Errand<T> {
    result: Receiver<T>,
}

/// What is known of an errand.
#[derive(Debug, PartialEq)]
pub enum News<T> {
    /// Still under way.
    Waiting,
    /// Done.
    Done(T),
    /// It could not be begun, or broke down.
    Lost,
}

impl<T: Send + 'static> Errand<T> {
    /// Sends work away; the window is woken when it is done.
    #[must_use]
    pub fn send(ctx: &Context, name: &str, work: impl FnOnce() -> T + Send + 'static) -> Self {
        let (sender, result) = mpsc::channel();
        let waker = ctx.clone();
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            // Nobody may be waiting any more.
            let _ = sender.send(work());
            waker.request_repaint();
        });
        // A thread that could not be started has dropped the sender: the errand is lost.
        drop(started);
        Self { result }
    }

    /// What is known. A result is given once.
    #[must_use]
    pub fn news(&self) -> News<T> {
        match self.result.try_recv() {
            Ok(result) => News::Done(result),
            Err(TryRecvError::Empty) => News::Waiting,
            Err(TryRecvError::Disconnected) => News::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn results_come_once_and_a_breakdown_is_noticed() {
        let (go, wait) = mpsc::channel::<()>();
        let errand = Errand::send(&Context::default(), "test", move || {
            let _ = wait.recv();
            7
        });
        assert_eq!(errand.news(), News::Waiting);
        drop(go);
        assert_eq!(errand.result.recv_timeout(Duration::from_secs(60)), Ok(7));
        let none: Errand<i32> = Errand { result: mpsc::channel().1 };
        assert_eq!(none.news(), News::Lost);
    }
}
