//! The form for a new token.

use crate::accounts::tokens::TokenRequest;
use crate::error::{Error, Result};
use crate::model::id::SiteId;

/// The choice between all sites and chosen ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SiteChoice {
    /// All sites, also later ones.
    All,
    /// The sites that are ticked.
    Ticked,
}

/// The form for a new token, as typed.
pub struct TokenForm {
    /// The name.
    pub name: String,
    /// The choice between all sites and the ticked ones.
    pub choice: SiteChoice,
    /// The ticked sites.
    pub ticked: Vec<SiteId>,
    /// The last day.
    pub expires: String,
    /// True if the token also writes.
    pub may_write: bool,
}

impl Default for TokenForm {
    fn default() -> Self {
        let (name, expires) = (String::new(), String::new());
        Self { name, choice: SiteChoice::All, ticked: Vec::new(), expires, may_write: false }
    }
}

impl TokenForm {
    /// Reads the fields of the form; `site` occurs once for every ticked site.
    pub fn read(fields: &[(String, String)]) -> Self {
        let value = |field: &str| {
            fields.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value.as_str())
        };
        let ticked = fields.iter().filter(|(name, _)| name == "site");
        Self {
            name: value("name").trim().to_owned(),
            choice: if value("sites") == "all" { SiteChoice::All } else { SiteChoice::Ticked },
            ticked: ticked.filter_map(|(_, id)| SiteId::parse(id)).collect(),
            expires: value("expires").trim().to_owned(),
            may_write: !value("may_write").is_empty(),
        }
    }

    /// Returns the settings of the token, not yet checked.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for ticked sites beside the choice of all sites: the token would open more than the
    /// ticks say.
    pub fn token_request(&self) -> Result<TokenRequest> {
        let sites = match self.choice {
            SiteChoice::Ticked => Some(self.ticked.clone()),
            SiteChoice::All if self.ticked.is_empty() => None,
            SiteChoice::All => {
                let sentence =
                    "You ticked sites, but chose all of them. Choose “Only these sites”, or untick them.";
                return Err(Error::invalid("sites", sentence));
            }
        };
        Ok(TokenRequest {
            name: self.name.clone(),
            sites,
            expires: self.expires.clone(),
            may_write: self.may_write,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> TokenForm {
        let owned = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        TokenForm::read(&owned.collect::<Vec<_>>())
    }

    #[test]
    fn ticked_sites_beside_all_sites_are_refused_instead_of_opening_all() {
        let sites = |fields: &[(&str, &str)]| read(fields).token_request().map(|request| request.sites);
        assert_eq!(sites(&[("sites", "all")]).unwrap(), None);
        assert_eq!(
            sites(&[("sites", "ticked"), ("site", "3"), ("site", "1"), ("site", "x")]).unwrap(),
            Some(vec![SiteId(3), SiteId(1)])
        );
        assert_eq!(sites(&[]).unwrap(), Some(Vec::new()), "nothing chosen is not everything");
        assert!(sites(&[("sites", "all"), ("site", "1")]).is_err());
    }
}
