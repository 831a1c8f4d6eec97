//! Names, numbers and dates as people read them, in the window and in exports.

use jiff::civil::Date;

/// Capitalises a message.
#[must_use]
pub fn sentence(message: impl ToString) -> String {
    let message = message.to_string();
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// "full-shave" as people write it.
#[must_use]
pub fn words(name: &str) -> String {
    sentence(name.replace('-', " ").replace("fue ", "FUE ").replace("widows ", "widow's "))
}

/// A whole number with thin spaces between thousands: "21 480".
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// An area with its unit: "21.5 cm²". Rounding errors may leave an empty area slightly below zero, which nobody should
/// see.
#[must_use]
pub fn area_text(area_cm2: f64, decimals: usize) -> String {
    let area_cm2 = if area_cm2 < 0.05 { 0.0 } else { area_cm2 };
    format!("{area_cm2:.decimals$} cm²")
}

/// A number without trailing zeros: "0.36", "10", "12.5".
#[must_use]
pub fn plain(number: f64) -> String {
    // Rounded to the precision that people enter; `Display` then writes the shortest text.
    format!("{}", (number * 1000.0).round() / 1000.0)
}

/// A date: "20 February 2027".
#[must_use]
pub fn day_text(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// A count with its noun: "1 session", "3 sessions".
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_area_is_below_zero() {
        let shown = [-0.03, -0.0, 0.02, 0.06, 21.46].map(|area| area_text(area, 1));
        assert_eq!(shown, ["0.0 cm²", "0.0 cm²", "0.0 cm²", "0.1 cm²", "21.5 cm²"]);
        assert_eq!(area_text([0.0; 0].iter().sum(), 0), "0 cm²");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(21_480), "21\u{202f}480");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn names_numbers_and_days_read_as_people_write_them() {
        assert_eq!(["full-shave", "fue-scars", "widows-peak"].map(words), ["Full shave", "FUE scars", "Widow's peak"]);
        assert_eq!([0.36, 10.0, 12.5, 0.1 + 0.2].map(plain), ["0.36", "10", "12.5", "0.3"]);
        assert_eq!(day_text(jiff::civil::date(2027, 2, 3)), "3 February 2027");
        assert_eq!([counted(1, "dot"), counted(1200, "dot")], ["1 dot", "1\u{202f}200 dots"]);
    }
}
