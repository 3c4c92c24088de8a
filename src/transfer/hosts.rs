//! The hosts of the requests in a log: servers with several virtual hosts write all of them to one file.

use super::log_fields::LogFields;
use super::log_line::LogLine;
use super::origin::host_name;
use crate::limits;
use crate::store::sites::Site;
use std::collections::BTreeMap;

/// The host of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestHost {
    /// The site's domain, also with `www.`, or no host at all.
    Main,
    /// A subdomain of the site.
    Subdomain(String),
    /// Another site's host.
    Other(String),
}

impl RequestHost {
    /// Returns the host of a line: that of an absolute address in the request, which overrides the header (RFC 9112,
    /// section 3.2.2), else that of a field.
    pub fn find(site: &Site, line: &LogLine<'_>, fields: LogFields) -> Self {
        let origin = &line.origin;
        let user = origin.user_or_host.filter(|_| fields.user_hosts);
        let named = line.target_host().or(origin.host).or(user);
        if let Some(host) = named {
            return Self::new(site, host);
        }
        if !fields.further_hosts || origin.further_hosts.is_empty() {
            return Self::Main;
        }
        let mut further = origin.further_hosts.iter().map(|host| Self::new(site, host));
        let first = further.next().unwrap_or(Self::Main);
        let is_other = |host: &Self| matches!(host, Self::Other(_));
        if is_other(&first) { further.find(|host| !is_other(host)).unwrap_or(first) } else { first }
    }

    fn new(site: &Site, host: &str) -> Self {
        let name = host_name(host);
        match site.owns_host(&name) {
            false => Self::Other(name),
            true if name.strip_prefix("www.").unwrap_or(&name) == site.domain => Self::Main,
            true => Self::Subdomain(name),
        }
    }
}

/// The names of other hosts, each with its number of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedHosts {
    by_name: BTreeMap<String, u64>,
    /// The lines of further hosts, whose names had no room.
    pub unnamed: u64,
}

impl ImportedHosts {
    /// Counts a line.
    pub fn add(&mut self, mut name: String) {
        if let Some(count) = self.by_name.get_mut(&name) {
            *count += 1;
        } else if self.by_name.len() < limits::IMPORT_HOSTS_MAX {
            name.truncate(name.floor_char_boundary(limits::HOSTNAME_BYTES_MAX));
            *self.by_name.entry(name).or_default() += 1;
        } else {
            self.unnamed += 1;
        }
    }

    /// Returns the hosts with the most lines, and the number of lines of all others.
    pub fn top(&self) -> (Vec<(&str, u64)>, u64) {
        let mut hosts: Vec<_> = self.by_name.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        hosts.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        let rest = hosts.split_off(hosts.len().min(limits::IMPORT_HOSTS_TOLD));
        (hosts, self.unnamed + rest.iter().map(|(_, count)| count).sum::<u64>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_hosts_are_kept_as_far_as_there_is_room_and_all_lines_are_counted() {
        let mut hosts = ImportedHosts::default();
        for number in 0..limits::IMPORT_HOSTS_MAX + 5 {
            hosts.add(format!("host-{number}.example"));
        }
        hosts.add("host-7.example".into());
        hosts.add("é".repeat(limits::HOSTNAME_BYTES_MAX));
        let (top, others) = hosts.top();
        assert_eq!((top.len(), top[0]), (limits::IMPORT_HOSTS_TOLD, ("host-7.example", 2)));
        let lines = u64::try_from(limits::IMPORT_HOSTS_MAX).unwrap() + 7;
        assert_eq!(top.iter().map(|(_, count)| count).sum::<u64>() + others, lines);
    }
}
