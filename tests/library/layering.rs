//! Which part of the program may use which other part, and which crates. Read from the sources, so that a wrong
//! dependency fails here and not in somebody's review.
//!
//! Seen are `use` declarations and paths in the code, whichever way they are written (`crate::`, `super::super::`,
//! braces, aliases, leading `::`). Not seen are methods of values that were handed over: their types are named elsewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of `src` and the crates that may be named there besides [`ANYWHERE`].
struct Layer(&'static str, &'static [&'static str]);

/// Each layer may use itself and those above it.
const LAYERS: [Layer; 14] = [
    Layer("ground", &["rand", "rand_distr", "tempfile"]),
    Layer("photo", &["image", "zune_jpeg", "zune_core", "moxcms", "exif", "jpeg_encoder", "heifer", "tiff"]),
    Layer("head", &[]),
    // Coherent noise, pigments as TOML, days of sessions.
    Layer("plan", &["fastnoise_lite", "jiff", "toml"]),
    // The distributions of dots; the generator itself comes from `ground::random`.
    Layer("follicles", &["rand", "rand_distr"]),
    // The numbers behind healing are TOML; colour differences.
    Layer("skin", &["palette", "toml"]),
    // Colour differences; vector instructions.
    Layer("render", &["palette", "pulp"]),
    // Colour differences; the models that find a face, and whether they are undamaged.
    Layer("reading", &["palette", "rten", "sha2"]),
    Layer("checks", &[]),
    Layer("gpu", &["wgpu", "bytemuck", "pollster"]),
    Layer("case", &["rusqlite", "sha2"]),
    // Letters on exported pictures.
    Layer("export", &["ab_glyph", "epaint_default_fonts"]),
    // Settings are TOML; icons, the calendar, file dialogs and the wait for them, the file manager, pasted pictures and the
    // usual folders are the window's own business.
    Layer(
        "studio",
        &[
            "egui",
            "eframe",
            "egui_wgpu",
            "egui_extras",
            "egui_material_icons",
            "jiff",
            "opener",
            "wgpu",
            "rfd",
            "arboard",
            "directories",
            "toml",
            "image",
            "pollster",
        ],
    ),
    Layer("cli", &["clap", "indicatif", "csv", "humantime"]),
];

/// Crates without a place of their own.
const ANYWHERE: [&str; 7] = ["glam", "libm", "rayon", "serde", "serde_json", "serde_path_to_error", "thiserror"];

/// Crates whose library has another name.
const RENAMED: [(&str, &str); 1] = [("kamadak-exif", "exif")];

fn rank(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|l| l.0 == layer)
}

// ---------------------------------------------------------------------------------------------------------------------
// Reading a source

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    /// `::`
    Colons,
    Sign(char),
}

use Token::{Colons, Sign, Word};

fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let at = |i: usize| text.get(i).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut i = 0;
    while i < text.len() {
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < text.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 0;
            loop {
                match (at(i), at(i + 1)) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
                if depth == 0 || i >= text.len() {
                    break;
                }
            }
        } else if c == '"' {
            i += 1;
            while i < text.len() && at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c == '\'' {
            // A character, or a lifetime, which has no closing quote.
            if at(i + 1) == '\\' {
                i += 3;
                while i < text.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            } else {
                i += if at(i + 2) == '\'' { 3 } else { 1 };
            }
        } else if is_word(c) {
            let start = i;
            while is_word(at(i)) {
                i += 1;
            }
            let word: String = text[start..i].iter().collect();
            let mut hashes = 0;
            while at(i + hashes) == '#' {
                hashes += 1;
            }
            if matches!(word.as_str(), "r" | "br" | "cr") && at(i + hashes) == '"' {
                i += hashes + 1;
                let closes = |i: usize| at(i) == '"' && (1..=hashes).all(|k| at(i + k) == '#');
                while i < text.len() && !closes(i) {
                    i += 1;
                }
                i += hashes + 1;
            } else if word == "r" && hashes == 1 {
                // r#word is the word.
                i += 1;
            } else {
                found.push(Word(word));
            }
        } else if c == ':' && at(i + 1) == ':' {
            found.push(Colons);
            i += 2;
        } else {
            if !c.is_whitespace() {
                found.push(Sign(c));
            }
            i += 1;
        }
    }
    found
}

/// A path as written, and the module it stands in.
#[derive(Debug)]
struct Mention {
    module: Vec<String>,
    path: Vec<String>,
    /// Begins with `::`.
    absolute: bool,
    /// In a `use`: whether everything below it is meant, too.
    glob: bool,
}

#[derive(Debug, Default)]
struct Source {
    mentions: Vec<Mention>,
    /// Names that a module declares or imports, which go before crates of that name.
    local: BTreeSet<(Vec<String>, String)>,
    /// Ways around this checker.
    tricks: Vec<&'static str>,
}

fn word(tokens: &[Token], i: usize) -> Option<&str> {
    match tokens.get(i) {
        Some(Word(w)) => Some(w),
        _ => None,
    }
}

/// Reads a `use` tree from `i` on; gives its end.
fn read_use(
    tokens: &[Token],
    mut i: usize,
    prefix: &[String],
    absolute: bool,
    s: &mut Source,
    module: &[String],
) -> usize {
    let mut path = prefix.to_vec();
    let mut absolute = absolute;
    if prefix.is_empty() && tokens.get(i) == Some(&Colons) {
        absolute = true;
        i += 1;
    }
    loop {
        match tokens.get(i) {
            Some(Word(w)) => {
                path.push(w.clone());
                i += 1;
                if tokens.get(i) == Some(&Colons) {
                    i += 1;
                    continue;
                }
                if path.len() > 1 && path.last().is_some_and(|w| w == "self") {
                    path.pop();
                }
                let mut bound = path.last().cloned();
                if word(tokens, i) == Some("as") {
                    bound = word(tokens, i + 1).map(str::to_owned);
                    i += 2;
                }
                // `use image;` binds the crate itself.
                if let Some(bound) = bound.filter(|b| path.len() > 1 || path.first() != Some(b)) {
                    s.local.insert((module.to_vec(), bound));
                }
                s.mentions.push(Mention { module: module.to_vec(), path, absolute, glob: false });
                return i;
            }
            Some(Sign('*')) => {
                s.mentions.push(Mention { module: module.to_vec(), path, absolute, glob: true });
                return i + 1;
            }
            Some(Sign('{')) => {
                i += 1;
                while tokens.get(i).is_some_and(|t| *t != Sign('}')) {
                    i = read_use(tokens, i, &path, absolute, s, module);
                    if tokens.get(i) == Some(&Sign(',')) {
                        i += 1;
                    }
                }
                return i + 1;
            }
            _ => return i + 1,
        }
    }
}

fn read(source: &str, module: &[&str]) -> Source {
    let tokens = tokens(source);
    let mut s = Source::default();
    let mut module: Vec<String> = module.iter().map(|m| (*m).to_owned()).collect();
    // Braces that are open, and whether they are those of a module.
    let mut open: Vec<bool> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let before = i.checked_sub(1).map(|k| &tokens[k]);
        let inside_path = matches!(before, Some(Colons | Sign('.')));
        match &tokens[i] {
            Word(w) if w == "mod" && matches!(tokens.get(i + 1), Some(Word(_))) => {
                let name = word(&tokens, i + 1).unwrap_or_default().to_owned();
                s.local.insert((module.clone(), name.clone()));
                if tokens.get(i + 2) == Some(&Sign('{')) {
                    module.push(name);
                    open.push(true);
                    i += 1;
                }
                i += 2;
            }
            Word(w) if w == "use" && !inside_path => i = read_use(&tokens, i + 1, &[], false, &mut s, &module),
            Word(w) if w == "extern" && word(&tokens, i + 1) == Some("crate") => {
                s.tricks.push("extern crate");
                i += 2;
            }
            Word(w) if w == "include" && tokens.get(i + 1) == Some(&Sign('!')) => {
                s.tricks.push("include!");
                i += 2;
            }
            Word(w) if w == "path" && before == Some(&Sign('[')) && tokens.get(i + 1) == Some(&Sign('=')) => {
                s.tricks.push("#[path]");
                i += 2;
            }
            Word(w) => {
                let absolute = before == Some(&Colons)
                    && !matches!(i.checked_sub(2).map(|k| &tokens[k]), Some(Word(_) | Sign('>')));
                let mut path = vec![w.clone()];
                while tokens.get(i + 1) == Some(&Colons)
                    && let Some(next) = word(&tokens, i + 2)
                {
                    path.push(next.to_owned());
                    i += 2;
                }
                if (path.len() > 1 && !inside_path) || absolute {
                    s.mentions.push(Mention { module: module.clone(), path, absolute, glob: false });
                }
                i += 1;
            }
            Sign('{') => {
                open.push(false);
                i += 1;
            }
            Sign('}') => {
                if open.pop() == Some(true) {
                    module.pop();
                }
                i += 1;
            }
            _ => i += 1,
        }
    }
    s
}

// ---------------------------------------------------------------------------------------------------------------------
// Judging it

/// What a source file does that it may not. `module` is its place: `["head", "fit"]` for `src/head/fit.rs`.
fn violations(source: &str, module: &[&str], dependencies: &BTreeSet<String>) -> Vec<String> {
    let s = read(source, module);
    // `main.rs` hands over to the command line; `lib.rs` only lists the layers.
    let layer = module.first().copied().unwrap_or("lib");
    let own = if layer == "main" { Some(LAYERS.len()) } else { rank(layer) };
    let named_here = if layer == "main" { &["scalp_studio"][..] } else { own.map_or(&[][..], |r| LAYERS[r].1) };
    let mut found: Vec<String> = s.tricks.iter().map(|t| format!("{layer} uses {t}")).collect();
    for Mention { module, path, absolute, glob } in &s.mentions {
        let first = path[0].as_str();
        let written = path.join("::");
        let known = |name: &str| dependencies.contains(name) || LAYERS.iter().any(|l| l.1.contains(&name));
        if !absolute && matches!(first, "crate" | "self" | "super") {
            let mut place = if first == "crate" { Vec::new() } else { module.clone() };
            let mut rest = path.as_slice();
            while let Some(step @ ("crate" | "self" | "super")) = rest.first().map(String::as_str) {
                if step == "super" {
                    place.pop();
                }
                rest = &rest[1..];
            }
            place.extend_from_slice(rest);
            match place.first() {
                None => found
                    .push(format!("{layer} reaches for the whole crate: {written}{}", if *glob { "::*" } else { "" })),
                Some(other) if other == layer => {}
                Some(other) => match (own, rank(other)) {
                    (Some(own), Some(other)) if other < own => {}
                    _ => found.push(format!("{layer} may not use {other}: {written}")),
                },
            }
        } else if (*absolute || !s.local.contains(&(module.clone(), first.to_owned())))
            && known(first)
            && !ANYWHERE.contains(&first)
            && !named_here.contains(&first)
        {
            found.push(format!("{layer} may not name the crate {first}: {written}"));
        }
    }
    found
}

// ---------------------------------------------------------------------------------------------------------------------
// The program as it is

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    found.sort();
    assert!(found.len() > 50, "the sources were not found");
    found
}

/// `src/head/fit.rs` is `["head", "fit"]`, `src/head/mod.rs` is `["head"]`, `src/lib.rs` nothing.
fn module_of(path: &Path) -> Vec<String> {
    let path = path.strip_prefix(root().join("src")).unwrap().with_extension("");
    let mut names: Vec<String> = path.iter().map(|n| n.to_str().unwrap().to_owned()).collect();
    if names.last().is_some_and(|n| n == "mod") || names == ["lib"] {
        names.pop();
    }
    names
}

/// The dependencies in `Cargo.toml`, by the names that sources use. Those for tests alone have no place.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(root().join("Cargo.toml")).unwrap()).unwrap();
    let names = manifest["dependencies"].as_table().unwrap().keys();
    let library = |name: &String| match RENAMED.iter().find(|r| r.0 == name) {
        Some((_, library)) => (*library).to_owned(),
        None => name.replace('-', "_"),
    };
    names.map(library).chain(["scalp_studio".to_owned()]).collect()
}

#[test]
fn every_layer_uses_only_those_above_it() {
    let dependencies = dependencies();
    let mut found = Vec::new();
    for path in sources() {
        let module = module_of(&path);
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        for problem in violations(&fs::read_to_string(&path).unwrap(), &module, &dependencies) {
            found.push(format!("{}: {problem}", path.strip_prefix(root()).unwrap().display()));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_folder_and_every_crate_has_a_place_in_the_table() {
    for path in sources() {
        let module = module_of(&path);
        let Some(layer) = module.first().filter(|l| *l != "main") else { continue };
        assert!(rank(layer).is_some(), "{} is in no layer", path.display());
    }
    for name in dependencies() {
        let placed = ANYWHERE.contains(&name.as_str()) || LAYERS.iter().any(|l| l.1.contains(&name.as_str()));
        assert!(placed || name == "scalp_studio", "no layer may name {name}: why does the program depend on it?");
    }
}

#[test]
fn no_file_is_a_place_for_anything() {
    for path in sources() {
        for name in module_of(&path) {
            let vague = ["util", "utils", "helper", "helpers", "misc", "common"].contains(&name.as_str());
            assert!(!vague, "{} says nothing about what is in it", path.display());
        }
    }
}

#[test]
fn without_features_no_window_and_no_gpu_is_built() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-e", "normal", "--no-default-features", "--prefix", "none"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains("rusqlite"), "{tree}");
    let heavy =
        ["wgpu", "naga", "egui", "eframe", "epaint", "winit", "glutin", "wayland", "x11", "ash", "metal", "rfd"];
    // A font and nothing else, for the line on pictures.
    for name in names.into_iter().filter(|name| *name != "epaint_default_fonts") {
        let family = name.split(['-', '_']).next().unwrap_or(name);
        assert!(!heavy.contains(&family), "{name} is built without any feature");
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// The checker itself

/// Adds a line to a real source and gives what is said about it.
fn planted(file: &str, line: &str) -> Vec<String> {
    let path = root().join("src").join(file);
    let module = module_of(&path);
    let module: Vec<&str> = module.iter().map(String::as_str).collect();
    let source = fs::read_to_string(&path).unwrap();
    let clean = violations(&source, &module, &dependencies());
    assert!(clean.is_empty(), "{file} has problems of its own: {clean:?}");
    violations(&format!("{source}\n{line}\n"), &module, &dependencies())
}

#[test]
fn a_planted_use_in_the_wrong_direction_is_found() {
    for line in [
        "use crate::plan::Plan;",
        "pub(crate) use crate::render as painter;",
        "use crate::{ground::codes, cli};",
        "use super::super::plan::Plan;",
        "use super::super::{case::{Case}, ground};",
        "fn f() -> crate::export::image::Layer { todo!() }",
        "fn f() { let _ = super::super::skin::appearance; }",
        "mod inner { mod deeper { use super::super::super::super::follicles::dots; } }",
        "use crate::*;",
        "use super::super::*;",
        "use crate as everything;",
        "macro_rules! m { () => { $crate::studio::run() } }",
        "#[path = \"../photo/mod.rs\"] mod copy;",
        "include!(\"../photo/mod.rs\");",
        "const C: char = '\"'; use crate::plan::Plan; const D: &str = \"'\";",
        "const R: &str = r#\"a \"quoted\" /* \"#; use crate::plan::Plan; // \"",
        "/* a /* nested */ comment */ use crate::plan::Plan;",
    ] {
        assert_eq!(planted("head/surface.rs", line).len(), 1, "{line}: {:?}", planted("head/surface.rs", line));
    }
    assert!(!planted("lib.rs", "use crate::plan::Plan;").is_empty());
}

#[test]
fn a_planted_crate_is_found() {
    for line in [
        "use image::DynamicImage;",
        "use image as pictures;",
        "use ::rusqlite::Connection;",
        "use {clap::Parser, glam::DVec3};",
        "pub use wgpu::*;",
        "fn f(c: &rusqlite::Connection) {}",
        "fn f() { <::sha2::Sha256>::new(); }",
        "#[derive(clap::Parser)] struct S;",
        "extern crate exif;",
        "mod inner { use egui::Color32; }",
        "mod inner { use crate::head::chart as image; } fn f() { image::open(\"x\"); }",
        "use scalp_studio::head::Head;",
    ] {
        assert_eq!(planted("head/surface.rs", line).len(), 1, "{line}: {:?}", planted("head/surface.rs", line));
    }
    assert!(!planted("render/splat.rs", "use egui::Color32;").is_empty());
}

#[test]
fn what_is_allowed_is_not_found() {
    for line in [
        "use crate::ground::{codes, colour::{self, ColourSpace}};",
        "use super::chart::{self, Chart};",
        "use super::super::ground::random;",
        "mod tests { use super::*; use super::super::camera::Camera; }",
        "use std::f64::consts::PI; use serde::Serialize; use glam::DVec3;",
        "// use crate::photo::Photo;",
        "/// [`crate::photo::Photo`]",
        "const S: &str = \"use image::DynamicImage;\";",
        "fn f<'a>(x: &'a str) -> &'a str { x }",
        "mod image { pub fn g() {} } fn f() { image::g(); }",
        "use super::chart as image; fn f() { image::g(); self::image::g(); }",
        "fn f(x: X) { x.image::<u8>(); Self::clap::<u8>(); }",
    ] {
        assert_eq!(planted("head/surface.rs", line), Vec::<String>::new(), "{line}");
    }
}
