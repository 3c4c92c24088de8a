//! The layers of the house: who may import whom, and what may stand in which room only.

use std::fs;
use std::path::{Path, PathBuf};

/// The tiers, from the ground up. A room imports from tiers below and, as long as no circle forms, from its own.
const TIERS: [&[&str]; 9] = [
    &["model", "error", "limits", "log", "config"],
    &["store"],
    &["ingest", "reports"],
    &["access", "billing", "mail", "outbound"],
    &["transfer", "demo"],
    &["app"],
    &["jobs", "http"],
    &["collect", "web"],
    &["server", "cli"],
];

fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
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

fn room(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn tier(room: &str) -> Option<usize> {
    TIERS.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms that a file names after `crate::`.
fn imports(text: &str) -> Vec<String> {
    let outside_tests = text.split("#[cfg(test)]").next().unwrap();
    let mut rooms = Vec::new();
    for rest in outside_tests.split("crate::").skip(1) {
        let names: String = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().to_owned(),
            None => rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect(),
        };
        let first = |name: &str| name.trim().split("::").next().unwrap().to_owned();
        rooms.extend(names.split(',').map(first).filter(|name| tier(name).is_some()));
    }
    rooms
}

#[test]
fn imports_go_downward_only() {
    let mut upward = Vec::new();
    for (path, text) in sources() {
        let here = room(&path);
        let Some(height) = tier(&here) else { continue };
        for there in imports(&text) {
            let below = tier(&there).unwrap();
            if below > height {
                upward.push(format!("{} imports {there}", path.display()));
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn every_room_has_its_tier() {
    for (path, _) in sources() {
        let here = room(&path);
        assert!(tier(&here).is_some() || ["lib", "main"].contains(&here.as_str()), "{here}");
    }
}

#[test]
fn sql_stands_in_store_and_reports_html_in_web_and_the_environment_in_cli() {
    let rules: [(&str, &[&str]); 5] = [
        ("prepare_cached(", &["store", "reports"]),
        ("select count(*)", &["store", "reports"]),
        ("html! {", &["web", "mail"]),
        ("actix_web", &["app", "jobs", "http", "collect", "web", "server"]),
        ("env = \"CLICKSTEAD", &["cli"]),
    ];
    let mut strays = Vec::new();
    for (path, text) in sources() {
        for (words, rooms) in rules {
            if text.contains(words) && !rooms.contains(&room(&path).as_str()) {
                strays.push(format!("{} has {words}", path.display()));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

/// Pages that write for whoever holds a link or gives a password, where nobody was admitted yet.
const DOORS: [&str; 9] = [
    "admission.rs",
    "guest.rs",
    "invite.rs",
    "email_confirmation.rs",
    "password_reset.rs",
    "second_step.rs",
    "setup.rs",
    "load.rs",
    "sign_in.rs",
];

#[test]
fn screens_write_by_way_of_whoever_was_admitted_so_that_the_right_is_asked_again() {
    let mut strays = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| room(path) == "web") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bare: String = text.split_whitespace().collect();
        if bare.contains("app.write(") && !DOORS.contains(&name.as_str()) {
            strays.push(name);
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn every_file_says_in_its_first_line_what_it_is() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{} has no //! paragraph on top", path.display());
    }
}

#[test]
fn every_surface_refuses_compressed_bodies() {
    let surfaces: Vec<_> =
        sources().into_iter().filter(|(_, text)| text.contains("web::ServiceConfig)")).collect();
    assert!(surfaces.len() >= 2, "no surface is found");
    for (path, text) in surfaces {
        assert!(
            text.contains("from_fn(compressed_body::refuse)")
                || text.contains("from_fn(beacon::refuse_compressed)"),
            "{} takes bodies that actix unpacks",
            path.display()
        );
    }
}
