//! Page origins: scheme, host and port of the newest page view on a site's own domain, by which links open
//! its pages.

use super::site_cache::CachedSite;
use crate::error::Result;
use crate::ingest::hit::{Hit, PageRef};
use crate::model::id::SiteId;
use crate::model::page_form;
use crate::store::sites;
use rusqlite::Transaction;
use std::collections::HashMap;

/// Origins that differ from what the file says, of the hits of one batch: each site is written once.
#[derive(Default)]
pub struct PageOrigins {
    changed: HashMap<SiteId, Option<String>>,
}

impl PageOrigins {
    /// Drops what was not written.
    pub fn forget(&mut self) {
        self.changed.clear();
    }

    /// Notes where a page view was. One that is imported counts only where none is known yet: it may be old.
    pub fn note(&mut self, known: &mut CachedSite, hit: &Hit, is_import: bool) {
        if !hit.has_origin || is_import && known.page_origin.is_some() {
            return;
        }
        let PageRef::Absolute(address) = &hit.page else { return };
        let origin = page_form::origin(address).filter(|_| page_form::opens_on(address, &known.site.domain));
        if origin.is_some() && origin != known.page_origin.as_deref() {
            known.page_origin = origin.map(str::to_owned);
            self.changed.insert(known.site.id, known.page_origin.clone());
        }
    }

    /// Writes what changed.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        for (site, origin) in self.changed.drain() {
            sites::update_page_origin(tx, site, origin.as_deref())?;
        }
        Ok(())
    }
}
