//! The site of an authorised request, with what its caller may do and see there.

use super::guest;
use crate::access::Grant;
use crate::access::capability::Capability;
use crate::error::Error;
use crate::model::id::UserId;
use crate::reports::visibility::Visibility;
use crate::store::links::Link;
use crate::store::sites::Site;

/// A site with the caller's rights on it.
pub struct SiteContext {
    /// The site.
    pub site: Site,
    /// The caller's grant on the site.
    pub grant: Grant,
    /// The guest link that was opened; `None` for users.
    pub link: Option<Link>,
    /// The person whose personal token a program has; `None` for other callers.
    pub token_user: Option<UserId>,
}

impl SiteContext {
    /// Returns true if the caller may also use another capability on the site.
    pub fn may(&self, capability: Capability) -> bool {
        self.grant.may(capability)
    }

    /// Returns the error for a part of the site that the caller may not see: to a guest there is no such page.
    pub fn refusal(&self) -> Error {
        if self.link.is_some() { Error::Missing("page") } else { Error::Forbidden }
    }

    /// Returns the path below which the site's screens stand.
    pub fn base(&self) -> String {
        match &self.link {
            Some(link) => guest::path(&link.token),
            None => format!("/sites/{}", self.site.id),
        }
    }

    /// Returns the visibility of the site's data for the caller.
    pub fn visibility(&self) -> &Visibility {
        &self.grant.view
    }
}
