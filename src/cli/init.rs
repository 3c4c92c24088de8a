//! `clickstead init`: the data file, the first user and, if wanted, the first site.

use super::context::Context;
use super::output::json;
use super::site_zone::SiteZone;
use super::terminal;
use crate::access::password;
use crate::accounts::first_setup;
use crate::error::{Error, Result};
use crate::model::id::{SiteId, UserId};
use crate::model::{email, username};
use crate::sites::settings;
use crate::store::sites::{Keys, NewSite};
use crate::store::users::{self, NewUser};
use rusqlite::Connection;
use serde_json::json;

/// The options of `init`.
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

/// The validated answers.
struct Answers {
    username: String,
    email: String,
    password: String,
    site: Option<NewSite>,
    zone: SiteZone,
}

impl Init {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        let is_there = crate::store::is_there(&context.data);
        if is_there {
            context.read(|connection| refuse_used(context, connection))?;
        }
        let as_json = self.json;
        let answers = self.answers()?;
        let (hash, keys) = (password::hash(&answers.password)?, Keys::generate()?);
        let set_up = |connection: &mut Connection| {
            crate::store::change(connection, |tx| {
                let Answers { username, email, .. } = &answers;
                let user = NewUser { username, email, password: &hash, created_at: context.now };
                let site = answers.site.as_ref().map(|site| (site, &keys));
                first_setup::set_up(tx, &first_setup::Setup { user, site }, &context.actor())
            })
        };
        let (user, site) = if is_there {
            let mut connection = crate::store::open(&context.data, false)?;
            let outcome = set_up(&mut connection);
            crate::store::close(connection)?;
            outcome?
        } else {
            crate::store::create_with(&context.data, set_up)?
        };
        Ok(if as_json {
            answers.json(user, site.map(|site| (site, &keys)))
        } else {
            answers.text(context, site)
        })
    }

    /// Asks for the values that no option gave. Each answer is checked before the next question.
    fn answers(self) -> Result<Answers> {
        let problem = |problem: Option<&'static str>| problem.map(str::to_owned);
        let asks = self.username.is_none() || self.email.is_none();
        // Options are checked first, since no answer can change whether they are valid.
        let zone = SiteZone::from_option(self.time_zone.as_deref())?;
        let named_site = self.site.as_deref().filter(|domain| !domain.trim().is_empty());
        let site = |domain: &str| settings::check(domain, "", zone.name());
        named_site.map(site).transpose()?;
        let username = value(self.username, "User name", "username", |text| {
            problem(username::problem(&username::canonical(text)))
        })?;
        let email = value(self.email, "E-mail address", "email", |text| {
            problem(email::problem(&email::canonical(text)))
        })?;
        let domain = match self.site {
            Some(domain) => domain,
            None if asks => {
                let question = "Domain of the first site (empty for none)";
                terminal::prompt_until_valid(question, "domain", |text| {
                    let error = (!text.trim().is_empty()).then(|| site(text).err()).flatten();
                    error.map(|error| error.to_string())
                })?
            }
            None => String::new(),
        };
        let site = if domain.trim().is_empty() { None } else { Some(site(&domain)?) };
        if site.is_none() && self.time_zone.is_some() {
            return Err(Error::invalid(
                "time_zone",
                "--time-zone is that of the first site: name it with --site DOMAIN.",
            ));
        }
        let password = terminal::new_password(self.password_stdin)?;
        let (username, email) = (username::canonical(&username), email::canonical(&email));
        Ok(Answers { username, email, password, site, zone })
    }
}

/// Returns the value of an option, or else a typed answer, after checking it.
fn value(
    option: Option<String>,
    question: &str,
    field: &'static str,
    problem: impl Fn(&str) -> Option<String>,
) -> Result<String> {
    match option {
        Some(text) => problem(&text).map_or(Ok(text), |sentence| Err(Error::invalid(field, sentence))),
        None => terminal::prompt_until_valid(question, field, problem),
    }
}

/// Checks that a data file has no users yet.
fn refuse_used(context: &Context, connection: &Connection) -> Result<()> {
    if users::count(connection)? == 0 {
        return Ok(());
    }
    Err(Error::Setup(format!(
        "{} is set up already. Add people with `clickstead user add` and sites with `clickstead site add`.",
        context.data.display()
    )))
}

impl Answers {
    fn json(&self, user: UserId, site: Option<(SiteId, &Keys)>) -> String {
        let Some(((id, keys), site)) = site.zip(self.site.as_ref()) else {
            return json(&json!({ "user_id": user.0 }));
        };
        json(&json!({
            "user_id": user.0, "site_id": id.0, "time_zone": site.zone.name(),
            "site_key": keys.site.expose(), "site_key_admin": keys.admin.expose(),
        }))
    }

    fn text(&self, context: &Context, site: Option<SiteId>) -> String {
        let (username, file) = (&self.username, context.data.display());
        let Some((id, site)) = site.zip(self.site.as_ref()) else {
            let command = context.hint(&format!("site add DOMAIN --owner {username}"));
            return format!(
                "{username} is in {file}. Add a site with `{command}`, or sign in and add it there."
            );
        };
        format!(
            "{username} and site {id}, {}, are in {file}. {}\nStart the server with `{}` and sign in: the page code is \
             under Site info.",
            site.domain,
            self.zone.sentence(),
            context.hint("serve")
        )
    }
}
