//! The page code in its forms, as people paste it into their pages.

use crate::model::id::SiteId;

/// The page code of one site, for the address of this server.
pub struct PageCode {
    /// The origin of this server.
    pub from: String,
    /// The usual form: one script element.
    pub tag: String,
    /// Clicky's older form.
    pub array: String,
    /// The form with one file for each site, as older Clicky pages have it.
    pub numbered: String,
    /// The form for a proxy on the site's own server.
    pub proxied: String,
    /// The pixel, for pages without scripts.
    pub pixel: String,
}

impl PageCode {
    /// Returns the code that loads the tracker from this origin.
    pub fn new(site: SiteId, origin: &str) -> Self {
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        let from = if origin.starts_with("https:") { origin.to_owned() } else { format!("//{host}") };
        Self {
            from: origin.to_owned(),
            tag: format!(r#"<script async data-id="{site}" src="{from}/js"></script>"#),
            array: format!(
                "<script>var clicky_site_ids = clicky_site_ids || []; clicky_site_ids.push({site});</script>\n\
                 <script async src=\"{from}/js\"></script>"
            ),
            numbered: format!(r#"<script async src="{from}/{site}.js"></script>"#),
            proxied: format!(
                r#"<script async data-id="{site}" src="/stats/js?in=%2Fstats%2Fhits"></script>"#
            ),
            pixel: format!(
                r#"<noscript><img alt="" width="1" height="1" src="{from}/{site}ns.gif"></noscript>"#
            ),
        }
    }
}
