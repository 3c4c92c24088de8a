//! Filters that identify a person. Segments and the fixed filters of guest links stay when a visitor is erased, and may
//! contain the visitor's id, custom data or IP address. The person who erases is shown them and decides.

use super::dimension::{GroupKey, ValueKind};
use super::engine::predicate::single_visits::stored_forms;
use super::filter::{self, Filter};
use super::filter_value::parse_address;
use crate::error::Result;
use crate::limits;
use crate::model::address;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::store::visit_attribute::VisitAttribute;
use crate::store::{alerts, labels, links, segments};
use rusqlite::{Connection, OptionalExtension, named_params};
use std::collections::BTreeSet;

/// The owner of a stored filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterOwner {
    /// A segment shared with all users of the site.
    Everybody,
    /// A segment of the user with this name.
    One(String),
    /// A guest link.
    Link,
    /// An alert of the whole site, or of the user with this name.
    Alert(Option<String>),
}

/// A stored filter that identifies a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterReference {
    /// The owner of the filter.
    pub keeper: FilterOwner,
    /// The name of the segment or the link.
    pub name: String,
}

/// The data of the visitors that may occur in a filter.
struct Known<'a> {
    visitors: &'a [VisitorId],
    /// The custom data and hostnames.
    texts: BTreeSet<Text>,
    addresses: BTreeSet<String>,
}

/// A text of custom data or a hostname.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Text {
    whole: String,
    /// The text in lower case.
    small: String,
    /// True for a name given by pages, which identifies the visitor even if others have it too.
    is_name: bool,
}

/// Finds the filters of a site that identify one of these visitors. A text that other visitors have too, such as their
/// plan, identifies nobody unless it is a name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, visitors: &[VisitorId]) -> Result<Vec<FilterReference>> {
    let kept = list_stored(connection, site)?;
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let known = Known::load(connection, site, visitors)?;
    let mut found = Vec::new();
    for (mention, conditions) in kept {
        let conditions = filter::read(&conditions).unwrap_or_default();
        let mut is_named = false;
        for one in &conditions {
            is_named = is_named || known.is_in(connection, site, one)?;
        }
        if is_named {
            found.push(mention);
        }
    }
    Ok(found)
}

/// Lists all stored filters of a site, each with its text.
///
/// # Errors
/// Fails when the data file cannot be read.
pub(in crate::reports) fn list_stored(
    connection: &Connection,
    site: SiteId,
) -> Result<Vec<(FilterReference, String)>> {
    let of_segment = |(segment, owner): (segments::Segment, Option<String>)| {
        let keeper = owner.map_or(FilterOwner::Everybody, FilterOwner::One);
        (FilterReference { keeper, name: segment.name }, segment.conditions)
    };
    let mut kept: Vec<_> = segments::list_of_all(connection, site)?.into_iter().map(of_segment).collect();
    for link in links::list(connection, site)? {
        kept.extend(
            link.segment.map(|conditions| {
                (FilterReference { keeper: FilterOwner::Link, name: link.name }, conditions)
            }),
        );
    }
    for (alert, owner) in alerts::list_filtered(connection, site)? {
        let name = alert.settings.kind.title().to_owned();
        kept.push((FilterReference { keeper: FilterOwner::Alert(owner), name }, alert.settings.segment));
    }
    Ok(kept)
}

impl<'a> Known<'a> {
    fn load(connection: &Connection, site: SiteId, visitors: &'a [VisitorId]) -> Result<Self> {
        let mut known = Self { visitors, texts: BTreeSet::new(), addresses: BTreeSet::new() };
        let mut said = connection.prepare_cached(
            "select value.text, max(key.text in ('username', 'name', 'email'))
             from visits indexed by visits_by_visitor
             join custom on custom.site_id = visits.site_id and custom.visit_id = visits.id
             join labels as key on key.id = custom.key
             join labels as value on value.id = custom.value
             where visits.site_id = :site and visits.visitor_id = :visitor
             group by 1
             union
             select labels.text, false
             from visits indexed by visits_by_visitor
             join labels on labels.id = visits.hostname
             where visits.site_id = :site and visits.visitor_id = :visitor",
        )?;
        let mut came = connection.prepare_cached(
            "select distinct address from visits indexed by visits_by_visitor
             where site_id = :site and visitor_id = :visitor and address is not null",
        )?;
        for visitor in visitors {
            let bound = named_params! {":site": site.0, ":visitor": visitor.0};
            let texts = said.query_map(bound, |row| {
                let text: String = row.get(0)?;
                Ok(Text { small: text.to_lowercase(), whole: text, is_name: row.get(1)? })
            })?;
            for text in texts {
                known.texts.insert(text?);
            }
            for bytes in came.query_map(bound, |row| row.get::<_, Vec<u8>>(0))? {
                known.addresses.extend(address::read(&bytes?).map(|address| address.to_string()));
            }
        }
        Ok(known)
    }

    /// Returns true if a filter identifies one of the visitors.
    fn is_in(&self, connection: &Connection, site: SiteId, one: &Filter) -> Result<bool> {
        let is_number =
            |value: &String| VisitorId::parse(value).is_some_and(|id| self.visitors.contains(&id));
        if one.dimension.group_key == GroupKey::Property(VisitAttribute::Visitor) {
            return Ok(one.values.iter().any(is_number));
        }
        match one.dimension.value_kind {
            ValueKind::VisitId => return self.have_visit(connection, site, one),
            ValueKind::IpAddress => return Ok(one.values.iter().any(|value| self.came_from(value))),
            _ => {}
        }
        let values: Vec<String> = one.values.iter().map(|value| value.to_lowercase()).collect();
        if self.addresses.iter().any(|address| values.iter().any(|value| value.contains(address.as_str()))) {
            return Ok(true);
        }
        for known in &self.texts {
            let is_said = values.iter().any(|value| says(one, value, &known.small));
            if is_said && (known.is_name || self.alone_have(connection, site, &known.whole)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns true if one of the visits that a filter lists is theirs.
    fn have_visit(&self, connection: &Connection, site: SiteId, one: &Filter) -> Result<bool> {
        let mut statement = connection
            .prepare_cached("select visitor_id from visits where site_id = :site and id = :visit")?;
        for visit in one.values.iter().filter_map(|value| VisitId::parse(value.trim())) {
            let bound = named_params! {":site": site.0, ":visit": visit.0};
            let visitor: Option<i64> = statement.query_row(bound, |row| row.get(0)).optional()?;
            if visitor.is_some_and(|visitor| self.visitors.contains(&VisitorId(visitor))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns true if one of their visits has this IP address, full or shortened.
    fn came_from(&self, address: &str) -> bool {
        let Ok(typed) = parse_address(address) else { return false };
        let forms = stored_forms(typed).into_iter().filter_map(|bytes| address::read(&bytes));
        forms.map(|form| form.to_string()).any(|form| self.addresses.contains(&form))
    }

    /// Returns true if no other visitor has a text as custom data or hostname.
    fn alone_have(&self, connection: &Connection, site: SiteId, text: &str) -> Result<bool> {
        let Some(label) = labels::find(connection, text)? else { return Ok(true) };
        let mut statement = connection.prepare_cached(
            "select distinct visitor_id from visits
             where site_id = :site
               and (hostname = :label
                    or id in (select visit_id from custom where site_id = :site and value = :label))",
        )?;
        let mut rows = statement.query(named_params! {":site": site.0, ":label": label})?;
        while let Some(row) = rows.next()? {
            if !self.visitors.contains(&VisitorId(row.get(0)?)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Returns true if a filter's value, in lower case, matches a text or contains it.
fn says(one: &Filter, value: &str, text: &str) -> bool {
    let is_within = |part: &str, whole: &str| part.len() >= limits::NAMING_BYTES_MIN && whole.contains(part);
    if is_within(text, value) {
        return true;
    }
    if !matches!(one.dimension.group_key, GroupKey::Custom | GroupKey::Property(VisitAttribute::Hostname)) {
        return false;
    }
    let looked_for = value.split_once(": ").map_or(value, |(_, said)| said);
    looked_for == text || one.operator.is_partial() && is_within(looked_for, text)
}
