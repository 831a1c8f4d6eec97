//! The real window on a virtual display: started, looked at, and moved in with a pointer and keys of a display's own.

#![allow(dead_code, reason = "each test program uses its part")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::{self, Limits, Samples};

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
    pub name: String,
}

pub fn tools_are_there() -> bool {
    let found = |tool: &str| {
        std::env::var_os("PATH").is_some_and(|p| std::env::split_paths(&p).any(|folder| folder.join(tool).is_file()))
    };
    let missing: Vec<&str> = ["Xvfb", "xdotool", "import"].into_iter().filter(|tool| !found(tool)).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "the window cannot be tested without {}", missing.join(", "));
    eprintln!("not tested: {} is missing", missing.join(", "));
    false
}

impl Display {
    pub fn new(size: &str) -> Self {
        let mut server = Command::new("Xvfb")
            // Without `-noreset` it would begin anew whenever the last program goes, and take one along that just comes.
            .args(["-displayfd", "1", "-screen", "0", &format!("{size}x24"), "-nolisten", "tcp", "-noreset"])
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
        Self { _server: Killed(server), name: format!(":{number}") }
    }

    pub fn xdotool(&self, arguments: &[&str]) -> String {
        let output = Command::new("xdotool").args(arguments).env("DISPLAY", &self.name).output().unwrap();
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
        let mut before: Vec<u8> = Vec::new();
        wait_for("a still screen", || {
            let taken = Command::new("import")
                .args(["-window", "root", "-depth", "8", "rgb:-"])
                .env("DISPLAY", &self.name)
                .output();
            let now = taken.unwrap().stdout;
            let moved = now.chunks(3).zip(before.chunks(3)).filter(|(a, b)| a != b).count();
            let still = now.len() == before.len() && moved < CURSOR_PX;
            before = now;
            still.then_some(())
        });
    }

    /// Red, green and blue of the whole screen, and its width.
    pub fn look(&self, folder: &Path) -> (Vec<[u8; 3]>, usize) {
        let path = folder.join("screen.png");
        let taken = Command::new("import")
            .args(["-window", "root", "-depth", "8"])
            .arg(format!("png24:{}", path.display()))
            .env("DISPLAY", &self.name)
            .status();
        assert!(taken.unwrap().success());
        let picture = photo::read(&path, &Limits::default()).unwrap();
        let Samples::U8(samples) = picture.samples() else { panic!("a screen has 8 bits") };
        (samples.as_chunks::<3>().0.to_vec(), picture.width() as usize)
    }
}

/// The window, with a folder of its own.
pub struct Opened {
    pub process: Killed,
    pub folder: tempfile::TempDir,
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
        let process = Command::new(env!("CARGO_BIN_EXE_scalp-studio"))
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
        Self { process: Killed(process), folder }
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
        std::thread::sleep(Duration::from_millis(200));
    }
}
