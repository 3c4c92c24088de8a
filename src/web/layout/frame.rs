//! The frame around every screen: document, top bar, sidebar, banners and notes.

use super::account_menu::AccountMenu;
use super::branding::{Branding, Home};
use super::frame_site::FrameSite;
use super::nav_item::NavItem;
use super::notice::{Banner, Note};
use super::range::RangeControl;
use super::report_links::ReportLinks;
use super::sidebar;
use super::site_menu::{self, SiteLink};
use super::theme::Theme;
use crate::http::assets;
use crate::limits;
use crate::reports::visibility::VisitorData;
use crate::web::filters::query_params::QueryParams;
use crate::web::ui::{format, icon};
use maud::{DOCTYPE, Markup, html};

/// The frame of a screen.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The title of the document.
    pub title: String,
    /// The colours.
    pub theme: Theme,
    /// The name of the signed-in user.
    pub user: Option<String>,
    /// The sites of the drop-down.
    pub sites: Vec<SiteLink>,
    /// The current site.
    pub site: Option<FrameSite>,
    /// The range control, on screens with a range.
    pub range: Option<RangeControl>,
    /// The query parameters that links repeat, on screens with parameters but without a range.
    pub params: Option<QueryParams>,
    /// The banners above the top bar.
    pub banners: Vec<Banner>,
    /// The name of the parent who acts for the user; `None` if the users themselves are signed in.
    pub parent: Option<String>,
    /// True if the account is a sub-account.
    pub is_managed: bool,
    /// The note above the screen about a pending decision.
    pub note: Option<Note>,
    /// The unknown names in the address, which were ignored.
    pub ignored_names: Vec<String>,
    /// The frame of a guest link; `None` for users.
    pub guest: Option<GuestFrame>,
    /// True if the user may add sites.
    pub may_add_sites: bool,
    /// The number of alerts that the user has not seen; `None` for those who have no list of alerts.
    pub unseen_alerts: Option<usize>,
}

/// The parts of the frame that only pages of a guest link have.
#[derive(Clone, Debug, Default)]
pub struct GuestFrame {
    /// The query that links repeat: the theme, and the mark of an embedded page.
    pub query: String,
    /// The origins that an embedded page may send its height to; `None` if it is not embedded.
    pub embed_origins: Option<String>,
    /// The branding.
    pub branding: Branding,
}

/// The configuration of htmx: no inline styles and no evaluated code, which the content security policy forbids; going
/// back in the history requests the page again.
const HTMX: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"scrollIntoViewOnBoost":false}"#;

impl Frame {
    /// Returns a frame without a user and without a site.
    pub fn bare(title: &str, theme: Theme) -> Self {
        Self {
            title: title.into(),
            theme,
            user: None,
            sites: Vec::new(),
            site: None,
            range: None,
            params: None,
            banners: Vec::new(),
            parent: None,
            is_managed: false,
            note: None,
            ignored_names: Vec::new(),
            guest: None,
            may_add_sites: true,
            unseen_alerts: None,
        }
    }

    /// Renders the document around the content of a screen.
    pub fn page(&self, content: &Markup) -> Markup {
        let zone = self.site.as_ref().map(|site| site.zone.as_str());
        html! {
            (DOCTYPE)
            html lang="en" data-theme=(self.theme.name()) data-time-zone=[zone] data-embed=[self.embed_origins()] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    meta name="htmx-config" content=(HTMX);
                    title { (self.document_title()) }
                    (self.branding().icon())
                    link rel="stylesheet" href=(assets::path("app.css"));
                    (self.branding().style_sheet())
                    script defer src=(assets::path("app.js")) {}
                }
                body {
                    a.skip href="#content" { "Skip to content" }
                    @for banner in &self.banners {
                        @match banner.end {
                            Some((path, button)) => form.banner method="post" action=(path) role="status" { span { (banner.text) } " " button.small type="submit" { (button) } },
                            None => div.banner role="status" { span { (banner.text) } },
                        }
                    }
                    @if self.has_bar() { (self.bar()) }
                    div.body.has-side[self.site.is_some()] {
                        @if let Some(site) = &self.site { (sidebar::draw(site, &self.links(site, self.query()))) }
                        main id="content" tabindex="-1" {
                            @if self.embed_origins().is_some() { @if let Some(range) = &self.range { div.embedded-range { (range.draw()) } } }
                            (self.ignored_names())
                            @if let Some(note) = &self.note { p.verdict.plain.of-site role="note" { (note.text) " " a href=(note.link.0) { (note.link.1) } } }
                            (content)
                        }
                    }
                    @if self.guest.is_some() { (self.branding().foot()) }
                    @if let Some(site) = &self.site { (shortcuts()) @if site.has_reports { (self.links(site, "").finder()) } }
                }
            }
        }
    }

    /// Renders the note about ignored names in the address, so that no one takes a misspelled filter for one that holds.
    fn ignored_names(&self) -> Markup {
        let is_short = |name: &&String| name.chars().count() <= limits::IGNORED_NAME_CHARS_MAX;
        let short = self.ignored_names.iter().filter(is_short).take(limits::IGNORED_NAMES_TOLD_MAX);
        let mut names: Vec<String> = short.map(|name| format!("“{name}”")).collect();
        if !names.is_empty() && names.len() < self.ignored_names.len() {
            names.push("others".into());
        }
        html! {
            @if names.is_empty() && !self.ignored_names.is_empty() {
                p.verdict.plain role="note" { "A name in this address is no filter. It is ignored." }
            }
            @if let Some((last, others)) = names.split_last() {
                p.verdict.plain role="note" {
                    @if others.is_empty() { "There is no filter " (last) ". It is ignored." }
                    @else { "There are no filters " (others.join(", ")) " and " (last) ". They are ignored." }
                }
            }
        }
    }

    fn embed_origins(&self) -> Option<&str> {
        self.guest.as_ref().and_then(|guest| guest.embed_origins.as_deref())
    }

    /// Returns the links to the screens of the site.
    fn links<'a>(&'a self, site: &'a FrameSite, query: &'a str) -> ReportLinks<'a> {
        let params = self.range.as_ref().map(|range| &range.params).or(self.params.as_ref());
        ReportLinks { base: &site.base, visibility: &site.visibility, params, query }
    }

    /// Returns the query that the links of a guest page repeat.
    fn query(&self) -> &str {
        self.guest.as_ref().map_or("", |guest| guest.query.as_str())
    }

    /// Returns the branding of the page.
    fn branding(&self) -> &Branding {
        self.guest.as_ref().map_or(&Branding::Ours, |guest| &guest.branding)
    }

    fn document_title(&self) -> String {
        let site = self.site.as_ref().map(|site| site.name.as_str());
        let parts = [Some(self.title.as_str()), site, self.branding().name()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// Returns the first page of a guest link.
    fn home(&self) -> Option<Home<'_>> {
        let site = self.site.as_ref()?;
        Some(Home { name: &site.name, address: format!("{}{}", site.base, self.query()) })
    }

    /// Returns true if the page has a top bar: embedded pages have none, nor have guest pages without a site and a brand.
    fn has_bar(&self) -> bool {
        let has_name = self.site.is_some() || matches!(self.branding(), Branding::Brand { .. });
        self.embed_origins().is_none() && (self.guest.is_none() || has_name)
    }

    fn account_menu<'a>(&'a self, user: &'a str) -> AccountMenu<'a> {
        let site = self.site.as_ref().filter(|site| site.has_preferences);
        AccountMenu {
            user,
            parent: self.parent.as_deref(),
            theme: self.theme,
            preferences_of: site.map(|site| site.id),
        }
    }

    fn bar(&self) -> Markup {
        html! {
            header.bar {
                @if self.user.is_some() {
                    (site_menu::draw(&self.sites, self.site.as_ref(), self.may_add_sites))
                } @else if self.guest.is_some() {
                    (self.branding().head(self.home().as_ref()))
                } @else { a.brand href="/" { (icon::mark()) span { "Clickstead" } } }
                @if let Some(site) = self.site.as_ref().filter(|site| site.visibility.has(VisitorData::LiveList)) {
                    a.online href={ (site.base) "/spy" } title="online now" data-online={ (site.base) "/online" } {
                        span.dot.on[site.online > 0] {}
                        span { b data-number { (format::count(site.online)) } span.words { " online" } }
                    }
                }
                div.bar-end {
                    @if let Some(range) = &self.range { (range.draw()) }
                    @if let Some(unseen) = self.unseen_alerts { (bell(unseen)) }
                    @if let Some(site) = self.site.as_ref().filter(|site| site.has_preferences) {
                        a.button.icon-button.gear href={ "/sites/" (site.id) "/preferences/info" }
                            aria-current=[(site.current == NavItem::Preferences).then_some("page")]
                            aria-label="Preferences" title="Preferences" { (icon::gear()) }
                    }
                    @if let Some(user) = &self.user { (self.account_menu(user).draw()) }
                }
            }
        }
    }
}

/// Renders the bell, which leads to the list of alerts.
fn bell(unseen: usize) -> Markup {
    let label = match unseen {
        0 => "Alerts".to_owned(),
        1 => "1 new alert".to_owned(),
        count => format!("{} new alerts", alert_count(count)),
    };
    html! {
        a.button.icon-button.bell href="/alerts" aria-label=(label) title=(label) {
            (icon::bell())
            @if unseen > 0 { span.bell-count aria-hidden="true" { (alert_count(unseen)) } }
        }
    }
}

fn alert_count(count: usize) -> String {
    let most = limits::ALERT_BELL_MAX;
    if count > most { format!("{most}+") } else { count.to_string() }
}

fn shortcuts() -> Markup {
    let row = |keys: &str, what: &str| html! { tr { th scope="row" { kbd { (keys) } } td { (what) } } };
    html! {
        dialog id="shortcuts" aria-labelledby="shortcuts-title" {
            h2 id="shortcuts-title" { "Keys" }
            table {
                (row("g d", "Dashboard"))
                (row("g v", "Visitors"))
                (row("g s", "Spy"))
                (row("/", "Find a report"))
                (row("[  ]", "Earlier and later range"))
                (row("?", "This list"))
            }
            form method="dialog" { button { "Close" } }
        }
    }
}
