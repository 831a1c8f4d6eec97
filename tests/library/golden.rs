//! Small pictures of what pigment does to skin, kept in `tests/golden` for people to look at: if one of them changes,
//! so does what clients are shown.
//!
//! Each shows one thing, after which it is named. Unless its name says otherwise it is five millimetres of light skin
//! on the crown, seen from above, healed after three sessions of the default plan. `case-made-elsewhere` is a piece of
//! a photo in a case that another machine made and that found the head there: the same case is the same picture
//! anywhere.
//!
//! `SCALP_STUDIO_GOLDEN=write cargo test --test library golden` writes them anew. When a picture has changed, the
//! failure names a file that shows the expected picture, the difference and the new picture side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use glam::{DMat3, DVec2, DVec3};
use rayon::prelude::*;
use scalp_studio::case::Case;
use scalp_studio::case::pipeline::{FittedMockUp, Pipeline};
use scalp_studio::ground::colour::srgb_fraction_from_light;
use scalp_studio::ground::numbers::DAYS_PER_YEAR;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::{Head, Part};
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, decode, encode};
use scalp_studio::plan::Plan;
use scalp_studio::plan::area::{Effect, Mask, Stroke};
use scalp_studio::plan::hairline::Preset;
use scalp_studio::plan::session::HEALED_DAYS;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::sharpening::PointSpread;
use scalp_studio::reading::specular::SpecularMap;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::skin::settings::Outlook;

use crate::pictures::{left_side_by_side, samples};

/// Side of a picture, px.
const SIDE_PX: u32 = 64;
/// Side of a pixel on the skin, mm.
const PIXEL_MM: f64 = 0.08;
/// The middle of the crown, mm.
const CROWN: DVec3 = DVec3::new(0.0, 95.0, 0.0);
/// Light in the photo per reflectance of the skin: well exposed light skin has sample values of about 200.
const EXPOSURE: f64 = 1.6;
/// Specular light as a share of the light from inside the skin.
const SPECULAR: f64 = 0.07;
/// Melanosome fractions of light, medium and dark skin.
const LIGHT: f64 = 0.02;
const MEDIUM: f64 = 0.05;
const DARK: f64 = 0.12;

/// What a picture shows.
#[derive(Clone)]
struct View {
    plan: Plan,
    melanosomes: f64,
    moment: Moment,
    camera: Camera,
    blur_px: f64,
    /// Specular light as a share of the rest.
    specular: f64,
    /// Whether a dark hair lies over the skin.
    hair: bool,
}

impl View {
    fn usual(head: &Head) -> Self {
        Self {
            plan: Plan::for_treatment(Kind::FullShave, None, head),
            melanosomes: LIGHT,
            moment: Moment { sessions: 3, age_days: HEALED_DAYS, outlook: Outlook::Likely },
            camera: looking(DVec3::NEG_Y, CROWN, PIXEL_MM),
            blur_px: 0.7,
            specular: SPECULAR,
            hair: false,
        }
    }

    fn skin(&self) -> Skin {
        Skin { melanosome_fraction: self.melanosomes, ..Skin::default() }
    }

    /// The photo, with a wall where it shows no head.
    fn bare(&self, head: &Head) -> Photo {
        let sample = |light: f64| (255.0 * srgb_fraction_from_light(light.min(1.0))).round() as u8;
        let skin = self.skin().reflectance().map(|r| sample(EXPOSURE * r * (1.0 + self.specular)));
        let hair = |x: f64, y: f64| self.hair && (x + 2.0 * y - 96.0).abs() < 2.0;
        Photo::from_rows(SIDE_PX, SIDE_PX, |row, pixels| {
            for (column, pixel) in pixels.iter_mut().enumerate() {
                let at = DVec2::new(column as f64 + 0.5, row as f64 + 0.5);
                *pixel = match head.head_from_image(&self.camera, at) {
                    None => [120, 130, 140],
                    Some(_) if hair(at.x, at.y) => [40, 34, 30],
                    Some(_) => skin,
                };
            }
        })
    }

    fn treated(&self, scalp: &Arc<Scalp>) -> Photo {
        let mock_up = MockUp::new(&self.plan, scalp, self.skin());
        let Self { camera, blur_px, .. } = *self;
        let sensor = Sensor {
            camera,
            photo_px: [SIDE_PX; 2],
            spread: PointSpread::blurred(blur_px),
            level: 0,
            hidden: None,
            tones: None,
        };
        let splats = mock_up.splats(&sensor, self.moment);
        let bare = self.bare(&scalp.head);
        let specular = if self.hair {
            Specular::estimate(&bare, &splats)
        } else {
            let light = self.skin().reflectance()[1] * EXPOSURE * self.specular;
            Specular::Map(SpecularMap::uniform(SIDE_PX, SIDE_PX, light as f32))
        };
        let mut photo = bare.clone();
        composite(&mut photo, &splats, &specular);
        assert!(photo != bare, "there are no dots in the picture");
        photo
    }
}

/// A camera 600 mm from the middle of the head, with `at` in the middle of the picture and pixels of this size there.
fn looking(direction: DVec3, at: DVec3, pixel_mm: f64) -> Camera {
    let right = (DVec3::X - direction * direction.x).normalize();
    let distance_mm = 600.0;
    let mut camera = Camera {
        camera_from_head: DMat3::from_cols(right, direction.cross(right), direction).transpose(),
        head_origin_mm: DVec3::new(0.0, 0.0, distance_mm),
        focal_px: (distance_mm + direction.dot(at)) / pixel_mm,
        principal_px: DVec2::ZERO,
    };
    camera.principal_px = DVec2::splat(0.5 * f64::from(SIDE_PX)) - camera.image_from_head(at).unwrap();
    camera
}

/// All pictures by their names.
fn views(head: &Head) -> BTreeMap<String, View> {
    let usual = View::usual(head);
    let mut views = BTreeMap::new();
    let mut add = |name: &str, change: &dyn Fn(&mut View)| {
        let mut view = usual.clone();
        change(&mut view);
        assert!(views.insert(name.to_owned(), view).is_none(), "two pictures are called {name}");
    };

    // Sessions and time, on three skins.
    for (skin, melanosomes) in [("light", LIGHT), ("medium", MEDIUM), ("dark", DARK)] {
        let moments = [
            ("session-1", 1, 0.0),
            ("session-2", 2, 0.0),
            ("session-3", 3, 0.0),
            ("healed", 3, HEALED_DAYS),
            ("10-years", 3, 10.0 * DAYS_PER_YEAR),
        ];
        for (name, sessions, age_days) in moments {
            add(&format!("{skin}-{name}"), &|view| {
                view.melanosomes = melanosomes;
                view.moment = Moment { sessions, age_days, ..view.moment };
            });
        }
    }
    add("day-7", &|view| view.moment.age_days = 7.0);
    for (name, outlook) in [("light", Outlook::Light), ("strong", Outlook::Strong)] {
        add(&format!("5-years-{name}-outlook"), &|view| {
            view.moment = Moment { age_days: 5.0 * DAYS_PER_YEAR, outlook, ..view.moment };
        });
    }
    add("5-years-sun-and-oil", &|view| {
        view.plan.conditions.much_sun = true;
        view.plan.conditions.oily_skin = true;
        view.moment.age_days = 5.0 * DAYS_PER_YEAR;
    });

    // Dots: shallow ones are crisp, deep ones are cool shadows.
    for depth_mm in [0.1, 0.2, 0.5, 1.0] {
        add(&format!("depth-{depth_mm}-mm"), &|view| view.plan.depth_mm = depth_mm);
    }
    for needle_mm in [0.2, 0.5] {
        add(&format!("needle-{needle_mm}-mm"), &|view| {
            view.plan.sessions.iter_mut().for_each(|session| session.needle_mm = needle_mm);
        });
    }
    add("pigment-medium-brown", &|view| "medium brown".clone_into(&mut view.plan.pigment));
    add("density-40-per-cm2", &|view| view.plan.areas[0].density_per_cm2 = 40.0);
    add("dots-astray", &|view| view.plan.randomness = 0.5);

    // Where the skin turns away from the camera, and where the plan ends.
    let wide_mm = 4.0 * PIXEL_MM;
    let top = head.cranium.below(CROWN).position;
    add("rim", &|view| view.camera = looking(DVec3::NEG_Z, top - 4.0 * DVec3::Y, wide_mm));
    for preset in [Preset::Soft, Preset::Defined] {
        add(&format!("line-{}", preset.name()), &|view| {
            view.plan = Plan::for_treatment(Kind::FullShave, Some(preset), head);
            let line = view.plan.hairline.mid_frontal(head);
            view.camera = looking(-line.normal, line.position, wide_mm);
        });
    }
    let on_crown = |x: f64, z: f64| head.cranium.below(CROWN + DVec3::new(x, 0.0, z)).position.to_array();
    add("stroke", &|view| {
        view.camera = looking(DVec3::NEG_Y, CROWN, wide_mm);
        view.plan.strokes.push(Stroke {
            part: Part::Cranium,
            points: vec![on_crown(-6.0, 0.0), on_crown(6.0, 0.0)],
            radius_mm: 3.0,
            change_per_cm2: -80.0,
            effect: Effect::Change,
            hardness: 0.0,
            off: false,
        });
    });
    add("mask", &|view| {
        view.camera = looking(DVec3::NEG_Y, CROWN, wide_mm);
        view.plan.masks.push(Mask {
            name: "mole".to_owned(),
            part: Part::Cranium,
            points: vec![on_crown(-4.0, -4.0), on_crown(4.0, -4.0), on_crown(0.0, 5.0)],
            feather_mm: 2.0,
        });
    });

    // The photo.
    add("wet", &|view| view.specular = 0.5);
    add("hair", &|view| view.hair = true);
    add("blurred", &|view| view.blur_px = 2.5);
    views
}

/// The middle of the planned line in the photo of a case whose head was found on another machine.
fn of_a_case_made_elsewhere() -> Photo {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.scalp");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library/versions/made-elsewhere.scalp");
    fs::copy(kept, &path).unwrap();
    let case = Case::open(&path).unwrap();
    assert!(case.document().views[0].landmarks.is_empty(), "nobody has clicked");
    let limits = Limits::default();
    let FittedMockUp { fit, mock_up } = case.fitted_mock_up(None, &limits).unwrap();
    let mut photo = case.photo(0, &limits).unwrap();
    let sensor = Pipeline::default().sensor(case.document(), 0, &photo).unwrap();
    let splats = mock_up.splats(&sensor, Moment { sessions: 3, age_days: HEALED_DAYS, outlook: Outlook::Likely });
    let specular = Specular::estimate(&photo, &splats);
    composite(&mut photo, &splats, &specular);
    let line = case.plan(None).unwrap().hairline.mid_frontal(fit.head());
    let middle = fit.camera(0).unwrap().image_from_head(line.position).unwrap();
    let [left, top] = [middle.x, middle.y].map(|at| at as usize - SIDE_PX as usize / 2);
    let (width, all) = (photo.width() as usize, samples(&photo).to_vec());
    Photo::from_rows(SIDE_PX, SIDE_PX, |y, row| {
        let first = ((top + y) * width + left) * 3;
        row.as_flattened_mut().copy_from_slice(&all[first..first + 3 * SIDE_PX as usize]);
    })
}

#[test]
fn no_picture_has_changed() {
    let head = Head::average();
    let scalp = Scalp::new(head.clone(), &View::usual(&head).plan);
    let mut drawn: BTreeMap<String, Photo> =
        views(&head).into_par_iter().map(|(name, view)| (name, view.treated(&scalp))).collect();
    drawn.insert("case-made-elsewhere".to_owned(), of_a_case_made_elsewhere());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let file = |name: &str| folder.join(format!("{name}.png"));
    let kept = || -> BTreeSet<String> {
        let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    if std::env::var("SCALP_STUDIO_GOLDEN").is_ok_and(|v| v == "write") {
        kept().iter().filter(|name| !drawn.contains_key(*name)).for_each(|name| fs::remove_file(file(name)).unwrap());
        for (name, picture) in &drawn {
            fs::write(file(name), encode(picture, Format::Png, &EncodeOptions::default()).unwrap()).unwrap();
        }
    }
    assert!(kept().iter().eq(drawn.keys()), "kept: {:?}\ndrawn: {:?}", kept(), drawn.keys());
    let changed = drawn.iter().filter_map(|(name, picture)| {
        let golden = decode(&fs::read(file(name)).unwrap(), &Limits::default()).unwrap();
        (samples(picture) != samples(&golden)).then(|| left_side_by_side(name, &golden, picture).display().to_string())
    });
    let changed: Vec<String> = changed.collect();
    assert!(changed.is_empty(), "pictures changed; look at each before you write them anew:\n{}", changed.join("\n"));
}
