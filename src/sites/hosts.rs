//! Answers about hosts, given on screens and the command line: whether a host is one of a site's own.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Problem, Result};
use crate::ingest::{page_url, typed_address};
use crate::limits;
use crate::store::site_hosts::{self, HostStatus};
use crate::store::sites::{self, Site, bare_host};
use rusqlite::Transaction;
use std::net::Ipv6Addr;

/// An answer about a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostAnswer {
    /// The host is the site's own.
    Mine,
    /// The host is not the site's.
    NotMine,
    /// The earlier answer is withdrawn.
    Forget,
}

impl HostAnswer {
    /// Parses the value of a form; `None` for another text.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "mine" => Some(Self::Mine),
            "not-mine" => Some(Self::NotMine),
            "forget" => Some(Self::Forget),
            _ => None,
        }
    }
}

/// Returns the host in a typed text, without `www.` and without a star for all below it.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the text names no host.
pub fn parse(typed: &str) -> Result<String> {
    let typed = typed.trim();
    let typed = typed.strip_prefix("*.").unwrap_or(typed);
    let in_brackets = typed.parse::<Ipv6Addr>().map(|address| format!("[{address}]"));
    let typed = in_brackets.as_deref().unwrap_or(typed);
    let url =
        typed_address::url(typed, "http").filter(page_url::has_plain_host).filter(|_| !typed.contains('@'));
    let host = url.as_ref().and_then(url::Url::host_str).map(bare_host).filter(|host| !host.is_empty());
    host.map(str::to_owned).ok_or_else(|| problem("Enter a host, such as shop.example or localhost.".into()))
}

/// Returns true if a text is a host in its stored form.
pub fn is_host(text: &str) -> bool {
    parse(text).is_ok_and(|host| host == text)
}

fn problem(sentence: String) -> Error {
    Error::Invalid(vec![Problem { field: "host".into(), sentence }])
}

/// Stores an answer about a host.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the answer needs none, or the site has too many of them, and when the data file
/// cannot be written.
pub fn answer(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    host: &str,
    answer: HostAnswer,
) -> Result<()> {
    // As it is now, not as the form saw it.
    let site = sites::get(tx, site.id)?;
    let said = site.hosts.answer(host);
    let about = match answer {
        // It was pressed twice.
        HostAnswer::Mine | HostAnswer::NotMine if said == Some(answer == HostAnswer::Mine) => return Ok(()),
        HostAnswer::Forget if site_hosts::delete(tx, site.id, host)? => format!("{host}: no answer"),
        HostAnswer::Forget => return Err(problem(format!("Nothing was said of {host} yet."))),
        HostAnswer::Mine | HostAnswer::NotMine => {
            check(&site, host, said, answer)?;
            site_hosts::set(tx, site.id, host, answer == HostAnswer::Mine)?;
            format!(
                "{host}: {}",
                if answer == HostAnswer::Mine { "the site's own" } else { "not the site's" }
            )
        }
    };
    actor.record(tx, site.id, AuditAction::ChangeHosts, &about)
}

fn check(site: &Site, host: &str, said: Option<bool>, answer: HostAnswer) -> Result<()> {
    if host == site.domain {
        return Err(problem(format!("{host} is this site's domain, which always counts.")));
    }
    if answer == HostAnswer::Mine && said.is_none() && site.host_standing(host) == HostStatus::Own {
        return Err(problem(format!("{host} is one of this site's hosts already.")));
    }
    let is_own = answer == HostAnswer::Mine;
    let (most, whose) = if is_own {
        (limits::SITE_HOSTS_MAX, "of this site's hosts")
    } else {
        (limits::NOT_OWN_HOSTS_MAX, "hosts that aren't yours")
    };
    if site.hosts.count_others(is_own, host) >= most {
        return Err(problem(format!("There is room for {most} {whose}. Remove one first.")));
    }
    Ok(())
}

/// Sets whether hits from hosts without an answer are filtered.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn set_own_only(tx: &Transaction<'_>, actor: &Actor, site: &Site, own_only: bool) -> Result<()> {
    if sites::get(tx, site.id)?.hosts.own_only == own_only {
        return Ok(());
    }
    site_hosts::set_own_only(tx, site.id, own_only)?;
    let about = if own_only { "counts its own hosts only" } else { "counts all hosts" };
    actor.record(tx, site.id, AuditAction::ChangeHosts, about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_taken_from_whatever_people_paste() {
        for (typed, host) in [
            ("localhost", Some("localhost")),
            (" https://www.Shop.example:8080/x?y ", Some("shop.example")),
            ("bäckerei.example", Some("xn--bckerei-5wa.example")),
            ("192.0.2.7:3000", Some("192.0.2.7")),
            ("http://[::1]:3000/", Some("[::1]")),
            ("shop.example.", Some("shop.example")),
            ("https://www.www.shop.example../", Some("shop.example")),
            ("*.shop.example", Some("shop.example")),
            ("::1", Some("[::1]")),
            (" 2001:DB8::0:1 ", Some("[2001:db8::1]")),
            ("shop.*.example", None),
            ("*", None),
            ("", None),
            ("/path", None),
            ("two words", None),
            ("mailto:ada@bakery.example", None),
            ("ftp://shop.example", None),
            ("a\"b.example", None),
        ] {
            assert_eq!(parse(typed).ok().as_deref(), host, "{typed}");
            assert!(host.is_none_or(is_host), "{typed} is kept as what is no host");
        }
        assert!(is_host("[::1]") && is_host("shop.example") && !is_host("www.shop.example") && !is_host("A"));
    }
}
