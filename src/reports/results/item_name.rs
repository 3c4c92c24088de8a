//! Names of items: displayed texts, URLs, icons, and values for filters.

use crate::model::channel::Channel;
use crate::model::device_type::DeviceType;
use crate::reports::columns::DictKey;
use crate::reports::dimension::{SECOND_STEPS, bucket_range};
use crate::reports::filter::UNKNOWN;
use crate::reports::search::SearchMatcher;

/// The icon of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Icon {
    /// No icon.
    None,
    /// A country's flag, by its code of two letters.
    Flag(String),
    /// The icon of a channel.
    Channel(Channel),
    /// The icon of a device type.
    DeviceType(DeviceType),
}

/// The name of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemName {
    /// The displayed text.
    pub title: String,
    /// The subtitle: the title of a page, the URL of an event.
    pub subtitle: Option<String>,
    /// The item's URL, if it has one.
    pub address: Option<String>,
    /// True for the address of a page that is not on the site's own domain.
    pub is_elsewhere: bool,
    /// The icon before the title.
    pub icon: Icon,
    /// The item's value in a filter.
    pub filter: String,
}

impl ItemName {
    /// Returns true if a search finds the item: in a part of its texts, or exactly by its title, value or address.
    pub(in crate::reports) fn is_found_by(&self, search: &SearchMatcher) -> bool {
        // The subtitle of an address is the page's title. That of another item is what many have, such as a country.
        let subtitle = self.subtitle.as_ref().filter(|_| !search.is_exact() || self.address.is_some());
        let value = Some(&self.filter).filter(|_| search.is_exact());
        [Some(&self.title), subtitle, value].into_iter().flatten().any(|text| search.finds(text))
            || self.address.as_ref().is_some_and(|address| search.finds_address(address, self.is_elsewhere))
    }
}

/// The name of all removed goals together, which the totals of pruned days contain still.
pub(in crate::reports) const REMOVED_GOALS: &str = "(removed goals)";
/// The key of all removed goals together.
pub(in crate::reports) const REMOVED_GOALS_KEY: DictKey = 0;

/// Returns the name of an unknown value.
pub(in crate::reports) fn unknown() -> ItemName {
    ItemName {
        title: "Unknown".into(),
        subtitle: None,
        address: None,
        is_elsewhere: false,
        icon: Icon::None,
        filter: UNKNOWN.into(),
    }
}

/// Returns the index of a step.
pub(in crate::reports) fn place(key: DictKey) -> usize {
    usize::try_from(key).unwrap_or(0)
}

/// Returns the name of a step of a number.
pub(in crate::reports) fn bucket_name(steps: &[u32], key: DictKey, title: String) -> ItemName {
    let (first, last) = bucket_range(steps, place(key));
    let filter = match last {
        Some(last) if last == first => first.to_string(),
        Some(last) => format!("{first}-{last}"),
        None => format!("{first}-"),
    };
    ItemName { title, subtitle: None, address: None, is_elsewhere: false, icon: Icon::None, filter }
}

/// Returns the title of a step of action counts.
pub(in crate::reports) fn action_words(first: u32, last: Option<u32>) -> String {
    match last {
        Some(1) => "1 action".into(),
        Some(last) if last == first => format!("{first} actions"),
        Some(last) => format!("{first} to {last} actions"),
        None => format!("{first} actions or more"),
    }
}

/// The names of the steps of [`SECOND_STEPS`].
pub(in crate::reports) const TIME_WORDS: [&str; 8] = [
    "under 10 seconds",
    "10 to 30 seconds",
    "30 to 60 seconds",
    "1 to 3 minutes",
    "3 to 10 minutes",
    "10 to 30 minutes",
    "30 to 60 minutes",
    "1 hour or longer",
];

/// Returns the name of a range of seconds that is one of [`SECOND_STEPS`].
pub fn range_words(range: &str) -> Option<&'static str> {
    let wanted = crate::reports::filter_value::parse_range(range).ok()?;
    let is_meant = |place: &usize| {
        let (first, last) = bucket_range(&SECOND_STEPS, *place);
        (first, last.unwrap_or(u32::MAX)) == wanted
    };
    (0..SECOND_STEPS.len()).find(is_meant).and_then(|place| TIME_WORDS.get(place).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_as_a_person_would_say_them() {
        for (first, last, words) in [
            (0, Some(0), "0 actions"),
            (1, Some(1), "1 action"),
            (7, Some(10), "7 to 10 actions"),
            (21, None, "21 actions or more"),
        ] {
            assert_eq!(action_words(first, last), words);
        }
        let filters: Vec<String> =
            (0..8).map(|key| bucket_name(&SECOND_STEPS, key, String::new()).filter).collect();
        assert_eq!(filters[..3], ["0-9", "10-29", "30-59"]);
        assert_eq!(filters[7], "3600-");
    }
}
