//! The data that a hit carries besides its action: custom data, split tests, clicks, and how pages were read.

use super::arrival::Arrival;
use super::dictionary::LabelDictionary;
use crate::error::Result;
use crate::ingest::budgets::{DayCounts, TextKind};
use crate::ingest::hit::{ActionKind, PageRef};
use crate::ingest::page_url;
use crate::limits;
use crate::model::id::{SiteId, VisitId};
use crate::store::page_reads::{self, PageRead};
use crate::store::visit_tables::{self, HeatmapClick};

/// Writes the data of a hit, as far as its visit has room. Returns the labels of the keys and values of custom data that it
/// set.
///
/// # Errors
///
/// Fails when the data file cannot be read or written.
pub fn write(
    (dictionary, page_clicks): (&mut LabelDictionary, &mut DayCounts<(SiteId, i64)>),
    arrival: &Arrival<'_>,
    visit: VisitId,
) -> Result<Vec<(i64, i64)>> {
    let Arrival { tx, hit, .. } = *arrival;
    let mut set = Vec::new();
    for (key, value) in hit.custom.iter().filter(|_| arrival.visitor.may_be_known) {
        let key = dictionary.word(arrival, TextKind::Custom, key)?;
        let value = dictionary.word(arrival, TextKind::Custom, value)?;
        if visit_tables::set_custom(tx, hit.site, visit, key, value, limits::CUSTOM_KEYS_MAX)? {
            set.push((key, value));
        }
    }
    for split in &hit.splits {
        let test = dictionary.word(arrival, TextKind::Custom, &split.test)?;
        let version = dictionary.word(arrival, TextKind::Custom, &split.version)?;
        let goal = dictionary.label(arrival, TextKind::Custom, split.goal.as_deref())?;
        visit_tables::create_split(tx, hit.site, visit, test, version, goal, limits::SPLITS_PER_VISIT_MAX)?;
    }
    write_clicks(dictionary, page_clicks, arrival, visit)?;
    write_reading(dictionary, arrival, visit)?;
    if let Some(values) = hit.vitals
        && let Some(page) = dictionary.page(arrival, ActionKind::PageView, &hit.page)?
    {
        visit_tables::create_vitals(tx, hit.site, visit, page, values, limits::VITALS_PER_VISIT_MAX)?;
    }
    Ok(set)
}

/// Writes the clicks on pages, as far as the visit and the pages have room.
fn write_clicks(
    dictionary: &mut LabelDictionary,
    page_clicks: &mut DayCounts<(SiteId, i64)>,
    arrival: &Arrival<'_>,
    visit: VisitId,
) -> Result<()> {
    let Arrival { tx, hit, site, context, .. } = *arrival;
    for point in hit.heatmap.iter().filter(|point| site.counts_host_of(&point.page)) {
        let Some(page) = dictionary.page(arrival, ActionKind::PageView, &point.page)? else { continue };
        if page_clicks.get(&(hit.site, page), context.day) >= limits::HEATMAP_CLICKS_PER_PAGE_DAY_MAX {
            continue;
        }
        let mut click =
            HeatmapClick { page, x: point.x, y: point.y, width: point.width, ..HeatmapClick::default() };
        if let Some(element) = &point.element {
            click.element = Some(dictionary.word(arrival, TextKind::Elements, &element.selector)?);
            click.text = dictionary.label(arrival, TextKind::Elements, element.text.as_deref())?;
            click.element_place = Some((element.x, element.y));
            (click.is_rage, click.is_dead) = (element.is_rage, element.is_dead);
        }
        let most = limits::HEATMAP_CLICKS_PER_VISIT_MAX;
        if visit_tables::create_heatmap_click(tx, hit.site, visit, &click, most)? {
            page_clicks.add((hit.site, page), context.day);
        }
    }
    Ok(())
}

/// Writes how a page was read. A depth is kept only where the site records it, like clicks.
fn write_reading(dictionary: &mut LabelDictionary, arrival: &Arrival<'_>, visit: VisitId) -> Result<()> {
    let Arrival { tx, hit, site, .. } = *arrival;
    let Some(reading) = &hit.reading else { return Ok(()) };
    if reading.page.address().is_none_or(|address| site.exclusions.excludes_page(address))
        || !site.counts_host_of(&reading.page)
    {
        return Ok(());
    }
    let depth = reading.depth.filter(|_| site.records_heatmap(hit, &reading.page, visit));
    if reading.seconds == 0 && depth.is_none() {
        return Ok(());
    }
    if let Some(page) = dictionary.page(arrival, ActionKind::PageView, &reading.page)? {
        page_reads::add(tx, hit.site, visit, &PageRead { page, seconds: reading.seconds, depth })?;
    }
    Ok(())
}

/// Writes that the page of a page view was not found, with the page whose link led there, as far as the visit has room.
///
/// # Errors
///
/// Fails when the data file cannot be read or written.
pub fn write_missing_page(
    dictionary: &mut LabelDictionary,
    arrival: &Arrival<'_>,
    visit: VisitId,
    page: i64,
) -> Result<()> {
    let Arrival { tx, hit, site, .. } = *arrival;
    let referrer = match page_url::link_origin(&hit.referrer) {
        // A page of the site, in the form that its views have.
        Some(address) if address.host_str().is_some_and(|host| site.site.owns_host(host)) => {
            dictionary.page(arrival, ActionKind::PageView, &PageRef::Absolute(address.into()))?
        }
        Some(address) => dictionary.label(arrival, TextKind::Sources, Some(address.as_str()))?,
        None => None,
    };
    let most = limits::MISSING_PAGES_PER_VISIT_MAX;
    visit_tables::create_missing_page(tx, hit.site, visit, page, referrer, most)
}

#[cfg(test)]
mod tests {
    use crate::ingest::beacon::{Beacon, RequestInfo};
    use crate::ingest::enrich::Enricher;
    use crate::ingest::geoip::GeoIp;
    use crate::ingest::recorder::Recorder;
    use crate::ingest::referrer_spam::ReferrerSpam;
    use crate::ingest::user_agent::ClientHints;
    use crate::limits;
    use crate::model::clock::{Timestamp, Zone};
    use crate::model::id::SiteId;
    use crate::store::sites::{self, Keys, NewSite};
    use crate::store::users::{self, NewUser};
    use crate::store::writer::HitHandler;
    use rusqlite::Transaction;
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn site(tx: &Transaction<'_>) -> SiteId {
        let user = NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
        let owner = users::create(tx, &user).unwrap();
        let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
        sites::create(tx, owner, &new, &Keys::generate().unwrap(), Timestamp(0)).unwrap()
    }

    #[test]
    fn a_page_keeps_no_more_clicks_of_a_day_than_its_limit() {
        let mut connection = crate::store::scratch().unwrap();
        let tx = connection.transaction().unwrap();
        let site = site(&tx);
        let enricher = Enricher::new(Arc::new(GeoIp::builtin()));
        let mut recorder = Recorder::for_import(Arc::new(ReferrerSpam::builtin()));
        let tell = |recorder: &mut Recorder, kind: &str, clicks: &[&str]| {
            let beacon = Beacon {
                site: Some(site),
                kind: kind.into(),
                href: "https://a.example/".into(),
                heatmap: clicks.iter().map(|click| (*click).to_owned()).collect(),
                javascript: true,
                ..Beacon::default()
            };
            let request = RequestInfo {
                at: NOW,
                address: [192, 0, 2, 1].into(),
                agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                hints: ClientHints::default(),
                host: Some("a.example".into()),
                language: "en",
                opted_out: false,
            };
            recorder.handle(&tx, &enricher.enrich(beacon, &request).unwrap()).unwrap();
        };
        let stored = |page: &str| -> i64 {
            let sql =
                "select count(x) from heatmap_clicks join labels on labels.id = page where labels.text = ?1";
            tx.query_row(sql, [page], |row| row.get(0)).unwrap()
        };
        tell(&mut recorder, "pageview", &[]);
        tell(&mut recorder, "heatmap", &["/shop|1|2|1000"]);
        let page: i64 = tx.query_row("select page from heatmap_clicks", [], |row| row.get(0)).unwrap();
        for _ in 2..limits::HEATMAP_CLICKS_PER_PAGE_DAY_MAX {
            recorder.page_clicks.add((site, page), Zone::utc().day(NOW));
        }
        tell(&mut recorder, "heatmap", &["/shop|2|2|1000", "/shop|3|2|1000", "/other|4|2|1000"]);
        assert_eq!(stored("https://a.example/shop"), 2, "there was room for one more");
        assert_eq!(stored("https://a.example/other"), 1);
    }
}
