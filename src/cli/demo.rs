//! `clickstead demo`: writes a made-up business with its visitors, says how to sign in, and serves it.

use super::context::Context;
use super::output::{json, table};
use super::sealing::seal_all_sites;
use super::serve::Serve;
use super::terminal;
use crate::access::password;
use crate::demo::agency::{self, Agency, Passwords};
use crate::demo::{self, BAKERY, DemoOptions, Written, others};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id;
use crate::model::month::Month;
use crate::store::emails;
use crate::store::users::{self, NewUser};
use indicatif::ProgressBar;
use rusqlite::Connection;
use serde_json::json;

/// The name of the demo's user.
const USERNAME: &str = "demo";

/// The days of a demo, unless it is an agency's.
const DAYS: i32 = 120;
/// The whole months of an agency's demo before the month of the last day.
const AGENCY_MONTHS: i32 = 3;

/// The options of `demo`.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Demo {
    /// How many visits, over all days
    #[arg(long, value_name = "N", default_value_t = 40_000, value_parser = clap::value_parser!(u64).range(1..=limits::DEMO_VISITS_MAX))]
    visits: u64,
    /// How many days, the last one included; otherwise 120, or with --agency three whole months and what the last one has
    #[arg(long, value_name = "D", value_parser = clap::value_parser!(i32).range(1..=i64::from(limits::RANGE_DAYS_MAX)))]
    days: Option<i32>,
    /// The same seed and last day make the same rows
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The last day, such as 2026-11-24; today when it is missing. Visits later than now are left out
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// An agency with two clients, people at every level, guest links and statements
    #[arg(long)]
    agency: bool,
    /// Allow a file that has users or sites already: the demo is added to them
    #[arg(long)]
    into_existing: bool,
    /// Write the data file and stop
    #[arg(long)]
    no_serve: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    serve: Serve,
}

impl Demo {
    pub(super) fn run(self, context: &Context, print: impl Fn(&str)) -> Result<()> {
        let until = match &self.until {
            Some(text) => Day::parse(text)
                .ok_or_else(|| Error::Setup(format!("{text} is not a date. Write it as 2026-11-24.")))?,
            None => demo::zone()?.day(context.now),
        };
        let days = self.days.unwrap_or_else(|| if self.agency { agency_days(until) } else { DAYS });
        let options = DemoOptions { visits: self.visits, days, seed: self.seed, until, now: context.now };
        let mut connection = crate::store::open(&context.data, true)?;
        let written = self.check_free(&connection, context).and_then(|()| {
            if self.agency {
                self.agency(&mut connection, &options)
            } else {
                self.bakery(&mut connection, context, &options)
            }
        });
        let sealed = written.and_then(|text| seal_all_sites(&mut connection, context.now).map(|()| text));
        crate::store::close(connection)?;
        print(&sealed?);
        if self.no_serve { Ok(()) } else { self.serve.run(context, print) }
    }

    /// Checks that a demo may be written here: there is none yet, and no other data unless `into_existing`.
    fn check_free(&self, connection: &Connection, context: &Context) -> Result<()> {
        let file = context.data.display();
        let taken = if self.agency {
            agency::find_taken(connection)?
        } else {
            users::find_meant(connection, USERNAME)?.map(|_| USERNAME)
        };
        let is_demo = |user: users::User| agency::is_made_up(&user.username, &user.email);
        if let Some(name) = taken {
            let there =
                format!("There is a user {name} in {file} already. Name another file with --data FILE");
            let is_old_demo = name == USERNAME && users::find_meant(connection, name)?.is_some_and(is_demo);
            return Err(Error::Setup(if is_old_demo {
                format!(
                    "{there}, or see the demo that is there with `clickstead --data {file} serve` (`user password {name}` \
                     gives it a new password), or remove it with `clickstead user remove {name} --with-sites`."
                )
            } else {
                format!("{there}.")
            }));
        }
        match others::find(connection)? {
            Some(contents) if !self.into_existing => Err(Error::Setup(format!(
                "{file} is in use: it has {contents}. Name another file with --data FILE, or put the demo beside what is there \
                 with --into-existing. Nothing was written."
            ))),
            _ => Ok(()),
        }
    }

    fn bakery(
        &self,
        connection: &mut Connection,
        context: &Context,
        options: &DemoOptions,
    ) -> Result<String> {
        let (written, password) = make(connection, context.now, options)?;
        Ok(if self.json {
            json(&json!({
                "site_id": written.site.0, "username": USERNAME, "password": password,
                "visits": written.visits, "actions": written.actions,
            }))
        } else {
            format!(
                "{} visits with {} actions are in {} as site {}.\nSign in as {USERNAME} with the password {password} \
                 (shown this once).",
                written.visits,
                written.actions,
                context.data.display(),
                written.site
            )
        })
    }

    fn agency(&self, connection: &mut Connection, options: &DemoOptions) -> Result<String> {
        let passwords = AgencyPasswords { people: new_password()?, link: new_password()? };
        let (people, link) = (password::hash(&passwords.people)?, password::hash(&passwords.link)?);
        let hashes = Passwords { people: &people, link: &link };
        let bar = bar(options)?;
        let agency = agency::write(connection, options, &hashes, |visits| bar.set_position(visits))?;
        bar.finish_and_clear();
        Ok(if self.json { agency_json(&agency, &passwords) } else { agency_text(&agency, &passwords) })
    }
}

/// The passwords of an agency's demo, which are shown once.
struct AgencyPasswords {
    /// The password of every user.
    people: String,
    /// The password of the guest link that has one.
    link: String,
}

/// Returns the number of days from the first day of the month three before that of the last day.
fn agency_days(until: Day) -> i32 {
    let first = Month(Month::containing(until).0 - AGENCY_MONTHS).first();
    until.0 - first.0 + 1
}

fn new_password() -> Result<String> {
    Ok(id::hex(&id::random::<8>()?))
}

fn bar(options: &DemoOptions) -> Result<ProgressBar> {
    terminal::bar(options.visits, "{bar:40} {human_pos} of {human_len} visits, {eta} to go")
}

fn make(connection: &mut Connection, now: Timestamp, options: &DemoOptions) -> Result<(Written, String)> {
    let password = new_password()?;
    let hash = password::hash(&password)?;
    let owner = crate::store::change(connection, |tx| {
        let email = format!("{USERNAME}@clickstead.example");
        let user = NewUser { username: USERNAME, email: &email, password: &hash, created_at: now };
        let owner = users::create(tx, &user)?;
        emails::prove(tx, owner)?;
        Ok(owner)
    })?;
    let bar = bar(options)?;
    let written = demo::write(connection, owner, &BAKERY, options, |visits| bar.set_position(visits))?;
    bar.finish_and_clear();
    Ok((written, password))
}

fn agency_json(agency: &Agency, passwords: &AgencyPasswords) -> String {
    let people = agency.people.iter().map(|person| json!({"username": person.username, "role": person.role}));
    let sites = agency.sites.iter().map(|site| {
        json!({
            "site_id": site.written.site.0, "domain": site.domain, "owner": site.owner,
            "visits": site.written.visits, "actions": site.written.actions,
        })
    });
    let links = agency.links.iter().map(|link| {
        let password = link.has_password.then_some(&passwords.link);
        json!({"name": link.name, "path": format!("/s/{}", link.token.expose()), "password": password})
    });
    let (email, token) = &agency.invitation;
    json(&json!({
        "username": USERNAME, "password": passwords.people,
        "users": people.collect::<Vec<_>>(), "sites": sites.collect::<Vec<_>>(), "links": links.collect::<Vec<_>>(),
        "invitation": {"email": email, "path": format!("/invite/{}", token.expose())},
    }))
}

fn agency_text(agency: &Agency, passwords: &AgencyPasswords) -> String {
    let people =
        agency.people.iter().map(|person| vec![format!("  {}", person.username), person.role.to_owned()]);
    let sites = agency.sites.iter().map(|site| {
        let size = format!("{} visits with {} actions", site.written.visits, site.written.actions);
        vec![format!("  {}", site.written.site), site.domain.to_owned(), site.owner.to_owned(), size]
    });
    let links = agency.links.iter().map(|link| {
        let password =
            if link.has_password { format!("password {}", passwords.link) } else { "no password".into() };
        vec![format!("  /s/{}", link.token.expose()), link.name.to_owned(), password]
    });
    let (email, token) = &agency.invitation;
    [
        format!("Everybody signs in with the password {} (shown this once):", passwords.people),
        table(&["  NAME", "WHO"], &people.collect::<Vec<_>>()),
        "\nSites:".to_owned(),
        table(&["  ID", "DOMAIN", "OWNER", "VISITS"], &sites.collect::<Vec<_>>()),
        "\nGuest links of the bakery; put your server's address before them:".to_owned(),
        table(&["  PATH", "NAME", "ASKS FOR"], &links.collect::<Vec<_>>()),
        format!("\nInvited, and not here yet: {email}\n  /invite/{}", token.expose()),
    ]
    .join("\n")
}
