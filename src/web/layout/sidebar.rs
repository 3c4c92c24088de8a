//! The sidebar of a site: its screens, and the reports of the catalogue by group.

use super::frame_site::FrameSite;
use super::nav_item::NavItem;
use super::report_links::ReportLinks;
use crate::reports::catalogue::ReportGroup;
use crate::reports::visibility::VisitorData;
use crate::web::ui::icon;
use maud::{Markup, html};
use strum::IntoEnumIterator;

fn icon_of(group: ReportGroup) -> Markup {
    match group {
        ReportGroup::Traffic => icon::chart(),
        ReportGroup::Content => icon::content(),
        ReportGroup::Sources => icon::sources(),
        ReportGroup::Campaigns => icon::campaigns(),
        ReportGroup::Goals => icon::goals(),
        ReportGroup::Audience => icon::audience(),
        ReportGroup::Uptime => icon::uptime(),
    }
}

/// Renders the sidebar; on a phone it folds behind the name of the current entry.
pub fn draw(site: &FrameSite, links: &ReportLinks<'_>) -> Markup {
    let group = site.current.group();
    let current = |item: NavItem| (site.current == item).then_some("page");
    let entry = |item: NavItem, path: &str, icon: Markup| {
        html! { li { a href=(links.to(path)) aria-current=[current(item)] { (icon) span { (item.title()) } } } }
    };
    let first_of = |one: ReportGroup| Some((one, links.reports(one).next()?.name));
    let entries = html! {
        ul {
            @if site.has_reports { (entry(NavItem::Dashboard, "", icon::dashboard())) }
            @if site.visibility.has(VisitorData::LiveList) {
                (entry(NavItem::Spy, "/spy", icon::spy()))
                (entry(NavItem::Visitors, "/visitors", icon::people()))
            }
            @if site.has_reports {
                @for (one, first) in ReportGroup::iter().filter_map(first_of) {
                    li {
                        a.subject.open[group == Some(one)] href=(links.to_report(first)) { (icon_of(one)) span { (one.title()) } }
                        @if group == Some(one) {
                            ul.reports {
                                @for report in links.reports(one) {
                                    li { a href=(links.to_report(report.name)) aria-current=[current(NavItem::Report(report.name))] { (report.title) } }
                                }
                            }
                        }
                    }
                }
                @if site.has_heatmaps { (entry(NavItem::Heatmaps, "/heatmaps", icon::heatmaps())) }
                (entry(NavItem::Reports, "/reports", icon::list()))
                @if site.has_alerts { li { a href={ (site.base) "/alerts" } aria-current=[current(NavItem::Alerts)] { (icon::bell()) span { (NavItem::Alerts.title()) } } } }
            }
        }
    };
    html! {
        nav.side id="side" aria-label="Site" data-base=(site.base) {
            details.menu.side-menu {
                summary { (icon::list()) span { (site.current.title()) } (icon::down()) }
                div.menu-list { (entries) }
            }
            div.side-list { (entries) }
        }
    }
}
