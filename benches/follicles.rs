//! Generating the follicles and selecting among them after an edit, compared with copying the arrays and with a
//! variable-density sampler that starts over.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use glam::{DVec2, DVec3};
use rand::RngExt;
use scalp_studio::follicles::{Follicles, select_into};
use scalp_studio::ground::random::{Purpose, sequence};
use scalp_studio::head::chart::{Chart, Raster};
use scalp_studio::head::surface::{SemiAxes, Surface};

fn head() -> Surface {
    let axes = SemiAxes { side: 77.0, up: 75.0, down: 80.0, front: 100.0, back: 100.0 };
    Surface::ellipsoid(DVec3::ZERO, axes)
}

fn chart() -> Chart {
    Chart::around(DVec3::new(0.0, 0.85, -0.53).normalize())
}

/// A cap with room for about 100 000 dots at the highest density.
fn cap(unit: DVec3) -> bool {
    unit.y > -0.05 + 0.5 * unit.z.max(0.0) - 0.15 * (-unit.z).max(0.0)
}

/// Bridson's sampler with a varying radius, tuned: it throws darts into a thin ring around the active point, where most
/// fit the first time, and looks up neighbours in a flat grid. Returns the points on a square.
fn variable_bridson(side_mm: f64, radius_mm: impl Fn(DVec2) -> f64, least_mm: f64, most_mm: f64) -> Vec<DVec2> {
    const DARTS: usize = 12;
    let cell = least_mm / std::f64::consts::SQRT_2;
    let cells = (side_mm / cell) as usize + 1;
    let mut grid = vec![u32::MAX; cells * cells];
    let mut rng = sequence(1, Purpose::Follicles, 0);
    let mut points = vec![DVec2::splat(side_mm / 2.0)];
    let mut radii = vec![radius_mm(points[0])];
    let mut active = vec![0_usize];
    let place = |p: DVec2| (p.y / cell) as usize * cells + (p.x / cell) as usize;
    grid[place(points[0])] = 0;
    while !active.is_empty() {
        let slot = rng.random_range(0..active.len());
        let from = active[slot];
        let turn = rng.random::<f64>();
        let mut found = false;
        for dart in 0..DARTS {
            let (sine, cosine) = libm::sincos((turn + dart as f64 / DARTS as f64) * std::f64::consts::TAU);
            let away = radii[from] * (1.0 + 0.1 * rng.random::<f64>());
            let p = points[from] + DVec2::new(cosine, sine) * away;
            if p.x < 0.0 || p.y < 0.0 || p.x >= side_mm || p.y >= side_mm {
                continue;
            }
            let radius = radius_mm(p);
            let reach = radius.min(most_mm);
            let low = |v: f64| ((v - reach) / cell).max(0.0) as usize;
            let high = |v: f64| (((v + reach) / cell) as usize).min(cells - 1);
            let free = (low(p.y)..=high(p.y)).all(|row| {
                grid[row * cells + low(p.x)..=row * cells + high(p.x)]
                    .iter()
                    .all(|&other| other == u32::MAX || points[other as usize].distance_squared(p) >= radius * radius)
            });
            if free {
                grid[place(p)] = points.len() as u32;
                active.push(points.len());
                points.push(p);
                radii.push(radius);
                found = true;
                break;
            }
        }
        if !found {
            active.swap_remove(slot);
        }
    }
    points
}

fn follicles(criterion: &mut Criterion) {
    let (head, chart) = (head(), chart());
    let set = Follicles::generate(&head, &chart, |point| cap(point.normalize()), 7);
    let mut group = criterion.benchmark_group("follicles");
    group.sample_size(10);
    println!("{} dots on {:.0} cm2", set.len(), set.area_cm2());
    group.bench_function("generate", |bencher| {
        bencher.iter(|| Follicles::generate(&head, &chart, |point| cap(point.normalize()), 7))
    });
    group.bench_function("generate up to 115 per cm2", |bencher| {
        bencher.iter(|| Follicles::generate_up_to(&head, &chart, |point| cap(point.normalize()), 7, 115.0));
    });

    group.sample_size(50);
    let shares = [0.3, 0.7, 1.0];
    let mut sessions = Vec::new();
    // At 250 per cm2 every dot is visited; real plans are more like 60 to 150, denser towards the crown.
    let full = Raster::filled(250.0);
    let plan = Raster::from_directions(&chart, 0.0, |unit| 60.0 + 90.0 * (0.5 + 0.5 * unit.y) as f32);
    group.bench_function("select, all called", |bencher| {
        bencher.iter(|| select_into(&set, black_box(&full), &shares, &mut sessions));
    });
    group.bench_function("select, 60 to 150 per cm2", |bencher| {
        bencher.iter(|| select_into(&set, black_box(&plan), &shares, &mut sessions));
    });

    let (mut texels, mut thresholds) = (set.texels().to_vec(), set.thresholds_per_cm2().to_vec());
    let mut positions = set.positions_mm().to_vec();
    let mut normals = set.normals().to_vec();
    group.bench_function("copy texels, thresholds and sessions", |bencher| {
        let from = sessions.clone();
        bencher.iter(|| {
            black_box(&mut texels).copy_from_slice(black_box(set.texels()));
            black_box(&mut thresholds).copy_from_slice(black_box(set.thresholds_per_cm2()));
            black_box(&mut sessions).copy_from_slice(black_box(&from));
        });
    });
    group.bench_function("copy all arrays", |bencher| {
        let from = sessions.clone();
        bencher.iter(|| {
            black_box(&mut texels).copy_from_slice(black_box(set.texels()));
            black_box(&mut thresholds).copy_from_slice(black_box(set.thresholds_per_cm2()));
            black_box(&mut positions).copy_from_slice(black_box(set.positions_mm()));
            black_box(&mut normals).copy_from_slice(black_box(set.normals()));
            black_box(&mut sessions).copy_from_slice(black_box(&from));
        });
    });

    group.sample_size(10);
    // About 70 to 170 per cm2 over a square and as many dots as in the set: thin rings pack points more densely than
    // usual.
    let spacing = |per_cm2: f64| (68.0 / per_cm2).sqrt();
    let side_mm = 10.0 * (set.len() as f64 / 120.0).sqrt();
    let radius = |p: DVec2| spacing(60.0 + 90.0 * p.y / side_mm);
    println!("{} dots by the peer", variable_bridson(side_mm, radius, spacing(150.0), spacing(60.0)).len());
    group.bench_function("variable-density Bridson, starting over", |bencher| {
        bencher.iter(|| variable_bridson(side_mm, radius, spacing(150.0), spacing(60.0)));
    });
    group.finish();
}

criterion_group!(benches, follicles);
criterion_main!(benches);
