//! The screens of a site that guides lead to.

use crate::access::capability::Capability;

/// A screen of a site that guides link to.
#[derive(Clone, Copy)]
pub enum Screen {
    /// Site info: name, keys, transfer, deletion.
    Info,
    /// Sharing: users.
    Sharing,
    /// Public access: guest links.
    PublicAccess,
    /// E-mail reports to addresses outside.
    Digests,
    /// View Only: what those users see.
    ViewOnly,
    /// Tracking: how visitors are recognised, and exclusions.
    Tracking,
    /// Goals, currency and custom data.
    Goals,
    /// Campaigns: own ones, costs, links and parameters.
    Campaigns,
    /// Alerts of the whole site.
    Alerts,
    /// Uptime: monitors.
    Uptime,
    /// Webhooks.
    Webhooks,
    /// Privacy & retention.
    Privacy,
    /// The audit log.
    Audit,
    /// The list of everyone with access.
    WhoCanSeeWhat,
}

impl Screen {
    /// Returns the path below the site, and the capability that opens it.
    pub fn door(self) -> (&'static str, Capability) {
        match self {
            Self::Info => ("preferences/info", Capability::SeeTrackingCode),
            Self::Sharing => ("preferences/sharing", Capability::SeePeople),
            Self::PublicAccess => ("preferences/public-access", Capability::ManageGuestLinks),
            Self::Digests => ("preferences/digests", Capability::ManageGuestLinks),
            Self::ViewOnly => ("preferences/view-only", Capability::ChooseViewOnly),
            Self::Tracking => ("preferences/tracking", Capability::ChangeSiteSettings),
            Self::Goals => ("preferences/goals", Capability::ManageGoals),
            Self::Campaigns => ("preferences/campaigns", Capability::ManageGoals),
            Self::Alerts => ("preferences/alerts", Capability::SetSiteAlerts),
            Self::Uptime => ("preferences/uptime", Capability::SetSiteAlerts),
            Self::Webhooks => ("preferences/webhooks", Capability::SetSiteAlerts),
            Self::Privacy => ("preferences/privacy", Capability::ChangeSiteSettings),
            Self::Audit => ("preferences/audit", Capability::SeeAuditLog),
            Self::WhoCanSeeWhat => ("access", Capability::SeePeople),
        }
    }
}
