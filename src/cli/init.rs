//! `clickstead init`: the data file, the first user and, if wanted, the first site.

use super::{Desk, json, terminal};
use crate::access::account::{self, Wanted};
use crate::access::{entrance, password};
use crate::clock::Zone;
use crate::error::{Error, Result};
use crate::store::sites::Keys;
use crate::store::users::{self, NewUser};
use crate::{email, username};
use serde_json::json;

/// What `init` is told.
#[derive(clap::Args)]
pub struct Init {
    /// The first user's name; asked for when it is missing
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// The first user's e-mail address; asked for when it is missing
    #[arg(long, value_name = "E")]
    email: Option<String>,
    /// Read the password as one line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// The first site's domain; asked for at the terminal
    #[arg(long, value_name = "DOMAIN")]
    site: Option<String>,
    /// The site's time zone, such as Europe/Berlin; this machine's when it is missing
    #[arg(long, value_name = "Z")]
    time_zone: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(super) fn run(self, desk: &Desk) -> Result<String> {
        let mut connection = crate::store::open(&desk.data, true)?;
        let outcome = self.set_up(desk, &mut connection);
        crate::store::close(connection)?;
        outcome
    }

    fn set_up(self, desk: &Desk, connection: &mut rusqlite::Connection) -> Result<String> {
        if users::count(connection)? > 0 {
            return Err(Error::Setup(format!(
                "{} is set up already. Add people with `clickstead user add` and sites with `clickstead site add`.",
                desk.data.display()
            )));
        }
        let is_asked = self.username.is_none() || self.email.is_none();
        let username = self.username.map_or_else(|| terminal::ask("User name"), Ok)?;
        let email = self.email.map_or_else(|| terminal::ask("E-mail address"), Ok)?;
        let (username, email) = (username::canonical(&username), email::canonical(&email));
        let domain = match self.site {
            Some(domain) => domain,
            None if is_asked => terminal::ask("Domain of the first site (empty for none)")?,
            None => String::new(),
        };
        let typed = terminal::new_password(self.password_stdin)?;
        let wanted = Wanted { username: &username, email: &email, password: &typed };
        let zone = self.time_zone.unwrap_or_else(Zone::of_machine);
        let site = match domain.trim() {
            "" => {
                let problems = account::problems(&wanted);
                if problems.is_empty() { None } else { return Err(Error::Invalid(problems)) }
            }
            domain => Some(entrance::check(&wanted, account::site(domain, "", &zone))?),
        };
        let (hash, keys) = (password::hash(&typed)?, Keys::generate()?);
        let (user, site_id) = crate::store::change(connection, |tx| {
            let user = NewUser { username: &username, email: &email, password: &hash, created_at: desk.now };
            let setup = entrance::Setup { user, site: site.as_ref().map(|site| (site, &keys)) };
            entrance::set_up(tx, &setup, &desk.hand())
        })?;
        Ok(match (self.json, site_id) {
            (true, Some(site)) => json(&json!({
                "user_id": user.0, "site_id": site.0,
                "site_key": keys.site.expose(), "site_key_admin": keys.admin.expose(),
            })),
            (true, None) => json(&json!({ "user_id": user.0 })),
            (false, Some(site)) => format!(
                "{username} and site {site} are in {}.\nStart the server with `clickstead serve` and sign in: the page \
                 code is under Site info.",
                desk.data.display()
            ),
            (false, None) => format!(
                "{username} is in {}. Add a site with `clickstead site add DOMAIN --owner {username}`, or sign in and \
                 add it there.",
                desk.data.display()
            ),
        })
    }
}
