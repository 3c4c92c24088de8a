//! The tables that hang on a visit, in one list, and their rows as the writer stores them. Erasure, pruning, the deletion of
//! a site, the clean-up of labels, the replacement of an imported visit and the export of a visitor's data loop over the
//! list; a test compares it with `schema.sql`.

use super::interned_table::{InternedTable, Reference};
use super::visit_attribute::VisitAttribute;
use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use crate::model::vital::{VITALS, Vital};
use InternedTable::{Labels, Machines, Places, Sources};
use rusqlite::{Transaction, named_params};

/// A table whose rows belong to visits.
pub struct VisitTable {
    /// Its name.
    pub name: &'static str,
    /// The column of the visit's id.
    pub visit_id: &'static str,
    /// The columns of its key.
    pub key: &'static str,
    /// The columns that refer to interned tables, without the visit's own attributes; see [`VisitTable::references`].
    references: &'static [Reference],
    /// Its rows in the export of a visitor's data; `None` when that export reads them in a form of their own.
    pub visitor_rows: Option<VisitorRows>,
}

/// The rows of a table in the export of a visitor's data.
pub struct VisitorRows {
    /// The key of the list.
    pub key: &'static str,
    /// The key of each value, its column and its kind.
    pub values: &'static [(&'static str, &'static str, VisitorValue)],
    /// The order of the rows, in SQL: a column, or the number of a value from 1.
    pub order: &'static str,
}

/// The kind of a value in the export of a visitor's data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum VisitorValue {
    /// A time, in milliseconds since the beginning of the visit.
    Time,
    /// The label of a text.
    Text,
    /// The label of a page of the site.
    Page,
    /// A number.
    Number,
    /// A shift of the layout, in ten-thousandths.
    Shift,
    /// An amount, in the minor unit of the site's currency.
    Money,
    /// A goal, by its name.
    Goal,
}
use VisitorValue::{Goal, Money, Number, Page, Shift, Text, Time};

const fn table(name: &'static str, key: &'static str, references: &'static [Reference]) -> VisitTable {
    VisitTable { name, visit_id: "visit_id", key, references, visitor_rows: None }
}

/// All tables that hang on a visit. `visits` comes last: as long as its row is there, a deletion is not complete.
pub const VISIT_TABLES: [VisitTable; 10] = [
    table("actions", "site_id, visit_id, number", &[("page", Labels), ("title", Labels)]),
    table("media", "site_id, visit_id, number", &[("event", Labels)]),
    table("custom", "site_id, visit_id, key", &[("key", Labels), ("value", Labels)]),
    table("conversions", "site_id, visit_id, number", &[]).with_visitor_rows(VisitorRows {
        key: "goals",
        values: &[("at", "at", Time), ("goal", "goal", Goal), ("revenue", "revenue", Money)],
        order: "number",
    }),
    table("splits", "site_id, visit_id, test", &[("test", Labels), ("version", Labels), ("goal", Labels)])
        .with_visitor_rows(VisitorRows {
            key: "split_tests",
            values: &[("test", "test", Text), ("version", "version", Text)],
            order: "1",
        }),
    table("missing_pages", "site_id, visit_id, number", &[("page", Labels), ("referrer", Labels)])
        .with_visitor_rows(VisitorRows {
            key: "pages_not_found",
            values: &[("address", "page", Page), ("referrer", "referrer", Text)],
            order: "number",
        }),
    table("vitals", "site_id, visit_id, number", &[("page", Labels)]).with_visitor_rows(VisitorRows {
        key: "web_vitals",
        values: &[
            ("address", "page", Page),
            ("lcp", "lcp", Number),
            ("inp", "inp", Number),
            ("cls", "cls", Shift),
        ],
        order: "number",
    }),
    table(
        "heatmap_clicks",
        "site_id, visit_id, number",
        &[("page", Labels), ("element", Labels), ("text", Labels)],
    )
    .with_visitor_rows(VisitorRows {
        key: "clicks",
        values: &[
            ("address", "page", Page),
            ("x", "x", Number),
            ("y", "y", Number),
            ("window_width", "width", Number),
            ("element", "element", Text),
            ("element_text", "text", Text),
            ("repeated", "is_rage", Number),
            ("without_effect", "is_dead", Number),
        ],
        order: "number",
    }),
    table("page_reads", "site_id, visit_id, page", &[("page", Labels)]).with_visitor_rows(VisitorRows {
        key: "pages_read",
        values: &[("address", "page", Page), ("seconds", "seconds", Number), ("depth", "depth", Number)],
        order: "1",
    }),
    VisitTable {
        name: "visits",
        visit_id: "id",
        key: "site_id, id",
        references: &[
            ("source", Sources),
            ("machine", Machines),
            ("place", Places),
            ("first_source", Sources),
            ("last_source", Sources),
        ],
        visitor_rows: None,
    },
];

impl VisitTable {
    const fn with_visitor_rows(self, rows: VisitorRows) -> Self {
        Self { visitor_rows: Some(rows), ..self }
    }

    /// Returns the columns that refer to interned tables.
    pub fn references(&self) -> Vec<Reference> {
        let own = VisitAttribute::of_table(None).filter(|one| self.name == "visits" && one.is_label());
        self.references.iter().copied().chain(own.map(|one| (one.column(), Labels))).collect()
    }
}

impl VisitorRows {
    /// Returns the query of the rows of a visit; the values are its columns, labels as texts.
    pub fn query(&self, table: &str) -> String {
        let is_label = |kind: &VisitorValue| matches!(kind, Text | Page);
        let columns = self.values.iter().map(|(_, column, kind)| match kind {
            Goal => format!("(select name from goals where goals.id = {table}.{column})"),
            kind if is_label(kind) => format!("{column}_label.text"),
            _ => format!("{table}.{column}"),
        });
        let labels = self.values.iter().filter(|(.., kind)| is_label(kind));
        let joins = labels.map(|(_, column, _)| {
            format!("left join labels as {column}_label on {column}_label.id = {table}.{column}")
        });
        format!(
            "select {} from {table} {} where site_id = :site and visit_id = :visit order by {}",
            columns.collect::<Vec<_>>().join(", "),
            joins.collect::<Vec<_>>().join(" "),
            self.order
        )
    }
}

/// Deletes visits of a site with everything that belongs to them.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_visits(tx: &Transaction<'_>, site: SiteId, visits: &[VisitId]) -> Result<()> {
    for VisitTable { name, visit_id, .. } in VISIT_TABLES {
        let sql = format!("delete from {name} where site_id = :site and {visit_id} = :visit");
        let mut deletion = tx.prepare_cached(&sql)?;
        for visit in visits {
            deletion.execute(named_params! {":site": site.0, ":visit": visit.0})?;
        }
    }
    Ok(())
}

/// An action of a visitor. Texts are label ids.
pub struct ActionRow {
    /// The position in the order of arrival, from 1.
    pub number: i64,
    /// The milliseconds since the beginning of the visit.
    pub at: i64,
    /// The code of the action's kind.
    pub kind: i64,
    /// The label of the page's URL.
    pub page: Option<i64>,
    /// The label of the page's title.
    pub title: Option<i64>,
}

/// Inserts an action.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_action(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    action: &ActionRow,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into actions (site_id, visit_id, number, at, kind, page, title)
         values (:site, :visit, :number, :at, :kind, :page, :title)",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":number": action.number, ":at": action.at,
        ":kind": action.kind, ":page": action.page, ":title": action.title,
    })?;
    Ok(())
}

/// Inserts the details of a media action.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_media(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    number: i64,
    event: Option<i64>,
    seconds: Option<i64>,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into media (site_id, visit_id, number, event, seconds)
         values (:site, :visit, :number, :event, :seconds)",
    )?;
    statement.execute(named_params! {":site": site.0, ":visit": visit.0, ":number": number, ":event": event, ":seconds": seconds})?;
    Ok(())
}

/// Sets a key of a visit's custom data, replacing an earlier value. Does nothing for a new key beyond `keys_max`, and returns
/// false then.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_custom(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    key: i64,
    value: i64,
    keys_max: usize,
) -> Result<bool> {
    let mut statement = transaction.prepare_cached(
        "insert into custom (site_id, visit_id, key, value)
         select :site, :visit, :key, :value
         where exists (select 1 from custom where site_id = :site and visit_id = :visit and key = :key)
            or (select count(*) from custom where site_id = :site and visit_id = :visit) < :keys_max
         on conflict do update set value = excluded.value",
    )?;
    let set = statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":key": key, ":value": value,
        ":keys_max": i64::try_from(keys_max).unwrap_or(i64::MAX),
    })?;
    Ok(set > 0)
}

/// Inserts the version of a split test that a visit was shown, unless the visit has `most` of them. The first version
/// of a test stays.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_split(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    test: i64,
    version: i64,
    goal: Option<i64>,
    most: i64,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into splits (site_id, visit_id, test, version, goal)
         select :site, :visit, :test, :version, :goal
         where (select count(*) from splits where site_id = :site and visit_id = :visit) < :most
         on conflict do nothing",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":test": test, ":version": version, ":goal": goal, ":most": most,
    })?;
    Ok(())
}

/// Inserts a view of a page that was not found, with the page whose link led there, unless the visit has `most` of them.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_missing_page(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    page: i64,
    referrer: Option<i64>,
    most: i64,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into missing_pages (site_id, visit_id, number, page, referrer)
         select :site, :visit, coalesce(max(number), 0) + 1, :page, :referrer
         from missing_pages
         where site_id = :site and visit_id = :visit
         having count(*) < :most",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":page": page, ":referrer": referrer, ":most": most,
    })?;
    Ok(())
}

/// Inserts a measurement of the web vitals of a page, in the order of [`Vital`], unless the visit has `most` of them.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_vitals(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    page: i64,
    values: [Option<u32>; VITALS],
    most: i64,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into vitals (site_id, visit_id, number, page, lcp, inp, cls)
         select :site, :visit, coalesce(max(number), 0) + 1, :page, :lcp, :inp, :cls
         from vitals
         where site_id = :site and visit_id = :visit
         having count(*) < :most",
    )?;
    let value = |vital: Vital| values[vital as usize];
    statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":page": page, ":most": most,
        ":lcp": value(Vital::Lcp), ":inp": value(Vital::Inp), ":cls": value(Vital::Cls),
    })?;
    Ok(())
}

/// A click on a page.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeatmapClick {
    /// The label of the page's URL.
    pub page: i64,
    /// The distance from the left in pixels, as the page reports it.
    pub x: i64,
    /// The distance from the top in pixels.
    pub y: i64,
    /// The width of the window in pixels.
    pub width: i64,
    /// The label of the element's CSS selector.
    pub element: Option<i64>,
    /// The label of the element's text.
    pub text: Option<i64>,
    /// The place within the element, in ten-thousandths of its width and height.
    pub element_place: Option<(i64, i64)>,
    /// True for a rage click.
    pub is_rage: bool,
    /// True for a dead click.
    pub is_dead: bool,
}

/// Inserts a click, unless the visit has `most` of them; returns true if it was inserted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_heatmap_click(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    click: &HeatmapClick,
    most: i64,
) -> Result<bool> {
    let mut statement = transaction.prepare_cached(
        "insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width, element, text,
           element_x, element_y, is_rage, is_dead)
         select :site, :visit, coalesce(max(number), 0) + 1, :page, :x, :y, :width, :element, :text,
           :element_x, :element_y, :rage, :dead
         from heatmap_clicks
         where site_id = :site and visit_id = :visit
         having count(*) < :most",
    )?;
    let kept = statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":page": click.page, ":x": click.x, ":y": click.y,
        ":width": click.width, ":element": click.element, ":text": click.text,
        ":element_x": click.element_place.map(|place| place.0),
        ":element_y": click.element_place.map(|place| place.1),
        ":rage": click.is_rage, ":dead": click.is_dead, ":most": most,
    })?;
    Ok(kept > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_with_a_visit_stands_in_the_list_with_its_key() {
        let connection = crate::store::scratch().unwrap();
        let sql = "select tables.name, (select group_concat(name, ', ' order by pk)
                     from pragma_table_info(tables.name) where pk > 0)
                   from pragma_table_list as tables
                   where schema = 'main' and (tables.name = 'visits' or exists (
                     select 1 from pragma_table_info(tables.name) where name = 'visit_id'))
                   order by 1";
        let mut question = connection.prepare(sql).unwrap();
        let found = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let found: Vec<(String, String)> = found.map(Result::unwrap).collect();
        let mut listed = VISIT_TABLES.map(|table| (table.name.to_owned(), table.key.to_owned()));
        listed.sort_unstable();
        assert_eq!(listed.as_slice(), found);
    }
}
