//! The table of page forms: labels that rows have for pages, in forms that were kept before file version 10, and the label
//! that stands for each page since. Rows keep what they have; whoever reads them asks here.

use super::{blocks, labels};
use crate::error::Result;
use crate::id::SiteId;
use crate::page_form::{host, is_on, page_form};
use foldhash::{HashMap, HashSet};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use std::cell::RefCell;

/// A stored text and what became of it.
struct Stored {
    label: i64,
    form: String,
}

/// Notes the forms of all texts that may be pages: addresses of the web, but for those elsewhere that are only known as what
/// led to a site. Returns how many have another form.
pub fn add_all(tx: &Transaction<'_>) -> Result<usize> {
    let referrers: HashSet<i64> = {
        let sql = "select distinct referrer from sources where medium <> :internal and referrer <> 0";
        let mut question = tx.prepare(sql)?;
        let rows = question.query_map(named_params! {":internal": INTERNAL}, |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let domains: HashSet<String> = {
        let mut question = tx.prepare("select domain from sites")?;
        let rows = question.query_map([], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let is_page = |label: i64, host: &str| {
        !referrers.contains(&label) || above(host).any(|domain| domains.contains(domain))
    };
    add(tx, list(tx, "", is_page)?)
}

/// Notes the forms of stored texts on a domain, or below it, that has become a site's. What was made of the rows of any site
/// by then is out of date, if there are any.
pub fn add_domain(tx: &Transaction<'_>, domain: &str) -> Result<()> {
    let found = list(tx, domain, |_, host| above(host).any(|name| name == domain))?;
    if add(tx, found)? > 0 {
        let mut question = tx.prepare("select id from sites")?;
        let sites = question.query_map([], |row| Ok(SiteId(row.get(0)?)))?.collect::<Vec<_>>();
        sites.into_iter().try_for_each(|site| blocks::unseal_all(tx, site?))?;
    }
    Ok(())
}

/// Notes the form of a text that a row which is imported has for a page.
pub fn add_one(tx: &Transaction<'_>, label: i64, text: &str) -> Result<()> {
    let form = page_form(text);
    if form == text {
        return Ok(());
    }
    let stored = Stored { label, form: form.into_owned() };
    add(tx, vec![stored]).map(drop)
}

/// The code of the medium of what came from the site itself.
const INTERNAL: i64 = 7;

/// A host and every name above it.
fn above(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, above)| above))
}

/// Texts with another form, among those with these letters in them; of each the label and the host are judged.
fn list(tx: &Transaction<'_>, letters: &str, is_page: impl Fn(i64, &str) -> bool) -> Result<Vec<Stored>> {
    let mut question = tx.prepare(
        "select id, text from labels
         where (text glob 'http://*' or text glob 'https://*') and (:letters = '' or instr(text, :letters) > 0)
           and id not in (select label from page_forms)",
    )?;
    let mut rows = question.query(named_params! {":letters": letters})?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (label, text): (i64, String) = (row.get(0)?, row.get(1)?);
        let form = page_form(&text);
        if form != text && host(&text).is_some_and(|host| is_page(label, host)) {
            found.push(Stored { label, form: form.into_owned() });
        }
    }
    Ok(found)
}

fn add(tx: &Transaction<'_>, found: Vec<Stored>) -> Result<usize> {
    let sql = "insert or ignore into page_forms (label, form) values (:label, :form)";
    let mut statement = tx.prepare_cached(sql)?;
    let mut added = 0;
    for Stored { label, form } in found {
        let form = match labels::find(tx, &form)? {
            Some(label) => label,
            None => labels::create(tx, &form)?,
        };
        added += statement.execute(named_params! {":label": label, ":form": form})?;
    }
    Ok(added)
}

/// The label that stands for a page, and whether it is on the site's own domain.
#[derive(Clone, Copy, Debug)]
struct Form {
    label: i64,
    is_own: bool,
}

/// What labels that rows of a site have stand for. Each is looked up once.
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
            let text = row.get_ref(1)?.as_str()?;
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
    use crate::clock::{Timestamp, Zone};
    use crate::store::circumstances::{Circumstances, Source};
    use crate::store::sites::{self, Keys, NewSite};
    use crate::store::users::{self, NewUser};

    /// The forms that a file knows.
    fn forms(connection: &Connection) -> Vec<String> {
        let sql = "select was.text || ' ' || form.text
             from page_forms join labels as was on was.id = label join labels as form on form.id = form
             order by 1";
        let mut question = connection.prepare(sql).unwrap();
        let rows = question.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn pages_have_a_form_and_what_only_led_to_a_site_has_one_once_it_is_a_sites_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let tx = connection.transaction().unwrap();
        let user = NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
        let owner = users::create(&tx, &user).unwrap();
        let site = |domain: &str| NewSite { domain: domain.into(), name: "A".into(), zone: Zone::utc() };
        let id =
            sites::create(&tx, owner, &site("a.example"), &Keys::generate().unwrap(), Timestamp(0)).unwrap();
        let label = |text: &str| labels::create(&tx, text).unwrap();
        for page in
            ["http://www.a.example/x", "https://copy.example:8443/x", "https://a.example/y", "a title"]
        {
            label(page);
        }
        let led = [
            (2, label("http://www.b.example/led")),
            (7, label("http://copy.example/from")),
            (2, label("http://blog.a.example/led")),
        ];
        for (medium, referrer) in led {
            let source = Source { medium, referrer, ..Source::default() };
            Circumstances::default().source(&tx, source).unwrap();
        }
        assert_eq!(add_all(&tx).unwrap(), 4);
        let known = [
            "http://blog.a.example/led https://blog.a.example/led",
            "http://copy.example/from https://copy.example/from",
            "http://www.a.example/x https://a.example/x",
            "https://copy.example:8443/x https://copy.example/x",
        ];
        assert_eq!(forms(&tx), known);
        assert_eq!(add_all(&tx).unwrap(), 0, "nothing is new");
        let edition = |tx: &Transaction<'_>| blocks::edition(tx, id).unwrap();
        let before = edition(&tx);
        let other = sites::create(&tx, owner, &site("c.example"), &Keys::generate().unwrap(), Timestamp(0));
        sites::update(&tx, other.unwrap(), &site("d.example")).unwrap();
        assert_eq!(edition(&tx), before, "nobody knew a page of that site");
        sites::update(&tx, id, &site("b.example")).unwrap();
        assert!(forms(&tx).contains(&"http://www.b.example/led https://b.example/led".to_owned()));
        assert!(edition(&tx) > before, "what was made of rows is out of date");
    }
}
