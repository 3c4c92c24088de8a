//! `clickstead demo`: writes a made-up business with its visitors, says how to sign in, and serves it.

use super::serve::Serve;
use super::{Desk, json};
use crate::access::password;
use crate::clock::{Day, Timestamp};
use crate::demo::{self, Wanted, Written};
use crate::error::{Error, Result};
use crate::id;
use crate::limits;
use crate::store::users::{self, NewUser};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

/// The name of the demo's user.
const USERNAME: &str = "demo";

/// What `demo` is told.
#[derive(clap::Args)]
pub struct Demo {
    /// How many visits, over all days
    #[arg(long, value_name = "N", default_value_t = 40_000, value_parser = clap::value_parser!(u64).range(1..=limits::DEMO_VISITS_MAX))]
    visits: u64,
    /// How many days, the last one included
    #[arg(long, value_name = "D", default_value_t = 120, value_parser = clap::value_parser!(i32).range(1..=i64::from(limits::RANGE_DAYS_MAX)))]
    days: i32,
    /// The same seed and last day make the same rows
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The last day, such as 2026-11-24; today when it is missing. Visits later than now are left out
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
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
    pub(super) fn run(self, desk: &Desk, print: impl Fn(&str)) -> Result<()> {
        let until = match &self.until {
            Some(text) => Day::parse(text)
                .ok_or_else(|| Error::Setup(format!("{text} is not a date. Write it as 2026-11-24.")))?,
            None => demo::zone()?.day(desk.now),
        };
        let wanted = Wanted { visits: self.visits, days: self.days, seed: self.seed, until, now: desk.now };
        let (written, password) = write(desk, &wanted)?;
        if self.json {
            print(&json(&json!({
                "site_id": written.site.0, "username": USERNAME, "password": password,
                "visits": written.visits, "actions": written.actions,
            })));
        } else {
            print(&format!(
                "{} visits with {} actions are in {} as site {}.\nSign in as {USERNAME} with the password {password} \
                 (shown this once).",
                written.visits,
                written.actions,
                desk.data.display(),
                written.site
            ));
        }
        if self.no_serve { Ok(()) } else { self.serve.run(desk.data.clone(), print) }
    }
}

fn write(desk: &Desk, wanted: &Wanted) -> Result<(Written, String)> {
    let mut connection = crate::store::open(&desk.data, true)?;
    let outcome = make(&mut connection, desk.now, wanted);
    crate::store::close(connection)?;
    outcome
}

fn make(connection: &mut rusqlite::Connection, now: Timestamp, wanted: &Wanted) -> Result<(Written, String)> {
    if users::find_by_name(connection, USERNAME)?.is_some() {
        return Err(Error::Setup(format!(
            "There is a user {USERNAME} in this data file already. Name another file with --data FILE, or remove the \
             old demo with `clickstead user remove {USERNAME} --with-sites`."
        )));
    }
    let typed = id::hex(&id::random::<8>()?);
    let hash = password::hash(&typed)?;
    let owner = crate::store::change(connection, |tx| {
        let email = format!("{USERNAME}@clickstead.example");
        users::create(tx, &NewUser { username: USERNAME, email: &email, password: &hash, created_at: now })
    })?;
    let bar = ProgressBar::new(wanted.visits).with_style(
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} visits, {eta} to go")
            .map_err(|error| Error::Internal(error.to_string()))?,
    );
    let written = demo::write(connection, owner, wanted, |visits| bar.set_position(visits))?;
    bar.finish_and_clear();
    Ok((written, typed))
}
