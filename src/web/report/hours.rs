//! The screen of hours and weekdays: a heat map of a metric by hour of the week, with a table of the same numbers.

use super::page::ReportPage;
use crate::error::Result;
use crate::model::metrics::Measure;
use crate::reports::answer::Answer;
use crate::reports::comparison::Compared;
use crate::reports::hour_metrics::{self, HourMetric};
use crate::reports::query::Wants;
use crate::reports::results::week_hours::{HOURS, WEEKDAYS, WeekHours, weekday};
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::value_change::{GoodChange, ValueChange, earlier_value};
use maud::{Markup, html};

/// The names of weekdays, Monday first, with their short forms.
const NAMES: [(&str, &str); WEEKDAYS] = [
    ("Monday", "Mon"),
    ("Tuesday", "Tue"),
    ("Wednesday", "Wed"),
    ("Thursday", "Thu"),
    ("Friday", "Fri"),
    ("Saturday", "Sat"),
    ("Sunday", "Sun"),
];
/// The number of shades.
const SHADES: i64 = 5;

/// Returns the metric that an address names.
fn chosen(page: &ReportPage) -> Result<&'static HourMetric> {
    hour_metrics::find(page.address.params.get("metric"), &page.query.visibility)
}

/// Returns the part of the answer that the screen shows.
///
/// # Errors
/// Fails with `Error::Invalid` for a metric that is not offered.
pub fn wants(page: &ReportPage) -> Result<Wants> {
    Ok(Wants { hours: Some(chosen(page)?.metric), totals: true, ..Wants::default() })
}

struct View<'a> {
    page: &'a ReportPage,
    chosen: &'static HourMetric,
    unit: NumberUnit,
    hours: Compared<WeekHours>,
    highest: i64,
}

impl View<'_> {
    fn value(&self, weekday: usize, hour: usize) -> i64 {
        self.chosen.metric.value(&self.hours.now.get(weekday, hour))
    }

    /// Returns the shade of a value, from 0 for nothing.
    fn shade(&self, value: i64) -> i64 {
        if value <= 0 { 0 } else { (value * SHADES - 1) / self.highest.max(1) + 1 }.min(SHADES)
    }

    /// Returns the text of an hour, such as `Monday, 14:00 to 15:00: 12 (10 in the period before)`.
    fn text(&self, weekday: usize, hour: usize) -> String {
        let value = format::exact(self.unit, self.value(weekday, hour));
        let before =
            self.hours.before.as_ref().zip(self.page.query.comparison).map(|(before, comparison)| {
                let before = self.chosen.metric.value(&before.get(weekday, hour));
                format!(" ({})", earlier_value(before, self.unit, comparison))
            });
        let (day, next) = (NAMES[weekday].0, (hour + 1) % HOURS);
        format!("{day}, {hour:02}:00 to {next:02}:00: {value}{}", before.unwrap_or_default())
    }
}

/// Renders the report.
pub fn draw(page: &ReportPage, answer: Answer) -> Markup {
    let Ok(chosen) = chosen(page) else { return html! {} };
    let totals = answer.totals.unwrap_or_default();
    let hours = answer.hours.unwrap_or_default();
    let unit = chosen.metric.unit(page.query.site.currency);
    if totals.now[Measure::Visits] == 0 {
        return page.nothing(totals.before.map(|before| before[Measure::Visits]), NumberUnit::Count);
    }
    let highest = hours.now.0.iter().map(|metrics| chosen.metric.value(metrics)).max().unwrap_or(0);
    let view = View { page, chosen, unit, hours, highest };
    let all = chosen.metric.value(&view.hours.now.total());
    let before = view.hours.before.as_ref().map(|before| chosen.metric.value(&before.total()));
    html! {
        (controls(&view))
        p.big {
            b { (format::short(unit, all)) }
            @if let Some((before, comparison)) = before.zip(page.query.comparison) {
                (ValueChange { now: all, before, unit, comparison }.draw(GoodChange::of_metric(chosen.metric)))
                (page.earlier(before, unit, comparison))
            }
        }
        (busiest(&view))
        (heat_map(&view))
        (weeks_note(page))
        details.twin {
            summary { "Show the numbers" }
            (table(&view))
        }
    }
}

/// Renders the choice of the metric, and of the goal if it counts conversions.
fn controls(view: &View<'_>) -> Markup {
    let address = &view.page.address;
    html! {
        form.break-down method="get" action=(address.path) {
            @for (name, value) in address.params.hidden_fields(&["metric"]) { input type="hidden" name=(name) value=(value); }
            label for="metric" { "Metric" }
            select id="metric" name="metric" data-submits {
                @for one in hour_metrics::offered(&view.page.query.visibility) { option value=(one.name) selected[one.name == view.chosen.name] { (one.title) } }
            }
            button type="submit" { "Show" }
        }
        @if view.chosen.metric.is_of_goals() { (view.page.goal_choice.draw(address)) }
    }
}

/// Renders a sentence on the hour with the highest value.
fn busiest(view: &View<'_>) -> Markup {
    let all = (0..WEEKDAYS).flat_map(|weekday| (0..HOURS).map(move |hour| (weekday, hour)));
    let highest =
        all.filter(|(weekday, hour)| view.value(*weekday, *hour) == view.highest).collect::<Vec<_>>();
    html! {
        @if let [(weekday, hour)] = highest.as_slice() {
            p { "Highest: " b { (view.text(*weekday, *hour)) } "." }
        }
    }
}

fn heat_map(view: &View<'_>) -> Markup {
    html! {
        div.heat {
            table aria-label={ (view.chosen.title) " by weekday and hour" } {
                thead {
                    tr {
                        td {}
                        @for hour in 0..HOURS { th scope="col" { span.hidden { (hour) ":00" } @if hour % 3 == 0 { span aria-hidden="true" { (hour) } } } }
                    }
                }
                tbody {
                    @for (weekday, (name, short)) in NAMES.into_iter().enumerate() {
                        tr {
                            th scope="row" { abbr title=(name) { (short) } }
                            @for hour in 0..HOURS {
                                @let value = view.value(weekday, hour);
                                td data-shade=(view.shade(value)) data-text=(view.text(weekday, hour)) tabindex=(if weekday + hour == 0 { "0" } else { "-1" }) { span.hidden { (format::exact(view.unit, value)) } }
                            }
                        }
                    }
                }
            }
            p.legend.quiet aria-hidden="true" {
                "0 "
                @for shade in 0..=SHADES { i data-shade=(shade) {} }
                " " (format::exact(view.unit, view.highest))
            }
        }
    }
}

/// Renders the numbers: a row for each hour, a column for each weekday.
fn table(view: &View<'_>) -> Markup {
    html! {
        table.list.small-list.hour-numbers {
            thead { tr { th scope="col" { "Hour" } @for (name, short) in NAMES { th.number scope="col" { abbr title=(name) { (short) } } } } }
            tbody {
                @for hour in 0..HOURS {
                    tr {
                        th scope="row" { (format!("{hour:02}:00")) }
                        @for weekday in 0..WEEKDAYS { td.number { (format::short(view.unit, view.value(weekday, hour))) } }
                    }
                }
            }
        }
    }
}

/// Renders the note on a range in which some weekdays occur more often than others.
fn weeks_note(page: &ReportPage) -> Markup {
    let mut times = [0_usize; WEEKDAYS];
    page.query.range.each().for_each(|day| times[weekday(day)] += 1);
    let most = times.iter().max().copied().unwrap_or(0);
    let is_more = |(_, times): &(usize, &usize)| **times == most;
    let more: Vec<&str> =
        times.iter().enumerate().filter(is_more).map(|(weekday, _)| NAMES[weekday].0).collect();
    html! {
        @if more.len() < WEEKDAYS {
            p.help { (more.join(" and ")) @if more.len() == 1 { " occurs" } @else { " occur" } " once more than other weekdays in this period. Choose whole weeks to compare weekdays." }
        }
    }
}
