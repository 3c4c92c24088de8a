//! The validation of an exported site: each record must be one that this program could have written, since the file may
//! have been changed. The limits of forms and beacons apply here too.

mod alerts;
mod goals;
mod head;
mod values;
mod visit;

pub use head::check as check_head;

use self::values::{
    RecordProblem, are_conditions, are_names, first_wrong, is_address, is_amount, is_count, is_day,
    is_digits, is_moment, is_moment_or_none, is_text,
};
use crate::access::password;
use crate::ingest::drop_reason::DropReason;
use crate::limits;
use crate::model::metrics::Measure;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::engine::rollups;
use crate::sites::{embed_origins, guest_links, hosts, segments};
use crate::store::rollups::{ALL, GOAL, HOUR};
use crate::store::site_export::{
    Filtered, Imported, ImportedLines, LinkRecord, OtherHostRecord, Record, SaltRecord, SampleRecord,
    SegmentRecord, Total,
};

/// Returns the problem of a record, if there is one.
pub fn problem(record: &Record) -> RecordProblem {
    match record {
        Record::Visit(visit) => visit::problem(visit),
        Record::Goal(goal) => goals::goal_problem(goal),
        Record::Funnel(funnel) => goals::funnel_problem(funnel),
        Record::Alert(alert) => alerts::alert_problem(alert),
        Record::Monitor(monitor) => alerts::monitor_problem(monitor),
        Record::MonitorHours(hours) => alerts::hours_problem(hours),
        Record::Outage(outage) => alerts::outage_problem(outage),
        Record::CampaignRule(rule) => goals::rule_problem(rule),
        Record::CampaignCost(cost) => goals::cost_problem(cost),
        Record::CampaignLink(link) => goals::link_problem(link),
        Record::Annotation(annotation) => goals::annotation_problem(annotation),
        Record::VisitorNote(note) => goals::visitor_note_problem(note),
        Record::Total(total) => total_problem(total),
        Record::Filtered(filtered) => filtered_problem(filtered),
        Record::Sample(sample) => sample_problem(sample),
        Record::OtherHost(host) => other_host_problem(host),
        Record::Segment(segment) => segment_problem(segment),
        Record::Link(link) => link_problem(link),
        Record::Imported(import) => import_problem(import),
        Record::Lines(lines) => lines_problem(lines),
        Record::Salt(salt) => salt_problem(salt),
        Record::End { .. } => None,
    }
}

fn total_problem(total: &Total) -> RecordProblem {
    let dimension = rollups::kept_dimension(&total.dimension);
    let is_known = dimension.is_some() || [ALL, HOUR].contains(&total.dimension.as_str());
    let codes = if total.dimension == HOUR { 0..=23 } else { 0..=i64::from(u32::MAX) };
    let is_named = |text: &Option<String>| {
        text.as_deref().is_none_or(|text| {
            if is_address_dimension(dimension) {
                is_address(text)
            } else {
                is_text(text, limits::URL_BYTES_MAX)
            }
        })
    };
    let is_plain =
        |text: &Option<String>| text.as_deref().is_none_or(|text| is_text(text, limits::URL_BYTES_MAX));
    let is_goal = match (&total.goal, total.dimension == GOAL) {
        (Some(goal), true) => total.code == 0 && goals::is_code(goal),
        (goal, is_by_goal) => goal.is_none() && !is_by_goal,
    };
    first_wrong([
        (is_known, "there are no totals by that"),
        (is_goal, "the total names no goal"),
        (is_day(total.day), "the day is none from 1970 to 2199"),
        (codes.contains(&total.code), "the total has a code that there is not"),
        (
            is_named(&total.item) && is_plain(&total.within) && is_plain(&total.beside),
            "a text of the total is too long, or none",
        ),
        (are_sums(total), "a number of the total is below nothing, or far too large"),
        (total.kinds.as_deref().is_none_or(are_kinds), "the total's kinds of actions are not five numbers"),
    ])
}

fn are_sums(total: &Total) -> bool {
    let mut sums = Measure::COLUMNS.into_iter().zip(total.sums.0);
    sums.all(|(column, sum)| match column {
        "earned" | "refunded" => sum >= 0 && is_amount(sum),
        _ => is_count(sum),
    })
}

fn is_address_dimension(dimension: Option<&Dimension>) -> bool {
    dimension.is_some_and(|dimension| matches!(dimension.value_kind, ValueKind::Page | ValueKind::Address))
}

fn are_kinds(text: &str) -> bool {
    let numbers = text.split(',').map(|number| number.parse().is_ok_and(is_count));
    text.split(',').count() == Measure::KIND_COUNT && numbers.into_iter().all(|is_right| is_right)
}

fn filtered_problem(filtered: &Filtered) -> RecordProblem {
    first_wrong([
        (is_day(filtered.day), "the day is none from 1970 to 2199"),
        (DropReason::from_name(&filtered.reason).is_some(), "nothing is left out for that reason"),
        (is_count(filtered.count), "the count is below nothing, or far too large"),
    ])
}

fn sample_problem(sample: &SampleRecord) -> RecordProblem {
    let texts = [&sample.page, &sample.agent, &sample.referrer];
    let is_short =
        |text: &Option<String>| text.as_deref().is_none_or(|text| is_text(text, limits::SAMPLE_BYTES_MAX));
    first_wrong([
        (is_day(sample.day) && is_moment(sample.at), "the time is none from 1970 to 2199"),
        (DropReason::from_name(&sample.reason).is_some(), "nothing is left out for that reason"),
        ((1..=limits::FILE_COUNT_MAX).contains(&sample.number), "the sample has no number"),
        (texts.into_iter().all(is_short), "a text of the sample is too long, or none"),
    ])
}

fn other_host_problem(other: &OtherHostRecord) -> RecordProblem {
    first_wrong([
        (is_day(other.day), "the day is none from 1970 to 2199"),
        (hosts::is_host(&other.host), "the host is none"),
        (is_count(other.page_views), "the count is below nothing, or far too large"),
        ((0..=other.page_views).contains(&other.filtered), "more page views are filtered than there were"),
    ])
}

fn segment_problem(segment: &SegmentRecord) -> RecordProblem {
    first_wrong([
        (segments::check_name(&segment.name).is_ok(), "the segment's name is too long, or none"),
        (are_conditions(&segment.conditions), "the segment's filters are none"),
        (is_moment(segment.created_at), "the time is none from 1970 to 2199"),
    ])
}

fn link_problem(link: &LinkRecord) -> RecordProblem {
    let are_origins =
        |text: &str| embed_origins::origins(text).is_ok_and(|origins| origins.join(" ") == text);
    let are_moments = [link.expires_at, link.disabled_at, link.opened_at].into_iter().all(is_moment_or_none);
    first_wrong([
        (is_digits(&link.token, 40), "the guest link's address is none that this program makes"),
        (guest_links::check_name(&link.name).is_ok(), "the guest link's name is too long, or none"),
        (
            link.password.as_deref().is_none_or(password::is_affordable),
            "the guest link's password is none that this program has hashed",
        ),
        (are_names(&link.reports) && are_names(&link.visitor_data), "what the guest link shows are no names"),
        (are_origins(&link.embed_origins), "the guest link names pages that are none"),
        (link.segment.as_deref().is_none_or(are_conditions), "the guest link's filters are none"),
        (is_moment(link.created_at) && are_moments, "the time is none from 1970 to 2199"),
        (is_count(link.views), "the count is below nothing, or far too large"),
    ])
}

fn lines_problem(lines: &ImportedLines) -> RecordProblem {
    let count = lines.hashes.len() / 16;
    let all = count.checked_mul(usize::try_from(lines.times).unwrap_or(usize::MAX));
    let periods = 0..=limits::FILE_MOMENT_MAX / limits::IMPORT_PERIOD_MS;
    first_wrong([
        (is_digits(&lines.key, 32), "the key of the lines is none"),
        (count > 0 && is_digits(&lines.hashes, count * 16), "the lines' hashes are none"),
        (
            lines.times > 0 && all.is_some_and(|all| all <= limits::IMPORT_PERIOD_LINES_MAX),
            "there are no lines, or far too many",
        ),
        (periods.contains(&lines.period) && is_moment(lines.seen_at), "the time is none from 1970 to 2199"),
    ])
}

fn import_problem(import: &Imported) -> RecordProblem {
    let heads = 0..=i64::try_from(limits::IMPORT_HEAD_BYTES).unwrap_or(i64::MAX);
    let counts = [import.lines, import.taken, import.left_out, import.refused];
    first_wrong([
        (
            is_digits(&import.hash, 64) && heads.contains(&import.head_bytes),
            "the imported file's hash is none",
        ),
        (["hits", "log"].contains(&import.format.as_str()), "the imported file's format is none"),
        (is_text(&import.name, limits::FILE_NAME_BYTES_MAX), "the imported file's name is too long, or none"),
        ((0..=limits::FILE_BYTES_MAX).contains(&import.bytes), "the imported file is far too large"),
        (counts.into_iter().all(is_count), "the count is below nothing, or far too large"),
        (
            is_moment(import.begun_at) && is_moment_or_none(import.ended_at),
            "the time is none from 1970 to 2199",
        ),
    ])
}

fn salt_problem(salt: &SaltRecord) -> RecordProblem {
    first_wrong([
        (is_day(salt.day), "the day is none from 1970 to 2199"),
        (is_digits(&salt.salt, 64), "the day's secret is none"),
    ])
}
