//! Page origins: scheme, host and port of the newest page view on a site's own domain. Links to its pages begin with them.

use super::site_cache::CachedSite;
use crate::error::Result;
use crate::ingest::hit::{Hit, PageRef};
use crate::model::id::SiteId;
use crate::model::page_form;
use crate::store::sites;
use rusqlite::Transaction;
use std::collections::HashMap;

/// The page origins that changed in the batch that is being written.
#[derive(Default)]
pub struct PageOrigins {
    changed: HashMap<SiteId, Option<String>>,
}

impl PageOrigins {
    /// Discards the origins that were not written.
    pub fn forget(&mut self) {
        self.changed.clear();
    }

    /// Notes the origin of a page view. That of an imported one, which may be old, is used only if there is none yet.
    pub fn note(&mut self, site: &mut CachedSite, hit: &Hit, is_import: bool) {
        if !hit.has_origin || is_import && site.page_origin.is_some() {
            return;
        }
        let PageRef::Absolute(address) = &hit.page else { return };
        let origin = page_form::origin(address).filter(|_| page_form::opens_on(address, &site.site.domain));
        if origin.is_some() && origin != site.page_origin.as_deref() {
            site.page_origin = origin.map(str::to_owned);
            self.changed.insert(site.site.id, site.page_origin.clone());
        }
    }

    /// Writes the changed origins, one for each site.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for (site, origin) in self.changed.drain() {
            sites::update_page_origin(tx, site, origin.as_deref())?;
        }
        Ok(())
    }
}
