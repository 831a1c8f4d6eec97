//! The window's canvas looks the same whether it is drawn by a graphics adapter, by the processor, or by the processor
//! in a window without an adapter.

use egui::Rect;
use egui::accesskit::Role;
use egui_kittest::kittest::NodeT;
use libtest_mimic::Trial;
use scalp_studio::gpu::headless;
use scalp_studio::photo::Photo;
use scalp_studio::studio::DrawnBy;
use scalp_studio::studio::session::command::Command;

use crate::needing;
use crate::pictures::{left_side_by_side, samples};
use crate::window::{Setup, Window};

pub fn tests() -> Vec<Trial> {
    needing![adapter; the_canvas_looks_the_same_whoever_draws_it]
}

fn adapter() -> Result<(), String> {
    headless(&wgpu::Limits::downlevel_webgl2_defaults(), wgpu::Features::empty()).map(drop).map_err(|e| e.to_string())
}

/// The part of the window that shows the photo, after `does`.
fn seen(drawn_by: Option<DrawnBy>, does: impl Fn(&mut Window)) -> Photo {
    let mut window = Window::on_sample_with(Setup { drawn_by, ..Setup::default() });
    assert_eq!(window.studio().is_on_card(), drawn_by == Some(DrawnBy::Card));
    does(&mut window);
    window.settle();
    let nodes = window.harness.root().children_recursive();
    let images = nodes.filter(|node| node.accesskit_node().role() == Role::Image).map(|node| node.rect());
    let canvas = images.max_by(|a, b| a.area().total_cmp(&b.area())).expect("no photo is shown");
    // Only the photo: around it the canvas may show the window's background.
    let record = window.open_case().record().unwrap();
    let size = [record.width_px, record.height_px].map(f64::from);
    let photo = Rect::from_two_pos(window.of_photo([0.0; 2]), window.of_photo(size)).shrink(1.0);
    let rect = canvas.intersect(photo);
    let [x0, y0, x1, y1] = [rect.left(), rect.top(), rect.right(), rect.bottom()].map(|edge| edge.round() as u32);
    let picture = window.harness.render().unwrap();
    Photo::from_rows(x1 - x0, y1 - y0, |row, pixels| {
        for (column, pixel) in pixels.iter_mut().enumerate() {
            let [red, green, blue, alpha] = picture.get_pixel(x0 + column as u32, y0 + row as u32).0;
            assert_eq!(alpha, 255, "the photo must be opaque");
            *pixel = [red, green, blue];
        }
    })
}

fn the_canvas_looks_the_same_whoever_draws_it((): ()) {
    type Does = fn(&mut Window);
    let does: [(&str, Does); 4] = [
        ("whole", |_| {}),
        ("before", |window| window.ask(Command::FirstStep)),
        ("pixel for pixel", |window| window.ask(Command::ActualSize)),
        ("denser", |window| {
            window.open_section("Density");
            window.enter("Density", "160");
        }),
    ];
    let (mut pictures, mut faults) = (Vec::new(), Vec::new());
    for (name, does) in does {
        let by_egui = seen(None, does);
        for drawn_by in [DrawnBy::Card, DrawnBy::Processor] {
            let drawn = seen(Some(drawn_by), does);
            assert_eq!(drawn.size_px(), by_egui.size_px());
            let pairs = samples(&by_egui).iter().zip(samples(&drawn));
            // The picture is interpolated once more on its way to the screen, with rounding that depends on the
            // adapter.
            let off = pairs.clone().filter(|(a, b)| a.abs_diff(**b) > 2).count();
            if off * 1000 > samples(&drawn).len() {
                let path = left_side_by_side(&format!("{name} by {drawn_by:?}"), &by_egui, &drawn);
                let worst = pairs.map(|(a, b)| a.abs_diff(*b)).max();
                faults.push(format!("{off} samples are off, by {worst:?} at most: {}", path.display()));
            }
        }
        pictures.push(by_egui);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(pictures.windows(2).all(|pair| pair[0] != pair[1]), "an action does not show");
}
