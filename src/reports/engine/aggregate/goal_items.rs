//! The conversions of one goal by item.

use crate::model::metrics::Metrics;
use crate::reports::columns::block::{Block, GoalInView, Selection};
use crate::reports::columns::{ColumnId, ColumnPart, DictKey};
use crate::reports::dimension::{bucket_of_actions, bucket_of_seconds};
use foldhash::{HashMap, HashMapExt};

/// Computes what the conversions of the goal in view add to each item; a visit counts once for an item.
pub fn conversions_in_view(
    block: &Block,
    rows: &Selection,
    column: ColumnId,
    goal: &GoalInView,
) -> HashMap<DictKey, Metrics> {
    let (head, codes) = (block.dictionary(column), block.codes(column));
    let mut found: HashMap<DictKey, Metrics> = HashMap::new();
    let mut add = |key: DictKey, metrics: &Metrics| *found.entry(key).or_default() += *metrics;
    let visits = goal.found(&rows.range);
    let step = |part: ColumnPart, bucket: fn(u32) -> u32, visit: usize| {
        DictKey::from(bucket(u32::try_from(block.numbers(part).get(visit)).unwrap_or(u32::MAX)))
    };
    match column {
        ColumnId::Property(_) => {
            for (visit, metrics) in visits {
                add(head.keys.get(codes.place(*visit)), metrics);
            }
        }
        ColumnId::ActionCount => visits.iter().for_each(|(visit, metrics)| {
            add(step(ColumnPart::ACTIONS, bucket_of_actions, *visit), metrics);
        }),
        ColumnId::TimeOnSite => visits.iter().for_each(|(visit, metrics)| {
            add(step(ColumnPart::SECONDS, bucket_of_seconds, *visit), metrics);
        }),
        ColumnId::Repeated(bag) => {
            let mut items: Vec<(usize, usize)> = Vec::new();
            let of_goal = rows.reaching(visits);
            block.each_in(bag, &of_goal, |visit, row| items.push((visit, codes.place(row))));
            items.sort_unstable();
            items.dedup();
            let mut rest = visits.iter().peekable();
            for (visit, code) in items {
                while rest.next_if(|(known, _)| *known < visit).is_some() {}
                if let Some((_, metrics)) = rest.peek().filter(|(known, _)| *known == visit) {
                    add(head.keys.get(code), metrics);
                }
            }
        }
        ColumnId::Visit => {}
    }
    found
}
