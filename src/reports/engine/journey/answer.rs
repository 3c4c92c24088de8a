//! Journeys: what visits did before and after a page, a goal or an event. One pass over the days ranks the pages of each
//! column, another one counts the visits between those that are shown.

use super::journey_counts::{COLUMNS, ColumnCounts, JourneyCounts, JourneyScan};
use super::journey_links::{ColumnNodes, JourneyLinks, MIDDLE};
use super::visit_paths::PathMiddle;
use crate::error::{Error, Result};
use crate::limits;
use crate::reports::catalogue;
use crate::reports::columns::DictKey;
use crate::reports::comparison::Compared;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::engine::predicate::Matcher;
use crate::reports::engine::runner::QueryRunner;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::engine::visit_lists;
use crate::reports::filter::{Filter, Operator};
use crate::reports::query::{JourneyMiddle, JourneyWant, Query};
use crate::reports::results::item_name::{ItemName, unknown};
use crate::reports::results::journey::{Journey, JourneyLink, JourneyNode, JourneyStep};
use crate::reports::results::reading::Reading;
use crate::store::goals;
use foldhash::HashMap;
use std::cmp::Reverse;
use std::sync::Arc;

/// Returns the journey around its middle, of the visits that have it.
///
/// # Errors
/// Fails with `Error::Forbidden` when pages or the middle are hidden, with `Error::Missing` for a goal that is not there, and
/// when the query is cancelled or the data cannot be read.
pub fn journey(snapshot: &Snapshot<'_>, query: &Query, want: &JourneyWant) -> Result<Journey> {
    let filter = filter_of(snapshot, query, &want.middle)?;
    let narrowed =
        Query { filters: query.filters.iter().cloned().chain([filter.clone()]).collect(), ..query.clone() };
    let runner = QueryRunner::new(snapshot, &narrowed)?;
    runner.require(catalogue::pages())?;
    let scan = JourneyScan {
        middle: Arc::new(PathMiddle {
            by: filter.dimension.group_key,
            matcher: Matcher::compile(snapshot.connection, &query.site, &filter)?,
        }),
        shows_sources: query.visibility.counts_by(catalogue::sources()),
        pages_max: snapshot.limits().journey_pages_max,
    };
    let mut counts = JourneyCounts::new(scan.clone());
    runner.run(&mut [&mut counts])?;
    let visits = Compared { now: counts.visits, before: visit_lists::visits_before(&runner)? };
    let ranked = counts.columns.iter().map(|column| RankedColumn::new(&runner, column, want.pages));
    let ranked = ranked.collect::<Result<Vec<RankedColumn>>>()?;
    let nodes: Arc<[ColumnNodes; COLUMNS]> = Arc::new(std::array::from_fn(|column| match column {
        MIDDLE => ColumnNodes { count: 1, ..ColumnNodes::default() },
        _ => ranked[column].nodes(),
    }));
    let mut links = JourneyLinks::new(scan, Arc::clone(&nodes));
    runner.run(&mut [&mut links])?;
    let mut columns = Vec::with_capacity(COLUMNS);
    for (column, ranked) in ranked.iter().enumerate() {
        columns.push(if column == MIDDLE {
            vec![JourneyNode { step: JourneyStep::Middle, visits: counts.visits }]
        } else {
            let mut named = ranked.named(&runner, column < MIDDLE)?;
            for (place, node) in named.iter_mut().enumerate() {
                node.visits = links.visits_of(column, place);
            }
            named
        });
    }
    let links = links.visits.iter().zip(nodes.windows(2)).map(|(visits, pair)| {
        let width = pair[1].count;
        let found = visits.iter().enumerate().filter(|(_, visits)| **visits > 0);
        found.map(|(at, visits)| JourneyLink { from: at / width, to: at % width, visits: *visits }).collect()
    });
    Ok(Journey { visits, links: links.collect(), columns })
}

/// Returns the filter that visits with the middle match.
fn filter_of(snapshot: &Snapshot<'_>, query: &Query, middle: &JourneyMiddle) -> Result<Filter> {
    let (dimension, value): (&'static Dimension, String) = match middle {
        JourneyMiddle::Page(page) => (catalogue::pages(), page.clone()),
        JourneyMiddle::Event(event) => (catalogue::events(), event.clone()),
        JourneyMiddle::Goal(goal) => {
            let goal = goals::get(snapshot.connection, query.site.id, *goal)?;
            if goal.removed_at.is_some() {
                return Err(Error::Missing("goal"));
            }
            (catalogue::goals(), goal.code)
        }
    };
    Filter::new(dimension, Operator::Is, vec![value])
}

/// The nodes of a column in their order: the most frequent pages, all others, then sources or the end of visits.
struct RankedColumn {
    pages: Vec<(DictKey, i64)>,
    others: Option<i64>,
    ends: Vec<(DictKey, i64)>,
}

impl RankedColumn {
    fn new(runner: &QueryRunner<'_>, counts: &ColumnCounts, most: u32) -> Result<Self> {
        let mut pages = sorted(&counts.pages);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if let Some((_, least)) =
            most.checked_sub(1).and_then(|last| pages.get(last).or(pages.last())).copied()
        {
            pages.truncate(pages.partition_point(|(_, visits)| *visits >= least));
            if pages.len() <= limits::JOURNEY_TIES_SORTED_MAX {
                order_by_text(runner, &mut pages)?;
            }
        }
        pages.truncate(most);
        let others = counts.all - pages.iter().map(|(_, visits)| visits).sum::<i64>();
        Ok(Self { pages, others: (others > 0).then_some(others), ends: sorted(&counts.ends) })
    }

    fn nodes(&self) -> ColumnNodes {
        let others = self.pages.len();
        let first_end = others + usize::from(self.others.is_some());
        let places = |keys: &[(DictKey, i64)], first: usize| -> HashMap<DictKey, usize> {
            keys.iter().zip(first..).map(|((key, _), place)| (*key, place)).collect()
        };
        ColumnNodes {
            pages: places(&self.pages, 0),
            others,
            ends: places(&self.ends, first_end),
            count: first_end + self.ends.len(),
        }
    }

    fn named(&self, runner: &QueryRunner<'_>, is_before: bool) -> Result<Vec<JourneyNode>> {
        let mut named = Vec::with_capacity(self.pages.len() + self.ends.len() + 1);
        let pages = runner.namer(catalogue::pages());
        for (key, visits) in &self.pages {
            let step = JourneyStep::Page(pages.name(*key, None)?);
            named.push(JourneyNode { step, visits: *visits });
        }
        named.extend(self.others.map(|visits| JourneyNode { step: JourneyStep::OtherPages, visits }));
        let sources = runner.namer(catalogue::sources());
        let shows_sources = runner.require(catalogue::sources()).is_ok();
        for (key, visits) in &self.ends {
            let step = if !is_before {
                JourneyStep::Left
            } else if shows_sources {
                JourneyStep::Source(sources.name(*key, None)?)
            } else {
                JourneyStep::Source(ItemName { title: HIDDEN_SOURCE.into(), ..unknown() })
            };
            named.push(JourneyNode { step, visits: *visits });
        }
        Ok(named)
    }
}

/// Sorts pages by their visits, equally frequent ones by their texts, which are the same in every data file.
fn order_by_text(runner: &QueryRunner<'_>, pages: &mut Vec<(DictKey, i64)>) -> Result<()> {
    let namer = runner.namer(catalogue::pages());
    let mut read = Vec::with_capacity(pages.len());
    for (key, visits) in pages.iter() {
        read.push((Reverse(*visits), Reading::of_item(ValueKind::Page, &namer.name(*key, None)?), *key));
    }
    read.sort_unstable();
    *pages = read.into_iter().map(|(Reverse(visits), _, key)| (key, visits)).collect();
    Ok(())
}

/// The title of sources that may not be told apart.
const HIDDEN_SOURCE: &str = "Start of visit";

/// Returns keys with their visits, most frequent first, of equally many those that were stored earlier.
fn sorted(counts: &HashMap<DictKey, i64>) -> Vec<(DictKey, i64)> {
    let mut counts: Vec<(DictKey, i64)> = counts.iter().map(|(key, visits)| (*key, *visits)).collect();
    counts.sort_unstable_by_key(|(key, visits)| (Reverse(*visits), *key));
    counts
}
