//! Signing the plan, and measuring a drawn line: their dialogs and jobs.

use std::sync::Arc;

use egui::Context;

use super::app::Studio;
use super::background::outcome::Outcome;
use super::controls::modal::Modal;
use super::controls::read_back::Shown;
use super::controls::signature::{Asked, Signing};
use super::session::tool::Tool;
use super::words::{sentence, words};
use crate::case::decode_view;
use crate::case::document::Document;
use crate::case::read_back::ReadBack;
use crate::case::store::Store;

impl Studio {
    /// Opens the dialog in which the client signs.
    pub(super) fn open_signing(&mut self) {
        let Some(case) = &self.case else { return };
        let earlier = case
            .document()
            .signature(case.variant)
            .zip(case.plan())
            .map(|(signature, plan)| (signature.name.clone(), signature.date, signature.holds(plan)));
        let name = earlier.as_ref().map_or_else(|| case.name(), |(name, ..)| name.clone());
        self.modal = Some(Modal::Signing(Signing { name, strokes: Vec::new(), earlier }));
    }

    /// Shows the dialog; returns it while it is open.
    pub(super) fn show_signing(&mut self, ctx: &Context, mut signing: Signing) -> Option<Signing> {
        let case = self.case.as_mut()?;
        let (document, variant) = (case.document(), case.variant);
        let signed = document.variants.get(variant)?;
        let plan = format!("Plan {}: {}", signed.name, words(signed.plan.treatment.name()));
        let today = jiff::Zoned::now().date();
        let mut refused = None;
        let Some(asked) = signing.show(ctx, &plan, today) else { return Some(signing) };
        let done = match asked {
            Asked::Close => return None,
            Asked::Keep => {
                let Signing { name, strokes, .. } = &signing;
                case.change("Sign the plan", |document: &mut Document| {
                    refused = document.sign(variant, name, today, strokes.clone()).err();
                })
            }
            Asked::Remove => case.change("Remove the signature", |document| document.unsign(variant)),
        };
        if let Some(problem) = done.err().map(|problem| problem.to_string()).or(refused.map(|r| r.to_string())) {
            self.notices.problem(ctx, sentence(problem));
        }
        None
    }

    /// Compares the drawn line in the photo shown with the plan: as it was traced with the tool at hand, or as it is
    /// found.
    pub(super) fn read_back(&mut self, ctx: &Context) {
        let Some(path) = self.settled_path(ctx) else { return };
        let Some(case) = &self.case else { return };
        let (Some(fit), Some(plan)) = (case.fit().cloned(), case.plan()) else { return };
        let (document, view, hairline) = (Arc::clone(case.document()), case.view, plan.hairline.clone());
        let limits = self.options.limits;
        let traced = self.tools.trace.line_px(case).filter(|_| self.tools.active == Tool::Trace).map(<[_]>::to_vec);
        let name = if traced.is_some() { "Comparing the traced line" } else { "Looking for the drawn line" };
        self.jobs.start(ctx, name, false, move |_| {
            let read = || -> Result<(String, ReadBack), String> {
                let record = document.views.get(view).ok_or("there is no photo")?;
                let store = Store::open(&path).map_err(|problem| problem.to_string())?;
                let bytes = store.photo_bytes(record.photo).map_err(|problem| problem.to_string())?;
                let photo = decode_view(&bytes, record, &limits).map_err(|problem| problem.to_string())?;
                let read = fit
                    .read_back(&photo, (view, record), &hairline, traced.as_deref())
                    .map_err(|problem| problem.to_string())?;
                Ok((record.name.clone(), read))
            };
            Outcome::ReadBack(read())
        });
    }

    /// Shows the result.
    pub(super) fn show_read(&mut self, ctx: &Context, read: Result<(String, ReadBack), String>) {
        match read {
            Ok((view, read)) => self.modal = Some(Modal::ReadBack(Shown { view, read })),
            Err(problem) => self.notices.problem(ctx, sentence(problem)),
        }
    }

    /// Computes the quote for the plan shown.
    pub(super) fn follow_quote(&mut self, ctx: &Context) {
        let practice = self.studio_file.follow(ctx, self.settings.studio_file.as_deref());
        if let Some(case) = &self.case
            && let Some(plan) = case.plan().filter(|_| case.facts.variant == case.variant)
        {
            self.quoted.follow(plan, &case.facts, practice, &self.handed_over_last.class);
        }
    }
}
