//! The real window interrupted: killed in the middle of gestures, on a drive that does not answer, without any network.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::Trial;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use crate::display::{Display, Killed, Opened, tools, wait_for};
use crate::needs::needing;
use crate::opened::wait_for_handle;
use scalp_studio::case::document::Document;
use scalp_studio::case::rescue::RescueReader;
use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;

pub fn tests() -> Vec<Trial> {
    let name = |name: &str| format!("{}::{name}", module_path!());
    vec![
        needing(&name("killed_in_the_middle_of_gestures"), tools, killed_in_the_middle_of_gestures),
        needing(&name("on_a_drive_that_does_not_answer"), drive, on_a_drive_that_does_not_answer),
        needing(&name("without_any_network"), alone, without_any_network),
    ]
}

const SCREEN: &str = "1280x800";

fn small_case(path: &Path) {
    let views = sample::Client::Light.views().unwrap().into_iter().take(1).collect();
    let start = Start { ignore_own_hair: true, ..Start::default() };
    drop(Case::create(path, views, &start, Existing::Refuse, &Limits::default()).unwrap());
}

/// The case as it is in its file, which somebody may be writing.
fn in_file(case: &Path) -> Option<Document> {
    Case::open(case).ok().map(|case| case.document().clone())
}

/// Everything below a folder that a program leaves while it works.
fn left_over(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(left_over(&path));
        } else if name.ends_with("-journal") || name.ends_with(".open") || name.ends_with(".tmp") {
            found.push(path);
        }
    }
    found
}

/// What a hand does, for xdotool: the middle handle of the hairline dragged, a stroke with the density brush, a variant
/// copied, a step taken back.
///
/// The hairline is dragged towards `level`, so that it stays where its handle can be seen however often it is dragged.
fn gesture(kind: u64, handle: (usize, usize), level: usize, random: &mut ChaCha8Rng) -> Vec<String> {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
    let drag = |from: (usize, usize), by: [i64; 2]| {
        let mut drag = words(&format!("mousemove {} {} sleep 0.05 mousedown 1 sleep 0.05", from.0, from.1));
        for step in 1..=8 {
            let [x, y] = [from.0 as i64 + by[0] * step / 8, from.1 as i64 + by[1] * step / 8];
            drag.extend(words(&format!("mousemove {x} {y} sleep 0.03")));
        }
        drag.extend(words("mouseup 1"));
        drag
    };
    let far = 8 + (random.next_u64() % 17) as i64;
    match kind {
        0 => {
            let down = if handle.1 > level { -far } else { far };
            [words("key h sleep 0.05"), drag(handle, [0, down])].concat()
        }
        1 => [words("key b sleep 0.05"), drag((handle.0 - 40, handle.1 - 30), [3 * far, 0])].concat(),
        2 => words("key ctrl+d"),
        _ => words("key ctrl+z"),
    }
}

/// Whatever was done to its end before, and at rest, is there; the gesture in the middle of which the window is killed
/// is there as a whole or not at all.
fn killed_in_the_middle_of_gestures((): ()) {
    let kills = if std::env::var_os("SCALP_STUDIO_LONG").is_some() { 120 } else { 2 };
    let display = Display::new(SCREEN);
    let home = tempfile::tempdir().unwrap();
    let case = home.path().join("client.scalp");
    small_case(&case);
    let mut random = ChaCha8Rng::seed_from_u64(15);
    let (mut there, mut not_there) = (0, 0);
    let mut level = None;
    for round in 0..kills {
        let of_window = tempfile::tempdir_in(home.path()).unwrap();
        let environment = [("TMPDIR", home.path().to_str().unwrap())];
        let mut window = Opened::start(&display, "1", of_window, std::slice::from_ref(&case), &environment);
        let handle = wait_for_handle(&display);
        let level = *level.get_or_insert(handle.1);
        display.focus();
        // The last one was cleared away by this one's opening, but for what it has open itself.
        let left: Vec<PathBuf> =
            left_over(home.path()).into_iter().filter(|p| !p.ends_with(".client.scalp.open")).collect();
        assert_eq!(left, Vec::<PathBuf>::new(), "round {round}");
        let complete = gesture(if round % 5 == 4 { 3 } else { random.next_u64() % 2 }, handle, level, &mut random);
        display.act(&complete);
        window.rest(&display);
        let kept = in_file(&case).expect("nobody writes");

        let kind = random.next_u64() % 4;
        let begun = gesture(kind, handle, level, &mut random);
        let hand = Command::new("timeout")
            .args(["120", "xdotool"])
            .args(&begun)
            .env("DISPLAY", &display.name)
            .stderr(Stdio::null())
            .spawn();
        let hand = Killed(hand.unwrap());
        // A drag takes half a second and its writing some hundredths; keys are done sooner.
        let most = if kind < 2 { 700 } else { 120 };
        std::thread::sleep(Duration::from_millis(random.next_u64() % most));
        window.process.0.kill().unwrap();
        window.process.0.wait().unwrap();
        drop(hand);
        display.xdotool(&["mouseup", "1"]);

        let mut after = Case::open(&case).unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(after.read_only_reason(), None, "round {round}");
        if round % 10 == 9 {
            println!("{} kills: {there} gestures were kept, {not_there} were not", round + 1);
        }
        let damaged = RescueReader::open(&case).unwrap().parts().into_iter().find(|part| part.damage.is_some());
        assert_eq!(damaged, None, "round {round}");
        let now = after.document().clone();
        if now == kept {
            not_there += 1;
            continue;
        }
        // One step away, and no half of one.
        there += 1;
        let before = if kind == 3 { after.redo() } else { after.undo() };
        before.unwrap();
        assert_eq!(*after.document(), kept, "round {round}: something else was lost");
        // As it was found.
        if kind == 3 { after.undo() } else { after.redo() }.unwrap();
        assert_eq!(*after.document(), now);
    }
    // Whoever opens it next clears it away.
    drop(Case::open(&case).unwrap().held(false));
    assert_eq!(left_over(home.path()), Vec::<PathBuf>::new());
    println!(
        "{kills} kills: {there} gestures were kept, {not_there} were not begun or not ended; nothing else was lost"
    );
}

/// What is needed to let a drive fall silent, compiled.
fn drive() -> Result<PathBuf, String> {
    tools()?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/dead_drive.c");
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dead_drive.so");
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    match compiled {
        Ok(status) if status.success() => Ok(library),
        _ => Err("a C compiler for this system's own library is missing".to_owned()),
    }
}

/// The window goes on, says that nothing is saved, and saves it once the drive answers again.
fn on_a_drive_that_does_not_answer(library: PathBuf) {
    let display = Display::new(SCREEN);
    let (home, drive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let silent = home.path().join("silent");
    let case = drive.path().join("client.scalp");
    small_case(&case);
    // Another one that was opened last, on the same drive.
    let settings = Opened::settings_folder(home.path());
    fs::create_dir_all(&settings).unwrap();
    let other = drive.path().join("other.scalp");
    fs::copy(&case, &other).unwrap();
    fs::write(settings.join("studio.toml"), format!("recent = [{other:?}]\n")).unwrap();
    let environment = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("DEAD_DRIVE_FOLDER", drive.path().to_str().unwrap()),
        ("DEAD_DRIVE_WHILE", silent.to_str().unwrap()),
    ];
    let mut window = Opened::start(&display, "1", home, std::slice::from_ref(&case), &environment);
    wait_for_handle(&display);
    window.rest(&display);
    display.focus();

    let copied = "Copy variant";
    // Nothing answers any more, or the drive dies in the middle of the change: it still reads, but no longer writes.
    // First a change is made, then undone, then redone.
    let steps = [("ctrl+d", Some(copied), None), ("ctrl+z", None, Some(copied)), ("ctrl+shift+z", Some(copied), None)];
    for ((keys, undo, redo), silence) in steps.into_iter().zip(["", "w", "w"]) {
        window.rest(&display);
        let before = in_file(&case).unwrap();
        fs::write(&silent, silence).unwrap();
        display.xdotool(&["key", keys]);
        // The palette comes and goes: a window that stands still shows neither.
        display.xdotool(&["mousemove", "300", "300"]);
        let shown = |what: &str, is_shown: bool, plain: &crate::display::Screen| {
            wait_for(what, || {
                let now = display.look();
                let differs = now.pixels.iter().zip(&plain.pixels).filter(|(a, b)| a != b).count();
                ((differs > 20_000) == is_shown).then_some(())
            });
        };
        let plain = display.look();
        for _ in 0..2 {
            display.xdotool(&["key", "ctrl+k"]);
            shown("the palette", true, &plain);
            display.xdotool(&["key", "Escape"]);
            shown("the window without it", false, &plain);
        }
        assert_eq!(in_file(&case).unwrap(), before, "{keys}: nothing is written yet");

        fs::remove_file(&silent).unwrap();
        wait_for(&format!("the change in the file after {keys}"), || {
            let case = Case::open(&case).ok()?;
            ((case.undo_name(), case.redo_name()) == (undo, redo)).then_some(())
        });
    }
    display.xdotool(&["key", "ctrl+q"]);
    let status = wait_for("the window to close", || window.process.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
    assert_eq!(left_over(drive.path()), Vec::<PathBuf>::new());
}

/// A display, and a way to be without any network; the words that begin a command so.
fn alone() -> Result<&'static [&'static str], String> {
    tools()?;
    const WAYS: [&[&str]; 2] = [&["unshare", "-n"], &["unshare", "-rn"]];
    let works = |way: &&&[&str]| {
        let tried = Command::new(way[0]).args(&way[1..]).arg("true").stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    WAYS.iter().find(works).copied().ok_or_else(|| "no network namespace can be made (unshare -n)".to_owned())
}

/// Numbers of the sockets in a table of the kernel's: the column of this name, where there is one, in each row.
fn sockets_in(process: u32, table: &str, column: usize) -> BTreeSet<String> {
    let text = fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
    text.lines().skip(1).filter_map(|row| row.split_whitespace().nth(column).map(str::to_owned)).collect()
}

/// Without interfaces, not even its own, the window works as ever, and of sockets it has those to the display alone.
fn without_any_network(way: &'static [&'static str]) {
    let display = Display::new(SCREEN);
    let home = tempfile::tempdir().unwrap();
    let case = home.path().join("client.scalp");
    small_case(&case);
    let mut expected = Case::open(&case).unwrap().document().clone();
    expected.copy_variant(0).unwrap();
    let mut window = Opened::start_by(way, &display, "1", home, std::slice::from_ref(&case), &[]);
    let process = window.process.0.id();
    wait_for_handle(&display);
    let interfaces = fs::read_to_string(format!("/proc/{process}/net/dev")).unwrap();
    let interfaces: Vec<&str> = interfaces.lines().skip(2).collect();
    assert!(
        interfaces.len() <= 1 && interfaces.iter().all(|line| line.trim_start().starts_with("lo:")),
        "{interfaces:?}"
    );
    display.focus();
    display.xdotool(&["key", "ctrl+d"]);
    wait_for("the step in the case", || (in_file(&case)? == expected).then_some(()));
    window.rest(&display);

    // Column of the number: proc(5); that of sockets without any is not there at all.
    let local = sockets_in(process, "unix", 6);
    let open: BTreeSet<String> = fs::read_dir(format!("/proc/{process}/fd"))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    assert!(!open.is_empty(), "one to the display");
    assert!(open.is_subset(&local), "sockets {open:?}, of which local ones {local:?}");
    for (table, column) in [("tcp", 9), ("tcp6", 9), ("udp", 9), ("udp6", 9), ("raw", 9), ("raw6", 9), ("packet", 8)] {
        assert_eq!(sockets_in(process, table, column), BTreeSet::new(), "{table}");
    }
    display.xdotool(&["key", "ctrl+q"]);
    let status = wait_for("the window to close", || window.process.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
}
