//! The page of a site without visits: the page code, until the first hit arrives.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::reports::data_reader::DataReader;
use crate::reports::other_hosts::{self as seen_hosts, SeenHost};
use crate::store::sites::Site;
use crate::web::layout::Frame;
use crate::web::settings::other_hosts::{self, BOTH, ReturnTo};
use crate::web::ui::field;
use maud::{Markup, html};

/// The page of a site without visits.
pub struct View {
    site: Site,
    drawn_at: Timestamp,
    code: String,
    /// Undecided hosts whose page views were filtered.
    hosts: Vec<SeenHost>,
    may_answer: bool,
}

impl View {
    /// Loads the page of a site whose page code is this, for a caller who may or may not decide about hosts.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(reader: &DataReader<'_>, site: Site, code: String, may_answer: bool) -> Result<Self> {
        let mut hosts = seen_hosts::list(reader.connection, &site, reader.now)?;
        hosts.retain(|host| host.is_unanswered() && host.filtered > 0 && site.hosts.own_only);
        hosts.truncate(limits::OTHER_HOSTS_NAMED_MAX);
        Ok(Self { site, drawn_at: reader.now, code, hosts, may_answer })
    }
}

/// Renders the page.
pub fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        section.start {
            h1 { "Put this line on your pages" }
            ol.steps {
                li { "Copy the line." }
                li { "Paste it into every page of " b { (view.site.domain) } ", anywhere before " code { "</body>" } ". Most systems have one place for it, called footer or theme." }
                li { "Open your site in another tab. Your own visit appears here by itself." }
            }
            (field::copyable("Page code", "page-code", &view.code))
            div.waiting id="first-hit" data-stream={ "/sites/" (view.site.id) "/spy/stream?since=" (view.drawn_at.0) } {
                p.waiting-now role="status" { span.dot.pulse {} " Waiting for the first hit …" }
                div.waiting-over hidden {
                    h2 { "It works: your first visitor is here" }
                    ul.stream {}
                    p { a.button.primary href={ "/sites/" (view.site.id) } { "Open the dashboard" } " " a.button href={ "/sites/" (view.site.id) "/spy" } { "Watch live" } }
                }
            }
            div id="filtered-hosts" data-refresh { (filtered(view)) }
            p.quiet { "Other forms of the code, for pages without scripts or from Clicky, are under " a href={ "/sites/" (view.site.id) "/preferences/info" } { "Site info" } "." }
        }
    })
}

/// Renders the hosts whose hits were filtered: someone who tries the code on a copy of the site would wait in vain.
fn filtered(view: &View) -> Markup {
    html! {
        @if !view.hosts.is_empty() {
            section.verdict.plain {
                p { "Hits came from a host that isn't one of " b { (view.site.domain) } "'s, so they weren't counted. " @if view.may_answer { "If it is yours, say so, and open your page again." } @else { "If it is yours, ask an Administrator to add it." } }
                ul.plain.rows {
                    @for host in &view.hosts {
                        li {
                            div { b.cut-any { (host.name) } " " span.quiet { (other_hosts::views(host.filtered)) } }
                            @if view.may_answer { (other_hosts::buttons(&view.site, ReturnTo::Start, &host.name, &BOTH)) }
                        }
                    }
                }
            }
        }
    }
}
