//! The screen of split tests: the versions of one test with their conversions, and what can be said of the differences.

use super::page::ReportPage;
use super::report_row;
use crate::model::metrics::{Measure, Metric, quotient};
use crate::reports::catalogue;
use crate::reports::comparison::Comparison;
use crate::reports::filter;
use crate::reports::split_report::words::{METHOD, points, statement};
use crate::reports::split_report::{BaselineReason, SplitChoice, SplitReport, Verdict};
use crate::reports::visibility::VisitorData;
use crate::store::goals;
use crate::web::filters::filter_bar;
use crate::web::filters::query_params::QueryParams;
use crate::web::report::goal_choice::PARAMETER;
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::value_change::{GoodChange, ValueChange};
use maud::{Markup, html};

/// The help page.
const HELP: &str = "/help/split-tests";

/// Returns the choices that an address makes.
pub fn choice(params: &QueryParams) -> SplitChoice {
    let own = |name: &str| params.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
    SplitChoice {
        test: own("test"),
        baseline: own("baseline"),
        is_of_all_goals: params.get(PARAMETER) == Some(goals::ALL),
    }
}

/// Renders the report.
pub fn draw(page: &ReportPage, report: &SplitReport) -> Markup {
    let test = &report.test;
    if test.tests.is_empty() {
        return nothing(page, report);
    }
    html! {
        (controls(page, report))
        @if test.versions.is_empty() {
            section.empty {
                h2 { "No such test in this period" }
                p { "No visit saw the test “" (test.name.as_deref().unwrap_or_default()) "” in this period." }
                (page.it_was(test.visits.before, NumberUnit::Count))
                p { a.button.primary href=(page.address.link(&[("test", ""), ("baseline", "")])) { "Show the test with most visits" } }
            }
        } @else {
            (about(page, report))
            (days(page, report))
            (versions(page, report))
            p.help { (METHOD) " " a href=(HELP) { "How to read this report" } }
        }
    }
}

/// Renders a period without any test.
fn nothing(page: &ReportPage, report: &SplitReport) -> Markup {
    html! {
        section.empty {
            h2 { "No split tests in this period" }
            (page.it_was(report.test.visits.before, NumberUnit::Count))
            p { "Show visitors one of two versions of a page, name the version in " code { "clicky_custom.split" } ", and see here which works better." }
            p { a.button.primary href=(HELP) { "Set up a split test" } }
            @if !page.address.filters.is_empty() { p { a href=(page.address.with_filters(&[])) { "Clear filters" } } }
        }
    }
}

/// Renders the choice of the test, the goal and the baseline.
fn controls(page: &ReportPage, report: &SplitReport) -> Markup {
    let (address, test) = (&page.address, &report.test);
    let is_test = |name: &String| test.name.as_ref() == Some(name);
    let chosen = report.goal.as_ref().map(|goal| goal.id);
    let is_baseline = |place: usize| report.baseline.is_some_and(|baseline| baseline.place == place);
    html! {
        form.break-down.split-choice method="get" action=(address.path) {
            @for (name, value) in address.params.hidden_fields(&["test", "baseline", PARAMETER]) { input type="hidden" name=(name) value=(value); }
            label for="test" { "Test" }
            select id="test" name="test" data-submits {
                @for name in &test.tests { option value=(name) selected[is_test(name)] { (name) } }
                @if let Some(name) = test.name.as_ref().filter(|name| !test.tests.contains(name)) { option value=(name) selected { (name) } }
            }
            @if !page.goal_choice.is_empty() {
                label for="split-goal" { "Conversions of" }
                select id="split-goal" name=(PARAMETER) data-submits {
                    option value=(goals::ALL) selected[chosen.is_none()] { "all goals" }
                    @for goal in page.goal_choice.goals() { option value=(goal.id) selected[Some(goal.id) == chosen] { (goal.settings.name) } }
                }
            }
            @if test.versions.len() > 1 {
                label for="baseline" { "Baseline" }
                select id="baseline" name="baseline" data-submits {
                    @for (place, version) in test.versions.iter().enumerate() { option value=(version.row.name.title) selected[is_baseline(place)] { (version.row.name.title) } }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

/// Renders what is counted, and with which version the others are compared.
fn about(page: &ReportPage, report: &SplitReport) -> Markup {
    let versions = &report.test.versions;
    let baseline = report.baseline.filter(|_| versions.len() > 1);
    html! {
        p.quiet {
            @match &report.goal {
                Some(goal) if report.is_goal_of_page => { "Conversions of “" (goal.settings.name) "”, the goal named in your page code. " }
                Some(goal) => { "Conversions of “" (goal.settings.name) "”. " }
                None => { "Conversions of all goals. " }
            }
            @if let Some(baseline) = baseline {
                "Baseline: “" (versions[baseline.place].row.name.title) "”"
                @match baseline.reason {
                    BaselineReason::Chosen => { ", as chosen. " }
                    BaselineReason::Name => { ", by its name. " }
                    BaselineReason::SeenFirst => { ", which was seen first. " }
                    BaselineReason::Alphabet => { ", the first by name. " }
                }
            }
            "A visit counts for the first version it saw."
        }
        @if page.goal_choice.is_empty() && page.may_add_goals {
            p.verdict.plain role="note" { "There are no goals yet, so nothing can convert. " a href={ (page.address.base) "/preferences/goals/new" } { "Add a goal" } }
        }
    }
}

/// Renders the note on versions that did not run on all days.
fn days(page: &ReportPage, report: &SplitReport) -> Markup {
    let name =
        |place: usize| report.test.versions.get(place).map_or("", |version| version.row.name.title.as_str());
    html! {
        @if !report.days.are_common() {
            div.verdict role="note" {
                p {
                    "Not all versions ran on the same days, so they aren't compared: other days bring other visitors. "
                    @for one in &report.days.shifted {
                        "“" (name(one.place)) "” "
                        @match (one.is_late, one.is_over) {
                            (true, true) => { "ran " (format::days(one.days)) ". " }
                            (true, false) => { "began on " (format::day(one.days.first)) ". " }
                            (false, _) => { "ended on " (format::day(one.days.last)) ". " }
                        }
                    }
                }
                p {
                    @match report.days.common {
                        Some(common) => { a href=(page.address.link(&[("date", &common.text())])) { "Show " (format::days(common)) ", when all versions ran" } }
                        None => { "There is no day on which all of them ran." }
                    }
                }
            }
        }
    }
}

fn versions(page: &ReportPage, report: &SplitReport) -> Markup {
    let test = &report.test;
    let currency = page.query.site.currency;
    let shows_revenue = page.query.visibility.shows_revenue()
        && test.versions.iter().any(|version| version.row.metrics.revenue() != 0);
    let metrics = [
        (Metric::Visits, "Visits", false),
        (Metric::Conversions, "Conversions", true),
        (Metric::ConversionRate, "Conversion rate", false),
    ];
    let money = [(Metric::Revenue, "Revenue", true), (Metric::RevenuePerVisit, "Revenue per visit", true)];
    let metrics: Vec<_> = metrics.into_iter().chain(money.into_iter().filter(|_| shows_revenue)).collect();
    let columns =
        metrics.len() + 2 + usize::from(page.query.comparison.is_some() && test.visits.before.is_some());
    let highest = test.versions.iter().map(|version| rate(&version.row.metrics)).max().unwrap_or(0);
    let comparison = page.query.comparison.filter(|_| test.visits.before.is_some());
    html! {
        table.list.bars.items.split-versions {
            thead {
                tr {
                    th scope="col" { "Version" }
                    @for (metric, title, is_wide) in &metrics { th.number.wide[*is_wide] scope="col" { (title) @if let NumberUnit::Money(currency) = metric.unit(currency) { ", " (currency) } } }
                    @if let Some(comparison) = comparison { th.number.wide scope="col" title={ "Visits against " (comparison.label()) } { "Change" } }
                    th.number.wide scope="col" { "Difference" }
                }
            }
            @for (place, version) in test.versions.iter().enumerate() {
                @let row = &version.row;
                tbody {
                    tr {
                        td.item {
                            (report_row::bar(rate(&row.metrics), highest))
                            (filter_bar::row_menu(&page.address, catalogue::splits(), &row.name))
                            @match visitors(page, &row.name.filter) {
                                Some(link) => a.row-link href=(link) title={ "The visits of " (row.name.title) } { span.cut { (row.name.title) } },
                                None => span.row-link { span.cut { (row.name.title) } },
                            }
                        }
                        @for (metric, _, is_wide) in &metrics { td.number.wide[*is_wide] { (cell(*metric, metric.unit(currency), metric.value(&row.metrics))) } }
                        @if let Some(comparison) = comparison { td.number.wide { (change(row, comparison)) } }
                        td.number.wide { @match report.verdicts[place].difference() { Some(found) => (points(found.estimate)), None => "–" } }
                    }
                    tr.statement { td colspan=(columns) { (mark(report.verdicts[place])) (statement(report, place)) } }
                }
            }
            @if report.other_visits() > 0 {
                tbody { tr { td.item { span.row-link.quiet { "(other): " (test.count - test.versions.len()) @if test.count - test.versions.len() == 1 { " more version" } @else { " more versions" } } } td.number { (format::count(report.other_visits())) } } }
            }
        }
    }
}

/// Returns the conversion rate in hundredths of a thousandth, for bars.
fn rate(metrics: &crate::model::metrics::Metrics) -> i64 {
    quotient(metrics[Measure::Converted] * 100_000, metrics[Measure::Visits])
}

fn cell(metric: Metric, unit: NumberUnit, value: i64) -> Markup {
    match unit {
        NumberUnit::Money(currency) => html! { (format::amount(currency, value)) },
        _ if metric == Metric::ConversionRate => html! { b { (format::short(unit, value)) } },
        _ => format::short(unit, value),
    }
}

fn change(row: &crate::reports::results::table::TableRow, comparison: Comparison) -> Markup {
    let before = row.before.map_or(0, |before| before[Measure::Visits]);
    ValueChange::of_count(row.metrics[Measure::Visits], before, comparison).draw(GoodChange::Neither)
}

/// Renders the sign of a verdict; its sentence says the same.
fn mark(verdict: Verdict) -> Markup {
    match verdict {
        Verdict::Better(_) => html! { span.good aria-hidden="true" { "▲ " } },
        Verdict::Worse(_) => html! { span.bad aria-hidden="true" { "▼ " } },
        Verdict::Undecided(_) => html! { span aria-hidden="true" { "= " } },
        _ => html! {},
    }
}

/// Returns the address of the visits of a version, if they may be seen.
fn visitors(page: &ReportPage, value: &str) -> Option<String> {
    if !page.query.visibility.has(VisitorData::LiveList) {
        return None;
    }
    let filters = filter::narrowed_to(&page.address.filters, catalogue::splits(), value);
    Some(page.address.visitors(&filters))
}
