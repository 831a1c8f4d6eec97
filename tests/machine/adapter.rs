//! The preview on the graphics card against the compositor on the processor, through the public interface only.
//!
//! Runs on whatever adapter there is, with the limits of the weakest; a software adapter will do.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use libtest_mimic::Trial;

use crate::needing;
use crate::pictures::{changed, left_side_by_side, photo, plain, random, samples, scatter};
use scalp_studio::case::{Case, Start, sample};
use scalp_studio::gpu::{GpuError, Preview, WANTED_FEATURES, headless};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::PixelRect;
use scalp_studio::photo::pyramid::{Pyramid, level_for_zoom};
use scalp_studio::photo::{Limits, Photo};
use scalp_studio::reading::sharpening::PointSpread;
use scalp_studio::reading::specular::SpecularMap;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};
use scalp_studio::skin::settings::Outlook;

/// Tolerated difference from the reference, in sample values, for all but one in a thousand of the pixels that dots
/// reach.
const TOLERANCE_STEPS: u8 = 2;

type Card = (wgpu::Device, wgpu::Queue);

/// A device with the limits of WebGL 2, which every card meets, or the reason why there is none.
fn open(features: wgpu::Features) -> Result<Card, String> {
    match headless(&wgpu::Limits::downlevel_webgl2_defaults(), features) {
        Ok((device, queue, _)) => Ok((device, queue)),
        Err(GpuError::NoAdapter(reason)) => Err(reason),
        Err(error) => panic!("{error}"),
    }
}

/// One device for all tests, which run on several threads: opening a device takes longer than most tests.
fn card() -> Result<&'static Card, String> {
    static CARD: OnceLock<Result<Card, String>> = OnceLock::new();
    CARD.get_or_init(own_card).as_ref().map_err(String::clone)
}

/// A device that no other test uses.
fn own_card() -> Result<Card, String> {
    open(WANTED_FEATURES)
}

/// A device that sums in half floats, as the weakest do.
fn weak_card() -> Result<Card, String> {
    open(wgpu::Features::empty())
}

pub fn tests() -> Vec<Trial> {
    let shared = needing![card;
        the_sample_looks_the_same_at_every_session_and_zoom,
        without_dots_the_photo_keeps_its_sample_values,
        a_photo_wider_than_any_texture_is_shown_to_its_end,
        dots_of_every_shape_look_as_from_the_compositor,
        heaps_of_dots_look_as_from_the_compositor,
        crowds_specular_light_and_grey_look_as_from_the_compositor_at_every_level,
        a_pixel_is_the_same_in_every_window,
        only_changes_are_drawn_again,
        a_window_too_large_to_draw_is_an_error_and_the_preview_goes_on,
    ];
    let own = needing![own_card;
        a_picture_arrives_even_if_another_thread_polls_the_device,
        a_lost_device_is_an_error_everywhere,
    ];
    shared.into_iter().chain(own).collect()
}

fn preview(card: &Card, levels: &Pyramid, splats: &Splats, specular: &Specular) -> Preview {
    let mut preview = Preview::new(&card.0, &card.1).unwrap();
    preview.set_photo(levels);
    preview.set_splats(splats).unwrap();
    preview.set_specular(specular).unwrap();
    preview
}

/// The sample values of a window of the photo as the card draws it.
fn drawn(preview: &mut Preview, level: u32, window: PixelRect) -> Vec<u8> {
    let picture = preview.draw(level, window).unwrap().unwrap();
    assert_eq!(picture.window, window, "the window was cut");
    let picture = preview.read().unwrap().unwrap();
    assert_eq!((picture.width() as i32, picture.height() as i32), (window.x1 - window.x0, window.y1 - window.y0));
    samples(&picture).to_vec()
}

/// A level as the processor draws it.
fn composited(levels: &Pyramid, level: u32, splats: &Splats, specular: &Specular) -> Photo {
    let mut picture = (**levels.photo(level)).clone();
    let specular = match specular {
        Specular::None => Specular::None,
        Specular::Map(map) => Specular::Map(map.at_level(level)),
    };
    composite(&mut picture, &splats.at_level(level), &specular);
    picture
}

fn cut(photo: &Photo, window: PixelRect) -> Vec<u8> {
    let width = photo.width() as usize;
    let row = |y: i32| {
        &samples(photo)[(y as usize * width + window.x0 as usize) * 3..][..(window.x1 - window.x0) as usize * 3]
    };
    (window.y0..window.y1).flat_map(row).copied().collect()
}

fn all(photo: &Photo) -> PixelRect {
    PixelRect { x0: 0, y0: 0, x1: photo.width() as i32, y1: photo.height() as i32 }
}

/// The same window as drawn by the processor and by the card.
struct Pair {
    window: PixelRect,
    source: Vec<u8>,
    processor: Vec<u8>,
    card: Vec<u8>,
}

/// How far apart the two are, over pixels with dots in either.
struct Apart {
    /// Pixels that dots reach.
    reached: usize,
    /// The 99.9th percentile over those pixels of the largest difference of a channel, sample values.
    p999: u8,
    worst: u8,
    /// A description of the worst pixel.
    account: String,
}

impl Pair {
    fn apart(&self) -> Apart {
        let Self { window, source, processor, card } = self;
        let pixels = source.as_chunks::<3>().0.iter().zip(processor.as_chunks::<3>().0).zip(card.as_chunks::<3>().0);
        let mut counts = [0_usize; 256];
        let (mut worst, mut account) = (0, String::from("none"));
        for (index, ((source, processor), card)) in pixels.enumerate() {
            if processor == source && card == source {
                continue;
            }
            let off = (0..3).map(|channel| processor[channel].abs_diff(card[channel])).max().unwrap();
            counts[usize::from(off)] += 1;
            if off > worst {
                let width = (window.x1 - window.x0) as usize;
                let (x, y) = (window.x0 + (index % width) as i32, window.y0 + (index / width) as i32);
                account = format!("at {x}, {y}: source {source:?}, processor {processor:?}, card {card:?}");
                worst = off;
            }
        }
        let reached = counts.iter().sum::<usize>();
        let mut beyond = reached;
        let p999 = counts.iter().position(|count| {
            beyond -= count;
            beyond * 1000 <= reached
        });
        Apart { reached, p999: p999.unwrap() as u8, worst, account }
    }

    /// Asserts that `holds` is true of the differences; otherwise leaves both side by side in a file.
    #[track_caller]
    fn must(&self, name: &str, holds: impl Fn(&Apart) -> bool) {
        let apart = self.apart();
        if !holds(&apart) {
            let Apart { reached, p999, worst, account } = apart;
            let [width, height] =
                [self.window.x1 - self.window.x0, self.window.y1 - self.window.y0].map(|side| side as u32);
            let of = |samples: &[u8]| Photo::from_srgb(width, height, samples.to_vec()).unwrap();
            let path = left_side_by_side(name, &of(&self.processor), &of(&self.card));
            panic!(
                "{name}: {reached} px reached, {p999} of 255 at 99.9 %, worst {worst}, {account}; see {}",
                path.display()
            );
        }
    }
}

/// A window of a level as drawn by processor and card.
fn pair(card: &mut Preview, levels: &Pyramid, expected: &Photo, level: u32, window: PixelRect) -> Pair {
    let source = cut(levels.photo(level), window);
    Pair { window, source, processor: cut(expected, window), card: drawn(card, level, window) }
}

fn compare(card: &Card, levels: &Pyramid, splats: &Splats, specular: &Specular, level: u32) -> Pair {
    let mut preview = preview(card, levels, splats, specular);
    let expected = composited(levels, level, splats, specular);
    pair(&mut preview, levels, &expected, level, all(levels.photo(level)))
}

fn skin(width: u32, height: u32) -> Photo {
    photo(width, height, |x, y, channel| {
        let grain = 12.0 * random((y * width + x) as usize, u64::from(channel));
        let shade = 0.75 + 0.25 * (x as f32 / width as f32);
        ([205.0, 165.0, 145.0][channel as usize] * shade + grain) as u8
    })
}

/// The level and the window of it that a canvas of 1000 x 700 screen pixels shows around a place at this zoom.
fn canvas_window(levels: &Pyramid, zoom: f64, middle_px: [f64; 2]) -> (u32, PixelRect) {
    let level = level_for_zoom(zoom);
    let photo = levels.photo(level);
    let level_zoom = zoom * f64::from(1_u32 << level);
    let span = |middle_px: f64, screen: f64, limit: u32| {
        let middle = middle_px / f64::from(1_u32 << level);
        let half = 0.5 * screen / level_zoom;
        ((middle - half).max(0.0) as i32, ((middle + half).ceil() as i32).min(limit as i32))
    };
    let (x0, x1) = span(middle_px[0], 1000.0, photo.width());
    let (y0, y1) = span(middle_px[1], 700.0, photo.height());
    (level, PixelRect { x0, y0, x1, y1 })
}

fn the_sample_looks_the_same_at_every_session_and_zoom(card: &Card) {
    let weak = weak_card().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.scalp");
    let case = Case::create(
        &path,
        sample::Client::Light.views().unwrap(),
        &Start::default(),
        Existing::Refuse,
        &Limits::default(),
    )
    .unwrap();
    let fit = case.fit().unwrap();
    let plan = case.plan(None).unwrap();
    let scalp = Scalp::new(fit.head().clone(), plan);
    let mock_up = MockUp::new(plan, &scalp, Skin::default());
    for (index, view) in case.document().views.iter().enumerate() {
        let original = case.photo(index, &Limits::default()).unwrap();
        let (levels, camera) = (Pyramid::new(original.clone()), &fit.fit.cameras[index]);
        let sensor = Sensor {
            camera: *camera,
            photo_px: [original.width(), original.height()],
            spread: PointSpread::blurred(0.7),
            level: 0,
            hidden: None,
            tones: None,
        };
        let last =
            mock_up.splats(&sensor, Moment { sessions: plan.sessions.len(), age_days: 0.0, outlook: Outlook::Likely });
        let mut previews = [card, &weak].map(|card| Preview::new(&card.0, &card.1).unwrap());
        previews.iter_mut().for_each(|preview| preview.set_photo(&levels));
        // Around a dot in the middle of the list.
        let middle = last.as_slice()[last.len() / 2];
        let middle = [f64::from(middle.x_px), f64::from(middle.y_px)];
        for sessions in 1..=plan.sessions.len() {
            for age_days in [0.0, 28.0] {
                let splats = mock_up.splats(&sensor, Moment { sessions, age_days, outlook: Outlook::Likely });
                let specular = Specular::estimate(&original, &splats);
                for preview in &mut previews {
                    preview.set_splats(&splats).unwrap();
                    preview.set_specular(&specular).unwrap();
                }
                let pictures = [0, 3].map(|level| (level, composited(&levels, level, &splats, &specular)));
                for zoom in [0.1, 1.0, 4.0] {
                    let (level, window) = canvas_window(&levels, zoom, middle);
                    let (_, expected) = pictures.iter().find(|(of, _)| *of == level).unwrap();
                    for (sums, preview) in ["whole", "half"].into_iter().zip(&mut previews) {
                        let name = format!("{}, session {sessions}, day {age_days}, zoom {zoom}, {sums}", view.name);
                        let pair = pair(preview, &levels, expected, level, window);
                        pair.must(&name, |apart| apart.reached > 300 && apart.p999 <= TOLERANCE_STEPS);
                    }
                }
            }
        }
    }
}

fn without_dots_the_photo_keeps_its_sample_values(card: &Card) {
    // Every sample value in every channel, in a photo of more than one chunk.
    let every = photo(1300, 1100, |x, y, channel| (x * [1, 3, 7][channel as usize] + y) as u8);
    let levels = Pyramid::new(every.clone());
    let specular = Specular::Map(SpecularMap::uniform(1300, 1100, 0.1));
    let mut preview = preview(card, &levels, &Splats::default(), &specular);
    for level in [0, 1, 4] {
        let photo = levels.photo(level);
        assert_eq!(drawn(&mut preview, level, all(photo)), samples(photo), "level {level}");
    }
    let window = PixelRect { x0: 1000, y0: 1020, x1: 1050, y1: 1030 };
    assert_eq!(drawn(&mut preview, 0, window), cut(&every, window));
}

fn a_photo_wider_than_any_texture_is_shown_to_its_end(card: &Card) {
    let wide = photo(9000, 40, |x, y, channel| (x / 8 * (channel + 1) + y) as u8);
    let levels = Pyramid::new(wide);
    let end = Splat { x_px: 8990.3, y_px: 20.0, ..dot(3.0, 1.0, 30.0, 0.6) };
    let splats = Splats::new(vec![end]);
    let mut preview = preview(card, &levels, &splats, &Specular::None);
    let window = PixelRect { x0: 8100, y0: 0, x1: 9000, y1: 40 };
    let expected = composited(&levels, 0, &splats, &Specular::None);
    let pair = pair(&mut preview, &levels, &expected, 0, window);
    pair.must("wider than any texture", |apart| apart.reached > 50 && apart.worst <= 1);
}

/// A dot in the middle of 200 x 200 px, with this peak loss (averaged over a pixel).
fn dot(sigma_major_px: f32, sigma_minor_px: f32, degrees: f32, peak: f32) -> Splat {
    let area_px2 =
        std::f32::consts::TAU * (sigma_major_px.powi(2) + 0.083).sqrt() * (sigma_minor_px.powi(2) + 0.083).sqrt();
    let angle = degrees.to_radians();
    Splat {
        x_px: 100.3,
        y_px: 99.6,
        sigma_major_px,
        sigma_minor_px,
        axis: [libm::cosf(angle), libm::sinf(angle)],
        loss_px2: [peak * area_px2, 0.8 * peak * area_px2, 0.5 * peak * area_px2],
    }
}

fn dots_of_every_shape_look_as_from_the_compositor(card: &Card) {
    let levels = Pyramid::new(skin(200, 200));
    let mut dots = vec![];
    for (major, minor) in [
        (0.001, 0.001),
        (0.05, 0.05),
        (0.3, 0.02),
        (1.0, 0.01),
        (1.0, 1.0),
        (2.0, 0.7),
        (6.0, 0.05),
        (40.0, 30.0),
        (300.0, 200.0),
    ] {
        for degrees in [0.0, 0.5, 33.0, 90.0, 135.0] {
            for peak in [0.01, 0.3, 0.9, 20.0] {
                dots.push((
                    dot(major, minor, degrees, peak),
                    format!("{major} x {minor} px, {degrees} degrees, peak {peak}"),
                ));
            }
        }
    }
    for (x_px, y_px) in [(-1.5, 50.0), (0.0, 0.0), (200.0, 199.9), (201.0, 100.0)] {
        dots.push((Splat { x_px, y_px, ..dot(2.0, 1.0, 33.0, 0.7) }, format!("over the rim at {x_px}, {y_px}")));
    }
    let mut preview = preview(card, &levels, &Splats::default(), &Specular::None);
    for (dot, name) in dots {
        let splats = Splats::new(vec![dot]);
        preview.set_splats(&splats).unwrap();
        for level in [0, 2] {
            let photo = levels.photo(level);
            let expected = composited(&levels, level, &splats, &Specular::None);
            let pair = pair(&mut preview, &levels, &expected, level, all(photo));
            let seen = dot.loss_px2[0] > 0.1 && level == 0 && (0.0..200.0).contains(&dot.x_px);
            let holds = |apart: &Apart| apart.worst <= 1 && (apart.reached > 0 || !seen);
            pair.must(&format!("{name}, level {level}"), holds);
        }
    }
}

fn heaps_of_dots_look_as_from_the_compositor(card: &Card) {
    let bright = Pyramid::new(plain(64, 64, 235));
    let heap = |count: usize, sigma_px: f32, peak: f32| -> Splats {
        let dots = (0..count).map(|index| Splat {
            x_px: 22.0 + 20.0 * random(index, 1),
            y_px: 22.0 + 20.0 * random(index, 2),
            ..dot(sigma_px, sigma_px, 0.0, peak)
        });
        Splats::new(dots.collect())
    };
    for (count, sigma_px, peak) in [(100, 1.0, 0.3), (300, 6.0, 0.004), (1000, 6.0, 0.002), (60, 10.0, 0.9)] {
        let splats = heap(count, sigma_px, peak);
        let pair = compare(card, &bright, &splats, &Specular::None, 0);
        pair.must(&format!("{count} dots of {sigma_px} px and {peak}"), |apart| apart.worst <= 1);
    }
}

fn crowds_specular_light_and_grey_look_as_from_the_compositor_at_every_level(card: &Card) {
    let (width, height) = (600, 400);
    let splats = Splats::new(scatter(4000, width, height, 3));
    let coloured = skin(width, height);
    let grey = photo(width, height, |x, y, _| (60 + x / 4 + y / 9) as u8);
    let grey = changed(grey, |parts| parts.grey = true);
    let specular_of = |photo: &Photo| Specular::estimate(photo, &splats);
    for (name, photo, specular) in [
        ("diffuse only", &coloured, Specular::None),
        ("specular", &coloured, specular_of(&coloured)),
        ("strongly specular", &coloured, Specular::Map(SpecularMap::uniform(width, height, 0.2))),
        ("grey", &grey, specular_of(&grey)),
    ] {
        let levels = Pyramid::new(photo.clone());
        for level in 0..=4 {
            let pair = compare(card, &levels, &splats, &specular, level);
            let holds = |apart: &Apart| apart.reached > 100 && apart.worst <= 2 && apart.p999 <= 1;
            pair.must(&format!("{name}, level {level}"), holds);
        }
    }
}

fn a_pixel_is_the_same_in_every_window(card: &Card) {
    let levels = Pyramid::new(skin(700, 500));
    let splats = Splats::new(scatter(5000, 700, 500, 4));
    let mut preview = preview(card, &levels, &splats, &Specular::None);
    let whole = drawn(&mut preview, 0, all(levels.photo(0)));
    let whole = Photo::from_srgb(700, 500, whole).unwrap();
    for window in [
        PixelRect { x0: 0, y0: 0, x1: 1, y1: 1 },
        PixelRect { x0: 301, y0: 77, x1: 444, y1: 203 },
        PixelRect { x0: 650, y0: 499, x1: 700, y1: 500 },
    ] {
        assert_eq!(drawn(&mut preview, 0, window), cut(&whole, window), "{window:?}");
    }
}

fn only_changes_are_drawn_again(card: &Card) {
    let levels = Pyramid::new(skin(100, 100));
    let splats = Splats::new(scatter(50, 100, 100, 5));
    let mut preview = Preview::new(&card.0, &card.1).unwrap();
    let window = PixelRect { x0: -20, y0: 10, x1: 60, y1: 300 };
    assert!(preview.draw(0, window).unwrap().is_none(), "there is no photo yet");
    assert!(preview.read().unwrap().is_none());
    preview.set_photo(&levels);
    let is_new = |preview: &mut Preview| {
        let picture = preview.draw(0, window).unwrap().unwrap();
        assert_eq!(picture.window, PixelRect { x0: 0, y0: 10, x1: 60, y1: 100 });
        picture.is_new
    };
    assert!(is_new(&mut preview));
    assert!(!is_new(&mut preview));
    preview.set_splats(&splats).unwrap();
    assert!(is_new(&mut preview) && !is_new(&mut preview));
    preview.set_specular(&Specular::Map(SpecularMap::uniform(100, 100, 0.1))).unwrap();
    assert!(is_new(&mut preview) && !is_new(&mut preview));
    let before = preview.read().unwrap().unwrap();
    preview.set_splats(&Splats::default()).unwrap();
    assert!(is_new(&mut preview));
    assert_ne!(preview.read().unwrap().unwrap(), before, "the dots should be gone");
    assert!(preview.draw(0, PixelRect { x0: 100, ..window }).unwrap().is_none(), "beside the photo");
}

/// A window polls its device while the engine waits for a picture on the same device, so that the window's poll may be
/// the one that learns that the picture is ready.
fn a_picture_arrives_even_if_another_thread_polls_the_device(card: Card) {
    let mut preview = preview(&card, &Pyramid::new(plain(64, 64, 90)), &Splats::default(), &Specular::None);
    let window = PixelRect { x0: 0, y0: 0, x1: 64, y1: 64 };
    preview.draw(0, window).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                card.0.poll(wgpu::PollType::Poll).unwrap();
            }
        });
        let pictures: Vec<_> = (0..300).map(|_| preview.read()).collect();
        done.store(true, Ordering::Relaxed);
        for picture in pictures {
            assert_eq!(picture.unwrap().unwrap(), Photo::from_srgb(64, 64, vec![90; 64 * 64 * 3]).unwrap());
        }
    });
}

fn a_window_too_large_to_draw_is_an_error_and_the_preview_goes_on(card: &Card) {
    let levels = Pyramid::new(plain(2100, 10, 90));
    let mut preview = preview(card, &levels, &Splats::default(), &Specular::None);
    let limit = card.0.limits().max_texture_dimension_2d;
    let wide = all(levels.photo(0));
    assert!(limit < 2100, "this test needs a photo too wide for one texture");
    assert_eq!(preview.draw(0, wide).unwrap_err(), GpuError::TooLarge { width: 2100, height: 10, limit });
    assert_eq!(drawn(&mut preview, 0, PixelRect { x1: 20, ..wide }), [90; 600]);
}

fn a_lost_device_is_an_error_everywhere(card: Card) {
    let levels = Pyramid::new(plain(20, 20, 90));
    let mut preview = preview(&card, &levels, &Splats::default(), &Specular::None);
    let window = all(levels.photo(0));
    drawn(&mut preview, 0, window);
    card.0.destroy();
    let lost = |result: Result<(), GpuError>| assert!(matches!(result, Err(GpuError::Lost(_))), "{result:?}");
    lost(preview.draw(0, PixelRect { x0: 3, ..window }).map(|_| ()));
    lost(preview.draw(0, window).map(|_| ()));
    lost(preview.read().map(|_| ()));
    lost(preview.set_splats(&Splats::new(scatter(50, 20, 20, 5))));
    lost(preview.set_specular(&Specular::None));
    lost(Preview::new(&card.0, &card.1).map(|_| ()));
}
