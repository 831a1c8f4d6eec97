//! Reading JSON that people wrote or edited: what is wrong with it, and where, in words.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::words::misfit;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misread {
    /// Path of the value, such as `areas[0].name`; "JSON" if it is the text as a whole.
    pub(crate) field: String,
    /// The problem.
    pub(crate) problem: String,
}

/// Longest path that is told, characters.
const LONGEST_PATH: usize = 80;

/// Reads a value from JSON with nothing after it.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Misread> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| Misread { field: place(&error.path().to_string()), problem: problem(error.inner(), text) })?;
    reader.end().map_err(|error| Misread { field: place("."), problem: problem(&error, text) })?;
    Ok(value)
}

fn place(path: &str) -> String {
    if path == "." || path == "?" {
        return "JSON".to_owned();
    }
    // Of brackets in brackets in brackets, the outermost ones tell where they begin.
    match path.char_indices().nth(LONGEST_PATH) {
        Some((end, _)) => format!("{}...", &path[..end]),
        None => path.to_owned(),
    }
}

fn problem(error: &serde_json::Error, text: &str) -> String {
    let said = error.to_string();
    let (line, column) = (error.line(), error.column());
    let plain = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    let place = format!("line {line}, column {column}");
    match error.classify() {
        Category::Eof if text.trim().is_empty() => "there is no text".to_owned(),
        Category::Eof => format!("the text ends too early ({place})"),
        Category::Syntax => format!("{} ({place})", slip(plain)),
        Category::Data | Category::Io => misfit(plain),
    }
}

/// A slip in writing JSON, which `serde_json` words for programmers.
fn slip(said: &str) -> String {
    let known = match said {
        "recursion limit exceeded" => "too many brackets within brackets",
        "expected value" | "expected ident" => "this is no number, text or list",
        "trailing characters" => "something follows after the end",
        "trailing comma" => "a comma too many",
        "key must be a string" => "a name has to be in quotes",
        "number out of range" => "the number is too large",
        "invalid number" => "the number is not well written",
        _ if said.starts_with("control character") => "a line end or control character within quotes",
        _ => {
            return match said.strip_prefix("expected ") {
                Some(missing) => format!("{missing} is missing"),
                None => said.to_owned(),
            };
        }
    };
    known.to_owned()
}

/// Names with values in the order they are given, each as often as it is given: a map would silently keep the last.
#[derive(Debug)]
pub(crate) struct Entries<V>(pub(crate) Vec<(String, V)>);

impl<V> Entries<V> {
    /// The first name that is given twice.
    pub(crate) fn given_twice(&self) -> Option<&str> {
        let mut seen = std::collections::BTreeSet::new();
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| !seen.insert(*name))
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Reader<V> {
            type Value = Entries<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Reader(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sheet {
        #[serde(rename = "rows")]
        _rows: Vec<Entries<f64>>,
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, field, problem) in [
            ("", "JSON", "there is no text"),
            ("{\"rows\": [", "rows", "the text ends too early (line 1, column 10)"),
            ("{\"rows\": []}\n x", "JSON", "something follows after the end (line 2, column 2)"),
            ("{\"rows\": [{\"a\": NaN}]}", "rows[0].a", "this is no number, text or list (line 1, column 17)"),
            ("{\"rows\": [] \"b\"}", "JSON", "`,` or `}` is missing (line 1, column 13)"),
            ("{\"rows\": [{\"a\": null}]}", "rows[0].a", "a number is needed, not null"),
            ("{\"rows\": [], \"b\": 1}", "b", "unknown field `b`; known are `rows`"),
            ("{}", "JSON", "missing field `rows`"),
        ] {
            let misread = read::<Sheet>(text).unwrap_err();
            assert_eq!((misread.field.as_str(), misread.problem.as_str()), (field, problem), "{text}");
        }
        let deep = format!("{}1", "{\"aaaa\":".repeat(200));
        let misread = read::<serde_json::Value>(&deep).unwrap_err();
        assert!(misread.problem.starts_with("too many brackets") && misread.field.len() < 90, "{misread:?}");
    }

    #[test]
    fn a_name_given_twice_is_noticed() {
        let entries: Entries<f64> = read("{\"b\": 1, \"a\": 2, \"b\": 3}").unwrap();
        assert_eq!(entries.given_twice(), Some("b"));
        assert_eq!(entries.0.len(), 3);
    }
}
