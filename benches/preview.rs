//! The preview on whatever graphics card there is: 100 000 dots in a window of 1000 x 700, timed until the card is
//! done.
//!
//! Each dot has a core and a halo, as in a case. "Whole" shows the whole photo at a quarter of its size, "part" a part
//! of it at 100 %.

#![allow(clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use scalp_studio::gpu::{Preview, WANTED_FEATURES, headless};
use scalp_studio::photo::Photo;
use scalp_studio::photo::PixelRect;
use scalp_studio::photo::pyramid::Pyramid;
use scalp_studio::reading::specular::SpecularMap;
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};

const WIDTH: u32 = 4000;
const HEIGHT: u32 = 3000;
const DOTS: u32 = 100_000;

/// Evenly spread dots, the same in every run: multiples of the plastic number's inverse powers (Roberts 2018).
fn dots() -> Splats {
    let splat = |index: u32, sigma_px: f32, peak: f32| {
        let area_px2 = std::f32::consts::TAU * sigma_px * sigma_px * 0.7;
        Splat {
            x_px: (f64::from(index) * 0.754_877_666_246_693 % 1.0) as f32 * WIDTH as f32,
            y_px: (f64::from(index) * 0.569_840_290_998_053 % 1.0) as f32 * HEIGHT as f32,
            sigma_major_px: sigma_px,
            sigma_minor_px: 0.7 * sigma_px,
            axis: [0.8, 0.6],
            loss_px2: [peak * area_px2, 0.85 * peak * area_px2, 0.7 * peak * area_px2],
        }
    };
    Splats::new((0..DOTS).flat_map(|index| [splat(index, 1.2, 0.5), splat(index, 4.0, 0.03)]).collect())
}

fn preview(c: &mut Criterion) {
    let Ok((device, queue, name)) = headless(&wgpu::Limits::downlevel_webgl2_defaults(), WANTED_FEATURES) else {
        return;
    };
    let photo = Photo::from_srgb(WIDTH, HEIGHT, [190, 150, 130].repeat((WIDTH * HEIGHT) as usize)).unwrap();
    let levels = Pyramid::new(photo.clone());
    let Ok(mut preview) = Preview::new(&device, &queue) else { return };
    let splats = dots();
    let specular = Specular::Map(SpecularMap::uniform(WIDTH, HEIGHT, 0.02));
    preview.set_photo(&levels);
    if preview.set_splats(&splats).is_err() || preview.set_specular(&specular).is_err() {
        return;
    }
    let mut group = c.benchmark_group(format!("preview on {name}"));
    for (part, level, left) in [("whole", 2, 0), ("part", 0, 1500)] {
        let mut at = 0;
        let mut draw = |preview: &mut Preview| {
            // A different window each time, or nothing would be drawn.
            at = (at + 1) % 2;
            let window = PixelRect { x0: left + at, y0: left / 2, x1: left + at + 999, y1: left / 2 + 700 };
            let drawn = preview.draw(level, window).is_ok();
            (drawn, device.poll(wgpu::PollType::wait_indefinitely()).is_ok())
        };
        group.bench_function(format!("{part}, moved"), |b| b.iter(|| draw(&mut preview)));
        group.bench_function(format!("{part}, other dots"), |b| {
            b.iter(|| (preview.set_splats(&splats).is_ok(), draw(&mut preview)));
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = Criterion::default().sample_size(10); targets = preview }
criterion_main!(benches);
