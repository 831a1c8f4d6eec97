//! The command line in its intended use, on a client whose head and cameras are known.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::args;
use crate::client::{
    Client, HEIGHT, LEFT_DEG, SIZE, WIDTH, brightness, camera, decoded, demo_in, done, done_json, front_points,
    outcome, program, run, run_with_input, samples,
};
use scalp_studio::case::Case;
use scalp_studio::head::Head;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::reading::complexion::SkinType;
use serde_json::{Value as Json, json};

fn point(landmark: &str) -> [String; 2] {
    let points = front_points();
    let at = |k: usize| points[landmark][k].as_f64().unwrap().to_string();
    [at(0), at(1)]
}

fn pair(value: &Json) -> [f64; 2] {
    [value[0].as_f64().unwrap(), value[1].as_f64().unwrap()]
}

/// Renders the client's case and returns the path of the picture.
fn render(client: &Client, name: &str, options: &[&str]) -> PathBuf {
    let output = client.path(name);
    let mut arguments = args!["render", client.case(), "-o", output].to_vec();
    arguments.extend(options.iter().map(std::ffi::OsString::from));
    assert_eq!(done(&arguments), "");
    output
}

fn same_pixels(a: &Path, b: &Path) -> bool {
    samples(&decoded(a)) == samples(&decoded(b))
}

#[test]
fn a_case_is_made_and_describes_itself() {
    let client = Client::unplanned();
    let said = done(&client.new_arguments());
    assert!(said.contains("client.scalp: 2 view(s), scale from the average pupil distance"), "{said}");
    let names: Vec<_> = crate::client::snapshot(client.root()).into_keys().collect();
    assert_eq!(names.len(), 4, "something besides the case is new: {names:?}");

    let info = done_json(&args!["info", client.case(), "--json"]);
    for (view, azimuth_deg) in [("front", 0.0), ("left", LEFT_DEG)] {
        let report = &info["views"][view];
        let mid_frontal = Head::average().above_glabella(65.0).position;
        let expected = camera(azimuth_deg).mm_per_px(mid_frontal);
        let mm_per_px = report["mm_per_px"].as_f64().unwrap();
        assert!((mm_per_px / expected - 1.0).abs() < 0.05, "{view}: {mm_per_px}, truly {expected}");
        assert!(report["residual_px"].as_f64().unwrap() < 2.0, "{report}");
        let error = report["scale_error"].as_f64().unwrap();
        assert!((0.02..0.08).contains(&error), "pupil distances vary by 5.6 % between people: {error}");
        assert!(report["scale_source"].as_str().unwrap().contains("pupil"));
        assert!(report["visible_dots"].as_u64().unwrap() > 1000);
    }
    let dots: Vec<f64> = info["dots_by_session"].as_array().unwrap().iter().map(|d| d.as_f64().unwrap()).collect();
    assert_eq!(dots.len(), 3);
    for (dots_after, share) in dots.iter().zip([0.45, 0.75, 1.0]) {
        assert!((dots_after / dots[2] - share).abs() < 0.03, "{dots:?}");
    }
    let area = &info["areas"][0];
    let density = dots[2] / area["area_cm2"].as_f64().unwrap();
    let asked = client.plan()["areas"][0]["density_per_cm2"].as_f64().unwrap();
    assert!((0.8..1.1).contains(&(density / asked)), "{density} per cm2, asked for {asked}");
    assert_eq!(area["dots_by_session"], info["dots_by_session"], "there is only one area");
    assert!(area["name"].is_string() && area["kind"].is_string());

    let text = done(&args!["info", client.case()]);
    assert!(text.contains("view front") && text.contains("after session 3"), "{text}");

    // The skin type is an estimate until somebody confirms it.
    assert_eq!(info["skin"]["fitzpatrick_range"].as_array().unwrap().len(), 2);
    assert!(info["confirmed_fitzpatrick"].is_null() && !text.contains("confirmed"), "{text}");
    let mut case = Case::open(&client.case()).unwrap();
    let mut document = case.document().clone();
    document.client.skin_type = Some(SkinType::IV);
    case.commit("Confirm skin type IV", document).unwrap();
    drop(case);
    assert_eq!(done_json(&args!["info", client.case(), "--json"])["confirmed_fitzpatrick"], "IV");
    assert!(done(&args!["info", client.case()]).contains("skin: confirmed as Fitzpatrick IV"));
}

#[test]
fn a_measured_scale_has_a_smaller_error_than_an_average_one() {
    let client = Client::unplanned();
    let pupils: Vec<String> = [point("pupil_right"), point("pupil_left")].concat();
    let mut errors = Vec::new();
    // The pupils are 63 mm apart; the iris around one of them measures 11.7 mm.
    let edge =
        pupils[2].parse::<f64>().unwrap() + 11.7 / camera(0.0).mm_per_px(Head::average().landmark(Landmark::PupilLeft));
    let iris = format!("iris=front:{},{},{edge},{}", pupils[2], pupils[3], pupils[3]);
    let ruler = format!("ruler=front:{}:63", pupils.join(","));
    for (k, scale) in ["pupils", &iris, "pupils=63", &ruler].into_iter().enumerate() {
        let case = client.path(&format!("{k}.scalp"));
        let front = client.view("front", &client.front());
        done(&args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "--scale", scale, "-o", case]);
        let measured =
            done_json(&args!["measure", case, "--view", "front", pupils[0], pupils[1], pupils[2], pupils[3], "--json"]);
        let (length_mm, error_mm) = (measured["length_mm"].as_f64().unwrap(), measured["error_mm"].as_f64().unwrap());
        // A little more, as it is measured along the bulging skin between the eyes.
        assert!((60.0..72.0).contains(&length_mm), "{scale}: {length_mm}");
        assert!(error_mm > 0.1 && error_mm < 6.0, "{scale}: {error_mm}");
        errors.push(error_mm);
    }
    assert!(errors[2] < 0.7 * errors[0] && errors[1] < errors[0], "{errors:?}");
}

#[test]
fn a_pixel_is_located_in_the_other_views() {
    let client = Client::planned();
    let (head, front, left) = (Head::average(), camera(0.0), camera(LEFT_DEG));
    // A place on the left side of the forehead, which both photos show.
    let place = head.cranium.below(glam::DVec3::new(60.0, 25.0, 70.0)).position;
    let pixel = front.image_from_head(place).unwrap();
    let (x, y) = (pixel.x.to_string(), pixel.y.to_string());
    let found = done_json(&args!["locate", client.case(), "--view", "front", x, y, "--json"]);
    let own = pair(&found["views"]["front"]["px"]);
    assert!((own[0] - pixel.x).abs() < 1e-6 && (own[1] - pixel.y).abs() < 1e-6, "{own:?}, asked {pixel}");
    assert_eq!(found["views"]["front"]["visible"], true);
    let other = glam::DVec2::from(pair(&found["views"]["left"]["px"]));
    let expected = left.image_from_head(place).unwrap();
    assert!(other.distance(expected) < 8.0, "{other}, truly {expected}");
    let from_glabella_mm = found["from_glabella_mm"].as_f64().unwrap();
    let straight_mm = place.distance(head.glabella().position);
    assert!(from_glabella_mm > 0.95 * straight_mm && from_glabella_mm < 1.3 * straight_mm, "{from_glabella_mm}");
    assert_eq!(found["head_mm"].as_array().unwrap().len(), 3);

    // A place on the subject's right, which is hidden from the left.
    let right = front.image_from_head(head.cranium.below(glam::DVec3::new(-60.0, 25.0, 70.0)).position).unwrap();
    let (x, y) = (right.x.to_string(), right.y.to_string());
    let found = done_json(&args!["locate", client.case(), "--view", "front", x, y, "--json"]);
    assert_eq!(found["views"]["left"]["visible"], false);
    let text = done(&args!["locate", client.case(), "--view", "front", x, y]);
    assert!(text.contains("(hidden)") && text.contains("from the glabella"), "{text}");
}

#[test]
fn every_format_keeps_size_and_colour_profile_and_drops_the_location() {
    let client = Client::planned();
    let whole = decoded(&client.front());
    assert!(whole.colour().icc_profile().is_some(), "the original photo has lost its profile");
    for name in ["a.jpg", "a.jpeg", "a.png", "a.webp", "a.tif", "a.TIFF"] {
        let file = render(&client, name, &["--layer", "before"]);
        let photo = decoded(&file);
        assert_eq!([photo.width(), photo.height()], SIZE, "{name}");
        assert_eq!(photo.colour().icc_profile(), whole.colour().icc_profile(), "{name}");
        let bytes = fs::read(&file).unwrap();
        let has = |words: &[u8]| bytes.windows(words.len()).any(|w| w == words);
        assert!(!has(b"Phone 4711"), "{name} tells whose phone it is");
        let mut reader = std::io::Cursor::new(&bytes);
        if let Ok(exif) = exif::Reader::new().read_from_container(&mut reader) {
            assert!(exif.fields().all(|f| f.tag.context() != exif::Context::Gps), "{name} tells where it was taken");
        }
        if name == "a.png" {
            assert_eq!(samples(&photo), samples(&whole), "{name}");
        }
    }
    let result = render(&client, "result.jpg", &[]);
    assert_eq!(decoded(&result).colour().icc_profile(), whole.colour().icc_profile());
    // The case holds the original file.
    let case = fs::read(client.case()).unwrap();
    assert!(case.len() > fs::metadata(client.front()).unwrap().len() as usize);
}

#[test]
fn each_session_darkens_the_scalp_and_time_lightens_it() {
    let client = Client::planned();
    // From the left, where more scalp can be seen than from the front.
    let shown = |name: &str, options: &[&str]| render(&client, name, &[options, &["--view", "left"]].concat());
    let before = shown("before.png", &["--layer", "before"]);
    assert!(same_pixels(&before, &shown("none.png", &["--session", "0"])), "with no session it should be the photo");
    let loss = |picture: &Path| brightness(&before) - brightness(picture);
    let last = shown("last.png", &[]);
    let healed = loss(&last);
    assert!(healed > 0.01, "{healed}");
    let first = loss(&shown("1.png", &["--session", "1"]));
    assert!(first > 0.05 * healed && first < 0.5 * healed, "{first} of {healed}");
    let fresh = loss(&shown("fresh.png", &["--session", "3", "--age", "0d"]));
    assert!(fresh > 1.2 * healed, "{fresh} of {healed}");
    let old = loss(&shown("old.png", &["--age", "5y"]));
    assert!(old > 0.1 * healed && old < 0.95 * healed, "{old} of {healed}");
    let plain = shown("plain.png", &["--session", "3", "--age", "28d", "--layer", "result", "--variant", "A"]);
    assert!(same_pixels(&last, &plain), "the default should be the last session, healed");
}

#[test]
fn the_same_case_gives_the_same_bytes() {
    let client = Client::planned();
    let first = fs::read(render(&client, "1.jpg", &[])).unwrap();
    let output = client.path("2.jpg");
    let alone = outcome(program(&args!["render", client.case(), "-o", output]).env("RAYON_NUM_THREADS", "1"));
    assert_eq!(alone.code, Some(0), "{}", alone.errors);
    assert!(first == fs::read(output).unwrap(), "differs with another number of threads");

    let plan = client.path("plan.json");
    done(&args!["plan", "get", client.case(), "-o", plan]);
    assert_eq!(done(&args!["plan", "get", client.case()]), fs::read_to_string(&plan).unwrap());
    done(&args!["plan", "set", client.case(), plan]);
    assert!(first == fs::read(render(&client, "3.jpg", &[])).unwrap(), "differs after plan get and plan set");
    assert!(fs::read(&plan).unwrap() == done(&args!["plan", "get", client.case()]).into_bytes());
}

#[test]
fn a_changed_plan_changes_the_picture() {
    let client = Client::planned();
    let dots =
        |client: &Client| done_json(&args!["info", client.case(), "--json"])["dots_by_session"][2].as_f64().unwrap();
    let dots_before = dots(&client);
    let mut plan = client.plan();
    let density = plan["areas"][0]["density_per_cm2"].as_f64().unwrap();
    plan["areas"][0]["density_per_cm2"] = json!(density / 2.0);
    let set = run_with_input(&args!["plan", "set", client.case(), "-"], &format!("\u{feff}{plan}"));
    assert_eq!((set.code, set.errors.as_str()), (Some(0), ""));
    assert_eq!(client.plan(), plan);
    let share = dots(&client) / dots_before;
    assert!((share - 0.5).abs() < 0.03, "half the density gave {share} of the dots");
}

#[test]
fn the_layer_of_dots_is_transparent_elsewhere() {
    let client = Client::planned();
    let dots = decoded(&render(&client, "dots.png", &["--layer", "dots", "--view", "left"]));
    assert_eq!([dots.width(), dots.height()], SIZE);
    let Some(scalp_studio::photo::Samples::U8(opacity)) = dots.alpha() else { panic!("no 8-bit opacity") };
    let covered = opacity.iter().filter(|&&a| a > 0).count();
    assert!(covered > 5_000 && covered < opacity.len() / 2, "{covered} of {} pixels", opacity.len());
    assert!(opacity[..WIDTH as usize * 20].iter().all(|&a| a == 0), "there are dots above the head");
}

#[test]
fn options_of_new_reach_the_plan() {
    let client = Client::unplanned();
    let mut arguments = client.new_arguments();
    arguments.extend(args!["--treatment", "crown", "--density", "65"]);
    let said = run(&arguments);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let plan = client.plan();
    assert_eq!((&plan["treatment"], &plan["areas"][0]["density_per_cm2"]), (&json!("crown"), &json!(65.0)));
    // Without -o the picture is named after the case and the view.
    done(&args!["render", client.case(), "--layer", "before", "--view", "left"]);
    assert_eq!([decoded(&client.path("client-left.jpg")).width(), HEIGHT], SIZE);
}

#[test]
fn a_dot_from_a_file_takes_the_light_it_should() {
    let client = Client::unplanned();
    // On a flat grey photo the answer for one dot is known.
    let grey = client.path("grey.png");
    image::RgbImage::from_pixel(64, 48, image::Rgb([188; 3])).save(&grey).unwrap();
    let header = "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity,remark\n";
    let splats = client.file("dots.csv", format!("{header}20.5, 24.5, 12, 6, 90, 0.4, one dot\n"));
    let output = client.path("dot.png");
    done(&args!["composite", grey, "--splats", splats, "-o", output]);
    let photo = decoded(&output);
    let sample = |x: usize, y: usize| samples(&photo)[(y * 64 + x) * 3];
    // sRGB (IEC 61966-2-1).
    let light = |sample: u8| libm::pow((f64::from(sample) / 255.0 + 0.055) / 1.055, 2.4);
    let lost = |x, y| 1.0 - light(sample(x, y)) / light(188);
    // A little less than the opacity: light reflected by the skin's surface does not reach the pigment.
    let middle = lost(20, 24);
    assert!(middle > 0.34 && middle < 0.41, "in its middle: {middle}");
    // Turned by 90 degrees the long axis points down. Half the loss is left at half the width.
    for (x, y) in [(20, 30), (20, 18), (23, 24), (17, 24)] {
        assert!((lost(x, y) / middle - 0.5).abs() < 0.04, "{x} {y}: {} of {middle}", lost(x, y));
    }
    assert_eq!(sample(50, 24), 188);

    let none = client.file("none.csv", header);
    done(&args!["composite", grey, "--splats", none, "-o", output]);
    assert!(same_pixels(&output, &grey), "changed without dots");
}

#[test]
fn diff_of_equal_pictures_is_zero_and_grows_with_the_sessions() {
    let client = Client::planned();
    let diff = |a: &Path, b: &Path| done_json(&args!["diff", a, b, "--json"]);
    let (before, first) = (client.path("left.png"), render(&client, "1.png", &["--view", "left", "--session", "1"]));
    let same = diff(&before, &before);
    assert_eq!(
        (&same["mean_de2000"], &same["worst_de2000"], &same["psnr_db"]),
        (&json!(0.0), &json!(0.0), &Json::Null)
    );
    let last = render(&client, "3.png", &["--view", "left"]);
    let mean = |b: &Path| diff(&before, b)["mean_de2000"].as_f64().unwrap();
    assert!(mean(&first) > 0.0 && mean(&last) > mean(&first));
    let picture = client.path("difference.png");
    assert!(done(&args!["diff", before, last, "-o", picture]).contains("dE2000 mean"));
    assert_eq!([decoded(&picture).width(), HEIGHT], SIZE);
}

#[test]
fn the_demo_needs_no_input() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path();
    let said = demo_in(target);
    assert!(said.contains("dots over 3 sessions"), "{said}");
    assert!(done(&args!["info", target.join("sample.scalp")]).contains("after session 3"));
    let samples_of = |name: &str| samples(&decoded(&target.join(name))).to_vec();
    assert!(samples_of("front-0-before.jpg") != samples_of("front-3-session.jpg"));
    assert!(target.join("sessions.jpg").is_file());
}

#[test]
fn progress_and_timings_stay_out_of_the_output() {
    let client = Client::planned();
    let told = run(&args!["info", client.case(), "--json", "--timings", "-v"]);
    assert_eq!(told.code, Some(0));
    assert!(told.errors.contains("fitting the head") && told.errors.contains("ms  in all"), "{}", told.errors);
    assert!(serde_json::from_str::<Json>(&told.output).is_ok());
    assert!(done(&args!["--help"]).contains("scalp micropigmentation"));
    assert!(done(&args!["--version"]).starts_with("scalp-studio 0."));
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_or_full_standard_output_causes_no_panic() {
    use std::process::Stdio;
    let client = Client::planned();
    let full = || Stdio::from(fs::File::options().write(true).open("/dev/full").unwrap());
    let arguments = args!["plan", "get", client.case()];
    let done = program(&arguments).stdout(full()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    let errors = String::from_utf8(done.stderr).unwrap();
    assert_eq!((done.status.code(), errors.lines().count()), (Some(3), 1), "{errors}");
    assert!(errors.starts_with("scalp-studio: standard output"), "{errors}");

    // Nobody reads the output, as with `| head`.
    let mut child = program(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));

    // Nor can error messages be written.
    let missing = args!["info", client.path("missing.scalp"), "-v", "--timings"];
    assert_eq!(program(&missing).stderr(full()).status().unwrap().code(), Some(2));
}

#[test]
fn a_note_below_the_picture_leaves_the_picture_unchanged() {
    let client = Client::planned();
    let (plain, noted) = (render(&client, "plain.png", &[]), render(&client, "noted.png", &["--note"]));
    let (plain, noted) = (decoded(&plain), decoded(&noted));
    assert_eq!(noted.width(), plain.width());
    assert!(noted.height() > plain.height());
    assert_eq!(samples(&noted)[..samples(&plain).len()], *samples(&plain));
    let below = &samples(&noted)[samples(&plain).len()..];
    assert!(below.contains(&255) && below.iter().any(|&c| c < 120), "no dark letters on white");
}

#[test]
fn before_and_after_are_put_side_by_side_and_sessions_in_a_row() {
    let client = Client::planned();
    let (before, after) = (render(&client, "b.png", &["--layer", "before"]), render(&client, "a.png", &[]));
    let (before, after) = (decoded(&before), decoded(&after));
    let pair = decoded(&render(&client, "pair.png", &["--layer", "pair"]));
    let row = before.width() as usize * 3;
    assert_eq!(pair.width(), 2 * before.width());
    let halves = samples(&before).chunks(row).zip(samples(&after).chunks(row));
    for (both, (left, right)) in samples(&pair).chunks(2 * row).zip(halves) {
        assert!(both[..row] == *left && both[row..] == *right);
    }
    let column =
        |session: &str| decoded(&render(&client, "s.png", &["--layer", "sessions", "--session", session])).width();
    // Before, fresh after each session, and healed.
    assert_eq!(column("2"), 4 * column("0"));
}

/// Names of the files in a folder.
fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn one_call_makes_many_pictures_that_are_the_same_as_from_single_calls() {
    let client = Client::planned();
    let folder = client.path("pictures");
    let all = ["--view", "all", "--session", "all", "--age", "0d", "--age", "2y", "--format", "png"];
    let mut arguments = args!["render", client.case(), "-o", folder].to_vec();
    arguments.extend(all.map(std::ffi::OsString::from));
    assert_eq!(done(&arguments).trim(), format!("12 pictures of 1 case in {}", folder.display()));
    let mut expected = Vec::new();
    for view in ["front", "left"] {
        for session in 1..=3 {
            expected.extend(["0s", "2years"].map(|age| format!("client-{view}-session-{session}-{age}.png")));
        }
    }
    assert_eq!(names_in(&folder), expected);
    let alone = render(&client, "alone.png", &["--view", "left", "--session", "2", "--age", "2y"]);
    assert!(fs::read(alone).unwrap() == fs::read(folder.join("client-left-session-2-2years.png")).unwrap());

    // All outlooks of one view, twice: earlier pictures are replaced.
    let outlooks = ["light", "likely", "strong"].map(|outlook| args!["--outlook", outlook]);
    let arguments =
        [args!["render", client.case(), "--view", "left", "-o", folder].to_vec(), outlooks.concat()].concat();
    assert!(done(&arguments).starts_with("3 pictures of 1 case in "));
    let said = outcome(program(&arguments).env("RAYON_NUM_THREADS", "1"));
    assert_eq!(said.code, Some(0));
    let shade = |outlook: &str| brightness(&folder.join(format!("client-left-{outlook}.jpg")));
    assert!(shade("light") > shade("likely") && shade("likely") > shade("strong"));
}

#[test]
fn many_cases_are_rendered_in_one_call_even_if_one_is_damaged() {
    let client = Client::planned();
    let cases = client.path("cases");
    fs::create_dir(&cases).unwrap();
    for name in ["a", "b", "c"] {
        fs::copy(client.case(), cases.join(format!("{name}.scalp"))).unwrap();
    }
    fs::write(cases.join("notes.txt"), "no case").unwrap();
    let folder = client.path("pictures");
    assert_eq!(
        done(&args!["render", cases, "-o", folder]).trim(),
        format!("3 pictures of 3 cases in {}", folder.display())
    );
    assert_eq!(names_in(&folder), ["a-front.jpg", "b-front.jpg", "c-front.jpg"]);
    let alone = render(&client, "alone.jpg", &[]);
    assert!(names_in(&folder).iter().all(|name| fs::read(folder.join(name)).unwrap() == fs::read(&alone).unwrap()));

    fs::write(cases.join("b.scalp"), "no case").unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let ended = run(&args!["render", cases, "-o", folder]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.errors.contains("b.scalp") && ended.errors.contains("not every case could be rendered"),
        "{}",
        ended.errors
    );
    assert!(ended.output.starts_with("2 pictures of 2 cases in "), "{}", ended.output);
    assert_eq!(names_in(&folder), ["a-front.jpg", "c-front.jpg"]);

    // Two pictures would have the same name.
    let twin = client.path("a.scalp");
    fs::copy(client.case(), &twin).unwrap();
    let ended = run(&args!["render", twin, cases.join("a.scalp"), "-o", folder]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.errors.contains("several of the cases have this name"), "{}", ended.errors);
    let ended = run(&args!["render", client.case(), "--view", "all", "-o", twin]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.errors.contains("need a folder, and this is a file"), "{}", ended.errors);
}

#[test]
fn the_quality_of_a_jpeg_can_be_chosen_and_is_92_by_default() {
    let client = Client::planned();
    let size = |quality: &str| fs::metadata(render(&client, "q.jpg", &["--quality", quality])).unwrap().len();
    assert!(size("60") < size("92"));
    assert_eq!(size("92"), fs::metadata(render(&client, "d.jpg", &[])).unwrap().len());
}

/// Who writes 72,5 means 72.5, in every number of every command, with its unit or without.
#[test]
fn a_decimal_comma_is_one_wherever_a_number_is_given() {
    let client = Client::planned();
    let case = client.case();
    let both = |point: &[OsString], comma: &[OsString]| assert_eq!(done(point), done(comma), "{comma:?}");
    let dot = |numbers: [&str; 7]| {
        let names = ["--depth", "--height", "--diameter", "--absorption", "--pitch", "--melanin", "--epidermis"];
        let mut arguments = args!["dot"].to_vec();
        arguments.extend(names.iter().zip(numbers).flat_map(|(name, number)| args![name, number]));
        arguments
    };
    let point = dot(["0.25", "0.15", "0.35", "10.5", "1.5", "0.02", "0.06"]);
    both(&point, &dot(["0,25", "0,15", "0,35", "10,5", "1,5", "0,02", "0,06"]));
    both(&point, &dot(["0,25 mm", "0,15mm", "0,35 mm", "10,5 per mm", "1,5 mm", "0,02", "0,06 mm"]));
    let locate = |x: &str, y: &str| args!["locate", case, "--view", "front", x, y, "--json"];
    both(&locate("450.5", "450.25"), &locate("450,5", "450,25 px"));
    let measure = |x: &str| args!["measure", case, "--view", "front", x, "450", "460", "450.5"];
    both(&measure("450.5"), &measure("450,5"));
    let (point, comma) = (client.path("point.png"), client.path("comma.png"));
    let render = |age: &str, megapixels: &str, mebibytes: &str, to: &Path| {
        args!["render", case, "--age", age, "--max-megapixels", megapixels, "--max-decode-mib", mebibytes, "-o", to]
    };
    done(&render("1.5y", "20.5", "512", &point));
    done(&render("1,5y", "20,5 MP", "512 MiB", &comma));
    assert!(fs::read(&point).unwrap() == fs::read(&comma).unwrap());
    // A time of two parts is one as ever.
    done(&render("1y 6months", "20,5", "512", &comma));
    let made = |density: &str, name: &str| {
        let path = client.path(name);
        let front = client.view("front", &client.front());
        done(&args![
            "new",
            "--photo",
            front,
            "--landmarks",
            client.front_landmarks(),
            "--density",
            density,
            "-o",
            path
        ]);
        done(&args!["plan", "get", path])
    };
    assert_eq!(made("72.5", "a.scalp"), made("72,5 per cm2", "b.scalp"));
}
