//! Tests of the catalogue of reports.

use super::*;
use crate::reports::dimension::GroupKey;
use std::collections::HashSet;

#[test]
fn names_filters_and_titles_are_used_once() {
    let names: HashSet<&str> = REPORTS.iter().map(|report| report.name).collect();
    assert_eq!(names.len(), REPORTS.len());
    let titles: HashSet<&str> = REPORTS.iter().map(|report| report.title).collect();
    assert_eq!(titles.len(), REPORTS.len());
    let filters: HashSet<&str> = dimensions().iter().map(|dimension| dimension.filter).collect();
    assert_eq!(filters.len(), dimensions().len());
}

#[test]
fn every_dimension_has_a_report() {
    let is_touched = |dimension: &&Dimension| matches!(dimension.group_key, GroupKey::Property(one) if one.touch().is_some());
    for own in dimensions().iter().filter(|dimension| !is_touched(dimension)) {
        let counts = |report: &&Report| report.kind.dimension() == Some(own);
        assert!(REPORTS.iter().any(|report| counts(&report)), "{}", own.filter);
    }
}
