//! The screen of filtered hits: each reason with its hits day by day, and samples.

use super::page::ReportPage;
use crate::error::Result;
use crate::ingest::drop_reason::DropReason;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::reports::answer::Answer;
use crate::reports::data_reader::DataReader;
use crate::reports::date_range::DateRange;
use crate::reports::filtered_hits::{ByReason, FilteredHits};
use crate::reports::other_hosts::SeenHost;
use crate::reports::query::Wants;
use crate::store::sites::{self, Site};
use crate::web::report::report_row;
use crate::web::settings::other_hosts::{self, ReturnTo};
use crate::web::ui::chart;
use crate::web::ui::format::{self, Moment, UNKNOWN};
use crate::web::ui::value_change::{GoodChange, ValueChange};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The number of samples that are shown for a reason.
const SAMPLES: usize = 10;

/// The site's rules as the screen shows them beside the filtered hits.
#[derive(Default)]
pub struct FilterRules {
    /// The time of the last change of the rules.
    changed_at: Option<Timestamp>,
    /// The other hosts, if the caller may decide on them.
    hosts: Vec<SeenHost>,
}

impl FilterRules {
    /// Loads the rules of a site.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(reader: &DataReader<'_>, site: &Site, may_decide_hosts: bool) -> Result<Self> {
        Ok(Self {
            changed_at: sites::rules_changed_at(reader.connection, site.id)?,
            hosts: if may_decide_hosts {
                crate::reports::other_hosts::list(reader.connection, site, reader.now)?
            } else {
                Vec::new()
            },
        })
    }
}

/// Returns the parts of the answer that the screen of filtered hits shows.
pub fn wants() -> Wants {
    Wants { filtered_hits: Some(SAMPLES), ..Wants::default() }
}

/// Renders the report.
pub fn draw(page: &ReportPage, rules: FilterRules, answer: Answer) -> Markup {
    let (site, comparison, zone) = (&page.query.site, page.query.comparison, page.query.site.zone.clone());
    let changed_on = rules.changed_at.map(|at| zone.day(at)).filter(|day| *day <= page.query.range.last);
    let undecided_site = (page.may_change_settings && !site.hosts.own_only).then_some(site);
    let hosts = undecided(site, &rules.hosts);
    let rules = html! { @if let Some(day) = changed_on { (newer_rules(day, undecided_site)) } };
    let filtered = answer.filtered_hits.unwrap_or_default();
    if filtered.reasons.is_empty() {
        return html! {
            (rules)
            section.empty {
                h2 { "Nothing was filtered in this range" }
                p { "Robots, automated browsers and referrer spam are not counted as visits. Here you see how many there were, and why." }
            }
            (hosts)
        };
    }
    let count = filtered.count();
    let (counted, dropped): (Vec<_>, Vec<_>) =
        filtered.reasons.iter().partition(|reason| reason.is_counted());
    let (revenue, counted): (Vec<_>, Vec<_>) =
        counted.into_iter().partition(|reason| reason.is_without_revenue());
    html! {
        (rules)
        @if !page.address.filters.is_empty() { p.help { "Filters do not hold here: these hits belong to no visit." } }
        p.big {
            b { (format::count(count)) } @if count == 1 { " hit was not counted" } @else { " hits were not counted" }
            @if let Some(((now, before), comparison)) = filtered.compared_all().zip(comparison) { (ValueChange::of_count(now, before, comparison).draw(GoodChange::Neither)) }
        }
        @if comparison.is_some() { (compared(page, &filtered)) }
        @if !dropped.is_empty() { (reasons(page, &filtered, &dropped)) }
        @if !counted.is_empty() {
            h2.samples { "Counted, but not by name" }
            p.quiet { "These hits are in your numbers. So that no stranger can flood your reports, a day has room for so many new names only; further ones are shown as “(other)”. One network (such as all addresses that begin with 203.0.113) may use a tenth of that. If all of your visitors seem to be one network, the server may not know its proxy: whoever runs it can set --trust-proxy." }
            (reasons(page, &filtered, &counted))
        }
        @if !revenue.is_empty() {
            h2.samples { "Counted, but without revenue" }
            p.quiet { "These goals are in your numbers, without the revenue that was sent with them." }
            (reasons(page, &filtered, &revenue))
        }
        (hosts)
        h2.samples { "Samples" }
        p.quiet { "Some of these hits, kept for 30 days. They hold nothing that tells of a person: no address, no query, no name." }
        @for reason in &filtered.reasons { (samples(&zone, reason)) }
    }
}

/// Renders the note about the day since which newer rules count the hits of an older site. `undecided` is the site if it
/// still counts hits from all hosts and the caller may decide that.
fn newer_rules(day: Day, undecided: Option<&Site>) -> Markup {
    html! {
        p.verdict.plain.of-site role="note" {
            "Since " (format::day(day)) " this site is counted by newer rules. More robots are recognised, and real phones no longer count as robots; each page is one row; paid clicks, social networks and AI assistants have their names; late orders join their visit; hits from other hosts can be filtered. What was counted before stays as it is."
            @if let Some(site) = undecided { " This site still counts hits from all hosts: decide under " a href=(other_hosts::path(site)) { "Site settings → Hosts" } "." }
        }
    }
}

/// Renders the undecided hosts.
fn undecided(site: &Site, hosts: &[SeenHost]) -> Markup {
    html! {
        @if hosts.iter().any(SeenHost::is_unanswered) {
            h2.samples id="hosts" { "Are these hosts yours?" }
            p.quiet { "Page views of the last " (limits::OTHER_HOSTS_DAYS) " days. Your answer holds for new hits. All hosts are under " a href=(other_hosts::path(site)) { "Site settings → Hosts" } "." }
            ul.plain.rows { (other_hosts::unanswered(site, ReturnTo::Filtered, hosts)) }
        }
    }
}

/// Renders the note about the period that is compared. These hits are counted by day, so today is not compared before it
/// is over.
fn compared(page: &ReportPage, filtered: &FilteredHits) -> Markup {
    let is_over = filtered.compared == Some(page.query.range);
    html! {
        p.quiet {
            @if let Some(earlier) = filtered.earlier { "Compared with " (format::days(earlier)) ". " }
            @if !is_over { "These hits are counted by the day: today is compared when it is over." }
        }
    }
}

fn reasons(page: &ReportPage, filtered: &FilteredHits, reasons: &[&ByReason]) -> Markup {
    let comparison = page.query.comparison.filter(|_| filtered.compared.is_some());
    let counts = || reasons.iter().map(|reason| reason.count());
    let (sum, highest) = (counts().sum::<i64>(), counts().max().unwrap_or(0));
    let series = |days: &BTreeMap<Day, i64>, range: DateRange| -> Vec<i64> {
        range.each().map(|day| days.get(&day).copied().unwrap_or(0)).collect()
    };
    html! {
        table.list.bars.left-out {
            thead {
                tr {
                    th scope="col" { "Reason" } th.number.wide scope="col" { "Day by day" } th.number scope="col" { "Hits" } th.number.wide scope="col" { "Share" }
                    @if let Some(comparison) = comparison { th.number scope="col" title={ "Against " (comparison.label()) } { "Change" } }
                }
            }
            tbody {
                @for reason in reasons {
                    @let (title, meaning) = explained(&reason.reason);
                    @let days = series(&reason.days, page.query.range);
                    @let before = filtered.compared.map(|range| series(&reason.before, range));
                    tr {
                        td.item { (report_row::bar(reason.count(), highest)) @if reason.samples.is_empty() { (title) } @else { a href={ "#" (reason.reason) } { (title) } } span.quiet.beside { (meaning) } }
                        td.number.wide { (chart::spark_alone(&days, before.as_deref())) }
                        td.number { (format::count(reason.count())) }
                        td.number.quiet.wide { (format::percent(report_row::permille(reason.count(), sum))) }
                        @if let Some((comparison, (now, before))) = comparison.zip(filtered.compared(reason)) { td.number { (ValueChange::of_count(now, before, comparison).draw(GoodChange::Neither)) } }
                    }
                }
            }
        }
    }
}

fn explained(reason: &str) -> (&str, &'static str) {
    match DropReason::from_name(reason) {
        Some(known) => known.explained(),
        None => (reason, ""),
    }
}

fn samples(zone: &Zone, reason: &ByReason) -> Markup {
    let text_or_unknown = |text: &Option<String>| {
        text.clone().filter(|text| !text.is_empty()).unwrap_or_else(|| UNKNOWN.into())
    };
    html! {
        @if !reason.samples.is_empty() {
            section id=(reason.reason) {
                h3 { (explained(&reason.reason).0) }
                table.list.small-list.samples {
                    thead { tr { th scope="col" { "When" } th scope="col" { "Page" } th scope="col" { "With" } th scope="col" { "From" } } }
                    tbody {
                        @for sample in &reason.samples {
                            tr {
                                td.when { (format::moment(zone, sample.at, Moment::Short)) }
                                td.cut { (text_or_unknown(&sample.page)) }
                                td.cut { (text_or_unknown(&sample.agent)) }
                                td.cut { (text_or_unknown(&sample.referrer)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
