//! From a photo to a mock-up in one step, and one sentence where the photo shows nobody.

use std::fs;
use std::path::Path;

use crate::args;
use crate::client::{done, refused, wrong, wrong_request};

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample/light").join(name)).unwrap()
}

#[test]
fn a_photo_alone_is_enough_for_a_case_and_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let (photo, case) = (folder.path().join("IMG_4031.jpg"), folder.path().join("client.scalp"));
    fs::write(&photo, sample("front.jpg")).unwrap();
    let said = done(&args!["new", "--photo", photo, "-o", case]);
    assert!(said.contains("the face was found in view front"), "{said}");
    let info: serde_json::Value = serde_json::from_str(&done(&args!["info", case, "--json"])).unwrap();
    assert!(info["views"]["front"]["visible_dots"].as_u64().unwrap() > 1000, "{info}");
    // The same picture in one step, and no other files.
    let (in_one, of_case) = (folder.path().join("healed.png"), folder.path().join("of-case.png"));
    done(&args!["render", photo, "-o", in_one]);
    done(&args!["render", case, "-o", of_case]);
    assert!(fs::read(&in_one).unwrap() == fs::read(&of_case).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    // A photo must not be overwritten by its own result.
    refused(folder.path(), &args!["render", photo, "-o", photo], &wrong(&photo, "would replace the input"));
}

#[test]
fn a_photo_without_a_face_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let wall = folder.path().join("wall.png");
    let stripes =
        image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([(x / 9 % 200) as u8, (y / 7 % 190) as u8, 128]));
    stripes.save(&wall).unwrap();
    let out = folder.path().join("healed.jpg");
    refused(folder.path(), &args!["render", wall, "-o", out], &wrong(&wall, "shows no face"));
    let case = folder.path().join("client.scalp");
    refused(folder.path(), &args!["new", "--photo", wall, "-o", case], &wrong_request("shows no face"));
}
