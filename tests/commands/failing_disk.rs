//! The real program on a disk that fails, and killed, at every call that changes something: what is there is whole, the
//! old or the new one, and what the program says of it is true.
//!
//! The disk is `tests/support/failing_disk.c`, loaded into the program. What is done here in some seconds is done a
//! thousand times with `SCALP_STUDIO_LONG=1`, see RELIABILITY.md.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::args;
use crate::client::{Client, done, outcome, program};
use scalp_studio::case::Case;
use scalp_studio::case::rescue::RescueReader;
use scalp_studio::photo::Limits;

/// How often something is tried.
pub fn rounds(short: usize, long: usize) -> usize {
    if std::env::var_os("SCALP_STUDIO_LONG").is_some() { long } else { short }
}

/// What a call does that is the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// It fails, and the next one does not.
    Once,
    /// It fails, and so does every call after it.
    On,
    /// The program is killed before it.
    Before,
    /// The program is killed after it.
    After,
}

const EVERY_WAY: [How; 4] = [How::Once, How::On, How::Before, How::After];
/// Errors of Linux: the disk is broken, full, was pulled out.
const ERRORS: [i32; 3] = [5, 28, 19];

/// The library that makes the disk of a folder fail, compiled once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/failing_disk.c");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("failing_disk.so");
        // Under a name of its own first: another test program may be loading it.
        let own = library.with_extension(std::process::id().to_string());
        let compiled =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&own).arg(source).arg("-ldl").status();
        assert!(compiled.unwrap().success(), "a C compiler is needed, as for the program itself");
        fs::rename(own, &library).unwrap();
        library
    })
}

/// The command on a disk of which the call of this number, from 1 on, fails; 0: none. Where it counts, calls are
/// counted.
fn on_failing_disk(command: &mut Command, folder: &Path, at: usize, how: How, error: i32) {
    let how = match how {
        How::Once => "once",
        How::On => "on",
        How::Before => "before",
        How::After => "after",
    };
    command
        .env("LD_PRELOAD", library())
        .env("FAILING_DISK_FOLDER", folder)
        .env("FAILING_DISK_AT", at.to_string())
        .env("FAILING_DISK_HOW", how)
        .env("FAILING_DISK_ERROR", error.to_string());
}

/// What is in a folder, as a user sees it: of a case its document and photos, of anything else the bytes. A case that
/// is damaged fails.
fn seen(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(seen(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else if name.ends_with(".scalp") {
            let case = Case::open(&path).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(case.read_only_reason(), None, "{}", path.display());
            let parts = RescueReader::open(&path).unwrap().parts();
            let names: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
            // A photo that was damaged or lost before is so in what was rescued, too.
            let known = |name: &str| name.starts_with("photo ") && folder.join("damaged.case").exists();
            let damaged = parts.into_iter().find(|part| part.damage.is_some() && !known(&part.name));
            assert_eq!(damaged, None, "{}", path.display());
            found.insert(name, format!("{names:?} {}", case.document().to_json()).into_bytes());
        } else if !is_left_over(&name) {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// What a killed program leaves until the next one clears it away.
fn is_left_over(name: &str) -> bool {
    name.starts_with(".scalp-studio-") || name.ends_with("-journal") || name.ends_with(".open")
}

fn has_left_overs(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| is_left_over(entry.unwrap().file_name().to_str().unwrap()))
}

/// A command that changes something in the folder `disk` of a client.
struct Work {
    name: &'static str,
    /// Makes the folder as it is before.
    prepare: fn(&Client, &Path),
    arguments: fn(&Client, &Path) -> Vec<OsString>,
}

fn copy_case(client: &Client, disk: &Path) {
    fs::copy(client.case(), disk.join("client.scalp")).unwrap();
}

fn copy_damaged_case(client: &Client, disk: &Path) {
    let mut bytes = fs::read(client.case()).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    // Under a name that is not looked into.
    fs::write(disk.join("damaged.case"), bytes).unwrap();
}

fn longer_plan(client: &Client) -> PathBuf {
    let mut plan = client.plan();
    let stroke = serde_json::json!({"part": "cranium", "points": vec![[0.0, 60.0, 60.0]; 900], "radius_mm": 3.0,
        "change_per_cm2": 1.0});
    plan["strokes"] = vec![stroke; 12].into();
    client.file("longer.json", plan.to_string())
}

fn work() -> Vec<Work> {
    vec![
        Work {
            name: "plan set",
            prepare: copy_case,
            arguments: |client, disk| {
                args!["plan", "set", disk.join("client.scalp"), client.path("longer.json")].into()
            },
        },
        Work {
            name: "plan get",
            prepare: copy_case,
            arguments: |_, disk| args!["plan", "get", disk.join("client.scalp"), "-o", disk.join("plan.json")].into(),
        },
        Work {
            name: "new",
            prepare: |_, _| {},
            arguments: |client, disk| {
                let (front, case) = (client.view("front", &client.front()), disk.join("new.scalp"));
                args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", case].into()
            },
        },
        Work {
            name: "render",
            prepare: copy_case,
            arguments: |_, disk| {
                let case = disk.join("client.scalp");
                args!["render", case, "--layer", "before", "-o", disk.join("a.png")].into()
            },
        },
        Work {
            name: "rescue",
            prepare: copy_damaged_case,
            arguments: |_, disk| args!["rescue", disk.join("damaged.case"), "-o", disk.join("new.scalp")].into(),
        },
        Work {
            name: "photos",
            prepare: copy_case,
            arguments: |_, disk| args!["photos", disk.join("client.scalp"), "-o", disk.join("photos")].into(),
        },
    ]
}

/// Figures for RELIABILITY.md.
#[derive(Default)]
struct Tally {
    runs: usize,
    killed: usize,
    refused: usize,
    done: usize,
}

#[test]
fn whatever_call_fails_what_is_there_is_whole_and_what_is_said_is_true() {
    let client = Client::planned();
    longer_plan(&client);
    let errors = &ERRORS[..rounds(1, ERRORS.len())];
    for work in work() {
        let fresh = || {
            let disk = tempfile::tempdir().unwrap();
            (work.prepare)(&client, disk.path());
            disk
        };
        let disk = fresh();
        let before = seen(disk.path());
        let counted = client.path("count");
        let mut command = program(&(work.arguments)(&client, disk.path()));
        on_failing_disk(&mut command, disk.path(), 0, How::Once, 0);
        let clean = outcome(command.env("FAILING_DISK_COUNT", &counted));
        assert_eq!((clean.code, clean.errors.as_str()), (Some(0), ""), "{}", work.name);
        let calls: usize = fs::read_to_string(&counted).unwrap().parse().unwrap();
        let after = seen(disk.path());
        assert!(calls > 3 && after != before, "{}: {calls} calls change something", work.name);

        let mut tally = Tally::default();
        for at in 1..=calls {
            for how in EVERY_WAY {
                let kills = matches!(how, How::Before | How::After);
                for &error in if kills { &errors[..1] } else { errors } {
                    let place = format!("{}, call {at} of {calls}, {how:?}, error {error}", work.name);
                    let disk = fresh();
                    let arguments = (work.arguments)(&client, disk.path());
                    let mut command = program(&arguments);
                    on_failing_disk(&mut command, disk.path(), at, how, error);
                    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
                    let output = child.wait_with_output().unwrap();
                    let said = String::from_utf8(output.stderr).unwrap();
                    let now = seen(disk.path());
                    // Of several files each is there or not.
                    let each_whole = || now.iter().all(|(name, content)| after.get(name) == Some(content));
                    tally.runs += 1;
                    match output.status.code() {
                        Some(0) => {
                            assert!(now == after, "{place}: it says that it is done: {said}");
                            tally.done += 1;
                        }
                        Some(code) => {
                            assert!(now == before || (work.name == "photos" && each_whole()), "{place}: {said}");
                            // Beside that, what was written may not be noted.
                            let said_of_it =
                                said.lines().filter(|line| !line.contains("note: this is not noted")).count();
                            assert!(code == 3 && said_of_it == 1, "{place}: {code}: {said}");
                            assert!(!said.contains("internal error") && !said.contains("os error"), "{place}: {said}");
                            let empty =
                                |folder: PathBuf| fs::read_dir(folder).is_ok_and(|mut files| files.next().is_none());
                            let left = work.name == "photos" && how == How::Once && empty(disk.path().join("photos"));
                            assert!(!left, "{place}: an empty folder is left behind: {said}");
                            tally.refused += 1;
                        }
                        None => {
                            assert_eq!(output.status.signal(), Some(9), "{place}: {said}");
                            assert!(
                                now == before || now == after || (work.name == "photos" && each_whole()),
                                "{place}"
                            );
                            tally.killed += 1;
                        }
                    }
                    if !kills && how == How::Once {
                        assert!(!has_left_overs(disk.path()), "{place}: a file is left behind");
                    }
                    // On a sound disk work goes on, and nothing stays behind.
                    let again = program(&[&arguments[..], &args!["--force"]].concat()).output().unwrap();
                    if !matches!(work.name, "plan set" | "new") {
                        assert_eq!(again.status.code(), Some(0), "{place}: {}", String::from_utf8_lossy(&again.stderr));
                    } else {
                        let again = program(&arguments).output().unwrap();
                        let there = work.name == "new" && now == after;
                        assert_eq!(again.status.code(), Some(if there { 2 } else { 0 }), "{place}");
                    }
                    assert!(!has_left_overs(disk.path()), "{place}: a file is left behind");
                    assert!(seen(disk.path()) == after, "{place}");
                }
            }
        }
        println!(
            "{}: {calls} calls; {} runs: {} killed, {} refused, {} done",
            work.name, tally.runs, tally.killed, tally.refused, tally.done
        );
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// A whole session

/// What says to the session below which case it works on.
const SESSION: &str = "SCALP_STUDIO_TEST_SESSION";

/// Not a test by itself: a process that works on a case as the window does, and says each change once it is kept.
#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn session() {
    let Some(path) = std::env::var_os(SESSION).map(PathBuf::from) else { return };
    let mut case = Case::open(&path).unwrap();
    let photo = fs::read(path.with_file_name("photo.jpg")).unwrap();
    for number in 1.. {
        let mut document = case.document().clone();
        document.notes = format!("{number} {}", "x".repeat(number * 37 % 9_000));
        let say = |kept: bool, number: usize| println!("{} {number}", if kept { "kept" } else { "refused" });
        let kept = case.commit("Note", document).is_ok();
        say(kept, number);
        // What takes its own way through the file.
        match number % 7 {
            2 => drop(case.add_photo("extra", "extra.jpg", photo.clone(), &Limits::default())),
            4 => drop(case.document().views.iter().position(|view| view.name == "extra").map(|v| case.remove_view(v))),
            5 => drop(case.forget_history()),
            6 if kept => {
                let undone = case.undo().is_ok();
                say(undone, number - 1);
                if undone {
                    say(case.redo().is_ok(), number);
                }
            }
            _ => {}
        }
    }
}

/// A session until it ends by itself, or is killed after so many microseconds; gives the last change that it kept.
fn work_session(case: &Path, at: usize, how: How, kill_after_us: Option<u64>) -> (usize, bool) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = format!("{}::session", module_path!().split_once("::").unwrap().1);
    command.args(["--exact", &name, "--ignored", "--nocapture", "--test-threads=1"]).env(SESSION, case);
    on_failing_disk(&mut command, case.parent().unwrap(), at, how, ERRORS[0]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let id = child.id();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut last, mut refused) = (0, 0);
    let killer = kill_after_us.map(|us| {
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_micros(us));
            drop(Command::new("kill").args(["-9", &id.to_string()]).status());
        })
    });
    for line in lines.map_while(Result::ok) {
        // The harness writes the test's name before the first line.
        let mut words = line.split_whitespace().rev();
        let number = words.next().and_then(|word| word.parse().ok());
        match (words.next(), number) {
            (Some("kept"), Some(number)) => last = number,
            (Some("refused"), Some(_)) => refused += 1,
            _ => {}
        }
        if refused > 2 {
            break;
        }
    }
    drop(child.kill());
    child.wait().unwrap();
    drop(killer.map(std::thread::JoinHandle::join));
    (last, refused > 0)
}

/// The case opens, has every change that was said to be kept, and nothing lies beside it.
#[track_caller]
fn check_after(case: &Path, last: usize, killed: bool, place: &str) {
    done(&args!["plan", "get", case]);
    let open = Case::open(case).unwrap();
    assert_eq!(open.read_only_reason(), None, "{place}");
    let number: usize = open.document().notes.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0);
    // Whoever is killed may have kept the next change, or taken the last one back, before it could say so.
    let next = killed && (number == last + 1 || (last % 7 == 6 && number + 1 == last));
    assert!(number == last || next, "{place}: change {last} was kept, {number} is there");
    drop(open);
    let damaged = RescueReader::open(case).unwrap().parts().into_iter().find(|part| part.damage.is_some());
    assert_eq!(damaged, None, "{place}");
    assert!(!has_left_overs(case.parent().unwrap()), "{place}");
}

fn session_folder(client: &Client) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(client.front(), folder.path().join("photo.jpg")).unwrap();
    let case = folder.path().join("client.scalp");
    fs::copy(client.case(), &case).unwrap();
    (folder, case)
}

#[test]
fn a_session_that_is_killed_loses_nothing_that_it_has_kept() {
    let client = Client::planned();
    let mut state = 11_u32;
    let mut changes = 0;
    let rounds = rounds(25, 1000);
    for round in 0..rounds {
        let (_folder, case) = session_folder(&client);
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Half of them at a call, the others at a moment.
        let number = (state >> 8) as usize;
        let (last, _) = if round % 2 == 0 {
            let how = if number.is_multiple_of(2) { How::Before } else { How::After };
            work_session(&case, 1 + number / 2 % 600, how, None)
        } else {
            work_session(&case, 0, How::Once, Some(20_000 + number as u64 % 400_000))
        };
        check_after(&case, last, true, &format!("round {round}"));
        changes += last;
    }
    println!("{rounds} kills, {changes} changes kept, none lost");
}

#[test]
fn a_session_on_a_disk_that_breaks_says_what_is_kept() {
    let client = Client::planned();
    let (mut state, mut changes) = (5_u32, 0);
    let rounds = rounds(20, 500);
    for round in 0..rounds {
        let (_folder, case) = session_folder(&client);
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let at = 1 + (state >> 8) as usize % 400;
        let (last, refused) = work_session(&case, at, How::On, None);
        assert!(refused, "round {round}: a broken disk is noticed");
        check_after(&case, last, false, &format!("round {round}, call {at}"));
        changes += last;
    }
    println!("{rounds} broken disks, {changes} changes kept, none lost");
}
