//! One page of a table of pages of a site that were counted by an analysis: ranked, and those of the same rank in the order
//! of their texts, which is the same in every file.

use super::runner::QueryRunner;
use crate::error::Result;
use crate::reports::catalogue;
use crate::reports::columns::DictKey;
use crate::reports::dimension::ValueKind;
use crate::reports::results::item_name::ItemName;
use crate::reports::results::reading::Reading;
use crate::reports::search::Search;
use crate::reports::table_query::Page;

/// A row of a page: its key, what was counted, and its name.
pub type NamedRow<T> = (DictKey, T, ItemName);

/// Returns one page of rows by their rank, the lowest first, and the number of rows that a search finds.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn page_of<T: Copy, R: Ord>(
    runner: &QueryRunner<'_>,
    mut rows: Vec<(DictKey, T)>,
    (search, page): (&Search, Page),
    rank: impl Fn(&T) -> R,
) -> Result<(Vec<NamedRow<T>>, usize)> {
    let namer = runner.namer(catalogue::pages());
    let search = search.matcher();
    if !search.is_unrestricted() {
        let mut kept = Vec::new();
        for row in rows {
            if namer.name(row.0, None)?.is_found_by(&search) {
                kept.push(row);
            }
        }
        rows = kept;
    }
    rows.sort_unstable_by_key(|(_, found)| rank(found));
    let (count, places) = (rows.len(), page.places());
    let shown = places.start.min(count)..places.end.min(count);
    // The page's first and last rank may go on before and after it.
    let tied = |place: usize| rows.get(place).map(|(_, found)| rank(found));
    let mut around = shown.clone();
    while around.start > 0 && !shown.is_empty() && tied(around.start - 1) == tied(shown.start) {
        around.start -= 1;
    }
    while around.end < count && !shown.is_empty() && tied(around.end) == tied(shown.end - 1) {
        around.end += 1;
    }
    let mut listed = Vec::with_capacity(around.len());
    for (key, found) in &rows[around.clone()] {
        listed.push((*key, *found, namer.name(*key, None)?));
    }
    listed.sort_by_cached_key(|(_, found, name)| (rank(found), Reading::of_item(ValueKind::Page, name)));
    Ok((listed.into_iter().skip(shown.start - around.start).take(shown.len()).collect(), count))
}
