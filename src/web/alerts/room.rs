//! The two places in which alerts of a site are set: a person's own ones, and those of the whole site.

use crate::access::capability::{CapabilityType, SetOwnAlerts, SetSiteAlerts};
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::model::id::SiteId;
use crate::store::alerts::AlertScope;
use crate::web::layout::{Frame, NavItem};
use crate::web::settings;
use maud::{Markup, html};

/// A place in which alerts are set.
pub trait AlertRoom: CapabilityType + Sized {
    /// True for a person's own alerts.
    const IS_OWN: bool;

    /// Returns the path of the list.
    fn path(site: SiteId) -> String;

    /// Returns the scope of the alerts.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Acting` for a parent: own alerts are the account's own person's.
    fn scope(access: &SiteAccess<Self>) -> Result<AlertScope>;

    /// Returns the entry of the sidebar.
    fn item() -> NavItem;

    /// Renders a screen as a whole document.
    fn page(access: &SiteAccess<Self>, frame: &Frame, content: &Markup) -> Markup;
}

impl AlertRoom for SetOwnAlerts {
    const IS_OWN: bool = true;

    fn path(site: SiteId) -> String {
        format!("/sites/{site}/alerts")
    }

    fn scope(access: &SiteAccess<Self>) -> Result<AlertScope> {
        if access.user.parent.is_some() {
            return Err(Error::Acting);
        }
        Ok(AlertScope { site: access.site.id, owner: Some(access.user.user) })
    }

    fn item() -> NavItem {
        NavItem::Alerts
    }

    fn page(_: &SiteAccess<Self>, frame: &Frame, content: &Markup) -> Markup {
        frame.page(&html! {
            p.crumbs { a href="/account/alerts" { "All your alerts" } " · " a href="/help/alerts" { "Help: Alerts" } }
            h1 { "Your alerts" }
            (content)
        })
    }
}

impl AlertRoom for SetSiteAlerts {
    const IS_OWN: bool = false;

    fn path(site: SiteId) -> String {
        format!("/sites/{site}/preferences/alerts")
    }

    fn scope(access: &SiteAccess<Self>) -> Result<AlertScope> {
        Ok(AlertScope { site: access.site.id, owner: None })
    }

    fn item() -> NavItem {
        NavItem::Preferences
    }

    fn page(access: &SiteAccess<Self>, frame: &Frame, content: &Markup) -> Markup {
        settings::alerts_page(access, frame, content)
    }
}
