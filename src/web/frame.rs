//! The frame around every screen: document, top bar with the site drop-down, range control and account, side entries.

use super::{format, icon};
use crate::http::assets;
use crate::reports::range::Range;
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

/// The side entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The stream of actions.
    Spy,
    /// Visitors, one visit, one visitor.
    Visitors,
    /// Preferences.
    Preferences,
    /// The page code of a site that has no visit yet.
    Start,
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
    /// Visits today.
    pub today: i64,
}

/// The site that a screen is about.
#[derive(Clone, Debug)]
pub struct FrameSite {
    /// Its number.
    pub id: i64,
    /// What its people call it.
    pub name: String,
    /// The name of its time zone.
    pub zone: String,
    /// Visitors online now.
    pub online: i64,
    /// The side entry that is current.
    pub place: Place,
    /// Whether the caller may open its preferences.
    pub has_preferences: bool,
}

/// The range of a screen, and its neighbours.
#[derive(Clone, Debug)]
pub struct RangeControl {
    /// The screen's path.
    pub path: String,
    /// As the address says it.
    pub asked: String,
    /// The days.
    pub range: Range,
    /// The address of the range after, unless that has not begun.
    pub later: Option<String>,
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
}

impl Frame {
    /// A frame without a person and a site.
    pub fn bare(title: &str, theme: Theme) -> Self {
        Self { title: title.into(), theme, user: None, sites: Vec::new(), site: None, range: None }
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
                    title { (self.document_title()) }
                    link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
                    link rel="stylesheet" href=(assets::path("app.css"));
                    script defer src=(assets::path("app.js")) {}
                }
                body {
                    a.skip href="#content" { "Skip to content" }
                    (self.bar())
                    div.body.has-side[self.site.is_some()] {
                        @if let Some(site) = &self.site { (side(site)) }
                        main id="content" tabindex="-1" { (content) }
                    }
                    @if self.site.is_some() { (shortcuts()) }
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
                @if let Some(site) = &self.site {
                    a.online href={ "/sites/" (site.id) "/spy" } title="online now" data-online={ "/sites/" (site.id) "/online" } {
                        span.dot.on[site.online > 0] {}
                        span { b data-number { (format::count(site.online)) } span.words { " online" } }
                    }
                }
                div.bar-end {
                    @if let Some(range) = &self.range { (range_control(range)) }
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
                                a href={ "/sites/" (site.id) "/visitors" } aria-current=[current.filter(|current| current.id == site.id).map(|_| "true")] {
                                    span.name { (site.name) @if site.name != site.domain { " " span.quiet { (site.domain) } } }
                                    span.quiet title="visits today" { (format::count(site.today)) " today" }
                                }
                            }
                        }
                    }
                    ul.menu-foot {
                        li { a href="/" { "All sites" } }
                        li { a href="/sites/new" { "Add a site" } }
                    }
                }
            }
        }
    }
}

fn side(site: &FrameSite) -> Markup {
    let entry = |place: Place, path: &str, icon: Markup, name: &str| {
        html! {
            li {
                a href={ "/sites/" (site.id) "/" (path) } aria-current=[(site.place == place).then_some("page")] { (icon) span { (name) } }
            }
        }
    };
    html! {
        nav.side aria-label="Site" {
            ul {
                (entry(Place::Spy, "spy", icon::spy(), "Spy"))
                (entry(Place::Visitors, "visitors", icon::people(), "Visitors"))
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
                    li { a href="/" { "All sites" } }
                    li { a href="/licenses" { "Credits" } }
                    li { form method="post" action="/logout" { button.link type="submit" { "Sign out" } } }
                }
            }
        }
    }
}

/// The ranges that one click chooses.
const RANGES: [(&str, &str); 8] = [
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("last-7-days", "Last 7 days"),
    ("last-30-days", "Last 30 days"),
    ("this-month", "This month"),
    ("last-month", "Last month"),
    ("this-year", "This year"),
    ("last-year", "Last year"),
];

fn range_control(control: &RangeControl) -> Markup {
    let known = RANGES.iter().find(|(asked, _)| *asked == control.asked).map(|(_, name)| (*name).to_owned());
    let days = match (control.range.first, control.range.last) {
        (first, last) if first == last => format::day(first),
        (first, last) => format!("{} – {}", format::day(first), format::day(last)),
    };
    let link = |asked: &str| format!("{}?date={asked}", control.path);
    html! {
        div.range {
            a.button.icon-button href=(link(&control.range.earlier().text())) data-key="[" aria-label="Earlier" title="Earlier" { (icon::left()) }
            details.menu.range-menu {
                summary title=(days) { span { (known.as_deref().unwrap_or(&days)) } (icon::down()) }
                div.menu-list {
                    ul {
                        @for (asked, name) in RANGES {
                            li { a href=(link(asked)) aria-current=[(asked == control.asked).then_some("true")] { (name) } }
                        }
                    }
                    form.range-form method="get" action=(control.path) data-range {
                        label { "From" input type="date" name="from" value=(control.range.first) required; }
                        label { "to" input type="date" name="to" value=(control.range.last) required; }
                        button type="submit" { "Show" }
                    }
                }
            }
            @match &control.later {
                Some(later) => a.button.icon-button href=(later) data-key="]" aria-label="Later" title="Later" { (icon::right()) },
                None => span.button.icon-button.off aria-hidden="true" { (icon::right()) },
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
                (row("g s", "Spy"))
                (row("g v", "Visitors"))
                (row("[  ]", "Earlier and later range"))
                (row("?", "This list"))
            }
            form method="dialog" { button { "Close" } }
        }
    }
}
