//! Exporting pictures: the dialog opens with what is shown, a job writes the files, and the outcome is reported.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Context;

use super::app::Studio;
use super::background::export::{Exported, Form, Order};
use super::background::outcome::Outcome;
use super::controls::export;
use super::controls::files::question::Purpose;
use super::controls::modal::Modal;
use crate::render::steps::Appointments;

impl Studio {
    /// Opens the dialog with the previous choices.
    pub(super) fn open_export(&mut self) {
        let Some(case) = &self.case else { return };
        self.modal = Some(Modal::Export(self.exported_last.clone().at(case)));
    }

    /// Where pictures go: the folder used last, otherwise beside the case.
    pub(super) fn export_folder(&self) -> Option<PathBuf> {
        let beside = || self.case.as_ref().and_then(|d| d.path().parent().map(Path::to_owned));
        self.settings.export_folder.clone().or_else(beside)
    }

    /// Shows the dialog; returns the form while it is open.
    pub(super) fn show_export(&mut self, ctx: &Context, mut form: Form) -> Option<Form> {
        let case = self.case.as_ref()?;
        let folder = self.export_folder()?;
        let asked = export::show(ctx, case, &mut form, &folder);
        match asked {
            None => return Some(form),
            Some(export::Asked::Folder) => {
                self.ask_for(ctx, Purpose::ExportFolder);
                return Some(form);
            }
            Some(export::Asked::Export) => self.start_export(ctx, form.clone(), folder),
            Some(export::Asked::Close) => {}
        }
        self.exported_last = form;
        None
    }

    fn start_export(&mut self, ctx: &Context, form: Form, folder: PathBuf) {
        let Some(path) = self.settled_path(ctx) else { return };
        let Some(case) = &self.case else { return };
        let document = Arc::clone(case.document());
        let appointments =
            document.variants.get(form.variant).map_or_else(Appointments::default, |v| Appointments::of(&v.plan));
        let Some(moment) = form.step.moment(appointments, case.outlook) else { return };
        let views = if form.all_views { (0..document.views.len()).collect() } else { vec![case.view] };
        let order = Order {
            case: path,
            case_name: case.name(),
            document,
            views,
            form,
            moment,
            folder,
            limits: self.options.limits,
        };
        let name = match order.views.len() {
            1 => "Exporting 1 picture".to_owned(),
            count => format!("Exporting {count} pictures"),
        };
        self.jobs.start(ctx, name, true, move |progress| Outcome::Exported(order.carry_out(progress)));
    }

    /// Reports the outcome of an export.
    pub(super) fn exported(&mut self, ctx: &Context, exported: Exported) {
        let count = exported.written.len();
        let pictures = if count == 1 { "1 picture".to_owned() } else { format!("{count} pictures") };
        let last = exported.written.last().map(PathBuf::as_path).unwrap_or(Path::new(""));
        let folder = last.parent().unwrap_or(last);
        let (case, purpose) = &exported.of;
        if count > 0 {
            let done = format!("Export {pictures} for {}, to {}", purpose.name(), folder.display());
            self.note_done(ctx, case.clone(), done);
        }
        if let Some(problem) = exported.problem {
            let before = if count > 0 { format!(" ({pictures} already written)") } else { String::new() };
            self.notices.problem(ctx, format!("The export stopped{before}. {problem}"));
        } else if exported.cancelled {
            self.notices.done(ctx, format!("The export was stopped; {pictures} written."));
        } else if count == 1 {
            self.notices.written(ctx, format!("Exported: {}", last.display()), folder);
        } else {
            self.notices.written(ctx, format!("{pictures} exported to {}", folder.display()), folder);
        }
    }
}
