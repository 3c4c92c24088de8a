//! Random filters with every operator, and the same in plain SQL.

use super::super::catalogue;
use super::super::dimension::{Dimension, GroupKey, ValueKind};
use super::super::filter::{Filter, Operator, UNKNOWN, is_number};
use super::super::filter_value::parse_range;
use super::sql::expression;
use crate::ingest::hit::ActionKind;
use crate::model::channel::Channel;
use crate::model::device_type::DeviceType;
use crate::model::page_form;
use crate::store::visit_attribute::VisitAttribute;
use proptest::prelude::*;
use strum::IntoEnumIterator;

const FILTERS: [&str; 39] = [
    "goal",
    "href",
    "landing",
    "exit",
    "download",
    "event",
    "video",
    "host",
    "outbound",
    "link",
    "domain",
    "search",
    "engine",
    "campaign",
    "campaign-source",
    "source",
    "country",
    "region",
    "city",
    "language",
    "browser",
    "browser-version",
    "os",
    "hardware",
    "resolution",
    "org",
    "actions",
    "time",
    "uid",
    "custom",
    "split",
    "hostname",
    "ip_address",
    "first-source",
    "first-domain",
    "first-campaign",
    "last-source",
    "last-domain",
    "last-campaign",
];
/// The values of text filters: whole names, parts of them, capitals, texts that no visit has, and the unknown value.
const TEXTS: [&str; 33] = [
    "DE",
    "de",
    "FR",
    "Germany",
    "fra",
    "Firefox",
    "Firefox 1",
    "firefox",
    "1",
    "https://a.example/x",
    "http://www.a.example:8001/x",
    "www.a.example",
    "http://",
    "www.",
    "www.s",
    ":80",
    "http://www.shop.example:8080/x",
    "www.shop.example/",
    "shop.example:8080",
    "/x",
    "/",
    "a.example",
    "EXAMPLE",
    "b.",
    "https://b.example/",
    "DE, FR",
    "DE, Germany",
    "FR: DE",
    "Search",
    "Searches",
    "phone",
    "nobody",
    UNKNOWN,
];
/// The values with a whole host in them, each with the beginning of the forms of its pages.
const WHOLE_HOSTS: [(&str, &str); 7] = [
    ("https://a.example/x", "https://a.example/x"),
    ("http://www.a.example:8001/x", "https://a.example/x"),
    // The domain of the site.
    ("www.a.example", "https://a.example/"),
    ("https://b.example/", "https://b.example/"),
    ("http://www.shop.example:8080/x", "https://shop.example/x"),
    ("www.shop.example/", "https://shop.example/"),
    ("shop.example:8080", "https://shop.example/"),
];
/// The values that are a host alone.
const HOSTS_ALONE: [&str; 2] = ["www.a.example", "shop.example:8080"];
/// The IP addresses of filters: those of visitors, an absent one of the same network, and the unknown value.
const ADDRESSES: [&str; 6] =
    ["198.51.100.0", "198.51.100.1", "198.51.100.77", "203.0.113.2", "2001:db8::1", UNKNOWN];
const NUMBERS: [&str; 8] = ["0", "1", "2", "2-3", "1-", "0-29", "30-", "60-3599"];

/// Values of filters by goal, each with the code of the goal that it names: by code, name and id, all of them, one that was
/// removed, and one that never was.
const GOALS: [(&str, Option<&str>); 8] = [
    ("order", Some("order")),
    ("Order placed", Some("order")),
    ("1", Some("order")),
    ("signup", Some("signup")),
    ("Called us", Some("call")),
    ("*", Some("*")),
    ("gone", None),
    ("nobody", None),
];

fn value(dimension: &Dimension) -> BoxedStrategy<String> {
    if dimension.value_kind == ValueKind::Goal {
        return prop::sample::select(GOALS.to_vec()).prop_map(|(value, _)| value.to_owned()).boxed();
    }
    if is_number(dimension) {
        return prop::sample::select(NUMBERS.to_vec()).prop_map(str::to_owned).boxed();
    }
    if dimension.value_kind == ValueKind::IpAddress {
        return prop::sample::select(ADDRESSES.to_vec()).prop_map(str::to_owned).boxed();
    }
    if dimension.value_kind == ValueKind::Visitor {
        return (1..7_i64).prop_map(|visitor| visitor.to_string()).boxed();
    }
    prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned).boxed()
}

/// Returns a strategy for valid filters.
pub fn condition() -> impl Strategy<Value = Filter> {
    let parts =
        (prop::sample::select(FILTERS.to_vec()), prop::sample::select(Operator::iter().collect::<Vec<_>>()));
    parts.prop_flat_map(|(filter, operator)| {
        let dimension = catalogue::dimension_of_filter(filter).unwrap();
        let operator = if operator.suits(dimension) { operator } else { Operator::IsNot };
        let count = if operator == Operator::OneOf { 1..4 } else { 1..2 };
        prop::collection::vec(value(dimension), count)
            .prop_map(move |values| Filter::new(dimension, operator, values).unwrap())
    })
}

/// Returns the SQL condition of several filters.
pub fn all(filter: &[Filter]) -> String {
    let conditions: Vec<String> = filter.iter().map(one).collect();
    if conditions.is_empty() { "true".into() } else { conditions.join(" and ") }
}

/// The values as they are, whole ones also in the form that stands for pages, and the host of each address among hosts: somebody
/// who copies an address means that.
fn values(filter: &Filter) -> Vec<String> {
    let dimension = filter.dimension;
    let names_hosts = dimension.value_kind == ValueKind::Host
        || matches!(dimension.group_key, GroupKey::Property(property) if property.untouched() == VisitAttribute::LinkDomain);
    let mut values = filter.values.clone();
    let is_partial = filter.operator.is_partial();
    let is_file = matches!(dimension.group_key, GroupKey::Actions(ActionKind::Event | ActionKind::Media));
    for value in &filter.values {
        let host = value.split_once("://").and_then(|(_, rest)| rest.split('/').next());
        let host = host.filter(|host| !host.is_empty());
        if names_hosts {
            let bare = |host: &str| host.trim_start_matches("www.").split(':').next().unwrap().to_owned();
            values.extend(host.map(bare));
        }
        match dimension.value_kind {
            ValueKind::Page | ValueKind::Host if is_partial => {}
            ValueKind::Page if value != UNKNOWN => values.push(page_form::page_form(value).into_owned()),
            ValueKind::Text if is_file && !is_partial && value != UNKNOWN => {
                values.push(page_form::own_form(value, "a.example").into_owned());
            }
            ValueKind::Host => {
                let host = host.unwrap_or(value);
                values.extend(page_form::host(&format!("https://{host}/")).map(str::to_owned));
            }
            _ => {}
        }
    }
    values
}

/// Returns true for the name of a goal that was removed or never was.
fn is_gone(value: &str) -> bool {
    GOALS.iter().any(|(known, code)| *known == value && code.is_none())
}

fn one(filter: &Filter) -> String {
    let values = values(filter);
    let any = |test: &dyn Fn(&str) -> String| {
        let tests: Vec<String> =
            values.iter().map(|value| format!("coalesce({}, false)", test(value))).collect();
        tests.join(" or ")
    };
    let between = |column: &'static str| {
        move |value: &str| {
            let (least, most) = parse_range(value).unwrap();
            format!("{column} between {least} and {most}")
        }
    };
    let holds = match filter.dimension.group_key {
        GroupKey::ActionCount => any(&between("actions")),
        GroupKey::TimeOnSite => any(&between("stay / 1000")),
        GroupKey::Visit if filter.dimension.value_kind == ValueKind::VisitId => {
            any(&|value| format!("visits.id = {value}"))
        }
        GroupKey::Visit => any(&came_from),
        GroupKey::Property(property) => any(&|value| visit_has(filter, property, value)),
        GroupKey::Actions(kind) => {
            let item = match kind {
                ActionKind::Event | ActionKind::Media => "coalesce(title, page, 0)",
                _ => "coalesce(page, 0)",
            };
            let test = any(&|value| label_fits(filter, item, value));
            format!("visits.id in (select visit_id from acts where kind = {} and ({test}))", kind.code())
        }
        // Nobody is found without a goal that is gone.
        GroupKey::Goal
            if filter.operator.is_negated() && filter.values.iter().any(|value| is_gone(value)) =>
        {
            return "(false)".into();
        }
        GroupKey::Goal => {
            let test = any(&|value| {
                let code = GOALS.iter().find(|(known, _)| *known == value).and_then(|(_, code)| *code);
                let code = quoted(code.unwrap_or_default());
                format!("{code} = '*' or goal = (select id from goals where code = {code})")
            });
            format!("visits.id in (select visit_id from reached where {test})")
        }
        GroupKey::Custom => {
            let test = any(&|value| pair_fits(filter.operator, value));
            format!("visits.id in (select visit_id from custom where {test})")
        }
        GroupKey::Split => {
            let test = any(&|value| pair_fits(filter.operator, value));
            let pairs = "(select visit_id, test as key, version as value from splits) as custom";
            format!("visits.id in (select visit_id from {pairs} where {test})")
        }
        GroupKey::NotFound | GroupKey::BrokenLink => {
            unreachable!("the questions have no filter on these")
        }
    };
    if filter.operator.is_negated() { format!("not ({holds})") } else { format!("({holds})") }
}

/// Returns the SQL condition for an address, which is stored whole or without its last part.
fn came_from(value: &str) -> String {
    match value {
        UNKNOWN => "address is null".into(),
        "198.51.100.0" => "address = x'c6336400'".into(),
        "198.51.100.1" => "address in (x'c6336401', x'c6336400')".into(),
        "198.51.100.77" => "address in (x'c633644d', x'c6336400')".into(),
        "203.0.113.2" => "address in (x'cb007102', x'cb007100')".into(),
        _ => "address in (x'20010db8000000000000000000000001', x'20010db8000000000000000000000000')".into(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn text(label: &str) -> String {
    format!("(select text from labels where id = {label})")
}

/// Returns the SQL condition for one of these names, ignoring case.
fn fits(operator: Operator, names: &[String], value: &str) -> String {
    let value = quoted(&value.to_lowercase());
    let tests: Vec<String> = names
        .iter()
        .map(|name| match operator {
            Operator::Is | Operator::IsNot | Operator::OneOf => format!("lower({name}) = {value}"),
            Operator::Contains | Operator::Lacks => format!("instr(lower({name}), {value}) > 0"),
            Operator::Starts => format!("substr(lower({name}), 1, length({value})) = {value}"),
        })
        .map(|test| format!("coalesce({test}, false)"))
        .collect();
    format!("({})", tests.join(" or "))
}

fn country(text: &str) -> String {
    format!("case {text} when 'DE' then 'Germany' when 'FR' then 'France' else {text} end")
}

fn visit_has(filter: &Filter, property: VisitAttribute, value: &str) -> String {
    let operator = filter.operator;
    let is_unknown = !operator.is_partial() && value == UNKNOWN;
    match filter.dimension.value_kind {
        ValueKind::Visitor => format!("visitor_id = {value}"),
        _ if is_unknown => format!("{} = 0", expression(property)),
        ValueKind::Channel => {
            let titles = Channel::iter()
                .map(|channel| format!("when {} then {}", channel.code(), quoted(channel.title())));
            fits(
                operator,
                &[format!(
                    "case {} {} else 'Direct' end",
                    expression(property),
                    titles.collect::<Vec<_>>().join(" ")
                )],
                value,
            )
        }
        ValueKind::DeviceType => {
            let names =
                DeviceType::iter().map(|one| format!("when {} then {}", one.code(), quoted(one.name())));
            fits(
                operator,
                &[format!("case device_type {} else 'Other' end", names.collect::<Vec<_>>().join(" "))],
                value,
            )
        }
        ValueKind::Place => {
            let place = text(if property == VisitAttribute::Region { "region" } else { "city" });
            let code = format!("coalesce({}, '')", text("country"));
            let full = format!("{place} || ', ' || {code}");
            let named = format!("{place} || ', ' || {}", country(&code));
            if operator.is_partial() {
                return fits(operator, &[place], value);
            }
            fits(operator, &[place, full, named], value)
        }
        _ => label_fits(filter, &expression(property), value),
    }
}

/// Returns the SQL condition that the text of a label, or an older spelling of it, fits.
fn label_fits(filter: &Filter, label: &str, value: &str) -> String {
    let operator = filter.operator;
    if !operator.is_partial() && value == UNKNOWN {
        return format!("({label}) = 0");
    }
    let form = text(&format!("({label})"));
    let fits = text_fits(filter, &form, value);
    let GroupKey::Actions(ActionKind::Download | ActionKind::Event | ActionKind::Media) =
        filter.dimension.group_key
    else {
        return match filter.dimension.value_kind {
            ValueKind::Page | ValueKind::Host if operator.is_partial() => {
                format!("({fits} or {})", spelling_fits(filter, label, &form, value))
            }
            _ => fits,
        };
    };
    if !operator.is_partial() {
        return fits;
    }
    format!(
        "({fits} or {form} glob 'https://a.example/*' and {})",
        spelling_fits(filter, label, &form, value)
    )
}

/// Returns the SQL condition that a text with this form matches, or that the form is at a whole host in the value.
fn spelling_fits(filter: &Filter, label: &str, form: &str, value: &str) -> String {
    let older = text_fits(filter, &text("older.label"), value);
    let has_older =
        format!("exists (select 1 from page_forms as older where older.form = ({label}) and {older})");
    let is_meant = match filter.dimension.value_kind {
        ValueKind::Page => true,
        ValueKind::Host => HOSTS_ALONE.contains(&value),
        _ => false,
    };
    match WHOLE_HOSTS.iter().find(|(whole, _)| is_meant && *whole == value) {
        Some((_, begins)) => {
            format!("({has_older} or substr({form}, 1, {}) = {})", begins.len(), quoted(begins))
        }
        None => has_older,
    }
}

/// Returns the SQL condition that a text matches.
fn text_fits(filter: &Filter, text: &str, value: &str) -> String {
    let (operator, text) = (filter.operator, text.to_owned());
    let rest = format!("substr({text}, instr({text}, '://') + 3)");
    let host = format!("substr({rest}, 1, instr({rest}, '/') - 1)");
    let is_address = format!("instr({text}, '://') > 0");
    match filter.dimension.value_kind {
        ValueKind::Page if !operator.is_partial() && value.starts_with('/') => {
            let starts = ["https://", "http://", "https://www.", "http://www.", ""];
            let known = starts.map(|start| match start {
                "" => quoted(value),
                start => quoted(&format!("{start}a.example{value}")),
            });
            format!("{text} in ({})", known.join(", "))
        }
        ValueKind::Page | ValueKind::Address if operator == Operator::Starts => {
            let path = format!("case when {is_address} then substr({rest}, instr({rest}, '/')) end");
            let bare = format!("case when {is_address} then {rest} end");
            let without_www = format!("case when {rest} glob 'www.*' then substr({rest}, 5) end");
            fits(operator, &[text, path, bare, without_www], value)
        }
        ValueKind::Text | ValueKind::Page | ValueKind::Address => exact_or_fits(operator, &[text], value),
        ValueKind::Family => {
            let family = format!("case when {text} like 'Firefox %' then 'Firefox' else {text} end");
            fits(operator, &[family], value)
        }
        ValueKind::Host => {
            fits(operator, &[format!("case when {is_address} then {host} else {text} end")], value)
        }
        ValueKind::Country if operator.is_partial() => fits(operator, &[country(&text)], value),
        ValueKind::Country => fits(operator, &[country(&text), text], value),
        _ => fits(operator, &[text], value),
    }
}

/// Returns the SQL condition for names: whole names are compared exactly, parts of them ignoring case.
fn exact_or_fits(operator: Operator, names: &[String], value: &str) -> String {
    if operator.is_partial() {
        return fits(operator, names, value);
    }
    let tests: Vec<String> = names.iter().map(|name| format!("{name} = {}", quoted(value))).collect();
    format!("({})", tests.join(" or "))
}

fn pair_fits(operator: Operator, value: &str) -> String {
    let (key, said) = (text("key"), text("value"));
    if operator.is_partial() {
        return fits(operator, &[said.clone(), format!("{key} || ': ' || {said}")], value);
    }
    match value.split_once(": ") {
        Some((wanted_key, filter)) => {
            format!("{key} = {} and {said} = {}", quoted(wanted_key), quoted(filter))
        }
        None => format!("{key} = {}", quoted(value)),
    }
}
