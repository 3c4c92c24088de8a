//! The guide on the API: every example in it is taken out and run against a real server, and does what the guide says.

use super::harness::{Desk, Server, binary, fields, view};
use super::http::{get, post_json};
use super::mcp::python;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const GUIDE: &str = include_str!("../../assets/help/api.md");
/// The text in examples that stands for a token.
const ANY_TOKEN: &str = "cst_…";

/// An example of the guide.
#[derive(Debug)]
struct Example {
    /// The id of the heading that it stands under.
    section: &'static str,
    language: &'static str,
    code: &'static str,
}

/// All fenced blocks of the guide.
fn examples() -> Vec<Example> {
    let (mut found, mut section, mut rest) = (Vec::new(), "", GUIDE);
    while let Some((line, after)) = rest.split_once('\n') {
        rest = after;
        if let Some((_, id)) = line.split_once(" {#").filter(|_| line.starts_with('#')) {
            section = id.split([' ', '}']).next().unwrap();
        }
        if let Some(language) = line.strip_prefix("```") {
            let (code, after) = rest.split_once("\n```\n").unwrap();
            let language = language.split(' ').next().unwrap();
            found.push(Example { section, language, code });
            rest = after;
        }
    }
    found
}

/// A developer who follows the guide: with a token of ada's, who owns the bakery, site 1, and
/// administers a site with many visits, 2.
struct Developer<'a> {
    desk: &'a Desk,
    server: Server<'a>,
    token: String,
}

impl<'a> Developer<'a> {
    fn new(desk: &'a Desk) -> Self {
        let demo = ["demo", "--into-existing", "--visits", "1500", "--days", "20", "--no-serve", "--json"];
        assert_eq!(desk.json(&demo)["site_id"], 2);
        desk.text(&["share", "add", "--site", "2", "--user", "ada", "--level", "administrator"]);
        let (token, _) = new_token(desk);
        Self { desk, server: desk.serve(), token }
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The text of an example with this server and token in it: the one place where a reader changes anything.
    fn filled_in(&self, code: &str) -> String {
        let code = code.replace("{{origin}}", &self.url()).replace(ANY_TOKEN, &self.token);
        code.replace("CLICKSTEAD_SITE=1", "CLICKSTEAD_SITE=2")
    }

    /// The folder in which the examples of a language run, one after the other.
    fn folder(&self, language: &str) -> PathBuf {
        let folder = self.desk.path().join(language);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// The command that runs an example, with the variables that the guide tells to set.
    fn command(&self, example: &Example, site: &str, token: &str) -> Command {
        let code = self.filled_in(example.code);
        let mut command = match example.language {
            "bash" => Command::new("bash"),
            "python" => python(),
            "javascript" => Command::new("node"),
            other => panic!("what runs an example in {other}?"),
        };
        match example.language {
            "bash" => command.args(["-e", "-u", "-o", "pipefail", "-c"]).arg(code),
            "python" => command.arg("-c").arg(code),
            _ => command.args(["--input-type=module", "-e"]).arg(code),
        };
        let programs = std::path::Path::new(binary()).parent().unwrap().display().to_string();
        command
            .current_dir(self.folder(example.language))
            .env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()))
            .env("no_proxy", "*")
            .env("CLICKSTEAD_DATA", self.desk.file())
            .env("CLICKSTEAD_URL", self.url())
            .env("CLICKSTEAD_TOKEN", token)
            .env("CLICKSTEAD_SITE", site);
        command
    }

    /// Runs an example, which must end well; what it printed.
    fn run(&self, example: &Example) -> String {
        let output = self.command(example, "2", &self.token).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{example:?}: {errors}{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What the API answers to the path below the site.
    fn ask(&self, path: &str) -> Value {
        let request = get(format!("/api/v1/sites/2/{path}"));
        self.server.ask(&request.header("Authorization", &format!("Bearer {}", self.token))).json()
    }
}

/// A new token that also writes, and its id.
fn new_token(desk: &Desk) -> (String, String) {
    let made = desk.json(&["token", "add", "--user", "ada", "--write", "--json"]);
    (made["token"].as_str().unwrap().to_owned(), made["token_id"].to_string())
}

fn of_section(section: &str) -> Vec<Example> {
    let found: Vec<Example> = examples().into_iter().filter(|example| example.section == section).collect();
    assert!(!found.is_empty(), "no example in {section}");
    found
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Runs the examples of a section in three languages: the reply as JSON, by curl, and the lines of the other two.
fn in_three_languages(developer: &Developer<'_>, section: &str) -> (Value, Vec<String>) {
    let examples = of_section(section);
    let languages: Vec<&str> = examples.iter().map(|example| example.language).collect();
    assert_eq!(languages, ["bash", "python", "javascript"], "{section}");
    let [by_curl, by_python, by_node] = [0, 1, 2].map(|place| developer.run(&examples[place]));
    assert_eq!(by_python, by_node, "{section}");
    (parsed(&by_curl), by_python.lines().map(str::to_owned).collect())
}

fn rows<'a>(reply: &'a Value, name: &str) -> &'a Vec<Value> {
    let rows = reply[name].as_array().unwrap_or_else(|| panic!("no {name}: {reply}"));
    assert!(!rows.is_empty());
    rows
}

/// A value as the examples print it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn every_example_is_run_by_a_test_here() {
    let by_tests = [
        ("start", 3),
        ("tokens", 1),
        ("example-sites", 3),
        ("example-report", 3),
        ("example-query", 3),
        ("example-visits", 3),
        ("example-stream", 3),
        ("example-export", 4),
        ("example-hits", 3),
        ("example-goals", 3),
        ("example-costs", 3),
        ("example-deploy", 3),
        ("example-note", 3),
        ("errors", 1),
        ("assistants", 2),
    ];
    let mut found: Vec<(&str, usize)> = Vec::new();
    for example in examples() {
        match found.last_mut().filter(|(section, _)| *section == example.section) {
            Some((_, count)) => *count += 1,
            None => found.push((example.section, 1)),
        }
    }
    assert_eq!(found, by_tests);
}

#[test]
fn the_first_lines_of_the_guide_give_a_first_answer() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);
    let [first, answer, second] = of_section("start").try_into().unwrap();
    let sites = parsed(&developer.run(&first));
    assert_eq!(rows(&sites, "sites")[1]["site_id"], "2");
    let members = |sites: &Value| {
        let site = sites["sites"][0].as_object().unwrap().clone();
        site.into_iter().map(|(name, value)| (name, std::mem::discriminant(&value))).collect::<Vec<_>>()
    };
    assert_eq!(members(&parsed(answer.code)), members(&sites));
    let pages = parsed(&developer.run(&second));
    assert_eq!(rows(&pages, "rows").len(), 10);
    assert_eq!(pages["rows"], developer.ask("reports/pages?date=last-7-days&limit=10")["rows"]);
    let made = developer.run(&of_section("tokens")[0]);
    assert!(made.contains("cst_"), "{made}");
    // The page itself has the address of the server in its lines, so that only the token is to be filled in.
    let page = developer.server.ask(&get("/help/api")).text();
    assert!(page.contains(&format!("export CLICKSTEAD_URL={}\n", developer.url())));
    assert!(!page.contains("{{") && !page.contains("```"));
}

#[test]
fn reading_gives_the_same_in_three_languages() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);

    let (reply, lines) = in_three_languages(&developer, "example-sites");
    let sites = rows(&reply, "sites").iter();
    let expected = sites.map(|site| format!("{} {}", text(&site["site_id"]), text(&site["domain"])));
    assert_eq!(lines, expected.collect::<Vec<_>>());

    let (reply, lines) = in_three_languages(&developer, "example-report");
    assert_eq!(rows(&reply, "rows").len(), 10);
    let pages = rows(&reply, "rows").iter();
    let expected = pages.map(|page| {
        let [item, visits, before] = [&page["item"], &page["visits"], &page["before"]["visits"]].map(text);
        format!("{item} {visits} {before}")
    });
    assert_eq!(lines, expected.collect::<Vec<_>>());

    let (reply, lines) = in_three_languages(&developer, "example-query");
    let results = rows(&reply, "results").iter();
    let expected = results.map(|result| {
        let [country, browser] = [&result["dimensions"][0], &result["dimensions"][1]].map(text);
        format!("{country} {browser} {} {}", result["metrics"][0], result["before"][0])
    });
    assert_eq!(lines, expected.collect::<Vec<_>>());
    assert_eq!(reply["query"]["filters"], json!([["is", "source", ["Searches"]]]));

    let (second_page, lines) = in_three_languages(&developer, "example-visits");
    let visits = developer.ask("reports/visitors?date=last-7-days")["total"].as_u64().unwrap();
    assert_eq!(u64::try_from(lines.len()).unwrap(), visits);
    assert!(lines.len() > 200, "not enough visits for several pages: {}", lines.len());
    for (visit, line) in rows(&second_page, "visits").iter().zip(&lines[100..]) {
        assert!(line.starts_with(visit["visit_id"].as_str().unwrap()), "{line}");
    }
}

#[test]
fn a_stream_prints_what_happens_and_ends_with_the_right_to_read() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);
    for example in of_section("example-stream") {
        let (token, id) = new_token(&desk);
        let mut child: Child =
            developer.command(&example, "1", &token).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        // It says so from when on it misses nothing.
        let is_begun = |line: &String| line == "Connected" || line.starts_with("retry: ");
        assert!(lines.any(|line| is_begun(&line)), "{example:?}");
        let page = format!("/{}", example.language);
        assert_eq!(developer.server.hit("81.2.69.1", &fields(&view(&page))).status, 204);
        let printed = lines.find(|line| line.contains("bakery.example")).unwrap();
        assert!(printed.contains(&page) && printed.contains("GB"), "{printed}");
        desk.text(&["token", "remove", "--user", "ada", &id]);
        lines.for_each(drop);
        assert!(child.wait().unwrap().success(), "{example:?}");
    }
}

#[test]
fn an_export_that_broke_off_is_made_whole() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);
    let [first, rest, python, node] = of_section("example-export").try_into().unwrap();
    developer.run(&first);
    let whole = std::fs::read(developer.folder("bash").join("visits.ndjson")).unwrap();
    let count = whole.split(|byte| *byte == b'\n').count() - 1;
    assert!(i64::try_from(count).unwrap() == desk.number("select count(*) from visits where site_id = 2"));
    // A line is cut in the middle.
    let half = whole.iter().rposition(|byte| *byte == b'\n').unwrap() / 2;
    std::fs::write(developer.folder("bash").join("visits.ndjson"), &whole[..half]).unwrap();
    developer.run(&rest);
    assert!(std::fs::read(developer.folder("bash").join("whole.ndjson")).unwrap() == whole);
    for program in [python, node] {
        let file = developer.folder(program.language).join("visits.ndjson");
        developer.run(&program);
        assert!(std::fs::read(&file).unwrap() == whole, "{}", program.language);
        std::fs::write(&file, &whole[..half]).unwrap();
        developer.run(&program);
        assert!(std::fs::read(&file).unwrap() == whole, "{} after a break", program.language);
        developer.run(&program);
        assert!(std::fs::read(&file).unwrap() == whole, "{} with nothing new", program.language);
    }
}

#[test]
fn hits_that_are_sent_again_count_once() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);
    let before = desk.number("select count(*) from actions where site_id = 2");
    for example in of_section("example-hits") {
        let [first, again] = [0, 1].map(|_| developer.run(&example));
        if example.language == "bash" {
            let [first, again] = [first, again].map(|reply| parsed(&reply)["results"][0].clone());
            assert_eq!(first, json!({ "id": "invoice-4711", "status": "recorded" }));
            assert_eq!(again["status"], "duplicate");
        } else {
            assert!(first.starts_with("invoice-471") && first.trim_end().ends_with(" recorded"), "{first}");
            assert!(again.trim_end().ends_with(" duplicate"), "{again}");
        }
    }
    assert_eq!(desk.number("select count(*) from actions where site_id = 2"), before + 3);
}

#[test]
fn goals_costs_deployments_and_notes_are_set_as_the_guide_says() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);
    let [by_curl, by_python, by_node] = of_section("example-goals").try_into().unwrap();
    let replies = developer.run(&by_curl);
    let replies: Vec<Value> =
        serde_json::Deserializer::from_str(&replies).into_iter().map(Result::unwrap).collect();
    let visits = replies[0]["visits"].to_string();
    assert_eq!((&replies[1]["code"], &replies[1]["pattern"]), (&"Order placed".into(), &"/thanks".into()));
    let currency = desk.texts("select currency from sites where id = 2").remove(0);
    let expected = format!("{visits}\nOrder by phone phone-order 25.5 {currency}\n");
    assert_eq!(developer.run(&by_python), expected);
    assert_eq!(developer.run(&by_node), format!("{visits}\nBrochure Brochure 2.5 {currency}\n"));
    let goals = developer.ask("goals");
    let names: Vec<String> = rows(&goals, "goals").iter().map(|goal| text(&goal["name"])).collect();
    for name in ["Order placed", "Order by phone", "Brochure"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }

    let (reply, lines) = in_three_languages(&developer, "example-costs");
    assert_eq!(rows(&reply, "costs").len(), 2);
    assert_eq!(lines, ["2026-04-01 spring 12.5", "2026-04-02 spring 8.0"]);

    let before = desk.number("select count(*) from annotations where site_id = 2 and kind = 'deploy'");
    let (reply, lines) = in_three_languages(&developer, "example-deploy");
    assert_eq!(reply["kind"], "deploy");
    assert_eq!(lines, ["deploy Version 2.1 ada"]);
    let after = desk.number("select count(*) from annotations where site_id = 2 and kind = 'deploy'");
    assert_eq!(after, before + 3);

    let (reply, lines) = in_three_languages(&developer, "example-note");
    assert_eq!(reply["tags"], json!(["customer", "press"]));
    assert_eq!(lines, ["Anna Berg customer press ada"]);
}

#[test]
fn the_error_in_the_guide_is_what_the_server_answers() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);
    let example = &of_section("errors")[0];
    assert_eq!(example.language, "json");
    assert_eq!(parsed(example.code), developer.ask("reports/pages?contry=DE"));
}

#[test]
fn assistants_are_configured_as_the_guide_says() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);
    let [claude, others] = of_section("assistants").try_into().unwrap();
    let command = developer.filled_in(claude.code);
    let (start, header) = command.split_once(" --header \"").unwrap();
    let url = start.strip_prefix("claude mcp add --transport http clickstead ").unwrap();
    let header = header.strip_suffix('"').unwrap().split_once(": ").unwrap();
    let configuration = parsed(&developer.filled_in(others.code));
    let server = &configuration["mcpServers"]["clickstead"];
    assert_eq!(server["type"], "http");
    assert_eq!((server["url"].as_str().unwrap(), &server["headers"]), (url, &json!({ header.0: header.1 })));

    let path = url.strip_prefix(&developer.url()).unwrap();
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    let request = post_json(path, &message.to_string()).header(header.0, header.1);
    let reply = developer.server.ask(&request).json();
    let tools = rows(&reply["result"], "tools").iter().map(|tool| text(&tool["name"]));
    let section = GUIDE.split_once("The assistant has these tools:").unwrap().1;
    let terms = section.lines().zip(section.lines().skip(1)).filter(|(_, next)| next.starts_with(": "));
    let named = terms.flat_map(|(term, _)| term.split(" · ")).map(|name| name.trim_matches('`').to_owned());
    assert_eq!(tools.collect::<Vec<_>>(), named.collect::<Vec<_>>());
}

#[test]
fn the_example_in_the_readme_runs_too() {
    let desk = Desk::with_site();
    let developer = Developer::new(&desk);
    let readme = include_str!("../../README.md");
    let section =
        readme.split_once("\n## Programs and assistants\n").unwrap().1.split_once("\n## ").unwrap().0;
    let code = section.split("```\n").nth(1).unwrap();
    let filled_in =
        code.replace("http://127.0.0.1:7070", &developer.url()).replace("TOKEN", &developer.token);
    let output = Command::new("bash").args(["-e", "-c", &filled_in]).env("no_proxy", "*").output().unwrap();
    let reply = parsed(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(reply["report"], "pages");
}
