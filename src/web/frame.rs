//! The frame around every screen: document, top bar with the site drop-down and account.

mod range;
mod side;

pub use range::RangeControl;
pub use side::{Place, index};

use super::{chart, format, icon};
use crate::http::assets;
use crate::reports::view::{View, VisitorData};
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
    pub view: View,
    /// What its people call it.
    pub name: String,
    /// The name of its time zone.
    pub zone: String,
    /// Visitors online now.
    pub online: i64,
    /// The side entry that is current.
    pub place: Place,
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
    /// What is not as usual, above everything, with the way out of it.
    pub banner: Option<Banner>,
    /// Whether the person may add sites.
    pub may_add_sites: bool,
}

/// A line above everything.
#[derive(Clone, Debug)]
pub struct Banner {
    /// What is not as usual.
    pub text: String,
    /// The form that ends it, and its button.
    pub end: (&'static str, &'static str),
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
            banner: None,
            may_add_sites: true,
        }
    }

    /// The whole document.
    pub fn page(&self, content: &Markup) -> Markup {
        let zone = self.site.as_ref().map(|site| site.zone.as_str());
        html! {
            (DOCTYPE)
            html lang="en" data-theme=(self.theme.name()) data-time-zone=[zone] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    meta name="htmx-config" content=(HTMX);
                    title { (self.document_title()) }
                    link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
                    link rel="stylesheet" href=(assets::path("app.css"));
                    script defer src=(assets::path("app.js")) {}
                }
                body {
                    a.skip href="#content" { "Skip to content" }
                    @if let Some(banner) = &self.banner {
                        form.banner method="post" action=(banner.end.0) role="status" { span { (banner.text) } " " button.small type="submit" { (banner.end.1) } }
                    }
                    (self.bar())
                    div.body.has-side[self.site.is_some()] {
                        @if let Some(site) = &self.site { (side::side(site, self.range.as_ref())) }
                        main id="content" tabindex="-1" { (content) }
                    }
                    @if let Some(site) = &self.site { (shortcuts()) (side::finder(site, self.range.as_ref())) }
                }
            }
        }
    }

    fn document_title(&self) -> String {
        match &self.site {
            Some(site) => format!("{} · {} · Clickstead", self.title, site.name),
            None => format!("{} · Clickstead", self.title),
        }
    }

    fn bar(&self) -> Markup {
        html! {
            header.bar {
                @if self.user.is_some() { (self.site_menu()) } @else { a.brand href="/" { (icon::mark()) span { "Clickstead" } } }
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
                            aria-current=[(site.place == Place::Preferences).then_some("page")]
                            aria-label="Preferences" title="Preferences" { (icon::gear()) }
                    }
                    @if let Some(user) = &self.user { (account_menu(user, self.theme, self.site.as_ref())) }
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
                                        span.site-spark title="visits of the last two weeks, and today" { (chart::spark(spark)) span.quiet { (format::count(today)) " today" } }
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
}

fn account_menu(user: &str, theme: Theme, site: Option<&FrameSite>) -> Markup {
    let choice = |value: &'static str, name: &str| {
        html! { button type="button" data-theme-choice=(value) aria-pressed=(theme.name() == value) { (name) } }
    };
    html! {
        details.menu.account-menu {
            summary.icon-button aria-label={ "Account of " (user) } title=(user) { (icon::person()) }
            div.menu-list {
                p.menu-title { (user) }
                div.choice role="group" aria-label="Look" hidden data-needs-script {
                    (choice("system", "Auto")) (choice("light", "Light")) (choice("dark", "Dark"))
                }
                ul.menu-foot {
                    @if let Some(site) = site.filter(|site| site.has_preferences) {
                        li.folded { a href={ "/sites/" (site.id) "/preferences/info" } { "Preferences" } }
                    }
                    li { a href="/account/profile" { "Your account" } }
                    li { a href="/" { "All sites" } }
                    li { a href="/licenses" { "Credits" } }
                    li { form method="post" action="/logout" { button.link type="submit" { "Sign out" } } }
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
