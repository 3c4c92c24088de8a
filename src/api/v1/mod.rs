//! Our own API: JSON with real status codes, described by an `OpenAPI` document that is made from this code.

pub mod annotations;
mod campaign_costs;
mod common_params;
mod cursor;
mod export;
pub mod funnels;
pub mod goals;
mod hits;
mod interval;
mod json_body;
pub mod monitors;
pub mod online;
mod openapi;
mod paging;
mod parameters;
pub mod problem;
pub mod query;
pub mod read_context;
pub mod reports;
mod request_body;
pub mod resolved;
pub mod response;
pub mod screens;
mod segments;
pub mod sites;
mod stream;
mod visit_selection;
pub mod visits;
pub mod vocabulary;

use crate::http::compressed_body;
use crate::http::route::{Route, change, get, get_file, get_program, post, post_program, register};
use actix_web::http::Method;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{guard, web};

/// The path below which all routes of this API stand.
const BASE: &str = "/api/v1";

/// Returns the routes of this API. A test compares them with the `OpenAPI` document.
pub fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/openapi.json", openapi::show),
        get_program("/api/v1/sites", sites::list),
        get_program("/api/v1/sites/{site}", sites::show),
        get_program("/api/v1/sites/{site}/reports", reports::list),
        get_program("/api/v1/sites/{site}/reports/{report}", reports::show),
        post_program("/api/v1/sites/{site}/query", query::ask),
        get_program("/api/v1/sites/{site}/visits", visits::list::list),
        get_program("/api/v1/sites/{site}/visits/{visit}", visits::visit::show),
        get_program("/api/v1/sites/{site}/visitors/{visitor}", visits::visitor::show),
        get_program("/api/v1/sites/{site}/actions", visits::actions::list),
        get_program("/api/v1/sites/{site}/online", online::show),
        get_program("/api/v1/sites/{site}/segments", segments::list),
        get_program("/api/v1/sites/{site}/goals", goals::list),
        post("/api/v1/sites/{site}/goals", goals::create),
        post_program("/api/v1/sites/{site}/goals/matches", goals::matches),
        change(Method::PATCH, "/api/v1/sites/{site}/goals/{goal}", goals::change),
        change(Method::DELETE, "/api/v1/sites/{site}/goals/{goal}", goals::remove),
        get_program("/api/v1/sites/{site}/monitors", monitors::list),
        get_program("/api/v1/sites/{site}/funnels", funnels::list),
        post("/api/v1/sites/{site}/funnels", funnels::create),
        get_program("/api/v1/sites/{site}/funnels/{funnel}", funnels::show),
        change(Method::PATCH, "/api/v1/sites/{site}/funnels/{funnel}", funnels::change),
        change(Method::DELETE, "/api/v1/sites/{site}/funnels/{funnel}", funnels::remove),
        get_program("/api/v1/sites/{site}/campaign-costs", campaign_costs::list),
        change(Method::PUT, "/api/v1/sites/{site}/campaign-costs", campaign_costs::set),
        get_program("/api/v1/sites/{site}/annotations", annotations::list),
        post("/api/v1/sites/{site}/annotations", annotations::create),
        change(Method::DELETE, "/api/v1/sites/{site}/annotations/{annotation}", annotations::remove),
        get_program("/api/v1/sites/{site}/visitors/{visitor}/note", annotations::show_visitor),
        change(Method::PUT, "/api/v1/sites/{site}/visitors/{visitor}/note", annotations::set_visitor),
        post("/api/v1/sites/{site}/hits", hits::create),
        get_file("/api/v1/sites/{site}/stream", stream::show),
        get_file("/api/v1/sites/{site}/export", export::show),
    ]
}

/// Registers the routes and middleware of this API.
pub fn configure(config: &mut web::ServiceConfig) {
    let scope = web::scope("")
        .guard(guard::fn_guard(|context| is_here(context.head().uri.path())))
        .wrap(from_fn(compressed_body::refuse))
        .wrap(from_fn(response::finish))
        .wrap(Compress::default())
        .configure(|config| register(config, &routes()))
        .default_service(web::to(problem::no_such_path));
    config.service(scope);
}

fn is_here(path: &str) -> bool {
    path.strip_prefix(BASE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::catalogue::REPORTS;
    use parameters::KnownParameters;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use utoipa::OpenApi;
    use vocabulary::dimensions::filter_names;

    /// Every operation of the document: method, path, and what is said of it.
    fn operations() -> Vec<(String, String, Value)> {
        let document = serde_json::to_value(openapi::ApiDocument::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap().iter();
        let operations = paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(|(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
        });
        operations.collect()
    }

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let described: BTreeSet<_> =
            operations().into_iter().map(|(method, path, _)| (method, path)).collect();
        let routed: BTreeSet<_> =
            routes().iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
        assert_eq!(described, routed);
    }

    /// The parameters that the handler of an operation knows.
    fn known_parameters(operation: &str) -> BTreeSet<&'static str> {
        let of_reports = || REPORTS.iter().map(|report| reports::request::known_parameters(report.kind));
        let known = match operation {
            "get_report" => of_reports().collect(),
            "list_visits" => vec![visits::list::PARAMETERS],
            "list_actions" => vec![visits::actions::PARAMETERS],
            "get_visitor" => vec![visits::visitor::PARAMETERS],
            "stream_actions" => vec![stream::PARAMETERS],
            "export_visits" => vec![export::PARAMETERS],
            "list_campaign_costs" => vec![campaign_costs::PARAMETERS],
            "list_annotations" => vec![annotations::PARAMETERS],
            _ => vec![KnownParameters::NONE],
        };
        let filters = filter_names().filter(|_| known.iter().any(|one| one.has_filters));
        known.iter().flat_map(|one| one.names).copied().chain(filters).collect()
    }

    #[test]
    fn the_document_lists_the_parameters_that_handlers_know_each_once() {
        for (_, _, operation) in operations() {
            let id = operation["operationId"].as_str().unwrap();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let listed: Vec<&str> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "query")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let distinct: BTreeSet<&str> = listed.iter().copied().collect();
            assert_eq!((distinct.len(), &distinct), (listed.len(), &known_parameters(id)), "{id}");
        }
    }

    #[test]
    fn the_guide_says_of_every_route_what_it_does() {
        let guide = include_str!("../../../assets/help/api.md");
        let section = guide.split_once("{#routes .step}").unwrap().1.split_once("\n## ").unwrap().0;
        let lines: Vec<&str> = section.lines().collect();
        let described = |route: &Route| {
            let term = format!("`{} {}`", route.method, route.path);
            let place = lines.iter().position(|line| *line == term);
            place.is_some_and(|place| lines.get(place + 1).is_some_and(|line| line.starts_with(": ")))
        };
        let missing: Vec<_> =
            routes().into_iter().filter(|route| !described(route)).map(|route| route.path).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(lines.iter().filter(|line| line.starts_with(": ")).count(), routes().len());
    }

    #[test]
    fn every_operation_has_an_id_of_its_own_its_security_and_its_problems() {
        let document = serde_json::to_value(openapi::ApiDocument::openapi()).unwrap();
        assert_eq!(document["security"].as_array().unwrap().len(), 2, "all need a token or a key");
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations() {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            assert!(!id.is_empty() && ids.insert(id), "{method} {path} needs an operation_id of its own");
            let is_open = operation["security"] == serde_json::json!([{}]);
            assert_eq!(is_open, path.ends_with("openapi.json"), "{method} {path}");
            let responses = operation["responses"].as_object().unwrap();
            let has_problems =
                responses.values().any(|one| one["content"].get("application/problem+json").is_some());
            assert!(has_problems, "{method} {path} needs its problems");
            assert!(operation["summary"].is_string(), "{method} {path} needs a summary");
            // Without a description of its own, it would be the comment for those who read the code.
            let description = operation["description"].as_str().unwrap_or_default();
            assert!(
                !description.is_empty() && !description.contains("# Errors"),
                "{method} {path}: {description}"
            );
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let mut names = BTreeSet::new();
            for parameter in parameters {
                assert!(
                    names.insert(parameter["name"].to_string()),
                    "{method} {path}: {parameter} is there twice"
                );
                assert!(parameter["description"].is_string(), "{method} {path}: {parameter}");
                assert!(
                    parameter["in"] != "path" || !parameter["example"].is_null(),
                    "{method} {path}: {parameter}"
                );
            }
        }
    }
}
