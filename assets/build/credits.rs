//! Credits of what is built in: data, browser files and crates, with their licence texts.

use crate::packages::Packages;
use crate::{Desk, Result, told};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

const HEAD: &str = "\
Clickstead is free software under the MIT licence. It is built with the work of others, named here with thanks.

Places of addresses: NRO / RIRs, CC BY 4.0, via ip-location-db.
The world map: Natural Earth, public domain, via world-atlas.
";

/// Writes `licenses.txt`.
pub fn write(desk: &Desk, packages: &Packages) -> Result<()> {
    let mut text = HEAD.to_owned();
    for line in packages.named("licenses/") {
        let name = line.name.trim_start_matches("licenses/");
        writeln!(text, "\n== {name} ==\n\n{}", packages.text(&line.path)?.trim())?;
    }
    let crates = crates(desk).or_else(|error| {
        println!("cargo::warning=/licenses will name the crates without their licences: {error}");
        locked(desk)
    })?;
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

/// The crates that are linked into the binary, as cargo itself says without a network.
fn crates(desk: &Desk) -> Result<Vec<Built>> {
    let ran = Command::new(told("CARGO")?)
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform"])
        .arg(told("TARGET")?)
        .current_dir(&desk.root)
        .output()?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        return Err(format!("cargo metadata: {}", said.lines().next().unwrap_or_default()).into());
    }
    let metadata: Value = serde_json::from_slice(&ran.stdout)?;
    let linked = linked(&metadata).ok_or("cargo metadata has another shape")?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata has no packages")?;
    let mut built: Vec<Built> = packages
        .iter()
        .filter(|package| {
            package["id"].as_str().is_some_and(|id| linked.contains(id)) && !package["source"].is_null()
        })
        .map(read)
        .collect();
    built.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(built)
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

/// The ids of crates that are reached by normal dependencies from ours.
fn linked(metadata: &Value) -> Option<BTreeSet<&str>> {
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()?
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let mut open = vec![metadata["resolve"]["root"].as_str()?];
    let mut linked = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !linked.insert(id) {
            continue;
        }
        for dependency in nodes.get(id)?["deps"].as_array()? {
            let is_normal = dependency["dep_kinds"].as_array()?.iter().any(|kind| kind["kind"].is_null());
            open.extend(dependency["pkg"].as_str().filter(|_| is_normal));
        }
    }
    Some(linked)
}

fn read(package: &Value) -> Built {
    let text = |name: &str| package[name].as_str().unwrap_or_default();
    let folder = Path::new(text("manifest_path")).parent().unwrap_or(Path::new("."));
    let is_licence = |name: &str| {
        let name = name.to_uppercase();
        ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"].iter().any(|start| name.starts_with(start))
    };
    let mut files: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let texts = files
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| is_licence(&name.to_string_lossy())))
        .filter_map(|path| fs::read_to_string(path).ok())
        .map(|text| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned())
        .collect();
    Built {
        name: format!("{} {}", text("name"), text("version")),
        licence: text("license").to_owned(),
        texts,
    }
}
