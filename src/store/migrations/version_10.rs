//! The step to version 10: a site's own hosts, and the forms of its pages. Sites that are there already keep counting hits
//! from all hosts until their people decide otherwise. Rows keep the addresses that they have; what was made of them is
//! made anew where pages have another form now.

use crate::error::Result;
use crate::limits;
use crate::model::page_form;
use crate::store::page_forms::{self, PageQueries};
use rusqlite::{Transaction, named_params};

/// The queries of pages in a file of version 9.
const PAGE_QUERIES: PageQueries = PageQueries {
    addresses:
        "select id, text, exists (select 1 from sources where referrer = labels.id and medium <> :internal)
         from labels
         where id > :after and id <= :last and (text glob 'http://*' or text glob 'https://*')
         order by id",
    rollups: "select item, beside from totals
         where dimension in ('href', 'landing', 'exit', 'host', 'download', 'event', 'video')",
};

/// Brings a file from the previous version to this one.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    transaction.execute_batch(include_str!("0010.sql"))?;
    note_origins(transaction)?;
    if page_forms::add_all(transaction, &PAGE_QUERIES)? > 0 {
        // Their blocks belong to no range any more and are deleted later.
        transaction.execute("delete from stretches", [])?;
    }
    Ok(())
}

/// Notes of each site where its pages are, by the newest of its last visits that began on its domain.
fn note_origins(transaction: &Transaction<'_>) -> Result<()> {
    let sites: Vec<(i64, String)> = {
        let mut question = transaction.prepare("select id, domain from sites")?;
        let rows = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    for (site, domain) in sites {
        let mut question = transaction.prepare_cached(
            "select text from visits left join labels on labels.id = landing
             where site_id = :site
             order by visits.id desc
             limit :most",
        )?;
        let bound = named_params! {":site": site, ":most": limits::ORIGIN_VISITS_MAX};
        let mut rows = question.query(bound)?;
        while let Some(row) = rows.next()? {
            let landing: Option<String> = row.get(0)?;
            let landing = landing.filter(|landing| page_form::is_on(landing, &domain));
            if let Some(origin) = landing.as_deref().and_then(page_form::origin) {
                let sql = "update sites set page_origin = :origin where id = :site";
                transaction.execute(sql, named_params! {":origin": origin, ":site": site})?;
                break;
            }
        }
    }
    Ok(())
}
