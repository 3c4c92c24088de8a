//! The hosts that advertise in other sites' statistics: a few built-in ones, and those of the operator's own file,
//! which is read again when it changes.

use super::watched_file::WatchedFile;
use crate::error::{Error, Result};
use crate::limits;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// The built-in hosts.
const BUILT_IN: [&str; 8] = [
    "best-seo-offer.com",
    "buttons-for-website.com",
    "darodar.com",
    "free-share-buttons.com",
    "get-free-traffic-now.com",
    "ilovevitaly.com",
    "priceg.com",
    "semalt.com",
];

/// The hosts known for referrer spam.
pub struct ReferrerSpam(Option<WatchedFile<HashSet<String>>>);

impl ReferrerSpam {
    /// Returns the built-in hosts.
    pub fn builtin() -> Self {
        Self(None)
    }

    /// Returns the built-in hosts and those of a file with one host a line.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when the file cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        WatchedFile::open(path, load).map(|file| Self(Some(file)))
    }

    /// Reads the file again if it has changed. If it cannot be read, the last content stays in use.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when the file cannot be read.
    pub fn reload_if_changed(&self) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), WatchedFile::reload_if_changed)
    }

    /// Returns true if a referrer's domain, or one above it, is among the hosts.
    pub fn contains(&self, domain: &str) -> bool {
        let listed = self.0.as_ref().map(WatchedFile::get);
        let mut host = domain;
        loop {
            if BUILT_IN.contains(&host) || listed.as_ref().is_some_and(|listed| listed.contains(host)) {
                return true;
            }
            match host.split_once('.') {
                Some((_, above)) if above.contains('.') => host = above,
                _ => return false,
            }
        }
    }
}

/// Reads the hosts of a file: one a line, in any case, with or without `www.`; blank lines and text after `#` are
/// ignored.
fn load(path: &Path) -> Result<HashSet<String>> {
    let wrong = |what: &str| {
        Error::Setup(format!(
            "The referrer spam in {} can't be read ({what}). Give --referrer-spam-file a text file with one host a line.",
            path.display()
        ))
    };
    let bytes = fs::metadata(path).map_err(|error| wrong(&error.to_string()))?.len();
    if bytes > limits::REFERRER_SPAM_BYTES_MAX {
        return Err(wrong(&format!("it has more than {} bytes", limits::REFERRER_SPAM_BYTES_MAX)));
    }
    let text = fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
    let mut hosts = HashSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_start_matches('\u{feff}').split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        hosts.insert(host(line).ok_or_else(|| wrong(&format!("line {number} is no host: {line}")))?);
    }
    Ok(hosts)
}

/// Parses a host like a host of an address, without `www.`.
fn host(line: &str) -> Option<String> {
    let url = url::Url::parse(&format!("http://{line}/")).ok()?;
    let is_alone =
        url.path() == "/" && url.query().is_none() && url.port().is_none() && url.username().is_empty();
    let host = url.host_str().filter(|host| is_alone && host.contains('.'))?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spam_is_known_with_the_domains_below_it() {
        let spam = ReferrerSpam::builtin();
        assert!(spam.contains("semalt.com") && spam.contains("x.semalt.com"));
        assert!(!spam.contains("notsemalt.com") && !spam.contains("bakery.example"));
    }

    #[test]
    fn a_file_adds_hosts_and_is_read_again_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spammers.txt");
        fs::write(&path, "# spam\n\nWWW.Spam.Example\nбукеты.рф  # flowers\r\nfree.seo.example\n").unwrap();
        let spam = ReferrerSpam::open(&path).unwrap();
        for listed in
            ["spam.example", "a.spam.example", "xn--90aio7ac5c.xn--p1ai", "free.seo.example", "semalt.com"]
        {
            assert!(spam.contains(listed), "{listed}");
        }
        assert!(!spam.contains("seo.example") && !spam.contains("example"));
        fs::write(&path, "other.example\n").unwrap();
        spam.reload_if_changed().unwrap();
        assert!(spam.contains("other.example") && !spam.contains("spam.example"));
        fs::write(&path, "not a host\n").unwrap();
        let error = spam.reload_if_changed().unwrap_err().to_string();
        assert!(
            error.contains("line 1 is no host: not a host") && error.contains("--referrer-spam-file"),
            "{error}"
        );
        assert!(spam.contains("other.example"), "the last list stays in use");
    }

    #[test]
    fn a_file_that_is_not_there_or_too_long_is_refused_with_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spammers.txt");
        assert!(ReferrerSpam::open(&path).err().unwrap().to_string().contains("--referrer-spam-file"));
        let file = fs::File::create(&path).unwrap();
        file.set_len(limits::REFERRER_SPAM_BYTES_MAX + 1).unwrap();
        assert!(ReferrerSpam::open(&path).err().unwrap().to_string().contains("bytes"));
    }
}
