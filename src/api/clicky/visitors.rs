//! The items of `visitors-list` and `actions-list`.

use super::addresses::SiteAddresses;
use super::reply::{Item, Value};
use super::words;
use crate::ingest::country_name;
use crate::ingest::hit::ActionKind;
use crate::ingest::locale_names::language_family;
use crate::model::clock::Zone;
use crate::model::currency::Currency;
use crate::model::page_form::is_on;
use crate::reports::visits::listed::{ListedAction, ListedVisit};
use crate::reports::visits::visit::{ReachedGoal, Visit, VisitorHistory};
use crate::store::visit_attribute::VisitAttribute;

/// A writer of the items of single visits.
pub struct VisitItems<'a> {
    /// The time zone of the site.
    pub zone: &'a Zone,
    /// The currency of the site.
    pub currency: Currency,
    /// The addresses of the site.
    pub addresses: &'a SiteAddresses,
    /// The fields asked for; empty for the usual ones.
    pub details: &'a [String],
}

impl VisitItems<'_> {
    /// Returns the item of a visit: with all fields, or those asked for.
    pub fn visit(&self, listed: &ListedVisit) -> Item {
        let item = self.all_of(listed);
        if self.details.is_empty() { item } else { item.only(|field| self.wants(field)) }
    }

    /// Returns the item of an action, with the fields of its visit that were asked for.
    pub fn action(&self, listed: &ListedAction) -> Item {
        let (visit, action) = (&listed.visit.visit, &listed.action);
        let is_own = action.page.as_deref().is_some_and(|page| is_on(page, &self.addresses.domain));
        let url = action.page.as_deref().map(|page| {
            let opens = is_own || action.kind == ActionKind::PageView;
            if opens { self.addresses.page(page) } else { page.to_owned() }
        });
        let mut item = Item::new()
            .text("time", action.at.seconds().to_string())
            .text("time_pretty", words::moment(self.zone, action.at))
            .text("ip_address", address(visit))
            .text("uid", visit.visitor.to_string())
            .text("session_id", visit.id.to_string())
            .text("action_type", words::action_type(action.kind))
            .text("action_title", action.title.clone().unwrap_or_default())
            .text("action_url", url.unwrap_or_default())
            .text("stats_url", self.addresses.visit(visit.id));
        if listed.is_landing {
            item = with_referrer(item, visit);
        }
        item = item.value("custom", custom(&listed.visit.custom));
        if self.details.is_empty() {
            return item;
        }
        item.adding(self.all_of(&listed.visit).only(|field| self.wants(field)))
    }

    fn wants(&self, field: &str) -> bool {
        self.details.iter().any(|detail| detail == field)
    }

    fn all_of(&self, listed: &ListedVisit) -> Item {
        let ListedVisit { visit, custom: pairs, history, .. } = listed;
        let attributes = &visit.attributes;
        let text = |attribute| attributes.text(attribute).unwrap_or_default().to_owned();
        let country = attributes.text(VisitAttribute::Country);
        let degrees = |degrees: Option<f64>| degrees.map(|degrees| degrees.to_string()).unwrap_or_default();
        let landing = attributes.text(VisitAttribute::Landing).map(|page| self.addresses.page(page));
        let language = attributes.text(VisitAttribute::Language).map(|tag| language_family(tag).to_owned());
        let channel = attributes.channel.map(words::referrer_type);
        let item = Item::new()
            .text("time", visit.id.began().seconds().to_string())
            .text("time_pretty", words::moment(self.zone, visit.id.began()))
            .text("time_total", visit.seconds.to_string())
            .text("ip_address", address(visit))
            .text("uid", visit.visitor.to_string())
            .text("session_id", visit.id.to_string())
            .text("actions", visit.actions.to_string())
            .text("total_visits", history.map_or_else(String::new, |history| history.visits.to_string()))
            .value(
                "first_visit",
                history.map_or_else(|| Value::Object(Vec::new()), |history| first_visit(&history)),
            )
            .text("landing_page", landing.unwrap_or_default())
            .text("web_browser", text(VisitAttribute::Browser))
            .text("operating_system", text(VisitAttribute::System))
            .text("screen_resolution", text(VisitAttribute::Screen))
            .text("javascript", if visit.has_javascript { "1" } else { "0" })
            .text("language", language.unwrap_or_default())
            .text("referrer_type", channel.unwrap_or_default());
        with_referrer(item, visit)
            .text("campaign", text(VisitAttribute::Campaign))
            .text("geolocation", geolocation(visit))
            .text("country_code", country.unwrap_or_default().to_lowercase())
            .text("latitude", degrees(attributes.place.map(|(north, _)| north)))
            .text("longitude", degrees(attributes.place.map(|(_, east)| east)))
            .text("hostname", text(VisitAttribute::Hostname))
            .text("organization", text(VisitAttribute::Organization))
            .value("custom", custom(pairs))
            .value("goals", goals(&visit.goals, self.currency))
            .text("stats_url", self.addresses.visit(visit.id))
    }
}

fn address(visit: &Visit) -> String {
    visit.address.map(|address| address.to_string()).unwrap_or_default()
}

fn first_visit(history: &VisitorHistory) -> Value {
    Value::Object(vec![
        ("time".into(), Value::Text(history.first.began().seconds().to_string())),
        ("session_id".into(), Value::Text(history.first.to_string())),
    ])
}

fn custom(pairs: &[(String, String)]) -> Value {
    Value::Object(pairs.iter().map(|(key, value)| (key.clone(), Value::Text(value.clone()))).collect())
}

/// Returns the goals that a visit reached, each once, and their revenue.
fn goals(reached: &[ReachedGoal], currency: Currency) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for goal in reached {
        if !names.contains(&goal.name.as_str()) {
            names.push(&goal.name);
        }
    }
    if names.is_empty() {
        return Value::Object(Vec::new());
    }
    let completed = Value::List(names.into_iter().map(|name| Value::Text(name.into())).collect());
    let mut found = vec![("completed".into(), completed)];
    let revenue = reached.iter().filter_map(|goal| goal.revenue).reduce(i64::saturating_add);
    found.extend(revenue.map(|revenue| ("revenue".into(), Value::Text(currency.plain(revenue)))));
    Value::Object(found)
}

/// Adds where a visit came from.
fn with_referrer(item: Item, visit: &Visit) -> Item {
    let text = |attribute| visit.attributes.text(attribute).unwrap_or_default().to_owned();
    item.text("referrer_url", text(VisitAttribute::Link))
        .text("referrer_domain", text(VisitAttribute::LinkDomain))
        .text("referrer_search", text(VisitAttribute::Terms))
}

/// Returns city, region and country of a visit, as far as they are known.
fn geolocation(visit: &Visit) -> String {
    let attributes = &visit.attributes;
    let country = attributes
        .text(VisitAttribute::Country)
        .map(|code| if code == "US" { "USA" } else { country_name(code) });
    let parts = [attributes.text(VisitAttribute::City), attributes.text(VisitAttribute::Region), country];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
