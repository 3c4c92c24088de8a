//! The form of a person's e-mail report.

use crate::alerts::digests::subscriptions::DigestSettings;
use crate::error::{Error, Result};
use crate::model::id::SiteId;
use crate::model::rhythm::Rhythm;

/// The form, as typed.
pub struct DigestForm {
    /// The name of the rhythm.
    pub rhythm: String,
    /// The ticked sites.
    pub sites: Vec<SiteId>,
}

impl Default for DigestForm {
    fn default() -> Self {
        Self { rhythm: Rhythm::Weekly.name().to_owned(), sites: Vec::new() }
    }
}

impl DigestForm {
    /// Reads the fields; `site` occurs once for every ticked site.
    pub fn read(fields: &[(String, String)]) -> Self {
        let rhythm = fields.iter().find(|(name, _)| name == "rhythm");
        let sites = fields.iter().filter(|(name, _)| name == "site");
        Self {
            rhythm: rhythm.map_or_else(String::new, |(_, value)| value.clone()),
            sites: sites.filter_map(|(_, id)| SiteId::parse(id)).collect(),
        }
    }

    /// Returns the rhythm.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when none is chosen.
    pub fn rhythm(&self) -> Result<Rhythm> {
        self.rhythm.parse().map_err(|_| Error::invalid("rhythm", "Choose daily, weekly or monthly."))
    }

    /// Returns the settings, not yet checked.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when no rhythm is chosen.
    pub fn settings(&self) -> Result<DigestSettings> {
        Ok(DigestSettings { rhythm: self.rhythm()?, sites: self.sites.clone() })
    }
}
