//! Hosts that are not a site's, from which page views with an address of the site's own come: the page says where it belongs
//! (`clicky_custom.href`). What else such a page sends counts as its page view does. Nothing of it is in the file: a
//! restart forgets it until the next page view.

use crate::ingest::hit::Hit;
use crate::ingest::other_host::own_page_from;
use crate::limits;
use crate::model::id::SiteId;
use crate::store::sites::Site;
use std::collections::HashMap;

/// The hosts of each site, those that came last at the end.
#[derive(Default)]
pub struct PageSenders {
    of_sites: HashMap<SiteId, Vec<PageSender>>,
}

struct PageSender {
    host: String,
    /// The site's host that its page view named.
    shows: String,
}

impl PageSenders {
    /// Remembers from where a page view came that counted.
    pub fn note(&mut self, site: &Site, hit: &Hit) {
        let Some((host, shows)) = own_page_from(site, hit) else { return };
        if self.of_sites.len() > limits::SITES_WATCHED_MAX {
            self.of_sites.clear();
        }
        let known = self.of_sites.entry(site.id).or_default();
        if let Some(sender) = known.iter_mut().find(|sender| sender.host == host) {
            if sender.shows != shows {
                shows.clone_into(&mut sender.shows);
            }
            return;
        }
        if known.len() >= limits::PAGE_SENDERS_PER_SITE_MAX {
            known.remove(0);
        }
        known.push(PageSender { host: host.to_owned(), shows: shows.to_owned() });
    }

    /// Returns true if a host sent page views of an address that is still one of the site's own.
    pub fn contains(&self, site: &Site, host: &str) -> bool {
        let known = self.of_sites.get(&site.id).into_iter().flatten();
        known.into_iter().any(|sender| sender.host == host && site.owns_host(&sender.shows))
    }
}
