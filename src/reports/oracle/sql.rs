//! The counts of reports, in plain SQL over the rows.

use super::super::date_range::DateRange;
use super::super::dimension::{ACTION_STEPS, GroupKey, SECOND_STEPS};
use crate::ingest::hit::ActionKind;
use crate::model::clock::Day;
use crate::model::metrics::{Measure, Metrics};
use crate::store::visit_attribute::{Touch, VisitAttribute};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Creates the views of the rows with their labels, local day and hour, computed by jiff, not by our own clock.
pub fn prepare(connection: &Connection, zone: &str) {
    let shared = VisitAttribute::day_columns().filter(|attribute| attribute.table().is_some());
    let columns = shared.map(|attribute| match (attribute.column(), attribute.is_label()) {
        (column, true) => format!("nullif({column}, 0) as {column}"),
        (column, false) => column.to_owned(),
    });
    let whole = format!(
        "create temp view if not exists whole as
         select visits.*, {}
         from visits
         join sources on sources.id = source
         join machines on machines.id = machine
         join places on places.id = place;",
        columns.collect::<Vec<_>>().join(", ")
    );
    connection.execute_batch(&whole).unwrap();
    connection
        .execute_batch(
            "drop table if exists local;
             create temp table local (id integer primary key, day integer, hour integer);
             create temp table if not exists goal_in_view (id integer primary key);
             create temp view if not exists reached as
             select visit_id, goal, goal as item, conversions.revenue
             from conversions join goals on goals.id = goal
             where counts and removed_at is null;
             create temp view if not exists viewed as
             select * from reached
             where goal in (select id from goal_in_view) or not exists (select 1 from goal_in_view);
             create temp view if not exists own_forms as
             select label, form from page_forms join labels on labels.id = form
             where text glob 'https://a.example/*';
             create temp view if not exists acts as
             select visit_id, kind,
               case
                 when kind in (4, 5) then ifnull((select form from own_forms where label = title), title)
                 else title
               end as title,
               case
                 when kind = 3 then page
                 when kind = 1 then ifnull((select form from page_forms where label = page), page)
                 else ifnull((select form from own_forms where label = page), page)
               end as page
             from actions",
        )
        .unwrap();
    for id in ids(connection) {
        let zoned = jiff::Timestamp::from_millisecond(id >> 20).unwrap().in_tz(zone).unwrap();
        let day = Day::from_date(zoned.date()).0;
        connection.execute("insert into local values (?1, ?2, ?3)", (id, day, zoned.hour())).unwrap();
    }
}

pub fn ids(connection: &Connection) -> Vec<i64> {
    let mut question = connection.prepare("select id from visits order by id").unwrap();
    let rows = question.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

pub const SUMS: &str = "count(*), count(distinct visits.id),
  sum(not exists (select 1 from visits as earlier join local as its using (id)
                  where its.day = local.day and earlier.visitor_id = visits.visitor_id and earlier.id < visits.id)),
  sum(flags & 1), sum(actions), sum(stay / 1000), sum(page_views = 1 and stay < 30000),
  sum((select count(*) from viewed where viewed.visit_id = visits.id)),
  sum(exists (select 1 from viewed where viewed.visit_id = visits.id)),
  sum((select coalesce(sum(max(revenue, 0)), 0) from viewed where viewed.visit_id = visits.id)),
  sum((select coalesce(sum(max(-revenue, 0)), 0) from viewed where viewed.visit_id = visits.id))";
/// The visits with each goal that they reached.
const REACHED: &str = "select visit_id, item from reached";

/// Returns the visits of a range for which a condition holds.
pub fn matching(connection: &Connection, condition: &str, range: DateRange) -> Vec<i64> {
    let sql = format!(
        "select visits.id from whole as visits join local using (id) where day between ?1 and ?2 and {condition}"
    );
    let mut question = connection.prepare(&sql).unwrap();
    let rows = question.query_map((range.first.0, range.last.0), |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

pub fn measures(row: &rusqlite::Row<'_>, from: usize) -> Metrics {
    let at = |place: usize| row.get::<_, Option<i64>>(from + place).unwrap().unwrap_or(0);
    Metrics::of_stored(std::array::from_fn(at))
}

/// Counts visits by an expression.
pub fn by_visits(
    connection: &Connection,
    expression: &str,
    condition: &str,
    range: DateRange,
) -> BTreeMap<i64, Metrics> {
    let sql = format!(
        "select {expression}, {SUMS} from whole as visits join local using (id)
         where day between ?1 and ?2 and {condition} group by 1"
    );
    let mut question = connection.prepare(&sql).unwrap();
    let rows =
        question.query_map((range.first.0, range.last.0), |row| Ok((row.get(0)?, measures(row, 1)))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Counts rows that belong to visits: their number, and the metrics of the visits that have one.
pub fn by_belongings(
    connection: &Connection,
    rows: &str,
    condition: &str,
    range: DateRange,
) -> BTreeMap<i64, Metrics> {
    let mut found = BTreeMap::new();
    let sql = format!("select item, count(*) from ({rows}) as had join whole as visits on visits.id = had.visit_id join local using (id)
      where day between ?1 and ?2 and {condition} group by 1");
    let mut question = connection.prepare(&sql).unwrap();
    let counted = question
        .query_map((range.first.0, range.last.0), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .unwrap();
    for (item, hits) in counted.map(Result::unwrap) {
        let one = format!("visits.id in (select visit_id from ({rows}) where item = {item}) and {condition}");
        let mut measures = by_visits(connection, "0", &one, range).remove(&0).unwrap();
        measures[Measure::Hits] = hits;
        found.insert(item, measures);
    }
    found
}

/// Counts visits by the goals that they reached; conversions and revenue are those of the goal by itself.
fn by_goals(connection: &Connection, condition: &str, range: DateRange) -> BTreeMap<i64, Metrics> {
    let mut found = by_belongings(connection, REACHED, condition, range);
    let sql = format!(
        "select count(*), count(distinct visit_id), coalesce(sum(max(revenue, 0)), 0), coalesce(sum(max(-revenue, 0)), 0)
         from viewed join whole as visits on visits.id = visit_id join local using (id)
         where item = ?3 and day between ?1 and ?2 and {condition}"
    );
    let own = [Measure::Conversions, Measure::Converted, Measure::Earned, Measure::Refunded];
    for (goal, metrics) in &mut found {
        connection
            .query_row(&sql, (range.first.0, range.last.0, goal), |row| {
                own.into_iter().enumerate().try_for_each(|(place, measure)| {
                    metrics[measure] = row.get(place)?;
                    Ok(())
                })
            })
            .unwrap();
    }
    found
}

/// Returns the definition of a property in SQL.
pub fn expression(property: VisitAttribute) -> String {
    let link = |column: &str| format!("case when channel in (1, 7) then 0 else coalesce({column}, 0) end");
    let within = |column: &str| {
        format!("case when {column} is null then 0 else (coalesce(country, 0) << 32) | {column} end")
    };
    let page =
        |column: &str| format!("coalesce((select form from page_forms where label = {column}), {column}, 0)");
    if let Some(touch) = property.touch() {
        let source = match touch {
            Touch::First => "first_source",
            Touch::Last => "last_source",
        };
        let touched = |column: &str| {
            format!(
                "coalesce((select touch.{column} from sources as touch where touch.id = {source}), {column}, 0)"
            )
        };
        return match property.column() {
            "referrer_domain" => format!(
                "case when {} in (1, 7) then 0 else {} end",
                touched("channel"),
                touched("referrer_domain")
            ),
            column => touched(column),
        };
    }
    match property {
        VisitAttribute::Landing | VisitAttribute::Exit => page(property.column()),
        VisitAttribute::Link | VisitAttribute::LinkDomain => link(property.column()),
        VisitAttribute::Engine => {
            "case when channel = 1 then coalesce(referrer_name, referrer_domain, 0) else 0 end".into()
        }
        VisitAttribute::Region | VisitAttribute::City => within(property.column()),
        plain => format!("coalesce({}, 0)", plain.column()),
    }
}

/// Returns the index of a value's step, in SQL.
pub fn bucket(steps: &[u32], value: &str) -> String {
    let reached = steps[1..].iter().map(|step| format!("({value} >= {step})"));
    reached.collect::<Vec<_>>().join(" + ")
}

pub fn items(
    connection: &Connection,
    by: GroupKey,
    condition: &str,
    range: DateRange,
) -> BTreeMap<i64, Metrics> {
    match by {
        GroupKey::Property(property) => by_visits(connection, &expression(property), condition, range),
        GroupKey::ActionCount => by_visits(connection, &bucket(&ACTION_STEPS, "actions"), condition, range),
        GroupKey::TimeOnSite => {
            by_visits(connection, &bucket(&SECOND_STEPS, "stay / 1000"), condition, range)
        }
        GroupKey::Actions(kind) => {
            let item = match kind {
                ActionKind::Event | ActionKind::Media => "coalesce(title, page, 0)",
                _ => "coalesce(page, 0)",
            };
            let rows = format!("select visit_id, {item} as item from acts where kind = {}", kind.code());
            let mut found = by_belongings(connection, &rows, condition, range);
            if kind == ActionKind::PageView {
                add_reading(connection, &mut found, condition, range);
            }
            found
        }
        GroupKey::Visit => BTreeMap::new(),
        GroupKey::Goal => by_goals(connection, condition, range),
        GroupKey::Custom | GroupKey::Split | GroupKey::NotFound | GroupKey::BrokenLink => {
            by_belongings(connection, attached(by), condition, range)
        }
    }
}

/// Adds how long and how far pages were read.
fn add_reading(
    connection: &Connection,
    found: &mut BTreeMap<i64, Metrics>,
    condition: &str,
    range: DateRange,
) {
    let sql = format!(
        "select count(*), sum(seconds), count(depth), sum(depth)
         from page_reads join whole as visits on visits.id = visit_id join local using (id)
         where ifnull((select form from page_forms where label = page), page) = ?3 and day between ?1 and ?2 and {condition}"
    );
    let own = [Measure::Reads, Measure::ReadSeconds, Measure::DepthReads, Measure::ReadDepth];
    for (page, metrics) in found {
        connection
            .query_row(&sql, (range.first.0, range.last.0, page), |row| {
                own.into_iter().enumerate().try_for_each(|(place, measure)| {
                    metrics[measure] = row.get::<_, Option<i64>>(place)?.unwrap_or(0);
                    Ok(())
                })
            })
            .unwrap();
    }
}

/// Returns the rows of visits and the keys that they are counted by, as SQL.
pub fn rows_by(by: GroupKey) -> String {
    match by {
        GroupKey::Property(property) => {
            format!("select id as visit_id, {} as item from whole", expression(property))
        }
        GroupKey::ActionCount => {
            format!("select id as visit_id, {} as item from whole", bucket(&ACTION_STEPS, "actions"))
        }
        GroupKey::TimeOnSite => {
            format!("select id as visit_id, {} as item from whole", bucket(&SECOND_STEPS, "stay / 1000"))
        }
        GroupKey::Actions(kind) => {
            let item = match kind {
                ActionKind::Event | ActionKind::Media => "coalesce(title, page, 0)",
                _ => "coalesce(page, 0)",
            };
            format!("select visit_id, {item} as item from acts where kind = {}", kind.code())
        }
        GroupKey::Visit => "select id as visit_id, id as item from whole".into(),
        GroupKey::Goal => REACHED.into(),
        GroupKey::Custom | GroupKey::Split | GroupKey::NotFound | GroupKey::BrokenLink => attached(by).into(),
    }
}

/// Returns the rows that are attached to visits and the keys that they are counted by, as SQL.
fn attached(by: GroupKey) -> &'static str {
    match by {
        GroupKey::Split => "select visit_id, (test << 32) | version as item from splits",
        GroupKey::NotFound => "select visit_id, page as item from missing_pages",
        GroupKey::BrokenLink => {
            "select visit_id, (page << 32) | coalesce(referrer, 0) as item from missing_pages"
        }
        _ => "select visit_id, (key << 32) | value as item from custom",
    }
}
