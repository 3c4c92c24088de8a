//! The imports of the source files: a small reader of Rust text, on which the tests of `tidy` rest.
//!
//! It reads `use` trees and written-out paths (`crate::…`, `super::…`, `self::…` and those that begin with a child
//! module), but no items behind `#[cfg(test)]`. A module written inside a file counts as its file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::rust_tokens::{is_of_word, tokens};

/// Names and the names that each of them imports.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// Segments of a path, also those of a module below the root of the crate.
type Segments = Vec<String>;

/// The files of a crate by their modules, without those that only tests compile.
pub struct Crate {
    files: BTreeMap<Segments, SourceFile>,
}

#[derive(Default)]
struct SourceFile {
    /// Paths of `use` trees, each with the name that it brings into the file.
    uses: Vec<(String, Segments)>,
    /// Paths written out elsewhere.
    paths: Vec<Segments>,
    /// Names of the structs and enums that the file defines.
    types: BTreeSet<String>,
    /// Types of the `impl` blocks that implement no trait.
    impls: Vec<Segments>,
    /// Child modules that only tests compile.
    test_modules: BTreeSet<String>,
}

/// Returns the path and the text of every file of `src`.
pub fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![root()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files
}

/// Returns the module of a file of `src`: `["web", "report"]` of `web/report.rs` and of `web/report/mod.rs`.
pub fn module(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix(root()).unwrap().with_extension("");
    let names = inside.iter().map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name != "mod" && name != "lib").collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

impl Crate {
    /// Reads the library in `src`.
    pub fn read() -> Self {
        let library = sources().into_iter().map(|(path, text)| (module(&path), text));
        Self::from_texts(library.filter(|(module, _)| *module != ["main"]))
    }

    fn from_texts(texts: impl Iterator<Item = (Segments, String)>) -> Self {
        let mut files: BTreeMap<_, _> =
            texts.map(|(module, text)| (module, SourceFile::parse(&text))).collect();
        let of_tests: Vec<Segments> = files
            .iter()
            .flat_map(|(module, file)| file.test_modules.iter().map(|name| child(module, name)))
            .collect();
        files.retain(|module, _| !of_tests.iter().any(|root| module.starts_with(root)));
        Self { files }
    }

    /// Returns every file, named by its module, with the files that it imports.
    pub fn imports(&self) -> Graph {
        let resolve_all = |module: &Segments, file: &SourceFile| {
            let paths = file.uses.iter().map(|(_, path)| path).chain(&file.paths);
            let files = paths.filter_map(|path| self.resolve(module, path));
            files.filter(|other| other != module).map(|other| name(&other)).collect()
        };
        self.files.iter().map(|(module, file)| (name(module), resolve_all(module, file))).collect()
    }

    /// Returns every module of the crate's root with those that its files import.
    pub fn rooms(&self) -> Graph {
        let room = |file: &str| file.split("::").next().unwrap().to_owned();
        let mut rooms = Graph::new();
        for (file, others) in self.imports() {
            let here = room(&file);
            let there = others.iter().map(|other| room(other)).filter(|other| *other != here);
            rooms.entry(here.clone()).or_default().extend(there);
        }
        rooms
    }

    /// Returns the types whose own `impl` blocks stand in several files, each with these files.
    pub fn scattered_types(&self) -> Graph {
        let mut files_of_types = Graph::new();
        for (module, file) in &self.files {
            for path in &file.impls {
                let (home, type_name) = self.definition(module, path);
                files_of_types.entry(name(&child(&home, &type_name))).or_default().insert(name(module));
            }
        }
        files_of_types.retain(|_, files| files.len() > 1);
        files_of_types
    }

    /// Returns the deepest module on `path`, as written in `module`, that is a file; `None` if it leads out of the crate.
    fn resolve(&self, module: &[String], path: &[String]) -> Option<Segments> {
        let mut target = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => module.to_vec(),
            first if self.files.contains_key(&child(module, first)) => module.to_vec(),
            _ => return None,
        };
        for segment in path {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => drop(target.pop()),
                name => target.push(name.to_owned()),
            }
        }
        while !self.files.contains_key(&target) {
            target.pop()?;
        }
        Some(target)
    }

    /// Returns the file that defines the type that `path` names in `module`, and the type's name there. Follows `use`
    /// from file to file; a type that no file defines in plain text counts as one of the last file.
    fn definition(&self, module: &[String], path: &[String]) -> (Segments, String) {
        let type_name = path.last().unwrap();
        let home = self.resolve(module, path).unwrap_or_else(|| module.to_vec());
        let file = &self.files[&home];
        let import = file.uses.iter().find(|(name, _)| name == type_name);
        match import {
            Some((_, path)) if !file.types.contains(type_name) => match self.resolve(&home, path) {
                Some(next) if next != home => self.definition(&home, path),
                _ => (home, type_name.clone()),
            },
            _ => (home, type_name.clone()),
        }
    }
}

impl SourceFile {
    fn parse(text: &str) -> Self {
        let mut file = Self::default();
        let all = tokens(text);
        let tokens = file.without_tests(&all);
        let mut at = 0;
        while at < tokens.len() {
            let before = at.checked_sub(1).map(|before| tokens[before]);
            at += match &tokens[at..] {
                ["use", first, ..] if *first != "<" => file.read_use(&tokens[at + 1..], &[]) + 1,
                ["pub", "(", "in", rest @ ..] => 3 + position(rest, ")"),
                ["impl", rest @ ..] if matches!(before, None | Some("}" | ";" | "{" | "]" | "unsafe")) => {
                    file.impls.extend(type_of_own_impl(rest));
                    1
                }
                ["struct" | "enum", name, ..] => {
                    file.types.insert((*name).to_owned());
                    2
                }
                [first, "::", ..] if first.starts_with(is_of_word) && before != Some("::") => {
                    let path = path(&tokens[at..]);
                    let length = path.len() * 2 - 1;
                    file.paths.push(path);
                    length
                }
                _ => 1,
            };
        }
        file
    }

    /// Leaves out the items behind `#[cfg(test)]` and notes the modules among them that are files.
    fn without_tests<'a>(&mut self, tokens: &[&'a str]) -> Vec<&'a str> {
        let mut compiled = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            if let ["#", "[", "cfg", "(", "test", ")", "]", item @ ..] = &tokens[at..] {
                let item = &item[..item_length(item)];
                if let [.., "mod", name, ";"] = item {
                    self.test_modules.insert((*name).to_owned());
                }
                at += 7 + item.len();
            } else {
                compiled.push(tokens[at]);
                at += 1;
            }
        }
        compiled
    }

    /// Reads a `use` tree below `prefix` and returns the number of its tokens, without the `;`, `,` or `}` behind it.
    fn read_use(&mut self, tokens: &[&str], prefix: &[String]) -> usize {
        let mut tree = prefix.to_vec();
        let mut at = 0;
        loop {
            match tokens[at] {
                "::" | "*" => at += 1,
                "{" => {
                    at += 1;
                    while tokens[at] != "}" {
                        at += self.read_use(&tokens[at..], &tree);
                        at += usize::from(tokens[at] == ",");
                    }
                    return at + 1;
                }
                ";" | "," | "}" => {
                    let name = tree.last().cloned().unwrap_or_default();
                    self.uses.push((name, tree));
                    return at;
                }
                "as" => {
                    self.uses.push((tokens[at + 1].to_owned(), tree));
                    return at + 2;
                }
                "self" if !tree.is_empty() => at += 1,
                segment => {
                    tree.push(segment.to_owned());
                    at += 1;
                }
            }
        }
    }
}

fn child(module: &[String], name: &str) -> Segments {
    let mut child = module.to_vec();
    child.push(name.to_owned());
    child
}

fn name(module: &[String]) -> String {
    if module.is_empty() { "lib".to_owned() } else { module.join("::") }
}

/// Returns the segments of a path at the start of `tokens`.
fn path(tokens: &[&str]) -> Segments {
    let is_word = |token: &&&str| token.starts_with(is_of_word);
    let first = tokens.first().filter(is_word);
    let further = tokens[1..].chunks(2).map_while(|pair| match pair {
        ["::", segment] => Some(segment).filter(is_word),
        _ => None,
    });
    first.into_iter().chain(first.and(Some(further)).into_iter().flatten()).map(|s| (*s).to_owned()).collect()
}

/// Returns the type of an `impl` block that implements no trait, from the tokens behind `impl`.
fn type_of_own_impl(tokens: &[&str]) -> Option<Segments> {
    let tokens = &tokens[generics_length(tokens)..];
    let path = path(tokens);
    let behind = &tokens[(path.len() * 2).checked_sub(1)?..];
    let behind = behind.get(generics_length(behind));
    matches!(behind, Some(&("{" | "where"))).then_some(path)
}

/// Returns the number of tokens of `<…>` at the start, 0 if there is none.
fn generics_length(tokens: &[&str]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "<" => depth += 1,
            ">" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return if at == 0 { 0 } else { at + 1 };
        }
    }
    tokens.len()
}

/// Returns the number of tokens of the item at the start: up to its `;` or to the end of its braces.
fn item_length(tokens: &[&str]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(*token, ";" | "}") {
            return at + 1;
        }
    }
    tokens.len()
}

fn position(tokens: &[&str], token: &str) -> usize {
    tokens.iter().position(|other| *other == token).unwrap_or(tokens.len())
}

/// Returns the circles of a graph: sets of names each of which leads to all others of its set. Every name of a circle
/// comes with the names of the circle that it imports.
pub fn circles(graph: &Graph) -> Vec<Graph> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|name| (name.as_str(), reachable(graph, name))).collect();
    let mut circles = BTreeSet::new();
    for (name, others) in &reached {
        let circle: BTreeSet<&str> =
            others.iter().copied().filter(|other| reached[other].contains(name)).collect();
        circles.insert(circle);
    }
    let inside = |circle: &BTreeSet<&str>, name: &str| {
        graph[name].iter().filter(|other| circle.contains(other.as_str())).cloned().collect()
    };
    let with_imports = |circle: BTreeSet<&str>| {
        circle.iter().map(|name| ((*name).to_owned(), inside(&circle, name))).collect()
    };
    circles.into_iter().filter(|circle| !circle.is_empty()).map(with_imports).collect()
}

/// Returns the names that imports lead to from `name`, itself only if it is in a circle.
fn reachable<'a>(graph: &'a Graph, name: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = graph[name].iter().map(String::as_str).collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(graph[next].iter().map(String::as_str));
        }
    }
    reached
}

fn made_up(files: &[(&str, &str)]) -> Crate {
    let segments =
        |module: &str| module.split("::").filter(|name| *name != "lib").map(str::to_owned).collect();
    Crate::from_texts(files.iter().map(|(module, text)| (segments(module), (*text).to_owned())))
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn use_trees_and_paths_lead_to_the_deepest_file() {
    let source = "pub use crate::store::{self, visits::{Visit, flags::NEW as FRESH}, writer};
        use std::fmt::{self, Display};
        use super::range::*;
        mod page;
        pub(in crate::model) fn show(hit: &crate::ingest::Hit) -> Vec<Visit> { page::Page::<super::Range>::new(hit) }";
    let library = made_up(&[
        ("lib", "mod web;"),
        ("ingest", ""),
        ("model", ""),
        ("store", ""),
        ("store::visits", ""),
        ("store::writer", ""),
        ("web", ""),
        ("web::range", ""),
        ("web::report", source),
        ("web::report::page", "use self::lines::Line; use super::super::range::Range;"),
    ]);
    let graph = library.imports();
    let expected =
        ["ingest", "store", "store::visits", "store::writer", "web", "web::range", "web::report::page"];
    assert_eq!(graph["web::report"], names(&expected));
    assert_eq!(graph["web::report::page"], names(&["web::range"]));
    assert_eq!(library.rooms()["web"], names(&["ingest", "store"]));
}

#[test]
fn a_circle_is_found_also_through_a_parent() {
    let library = made_up(&[
        ("lib", "mod store; mod web;"),
        ("store", "use crate::web::Page; pub struct Visit;"),
        ("web", "mod page; pub use page::Page; pub struct Frame;"),
        ("web::page", "pub struct Page(super::Frame);"),
        ("web::report", "use crate::store::Visit; use crate::web::page::Page;"),
        ("web::row", "use super::report::Row;"),
    ]);
    let expected =
        Graph::from([("web".to_owned(), names(&["web::page"])), ("web::page".to_owned(), names(&["web"]))]);
    assert_eq!(circles(&library.imports()), [expected]);
    let rooms = Graph::from([("store".to_owned(), names(&["web"])), ("web".to_owned(), names(&["store"]))]);
    assert_eq!(circles(&library.rooms()), [rooms]);
}

#[test]
fn comments_literals_and_tests_import_nothing() {
    let source = r##"
        //! See crate::a.
        /* crate::a /* crate::a */ crate::a */
        const TEXTS: [&str; 3] = ["https://crate::a", "crate::a \" \
            crate::a", r#"crate::a " crate::a"#];
        const SIGNS: [char; 3] = ['"', '\'', '\\'];
        fn first<'a>(text: &'a str) -> u8 { b'"' + b"crate::a"[0] }
        #[cfg(test)]
        #[expect(unused, reason = "an example")]
        pub const FOR_TESTS: [crate::a::A; 1] = [crate::a::A { size: 1 }];
        #[cfg(test)]
        mod oracle;
        impl B {
            #[cfg(test)]
            fn for_tests() -> [u8; 2] { crate::a::bytes() }
            fn size(&self) -> crate::c::Size { crate::c::Size }
        }
        #[cfg(test)]
        mod tests { use crate::a::A; }
        use crate::d::D;"##;
    let library = made_up(&[
        ("lib", ""),
        ("a", ""),
        ("b", source),
        ("b::oracle", "use crate::a::A;"),
        ("b::oracle::sql", ""),
        ("c", ""),
        ("d", ""),
    ]);
    let graph = library.imports();
    assert_eq!(graph["b"], names(&["c", "d"]));
    assert!(graph.keys().all(|file| !file.contains("oracle")), "{graph:?}");
}

#[test]
fn impl_blocks_of_one_type_in_two_files_are_found() {
    let library = made_up(&[
        ("lib", ""),
        ("rows", "pub use row::Row; pub struct Table<T>(T); impl<T: Fn() -> Row> Table<T> {}"),
        ("rows::row", "pub struct Row; impl Row {} impl Row {}"),
        ("web", "use crate::rows::{Row, Table as Rows}; impl Row { fn f(x: impl Fn()) -> impl Fn() { x } }"),
        ("web::page", "struct Row; impl Row {} impl From<Row> for super::Page {} impl super::Page {}"),
        (
            "web::text",
            "impl<'a> Show<'a> for crate::rows::Row {} impl<T> crate::rows::Table<T> where T: Copy {}",
        ),
    ]);
    let expected = Graph::from([
        ("rows::Table".to_owned(), names(&["rows", "web::text"])),
        ("rows::row::Row".to_owned(), names(&["rows::row", "web"])),
    ]);
    assert_eq!(library.scattered_types(), expected);
}
