//! Personal tokens: the sites that one may open, and making and removing one, each with its line in the audit log of every
//! site that the token reaches at that moment; shared by screens and commands.

use super::letter;
use crate::access;
use crate::access::audit::{Actor, AuditAction};
use crate::access::capability::Capability;
use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::mail::templates::Letters;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, TokenId, TokenSecret, UserId};
use crate::store::sites::{self, Site};
use crate::store::tokens::{self, NewToken, PersonalToken, TokenScope};
use crate::store::{shares, users};
use rusqlite::{Connection, Transaction};

/// The settings of a new token, as typed.
#[derive(Clone, Debug, Default)]
pub struct TokenRequest {
    /// The name.
    pub name: String,
    /// The chosen sites; `None` for all sites, also later ones.
    pub sites: Option<Vec<SiteId>>,
    /// The last day, in UTC; empty for a token that does not expire.
    pub expires: String,
    /// True if it also writes.
    pub may_write: bool,
}

/// A site that a person's tokens may open.
#[derive(Clone, Debug)]
pub struct TokenSite {
    /// The site.
    pub site: Site,
    /// True if a writing token writes there.
    pub may_write: bool,
}

/// Lists the sites that a person's tokens may open: those that the person may read through the API at this moment.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn list_sites(connection: &Connection, user: UserId) -> Result<Vec<TokenSite>> {
    let mut open = Vec::new();
    for (site, _) in sites::list_open_to(connection, user)? {
        let grant = access::grant(connection, user, &site)?;
        if grant.may(Capability::ReadApi) {
            open.push(TokenSite { may_write: grant.may(Capability::WriteApi), site });
        }
    }
    Ok(open)
}

/// Lists the tokens with which programs reach a site at this moment, each with true if it writes there.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn list_reaching(
    connection: &Connection,
    site: &Site,
    now: Timestamp,
) -> Result<Vec<(PersonalToken, bool)>> {
    let mut reaching = Vec::new();
    for token in tokens::list_for_site(connection, site.id)? {
        let grant = access::grant_for_token(connection, &token, site)?;
        if !token.has_expired(now) && grant.may(Capability::ReadApi) {
            reaching.push((token, grant.may(Capability::WriteApi)));
        }
    }
    Ok(reaching)
}

impl TokenRequest {
    /// Returns the settings of the token, if they are valid for a person who may read `open` through the API.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which holds all problems.
    pub fn check(&self, open: &[TokenSite], now: Timestamp) -> Result<NewToken> {
        let mut problems = Vec::new();
        let mut note = |field: &'static str, sentence: Option<String>| {
            problems.extend(sentence.map(|sentence| Problem { field: field.into(), sentence }));
        };
        let name = self.name.trim();
        note("name", name_problem(name));
        note("sites", self.sites_problem(open));
        note("may_write", self.writing_problem(open));
        let (expires_at, sentence) = match last_day(self.expires.trim(), now) {
            Ok(end) => (end, None),
            Err(sentence) => (None, Some(sentence.to_owned())),
        };
        note("expires", sentence);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let scope = self.sites.clone().map_or(TokenScope::AllSites, TokenScope::Sites);
        Ok(NewToken { name: name.to_owned(), may_write: self.may_write, scope, expires_at })
    }

    fn sites_problem(&self, open: &[TokenSite]) -> Option<String> {
        let sites = self.sites.as_deref()?;
        let is_open = |id: &SiteId| open.iter().any(|token_site| token_site.site.id == *id);
        match sites.iter().find(|id| !is_open(id)) {
            _ if sites.is_empty() => Some("Choose at least one site, or all sites.".to_owned()),
            Some(id) => Some(format!(
                "A token opens only sites whose owner, Administrator or User its person is. Site {id} is none of them."
            )),
            None => None,
        }
    }

    fn writing_problem(&self, open: &[TokenSite]) -> Option<String> {
        let is_chosen = |id| self.sites.as_ref().is_none_or(|sites| sites.contains(&id));
        let writes = open.iter().any(|token_site| token_site.may_write && is_chosen(token_site.site.id));
        (self.may_write && !writes).then(|| {
            "A token writes only where its person is owner or Administrator. Choose such a site, or let it only read."
                .to_owned()
        })
    }
}

fn name_problem(name: &str) -> Option<String> {
    let is_right = (1..=limits::TOKEN_NAME_CHARS_MAX).contains(&name.chars().count())
        && !name.chars().any(char::is_control);
    (!is_right).then(|| format!("Give the token a name of 1 to {} characters.", limits::TOKEN_NAME_CHARS_MAX))
}

/// Returns the end of a token's last day in UTC; `None` for empty input. Fails with the sentence of a problem.
fn last_day(typed: &str, now: Timestamp) -> std::result::Result<Option<Timestamp>, &'static str> {
    if typed.is_empty() {
        return Ok(None);
    }
    let day = Day::parse(typed).ok_or("Write the last day of the token, such as 2027-12-31.")?;
    let end = Zone::utc().start(day.plus(1));
    if end <= now { Err("Choose a day that is not over.") } else { Ok(Some(end)) }
}

/// Creates a token of a person, and puts a letter about it into the outbox if the server sends mail.
///
/// # Errors
///
/// Fails with `Error::Invalid` for settings that are not valid and when the person has `TOKENS_PER_USER_MAX` tokens, with
/// `Error::Missing` when there is no such person, and when the data file cannot be written.
pub fn create(
    tx: &Transaction<'_>,
    actor: &Actor,
    letters: Option<&Letters>,
    user: UserId,
    secret: &TokenSecret,
    request: &TokenRequest,
) -> Result<PersonalToken> {
    let person = users::get(tx, user)?;
    let open = list_sites(tx, user)?;
    let new = request.check(&open, actor.at)?;
    let id = tokens::create(tx, user, secret, &new, actor.at)?;
    let token = tokens::get(tx, user, id)?;
    record(tx, actor, &token, AuditAction::MakeToken)?;
    let rights = rights(&token, &open);
    letter::send(tx, letters, &person, actor.at, |letters, to| letters.token_made(to, &token.name, &rights))?;
    Ok(token)
}

/// Removes a token of a person, which opens nothing from the next request on. Returns the token.
///
/// # Errors
///
/// Fails with `Error::Missing` when the person has no such token, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, user: UserId, id: TokenId) -> Result<PersonalToken> {
    let token = tokens::get(tx, user, id)?;
    record(tx, actor, &token, AuditAction::RemoveToken)?;
    tokens::delete(tx, user, id)?;
    Ok(token)
}

/// Records an act on a token in the audit log of every site that it reaches. At the command line, the text names the person
/// as the people of that site know them.
fn record(tx: &Transaction<'_>, actor: &Actor, token: &PersonalToken, act: AuditAction) -> Result<()> {
    for (site, level) in sites::list_open_to(tx, token.user)? {
        let grant = access::grant_for_token(tx, token, &site)?;
        if !grant.may(Capability::ReadApi) {
            continue;
        }
        let writes = if grant.may(Capability::WriteApi) { "reads and writes" } else { "only reads" };
        let about = match (&actor.user, level) {
            (Some(_), _) => format!("{}, {writes}", token.name),
            (None, None) => format!("{}: {}, {writes}", users::get(tx, token.user)?.username, token.name),
            (None, Some(_)) => {
                format!("{}: {}, {writes}", shares::get(tx, site.id, token.user)?.called(), token.name)
            }
        };
        actor.record(tx, site.id, act, &about)?;
    }
    Ok(())
}

/// Returns what programs do with a token, as a letter says it.
fn rights(token: &PersonalToken, open: &[TokenSite]) -> String {
    let does = if token.may_write { "read and write" } else { "read" };
    let sites = match &token.scope {
        TokenScope::AllSites => "all sites whose owner, Administrator or User you are".to_owned(),
        TokenScope::Sites(sites) if sites.len() > limits::TOKEN_LETTER_SITES_MAX => {
            format!("{} sites", sites.len())
        }
        TokenScope::Sites(sites) => {
            let chosen = open.iter().filter(|token_site| sites.contains(&token_site.site.id));
            chosen.map(|token_site| token_site.site.domain.as_str()).collect::<Vec<_>>().join(", ")
        }
    };
    let until = match token.expires_at {
        Some(end) => format!(" until {} (UTC)", Zone::utc().day(Timestamp(end.0 - 1))),
        None => String::new(),
    };
    format!("{does} {sites}{until}")
}
