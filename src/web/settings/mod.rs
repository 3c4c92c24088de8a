//! Preferences → Site settings: one file for each screen, and the tabs above them, which show only the screens that the
//! caller may open.

pub mod access;
pub mod audit;
pub mod billing;
pub mod campaigns;
pub mod code_check;
pub mod digests;
pub mod goals;
pub mod heatmaps;
pub mod hosts;
pub mod info;
pub mod key_use;
pub mod new_site;
pub mod other_hosts;
pub mod privacy;
pub mod public_access;
pub mod sharing;
pub mod site_form;
pub mod tracking;
pub mod transfer;
pub mod uptime;
pub mod view_only;
pub mod webhooks;
pub mod white_label;

use super::layout::Frame;
use crate::access::capability::Capability;
use crate::http::auth::SiteAccess;
use crate::model::id::SiteId;
use maud::{Markup, html};

/// A screen of the settings.
struct Tab {
    name: &'static str,
    title: &'static str,
    capability: Capability,
}

const TABS: &[Tab] = &[
    Tab { name: "info", title: "Site info", capability: Capability::SeeTrackingCode },
    Tab { name: "sharing", title: "Sharing", capability: Capability::SeePeople },
    Tab { name: "public-access", title: "Public access", capability: Capability::ManageGuestLinks },
    Tab { name: "digests", title: "E-mail reports", capability: Capability::ManageGuestLinks },
    Tab { name: "view-only", title: "View Only", capability: Capability::ChooseViewOnly },
    Tab { name: "white-label", title: "White label", capability: Capability::WhiteLabel },
    Tab { name: "tracking", title: "Tracking", capability: Capability::ChangeSiteSettings },
    Tab { name: "heatmaps", title: "Heatmaps", capability: Capability::ChooseRecordedPages },
    Tab { name: "hosts", title: "Hosts", capability: Capability::ChangeSiteSettings },
    Tab { name: "goals", title: "Goals & funnels", capability: Capability::ManageGoals },
    Tab { name: "campaigns", title: "Campaigns", capability: Capability::ManageGoals },
    Tab { name: "alerts", title: "Alerts", capability: Capability::SetSiteAlerts },
    Tab { name: "webhooks", title: "Webhooks", capability: Capability::SetSiteAlerts },
    Tab { name: "uptime", title: "Uptime", capability: Capability::SetSiteAlerts },
    Tab { name: "privacy", title: "Privacy & retention", capability: Capability::ChangeSiteSettings },
    Tab { name: "audit", title: "Audit log", capability: Capability::SeeAuditLog },
    Tab { name: BILLING, title: "Billing", capability: Capability::SeeBilling },
];

/// The name of the tab for billing, whose address is not below the preferences: the plan belongs to the owner's account.
const BILLING: &str = "billing";

/// The tabs of the settings that a caller may open, with the current one.
pub struct Tabs {
    site: SiteId,
    shown: Vec<&'static Tab>,
    current: &'static str,
}

impl Tabs {
    /// Returns the tabs for a screen, by its name.
    fn for_screen<R>(access: &SiteAccess<R>, current: &'static str) -> Self {
        let shown = TABS.iter().filter(|tab| access.may(tab.capability)).collect();
        Self { site: access.site.id, shown, current }
    }

    /// Returns the path of a screen.
    fn path(site: SiteId, name: &str) -> String {
        match name {
            BILLING => format!("/sites/{site}/{BILLING}"),
            name => format!("/sites/{site}/preferences/{name}"),
        }
    }

    /// Renders a screen as a whole document.
    fn page(&self, frame: &Frame, content: &Markup) -> Markup {
        let title = self.shown.iter().find(|tab| tab.name == self.current).map_or("", |tab| tab.title);
        frame.page(&html! {
            p.crumbs { "Preferences → Site settings" }
            nav.tabs.settings-tabs aria-label="Site settings" {
                @for tab in &self.shown {
                    a href=(Self::path(self.site, tab.name)) aria-current=[(tab.name == self.current).then_some("page")] { (tab.title) }
                }
            }
            h1 { (title) }
            (super::help::guide_links(self.current, self.site))
            (content)
        })
    }
}

/// Renders a screen of the alerts of the whole site as a whole document.
pub fn alerts_page<R>(access: &SiteAccess<R>, frame: &Frame, content: &Markup) -> Markup {
    Tabs::for_screen(access, "alerts").page(frame, content)
}
