//! The sentence on what changed: visits as a whole, and the source and the page that changed most. Pure.

use crate::limits;
use crate::model::metrics::quotient;
use crate::model::number_text;

/// The change below which visits stayed about the same, in per cent.
const STEADY_PERCENT: i64 = 5;

/// An item whose occurrences changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedItem {
    /// The name of the item.
    pub name: String,
    /// The change.
    pub change: i64,
}

/// The items that changed most, as far as they may be seen: of each kind those that rose and fell most.
#[derive(Clone, Debug, Default)]
pub struct ChangedItems {
    /// The channels, in visits.
    pub channels: Vec<ChangedItem>,
    /// The sites whose links were followed, in visits.
    pub domains: Vec<ChangedItem>,
    /// The pages, in views.
    pub pages: Vec<ChangedItem>,
}

/// Returns the item with the largest change in a direction: above zero, or below.
fn largest(items: &[ChangedItem], is_up: bool) -> Option<&ChangedItem> {
    let counts = |item: &&ChangedItem| {
        (item.change > 0) == is_up && item.change.saturating_abs() >= limits::DIGEST_MOVER_MIN
    };
    items.iter().filter(counts).max_by_key(|item| item.change.saturating_abs())
}

impl ChangedItems {
    /// Returns the source that changed most in a direction: a single site if it makes up at least half of what its channel
    /// changed, the channel otherwise.
    fn source(&self, is_up: bool) -> Option<&ChangedItem> {
        let (channel, domain) = (largest(&self.channels, is_up), largest(&self.domains, is_up));
        let size = |item: Option<&ChangedItem>| item.map_or(0, |item| item.change.saturating_abs());
        if size(domain).saturating_mul(2) >= size(channel) { domain.or(channel) } else { channel }
    }
}

/// Returns the phrases for the source and the page that changed most in a direction.
fn phrases(items: &ChangedItems, is_up: bool) -> Vec<String> {
    let source = items
        .source(is_up)
        .map(|item| format!("from {} ({} visits)", item.name, number_text::signed(item.change)));
    let page = largest(&items.pages, is_up)
        .map(|item| format!("on the page {} ({} views)", item.name, number_text::signed(item.change)));
    source.into_iter().chain(page).collect()
}

/// Returns the sentence for the visits of a period and of the one compared, such as `the week before`. `None` if there
/// were no visits in the one compared.
pub fn sentence(now: i64, before: i64, compared: &str, items: &ChangedItems) -> Option<String> {
    if before <= 0 {
        return None;
    }
    let percent = quotient((now - before).saturating_mul(100), before);
    let is_up = now > before;
    if percent.abs() < STEADY_PERCENT {
        let largest = [true, false].into_iter().flat_map(|is_up| phrases(items, is_up).into_iter().take(1));
        let largest: Vec<String> = largest.collect();
        let others = if largest.is_empty() {
            String::new()
        } else {
            format!("; the largest changes are {}", largest.join(" and "))
        };
        return Some(format!("About as many visits as {compared}{others}."));
    }
    let verb = if is_up { "rose" } else { "fell" };
    let most = phrases(items, is_up);
    let most = if most.is_empty() { String::new() } else { format!(", most of all {}", most.join(" and ")) };
    let percent = number_text::grouped(percent.abs());
    Some(format!("Visits {verb} {percent}% compared with {compared}{most}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(list: &[(&str, i64)]) -> Vec<ChangedItem> {
        list.iter().map(|(name, change)| ChangedItem { name: (*name).into(), change: *change }).collect()
    }

    fn changed() -> ChangedItems {
        ChangedItems {
            channels: items(&[("Search engines", 120), ("Links", -30)]),
            domains: items(&[("news.example", 20), ("forum.example", -28)]),
            pages: items(&[("/pricing", 80), ("/blog", -12)]),
        }
    }

    #[test]
    fn the_sentence_names_the_source_and_the_page_that_changed_most_in_the_direction_of_the_whole() {
        assert_eq!(
            sentence(1_230, 1_000, "the week before", &changed()).unwrap(),
            "Visits rose 23% compared with the week before, most of all from Search engines (+120 visits) and on \
             the page /pricing (+80 views)."
        );
        assert_eq!(
            sentence(800, 1_000, "the week before", &changed()).unwrap(),
            "Visits fell 20% compared with the week before, most of all from forum.example (−28 visits) and on the \
             page /blog (−12 views)."
        );
    }

    #[test]
    fn visits_that_hardly_changed_are_said_to_be_as_many_with_what_changed_all_the_same() {
        assert_eq!(
            sentence(1_010, 1_000, "the month before", &changed()).unwrap(),
            "About as many visits as the month before; the largest changes are from Search engines (+120 visits) and \
             from forum.example (−28 visits)."
        );
        let nothing = ChangedItems::default();
        assert_eq!(
            sentence(1_000, 1_000, "the week before", &nothing).unwrap(),
            "About as many visits as the week before."
        );
    }

    #[test]
    fn what_changed_by_a_few_is_no_cause_and_without_earlier_visits_nothing_changed() {
        let few =
            ChangedItems { pages: items(&[("/a", limits::DIGEST_MOVER_MIN - 1)]), ..ChangedItems::default() };
        assert_eq!(
            sentence(20, 10, "the week before", &few).unwrap(),
            "Visits rose 100% compared with the week before."
        );
        assert_eq!(sentence(20, 0, "the week before", &few), None);
    }
}
