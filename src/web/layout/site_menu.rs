//! The drop-down of the top bar that leads to the sites of a user.

use super::frame_site::FrameSite;
use crate::web::ui::{chart, format, icon};
use maud::{Markup, html};

/// A site of the drop-down.
#[derive(Clone, Debug)]
pub struct SiteLink {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The domain.
    pub domain: String,
    /// The title of the level at which the site is shared; `None` for the user's own sites.
    pub level: Option<&'static str>,
    /// The visits of the last two weeks by day, today last; `None` if the user may not see them.
    pub spark: Option<Vec<i64>>,
    /// True if the user may see the number of visitors online.
    pub has_online: bool,
}

impl SiteLink {
    /// Returns the visits of today; `None` if the user may not see them.
    pub fn today(&self) -> Option<i64> {
        self.spark.as_ref().map(|spark| spark.last().copied().unwrap_or(0))
    }
}

/// Renders the drop-down.
pub fn draw(sites: &[SiteLink], current: Option<&FrameSite>, may_add_sites: bool) -> Markup {
    html! {
        details.menu.site-menu {
            summary { (icon::mark()) span.name { (current.map_or("All sites", |site| site.name.as_str())) } (icon::down()) }
            div.menu-list {
                @if sites.len() > 6 {
                    input type="search" placeholder="Find a site" aria-label="Find a site" data-filter="site-menu-list";
                }
                ul id="site-menu-list" {
                    @for site in sites {
                        li {
                            a href={ "/sites/" (site.id) } aria-current=[current.filter(|current| current.id == site.id).map(|_| "true")] {
                                span.name { (site.name) @if site.name != site.domain { " " span.quiet { (site.domain) } } @if let Some(level) = site.level { " " span.tag { (level) } } }
                                @if let (Some(spark), Some(today)) = (&site.spark, site.today()) {
                                    span.site-spark title="visits of the last two weeks, and today" { (chart::spark(spark, None)) span.quiet { (format::count(today)) " today" } }
                                }
                            }
                        }
                    }
                }
                ul.menu-foot {
                    li { a href="/" { "All sites" } }
                    @if may_add_sites { li { a href="/sites/new" { "Add a site" } } }
                }
            }
        }
    }
}
