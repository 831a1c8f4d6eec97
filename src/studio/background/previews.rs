//! Previews of the products, made while the hand-over dialog is open and discarded with it.

use std::sync::{Arc, Mutex, PoisonError};

use egui::{ColorImage, Context};

use super::hand_over::{Form, Order};
use super::task::{Progress, Task};
use crate::case::document::Document;
use crate::export::product::Product;
use crate::photo::{Photo, Samples};

/// Width of the previews, px.
const WIDTH_PX: u32 = 360;

/// A product's preview, or why there is none.
pub type Preview = (Product, Result<ColorImage, String>);

/// The previews for a document and a form.
#[derive(Default)]
pub struct Previews {
    of: Option<(Arc<Document>, Form)>,
    task: Option<Task<()>>,
    ready: Arc<Mutex<Vec<Preview>>>,
}

impl Previews {
    /// Starts making previews if the document or the form has changed; returns whether it did.
    pub fn ask(&mut self, ctx: &Context, order: impl FnOnce() -> Order, document: &Arc<Document>, form: &Form) -> bool {
        // The selection of products changes none of the previews.
        let form = Form { products: Vec::new(), ..form.clone() };
        if self.of.as_ref().is_some_and(|(of, like)| Arc::ptr_eq(of, document) && *like == form) {
            return false;
        }
        self.give_up();
        self.of = Some((Arc::clone(document), form));
        let (order, ready) = (order(), Arc::clone(&self.ready));
        self.task = Some(Task::start(ctx, "previews", move |progress: &Progress| {
            let mut share = 0.0;
            // Why nothing can be made is reported when it is actually made.
            let _ = order.preview(WIDTH_PX, progress, |product, picture| {
                let picture = picture.map(|picture| image(&picture));
                ready.lock().unwrap_or_else(PoisonError::into_inner).push((product, picture));
                share += 0.1;
                progress.set(share);
            });
        }));
        true
    }

    /// The previews finished since the last call.
    pub fn take(&mut self) -> Vec<Preview> {
        if self.task.as_ref().is_some_and(|task| !task.running()) {
            self.task = None;
        }
        std::mem::take(&mut *self.ready.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether previews are being made.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.task.is_some()
    }

    /// Stops, and discards finished previews.
    pub fn give_up(&mut self) {
        if let Some(task) = self.task.take() {
            // It ends at its next step; nobody waits for it.
            task.progress().cancel();
        }
        *self = Self::default();
    }
}

fn image(photo: &Photo) -> ColorImage {
    let size = photo.size_px().map(|side| side as usize);
    match photo.samples() {
        Samples::U8(samples) => ColorImage::from_rgb(size, samples),
        Samples::U16(_) => ColorImage::filled(size, egui::Color32::GRAY),
    }
}
