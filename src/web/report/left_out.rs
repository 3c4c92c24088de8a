//! What was filtered: every reason with its hits, day by day, and samples.

use super::super::format::{self, Moment, UNKNOWN};
use super::super::{chart, item};
use super::Head;
use crate::app::App;
use crate::error::Result;
use crate::ingest::reason::Reason;
use crate::reports::left_out::{self, LeftOut};
use crate::store::sites::Site;
use actix_web::web::Data;
use maud::{Markup, html};

/// Samples of one reason that are shown.
const SAMPLES: usize = 10;

/// Asks and draws.
pub async fn draw(app: &Data<App>, site: Site, head: &Head) -> Result<Markup> {
    let (range, id) = (head.scope.range, site.id);
    let found = app.read(move |connection| left_out::list(connection, id, range, SAMPLES)).await?;
    if found.is_empty() {
        return Ok(html! {
            section.empty {
                h2 { "Nothing was filtered in this range" }
                p { "Robots, automated browsers and referrer spam are not counted as visits. Here you see how many there were, and why." }
            }
        });
    }
    let whole = found.iter().map(|reason| reason.count).sum();
    let highest = found.iter().map(|reason| reason.count).max().unwrap_or(0);
    Ok(html! {
        @if !head.scope.wanted.is_empty() { p.help { "Filters do not hold here: these hits belong to no visit." } }
        p.big { b { (format::count(whole)) } " hits were not counted" }
        table.list.bars.left-out {
            thead { tr { th scope="col" { "Reason" } th.number.wide scope="col" { "Day by day" } th.number scope="col" { "Hits" } th.number scope="col" { "Share" } } }
            tbody {
                @for reason in &found {
                    @let (title, meaning) = explained(&reason.reason);
                    @let days: Vec<i64> = head.scope.range.each().map(|day| reason.days.get(&day).copied().unwrap_or(0)).collect();
                    tr {
                        td.item { (item::bar(reason.count, highest)) a href={ "#" (reason.reason) } { (title) } span.quiet.beside { (meaning) } }
                        td.number.wide { (chart::spark_alone(&days)) }
                        td.number { (format::count(reason.count)) }
                        td.number.quiet { (format::percent(item::permille(reason.count, whole))) }
                    }
                }
            }
        }
        h2.samples { "Samples" }
        p.quiet { "Some of these hits, kept for 30 days. They hold nothing that tells of a person: no address, no query, no name." }
        @for reason in &found { (samples(&site, reason)) }
    })
}

fn explained(reason: &str) -> (&str, &'static str) {
    match Reason::from_name(reason) {
        Some(known) => known.explained(),
        None => (reason, ""),
    }
}

fn samples(site: &Site, reason: &LeftOut) -> Markup {
    let words = |text: &Option<String>| {
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
                                td.when { (format::moment(&site.zone, sample.at, Moment::Short)) }
                                td.cut { (words(&sample.page)) }
                                td.cut { (words(&sample.agent)) }
                                td.cut { (words(&sample.referrer)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
