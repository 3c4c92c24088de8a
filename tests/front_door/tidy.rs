//! The layers of the house: who may import whom, and what may stand in which room only. `imports` reads the imports.

use std::path::Path;

use crate::imports::{Crate, circles, module, sources};

/// The tiers, from the ground up. A room imports from tiers below and, as long as no circle forms, from its own.
const TIERS: [&[&str]; 9] = [
    &["model", "error", "limits", "log", "config"],
    &["store"],
    &["ingest", "reports"],
    &["access", "mail", "outbound"],
    &["sites", "accounts", "goals", "recordings", "alerts", "transfer", "demo"],
    &["app"],
    &["jobs", "http"],
    &["collect", "web", "api"],
    &["server", "cli"],
];

fn room(path: &Path) -> String {
    module(path).into_iter().next().unwrap_or_else(|| "lib".to_owned())
}

fn tier(room: &str) -> Option<usize> {
    TIERS.iter().position(|rooms| rooms.contains(&room))
}

#[test]
fn imports_go_downward_only() {
    let mut upward = Vec::new();
    for (file, others) in Crate::read().imports() {
        let height = |file: &str| tier(file.split("::").next().unwrap());
        let Some(here) = height(&file) else { continue };
        for other in others.iter().filter(|other| height(other).is_none_or(|there| there > here)) {
            upward.push(format!("{file} imports {other}"));
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn rooms_do_not_import_each_other_in_a_circle() {
    let circles = circles(&Crate::read().rooms());
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    let circles = circles(&Crate::read().imports());
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn impl_blocks_of_one_type_stand_in_one_file() {
    let scattered = Crate::read().scattered_types();
    assert!(scattered.is_empty(), "{scattered:#?}");
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
        ("actix_web", &["app", "jobs", "http", "collect", "web", "api", "server"]),
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
const DOORS: [&str; 11] = [
    "account::email_confirmation",
    "digest_confirmation",
    "guest",
    "layout::load",
    "sign_in",
    "sign_in::admission",
    "sign_in::invite",
    "sign_in::password_reset",
    "sign_in::second_step",
    "sign_in::setup",
    "unsubscribe",
];

#[test]
fn screens_write_by_way_of_whoever_was_admitted_so_that_the_right_is_asked_again() {
    let mut strays = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| room(path) == "web") {
        let name = module(&path)[1..].join("::");
        let bare: String = text.split_whitespace().collect();
        if bare.contains("app.write(") && !DOORS.contains(&name.as_str()) {
            strays.push(name);
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn surfaces_and_background_work_leave_the_audit_log_to_the_acts() {
    // Access defines the log; the acts stand in the rooms of sites, accounts, goals and alerts.
    let acts = ["access", "sites", "accounts", "goals", "recordings", "alerts"];
    let mut strays = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| !acts.contains(&room(path).as_str())) {
        let bare: String = text.split_whitespace().collect();
        // Every line in the log is written under the name of an action.
        let is_written = bare.contains("audit::create(") || bare.contains(".note_account(");
        if is_written || bare.contains(".record(") && bare.contains("AuditAction::") {
            strays.push(path.display().to_string());
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
