//! The quote: what the plan shown costs, line by line.

use egui::{Align, Grid, Label, Layout, RichText, Ui};

use super::note;
use crate::studio::session::quote::Quoted;
use crate::studio::words::sentence;

/// Shows it.
pub(super) fn show(ui: &mut Ui, quoted: &Quoted) {
    let quote = match &quoted.quote {
        None => {
            ui.weak("Not worked out yet");
            return;
        }
        Some(Err(problem)) => {
            ui.add(Label::new(sentence(problem)).wrap());
            return;
        }
        Some(Ok(quote)) => quote,
    };
    let amount = |ui: &mut Ui, text: RichText| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| ui.label(text));
    };
    Grid::new("quote").num_columns(2).spacing([8.0, 3.0]).show(ui, |ui| {
        for line in &quote.lines {
            ui.label(&line.what).on_hover_text(&line.how);
            amount(ui, RichText::new(line.amount.text(&quote.currency)));
            ui.end_row();
        }
        for name in &quote.unpriced {
            ui.label(name).on_hover_text("The price list has no rate for this");
            amount(ui, RichText::new("to be agreed"));
            ui.end_row();
        }
        if let Some((label, tax)) = &quote.tax {
            ui.label(label);
            amount(ui, RichText::new(tax.text(&quote.currency)));
            ui.end_row();
        }
        ui.strong("In all");
        amount(ui, RichText::new(quote.total.text(&quote.currency)).strong());
        ui.end_row();
    });
    for line in &quote.lines {
        note(ui, format!("{}: {}", line.what, line.how));
    }
    if let Some(touch_up) = quote.touch_up {
        note(ui, format!("A touch-up later: {}", touch_up.text(&quote.currency)));
    }
    if let Some(source) = &quote.illustrative {
        note(ui, format!("Example prices: choose your studio's file under Hand over. {source}"));
    }
}
