//! Opening a case and preparing it step by step, with progress on the console.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::failure::Failure;
use super::output::Console;
use crate::case::head_fit::HeadFit;
use crate::case::pipeline::{FittedMockUp, Forehead, Pipeline};
use crate::case::rescue::RescueReader;
use crate::case::trail::Recorder;
use crate::case::{Case, CaseError, Error};
use crate::checks::Shown;
use crate::ground::files;
use crate::photo::{Limits, Photo};
use crate::reading::tissue::Skin;
use crate::render::mock_up::Sensor;

/// How long to wait for whoever has a case open: another command will have ended by then.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens a case for editing and keeps others from editing it; fails with the name of a user who has it open.
pub(super) fn open_to_change(path: &Path, console: &Console) -> Result<Case, Failure> {
    let since = Instant::now();
    let right = loop {
        match Case::right_to_change(path) {
            Err(Error::Store(CaseError::Held { .. })) if since.elapsed() < PATIENCE => thread::sleep(PATIENCE / 40),
            Err(error) => return Err(error.into()),
            Ok(right) => break right,
        }
    };
    // Opened only now, to include what another command has just changed.
    let case = open_case(path, console)?.held(false);
    drop(right);
    Ok(case)
}

/// Opens a case and warns about anything unusual.
pub(super) fn open_case(path: &Path, console: &Console) -> Result<Case, Failure> {
    // Files left by a killed program show the client.
    files::remove_left_over(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    let case = Case::open(path).map_err(|error| unopened(path, error))?.recorded_by(Recorder::here());
    for note in case.take_notes() {
        console.warn(&note);
    }
    if let Some(note) = case.caution() {
        console.warn(&format!("the case can only be read, since {note}: {}", path.display()));
    }
    Ok(case)
}

/// Why a case cannot be opened, and the command that helps, if it does.
fn unopened(path: &Path, error: Error) -> Failure {
    let helps = RescueReader::helps_with(path, &error);
    let failure = Failure::in_case(path)(error);
    if !helps {
        return failure;
    }
    // The path comes last.
    let place = format!(": {}", path.display());
    let message = failure.message.strip_suffix(&place).unwrap_or(&failure.message);
    let message = message.strip_suffix(": use a copy or backup of it").unwrap_or(message);
    let advice = "bring over what can be read with 'scalp-studio rescue', or use a copy or backup of it";
    Failure { message: format!("{message}: {advice}{place}"), ..failure }
}

/// Records in the case that something was exported. The export exists, so that it cannot be recorded is only said.
pub(super) fn note_export(case: &mut Case, done: &str, console: &Console) {
    note_done(case, "the export", done, console);
}

/// Records in the case that something left it, or says that this cannot be recorded; `what` is what it is called then.
pub(super) fn note_done(case: &mut Case, what: &str, done: &str, console: &Console) {
    let unnoted = format!("{what} is not noted in the case");
    // A case that cannot be changed takes no notes, which is no error by itself.
    let said = match case.noteless_reason() {
        Some(why) => Some(format!("{unnoted}, since {why}: {}", case.path().display())),
        None => case.note_done(done).err().map(|error| format!("{unnoted}: {}", Failure::from(error).message)),
    };
    if let Some(said) = said {
        console.warn(&said);
    }
}

/// What has been prepared for a case so far.
pub(super) struct Prepared {
    limits: Limits,
    pipeline: Pipeline,
    /// The view decoded last and its photo: the next step often reads the same one.
    decoded: Option<(usize, Arc<Photo>)>,
}

impl Prepared {
    pub fn new(limits: Limits) -> Self {
        Self { limits, pipeline: Pipeline::default(), decoded: None }
    }

    pub fn fit(&mut self, case: &Case, console: &mut Console) -> Result<Arc<HeadFit>, Failure> {
        console.begin("fitting the head");
        let fit = self.pipeline.fit(case.document());
        console.done("fitting the head");
        judged(case, fit.map_err(Error::from))
    }

    pub fn photo(&mut self, case: &Case, view: usize, console: &mut Console) -> Result<Arc<Photo>, Failure> {
        console.begin("decoding the photo");
        let photo = decoded(case, &self.limits, &mut self.decoded, view);
        console.done("decoding the photo");
        judged(case, photo)
    }

    /// Drops the cached photo, so that its last user may change it in place.
    pub fn forget_photo(&mut self) {
        self.decoded = None;
    }

    pub fn forehead(&mut self, case: &Case) -> Result<Option<Forehead>, Failure> {
        let Self { limits, pipeline, decoded: kept } = self;
        let forehead = pipeline.forehead(case.document(), |view| decoded(case, limits, kept, view).map(Some));
        judged(case, forehead)
    }

    pub fn skin(&mut self, case: &Case, console: &mut Console) -> Result<Skin, Failure> {
        let Self { limits, pipeline, decoded: kept } = self;
        console.begin("reading the skin");
        let skin = pipeline.skin(case.document(), |view| decoded(case, limits, kept, view).map(Some));
        console.done("reading the skin");
        judged(case, skin)
    }

    /// The plan of a variant, ready to be drawn; of the first variant if none is named.
    pub fn fitted_mock_up(
        &mut self,
        case: &Case,
        variant: Option<&str>,
        console: &mut Console,
    ) -> Result<FittedMockUp, Failure> {
        let index = judged(case, case.variant_index(variant))?;
        self.fit(case, console)?;
        self.skin(case, console)?;
        let Self { limits, pipeline, decoded: kept } = self;
        console.begin("placing dots");
        let fitted =
            pipeline.fitted_mock_up(case.document(), index, |view| decoded(case, limits, kept, view).map(Some));
        console.done("placing dots");
        judged(case, fitted.and_then(|fitted| fitted.ok_or(Error::NoPlan)))
    }

    pub fn shown(&mut self, case: &Case, fit: &HeadFit) -> Vec<Shown> {
        self.pipeline.shown(case.document(), fit)
    }

    pub fn sensor(&mut self, case: &Case, view: usize, photo: &Photo) -> Result<Sensor, Failure> {
        let sensor = self.pipeline.sensor(case.document(), view, photo);
        let name = || case.document().views.get(view).map_or_else(String::new, |record| record.name.clone());
        let sensor = sensor.ok_or_else(|| Error::ViewNotFitted { view: name() });
        judged(case, sensor)
    }
}

fn judged<T>(case: &Case, result: Result<T, Error>) -> Result<T, Failure> {
    result.map_err(Failure::in_case(case.path()))
}

fn decoded(
    case: &Case,
    limits: &Limits,
    kept: &mut Option<(usize, Arc<Photo>)>,
    view: usize,
) -> Result<Arc<Photo>, Error> {
    if let Some((of, photo)) = kept
        && *of == view
    {
        return Ok(Arc::clone(photo));
    }
    // Never hold two photos: one of 100 megapixels takes hundreds of megabytes.
    *kept = None;
    let photo = Arc::new(case.photo(view, limits)?);
    *kept = Some((view, Arc::clone(&photo)));
    Ok(photo)
}
