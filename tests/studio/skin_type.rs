//! The client's skin type: estimated, confirmed by a click, and used.

use crate::window::{Setup, Window};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use scalp_studio::reading::complexion::SkinType;

#[test]
fn a_click_confirms_the_skin_type_and_everything_follows_it() {
    let mut window = Window::on_sample_with(Setup { size: [1280.0, 2200.0], step_s: 0.25, ..Setup::default() });
    window.open_section("Pigment");
    let melanin = |window: &Window| window.open_case().facts.skin.melanosome_fraction;
    let read = melanin(&window);
    assert!(window.harness.query_by_label("Fitzpatrick VI, confirmed").is_none());
    window.click(Role::Button, "Skin type VI");
    assert_eq!(window.document().client.skin_type, Some(SkinType::VI));
    assert_eq!(window.undo_name(), Some("Confirm skin type VI"));
    window.must_say("Fitzpatrick VI, confirmed");
    assert!(melanin(&window) > 3.0 * read, "{} {read}", melanin(&window));
    // Clicking another type corrects it; clicking the same one leaves it to the photo.
    window.click(Role::Button, "Skin type II");
    window.must_say("Fitzpatrick II, confirmed");
    window.click(Role::Button, "Skin type II");
    assert_eq!((window.document().client.skin_type, window.undo_name()), (None, Some("Forget skin type")));
    assert_eq!(melanin(&window).to_bits(), read.to_bits());
    window.undo();
    assert_eq!(window.document().client.skin_type, Some(SkinType::II));
}

#[test]
fn the_place_where_skin_was_read_is_marked_while_the_pointer_is_on_its_type() {
    let mut window = Window::on_sample_with(Setup { size: [1280.0, 2200.0], step_s: 0.25, ..Setup::default() });
    window.open_section("Pigment");
    let words = |window: &Window| -> Vec<String> {
        let texts = window.harness.output().shapes.iter().filter_map(|shape| match &shape.shape {
            egui::Shape::Text(text) => Some(text.galley.text().to_owned()),
            _ => None,
        });
        texts.filter(|text| text.contains("kin is read") || text.contains("kin was picked")).collect()
    };
    assert!(words(&window).is_empty());
    let button = window.node(Role::Button, "Skin type III").rect().center();
    window.harness.hover_at(button);
    window.harness.run_steps(2);
    assert_eq!(words(&window), ["Skin is read here"]);
    // Another photo says where that place is.
    window.show_view("top");
    window.harness.hover_at(button);
    window.harness.run_steps(2);
    assert_eq!(words(&window), ["The skin is read in the photo front"]);
    let away = window.node(Role::Image, "Photo top").rect().center();
    window.harness.hover_at(away);
    window.harness.run_steps(2);
    assert!(words(&window).is_empty());
}
