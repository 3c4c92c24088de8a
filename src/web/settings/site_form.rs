//! The fields of a site: on the set-up page, on "Add a site" and in Site info.

use crate::error::{Error, Problem, Result};
use crate::model::clock::Zone;
use crate::sites::settings;
use crate::store::sites::{NewSite, Site};
use crate::web::ui::field::{self, Field};
use maud::{Markup, html};
use serde::Deserialize;

/// The values of the form, as typed.
#[derive(Deserialize, Default)]
pub struct SiteForm {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    time_zone: String,
    /// The user name of the account that the form was opened for; empty if there is only one.
    #[serde(default)]
    account: String,
}

impl SiteForm {
    /// Returns the values of a stored site.
    pub fn from_site(site: &Site) -> Self {
        Self {
            domain: site.domain.clone(),
            name: site.name.clone(),
            time_zone: site.zone.name().to_owned(),
            account: String::new(),
        }
    }

    /// Checks that the browser still acts for the account that the form was opened for.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when it acts for another account by now.
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

    /// Returns the site.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which holds all problems.
    pub fn check(&self) -> Result<NewSite> {
        settings::check(&self.domain, &self.name, &self.time_zone)
    }

    /// Renders the fields, with their values and problems.
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
