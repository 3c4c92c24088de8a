//! The credits: every crate that is linked into the program, with the text of its licence.

use super::harness::Desk;
use super::http::get;
use std::collections::BTreeSet;
use std::process::Command;

/// The crates of the program, as cargo tells them without a network: `name version`.
fn dependencies() -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let ran = Command::new(cargo)
        .args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let listed = String::from_utf8(ran.stdout).unwrap();
    let name = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, version) = (words.next().unwrap(), words.next().unwrap().trim_start_matches('v'));
        format!("{name} {version}")
    };
    listed.lines().skip(1).filter(|line| !line.is_empty()).map(name).collect()
}

#[test]
fn every_crate_that_is_built_in_is_named_with_the_text_of_its_licence() {
    let dependencies = dependencies();
    assert!(dependencies.len() > 200, "{dependencies:?}");
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = server.ask(&get("/licenses")).text();
    let (_, crates) = page.split_once("== Rust crates ==").unwrap();
    // A list of all, each with the name of its licence; then the texts, each after the crates that have it.
    let (list, texts) = crates.split_once("\n-- ").unwrap();
    let named: BTreeSet<_> =
        list.lines().filter_map(|line| line.split_once(" (")).map(|(name, _)| name.to_owned()).collect();
    assert_eq!(named, dependencies);
    assert!(!list.contains("(see its source)") && !list.contains("()"), "{list}");
    let heads = ["-- ", texts].concat();
    let mut with_text = BTreeSet::new();
    for part in heads.split("\n-- ").map(|part| part.trim_start_matches("-- ")) {
        let Some((crates, text)) = part.split_once(" --\n") else { continue };
        if text.split_whitespace().count() > 20 {
            with_text.extend(crates.split(", ").map(str::to_owned));
        }
    }
    let without: Vec<_> = dependencies.difference(&with_text).collect();
    assert!(without.is_empty(), "no text of a licence: {without:?}");
}
