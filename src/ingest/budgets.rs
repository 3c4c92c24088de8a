//! Daily budgets of new texts: for each kind one for the whole site, and a share of it for each network, so that no
//! stranger uses up the budget of all visitors. Programs with the admin key and imports have budgets of their own. A
//! kind has a budget of its own, so that using one up leaves the other reports intact.

use super::sender::{HitContext, Sender};
use crate::limits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

/// The kind of a text, by the reports that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// Pages, files and links with their titles.
    Pages,
    /// Sources of visits: referrers, searches and campaigns.
    Sources,
    /// Data sent by pages: custom data, goals, split tests, players.
    Custom,
    /// Clicked elements: their selectors and texts.
    Elements,
    /// Properties of visitors: browser, system, screen, language and location.
    Devices,
}

impl TextKind {
    /// All kinds.
    #[cfg(test)]
    pub const ALL: [Self; 5] = [Self::Pages, Self::Sources, Self::Custom, Self::Elements, Self::Devices];

    /// Returns the number of new texts of this kind that a site may add in a day.
    pub fn daily_max(self) -> u32 {
        match self {
            Self::Pages => limits::NEW_PAGES_PER_SITE_DAY_MAX,
            Self::Sources => limits::NEW_SOURCES_PER_SITE_DAY_MAX,
            Self::Custom => limits::NEW_CUSTOM_PER_SITE_DAY_MAX,
            Self::Elements => limits::NEW_ELEMENTS_PER_SITE_DAY_MAX,
            Self::Devices => limits::NEW_DEVICES_PER_SITE_DAY_MAX,
        }
    }
}

/// A budget that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// The share of one network in the day's budget.
    Network,
    /// The site's budget of the day.
    Site,
}

/// A group of senders that share one of a site's budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum BudgetGroup {
    Visitors,
    Program,
    Import,
}

/// The budgets used so far.
pub struct Budgets {
    by_site: DayCounts<(SiteId, TextKind, BudgetGroup)>,
    by_network: DayCounts<(SiteId, TextKind, IpAddr)>,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            by_site: DayCounts::with_limit(limits::BUDGETS_COUNTED_MAX),
            by_network: DayCounts::with_limit(limits::NETWORKS_COUNTED_MAX),
        }
    }
}

impl Budgets {
    /// Takes one new text from the budgets. A text beyond its network's share takes nothing from the site's budget.
    ///
    /// # Errors
    /// Returns the budget that is used up.
    pub fn spend(&mut self, context: HitContext, kind: TextKind) -> Result<(), Budget> {
        let (group, network) = match context.sender {
            Sender::Visitor(network) => (BudgetGroup::Visitors, Some(network)),
            Sender::Program => (BudgetGroup::Program, None),
            Sender::Import => (BudgetGroup::Import, None),
        };
        let of_network = network.map(|network| (context.site, kind, network));
        let share = kind.daily_max() / limits::NETWORK_SHARE;
        if of_network.is_some_and(|network| self.by_network.get(&network, context.day) >= share) {
            return Err(Budget::Network);
        }
        let of_site = (context.site, kind, group);
        if self.by_site.get(&of_site, context.day) >= kind.daily_max() {
            return Err(Budget::Site);
        }
        self.by_site.add(of_site, context.day);
        if let Some(network) = of_network {
            self.by_network.add(network, context.day);
        }
        Ok(())
    }
}

/// Counts by key for one day each; counting a key on another day restarts at zero.
pub struct DayCounts<K> {
    counts: HashMap<K, (Day, u32)>,
    most: usize,
}

impl<K: Eq + Hash> DayCounts<K> {
    /// Creates empty counts of at most `most` keys.
    pub fn with_limit(most: usize) -> Self {
        Self { counts: HashMap::new(), most }
    }

    /// Returns the count of a key on a day.
    pub fn get(&self, one: &K, day: Day) -> u32 {
        self.counts.get(one).filter(|(of, _)| *of == day).map_or(0, |(_, count)| *count)
    }

    /// Increments the count of a key on a day.
    pub fn add(&mut self, one: K, day: Day) {
        if self.counts.len() >= self.most && !self.counts.contains_key(&one) {
            self.make_room(day);
        }
        let (of, count) = self.counts.entry(one).or_insert((day, 0));
        if *of != day {
            (*of, *count) = (day, 0);
        }
        *count = count.saturating_add(1);
    }

    /// Removes at least half of the counts: first those of days that have ended everywhere, then the lowest. The
    /// highest stay longest, so that no sender can displace its own count with new keys.
    fn make_room(&mut self, day: Day) {
        self.counts.retain(|_, (of, _)| *of >= day.plus(-1));
        let mut lowest = 1;
        while self.counts.len() > self.most / 2 {
            self.counts.retain(|_, (_, count)| *count > lowest);
            lowest = lowest.saturating_mul(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = Day(20_000);

    fn here(sender: Sender) -> HitContext {
        HitContext { site: SiteId(1), day: TODAY, sender }
    }

    fn network(number: u8) -> Sender {
        Sender::Visitor([192, 0, number, 0].into())
    }

    /// Counts the texts taken until one is refused; returns the budget that refused it too.
    fn taken(budgets: &mut Budgets, here: HitContext, kind: TextKind) -> (u32, Budget) {
        let mut count = 0;
        loop {
            match budgets.spend(here, kind) {
                Ok(()) => count += 1,
                Err(budget) => return (count, budget),
            }
        }
    }

    #[test]
    fn a_network_uses_a_tenth_ten_use_all_and_keys_and_imports_have_their_own() {
        let mut budgets = Budgets::default();
        for kind in TextKind::ALL {
            for number in 0..10 {
                let (count, budget) = taken(&mut budgets, here(network(number)), kind);
                assert_eq!((count, budget), (kind.daily_max() / 10, Budget::Network), "{kind:?}");
            }
            assert_eq!(budgets.spend(here(network(10)), kind), Err(Budget::Site));
            for sender in [Sender::Program, Sender::Import] {
                assert_eq!(taken(&mut budgets, here(sender), kind), (kind.daily_max(), Budget::Site));
            }
            let (other_site, tomorrow) = (SiteId(2), TODAY.plus(1));
            assert_eq!(budgets.spend(HitContext { site: other_site, ..here(network(0)) }, kind), Ok(()));
            assert_eq!(budgets.spend(HitContext { day: tomorrow, ..here(network(0)) }, kind), Ok(()));
        }
    }

    #[test]
    fn a_count_is_of_its_day_and_the_highest_outlives_any_number_of_others() {
        let (mut counts, day) = (DayCounts::with_limit(100), Day(20_000));
        (0..5).for_each(|_| counts.add(0, day));
        for other in 1..10_000 {
            counts.add(other, day);
            assert!(counts.counts.len() <= 100);
        }
        assert_eq!((counts.get(&0, day), counts.get(&9_999, day)), (5, 1));
        assert_eq!(counts.get(&0, day.plus(1)), 0);
        counts.add(0, day.plus(1));
        assert_eq!((counts.get(&0, day.plus(1)), counts.get(&0, day)), (1, 0));
        (0..200).for_each(|other| counts.add(other, day.plus(3)));
        assert!(
            counts.counts.values().all(|(of, _)| *of == day.plus(3)),
            "a day that is over was remembered"
        );
    }
}
