//! What the command line says to wrong input and to a disk that cannot be written: one line, the path last, an exit
//! sample value that scripts can rely on, and nothing made or changed.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use crate::args;
use crate::client::{
    Client, check_refusal, done, front_points, outcome, refused, run, run_with_input, snapshot, unwritable, wrong,
    wrong_request,
};
use rusqlite::Connection;
use serde_json::{Value as Json, json};

/// A PNG that says it has this size and holds nothing.
fn png_of_claimed_size(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let crc = header.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0d".as_slice(), &header, &(!crc).to_be_bytes(), b"\0\0\0\0IDAT"].concat()
}

/// `new` with one photo.
fn new_with(client: &Client, photo: &Path) -> Vec<OsString> {
    let front = client.view("front", photo);
    args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", client.path("other.scalp")].into()
}

#[test]
fn photos_that_are_none() {
    let client = Client::unplanned();
    let whole = fs::read(client.front()).unwrap();
    let dots = client.file("dots.csv", "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity\n9,9,2,2,0,0.5\n");
    fs::create_dir(client.path("folder.jpg")).unwrap();
    for (name, content, says) in [
        ("cut.jpg", Some(whole[..whole.len() / 2].to_vec()), "incomplete"),
        ("header.jpg", Some(whole[..200].to_vec()), "photo"),
        ("empty.jpg", Some(Vec::new()), "empty"),
        ("text.jpg", Some(b"Dear client, the photo follows by post.".to_vec()), "not a photo"),
        ("picture.gif", Some(b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()), "not a photo"),
        ("bomb.png", Some(png_of_claimed_size(30_000, 30_000)), "30000 x 30000"),
        ("none.png", Some(png_of_claimed_size(0, 7)), "damaged"),
        ("missing.jpg", None, "no such file"),
        ("folder.jpg", None, "folder"),
    ] {
        let path = client.path(name);
        content.into_iter().for_each(|content| fs::write(&path, content).unwrap());
        refused(client.root(), &new_with(&client, &path), &wrong(&path, says));
        let composite = args!["composite", path, "--splats", dots, "-o", client.path("out.png")];
        refused(client.root(), &composite, &wrong(&path, says));
    }
    // The content decides, not the name.
    let disguised = client.file("really-a-jpeg.png", &whole);
    done(&args!["composite", disguised, "--splats", dots, "-o", client.path("out.png")]);

    let mut little = new_with(&client, &client.front());
    little.extend(args!["--max-megapixels", "1"]);
    refused(client.root(), &little, &wrong(&client.front(), "the limit is 1 megapixels"));
    let mut little = new_with(&client, &client.front());
    little.extend(args!["--max-decode-mib", "1"]);
    refused(client.root(), &little, &wrong(&client.front(), "more than 1 MiB"));
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_no_photos() {
    let client = Client::unplanned();
    refused(client.root(), &new_with(&client, Path::new("/dev/zero")), &wrong(Path::new("/dev/zero"), "not a file"));
    let case = args!["info", "/dev/zero"];
    refused(client.root(), &case, &wrong(Path::new("/dev/zero"), "not a file"));
    let dots = args!["composite", client.front(), "--splats", "/dev/zero", "-o", client.path("out.png")];
    refused(client.root(), &dots, &wrong(Path::new("/dev/zero"), "no end"));
    // A pipe that begins well and never ends.
    let header = client.file("header.csv", "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity\n");
    let program = env!("CARGO_BIN_EXE_scalp-studio");
    let command = "cat \"$1\" /dev/zero | \"$0\" composite \"$2\" --splats /dev/stdin -o \"$3\"";
    let mut piped = std::process::Command::new("sh");
    piped.args(["-c", command, program]).arg(header).arg(client.front()).arg(client.path("out.png"));
    let outcome = crate::client::outcome(&mut piped);
    assert_eq!(outcome.code, Some(2), "{}", outcome.errors);
    assert!(outcome.errors.contains("no end"), "{}", outcome.errors);
}

#[test]
fn plans_that_are_wrong_in_one_field() {
    let client = Client::planned();
    let good = client.plan();
    let changed = |change: &dyn Fn(&mut Json)| {
        let mut plan = good.clone();
        change(&mut plan);
        plan.to_string()
    };
    let with_text = |old: &str, new: &str| {
        let text = good.to_string();
        assert!(text.contains(old), "{text}");
        text.replacen(old, new, 1)
    };
    let density = format!("\"density_per_cm2\":{}", good["areas"][0]["density_per_cm2"]);
    let cases: Vec<(String, &str)> = vec![
        (changed(&|p| drop(p.as_object_mut().unwrap().remove("seed"))), "JSON: missing field `seed`"),
        (
            changed(&|p| drop(p["areas"][0].as_object_mut().unwrap().remove("feather_mm"))),
            "areas[0]: missing field `feather_mm`",
        ),
        (changed(&|p| p["areas"][0]["colour"] = json!("brown")), "areas[0].colour"),
        (changed(&|p| p["hairline"]["edge"]["frizz"] = json!(1)), "hairline.edge.frizz"),
        (changed(&|p| p["note"] = json!("x")), "note"),
        (with_text(&density, "\"density_per_cm2\":NaN"), "areas[0].density_per_cm2"),
        (with_text(&density, "\"density_per_cm2\":1e999"), "areas[0].density_per_cm2"),
        (with_text(&density, "\"density_per_cm2\":\"many\""), "areas[0].density_per_cm2"),
        (changed(&|p| p["areas"][0]["density_per_cm2"] = json!(null)), "areas[0].density_per_cm2"),
        (changed(&|p| p["areas"][0]["density_per_cm2"] = json!(251)), "areas[0].density_per_cm2"),
        (changed(&|p| p["areas"][0]["density_per_cm2"] = json!(-1)), "areas[0].density_per_cm2"),
        (changed(&|p| p["areas"] = json!([])), "areas"),
        (changed(&|p| p["sessions"] = json!([])), "sessions"),
        (changed(&|p| p["sessions"][1]["cumulative_share"] = json!(0.1)), "sessions[1].cumulative_share"),
        (changed(&|p| p["sessions"][0]["needle_mm"] = json!(3)), "sessions[0].needle_mm"),
        (changed(&|p| p["pigment"] = json!("gold")), "pigment"),
        (changed(&|p| p["depth_mm"] = json!(-0.5)), "depth_mm"),
        (changed(&|p| p["seed"] = json!(-1)), "seed"),
        (changed(&|p| p["seed"] = json!(1.5)), "seed"),
        (changed(&|p| p["treatment"] = json!("wig")), "treatment"),
        (changed(&|p| p["hairline"]["points"][2] = json!([1, 2])), "hairline.points[2]"),
        (changed(&|p| p["hairline"]["points"][2] = json!([0, 0, 0])), "hairline.points[2]"),
        (changed(&|p| p["hairline"]["points"] = json!([])), "hairline.points"),
        (format!("{good} {good}"), "JSON"),
        ("[".repeat(100_000), "[0]"),
        ("{".to_owned(), "JSON"),
        ("null".to_owned(), "JSON"),
        (String::new(), "JSON"),
    ];
    for (text, field) in cases {
        let file = client.file("plan.json", &text);
        let arguments = args!["plan", "set", client.case(), file];
        refused(client.root(), &arguments, &wrong(&file, &format!("the plan's {field}")));
    }
    let arguments = args!["plan", "set", client.case(), "-"];
    check_refusal(&run_with_input(&arguments, "{}"), &arguments, &wrong(Path::new("-"), "treatment"));

    let not_text = client.file("plan.bin", b"{\"seed\": \xff\xfe}");
    refused(client.root(), &args!["plan", "set", client.case(), not_text], &wrong(&not_text, "not a text file"));
    let missing = client.path("missing.json");
    refused(client.root(), &args!["plan", "set", client.case(), missing], &wrong(&missing, "no such file"));
    refused(client.root(), &args!["plan", "set", client.case(), client.root()], &wrong(client.root(), "folder"));
    assert_eq!(client.plan(), good);
}

#[test]
fn landmarks_that_are_no_head() {
    let client = Client::unplanned();
    let front = |points: Json| json!({"views": {"front": points}});
    let points_file = client.path("points.json");
    let mut coincident = front_points();
    for name in ["pupil_right", "nose_tip", "menton"] {
        coincident[name] = json!([450.0, 600.0]);
    }
    let mut far = front_points();
    far["vertex"] = json!([1e6, 5.0]);
    let mut exchanged = front_points();
    (exchanged["pupil_right"], exchanged["pupil_left"]) =
        (exchanged["pupil_left"].clone(), exchanged["pupil_right"].clone());
    let mut beside = front_points();
    beside["pupil_left"] = json!([-400.0, 560.0]);
    let mut endless = front_points();
    endless["nasion"][0] = json!(1e308);
    let cases = [
        (front(json!({"pupil_rigth": [1, 2]})), "pupil_rigth"),
        (front(json!({"Pupil_right": [1, 2]})), "known are pupil_right"),
        (front(coincident), "same place"),
        (front(far), "vertex"),
        (front(json!({})), "no landmarks"),
        (json!({"views": {}}), "no landmarks"),
        (json!({"views": {"Front": front_points()}}), "a view 'Front', which no photo has; the photos are of 'front'"),
        (json!({"views": {"front": front_points(), "top": {}}}), "a view 'top', which no photo has"),
        (front(exchanged), "pupil_right is to the right of pupil_left"),
        (front(beside), "pupil_left lies far outside the photo"),
        (front(endless), "nasion lies far outside the photo (at 1e308, "),
        (front(json!({"vertex": [450.0, 300.0]})), "too few points"),
        (front(json!({"pupil_right": [450.0]})), "pupil_right"),
        (front(json!({"pupil_right": [450.0, null]})), "pupil_right"),
        (front(json!({"pupil_right": "left of the nose"})), "pupil_right"),
        (front(json!({"outline": [1, 2]})), "outline"),
        (front(json!({"outline": vec![[500.0, 400.0]; 5001]})), "5001 points of the outline"),
        (json!({"views": [], "unit": "px"}), "views"),
        (json!({"landmarks": {}}), "landmarks"),
        (json!([]), "JSON"),
    ];
    for (points, says) in &cases {
        let arguments = client.new_from_points(points);
        refused(client.root(), &arguments, &wrong(&points_file, says));
    }
    for text in [
        "{\"views\": {\"front\": {\"vertex\": [NaN, 3]}}}",
        "{\"views\": {}} {}",
        "",
        "{\"views\": {\"front\": {\"vertex\": [1e999, 3]}}}",
        "{\"views\": {\"front\": {\"vertex\": [1, 3]}, \"front\": {}}}",
        "{\"views\": {\"front\": {\"vertex\": [1, 3], \"vertex\": [1, 4]}}}",
    ] {
        let arguments = client.new_from_points(&json!(null));
        client.file("points.json", text);
        refused(client.root(), &arguments, &wrong(&points_file, "landmarks"));
    }
    // Numbers without meaning, but repeatable ones.
    let mut state = 1_u32;
    let mut next = |limit: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) * f64::from(limit)
    };
    for round in 0..8 {
        let names: Vec<String> = front_points().as_object().unwrap().keys().cloned().collect();
        let points: serde_json::Map<_, _> = names
            .into_iter()
            .map(|name| (name, json!([next(crate::client::WIDTH), next(crate::client::HEIGHT)])))
            .collect();
        let arguments = client.new_from_points(&front(points.into()));
        refused(client.root(), &arguments, &wrong(&points_file, "head"));
        assert!(!client.path("other.scalp").exists(), "round {round}");
    }
    // Without any landmarks file there is no file to point at.
    let view = client.view("front", &client.front());
    let without = args!["new", "--photo", view, "-o", client.path("other.scalp")];
    refused(client.root(), &without, &wrong_request("view 'front' has no landmarks"));
}

/// The words of a request with this text in them.
type Asks<'a> = &'a dyn Fn(&str) -> Vec<OsString>;

/// What a library says of a text is for programmers.
#[test]
fn no_refusal_speaks_of_types_or_is_pages_long() {
    let client = Client::planned();
    let plan = client.plan().to_string();
    let density = format!("\"density_per_cm2\":{}", client.plan()["areas"][0]["density_per_cm2"]);
    let points = |text: &str| {
        let file = client.file("points.json", text);
        let front = client.view("front", &client.front());
        args!["new", "--photo", front, "--landmarks", file, "-o", client.path("other.scalp")].to_vec()
    };
    let set = |text: &str| args!["plan", "set", client.case(), client.file("plan.json", text)].to_vec();
    let dots = |text: &str| {
        let header = "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity";
        let file = client.file("dots.csv", format!("{header}\n{text}\n"));
        args!["composite", client.front(), "--splats", file, "-o", client.path("out.png")].to_vec()
    };
    let deep = |depth: usize| format!("{{\"views\": {{\"front\": {}1", "{\"a\": ".repeat(depth));
    let requests: [(Asks, String); 16] = [
        (&points, "[]".into()),
        (&points, String::new()),
        (&points, "{\"views\": ".into()),
        (&points, deep(200)),
        (&points, format!("{{\"views\": {{\"{}\": {{\"vertex\": [1, 2]}}}}}}", "x".repeat(100_000))),
        (&points, "{\"views\": {\"front\": {\"pupil_left\": [1e308, 2], \"pupil_right\": [1, 2]}}}".into()),
        (&points, "{\"views\": {\"front\": 5}}".into()),
        (&set, "[]".into()),
        (&set, "{\"seed\": 1e308}".into()),
        (&set, "{\"seed\": -1}".into()),
        (&set, format!("{{\"{}\": 1}}", "x".repeat(100_000))),
        (&set, plan.replacen(&density, "\"density_per_cm2\": 1e308", 1)),
        (&set, plan.replacen(&density, "\"density_per_cm2\": null", 1)),
        (&set, plan.replacen(&density, &format!("\"density_per_cm2\": \"{}\"", "x".repeat(100_000)), 1)),
        (&dots, format!("1,{},3,3,0,0.5", "x".repeat(10_000))),
        (&dots, "1,1e308,3,3,0,0.5".into()),
    ];
    for (request, text) in requests {
        let arguments = request(&text);
        let outcome = run(&arguments);
        check_refusal(&outcome, &arguments, &wrong_request(""));
        let line = &outcome.errors;
        let jargon = ["struct", ", expected", "f64", "u64", "EOF", "sequence", "os error", "eserialize", "recursion"];
        assert_eq!(jargon.iter().find(|word| line.contains(**word)), None, "{line}");
        let file = client.root().display().to_string();
        assert!(line.contains(&file) && line.len() < 700 + file.len(), "{} bytes: {:.900}", line.len(), line);
    }
}

/// Damage is told in the user's words, too, by whatever reads a case; and where a rescue helps, that is said.
#[test]
fn no_word_about_damage_speaks_of_databases_or_types() {
    const PAGE: usize = 4096;
    let client = Client::planned();
    let whole = fs::read(client.case()).unwrap();
    let place = |what: &[u8]| whole.windows(what.len()).position(|window| window == what).unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        bytes
    };
    let plan = |change: &dyn Fn(&str) -> String| {
        let path = client.file("changed.scalp", &whole);
        let connection = rusqlite::Connection::open(&path).unwrap();
        let json: String = connection.query_row("SELECT json FROM document", (), |row| row.get(0)).unwrap();
        let changed = change(&json);
        assert_ne!(changed, json);
        connection.execute("UPDATE document SET json = ?1", [changed]).unwrap();
        drop(connection);
        fs::read(path).unwrap()
    };
    let (format, sql) = (place(b"\"format\""), place(b"CREATE TABLE photo"));
    let mut cases = vec![
        with(&|bytes| bytes[format + 1] = b'x'),
        with(&|bytes| bytes[format] = 0xff),
        with(&|bytes| bytes[sql] = b'x'),
        with(&|bytes| bytes[18] = 7),
        with(&|bytes| bytes[100] = 0),
        with(&|bytes| bytes[..100].fill(0)),
        with(&|bytes| bytes.truncate(3 * PAGE)),
        with(&|bytes| bytes.truncate(bytes.len() - PAGE - 100)),
        plan(&|json| json.replacen("\"views\":[", "\"views\":[5,", 1)),
        plan(&|json| json.replacen("\"seed\":", "\"seed\":-", 1)),
        plan(&|json| json.replacen("\"width_px\":", "\"width_px\":null,\"w\":", 1)),
        plan(&|json| json[..json.len() / 2].to_owned()),
    ];
    for page in 1..12 {
        cases.push(with(&|bytes| bytes[page * PAGE..(page + 1) * PAGE].fill(0)));
        cases.push(with(&|bytes| bytes[page * PAGE..(page + 1) * PAGE].fill(0xff)));
    }
    let jargon = [
        "struct",
        ", expected",
        "f64",
        "u64",
        "EOF",
        "os error",
        "eserialize",
        "malformed",
        "SQL",
        "sql",
        "database",
        "disk image",
        "no such",
        "Invalid",
        "Utf8",
        "at line",
        "rows",
    ];
    let mut advised = 0;
    for (number, bytes) in cases.iter().enumerate() {
        let case = client.file("damaged.scalp", bytes);
        let opened = run(&args!["info", case]);
        if opened.code != Some(0) {
            let advice = opened.errors.contains("scalp-studio rescue");
            let rescued = run(&args!["rescue", case, "-o", client.path("new.scalp"), "--force"]);
            assert_eq!(advice, rescued.code == Some(0), "{number}: {}{}", opened.errors, rescued.errors);
            assert_eq!(opened.errors.lines().count(), 1, "{number}: {}", opened.errors);
            assert!(opened.errors.trim_end().ends_with("damaged.scalp"), "{number}: {}", opened.errors);
            advised += usize::from(advice);
        }
        let verified = run(&args!["verify", case]);
        for said in [&opened.errors, &verified.output, &verified.errors] {
            let said = said.replace(&client.root().display().to_string(), "");
            assert_eq!(jargon.iter().find(|word| said.contains(**word)), None, "{number}: {said}");
        }
    }
    assert!(advised > 5, "{advised}");
    // What no rescue helps is not sent to one.
    let text = client.file("text.scalp", "some text ".repeat(1000));
    refused(client.root(), &args!["info", text], &wrong(&text, "not a Scalp Studio case"));
    assert!(!run(&args!["info", text]).errors.contains("rescue"));
}

#[test]
fn a_folder_or_a_case_does_not_go_to_standard_output() {
    let client = Client::planned();
    let case = client.case();
    refused(client.root(), &args!["photos", case, "-o", "-"], &wrong_request("photos need a folder, not standard"));
    refused(client.root(), &args!["export", case, "images", "-o", "-"], &wrong_request("need a folder, not standard"));
    refused(client.root(), &args!["rescue", case, "-o", "-"], &wrong_request("a case is a file"));
    assert!(!Path::new("-").exists());
}

#[test]
fn folders_for_results_are_no_files_and_what_is_in_them_stays() {
    let client = Client::planned();
    let (case, folder) = (client.case(), client.path("originals"));
    for arguments in [
        args!["photos", case, "-o", client.front()].to_vec(),
        args!["export", case, "images", "-o", client.front()].to_vec(),
    ] {
        refused(client.root(), &arguments, &wrong(&client.front(), "need a folder, and this is a file"));
    }
    done(&args!["photos", case, "-o", folder]);
    let there = folder.join("front.jpg");
    refused(client.root(), &args!["photos", case, "-o", folder], &wrong(&there, "or replace it with --force"));
    refused(client.root(), &args!["rescue", case, "-o", client.front()], &wrong(&client.front(), "--force"));
    // A folder that was made for nothing does not stay.
    let missing = client.path("missing.scalp");
    refused(client.root(), &args!["photos", missing, "-o", client.path("a/b")], &wrong(&missing, "no such case"));
}

/// A link in a folder of results may lead to another client's case.
#[cfg(unix)]
#[test]
fn force_does_not_write_through_a_link_in_a_folder() {
    let client = Client::planned();
    let folder = client.path("originals");
    fs::create_dir(&folder).unwrap();
    let (other, link) = (client.file("berta.scalp", fs::read(client.case()).unwrap()), folder.join("front.jpg"));
    std::os::unix::fs::symlink(&other, &link).unwrap();
    for arguments in [
        args!["photos", client.case(), "-o", folder, "--force"].to_vec(),
        args!["export", client.case(), "images", "-o", folder, "--force"].to_vec(),
    ] {
        refused(client.root(), &arguments, &wrong(&link, "leads to another place"));
    }
    assert!(fs::read(&other).unwrap() == fs::read(client.case()).unwrap());
}

/// A file system takes names of 255 bytes, and beside a case there has to be room for its journal.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_leaves_no_room_for_a_journal_is_named_as_the_reason() {
    let client = Client::planned();
    let mut plan = client.plan();
    plan["seed"] = json!(2);
    let plan = client.file("plan.json", plan.to_string());
    let long = client.path(&format!("{}.scalp", "x".repeat(249)));
    let front = client.view("front", &client.front());
    let new = args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", long];
    refused(client.root(), &new, &wrong(&long, "the name is too long for a case"));
    fs::copy(client.case(), &long).unwrap();
    refused(client.root(), &args!["plan", "set", long, plan], &unwritable(&long, "name is too long to save changes"));
}

/// What is locked is one file; another name of it keeps the old content.
#[cfg(unix)]
#[test]
fn a_case_of_two_names_is_not_half_locked() {
    let client = Client::planned();
    let (case, other) = (client.case(), client.path("other.scalp"));
    fs::hard_link(&case, &other).unwrap();
    let passphrase = client.file("passphrase", "open sesame");
    let lock = args!["lock", case, "--new-passphrase-file", passphrase];
    refused(client.root(), &lock, &wrong(&case, "would stay unlocked there"));
    fs::remove_file(&other).unwrap();
    done(&lock);
}

#[test]
fn views_variants_and_sessions_that_are_not_there() {
    let client = Client::planned();
    let case = client.case();
    let unknown_view = wrong(&case, "it has front, left");
    refused(client.root(), &args!["render", case, "--view", "moon"], &unknown_view);
    refused(client.root(), &args!["locate", case, "--view", "moon", "1", "1"], &unknown_view);
    refused(client.root(), &args!["measure", case, "--view", "moon", "1", "1", "2", "2"], &unknown_view);
    let unknown_variant = wrong(&case, "it has A");
    let plan = client.file("plan.json", client.plan().to_string());
    refused(client.root(), &args!["render", case, "--variant", "Z"], &unknown_variant);
    refused(client.root(), &args!["info", case, "--variant", "Z"], &unknown_variant);
    refused(client.root(), &args!["plan", "get", case, "--variant", "Z"], &unknown_variant);
    refused(client.root(), &args!["plan", "set", case, plan, "--variant", "Z"], &unknown_variant);
    refused(client.root(), &args!["render", case, "--session", "4"], &wrong(&case, "3 session(s), not 4"));
    for [x, y] in [["1", "1"], ["-5", "-7"], ["1e300", "-1e300"]] {
        refused(
            client.root(),
            &args!["locate", case, "--view", "front", x, y],
            &wrong(&case, "does not show the head"),
        );
        let measure = args!["measure", case, "--view", "front", "450", "450", x, y];
        refused(client.root(), &measure, &wrong(&case, "does not show the head"));
    }
}

#[test]
fn requests_for_a_new_case_that_contradict_themselves() {
    let client = Client::planned();
    let (front, again) = (client.view("front", &client.front()), client.view("front", &client.path("left.png")));
    let other = client.path("other.scalp");
    let new = |more: &[OsString]| [&args!["new", "--landmarks", client.front_landmarks()][..], more].concat();
    let twice = new(&args!["--photo", front, "--photo", again, "-o", other]);
    refused(client.root(), &twice, &wrong_request("view 'front' is given twice"));
    for name in ["", "a/b", "..", "a b", &"x".repeat(41)] {
        let odd = client.view(name, &client.front());
        let new = args!["new", "--photo", odd, "-o", other];
        refused(client.root(), &new, &wrong_request("not a good name for a view"));
    }
    refused(client.root(), &new(&args!["--photo", "front", "-o", other]), &wrong_request("--photo wants VIEW=FILE"));
    refused(client.root(), &new(&args!["--photo", "front=", "-o", other]), &wrong_request("--photo wants VIEW=FILE"));
    for scale in [
        "pupil",
        "pupils=",
        "pupils=wide",
        "pupils=nan",
        "pupils=-62",
        "pupils=0",
        "pupils=6.2",
        "iris=front:1,2,3",
        "iris=front:1,2,inf,4",
        "iris=front:5,5,5,5",
        "ruler=front:1,2,3,4",
        "ruler=front:1,2,30,4:0",
        "ruler=front:1,2,30,4:-10",
        "ruler=front:1,2,30,4:10:10",
        "",
    ] {
        let says = match scale {
            "" | "pupils=nan" => "--scale",
            "pupils=-62" | "pupils=0" | "pupils=6.2" => "the pupil distance of the scale must be between 30 and 90 mm",
            _ => "scale",
        };
        refused(client.root(), &new(&args!["--photo", front, "--scale", scale, "-o", other]), &wrong_request(says));
    }
    let elsewhere = new(&args!["--photo", front, "--scale", "iris=back:1,2,13,4", "-o", other]);
    refused(client.root(), &elsewhere, &wrong_request("view 'back'"));

    // A case is never replaced, nor is anything else of that name.
    for there in [client.case(), client.front(), client.landmarks()] {
        refused(client.root(), &new(&args!["--photo", front, "-o", there]), &wrong(&there, "already exists"));
    }
    let nowhere = client.path("no/such/folder/a.scalp");
    refused(client.root(), &new(&args!["--photo", front, "-o", nowhere]), &unwritable(&nowhere, "folder"));
    refused(client.root(), &new(&args!["--photo", front, "-o", client.root()]), &unwritable(client.root(), "folder"));
}

#[test]
fn values_that_make_no_sense_are_explained() {
    let client = Client::planned();
    let case = client.case();
    let front = client.view("front", &client.front());
    let other = client.path("other.scalp");
    let new = |option: &str, value: &str| {
        args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", other, option, value].to_vec()
    };
    let render = |option: &str, value: &str| args!["render", case, "-o", client.path("a.png"), option, value].to_vec();
    let mut requests: Vec<(Vec<OsString>, &str)> = vec![
        (new("--hairline", "mohawk"), "choose one of soft, "),
        (new("--treatment", "wig"), "choose one of full-shave, "),
        (render("--layer", "after"), "[possible values: result, before, dots, pair, sessions, honest]"),
        (args!["locate", case, "--view", "front", "nan", "3"].into(), "a pixel coordinate is a number"),
        (args!["locate", case, "--view", "front", "3", "inf"].into(), "a pixel coordinate is a number"),
        (args!["measure", case, "--view", "front", "1", "2", "3", "NaN"].into(), "a pixel coordinate is a number"),
    ];
    for value in ["nan", "inf", "0", "-3", "many", ""] {
        requests.push((new("--max-megapixels", value), "a number of megapixels above 0"));
        requests.push((render("--max-decode-mib", value), "a whole number of MiB above 0"));
    }
    for value in ["nan", "-1", "250.5", "1e9", "dense"] {
        requests.push((new("--density", value), "a number of dots per cm2 from 0 to 250"));
    }
    for value in ["-1", "1.5", "last"] {
        requests.push((render("--session", value), "a whole number of sessions"));
    }
    for value in ["28", "-3d", "nan", "2 weeks ago", "101y", "99999999999999999999y"] {
        requests.push((render("--age", value), "write a number and a unit"));
    }
    let before = snapshot(client.root());
    for (arguments, says) in requests {
        let outcome = run(&arguments);
        let errors = &outcome.errors;
        assert_eq!((outcome.code, outcome.output.as_str()), (Some(2), ""), "{arguments:?}: {errors}");
        assert!(errors.starts_with("error: "), "{arguments:?}: {errors}");
        assert!(errors.contains(says) && !errors.contains("panicked"), "{arguments:?} should say '{says}': {errors}");
    }
    assert!(before == snapshot(client.root()));
    // Neither a command nor a file: no window opens.
    let slip = run(&args!["paint"]);
    assert_eq!(slip.code, Some(2));
    assert!(slip.errors.contains("no command and no file"), "{}", slip.errors);
}

#[test]
fn cases_that_are_none() {
    let client = Client::planned();
    let whole = fs::read(client.case()).unwrap();
    let plan = client.file("plan.json", client.plan().to_string());
    let commands = |case: &Path| {
        [
            args!["info", case, "--json"].to_vec(),
            args!["render", case, "-o", client.path("a.png")].to_vec(),
            args!["locate", case, "--view", "front", "450", "450"].to_vec(),
            args!["measure", case, "--view", "front", "450", "450", "460", "450"].to_vec(),
            args!["plan", "get", case].to_vec(),
            args!["plan", "set", case, plan].to_vec(),
        ]
    };
    let text = client.file("text.scalp", "Notes about a client, much longer than the header of a database. ".repeat(9));
    let empty = client.file("empty.scalp", "");
    let database = client.path("other.scalp");
    Connection::open(&database).unwrap().execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
    let header = client.file("header.scalp", &whole[..100]);
    let half = client.file("half.scalp", &whole[..whole.len() / 2]);
    let folder = client.path("folder.scalp");
    fs::create_dir(&folder).unwrap();
    for (case, says) in [
        (&text, "not a Scalp Studio case"),
        (&empty, "empty"),
        (&database, "not a Scalp Studio case"),
        (&header, "damaged"),
        (&half, "damaged"),
        (&client.front(), "not a Scalp Studio case"),
        (&folder, "not a file"),
        (&client.path("missing.scalp"), "no such case file"),
    ] {
        // A photo is rendered without a case, where it shows a face; this one does not.
        let as_case = |arguments: &Vec<OsString>| *case != client.front() || arguments[0] != "render";
        for arguments in commands(case).into_iter().filter(as_case) {
            refused(client.root(), &arguments, &wrong(case, says));
        }
    }
    // Almost whole: what can be read is shown, with a word of caution, and never written.
    let most = client.file("most.scalp", &whole[..whole.len() - 1]);
    let shown = run(&args!["info", most, "--json"]);
    assert_eq!(shown.code, Some(0), "{}", shown.errors);
    let line = shown.errors.trim_end();
    assert!(
        line.starts_with("scalp-studio: note: ") && line.contains("damaged") && line.ends_with("most.scalp"),
        "{line}"
    );
    let before = snapshot(client.root());
    assert_eq!(run(&args!["plan", "set", most, plan]).code, Some(3));
    assert!(before == snapshot(client.root()));
}

/// Changes a case behind the program's back.
fn tampered(client: &Client, name: &str, change: impl FnOnce(&Connection)) -> std::path::PathBuf {
    let path = client.path(name);
    fs::copy(client.case(), &path).unwrap();
    let connection = Connection::open(&path).unwrap();
    change(&connection);
    path
}

fn with_document(client: &Client, name: &str, change: impl FnOnce(&mut Json)) -> std::path::PathBuf {
    tampered(client, name, |connection| {
        let text: String = connection.query_row("SELECT json FROM document", (), |row| row.get(0)).unwrap();
        let mut document: Json = serde_json::from_str(&text).unwrap();
        change(&mut document);
        connection.execute("UPDATE document SET json = ?1", [document.to_string()]).unwrap();
        // Whoever means harm writes the checksum as well; the format before had none.
        connection
            .execute_batch("DROP TABLE digest; DROP TABLE trail; DROP TABLE checksum; PRAGMA user_version = 2")
            .unwrap();
    })
}

#[test]
fn cases_from_the_future_are_read_if_they_can_be_and_never_written() {
    let client = Client::planned();
    let plan = client.file("plan.json", client.plan().to_string());
    let newer = tampered(&client, "newer.scalp", |c| {
        c.execute_batch("PRAGMA user_version = 6; CREATE TABLE later (x)").unwrap()
    });
    let shown = run(&args!["plan", "get", newer]);
    assert_eq!(shown.code, Some(0));
    assert_eq!(serde_json::from_str::<Json>(&shown.output).unwrap(), client.plan());
    assert_eq!(shown.errors.lines().count(), 1);
    assert!(shown.errors.contains("a newer version of Scalp Studio made it"), "{}", shown.errors);
    let before = snapshot(client.root());
    let set = run(&args!["plan", "set", newer, plan]);
    assert_eq!(set.code, Some(3));
    assert!(set.errors.trim_end().lines().all(|l| l.ends_with("newer.scalp")), "{}", set.errors);
    assert!(before == snapshot(client.root()));

    let rebuilt = tampered(&client, "rebuilt.scalp", |c| {
        c.execute_batch("PRAGMA user_version = 7; ALTER TABLE document RENAME TO documents").unwrap();
    });
    refused(client.root(), &args!["info", rebuilt], &wrong(&rebuilt, "newer version"));

    let document = with_document(&client, "document.scalp", |d| d["format"] = json!(9));
    for arguments in [
        args!["info", document].to_vec(),
        args!["render", document].to_vec(),
        args!["plan", "set", document, plan].to_vec(),
    ] {
        refused(client.root(), &arguments, &wrong(&document, "format 9, made by a newer version"));
    }
}

#[test]
fn cases_from_anybody_are_checked() {
    let client = Client::planned();
    type Change<'a> = (&'a str, &'a dyn Fn(&mut Json), &'a str);
    fn picked(document: &mut Json, light: f64, x_px: f64, view: &str) {
        document["format"] = json!(3);
        document["client"] = json!({"hair": {"light": [0.1, light, 0.1], "view": view, "at_px": [x_px, 3.0]}});
    }
    let changes: [Change; 12] = [
        // Would write the picture somewhere else.
        ("climber.scalp", &|d| d["views"][0]["name"] = json!("../../../climber"), "views[0].name"),
        ("double.scalp", &|d| d["views"][1]["name"] = json!("front"), "views[1].name"),
        ("old.scalp", &|d| d["format"] = json!(0), "format"),
        ("huge.scalp", &|d| d["views"][0]["width_px"] = json!(4_000_000_000_u32), "views[0]"),
        ("points.scalp", &|d| d["views"][0]["landmarks"]["menton"] = json!([1e7, 3]), "menton"),
        ("plan.scalp", &|d| d["variants"][0]["plan"]["depth_mm"] = json!(99), "depth_mm"),
        ("empty.scalp", &|d| d["variants"] = json!([]), "variants"),
        ("key.scalp", &|d| d["extra"] = json!(1), "extra"),
        ("dark.scalp", &|d| picked(d, -0.1, 2.0, "front"), "client.hair.light"),
        ("bright.scalp", &|d| picked(d, 1e300, 2.0, "front"), "client.hair.light"),
        ("nowhere.scalp", &|d| picked(d, 0.1, 2.0, "attic"), "client.hair.view"),
        (
            "early.scalp",
            &|d| d["client"] = json!({"skin": {"light": [0, 0, 0], "view": "front", "at_px": [0, 0]}}),
            "client",
        ),
    ];
    for (name, change, says) in changes {
        let case = with_document(&client, name, change);
        refused(client.root(), &args!["render", case], &wrong(&case, says));
    }
    let other_size = with_document(&client, "size.scalp", |d| d["views"][0]["width_px"] = json!(901));
    refused(client.root(), &args!["render", other_size], &wrong(&other_size, "900 x 1200 pixels"));
    let no_photo = with_document(&client, "photo.scalp", |d| d["views"][0]["photo"] = json!(77));
    refused(client.root(), &args!["render", no_photo], &wrong(&no_photo, "no photo number 77"));
    let damaged = tampered(&client, "damaged.scalp", |c| {
        c.execute("UPDATE photo SET bytes = CAST(substr(bytes, 1, size - 1) || x'00' AS BLOB) WHERE id = 1", ())
            .unwrap();
    });
    refused(client.root(), &args!["render", damaged], &wrong(&damaged, "front.jpg"));
    let not_json = tampered(&client, "words.scalp", |c| {
        c.execute("UPDATE document SET json = 'words'", ()).unwrap();
    });
    refused(client.root(), &args!["info", not_json], &wrong(&not_json, "damaged"));
}

#[test]
fn dots_that_are_none() {
    let client = Client::unplanned();
    let header = "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity";
    fs::create_dir(client.path("folder.csv")).unwrap();
    for (name, content, says) in [
        ("nan.csv", Some(format!("{header}\n1,2,3,3,0,0.5\n1,NaN,3,3,0,0.5\n")), "dot 2"),
        ("inf.csv", Some(format!("{header}\n1,2,inf,3,0,0.5\n")), "dot 1"),
        ("dark.csv", Some(format!("{header}\n1,2,3,3,0,1.5\n")), "dot 1"),
        ("negative.csv", Some(format!("{header}\n1,2,-3,3,0,0.5\n")), "dot 1"),
        ("word.csv", Some(format!("{header}\n1,two,3,3,0,0.5\n")), "line 2 of the dots: y_px is 'two'"),
        ("short.csv", Some(format!("{header}\n1,2,3\n")), "line 2 of the dots has 3 values"),
        ("column.csv", Some("x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg\n1,2,3,3,0\n".into()), "column 'opacity'"),
        ("header.csv", Some("x,y\n".into()), "column 'x_px'"),
        ("empty.csv", Some(String::new()), "column 'x_px'"),
        ("folder.csv", None, "folder"),
        ("missing.csv", None, "no such file"),
    ] {
        let path = client.path(name);
        content.into_iter().for_each(|content| fs::write(&path, content).unwrap());
        let arguments = args!["composite", client.front(), "--splats", path, "-o", client.path("out.png")];
        refused(client.root(), &arguments, &wrong(&path, says));
    }
    let endless = [header.as_bytes(), b"\n", &vec![b'1'; 1 << 20]].concat();
    for endless in [endless, vec![0; 1 << 20]] {
        let endless = client.file("endless.csv", endless);
        let arguments = args!["composite", client.front(), "--splats", endless, "-o", client.path("out.png")];
        refused(client.root(), &arguments, &wrong(&endless, "no end"));
    }
    // Quotes around names and numbers are as good as none.
    let row = "1,2,3,3,0,0.5".replace(',', "\",\"");
    let quoted = client.file("quoted.csv", format!("\"{}\"\n1,2,3,3,0,0.5\n\"{row}\"\n", header.replace(',', "\",\"")));
    done(&args!["composite", client.front(), "--splats", quoted, "-o", client.path("quoted.png")]);
    let binary = client.file("binary.csv", [header.as_bytes(), b"\n\xff\xfe,2,3,3,0,0.5\n"].concat());
    let arguments = args!["composite", client.front(), "--splats", binary, "-o", client.path("out.png")];
    refused(client.root(), &arguments, &wrong(&binary, "dots"));
}

/// See `tests/library/fuzz.rs` for the readers of the library.
#[test]
fn dots_changed_at_random_are_a_picture_or_a_refusal() {
    let client = Client::unplanned();
    let small = client.path("small.png");
    image::RgbImage::from_pixel(64, 48, image::Rgb([188; 3])).save(&small).unwrap();
    let seed =
        "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity,note\n1,2,3,3,0,0.5,a\n30.5,20,2.25,1.5,45,0.25,b\n";
    let (dots, picture) = (client.path("dots.csv"), client.path("out.png"));
    let arguments = args!["composite", small, "--splats", dots, "-o", picture];
    crate::fuzzing::fuzz("dots", 60, &[seed.as_bytes().to_vec()], true, |bytes| {
        fs::write(&dots, bytes).unwrap();
        let outcome = run(&arguments);
        if outcome.code == Some(0) {
            assert_eq!(crate::client::decoded(&picture).size_px(), [64, 48]);
            return true;
        }
        check_refusal(&outcome, &arguments, &wrong(&dots, ""));
        false
    });
}

#[test]
fn pictures_that_cannot_be_compared() {
    let client = Client::unplanned();
    let (front, text) = (client.front(), client.file("text.jpg", "Dear client"));
    let small = client.path("small.png");
    image::RgbImage::from_pixel(64, 48, image::Rgb([188; 3])).save(&small).unwrap();
    let missing = client.path("missing.png");
    refused(client.root(), &args!["diff", front, text], &wrong(&text, "not a photo"));
    refused(client.root(), &args!["diff", missing, front], &wrong(&missing, "no such file"));
    refused(client.root(), &args!["diff", front, small], &wrong(&small, ""));
    let output = client.path("difference.bmp");
    refused(client.root(), &args!["diff", front, front, "-o", output], &wrong(&output, "end it in .jpg"));
}

#[test]
fn outputs_that_cannot_be() {
    let client = Client::planned();
    let dots = client.file("dots.csv", "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity\n9,9,2,2,0,0.5\n");
    let folder = client.path("folder.png");
    fs::create_dir(&folder).unwrap();
    let commands = |output: &Path| {
        [
            args!["render", client.case(), "--layer", "before", "-o", output].to_vec(),
            args!["composite", client.front(), "--splats", dots, "-o", output].to_vec(),
        ]
    };
    for name in ["a.bmp", "a", ".png", "a.png.exe", "a.scalp"] {
        let output = client.path(name);
        for arguments in commands(&output) {
            refused(client.root(), &arguments, &wrong(&output, "end it in .jpg, .png, .webp or .tif"));
        }
    }
    for (output, says) in [(folder, "folder"), (client.path("no/such/a.png"), "folder")] {
        for arguments in commands(&output) {
            refused(client.root(), &arguments, &unwritable(&output, says));
        }
    }
    // Nothing that was put in is ever replaced, whatever it is called.
    let case = client.path("case.png");
    fs::copy(client.case(), &case).unwrap();
    for arguments in [
        args!["render", case, "--layer", "before", "-o", case].to_vec(),
        args!["plan", "get", case, "-o", case].to_vec(),
        args!["composite", client.front(), "--splats", dots, "-o", client.front()].to_vec(),
        args!["composite", client.front(), "--splats", dots, "-o", client.root().join(".").join("front.jpg")].to_vec(),
    ] {
        refused(client.root(), &arguments, &wrong_request("the output would replace the input"));
    }
}

/// Runs the program with at most this much memory, KiB.
#[cfg(target_os = "linux")]
fn within(kib: u32, arguments: &[std::ffi::OsString]) -> crate::client::Outcome {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -v $0; exec \"$@\"", &kib.to_string(), env!("CARGO_BIN_EXE_scalp-studio")]);
    // Each thread would set a part of it aside for itself.
    outcome(shell.args(arguments).env("MALLOC_ARENA_MAX", "1").env("RAYON_NUM_THREADS", "2"))
}

/// The largest photo that is decoded unless one asks for more: within the memory that is allowed for decoding.
#[cfg(target_os = "linux")]
#[test]
fn the_largest_photo_takes_no_more_memory_than_is_promised() {
    let client = Client::unplanned();
    let (photo, picture) = (client.path("grey.png"), client.path("out.jpg"));
    let dots =
        client.file("dots.csv", "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity\n4000,2500,2,2,0,0.5\n");
    let arguments = args!["composite", photo, "--splats", dots, "-o", picture];
    image::GrayImage::from_pixel(20_000, 10_000, image::Luma([128])).save(&photo).unwrap();
    let done = within(2 << 20, &arguments);
    assert_eq!((done.code, done.errors.as_str()), (Some(0), ""));
    image::GrayImage::from_pixel(20_000, 10_001, image::Luma([128])).save(&photo).unwrap();
    let arguments = args!["composite", photo, "--splats", dots, "-o", client.path("other.jpg")];
    refused(client.root(), &arguments, &wrong(&photo, "megapixels"));
}

/// A photo in which nothing has an edge is looked at for its blur as any other is: in pieces. 40 megapixels of it are
/// 120 MB of pixels, and once took 1 GB.
#[cfg(target_os = "linux")]
#[test]
fn a_photo_without_edges_takes_little_more_memory_than_its_pixels() {
    /// All of the program's memory, KiB, that of its code and threads included.
    const MOST_KIB: u32 = 450_000;
    let client = Client::unplanned();
    let (photo, picture) = (client.path("grey.png"), client.path("out.png"));
    image::GrayImage::from_pixel(8000, 5000, image::Luma([128])).save(&photo).unwrap();
    let dots =
        client.file("dots.csv", "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity\n4000,2500,2,2,0,0.5\n");
    let arguments = args!["composite", photo, "--splats", dots, "-o", picture];
    let done = within(MOST_KIB, &arguments);
    assert_eq!((done.code, done.errors.as_str()), (Some(0), ""));
    assert_eq!(crate::client::decoded(&picture).size_px(), [8000, 5000]);
    assert_ne!(within(MOST_KIB / 4, &arguments).code, Some(0), "the limit holds");
}
