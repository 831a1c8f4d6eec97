//! A made-up client, and the program run as its users run it.

#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use glam::{DMat3, DVec2, DVec3};
use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder, Rgb, RgbImage};
use moxcms::ColorProfile;
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::landmarks::{ALL, Landmark};
use scalp_studio::photo::{Limits, Photo, Samples, read};
use serde_json::{Value as Json, json};

pub const WIDTH: u32 = 900;
pub const HEIGHT: u32 = 1200;
pub const SIZE: [u32; 2] = [WIDTH, HEIGHT];
const SKIN: [u8; 3] = [214, 170, 146];
const WALL: [u8; 3] = [120, 130, 140];

/// Command-line arguments from any kind of text or path.
#[macro_export]
macro_rules! args {
    ($($argument:expr),* $(,)?) => { [$(std::ffi::OsString::from(&$argument)),*] };
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub output: String,
    pub errors: String,
}

/// The program with these arguments and without a terminal.
pub fn program(arguments: &[OsString]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scalp-studio"));
    // With backtraces, so that a panic shows all it can.
    command.args(arguments).env("RUST_BACKTRACE", "1").stdin(Stdio::null());
    // Not the user's: what is kept between two runs of the program. Shared by the tests, as most show the same heads.
    command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

pub fn outcome(command: &mut Command) -> Outcome {
    let done = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { code: done.status.code(), output: text(done.stdout), errors: text(done.stderr) }
}

pub fn run(arguments: &[OsString]) -> Outcome {
    outcome(&mut program(arguments))
}

/// Runs the program with `text` on standard input.
pub fn run_with_input(arguments: &[OsString], text: &str) -> Outcome {
    let mut command = program(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { code: done.status.code(), output: text(done.stdout), errors: text(done.stderr) }
}

/// Runs the program, which must succeed without writing to standard error; returns its output.
#[track_caller]
pub fn done(arguments: &[OsString]) -> String {
    let outcome = run(arguments);
    assert_eq!((outcome.code, outcome.errors.as_str()), (Some(0), ""), "{arguments:?}");
    outcome.output
}

#[track_caller]
pub fn done_json(arguments: &[OsString]) -> Json {
    serde_json::from_str(&done(arguments)).unwrap()
}

/// All files in a folder and below with their contents, and all folders.
pub fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(snapshot(&path));
            found.insert(path, Vec::new());
        } else {
            let bytes = fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

/// Writes what `demo` makes into a new folder, and returns what it said. It is made once for all tests of a program.
pub fn demo_in(folder: &Path) -> &'static str {
    static MADE: OnceLock<(String, BTreeMap<PathBuf, Vec<u8>>)> = OnceLock::new();
    let (said, files) = MADE.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("made/for/it");
        let said = done(&args!["demo", target]);
        let files = snapshot(&target).into_iter().filter(|(path, _)| path.is_file());
        (said, files.map(|(path, bytes)| (path.strip_prefix(&target).unwrap().to_owned(), bytes)).collect())
    });
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    said
}

/// What a refusal has to look like.
pub struct Refusal<'a> {
    /// Exit code.
    pub code: i32,
    /// The path at the end of the line, if there is something to point at.
    pub path: Option<&'a Path>,
    /// Text that the line contains.
    pub says: &'a str,
}

/// For a wrong input at this path.
pub fn wrong<'a>(path: &'a Path, says: &'a str) -> Refusal<'a> {
    Refusal { code: 2, path: Some(path), says }
}

/// For a wrong request.
pub fn wrong_request(says: &str) -> Refusal<'_> {
    Refusal { code: 2, path: None, says }
}

/// For an output that cannot be written.
pub fn unwritable<'a>(path: &'a Path, says: &'a str) -> Refusal<'a> {
    Refusal { code: 3, path: Some(path), says }
}

/// Runs the program, which must refuse in one line and leave `folder` as it was.
#[track_caller]
pub fn refused(folder: &Path, arguments: &[OsString], refusal: &Refusal) {
    let before = snapshot(folder);
    let outcome = run(arguments);
    check_refusal(&outcome, arguments, refusal);
    assert!(before == snapshot(folder), "{arguments:?} changed something in {}", folder.display());
}

#[track_caller]
pub fn check_refusal(outcome: &Outcome, arguments: &[OsString], refusal: &Refusal) {
    let errors = outcome.errors.as_str();
    assert_eq!(outcome.code, Some(refusal.code), "{arguments:?} should say '{}': {errors}", refusal.says);
    assert_eq!(errors.lines().count(), 1, "{arguments:?}: {errors}");
    let line = errors.trim_end();
    assert!(line.starts_with("scalp-studio: "), "{arguments:?}: {line}");
    assert!(!line.contains("panicked") && !line.contains("internal error"), "{arguments:?}: {line}");
    assert!(line.contains(refusal.says), "{arguments:?} should say '{}': {line}", refusal.says);
    if let Some(path) = refusal.path {
        assert!(line.ends_with(&path.display().to_string()), "{arguments:?} should end in {}: {line}", path.display());
    }
    assert_eq!(outcome.output, "", "{arguments:?}");
}

// ---------------------------------------------------------------------------------------------------------------------
// The client

/// A camera 1.1 m from the head, turned around it from the front towards the subject's left.
pub fn camera(azimuth_deg: f64) -> Camera {
    let (s, c) = libm::sincos(azimuth_deg.to_radians());
    // Rows are the camera's axes in head space: right, down, forward.
    let head_from_camera = DMat3::from_cols(DVec3::new(c, 0.0, -s), DVec3::NEG_Y, DVec3::new(-s, 0.0, -c));
    Camera {
        camera_from_head: head_from_camera.transpose(),
        head_origin_mm: DVec3::new(0.0, -20.0, 1100.0),
        // A lens of 50 mm on 35 mm film, whose diagonal is 43.27 mm.
        focal_px: 50.0 / 43.266_615 * f64::from(WIDTH).hypot(f64::from(HEIGHT)),
        principal_px: DVec2::new(f64::from(WIDTH), f64::from(HEIGHT)) / 2.0,
    }
}

/// Plain skin where the head is, a plain wall elsewhere. One ray for every block of a few pixels is enough.
fn picture(camera: &Camera) -> RgbImage {
    const BLOCK: u32 = 6;
    let head = Head::average();
    let columns = WIDTH.div_ceil(BLOCK);
    let blocks: Vec<bool> = (0..columns * HEIGHT.div_ceil(BLOCK))
        .map(|k| {
            let block = DVec2::new(f64::from(k % columns), f64::from(k / columns));
            head.head_from_image(camera, (block + 0.5) * f64::from(BLOCK)).is_some()
        })
        .collect();
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Rgb(if blocks[(y / BLOCK * columns + x / BLOCK) as usize] { SKIN } else { WALL })
    })
}

fn landmarks(camera: &Camera, seen: &[Landmark]) -> Json {
    let head = Head::average();
    let point = |l: Landmark| camera.image_from_head(head.landmark(l)).unwrap().to_array();
    seen.iter().map(|&l| (l.name().to_owned(), json!(point(l)))).collect::<serde_json::Map<_, _>>().into()
}

pub const LEFT_DEG: f64 = 90.0;

/// The colour profile of the front photo.
pub fn icc_profile() -> &'static [u8] {
    // Made once, as it contains the time.
    static PROFILE: OnceLock<Vec<u8>> = OnceLock::new();
    PROFILE.get_or_init(|| ColorProfile::new_display_p3().encode().unwrap())
}

/// A JPEG as a phone writes it, with lens, location and colour profile.
fn phone_jpeg(picture: &RgbImage) -> Vec<u8> {
    let degrees =
        |d: u32| Value::Rational(vec![Rational::from((d, 1)), Rational::from((30, 1)), Rational::from((0, 1))]);
    let fields = [
        (Tag::FocalLengthIn35mmFilm, Value::Short(vec![50])),
        (Tag::BodySerialNumber, Value::Ascii(vec![b"Phone 4711".to_vec()])),
        (Tag::GPSLatitudeRef, Value::Ascii(vec![b"N".to_vec()])),
        (Tag::GPSLatitude, degrees(47)),
        (Tag::GPSLongitudeRef, Value::Ascii(vec![b"E".to_vec()])),
        (Tag::GPSLongitude, degrees(8)),
    ]
    .map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value });
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, true).unwrap();
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 95);
    encoder.set_icc_profile(icc_profile().to_vec()).unwrap();
    encoder.set_exif_metadata(block.into_inner()).unwrap();
    picture.write_with_encoder(encoder).unwrap();
    jpeg
}

/// A folder with a client's photos, landmarks and case; removed when dropped.
pub struct Client {
    pub folder: tempfile::TempDir,
}

struct Made {
    front: Vec<u8>,
    left: Vec<u8>,
    landmarks: String,
    case: Vec<u8>,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let (front, left) = (camera(0.0), camera(LEFT_DEG));
        let mut left_png = Cursor::new(Vec::new());
        picture(&left).write_to(&mut left_png, image::ImageFormat::Png).unwrap();
        let seen_left = ALL.into_iter().filter(|l| !l.name().ends_with("_right")).collect::<Vec<_>>();
        let points = json!({"views": {"front": landmarks(&front, &ALL), "left": landmarks(&left, &seen_left)}});
        let mut made = Made {
            front: phone_jpeg(&picture(&front)),
            left: left_png.into_inner(),
            landmarks: points.to_string(),
            case: Vec::new(),
        };
        let client = Client::with_photos(&made);
        done(&client.new_arguments());
        made.case = fs::read(client.case()).unwrap();
        made
    })
}

impl Client {
    fn with_photos(made: &Made) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let client = Self { folder };
        fs::write(client.front(), &made.front).unwrap();
        fs::write(client.path("left.png"), &made.left).unwrap();
        fs::write(client.landmarks(), &made.landmarks).unwrap();
        client
    }

    /// Photos and landmarks.
    pub fn unplanned() -> Self {
        Self::with_photos(made())
    }

    /// Photos, landmarks and a case.
    pub fn planned() -> Self {
        let client = Self::unplanned();
        fs::write(client.case(), &made().case).unwrap();
        client
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub fn case(&self) -> PathBuf {
        self.path("client.scalp")
    }

    pub fn front(&self) -> PathBuf {
        self.path("front.jpg")
    }

    pub fn landmarks(&self) -> PathBuf {
        self.path("landmarks.json")
    }

    /// The landmarks of the front photo alone.
    pub fn front_landmarks(&self) -> PathBuf {
        self.file("front-landmarks.json", json!({"views": {"front": front_points()}}).to_string())
    }

    pub fn view(&self, name: &str, file: &Path) -> String {
        format!("{name}={}", file.display())
    }

    pub fn new_arguments(&self) -> Vec<OsString> {
        let (front, left) = (self.view("front", &self.front()), self.view("left", &self.path("left.png")));
        args!["new", "--photo", front, "--photo", left, "--landmarks", self.landmarks(), "-o", self.case()].into()
    }

    /// `new` with the front photo alone and other landmarks.
    pub fn new_from_points(&self, points: &Json) -> Vec<OsString> {
        let file = self.file("points.json", points.to_string());
        let front = self.view("front", &self.front());
        args!["new", "--photo", front, "--landmarks", file, "-o", self.path("other.scalp")].into()
    }

    pub fn plan(&self) -> Json {
        done_json(&args!["plan", "get", self.case()])
    }
}

/// Landmarks of the front view.
pub fn front_points() -> Json {
    let points: Json = serde_json::from_str(&made().landmarks).unwrap();
    points["views"]["front"].clone()
}

pub fn decoded(path: &Path) -> Photo {
    read(path, &Limits::default()).unwrap()
}

/// Sample values of an 8-bit picture.
pub fn samples(photo: &Photo) -> &[u8] {
    match photo.samples() {
        Samples::U8(codes) => codes,
        Samples::U16(_) => panic!("16 bits"),
    }
}

/// Mean sample value of an 8-bit picture.
pub fn brightness(path: &Path) -> f64 {
    let photo = decoded(path);
    let samples = samples(&photo);
    samples.iter().map(|&c| f64::from(c)).sum::<f64>() / samples.len() as f64
}
