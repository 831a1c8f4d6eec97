//! A case as the window uses it: photos are added, removed and turned, and every step can be undone.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::truth::truth;
use glam::DVec2;
use proptest::prelude::*;
use scalp_studio::case::document::{
    Document, DocumentError, FoundLandmark, FoundRecord, PhotoKey, Variant, ViewRecord,
};
use scalp_studio::case::picks::PickedTone;
use scalp_studio::case::{Case, CaseError, Error, decode_view, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::Part;
use scalp_studio::head::fit::Scale;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::head::standard_view::StandardView;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, Turn, decode, encode};
use scalp_studio::plan::Plan;
use scalp_studio::plan::area::{Effect, Stroke};
use scalp_studio::plan::treatment::Treatment;
use scalp_studio::reading::tone::Tone;

const LIMITS: Limits = Limits { max_pixels: 100_000_000, max_decode_bytes: 1 << 30, max_file_bytes: 64 << 20 };

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// A picture that looks different in every orientation.
fn picture(width: u32, height: u32, shade: u8) -> Vec<u8> {
    let samples = (0..width * height * 3).map(|i| (i * 7) as u8 ^ shade).collect();
    encode(&Photo::from_srgb(width, height, samples).unwrap(), Format::Png, &EncodeOptions::default()).unwrap()
}

fn empty(folder: &Folder) -> Case {
    Case::create_empty(&folder.path("client.scalp"), Existing::Refuse).unwrap()
}

/// A case with one photo, 40 x 30 pixels, in the view "front".
fn with_front(folder: &Folder) -> Case {
    let mut case = empty(folder);
    assert_eq!(case.add_photo("front", "IMG_1.png", picture(40, 30, 0), &LIMITS).unwrap(), 0);
    case
}

/// Sets a landmark, as a click does.
fn click(case: &mut Case, view: usize, landmark: Landmark, at: [f64; 2]) {
    let mut document = case.document().clone();
    document.views[view].landmarks.insert(landmark, at);
    case.commit("Set landmark", document).unwrap();
}

fn reopened(path: &Path) -> Case {
    Case::open(path).unwrap()
}

#[test]
fn an_empty_case_says_what_is_missing_and_keeps_the_photos_it_is_given() {
    let folder = Folder::new();
    let mut case = empty(&folder);
    assert!(matches!(case.plan(None), Err(Error::NoPlan)));
    assert!(matches!(case.view_index(None), Err(Error::NoPhotos)));
    assert!(matches!(case.photo(0, &LIMITS), Err(Error::NoSuchView { .. })));
    assert!(case.turn_view(3, Turn::HALF).is_err() && case.remove_view(0).is_err() && case.thumbnail(0).is_err());
    assert!(case.fit().is_err());
    assert_eq!((case.undo().unwrap(), case.redo().unwrap(), case.undo_name()), (None, None, None));

    let bytes = picture(40, 30, 0);
    assert_eq!(case.add_photo("front", "IMG_1.png", bytes.clone(), &LIMITS).unwrap(), 0);
    assert_eq!(case.add_photo("front", "IMG_2.png", picture(20, 10, 1), &LIMITS).unwrap(), 1);
    assert_eq!(case.undo_name(), Some("Add photo front-2"));
    drop(case);
    let case = reopened(&folder.path("client.scalp"));
    assert_eq!(case.path(), folder.path("client.scalp"));
    let sizes: Vec<_> = case.document().views.iter().map(|v| (v.name.as_str(), v.width_px, v.height_px)).collect();
    assert_eq!(sizes, [("front", 40, 30), ("front-2", 20, 10)]);
    assert_eq!(case.photo_bytes(0).unwrap(), bytes);
    assert_eq!(case.photo(0, &LIMITS).unwrap(), decode(&bytes, &LIMITS).unwrap());
}

#[test]
fn a_refused_change_leaves_case_and_file_untouched() {
    let folder = Folder::new();
    let mut case = with_front(&folder);
    case.add_photo("back", "b.png", picture(20, 10, 1), &LIMITS).unwrap();
    let (document, file) = (case.document().clone(), fs::read(case.path()).unwrap());
    assert!(matches!(case.add_photo("top", "t", b"text".to_vec(), &LIMITS), Err(Error::Photo { .. })));
    assert!(matches!(case.add_photo("../top", "t", picture(9, 9, 1), &LIMITS), Err(Error::ViewName { .. })));
    assert!(matches!(case.rename_view(0, "a/b"), Err(Error::ViewName { .. })));
    assert!(matches!(case.rename_view(0, "back"), Err(Error::ViewTwice { .. })));
    let refuses = |case: &mut Case, change: &dyn Fn(&mut Document)| {
        let mut document = case.document().clone();
        change(&mut document);
        case.commit("Wrong", document).unwrap_err()
    };
    // A document that could not be opened again is not written.
    let error = refuses(&mut case, &|d| d.views[0].outline.push([f64::NAN, 1.0]));
    assert!(matches!(error, Error::Document(DocumentError::Damaged { .. })), "{error}");
    refuses(&mut case, &|d| d.views[1].name = "front".into());
    refuses(&mut case, &|d| d.set_scale(&Scale::MeasuredPupils { distance_mm: f64::INFINITY }));
    let error = refuses(&mut case, &|d| d.views[0].photo = 99);
    assert!(matches!(error, Error::Store(CaseError::NoSuchPhoto { id: 99, .. })), "{error}");
    // Committing an equal document adds no step.
    case.commit("Nothing", document.clone()).unwrap();
    assert_eq!(case.undo_name(), Some("Add photo back"));
    assert_eq!(*case.document(), document);
    assert!(fs::read(case.path()).unwrap() == file);
}

#[test]
fn undo_survives_a_restart_and_removed_photos_come_back() {
    let folder = Folder::new();
    let mut case = with_front(&folder);
    click(&mut case, 0, Landmark::Menton, [12.5, 20.0]);
    case.remove_view(0).unwrap();
    assert_eq!(case.undo_name(), Some("Remove photo front"));
    drop(case);

    let mut case = reopened(&folder.path("client.scalp"));
    assert!(case.document().views.is_empty());
    assert_eq!(case.undo().unwrap().as_deref(), Some("Remove photo front"));
    assert_eq!(case.photo(0, &LIMITS).unwrap(), decode(&picture(40, 30, 0), &LIMITS).unwrap());
    assert_eq!(case.undo().unwrap().as_deref(), Some("Set landmark"));
    assert!(case.document().views[0].landmarks.is_empty());
    drop(case);

    let mut case = reopened(&folder.path("client.scalp"));
    assert_eq!((case.undo_name(), case.redo_name()), (Some("Add photo front"), Some("Set landmark")));
    assert_eq!(case.redo().unwrap().as_deref(), Some("Set landmark"));
    assert_eq!(case.document().views[0].landmarks[&Landmark::Menton], [12.5, 20.0]);
    // A new step replaces the ones that were undone.
    click(&mut case, 0, Landmark::Vertex, [1.0, 2.0]);
    assert_eq!((case.redo().unwrap(), case.redo_name()), (None, None));
}

#[test]
fn revert_goes_back_to_the_case_as_opened_and_can_be_undone() {
    let folder = Folder::new();
    drop(with_front(&folder));
    let mut case = reopened(&folder.path("client.scalp"));
    let opened = case.document().clone();
    case.rename_view(0, "left").unwrap();
    case.add_photo("top", "t.png", picture(20, 10, 1), &LIMITS).unwrap();
    let changed = case.document().clone();
    case.revert().unwrap();
    assert_eq!((case.document(), case.undo_name()), (&opened, Some("Revert")));
    case.undo().unwrap();
    assert_eq!(*case.document(), changed);
    case.undo().unwrap();
    case.undo().unwrap();
    assert_eq!(
        (case.document(), case.undo_name()),
        (&opened, Some("Add photo front")),
        "steps from before the case was opened are still there"
    );

    // A photo that is gone for good does not come back, and no other photo takes its number.
    case.remove_view(0).unwrap();
    case.forget_history().unwrap();
    case.add_photo("back", "b.png", picture(20, 10, 2), &LIMITS).unwrap();
    case.revert().unwrap();
    assert!(case.document().views.is_empty());
    assert_eq!(case.undo_name(), Some("Revert"));
}

#[test]
fn forgetting_the_history_erases_removed_photos_and_keeps_the_rest() {
    let folder = Folder::new();
    let mut case = with_front(&folder);
    case.add_photo("top", "t.png", picture(20, 10, 1), &LIMITS).unwrap();
    case.remove_view(0).unwrap();
    case.forget_history().unwrap();
    assert_eq!((case.undo().unwrap(), case.undo_name()), (None, None));
    let (removed, kept) = (picture(40, 30, 0), picture(20, 10, 1));
    let file = fs::read(case.path()).unwrap();
    let holds = |bytes: &[u8]| file.windows(40).any(|w| w == &bytes[bytes.len() / 2..][..40]);
    assert!(!holds(&removed) && holds(&kept));
    drop(case);
    let mut case = reopened(&folder.path("client.scalp"));
    assert_eq!(case.photo_bytes(0).unwrap(), kept);
    case.rename_view(0, "back").unwrap();
    case.undo().unwrap();
    assert_eq!(case.document().views[0].name, "top");
}

#[test]
fn the_scale_follows_its_view_when_it_is_renamed_turned_or_removed() {
    let folder = Folder::new();
    let mut case = with_front(&folder);
    let ruler = |view: &str| Scale::Ruler {
        view: view.into(),
        ends_px: [DVec2::new(1.0, 2.0), DVec2::new(3.5, 4.0)],
        length_mm: 20.0,
    };
    let mut document = case.document().clone();
    document.set_scale(&ruler("front"));
    case.commit("Set scale", document).unwrap();
    case.rename_view(0, "face").unwrap();
    assert_eq!(case.document().scale(), ruler("face"));
    case.turn_view(0, Turn::CLOCKWISE).unwrap();
    let Scale::Ruler { ends_px, .. } = case.document().scale() else { panic!("a ruler") };
    assert_eq!(ends_px, [DVec2::new(28.0, 1.0), DVec2::new(26.0, 3.5)]);
    case.remove_view(0).unwrap();
    assert_eq!(case.document().scale(), Scale::AveragePupils);
    case.undo().unwrap();
    assert!(matches!(reopened(case.path()).document().scale(), Scale::Ruler { .. }));
}

#[test]
fn a_turned_photo_is_shown_turned_everywhere() {
    let folder = Folder::new();
    let mut case = with_front(&folder);
    click(&mut case, 0, Landmark::PupilRight, [10.5, 7.25]);
    let upright = case.document().clone();
    let plain = case.photo(0, &LIMITS).unwrap();
    case.set_thumbnail(0, b"upright").unwrap();
    case.turn_view(0, Turn::CLOCKWISE).unwrap();
    assert_eq!(case.undo_name(), Some("Turn photo front"));
    assert_eq!(case.thumbnail(0).unwrap(), None, "the old thumbnail shows the photo unturned");
    case.set_thumbnail(0, b"turned").unwrap();
    let record = &case.document().views[0];
    assert_eq!([record.width_px, record.height_px], [30, 40]);
    assert_eq!(record.landmarks[&Landmark::PupilRight], [22.75, 10.5]);
    assert_eq!(case.photo(0, &LIMITS).unwrap(), plain.clone().turned(Turn::CLOCKWISE));
    let elsewhere = decode_view(&case.photo_bytes(0).unwrap(), record, &LIMITS).unwrap();
    assert_eq!(elsewhere, case.photo(0, &LIMITS).unwrap());
    drop(case);

    let mut case = reopened(&folder.path("client.scalp"));
    assert_eq!(case.thumbnail(0).unwrap().as_deref(), Some(&b"turned"[..]));
    for _ in 0..3 {
        case.turn_view(0, Turn::CLOCKWISE).unwrap();
    }
    assert_eq!(*case.document(), upright, "four quarter turns cancel out");
    assert_eq!(case.photo(0, &LIMITS).unwrap(), plain);
    assert_eq!(case.thumbnail(0).unwrap().as_deref(), Some(&b"upright"[..]));
    case.turn_view(0, Turn::MIRROR).unwrap();
    assert_eq!(case.undo_name(), Some("Mirror photo front"));
    assert_eq!(case.document().views[0].landmarks.get(&Landmark::PupilLeft), Some(&[29.5, 7.25]));
    case.turn_view(0, Turn::MIRROR).unwrap();
    assert_eq!(*case.document(), upright);
}

/// The sample client in a new case: each photo is turned by `lay` before it is added, and points are set in it as it
/// lies.
fn sample_laid(path: &Path, lay: impl Fn(&str) -> Turn, name: impl Fn(&str) -> String) -> Case {
    let mut case = Case::create_empty(path, Existing::Refuse).unwrap();
    for view in sample::Client::Light.views().unwrap() {
        let turn = lay(&view.name);
        let size_px = truth().views[&view.name].size_px();
        let bytes = if turn.is_none() {
            view.bytes
        } else {
            let photo = decode(&view.bytes, &LIMITS).unwrap();
            encode(&photo.turned(turn), Format::Jpeg { quality: 50 }, &EncodeOptions::default()).unwrap()
        };
        let index = case.add_photo(&name(&view.name), &view.file_name, bytes, &LIMITS).unwrap();
        let mut document = case.document().clone();
        let moved = |p: DVec2| turn.point_px(p, size_px).to_array();
        let named = |l: Landmark| if turn.is_mirrored() { l.mirrored() } else { l };
        document.views[index].landmarks = view.points.landmarks.iter().map(|&(l, p)| (named(l), moved(p))).collect();
        document.views[index].outline = view.points.outline.iter().copied().map(moved).collect();
        case.commit("Click", document).unwrap();
    }
    case
}

#[test]
fn photos_turned_upright_in_the_case_give_the_same_head() {
    let folder = Folder::new();
    let same = |name: &str| name.to_owned();
    let upright = sample_laid(&folder.path("upright.scalp"), |_| Turn::NONE, same).fit().unwrap();
    let lay = |name: &str| match name {
        "front" => Turn::COUNTERCLOCKWISE,
        "top" => Turn::HALF,
        _ => Turn::NONE,
    };
    let mut case = sample_laid(&folder.path("lying.scalp"), lay, same);
    assert_eq!(case.document().views[0].width_px, truth().views["front"].size_px()[1]);
    case.turn_view(0, Turn::CLOCKWISE).unwrap();
    case.turn_view(3, Turn::HALF).unwrap();
    let fit = case.fit().unwrap();
    for (here, there) in fit.fit.residual_px.iter().zip(&upright.fit.residual_px) {
        assert!((here - there).abs() < 1e-6, "{here} {there}");
    }
    let point = |fit: &scalp_studio::head::fit::Fit| fit.head.above_glabella(73.0).position;
    let off_mm = point(&fit.fit).distance(point(&upright.fit));
    assert!(off_mm < 1e-4, "{off_mm}");
}

#[test]
fn mirrored_photos_give_the_mirrored_head() {
    let folder = Folder::new();
    let same = |name: &str| name.to_owned();
    let plain = sample_laid(&folder.path("plain.scalp"), |_| Turn::NONE, same).fit().unwrap();
    let mirrored_name = |name: &str| match name {
        "left-oblique" => "right-oblique".to_owned(),
        "right" => "left".to_owned(),
        other => other.to_owned(),
    };
    let mut case = sample_laid(&folder.path("mirrored.scalp"), |_| Turn::NONE, mirrored_name);
    for view in 0..5 {
        case.turn_view(view, Turn::MIRROR).unwrap();
    }
    let mirrored = case.fit().unwrap();
    for (here, there) in mirrored.fit.residual_px.iter().zip(&plain.fit.residual_px) {
        assert!((here - there).abs() < 1e-6, "{here} {there}");
    }
    let point = |fit: &scalp_studio::head::fit::Fit| fit.head.above_glabella(73.0).position;
    let [here, there] = [point(&mirrored.fit), point(&plain.fit)];
    assert!(here.distance(there * glam::DVec3::new(-1.0, 1.0, 1.0)) < 1e-4, "{here} {there}");
}

#[test]
fn save_as_switches_to_the_new_file_and_duplicate_does_not() {
    let folder = Folder::new();
    let mut case = with_front(&folder);
    case.rename_view(0, "left").unwrap();
    let (before, trail) = (case.document().clone(), case.trail().unwrap());
    case.duplicate(&folder.path("copy.scalp"), Existing::Refuse).unwrap();
    assert_eq!(case.path(), folder.path("client.scalp"));
    case.save_as(&folder.path("other.scalp"), Existing::Refuse).unwrap();
    assert_eq!(case.path(), folder.path("other.scalp"));
    assert_eq!(case.undo().unwrap().as_deref(), Some("Rename front to left"), "the history comes along");
    case.rename_view(0, "right").unwrap();
    case.revert().unwrap();
    assert!(case.document().views.is_empty(), "as it was when the old file was opened");
    case.undo().unwrap();
    let old = reopened(&folder.path("client.scalp"));
    assert_eq!((old.document(), old.undo_name()), (&before, Some("Rename front to left")), "the old file is unchanged");
    // But for its record.
    let copies: Vec<String> = old.trail().unwrap().into_iter().skip(trail.len()).map(|entry| entry.what).collect();
    assert_eq!(
        copies,
        ["copy", "other"].map(|to| format!("Copy to {}", folder.path(&format!("{to}.scalp")).display()))
    );
    assert_eq!(reopened(&folder.path("other.scalp")).document().views[0].name, "right");
    let mut copy = reopened(&folder.path("copy.scalp"));
    assert_eq!(copy.undo().unwrap().as_deref(), Some("Rename front to left"));
    assert_eq!(copy.photo_bytes(0).unwrap(), picture(40, 30, 0));

    assert!(case.save_as(&folder.path("copy.scalp"), Existing::Refuse).is_err());
    assert!(case.save_as(&folder.path("no/such/folder.scalp"), Existing::Replace).is_err());
    assert_eq!(case.path(), folder.path("other.scalp"), "the case stays in its file");
    case.rename_view(0, "top").unwrap();
}

#[test]
fn a_tampered_history_step_is_refused_and_changes_nothing() {
    let folder = Folder::new();
    let mut case = with_front(&folder);
    case.rename_view(0, "side").unwrap();
    let path = case.path().to_owned();
    drop(case);
    // Undoing this step would give the view a name that leads out of the folder.
    let connection = rusqlite::Connection::open(&path).unwrap();
    let wrong = "UPDATE history SET before = '../../x' WHERE before = 'front' AND after = 'side'";
    assert_eq!(connection.execute(wrong, ()).unwrap(), 1);
    drop(connection);
    let before = fs::read(&path).unwrap();
    assert!(matches!(reopened(&path).undo(), Err(Error::Store(CaseError::DamagedStep { .. }))));
    assert!(fs::read(&path).unwrap() == before);
    // Whoever means harm writes no checksum: formats before the fifth have none.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("DROP TABLE checksum; PRAGMA user_version = 4").unwrap();
    drop(connection);
    let before = fs::read(&path).unwrap();
    let mut case = reopened(&path);
    assert!(matches!(case.undo(), Err(Error::Document(_))));
    assert_eq!(case.document().views[0].name, "side");
    assert!(fs::read(&path).unwrap() == before);
    case.rename_view(0, "right").unwrap();
    assert_eq!(case.undo().unwrap().as_deref(), Some("Rename side to right"));
}

fn planned() -> Document {
    let mut document = Document::new(Vec::new(), &Scale::AveragePupils);
    let plan = Plan::for_treatment(Treatment::FullShave, None, &scalp_studio::head::Head::average());
    document.variants.push(Variant { name: "A".into(), plan });
    document
}

#[test]
fn variants_are_copied_renamed_and_deleted() {
    let mut document = planned();
    assert_eq!(document.copy_variant(0).unwrap(), 1);
    document.rename_variant(0, "Low line").unwrap();
    assert_eq!(document.copy_variant(1).unwrap(), 2);
    let names = |d: &Document| d.variants.iter().map(|v| v.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&document), ["Low line", "B", "A"]);
    assert_eq!(document.variants[2].plan, document.variants[0].plan);
    for wrong in ["B", "", "  ", "a\nb", &"x".repeat(61)] {
        assert!(matches!(document.rename_variant(0, wrong), Err(DocumentError::VariantName { .. })), "{wrong}");
    }
    document.rename_variant(1, "B").unwrap();
    assert!(document.copy_variant(7).is_err() && document.delete_variant(7).is_err());
    document.delete_variant(0).unwrap();
    document.delete_variant(0).unwrap();
    assert_eq!(document.delete_variant(0), Err(DocumentError::OnlyVariant));
    for _ in document.variants.len()..26 {
        document.copy_variant(0).unwrap();
    }
    assert_eq!(document.copy_variant(0), Err(DocumentError::TooManyVariants));
    document.check().unwrap();
    assert_eq!(Document::from_json(&document.to_json()).unwrap(), document);
}

#[test]
fn a_document_declares_the_oldest_format_that_can_hold_it() {
    let format = |document: &Document| {
        serde_json::from_str::<serde_json::Value>(&document.to_json()).unwrap()["format"].as_u64().unwrap()
    };
    let folder = Folder::new();
    let mut case = with_front(&folder);
    assert_eq!(format(case.document()), 2, "no plan yet");
    let mut document = case.document().clone();
    document.variants = planned().variants;
    assert_eq!(format(&document), 1);
    case.commit("Plan", document).unwrap();
    case.turn_view(0, Turn::HALF).unwrap();
    assert_eq!(format(case.document()), 2);
    let turned = case.document().to_json();
    assert_eq!(Document::from_json(&turned).unwrap(), *case.document());
    assert!(Document::from_json(&turned.replace("\"format\":2", "\"format\":1")).is_err());
    case.turn_view(0, Turn::HALF).unwrap();
    assert_eq!(format(case.document()), 1);
    assert!(!case.document().to_json().contains("turn"));
    // A plain stroke is still format 1; a hard one, or one that is turned off, needs format 6.
    let with = |hardness, off| {
        let mut document = case.document().clone();
        document.variants[0].plan.strokes.push(Stroke {
            part: Part::Cranium,
            points: vec![[0.0, 100.0, 0.0]],
            radius_mm: 10.0,
            change_per_cm2: 20.0,
            effect: Effect::Change,
            hardness,
            off,
        });
        document
    };
    assert_eq!([with(0.0, false), with(0.5, false), with(0.0, true)].map(|d| format(&d)), [1, 6, 6]);
    let json = with(0.0, true).to_json();
    assert_eq!(Document::from_json(&json).unwrap(), with(0.0, true));
    assert!(Document::from_json(&json.replace("\"format\":6", "\"format\":5")).is_err());
}

#[test]
fn picked_colours_are_kept_and_follow_their_view() {
    let folder = Folder::new();
    let mut case = with_front(&folder);
    let mut document = case.document().clone();
    document.variants = planned().variants;
    let before = document.to_json();
    assert!(!before.contains("client"));
    let skin = Tone([0.5, 0.3, 0.2]);
    document.client.skin = Some(PickedTone::new(skin, "front", [2.0, 1.0]));
    // A colour outside sRGB has a negative amount of one primary.
    document.client.hair = Some(PickedTone::new(Tone([0.1, 0.05, -0.01]), "front", [5.0, 3.0]));
    assert!(document.to_json().starts_with("{\"format\":3,"), "{}", document.to_json());
    case.commit("Pick skin", document.clone()).unwrap();
    let mut case = reopened(case.path());
    assert_eq!(case.document(), &document);
    assert_eq!(case.document().client.skin.as_ref().unwrap().tone(), skin);
    // An older program refuses a document whose colours it would drop.
    assert!(Document::from_json(&document.to_json().replace("\"format\":3", "\"format\":2")).is_err());

    let view = case.document().views[0].clone();
    case.turn_view(0, Turn::CLOCKWISE).unwrap();
    case.rename_view(0, "top").unwrap();
    let at = Turn::CLOCKWISE.point_px(DVec2::new(2.0, 1.0), [view.width_px, view.height_px]);
    let turned = &case.document().client;
    assert_eq!(turned.skin, Some(PickedTone::new(skin, "top", at.to_array())));
    case.remove_view(0).unwrap();
    assert!(case.document().client.is_empty());
    case.undo().unwrap();
    assert!(!case.document().client.is_empty());
    let mut undone = std::iter::from_fn(|| case.undo().unwrap());
    assert!(undone.any(|name| name == "Pick skin"));
    assert!(!case.document().to_json().contains("client"), "without colours nothing is written about them");
}

#[derive(Debug, Clone)]
enum Act {
    Note(String),
    Add(u8),
    Remove(prop::sample::Index),
    Rename(prop::sample::Index, String),
    Turn(prop::sample::Index, Turn),
    Click(prop::sample::Index, f64),
    Ruler(prop::sample::Index),
    Pick(prop::sample::Index, f64),
    Revert,
    Undo,
    Redo,
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    use prop::sample::Index;
    let turns = [Turn::CLOCKWISE, Turn::COUNTERCLOCKWISE, Turn::HALF, Turn::MIRROR];
    prop_oneof![
        "[a-zäö\"\\\\€\n]{0,20}".prop_map(Act::Note),
        (0..4_u8).prop_map(Act::Add),
        any::<Index>().prop_map(Act::Remove),
        (any::<Index>(), "[a-c]").prop_map(|(view, name)| Act::Rename(view, name)),
        (any::<Index>(), prop::sample::select(turns.to_vec())).prop_map(|(view, turn)| Act::Turn(view, turn)),
        (any::<Index>(), 0.0..9.0).prop_map(|(view, x)| Act::Click(view, x)),
        any::<Index>().prop_map(Act::Ruler),
        (any::<Index>(), -1.0..2.0).prop_map(|(view, light)| Act::Pick(view, light)),
        Just(Act::Revert),
        Just(Act::Undo),
        Just(Act::Undo),
        Just(Act::Undo),
        Just(Act::Redo),
        Just(Act::Redo),
        Just(Act::Reopen),
    ]
}

/// Carries out `act`. An error is a refusal and changes nothing.
fn edit(case: &mut Case, act: &Act) -> Result<(), Error> {
    let mut document = case.document().clone();
    let count = document.views.len();
    let at = |index: &prop::sample::Index| if count == 0 { 0 } else { index.index(count) };
    match act {
        Act::Note(text) => {
            document.notes.clone_from(text);
            case.commit("Note", document)
        }
        Act::Add(shade) => {
            let width = 8 + u32::from(*shade);
            case.add_photo("view", "p.png", picture(width, 6, *shade), &LIMITS).map(drop)
        }
        Act::Remove(view) => case.remove_view(at(view)),
        Act::Rename(view, name) => case.rename_view(at(view), name),
        Act::Turn(view, turn) => case.turn_view(at(view), *turn),
        Act::Click(view, x) if count > 0 => {
            document.views[at(view)].landmarks.insert(Landmark::TragusLeft, [*x, 1.0]);
            case.commit("Click", document)
        }
        Act::Ruler(view) if count > 0 => {
            let view = document.views[at(view)].name.clone();
            document.set_scale(&Scale::Iris { view, edge_px: [DVec2::ZERO, DVec2::ONE] });
            case.commit("Scale", document)
        }
        Act::Pick(view, light) if count > 0 => {
            let view = &document.views[at(view)].name;
            document.client.hair = Some(PickedTone::new(Tone([*light; 3]), view, [1.0, *light]));
            case.commit("Pick", document)
        }
        Act::Revert => case.revert(),
        _ => Ok(()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the sequence of edits, undos, redos and restarts, a case behaves like a list of documents with a cursor
    /// in it, and every photo that comes back is whole.
    #[test]
    fn a_case_behaves_like_a_list_of_documents_with_a_cursor(acts in prop::collection::vec(act(), 1..20)) {
        let folder = Folder::new();
        let mut case = with_front(&folder);
        let path = case.path().to_owned();
        let mut documents = vec![Document::new(Vec::new(), &Scale::AveragePupils), case.document().clone()];
        let mut cursor = 1_usize;
        for act in acts {
            match act {
                Act::Undo => {
                    let name = case.undo_name().map(str::to_owned);
                    prop_assert_eq!(case.undo().unwrap(), name.clone());
                    prop_assert_eq!(name.is_some(), cursor > 0);
                    cursor = cursor.saturating_sub(1);
                }
                Act::Redo => {
                    let name = case.redo_name().map(str::to_owned);
                    prop_assert_eq!(case.redo().unwrap(), name.clone());
                    prop_assert_eq!(name.is_some(), cursor + 1 < documents.len());
                    cursor += usize::from(name.is_some());
                }
                Act::Reopen => {
                    drop(case);
                    case = reopened(&path);
                }
                act => {
                    if edit(&mut case, &act).is_ok() && *case.document() != documents[cursor] {
                        documents.truncate(cursor + 1);
                        documents.push(case.document().clone());
                        cursor += 1;
                    }
                }
            }
            prop_assert_eq!(case.document(), &documents[cursor]);
            for view in 0..case.document().views.len() {
                prop_assert!(case.photo(view, &LIMITS).is_ok());
            }
            let stored = reopened(&path);
            prop_assert_eq!(stored.document(), case.document());
        }
    }
}

#[test]
fn a_view_and_its_fit_input_agree_on_whether_there_are_enough_points() {
    const PLACES: [(Landmark, [f64; 2]); 2] =
        [(Landmark::PupilRight, [300.0, 500.0]), (Landmark::PupilLeft, [430.0, 500.0])];
    let line = |count: usize, y: f64| (0..count).map(|i| [100.0 + 20.0 * i as f64, y]).collect::<Vec<_>>();
    let mut answers = BTreeSet::new();
    for numbers in 0..3 * 6 * 3 * 7 {
        let (clicked, outline) = (numbers % 3, numbers / 3 % 6);
        let (found, found_outline) = (numbers / 18 % 3, numbers / 54);
        // Found outline points next to clicked ones do not count; those further away do.
        for found_y in [100.0, 900.0] {
            let found = FoundRecord {
                direction: StandardView::Front,
                landmarks: PLACES
                    .into_iter()
                    .take(found)
                    .map(|(l, px)| (l, FoundLandmark { px, spread_mm: 3.0 }))
                    .collect(),
                outline: line(found_outline, found_y),
                hair: Vec::new(),
                hidden: Vec::new(),
            };
            let key = PhotoKey { photo: 1, turn: Turn::NONE };
            let view = ViewRecord {
                landmarks: PLACES.into_iter().take(clicked).collect(),
                outline: line(outline, 100.0),
                found: Some(found),
                ..ViewRecord::new("front".to_owned(), key, [800, 1000], None)
            };
            assert_eq!(view.has_enough_points(), view.input().has_enough_points(), "{view:?}");
            answers.insert(view.has_enough_points());
        }
    }
    assert_eq!(answers.len(), 2);
}
