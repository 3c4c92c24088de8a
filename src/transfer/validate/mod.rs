//! Whether an exported site says what this program could have written: anybody may have changed the file since. What
//! forms and beacons refuse is refused here too.

mod head;
mod visit;

pub use head::check as check_head;

use crate::access::{embed_origins, guest_links, hosts, password, segments};
use crate::ingest::drop_reason::DropReason;
use crate::ingest::page_url;
use crate::limits;
use crate::model::clock::Day;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::engine::rollups;
use crate::reports::filter;
use crate::store::rollups::{ALL, HOUR};
use crate::store::site_export::{
    Filtered, Imported, ImportedLines, LinkRecord, OtherHostRecord, Record, SaltRecord, SampleRecord,
    SegmentRecord, Total,
};

/// What is wrong, if anything.
type Problem = Option<&'static str>;

/// What is wrong with a record, if anything.
pub fn problem(record: &Record) -> Problem {
    match record {
        Record::Visit(visit) => visit::problem(visit),
        Record::Total(total) => of_total(total),
        Record::Filtered(filtered) => of_filtered(filtered),
        Record::Sample(sample) => of_sample(sample),
        Record::OtherHost(host) => of_other_host(host),
        Record::Segment(segment) => of_segment(segment),
        Record::Link(link) => of_link(link),
        Record::Imported(import) => of_import(import),
        Record::Lines(lines) => of_lines(lines),
        Record::Salt(salt) => of_salt(salt),
        Record::End { .. } => None,
    }
}

/// The first of these that does not hold.
fn first_wrong<const COUNT: usize>(checks: [(bool, &'static str); COUNT]) -> Problem {
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, why)| why)
}

fn is_count(number: i64) -> bool {
    (0..=limits::FILE_COUNT_MAX).contains(&number)
}

fn is_moment(milliseconds: i64) -> bool {
    (0..=limits::FILE_MOMENT_MAX).contains(&milliseconds)
}

fn is_moment_or_none(milliseconds: Option<i64>) -> bool {
    milliseconds.is_none_or(is_moment)
}

fn is_day(day: Day) -> bool {
    (0..=limits::FILE_DAY_MAX).contains(&day.0)
}

fn is_text(text: &str, bytes_max: usize) -> bool {
    text.len() <= bytes_max && !text.contains(char::is_control)
}

/// Whether a text can be an address of a page, a file or a link: none that would run a script.
fn is_address(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme =
        |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_text(text, limits::URL_BYTES_MAX)
        && (!scheme.is_some_and(is_scheme) || page_url::link_address(text).is_some())
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Names by comma.
fn are_names(text: &str) -> bool {
    text.len() <= limits::FILE_NAMES_BYTES_MAX
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-,".contains(&byte))
}

fn of_total(total: &Total) -> Problem {
    let dimension = rollups::kept_dimension(&total.dimension);
    let is_known = dimension.is_some() || [ALL, HOUR].contains(&total.dimension.as_str());
    let codes = if total.dimension == HOUR { 0..=23 } else { 0..=i64::from(u32::MAX) };
    let sums =
        [total.hits, total.visits, total.uniques, total.new, total.actions, total.seconds, total.bounces];
    let is_named = |text: &Option<String>| {
        text.as_deref().is_none_or(|text| {
            if leads_somewhere(dimension) { is_address(text) } else { is_text(text, limits::URL_BYTES_MAX) }
        })
    };
    let is_plain =
        |text: &Option<String>| text.as_deref().is_none_or(|text| is_text(text, limits::URL_BYTES_MAX));
    first_wrong([
        (is_known, "there are no totals by that"),
        (is_day(total.day), "the day is none from 1970 to 2199"),
        (codes.contains(&total.code), "the total has a code that there is not"),
        (
            is_named(&total.item) && is_plain(&total.within) && is_plain(&total.beside),
            "a text of the total is too long, or none",
        ),
        (sums.into_iter().all(is_count), "a number of the total is below nothing, or far too large"),
        (total.kinds.as_deref().is_none_or(are_kinds), "the total's kinds of actions are not five numbers"),
    ])
}

fn leads_somewhere(dimension: Option<&Dimension>) -> bool {
    dimension.is_some_and(|dimension| matches!(dimension.naming, ValueKind::Page | ValueKind::Address))
}

fn are_kinds(text: &str) -> bool {
    let numbers = text.split(',').map(|number| number.parse().is_ok_and(is_count));
    text.split(',').count() == 5 && numbers.into_iter().all(|is_right| is_right)
}

fn of_filtered(filtered: &Filtered) -> Problem {
    first_wrong([
        (is_day(filtered.day), "the day is none from 1970 to 2199"),
        (DropReason::from_name(&filtered.reason).is_some(), "nothing is left out for that reason"),
        (is_count(filtered.count), "the count is below nothing, or far too large"),
    ])
}

fn of_sample(sample: &SampleRecord) -> Problem {
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

fn of_other_host(other: &OtherHostRecord) -> Problem {
    first_wrong([
        (is_day(other.day), "the day is none from 1970 to 2199"),
        (hosts::is_host(&other.host), "the host is none"),
        (is_count(other.page_views), "the count is below nothing, or far too large"),
        ((0..=other.page_views).contains(&other.filtered), "more page views are filtered than there were"),
    ])
}

fn are_conditions(text: &str) -> bool {
    filter::read(text).is_ok_and(|wanted| !wanted.is_empty())
}

fn of_segment(segment: &SegmentRecord) -> Problem {
    first_wrong([
        (segments::check_name(&segment.name).is_ok(), "the segment's name is too long, or none"),
        (are_conditions(&segment.conditions), "the segment's filters are none"),
        (is_moment(segment.created_at), "the time is none from 1970 to 2199"),
    ])
}

fn of_link(link: &LinkRecord) -> Problem {
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

fn of_lines(lines: &ImportedLines) -> Problem {
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

fn of_import(import: &Imported) -> Problem {
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

fn of_salt(salt: &SaltRecord) -> Problem {
    first_wrong([
        (is_day(salt.day), "the day is none from 1970 to 2199"),
        (is_digits(&salt.salt, 64), "the day's secret is none"),
    ])
}
