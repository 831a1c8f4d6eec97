//! How fast the window is: `--timings` prints to standard error when work begins and when all of it is done, and the
//! rest when the window closes.

use std::time::{Duration, Instant};

/// What is printed when work begins, and when it is done.
const AT_WORK: &str = "at work";
const AT_REST: &str = "at rest";

/// Frame statistics.
pub struct FrameTimes {
    wanted: bool,
    begun: Instant,
    started: Instant,
    first_picture: Option<Duration>,
    /// For frames during a drag, ms: from the beginning of one to the beginning of the next.
    drag_intervals_ms: Vec<f64>,
    /// For the same frames, ms spent in them.
    drag_frames_ms: Vec<f64>,
    /// During a drag, ms from the request to the last pixel.
    drag_served_ms: Vec<f64>,
    last_drag_frame: Option<Instant>,
    dragging: bool,
    last_frame_ms: Option<f64>,
    /// Since when work has been in progress; none while there is none.
    busy_since: Option<Instant>,
}

impl FrameTimes {
    /// Statistics, printed at the end if `wanted`.
    #[must_use]
    pub fn new(wanted: bool) -> Self {
        let now = Instant::now();
        Self {
            wanted,
            begun: now,
            started: now,
            first_picture: None,
            drag_intervals_ms: Vec::new(),
            drag_frames_ms: Vec::new(),
            drag_served_ms: Vec::new(),
            last_drag_frame: None,
            dragging: false,
            last_frame_ms: None,
            busy_since: None,
        }
    }

    /// A frame begins.
    pub fn begin(&mut self) {
        self.begun = Instant::now();
    }

    /// Pixels of the photo have arrived.
    pub fn pictured(&mut self) {
        self.first_picture.get_or_insert_with(|| self.started.elapsed());
    }

    /// The engine has delivered everything that was requested.
    pub fn served(&mut self, took_ms: f64) {
        if self.dragging && self.wanted {
            self.drag_served_ms.push(took_ms);
        }
    }

    /// Ends a frame. `dragging`: whether something is being dragged; `busy`: whether work is still in progress.
    pub fn end(&mut self, dragging: bool, busy: bool) {
        if !self.wanted {
            return;
        }
        match (busy, self.busy_since) {
            (true, None) => {
                self.busy_since = Some(self.begun);
                eprintln!("studio: {AT_WORK}");
            }
            (false, Some(since)) => {
                self.busy_since = None;
                eprintln!("studio: {AT_REST} after {:.0} ms", ms(since.elapsed()));
            }
            _ => {}
        }
        self.last_frame_ms = Some(ms(self.begun.elapsed()));
        if dragging {
            self.drag_frames_ms.push(ms(self.begun.elapsed()));
            if let Some(last) = self.last_drag_frame {
                self.drag_intervals_ms.push(ms(self.begun - last));
            }
        }
        self.last_drag_frame = dragging.then_some(self.begun);
        self.dragging = dragging;
    }

    /// How long the last frame took, ms; none if timings are not wanted.
    #[must_use]
    pub fn last_frame_ms(&self) -> Option<f64> {
        self.last_frame_ms
    }

    /// Prints the statistics on standard error.
    pub fn report(&mut self) {
        if !self.wanted {
            return;
        }
        let mut lines = Vec::new();
        if let Some(first) = self.first_picture {
            lines.push(format!("first picture after {:.0} ms", ms(first)));
        }
        for (what, values) in [
            ("between frames while dragging", &mut self.drag_intervals_ms),
            ("in a frame while dragging", &mut self.drag_frames_ms),
            ("for a picture while dragging", &mut self.drag_served_ms),
        ] {
            values.sort_by(f64::total_cmp);
            let at = |share: f64| values.get(((values.len() as f64 - 1.0) * share) as usize).copied();
            if let (Some(median), Some(slow)) = (at(0.5), at(0.95)) {
                lines.push(format!(
                    "{what}: median {median:.1} ms ({:.0} a second), 95 % within {slow:.1} ms, {} counted",
                    1e3 / median.max(1e-3),
                    values.len()
                ));
            }
        }
        for line in lines {
            eprintln!("studio: {line}");
        }
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
