//! The checks of an imported visit and all records that belong to it.

use super::values::{RecordProblem, first_wrong, is_address, is_amount, is_count, is_moment, is_text};
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::device_type::DeviceType;
use crate::model::id::{VisitId, VisitorId};
use crate::model::vital::Vital;
use crate::store::labels;
use crate::store::site_export::{VisitRecord, source_attributes, text_attributes};

/// The longest accepted stay in milliseconds, twice the limit: later actions open the next visit.
const STAY_MAX: i64 = 2 * limits::VISIT_HOURS_MAX * 3_600_000;
/// The bits of all traits.
const TRAITS_MAX: i64 = 7;

/// Returns the first problem of a visit, if there is one.
pub fn problem(visit: &VisitRecord) -> RecordProblem {
    numbers_problem(visit)
        .or_else(|| texts_problem(visit))
        .or_else(|| attached_problem(visit))
        .or_else(|| pages_problem(visit))
}

fn numbers_problem(visit: &VisitRecord) -> RecordProblem {
    let counts = |kind: i64| ActionKind::from_code(kind).is_some_and(ActionKind::counts);
    let actions = visit.actions.iter().filter(|action| counts(action.kind)).count();
    let is_counted = i64::try_from(actions).is_ok_and(|actions| actions == visit.actions_count)
        && (0..=visit.actions_count).contains(&visit.page_views);
    let has_begun = VisitId::parse(&visit.id).map(|id| is_moment(id.began().0));
    let mut touches = visit.first_source.iter().chain(&visit.last_source);
    let degrees = [(visit.latitude, 90.0), (visit.longitude, 360.0)];
    first_wrong([
        (has_begun.is_some(), "the visit has no number"),
        (has_begun != Some(false), "the time is none from 1970 to 2199"),
        (VisitorId::parse(&visit.visitor).is_some(), "the visitor has no number"),
        (
            (0..=STAY_MAX).contains(&visit.stay),
            "the visit is longer than one can be, or shorter than nothing",
        ),
        (is_counted, "the visit counts other actions than it has"),
        ((0..=TRAITS_MAX).contains(&visit.traits), "the visit has a trait that there is not"),
        (Channel::from_code(visit.medium).is_some(), "visits do not come that way"),
        (
            touches.all(|source| Channel::from_code(source.medium).is_some()),
            "earlier visits do not come that way",
        ),
        (DeviceType::from_code(visit.hardware).is_some(), "there is no such machine"),
        (
            degrees.into_iter().all(|(degrees, most)| degrees.is_none_or(|degrees| degrees.abs() <= most)),
            "there is no such place on earth",
        ),
    ])
}

fn texts_problem(visit: &VisitRecord) -> RecordProblem {
    let is_right = |(name, text): (&String, &String)| match name.as_str() {
        "landing" | "exit" | "referrer" => is_address(text),
        "country" => {
            text == labels::OTHER
                || text.len() == 2
                    && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        }
        "hostname" => is_text(text, limits::HOSTNAME_BYTES_MAX),
        name => text_attributes().any(|one| one.column() == name) && is_text(text, limits::TITLE_BYTES_MAX),
    };
    let is_source = |name: &String| source_attributes().any(|one| one.column() == name);
    let touches = visit.first_source.iter().chain(&visit.last_source);
    let are_sources =
        touches.flat_map(|source| &source.texts).all(|text| is_source(text.0) && is_right(text));
    (!visit.texts.iter().all(is_right) || !are_sources).then_some("a text of the visit is too long, or none")
}

fn attached_problem(visit: &VisitRecord) -> RecordProblem {
    let is_word = |text: &str| is_text(text, limits::WORD_BYTES_MAX);
    let has = |text: &Option<String>, is_right: &dyn Fn(&str) -> bool| text.as_deref().is_none_or(is_right);
    let is_title = |text: &str| is_text(text, limits::TITLE_BYTES_MAX);
    let is_time = |at: i64| (0..=STAY_MAX).contains(&at);
    let numbers = visit.actions.iter().map(|action| action.number);
    let are_actions = visit.actions.iter().all(|action| {
        let media = action.media.as_ref();
        (1..=limits::VISIT_ACTIONS_MAX).contains(&action.number)
            && is_time(action.at)
            && ActionKind::from_code(action.kind).is_some()
            && has(&action.page, &is_address)
            && has(&action.title, &is_title)
            && media.is_none_or(|(event, seconds)| has(event, &is_word) && seconds.is_none_or(is_count))
    });
    let is_pair = |(key, value): &(String, String)| is_word(key) && is_text(value, limits::CUSTOM_BYTES_MAX);
    let are_conversions = visit.conversions.iter().all(|conversion| {
        is_time(conversion.at)
            && is_word(&conversion.goal)
            && conversion.revenue.is_none_or(|revenue| revenue.abs() < 1e12)
            && conversion.sent.is_none_or(is_amount)
            && is_amount(conversion.amount)
    });
    let are_splits = visit
        .splits
        .iter()
        .all(|(test, version, goal)| is_word(test) && is_word(version) && has(goal, &is_word));
    let (pixels, element) = (0..=limits::HEATMAP_PIXELS_MAX, 0..=limits::ELEMENT_SIDE);
    let is_short = |text: &str, most: usize| !text.is_empty() && text.chars().count() <= most;
    let are_clicks = visit.heatmap.iter().all(|click| {
        is_address(&click.page)
            && [click.x, click.y, click.width].iter().all(|number| pixels.contains(number))
            && click.element_place.is_none_or(|(x, y)| [x, y].iter().all(|side| element.contains(side)))
            && has(&click.element, &|text| is_short(text, limits::SELECTOR_CHARS_MAX))
            && has(&click.text, &|text| is_short(text, limits::ELEMENT_TEXT_CHARS_MAX))
    });
    first_wrong([
        (numbers.is_sorted_by(|one, next| one < next), "the actions are not in their order"),
        (are_actions, "an action of the visit is none that there can be"),
        (
            visit.custom.len() <= limits::CUSTOM_KEYS_MAX && visit.custom.iter().all(is_pair),
            "the visit's custom data is too much, or too long",
        ),
        (
            !is_full(visit.conversions.len(), limits::CONVERSIONS_PER_VISIT_MAX) && are_conversions,
            "a goal of the visit is none that there can be",
        ),
        (
            !is_full(visit.splits.len(), limits::SPLITS_PER_VISIT_MAX) && are_splits,
            "a split test of the visit is none that there can be",
        ),
        (
            !is_full(visit.heatmap.len(), limits::HEATMAP_CLICKS_PER_VISIT_MAX) && are_clicks,
            "a click's place is none that there can be",
        ),
    ])
}

fn is_full(rows: usize, most: i64) -> bool {
    i64::try_from(rows).is_ok_and(|rows| rows > most)
}

/// Returns the problem of what browsers told of single pages, if there is one.
fn pages_problem(visit: &VisitRecord) -> RecordProblem {
    let are_missing_pages = visit
        .missing_pages
        .iter()
        .all(|missing| is_address(&missing.page) && missing.referrer.as_deref().is_none_or(is_address));
    let are_vitals = visit.vitals.iter().all(|measured| {
        let values = [(Vital::Lcp, measured.lcp), (Vital::Inp, measured.inp), (Vital::Cls, measured.cls)];
        is_address(&measured.page)
            && values.iter().any(|(_, value)| value.is_some())
            && values.iter().all(|(vital, value)| value.is_none_or(|value| value <= vital.most()))
    });
    let are_reads = visit.page_reads.iter().all(|read| {
        is_address(&read.page)
            && (0..=limits::READ_SECONDS_MAX).contains(&read.seconds)
            && read.depth.is_none_or(|depth| (0..=limits::READ_DEPTH_MAX).contains(&depth))
    });
    first_wrong([
        (
            !is_full(visit.page_reads.len(), limits::PAGE_READS_PER_VISIT_MAX) && are_reads,
            "how a page was read is none that there can be",
        ),
        (
            !is_full(visit.missing_pages.len(), limits::MISSING_PAGES_PER_VISIT_MAX) && are_missing_pages,
            "a page that was not found is none that there can be",
        ),
        (
            !is_full(visit.vitals.len(), limits::VITALS_PER_VISIT_MAX) && are_vitals,
            "the visit's web vitals are none that there can be",
        ),
    ])
}
