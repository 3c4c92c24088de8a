//! The links from one screen of a site to its other screens, with the same range and filters.

use crate::reports::catalogue::{Report, ReportGroup};
use crate::reports::visibility::Visibility;
use crate::web::filters::query_params::QueryParams;
use maud::{Markup, html};
use strum::IntoEnumIterator;

/// The links to the screens of a site.
pub struct ReportLinks<'a> {
    /// The path below which the site's screens are.
    pub base: &'a str,
    /// The data that the caller may see.
    pub visibility: &'a Visibility,
    /// The query parameters of the current screen, whose range and filters the links repeat.
    pub params: Option<&'a QueryParams>,
    /// The query of the links if the current screen has no parameters.
    pub query: &'a str,
}

impl ReportLinks<'_> {
    /// Returns the address of the screen at a path below the site's.
    pub fn to(&self, path: &str) -> String {
        let path = format!("{}{path}", self.base);
        self.params.map_or_else(|| format!("{path}{}", self.query), |params| params.to_screen(&path))
    }

    /// Returns the address of a report.
    pub fn to_report(&self, name: &str) -> String {
        self.to(&format!("/reports/{name}"))
    }

    /// Returns the reports of a group that the caller may see.
    pub fn reports(&self, group: ReportGroup) -> impl Iterator<Item = &'static Report> {
        self.visibility.reports().filter(move |report| report.subject == group)
    }

    /// Renders the list of all reports by group, with explanations if asked for.
    pub fn list(&self, with_help: bool) -> Markup {
        html! {
            @for group in ReportGroup::iter() {
                @for report in self.reports(group) {
                    li {
                        a href=(self.to_report(report.name)) {
                            span { (report.title) } span.quiet { (group.title()) }
                        }
                        @if with_help { p.quiet { (report.about) } }
                    }
                }
            }
        }
    }

    /// Renders the dialog that finds a report by its name.
    pub fn finder(&self) -> Markup {
        html! {
            dialog.finder id="finder" aria-labelledby="finder-title" {
                h2 id="finder-title" { "Find a report" }
                input type="search" aria-label="Name of the report" placeholder="Name of the report" data-filter="finder-list" autocomplete="off";
                ul.plain id="finder-list" { (self.list(false)) }
                form method="dialog" { button { "Close" } }
            }
        }
    }
}
