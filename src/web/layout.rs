//! The frame around every screen: document, top bar with the site drop-down and account.

mod branding;
pub mod load;
mod range;
mod sidebar;

pub use branding::Branding;
pub use range::RangeControl;
pub use sidebar::{NavItem, index};

use super::query_params::QueryParams;
use super::{chart, format, icon};
use crate::http::assets;
use crate::limits;
use crate::reports::visibility::{Visibility, VisitorData};
use branding::Home;
use maud::{DOCTYPE, Markup, html};

/// The look that a person has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// From the cookie.
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A site in the drop-down.
#[derive(Clone, Debug)]
pub struct SiteLink {
    /// Its number.
    pub id: i64,
    /// What its people call it.
    pub name: String,
    /// Its domain.
    pub domain: String,
    /// At which level it is shared; none for one's own.
    pub level: Option<&'static str>,
    /// Visits of the last two weeks, day by day, today last; none where they are hidden.
    pub spark: Option<Vec<i64>>,
    /// Whether it is told who is online.
    pub has_online: bool,
}

impl SiteLink {
    /// Visits today, where they are not hidden.
    pub fn today(&self) -> Option<i64> {
        self.spark.as_ref().map(|spark| spark.last().copied().unwrap_or(0))
    }
}

/// The site that a screen is about.
#[derive(Clone, Debug)]
pub struct FrameSite {
    /// Its number.
    pub id: i64,
    /// The path below which its screens stand.
    pub base: String,
    /// What the caller may see.
    pub view: Visibility,
    /// What its people call it.
    pub name: String,
    /// The name of its time zone.
    pub zone: String,
    /// Visitors online now.
    pub online: i64,
    /// The side entry that is current.
    pub place: NavItem,
    /// Whether the caller may open reports.
    pub has_reports: bool,
    /// Whether the caller may open its preferences.
    pub has_preferences: bool,
}

/// What surrounds a screen.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The document's title.
    pub title: String,
    /// The look.
    pub theme: Theme,
    /// Who is signed in.
    pub user: Option<String>,
    /// The sites of the drop-down.
    pub sites: Vec<SiteLink>,
    /// The current site.
    pub site: Option<FrameSite>,
    /// The range control, on screens that have a range.
    pub range: Option<RangeControl>,
    /// What the address asks for, on screens without a range: their links carry it on.
    pub asked: Option<QueryParams>,
    /// What is not as usual, above everything, each with the way out of it.
    pub banners: Vec<Banner>,
    /// Who acts for the account; none: its own person.
    pub parent: Option<String>,
    /// Whether the account is somebody's sub-account.
    pub is_managed: bool,
    /// What the site's people are to decide, above the screen.
    pub note: Option<Note>,
    /// Names in the address that were passed over.
    pub passed_over: Vec<String>,
    /// On pages of a guest link.
    pub guest: Option<Guest>,
    /// Whether the person may add sites.
    pub may_add_sites: bool,
}

/// What a guest link's pages have.
#[derive(Clone, Debug, Default)]
pub struct Guest {
    /// What addresses carry on: the look, and that the page is in a frame.
    pub query: String,
    /// In a frame: the origins that are told how high the page is.
    pub embed_origins: Option<String>,
    /// Whose face the pages have.
    pub face: Branding,
}

/// A line above a screen, with the way to where it is decided.
#[derive(Clone, Debug)]
pub struct Note {
    /// What is so.
    pub text: Markup,
    /// An address, and what the link to it says.
    pub way: (String, &'static str),
}

/// A line above everything.
#[derive(Clone, Debug)]
pub struct Banner {
    /// What is not as usual.
    pub text: String,
    /// The form that ends it, and its button; none where it ends elsewhere.
    pub end: Option<(&'static str, &'static str)>,
}

/// The form that ends acting for a sub-account, and its button.
const STOP_ACTING: (&str, &str) = ("/account/acting/end", "Stop");

impl Banner {
    /// Says for whom a parent acts.
    pub fn acting_for(name: &str) -> Self {
        Self { text: format!("You act for {name}."), end: Some(STOP_ACTING) }
    }

    /// Says that only a part of a site is here.
    pub fn half_imported(file: &str) -> Self {
        let text = format!(
            "This site is not whole yet: the import of {file} is going on, or was stopped. If it was stopped, import the \
             same file again; it goes on where it stopped."
        );
        Self { text, end: None }
    }
}

/// No inline styles, nothing evaluated, and going back asks the server.
const HTMX: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"scrollIntoViewOnBoost":false}"#;

impl Frame {
    /// A frame without a person and a site.
    pub fn bare(title: &str, theme: Theme) -> Self {
        Self {
            title: title.into(),
            theme,
            user: None,
            sites: Vec::new(),
            site: None,
            range: None,
            asked: None,
            banners: Vec::new(),
            parent: None,
            is_managed: false,
            note: None,
            passed_over: Vec::new(),
            guest: None,
            may_add_sites: true,
        }
    }

    /// The whole document.
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
                    (self.face().icon())
                    link rel="stylesheet" href=(assets::path("app.css"));
                    (self.face().style_sheet())
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
                        @if let Some(site) = &self.site { (sidebar::side((site, self.query()), self.asked())) }
                        main id="content" tabindex="-1" {
                            @if self.embed_origins().is_some() { @if let Some(range) = &self.range { div.embedded-range { (range.draw()) } } }
                            (self.passed_over())
                            @if let Some(note) = &self.note { p.verdict.plain.of-site role="note" { (note.text) " " a href=(note.way.0) { (note.way.1) } } }
                            (content)
                        }
                    }
                    @if self.guest.is_some() { (self.face().foot()) }
                    @if let Some(site) = &self.site { (shortcuts()) (sidebar::finder(site, self.asked())) }
                }
            }
        }
    }

    /// Says which names in the address were passed over: a misspelled filter is not taken for one that holds.
    fn passed_over(&self) -> Markup {
        let is_short = |name: &&String| name.chars().count() <= limits::IGNORED_NAME_CHARS_MAX;
        let short = self.passed_over.iter().filter(is_short).take(limits::IGNORED_NAMES_TOLD_MAX);
        let mut told: Vec<String> = short.map(|name| format!("“{name}”")).collect();
        if !told.is_empty() && told.len() < self.passed_over.len() {
            told.push("others".into());
        }
        html! {
            @if told.is_empty() && !self.passed_over.is_empty() {
                p.verdict.plain role="note" { "A name in this address is no filter. It is ignored." }
            }
            @if let Some((last, others)) = told.split_last() {
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

    /// What links to other screens carry on.
    fn asked(&self) -> Option<&QueryParams> {
        self.range.as_ref().map(|range| &range.asked).or(self.asked.as_ref())
    }

    fn query(&self) -> &str {
        self.guest.as_ref().map_or("", |guest| guest.query.as_str())
    }

    /// Whose face the page has.
    fn face(&self) -> &Branding {
        self.guest.as_ref().map_or(&Branding::Ours, |guest| &guest.face)
    }

    fn document_title(&self) -> String {
        let site = self.site.as_ref().map(|site| site.name.as_str());
        let parts = [Some(self.title.as_str()), site, self.face().name()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// The first page of a guest link.
    fn home(&self) -> Option<Home<'_>> {
        let site = self.site.as_ref()?;
        Some(Home { name: &site.name, address: format!("{}{}", site.base, self.query()) })
    }

    /// Whether there is something to say at the top.
    fn has_bar(&self) -> bool {
        let says_whose = self.site.is_some() || matches!(self.face(), Branding::Brand { .. });
        self.embed_origins().is_none() && (self.guest.is_none() || says_whose)
    }

    fn bar(&self) -> Markup {
        html! {
            header.bar {
                @if self.user.is_some() {
                    (self.site_menu())
                } @else if self.guest.is_some() {
                    (self.face().head(self.home().as_ref()))
                } @else { a.brand href="/" { (icon::mark()) span { "Clickstead" } } }
                @if let Some(site) = self.site.as_ref().filter(|site| site.view.has(VisitorData::LiveList)) {
                    a.online href={ (site.base) "/spy" } title="online now" data-online={ (site.base) "/online" } {
                        span.dot.on[site.online > 0] {}
                        span { b data-number { (format::count(site.online)) } span.words { " online" } }
                    }
                }
                div.bar-end {
                    @if let Some(range) = &self.range { (range.draw()) }
                    @if let Some(site) = self.site.as_ref().filter(|site| site.has_preferences) {
                        a.button.icon-button.gear href={ "/sites/" (site.id) "/preferences/info" }
                            aria-current=[(site.place == NavItem::Preferences).then_some("page")]
                            aria-label="Preferences" title="Preferences" { (icon::gear()) }
                    }
                    @if let Some(user) = &self.user { (self.account_menu(user)) }
                }
            }
        }
    }

    fn site_menu(&self) -> Markup {
        let current = self.site.as_ref();
        html! {
            details.menu.site-menu {
                summary { (icon::mark()) span.name { (current.map_or("All sites", |site| site.name.as_str())) } (icon::down()) }
                div.menu-list {
                    @if self.sites.len() > 6 {
                        input type="search" placeholder="Find a site" aria-label="Find a site" data-filter="site-menu-list";
                    }
                    ul id="site-menu-list" {
                        @for site in &self.sites {
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
                        @if self.may_add_sites { li { a href="/sites/new" { "Add a site" } } }
                    }
                }
            }
        }
    }

    /// While a parent acts for the account, it offers only what is open to them.
    fn account_menu(&self, user: &str) -> Markup {
        let choice = |value: &'static str, name: &str| {
            html! { button type="button" data-theme-choice=(value) aria-pressed=(self.theme.name() == value) { (name) } }
        };
        html! {
            details.menu.account-menu {
                summary.icon-button aria-label={ "Account of " (user) } title=(user) { (icon::person()) }
                div.menu-list {
                    p.menu-title { (user) @if let Some(parent) = &self.parent { " " span.quiet { "for whom " (parent) " acts" } } }
                    div.choice role="group" aria-label="Look" hidden data-needs-script {
                        (choice("system", "Auto")) (choice("light", "Light")) (choice("dark", "Dark"))
                    }
                    ul.menu-foot {
                        @if let Some(site) = self.site.as_ref().filter(|site| site.has_preferences) {
                            li.folded { a href={ "/sites/" (site.id) "/preferences/info" } { "Preferences" } }
                        }
                        @if self.parent.is_some() {
                            li { a href="/account/sites" { "Sites of the account" } }
                            li { form method="post" action=(STOP_ACTING.0) { button.link type="submit" { "Stop acting for " (user) } } }
                        } @else {
                            li { a href="/account/profile" { "Your account" } }
                        }
                        li { a href="/" { "All sites" } }
                        li { a href={ "/help" @if let Some(site) = self.site.as_ref().filter(|site| site.has_preferences) { "?site=" (site.id) } } { "Help" } }
                        li { a href="/licenses" { "Credits" } }
                        li { form method="post" action="/logout" { button.link type="submit" { "Sign out" } } }
                    }
                }
            }
        }
    }
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
