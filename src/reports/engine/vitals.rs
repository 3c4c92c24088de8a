//! The web vitals of a site, of all pages and page by page. Percentiles are exact: all values are counted. Those of single
//! pages are counted for as many pages at a time as memory allows.

use super::aggregate::vital_values::{CountedPages, Measurements, VitalsByDevice, VitalsByPage};
use super::page_rows;
use super::runner::QueryRunner;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::device_type::DeviceType;
use crate::reports::catalogue;
use crate::reports::columns::DictKey;
use crate::reports::comparison::Compared;
use crate::reports::dimension::GroupKey;
use crate::reports::query::{VitalsSort, VitalsTable, VitalsWant};
use crate::reports::results::vitals::{VitalsPage, VitalsResult, VitalsSummary};
use foldhash::HashMap;
use std::cmp::Reverse;
use std::sync::Arc;
use strum::IntoEnumIterator;

/// A page with its web vitals in the range.
type PageRow = (DictKey, VitalsSummary);
/// The order of a page before others: by the sort column, then by the measurements.
type Rank = (Reverse<Option<i64>>, Reverse<i64>);

/// Returns the web vitals of a site. Pages and devices are left out where they are hidden.
///
/// # Errors
/// Fails with `Error::Forbidden` for one device where devices are hidden, with `Error::Abandoned` when the request is
/// cancelled, and when the data cannot be read.
pub fn vitals(runner: &QueryRunner<'_>, want: &VitalsWant) -> Result<VitalsResult> {
    let shows_devices = runner.visibility.counts_by(catalogue::devices());
    if want.device.is_some() && !shows_devices {
        return Err(Error::Forbidden);
    }
    let device = want.device.map(code_of);
    let (mut now, mut before) = (VitalsByDevice::default(), VitalsByDevice::default());
    runner.run(&mut [&mut now])?;
    // Rollups have no vitals, as they have no single visits.
    let is_compared = runner.run_before_by(GroupKey::Visit, &mut [&mut before])?;
    let pages = now.pages();
    let overall = Compared {
        now: of_device(&now.found, device),
        before: is_compared.then(|| of_device(&before.found, device)),
    };
    let mut result = VitalsResult { overall, ..VitalsResult::default() };
    if shows_devices {
        let compared = |device: DeviceType| {
            let code = Some(code_of(device));
            let before = is_compared.then(|| of_device(&before.found, code));
            (device, Compared { now: of_device(&now.found, code), before })
        };
        result.devices =
            DeviceType::iter().map(compared).filter(|(_, found)| found.now.measurements > 0).collect();
    }
    drop((now, before));
    if runner.visibility.counts_by(catalogue::pages()) {
        let measurements = u64::try_from(result.overall.now.measurements).unwrap_or(0);
        let rows = count_pages(runner, device, (measurements, pages))?;
        (result.pages, result.count) = page_of(runner, rows, &want.table, (device, is_compared))?;
    }
    Ok(result)
}

/// Returns the code of a device in columns.
fn code_of(device: DeviceType) -> DictKey {
    device.code().cast_unsigned()
}

/// Summarizes the values of one device, or of all.
fn of_device(found: &HashMap<DictKey, Measurements>, device: Option<DictKey>) -> VitalsSummary {
    let mut values = Measurements::default();
    for (_, more) in found.iter().filter(|(code, _)| device.is_none_or(|device| device == **code)) {
        values.add_all(more);
    }
    values.summary()
}

/// Returns the web vitals of all pages, of which there are about so many with so many measurements; of too many pages those
/// with most measurements.
fn count_pages(
    runner: &QueryRunner<'_>,
    device: Option<DictKey>,
    (measurements, pages): (u64, u64),
) -> Result<Vec<PageRow>> {
    let limits = runner.snapshot.limits();
    let parts = |rows: u64, most: usize| rows.div_ceil(u64::try_from(most.max(1)).unwrap_or(u64::MAX));
    let parts =
        parts(measurements, limits.vitals_counted_max).max(parts(pages, limits.items_counted_max)).max(1);
    let mut rows: Vec<PageRow> = Vec::new();
    for part in 0..parts {
        let mut found = VitalsByPage::new(CountedPages::Part(part, parts), device);
        runner.run(&mut [&mut found])?;
        rows.extend(found.found.into_iter().map(|(page, mut values)| (page, values.summary())));
        if rows.len() > limits::VITAL_PAGES_MAX {
            rows.sort_unstable_by_key(|(page, found)| (Reverse(found.measurements), *page));
            rows.truncate(limits::VITAL_PAGES_MAX);
        }
    }
    Ok(rows)
}

/// Returns one page of the table, and the number of rows on all pages; compared, of a device or of all, if asked.
fn page_of(
    runner: &QueryRunner<'_>,
    rows: Vec<PageRow>,
    table: &VitalsTable,
    (device, is_compared): (Option<DictKey>, bool),
) -> Result<(Vec<VitalsPage>, usize)> {
    let (listed, count) =
        page_rows::page_of(runner, rows, (&table.search, table.page), |found| rank(found, table))?;
    let mut before = None;
    if is_compared {
        let pages = listed.iter().map(|(page, ..)| *page).collect();
        let mut earlier = VitalsByPage::new(CountedPages::Only(Arc::new(pages)), device);
        runner.run_before(&mut [&mut earlier])?;
        before = Some(earlier.found);
    }
    let pages = listed.into_iter().map(|(page, now, name)| {
        let before = before
            .as_mut()
            .map(|before| before.get_mut(&page).map(Measurements::summary).unwrap_or_default());
        VitalsPage { name, summary: Compared { now, before } }
    });
    Ok((pages.collect(), count))
}

/// Returns the place of a page in the order of a table; pages without a value come last.
fn rank(found: &VitalsSummary, table: &VitalsTable) -> Rank {
    let value = match table.sort {
        VitalsSort::Measurements => Some(found.measurements),
        VitalsSort::Vital(vital) => found.get(vital).p75.map(i64::from),
    };
    let value = if table.is_ascending { value.map(|value| -value) } else { value };
    (Reverse(value), Reverse(found.measurements))
}
