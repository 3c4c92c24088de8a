//! The search for the chain of events that takes the steps of a funnel, one event after the other. For each number of steps
//! the chain with the latest start is kept: whatever can be reached at all within the window can be reached from it.

use crate::model::funnel::FunnelSettings;
use crate::reports::columns::step_codes::StepSet;

const DAY_MS: i64 = 86_400_000;

/// The rules by which events follow each other.
#[derive(Clone, Copy, Debug)]
pub struct ChainRules {
    /// The number of steps.
    pub steps: usize,
    /// The steps that follow the one before directly.
    direct: StepSet,
    /// The milliseconds within which all steps lie; `None` for no limit.
    window: Option<i64>,
}

impl ChainRules {
    /// The steps that a set of them holds.
    pub const STEPS_MAX: usize = StepSet::BITS as usize;

    /// Returns the rules of a funnel.
    pub fn new(funnel: &FunnelSettings) -> Self {
        let steps = funnel.steps.iter().enumerate().skip(1).take(Self::STEPS_MAX - 1);
        let direct = steps.filter(|(_, step)| step.is_direct).fold(0, |set, (place, _)| set | 1 << place);
        let window = funnel.window_days.map(|days| i64::from(days) * DAY_MS);
        Self { steps: funnel.steps.len(), direct, window }
    }

    /// Returns true if a step follows the one before directly.
    pub fn has_direct(self) -> bool {
        self.direct != 0
    }
}

/// An event as chains see it.
#[derive(Clone, Copy, Debug)]
pub struct ChainEvent {
    /// Its time, in milliseconds since any fixed moment.
    pub at: i64,
    /// The steps that it may take.
    pub steps: StepSet,
    /// True for a page view.
    pub is_page: bool,
    /// True for a conversion.
    pub is_conversion: bool,
    /// The number by which the caller knows it.
    pub place: u32,
}

/// A chain of events that takes the first steps.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    /// The number of steps.
    pub steps: usize,
    start: i64,
    /// The place of the last event among the links of the search.
    link: u32,
}

/// An event of a chain.
#[derive(Clone, Copy, Debug)]
pub struct ChainLink {
    /// Its time, in milliseconds.
    pub at: i64,
    /// The number by which the caller knows it.
    pub place: u32,
    /// The place of the link before; its own of the first one.
    before: u32,
}

/// The best chain for each number of steps.
type Chains = [Option<Chain>; ChainRules::STEPS_MAX];

/// Returns the chain with the later start; the earlier found one of two with the same.
fn later<'c>(known: Option<&'c Chain>, other: Option<&'c Chain>) -> Option<&'c Chain> {
    match (known, other) {
        (Some(one), Some(two)) if two.start > one.start => Some(two),
        (None, two) => two,
        (one, _) => one,
    }
}

/// A search for the longest chain among events that come one after the other.
#[derive(Debug)]
pub struct ChainSearch {
    rules: ChainRules,
    any: Chains,
    /// Those after whose last event no page was viewed.
    direct: Chains,
    /// Those after whose last event no page was viewed before the moment of the last page view.
    direct_before: Chains,
    /// The time of the last page view.
    page_at: Option<i64>,
    best: Option<Chain>,
    links: Vec<ChainLink>,
}

impl ChainSearch {
    /// Returns a search without events.
    pub fn new(rules: ChainRules) -> Self {
        let none = [None; ChainRules::STEPS_MAX];
        Self {
            rules,
            any: none,
            direct: none,
            direct_before: none,
            page_at: None,
            best: None,
            links: Vec::new(),
        }
    }

    /// Forgets all events.
    pub fn clear(&mut self) {
        let steps = self.rules.steps;
        self.any[..steps].fill(None);
        if self.rules.has_direct() {
            self.direct[..steps].fill(None);
            self.direct_before[..steps].fill(None);
        }
        (self.page_at, self.best) = (None, None);
        self.links.clear();
    }

    /// Returns the first chain that reached the furthest step.
    pub fn best(&self) -> Option<&Chain> {
        self.best.as_ref()
    }

    /// Iterates over the events of a chain, from the last to the first.
    pub fn backwards(&self, chain: &Chain) -> impl Iterator<Item = &ChainLink> {
        let mut next = self.links.get(chain.link as usize);
        std::iter::from_fn(move || {
            let link = next?;
            next = self.links.get(link.before as usize).filter(|before| before.place != link.place);
            Some(link)
        })
    }

    /// Returns true if all steps were taken: no later event changes the result.
    pub fn is_complete(&self) -> bool {
        self.best.as_ref().is_some_and(|best| best.steps == self.rules.steps)
    }

    /// Adds the next event; a chain begins with it only if it `may_begin`.
    pub fn add(&mut self, event: &ChainEvent, may_begin: bool) {
        let has_direct = self.rules.has_direct();
        // A page view ends what follows directly, but for itself.
        let mut before_page = None;
        if has_direct && event.is_page {
            let before = std::mem::replace(&mut self.direct, [None; ChainRules::STEPS_MAX]);
            if self.page_at == Some(event.at) {
                for (known, other) in self.direct_before.iter_mut().zip(&before) {
                    *known = later(known.as_ref(), other.as_ref()).copied();
                }
            } else {
                self.direct_before = before;
            }
            self.page_at = Some(event.at);
            before_page = Some(before);
        }
        let mut left = event.steps;
        // From the last step to the first one, so that no event takes two steps.
        while left != 0 {
            let step = left.ilog2() as usize;
            left &= !(1 << step);
            let before =
                if step == 0 { None } else { self.chain_before(step, event, before_page.as_ref()).copied() };
            if before.is_none() && !(step == 0 && may_begin) {
                continue;
            }
            let link = u32::try_from(self.links.len()).unwrap_or(u32::MAX);
            let (start, linked) = before.map_or((event.at, link), |chain| (chain.start, chain.link));
            self.links.push(ChainLink { at: event.at, place: event.place, before: linked });
            let found = Chain { steps: step + 1, start, link };
            if self.best.as_ref().is_none_or(|best| best.steps < found.steps) {
                self.best = Some(found);
            }
            let is_later =
                |known: &Option<Chain>| known.as_ref().is_none_or(|known| known.start < found.start);
            if has_direct && is_later(&self.direct[step]) {
                self.direct[step] = Some(found);
            }
            if is_later(&self.any[step]) {
                self.any[step] = Some(found);
            }
        }
    }

    /// Returns the chain to which an event adds a step.
    fn chain_before<'c>(
        &'c self,
        step: usize,
        event: &ChainEvent,
        before_page: Option<&'c Chains>,
    ) -> Option<&'c Chain> {
        let chain = if self.rules.direct >> step & 1 == 0 {
            self.any[step - 1].as_ref()
        } else {
            let direct = before_page.unwrap_or(&self.direct)[step - 1].as_ref();
            // The page view that reaches a goal is no other one.
            let is_of_page = event.is_conversion && self.page_at == Some(event.at);
            let earlier = self.direct_before[step - 1].as_ref().filter(|_| is_of_page);
            later(earlier, direct)
        };
        chain.filter(|chain| self.rules.window.is_none_or(|window| event.at - chain.start <= window))
    }
}
