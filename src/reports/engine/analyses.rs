//! The answers of analyses: funnels, journeys, split tests, retention, hours of the week, web vitals and heatmaps.

use super::funnel::answer::funnel;
use super::heatmaps::{heatmap, heatmap_pages};
use super::journey::answer::journey;
use super::retention::retention;
use super::runner::QueryRunner;
use super::split_tests::split_test;
use super::vitals::vitals;
use super::week_hours::week_hours;
use crate::error::Result;
use crate::reports::answer::Answer;
use crate::reports::query::Query;

/// Adds those that a query wants to its answer.
///
/// # Errors
/// Fails with `Error::Forbidden` for hidden data, with `Error::Missing` or `Error::Invalid` for what is not there or not possible, and
/// when the query is cancelled or the data cannot be read.
pub fn answer(runner: &QueryRunner<'_>, query: &Query, answer: &mut Answer) -> Result<()> {
    let (snapshot, wants) = (runner.snapshot, &query.wants);
    answer.funnel = wants.funnel.as_ref().map(|want| funnel(snapshot, query, want)).transpose()?;
    answer.journey = wants.journey.as_ref().map(|want| journey(snapshot, query, want)).transpose()?;
    answer.split_test = wants.split_test.as_ref().map(|want| split_test(runner, want)).transpose()?;
    answer.retention = wants.retention.map(|unit| retention(snapshot, query, unit)).transpose()?;
    answer.hours = wants.hours.map(|metric| week_hours(runner, metric)).transpose()?;
    answer.vitals = wants.vitals.as_ref().map(|want| vitals(runner, want)).transpose()?;
    answer.heatmap_pages =
        wants.heatmap_pages.as_ref().map(|want| heatmap_pages(runner, want)).transpose()?;
    answer.heatmap = wants.heatmap.as_ref().map(|want| heatmap(runner, want)).transpose()?;
    Ok(())
}
