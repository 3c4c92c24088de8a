//! The meaning of ambiguous fields of a log: the host or a user name that looks like one; an address or again such a
//! name. A single line does not decide, since any client may send a name with a request; the majority of a file's page
//! views does.

use super::log_line::LogLine;
use super::origin::{Addresses, host_name};
use crate::store::sites::Site;

/// The meaning of a file's ambiguous fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFields {
    /// True if the host is in the place of the user name.
    pub user_hosts: bool,
    /// True if the host is behind the user agent.
    pub further_hosts: bool,
    /// True if addresses are in the place of the user name.
    pub user_addresses: bool,
}

/// The counts of ambiguous fields in the lines of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct FieldCount {
    /// The lines that are page views. The next three count those of them with such a field.
    pages: u64,
    user_hosts: u64,
    further_hosts: u64,
    user_addresses: u64,
    /// True if one of the site's own hosts was in the place of the user name.
    has_own_user: bool,
    has_own_further: bool,
    /// True if a request without a name got status 401, in a place where a host would always stand.
    has_unnamed_user: bool,
}

impl FieldCount {
    /// Counts a line, which is a page view or not.
    pub fn add(&mut self, site: &Site, line: &LogLine<'_>, is_page: bool) {
        let origin = &line.origin;
        let is_own = |host: &&str| site.owns_host(&host_name(host));
        self.has_own_user = self.has_own_user || origin.user_or_host.as_ref().is_some_and(is_own);
        self.has_own_further = self.has_own_further || origin.further_hosts.iter().any(is_own);
        let has_address = origin.user_addresses != Addresses::None;
        self.has_unnamed_user |= line.status == 401 && origin.user_or_host.is_none() && !has_address;
        if is_page {
            self.pages += 1;
            self.user_hosts += u64::from(origin.user_or_host.is_some());
            self.further_hosts += u64::from(!origin.further_hosts.is_empty());
            self.user_addresses += u64::from(has_address);
        }
    }

    /// Returns true if further lines could change the meaning of these.
    pub fn is_open(&self) -> bool {
        self.user_hosts > 0 || self.user_addresses > 0 || self.further_hosts > 0 && !self.has_own_further
    }

    /// Returns the meaning of the fields, by all lines so far. Hosts may all be those of other sites.
    pub fn fields(&self) -> LogFields {
        let is_most = |count: u64| count * 2 > self.pages;
        LogFields {
            user_hosts: is_most(self.user_hosts) && (self.has_own_user || !self.has_unnamed_user),
            further_hosts: self.has_own_further || is_most(self.further_hosts),
            user_addresses: is_most(self.user_addresses),
        }
    }
}
