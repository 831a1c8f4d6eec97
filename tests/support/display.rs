//! The real window on a virtual display: started, looked at, and moved in with a pointer and keys of a display's own.

#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, encode};

/// Lets nothing run on after a failed test.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Display {
    _server: Killed,
    /// Where the server keeps what is on the screen.
    folder: tempfile::TempDir,
    pub name: String,
}

/// What is on a screen: red, green and blue, row by row.
pub struct Screen {
    pub pixels: Vec<[u8; 3]>,
    pub width: usize,
}

impl Screen {
    /// From a file as Xvfb writes it: numbers of 32 bits, a table of colours, four bytes a pixel (X11/XWDFile.h).
    fn of_xwd(bytes: &[u8]) -> Self {
        let number = |index: usize| u32::from_be_bytes(bytes[4 * index..][..4].try_into().unwrap()) as usize;
        let (header, width, height, bits_per_pixel, colours) =
            (number(0), number(4), number(5), number(11), number(19));
        assert_eq!((bits_per_pixel, number(12)), (32, 4 * width), "a row of pixels of four bytes");
        let pixels = &bytes[header + 12 * colours..][..4 * width * height];
        Self {
            pixels: pixels.as_chunks::<4>().0.iter().map(|[blue, green, red, _]| [*red, *green, *blue]).collect(),
            width,
        }
    }

    pub fn save(&self, path: &Path) {
        let height = self.pixels.len() / self.width;
        let photo = Photo::from_srgb(self.width as u32, height as u32, self.pixels.as_flattened().to_vec()).unwrap();
        std::fs::write(path, encode(&photo, Format::Png, &EncodeOptions::default()).unwrap()).unwrap();
    }
}

/// What is a display, what moves a pointer on it, and what ends that where it takes too long.
const TOOLS: [&str; 3] = ["Xvfb", "xdotool", "timeout"];

/// Nothing where all tools are there; which are missing.
pub fn tools() -> Result<(), String> {
    let found = |tool: &str| {
        std::env::var_os("PATH").is_some_and(|p| std::env::split_paths(&p).any(|folder| folder.join(tool).is_file()))
    };
    let missing: Vec<&str> = TOOLS.into_iter().filter(|tool| !found(tool)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("{} is missing", missing.join(", "))) }
}

impl Display {
    pub fn new(size: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Command::new("Xvfb")
            // Without `-noreset` it would begin anew whenever the last program goes, and take one along that just comes.
            .args(["-displayfd", "1", "-screen", "0", &format!("{size}x24"), "-nolisten", "tcp", "-noreset"])
            // What is on the screen is in a file; the pointer would be, too.
            .args(["-nocursor", "-fbdir"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        let output = server.stdout.as_mut().unwrap();
        let mut byte = [0];
        while output.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            number.push(char::from(byte[0]));
        }
        assert!(!number.is_empty(), "Xvfb does not start");
        Self { _server: Killed(server), folder, name: format!(":{number}") }
    }

    pub fn xdotool(&self, arguments: &[&str]) -> String {
        // Some of what it does it waits for without end.
        let mut xdotool = Command::new("timeout");
        xdotool.args(["120", "xdotool"]).args(arguments).env("DISPLAY", &self.name);
        let output = xdotool.output().unwrap();
        assert_ne!(output.status.code(), Some(124), "waited in vain for xdotool {arguments:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Lets the keyboard speak to the window: there is no window manager that would.
    pub fn focus(&self) {
        let found = self.xdotool(&["search", "--name", "Scalp Studio"]);
        let window = found.lines().next().expect("a window of that name");
        self.xdotool(&["windowfocus", "--sync", window]);
    }

    /// Makes the window as large as the screen, as a window manager would that maximises it.
    pub fn fill(&self, size: &str) {
        let window = wait_for("the window", || {
            let found = self.xdotool(&["search", "--name", "Scalp Studio"]);
            found.lines().next().map(str::to_owned)
        });
        let (width, height) = size.split_once('x').unwrap();
        self.xdotool(&["windowmove", &window, "0", "0", "windowsize", "--sync", &window, width, height]);
    }

    /// Lets a hand do something.
    pub fn act(&self, arguments: &[String]) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.xdotool(&arguments);
    }

    /// Waits until nothing moves on the screen any more, but for a blinking cursor.
    pub fn still(&self) {
        /// A cursor has fewer, a spinner more.
        const CURSOR_PX: usize = 80;
        /// So often nothing has moved from one look to the next.
        const LOOKS: usize = 6;
        let (mut before, mut looks) = (self.look(), 0);
        wait_for("a still screen", || {
            let now = self.look();
            let moved = now.pixels.iter().zip(&before.pixels).filter(|(a, b)| a != b).count();
            looks = if moved < CURSOR_PX { looks + 1 } else { 0 };
            before = now;
            (looks == LOOKS).then_some(())
        });
    }

    /// What is on the screen.
    pub fn look(&self) -> Screen {
        Screen::of_xwd(&std::fs::read(self.folder.path().join("Xvfb_screen0")).unwrap())
    }
}

/// The window, with a folder of its own.
pub struct Opened {
    pub process: Killed,
    pub folder: tempfile::TempDir,
    /// What it says on standard error, as far as it has said it.
    said: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Opened {
    pub fn open(display: &Display, scale: &str) -> Self {
        Self::open_with(display, scale, &[])
    }

    pub fn open_with(display: &Display, scale: &str, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let case = folder.path().join("client.scalp");
        let views = sample::Client::Light.views().unwrap();
        let start = Start { ignore_own_hair: true, ..Start::default() };
        drop(Case::create(&case, views, &start, Existing::Refuse, &Limits::default()).unwrap());
        Self::start(display, scale, folder, &[case], environment)
    }

    /// The window on these files; `folder` is the user's home.
    pub fn start(
        display: &Display,
        scale: &str,
        folder: tempfile::TempDir,
        files: &[PathBuf],
        environment: &[(&str, &str)],
    ) -> Self {
        Self::start_by(&[], display, scale, folder, files, environment)
    }

    /// The same, begun by these words.
    pub fn start_by(
        words: &[&str],
        display: &Display,
        scale: &str,
        folder: tempfile::TempDir,
        files: &[PathBuf],
        environment: &[(&str, &str)],
    ) -> Self {
        let program = env!("CARGO_BIN_EXE_scalp-studio");
        let mut command = Command::new(words.first().unwrap_or(&program));
        if let [_, words @ ..] = words {
            command.args(words).arg(program);
        }
        let mut process = command
            .arg("--timings")
            .args(files)
            .env("DISPLAY", &display.name)
            .env("WINIT_X11_SCALE_FACTOR", scale)
            .env("WINIT_UNIX_BACKEND", "x11")
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_CONFIG_HOME", folder.path().join("config"))
            .env("HOME", folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (heard, errors) = (Arc::clone(&said), BufReader::new(process.stderr.take().unwrap()));
        let listener = std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let mut heard = heard.lock().unwrap();
                heard.push_str(&line);
                heard.push('\n');
            }
        });
        Self { process: Killed(process), folder, said, listener: Some(listener) }
    }

    /// All that it has said on standard error, once it is closed.
    pub fn report(&mut self) -> String {
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
        self.said.lock().unwrap().clone()
    }

    /// Waits until nothing is worked out any more, and nothing moves on the screen.
    pub fn rest(&self, display: &Display) {
        let at_rest = || {
            let said = self.said.lock().unwrap();
            let last = said.lines().rev().find(|line| line.contains("at work") || line.contains("at rest"));
            last.is_none_or(|line| line.contains("at rest"))
        };
        wait_for("the window to come to rest", || {
            display.still();
            at_rest().then_some(())
        });
    }

    /// Where its settings are.
    pub fn settings_folder(folder: &Path) -> PathBuf {
        folder.join("config/scalpstudio")
    }

    pub fn case(&self) -> PathBuf {
        self.folder.path().join("client.scalp")
    }
}

pub fn wait_for<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        // Far beyond what the slowest machine takes: a limit for a window that hangs, not for a slow one.
        assert!(begun.elapsed() < Duration::from_secs(180), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
