//! The work between moving a hairline point and the new picture: fields, dots, splats, tiles. The average head from the
//! front as a 12-megapixel photo, shown whole in a window of about 1000 x 700 (a quarter of the pixels each way).

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use glam::DVec2;
use scalp_studio::follicles::dots::Dots;
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::photo::Photo;
use scalp_studio::photo::pyramid::halved;
use scalp_studio::plan::Plan;
use scalp_studio::plan::field::{density_fields, density_fields_after};
use scalp_studio::plan::session::HEALED_DAYS;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::sharpening::PointSpread;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::compositor::composite_region;
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::render::tiles::{TileGrid, TileIndex};
use scalp_studio::skin::settings::Outlook;

const SIZE_PX: [u32; 2] = [3000, 4000];
const LEVEL: u32 = 2;

/// A camera 1.2 m in front of the face, with 0.12 mm per pixel.
fn camera() -> Camera {
    let distance_mm = 1200.0;
    Camera {
        camera_from_head: glam::DMat3::from_diagonal(glam::DVec3::new(1.0, -1.0, -1.0)),
        head_origin_mm: glam::DVec3::new(0.0, 0.0, distance_mm),
        focal_px: distance_mm / 0.12,
        principal_px: DVec2::new(1500.0, 1800.0),
    }
}

fn drag(c: &mut Criterion) {
    let head = Head::average();
    let plan = Plan::for_treatment(Kind::FullShave, None, &head);
    let scalp = Scalp::new(head, &plan);
    let mut moved = plan.clone();
    moved.hairline.points[0][1] += 1.0;
    let moment = Moment { sessions: 3, age_days: HEALED_DAYS, outlook: Outlook::Likely };
    let sensor = Sensor {
        camera: camera(),
        photo_px: SIZE_PX,
        spread: PointSpread::blurred(0.7),
        level: LEVEL,
        hidden: None,
        tones: None,
    };
    let mut photo =
        Photo::from_srgb(SIZE_PX[0], SIZE_PX[1], [200, 160, 140].repeat((SIZE_PX[0] * SIZE_PX[1]) as usize)).unwrap();
    for _ in 0..LEVEL {
        photo = halved(&photo);
    }
    let look = |plan: &Plan| {
        let mock_up = MockUp::new(plan, &scalp, Skin::default());
        let splats = mock_up.splats(&sensor, moment);
        let index = TileIndex::new(&splats, TileGrid::with_tiles_of(photo.width(), photo.height(), 128, 32));
        (mock_up, splats, index)
    };
    let (mock_up, before, before_index) = look(&plan);
    let fields = density_fields_after(&moved, &scalp.head, &scalp.map, &mock_up.fields);

    let mut group = c.benchmark_group("drag");
    group.sample_size(20);
    group.bench_function("density fields", |b| b.iter(|| density_fields(&moved, &scalp.head, &scalp.map)));
    group.bench_function("density fields that an edit changes", |b| {
        b.iter(|| density_fields_after(&moved, &scalp.head, &scalp.map, &mock_up.fields));
    });
    group.bench_function("dots", |b| b.iter(|| Dots::new(&moved, &fields, (&scalp.head, &scalp.follicles))));
    group.bench_function("dots that an edit changes", |b| {
        b.iter(|| {
            Dots::after(&moved, &fields, (&scalp.head, &scalp.follicles), Some((&mock_up.dots, &mock_up.fields)))
        });
    });
    group.bench_function("splats", |b| {
        b.iter(|| mock_up.splats(&sensor, moment));
    });
    let later = MockUp::after(&moved, &scalp, Skin::default(), Some(&mock_up));
    let seen = mock_up.seen(&sensor, moment, None);
    group.bench_function("splats that an edit changes", |b| {
        b.iter(|| later.seen(&sensor, moment, Some(&seen)));
    });
    let (_, after, after_index) = look(&moved);
    group.bench_function("index of tiles", |b| b.iter(|| TileIndex::new(&after, before_index.grid())));
    let dirty = after_index.changed_since(&after, &before_index, &before);
    group.bench_function("changed tiles", |b| {
        b.iter_batched_ref(
            || photo.clone(),
            |target| composite_region(&photo, target, &after, &after_index, &dirty, &Specular::None).unwrap(),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("all of it", |b| {
        b.iter_batched_ref(
            || photo.clone(),
            |target| {
                let later = MockUp::after(&moved, &scalp, Skin::default(), Some(&mock_up));
                let splats = later.seen(&sensor, moment, Some(&seen)).splats;
                let index = TileIndex::new(&splats, before_index.grid());
                let dirty = index.changed_since(&splats, &before_index, &before);
                composite_region(&photo, target, &splats, &index, &dirty, &Specular::None).unwrap()
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, drag);
criterion_main!(benches);
