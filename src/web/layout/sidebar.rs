//! The sidebar of a site: its screens, and the reports of the catalogue by subject.

use super::FrameSite;
use crate::reports::catalogue::{self, Report, ReportGroup};
use crate::reports::visibility::{Visibility, VisitorData};
use crate::web::icon;
use crate::web::query_params::QueryParams;
use maud::{Markup, html};

/// The current entry of the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NavItem {
    /// The dashboard.
    Dashboard,
    /// The live stream of actions.
    Spy,
    /// The list of visitors, a visit, or a visitor.
    Visitors,
    /// A report.
    Report(&'static str),
    /// The list of all reports.
    Reports,
    /// Segments.
    Segments,
    /// Preferences.
    Preferences,
    /// The page code of a site without visits.
    Start,
}

impl NavItem {
    /// Returns the subject of the current report.
    fn subject(self) -> Option<ReportGroup> {
        match self {
            Self::Report(name) => catalogue::find(name).map(|report| report.subject),
            _ => None,
        }
    }
}

fn link((asked, query): (Option<&QueryParams>, &str), path: &str) -> String {
    asked.map_or_else(|| format!("{path}{query}"), |asked| asked.to_screen(path))
}

fn icon_of(subject: ReportGroup) -> Markup {
    match subject {
        ReportGroup::Traffic => icon::chart(),
        ReportGroup::Content => icon::content(),
        ReportGroup::Sources => icon::sources(),
        ReportGroup::Campaigns => icon::campaigns(),
        ReportGroup::Audience => icon::audience(),
    }
}

fn reports_of(view: &Visibility, subject: ReportGroup) -> impl Iterator<Item = &'static Report> {
    view.reports().filter(move |report| report.subject == subject)
}

/// Renders the sidebar; on a phone it folds behind the name of the current entry.
pub fn side((site, query): (&FrameSite, &str), asked: Option<&QueryParams>) -> Markup {
    let asked = (asked, query);
    let (subject, base, view) = (site.place.subject(), &site.base, &site.view);
    let current = |is_current: bool| is_current.then_some("page");
    let entry = |place: NavItem, path: &str, icon: Markup, name: &str| {
        html! { li { a href=(link(asked, &format!("{base}{path}"))) aria-current=[current(site.place == place)] { (icon) span { (name) } } } }
    };
    let entries = html! {
        ul {
            @if site.has_reports { (entry(NavItem::Dashboard, "", icon::dashboard(), "Dashboard")) }
            @if view.has(VisitorData::LiveList) {
                (entry(NavItem::Spy, "/spy", icon::spy(), "Spy"))
                (entry(NavItem::Visitors, "/visitors", icon::people(), "Visitors"))
            }
            @if site.has_reports {
                @for (one, first) in ReportGroup::ALL.into_iter().filter_map(|one| Some((one, reports_of(view, one).next()?.name))) {
                    li {
                        a.subject.open[subject == Some(one)] href=(link(asked, &format!("{base}/reports/{first}"))) { (icon_of(one)) span { (one.title()) } }
                        @if subject == Some(one) {
                            ul.reports {
                                @for report in reports_of(view, one) {
                                    li { a href=(link(asked, &format!("{base}/reports/{}", report.name))) aria-current=[current(site.place == NavItem::Report(report.name))] { (report.title) } }
                                }
                            }
                        }
                    }
                }
                (entry(NavItem::Reports, "/reports", icon::list(), "All reports"))
            }
        }
    };
    html! {
        nav.side id="side" aria-label="Site" data-base=(base) {
            details.menu.side-menu {
                summary { (icon::list()) span { (title(site.place)) } (icon::down()) }
                div.menu-list { (entries) }
            }
            div.side-list { (entries) }
        }
    }
}

fn title(place: NavItem) -> &'static str {
    match place {
        NavItem::Dashboard => "Dashboard",
        NavItem::Spy => "Spy",
        NavItem::Visitors => "Visitors",
        NavItem::Report(name) => catalogue::find(name).map_or("Report", |report| report.title),
        NavItem::Reports => "All reports",
        NavItem::Segments => "Segments",
        NavItem::Preferences => "Preferences",
        NavItem::Start => "Start",
    }
}

/// Renders links to all reports, by subject.
pub fn index((base, view): (&str, &Visibility), asked: Option<&QueryParams>, with_help: bool) -> Markup {
    html! {
        @for subject in ReportGroup::ALL {
            @for report in reports_of(view, subject) {
                li {
                    a href=(link((asked, ""), &format!("{base}/reports/{}", report.name))) {
                        span { (report.title) } span.quiet { (subject.title()) }
                    }
                    @if with_help { p.quiet { (report.about) } }
                }
            }
        }
    }
}

/// Renders the dialog that finds a report by its name.
pub fn finder(site: &FrameSite, asked: Option<&QueryParams>) -> Markup {
    html! {
        @if site.has_reports {
            dialog.finder id="finder" aria-labelledby="finder-title" {
                h2 id="finder-title" { "Find a report" }
                input type="search" aria-label="Name of the report" placeholder="Name of the report" data-filter="finder-list" autocomplete="off";
                ul.plain id="finder-list" { (index((&site.base, &site.view), asked, false)) }
                form method="dialog" { button { "Close" } }
            }
        }
    }
}
