//! Compositing, compared in one run with the lower bound (moving the photo's bytes) and with a general-purpose
//! renderer.
//!
//! The work: 12 megapixels, 100 000 dots of 2.4 px full width at half maximum, uniformly random. "Round" dots are those
//! that the peer can draw, too; "oval" ones, turned and foreshortened as on a real head, are those of real photos. The
//! peer, tiny-skia, fills anti-aliased circles of 2.4 px in 8-bit gamma sample values: less work, and a different
//! picture.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use scalp_studio::photo::{Photo, Samples};
use scalp_studio::render::compositor::{composite, composite_region};
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};
use scalp_studio::render::tiles::{TileGrid, TileIndex, TileSet};

const WIDTH: u32 = 4000;
const HEIGHT: u32 = 3000;
const DOTS: usize = 100_000;
const SIGMA_PX: f32 = 2.4 / 2.354_82;

/// Uniformly distributed fractions that are the same in every run: hashed multiples of the golden ratio and its
/// relatives.
fn random(index: usize, stream: u64) -> f32 {
    let mut bits = (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ (bits >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
}

/// Skin with a gradient and grain.
fn photo() -> Photo {
    let mut samples = Vec::with_capacity(WIDTH as usize * HEIGHT as usize * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let grain = random((y * WIDTH + x) as usize, 9) * 14.0;
            let shade = 0.7 + 0.3 * (1.0 - y as f32 / HEIGHT as f32) * (x as f32 / WIDTH as f32);
            samples.extend([205.0, 170.0, 150.0].map(|tone| (tone * shade + grain) as u8));
        }
    }
    Photo::from_srgb(WIDTH, HEIGHT, samples).unwrap()
}

fn dots(oval: bool) -> Vec<Splat> {
    (0..DOTS)
        .map(|index| {
            let flat = if oval { 0.35 + 0.65 * random(index, 3) } else { 1.0 };
            let angle = random(index, 4) * std::f32::consts::PI;
            let peak = 0.45 + 0.3 * random(index, 5);
            let area_px2 = std::f32::consts::TAU * SIGMA_PX * SIGMA_PX * flat;
            Splat {
                x_px: random(index, 1) * WIDTH as f32,
                y_px: random(index, 2) * HEIGHT as f32,
                sigma_major_px: SIGMA_PX,
                sigma_minor_px: SIGMA_PX * flat,
                axis: if oval { [libm::cosf(angle), libm::sinf(angle)] } else { [1.0, 0.0] },
                loss_px2: [area_px2 * peak, area_px2 * peak * 0.85, area_px2 * peak * 0.7],
            }
        })
        .collect()
}

fn samples(photo: &Photo) -> &[u8] {
    match photo.samples() {
        Samples::U8(samples) => samples,
        Samples::U16(_) => &[],
    }
}

fn floor(criterion: &mut Criterion) {
    let photo = photo();
    let mut copy = samples(&photo).to_vec();
    let mut group = criterion.benchmark_group("floor");
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| black_box(&mut copy).copy_from_slice(black_box(samples(&photo))));
    });
    group.bench_function("read and write", |bencher| {
        bencher.iter(|| black_box(&mut copy).iter_mut().for_each(|sample| *sample = sample.wrapping_add(1)));
    });
    group.finish();
}

fn full(criterion: &mut Criterion) {
    let original = photo();
    let estimated = Specular::Map(scalp_studio::reading::specular::SpecularMap::uniform(WIDTH, HEIGHT, 0.02));
    let mut group = criterion.benchmark_group("full");
    for threads in [1, 2] {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else { continue };
        for (name, oval, specular) in
            [("round", false, &Specular::None), ("oval", true, &Specular::None), ("round, gloss", false, &estimated)]
        {
            let splats = Splats::new(dots(oval));
            group.bench_function(format!("{name}, {threads} threads"), |bencher| {
                bencher.iter_batched_ref(
                    || original.clone(),
                    |photo| pool.install(|| composite(photo, &splats, specular)),
                    BatchSize::LargeInput,
                );
            });
        }
    }
    group.bench_function("sorting the splats", |bencher| {
        bencher.iter_batched(|| dots(false), Splats::new, BatchSize::LargeInput);
    });
    let splats = Splats::new(dots(false));
    group.bench_function("index", |bencher| bencher.iter(|| TileIndex::new(&splats, TileGrid::new(WIDTH, HEIGHT))));
    group.finish();
}

fn edit(criterion: &mut Criterion) {
    let original = photo();
    let grid = TileGrid::new(WIDTH, HEIGHT);
    let splats = Splats::new(dots(false));
    let index = TileIndex::new(&splats, grid);
    let mut tenth = TileSet::none(grid);
    let mut rect = grid.photo_rect();
    rect.y1 /= 10;
    tenth.insert_rect(rect);
    let mut target = original.clone();
    composite(&mut target, &splats, &Specular::None);
    let mut group = criterion.benchmark_group("a tenth of the tiles");
    for threads in [1, 2] {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else { continue };
        group.bench_function(format!("{threads} threads"), |bencher| {
            bencher.iter(|| {
                pool.install(|| composite_region(&original, &mut target, &splats, &index, &tenth, &Specular::None))
            });
        });
    }
    let fewer = Splats::new(splats.as_slice().iter().copied().filter(|splat| splat.y_px > 300.0).collect());
    group.bench_function("new splats, new index, what changed", |bencher| {
        bencher.iter(|| {
            let edited = Splats::new(fewer.as_slice().to_vec());
            let edited_index = TileIndex::new(&edited, grid);
            edited_index.changed_since(&edited, &index, &splats)
        });
    });
    group.finish();
}

fn peer(criterion: &mut Criterion) {
    let Some(mut pixmap) = tiny_skia::Pixmap::new(WIDTH, HEIGHT) else { return };
    pixmap.fill(tiny_skia::Color::from_rgba8(200, 160, 140, 255));
    let dots = dots(false);
    let mut group = criterion.benchmark_group("peer");
    group.bench_function("tiny-skia", |bencher| {
        bencher.iter(|| {
            let mut paint = tiny_skia::Paint { anti_alias: true, ..tiny_skia::Paint::default() };
            for (index, dot) in dots.iter().enumerate() {
                paint.set_color_rgba8(20, 20, 20, (115.0 + 76.0 * random(index, 5)) as u8);
                if let Some(circle) = tiny_skia::PathBuilder::from_circle(dot.x_px, dot.y_px, 1.2) {
                    pixmap.fill_path(
                        &circle,
                        &paint,
                        tiny_skia::FillRule::Winding,
                        tiny_skia::Transform::identity(),
                        None,
                    );
                }
            }
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = floor, full, edit, peer
}
criterion_main!(benches);
