//! The fields of a new site, as the set-up page and "Add a site" share them.

use super::field::{self, Field};
use crate::access::account;
use crate::clock::Zone;
use crate::error::{Error, Problem, Result};
use crate::store::sites::{NewSite, Site};
use maud::{Markup, html};
use serde::Deserialize;

/// A site as somebody typed it.
#[derive(Deserialize, Default)]
pub struct TypedSite {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    time_zone: String,
    /// For whose account the form was opened; empty where there is one alone.
    #[serde(default)]
    account: String,
}

impl TypedSite {
    /// A site as it is stored.
    pub fn of(site: &Site) -> Self {
        Self {
            domain: site.domain.clone(),
            name: site.name.clone(),
            time_zone: site.zone.name().to_owned(),
            account: String::new(),
        }
    }

    /// Refuses what was opened for another account than the browser acts for by now.
    pub fn check_account(&self, username: &str) -> Result<()> {
        if self.account.is_empty() || self.account == username {
            return Ok(());
        }
        let sentence = format!(
            "This form was opened for {}. You act for {username} by now: send it again to add the site there.",
            self.account
        );
        Err(Error::invalid("domain", sentence))
    }

    /// The site that is meant, or what is wrong with it.
    pub fn check(&self) -> Result<NewSite> {
        account::site(&self.domain, &self.name, &self.time_zone)
    }

    /// The fields, with what was typed and the problems beside it.
    pub fn fields(&self, problems: &[Problem]) -> Markup {
        let zones = Zone::names();
        let domain = Field {
            name: "domain",
            label: "Domain",
            kind: "text",
            value: &self.domain,
            autocomplete: "off",
            help: Some("Such as bakery.example."),
            is_required: true,
        };
        let name = Field {
            name: "name",
            label: "Name",
            kind: "text",
            value: &self.name,
            autocomplete: "off",
            help: Some("What you call it in lists; the domain if you leave it empty."),
            is_required: false,
        };
        html! {
            (field::input(&domain, problems))
            (field::input(&name, problems))
            (field::time_zone(&zones, &self.time_zone, problems))
        }
    }
}
