//! A worker: a thread that serves requests one at a time, reports as it goes, and keeps its state from one request to
//! the next.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use egui::Context;

use super::task::Task;

/// What happens to requests that arrive while another is being served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Each is served, in order of arrival.
    InOrder,
    /// Only the latest is served.
    Latest,
}

/// The window's handle to a worker. Dropping it ends the thread after the current request; nobody waits for it, least
/// of all the window.
pub struct Worker<Q, R> {
    ctx: Context,
    inbox: Arc<Inbox<Q>>,
    reports: Receiver<Message<R>>,
    task: Task<()>,
    /// Number of requests sent, and of the latest one served.
    sent: u64,
    served: u64,
}

struct Inbox<Q> {
    queue: Queue,
    state: Mutex<Waiting<Q>>,
    arrived: Condvar,
}

struct Waiting<Q> {
    /// Requests with their numbers, counted from 1.
    requests: VecDeque<(u64, Q)>,
    closed: bool,
}

impl<Q> Inbox<Q> {
    fn put(&self, number: u64, request: Q) {
        let mut waiting = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.queue == Queue::Latest {
            waiting.requests.clear();
        }
        waiting.requests.push_back((number, request));
        self.arrived.notify_one();
    }

    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.arrived.notify_one();
    }

    fn take(&self) -> Option<(u64, Q)> {
        let mut waiting = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if waiting.closed {
                return None;
            }
            if let Some(request) = waiting.requests.pop_front() {
                return Some(request);
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn has_newer(&self) -> bool {
        let waiting = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.closed || !waiting.requests.is_empty()
    }
}

enum Message<R> {
    Report(R),
    /// Everything about this request has been reported.
    Served(u64),
}

/// Through which a worker reports.
pub struct Outbox<'a, R> {
    sender: &'a Sender<Message<R>>,
    ctx: &'a Context,
    has_newer: &'a (dyn Fn() -> bool + Sync),
}

impl<R> Outbox<'_, R> {
    /// Sends a report and wakes the window.
    pub fn say(&self, report: R) {
        // The window may be gone already.
        if self.sender.send(Message::Report(report)).is_ok() {
            self.ctx.request_repaint();
        }
    }

    /// Whether another request is waiting, or the result is no longer wanted.
    #[must_use]
    pub fn has_newer(&self) -> bool {
        (self.has_newer)()
    }
}

impl<Q: Send + 'static, R: Send + 'static> Worker<Q, R> {
    /// Starts the thread, on which `begin` creates the function that serves requests.
    #[must_use]
    pub fn start<S: FnMut(Q, &Outbox<R>)>(
        ctx: &Context,
        name: &str,
        queue: Queue,
        begin: impl FnOnce() -> S + Send + 'static,
    ) -> Self {
        let state = Mutex::new(Waiting { requests: VecDeque::new(), closed: false });
        let inbox = Arc::new(Inbox { queue, state, arrived: Condvar::new() });
        let (sender, reports) = mpsc::channel();
        let (requests, waker) = (Arc::clone(&inbox), ctx.clone());
        let task = Task::start(ctx, name, move |_| {
            let mut serve = begin();
            while let Some((number, request)) = requests.take() {
                let has_newer = || requests.has_newer();
                serve(request, &Outbox { sender: &sender, ctx: &waker, has_newer: &has_newer });
                if sender.send(Message::Served(number)).is_ok() {
                    waker.request_repaint();
                }
            }
        });
        Self { ctx: ctx.clone(), inbox, reports, task, sent: 0, served: 0 }
    }

    /// The context of the window that it wakes.
    #[must_use]
    pub fn ctx(&self) -> &Context {
        &self.ctx
    }

    /// Sends a request.
    pub fn ask(&mut self, request: Q) {
        self.sent += 1;
        self.inbox.put(self.sent, request);
    }

    /// The reports since the last call.
    pub fn reports(&mut self) -> Vec<R> {
        let mut reports = Vec::new();
        for message in self.reports.try_iter() {
            match message {
                Message::Report(report) => reports.push(report),
                Message::Served(number) => self.served = number,
            }
        }
        reports
    }

    /// Whether the thread has panicked or could not be started: no more reports will come.
    #[must_use]
    pub fn stopped(&self) -> bool {
        !self.task.running()
    }

    /// Whether a request is still being served or waiting.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.served < self.sent && self.task.running()
    }
}

impl<Q, R> Drop for Worker<Q, R> {
    fn drop(&mut self) {
        self.inbox.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::background::wait_until;

    /// Requests 1, 2 and 3 while 0 is being served; returns what was served.
    fn served(queue: Queue) -> Vec<i32> {
        let (go, wait) = mpsc::channel::<()>();
        let (begun, first) = mpsc::channel::<()>();
        let mut worker = Worker::start(&Context::default(), "test", queue, move || {
            move |request: i32, outbox: &Outbox<i32>| {
                if request == 0 {
                    begun.send(()).unwrap();
                    let _ = wait.recv();
                }
                outbox.say(request);
            }
        });
        worker.ask(0);
        first.recv().unwrap();
        for request in 1..=3 {
            worker.ask(request);
        }
        assert!(worker.busy());
        drop(go);
        let mut served = Vec::new();
        wait_until("the last report", || {
            served.extend(worker.reports());
            !worker.busy()
        });
        served.extend(worker.reports());
        served
    }

    #[test]
    fn requests_are_served_in_order_or_the_latest_alone() {
        assert_eq!(served(Queue::InOrder), [0, 1, 2, 3]);
        assert_eq!(served(Queue::Latest), [0, 3]);
    }

    #[test]
    fn a_panic_is_noticed() {
        let mut worker: Worker<(), ()> =
            Worker::start(&Context::default(), "test", Queue::InOrder, || |(), _: &Outbox<()>| panic!("on purpose"));
        worker.ask(());
        wait_until("the breakdown", || worker.stopped());
        assert!(!worker.busy());
    }
}
