//! Daily budgets of new texts: for each kind one for the whole site, and a share of it for each network, so that no
//! stranger uses up the budget of all visitors. Programs with the admin key and imports have budgets of their own.

use super::day_counts::DayCounts;
use super::new_text::{Budget, TextKind};
use super::sender::{HitContext, Sender};
use crate::limits;
use crate::model::id::SiteId;
use std::net::IpAddr;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::Day;

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
}
