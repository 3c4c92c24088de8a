//! The name, domain and time zone of a site.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Problem, Result};
use crate::ingest::typed_address;
use crate::limits;
use crate::model::clock::Zone;
use crate::store::sites::{self, NewSite, Site};
use rusqlite::Transaction;

/// Returns a new site from input: an address or a bare host, an optional name, a time zone.
///
/// # Errors
///
/// Fails with `Error::Invalid`, which names every problem of the three fields.
pub fn check(domain: &str, name: &str, time_zone: &str) -> Result<NewSite> {
    let mut problems = Vec::new();
    let host = host(domain).unwrap_or_else(|problem| {
        problems.push(problem);
        String::new()
    });
    let name = name.trim();
    if name.chars().count() > limits::SITE_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        problems.push(Problem {
            field: "name".into(),
            sentence: "Choose a name of 100 characters at most.".into(),
        });
    }
    match Zone::parse(time_zone) {
        Ok(zone) if problems.is_empty() => {
            let name = if name.is_empty() { host.clone() } else { name.to_owned() };
            Ok(NewSite { domain: host, name, zone })
        }
        Err(Error::Invalid(wrong)) => Err(Error::Invalid(problems.into_iter().chain(wrong).collect())),
        Ok(_) | Err(_) => Err(Error::Invalid(problems)),
    }
}

fn host(domain: &str) -> std::result::Result<String, Problem> {
    let typed = domain.trim();
    let host = typed_address::host(typed);
    let host = host.filter(|host| typed.len() <= limits::HOSTNAME_BYTES_MAX && !host.contains(['%', '@']));
    match host {
        Some(host) => Ok(host),
        None => Err(Problem {
            field: "domain".into(),
            sentence: "Enter the site's domain, such as bakery.example or www.bakery.example.".into(),
        }),
    }
}

/// Changes name, domain and time zone. Returns true if the former domain stays one of the site's hosts.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn update(tx: &Transaction<'_>, actor: &Actor, before: &Site, site: &NewSite) -> Result<bool> {
    let keeps_former = sites::update(tx, before.id, site)?;
    let note = if keeps_former { "; the former domain stays one of its hosts" } else { "" };
    let describe = |domain: &str, name: &str, zone: &Zone| format!("{name}, {domain}, {}", zone.name());
    let about = format!(
        "{} → {}{note}",
        describe(&before.domain, &before.name, &before.zone),
        describe(&site.domain, &site.name, &site.zone)
    );
    actor.record(tx, before.id, AuditAction::ChangeSite, &about)?;
    Ok(keeps_former)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_taken_from_whatever_people_paste() {
        for (typed, host) in [
            ("bakery.example", "bakery.example"),
            ("https://www.bakery.example/shop?x=1", "bakery.example"),
            (" Bakery.Example. ", "bakery.example"),
            ("localhost:8080", "localhost"),
            ("bäckerei.example", "xn--bckerei-5wa.example"),
        ] {
            assert_eq!(check(typed, "", "UTC").unwrap().domain, host, "{typed}");
        }
        for wrong in ["", "  ", "http://", "a b.example", "<script>"] {
            assert!(check(wrong, "", "UTC").is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_problem_of_the_three_fields_is_named() {
        let Err(Error::Invalid(problems)) = check("", "", "Mars/Base") else { panic!("accepted") };
        assert_eq!(problems.len(), 2);
    }
}
