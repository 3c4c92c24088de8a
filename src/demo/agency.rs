//! The demo of an agency: its own site, two clients as sub-accounts with plans and closed months, users at
//! every level, an invitation and guest links. The same seed and last day give the same rows, except for keys,
//! passwords and links.

use super::{BAKERY, BIKES, Business, CAFE, DemoOptions, STUDIO, Written};
use crate::accounts::billing::months;
use crate::error::{Error, Result};
use crate::ingest::change_log::ChangeLog;
use crate::limits::EngineLimits;
use crate::model::clock::Timestamp;
use crate::model::id::{LinkId, SiteId, Token, UserId};
use crate::model::level::Level;
use crate::model::money::Price;
use crate::model::month::Month;
use crate::model::rhythm::Rhythm;
use crate::reports::data_reader::DataReader;
use crate::reports::engine::block_cache::BlockCache;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::engine::sqlite_engine::SqliteEngine;
use crate::reports::visibility::Visibility;
use crate::store::brands::{self, LogoChange};
use crate::store::digests::{self, Audience, Outside};
use crate::store::invitations::{self, Invitation};
use crate::store::links::{self, LinkSettings};
use crate::store::plans::{self, Plan, Terms};
use crate::store::shares::{self, NewShare};
use crate::store::users::{self, NewUser};
use crate::store::{self, emails, sub_accounts, view_only};
use rusqlite::{Connection, Transaction};

/// The accounts of the agency, of its clients, and of the users with access to the bakery's site: name, e-mail
/// address, role.
const PEOPLE: [(&str, &str, &str); 6] = [
    ("demo", "demo@clickstead.example", "the agency, which manages the two clients"),
    ("bakery", "hello@corner-bakery.example", "a client, with two sites"),
    ("bikes", "hello@spoke-and-chain.example", "a client, over its plan at times"),
    ("anna", "anna@books.example", "Administrator of the bakery's site, sees its billing"),
    ("ben", "ben@corner-bakery.example", "User of the bakery's site"),
    ("vera", "vera@mill.example", "View Only on the bakery's site, with a view of her own"),
];
/// The reports that Vera may see.
const OWN_VIEW: [&str; 4] = ["visitors", "pages", "countries", "traffic-sources"];

/// The sites: the index of the owner in `PEOPLE`, the business, and its share of the visits in hundredths.
const SITES: [(usize, &Business, u64); 4] =
    [(0, &STUDIO, 6), (1, &BAKERY, 58), (1, &CAFE, 10), (2, &BIKES, 26)];

/// The address of the open invitation.
const INVITED: &str = "intern@corner-bakery.example";

/// The hashed passwords of the demo.
pub struct Passwords<'a> {
    /// The hash for all users.
    pub people: &'a str,
    /// The hash for the guest link with a password.
    pub link: &'a str,
}

/// A user of the demo.
pub struct DemoUser {
    /// The user name.
    pub username: &'static str,
    /// The role in the demo.
    pub role: &'static str,
}

/// A site of the demo.
pub struct DemoSite {
    /// The result of writing its visits.
    pub written: Written,
    /// The domain of the site.
    pub domain: &'static str,
    /// The user name of the owner.
    pub owner: &'static str,
}

/// A guest link of the demo.
pub struct GuestLink {
    /// The name of the link.
    pub name: &'static str,
    /// The token of the link.
    pub token: Token,
    /// True if the link asks for the password.
    pub has_password: bool,
}

/// The result of writing an agency's demo.
pub struct Agency {
    /// The users, the agency first.
    pub people: Vec<DemoUser>,
    /// The sites, the agency's first.
    pub sites: Vec<DemoSite>,
    /// The guest links of the bakery's site.
    pub links: Vec<GuestLink>,
    /// The address of the invitation to the bakery's site, and its token.
    pub invitation: (&'static str, Token),
}

/// Returns true for an account that a demo creates.
pub fn is_made_up(username: &str, email: &str) -> bool {
    PEOPLE.iter().any(|(name, address, _)| *name == username && *address == email)
}

/// Returns the first name of the agency's demo that is taken already, as a user name or by its e-mail address.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn find_taken(connection: &Connection) -> Result<Option<&'static str>> {
    for (name, email, _) in PEOPLE {
        if users::find_meant(connection, name)?.or(users::find_meant(connection, email)?).is_some() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Creates the agency with all its sites. `progress` receives the number of visits written so far.
///
/// # Errors
///
/// Fails when a name is taken already, and when the data file cannot be written.
pub fn write(
    connection: &mut Connection,
    options: &DemoOptions,
    passwords: &Passwords<'_>,
    progress: impl Fn(u64),
) -> Result<Agency> {
    let begun = super::zone()?.start(options.first());
    let ids = store::change(connection, |tx| create_people(tx, passwords.people, begun))?;
    let sites = write_sites(connection, &ids, options, progress)?;
    let bakery = sites.iter().find(|site| site.domain == BAKERY.domain).map(|site| site.written.site);
    let bakery = bakery.ok_or(Error::Missing("site"))?;
    let (links, invitation) = store::change(connection, |tx| {
        let links = share_bakery(tx, bakery, &ids, passwords.link, begun)?;
        Ok((links, invite(tx, bakery, ids[1], options.now)?))
    })?;
    bill(connection, &ids, options)?;
    let people = PEOPLE.map(|(username, _, role)| DemoUser { username, role });
    Ok(Agency { people: people.into(), sites, links, invitation: (INVITED, invitation) })
}

fn create_people(tx: &Transaction<'_>, password: &str, created_at: Timestamp) -> Result<Vec<UserId>> {
    let make = |(username, email, _)| {
        let id = users::create(tx, &NewUser { username, email, password, created_at })?;
        emails::prove(tx, id)?;
        Ok(id)
    };
    let ids = PEOPLE.into_iter().map(make).collect::<Result<Vec<_>>>()?;
    ids[1..3].iter().try_for_each(|client| sub_accounts::adopt(tx, ids[0], *client))?;
    Ok(ids)
}

fn write_sites(
    connection: &mut Connection,
    ids: &[UserId],
    options: &DemoOptions,
    progress: impl Fn(u64),
) -> Result<Vec<DemoSite>> {
    let mut sites = Vec::new();
    let mut so_far = 0;
    for (number, (owner, business, part)) in (0..).zip(SITES) {
        let one = DemoOptions {
            visits: options.visits * part / 100,
            seed: options.seed.wrapping_mul(10).wrapping_add(number),
            ..*options
        };
        let written =
            super::write(connection, ids[owner], business, &one, |visits| progress(so_far + visits))?;
        so_far += one.visits;
        sites.push(DemoSite { written, domain: business.domain, owner: PEOPLE[owner].0 });
    }
    Ok(sites)
}

/// Creates shares and guest links of the bakery's site, and the brand that its guests see.
fn share_bakery(
    tx: &Transaction<'_>,
    site: SiteId,
    ids: &[UserId],
    link_password: &str,
    at: Timestamp,
) -> Result<Vec<GuestLink>> {
    let (owner, [anna, ben, vera]) = (ids[1], [3, 4, 5].map(|place: usize| ids[place]));
    for (user, level) in [(anna, Level::Administrator), (ben, Level::User), (vera, Level::ViewOnly)] {
        let share = NewShare { level, given_by: Some(owner), given_as: "", is_invited: false, at };
        shares::create(tx, site, user, &NewShare { given_as: &users::get(tx, user)?.username, ..share })?;
    }
    shares::update_billing(tx, site, anna, true)?;
    view_only::update_share(tx, site, vera, Some(&Visibility::from_names(OWN_VIEW, []).store()))?;
    let brand = brands::BrandSettings {
        name: BAKERY.name.into(),
        accent: Some("#a5471e".into()),
        footer: "Numbers by Studio Linden".into(),
    };
    brands::update(tx, site, &brand, &LogoChange::Keep, at)?;
    let link = |name: &'static str, password: Option<&str>, embed_origins: &[&str]| -> Result<GuestLink> {
        let choice = LinkSettings {
            name: name.into(),
            expires_at: None,
            view: Visibility::default_view_only().store(),
            embed_origins: embed_origins.iter().map(|origin| (*origin).to_owned()).collect(),
            is_white_label: password.is_some(),
            segment: None,
        };
        let token = Token::generate()?;
        let id = links::create(tx, site, &token, &choice, password, Some(owner), at)?;
        if choice.is_white_label {
            send_reports(tx, site, id, owner, at)?;
        }
        Ok(GuestLink { name, token, has_password: password.is_some() })
    };
    Ok(vec![
        link("For the old town's website", None, &["https://old-town.example"])?,
        link("For the mill next door", Some(link_password), &[])?,
    ])
}

/// Sets up a weekly report of the owner, and a monthly one to the mill next door by its guest link.
fn send_reports(
    tx: &Transaction<'_>,
    site: SiteId,
    link: LinkId,
    owner: UserId,
    at: Timestamp,
) -> Result<()> {
    digests::create(tx, &Audience::User { user: owner, sites: vec![site] }, Rhythm::Weekly, at)?;
    let mill = Outside {
        site,
        link: Some(link),
        recipient: "office@mill.example".into(),
        made_by: Some(owner),
        asked_at: None,
        confirmed_at: None,
    };
    let id = digests::create(tx, &Audience::Outside(mill), Rhythm::Monthly, at)?;
    digests::confirm(tx, id, at)
}

fn invite(tx: &Transaction<'_>, site: SiteId, owner: UserId, now: Timestamp) -> Result<Token> {
    let token = Token::generate()?;
    let invitation = Invitation { site, email: INVITED.into(), level: Level::User, given_by: Some(owner) };
    invitations::create(tx, &invitation, &token, now)?;
    Ok(token)
}

/// Sets a plan for every paying user a plan from the first month on, and closes the months that are over.
fn bill(connection: &mut Connection, ids: &[UserId], options: &DemoOptions) -> Result<()> {
    let begun = Month::containing(options.first());
    let (bakery, bikes) = (used(connection, ids[1], options)?, used(connection, ids[2], options)?);
    let roomy = round_up(bakery.iter().copied().max().unwrap_or(0) * 5 / 4);
    let paid = [
        (ids[0], plan("Agency", 9_900, None, PEOPLE[0].1, "")),
        (ids[1], plan("Shop", 3_900, Some(roomy), "books@corner-bakery.example", "Pays by the quarter.")),
        (
            ids[2],
            plan("Starter", 1_900, Some(tight(&bikes)), PEOPLE[2].1, "Talk about the bigger plan in spring."),
        ),
    ];
    store::change(connection, |tx| {
        paid.iter().try_for_each(|(user, plan)| plans::set(tx, *user, begun, plan))
    })?;
    let due = read(connection, options.now, months::due)?;
    store::change(connection, |tx| {
        let close = |one| months::close(tx, std::slice::from_ref(one), one.month.closes_at());
        due.iter().try_for_each(close)
    })
}

fn plan(name: &str, hundredths: i64, actions_max: Option<i64>, contact: &str, notes: &str) -> Plan {
    let price = Price { hundredths, currency: "EUR".into() };
    let terms = Terms { name: name.into(), price, actions_max, contact: contact.into() };
    Plan { terms, notes: notes.into() }
}

fn read<T>(
    connection: &Connection,
    now: Timestamp,
    work: impl FnOnce(&DataReader<'_>) -> Result<T>,
) -> Result<T> {
    let blocks = BlockCache::new(ChangeLog::default(), EngineLimits::default());
    let snapshot = Snapshot::new(connection, &blocks, now, blocks.position());
    work(&DataReader { connection, engine: &SqliteEngine::new(&snapshot), now })
}

/// Returns the actions of a user's months that are over.
fn used(connection: &Connection, user: UserId, options: &DemoOptions) -> Result<Vec<i64>> {
    read(connection, options.now, |snapshot| {
        let all = Month::containing(options.first()).to(Month::containing(options.until));
        let over = all.filter(|month| month.closes_at() <= options.now);
        let sum = |month| Ok(months::lines(snapshot, user, month)?.iter().map(|line| line.actions).sum());
        over.map(sum).collect()
    })
}

/// Returns a limit of actions that exactly one of these months exceeds.
fn tight(used: &[i64]) -> i64 {
    let mut sorted = used.to_vec();
    sorted.sort_unstable();
    match sorted.as_slice() {
        [.., second, most] => {
            let between = i64::midpoint(*second, *most);
            let round = between - between % 100;
            if round >= *second { round } else { between }
        }
        [only] => only * 9 / 10,
        [] => 1_000,
    }
}

/// Returns a number above this one with two digits followed by zeros.
fn round_up(number: i64) -> i64 {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    (number / unit + 1) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_month_is_over_a_tight_plan_and_none_over_a_roomy_one() {
        for used in [[9_000, 12_345, 8_000], [100, 101, 99], [5_010, 5_020, 5_030]] {
            let most = tight(&used);
            assert_eq!(used.iter().filter(|actions| **actions > most).count(), 1, "{used:?}: {most}");
        }
        for (number, round) in [(0, 1), (99, 100), (100, 110), (12_345, 13_000)] {
            assert_eq!(round_up(number), round);
        }
    }
}
