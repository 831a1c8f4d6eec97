//! The real window on a virtual display: started, looked at, and operated with that display's pointer and keyboard.

#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, encode};

/// A process that is killed when dropped, so that none outlives a failed test.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Display {
    _server: Killed,
    /// Where the server keeps the contents of the screen.
    folder: tempfile::TempDir,
    pub name: String,
}

/// The contents of a screen: red, green and blue, row by row.
pub struct Screen {
    pub pixels: Vec<[u8; 3]>,
    pub width: usize,
}

impl Screen {
    /// Reads a file as Xvfb writes it: 32-bit numbers, a table of colours, four bytes per pixel (X11/XWDFile.h).
    fn of_xwd(bytes: &[u8]) -> Self {
        let number = |index: usize| u32::from_be_bytes(bytes[4 * index..][..4].try_into().unwrap()) as usize;
        let (header, width, height, bits_per_pixel, colours) =
            (number(0), number(4), number(5), number(11), number(19));
        assert_eq!((bits_per_pixel, number(12)), (32, 4 * width), "not four bytes per pixel");
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

/// The display, what moves a pointer on it, and what ends that if it takes too long.
const TOOLS: [&str; 3] = ["Xvfb", "xdotool", "timeout"];

/// Succeeds if all tools are there; otherwise says which are missing.
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
            // Without `-noreset` it would reset whenever its last client leaves, and cut off one that is just
            // connecting.
            .args(["-displayfd", "1", "-screen", "0", &format!("{size}x24"), "-nolisten", "tcp", "-noreset"])
            // The screen's contents go to a file, without the pointer.
            .args(["-nocursor", "-fbdir"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The server writes its number once it is ready; a thread reads it, so that the wait has a limit.
        let output = BufReader::new(server.stdout.take().unwrap());
        let server = Killed(server);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || sender.send(output.lines().next()));
        let number =
            receiver.recv_timeout(Duration::from_secs(60)).ok().flatten().expect("Xvfb does not start").unwrap();
        Self { _server: server, folder, name: format!(":{number}") }
    }

    pub fn xdotool(&self, arguments: &[&str]) -> String {
        // Some of its commands wait without a limit.
        let mut xdotool = Command::new("timeout");
        xdotool.args(["120", "xdotool"]).args(arguments).env("DISPLAY", &self.name);
        let output = xdotool.output().unwrap();
        assert_ne!(output.status.code(), Some(124), "waited in vain for xdotool {arguments:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Gives the window the keyboard focus, as there is no window manager to do so.
    pub fn focus(&self) {
        let found = self.xdotool(&["search", "--name", "Scalp Studio"]);
        let window = found.lines().next().expect("there is no window of that name");
        self.xdotool(&["windowfocus", "--sync", window]);
    }

    /// Makes the window as large as the screen, as if a window manager had maximised it.
    pub fn fill(&self, size: &str) {
        let window = wait_for("the window", || {
            let found = self.xdotool(&["search", "--name", "Scalp Studio"]);
            found.lines().next().map(str::to_owned)
        });
        let (width, height) = size.split_once('x').unwrap();
        self.xdotool(&["windowmove", &window, "0", "0", "windowsize", "--sync", &window, width, height]);
    }

    /// Does something with pointer or keyboard.
    pub fn act(&self, arguments: &[String]) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.xdotool(&arguments);
    }

    /// Waits until nothing but a blinking cursor changes on the screen.
    pub fn still(&self) {
        /// Changed pixels: a cursor has fewer, a spinner more.
        const CURSOR_PX: usize = 80;
        /// How many times in a row nothing must have changed.
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

    /// The current contents of the screen.
    pub fn look(&self) -> Screen {
        Screen::of_xwd(&std::fs::read(self.folder.path().join("Xvfb_screen0")).unwrap())
    }
}

/// The program with its window, and a folder of its own.
pub struct Opened {
    pub process: Killed,
    pub folder: tempfile::TempDir,
    /// What it has written to standard error so far.
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

    /// Opens the window on these files; `folder` is the user's home.
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
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
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

    /// All that it has written to standard error, once it has closed.
    pub fn report(&mut self) -> String {
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
        self.said.lock().unwrap().clone()
    }

    /// Waits until the program has nothing left to work out and nothing changes on the screen.
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

    /// Where its settings are, in the user's home.
    pub fn settings_folder(folder: &Path) -> PathBuf {
        folder.join("config/scalpstudio")
    }

    pub fn case(&self) -> PathBuf {
        self.folder.path().join("client.scalp")
    }
}

/// Tries again and again until there is a value; fails in the end.
pub fn wait_for<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        // Far longer than the slowest machine takes: the limit is for a window that hangs, not for a slow one.
        assert!(begun.elapsed() < Duration::from_secs(180), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
