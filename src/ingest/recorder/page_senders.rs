//! Page senders: hosts that are not a site's own, from which page views with an address of the site come, since the page
//! names its address itself (`clicky_custom.href`). Other hits of such a page count as its page view does. A restart
//! forgets them until the next page view.

use crate::ingest::hit::Hit;
use crate::ingest::other_host::own_page_from;
use crate::limits;
use crate::model::id::SiteId;
use crate::store::sites::Site;
use std::collections::HashMap;

/// The page senders of each site, the newest last.
#[derive(Default)]
pub struct PageSenders {
    by_site: HashMap<SiteId, Vec<PageSender>>,
}

struct PageSender {
    host: String,
    /// The host of the site in the address of its page view.
    own_host: String,
}

impl PageSenders {
    /// Adds the host from which a recorded page view came.
    pub fn note(&mut self, site: &Site, hit: &Hit) {
        let Some((host, own_host)) = own_page_from(site, hit) else { return };
        if self.by_site.len() > limits::SITES_WATCHED_MAX {
            self.by_site.clear();
        }
        let senders = self.by_site.entry(site.id).or_default();
        if let Some(sender) = senders.iter_mut().find(|sender| sender.host == host) {
            if sender.own_host != own_host {
                own_host.clone_into(&mut sender.own_host);
            }
            return;
        }
        if senders.len() >= limits::PAGE_SENDERS_PER_SITE_MAX {
            senders.remove(0);
        }
        senders.push(PageSender { host: host.to_owned(), own_host: own_host.to_owned() });
    }

    /// Returns true if a host sent page views of an address on a host that is still the site's own.
    pub fn contains(&self, site: &Site, host: &str) -> bool {
        let senders = self.by_site.get(&site.id).into_iter().flatten();
        senders.into_iter().any(|sender| sender.host == host && site.owns_host(&sender.own_host))
    }
}
