//! The table of page forms: labels that rows have for pages, in forms that were kept before file version 10, and the label
//! that stands for each page since. Rows keep what they have; whoever reads them asks here.

use super::id_bits::IdBits;
use super::labels;
use crate::error::Result;
use crate::limits;
use crate::model::id::SiteId;
use crate::model::page_form::{is_on, page_form};
use foldhash::HashMap;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, named_params};
use std::cell::RefCell;

/// A stored text and what became of it.
struct Stored {
    label: i64,
    form: String,
    /// An address that led to a site from elsewhere.
    is_referrer: bool,
}

/// The queries of pages whose tables and columns have other names in files of other versions.
pub struct PageQueries {
    /// The labels that are web addresses, in slices: the id, the text, and whether it led to a site from elsewhere.
    pub addresses: &'static str,
    /// The labels of items and subtitles of rollups that stand for pages.
    pub rollups: &'static str,
}

#[cfg(test)]
impl PageQueries {
    /// The queries of a file of today.
    pub const TODAY: Self = Self {
        addresses: "select id, text, exists (select 1 from sources where referrer = labels.id and channel <> :internal)
             from labels
             where id > :after and id <= :last and (text glob 'http://*' or text glob 'https://*')
             order by id",
        rollups: "select item, subtitle from rollups
             where dimension in ('href', 'landing', 'exit', 'host', 'download', 'event', 'video')",
    };
}

/// Notes the forms of all texts that may be pages: addresses of the web, but for those that are only known as what led to a
/// site from elsewhere. Returns how many have another form.
pub fn add_all(tx: &Transaction<'_>, queries: &PageQueries) -> Result<usize> {
    let newest = tx.query_row("select ifnull(max(id), 0) from labels", [], |row| row.get(0))?;
    let mut pages: Option<IdBits> = None;
    let (mut last, mut added) = (0, 0);
    while last < newest {
        let mut found = Vec::new();
        last = read(tx, queries, last, newest, &mut found)?;
        if pages.is_none() && found.iter().any(|text| text.is_referrer) {
            pages = Some(used_as_pages(tx, queries, newest)?);
        }
        let is_page = |label| pages.as_ref().is_none_or(|pages| pages.has(label));
        found.retain(|text| !text.is_referrer || is_page(text.label));
        for text in found {
            added += add(tx, text.label, &text.form)?;
        }
    }
    Ok(added)
}

/// Notes the form of a text that a row has for a page.
pub fn add_one(tx: &Transaction<'_>, label: i64, text: &str) -> Result<()> {
    let form = page_form(text);
    if form != text {
        add(tx, label, &form)?;
    }
    Ok(())
}

/// Reads texts after one label and up to another, as many as are read in one go, and adds those with another form. Returns the
/// label of the last one.
fn read(
    tx: &Transaction<'_>,
    queries: &PageQueries,
    after: i64,
    newest: i64,
    found: &mut Vec<Stored>,
) -> Result<i64> {
    let mut first = tx.prepare_cached("select min(id) from labels where id > :after")?;
    let first: Option<i64> = first.query_row(named_params! {":after": after}, |row| row.get(0))?;
    let last = first.map_or(newest, |first| newest.min(first + limits::FORMED_LABELS - 1));
    let mut question = tx.prepare_cached(queries.addresses)?;
    let bound = named_params! {":internal": INTERNAL, ":after": after, ":last": last};
    let mut rows = question.query(bound)?;
    while let Some(row) = rows.next()? {
        let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let form = page_form(text);
        if form != text {
            found.push(Stored { label: row.get(0)?, form: form.into_owned(), is_referrer: row.get(2)? });
        }
    }
    Ok(last)
}

/// The code of the channel of visits that came from the site itself.
const INTERNAL: i64 = 7;

/// The labels up to the newest that rows have for pages, files and events.
fn used_as_pages(tx: &Transaction<'_>, queries: &PageQueries, newest: i64) -> Result<IdBits> {
    let mut pages = IdBits::new(newest);
    for sql in [
        "select landing, exit from visits",
        // An event or a medium may be counted by its title; links lead elsewhere.
        "select page, iif(kind in (4, 5), title, null) from actions where kind <> 3",
        "select page, null from heatmap_clicks",
        queries.rollups,
    ] {
        let mut question = tx.prepare(sql)?;
        let mut rows = question.query([])?;
        while let Some(row) = rows.next()? {
            for place in 0..2 {
                row.get::<_, Option<i64>>(place)?.into_iter().for_each(|label| pages.set(label));
            }
        }
    }
    Ok(pages)
}

/// Notes that a form stands for a label. Returns how many are new: one, or none.
pub(super) fn add(tx: &Transaction<'_>, label: i64, form: &str) -> Result<usize> {
    let form = match labels::find(tx, form)? {
        Some(label) => label,
        None => labels::create(tx, form)?,
    };
    let sql = "insert or ignore into page_forms (label, form) values (:label, :form)";
    Ok(tx.prepare_cached(sql)?.execute(named_params! {":label": label, ":form": form})?)
}

/// Finds the texts that rows have for pages, form by form.
pub struct Spellings<'c>(Option<CachedStatement<'c>>);

impl<'c> Spellings<'c> {
    /// In this file.
    pub fn prepare(connection: &'c Connection) -> Result<Self> {
        let mut question = connection.prepare_cached("select exists (select 1 from page_forms)")?;
        let has_any: bool = question.query_row([], |row| row.get(0))?;
        let sql = "select text from page_forms join labels on labels.id = label where form = :form";
        Ok(Self(has_any.then(|| connection.prepare_cached(sql)).transpose()?))
    }

    /// Returns true if any older spelling of a form passes a test.
    pub fn any(&mut self, form: i64, is: impl Fn(&str) -> bool) -> Result<bool> {
        let Some(question) = &mut self.0 else { return Ok(false) };
        let mut rows = question.query(named_params! {":form": form})?;
        while let Some(row) = rows.next()? {
            if is(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The label that stands for a page, and whether it is on the site's own domain.
#[derive(Clone, Copy, Debug)]
struct Form {
    label: i64,
    is_own: bool,
}

/// The forms of the labels in a site's rows, each looked up once.
#[derive(Debug)]
pub struct PageForms {
    domain: String,
    /// The newest label that has another form; 0: none has.
    newest: i64,
    known: RefCell<HashMap<i64, Option<Form>>>,
}

impl PageForms {
    /// Of a site.
    pub fn for_site(connection: &Connection, site: SiteId) -> Result<Self> {
        let mut question = connection.prepare_cached(
            "select ifnull((select domain from sites where id = :site), ''), ifnull(max(label), 0) from page_forms",
        )?;
        let (domain, newest) = question.query_row([site.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { domain, newest, known: RefCell::default() })
    }

    /// The label of a page.
    pub fn page(&self, connection: &Connection, label: i64) -> rusqlite::Result<i64> {
        Ok(self.find(connection, label)?.map_or(label, |form| form.label))
    }

    /// The label of a file or an event: another one only on the site's own domain.
    pub fn own(&self, connection: &Connection, label: i64) -> rusqlite::Result<i64> {
        Ok(self.find(connection, label)?.filter(|form| form.is_own).map_or(label, |form| form.label))
    }

    /// The approximate memory use, in bytes.
    pub fn bytes(&self) -> usize {
        // One byte of each place says whether it is taken.
        self.known.borrow().capacity() * (size_of::<(i64, Option<Form>)>() + 1)
    }

    /// Forgets what was looked up.
    pub fn forget(&mut self) {
        self.known.take();
    }

    fn find(&self, connection: &Connection, label: i64) -> rusqlite::Result<Option<Form>> {
        if label <= 0 || label > self.newest {
            return Ok(None);
        }
        if let Some(known) = self.known.borrow().get(&label) {
            return Ok(*known);
        }
        let mut question = connection.prepare_cached(
            "select form, text from page_forms join labels on labels.id = form where label = :label",
        )?;
        let found = question.query_row([label], |row| {
            let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            Ok(Form { label: row.get(0)?, is_own: is_on(text, &self.domain) })
        });
        let found = found.optional()?;
        self.known.borrow_mut().insert(label, found);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::{Timestamp, Zone};
    use crate::store::attribute_cache::{AttributeCache, AttributeIds};
    use crate::store::interned_table::InternedTable;
    use crate::store::sites::{self, Keys, NewSite};
    use crate::store::users::{self, NewUser};
    use crate::store::visit_attribute::VisitAttribute;

    /// The forms that a file knows.
    fn forms(connection: &Connection) -> Vec<String> {
        let sql = "select was.text || ' ' || form.text
             from page_forms join labels as was on was.id = label join labels as form on form.id = form
             order by 1";
        let mut question = connection.prepare(sql).unwrap();
        let rows = question.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// A file with a site of a.example.
    fn file() -> (tempfile::TempDir, Connection, SiteId) {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let site = crate::store::change(&mut connection, |tx| {
            let user =
                NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
            let owner = users::create(tx, &user)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
            sites::create(tx, owner, &new, &Keys::generate()?, Timestamp(0))
        });
        (folder, connection, site.unwrap())
    }

    #[test]
    fn what_is_a_page_has_a_form_also_where_it_led_to_a_site_and_what_only_led_there_has_none() {
        let (_folder, mut connection, site) = file();
        let tx = connection.transaction().unwrap();
        let label = |text: &str| labels::create(&tx, text).unwrap();
        for page in
            ["http://www.a.example/x", "https://copy.example:8443/x", "https://a.example/y", "a title"]
        {
            label(page);
        }
        let led = |medium: i64, text: &str| {
            let referrer = label(text);
            let mut ids = AttributeIds::default();
            (ids[VisitAttribute::Channel], ids[VisitAttribute::Link]) = (medium, referrer);
            AttributeCache::default().row(&tx, InternedTable::Sources, &ids).unwrap();
            referrer
        };
        led(2, "http://www.b.example/led");
        led(2, "http://blog.a.example/led");
        led(7, "http://copy.example/from");
        let used = ["landing", "exit", "page", "title", "click", "total", "link", "text"]
            .map(|use_of| led(2, &format!("http://www.b.example/{use_of}")));
        let [landing, exit, page, title, click, total, link, text] = used;
        for sql in [
            format!(
                "insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place, landing, exit)
                 values ({site}, 1, 1, 0, 1, 1, 0, 1, 1, 1, {landing}, {exit})",
                site = site.0
            ),
            format!(
                "insert into actions (site_id, visit_id, number, at, kind, page, title)
                 values ({site}, 1, 1, 0, 1, {page}, {text}), ({site}, 1, 2, 0, 4, null, {title}), ({site}, 1, 3, 0, 3, {link}, null)",
                site = site.0
            ),
            format!(
                "insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width) values ({}, 1, 1, {click}, 1, 1, 1)",
                site.0
            ),
            format!(
                "insert into rollups (site_id, dimension, day, item, parent, code, hits, visits, uniques, new, actions, seconds, bounces)
                 values ({site}, 'exit', 1, {total}, 0, 0, 1, 1, 1, 1, 1, 1, 1), ({site}, 'link', 1, {link}, 0, 0, 1, 1, 1, 1, 1, 1, 1)",
                site = site.0
            ),
        ] {
            tx.execute(&sql, []).unwrap();
        }
        assert_eq!(add_all(&tx, &PageQueries::TODAY).unwrap(), 9);
        let known = [
            "http://copy.example/from https://copy.example/from",
            "http://www.a.example/x https://a.example/x",
            "http://www.b.example/click https://b.example/click",
            "http://www.b.example/exit https://b.example/exit",
            "http://www.b.example/landing https://b.example/landing",
            "http://www.b.example/page https://b.example/page",
            "http://www.b.example/title https://b.example/title",
            "http://www.b.example/total https://b.example/total",
            "https://copy.example:8443/x https://copy.example/x",
        ];
        assert_eq!(forms(&tx), known);
        assert_eq!(add_all(&tx, &PageQueries::TODAY).unwrap(), 0, "nothing is new");
    }

    #[test]
    fn all_texts_are_looked_at_however_many_and_with_whatever_gaps() {
        let (_folder, mut connection, _) = file();
        let tx = connection.transaction().unwrap();
        let count = 2 * limits::FORMED_LABELS + 1;
        for number in 1..=count {
            let sql = "insert into labels (id, text) values (:id, :text)";
            let id = if number < count { number } else { 10 * count };
            let text = format!("http://a.example/{number}");
            tx.execute(sql, named_params! {":id": id, ":text": text}).unwrap();
        }
        assert_eq!(add_all(&tx, &PageQueries::TODAY).unwrap(), usize::try_from(count).unwrap());
    }

    #[test]
    fn the_memory_of_what_was_looked_up_is_counted() {
        let (_folder, mut connection, site) = file();
        let tx = connection.transaction().unwrap();
        let label = labels::create(&tx, "http://a.example/x").unwrap();
        add_all(&tx, &PageQueries::TODAY).unwrap();
        let mut forms = PageForms::for_site(&tx, site).unwrap();
        assert_eq!(forms.bytes(), 0);
        forms.page(&tx, label).unwrap();
        assert!(forms.bytes() > size_of::<i64>());
        forms.forget();
        assert_eq!(forms.bytes(), 0);
    }
}
