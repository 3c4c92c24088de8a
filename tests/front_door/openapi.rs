//! The description of our own API, held against the running server by `schemathesis`.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use super::mcp::python;
use serde_json::Value;
use std::fs;

/// Examples of each operation beyond those that the boundaries of its parameters give.
const EXAMPLES: &str = "10";

/// Lets the examples of the document be sent by a program, and checks what is answered.
fn check_examples(desk: &Desk, server: &Server<'_>, program: &Program, checks: &[&str]) {
    let visits: Value = program.get(server, "/api/v1/sites/1/visits").json();
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
        .args(checks)
        .current_dir(desk.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("generated"), "{text}");
}

#[test]
fn every_parameter_of_the_document_is_one_that_its_route_knows() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", true);
    let document = program.get(&server, "/api/v1/openapi.json").json();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let parameters = methods["get"]["parameters"].as_array().into_iter().flatten();
        let of_query = parameters.filter(|parameter| parameter["in"] == "query");
        for parameter in of_query {
            let name = parameter["name"].as_str().unwrap();
            assert!(parameter["description"].as_str().unwrap().len() > 20, "{path}: {name}");
            // Reports of different kinds know different ones.
            let reports = [
                "pages",
                "visitors",
                "funnels",
                "journeys",
                "split-tests",
                "retention",
                "hours",
                "web-vitals",
            ];
            let is_unknown = reports.iter().all(|report| {
                let path = path.replace("{site}", "1").replace("{report}", report);
                // A value that no parameter takes: no stream or export begins.
                let answer = program.get(&server, &format!("{path}?{name}=&date=never&zzz=1"));
                assert_eq!(answer.status, 422, "{path}: {name}");
                let problems = answer.json()["errors"].clone();
                let mut problems = problems.as_array().unwrap().iter();
                problems
                    .any(|one| one["field"] == name && one["hint"].as_str().unwrap().contains("no parameter"))
            });
            assert!(!is_unknown, "{path}: {name}");
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
}

#[test]
fn the_server_does_what_the_document_says_of_it_to_a_token_and_to_a_key() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for path in ["/", "/shop", "/about"] {
        assert_eq!(server.hit("81.2.69.1", &fields(&view(path))).status, 204);
    }
    check_examples(&desk, &server, &Program::with_token(&desk, "ada", true), &[]);
    // It spoils the header of tokens alone, and expects that the right key beside it opens nothing any more. A header of
    // another scheme may be a proxy's.
    check_examples(&desk, &server, &Program::with_key(&desk), &["--exclude-checks", "ignored_auth"]);
}
