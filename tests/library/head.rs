//! The head and its cameras: transforms are each other's inverse, and the fit recovers a known head.

use glam::{DMat3, DVec2, DVec3};
use proptest::prelude::*;
use scalp_studio::case::sample::{CLIENTS, Client};
use scalp_studio::case::{Case, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::fit::{Fit, FitError, FoundPoints, Scale, ViewInput, fit};
use scalp_studio::head::harmonics::TERMS;
use scalp_studio::head::landmarks::{ALL, Landmark, Sighting};
use scalp_studio::head::{Head, Part, cranium_from_series};
use scalp_studio::photo::Limits;

const SIZE_PX: [u32; 2] = [2400, 3200];

/// A camera at `azimuth` towards the subject's left and `elevation` above, degrees.
fn camera(azimuth: f64, elevation: f64, distance_mm: f64, focal_px: f64) -> Camera {
    let facing = DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0));
    let turn = facing * DMat3::from_rotation_x(elevation.to_radians()) * DMat3::from_rotation_y(-azimuth.to_radians());
    Camera {
        camera_from_head: turn,
        head_origin_mm: DVec3::new(8.0, -15.0, distance_mm),
        focal_px,
        principal_px: DVec2::new(f64::from(SIZE_PX[0]), f64::from(SIZE_PX[1])) * 0.5,
    }
}

/// Focal length of a 70 mm equivalent in a photo of this size, px.
fn focal_px() -> f64 {
    70.0 / 43.266_615_305_567_87 * 4000.0
}

/// A head that differs from the average as real ones do: longer, narrower, with a flatter forehead, slightly
/// asymmetric.
fn client() -> Head {
    let mut series = [0.0; TERMS];
    for (term, amount) in [(0, 0.012), (4, 0.01), (6, -0.018), (8, 0.015), (10, 0.008), (12, -0.007), (5, 0.003)] {
        series[term] = amount;
    }
    let cranium = cranium_from_series(series);
    let mut places = ALL.map(|l| l.mean_mm() * DVec3::new(0.99, 1.02, 1.02));
    for l in [Landmark::Glabella, Landmark::Vertex] {
        places[l.index()] = cranium.nearest(places[l.index()]).position;
    }
    Head::new(cranium, places)
}

/// What a user would click in a photo taken by this camera: the landmarks that face it and points of the outline.
fn clicked(name: &str, head: &Head, camera: &Camera) -> ViewInput {
    let eye = camera.position().normalize();
    let landmarks = ALL
        .into_iter()
        .filter(|l| head.landmark(*l).normalize().dot(eye) > 0.05 || *l == Landmark::Vertex && eye.y > -0.2)
        .filter_map(|l| Some((l, camera.image_from_head(head.landmark(l))?)))
        .collect();
    let middle = camera.image_from_head(DVec3::ZERO).unwrap();
    let outline = (1..12)
        .map(|i| {
            let angle = std::f64::consts::PI * (1.0 + f64::from(i) / 12.0);
            let out = DVec2::new(libm::cos(angle), libm::sin(angle));
            let (mut inside, mut outside) = (0.0, 2000.0);
            for _ in 0..50 {
                let r = 0.5 * (inside + outside);
                let hit = head.cranium.hit(camera.position(), camera.ray(middle + out * r));
                if hit.is_some() { inside = r } else { outside = r }
            }
            middle + out * inside
        })
        .collect();
    ViewInput {
        name: name.into(),
        width_px: SIZE_PX[0],
        height_px: SIZE_PX[1],
        focal_length_35mm: Some(70.0),
        landmarks,
        outline,
        found: FoundPoints::default(),
    }
}

const VIEWS: [(&str, f64, f64); 5] = [
    ("front", 3.0, 12.0),
    ("left-oblique", 38.0, 8.0),
    ("right", -93.0, 2.0),
    ("top", 1.0, 58.0),
    ("back", 176.0, 28.0),
];

fn all_views(head: &Head) -> (Vec<Camera>, Vec<ViewInput>) {
    VIEWS
        .into_iter()
        .map(|(name, azimuth, elevation)| {
            let c = camera(azimuth, elevation, 950.0, focal_px());
            (c, clicked(name, head, &c))
        })
        .unzip()
}

/// Median error of carrying a skin point from one view to the other, over points seen in both, mm.
fn transfer_error_mm(head: &Head, truth: [&Camera; 2], fitted: &Head, found: [&Camera; 2]) -> f64 {
    let mut off = Vec::new();
    for i in 0..400_u32 {
        let y = 1.0 - (f64::from(i) + 0.5) / 400.0;
        let (s, c) = libm::sincos(f64::from(i) * 2.399_963_229_728_653);
        let r = (1.0 - y * y).sqrt();
        let skin = head.cranium.at(DVec3::new(r * s, y, r * c));
        if truth.iter().any(|c| (c.position() - skin.position).normalize().dot(skin.normal) < 0.2) {
            continue;
        }
        let from = truth[0].image_from_head(skin.position).unwrap();
        let to = truth[1].image_from_head(skin.position).unwrap();
        let Some((_, point)) = fitted.head_from_image(found[0], from) else { continue };
        let carried = found[1].image_from_head(point.position).unwrap();
        off.push(carried.distance(to) * truth[1].mm_per_px(skin.position));
    }
    assert!(off.len() > 40);
    off.sort_by(f64::total_cmp);
    off[off.len() / 2]
}

#[test]
fn five_views_together_recover_the_head() {
    let head = client();
    let (cameras, views) = all_views(&head);
    let found = fit(
        &views,
        &Scale::MeasuredPupils {
            distance_mm: head.landmark(Landmark::PupilLeft).distance(head.landmark(Landmark::PupilRight)),
        },
    )
    .unwrap();
    for pair in [[0, 3], [3, 0], [0, 1], [3, 4], [2, 4]] {
        let off = transfer_error_mm(&head, pair.map(|i| &cameras[i]), &found.head, pair.map(|i| &found.cameras[i]));
        assert!(off < 4.0, "{pair:?}: {off:.2} mm");
    }
    for (truth, got) in cameras.iter().zip(&found.cameras) {
        let at = head.above_glabella(75.0).position;
        let ratio = got.mm_per_px(at) / truth.mm_per_px(at);
        assert!((ratio - 1.0).abs() < 0.02, "{ratio}");
    }
    // 73 mm above the glabella along the skin, seen in the front photo.
    let there = cameras[0].image_from_head(head.above_glabella(73.0).position).unwrap();
    let here = found.cameras[0].image_from_head(found.head.above_glabella(73.0).position).unwrap();
    assert!(there.distance(here) * 0.126 < 1.5, "{}", there.distance(here) * 0.126);
}

#[test]
fn one_badly_misplaced_landmark_does_not_spoil_the_fit() {
    let head = client();
    let (cameras, views) = all_views(&head);
    for (view, landmark) in
        [(0, Landmark::NoseTip), (0, Landmark::CanthusLeft), (1, Landmark::Menton), (3, Landmark::PupilRight)]
    {
        let mut spoiled = views.clone();
        let Some(point) = spoiled[view].landmarks.iter_mut().find(|(l, _)| *l == landmark) else {
            panic!("{landmark:?} is not seen in view {view}");
        };
        // More than three centimetres off.
        point.1 += DVec2::new(240.0, -160.0);
        let found = fit(&spoiled, &Scale::AveragePupils).unwrap();
        let off =
            transfer_error_mm(&head, [&cameras[0], &cameras[3]], &found.head, [&found.cameras[0], &found.cameras[3]]);
        assert!(off < 4.0, "{landmark:?} in view {view}: {off:.2} mm");
    }
}

#[test]
fn two_pupils_are_enough_and_the_fit_knows_its_uncertainty() {
    let head = client();
    let truth = camera(0.0, 8.0, 950.0, focal_px());
    let full = clicked("front", &head, &truth);
    let mut two = full.clone();
    two.outline.clear();
    two.landmarks.retain(|(l, _)| matches!(l, Landmark::PupilLeft | Landmark::PupilRight));
    let length = |head: &Head, cameras: &[Camera]| {
        let glabella = head.glabella().position;
        let (_, p) =
            head.head_from_image(&cameras[0], truth.image_from_head(client().above_glabella(75.0).position)?)?;
        Some(head.tape(Part::Cranium, glabella, p.position).length_mm)
    };
    let rough = fit(std::slice::from_ref(&two), &Scale::AveragePupils).unwrap();
    let (got, error) = (length(&rough.head, &rough.cameras).unwrap(), rough.deviation_of(length));
    assert!((got - 75.0).abs() < 2.0 * error, "{got:.1} +- {error:.1}");
    let better = fit(&[full], &Scale::AveragePupils).unwrap();
    assert!(better.deviation_of(length) < 0.6 * error, "more points must reduce the uncertainty");
    // The pupil distance is known only from the average of 63 mm, with a standard deviation of 3.5 mm.
    let scale = rough.deviation_of(|h, c| Some(libm::log(c[0].mm_per_px(h.landmark(Landmark::Nasion)))));
    assert!((0.03..0.12).contains(&scale), "{scale}");
}

#[test]
fn every_scale_is_followed() {
    let head = client();
    let truth = camera(0.0, 8.0, 950.0, focal_px());
    let view = clicked("front", &head, &truth);
    let at = head.landmark(Landmark::Nasion);
    let eye = truth.image_from_head(head.landmark(Landmark::PupilLeft)).unwrap();
    let pupil_distance = head.landmark(Landmark::PupilLeft).distance(head.landmark(Landmark::PupilRight));
    let iris_px = 11.7 / truth.mm_per_px(head.landmark(Landmark::PupilLeft));
    let (a, b) = (head.above_glabella(30.0).position, head.above_glabella(50.0).position);
    let ruler = Scale::Ruler {
        view: "front".into(),
        ends_px: [truth.image_from_head(a).unwrap(), truth.image_from_head(b).unwrap()],
        // What counts is the distance of the ruler's ends at right angles to the ray.
        length_mm: truth.image_from_head(a).unwrap().distance(truth.image_from_head(b).unwrap())
            * truth.mm_per_px(0.5 * (a + b)),
    };
    let scales = [
        (Scale::MeasuredPupils { distance_mm: pupil_distance }, 0.02),
        (
            Scale::Iris {
                view: "front".into(),
                edge_px: [eye - DVec2::X * 0.5 * iris_px, eye + DVec2::X * 0.5 * iris_px],
            },
            0.06,
        ),
        (ruler, 0.04),
    ];
    for (scale, most) in scales {
        let found = fit(std::slice::from_ref(&view), &scale).unwrap();
        let ratio = found.cameras[0].mm_per_px(found.head.landmark(Landmark::Nasion)) / truth.mm_per_px(at);
        assert!((ratio - 1.0).abs() < most, "{}: {ratio}", scale.source());
    }
    // A pupil distance 15 % larger is followed and not averaged away.
    let larger = Scale::MeasuredPupils { distance_mm: pupil_distance * 1.15 };
    let found = fit(std::slice::from_ref(&view), &larger).unwrap();
    let ratio = found.cameras[0].mm_per_px(found.head.landmark(Landmark::Nasion)) / truth.mm_per_px(at);
    assert!((1.10..1.20).contains(&ratio), "{ratio}");
}

#[test]
fn a_view_with_an_unknown_name_finds_its_pose() {
    let head = client();
    let truth = camera(-47.0, 6.0, 950.0, focal_px());
    let front = camera(2.0, 5.0, 950.0, focal_px());
    let off = |name: &str| {
        let views = [clicked("front", &head, &front), clicked(name, &head, &truth)];
        let found = fit(&views, &Scale::AveragePupils).unwrap();
        transfer_error_mm(&head, [&front, &truth], &found.head, [&found.cameras[0], &found.cameras[1]])
    };
    // The name is only a starting value.
    let (unknown, known) = (off("window-side"), off("right-oblique"));
    assert!(unknown < known + 0.5, "{unknown:.2} mm, {known:.2} mm");
    // Between the two outlines only the average head tells how far the forehead bulges.
    assert!(unknown < 5.0, "{unknown:.2} mm");
}

/// Thousands of points of an outline say no more than hundreds, and a fit of all of them would take minutes.
#[test]
fn an_outline_of_thousands_of_points_fits_as_that_of_hundreds() {
    let head = client();
    let usual = clicked("front", &head, &camera(0.0, 5.0, 950.0, focal_px()));
    let with = |count: usize| {
        let ends = usual.outline.windows(2).map(|ends| (ends[0], ends[1])).collect::<Vec<_>>();
        let at = |i: usize| {
            let along = i as f64 / count as f64 * ends.len() as f64;
            let (a, b) = ends[along as usize];
            a.lerp(b, along.fract())
        };
        ViewInput { outline: (0..count).map(at).collect(), ..usual.clone() }
    };
    let many = with(4800);
    let every_16th = ViewInput { outline: many.outline.iter().copied().step_by(16).collect(), ..usual.clone() };
    let [of_many, of_few] = [many, every_16th].map(|view| fit(&[view], &Scale::AveragePupils).unwrap());
    assert_eq!(of_many.cameras, of_few.cameras);
    assert_eq!(of_many.residual_px, of_few.residual_px);
    // A point that the fit does not need is looked at all the same.
    let mut stray = with(4800);
    stray.outline[1].x = 1e5;
    let refused = fit(&[stray], &Scale::AveragePupils).map(|_| ());
    assert!(matches!(refused, Err(FitError::OutsidePhoto { .. })), "{refused:?}");
}

#[test]
fn impossible_points_are_refused() {
    let head = client();
    let good = clicked("front", &head, &camera(0.0, 5.0, 950.0, focal_px()));
    let refused = |change: &dyn Fn(&mut ViewInput)| {
        let mut view = good.clone();
        change(&mut view);
        fit(&[view], &Scale::AveragePupils).map(|_| ())
    };
    assert!(matches!(
        refused(&|v| for p in &mut v.landmarks[..3] {
            p.1 = DVec2::new(800.0, 900.0)
        }),
        Err(FitError::Coincident { .. })
    ));
    assert!(matches!(refused(&|v| v.landmarks[0].1.x = f64::NAN), Err(FitError::OutsidePhoto { .. })));
    assert!(matches!(refused(&|v| v.landmarks[0].1.y = 1e9), Err(FitError::OutsidePhoto { .. })));
    assert!(matches!(
        refused(&|v| {
            v.landmarks.truncate(1);
            v.outline.clear();
        }),
        Err(FitError::TooFewPoints { .. })
    ));
    assert!(matches!(refused(&|v| v.landmarks.clear()), Err(FitError::NoFace)));
    assert!(matches!(
        refused(&|v| {
            let first = v.landmarks[0];
            v.landmarks.push((first.0, first.1 + DVec2::splat(50.0)));
        }),
        Err(FitError::Twice { .. })
    ));
    let exchanged = |v: &mut ViewInput| {
        for (landmark, _) in &mut v.landmarks {
            if matches!(landmark, Landmark::PupilRight | Landmark::PupilLeft) {
                *landmark = landmark.mirrored();
            }
        }
    };
    assert!(matches!(refused(&exchanged), Err(FitError::PupilsExchanged { .. })));
    // A photo that is upside down shows the same head.
    let upside_down = |v: &mut ViewInput| {
        let far = DVec2::new(f64::from(v.width_px), f64::from(v.height_px));
        v.landmarks.iter_mut().for_each(|(_, px)| *px = far - *px);
    };
    assert!(!matches!(refused(&upside_down), Err(FitError::PupilsExchanged { .. })));
    assert!(matches!(
        refused(&|v| v.landmarks[0].1.x = -0.4 * f64::from(v.width_px)),
        Err(FitError::OutsidePhoto { .. })
    ));
    // Points scattered over the photo do not make a head.
    assert!(matches!(
        refused(&|v| {
            for (i, p) in v.landmarks.iter_mut().enumerate() {
                p.1 = DVec2::new(((i * 977) % 2300) as f64, ((i * 1511) % 3100) as f64);
            }
            v.outline.clear();
        }),
        Err(FitError::NotAHead { .. })
    ));
    assert!(matches!(fit(&[], &Scale::AveragePupils), Err(FitError::NoViews)));
    let elsewhere = Scale::Iris { view: "top".into(), edge_px: [DVec2::ZERO, DVec2::splat(90.0)] };
    assert!(matches!(fit(&[good], &elsewhere), Err(FitError::UnknownScaleView { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn head_to_image_and_image_to_head_are_inverse(
        azimuth in -180.0..180.0_f64,
        elevation in -30.0..80.0_f64,
        distance in 400.0..3000.0_f64,
        x in -0.9..0.9_f64,
        y in -0.9..0.9_f64,
    ) {
        let head = client();
        let view = camera(azimuth, elevation, distance, focal_px());
        let middle = view.image_from_head(DVec3::ZERO).unwrap();
        let pixel = middle + DVec2::new(x, y) * 70.0 / view.mm_per_px(DVec3::ZERO);
        if let Some((part, point)) = head.head_from_image(&view, pixel) {
            // Pixel to head and back.
            prop_assert!(view.image_from_head(point.position).unwrap().distance(pixel) < 1e-6);
            prop_assert!(head.surface(part).height(point.position).abs() < 1e-9);
            // Head to pixel and back, where the surface is not seen edge-on.
            let cosine = (view.position() - point.position).normalize().dot(point.normal);
            prop_assert!(cosine > -1e-6, "the nearest crossing should face the camera");
            if cosine > 0.05 {
                let (_, again) = head.head_from_image(&view, view.image_from_head(point.position).unwrap()).unwrap();
                prop_assert!(again.position.distance(point.position) < 1e-6);
            }
        }
    }

    #[test]
    fn a_footprint_is_the_image_of_a_small_disc(
        azimuth in -60.0..60.0_f64,
        x in -0.8..0.8_f64,
        y in 0.0..0.9_f64,
    ) {
        let head = client();
        let view = camera(azimuth, 20.0, 900.0, focal_px());
        let middle = view.image_from_head(DVec3::ZERO).unwrap();
        let pixel = middle + DVec2::new(x * 400.0, -y * 400.0);
        let Some((Part::Cranium, point)) = head.head_from_image(&view, pixel) else { return Ok(()) };
        let footprint = view.footprint(point.position, point.normal);
        prop_assert!(footprint.major_px_per_mm >= footprint.minor_px_per_mm);
        let (u, v) = point.normal.any_orthonormal_pair();
        for i in 0..24 {
            let (s, c) = libm::sincos(f64::from(i) / 24.0 * std::f64::consts::TAU);
            let rim = view.image_from_head(point.position + (u * c + v * s) * 1e-3).unwrap() - pixel;
            let (along, across) = (rim.dot(footprint.axis), rim.perp_dot(footprint.axis));
            let on_ellipse = (along / (footprint.major_px_per_mm * 1e-3)).powi(2)
                + (across / (footprint.minor_px_per_mm * 1e-3)).powi(2);
            prop_assert!((on_ellipse - 1.0).abs() < 1e-3, "{on_ellipse}");
        }
        // Nowhere is a millimetre seen larger than where it is seen squarely: 1 / mm_per_px.
        prop_assert!(footprint.major_px_per_mm <= 1.03 / view.mm_per_px(point.position));
    }
}

/// A front view with points as found instead of clicked, each landmark off by `off_mm`.
fn found_in_front(head: &Head, off_mm: impl Fn(Landmark) -> DVec2) -> (ViewInput, Camera) {
    let camera = camera(2.0, 6.0, 900.0, focal_px());
    let view = clicked("front", head, &camera);
    let sighting = |&(landmark, px): &(Landmark, DVec2)| Sighting {
        landmark,
        px: px + off_mm(landmark) / camera.mm_per_px(head.landmark(landmark)),
        spread_mm: 4.0,
    };
    let landmarks = view.landmarks.iter().filter(|(l, _)| *l != Landmark::Vertex).map(sighting).collect();
    let found = FoundPoints { landmarks, outline: view.outline.clone(), hair: Vec::new() };
    (ViewInput { landmarks: Vec::new(), outline: Vec::new(), found, ..view }, camera)
}

/// How far from its true place the point 73 mm above the glabella is drawn, mm.
fn off_at_the_hairline(view: &ViewInput, head: &Head, camera: &Camera) -> f64 {
    let fitted = fit(std::slice::from_ref(view), &Scale::AveragePupils).unwrap();
    let there = head.above_glabella(73.0).position;
    let here = fitted.cameras[0].image_from_head(fitted.head.above_glabella(73.0).position).unwrap();
    here.distance(camera.image_from_head(there).unwrap()) * camera.mm_per_px(there)
}

#[test]
fn adding_a_good_point_makes_no_fit_worse() {
    let head = client();
    let (view, camera) = found_in_front(&head, |_| DVec2::ZERO);
    let eyes = [Landmark::PupilRight, Landmark::PupilLeft];
    let with = |more: &[Landmark]| {
        let mut view = view.clone();
        view.found.landmarks.retain(|s| eyes.contains(&s.landmark) || more.contains(&s.landmark));
        off_at_the_hairline(&view, &head, &camera)
    };
    let (mut known, mut last) = (Vec::new(), with(&[]));
    for landmark in view.found.landmarks.iter().map(|s| s.landmark).filter(|l| !eyes.contains(l)) {
        known.push(landmark);
        let now = with(&known);
        assert!(now < last + 0.5, "{} made {last:.2} mm {now:.2} mm", landmark.name());
        last = now;
    }
}

#[test]
fn a_found_point_that_contradicts_the_rest_is_left_out() {
    let head = client();
    let (right, camera) = found_in_front(&head, |_| DVec2::ZERO);
    let without = off_at_the_hairline(&right, &head, &camera);
    for wrong in [Landmark::NoseTip, Landmark::PupilLeft, Landmark::Menton] {
        let (view, _) = found_in_front(&head, |l| if l == wrong { DVec2::new(22.0, -35.0) } else { DVec2::ZERO });
        let fitted = fit(std::slice::from_ref(&view), &Scale::AveragePupils).unwrap();
        let left_out: Vec<Landmark> = fitted.left_out.iter().map(|(_, sighting)| sighting.landmark).collect();
        assert_eq!(left_out, [wrong]);
        let off = off_at_the_hairline(&view, &head, &camera);
        assert!(off < without + 2.0, "{}: {off:.1} mm, {without:.1} without it", wrong.name());
    }
    let fitted = fit(&[right], &Scale::AveragePupils).unwrap();
    assert!(fitted.left_out.is_empty());
}

/// The clicked points of a sample client, as a case has them.
fn sample_inputs(client: Client) -> Vec<ViewInput> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.scalp");
    let views = client.views().unwrap();
    let start = Start { ignore_own_hair: true, ..Start::default() };
    let case = Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap();
    case.document().view_inputs()
}

/// The landmarks that a fit names as wrong, each with the index of its view.
fn blamed(fit: &Fit) -> Vec<(usize, Landmark)> {
    let left_out = fit.left_out.iter().map(|(view, sighting)| (*view, sighting.landmark));
    left_out.chain(fit.doubtful.iter().copied()).collect()
}

#[test]
fn a_good_click_is_never_blamed() {
    for client in CLIENTS {
        let views = sample_inputs(client);
        for chosen in [&views[..], &views[..1], &views[1..2], &views[..3]] {
            let fitted = fit(chosen, &Scale::AveragePupils).unwrap();
            assert_eq!(blamed(&fitted), [], "{client:?}, {} photos", chosen.len());
        }
    }
    let (_, views) = all_views(&client());
    assert_eq!(blamed(&fit(&views, &Scale::AveragePupils).unwrap()), []);
}

#[test]
fn a_wrong_click_among_good_ones_is_named_and_spoils_nothing() {
    for client in CLIENTS {
        let views = sample_inputs(client);
        let right = fit(&views, &Scale::AveragePupils).unwrap();
        let top = |fit: &Fit| fit.cameras[0].image_from_head(fit.head.above_glabella(73.0).position).unwrap();
        // 40 px are 7.5 mm.
        for px_off in [40.0, 80.0] {
            let (mut clicks, mut named, mut left_out) = (0, 0, 0);
            for index in 0..views[0].landmarks.len() {
                for by in [DVec2::X, DVec2::new(-0.7, 0.7)] {
                    let mut spoiled = views.clone();
                    let (landmark, px) = &mut spoiled[0].landmarks[index];
                    *px += px_off * by;
                    let landmark = *landmark;
                    let fitted = fit(&spoiled, &Scale::AveragePupils).unwrap();
                    let blamed = blamed(&fitted);
                    assert!(
                        blamed.is_empty() || blamed == [(0, landmark)],
                        "{client:?}, {landmark:?}, {px_off} px: {blamed:?}"
                    );
                    let off = top(&fitted).distance(top(&right));
                    assert!(off < 12.0, "{client:?}, {landmark:?}, {px_off} px: the hairline moved by {off} px");
                    clicks += 1;
                    named += blamed.len();
                    left_out += fitted.left_out.len();
                }
            }
            println!("{client:?} {px_off} px: {named} of {clicks} named, {left_out} left out");
            assert!(5 * named >= 4 * clicks, "{client:?}, {px_off} px: only {named} of {clicks} are named");
            assert!(px_off < 60.0 || 2 * left_out > clicks, "{client:?}: only {left_out} of {clicks} are left out");
        }
    }
}

#[test]
fn an_outline_of_hair_does_not_inflate_the_head() {
    let head = client();
    let (mut view, camera) = found_in_front(&head, |_| DVec2::ZERO);
    let bald = off_at_the_hairline(&view, &head, &camera);
    // 25 mm of hair all around.
    let middle = camera.image_from_head(DVec3::ZERO).unwrap();
    let outline = std::mem::take(&mut view.found.outline);
    view.found.hair = outline.iter().map(|p| middle + (*p - middle) * 1.3).collect();
    let haired = off_at_the_hairline(&view, &head, &camera);
    assert!(haired < bald + 4.0, "{haired:.1} mm, {bald:.1} without hair");
    // Nor may the scalp stick out of the hair: an outline inside the head makes it smaller.
    view.found.hair = outline.iter().map(|p| middle + (*p - middle) * 0.9).collect();
    let fitted = fit(std::slice::from_ref(&view), &Scale::AveragePupils).unwrap();
    assert!(fitted.outline_off_px[0].unwrap() * camera.mm_per_px(DVec3::ZERO) < 3.0);
}
