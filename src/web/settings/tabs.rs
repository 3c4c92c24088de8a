//! The tabs of the screens of a site's settings, in groups.

use crate::access::capability::Capability;
use crate::http::auth::SiteAccess;
use crate::model::id::SiteId;
use crate::web::help;
use crate::web::layout::Frame;
use maud::{Markup, html};

/// A screen of the settings.
struct Tab {
    name: &'static str,
    title: &'static str,
    capability: Capability,
}

/// The tabs by subject.
const GROUPS: &[(&str, &[Tab])] = &[
    (
        "Site",
        &[
            Tab { name: "info", title: "Site info", capability: Capability::SeeTrackingCode },
            Tab { name: "hosts", title: "Hosts", capability: Capability::ChangeSiteSettings },
            Tab { name: "privacy", title: "Privacy & retention", capability: Capability::ChangeSiteSettings },
            Tab { name: BILLING, title: "Billing", capability: Capability::SeeBilling },
        ],
    ),
    (
        "Measurement",
        &[
            Tab { name: "tracking", title: "Tracking", capability: Capability::ChangeSiteSettings },
            Tab { name: "goals", title: "Goals & funnels", capability: Capability::ManageGoals },
            Tab { name: "campaigns", title: "Campaigns", capability: Capability::ManageGoals },
            Tab { name: "heatmaps", title: "Heatmaps", capability: Capability::ChooseRecordedPages },
        ],
    ),
    (
        "Access",
        &[
            Tab { name: "sharing", title: "Sharing", capability: Capability::SeePeople },
            Tab { name: "view-only", title: "View Only", capability: Capability::ChooseViewOnly },
            Tab { name: "public-access", title: "Public access", capability: Capability::ManageGuestLinks },
            Tab { name: "white-label", title: "White label", capability: Capability::WhiteLabel },
            Tab { name: "audit", title: "Audit log", capability: Capability::SeeAuditLog },
        ],
    ),
    (
        "Notifications",
        &[
            Tab { name: "alerts", title: "Alerts", capability: Capability::SetSiteAlerts },
            Tab { name: "uptime", title: "Uptime", capability: Capability::SetSiteAlerts },
            Tab { name: "digests", title: "E-mail reports", capability: Capability::ManageGuestLinks },
            Tab { name: "webhooks", title: "Webhooks", capability: Capability::SetSiteAlerts },
        ],
    ),
];

/// The name of the tab for billing, whose address is not below the preferences: the plan belongs to the owner's account.
pub const BILLING: &str = "billing";

/// The tabs of the screens that a caller may open, by subject, and the current one.
pub struct Tabs {
    site: SiteId,
    shown: Vec<(&'static str, Vec<&'static Tab>)>,
    current: &'static str,
}

impl Tabs {
    /// Returns the tabs for a screen, by its name.
    pub fn for_screen<R>(access: &SiteAccess<R>, current: &'static str) -> Self {
        let shown = GROUPS.iter().filter_map(|(subject, tabs)| {
            let open: Vec<_> = tabs.iter().filter(|tab| access.may(tab.capability)).collect();
            (!open.is_empty()).then_some((*subject, open))
        });
        Self { site: access.site.id, shown: shown.collect(), current }
    }

    /// Returns the path of a screen.
    pub fn path(site: SiteId, name: &str) -> String {
        match name {
            BILLING => format!("/sites/{site}/{BILLING}"),
            name => format!("/sites/{site}/preferences/{name}"),
        }
    }

    fn holds(&self, tabs: &[&Tab]) -> bool {
        tabs.iter().any(|tab| tab.name == self.current)
    }

    /// Renders a screen as a whole document.
    pub fn page(&self, frame: &Frame, content: &Markup) -> Markup {
        let mut tabs = self.shown.iter().flat_map(|(_, tabs)| tabs);
        let title = tabs.find(|tab| tab.name == self.current).map_or("", |tab| tab.title);
        frame.page(&html! {
            p.crumbs { "Preferences → Site settings" }
            div.settings-frame {
                @if self.shown.iter().map(|(_, tabs)| tabs.len()).sum::<usize>() > 1 {
                    nav.settings-nav aria-label="Site settings" {
                        @for (subject, tabs) in &self.shown { (self.group(subject, tabs)) }
                    }
                }
                div {
                    h1 { (title) }
                    (help::guide_links(self.current, self.site))
                    (content)
                }
            }
        })
    }

    /// Renders a group. Its subject leads to its first screen; narrow windows show the tabs of the current group alone.
    fn group(&self, subject: &str, tabs: &[&Tab]) -> Markup {
        html! {
            @if let Some(first) = tabs.first() {
                a.subject href=(Self::path(self.site, first.name)) aria-current=[self.holds(tabs).then_some("true")] { (subject) }
            }
            ul.plain aria-label=(subject) {
                @for tab in tabs {
                    li { a href=(Self::path(self.site, tab.name)) aria-current=[(tab.name == self.current).then_some("page")] { (tab.title) } }
                }
            }
        }
    }
}
