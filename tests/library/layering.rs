//! Which parts of the program may use which others, and which crates. Checked in the sources, so that a wrong
//! dependency fails here instead of waiting for a reviewer to notice.
//!
//! The folders of the studio have an order, too, and nowhere do more than two files form a cycle. A name that a
//! `mod.rs` re-exports counts as a use of that `mod.rs`, so within a folder files must name each other directly:
//! otherwise a `mod.rs` that re-exports from ten files would make a cycle of all of them.
//!
//! The checker sees `use` declarations and paths in the code, however they are written (`crate::`, `super::super::`,
//! braces, aliases, leading `::`). It does not see methods called on values passed in: their types are named elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of `src` and the crates that may be named there besides [`ANYWHERE`].
struct Layer(&'static str, &'static [&'static str]);

/// Each layer may use itself and those above it.
const LAYERS: [Layer; 14] = [
    // Random numbers, temporary files; date, time and host name, for notes only.
    Layer("ground", &["rand", "rand_distr", "tempfile", "jiff", "gethostname"]),
    Layer("photo", &["image", "zune_jpeg", "zune_core", "moxcms", "exif", "jpeg_encoder", "heifer", "tiff"]),
    Layer("head", &[]),
    // Coherent noise, pigments as TOML, dates of sessions.
    Layer("plan", &["fastnoise_lite", "jiff", "toml"]),
    // Colour differences; running the models that find a face, and checking that they are undamaged.
    Layer("reading", &["palette", "rten", "sha2"]),
    // The distributions of dots; the generator itself comes from `ground::random`. Vector instructions; checksums of
    // sets that are kept.
    Layer("follicles", &["rand", "rand_distr", "pulp", "sha2"]),
    // The parameters of healing are TOML.
    Layer("skin", &["toml"]),
    // Colour differences; vector instructions; the date of a step.
    Layer("render", &["palette", "pulp", "jiff"]),
    Layer("gpu", &["wgpu", "bytemuck", "pollster"]),
    Layer("checks", &[]),
    // The file, checksums, dates of consent; key and cipher of a case under a passphrase.
    Layer("case", &["rusqlite", "sha2", "jiff", "argon2", "chacha20poly1305", "rand", "zeroize"]),
    // Text on exported pictures, in scripts that the program's own fonts lack too; films; the studio's wording and
    // prices in TOML; dates, calendars, PDF, web pages; the case's hash.
    Layer(
        "export",
        &[
            "ab_glyph",
            "epaint_default_fonts",
            "askama",
            "base64",
            "color_quant",
            "fontdb",
            "gif",
            "harfrust",
            "icalendar",
            "jiff",
            "krilla",
            "sha2",
            "toml",
            "webp_animation",
        ],
    ),
    // Settings in TOML; icons, fonts, the calendar, file dialogs and waiting for them, the clipboard, passphrases and
    // the usual folders are the window's own business.
    Layer(
        "studio",
        &[
            "egui",
            "eframe",
            "egui_wgpu",
            "egui_extras",
            "egui_material_icons",
            "jiff",
            "strum",
            "wgpu",
            "rfd",
            "arboard",
            "zeroize",
            "ab_glyph",
            "epaint_default_fonts",
            "directories",
            "toml",
            "image",
            "pollster",
        ],
    ),
    Layer("cli", &["clap", "indicatif", "csv", "humantime", "jiff", "zeroize"]),
];

/// The folders of `src/studio`: each may use itself, those before it and [`STUDIO_WORDS`]. The files beside them put
/// the folders together, and no folder may use those files.
const STUDIO: [&str; 5] = ["session", "background", "view", "controls", "tools"];
const STUDIO_WORDS: &str = "words";

/// Crates that every layer may name.
const ANYWHERE: [&str; 7] = ["glam", "libm", "rayon", "serde", "serde_json", "serde_path_to_error", "thiserror"];

/// Packages whose library has another name.
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
                // r#word means word.
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

/// A path as written, and the module in which it is written.
#[derive(Debug)]
struct Mention {
    module: Vec<String>,
    path: Vec<String>,
    /// Whether it begins with `::`.
    absolute: bool,
    /// Whether it ends with `::*` in a `use`.
    glob: bool,
}

impl Mention {
    /// Resolves a path that begins with `crate`, `self` or `super` to one from the root of the crate.
    fn place(&self) -> Option<Vec<String>> {
        if self.absolute || !matches!(self.path[0].as_str(), "crate" | "self" | "super") {
            return None;
        }
        let mut place = if self.path[0] == "crate" { Vec::new() } else { self.module.clone() };
        let mut rest = self.path.as_slice();
        while let Some(step @ ("crate" | "self" | "super")) = rest.first().map(String::as_str) {
            if step == "super" {
                place.pop();
            }
            rest = &rest[1..];
        }
        place.extend_from_slice(rest);
        Some(place)
    }
}

#[derive(Debug, Default)]
struct Source {
    mentions: Vec<Mention>,
    /// Names that a module declares or imports, which take precedence over crates of the same name.
    local: BTreeSet<(Vec<String>, String)>,
    /// Constructs that would get around this checker.
    tricks: Vec<&'static str>,
}

fn word(tokens: &[Token], i: usize) -> Option<&str> {
    match tokens.get(i) {
        Some(Word(w)) => Some(w),
        _ => None,
    }
}

/// Reads the `use` tree that starts at `i`; returns the index after its end.
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
    // The open braces, and whether each belongs to a module.
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
            // Naming a module in `pub(in ...)` does not use it.
            Word(w) if w == "pub" && tokens.get(i + 1) == Some(&Sign('(')) && word(&tokens, i + 2) == Some("in") => {
                while i < tokens.len() && tokens[i] != Sign(')') {
                    i += 1;
                }
            }
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
// Judging a source

/// What a source file uses that it may not. `module` is its place: `["head", "fit"]` for `src/head/fit.rs`.
fn violations(source: &str, module: &[&str], dependencies: &BTreeSet<String>) -> Vec<String> {
    let s = read(source, module);
    // `main.rs` calls the command line; `lib.rs` only lists the layers.
    let layer = module.first().copied().unwrap_or("lib");
    let own = if layer == "main" { Some(LAYERS.len()) } else { rank(layer) };
    let named_here = if layer == "main" { &["scalp_studio"][..] } else { own.map_or(&[][..], |r| LAYERS[r].1) };
    let mut found: Vec<String> = s.tricks.iter().map(|t| format!("{layer} uses {t}")).collect();
    for mention in &s.mentions {
        let Mention { module, path, absolute, glob } = mention;
        let first = path[0].as_str();
        let written = path.join("::");
        let known = |name: &str| dependencies.contains(name) || LAYERS.iter().any(|l| l.1.contains(&name));
        if let Some(place) = mention.place() {
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

/// What a file in one of the studio's folders uses of the studio that it may not.
fn studio_violations(source: &str, module: &[&str]) -> Vec<String> {
    let ["studio", folder, ..] = module else { return Vec::new() };
    let Some(own) = STUDIO.iter().position(|f| f == folder) else { return Vec::new() };
    let places = read(source, module).mentions.into_iter().filter_map(|mention| mention.place());
    let in_studio = places.filter(|place| place.first().is_some_and(|layer| layer == "studio"));
    let allowed = |place: &[String]| match place.get(1).map(String::as_str) {
        Some(STUDIO_WORDS) => true,
        Some(other) => STUDIO.iter().position(|f| *f == other).is_some_and(|other| other <= own),
        None => false,
    };
    in_studio
        .filter(|place| !allowed(place))
        .map(|place| format!("studio/{folder} may not use {}", place.join("::")))
        .collect()
}

type Module = Vec<String>;

/// Which files use which others; `sources` are the files by module.
fn uses(sources: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let file_of = |place: &[String]| {
        (0..=place.len())
            .rev()
            .map(|n| &place[..n])
            .find(|prefix| sources.contains_key(*prefix))
            .map(<[String]>::to_vec)
    };
    let uses_of = |(module, source): (&Module, &String)| {
        let names: Vec<&str> = module.iter().map(String::as_str).collect();
        let mentions = read(source, &names).mentions;
        let places = mentions.iter().filter_map(|mention| {
            // A path without a prefix may name a module below this one.
            let below = || [mention.module.as_slice(), &mention.path].concat();
            let is_below = |place: &Module| file_of(place).is_some_and(|file| file.len() > mention.module.len());
            mention.place().or_else(|| (!mention.absolute).then(below).filter(is_below))
        });
        let used = places.filter_map(|place| file_of(&place)).filter(|other| other != module).collect();
        (module.clone(), used)
    };
    sources.iter().map(uses_of).collect()
}

/// Groups of more than two files in which each file leads to every other.
fn cycles(uses: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<BTreeSet<Module>> {
    let reached = |from: &Module| {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&Module> = uses[from].iter().collect();
        while let Some(module) = next.pop() {
            if reached.insert(module.clone()) {
                next.extend(&uses[module]);
            }
        }
        reached
    };
    let reached: BTreeMap<&Module, BTreeSet<Module>> = uses.keys().map(|module| (module, reached(module))).collect();
    let cycle = |module: &Module| -> BTreeSet<Module> {
        reached[module].iter().filter(|other| reached[other].contains(module)).cloned().collect()
    };
    uses.keys().map(cycle).filter(|cycle| cycle.len() > 2).collect()
}

// ---------------------------------------------------------------------------------------------------------------------
// The program itself

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

/// The dependencies in `Cargo.toml`, by the names that the sources use. Those for tests alone do not count.
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
fn the_studios_folders_use_only_those_before_them() {
    let mut found = Vec::new();
    for path in sources() {
        let module = module_of(&path);
        let names: Vec<&str> = module.iter().map(String::as_str).collect();
        for problem in studio_violations(&fs::read_to_string(&path).unwrap(), &names) {
            found.push(format!("{}: {problem}", path.strip_prefix(root()).unwrap().display()));
        }
        if let [studio, folder, _, ..] = names[..]
            && studio == "studio"
        {
            assert!(STUDIO.contains(&folder), "src/studio/{folder} has no place in the order");
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn texts() -> BTreeMap<Module, String> {
    sources().into_iter().map(|path| (module_of(&path), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn no_more_than_two_files_form_a_cycle() {
    let uses = uses(&texts());
    assert!(uses.values().flatten().count() > 1200, "too few uses were found");
    let found: Vec<String> = cycles(&uses)
        .into_iter()
        .map(|cycle| cycle.iter().map(|module| module.join("/")).collect::<Vec<_>>().join(", "))
        .collect();
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
fn no_file_has_a_vague_name() {
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
    // This one is only a font, for the text on exported pictures.
    for name in names.into_iter().filter(|name| *name != "epaint_default_fonts") {
        let family = name.split(['-', '_']).next().unwrap_or(name);
        assert!(!heavy.contains(&family), "{name} is built without any feature");
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// The checker itself

/// Adds a line to a real source and returns the violations.
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
        "use crate::{ground::samples, cli};",
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
    // Reading a photo depends neither on what is drawn on it nor on what is planned from it.
    for line in
        ["use crate::render::splat::Splats;", "use crate::skin::offer::Offer;", "use crate::follicles::dots::Dot;"]
    {
        assert_eq!(planted("reading/lens.rs", line).len(), 1, "{line}");
    }
}

#[test]
fn a_planted_use_between_the_studios_folders_is_found() {
    let module = ["studio", "view", "canvas"];
    for line in [
        "use crate::studio::tools::Tools;",
        "use super::super::controls::{fields, panels};",
        "use crate::studio::Studio;",
        "use crate::studio::{session::tool, app::Studio};",
        "fn f() { crate::studio::window::run(); }",
        "use super::super::*;",
    ] {
        assert!(!studio_violations(line, &module).is_empty(), "{line}");
    }
    for line in [
        "use crate::studio::session::tool::Tool;",
        "use super::viewport::{self, Viewport};",
        "use crate::studio::words::words;",
        "use crate::plan::Plan;",
        "mod tests { use super::*; }",
    ] {
        assert_eq!(studio_violations(line, &module), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn a_cycle_of_three_is_found_and_one_of_two_is_not() {
    let files = |last: &str| {
        let name = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
        BTreeMap::from([
            (name("a"), "mod b; mod c; use b::B;".to_owned()),
            (name("a/b"), "use super::c::C;".to_owned()),
            (name("a/c"), last.to_owned()),
        ])
    };
    assert!(cycles(&uses(&files("use std::path::Path;"))).is_empty());
    assert!(cycles(&uses(&files("use crate::a::b::B;"))).is_empty(), "two");
    assert!(cycles(&uses(&files("pub(in crate::a) fn f() {}"))).is_empty(), "visibility is not a use");
    let found = cycles(&uses(&files("fn f() { super::g(); }")));
    assert_eq!(found.iter().map(BTreeSet::len).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_cycle_planted_among_the_sources_is_found() {
    let sources = texts();
    for (file, line) in [
        ("plan/curve", "use super::treatment_plan::Plan;"),
        ("checks/limits", "fn f(finding: &super::Finding) {}"),
        ("photo/samples", "use crate::photo::Photo;"),
        ("case/database", "use super::{open::Case, error};"),
        ("studio/view/viewport", "fn f() -> super::canvas::Canvas { todo!() }"),
    ] {
        let module: Module = file.split('/').map(str::to_owned).collect();
        let mut planted = sources.clone();
        let source = planted.get_mut(&module).unwrap();
        source.push_str(line);
        let found = cycles(&uses(&planted));
        assert!(found.len() == 1 && found.iter().all(|cycle| cycle.contains(&module)), "{file}: {line}: {found:?}");
    }
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
        "use crate::ground::{samples, colour::{self, ColourSpace}};",
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
