//! Removal of the metrics that a person may not see, from every part of what the engine answers. Nobody above the engine can
//! show them, and nothing can be computed from them.

use crate::model::metrics::Metrics;
use crate::reports::answer::{Answer, Slice, SliceRows};
use crate::reports::comparison::Compared;
use crate::reports::partial::Partial;
use crate::reports::results::table::TableRow;
use crate::reports::results::time_series::TimeSeries;
use crate::reports::visibility::Visibility;

/// Removes hidden metrics from an answer.
pub fn redact(answer: &mut Answer, visibility: &Visibility) {
    if visibility.shows_revenue() {
        return;
    }
    if let Some(totals) = &mut answer.totals {
        both(totals, |metrics: &mut Metrics| visibility.redact(metrics));
    }
    if let Some(series) = &mut answer.series {
        both(series, |series: &mut TimeSeries| {
            series.metrics_mut().iter_mut().for_each(|metrics| visibility.redact(metrics));
        });
    }
    let item = answer.item.as_mut();
    let (row, table) = item.map_or((None, None), |item| (item.row.as_mut(), item.table.as_mut()));
    let cross_tab = answer.cross_tab.as_mut();
    let (cross_rows, columns) =
        cross_tab.map_or((None, None), |found| (Some(&mut found.rows), Some(&mut found.columns)));
    let tables = answer.tables.iter_mut().chain(table).chain(cross_rows);
    let versions = answer.split_test.iter_mut().flat_map(|test| &mut test.versions);
    let rows = tables.flat_map(|table| &mut table.rows).chain(row).chain(columns.into_iter().flatten());
    let rows = rows.chain(versions.map(|version| &mut version.row));
    rows.for_each(|row| redact_row(row, visibility));
}

/// Removes hidden metrics from a slice of an export.
pub fn redact_slice(slice: &mut Slice, visibility: &Visibility) {
    if let SliceRows::Items(rows) = &mut slice.rows {
        for row in rows {
            redact_row(row, visibility);
        }
    }
}

/// Removes hidden metrics from a partial answer.
pub fn redact_partial(partial: &mut Partial, visibility: &Visibility) {
    let items = partial.items.iter_mut().flat_map(|items| items.values_mut());
    let metrics = partial.days.values_mut().chain(partial.hours.values_mut()).chain(items);
    metrics.for_each(|metrics| visibility.redact(metrics));
}

fn redact_row(row: &mut TableRow, visibility: &Visibility) {
    visibility.redact(&mut row.metrics);
    row.before.iter_mut().for_each(|before| visibility.redact(before));
}

fn both<T>(compared: &mut Compared<T>, mut redact: impl FnMut(&mut T)) {
    redact(&mut compared.now);
    compared.before.iter_mut().for_each(redact);
}
