//! The real window on the sample client: opened, looked at, dragged in, resized, closed.

use std::path::Path;

use libtest_mimic::Trial;

use crate::display::{Display, Opened, Screen, tools, wait_for};
use crate::needing;
use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;

pub fn tests() -> Vec<Trial> {
    needing![tools;
        a_hairline_is_dragged_in_a_real_window,
        a_window_that_loses_its_graphics_device_is_reopened_with_its_case,
        the_window_opens_at_every_size_and_scale,
    ]
}

/// The colour of lines drawn over the photo.
const LINE: [u8; 3] = [255, 214, 90];

/// Where the hairline's middle handle is on the screen.
fn middle_handle(Screen { pixels, width }: &Screen) -> Option<(usize, usize)> {
    // Leave out the inspector, whose pictures of hairlines have the same colours.
    let on_canvas = |x: usize| 4 * x < 3 * width;
    let places = |wanted: [u8; 3]| {
        let here = pixels.iter().enumerate().filter(move |(i, p)| **p == wanted && on_canvas(i % width));
        here.map(move |(i, _)| (i % width, i / width))
    };
    let line: Vec<(usize, usize)> = places(LINE).collect();
    if line.len() < 100 {
        return None;
    }
    let (low, high) = (line.iter().map(|p| p.0).min()?, line.iter().map(|p| p.0).max()?);
    let (top, middle) = (line.iter().map(|p| p.1).min()?, (low + high) / 2);
    // Handles are white discs on the line. The line's corners are higher than its middle.
    let deep = (high - low) / 4;
    let disc: Vec<(usize, usize)> =
        places([255; 3]).filter(|&(x, y)| x.abs_diff(middle) < 14 && y + 40 > top && y < top + deep).collect();
    let count = disc.len();
    (count > 20)
        .then(|| (disc.iter().map(|p| p.0).sum::<usize>() / count, disc.iter().map(|p| p.1).sum::<usize>() / count))
}

/// Moves the pointer and looks at the screen: lines fade while the pointer rests.
fn look_at_work(display: &Display) -> Screen {
    for x in ["300", "304"] {
        display.xdotool(&["mousemove", x, "300"]);
    }
    display.look()
}

/// Waits until the hairline's middle handle stays in one place, and returns that.
pub fn wait_for_handle(display: &Display) -> (usize, usize) {
    /// How many times in a row it must be seen there.
    const LOOKS: usize = 6;
    let (mut before, mut looks) = (None, 0);
    wait_for("the hairline", || {
        let handle = middle_handle(&look_at_work(display))?;
        looks = if before == Some(handle) { looks + 1 } else { 0 };
        before = Some(handle);
        (looks == LOOKS).then_some(handle)
    })
}

fn a_hairline_is_dragged_in_a_real_window((): ()) {
    let display = Display::new("1280x800");
    let mut window = Opened::open(&display, "1");
    let handle = wait_for_handle(&display);

    display.focus();
    // Down by 30 points, in steps as a hand would make.
    let at = |x: usize, y: usize| [x.to_string(), y.to_string()];
    let [x, y] = at(handle.0, handle.1);
    display.xdotool(&["mousemove", &x, &y]);
    display.xdotool(&["mousedown", "1"]);
    for step in 1..=30 {
        let [x, y] = at(handle.0, handle.1 + step);
        display.xdotool(&["mousemove", &x, &y, "sleep", "0.03"]);
    }
    display.xdotool(&["mouseup", "1"]);
    wait_for("the step in the case", || {
        let case = Case::open(&window.case()).ok()?;
        (case.undo_name() == Some("Move hairline point")).then_some(())
    });
    let moved = Case::open(&window.case()).unwrap();
    let before = Case::create(
        &window.folder.path().join("before.scalp"),
        sample::Client::Light.views().unwrap(),
        &Start::default(),
        Existing::Refuse,
        &Limits::default(),
    )
    .unwrap();
    let height = |case: &Case| case.plan(None).unwrap().hairline.points[0][1];
    assert!(height(&moved) < height(&before) - 3.0, "not dragged down: {} {}", height(&before), height(&moved));
    drop(moved);

    // Undone with the keyboard.
    display.xdotool(&["key", "ctrl+z"]);
    wait_for("the undo", || {
        let case = Case::open(&window.case()).ok()?;
        (case.redo_name() == Some("Move hairline point") && height(&case) == height(&before)).then_some(())
    });

    display.xdotool(&["key", "ctrl+q"]);
    let status = wait_for("the window to close", || window.process.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
    let report = window.report();
    assert!(report.contains("between frames while dragging"), "{report}");
    eprintln!("{report}");
}

fn a_window_that_loses_its_graphics_device_is_reopened_with_its_case((): ()) {
    let display = Display::new("1280x800");
    let mut window = Opened::open_with(&display, "1", &[("SCALP_STUDIO_LOSE_DEVICE_AFTER", "10")]);
    let windows = || display.xdotool(&["search", "--name", "client - Scalp Studio"]);
    let shown = || Some(windows()).filter(|found| !found.is_empty());
    wait_for("the window with its case", shown);
    // The same process has executed the program anew.
    let environment = format!("/proc/{}/environ", window.process.0.id());
    wait_for("a new start", || {
        let environment = std::fs::read_to_string(&environment).ok()?;
        environment.contains("SCALP_STUDIO_LOSSES=1").then_some(())
    });
    let second = wait_for("another window with its case", shown);
    assert_eq!(second.lines().count(), 1, "the first window should be gone");
    wait_for_handle(&display);
    // The new one works: a change reaches the case.
    display.focus();
    display.xdotool(&["key", "ctrl+d"]);
    wait_for("the step in the case", || {
        let case = Case::open(&window.case()).ok()?;
        (case.undo_name() == Some("Copy variant")).then_some(())
    });
    display.xdotool(&["key", "ctrl+q"]);
    let status = wait_for("the window to close", || window.process.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
}

fn the_window_opens_at_every_size_and_scale((): ()) {
    for (screen, scale) in [("1280x720", "1"), ("1920x1080", "1"), ("2560x1600", "2")] {
        let display = Display::new(screen);
        let mut window = Opened::open(&display, scale);
        display.fill(screen);
        wait_for_handle(&display);
        if let Some(folder) = std::env::var_os("SCALP_STUDIO_SCREENSHOTS") {
            display.look().save(&Path::new(&folder).join(format!("window-{screen}-{scale}.png")));
        }
        display.focus();
        display.xdotool(&["key", "ctrl+q"]);
        let status = wait_for("the window to close", || window.process.0.try_wait().unwrap());
        assert!(status.success(), "{screen}: {status}");
    }
}
