//! A studio's own pigment: recovered from the tone it gives, kept in the case, and drawn as it was photographed.

use std::path::Path;

use crate::args;
use crate::client::{Client, decoded, done, refused, run, wrong};
use crate::truth::truth;
use glam::DVec2;
use scalp_studio::case::{Case, sample};
use scalp_studio::photo::{EncodeOptions, Format, Photo, encode};
use scalp_studio::plan::Plan;
use scalp_studio::plan::conditions::Conditions;
use scalp_studio::plan::pigment::{self as pigments, Pigment, STRONGEST_PER_MM};
use scalp_studio::plan::session::{self, Session};
use scalp_studio::reading::tissue::Skin;
use scalp_studio::reading::tone::Tone;
use scalp_studio::skin::calibration::{Calibrated, Channel, ToneError, pigment};
use scalp_studio::skin::shade::Recipe;

const SKINS: [Tone; 3] = [Tone([0.60, 0.38, 0.28]), Tone([0.33, 0.18, 0.11]), Tone([0.12, 0.065, 0.04])];
const AGE_DAYS: f64 = 60.0;

fn recipe<'a>(pigment: &'a Pigment, sessions: &'a [Session]) -> Recipe<'a> {
    Recipe {
        pigment,
        sessions,
        needle_mm: None,
        shade: 1.0,
        density_per_cm2: 106.0,
        depth_mm: 0.07,
        height_mm: 0.4,
        size_jitter: 0.25,
        randomness: 0.08,
        in_scar: false,
        conditions: Conditions::default(),
        skin: Skin::default(),
    }
}

fn carbon(absorption_per_mm: [f64; 3]) -> Pigment {
    Pigment { name: "own".into(), absorption_per_mm, part: Vec::new() }
}

#[test]
fn a_known_pigment_is_recovered_on_three_skins() {
    let sessions = session::defaults(3);
    let other = carbon([77.0; 3]);
    for of_library in pigments::library() {
        // A calibrated pigment fades like carbon, so the known one has to, too.
        let known = carbon(of_library.absorption_per_mm);
        for skin in SKINS {
            let treated = recipe(&known, &sessions).on(skin, AGE_DAYS);
            let found = pigment("own", &recipe(&other, &sessions), skin, treated, AGE_DAYS).unwrap();
            for c in 0..3 {
                let ratio = found.pigment.absorption_per_mm[c] / known.absorption_per_mm[c];
                assert!((ratio - 1.0).abs() < 0.05, "{} on {skin:?}, channel {c}: {ratio}", of_library.name);
            }
        }
    }
}

#[test]
fn the_range_includes_the_true_pigment_when_the_light_is_off_by_nearly_a_per_cent() {
    let sessions = session::defaults(3);
    for of_library in pigments::library() {
        let known = carbon(of_library.absorption_per_mm);
        for off in [0.991, 1.009] {
            let treated = Tone(recipe(&known, &sessions).on(SKINS[0], AGE_DAYS).0.map(|light| off * light));
            let Calibrated { pigment, range_per_mm } =
                pigment("own", &recipe(&known, &sessions), SKINS[0], treated, AGE_DAYS).unwrap();
            for (c, [low, high]) in range_per_mm.into_iter().enumerate() {
                let (truth, found) = (known.absorption_per_mm[c], pigment.absorption_per_mm[c]);
                assert!(low < truth && truth < high, "{}: {truth} is not from {low} to {high}", known.name);
                assert!(low <= found && found < high, "{found} is not from {low} to {high}");
            }
        }
    }
}

#[test]
fn stronger_pigment_is_darker_up_to_the_strongest() {
    let sessions = session::defaults(3);
    let light = |per_mm: f64| recipe(&carbon([per_mm; 3]), &sessions).on(SKINS[0], AGE_DAYS).0;
    let steps: Vec<[f64; 3]> =
        (0..=60).map(|k| light(STRONGEST_PER_MM * libm::exp2(f64::from(k - 60) / 4.0))).collect();
    for pair in steps.windows(2) {
        assert!((0..3).all(|c| pair[1][c] < pair[0][c]), "{pair:?}");
    }
}

#[test]
fn a_tone_that_no_pigment_gives_is_refused() {
    let sessions = session::defaults(3);
    let any = carbon([100.0; 3]);
    let (usual, skin) = (recipe(&any, &sessions), SKINS[0]);
    let found = |recipe: &Recipe, factors: [f64; 3]| {
        let treated = Tone(std::array::from_fn(|c| factors[c] * skin.0[c]));
        pigment("own", recipe, skin, treated, AGE_DAYS).map(|found| found.pigment)
    };
    assert_eq!(found(&usual, [1.0; 3]), Err(ToneError::NotDarker { channel: Channel::Red }));
    assert_eq!(found(&usual, [0.9, 1.0, 0.9]), Err(ToneError::NotDarker { channel: Channel::Green }));
    assert_eq!(found(&usual, [0.0; 3]), Err(ToneError::TooDark { channel: Channel::Red }));
    assert_eq!(found(&usual, [0.95, 0.95, 0.01]), Err(ToneError::TooDark { channel: Channel::Blue }));
    assert!(found(&usual, [f64::NAN; 3]).is_err());
    let bare = Recipe { density_per_cm2: 0.0, ..usual };
    assert_eq!(found(&bare, [0.9; 3]), Err(ToneError::TooDark { channel: Channel::Red }), "there are no dots");
}

#[test]
fn a_plan_keeps_its_own_pigment_and_refuses_an_unusable_one() {
    let plan = Case::open(&Client::planned().case()).unwrap().plan(None).unwrap().clone();
    assert!(!plan.to_json().contains("own_pigment"), "nothing should be written for a plan without one");
    let own = carbon([300.0, 400.0, 500.0]);
    let with = plan.clone().with_pigment(&own);
    with.check().unwrap();
    assert_eq!(Plan::from_json(&with.to_json()).unwrap(), with);
    assert_eq!(with.chosen_pigment(), Some(&own));
    let of_library = with.with_pigment(&pigments::library()[1]);
    assert_eq!(of_library.chosen_pigment(), Some(&pigments::library()[1]));
    assert_eq!(of_library.own_pigment, Some(own.clone()), "it should stay available");
    let field = |pigment: Pigment| plan.clone().with_pigment(&pigment).check().unwrap_err().field;
    assert_eq!(field(Pigment { name: " ".into(), ..own.clone() }), "own_pigment.name");
    assert_eq!(field(Pigment { name: pigments::library()[0].name.clone(), ..own.clone() }), "own_pigment.name");
    assert_eq!(field(carbon([300.0, -1.0, 3.0])), "own_pigment.absorption_per_mm[1]");
    assert_eq!(field(carbon([300.0, 1.0, f64::NAN])), "own_pigment.absorption_per_mm[2]");
    let lost = Plan { own_pigment: None, pigment: own.name.clone(), ..plan };
    assert_eq!(lost.check().unwrap_err().field, "pigment");
}

/// Mean light around a pixel.
fn mean(path: &Path, middle_px: DVec2, radius_px: f64) -> Tone {
    Tone::mean_in_disc(&decoded(path), middle_px, radius_px).unwrap()
}

#[test]
fn a_pigment_calibrated_from_healed_skin_reproduces_that_skin() {
    let client = Client::unplanned();
    // In even light, so that bare and treated skin differ only by the dots.
    let truth = truth();
    let top = &truth.views["top"];
    let size = top.size_px();
    let even = Photo::from_srgb(size[0], size[1], [200, 165, 145].repeat((size[0] * size[1]) as usize)).unwrap();
    let even = client.file("even.png", encode(&even, Format::Png, &EncodeOptions::default()).unwrap());
    let front = sample::Client::Light.views().unwrap().into_iter().find(|v| v.name == "front").unwrap();
    let front = client.view("front", &client.file("sample.jpg", front.bytes));
    let mut points: serde_json::Value =
        serde_json::from_str(include_str!("../../assets/sample/light/landmarks.json")).unwrap();
    points["views"].as_object_mut().unwrap().retain(|view, _| ["front", "top"].contains(&view.as_str()));
    let points = client.file("points.json", points.to_string());
    let new = |photo: &Path, case: &Path| {
        let top = client.view("top", photo);
        // Otherwise the dots already in the photo would be taken for hair.
        let new =
            args!["new", "--photo", front, "--photo", top, "--landmarks", points, "--ignore-own-hair", "-o", case];
        let outcome = run(&new);
        assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    };
    let render = |case: &Path, to: &Path| {
        done(&args!["render", case, "--view", "top", "--age", "60d", "-o", to]);
    };
    let placed = client.path("placed.scalp");
    new(&even, &placed);
    let per_mm = [150.0, 200.0, 260.0];
    let known = client.file("known.toml", carbon(per_mm).to_toml());
    done(&args!["plan", "set", placed, "--pigment", known]);
    assert_eq!(Case::open(&placed).unwrap().plan(None).unwrap().pigment, "own");
    let healed = client.path("healed.png");
    render(&placed, &healed);

    // A case of the healed client, whose plan names another pigment.
    let case = client.path("healed.scalp");
    new(&healed, &case);
    let [bare, treated] =
        [[0.0, 5.0, 96.0], [0.0, 72.0, 42.0]].map(|place| DVec2::from(top.pixel(place).map(f64::round)));
    let at = |pixel: DVec2| format!("{},{}", pixel.x, pixel.y);
    let own = client.path("own.toml");
    let ask = |bare: DVec2, treated: DVec2, name: &str| {
        args![
            "calibrate",
            case,
            "--view",
            "top",
            "--bare",
            at(bare),
            "--treated",
            at(treated),
            "--age",
            "60d",
            "--name",
            name,
            "-o",
            own
        ]
    };
    refused(client.root(), &ask(DVec2::new(3.0, 3.0), treated, "ink"), &wrong(&case, "does not show the head"));
    refused(client.root(), &ask(bare, bare, "ink"), &wrong(&case, "places next to no dots"));
    refused(client.root(), &ask(treated, treated, "ink"), &wrong(&case, "not darker than the bare skin"));
    let mut apply = ask(bare, treated, "Ink").to_vec();
    apply.push("--apply".into());
    done(&apply);
    assert_eq!(Case::open(&case).unwrap().undo_name(), Some("Calibrate pigment"));
    let found = Pigment::from_toml(&std::fs::read_to_string(&own).unwrap()).unwrap();
    assert_eq!(Case::open(&case).unwrap().plan(None).unwrap().chosen_pigment(), Some(&found));
    // Dots this dark take most of the light whatever their strength, and no two patches have the same dots: one per
    // cent of the light they take is five per cent of the pigment. On average the pigment is recovered.
    let [across, along] = [[-100.0, 0.0, 100.0], [-120.0, -40.0, 40.0]];
    let places = across.into_iter().flat_map(|x| along.map(|y| treated + DVec2::new(x, y)));
    let mut ratios = [[0.0; 3]; 9];
    for (place, ratio) in places.zip(&mut ratios) {
        let mut wide = ask(bare, place, "Ink").to_vec();
        wide.extend(args!["--radius-mm", "16"]);
        done(&wide);
        let found = Pigment::from_toml(&std::fs::read_to_string(&own).unwrap()).unwrap();
        *ratio = std::array::from_fn(|c| found.absorption_per_mm[c] / per_mm[c]);
    }
    for c in 0..3 {
        assert!(ratios.iter().all(|ratio| (ratio[c] - 1.0).abs() < 0.12), "channel {c}: {ratios:?}");
        let mean = ratios.iter().map(|ratio| ratio[c]).sum::<f64>() / ratios.len() as f64;
        assert!((mean - 1.0).abs() < 0.03, "channel {c}: {mean}");
    }

    // Drawn with the found pigment on the photo from before treatment.
    done(&args!["plan", "set", placed, "--pigment", own]);
    let again = client.path("again.png");
    render(&placed, &again);
    let [seen, drawn] = [&healed, &again].map(|path| mean(path, treated, 25.0));
    let of_pigment = seen.difference(mean(&healed, bare, 25.0));
    let difference = seen.difference(drawn);
    assert!(of_pigment > 2.0 && difference < 0.05 * of_pigment, "{difference} of {of_pigment}");
}
