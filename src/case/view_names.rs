//! Names of views: which are valid, which are free, and which one a photo's file name suggests.

use crate::head::standard_view::StandardView;

/// Longest name, characters.
const LONGEST: usize = 40;

/// Words in file names that identify a view, in English, German, Spanish and French.
const OBLIQUE: &[&str] =
    &["oblique", "threequarter", "quarter", "quarters", "45", "semi", "schraeg", "schräg", "oblicuo", "oblicua"];
const LEFT: &[&str] = &["left", "links", "izquierda", "izquierdo", "gauche"];
const RIGHT: &[&str] = &["right", "rechts", "derecha", "derecho", "droite", "droit"];
const TOP: &[&str] = &["top", "vertex", "crown", "above", "oben", "arriba", "dessus"];
const BACK: &[&str] = &["back", "rear", "behind", "occipital", "hinten", "atras", "atrás", "arriere", "arrière"];
const FRONT: &[&str] = &["front", "frontal", "face", "vorne", "vorn", "frente", "devant"];

/// Whether this is a valid view name: names become parts of file names, even those in a case from anybody.
pub(super) fn fits(name: &str) -> bool {
    let possible = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.chars().count() <= LONGEST && name.chars().all(possible)
}

/// The name, if necessary with the first number from 2 that makes it unique among the existing ones.
#[must_use]
pub(crate) fn unique_view(name: &str, existing: &[impl AsRef<str>]) -> String {
    let free = |name: &str| existing.iter().all(|other| other.as_ref() != name);
    if free(name) {
        return name.to_owned();
    }
    // If n names are taken, one of the first n + 1 numbers is free.
    let numbered = (2..existing.len() + 3).map(|number| {
        let suffix = format!("-{number}");
        let kept: String = name.chars().take(LONGEST - suffix.len()).collect();
        kept + &suffix
    });
    { numbered }.find(|name| free(name)).unwrap_or_else(|| name.to_owned())
}

/// The view that a photo's file name suggests, made unique among the existing ones: `Anna_left45.JPG` is
/// `left-oblique`.
///
/// If the name suggests nothing: `front` if there is none yet, else `photo-2`, `photo-3` and so on. It recognises whole
/// words in English, German, Spanish and French; left and right are the subject's.
#[must_use]
pub(crate) fn guess_view(file_name: &str, existing: &[impl AsRef<str>]) -> String {
    name_view(file_name, None, existing)
}

/// Like `guess_view`, given the direction in which a face was detected. That outranks left and right in file names,
/// since half the world means the viewer's.
#[must_use]
pub fn name_view(file_name: &str, seen: Option<StandardView>, existing: &[impl AsRef<str>]) -> String {
    let spoken = spoken_view(file_name);
    let guess = match (spoken.as_deref(), seen) {
        // A face can be visible from above, too.
        (Some("top"), _) | (_, None) => spoken,
        (_, Some(direction)) => Some(direction.name().to_owned()),
    };
    match guess {
        Some(guess) => unique_view(&guess, existing),
        None if existing.iter().all(|name| name.as_ref() != "front") => "front".to_owned(),
        // Counted from 2: the first photo is called front.
        None => {
            let with_first: Vec<&str> = existing.iter().map(AsRef::as_ref).chain(["photo"]).collect();
            unique_view("photo", &with_first)
        }
    }
}

/// The view that a file name suggests, if any.
fn spoken_view(file_name: &str) -> Option<String> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let words = words(stem);
    let says = |candidates: &[&str]| words.iter().any(|word| candidates.contains(&word.as_str()));
    let oblique = says(OBLIQUE);
    // Single letters belong to camera names more often than they mean a side.
    let side = if says(LEFT) || (oblique && says(&["l"])) {
        Some("left")
    } else if says(RIGHT) || (oblique && says(&["r"])) {
        Some("right")
    } else {
        None
    };
    match side {
        Some(side) if oblique => Some(format!("{side}-oblique")),
        Some(side) => Some(side.to_owned()),
        None if says(TOP) => Some("top".to_owned()),
        None if says(BACK) => Some("back".to_owned()),
        None if says(FRONT) => Some("front".to_owned()),
        None => None,
    }
}

/// The client's name that a photo's file name suggests: the stem without view words at its ends; empty if it only names
/// a view.
#[must_use]
pub fn client_name(file_name: &str) -> &str {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem).trim();
    let sides = [LEFT, RIGHT, TOP, BACK, FRONT].concat();
    let oblique = guess_view(file_name, &[""; 0]).ends_with("-oblique");
    let of_view = |part: &str| {
        let words = words(part);
        let of_view = |word: &String| sides.contains(&word.as_str()) || (oblique && OBLIQUE.contains(&word.as_str()));
        !words.is_empty() && words.iter().all(of_view)
    };
    let between = |c: char| c == ' ' || c == '-' || c == '_' || c == '.';
    let mut name = stem;
    loop {
        let first = name.split(between).next().unwrap_or_default();
        let last = name.rsplit(between).next().unwrap_or_default();
        let rest = if of_view(last) {
            &name[..name.len() - last.len()]
        } else if of_view(first) {
            &name[first.len()..]
        } else {
            return name;
        };
        name = rest.trim_matches(between);
    }
}

/// Lower-case words: runs of letters or of digits, split also as in `leftSide`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in text.chars() {
        let begins =
            !last.is_alphanumeric() || last.is_numeric() != c.is_numeric() || (last.is_lowercase() && c.is_uppercase());
        if c.is_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        last = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_speak_of_views() {
        for (file, view) in [
            ("front.jpg", "front"),
            ("Anna Front.HEIC", "front"),
            ("anna_left.jpg", "left"),
            ("left-oblique.jpg", "left-oblique"),
            ("Anna_left45.JPG", "left-oblique"),
            ("R45.png", "right-oblique"),
            ("three-quarter right.png", "right-oblique"),
            ("rightProfile.tif", "right"),
            ("2024-05-01 TOP.webp", "top"),
            ("crown.jpg", "top"),
            ("client.back.jpg", "back"),
            ("Kopf links.jpg", "left"),
            ("von_hinten.jpg", "back"),
            // Words inside other words, and camera names, suggest nothing.
            ("copyright.jpg", "front"),
            ("EOS R 0123.jpg", "front"),
            ("IMG_4031.jpg", "front"),
            ("", "front"),
        ] {
            assert_eq!(guess_view(file, &[""; 0]), view, "{file}");
        }
    }

    #[test]
    fn file_names_speak_of_clients() {
        for (file, client) in [
            ("Anna front.jpg", "Anna"),
            ("Anna_left45.JPG", "Anna"),
            ("left 45 Anna Berg.png", "Anna Berg"),
            ("2024-05-01 TOP.webp", "2024-05-01"),
            ("IMG_4031.jpg", "IMG_4031"),
            ("IMG 45.jpg", "IMG 45"),
            ("von_hinten.jpg", "von"),
            ("Topaz.jpg", "Topaz"),
            ("Anna (2).jpg", "Anna (2)"),
            ("IMG_4031 (1).jpg", "IMG_4031 (1)"),
            ("R. Kelly left 45.jpg", "R. Kelly"),
            ("Rene\u{301}.jpg", "Rene\u{301}"),
            ("front.jpg", ""),
            ("left-oblique.jpg", ""),
            ("", ""),
        ] {
            assert_eq!(client_name(file), client, "{file}");
        }
    }

    #[test]
    fn guesses_differ_from_existing_names() {
        assert_eq!(guess_view("IMG_1.jpg", &["front"]), "photo-2");
        assert_eq!(guess_view("IMG_1.jpg", &["front", "photo-2", "left"]), "photo-3");
        assert_eq!(guess_view("left.jpg", &["left", "left-2"]), "left-3");
        let long = "x".repeat(LONGEST);
        let other = unique_view(&long, &[long.as_str()]);
        assert!(fits(&other) && other != long && other.ends_with("-2"), "{other}");
    }
}
