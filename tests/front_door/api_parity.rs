//! One number on every surface: each report of the catalogue by the screen's file, our own API, a query of it, an
//! assistant's tool and Clicky's API, with filters and comparisons.

use super::api_client::{Program, mcp_message};
use super::api_reports::{all_rows, file, plain, text};
use super::harness::{Desk, Server};
use super::http::get;
use super::programs::key_of;
use super::reports::{RANGE, demo, signed_in};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The comparison and filters of a question, as an address has them and as a query does.
struct Question {
    compare: &'static str,
    filters: &'static [(&'static str, &'static str)],
    /// The goal whose conversions are counted alone.
    goal: Option<&'static str>,
}

const QUESTIONS: [Question; 6] = [
    Question { compare: "none", filters: &[], goal: None },
    Question { compare: "none", filters: &[("country", "DE")], goal: None },
    Question { compare: "weekdays", filters: &[], goal: None },
    Question { compare: "year", filters: &[("href", "/"), ("source", "Searches")], goal: None },
    Question { compare: "none", filters: &[], goal: Some("Order") },
    Question { compare: "weekdays", filters: &[("country", "DE")], goal: Some("Newsletter") },
];

/// The reports that Clicky's API has no type for: Clicky does not count them.
const NOT_IN_CLICKY: [&str; 17] = [
    "broken-links",
    "browser-versions",
    "campaign-contents",
    "campaign-mediums",
    "campaign-sources",
    "campaign-terms",
    "conversion-rate",
    "conversions",
    "funnels",
    "hours",
    "journeys",
    "left-out",
    "pages-not-found",
    "retention",
    "revenue-average",
    "system-versions",
    "web-vitals",
];

/// The kinds of reports, which decide the surfaces that have them besides files, the API and Clicky's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A query counts it, in total and day by day.
    Metric,
    /// It is about this moment, and a query about days.
    Online,
    /// A query counts it by its dimension.
    Items,
    /// It lists occurrences one by one, and a query counts.
    Recent,
    /// Filtered hits belong to no visit, and a query counts visits.
    Filtered,
    /// The versions of one test, with verdicts that a query does not have.
    Splits,
    /// A row for each hour of the week.
    Hours,
    /// A row for each cohort.
    Cohorts,
    /// Its files have tests of their own.
    Own,
}

impl Kind {
    /// The kind of a report of the catalogue. A new one has to be added here.
    fn new(report: &Value) -> Self {
        match (report["kind"].as_str().unwrap(), report["name"].as_str().unwrap()) {
            ("metric", "visitors-online") => Self::Online,
            ("metric", _) => Self::Metric,
            ("items", _) => Self::Items,
            ("recent", _) => Self::Recent,
            ("filtered", _) => Self::Filtered,
            ("split-tests", _) => Self::Splits,
            ("hours", _) => Self::Hours,
            ("retention", _) => Self::Cohorts,
            ("funnel" | "journey" | "vitals" | "uptime" | "outages", _) => Self::Own,
            (other, name) => panic!("no surface is known for {name}, which is {other}"),
        }
    }
}

impl Question {
    fn parameters(&self) -> String {
        let goal = self.goal.map(|goal| format!("&conversions_of={goal}")).unwrap_or_default();
        format!("date={RANGE}&compare={}{}{goal}", self.compare, self.address_filters())
    }

    /// The parameters as screens have them.
    fn screen_parameters(&self) -> String {
        self.parameters().replace("conversions_of", "conversions-of")
    }

    /// Returns true if a report of a kind can be asked so: occurrences and filtered hits have no conversions.
    fn suits(&self, kind: Kind) -> bool {
        self.goal.is_none() || matches!(kind, Kind::Metric | Kind::Items | Kind::Splits | Kind::Hours)
    }

    /// The filters at the end of an address.
    fn address_filters(&self) -> String {
        let filters: Vec<String> =
            self.filters.iter().map(|(name, value)| format!("&{name}={value}")).collect();
        filters.concat()
    }

    fn query(&self, metrics: &Value, dimension: Option<&str>) -> Value {
        let (first, last) = RANGE.split_once(',').unwrap();
        let filters: Vec<Value> =
            self.filters.iter().map(|(name, value)| json!(["is", name, [value]])).collect();
        let mut query = json!({
            "metrics": metrics, "date_range": [first, last], "filters": filters, "compare": self.compare,
            "dimensions": dimension.into_iter().collect::<Vec<_>>(), "limit": 1_000,
        });
        if let Some(goal) = self.goal {
            query["conversions_of"] = goal.into();
        }
        query
    }
}

/// The surfaces of one site, for one person.
struct Surfaces<'a> {
    server: &'a Server<'a>,
    cookie: String,
    key: String,
    program: Program,
    /// An assistant's.
    token: Program,
}

impl Surfaces<'_> {
    /// The results of a query, which the assistant's tool gives alike.
    fn results(&self, query: &Value) -> Vec<Value> {
        let answer = self.program.query(self.server, query);
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let reply = answer.json();
        let mut arguments = query.clone();
        arguments["site_id"] = "1".into();
        assert_eq!(self.token.use_tool(self.server, "query", &arguments), reply, "{query}");
        assert_eq!(reply["next_cursor"], Value::Null, "{query} has more than a page");
        reply["results"].as_array().unwrap().clone()
    }

    /// The items of Clicky's API for a report, all of them; `None` if it has no such type. Filters are those of a segmentation.
    fn clicky(&self, name: &str, question: &Question) -> Option<Vec<Value>> {
        let filters = question.address_filters();
        let types = if filters.is_empty() {
            format!("type={name}")
        } else {
            format!("type=segmentation&segments={name}")
        };
        let path = format!(
            "/api/stats/4?site_id=1&sitekey={}&{types}&date={RANGE}&limit=all&output=json{filters}",
            self.key
        );
        let reply = self.server.ask(&get(path).without("Sec-Fetch-Site")).json();
        if let Some(error) = reply[0]["error"].as_str() {
            assert!(error.starts_with("Unknown type"), "{name}: {error}");
            return None;
        }
        Some(reply[0]["dates"][0]["items"].as_array().unwrap().clone())
    }

    fn check(&self, report: &Value, question: &Question) {
        let name = report["name"].as_str().unwrap();
        let parameters = question.parameters();
        let case = format!("{name} {parameters}");
        let kind = Kind::new(report);
        self.check_tool(name, question, &case);
        if kind == Kind::Own {
            return;
        }
        let rows = all_rows(self.server, &self.program, name, &parameters, 1_000);
        assert!(
            !rows.is_empty()
                || !question.filters.is_empty()
                || question.compare != "none"
                || kind == Kind::Filtered,
            "{case} is empty"
        );
        let of_file = file(self.server, &self.cookie, name, &question.screen_parameters());
        match kind {
            Kind::Cohorts => check_file(kind, &periods(&rows), &of_file, &case),
            _ => check_file(kind, &rows, &of_file, &case),
        }
        match kind {
            Kind::Metric => self.check_metric(report, question, &rows, &case),
            Kind::Items => self.check_items(report, question, &rows, &case),
            Kind::Splits => assert_eq!(report["dimension"], "split"),
            _ => assert_eq!(report["dimension"], Value::Null),
        }
        if question.goal.is_some() {
            return;
        }
        if let Some(items) = self.clicky(name, question) {
            let reply = self.program.read(self.server, &format!("reports/{name}?{parameters}"));
            match kind {
                // One number of all days, which are not compared.
                Kind::Metric | Kind::Online => {
                    let difference = number(&items[0]["value"]) - number(&reply["total"]);
                    assert!(difference.abs() < 1e-9, "{case}");
                }
                _ => check_clicky(kind, name, &rows, &items, &case),
            }
        }
    }

    /// Compares the assistant's tool with the API.
    fn check_tool(&self, name: &str, question: &Question, case: &str) {
        let mut arguments =
            json!({"site_id": "1", "report": name, "date": RANGE, "compare": question.compare});
        arguments["filter"] = question.address_filters().trim_start_matches('&').into();
        if let Some(goal) = question.goal {
            arguments["parameters"] = json!({ "conversions_of": goal });
        }
        let reply = self.program.read(self.server, &format!("reports/{name}?{}", question.parameters()));
        assert_eq!(self.token.use_tool(self.server, "report", &arguments), reply, "{case}");
    }

    fn check_metric(&self, report: &Value, question: &Question, rows: &[Value], case: &str) {
        let days = self.results(&question.query(&report["metrics"], Some("time:day")));
        let counted: Vec<_> = days
            .iter()
            .map(|day| {
                (&day["dimensions"][0], &day["metrics"][0], day.get("before").map(|before| &before[0]))
            })
            .collect();
        let expected: Vec<_> =
            rows.iter().map(|row| (&row["date"], &row["value"], row.get("before"))).collect();
        assert_eq!(counted, expected, "{case}");
        let whole = self.results(&question.query(&report["metrics"], None));
        let path = format!("reports/{}?{}", report["name"].as_str().unwrap(), question.parameters());
        let reply = self.program.read(self.server, &path);
        let before = whole[0].get("before").map(|before| &before[0]);
        assert_eq!((&whole[0]["metrics"][0], before), (&reply["total"], reply.get("total_before")), "{case}");
    }

    fn check_items(&self, report: &Value, question: &Question, rows: &[Value], case: &str) {
        let names: Vec<&str> =
            report["metrics"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let results = self.results(&question.query(&report["metrics"], report["dimension"].as_str()));
        let values = |row: &Value| -> Vec<Value> { names.iter().map(|name| row[name].clone()).collect() };
        let mut counted: Vec<_> = results
            .iter()
            .map(|one| json!([one["dimensions"][0], one["metrics"], one["before"]]).to_string())
            .collect();
        let mut expected: Vec<_> = rows
            .iter()
            .map(|row| json!([row["value"], values(row), row.get("before").map(values)]).to_string())
            .collect();
        counted.sort();
        expected.sort();
        assert_eq!(counted, expected, "{case}");
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("{value} is no number"))
}

const MEASURES: [&str; 7] = ["count", "visits", "unique", "new", "actions", "seconds", "bounces"];

/// The measures of conversions and costs; those with a currency sign are amounts, whose columns in files name the currency.
const GOAL_MEASURES: [&str; 8] = [
    "conversions",
    "conversion_rate",
    "revenue€",
    "revenue_per_visit€",
    "revenue_per_visitor€",
    "cost€",
    "cost_per_conversion€",
    "return",
];

/// Compares the rows of a report with those of its file.
fn check_file(kind: Kind, rows: &[Value], expected: &[BTreeMap<String, String>], case: &str) {
    assert_eq!(rows.len(), expected.len(), "{case}");
    let before = |cells: &BTreeMap<String, String>, column: &str| {
        let names = ["before", "weekdays_before", "year_before"].map(|period| format!("{column}{period}"));
        names.iter().find_map(|name| cells.get(name)).cloned()
    };
    for (row, cells) in rows.iter().zip(expected) {
        match kind {
            Kind::Items => {
                assert_eq!(text(&row["item"]), plain(&cells["item"]), "{case}");
                assert_eq!(text(&row["beside"]), plain(&cells["beside"]), "{case}");
                for measure in MEASURES {
                    assert_eq!(text(&row[measure]), cells[measure], "{measure} of {case}");
                    let earlier = before(cells, &format!("{measure}_")).unwrap_or_default();
                    assert_eq!(text(&row["before"][measure]), earlier, "{measure} before of {case}");
                }
                for measure in GOAL_MEASURES {
                    let column = measure.replace('€', "_EUR");
                    let name = measure.trim_end_matches('€');
                    assert!(
                        (number(&row[name]) - cells[&column].parse::<f64>().unwrap()).abs() < 1e-9,
                        "{name} of {case}"
                    );
                    if let Some(earlier) = before(cells, &format!("{column}_")) {
                        let value = number(&row["before"][name]);
                        assert!(
                            (value - earlier.parse::<f64>().unwrap()).abs() < 1e-9,
                            "{name} before of {case}"
                        );
                    }
                }
            }
            Kind::Metric | Kind::Online => {
                let value = |value: &Value| value.as_f64().unwrap_or_default();
                let number = |cell: &str| cell.parse::<f64>().unwrap_or_default();
                let step = cells.get("date").or(cells.get("hour"));
                assert!(step.is_none_or(|step| text(&row["date"]).ends_with(step)), "{row} {case}");
                let names = ["value", "value_EUR", "online"];
                let cell = names.iter().find_map(|name| cells.get(*name)).unwrap();
                assert!((value(&row["value"]) - number(cell)).abs() < 1e-9, "{row} {cells:?} {case}");
                let earlier = before(cells, "").unwrap_or_default();
                assert!((value(&row["before"]) - number(&earlier)).abs() < 1e-9, "{row} {cells:?} {case}");
            }
            Kind::Recent => {
                assert_eq!(text(&row["item"]), plain(&cells["item"]), "{case}");
                assert_eq!(text(&row["visit_id"]), plain(&cells["visit"]), "{case}");
                assert_eq!(second(&text(&row["at"])), second(&cells["time"]), "{case}");
            }
            Kind::Filtered => {
                for column in ["date", "reason", "meaning", "hits"] {
                    assert_eq!(text(&row[column]), plain(&cells[column]), "{case}");
                }
                assert_eq!(text(&row["before"]), before(cells, "hits_").unwrap_or_default(), "{case}");
            }
            Kind::Splits => {
                assert_eq!(text(&row["item"]), plain(&cells["version"]), "{case}");
                for column in ["visits", "conversions", "verdict", "statement"] {
                    assert_eq!(text(&row[column]), plain(&cells[column]), "{column} of {case}");
                }
                assert_eq!(text(&row["days"]["first"]), cells["first_day"], "{case}");
            }
            Kind::Hours => {
                assert_eq!(text(&row["weekday"]), cells["weekday"], "{case}");
                assert_eq!(format!("{:02}:00", number(&row["hour"])), cells["hour"], "{case}");
                assert_eq!(text(&row["value"]), cells["visits"], "{case}");
                assert_eq!(text(&row["before"]), before(cells, "").unwrap_or_default(), "{case}");
            }
            Kind::Cohorts => {
                assert_eq!(text(&row["days"]["first"]), cells["first_day"], "{case}");
                for (name, column) in [("size", "visitors"), ("after", "after"), ("returned", "returned")] {
                    assert_eq!(text(&row[name]), cells[column], "{name} of {case}");
                }
            }
            Kind::Own => {}
        }
    }
}

/// The rows of cohorts as files have them: one for each period in which they came.
fn periods(cohorts: &[Value]) -> Vec<Value> {
    let of_cohort = |cohort: &Value| {
        let first = json!({"after": 0, "visitors": cohort["visitors"]});
        let later = cohort["returned"].as_array().unwrap().iter();
        let row = |period: &Value| json!({"days": cohort["days"], "size": cohort["visitors"], "after": period["after"], "returned": period["visitors"]});
        std::iter::once(&first).chain(later).map(row).collect::<Vec<_>>()
    };
    cohorts.iter().flat_map(of_cohort).collect()
}

fn second(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().unwrap().as_second()
}

/// Compares the rows of a report with the items of Clicky's API.
fn check_clicky(kind: Kind, name: &str, rows: &[Value], items: &[Value], case: &str) {
    match kind {
        Kind::Metric | Kind::Online | Kind::Filtered | Kind::Hours | Kind::Cohorts | Kind::Own => {
            panic!("{case} has no items")
        }
        Kind::Recent => {
            let said = |time: i64, row: &Value| (time, text(&row["item"]));
            let listed: Vec<_> =
                items.iter().map(|item| said(text(&item["time"]).parse().unwrap(), item)).collect();
            let expected: Vec<_> = rows.iter().map(|row| said(second(&text(&row["at"])), row)).collect();
            assert_eq!(listed, expected, "{case}");
        }
        Kind::Items | Kind::Splits => {
            let column = if name == "visitors-most-active" { "actions" } else { "count" };
            // Assistants are links there.
            let title = |row: &Value| match text(&row["item"]) {
                title if name == "traffic-sources" && title == "AI assistants" => "Links".to_owned(),
                title if name == "traffic-sources" => title,
                _ => text(&row["value"]),
            };
            let mut expected: BTreeMap<String, f64> = BTreeMap::new();
            for row in rows {
                *expected.entry(title(row)).or_default() += number(&row[column]);
            }
            let mut expected: Vec<f64> = expected.into_values().collect();
            expected.sort_by(|one, other| other.total_cmp(one));
            let counted: Vec<f64> = items.iter().map(|item| number(&item["value"])).collect();
            assert_eq!(counted, expected, "{case}");
        }
    }
}

#[test]
fn every_report_has_the_same_numbers_on_every_surface() {
    let (desk, password) = demo();
    let server = desk.serve();
    let surfaces = Surfaces {
        cookie: signed_in(&server, &password),
        key: key_of(&desk, 1),
        program: Program::with_key(&desk),
        token: Program::with_token(&desk, "demo", false),
        server: &server,
    };
    let catalogue = surfaces.program.read(&server, "reports");
    let reports = catalogue["reports"].as_array().unwrap();
    let mut not_in_clicky = BTreeSet::new();
    for report in reports {
        for question in &QUESTIONS {
            if question.suits(Kind::new(report)) {
                surfaces.check(report, question);
            }
        }
        let name = report["name"].as_str().unwrap();
        if surfaces.clicky(name, &QUESTIONS[0]).is_none() {
            not_in_clicky.insert(name);
        }
    }
    assert!(reports.len() > 50, "{}", reports.len());
    assert_eq!(not_in_clicky, BTreeSet::from(NOT_IN_CLICKY));
}

#[test]
fn the_hours_of_a_day_are_those_of_its_file() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, program) = (signed_in(&server, &password), Program::with_key(&desk));
    let catalogue = program.read(&server, "reports");
    let parameters = "date=2026-10-22&compare=weekdays";
    for report in catalogue["reports"].as_array().unwrap() {
        let kind = Kind::new(report);
        if kind == Kind::Metric {
            let name = report["name"].as_str().unwrap();
            let rows = all_rows(&server, &program, name, parameters, 1_000);
            check_file(kind, &rows, &file(&server, &cookie, name, parameters), name);
        }
    }
}

#[test]
fn assistants_and_programs_have_the_same_vocabulary() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", false);
    let mut catalogue = program.read(&server, "reports");
    let resource = mcp_message("resources/read", &json!({ "uri": "clickstead://catalogue" }));
    let answer = server.ask(&program.sign(resource)).json();
    let contents = answer["result"]["contents"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(contents).unwrap(), catalogue);
    let explained = program.use_tool(&server, "explain_filter", &json!({}));
    catalogue.as_object_mut().unwrap().remove("reports");
    assert_eq!(explained["words"], catalogue);
}
