//! The screen of retention: cohorts of visitors by the week or month of their first visit, and the share of each that came back.

use super::page::ReportPage;
use crate::error::Result;
use crate::model::clock::Day;
use crate::reports::answer::Answer;
use crate::reports::cohort_unit;
use crate::reports::date_range::{DateRange, Unit};
use crate::reports::query::Wants;
use crate::reports::results::retention::{Cohort, Retention};
use crate::web::ui::format;
use maud::{Markup, html};

/// The help page.
const HELP: &str = "/help/retention";
/// The shares in thousandths from which a cell has a deeper shade.
const SHADES: [i32; 5] = [1, 50, 100, 200, 400];
/// The later periods that phones show.
const PHONE_PERIODS: usize = 3;
/// The later periods that narrow screens show.
const WIDE_PERIODS: usize = 8;
/// The cohorts below which a longer range is offered.
const FEW_COHORTS: usize = 3;

/// Returns the unit of cohorts that an address names.
///
/// # Errors
/// Fails with `Error::Invalid` for another one.
pub fn unit(page: &ReportPage) -> Result<Unit> {
    cohort_unit::read(page.address.params.get("by"))
}

/// Returns the part of the answer that the screen shows.
///
/// # Errors
/// Fails with `Error::Invalid` for a unit that is none.
pub fn wants(page: &ReportPage) -> Result<Wants> {
    Ok(Wants { retention: Some(unit(page)?), ..Wants::default() })
}

/// Renders the report as of a day.
pub fn draw(page: &ReportPage, answer: Answer, today: Day) -> Markup {
    let Some(found) = answer.retention else { return html! {} };
    let visitors: i64 = found.cohorts.iter().filter_map(|cohort| cohort.visitors.first()).sum();
    html! {
        (controls(page, found.unit))
        @if visitors == 0 && found.unrecognized > 0 {
            (unrecognized(page))
        } @else if visitors == 0 {
            (page.nothing(None, format::NumberUnit::Count))
        } @else {
            @if found.unrecognized > 0 {
                p.verdict.plain role="note" { "Not counted: " (format::count(found.unrecognized)) @if found.unrecognized == 1 { " new visitor who is" } @else { " new visitors who are" } " recognized for one day only. " a href=(HELP) { "Why" } }
            }
            @if !page.query.filters.is_empty() { p.help { "Filters choose first visits. Any later visit counts as coming back." } }
            (table(&found, today))
            @if found.cohorts.len() < FEW_COHORTS {
                p.quiet { a href=(page.address.link(&[("date", longer(found.unit))])) { "Show a longer period" } " to see who came back later." }
            }
            p.help { "A cohort is everyone whose first visit was in that " (cohort_unit::word(found.unit)) ". " a href=(HELP) { "How to read this report" } }
        }
    }
}

/// Returns a range with enough cohorts of a unit.
fn longer(unit: Unit) -> &'static str {
    match unit {
        Unit::Week => "last-90-days",
        Unit::Month | Unit::Year => "last-365-days",
    }
}

fn controls(page: &ReportPage, unit: Unit) -> Markup {
    let link = |name: &str| page.address.link(&[("by", name)]);
    html! {
        nav.tabs aria-label="Cohorts" {
            a href=(link("")) aria-current=[(unit == Unit::Week).then_some("true")] { "By week" }
            a href=(link("month")) aria-current=[(unit == Unit::Month).then_some("true")] { "By month" }
        }
    }
}

/// Renders a site whose visitors are recognized for one day only.
fn unrecognized(page: &ReportPage) -> Markup {
    let site = &page.query.site;
    html! {
        section.empty {
            h2 { "Visitors are recognized for one day only" }
            @if site.privacy.cookies_allowed {
                p { "In this period, nobody accepted the cookie that recognizes visitors for longer, so nobody can be seen to come back." }
            } @else {
                p { "This site counts without cookies. People stay anonymous, and someone who comes back tomorrow is a new visitor. To see who comes back, let the site use its own cookie; from then on visitors appear here." }
                @if page.may_change_settings { p { a.button.primary href={ (page.address.base) "/preferences/tracking" } { "Open tracking settings" } } }
            }
            p { a href=(HELP) { "How retention works" } }
        }
    }
}

/// Returns the name of a cohort.
fn name(unit: Unit, days: DateRange) -> String {
    match unit {
        Unit::Month => {
            let text = format::day(days.first);
            text.split_once(' ').map_or_else(|| text.clone(), |(_, month)| month.to_owned())
        }
        Unit::Week | Unit::Year => format::day(days.first),
    }
}

fn table(found: &Retention, today: Day) -> Markup {
    let (cohorts, unit) = (&found.cohorts, found.unit);
    let periods = cohorts.first().map_or(0, |cohort| cohort.visitors.len());
    let is_open = found.is_open(today);
    let word = cohort_unit::word(unit);
    html! {
        table.list.small-list.cohorts {
            thead {
                tr {
                    th scope="col" { @if unit == Unit::Month { "Month" } @else { "Week from" } }
                    th.number scope="col" { "New visitors" }
                    @for after in 1..periods { th.number.wide[after > PHONE_PERIODS].widest[after > WIDE_PERIODS] scope="col" title={ "Came back " (after) " " (word) @if after > 1 { "s" } " later" } { "+" (after) } }
                }
            }
            tbody {
                @for (place, cohort) in cohorts.iter().enumerate() {
                    @let size = cohort.visitors.first().copied().unwrap_or(0);
                    tr {
                        th scope="row" { (name(unit, cohort.days)) }
                        td.number { (format::count(size)) @if is_open && place + 1 == cohorts.len() { (open_mark()) } }
                        @for after in 1..periods { (cell(cohort, after, size, !found.is_over(place, after, today))) }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" { "All" }
                    td.number { (format::count(cohorts.iter().filter_map(|cohort| cohort.visitors.first()).sum())) }
                    @for after in 1..periods { (all(cohorts, after, is_open)) }
                }
            }
        }
        @if is_open { p.help { (open_mark()) " This " (word) " isn't over yet." } }
    }
}

fn open_mark() -> Markup {
    html! { span.open-period title="Not over yet" { "*" } }
}

/// Renders the share of a cohort that came back; `is_open` if that week or month is not over.
fn cell(cohort: &Cohort, after: usize, size: i64, is_open: bool) -> Markup {
    let classes = |after: usize| (after > PHONE_PERIODS, after > WIDE_PERIODS);
    let (is_wide, is_widest) = classes(after);
    let Some(returned) = cohort.visitors.get(after) else {
        return html! { td.wide[is_wide].widest[is_widest] {} };
    };
    let Some(permille) = Cohort::permille(*returned, size) else {
        return html! { td.number.wide[is_wide].widest[is_widest] { "–" } };
    };
    let shade = SHADES.iter().filter(|from| permille >= **from).count();
    let title = format!("{} of {} came back", format::grouped(*returned), format::grouped(size));
    html! {
        td.number.wide[is_wide].widest[is_widest] data-shade=(shade) title=(title) { (format::percent(i64::from(permille))) @if is_open { (open_mark()) } }
    }
}

/// Renders the share of all cohorts that came back so much later, of those whose week or month is over.
fn all(cohorts: &[Cohort], after: usize, is_open: bool) -> Markup {
    let over = cohorts.len() - usize::from(is_open);
    let counted = cohorts.iter().enumerate().filter(|(place, _)| place + after < over);
    let (size, returned) = counted.fold((0, 0), |(size, returned), (_, cohort)| {
        let of = |after: usize| cohort.visitors.get(after).copied().unwrap_or(0);
        (size + of(0), returned + of(after))
    });
    html! {
        td.number.wide[after > PHONE_PERIODS].widest[after > WIDE_PERIODS] {
            @match Cohort::permille(returned, size) { Some(permille) => (format::percent(i64::from(permille))), None => "–" }
        }
    }
}
