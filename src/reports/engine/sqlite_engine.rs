//! Our engine: answers from one snapshot of the data file.

use super::Engine;
use super::action_list;
use super::analyses;
use super::cross_tab::{self, AllPairs};
use super::overview::overview;
use super::partial::partial;
use super::ranking::all::{AllItems, all_items, next_lines};
use super::ranking::{keys_of_pairs, line, table};
use super::redaction;
use super::rollups;
use super::runner::QueryRunner;
use super::snapshot::Snapshot;
use super::timeseries::{self, item_series};
use super::visit_lists;
use super::visits_by_day::visits_by_day;
use crate::error::{Error, Result};
use crate::model::channel::Channel;
use crate::model::clock::Day;
use crate::model::id::{VisitId, VisitorId};
use crate::reports::answer::{
    Answer, Coverage, Cursor, Item, PairRow, RecentPage, Slice, SliceRows, VisitAction, VisitDetails,
    VisitorDetails, VisitsPage,
};
use crate::reports::catalogue;
use crate::reports::comparison::Compared;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::GroupKey;
use crate::reports::filter;
use crate::reports::filtered_hits;
use crate::reports::partial::Partial;
use crate::reports::query::{CrossTabWant, Export, ItemWant, LiveWant, Query};
use crate::reports::recent_list::RecentList;
use crate::reports::results::table::{Table, TableRow};
use crate::reports::table_query::Page;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::recent::NewestFirst;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::reports::visits::visit::{EarlierVisit, EarlierVisits};
use crate::reports::visits::{actions, online, visit, visitor_data};
use crate::store::labels;

/// An engine over one snapshot of the data file.
pub struct SqliteEngine<'a> {
    snapshot: &'a Snapshot<'a>,
}

/// The position in an export.
enum Position {
    Items(Box<AllItems>),
    Pairs(Box<AllPairs>),
    Below(VisitId),
    /// The remaining first occurrences, which are all found at once.
    Firsts(NewestFirst),
    /// The remaining visits of a visitor, oldest first.
    Visits(Vec<VisitId>),
}

impl<'a> SqliteEngine<'a> {
    /// Creates an engine over a snapshot.
    pub fn new(snapshot: &'a Snapshot<'a>) -> Self {
        Self { snapshot }
    }

    /// Answers the parts about single visits and the visitors online.
    fn answer_visits(&self, query: &Query, answer: &mut Answer) -> Result<()> {
        let (snapshot, wants) = (self.snapshot, &query.wants);
        if wants.live.is_some() || wants.live_keys.is_some() {
            query.visibility.require(VisitorData::LiveList)?;
        }
        if wants.visit.is_some() || wants.visitor.is_some() {
            query.visibility.require(VisitorData::SingleVisits)?;
        }
        // All parts share it: which visits of a day are visible is found out once.
        let visible = VisibleVisits::new(snapshot, &query.site, &query.visibility, &query.filters)?;
        if wants.online {
            answer.online = Some(if query.is_filtered() {
                online::count(&visible)?
            } else {
                online::count_all(snapshot, &query.site)?
            });
        }
        if wants.online_pages {
            answer.online_pages = online::pages(&visible)?;
        }
        if wants.online_channels {
            let channels = online::sources(&visible)?.into_iter();
            answer.online_channels =
                channels.filter_map(|(code, count)| Some((Channel::from_code(code)?, count))).collect();
        }
        if let Some(live) = &wants.live {
            answer.live = self.live(&visible, live)?;
        }
        if let Some((since, most)) = wants.live_keys {
            let (connection, site) = (snapshot.connection, query.site.id);
            answer.live_keys = actions::newest(connection, site, since..snapshot.now, most)?;
        }
        if let Some((id, page)) = wants.visit {
            answer.visit = Some(visit_details(&visible, id, page)?);
        }
        if let Some((visitor, page)) = wants.visitor {
            let (totals, visits) = visible.visitor(visitor, page)?;
            answer.visitor = Some(VisitorDetails { totals, visits });
        }
        Ok(())
    }

    /// Answers the parts that are kept by the day, whatever the filters.
    fn answer_days(&self, query: &Query, answer: &mut Answer) -> Result<()> {
        let (snapshot, wants) = (self.snapshot, &query.wants);
        if wants.visits_by_day {
            answer.visits_by_day = visits_by_day(snapshot, &query.site, query.range)?;
        }
        if let Some(samples) = wants.filtered_hits {
            answer.filtered_hits =
                Some(filtered_hits::list(snapshot, &query.site, query.range, query.comparison, samples)?);
        }
        Ok(())
    }

    /// Returns live actions with their visits, as far as they may be seen.
    fn live(&self, visible: &VisibleVisits<'_>, want: &LiveWant) -> Result<Vec<VisitAction>> {
        let (connection, site) = (self.snapshot.connection, visible.site);
        let live = match want {
            LiveWant::Actions(live) => live.clone(),
            LiveWant::Since(since, most) => {
                actions::newest(connection, site.id, *since..self.snapshot.now, *most)?
            }
        };
        let mut found = Vec::with_capacity(live.len());
        for one in live {
            if !visible.has(one.visit)? {
                continue;
            }
            let Some(action) = actions::find(connection, site, one)? else { continue };
            let Some(visit) = visit::find(connection, site.id, one.visit)? else { continue };
            found.push(VisitAction { visit: visible.redact(visit)?, action: visible.seen_action(action) });
        }
        Ok(found)
    }

    /// Answers the parts that are counted over the days.
    fn answer_counts(&self, query: &Query, answer: &mut Answer) -> Result<()> {
        let (runner, wants) = (QueryRunner::new(self.snapshot, query)?, &query.wants);
        (answer.days, answer.coverage) = (timeseries::days(&runner), self.coverage_of(query, &runner)?);
        let overview = overview(&runner, wants)?;
        (answer.totals, answer.series) = (overview.totals, overview.series);
        (answer.tables, answer.top_series) = (overview.tables, overview.top_series);
        if let Some(want) = &wants.cross_tab {
            let ranked = cross_tab::rank_both(&runner, want)?;
            answer.cross_tab = Some(cross_tab::breakdown(&runner, want, &ranked)?);
        }
        if let Some(page) = wants.visits {
            let (visits, count) = visit_lists::visits(&runner, page)?;
            let count_before = visit_lists::visits_before(&runner)?;
            answer.visits = Some(VisitsPage { visits, count, count_before });
        }
        if let Some(rows) = wants.latest_visits {
            answer.latest_visits = visit_lists::latest_visits(&runner, rows)?;
        }
        if let Some(want) = &wants.visit_records {
            (answer.visit_records, answer.has_left_out_records) = visit_lists::visit_records(&runner, want)?;
        }
        if let Some(want) = &wants.actions {
            answer.actions = action_list::actions(&runner, want)?;
        }
        if let Some(most) = wants.custom_keys {
            answer.custom_keys = keys_of_pairs(&runner, catalogue::custom(), most)?.now;
        }
        if let Some((list, page)) = wants.recent {
            let rows = visit_lists::recent(&runner, list, None, page)?;
            answer.recent = Some(RecentPage { rows, count: visit_lists::occurrence_count(&runner, list)? });
        }
        analyses::answer(&runner, query, answer)
    }

    /// Returns how much of its range an answer covers.
    fn coverage_of(&self, query: &Query, runner: &QueryRunner<'_>) -> Result<Coverage> {
        let wants = &query.wants;
        let is_of_firsts = wants.recent.is_some_and(|(list, _)| list.is_of_firsts());
        let kept_since = if is_of_firsts && query.is_filtered() {
            // First occurrences are looked for in the whole history; rollups know them only for all visits.
            let ever = DateRange { first: Day(0), ..query.range };
            QueryRunner::new(self.snapshot, &Query { range: ever, ..query.clone() })?.kept_since()
        } else {
            runner.kept_since()
        };
        let covers = wants.tables.iter().all(|want| rollups::covers(want.dimension.group_key));
        let is_of_some = query.is_filtered() || query.goal.is_some();
        let needs_visits = is_of_some || query.visits_alone || !covers || wants.need_visits();
        let is_cut = wants.is_counted() && needs_visits;
        Ok(Coverage { kept_since, is_cut })
    }

    /// Answers the part about one item.
    fn item(&self, query: &Query, want: &ItemWant) -> Result<Item> {
        let mut narrowed = query.clone();
        narrowed.filters = filter::narrowed_to(&query.filters, want.dimension, &want.value);
        let mut runner = QueryRunner::new(self.snapshot, &narrowed)?;
        if want.dimension.group_key == GroupKey::NotFound {
            // Those who came to the page may have followed other broken links, too.
            runner.missing_page =
                labels::find(self.snapshot.connection, &want.value)?.map(i64::cast_unsigned);
        }
        // Rollups hold an item as part of its report; of the visits that have it they hold nothing.
        let has_rollups = runner.kept_since().is_some()
            && !query.is_filtered()
            && query.goal.is_none()
            && rollups::covers(want.dimension.group_key);
        let whole = if has_rollups { Some(QueryRunner::new(self.snapshot, query)?) } else { None };
        let of_item = whole.as_ref().unwrap_or(&runner);
        let row = line(of_item, want.dimension, &want.value)?;
        let series = match &row {
            Some(row) => {
                let found = item_series(of_item, want.dimension, std::slice::from_ref(row))?;
                Compared {
                    now: found.now.into_iter().next().unwrap_or_default(),
                    before: found.before.and_then(|before| before.into_iter().next()),
                }
            }
            None => Compared { now: vec![0; timeseries::steps(&runner)], before: None },
        };
        let second = want.table.as_ref();
        let second = second.map(|(dimension, part)| table(&runner, dimension, part)).transpose()?;
        Ok(Item {
            row: row.map(TableRow::from),
            series,
            table: second.map(Table::from),
            kept_since: runner.kept_since(),
            has_rollups,
        })
    }

    fn slice_of_pairs(
        &self,
        query: &Query,
        want: &CrossTabWant,
        rows: u32,
        position: Option<Position>,
    ) -> Result<Slice> {
        let runner = QueryRunner::new(self.snapshot, query)?;
        let mut pairs = match position {
            Some(Position::Pairs(pairs)) => pairs,
            _ => Box::new(cross_tab::all_pairs(&runner, want)?),
        };
        let found = cross_tab::next_pairs(&runner, &mut pairs, rows)?;
        let is_last = found.len() < rows as usize;
        let mut rows = Vec::new();
        for (row, cells) in found {
            for cell in cells {
                let column = usize::try_from(cell.column).ok().and_then(|column| pairs.columns.get(column));
                rows.extend(column.map(|column| PairRow {
                    row: row.name.clone(),
                    column: column.name.clone(),
                    visits: cell.now,
                    before: cell.before,
                }));
            }
        }
        Ok(Slice {
            rows: SliceRows::Pairs(rows),
            next: (!is_last).then(|| Cursor::new(Position::Pairs(pairs))),
            is_compared: runner.compares(want.rows.group_key),
        })
    }

    fn slice_of_recent(
        &self,
        query: &Query,
        list: RecentList,
        rows: u32,
        position: Option<Position>,
    ) -> Result<Slice> {
        let runner = QueryRunner::new(self.snapshot, query)?;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let (firsts, below) = match position {
            Some(Position::Firsts(visits)) => (Some(visits), None),
            Some(Position::Below(visit)) => (None, Some(visit)),
            _ => (visit_lists::first_times(&runner, list)?, None),
        };
        let (found, next) = if let Some(mut visits) = firsts {
            let slice = visits.take(rows)?;
            let is_last = slice.len() < rows;
            let next = (!is_last).then(|| Position::Firsts(visits));
            (visit_lists::recent_of(&runner, list, slice)?, next)
        } else {
            let (found, next) = visit_lists::recent_below(&runner, list, below, rows)?;
            (found, next.map(Position::Below))
        };
        Ok(Slice { rows: SliceRows::Recent(found), next: next.map(Cursor::new), is_compared: false })
    }

    fn slice_of_visitor(
        &self,
        query: &Query,
        visitor: VisitorId,
        rows: u32,
        position: Option<Position>,
    ) -> Result<Slice> {
        let (connection, site) = (self.snapshot.connection, &query.site);
        query.visibility.require(VisitorData::SingleVisits)?;
        let mut visits = match position {
            Some(Position::Visits(visits)) => visits,
            _ => visitor_data::visits_of(connection, site.id, visitor)?,
        };
        let rest = visits.split_off(visits.len().min(usize::try_from(rows).unwrap_or(usize::MAX)));
        let data = visits.into_iter().map(|visit| visitor_data::export(connection, site, visit));
        let data = data.filter_map(Result::transpose).collect::<Result<_>>()?;
        let next = (!rest.is_empty()).then(|| Cursor::new(Position::Visits(rest)));
        Ok(Slice { rows: SliceRows::VisitorData(data), next, is_compared: false })
    }

    fn slice_of_visits(&self, query: &Query, rows: u32, below: Option<VisitId>) -> Result<Slice> {
        let runner = QueryRunner::new(self.snapshot, query)?;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let (visits, next) = visit_lists::visits_below(&runner, below, rows)?;
        let next = next.map(|visit| Cursor::new(Position::Below(visit)));
        Ok(Slice { rows: SliceRows::Visits(visits), next, is_compared: false })
    }
}

impl Engine for SqliteEngine<'_> {
    fn coverage(&self, query: &Query) -> Result<Coverage> {
        self.coverage_of(query, &QueryRunner::new(self.snapshot, query)?)
    }

    fn run(&self, query: &Query) -> Result<Answer> {
        let mut answer = Answer::default();
        let wants = &query.wants;
        if wants.is_counted() {
            self.answer_counts(query, &mut answer)?;
        }
        if let Some(want) = &wants.item {
            answer.item = Some(self.item(query, want)?);
        }
        if wants.is_about_single_visits() {
            self.answer_visits(query, &mut answer)?;
        }
        self.answer_days(query, &mut answer)?;
        redaction::redact(&mut answer, &query.visibility);
        Ok(answer)
    }

    fn partial(&self, query: &Query, days: DateRange) -> Result<Partial> {
        let Some(range) = query.range.intersection(days) else { return Ok(Partial::default()) };
        let query = Query { range, comparison: None, ..query.clone() };
        let dimensions: Vec<_> = query.wants.tables.iter().map(|want| want.dimension).collect();
        let mut found = partial(&QueryRunner::new(self.snapshot, &query)?, &dimensions)?;
        redaction::redact_partial(&mut found, &query.visibility);
        Ok(found)
    }

    fn slice(&self, query: &Query, export: &Export, rows: u32, after: Option<Cursor>) -> Result<Slice> {
        let position = after.map(|cursor| {
            cursor
                .into_position::<Position>()
                .ok_or_else(|| Error::Internal("the cursor is another engine's".into()))
        });
        let position = position.transpose()?;
        let mut slice = self.slice_of(query, export, rows, position)?;
        redaction::redact_slice(&mut slice, &query.visibility);
        Ok(slice)
    }
}

impl SqliteEngine<'_> {
    fn slice_of(
        &self,
        query: &Query,
        export: &Export,
        rows: u32,
        position: Option<Position>,
    ) -> Result<Slice> {
        match export {
            Export::Visits => {
                let below = position.and_then(|position| match position {
                    Position::Below(visit) => Some(visit),
                    _ => None,
                });
                self.slice_of_visits(query, rows, below)
            }
            Export::Items(dimension, part) => {
                let runner = QueryRunner::new(self.snapshot, query)?;
                let mut items = match position {
                    Some(Position::Items(items)) => items,
                    _ => Box::new(all_items(&runner, dimension, part)?),
                };
                let found = next_lines(&runner, dimension, &mut items, rows)?;
                let is_last = found.len() < rows as usize;
                let found = found.into_iter().map(|(row, _)| TableRow::from(row)).collect();
                Ok(Slice {
                    rows: SliceRows::Items(found),
                    next: (!is_last).then(|| Cursor::new(Position::Items(items))),
                    is_compared: runner.compares(dimension.group_key),
                })
            }
            Export::VisitRecords(after) => {
                let runner = QueryRunner::new(self.snapshot, query)?;
                let rows = usize::try_from(rows).unwrap_or(usize::MAX);
                let (visits, last) = visit_lists::records_above(&runner, *after, rows)?;
                Ok(Slice { rows: SliceRows::VisitRecords { visits, last }, next: None, is_compared: false })
            }
            Export::VisitorData(visitor) => self.slice_of_visitor(query, *visitor, rows, position),
            Export::CrossTab(want) => self.slice_of_pairs(query, want, rows, position),
            Export::Recent(list) => self.slice_of_recent(query, *list, rows, position),
        }
    }
}

/// Returns one visit with its actions, and a page of its visitor's visits.
fn visit_details(visible: &VisibleVisits<'_>, id: VisitId, page: Page) -> Result<VisitDetails> {
    let (connection, site) = (visible.connection(), visible.site);
    let visit = visible.get(id)?;
    let actions = actions::list(connection, site, id)?;
    let (totals, visits) = visible.visitor(visit.visitor, page)?;
    Ok(VisitDetails {
        actions: actions.into_iter().map(|action| visible.seen_action(action)).collect(),
        custom: if visible.shows(VisitorData::Names) {
            visit::custom(connection, site.id, id)?
        } else {
            Vec::new()
        },
        // An earlier visit may be one that stays hidden.
        earlier: if visible.is_unrestricted() {
            let earlier = visit::earlier_visits(connection, site.id, &visit)?;
            let seen = |one: EarlierVisit| EarlierVisit {
                attributes: visible.seen_attributes(one.attributes),
                ..one
            };
            EarlierVisits { first: earlier.first.map(seen), last: earlier.last.map(seen) }
        } else {
            EarlierVisits::default()
        },
        visitor: VisitorDetails { totals, visits },
        visit,
    })
}
