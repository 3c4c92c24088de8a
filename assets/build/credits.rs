//! Credits of what is built in: data, browser files and crates, with their licence texts. Crates are asked of `cargo tree`,
//! which needs no more than what a build has downloaded; `cargo metadata` wants the crates of tests, too.

use crate::packages::Packages;
use crate::{Desk, Result, told};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const HEAD: &str = "\
Clickstead is free software under the MIT licence. It is built with the work of others, named here with thanks.

Places of addresses: NRO / RIRs, CC BY 4.0, via ip-location-db.
The world map: Natural Earth, public domain, via world-atlas.
";

const WAYS_OUT: &str = "\
A release names every crate that it is built with, and its licence. Build with the registry's sources in place ($CARGO_HOME/registry/src), as \
cargo leaves them, or with `cargo vendor` and the folder that .cargo/config.toml names.";

/// Writes `licenses.txt`. A release that can't name its crates is not built.
pub fn write(desk: &Desk, packages: &Packages) -> Result<()> {
    let mut text = HEAD.to_owned();
    for line in packages.named("licenses/") {
        let name = line.name.trim_start_matches("licenses/");
        writeln!(text, "\n== {name} ==\n\n{}", packages.text(&line.path)?.trim())?;
    }
    let crates = match crates(desk) {
        Ok(crates) => crates,
        Err(error) if told("PROFILE")? == "release" => return Err(format!("{error}\n{WAYS_OUT}").into()),
        Err(error) => {
            println!("cargo::warning=/licenses will name the crates without their licences: {error}");
            locked(desk)?
        }
    };
    writeln!(text, "\n== Rust crates ==\n")?;
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for built in &crates {
        let licence = if built.licence.is_empty() { "see its source" } else { &built.licence };
        writeln!(text, "{} ({licence})", built.name)?;
        for licence in &built.texts {
            texts.entry(licence.clone()).or_default().push(built.name.clone());
        }
    }
    for (licence, names) in &texts {
        writeln!(text, "\n-- {} --\n\n{licence}", names.join(", "))?;
    }
    Ok(fs::write(desk.embedded.join("licenses.txt"), text)?)
}

struct Built {
    name: String,
    licence: String,
    texts: Vec<String>,
}

/// The crates that are reached by normal dependencies for this target, with their texts.
fn crates(desk: &Desk) -> Result<Vec<Built>> {
    let ran = Command::new(told("CARGO")?)
        .args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}\t{l}"])
        .args(["--offline", "--locked", "--target"])
        .arg(told("TARGET")?)
        .current_dir(&desk.root)
        .output()?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        return Err(format!("cargo tree: {}", said.split_whitespace().collect::<Vec<_>>().join(" ")).into());
    }
    let listed = String::from_utf8(ran.stdout)?;
    // Each is `name v1.2.3 (a remark)`, a tab and its licence; the first is ours, and those seen before end with (*).
    let packages: BTreeMap<String, (&str, &str)> = listed
        .lines()
        .skip(1)
        .filter_map(|line| {
            let (package, licence) = line.split_once('\t')?;
            let mut words = package.split_whitespace();
            let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
            Some((name.to_owned() + " " + version, (name, licence.trim_end_matches(" (*)").trim())))
        })
        .collect();
    if packages.is_empty() {
        return Err("cargo tree has another shape".into());
    }
    let folders = Folders::find(desk);
    let read = |(package, (name, licence)): (String, (&str, &str))| {
        let version = &package[name.len() + 1..];
        let folder =
            folders.of(name, version).ok_or_else(|| format!("the source of {package} is not found"))?;
        let texts = texts(desk, &folder, licence)?;
        if texts.is_empty() {
            return Err(format!("{package} ({licence}) comes without the text of its licence").into());
        }
        Ok(Built { name: package, licence: licence.to_owned(), texts })
    };
    packages.into_iter().map(read).collect()
}

/// Every crate that Cargo.lock brings from outside, for a build in which cargo can't say more.
fn locked(desk: &Desk) -> Result<Vec<Built>> {
    let lock = fs::read_to_string(desk.root.join("Cargo.lock"))?;
    let value = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
        Some(line.trim_matches('"').to_owned())
    };
    let name = |package: &str| {
        value(package, "source")?;
        Some(format!("{} {}", value(package, "name")?, value(package, "version")?))
    };
    let names = lock.split("[[package]]").filter_map(name);
    Ok(names.map(|name| Built { name, licence: String::new(), texts: Vec::new() }).collect())
}

/// The folders in which sources of crates lie.
struct Folders(Vec<PathBuf>);

impl Folders {
    /// Those that a configuration names in the place of a registry, then those of all registries.
    fn find(desk: &Desk) -> Self {
        let home = told("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|_| told("HOME").map(|home| Path::new(&home).join(".cargo")));
        let home = home.unwrap_or_default();
        let above = desk.root.ancestors().map(|folder| (folder.to_owned(), folder.join(".cargo")));
        let own = (home.parent().unwrap_or(&home).to_owned(), home.clone());
        let named = above.chain([own]).flat_map(|(base, folder)| {
            ["config.toml", "config"].map(|name| vendored(&base, &folder.join(name))).concat()
        });
        let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
        Self(named.chain(registries.map(|entry| entry.path())).collect())
    }

    /// The source of a crate: `name-version`, or `name` alone where a folder was filled by `cargo vendor`.
    fn of(&self, name: &str, version: &str) -> Option<PathBuf> {
        let is_of_version = |folder: &PathBuf| {
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            manifest.lines().any(|line| line.trim() == format!("version = \"{version}\""))
        };
        let named = |parent: &PathBuf| [parent.join(format!("{name}-{version}")), parent.join(name)];
        self.0.iter().flat_map(named).find(is_of_version)
    }
}

/// The folders that a file of cargo's settings names by lines such as `directory = "vendor"`.
fn vendored(base: &Path, settings: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(settings).unwrap_or_default();
    let folder = |line: &str| {
        let value = line.trim().strip_prefix("directory")?.trim_start().strip_prefix('=')?;
        Some(base.join(value.trim().trim_matches(['"', '\''])))
    };
    text.lines().filter_map(folder).collect()
}

/// The texts that lie beside a crate. Some come with none: then those of MIT are enough, where that is one to choose.
fn texts(desk: &Desk, folder: &Path, licence: &str) -> Result<Vec<String>> {
    let is_licence = |name: &str| {
        let name = name.to_uppercase();
        let starts = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
        starts.iter().any(|start| name.starts_with(start))
    };
    let mut files: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let texts: Vec<String> = files
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| is_licence(&name.to_string_lossy())))
        .filter_map(|path| fs::read_to_string(path).ok())
        .map(|text| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned())
        .collect();
    if !texts.is_empty()
        || !licence.split([' ', '/', '(', ')']).any(|one| one == "MIT")
        || licence.contains(" AND ")
    {
        return Ok(texts);
    }
    // Ours is the same licence, after a line that says whose.
    let own = fs::read_to_string(desk.root.join("LICENSE"))?;
    let authors = authors(&fs::read_to_string(folder.join("Cargo.toml"))?);
    let line = |line: &str| {
        if line.starts_with("Copyright") { format!("Copyright (c) {authors}") } else { line.to_owned() }
    };
    Ok(vec![own.trim().lines().map(line).collect::<Vec<_>>().join("\n")])
}

/// The authors of a crate, as its manifest names them.
fn authors(manifest: &str) -> String {
    let listed = manifest
        .split_once("\nauthors = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(names, _)| names);
    let names: Vec<_> = listed.unwrap_or_default().split('"').skip(1).step_by(2).collect();
    if names.is_empty() { "its authors".into() } else { names.join(", ") }
}
