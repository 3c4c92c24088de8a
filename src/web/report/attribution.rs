//! The switch of the reports on sources: by the visit's own source, or by that of the visitor's first or last visit from
//! elsewhere.

use super::page::ReportPage;
use crate::reports::attribution::{Attribution, kind_by};
use crate::reports::catalogue::ReportKind;
use maud::{Markup, html};
use strum::VariantArray;

/// Renders the switch, for the reports that have one.
pub fn switch(page: &ReportPage) -> Markup {
    let ReportKind::Items(dimension) = page.report.kind else { return html! {} };
    if Attribution::Last.apply(dimension).is_none() {
        return html! {};
    }
    let is_chosen = |kind: ReportKind| page.kind == kind;
    html! {
        nav.tabs id="attribution" aria-label="Credit" {
            a href=(page.address.link(&[("attribution", "")])) aria-current=[is_chosen(page.report.kind).then_some("true")] { "This visit" }
            @for attribution in Attribution::VARIANTS {
                @let kind = kind_by(page.report, Some(*attribution)).unwrap_or(page.report.kind);
                a href=(page.address.link(&[("attribution", attribution.name())])) aria-current=[is_chosen(kind).then_some("true")] title=(attribution.about()) { (attribution.title()) }
            }
        }
    }
}
