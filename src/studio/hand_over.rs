//! Handing over: the dialog, the job, and its outcome.

use std::path::PathBuf;

use egui::{Context, TextureOptions};

use super::app::Studio;
use super::background::hand_over::{Form, HandedOver, Order};
use super::background::outcome::Outcome;
use super::controls::files::question::Purpose;
use super::controls::hand_over::{self, Asked, Delivery};
use super::controls::modal::Modal;
use super::session::open_case::OpenCase;
use super::words::{counted, sentence};
use crate::case::consent::Use;

impl Studio {
    /// Opens the dialog with the previous choices.
    pub(super) fn open_hand_over(&mut self) {
        let Some(case) = &self.case else { return };
        self.modal = Some(Modal::HandOver(Form { variant: case.variant, ..self.handed_over_last.clone() }));
    }

    /// Shows the dialog; returns the form while it is open.
    pub(super) fn show_hand_over(&mut self, ctx: &Context, mut form: Form) -> Option<Form> {
        let case = self.case.as_ref()?;
        let folder = self.export_folder()?;
        let today = jiff::Zoned::now().date();
        let order = |form: &Form, case: &OpenCase, folder: PathBuf| Order {
            case: case.path(),
            case_name: case.name(),
            document: case.kept(),
            form: form.clone(),
            studio_file: self.settings.studio_file.clone(),
            folder,
            limits: self.options.limits,
        };
        let kept = case.kept();
        if self.previews.ask(ctx, || order(&form, case, folder.clone()), &kept, &form) {
            self.previewed.clear();
        }
        for (product, picture) in self.previews.take() {
            let texture = picture.map(|image| ctx.load_texture(product.name(), image, TextureOptions::LINEAR));
            self.previewed.insert(product, texture);
        }
        let delivery = Delivery { folder: &folder, studio_file: self.settings.studio_file.as_deref(), today };
        let asked = hand_over::show(ctx, case, &mut form, &delivery, &self.previewed);
        match asked {
            None => return Some(form),
            Some(Asked::Folder) => {
                self.ask_for(ctx, Purpose::ExportFolder);
                return Some(form);
            }
            Some(Asked::StudioFile) => {
                self.ask_for(ctx, Purpose::StudioFile);
                return Some(form);
            }
            Some(Asked::NoStudioFile) => {
                self.settings.studio_file = None;
                return Some(form);
            }
            Some(Asked::Make) => {
                if let Some(path) = self.settled_path(ctx)
                    && let Some(case) = &self.case
                {
                    let order = Order {
                        case: path,
                        case_name: case.name(),
                        document: case.kept(),
                        form: form.clone(),
                        studio_file: self.settings.studio_file.clone(),
                        folder,
                        limits: self.options.limits,
                    };
                    let name = format!("Making {}", counted(form.products.len(), "document"));
                    self.jobs.start(ctx, name, true, move |progress| Outcome::HandedOver(order.carry_out(progress)));
                }
            }
            Some(Asked::Close) => {}
        }
        self.previews.give_up();
        self.previewed.clear();
        self.handed_over_last = form;
        None
    }

    /// Reports the outcome of a hand-over.
    pub(super) fn handed_over(&mut self, ctx: &Context, done: HandedOver) {
        let written = counted(done.written, "document");
        if !done.missing.is_empty() {
            let letters: Vec<String> = done.missing.iter().map(char::to_string).collect();
            let text = "No font on this computer has some letters; question marks stand in their place";
            self.notices.problem(ctx, format!("{text}: {}", letters.join(" ")));
        }
        for why in &done.left_out {
            self.notices.problem(ctx, sentence(why));
        }
        if done.written > 0 {
            let note = format!("Export {written} for {}, to {}", Use::Record.name(), done.folder.display());
            self.note_done(ctx, done.case.clone(), note);
        }
        if let Some(problem) = done.problem {
            let before = if done.written > 0 { format!(" ({written} written)") } else { String::new() };
            self.notices.problem(ctx, format!("Nothing more was handed over{before}. {problem}"));
        } else if done.cancelled {
            self.notices.done(ctx, "Handing over was stopped; nothing was written.".to_owned());
        } else {
            self.notices.written(ctx, format!("{written} handed over in {}", done.folder.display()), &done.folder);
        }
    }
}
