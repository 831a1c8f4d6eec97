//! What is a client's is neither overwritten by a slip nor changed by what another case has left behind.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::args;
use crate::client::{
    Client, check_refusal, decoded, demo_in, done, outcome, program, refused, run, snapshot, unwritable, wrong,
    wrong_request,
};
use rusqlite::Connection;

const DOTS: &str = "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity\n9,9,2,2,0,0.5\n";

/// A case of another client.
fn other_case(client: &Client) -> PathBuf {
    let path = client.path("berta.scalp");
    let front = client.view("front", &client.front());
    done(&args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", path]);
    path
}

type Writes<'a> = Box<dyn Fn(&Path) -> Vec<OsString> + 'a>;

/// The commands that write a picture, quick ones.
fn pictures(client: &Client) -> Vec<Writes<'_>> {
    let dots = client.file("dots.csv", DOTS);
    vec![
        Box::new(|to| args!["render", client.case(), "--layer", "before", "-o", to].into()),
        Box::new(move |to| args!["composite", client.front(), "--splats", dots, "-o", to].into()),
        Box::new(|to| args!["diff", client.front(), client.front(), "-o", to].into()),
    ]
}

/// The commands that write a text.
fn texts(client: &Client) -> Vec<Writes<'_>> {
    let places = ["--view", "front", "--bare", "450,450", "--treated", "450,400", "--name", "House"];
    vec![
        Box::new(|to| args!["plan", "get", client.case(), "-o", to].into()),
        Box::new(move |to| {
            let mut arguments = args!["calibrate", client.case(), "-o", to].to_vec();
            arguments.extend(places.map(OsString::from));
            arguments
        }),
    ]
}

#[test]
fn nothing_but_an_earlier_result_is_replaced() {
    let client = Client::planned();
    let case = fs::read(other_case(&client)).unwrap();
    // Not the photo in the case, of which another test tells.
    let phone = [fs::read(client.front()).unwrap(), b"\0".to_vec()].concat();
    let drawing = {
        let path = client.path("drawing.png");
        image::RgbImage::from_pixel(8, 8, image::Rgb([9; 3])).save(&path).unwrap();
        fs::read(path).unwrap()
    };
    let plan = client.plan().to_string().into_bytes();
    let letter = b"Dear client".to_vec();
    let says = |content: &[u8]| if content.starts_with(b"SQLite") { "there is a case" } else { "not written" };
    for writes in pictures(&client) {
        for content in [&case, &phone, &drawing, &plan, &letter, &Vec::new()] {
            let there = client.file("there.png", content);
            refused(client.root(), &writes(&there), &wrong(&there, says(content)));
            refused(client.root(), &writes(&there), &wrong(&there, "--force"));
        }
    }
    for (writes, name) in texts(&client).into_iter().zip(["there.json", "there.toml"]) {
        for content in [&case, &phone, &drawing, &letter, &b"{}".to_vec(), &Vec::new()] {
            let there = client.file(name, content);
            refused(client.root(), &writes(&there), &wrong(&there, says(content)));
        }
        // Whatever it is called.
        let berta = client.path("berta.scalp");
        refused(client.root(), &writes(&berta), &wrong(&berta, "there is a case"));
    }
    // Nor without -o, beside the case.
    let beside = client.file("client-front.jpg", &phone);
    refused(client.root(), &args!["render", client.case(), "--layer", "before"], &wrong(&beside, "--force"));
}

#[test]
fn earlier_results_are_replaced_every_day_and_others_when_told() {
    let client = Client::planned();
    for name in ["there.jpg", "there.png", "there.webp", "there.tif"] {
        let there = client.path(name);
        for (index, writes) in pictures(&client).iter().enumerate() {
            for _ in 0..2 {
                assert_eq!(run(&writes(&there)).code, Some(0), "{name} {index}");
            }
            decoded(&there);
        }
        fs::write(&there, "Dear client").unwrap();
        let mut forced = pictures(&client)[0](&there);
        forced.push("--force".into());
        done(&forced);
        decoded(&there);
    }
    let plan = client.path("plan.json");
    let get = args!["plan", "get", client.case(), "-o", plan];
    done(&get);
    let first = fs::read(&plan).unwrap();
    done(&get);
    assert!(fs::read(&plan).unwrap() == first);
    // What somebody has changed since is theirs.
    #[cfg(feature = "studio")]
    {
        let edited = String::from_utf8(first.clone()).unwrap().replacen("\"seed\": 1", "\"seed\": 2", 1);
        fs::write(&plan, edited).unwrap();
        refused(client.root(), &get, &wrong(&plan, "was changed since"));
        let mut forced = get.to_vec();
        forced.push("--force".into());
        done(&forced);
        assert!(fs::read(&plan).unwrap() == first);
    }
    let berta = other_case(&client);
    done(&args!["plan", "get", client.case(), "-o", berta, "--force"]);
    assert!(fs::read(&berta).unwrap() == first);
}

/// A picture of this program can be a client's photo, too.
#[test]
fn a_photo_that_the_case_holds_is_kept_also_where_this_program_made_it() {
    let client = Client::planned();
    let photo = client.path("cropped.png");
    done(&args!["render", client.case(), "--layer", "before", "-o", photo]);
    let case = client.path("cropped.scalp");
    let front = client.view("front", &photo);
    done(&args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", case]);
    let render = args!["render", case, "--layer", "before", "-o", photo];
    refused(client.root(), &render, &wrong(&photo, "a photo of the case"));
    let front = client.front();
    let render = args!["render", client.case(), "--layer", "before", "-o", front];
    refused(client.root(), &render, &wrong(&front, "a photo of the case"));
    let copy = client.path("copy.png");
    fs::copy(&photo, &copy).unwrap();
    refused(
        client.root(),
        &args!["render", case, "--layer", "before", "-o", copy],
        &wrong(&copy, "a photo of the case"),
    );
    done(&args!["render", client.case(), "--view", "left", "--layer", "before", "-o", photo]);
}

#[test]
fn an_input_is_replaced_only_when_told() {
    let client = Client::unplanned();
    let dots = client.file("dots.csv", DOTS);
    let picture = client.path("a.png");
    done(&args!["composite", client.front(), "--splats", dots, "-o", picture]);
    // An earlier result, but here an input.
    let composite = args!["composite", picture, "--splats", dots, "-o", picture];
    refused(client.root(), &composite, &wrong(&picture, "the output would replace the input"));
    let diff = args!["diff", client.front(), picture, "-o", picture];
    refused(client.root(), &diff, &wrong(&picture, "the output would replace the input"));
    done(&[&composite[..], &args!["--force"]].concat());
}

#[test]
fn the_demo_replaces_only_what_it_has_made() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("demo");
    demo_in(&target);
    done(&args!["demo", target]);
    let sample = target.join("sample.scalp");
    let plan = target.join("plan.json");
    let mut changed: serde_json::Value = serde_json::from_str(&done(&args!["plan", "get", sample])).unwrap();
    let first = changed.to_string();
    changed["seed"] = 77.into();
    // Changed, and changed back: somebody works on it.
    for text in [changed.to_string(), first] {
        fs::write(&plan, text).unwrap();
        done(&args!["plan", "set", sample, plan]);
        refused(folder.path(), &args!["demo", target], &wrong(&sample, "not the sample case as it was made"));
    }
    done(&args!["demo", target, "--force"]);
    assert!(done(&args!["plan", "get", sample]).len() > 100);

    let photo = target.join("front-0-before.jpg");
    fs::write(&photo, fs::read(Client::unplanned().front()).unwrap()).unwrap();
    fs::remove_file(&sample).unwrap();
    refused(folder.path(), &args!["demo", target], &wrong(&photo, "--force"));
}

#[test]
fn a_hyphen_is_standard_output() {
    let client = Client::planned();
    let case = client.case();
    assert_eq!(done(&args!["plan", "get", case, "-o", "-"]), done(&args!["plan", "get", case]));
    let file = client.path("a.png");
    let dots = client.file("dots.csv", DOTS);
    let piped = |arguments: &[OsString]| {
        let done = program(arguments).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{arguments:?}");
        (done.stdout, String::from_utf8(done.stderr).unwrap())
    };
    for to_file in [
        args!["render", case, "--layer", "before", "-o", file].to_vec(),
        args!["composite", client.front(), "--splats", dots, "-o", file].to_vec(),
    ] {
        done(&to_file);
        let to_pipe = [&to_file[..to_file.len() - 1], &args!["-"]].concat();
        let (picture, said) = piped(&to_pipe);
        assert!(picture == fs::read(&file).unwrap(), "{to_file:?}");
        assert_eq!(said, "");
    }
    let (picture, said) = piped(&args!["diff", client.front(), client.front(), "-o", "-"]);
    assert!(picture.starts_with(b"\x89PNG") && picture.ends_with(b"IEND\xaeB`\x82"));
    assert!(said.contains("dE2000 mean"), "{said}");
    let front = client.view("front", &client.front());
    let new = args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", "-"];
    refused(client.root(), &new, &wrong_request("a case is a file"));
    assert!(!Path::new("-").exists());
}

#[test]
fn a_journal_that_another_client_left_changes_nothing() {
    let client = Client::planned();
    let berta = other_case(&client);
    let before = fs::read(&berta).unwrap();
    let plan = done(&args!["plan", "get", berta]);
    // The program is killed in the middle of a change of the first client's case.
    let connection = Connection::open(client.case()).unwrap();
    connection.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").unwrap();
    connection.execute("UPDATE document SET revision = revision + 1, json = ?1", ["x".repeat(300_000)]).unwrap();
    let journal = fs::read(client.path("client.scalp-journal")).unwrap();
    connection.execute_batch("ROLLBACK").unwrap();
    fs::write(client.path("berta.scalp-journal"), &journal).unwrap();

    let first = run(&args!["plan", "get", berta]);
    assert_eq!((first.code, first.output), (Some(0), plan));
    assert_eq!(first.errors.lines().count(), 1, "{}", first.errors);
    let line = first.errors.trim_end();
    assert!(line.starts_with("scalp-studio: note: a journal that is not this case's own"), "{line}");
    assert!(line.contains("berta.scalp-journal-left-over") && line.ends_with("berta.scalp"), "{line}");
    assert!(fs::read(&berta).unwrap() == before);
    assert!(!client.path("berta.scalp-journal").exists());
    assert!(fs::read(client.path("berta.scalp-journal-left-over")).unwrap() == journal);
    done(&args!["plan", "get", berta]);
}

/// The program itself, killed at any moment of a change: the case has the one plan or the other, and nothing is left.
#[test]
fn a_killed_program_leaves_the_plan_before_or_after() {
    let client = Client::planned();
    let case = client.case();
    let plans = [1, 20].map(|strokes| {
        let mut plan = client.plan();
        let stroke = serde_json::json!({"part": "cranium", "points": vec![[0.0, 60.0, 60.0]; 900], "radius_mm": 3.0,
            "change_per_cm2": 1.0});
        plan["strokes"] = vec![stroke; strokes].into();
        client.file(&format!("{strokes}.json"), plan.to_string())
    });
    let texts = plans.clone().map(|plan| {
        done(&args!["plan", "set", case, plan]);
        done(&args!["plan", "get", case])
    });
    let mut state = 7_u32;
    for round in 0..40 {
        let mut setting = program(&args!["plan", "set", case, plans[round % 2]])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        std::thread::sleep(std::time::Duration::from_micros(u64::from(state >> 16)));
        // It may be done already.
        drop(setting.kill());
        setting.wait().unwrap();
        let read = outcome(&mut program(&args!["plan", "get", case]));
        assert_eq!((read.code, read.errors.as_str()), (Some(0), ""), "round {round}");
        assert!(texts.contains(&read.output), "round {round}");
        assert!(!client.path("client.scalp-journal").exists(), "round {round}");
    }
}

#[test]
fn damage_is_named_and_what_is_whole_is_brought_over() {
    let client = Client::planned();
    let whole = done(&args!["verify", client.case()]);
    assert!(whole.lines().all(|line| line.ends_with(": whole")) && whole.contains("photo "), "{whole}");

    let damaged = client.path("damaged.scalp");
    let mut bytes = fs::read(client.case()).unwrap();
    // In the midst of a page: its first bytes lead to the next one.
    let at = bytes.len() / 2 / 4096 * 4096 + 100;
    bytes[at] ^= 1;
    fs::write(&damaged, bytes).unwrap();
    let verified = run(&args!["verify", damaged, "--json"]);
    assert_eq!(verified.code, Some(1), "{}", verified.errors);
    let parts: Vec<serde_json::Value> = serde_json::from_str(&verified.output).unwrap();
    let damages = parts.iter().filter(|part| !part["damage"].is_null()).count();
    assert!((1..parts.len()).contains(&damages), "{}", verified.output);

    let new = client.path("new.scalp");
    refused(client.root(), &args!["rescue", damaged, "-o", damaged], &wrong(&damaged, "another name"));
    let rescued = done(&args!["rescue", damaged, "-o", new]);
    let says = |begin: &str, end: &str| rescued.lines().any(|line| line.starts_with(begin) && line.ends_with(end));
    assert!(says("recovered: the plan", "") && says("recovered: photo ", " (damaged)"), "{rescued}");
    assert!(says("lost: photo ", " as it was added"), "{rescued}");
    assert_eq!(done(&args!["plan", "get", new]), done(&args!["plan", "get", client.case()]));
    refused(client.root(), &args!["rescue", damaged, "-o", new], &wrong(&new, "already exists"));
}

#[test]
fn photos_are_handed_out_as_they_were_added() {
    let client = Client::planned();
    let folder = client.path("originals");
    done(&args!["photos", client.case(), "-o", folder]);
    let front = client.front();
    let name = front.file_name().unwrap();
    assert!(fs::read(folder.join(name)).unwrap() == fs::read(client.front()).unwrap());
    let again = run(&args!["photos", client.case(), "-o", folder]);
    assert_eq!(again.code, Some(2), "{}", again.errors);
    done(&args!["photos", client.case(), "-o", folder, "--force"]);
    let trail = done(&args!["trail", client.case()]);
    assert!(trail.contains("Hand out ") && trail.contains("originals"), "{trail}");
}

/// The case with a wrong bit in the second photo.
fn with_a_damaged_photo(client: &Client) -> PathBuf {
    let photo = fs::read(client.path("left.png")).unwrap();
    let mut bytes = fs::read(client.case()).unwrap();
    let piece = &photo[photo.len() / 2..photo.len() / 2 + 64];
    let at = bytes.windows(64).position(|window| window == piece).unwrap();
    bytes[at] ^= 1;
    client.file("damaged.scalp", bytes)
}

/// It is handed out under a name that says what it is, and a case that takes no note says so.
#[test]
fn damaged_photos_are_handed_out_too_and_what_cannot_be_noted_is_said() {
    let client = Client::planned();
    let (damaged, folder) = (with_a_damaged_photo(&client), client.path("originals"));
    let outcome = run(&args!["photos", damaged, "-o", folder]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.errors);
    assert_eq!(outcome.errors.lines().count(), 1, "{}", outcome.errors);
    assert!(outcome.errors.contains("damaged: left-damaged.png (it is not as it was added)"), "{}", outcome.errors);
    let (sound, other) =
        (fs::read(client.path("left.png")).unwrap(), fs::read(folder.join("left-damaged.png")).unwrap());
    assert_eq!(sound.iter().zip(&other).filter(|(one, other)| one != other).count(), 1);
    assert!(!folder.join("left.png").exists() && folder.join("front.jpg").exists());
    let trail = run(&args!["trail", damaged]).output;
    assert!(trail.contains("Hand out 2 original photos, to "), "{trail}");

    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library/versions/version-3.scalp");
    let old = client.file("old.scalp", fs::read(frozen).unwrap());
    for arguments in [
        args!["photos", old, "-o", client.path("of old")].to_vec(),
        args!["render", old, "--layer", "before", "-o", client.path("old.png")].to_vec(),
    ] {
        let outcome = run(&arguments);
        assert_eq!((outcome.code, outcome.errors.lines().count()), (Some(0), 1), "{}", outcome.errors);
        assert!(
            outcome.errors.contains("is not noted in the case, since it is of an older format"),
            "{}",
            outcome.errors
        );
    }
    // A plan that cannot be read: the photos can be had, and nothing can be noted.
    let mut bytes = fs::read(client.case()).unwrap();
    let at = bytes.windows(8).position(|window| window == b"\"format\"").unwrap();
    bytes[at + 1] = b'x';
    let broken = client.file("broken.scalp", bytes);
    let outcome = run(&args!["photos", broken, "-o", client.path("of broken")]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    assert!(outcome.errors.starts_with("scalp-studio: note: this is not noted in the case"), "{}", outcome.errors);
}

/// What was written before something failed has left the case all the same.
#[test]
fn what_was_written_is_noted_even_if_more_was_to_come() {
    let client = Client::planned();
    let damaged = with_a_damaged_photo(&client);
    let noted = |arguments: &[OsString], what: &str| {
        let before = done(&args!["trail", damaged]);
        assert_eq!(run(arguments).code, Some(2), "{arguments:?}");
        let after = done(&args!["trail", damaged]);
        assert!(after.starts_with(&before) && after[before.len()..].contains(what), "{arguments:?}: {after}");
    };
    let folder = client.path("pictures");
    noted(
        &args!["render", damaged, "--view", "all", "--layer", "before", "-o", folder],
        "Export photo front for record",
    );
    assert!(folder.join("damaged-front.jpg").exists());
    noted(&args!["export", damaged, "images", "-o", folder], "Export images for record, to ");
    assert!(done(&args!["trail", damaged]).contains(", ended after 2 pictures"));
    assert!(folder.join("front-healed.jpg").exists());
    let originals = client.path("originals");
    fs::create_dir(&originals).unwrap();
    fs::write(originals.join("left-damaged.png"), "something else").unwrap();
    noted(&args!["photos", damaged, "-o", originals], "Hand out 1 original photo, to ");
    // Nothing was written: nothing is noted.
    let before = done(&args!["trail", damaged]);
    assert_eq!(run(&args!["photos", damaged, "-o", originals]).code, Some(2));
    assert_eq!(run(&args!["render", damaged, "--view", "left", "-o", client.path("left-a.png")]).code, Some(2));
    assert_eq!(done(&args!["trail", damaged]), before);
}

/// The states that the studio has kept, listed and restored without it; and the end of a case.
#[cfg(feature = "studio")]
#[test]
fn an_earlier_state_is_restored_and_a_client_deleted() {
    let client = Client::planned();
    let (case, folder, new) = (client.case(), client.path("states"), client.path("new.scalp"));
    let states = scalp_studio::case::earlier::EarlierStates::in_folder(folder.clone());
    states.keep(&case, "2026-11-30 09:15").unwrap();
    let before = done(&args!["plan", "get", case]);
    let plan = client.file("plan.json", before.replacen("\"seed\": 1", "\"seed\": 2", 1));
    done(&args!["plan", "set", case, plan]);
    assert_ne!(done(&args!["plan", "get", case]), before);

    let listed = done(&args!["earlier", case, "--folder", folder]);
    assert!(
        listed.starts_with("1: 2026-11-30 09:15, 2 photos, ") && listed.trim_end().ends_with("client.scalp"),
        "{listed}"
    );
    let listed: serde_json::Value =
        serde_json::from_str(&done(&args!["earlier", "--folder", folder, "--json"])).unwrap();
    assert_eq!(listed[0]["number"], 1);
    done(&args!["restore", "1", "-o", new, "--folder", folder]);
    assert_eq!(done(&args!["plan", "get", new]), before);
    let trail = done(&args!["trail", new]);
    assert!(
        trail.contains(": Create case\n") && trail.contains(": Restore the state of 2026-11-30 09:15, of "),
        "{trail}"
    );
    refused(client.root(), &args!["restore", "1", "-o", case, "--folder", folder], &wrong(&case, "already exists"));
    refused(
        client.root(),
        &args!["restore", "7", "-o", "x", "--folder", folder],
        &wrong_request("there is no earlier state 7"),
    );

    refused(client.root(), &args!["delete", case, "--folder", folder], &wrong(&case, "add --yes"));
    let front = client.front();
    refused(
        client.root(),
        &args!["delete", front, "--yes", "--folder", folder],
        &wrong(&front, "not a Scalp Studio case"),
    );
    client.file("client.scalp-journal-left-over", "of the client");
    let said = done(&args!["delete", case, "--yes", "--folder", folder]);
    assert!(said.contains("deleted, with 1 earlier state") && said.contains("cloud"), "{said}");
    assert!(!case.exists() && !client.path("client.scalp-journal-left-over").exists() && new.exists());
    assert_eq!(states.all(), []);
}

/// What makes the next run faster changes no picture, even if damaged, and is gone with any client.
#[cfg(all(feature = "studio", target_os = "linux"))]
#[test]
fn follicles_are_kept_for_the_next_run_and_removed_with_a_client() {
    let client = Client::planned();
    let (case, cache) = (client.case(), client.path("cache"));
    let with_cache = |arguments: &[OsString]| outcome(program(arguments).env("XDG_CACHE_HOME", &cache));
    let kept =
        || fs::read_dir(cache.join("scalpstudio/follicles")).unwrap().map(|f| f.unwrap().path()).collect::<Vec<_>>();
    let picture = |name: &str| {
        let path = client.path(name);
        assert_eq!(with_cache(&args!["render", case, "--view", "front", "-o", path]).code, Some(0));
        fs::read(path).unwrap()
    };
    let first = picture("a.png");
    let [file] = &kept()[..] else { panic!("{:?}", kept()) };
    let sound = fs::read(file).unwrap();
    assert!(picture("b.png") == first);
    for damaged in [&sound[..sound.len() / 2], b"", b"something else"] {
        fs::write(file, damaged).unwrap();
        assert!(picture("c.png") == first);
        assert!(fs::read(file).unwrap() == sound, "made again");
    }
    let states = client.path("states");
    assert_eq!(with_cache(&args!["delete", case, "--yes", "--folder", states]).code, Some(0));
    assert_eq!(kept(), Vec::<PathBuf>::new());
}

/// Names come from anybody: they neither control the terminal nor pass for lines of the program.
#[cfg(unix)]
#[test]
fn names_are_shown_on_one_line_and_without_control_characters() {
    let client = Client::planned();
    let harmful = |text: &str| text.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}'));
    let name = "Crown\u{1b}]0;title\u{7}\u{9b}2J\u{202e}\nview front: 9.99";
    let mut plan = client.plan();
    plan["areas"][0]["name"] = name.into();
    done(&args!["plan", "set", client.case(), client.file("plan.json", plan.to_string())]);
    let said = done(&args!["info", client.case()]);
    assert!(!harmful(&said), "{said:?}");
    assert_eq!(said.lines().filter(|line| line.starts_with("view front")).count(), 1, "{said}");
    assert!(said.contains("Crown\\u001b]0;title\\u0007\\u009b2J\\u202e\\u000aview front"), "{said}");
    // For programs it is what it was.
    let json = done(&args!["info", client.case(), "--json"]);
    assert!(!harmful(&json), "{json:?}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["areas"][0]["name"], name);
    assert_eq!(client.plan()["areas"][0]["name"], name);

    let photo = client.file("a\u{1b}[31m\nphoto top.jpg: whole.jpg", fs::read(client.front()).unwrap());
    let (front, case) = (client.view("front", &photo), client.path("new.scalp"));
    done(&args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", case]);
    for said in [
        done(&args!["verify", case]),
        done(&args!["rescue", case, "-o", client.path("rescued.scalp")]),
        run(&args!["info", client.path("no\u{1b}[31m\u{202e}such.scalp")]).errors,
        run(&args!["new", "--verbose", "--photo", front, "-o", client.path("third.scalp")]).errors,
    ] {
        assert!(!harmful(&said), "{said:?}");
    }
}

/// An export from a case that takes no notes is made, and said not to be noted.
#[test]
fn an_export_that_is_not_noted_is_said_to_be() {
    let client = Client::planned();
    let (case, passphrase) = (client.case(), client.file("passphrase", "open sesame"));
    // Under a passphrase, the file's own protection counts, also for somebody who may do everything.
    done(&args!["lock", case, "--new-passphrase-file", passphrase]);
    let mut permissions = fs::metadata(&case).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&case, permissions).unwrap();
    let picture = client.path("a.png");
    for arguments in [
        args!["render", case, "--layer", "before", "-o", picture, "--passphrase-file", passphrase].to_vec(),
        args!["export", case, "template", "-o", client.path("a.svg"), "--passphrase-file", passphrase].to_vec(),
    ] {
        let outcome = run(&arguments);
        assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
        let note = "scalp-studio: note: the export is not noted in the case, since the file is write-protected: ";
        assert_eq!(outcome.errors.trim_end(), format!("{note}{}", case.display()));
    }
    decoded(&picture);
}

/// Pictures are made only for what the client has consented to, and the case says which were made.
#[test]
fn exports_heed_consent_and_are_noted() {
    let client = Client::planned();
    let (case, picture) = (client.case(), client.path("a.png"));
    let render = |more: &[&str]| {
        let mut arguments = args!["render", case, "--layer", "before", "-o", picture].to_vec();
        arguments.extend(more.iter().map(OsString::from));
        arguments
    };
    done(&render(&[]));
    let no = wrong(&case, "the client's consent to marketing is not recorded");
    refused(client.root(), &render(&["--for", "marketing"]), &no);
    let said = done(&args!["consent", case, "--view", "front", "--give", "marketing", "--date", "2025-11-30"]);
    assert_eq!(said, "front: record not recorded, teaching not recorded, marketing given on 2025-11-30\n");
    refused(
        client.root(),
        &args!["consent", case, "--give", "teaching", "--revoke", "teaching"],
        &wrong(&case, "'teaching' cannot be given and revoked at once"),
    );
    done(&render(&["--for", "marketing"]));
    refused(client.root(), &render(&["--for", "marketing", "--view", "left"]), &no);
    done(&args!["consent", case, "--revoke", "marketing", "--revoke", "record", "--date", "2025-12-24"]);
    for purpose in ["marketing", "record"] {
        let no = format!("consent to {purpose} was revoked on 2025-12-24");
        refused(client.root(), &render(&["--for", purpose]), &wrong(&case, &no));
    }
    let trail: serde_json::Value = serde_json::from_str(&done(&args!["trail", case, "--json"])).unwrap();
    let what: Vec<&str> = trail.as_array().unwrap().iter().map(|entry| entry["what"].as_str().unwrap()).collect();
    let exports: Vec<&&str> = what.iter().filter(|what| what.starts_with("Export")).collect();
    assert_eq!(exports.len(), 2, "{what:?}");
    assert!(exports[0].starts_with("Export photo front for record, to ") && exports[1].contains("for marketing"));
    assert!(what.contains(&"Revoke consent to record of photo left"), "{what:?}");
    let listed = done(&args!["trail", case]);
    assert!(listed.lines().count() == what.len() && listed.contains("T"), "{listed}");
}

#[test]
fn a_case_under_a_passphrase_works_as_any_other_with_it() {
    let client = Client::planned();
    let case = client.case();
    let plan = done(&args!["plan", "get", case]);
    let (first, second) = (client.file("first", "open sesame\nsecond line"), client.file("second", "another\n"));
    done(&args!["lock", case, "--new-passphrase-file", first]);
    refused(client.root(), &args!["plan", "get", case], &wrong(&case, "is locked"));
    refused(client.root(), &args!["plan", "get", case, "--passphrase-file", second], &wrong(&case, "wrong passphrase"));
    refused(
        client.root(),
        &args!["plan", "get", client.front(), "-o", case],
        &wrong(&client.front(), "not a Scalp Studio case"),
    );
    let with = |arguments: &[OsString]| [arguments, &args!["--passphrase-file", first]].concat();
    assert_eq!(done(&with(&args!["plan", "get", case])), plan);
    let picture = client.path("a.png");
    done(&with(&args!["render", case, "--layer", "before", "-o", picture]));
    decoded(&picture);
    let changed = client.file("plan.json", plan.replacen("\"seed\": 1", "\"seed\": 2", 1));
    done(&with(&args!["plan", "set", case, changed]));
    assert!(done(&with(&args!["trail", case])).contains("Export photo front for record"));
    assert!(done(&with(&args!["verify", case])).lines().all(|line| line.ends_with(": whole")));
    done(&[&with(&args!["lock", case])[..], &args!["--new-passphrase-file", second]].concat());
    done(&args!["unlock", case, "--passphrase-file", second]);
    assert!(done(&args!["plan", "get", case]).contains("\"seed\": 2"));
    refused(client.root(), &args!["unlock", case], &wrong(&case, "under no passphrase"));
}

/// Whoever has a case open changes it alone, and others are told who that is.
#[test]
fn a_case_that_is_open_elsewhere_is_read_and_not_changed() {
    let client = Client::planned();
    let case = client.case();
    let plan = client.file("plan.json", client.plan().to_string());
    let passphrase = client.file("passphrase", "open sesame");
    let name = scalp_studio::ground::station::name();
    let open = scalp_studio::case::Case::open(&case).unwrap().held(false);
    assert!(open.owner().is_none() && client.path(".client.scalp.open").is_file());
    let says = format!("{name} has it open (since ");
    let no = unwritable(&case, &says);
    let changing = [
        args!["plan", "set", case, plan].to_vec(),
        args!["consent", case, "--give", "record"].to_vec(),
        args!["lock", case, "--new-passphrase-file", passphrase].to_vec(),
        args!["unlock", case].to_vec(),
        args!["read-back", case, "--photo", client.front()].to_vec(),
        args!["check", case, "--apply", "low-line"].to_vec(),
        args!["match", case, "--view", "front", "--at", "450,300", "--apply"].to_vec(),
        args![
            "calibrate",
            case,
            "--view",
            "front",
            "--bare",
            "450,500",
            "--treated",
            "450,300",
            "--name",
            "x",
            "--apply"
        ]
        .to_vec(),
        args!["delete", case, "--yes", "--folder", client.path("states")].to_vec(),
        args!["rescue", other_case(&client), "-o", case, "--force"].to_vec(),
    ];
    // All at once, as each waits for a while.
    let before = snapshot(client.root());
    let outcomes = std::thread::scope(|scope| {
        let running = changing.each_ref().map(|arguments| scope.spawn(|| run(arguments)));
        running.map(|running| running.join().unwrap())
    });
    for (outcome, arguments) in outcomes.iter().zip(&changing) {
        check_refusal(outcome, arguments, &no);
    }
    assert!(before == snapshot(client.root()), "one of them changed something");
    // Everything that only looks.
    done(&args!["info", case]);
    done(&args!["plan", "get", case]);
    done(&args!["verify", case]);
    done(&args!["consent", case]);
    done(&args!["rescue", case, "-o", client.path("copy.scalp")]);
    // A picture is one, and noted as ever.
    done(&args!["render", case, "--layer", "before", "-o", client.path("a.png")]);
    assert!(done(&args!["trail", case]).contains("Export photo front"));
    drop(open);
    done(&args!["plan", "set", case, plan]);
    done(&args!["consent", case, "--give", "record"]);
    assert!(!client.path(".client.scalp.open").exists(), "nothing is left beside the case");
}

/// Two commands at once, one after the other: the second waits for a moment.
#[test]
fn a_command_waits_for_another_one() {
    let client = Client::planned();
    let case = client.case();
    let plan = client.file("plan.json", client.plan().to_string());
    let open = scalp_studio::case::Case::open(&case).unwrap().held(false);
    let mut waiting = program(&args!["plan", "set", case, plan]).stderr(Stdio::piped()).spawn().unwrap();
    // Long enough for it to begin, and shorter than it waits; whichever comes first, it is done.
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(open);
    assert!(waiting.wait().unwrap().success());
    assert!(!client.path(".client.scalp.open").exists());
}

/// A program that was killed holds nothing; another computer's word counts, also where its lock does not reach.
#[test]
fn what_a_killed_program_left_is_removed_and_another_computers_word_counts() {
    let client = Client::planned();
    let case = client.case();
    let plan = client.file("plan.json", client.plan().to_string());
    let name = scalp_studio::ground::station::name();
    for left in [format!(r#"{{"user": "anna", "station": "{name}", "since": "x"}}"#), String::new(), "{".repeat(9999)] {
        let place = client.file(".client.scalp.open", &left);
        done(&args!["plan", "set", case, plan]);
        assert!(!place.exists(), "{left}");
    }
    let place = client.file(".client.scalp.open", r#"{"user": "anna", "station": "no-such-computer"}"#);
    let no = unwritable(&case, "anna at no-such-computer has it open, or was switched off with it open");
    refused(client.root(), &args!["plan", "set", case, plan], &no);
    fs::remove_file(place).unwrap();
    done(&args!["plan", "set", case, plan]);
}

/// Under a passphrase each change writes the whole file, so not even a note is made while somebody has it open.
#[test]
fn a_case_under_a_passphrase_that_is_open_elsewhere_is_not_touched() {
    let client = Client::planned();
    let case = client.case();
    let passphrase = client.file("passphrase", "open sesame");
    done(&args!["lock", case, "--new-passphrase-file", passphrase]);
    let words = scalp_studio::case::lock::Passphrase::new("open sesame".to_owned());
    let mut open = scalp_studio::case::Case::open_under(&case, &words).unwrap().held(false);
    let before = fs::read(&case).unwrap();
    let picture = client.path("a.png");
    let outcome = run(&args!["render", case, "--layer", "before", "-o", picture, "--passphrase-file", passphrase]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    assert!(
        outcome.errors.contains("not noted in the case") && outcome.errors.contains("has it open"),
        "{}",
        outcome.errors
    );
    assert!(fs::read(&case).unwrap() == before);
    decoded(&picture);
    let plan = open.plan(None).unwrap().clone();
    open.set_plan(None, plan).unwrap();
    drop(open);
    assert!(!client.path(".client.scalp.open").exists());
}
