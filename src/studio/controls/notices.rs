//! Messages in the window: what went wrong or was done, and what to do about it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use egui::{Align2, Area, Button, Context, Frame, Id, Order, Rect, Vec2};
use egui_material_icons::icons;

use crate::studio::background::task::{Event, Task};

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something was done.
    Done,
    /// Something went wrong.
    Problem,
}

struct Notice {
    kind: NoticeKind,
    text: String,
    /// When it appeared, seconds of the window's clock.
    since: f64,
    /// The folder where the result can be viewed.
    folder: Option<PathBuf>,
}

impl Notice {
    fn stays_s(&self) -> f64 {
        if self.kind == NoticeKind::Problem || self.folder.is_some() { LONG_STAYS_S } else { STAYS_S }
    }
}

/// The messages shown.
#[derive(Default)]
pub struct Notices {
    notices: Vec<Notice>,
    /// Folders that are being opened; each task returns a message if that fails.
    opening: Vec<Task<Option<String>>>,
}

/// How long a message that needs no answer stays, seconds.
const STAYS_S: f64 = 6.0;
/// How long a problem stays, and a message that offers something to click, seconds.
const LONG_STAYS_S: f64 = 20.0;
const MOST: usize = 5;

impl Notices {
    /// Says that something was done.
    pub fn done(&mut self, ctx: &Context, text: impl Into<String>) {
        self.add(ctx, NoticeKind::Done, text.into(), None);
    }

    /// Says that something was written into a folder, and offers to show it there.
    pub fn written(&mut self, ctx: &Context, text: impl Into<String>, folder: &Path) {
        self.add(ctx, NoticeKind::Done, text.into(), Some(folder.to_owned()));
    }

    /// Says that something went wrong.
    pub fn problem(&mut self, ctx: &Context, text: impl ToString) {
        self.add(ctx, NoticeKind::Problem, text.to_string(), None);
    }

    fn add(&mut self, ctx: &Context, kind: NoticeKind, text: String, folder: Option<PathBuf>) {
        self.notices.retain(|n| n.text != text);
        self.notices.push(Notice { kind, text, since: ctx.input(|i| i.time), folder });
        let excess = self.notices.len().saturating_sub(MOST);
        self.notices.drain(..excess);
        ctx.request_repaint();
    }

    /// Shows the messages in the lower right corner of the middle of the window: over the photo, not over any controls.
    pub fn show(&mut self, ctx: &Context, middle: Rect) {
        let now = ctx.input(|i| i.time);
        let away = !ctx.input(|i| i.focused);
        self.notices.retain(|n| now - n.since < n.stays_s());
        if self.notices.is_empty() {
            return;
        }
        let (mut closed, mut opened) = (None, None);
        Area::new(Id::unique("notices"))
            .order(Order::Foreground)
            .pivot(Align2::RIGHT_BOTTOM)
            .fixed_pos(middle.right_bottom() - Vec2::splat(12.0))
            .show(ctx, |ui| {
                for (index, notice) in self.notices.iter_mut().enumerate() {
                    let frame = Frame::popup(ui.style()).show(ui, |ui| {
                        ui.set_max_width(420.0);
                        ui.horizontal(|ui| {
                            let problem = notice.kind == NoticeKind::Problem;
                            ui.label(if problem { icons::ICON_WARNING } else { icons::ICON_CHECK_CIRCLE });
                            ui.vertical(|ui| {
                                ui.set_max_width(340.0);
                                ui.label(&notice.text);
                                if let Some(folder) = &notice.folder {
                                    let tip = "Show it in the system's file manager";
                                    if ui.button("Open the folder").on_hover_text(tip).clicked() {
                                        opened = Some(folder.clone());
                                    }
                                }
                            });
                            let close = ui.add(Button::new(icons::ICON_CLOSE).frame(false));
                            if close.accessible_name("Close message").on_hover_text("Close this message").clicked() {
                                closed = Some(index);
                            }
                        });
                    });
                    // It is being read, or nobody has seen it yet because the user is in another program.
                    if frame.response.contains_pointer() || (away && notice.kind == NoticeKind::Problem) {
                        notice.since = now;
                    }
                }
            });
        if let Some(folder) = opened {
            self.open(ctx, folder);
        }
        if let Some(index) = closed {
            self.notices.remove(index);
        }
        if !self.notices.is_empty() {
            ctx.request_repaint_after(std::time::Duration::from_millis(500));
        }
        let mut failed = Vec::new();
        self.opening.retain(|task| match task.event() {
            Event::Done(problem) => {
                failed.extend(problem);
                false
            }
            Event::Pending => true,
            Event::Lost => false,
        });
        for problem in failed {
            self.problem(ctx, problem);
        }
    }

    /// Asks the file manager, which may take a while.
    fn open(&mut self, ctx: &Context, folder: PathBuf) {
        self.opening.push(Task::start(ctx, "file manager", move |_| {
            let shown = show_in_file_manager(&folder);
            (!shown).then(|| format!("No file manager could open the folder {}", folder.display()))
        }));
    }
}

/// Asks the system to show a folder; true if it does.
fn show_in_file_manager(folder: &Path) -> bool {
    let program = if cfg!(target_os = "windows") {
        "explorer"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    // Absolute, so that no folder's name is taken for an option.
    let shown =
        std::path::absolute(folder).and_then(|folder| Command::new(program).arg(folder).stdin(Stdio::null()).status());
    // Windows Explorer reports failure whether it failed or not.
    shown.is_ok_and(|status| status.success() || cfg!(target_os = "windows"))
}
