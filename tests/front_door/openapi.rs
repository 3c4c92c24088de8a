//! The description of our own API, held against the running server by `schemathesis`.

use super::api_client::Program;
use super::harness::{Desk, fields, view};
use super::mcp::python;
use serde_json::Value;
use std::fs;

/// Examples of each operation beyond those that the boundaries of its parameters give.
const EXAMPLES: &str = "10";

#[test]
fn the_server_does_what_the_document_says_of_it() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for path in ["/", "/shop", "/about"] {
        assert_eq!(server.hit("81.2.69.1", &fields(&view(path))).status, 204);
    }
    let program = Program::with_token(&desk, "ada", true);
    let visits: Value = program.get(&server, "/api/v1/sites/1/visits").json();
    let id = |name: &str| visits["visits"][0][name].as_str().unwrap().to_owned();
    // Most texts are no date, cursor or segment: 422 is an answer to what only looks right.
    let config = format!(
        "[parameters]\n\"path.site\" = \"1\"\n\"path.report\" = \"pages\"\n\"path.visit\" = \"{}\"\n\"path.visitor\" = \"{}\"\n\
         [checks.positive_data_acceptance]\nexpected-statuses = [\"2xx\", \"401\", \"403\", \"404\", \"409\", \"422\", \"429\", \"503\"]\n",
        id("visit_id"),
        id("visitor_id"),
    );
    let file = desk.path().join("schemathesis.toml");
    fs::write(&file, config).unwrap();
    let (name, value) = program.header();
    let output = python()
        .args([
            "-c",
            "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())",
            "--config-file",
        ])
        .arg(&file)
        .arg("run")
        .arg(format!("http://{}/api/v1/openapi.json", server.address))
        .args([
            "-H",
            &format!("{name}: {value}"),
            "-n",
            EXAMPLES,
            "--generation-deterministic",
            "--checks",
            "all",
        ])
        // The stream has no end.
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--exclude-path",
            "/api/v1/sites/{site}/stream",
            "--no-color",
        ])
        .current_dir(desk.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("generated"), "{text}");
}
