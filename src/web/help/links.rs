//! The links from a guide into the program: a link if the reader may open the screen, its path as text if not.

use super::reader::Reader;
use crate::access::capability::Capability;
use maud::{Markup, html};

/// A screen of a site that guides link to.
#[derive(Clone, Copy)]
pub enum Screen {
    /// Site info: name, keys, transfer, deletion.
    Info,
    /// Sharing: users.
    Sharing,
    /// Public access: guest links.
    PublicAccess,
    /// View Only: what those users see.
    ViewOnly,
    /// Tracking: how visitors are recognised, and exclusions.
    Tracking,
    /// Privacy & retention.
    Privacy,
    /// The audit log.
    Audit,
    /// The list of everyone with access.
    WhoCanSeeWhat,
}

impl Screen {
    /// Returns the path below the site, the menu path as text, and the capability that opens it.
    fn parts(self) -> (&'static str, &'static str, Capability) {
        match self {
            Self::Info => {
                ("preferences/info", "Preferences → Site settings → Site info", Capability::SeeTrackingCode)
            }
            Self::Sharing => {
                ("preferences/sharing", "Preferences → Site settings → Sharing", Capability::SeePeople)
            }
            Self::PublicAccess => (
                "preferences/public-access",
                "Preferences → Site settings → Public access",
                Capability::ManageGuestLinks,
            ),
            Self::ViewOnly => (
                "preferences/view-only",
                "Preferences → Site settings → View Only",
                Capability::ChooseViewOnly,
            ),
            Self::Tracking => (
                "preferences/tracking",
                "Preferences → Site settings → Tracking",
                Capability::ChangeSiteSettings,
            ),
            Self::Privacy => (
                "preferences/privacy",
                "Preferences → Site settings → Privacy & retention",
                Capability::ChangeSiteSettings,
            ),
            Self::Audit => {
                ("preferences/audit", "Preferences → Site settings → Audit log", Capability::SeeAuditLog)
            }
            Self::WhoCanSeeWhat => ("access", "Who can see what", Capability::SeePeople),
        }
    }
}

/// Renders the link to a screen of a site.
pub fn to(reader: &Reader, screen: Screen) -> Markup {
    let (path, way, capability) = screen.parts();
    let site = reader.site.as_ref().filter(|(_, grant)| grant.may(capability));
    html! { @match site { Some((site, _)) => a.way href={ "/sites/" (site) "/" (path) } { (way) }, None => span.way { (way) } } }
}

/// Renders the first step to a screen of a site.
pub fn first_step(reader: &Reader, screen: Screen) -> Markup {
    html! { "Open the site, then " (to(reader, screen)) ". Preferences is the gear at the top right; on a phone it is in the menu of your account." }
}

/// Renders the link to a screen of the user's account.
pub fn to_account(reader: &Reader, path: &str, title: &str) -> Markup {
    let way = format!("Your account → {title}");
    html! { @if reader.is_signed_in { a.way href={ "/account/" (path) } { (way) } } @else { span.way { (way) } } }
}

/// Renders the commands that do the same.
pub fn commands(lines: &str) -> Markup {
    html! {
        details.commands {
            summary { "By the command line" }
            p { "For whoever runs the server. The commands work while it runs, and hold from the next request on." }
            pre tabindex="0" { code { (lines) } }
        }
    }
}
