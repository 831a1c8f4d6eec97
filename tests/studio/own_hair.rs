//! Plans in the window follow the client's own shaved hair, say so, and can be told not to.

use crate::window::{Setup, Window};
use egui_kittest::kittest::Queryable;
use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;
use scalp_studio::skin::own_hair;

#[test]
fn a_first_plan_follows_own_hair_as_on_the_command_line_unless_told_not_to() {
    let limits = Limits::default();
    let mut twin = None;
    let mut window = Window::start(Setup { size: [1280.0, 2200.0], ..Setup::default() }, |folder| {
        let views = sample::Client::Light.views().unwrap();
        let start = Start::default();
        let other = folder.join("twin.scalp");
        let other = Case::create(&other, views.clone(), &start, Existing::Refuse, &limits).unwrap();
        twin = Some(other.plan(None).unwrap().clone());
        // A case with all its points and no plan yet.
        let path = folder.join("cases/anna.scalp");
        let mut case = Case::create_empty(&path, Existing::Refuse).unwrap();
        for view in views {
            case.add_photo(&view.name, &view.file_name, view.bytes, &limits).unwrap();
        }
        let mut document = case.document().clone();
        document.views = other.document().views.clone();
        case.commit("Click", document).unwrap();
        vec![path]
    });
    window.settle();
    assert!(own_hair::follows(&window.plan()), "{:?}", window.plan().masks);
    assert_eq!(Some(window.plan()), twin);
    window.must_say("The plan follows the client's own shaved hair");

    window.open_section("Match own hair");
    window.tap("Plan as usual");
    window.settle();
    assert_eq!(window.undo_name(), Some("Plan as usual"));
    assert!(!own_hair::follows(&window.plan()) && window.plan().areas[0].density_per_cm2 == 106.0);
    assert!(window.harness.query_by_label("Plan as usual").is_none());
    window.tap("Follow own hair");
    window.settle();
    assert_eq!(window.undo_name(), Some("Follow own hair"));
    assert_eq!(Some(window.plan()), twin);
    window.undo();
    assert!(!own_hair::follows(&window.plan()));
}
