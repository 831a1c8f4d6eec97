//! The panels around the photo.

pub mod bottom;
pub mod left;
pub mod photos;
pub mod plan;
pub mod status;
pub mod time;
pub mod top;
pub mod variants;
pub mod welcome;

/// A whole number with thin spaces between thousands: "21 480".
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_stand_apart() {
        assert_eq!(super::grouped(0), "0");
        assert_eq!(super::grouped(999), "999");
        assert_eq!(super::grouped(21_480), "21\u{202f}480");
        assert_eq!(super::grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
