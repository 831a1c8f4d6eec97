//! Text for a terminal. Names of photos, areas and files may come from anybody, and must neither control the terminal
//! nor pass for lines of the program.

use std::borrow::Cow;

/// The text with everything that controls a terminal or turns the direction of writing written out, as JSON writes it:
/// `\u001b`. Line ends and tabs stay, and JSON means the same as before.
pub(super) fn safe(text: &str) -> Cow<'_, str> {
    written_out(text, |c| !matches!(c, '\n' | '\t') && is_control(c))
}

/// The same on one line: for names, and for messages.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    written_out(text, is_control)
}

/// Control characters of every kind, other ends of lines, and what changes the direction of writing.
fn is_control(c: char) -> bool {
    let other_line_end = matches!(c, '\u{2028}' | '\u{2029}');
    let direction =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || other_line_end || direction
}

fn written_out(text: &str, is_harmful: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_harmful(c) {
            // All of them are below U+10000.
            safe += &format!("\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_controls_a_terminal_passes() {
        assert_eq!(safe("a\tb\nc"), "a\tb\nc");
        assert_eq!(line("a\tb\nc\r"), "a\\u0009b\\u000ac\\u000d");
        assert_eq!(safe("\u{1b}[31m\u{7f}\u{9b}2J\u{202e}x\u{2028}"), "\\u001b[31m\\u007f\\u009b2J\\u202ex\\u2028");
        let usual = "Müller-Šimić 'front' 头 ±2 %: 👩\u{200d}🦰.jpg";
        assert!(matches!(line(usual), Cow::Borrowed(same) if same == usual));
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let names = ["\u{1b}[31m\na", "\u{9b}\u{7f}\u{202e}\u{2029}"];
        let json = serde_json::to_string_pretty(&names).unwrap();
        let again: Vec<String> = serde_json::from_str(&safe(&json)).unwrap();
        assert_eq!(again, names);
        assert!(!safe(&json).contains(|c| c != '\n' && is_control(c)));
    }
}
