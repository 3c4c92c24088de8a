//! What those fields of a log are that may be one thing or another: the host, or a name of a user that looks like one; an
//! address, or again such a name. The form of a single line does not tell, since anybody may send a name with a request.
//! What most pages of a file have there does.

use super::log_line::LogLine;
use super::origin::{Addresses, host_name};
use crate::store::sites::Site;

/// What the fields of a file are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFields {
    /// The host stands in the place of the user's name.
    pub user_hosts: bool,
    /// The host stands behind the agent.
    pub further_hosts: bool,
    /// Addresses stand in the place of the user's name.
    pub user_addresses: bool,
}

/// Counts what the lines of a file have in such fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct FieldCount {
    /// Lines that are pages. The next three count those of them with such a field.
    pages: u64,
    user_hosts: u64,
    further_hosts: u64,
    user_addresses: u64,
    /// One of the site's own hosts stood there.
    has_own_user: bool,
    has_own_further: bool,
    /// Somebody was asked for a name and had none yet, where a host would stand in any case.
    has_unnamed_user: bool,
}

impl FieldCount {
    /// Counts a line, which is a page or something else.
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

    /// Whether further lines could change how these are read.
    pub fn is_open(&self) -> bool {
        self.user_hosts > 0 || self.user_addresses > 0 || self.further_hosts > 0 && !self.has_own_further
    }

    /// What the fields are, by all lines so far. Hosts may all be those of other sites.
    pub fn fields(&self) -> LogFields {
        let is_most = |count: u64| count * 2 > self.pages;
        LogFields {
            user_hosts: is_most(self.user_hosts) && (self.has_own_user || !self.has_unnamed_user),
            further_hosts: self.has_own_further || is_most(self.further_hosts),
            user_addresses: is_most(self.user_addresses),
        }
    }
}
