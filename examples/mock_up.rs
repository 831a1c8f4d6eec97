//! From a photo and the points clicked in it to a mock-up: the library without a case file or a window.
//!
//! ```sh
//! cargo run --release --example mock_up -- assets/sample/light/front.jpg assets/sample/light/landmarks.json mock-up.jpg
//! ```

use std::error::Error;
use std::{env, fs};

use scalp_studio::case::landmarks_file;
use scalp_studio::export::image::{self, Layer};
use scalp_studio::head::fit::{FoundPoints, Scale, ViewInput, fit};
use scalp_studio::photo::{self, DEFAULT_JPEG_QUALITY, EncodeOptions, Format, Limits};
use scalp_studio::plan::Plan;
use scalp_studio::plan::session::HEALED_DAYS;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::skin::settings::Outlook;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [photo, points, output] = arguments.as_slice() else {
        return Err("usage: mock_up FRONT.jpg POINTS.json OUTPUT.jpg".into());
    };
    let photo = photo::decode(&fs::read(photo)?, &Limits::default())?;
    let points =
        landmarks_file::parse(&fs::read_to_string(points)?)?.remove("front").ok_or("no points of a front view")?;

    // Fit the head, and the camera that looks at it, to the points.
    let view = ViewInput {
        name: "front".to_owned(),
        width_px: photo.width(),
        height_px: photo.height(),
        focal_length_35mm: photo.camera().focal_length_35mm,
        landmarks: points.landmarks,
        outline: points.outline,
        found: FoundPoints::default(),
    };
    let fitted = fit(&[view], &Scale::AveragePupils)?;
    let (head, camera) = (&fitted.head, &fitted.cameras[0]);

    // A plan for this head, its dots, and how this photo shows them once they have healed.
    let plan = Plan::for_treatment(Kind::FullShave, None, head);
    let scalp = Scalp::new(head.clone(), &plan);
    let mock_up = MockUp::new(&plan, &scalp, Skin::default());
    let healed = Moment { sessions: plan.sessions.len(), age_days: HEALED_DAYS, outlook: Outlook::Likely };
    let sensor = Sensor::of(&photo, head, camera);
    let picture = image::render(photo, Layer::Result, &mock_up, &sensor, healed)?;

    let format = Format::Jpeg { quality: DEFAULT_JPEG_QUALITY };
    fs::write(output, photo::encode(&picture, format, &EncodeOptions::default())?)?;
    Ok(())
}
