//! The hosts that are not known as a site's and sent page views in the last days.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::store::other_hosts::{self, Views};
use crate::store::site_hosts::HostStatus;
use crate::store::sites::Site;
use rusqlite::Connection;

/// A host that sent page views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenHost {
    /// Its name, without `www.`.
    pub name: String,
    /// The number of page views, filtered or not.
    pub page_views: i64,
    /// The number of filtered ones among them.
    pub filtered: i64,
    /// The standing of the host with the site, by the present answers.
    pub standing: HostStatus,
}

impl SeenHost {
    /// Returns true if nobody answered for the host.
    pub fn is_unanswered(&self) -> bool {
        self.standing == HostStatus::Unanswered
    }
}

/// Lists the hosts of the last days, those with the most page views first; without those that are the site's by now.
pub fn list(connection: &Connection, site: &Site, now: Timestamp) -> Result<Vec<SeenHost>> {
    let today = site.zone.day(now);
    let hosts = other_hosts::list(connection, site.id, today.plus(1 - limits::OTHER_HOSTS_DAYS), today)?;
    let seen = |(name, views): (String, Views)| {
        let standing = site.host_standing(&name);
        let host = SeenHost { name, page_views: views.all, filtered: views.filtered, standing };
        (standing != HostStatus::Own).then_some(host)
    };
    Ok(hosts.into_iter().filter_map(seen).collect())
}

/// Lists those of them that nobody said anything of, although they sent many.
pub fn list_undecided(connection: &Connection, site: &Site, now: Timestamp) -> Result<Vec<SeenHost>> {
    let mut hosts = list(connection, site, now)?;
    hosts.retain(|host| host.is_unanswered() && host.page_views >= limits::OTHER_HOST_TOLD_FROM);
    Ok(hosts)
}
