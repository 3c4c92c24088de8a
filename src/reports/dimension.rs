//! Dimensions: the values by which visits and actions are grouped, how these are displayed, and the name of the filter.

use crate::ingest::hit::ActionKind;
use crate::ingest::locale_names::primary;
use crate::store::visit_attribute::VisitAttribute;

/// A grouping of visits or actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKey {
    /// Visits by an attribute that has a column of the day.
    Property(VisitAttribute),
    /// Actions of a kind by their URL, events and media by their title.
    Actions(ActionKind),
    /// Visits by a key and value of custom data.
    Custom,
    /// Conversions by the goal that was reached.
    Goal,
    /// Visits by the version of a split test.
    Split,
    /// Views of pages that were not found, by the page.
    NotFound,
    /// Views of pages that were not found, by the page and the address that led there.
    BrokenLink,
    /// Visits by their number of actions.
    ActionCount,
    /// Visits by their duration.
    TimeOnSite,
    /// Single visits, which can be filtered but not counted.
    Visit,
}

/// The kind of a dimension's values, which decides how they are displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// A text, shown as it is.
    Text,
    /// A URL of the site, shown by its path.
    Page,
    /// A URL of another site.
    Address,
    /// A product without its version: all versions of a browser are one item.
    Family,
    /// The host of a URL: all pages of a host are one item.
    Host,
    /// The primary language of a tag: all its countries are one item.
    Language,
    /// A country, shown by its name.
    Country,
    /// A region or city of a country.
    Place,
    /// A channel.
    Channel,
    /// A device type.
    DeviceType,
    /// A visitor.
    Visitor,
    /// A page that was not found, and the page whose link led there.
    BrokenLink,
    /// A key and value of custom data.
    Pair,
    /// A range of action counts.
    ActionCount,
    /// A range of durations.
    TimeOnSite,
    /// The id of a visit.
    VisitId,
    /// An IP address.
    IpAddress,
    /// A goal that a visit reached.
    Goal,
    /// A step of a funnel that a visit took.
    FunnelStep,
}

/// A dimension, by which a report groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The grouping.
    pub group_key: GroupKey,
    /// The kind of its values.
    pub value_kind: ValueKind,
    /// The name of its filter in URLs, from Clicky's filter grammar where that has one.
    pub filter: &'static str,
    /// The word for one value, for display.
    pub noun: &'static str,
    /// True if visits without a value are shown as unknown.
    pub shows_unknown: bool,
}

impl Dimension {
    /// Creates a dimension of a visit property; visits without a value are not shown.
    pub const fn property(
        property: VisitAttribute,
        value_kind: ValueKind,
        filter: &'static str,
        noun: &'static str,
    ) -> Self {
        Self { group_key: GroupKey::Property(property), value_kind, filter, noun, shows_unknown: false }
    }

    /// Creates a dimension of a visit property; visits without a value are shown as unknown.
    pub const fn always(
        property: VisitAttribute,
        value_kind: ValueKind,
        filter: &'static str,
        noun: &'static str,
    ) -> Self {
        Self { group_key: GroupKey::Property(property), value_kind, filter, noun, shows_unknown: true }
    }

    /// Creates a dimension of the actions of one kind.
    pub const fn actions(
        kind: ActionKind,
        value_kind: ValueKind,
        filter: &'static str,
        noun: &'static str,
    ) -> Self {
        Self { group_key: GroupKey::Actions(kind), value_kind, filter, noun, shows_unknown: false }
    }

    /// Returns true if one item comprises several keys.
    pub fn folds(&self) -> bool {
        matches!(self.value_kind, ValueKind::Family | ValueKind::Host | ValueKind::Language)
    }

    /// Returns true if the items are pages whose reading is measured.
    pub fn is_read(&self) -> bool {
        self.group_key == GroupKey::Actions(ActionKind::PageView) && self.value_kind == ValueKind::Page
    }

    /// Returns true if an item's occurrences differ from its visits.
    pub fn counts_actions(&self) -> bool {
        matches!(
            self.group_key,
            GroupKey::Actions(_) | GroupKey::Goal | GroupKey::NotFound | GroupKey::BrokenLink
        )
    }
}

/// The lower bounds of the steps of action counts.
pub const ACTION_STEPS: [u32; 8] = [0, 1, 2, 3, 4, 7, 11, 21];
/// The lower bounds of the steps of seconds on the site.
pub const SECOND_STEPS: [u32; 8] = [0, 10, 30, 60, 180, 600, 1_800, 3_600];

fn bucket(steps: &[u32], value: u32) -> u32 {
    let above = steps.iter().take_while(|step| **step <= value).count();
    u32::try_from(above.saturating_sub(1)).unwrap_or(0)
}

/// Returns the index in [`ACTION_STEPS`] of the step of an action count.
pub fn bucket_of_actions(actions: u32) -> u32 {
    bucket(&ACTION_STEPS, actions)
}

/// Returns the index in [`SECOND_STEPS`] of the step of a duration.
pub fn bucket_of_seconds(seconds: u32) -> u32 {
    bucket(&SECOND_STEPS, seconds)
}

/// Returns the first and the last value of a step; `None` for the last step, which is open.
pub fn bucket_range(steps: &[u32], place: usize) -> (u32, Option<u32>) {
    let first = steps.get(place).copied().unwrap_or(0);
    (first, steps.get(place + 1).map(|next| next - 1))
}

/// Strips the version from a product name: `Windows` for `Windows 11`.
pub fn family(text: &str) -> &str {
    match text.rsplit_once(' ') {
        Some((family, version)) if version.starts_with(|first: char| first.is_ascii_digit()) => family,
        _ => text,
    }
}

/// Returns the common part of items that share a line: a product without its version, a host, a primary language.
pub fn fold(value_kind: ValueKind, text: Option<&str>) -> String {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return String::new() };
    match value_kind {
        ValueKind::Family => family(text).to_owned(),
        ValueKind::Host => host(text),
        _ => primary(text).to_owned(),
    }
}

/// Returns the host of a URL, with its port if the URL has one.
pub fn host(address: &str) -> String {
    url::Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(|host| (host.to_owned(), url.port())))
        .map_or_else(
            || address.to_owned(),
            |(host, port)| match port {
                Some(port) => format!("{host}:{port}"),
                None => host,
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_hosts_and_countries_are_folded() {
        for (value_kind, text, folded) in [
            (ValueKind::Family, "Firefox 145", "Firefox"),
            (ValueKind::Family, "Mac OS X 10.15", "Mac OS X"),
            (ValueKind::Family, "Ubuntu", "Ubuntu"),
            (ValueKind::Host, "https://shop.bakery.example:8443/a?b", "shop.bakery.example:8443"),
            (ValueKind::Host, "mailto:x", "mailto:x"),
            (ValueKind::Language, "de-at", "de"),
        ] {
            assert_eq!(fold(value_kind, Some(text)), folded);
        }
        assert_eq!(fold(ValueKind::Family, None), "");
    }
}
