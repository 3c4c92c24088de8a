//! A group of items that share a row of a report, such as all versions of a browser.

use super::keyed::KeyedRow;
use crate::model::metrics::Metrics;
use crate::reports::columns::DictKey;
use crate::reports::comparison::Compared;
use crate::reports::engine::name_resolver::NameResolver;

/// A group of items that share a row of a report.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The common part of their names.
    pub name: String,
    /// The keys of its items in the range, ascending.
    pub keys: Vec<DictKey>,
    /// The metrics of the group.
    pub metrics: Compared<Metrics>,
}

impl Group {
    /// Returns the row of the group.
    pub(super) fn row(&self, names: &NameResolver<'_>) -> KeyedRow {
        KeyedRow {
            name: names.group_name(&self.name),
            keys: self.keys.clone(),
            metrics: self.metrics.now,
            before: self.metrics.before,
        }
    }
}
